"""Many logs: found, read in worker processes, judged, kept in a ledger that any interruption leaves whole.

| module | what it does |
|---|---|
| discover | files below folders and globs into the ledger |
| ledger | SQLite: a row for every file ever seen, a row for every content, what is still to do |
| work | one task of some files, done in a worker: bytes in, outcomes and tracks out; no writing |
| local, cluster | engines that carry tasks to processes of this machine or of a Dask cluster |
| run | scan, plan, hand out, write down; goes on where an earlier run stopped |
| tables | flights.parquet, findings.parquet and the CSV from the ledger |
| page | the fleet page |
"""
