"""The main pipeline: it ingests the described data sets of COVID-19 into a lake that Athena queries.

Nothing in `infra` imports it; the tools find its module `template`.
"""
