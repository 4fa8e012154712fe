"""From the table `customer_segments` of the lake to one of the database, in one transaction."""
