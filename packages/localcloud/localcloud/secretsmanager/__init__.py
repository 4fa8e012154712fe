"""Secrets Manager: names that AWS refuses are refused here."""
