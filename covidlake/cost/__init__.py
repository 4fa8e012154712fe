"""What runs, months and plans cost by AWS's published prices: estimates, each with its arithmetic.

Reads executions through `run` and plans through `ship`. Prices are in `prices.json`, with date and source.
"""
