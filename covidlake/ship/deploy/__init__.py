"""Deploy, recover, roll back, destroy, and the record of it."""
