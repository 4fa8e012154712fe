"""What the lake has of a data set: the ledger of loaded objects, the folders of tables, copies, all S3 calls.

Without Spark. `read` and what is above that may import it; it imports `description` and `errors`.
"""
