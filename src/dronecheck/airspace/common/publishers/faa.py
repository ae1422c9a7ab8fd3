"""The FAA's UAS Facility Map: a LAANC ceiling, no prohibition.

| told by | read as |
|---|---|
| CEILING and any APT1_... | controlled airspace, needs authorisation from the ground up; the ceiling (feet above ground, 0: further coordination) is kept for people |
"""  # noqa: E501

from __future__ import annotations

from dronecheck.airspace.common.publishers.foreign import Foreign, Properties
from dronecheck.airspace.common.units import FOOT_M, number_of
from dronecheck.safe.io import plain

__all__ = ["facility_map"]


def facility_map(given: Properties) -> Foreign:
    """Translate a grid cell of the FAA: how high an authorisation may be given at once, not what is forbidden."""
    feet = number_of(given.get("CEILING"))
    airports = [
        " ".join(str(given[f"APT{n}_{key}"]) for key in ("ICAO", "NAME") if given.get(f"APT{n}_{key}"))
        for n in range(1, 6)
    ]
    about = "LAANC ceiling unknown" if feet is None else f"LAANC ceiling {feet:g} ft ({feet * FOOT_M:g} m) above ground"
    how = "" if feet is None else "up to it authorisation may be given at once; above it only by further coordination"
    own: Properties = {
        "id": f"UASFM {given.get('GLOBALID') or given.get('OBJECTID') or ''}".strip(),
        "name": plain(f"{'; '.join(a for a in airports if a) or 'UAS Facility Map'}: {about}", 120),
        "kind": "control",
        "authority": given.get("UNIT"),
        "remarks": "; ".join(
            part
            for part in (
                "only by further coordination" if feet == 0 else how,
                "no LAANC here" if number_of(given.get("APT1_LAANC")) == 0 else "",
                f"map of {given['MAP_EFF']}" if given.get("MAP_EFF") else "",
            )
            if part
        ),
    }
    return Foreign(own)
