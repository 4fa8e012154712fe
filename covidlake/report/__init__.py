"""What happened, written for people: reports of a deploy, an ingestion, a drift.

Imports `run` and `ship`, below it; `github` and the rooms above that may import it.
"""
