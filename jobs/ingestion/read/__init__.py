"""From objects of the source to judged rows: which days, which fields, which rows are good, what has changed.

`write` and the modules above it import it; it imports `state`, `description` and `errors`.
"""
