"""Environments of pipelines: their files and names, which pipelines there are, account and region, diffs.

Imports only `aws` and `base`, below it. `dataset` and the rooms above that may import it.
"""
