"""One stack: its state, events, change sets, inputs and artifacts."""
