"""What a run says that it did: the state machine, `covidlake status` and the reports go by it."""
