"""Which figure of an unnamed coordinate pair is the longitude: decided by evidence, told by the layout, or refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from dronecheck.errors import UnreadableInput
from dronecheck.issues import Code, Issue, Severity
from dronecheck.messages import Message
from dronecheck.readers.srt.cues import Fields

__all__ = ["Order", "order_of_pairs"]

METRES_PER_DEG = 111_195.0
FITS_WITHIN = 0.03  # of the distance, and at least the metres below: DJI computes it on a sphere
FITS_WITHIN_M = 3.0
FIRST_DISTANCE_M = 10.0
STRAYS = 0.05  # the share of pairs that may be damaged

# what the third figure is -> whether the longitude comes first, and in words
_LAYOUTS = {
    "satellites": (True, Message("longitude, latitude, satellites")),
    "metres": (False, Message("latitude, longitude, altitude")),
}


@dataclass(frozen=True, slots=True)
class Order:
    """`longitude_first` None where the file has no unnamed pair."""

    longitude_first: bool | None
    issues: list[Issue] = field(default_factory=list)


def order_of_pairs(fields: Sequence[Fields]) -> Order:
    """Return the order of all pairs of a file. Raises UnreadableInput when nothing tells, or the pairs contradict.

    A single damaged figure must not turn the whole track: evidence counts when most pairs bear it.
    """
    kinds = Counter(one.third for one in fields if one.gps and any(one.gps))
    count = kinds.total()
    if not count:
        return Order(None)
    pairs = np.abs([one.gps for one in fields if one.gps and any(one.gps)])
    longitudes = (pairs > 90) & (pairs <= 180) & (pairs[:, ::-1] <= 90)
    first, second = longitudes.sum(axis=0).tolist()
    if min(first, second) > STRAYS * count:
        raise UnreadableInput("axis_order", "coordinate pairs in both orders; check the flight's log instead")
    if max(first, second) > count / 2:
        return Order(first > second)
    fits = _by_distance(fields)
    if fits is not None:
        return Order(fits)
    kind, seen = kinds.most_common(1)[0]
    if kind in _LAYOUTS and seen >= (1 - STRAYS) * count:
        longitude_first, what = _LAYOUTS[kind]
        return Order(longitude_first, [_told(what)])
    raise UnreadableInput(
        "axis_order",
        "nothing in the file tells whether latitude or longitude comes first; check the flight's log, or a CSV of it",
    )


def _told(what: Message) -> Issue:
    text = Message(
        "which coordinate comes first is told by the layout alone ({what}, as in all real files of it)", what=what
    )
    return Issue(Code.AXIS_ORDER, Severity.WARNING, text)


def _by_distance(fields: Sequence[Fields]) -> bool | None:
    """Return the order in which the logged distance from home fits nearly always, where the other order does not."""
    found = [
        (*one.gps, *one.home, one.distance_m)
        for one in fields
        if one.gps and one.home and any(one.gps) and any(one.home) and one.distance_m >= FIRST_DISTANCE_M
    ]
    if not found:
        return None
    a, b, home_a, home_b, logged_m = np.array(found, dtype=np.float64).T
    fit = []
    for lat, lon, home_lat, home_lon in ((b, a, home_b, home_a), (a, b, home_a, home_b)):
        north_m = (lat - home_lat) * METRES_PER_DEG
        east_m = (lon - home_lon) * METRES_PER_DEG * np.cos(np.radians((lat + home_lat) / 2))
        off_m = np.abs(np.hypot(north_m, east_m) - logged_m)
        fit.append(float(np.mean(off_m <= np.maximum(FITS_WITHIN_M, FITS_WITHIN * logged_m))))
    longitude_first, latitude_first = fit
    if max(fit) < 0.9 or min(fit) > 0.5:
        return None
    return longitude_first > latitude_first
