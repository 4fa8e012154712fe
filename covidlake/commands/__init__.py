"""The command line: one module for each group of verbs, and `options` for what they share.

Each verb imports what it needs when it is called. The highest room: only `covidlake.__main__` may import it.
"""
