"""From judged rows to published tables: merge, stage, check the rules of the table, publish, record the run.

`planning` and `job` import it; it imports every other room.
"""
