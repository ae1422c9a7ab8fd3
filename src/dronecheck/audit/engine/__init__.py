"""Tasks, the worker that does one, and the engines that carry tasks: processes of this machine, or a Dask cluster."""
