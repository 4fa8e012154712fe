"""Job runs on Spark as Glue 5.1 has it, on a Java from a wheel. `api` is the plug-in.

A run is a process of its own: `runner` starts it, `gateway` gives it `s3://`, `awsglue_stand_in` its awsglue.
"""
