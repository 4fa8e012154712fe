"""From the tables of the shop to one row a customer. Another join is other modules here."""
