"""The two public exceptions. They answer one question only: whose fault is it?

Any bytes give a Flight or `UnreadableInput`; a user's mistake gives `UsageError`. Damage that still leaves
something to read is never an exception: it is an `Issue` (see `dronecheck.issues`).
"""

from __future__ import annotations

__all__ = ["UnreadableInput", "UsageError"]

# What the engine tells a user who erred: it holds no sentence itself.
NO_SUCH_TERRITORY = "{codes}: no such territory; use ISO 3166-1 alpha-3 codes such as {examples}"
NO_SUCH_LANGUAGE = "{language}: reports can be in {known}"
NO_SUCH_UNITS = "{units}: reports can be in {known} units"
NO_FLIGHT_AT_HAND = "Result.to_json() needs the flight that was checked; check it again"


class UnreadableInput(Exception):
    """The bytes erred: this input is no flight log (or zone file) that dronecheck can read.

    `code` is stable and machine-readable; the message is one line that says what the input is and what to do;
    `unplaced` is the same without any place, for whoever hides where a flight began.

    >>> import dronecheck
    >>> try:
    ...     dronecheck.read("samples/restricted_zone.geojson")
    ... except dronecheck.UnreadableInput as error:
    ...     error.code
    'json'
    """

    def __init__(self, code: str, message: str, unplaced: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.unplaced = message if unplaced is None else unplaced


class UsageError(Exception):
    """You erred: an option or argument cannot be right. The message says what to do instead.

    >>> import dronecheck
    >>> try:
    ...     dronecheck.read("nowhere.ulg")
    ... except dronecheck.UsageError as error:
    ...     str(error)
    'nowhere.ulg: no such file'
    """
