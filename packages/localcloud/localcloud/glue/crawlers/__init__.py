"""What a crawl does: list, classify, group into tables, write the catalog. `api` is the plug-in."""
