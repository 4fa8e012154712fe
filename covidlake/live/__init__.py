"""Watching what goes on: executions and stacks as a tree that lives, or as events for another program.

`model` is pure; `states` and `resources` turn what AWS says into its events; `rendering` draws it with Rich.
"""
