"""The status of an environment as a small static site: its executions, how fresh its data is, what it costs.

Made of the same facts as a report, and of nothing else: no script, nothing that is fetched.
"""
