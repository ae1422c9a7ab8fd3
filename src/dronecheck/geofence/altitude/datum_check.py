"""Do the heights of a track belong together? That above the ellipsoid less that above the sea must be the geoid's N.

A wrong frame shows by itself (DOMAIN 1.6): the median of their difference is off by more than 3 m. There are three
kinds: the same height twice (a simulator, or a receiver without a geoid), N with its sign turned round (receivers and
autopilots disagree about "undulation"), and anything else, where neither height can be told to be the right one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from dronecheck import messages
from dronecheck.flight import Flight, Track
from dronecheck.geo.vertical.datum import VerticalDatum
from dronecheck.issues import Code, Issue, Severity
from dronecheck.messages import Message

if TYPE_CHECKING:
    from dronecheck.geo.vertical.geoid import Geoid

__all__ = ["Agreement", "DatumCheck", "check_datums", "without_doubted"]

_TOLERANCE_M = 3.0
_SAME_M = 1.0
_SAMPLES = 64


class Agreement(StrEnum):
    """How the two heights of a track stand to each other."""

    NOT_TESTED = "not_tested"  # the track has not both, or the geoid does not reach here
    CONSISTENT = "consistent"
    COPY = "copy"
    SIGN_FLIPPED = "sign_flipped"
    INCONSISTENT = "inconsistent"


@dataclass(frozen=True, slots=True)
class DatumCheck:
    """The outcome: medians of HAE - AMSL and of N in metres (NaN when not tested), and the frames not to be used."""

    agreement: Agreement
    difference_m: float = float("nan")
    undulation_m: float = float("nan")
    doubted: frozenset[VerticalDatum] = frozenset()
    rows: int = 0
    offset: int | None = None

    @property
    def issue(self) -> Issue | None:
        """Return what a report says about the check; None when there is nothing to say."""
        if not self.doubted:
            return None
        template = {
            Agreement.COPY: messages.HEIGHTS_COPIED,
            Agreement.SIGN_FLIPPED: messages.GEOID_SIGN_FLIPPED,
            Agreement.INCONSISTENT: messages.HEIGHTS_INCONSISTENT,
        }[self.agreement]
        text = Message(template, difference_m=self.difference_m, undulation_m=self.undulation_m)
        return Issue(Code.HEIGHT_FRAME_INCONSISTENT, Severity.WARNING, text, self.offset, self.rows)


def without_doubted(flight: Flight, doubted: frozenset[VerticalDatum]) -> Flight:
    """Return the flight without the heights of its primary track that are not to be used; their rises stay."""
    if not doubted:
        return flight
    track = flight.track
    nothing = np.full(len(track), np.nan)
    unframed_m = np.where(np.isfinite(track.alt_unframed_m), track.alt_unframed_m, track.alt_amsl_m)
    names = {VerticalDatum.AMSL: "alt_amsl_m", VerticalDatum.HAE: "alt_hae_m"}
    columns = {name: nothing for frame, name in names.items() if frame in doubted}
    if VerticalDatum.AMSL in doubted:
        columns["alt_unframed_m"] = unframed_m
    return replace(flight, tracks={**flight.tracks, flight.primary: track.replace(**columns)})


def check_datums(track: Track, geoid: Callable[[], Geoid]) -> DatumCheck:
    """Compare the track's HAE - AMSL with N at up to 64 of its places; without both the geoid is not asked."""
    both = np.flatnonzero(np.isfinite(track.alt_hae_m) & np.isfinite(track.alt_amsl_m))
    if not len(both):
        return DatumCheck(Agreement.NOT_TESTED)
    at = both[np.unique(np.linspace(0, len(both) - 1, _SAMPLES).astype(np.int64))]
    difference = track.alt_hae_m[both] - track.alt_amsl_m[both]
    undulation = geoid().undulation_m(track.lon_deg[at], track.lat_deg[at])
    undulation_m, difference_m = float(np.median(undulation)), float(np.median(difference))
    if np.isnan(undulation_m):
        return DatumCheck(Agreement.NOT_TESTED)
    sampled = track.alt_hae_m[at] - track.alt_amsl_m[at]
    doubted = frozenset({VerticalDatum.HAE})
    if abs(float(np.median(sampled - undulation))) <= _TOLERANCE_M:
        agreement, doubted = Agreement.CONSISTENT, frozenset()
    elif abs(difference_m) <= _SAME_M:
        agreement, doubted = Agreement.COPY, frozenset({VerticalDatum.HAE, VerticalDatum.AMSL})
    elif abs(float(np.median(sampled + undulation))) <= _TOLERANCE_M:
        agreement = Agreement.SIGN_FLIPPED
    else:
        agreement, doubted = Agreement.INCONSISTENT, frozenset({VerticalDatum.HAE, VerticalDatum.AMSL})
    return DatumCheck(agreement, difference_m, undulation_m, doubted, len(both), int(track.offset[both[0]]))
