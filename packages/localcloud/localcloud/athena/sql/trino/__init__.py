"""Trino's dialect on DuckDB: functions, syntax, values and messages."""
