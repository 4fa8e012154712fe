"""What was changed behind CloudFormation."""
