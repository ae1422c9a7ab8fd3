"""Official feeds of zones: which there are (`table`), and how one is brought into the library (`fetch`), on request.

`download` is the one module that opens a connection for them, and `dronecheck zones fetch` the one command that asks it
to: never a check, an audit or the reading of a file.
"""
