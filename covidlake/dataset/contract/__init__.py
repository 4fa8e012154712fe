"""The description of a data set as a contract with its readers, and what a change of one means to them."""
