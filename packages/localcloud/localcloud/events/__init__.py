"""EventBridge: rules, schedules, targets and events that AWS refuses are refused here."""
