"""How a table of the database is described: the names that a file of `tables` imports."""

from segmentation.description.model import APPEND, CURSOR, FULL, ROW_VERSION, UPSERT, Table

__all__ = ["APPEND", "CURSOR", "FULL", "ROW_VERSION", "UPSERT", "Table"]
