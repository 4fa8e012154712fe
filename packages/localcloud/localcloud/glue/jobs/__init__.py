"""Spark as Glue 5.1 has it, on a Java from a wheel: `s3://` paths, class-data archive, awsglue stand-in."""
