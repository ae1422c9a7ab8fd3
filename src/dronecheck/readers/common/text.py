"""Text files of any encoding: bytes to text, text to lines. Light to import: faces of readers use it."""

from __future__ import annotations

import mmap

from dronecheck.issues import Code, Issue, Severity
from dronecheck.messages import Message
from dronecheck.safe.text import utf16_of

__all__ = ["as_utf8", "decode", "split_lines"]

Buffer = bytes | mmap.mmap


def as_utf8(data: Buffer) -> Buffer:
    """Return a text that is in UTF-16 in UTF-8, without its mark; anything else as it is. Lines stay lines."""
    encoding = utf16_of(data)
    return bytes(data).decode(encoding, "replace").encode() if encoding else data


def decode(data: bytes) -> tuple[str, list[Issue]]:
    """Return the text of a file: UTF-8, UTF-16, or else Latin-1 (which takes any byte, with an issue)."""
    encoding = utf16_of(data)
    if encoding:
        return data.decode(encoding, "replace"), []
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = Message("the text is not UTF-8; read as Latin-1 (names may look wrong, numbers are unaffected)")
        return data.removeprefix(b"\xef\xbb\xbf").decode("latin-1"), [
            Issue(Code.NOT_UTF8, Severity.INFO, message, offset=line)
        ]


def split_lines(text: str) -> list[str]:
    """Return the lines without their LF (a CR may remain); the last element is what follows the last line end."""
    return text.split("\r") if "\n" not in text and "\r" in text else text.split("\n")
