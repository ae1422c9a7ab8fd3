"""What a report shows of a flight: all of it, or all but the surroundings of where it started.

Nothing is hidden by being left undrawn: the rows are taken out before anything is drawn, measured or written, so that
map, charts, tables and embedded JSON cannot differ. The circle's edge still tells roughly where its middle is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import inf

import numpy as np
from numpy.typing import NDArray

from dronecheck.airspace.zone import ZoneSet
from dronecheck.arrays import Ints
from dronecheck.flight import OPERATOR, Flight, Track
from dronecheck.geo.plane import geodesic_m
from dronecheck.geofence.altitude.altitudes import Altitudes, TerrainHeights
from dronecheck.geofence.altitude.datum_check import without_doubted
from dronecheck.geofence.result import Finding, FlightAnswer, Place, Result
from dronecheck.geofence.trajectory.trajectory import Trajectory
from dronecheck.report.case import Case, Disclosure
from dronecheck.report.text.words import Words
from dronecheck.report.views.along import Along
from dronecheck.report.views.logged import LoggedEvent, logged_events

__all__ = ["Redacted", "redact"]

_NOTHING_PRIVATE = Disclosure()


@dataclass(frozen=True, eq=False)
class Redacted:
    """`whole` and `told` for words and figures (times, counts); `flight` and `result` for all that is drawn.

    Both results have the same findings without the places to hide; the stretches of `result` are rows of `flight`.

    `rows` are the numbers, in the whole flight, of the primary track's rows that are left; shape (n,).
    """

    whole: Flight
    told: Result
    flight: Flight
    result: Result
    rows: Ints
    zones: ZoneSet | None
    terrain: TerrainHeights | None
    disclosure: Disclosure

    @property
    def hidden_m(self) -> float | None:
        """Return the radius around the take-off that is left out, metres; None where nothing is."""
        return self.disclosure.hide_home_m

    @cached_property
    def trajectory(self) -> Trajectory:
        """Return the flown path that is drawn, prepared once for all reports."""
        return Trajectory(self.flight.track, self.result.settings.thresholds)

    @cached_property
    def along(self) -> Along:
        """Return what charts and plots run along."""
        return Along.of(self.whole, self.rows)

    @cached_property
    def altitudes(self) -> Altitudes:
        """Return the heights along `trajectory`, against the terrain where there is any."""
        takeoff = self.result.takeoff
        return Altitudes(
            self.trajectory, self.result.settings, home=self.flight.home, takeoff=takeoff, ground=self.terrain,
            doubted=self.result.doubted,
        )  # fmt: skip

    @property
    def beside(self) -> tuple[Track, ...]:
        """Return the other tracks that are judged: sources that contradict the drawn one, and other vehicles."""
        others = () if self.hidden_m is not None else self.flight.others
        every = (*(self.flight.tracks[name] for name in self.flight.rivals), *(other.track for other in others))
        return tuple(track for track in every if len(track))

    @cached_property
    def logged(self) -> tuple[LoggedEvent, ...]:
        """Return what the log says in its own words, as far as it may be told."""
        return logged_events(
            self.whole, self.flight.track, private=self.disclosure.private, is_hiding=self.hidden_m is not None
        )

    def is_cut(self) -> NDArray[np.bool_]:
        """Tell between which neighbouring rows something was taken out, or another part begins, shape (n - 1,)."""
        return np.asarray((np.diff(self.rows) > 1) | (np.diff(self.flight.track.part) != 0), dtype=np.bool_)

    def hiding_note(self, say: Words) -> str:
        """Return what is left out, for whoever looks at a page or a plot; "" where nothing is."""
        if self.hidden_m is None:
            return ""
        left_out = [say("All within {hidden_m:g} m of the take-off is left out.", hidden_m=self.hidden_m)]
        if not len(self.rows):
            left_out.append(say("That is the whole flight, so there is no map."))
        return say.sentences(left_out)


def redact(case: Case, disclosure: Disclosure = _NOTHING_PRIVATE) -> Redacted:
    """Take out of a case what may not be told: places within `hide_home_m` of take-off, home point and first fix.

    The logged home point goes altogether; so does the controller's track, which starts where the pilot stands.
    """
    result, hide_home_m = case.result, disclosure.hide_home_m
    flight = without_doubted(case.flight, result.doubted)  # what is in doubt is told nowhere as a fact
    if hide_home_m is None:
        rows = np.arange(len(flight.track), dtype=np.int64)
        return Redacted(flight, result, flight, result, rows, case.zones, case.terrain, disclosure)
    track = flight.track
    first = [Place(float(track.lat_deg[0]), float(track.lon_deg[0]))] if len(track) else []
    home = [Place(flight.home.lat_deg, flight.home.lon_deg)] if flight.home else []
    starts = [_start(flight, answer) for answer in result.flights[1:]]
    takeoffs = [f.takeoff for f in result.flights if f.takeoff]
    middles = [*first, *home, *([result.takeoff] if result.takeoff else []), *starts, *takeoffs]
    kept = {name: _far_rows(t, middles, hide_home_m) for name, t in flight.tracks.items() if name != OPERATOR}
    rows = kept.get(flight.primary, np.empty(0, dtype=np.int64))
    tracks = {name: flight.tracks[name].where(far) for name, far in kept.items()}
    cut = replace(flight, tracks=tracks, home=None)
    findings = tuple(_without_places(f, middles, hide_home_m) for f in result.findings)
    nearest = tuple(replace(n, place=_far(n.place, middles, hide_home_m)) for n in result.nearest)
    told = replace(result, findings=findings, nearest=nearest, takeoff=None)
    drawn = replace(told, findings=tuple(replace(f, rows=_renumbered(f.rows, rows)) for f in findings))
    whole = replace(flight, home=None)
    return Redacted(whole, told, cut, drawn, rows, case.zones, case.terrain, disclosure)


def _start(flight: Flight, answer: FlightAnswer) -> Place:
    """Return the first place of one of a log's flights, of whichever vehicle."""
    track = flight.track
    if answer.system not in (None, flight.vehicle.system):
        track = (flight.of_system(answer.system) or flight).track
    return Place(float(track.lat_deg[answer.first]), float(track.lon_deg[answer.first]))


