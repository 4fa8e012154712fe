"""The second pipeline's library: a relational database to the lake, joined, segmented, written back.

Glue gets it by `--extra-py-files`, together with `tables`. It imports nothing but what a Glue job has. Each
line may import those below it; those of one line do not see each other:

    extract, join, segment, write_back   the four jobs
    step          one run for one table: its claim, its record, its failure
    record        what a run says that it did
    lake          tables in the lake: what is published, compared, staged, put in place
    database      the Glue connection, its secret, statements and errors of the database
    arguments     the arguments of the four jobs
    description   what a table of the database is
    errors
"""
