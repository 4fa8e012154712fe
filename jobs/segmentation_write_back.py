"""A stand-in until the job is there."""
