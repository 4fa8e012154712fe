"""GitHub: its API, comments, issues, the gate, and what a step of a workflow writes for it.

Stands on `report`; `doctor`, `laptop` and `commands` may import it.
"""
