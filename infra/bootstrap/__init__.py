"""What is deployed once for each environment, before its stack: who may do what, as pure functions."""
