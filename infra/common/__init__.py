"""What every pipeline is made of: names, parameters, policies, encryption, alarms, queries, code, states.

Pipelines and the bootstrap import it; it imports neither. Any room of `covidlake` may import it too.
"""
