"""What a deploy would change, and how it is shown and reviewed."""
