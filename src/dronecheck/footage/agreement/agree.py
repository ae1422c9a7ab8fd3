"""Photos and films held against flight logs: each against the log that fits, by the clock of its camera."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from dronecheck.errors import UsageError
from dronecheck.flight import EventKind, Flight
from dronecheck.footage.agreement.camera_clock import CameraClock, ClockProof, clock_of, other_time
from dronecheck.footage.agreement.judge import TimedShot, held_against, nearest, other_device, timed
from dronecheck.footage.agreement.log_path import LogPath
from dronecheck.footage.agreement.model import AgreementVerdict, LogAgreement
from dronecheck.footage.agreement.shots import Shot, grouped, shots_of
from dronecheck.footage.agreement.stale_stamps import with_stale_stamps
from dronecheck.footage.agreement.zone_offsets import OFFSET_AT_MOST_S
from dronecheck.issues import Code, Issue, Severity
from dronecheck.media.model import MediaItem
from dronecheck.messages import Message

__all__ = ["agreements"]

_OUTSIDE_S = 60.0
_WITNESSES = 3  # shots whose places agree, for one of the same camera that has no place
_RANK = (  # of several logs the one that says most
    AgreementVerdict.AGREES, AgreementVerdict.WRONG_HEIGHT, AgreementVerdict.WRONG_DEVICE, AgreementVerdict.AMBIGUOUS,
    AgreementVerdict.WRONG_TIME, AgreementVerdict.WRONG_POSITION, AgreementVerdict.NO_CLOCK,
    AgreementVerdict.NOT_COVERED,
)  # fmt: skip


def agreements(
    items: Sequence[MediaItem], flights: Sequence[Flight], folders: Sequence[str] | None = None
) -> list[LogAgreement | None]:
    """Hold items against logs; return for each item what the log says that fits it best, None without any log.

    `folders` names the card or folder of each item: items of one serial, or of one folder and model, share a clock.
    Other vehicles of a log are flights of their own: give `Flight.others` as well.
    Logs without a known UTC can be held against nothing, and leave NO_CLOCK. Raises UsageError where `folders` has
    another length than `items`.

    The method: DOMAIN, "Matching media to track"; the chain of photo events, `photo_events`; the path, `path_fit`.
    """
    if folders is not None and len(folders) != len(items):
        raise UsageError(f"agreements(): a folder for each of the {len(items)} items, not {len(folders)}")
    if not flights:
        return [None] * len(items)
    origin_ns = next((int(flight.track.time_ns[0]) for flight in flights if len(flight.track)), 0)
    paths = [
        path
        for number, flight in enumerate(flights)
        if (path := LogPath.of(number, flight, origin_ns, _photos(flight))) is not None
    ]
    shots = shots_of(items, origin_ns)
    groups = grouped(items, folders if folders is not None else [""] * len(items), shots)
    found: list[LogAgreement | None] = [None] * len(items)
    for is_proven in (True, False):
        some = [path for path in paths if path.is_utc_proven is is_proven]
        for group in groups if some else ():
            for shot, one in zip(group, _of_group(group, some, is_proven=is_proven), strict=True):
                found[shot.number] = _better(found[shot.number], one)
    unheld = LogAgreement(flights[0].source.path.name, 0, AgreementVerdict.NO_CLOCK)
    return [one if one is not None else unheld for one in found]


def _photos(flight: Flight) -> list[int]:
    return [event.time_ns for event in flight.events if event.kind is EventKind.PHOTO]


def _better(one: LogAgreement | None, other: LogAgreement) -> LogAgreement:
    if one is None:
        return other
    return min(one, other, key=lambda agreement: _RANK.index(agreement.verdict))


def _of_group(group: Sequence[Shot], paths: Sequence[LogPath], *, is_proven: bool) -> list[LogAgreement]:
    """Return what the logs say of the shots of one clock, in their order."""
    clock = clock_of(group, paths, may_be_proven=is_proven)
    moments = [timed(shot, clock, trusts_utc=is_proven) for shot in group]
    found = [
        _of_shot(shot, moment, clock, paths, is_proven=is_proven)
        for shot, moment in zip(group, moments, strict=True)
    ]  # fmt: skip
    found = _with_stale_places(group, moments, found, paths)
    found = _with_witnesses(group, found, paths, clock)
    if not clock.is_zone:
        found = [_but(one, AgreementVerdict.AGREES, AgreementVerdict.WRONG_TIME) for one in found]
    elif any(one.verdict is AgreementVerdict.WRONG_POSITION for one in found):
        found = _with_other_time(group, found, paths)
    if is_proven:
        found = with_stale_stamps(group, found, paths)
    return [_with_device(shot, one, paths) for shot, one in zip(group, found, strict=True)]


def _but(one: LogAgreement, verdict: AgreementVerdict, instead: AgreementVerdict) -> LogAgreement:
    return replace(one, verdict=instead) if one.verdict is verdict else one


def _of_shot(
    shot: Shot, moment: TimedShot | None, clock: CameraClock, paths: Sequence[LogPath], *, is_proven: bool
) -> LogAgreement:
    if moment is None:
        near = min((nearest(shot, path) for path in paths), key=lambda one: one.miss_m or 0.0)
        if shot.camera_s is not None and is_proven and all(_is_another_day(shot, path) for path in paths):
            return replace(near, verdict=AgreementVerdict.NOT_COVERED)
        if clock.proof is ClockProof.AMBIGUOUS and shot.camera_s is not None:
            return replace(near, verdict=AgreementVerdict.AMBIGUOUS, delta_interval_s=clock.interval_s)
        return near
    is_stated = is_proven and (shot.utc_s is not None or clock.proof is ClockProof.PROVEN)
    by_time = sorted(paths, key=lambda path: float(path.outside_s(moment.time_s).max()))
    found = [held_against(moment, path, is_proven=is_stated) for path in by_time]
    return min(found, key=lambda one: _RANK.index(one.verdict))


def _is_another_day(shot: Shot, path: LogPath) -> bool:
    """Tell whether no zone brings a shot into a log."""
    start, end = path.span_s
    camera_s = shot.camera_s or 0.0
    first_s, last_s = camera_s + float(shot.after_s[0]), camera_s + float(shot.after_s[-1])
    slack_s = OFFSET_AT_MOST_S + _OUTSIDE_S
    return first_s - slack_s > end or last_s + slack_s < start


def _with_stale_places(
    group: Sequence[Shot], moments: Sequence[TimedShot | None], found: Sequence[LogAgreement], paths: Sequence[LogPath]
) -> list[LogAgreement]:
    """Return the findings, with those set apart whose place is that of the picture before while the log moved on.

    A receiver that had no newer fix is no false place.
    """
    better = list(found)
    order = sorted((m.begin_s, row) for row, m in enumerate(moments) if m is not None)
    by_number = {path.number: path for path in paths}
    for (before_s, before), (after_s, row) in pairwise(order):
        if not group[row].repeats(group[before]):
            continue
        places = by_number[found[row].flight].at(np.array([before_s, after_s]))
        moved_m = float(places.miss_m(places.lat_deg[::-1], places.lon_deg[::-1])[0])
        if moved_m <= 3 * float(np.hypot(group[row].sigma_m, places.sigma_m.max())):
            continue
        text = Message("the position is that of the picture before, {moved_m:,.0f} m back by the log", moved_m=moved_m)
        issue = Issue(Code.FROZEN_POSITION, Severity.WARNING, text)
        better[row] = replace(
            _but(found[row], AgreementVerdict.WRONG_POSITION, AgreementVerdict.AMBIGUOUS), issues=(issue,)
        )
    return better


def _with_witnesses(
    group: Sequence[Shot], found: Sequence[LogAgreement], paths: Sequence[LogPath], clock: CameraClock
) -> list[LogAgreement]:
    """Let a shot without a place agree where its camera is known to have been on board.

    That is so where the log's photo events are its pictures, the serial is the log's, or other shots of it agree.
    """
    by_number = {path.number: path for path in paths}
    better = list(found)
    for row, (shot, one) in enumerate(zip(group, found, strict=True)):
        if one.verdict is not AgreementVerdict.AMBIGUOUS or shot.is_placed or one.time_ns is None:
            continue
        beside = [other.verdict for other in found if other.flight == one.flight]
        agreeing, false = beside.count(AgreementVerdict.AGREES), beside.count(AgreementVerdict.WRONG_POSITION)
        has_witnesses = agreeing >= _WITNESSES and 5 * false <= agreeing
        if clock.by_events or has_witnesses or other_device(shot, by_number[one.flight]) is False:
            better[row] = replace(one, verdict=AgreementVerdict.AGREES)
    return better


def _with_other_time(
    group: Sequence[Shot], found: Sequence[LogAgreement], paths: Sequence[LogPath]
) -> list[LogAgreement]:
    """Tell a false time from a false place: by one other clock the places would lie on the path."""
    clock = other_time(group, paths)
    if clock is None:
        return list(found)
    better = list(found)
    for row, (shot, one) in enumerate(zip(group, found, strict=True)):
        moment = timed(shot, clock, trusts_utc=False) if one.verdict is AgreementVerdict.WRONG_POSITION else None
        if moment is None or (one.delta_s is not None and abs(one.delta_s - clock.delta_s) <= 3 * clock.sigma_s):
            continue
        fits = [held_against(moment, path, is_proven=False).verdict for path in paths]
        if AgreementVerdict.AGREES in fits:
            better[row] = replace(one, verdict=AgreementVerdict.WRONG_TIME)
    return better


def _with_device(shot: Shot, one: LogAgreement, paths: Sequence[LogPath]) -> LogAgreement:
    """Return the finding, DISAGREES(device) where the log is another aircraft's, unless it has nothing of that time."""
    path = next(path for path in paths if path.number == one.flight)
    if one.verdict is not AgreementVerdict.NOT_COVERED and other_device(shot, path):
        return replace(one, verdict=AgreementVerdict.WRONG_DEVICE)
    return one
