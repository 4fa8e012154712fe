"""Examine the machine, the account, GitHub and the stack, and say what to do."""
