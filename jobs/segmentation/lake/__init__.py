"""Tables in the lake: what is published, what differs from it, and how that takes its place."""
