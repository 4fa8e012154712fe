"""What crawlers and Athena share of the Glue Data Catalog: types, storage formats, S3 objects."""
