"""Athena's SQL over the Data Catalog: Trino's dialect translated for DuckDB, Hive's DDL done by hand."""
