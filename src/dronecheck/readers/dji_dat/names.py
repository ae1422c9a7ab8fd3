"""Aircraft by the first byte of a DJI .DAT file."""

from __future__ import annotations

__all__ = ["aircraft_name"]

# 89 is measured on eight files; the others are the aircraft types of DJI's flight records
_TYPES = {
    1: "Inspire 1", 2: "Phantom 3 Advanced", 3: "Phantom 3 Professional", 4: "Phantom 3 Standard", 11: "Phantom 4",
    14: "Matrice 600", 16: "Mavic Pro", 17: "Inspire 2", 18: "Phantom 4 Pro", 21: "Spark", 23: "Matrice 600 Pro",
    24: "Mavic Air", 25: "Matrice 200", 28: "Matrice 210", 36: "Phantom 4 Pro V2", 41: "Mavic 2",
    51: "Mavic 2 Enterprise", 58: "Mavic Air 2", 60: "Matrice 300 RTK", 63: "Mini 2", 89: "Matrice 350 RTK",
}  # fmt: skip


def aircraft_name(number: int) -> str:
    """Return the aircraft of that type; "DJI aircraft type N" for an unknown one, empty for 0."""
    return _TYPES.get(number, f"DJI aircraft type {number}" if number else "")
