"""From tables of the database to tables of the lake: all rows, or those that were written since."""
