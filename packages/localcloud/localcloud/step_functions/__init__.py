"""Step Functions: `api` is the plug-in, `states` interprets the Amazon States Language."""
