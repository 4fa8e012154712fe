"""The ingestion that every data set shares: read what changed at the source, keep a clean subset as Parquet.

Shipped to Glue by `--extra-py-files`, together with `datasets`. Only `rows` and `table` import pyspark, and
`job` imports them when there is something to read, so that a description is readable without Spark.
"""
