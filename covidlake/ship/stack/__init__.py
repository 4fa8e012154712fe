"""One stack: its state, events, change sets, inputs and artifacts.

The floor of `ship`: imports no other part of it. All rooms above may ask it for a stack.
"""
