"""Athena's SQL over the Data Catalog: Trino's dialect translated for DuckDB, Hive's DDL done by hand.

`execution` runs one statement of `statements` or a `query` over `tables`; `trino` is the dialect, and
`trino/function_table.md` says which function is handled by whom.
"""
