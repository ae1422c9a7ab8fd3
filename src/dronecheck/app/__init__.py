"""`dronecheck app`: a page to drop files on, served on this machine alone; nothing leaves it.

| module | what it does |
|---|---|
| gate | whether a request may pass: a pure function of its head |
| server | sockets, bodies and their limits, threads, answers |
| routes | what each address of the API does |
| session | what one run of the app holds: shelf, jobs, past checks; when it ends |
| shelf | the folder of the session: files as they come, and of films the parts that are looked at |
| jobs, pool | rows of the queue and their state; the processes in which all work is done |
| work/ | what such a process does: flights, footage, audits; what a row of the queue says of an answer |
| library, past | the zone library and the past checks as the page shows them |
| document, page/ | the page, and the policy that allows by hashes what is in it |

Bytes that a user drops are opened in the pool's processes only, each with a limit of time and memory; a file is named
by its id, never by a path. The server listens on 127.0.0.1 and connects to nothing.
"""
