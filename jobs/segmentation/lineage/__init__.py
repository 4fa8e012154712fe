"""Where each value of customers and segments comes from, and events of OpenLineage that say it."""
