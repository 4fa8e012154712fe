"""SNS: requests that AWS refuses are refused here."""
