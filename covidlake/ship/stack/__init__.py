"""One stack: its state, events, change sets, inputs and artifacts.

The bottom of `ship`: imports no other part of it. The rest of `ship` and the rooms above may import it.
"""
