"""Many logs: found, read in worker processes, judged, kept in a ledger that any interruption leaves whole.

| module | what it does |
|---|---|
| run | scan, plan, hand out, write down; goes on where an earlier run stopped |
| discover | files below folders and globs, for the ledger |
| ledger/ | SQLite: a row for every file ever seen, a row for every content, what is still to do |
| engine/ | a task done in a worker, bytes in and values out; engines of this machine's processes and of Dask |
| tables/ | rows of flights and findings; flights.parquet, findings.parquet, the CSV and the tracks |
| fleet/ | the fleet page, and a flight's own |
| fingerprint, zone_fingerprint | what answers rest on, as hashes; the zones near a flight, as one |
| roster, privacy | who flies which aircraft; what an export leaves out |
| progress, summary | what a run says while it works, and at its end |
"""
