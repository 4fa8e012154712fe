"""Run the ingestion and look at what it left: executions, queries, status, quarantine, notifications."""
