"""What an account and a repository need before the first deploy."""
