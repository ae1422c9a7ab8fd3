"""What of a row leaves the audit: all of it, without serial numbers, pilots and folders, or under pseudonyms.

A pseudonym is the first 12 hex digits of HMAC-SHA256 with the key: the same name has the same pseudonym in every table
and every audit of that key, and without the key it cannot be found by trying names.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any

from dronecheck.errors import UsageError
from dronecheck.safe.io import Input, plain

__all__ = ["PRIVATE", "Row", "pseudonyms", "without_private"]

Row = dict[str, Any]
PRIVATE = ("folder", "serial", "pilot")
_NAMES = ("serial", "registration", "pilot", "base")
_FILES = ("file", "same_as")
_LEAST_KEY_BYTES = 16


def without_private(row: Row) -> Row:
    """Return the row without serial number, pilot and folder."""
    return {name: None if name in PRIVATE else value for name, value in row.items()}


def pseudonyms(key: Input) -> Callable[[Row], Row]:
    """Return a function that makes names, serial numbers and names of files pseudonyms.

    The key is that of a file. Raises UsageError for a short key.
    """
    if key.size_bytes < _LEAST_KEY_BYTES:
        raise UsageError(
            f"--pseudonymise {plain(key.path)}: a key of at least {_LEAST_KEY_BYTES} bytes; make one with: "
            "head -c 32 /dev/urandom > keyfile"
        )
    secret = bytes(key.data)

    def hidden(text: str) -> str:
        return hmac.new(secret, text.strip().casefold().encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[
            :12
        ]

    def change(row: Row) -> Row:
        changed = {**row, "folder": None, "message": None}  # a message may name the file
        for name in _NAMES:
            if row.get(name):
                changed[name] = hidden(str(row[name]))
        for name in _FILES:
            if row.get(name):
                changed[name] = hidden(str(row[name])) + plain(PurePosixPath(str(row[name])).suffix, 10)
        return {name: value for name, value in changed.items() if name in row}

    return change
