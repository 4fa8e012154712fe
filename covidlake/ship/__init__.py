"""Ship a bundle: its stack, the plan, the deploy, the bootstrap of an account, drift."""
