"""From objects of the source to judged rows: which days, which fields, which rows are good, what has changed.

`write` and what is above that may import it; it imports `state`, `description` and `errors`.
"""
