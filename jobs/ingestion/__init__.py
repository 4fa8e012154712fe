"""The ingestion that every data set shares: read what changed at the source, keep a clean subset as Parquet.

Glue gets it by `--extra-py-files`, together with `datasets`. It imports nothing but what a Glue job has. Each
line may import those below it:

    batch         one job run for several data sets, each by itself
    job           one run of one data set, from its arguments to its record
    work          which data sets have anything to do, without starting anything
    recording     the run record, from the ledgers before and after
    planning      which objects a run reads
    write         rows to tables, and tables to where queries see them
    arguments     the arguments of the job
    read          objects of the source to rows
    state         what is loaded already, where it lies, and the S3 calls
    description   what a data set is
    errors

Only `read` and `write` import pyspark, and `job` imports those modules once there is something to read. What
`work` imports knows no Spark: the Lambda `find_work` carries it.
"""
