"""The data sets as `jobs/datasets` describes them, their statements, and drafts of new ones."""
