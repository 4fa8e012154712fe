"""A first description of a data set, drafted from sample objects."""
