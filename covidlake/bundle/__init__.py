"""Build: the templates of all pipelines, their checks, and the one bundle that goes through the environments.

`ship` and the rooms above that may import it.
"""
