"""What is shown of a preview, whatever the form: terminal, Markdown, page."""
