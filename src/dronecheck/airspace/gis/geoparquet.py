"""GeoParquet 1.0 and 1.1, read with pyarrow: one zone a row.

| in the file | read as |
|---|---|
| metadata `geo`: primary_column, encoding WKB | the outlines; other encodings are refused |
| `crs` (PROJJSON) | the coordinate system: outlines are transformed; absent is WGS 84; null is refused |
| `edges` | planar (and absent): straight in the coordinate system; spherical: geodesic |
| other columns | properties as in GeoJSON (docs/zones.md): dronecheck's own profile, or that of a known publisher |

Told by its first bytes, PAR1. Rows are read in small batches, and repeated values are kept once, so that a small file
cannot unfold into a large one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dronecheck.airspace.zone import ZoneSet
    from dronecheck.safe.io import Input

__all__ = ["NAME", "OFFSETS", "TITLE", "read", "sniff"]

NAME = "geoparquet"
TITLE = "GeoParquet (.parquet)"
OFFSETS = "feature"

_LIKELY = 80


def sniff(head: bytes, name: str) -> int:
    """Return 0..100 that these are the first bytes of a Parquet file; whether it has outlines stands at its end."""
    return _LIKELY if head.startswith(b"PAR1") else 0


def read(source: Input) -> ZoneSet:
    """Read all rows. Raises UnreadableInput, and UsageError without pyarrow."""
    from dronecheck.safe.extras import require
    from dronecheck.safe.io import plain

    require("pyarrow", "parquet", f"{plain(source.name)}: GeoParquet")
    from dronecheck.airspace.gis.geoparquet_rows import read_geoparquet

    return read_geoparquet(source)
