"""From tables of the database to tables of the lake: all rows, or those that a transaction has written since."""
