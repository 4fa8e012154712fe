"""What is deployed: the CloudFormation template and the state machine of Covid Lake, as pure functions."""
