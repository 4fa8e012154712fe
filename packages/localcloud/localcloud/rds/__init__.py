"""RDS and its Data API on a real PostgreSQL, whose programs come from a wheel. `api` is the plug-in."""
