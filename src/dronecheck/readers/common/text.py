"""Text files of any encoding: bytes to text, text to lines."""

from __future__ import annotations

from dronecheck.issues import Code, Issue, Severity
from dronecheck.messages import Message

__all__ = ["decode", "split_lines"]


def decode(data: bytes) -> tuple[str, list[Issue]]:
    """Return the text of a file: UTF-8, UTF-16 with its mark, or else Latin-1 (which takes any byte, with an issue)."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace"), []
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
