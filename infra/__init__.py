"""What is deployed, as pure functions that write CloudFormation templates.

`common` is what every pipeline is made of, `bootstrap` what an environment needs before its first stack.
Every other folder is a pipeline: a stack of its own, found by its module `template` (the contract is in
`common.pipeline`). Pipelines import `common` and never each other; nothing here imports `covidlake`.
"""
