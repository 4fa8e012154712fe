"""AWS on a laptop: ministack with real Glue jobs, crawlers, Step Functions and Athena as plug-ins.

Callers need `cloud.LocalCloud` and `errors` only; the README says the rest.
"""
