"""What every other room needs: errors with exit codes, the console, Markdown, text, names and paths.

The lowest room: imports no other, and every room may import it.
"""
