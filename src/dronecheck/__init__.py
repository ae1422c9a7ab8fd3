"""dronecheck: was it where it was allowed to be?

>>> import dronecheck
>>> flight = dronecheck.read("flight.ulg")                      # doctest: +SKIP
>>> result = dronecheck.check(flight)                           # doctest: +SKIP
>>> result.verdict, result.findings                             # doctest: +SKIP

`import dronecheck` loads nothing heavy: each name loads when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dronecheck.airspace import load_zones
    from dronecheck.airspace.zone import Zone
    from dronecheck.errors import UnreadableInput, UsageError
    from dronecheck.flight import Flight, Track
    from dronecheck.geofence.engine import check
    from dronecheck.geofence.result import Finding, Result, Verdict
    from dronecheck.geofence.settings import Settings
    from dronecheck.readers import read

__all__ = [
    "Finding",
    "Flight",
    "Result",
    "Rules",
    "Track",
    "UnreadableInput",
    "UsageError",
    "Verdict",
    "Zone",
    "check",
    "load_zones",
    "read",
]

_HOME = {
    "Finding": "geofence.result",
    "Flight": "flight",
    "Result": "geofence.result",
    "Rules": "geofence.settings",
    "Track": "flight",
    "UnreadableInput": "errors",
    "UsageError": "errors",
    "Verdict": "geofence.result",
    "Zone": "airspace.zone",
    "check": "geofence.engine",
    "load_zones": "airspace",
    "read": "readers",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'dronecheck' has no attribute {name!r}")
    return getattr(import_module(f"dronecheck.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
