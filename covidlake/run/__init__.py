"""Run the ingestion and look at its results: executions, queries, status, quarantine, notifications.

Stands on `ship`, which finds the stack; `report` and the rooms above may import it.
"""
