"""What a pull request may try on prod, and what it is refused by."""
