"""The normalised flight: what every reader delivers and everything downstream consumes."""

from dronecheck.flight.gravity import Gravity
from dronecheck.flight.integrity import Concern, Integrity, IntegrityStatus, Statement, Weight
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
from dronecheck.flight.witness import Deferred, Witness

__all__ = [
    "OPERATOR",
    "Clock",
    "ClockMapping",
    "ClockSource",
    "Completeness",
    "Concern",
    "Deferred",
    "Event",
    "EventKind",
    "Flight",
    "Gravity",
    "Home",
    "HorizontalDatum",
    "Integrity",
    "IntegrityStatus",
    "RecordHeader",
    "RecordingKey",
    "SigmaSource",
    "Source",
    "Statement",
    "Track",
    "Trust",
    "Vehicle",
    "Weight",
    "Witness",
    "join",
]
