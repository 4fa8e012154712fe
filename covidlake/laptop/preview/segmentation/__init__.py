"""What a change does to the second pipeline: who changes segment, which rows of its tables differ."""
