"""States of Step Functions, in JSONata, that every pipeline may chain: they crawl, verify, report failures.

Pipelines import them; they import nothing but `infra.common`.
"""
