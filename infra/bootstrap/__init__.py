"""What an environment needs before the first stack: roles, their boundary, the artifact bucket.

It knows the stacks of all pipelines by their names alone, and imports none; nothing in `infra` imports it.
"""
