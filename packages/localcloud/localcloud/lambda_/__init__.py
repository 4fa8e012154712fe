"""AWS Lambda: Python functions in processes of their own.

`plugin` is the plug-in, `bootstrap` the process.
"""
