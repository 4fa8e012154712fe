"""TestState: one state by itself, with or without a mock in place of its work."""
