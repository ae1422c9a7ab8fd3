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
    from dronecheck.airspace.zone import Zone, ZoneSet
    from dronecheck.api import check, check_media, open_terrain
    from dronecheck.errors import UnreadableInput, UsageError
    from dronecheck.flight import Flight, Track
    from dronecheck.geofence.result import Finding, Result, Verdict
    from dronecheck.geofence.settings import Settings
    from dronecheck.geofence.settings import Settings as Rules
    from dronecheck.readers import read
    from dronecheck.recognition import recognise
    from dronecheck.report.case import Case, Disclosure, answer
    from dronecheck.report.page import write_page

__all__ = [
    "Case",
    "Disclosure",
    "Finding",
    "Flight",
    "Result",
    "Rules",
    "Settings",
    "Track",
    "UnreadableInput",
    "UsageError",
    "Verdict",
    "Zone",
    "ZoneSet",
    "answer",
    "check",
    "check_media",
    "load_zones",
    "open_terrain",
    "read",
    "recognise",
    "write_page",
]

_HOME = {
    "Case": "report.case",
    "Disclosure": "report.case",
    "Finding": "geofence.result",
    "Flight": "flight",
    "Result": "geofence.result",
    "Settings": "geofence.settings",
    "Track": "flight",
    "UnreadableInput": "errors",
    "UsageError": "errors",
    "Verdict": "geofence.result",
    "Zone": "airspace.zone",
    "ZoneSet": "airspace.zone",
    "answer": "report.case",
    "check": "api",
    "check_media": "api",
    "load_zones": "airspace",
    "open_terrain": "api",
    "read": "readers",
    "recognise": "recognition",
    "write_page": "report.page",
}
_FORMER = {"Rules": "Settings"}  # names of earlier versions


def __getattr__(name: str) -> object:
    if name == "audit":  # a package of its own: dronecheck.audit.audit_logs(...)
        return import_module("dronecheck.audit")
    own = _FORMER.get(name, name)
    if own not in _HOME:
        raise AttributeError(f"module 'dronecheck' has no attribute {name!r}")
    return getattr(import_module(f"dronecheck.{_HOME[own]}"), own)


def __dir__() -> list[str]:
    return __all__
