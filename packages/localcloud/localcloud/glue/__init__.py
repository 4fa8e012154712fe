"""AWS Glue: its catalog, its crawlers and its jobs, one folder each.

Jobs and crawlers do not see each other.
"""
