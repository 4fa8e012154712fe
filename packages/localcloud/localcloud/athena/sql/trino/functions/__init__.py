"""The functions of Trino that are done here: their signatures, and what DuckDB runs for each."""
