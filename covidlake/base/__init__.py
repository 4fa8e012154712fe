"""What every other room stands on: errors, the console, names and places of the project."""
