"""Ship a bundle: from a change set to a stack that is protected, recorded and watched for drift.

`bootstrap` > `deploy` > `plan`, `drift` > `stack`: each imports only what stands to its right. Everything
above `ship` may import it; it knows nothing of ingestions, reports, GitHub or the laptop.
"""
