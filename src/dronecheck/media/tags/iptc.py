"""IPTC-IIM datasets and the Photoshop blocks that hold them (IPTC-NAA IIM 4.2; Adobe Photoshop file formats)."""

from __future__ import annotations

from dronecheck.containers.source import unsigned
from dronecheck.media.fields import Harvest

__all__ = ["read_iptc", "read_photoshop"]

_DATASETS_AT_MOST = 4_096
_OF_PRINTING = frozenset((0x03E9, 0x03ED, 0x03F3, 0x03F5, 0x03F8, 0x0425, 0x040D, 0x0414, 0x0419, 0x2710, 0x041E))
_NAMES = {
    5: "ObjectName", 7: "EditStatus", 12: "SubjectReference", 15: "Category", 20: "SupplementalCategory",
    22: "FixtureId", 25: "Keywords", 26: "ContentLocationCode", 27: "ContentLocationName", 30: "DateReleased",
    35: "TimeReleased", 40: "SpecialInstructions", 55: "DateCreated", 60: "TimeCreated", 62: "DigitalCreationDate",
    63: "DigitalCreationTime", 65: "Software", 80: "Byline", 85: "BylineTitle", 90: "City", 92: "Sublocation",
    95: "ProvinceState", 100: "CountryCode", 101: "Country", 103: "OriginalTransmissionReference", 105: "Headline",
    110: "Credit", 115: "Source", 116: "CopyrightNotice", 118: "Contact", 120: "Caption", 122: "CaptionWriter",
}  # fmt: skip


def read_iptc(harvest: Harvest, start: int, end: int, prefix: str) -> None:
    """Add the datasets of the application record in [start, end)."""
    data, at = harvest.data, start
    for _ in range(_DATASETS_AT_MOST):
        if at + 5 > end or data[at] != 0x1C:
            return
        record, number, length = data[at + 1], data[at + 2], unsigned(data, at + 3, 2)
        at += 5
        if length & 0x8000:
            wide = length & 0x7FFF
            if wide > 4:
                harvest.broken_at(at)
                return
            length, at = unsigned(data, at, wide), at + wide
        if at + length > end:
            harvest.broken_at(at)
            return
        if record != 1 and length and not (record == 2 and number == 0):
            name = _NAMES.get(number, f"{record}:{number}") if record == 2 else f"{record}:{number}"
            text = bytes(data[at : at + min(length, 1 << 16)]).decode("utf-8", "replace")
            harvest.add(f"{prefix}/IPTC:{name}", text, at, length)
        at += length
    harvest.capped_at(at)


def read_photoshop(harvest: Harvest, start: int, end: int, prefix: str) -> None:
    """Add what the image resource blocks in [start, end) hold: IPTC, and a thumbnail's place."""
    data, at = harvest.data, start
    for _ in range(_DATASETS_AT_MOST):
        if at + 12 > end or data[at : at + 4] != b"8BIM":
            return
        number = unsigned(data, at + 4, 2)
        at += 6 + (data[at + 6] // 2 + 1) * 2
        length = unsigned(data, at, 4)
        at += 4
        if at + length > end:
            harvest.broken_at(at)
            return
        if number == 0x0404:
            read_iptc(harvest, at, at + length, prefix)
        elif number not in _OF_PRINTING and length:
            harvest.add(f"{prefix}/8BIM:0x{number:04X}", None, at, length)
        at += length + length % 2
    harvest.capped_at(at)
