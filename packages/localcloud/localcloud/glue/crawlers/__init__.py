"""What a crawl of AWS Glue does: list, classify, group into tables, write the catalog."""
