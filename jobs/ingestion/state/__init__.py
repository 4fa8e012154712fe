"""What the lake knows of its source: the ledger of loaded objects, copies of objects, and all S3 calls.

Without Spark. `read`, `write` and the modules above them import it; it imports `description` and `errors`.
"""
