"""The files of a case without places, and how its manifest names things: by number, and by options that tell none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from dronecheck.errors import UsageError
from dronecheck.evidence.withheld.document import WithheldDocument, encode_withheld, withheld_document
from dronecheck.evidence.withheld.page import withheld_page
from dronecheck.evidence.withheld.rows import SealedRows
from dronecheck.flight import Flight
from dronecheck.messages import Message
from dronecheck.quantities import Units
from dronecheck.report.case import Case, Exhibit

__all__ = [
    "NO_PDF",
    "WITHHELD",
    "disclosure_of_rows",
    "documents_in",
    "log_name",
    "read_withheld",
    "told_options",
    "withheld_data",
    "withheld_page_of",
]  # fmt: skip

WITHHELD = "withheld.json"
NO_PDF = "there is no report.pdf: its maps are places"
_TELLING_NO_PLACE = (  # beside territories, which are told
    "home", "allow", "max_height_m", "max_agl_m", "rules", "aircraft_class", "weight_g", "language", "units",
)  # fmt: skip


def withheld_data(case: Case) -> dict[str, bytes]:
    """Return the result without its places, as data."""
    return {WITHHELD: encode_withheld(withheld_document(case.flight, case.result, SealedRows(case.flight)))}


def withheld_page_of(data: bytes, exhibit: Exhibit, language: str, units: str = "metric") -> dict[str, bytes]:
    """Return the page of a document as `withheld_data` gives it."""
    told = msgspec.json.decode(data, type=WithheldDocument)
    return {"page.html": withheld_page(told, exhibit, language, Units(units.lower())).encode()}


def told_options(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return of options by name those whose values lead to no place."""
    return {name: value for name, value in values.items() if name in _TELLING_NO_PLACE}


def log_name(number: int) -> str:
    """Return what stands for the name of a log, which may hold a place; from 1."""
    return f"log {number}"


def read_withheld(content: bytes) -> WithheldDocument | None:
    """Read the document of a case without places; None for what is none."""
    try:
        return msgspec.json.decode(content, type=WithheldDocument)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def documents_in(members: Mapping[str, bytes | memoryview]) -> list[WithheldDocument]:
    """Return the documents of all flights of a case, those that can be read."""
    named = [content for name, content in sorted(members.items()) if name.rpartition("/")[2] == WITHHELD]
    return [document for document in map(read_withheld, map(bytes, named)) if document is not None]


def disclosure_of_rows(flights: Iterable[Flight], documents: Iterable[WithheldDocument], rows: list[int]) -> bytes:
    """Return the file that discloses rows of the flight of a case. Raises UsageError where no flight is of the case."""
    roots = {document.rows.root for document in documents}
    for flight in flights:
        sealed = SealedRows(flight)
        if sealed.tree.root.hex() in roots:
            return sealed.disclosure(rows)
    raise UsageError(
        Message("the rows of this log are not those of the case: give the log and the options that it was made with")
    )
