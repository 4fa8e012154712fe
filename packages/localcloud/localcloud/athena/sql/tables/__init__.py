"""A table of the catalog made readable: its partitions, its files, its types."""
