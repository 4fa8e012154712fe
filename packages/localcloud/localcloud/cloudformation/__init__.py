"""CloudFormation: what ministack's lacks, drops or pretends in stacks, change sets and templates.

`plugin` is the plug-in; each other module mends one thing.
"""