def _far_rows(track: Track, middles: list[Place], radius_m: float) -> Ints:
    distance_m = np.full(len(track), inf)
    for middle in middles:
        if len(track):
            away_m = geodesic_m(track.lon_deg, track.lat_deg, middle.lon_deg, middle.lat_deg)
            distance_m = np.minimum(distance_m, away_m)
    return np.flatnonzero(distance_m > radius_m)


def _far(place: Place | None, middles: list[Place], radius_m: float) -> Place | None:
    if place is None or any(
        float(geodesic_m(place.lon_deg, place.lat_deg, m.lon_deg, m.lat_deg)[0]) <= radius_m for m in middles
    ):
        return None
    return place


def _without_places(finding: Finding, middles: list[Place], radius_m: float) -> Finding:
    entry, exit_ = (_far(place, middles, radius_m) for place in (finding.entry, finding.exit))
    return replace(
        finding,
        entry=entry,
        exit=exit_,
        entry_sigma_m=finding.entry_sigma_m if entry else None,
        exit_sigma_m=finding.exit_sigma_m if exit_ else None,
        deepest=_far(finding.deepest, middles, radius_m),
    )


def _renumbered(stretches: tuple[tuple[float, float], ...], rows: Ints) -> tuple[tuple[float, float], ...]:
    """Turn intervals of the whole track, in fractional rows, into intervals of the rows that are left."""
    if not len(rows):
        return ()
    ends = np.flatnonzero(np.diff(rows) > 1)
    firsts, lasts = np.append(0, ends + 1), np.append(ends, len(rows) - 1)
    found = []
    for begin, end in stretches:
        for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True):
            a, b = max(begin, float(rows[first])), min(end, float(rows[last]))
            if a < b:
                found.append((first + a - float(rows[first]), first + b - float(rows[first])))
    return tuple(found)
