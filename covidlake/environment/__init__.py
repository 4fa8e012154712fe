"""Environments of pipelines: their files and names, which pipelines there are, account and region, diffs.

Every room above may import it: `dataset`, `bundle` and what stands on them.
"""
