"""The data sets as `jobs/datasets` describes them, their statements, and drafts of new ones.

Stands on `environment`; `bundle` and the rooms above may import it.
"""
