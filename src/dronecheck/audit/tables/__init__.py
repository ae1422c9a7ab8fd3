"""The tables of an audit: columns, flights.parquet, findings.parquet, the CSV, and the shards of tracks."""
