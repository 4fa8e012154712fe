"""What an account and a repository need before the first deploy: roles, boundary, bucket, variables.

The top of `ship`: imports every other part of it. `doctor` and `commands` may import it.
"""
