"""Change a stack: deploy, recover, roll back, destroy, preview; and the record of it.

Imports `plan` and `stack`. `deploy.py` reads forwards through the stages; `attempts.py` repeats some.
"""
