"""What every other room stands on: errors with exit codes, the console, Markdown, text, names and paths.

Imports no other room; every room may import it.
"""
