"""GitHub: its API, comments, issues, the gate, and what a workflow step writes for it."""
