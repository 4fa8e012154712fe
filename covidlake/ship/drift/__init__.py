"""What was changed in a stack's resources without CloudFormation. It only reads.

Imports `stack`; `report` shows what it finds.
"""
