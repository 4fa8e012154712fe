"""The data sets as `jobs/datasets` describes them, their statements, and drafts of new ones.

Imports `environment`, below it; `bundle` and the rooms above that may import it.
"""
