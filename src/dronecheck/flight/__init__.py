"""The normalised flight: what every reader delivers and everything downstream consumes."""

from dronecheck.flight.gravity import Gravity
from dronecheck.flight.joined import join
from dronecheck.flight.model import (
    OPERATOR,
    Clock,
    ClockMapping,
    ClockSource,
    Completeness,
    Event,
    EventKind,
    Flight,
    Home,
    HorizontalDatum,
    RecordHeader,
    RecordingKey,
    Source,
    Trust,
    Vehicle,
)
from dronecheck.flight.track import SigmaSource, Track

__all__ = [
    "OPERATOR",
    "Clock",
    "ClockMapping",
    "ClockSource",
    "Completeness",
    "Event",
    "EventKind",
    "Flight",
    "Gravity",
    "Home",
    "HorizontalDatum",
    "RecordHeader",
    "RecordingKey",
    "SigmaSource",
    "Source",
    "Track",
    "Trust",
    "Vehicle",
    "join",
]
