"""AWS on the laptop: ministack's AWS API with real Glue jobs, crawlers, Step Functions and Athena plugged in."""
