"""The control plane of Step Functions: ministack's records, asked and answered for as AWS does."""
