"""Amazon Athena: query executions over the Glue catalog, run by DuckDB with the rights of the caller.

`api` is the plug-in, `sql` runs one statement.
"""
