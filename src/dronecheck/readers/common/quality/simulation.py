"""Whether a flight is that of a simulator, by what its records say and by where it begins.

mark                                                        then the flight is
firmware, hardware or a message that names SITL or HITL     simulated
DroneDeploy's firmware "Fake Aircraft Firmware Package"     simulated (its places lie on ruled lines)
the simulator's own records; a heartbeat that says so       simulated (the readers tell)
a height above the ellipsoid that copies that above sea     simulated, where the geoid is more than 1 m from both
a first fix within 1 m of a simulator's default place       looks simulated
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from dronecheck.arrays import Floats
from dronecheck.flight import EventKind, Flight
from dronecheck.geo.plane import step_lengths_m
from dronecheck.issues import Code, Issue, Severity
from dronecheck.messages import Message

__all__ = ["is_copy_of_sea_heights", "with_simulation"]

# As their sources and documents have them: PX4's jMAVSim and Gazebo classic, its new Gazebo worlds, ArduPilot's
# field (CMAC), AirSim.
DEFAULT_PLACES = {
    "PX4": ((47.397742, 8.545594), (47.397971057728974, 8.546163739800146)),
    "ArduPilot": ((-35.363261, 149.165230), (-35.3632621, 149.1652374)),
    "AirSim": ((47.641468, -122.140165),),
}
NEAR_M = 1.0
LEAST_UNDULATION_M = 1.0
_NAMED = re.compile(r"(?<![A-Za-z])(SITL|HITL|Fake Aircraft)(?![A-Za-z])")


def with_simulation(flight: Flight) -> Flight:
    """Return the flight with what its words and its first fix say of a simulator, each said in an issue."""
    trust = flight.trust
    if trust.is_simulated:
        return flight
    named = _named(flight)
    if named is not None:
        text, offset = named
        said = Message("the log names a simulator ({mark})", mark=text)
        issue = Issue(Code.SIMULATED, Severity.INFO, said, offset)
        return replace(flight, trust=replace(trust, is_simulated=True), issues=(*flight.issues, issue))
    place = _default_place(flight)
    if place is None:
        return flight
    said = Message("the first fix is at the default place of a simulator ({name})", name=place)
    issue = Issue(Code.SIMULATED, Severity.WARNING, said, int(flight.track.offset[0]))
    return replace(flight, trust=replace(trust, looks_simulated=True), issues=(*flight.issues, issue))


def is_copy_of_sea_heights(hae_m: Floats, amsl_m: Floats, lon_deg: Floats, lat_deg: Floats) -> bool:
    """Tell whether heights above the ellipsoid are those above sea, shapes (n,), where the two must differ."""
    if not len(hae_m) or not np.array_equal(hae_m, amsl_m, equal_nan=True) or not np.isfinite(hae_m).any():
        return False
    from dronecheck.geo.vertical.geoid import bundled_geoid

    return bool(abs(float(bundled_geoid().undulation_m(lon_deg[:1], lat_deg[:1])[0])) > LEAST_UNDULATION_M)


def _named(flight: Flight) -> tuple[str, int | None] | None:
    vehicle = flight.vehicle
    words: list[tuple[str, int | None]] = [(text, None) for text in (vehicle.firmware, vehicle.hardware, vehicle.model)]
    words += [(event.text, event.offset) for event in flight.events if event.kind is EventKind.MESSAGE]
    return next(((text, offset) for text, offset in words if _NAMED.search(text)), None)


def _default_place(flight: Flight) -> str | None:
    track = flight.track
    if not len(track):
        return None
    lat, lon = float(track.lat_deg[0]), float(track.lon_deg[0])
    for name, places in DEFAULT_PLACES.items():
        for lat_deg, lon_deg in places:
            if step_lengths_m(np.array([lat, lat_deg]), np.array([lon, lon_deg]))[0] <= NEAR_M:
                return name
    return None
