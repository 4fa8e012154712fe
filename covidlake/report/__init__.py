"""What happened, written for people: reports of a deploy, an ingestion, a drift, and what a run costs.

Stands on `run` and `ship`; `github` and the rooms above may import it.
"""
