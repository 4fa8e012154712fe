"""From judged rows to published tables: merge, stage, check the rules of the table, publish, record the run.

Only `job` imports it; it imports the rooms below it.
"""
