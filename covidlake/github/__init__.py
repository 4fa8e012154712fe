"""GitHub: its API, comments, issues, the gate, and what a workflow step may tell it."""
