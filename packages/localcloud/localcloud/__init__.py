"""AWS on the laptop: ministack with real Glue jobs, crawlers, Step Functions and Athena plugged in."""
