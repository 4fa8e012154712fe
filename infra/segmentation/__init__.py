"""The segmentation: from tables of a database to segments of its customers, and back.

It imports `infra.common` and no other pipeline.
"""
