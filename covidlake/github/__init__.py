"""GitHub: its API, comments, issues, the gate, and what a step of a workflow writes for it.

Imports `report`, below it; `doctor`, `laptop` and `commands` may import it.
"""
