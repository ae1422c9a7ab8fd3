"""The normalised flight: what every reader delivers and everything downstream consumes."""

from dronecheck.flight.model import (
    OPERATOR,
    Clock,
    ClockSource,
    Completeness,
    Event,
    EventKind,
    Flight,
    Home,
    HorizontalDatum,
    Source,
    Trust,
    Vehicle,
)
from dronecheck.flight.track import SigmaSource, Track

__all__ = [
    "OPERATOR",
    "Clock",
    "ClockSource",
    "Completeness",
    "Event",
    "EventKind",
    "Flight",
    "Home",
    "HorizontalDatum",
    "SigmaSource",
    "Source",
    "Track",
    "Trust",
    "Vehicle",
]
