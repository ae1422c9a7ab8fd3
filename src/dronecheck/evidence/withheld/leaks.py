"""What a case without places tells of the place all the same: said in the case itself, for who hands it on."""

from __future__ import annotations

from dronecheck.messages import Message

__all__ = ["LEAKS"]

LEAKS = (
    Message(
        "Names of territories. With a margin, the place lies somewhere on a line so far from their border, or from the "
        "border to their neighbour: a short border narrows that to a few places, margins to two borders to fewer. A "
        "territory as small as a rock is a place."
    ),
    Message(
        "Times to the millisecond. Whoever keeps radar, radio identification, network or camera records can look for a "
        "flight by them."
    ),
    Message(
        "The guard band of a margin holds the accuracy of the border data at that stretch, which differs from stretch "
        "to stretch."
    ),
    Message(
        "Depth, time and number of visits to zones, whose names are not told: whoever guesses the zone knows more than "
        "before."
    ),
    Message(
        "Size and SHA-256 of the log. Whoever has a copy, or can write it out to the last byte, as of a log of a few "
        "lines, can tell that it is this one."
    ),
    Message(
        "Codes of reasons, notes and integrity tests. Some occur in certain countries only, or where simulators begin."
    ),
    Message(
        "Each row that is disclosed tells its place and time, and so about where its neighbours are. All "
        "other rows stay sealed."
    ),
)
