"""Ship a bundle: from a change set to a stack that is protected, recorded and watched for drift.

From the top: `bootstrap`, `deploy`, `plan` beside `drift`, `stack`; each imports only what is below it. `run`
and the rooms above that may import `ship`, which knows nothing of ingestions, reports, GitHub or the laptop.
"""
