"""The database: where it is, who may enter, statements by the driver that Glue ships, and its errors."""
