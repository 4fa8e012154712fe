"""What happened, written for people."""
