"""Each kind of statement but plain queries: Hive's DDL, SHOW, and what writes rows."""
