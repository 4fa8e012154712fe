"""Examine the machine, the account, GitHub and the stack, and give a hint for each problem.

Only `commands`, above it, may import it.
"""
