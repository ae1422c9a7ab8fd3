"""What a flight whose header alone could be read may have been in, as findings: each is open, and says why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, isfinite, nan

from dronecheck.flight import Flight
from dronecheck.geofence.clauses import Clause, ClauseCode
from dronecheck.geofence.questions.header.disc import Disc, Meeting
from dronecheck.geofence.result import Finding, FindingKind, Reason, Verdict, ZoneRef

__all__ = ["Holds", "Met", "finding_of"]


@dataclass(frozen=True, slots=True)
class Holds:
    """Whether a place within the outline is inside, whatever its height and time: of the start, and of pictures."""

    of_start: bool = True
    of_pictures: bool = True


@dataclass(frozen=True, slots=True)
class Met:
    """How the disc around the start and the places of pictures lie to one outline."""

    start: Disc | None = None
    of_start: Meeting | None = None
    pictures: tuple[tuple[Disc, Meeting], ...] = ()

    def with_picture(self, picture: Disc, meeting: Meeting) -> Met:
        """Add how a picture's place lies to it."""
        return replace(self, pictures=(*self.pictures, (picture, meeting)))

    @property
    def is_touched(self) -> bool:
        """Tell whether some of it was, or may have been, inside."""
        every = [self.of_start, *(meeting for _, meeting in self.pictures)]
        return any(meeting is not None and meeting.is_touched for meeting in every)


def finding_of(
    kind: FindingKind,
    zone: ZoneRef,
    met: Met,
    flight: Flight,
    more: tuple[Reason, ...] = (),
    *,
    holds: Holds = Holds(),
) -> Finding:
    """Return the finding of something that is touched; `more` are reasons beside the header's."""
    certain = _certain(met, holds)
    disc, meeting = certain or _nearest(met)
    inside = (Reason.INSIDE_BEYOND_ERROR,) if certain else ()
    header = flight.header
    margin_m = meeting.signed_m if isfinite(meeting.signed_m) else None
    depth_m = meeting.depth_m if meeting.depth_m is not None else nan
    return Finding(
        kind=kind,
        verdict=Verdict.INCONCLUSIVE,
        zone=zone,
        reasons=(Reason.HEADER_ONLY, *inside, *more),
        clauses=_clauses(met, holds),
        duration_s=None,
        path_m=nan,
        depth_m=depth_m if certain else 0.0,
        margin_m=margin_m,
        sigma_m=meeting.sigma_m if margin_m is not None else None,
        band_m=meeting.band_m if margin_m is not None else None,
        deepest_ns=header.start_ns if header is not None and disc.number is None else None,
        deepest=disc.place,
    )


def _certain(met: Met, holds: Holds) -> tuple[Disc, Meeting] | None:
    """Return the start, else the first picture, that is inside beyond the errors."""
    if holds.of_start and met.start is not None and met.of_start is not None and met.of_start.is_inside:
        return met.start, met.of_start
    inside = ((disc, meeting) for disc, meeting in met.pictures if meeting.is_inside)
    return next(inside, None) if holds.of_pictures else None


def _nearest(met: Met) -> tuple[Disc, Meeting]:
    every = list(met.pictures)
    if met.start is not None and met.of_start is not None:
        every.insert(0, (met.start, met.of_start))
    return min(every, key=lambda one: one[1].signed_m)


def _clauses(met: Met, holds: Holds) -> tuple[Clause, ...]:
    said = list[Clause]()
    if met.start is not None and met.of_start is not None and met.of_start.is_touched:
        said.append(_of_start(met.start, met.of_start, holds))
    for picture, meeting in met.pictures:
        if not meeting.is_touched:
            continue
        if not meeting.is_inside:
            near = Clause.of(ClauseCode.HEADER_PICTURE_NEAR, number=picture.number, distance_m=abs(meeting.signed_m))
        elif holds.of_pictures:
            near = Clause.of(ClauseCode.HEADER_PICTURE_INSIDE, number=picture.number, depth_m=meeting.depth_m)
        else:
            near = Clause.of(ClauseCode.HEADER_PICTURE_WITHIN, number=picture.number)
        said.append(near)
    return tuple(said)


def _of_start(start: Disc, meeting: Meeting, holds: Holds) -> Clause:
    if meeting.is_inside:
        if holds.of_start:
            return Clause.of(ClauseCode.HEADER_STARTED_INSIDE, depth_m=meeting.depth_m)
        return Clause(ClauseCode.HEADER_START_WITHIN)
    if 0 < meeting.signed_m <= start.radius_m:
        return Clause.of(ClauseCode.HEADER_MAY_REACH, distance_m=meeting.signed_m, within_m=ceil(start.radius_m))
    return Clause.of(ClauseCode.HEADER_START_NEAR, distance_m=abs(meeting.signed_m))
