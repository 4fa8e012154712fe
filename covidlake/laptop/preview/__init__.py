"""What a change does to the data: base and head run on a local cloud, and their tables are compared.

Everything that runs code of either ref is in `runs` and `descriptions`; the rest reads what they left.
"""
