"""Run the ingestion and look at its results: executions, queries, status, quarantine, notifications.

Imports `ship`, below it, which finds the stack; `report` and the rooms above that may import it.
"""
