"""Zone files in JSON: GeoJSON and what is like it, ED-269, ED-318, DJI GEO, Autel. One reader for all of them.

A large outline may fill the head of a file before any mark of its format comes: what the first bytes look like is a
guess, and the parsed features decide (`json.reader`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from dronecheck.airspace.zone import ZoneSet
    from dronecheck.safe.io import Input

__all__ = ["FORMATS", "JsonFormat"]

_MARKS = b"\xef\xbb\xbf\xff\xfe\x1e \t\r\n"
_CERTAIN, _LIKELY = 95, 80
_TYPED = re.compile(rb'"type"\s*:\s*"Feature(?:Collection)?"')
_ALIKE = re.compile(
    rb'"type"\s*:\s*"(?:(?:Multi)?Polygon|GeometryCollection|Topology)"|"esriGeometry|"referenceDatum"\s*:'
    rb'|"(?:rings|curveRings)"\s*:\s*\['
)
_IS_GEOJSON, _MAY_BE_GEOJSON, _NAMED = 60, 30, 10  # profiles of GeoJSON with a mark of their own come first


@dataclass(frozen=True, slots=True)
class JsonFormat:
    """The face of one format: told by keys of its own, `marks`, in the first bytes; two are certain, one is likely."""

    NAME: str
    TITLE: str
    marks: tuple[bytes, ...] = ()
    needed: bytes = b""  # without this key it is another format
    in_list: bool = False  # the file may be a bare list of features
    less: int = 0  # how much less sure it is than formats that share some of its marks
    OFFSETS: ClassVar[str] = "feature"

    def sniff(self, head: bytes, name: str) -> int:
        """Return 0..100 that these are the first bytes of this format."""
        text = head.replace(b"\x00", b"").lstrip(_MARKS)  # UTF-16, too; RFC 8142 begins a text with its own
        if not text.startswith((b"{", b"[") if self.in_list else b"{") or self.needed not in text:
            return 0
        if not self.marks:
            return _geojson(text, name)
        found = sum(mark in text for mark in self.marks)
        return 0 if not found else (_CERTAIN if found > 1 else _LIKELY) - self.less

    def read(self, source: Input) -> ZoneSet:
        """Read a JSON zone file as what it is, whatever it looked like. Raises UnreadableInput."""
        from dronecheck.airspace.json.reader import read_json_zones

        return read_json_zones(source)


def _geojson(text: bytes, name: str) -> int:
    if _TYPED.search(text):
        return _IS_GEOJSON
    if _ALIKE.search(text):
        return _MAY_BE_GEOJSON
    if b'"coordinates"' in text and b'"geometry"' in text:
        return _MAY_BE_GEOJSON  # the type may come last
    return _NAMED if name.lower().endswith(".geojson") else 0


FORMATS = {
    face.NAME: face
    for face in (
        JsonFormat("geojson", "GeoJSON (.geojson, .json; ArcGIS and openAIP JSON, too)", in_list=True),
        JsonFormat(
            "ed269", "ED-269 (.json)",
            (b'"horizontalProjection"', b'"uas_zones"', b'"uomDimensions"', b'"lowerVerticalReference"'),
        ),
        JsonFormat(
            "ed318", "ED-318 (.json, .geojson)",
            (b'"limitedApplicability"', b'"UASZone"', b'"upperReference"', b'"zoneAuthority"', b'"subType"'), less=5,
        ),
        JsonFormat(
            "dji_geo", "DJI GEO (.json)", (b'"area_id"', b'"sub_areas"', b'"polygon_points"', b'"begin_at"'),
            in_list=True,
        ),
        JsonFormat(
            "autel", "Autel no-fly zones (.json)",
            (b'"nfz_dots"', b'"nofly_radius"', b'"dot_type"', b'"nfz_name"'), in_list=True,
        ),
    )
}  # fmt: skip
