"""Connections to databases: their records, their secrets, and what their network lets through."""
