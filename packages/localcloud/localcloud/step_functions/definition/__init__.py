"""What Step Functions refuses when a state machine is created: `check` finds it, in AWS's words."""
