"""Distributed Map: what it reads, how it batches, its child executions, where it writes their results."""
