"""A query's names and types, resolved by Trino's rules, and the DuckDB SQL of what it means."""
