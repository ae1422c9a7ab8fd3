"""What a report shows of a flight: all of it, or all but the surroundings of take-off, landing and home point.

Nothing is hidden by being left undrawn: rows, places and distances are taken out before anything is drawn, measured or
written, so that map, charts, tables and embedded JSON cannot differ. `homes` finds the places, `circles` moves what is
hidden around them so that its middle is none of them, `untold` takes out of a result what would tell them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dronecheck.aerodromes import NearAerodromes, near_aerodromes
from dronecheck.airspace.zone import ZoneSet
from dronecheck.arrays import Ints
from dronecheck.flight import OPERATOR, Flight, RecordHeader, Track
from dronecheck.geofence.activation.daylight import Daylight, daylight
from dronecheck.geofence.altitude.altitudes import Altitudes, TerrainHeights
from dronecheck.geofence.altitude.datum_check import without_doubted
from dronecheck.geofence.result import Place, Result
from dronecheck.geofence.trajectory.trajectory import Trajectory
from dronecheck.quantities import AsWritten
from dronecheck.report.case import Case, Disclosure
from dronecheck.report.privacy.circles import Circles
from dronecheck.report.privacy.homes import PLACE_WORDS, Homes, PlaceKind, homes_of
from dronecheck.report.privacy.untold import LEAST_TOLD_M, Untold, without_home_figures, worst_sigma_m
from dronecheck.report.text.words import ELSEWHERE, Words, words_of
from dronecheck.report.views.along import Along
from dronecheck.report.views.logged import LoggedEvent, logged_events

if TYPE_CHECKING:
    from dronecheck.report.views.border_distance import BorderSeries

__all__ = ["Redacted", "redact"]

_NOTHING_PRIVATE = Disclosure()
_BETTER = {PlaceKind.FIRST_LOW: PlaceKind.TAKEOFF, PlaceKind.LAST_LOW: PlaceKind.LANDING}  # which says it already


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
    kinds: tuple[PlaceKind, ...] = ()  # of the places around which something is left out
    circles: Circles | None = None

    @property
    def hidden_m(self) -> float | None:
        """Return the radius around home that is left out at least, metres; None where nothing was to be."""
        return self.disclosure.hide_home_m

    def words(self, surface: str = ELSEWHERE) -> Words:
        """Return the words of the result's language for a surface: without verdicts where only facts are told."""
        return words_of(self.told.settings, surface, facts_only=self.disclosure.facts_only)

    @cached_property
    def light(self) -> Daylight | None:
        """Return the light at the places that are told: the second of a sunset would tell a place."""
        return daylight(self.flight.track, self.whole.clock)

    @cached_property
    def border(self) -> BorderSeries | None:
        """Return the distance to the border in question along the way; None where it may not be told."""
        from dronecheck.report.views.border_distance import border_profile  # GEOS, where it is drawn

        series = border_profile(self.trajectory, self.result)
        if series is None or self.hidden_m is None:
            return series
        return series if float(np.abs(series.distance_m).min()) >= LEAST_TOLD_M else None

    @cached_property
    def aerodromes(self) -> NearAerodromes | None:
        """Return the aerodromes near the way, or near a header's start; None where distances to three tell a place."""
        track, header = self.whole.track, self.whole.header
        if self.hidden_m is not None or not (len(track) or (header is not None and np.isfinite(header.lat_deg))):
            return None
        if header is not None and not len(track):
            return near_aerodromes(np.array([header.lat_deg]), np.array([header.lon_deg]))
        return near_aerodromes(track.lat_deg, track.lon_deg)

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
        rivals = (self.flight.tracks[name] for name in self.flight.rivals)
        every = (*rivals, *(other.track for other in self.flight.others))
        return tuple(track for track in every if len(track))

    @cached_property
    def logged(self) -> tuple[LoggedEvent, ...]:
        """Return what the log says in its own words, as far as it may be told."""
        said = logged_events(
            self.whole, self.flight.track, private=self.disclosure.private, is_hiding=self.hidden_m is not None
        )
        circles, sigma_m = self.circles, worst_sigma_m(self.whole.track)
        if circles is None:
            return said
        return tuple(
            replace(each, place=None) if each.place and circles.hides_written(each.place, sigma_m) else each
            for each in said
        )

    def is_cut(self) -> NDArray[np.bool_]:
        """Tell between which neighbouring rows something was taken out, or another part begins, shape (n - 1,)."""
        return np.asarray(np.diff(self.flight.track.part) != 0, dtype=np.bool_)

    def hiding_note(self, say: Words) -> str:
        """Return what is left out, for whoever looks at a page or a plot; "" where nothing is."""
        if self.hidden_m is None:
            return ""
        if not self.kinds:
            return say("Nothing could be hidden: the log tells neither take-off nor landing nor home point.")
        places = say.listed(say(PLACE_WORDS[kind]) for kind in self.kinds)
        left_out = [
            say("All within {hidden_m:g} m of these places is left out: {places}.", hidden_m=AsWritten(self.hidden_m),
                places=places)
        ]  # fmt: skip
        if not len(self.rows) and not (self.flight.header is not None and self.flight.header.pictures):
            left_out.append(say("That is the whole flight, so there is no map."))
        return say.sentences(left_out)


def redact(case: Case, disclosure: Disclosure = _NOTHING_PRIVATE) -> Redacted:
    """Take out of a case what may not be told: all near take-off, landing and home point, as far as the log tells them.

    The logged home point goes altogether; so does the controller's track, which starts where the pilot stands, and the
    tracks of other vehicles.
    """
    result, hide_home_m = case.result, disclosure.hide_home_m
    flight = without_doubted(case.flight, result.doubted)  # what is in doubt is told nowhere as a fact
    if hide_home_m is None:
        rows = np.arange(len(flight.track), dtype=np.int64)
        return Redacted(flight, result, flight, result, rows, case.zones, case.terrain, disclosure)
    homes = homes_of(flight, result)
    if disclosure.homes is not None:
        homes = homes.with_others(disclosure.homes)
    circles = Circles.around(homes, hide_home_m)
    is_hidden = circles.hidden_rows(flight.track)
    tracks = {name: _left(track, circles) for name, track in flight.tracks.items() if name != OPERATOR}
    header = _told_header(flight.header, circles)
    cut = replace(flight, tracks=tracks, home=None, others=(), header=header)
    told = Untold(circles, flight.track, is_hidden).result(result)
    if flight.header is None or len(flight.track):
        told = replace(told, distance_m=Trajectory(cut.track, result.settings.thresholds).length_m)
    rows = np.flatnonzero(~is_hidden).astype(np.int64)
    drawn = replace(told, findings=tuple(replace(f, rows=_renumbered(f.rows, rows)) for f in told.findings))
    whole = without_home_figures(replace(flight, home=None, header=header))
    kinds = _kinds(homes, hide_home_m, flight.track)
    return Redacted(whole, told, cut, drawn, rows, case.zones, case.terrain, disclosure, kinds, circles)


def _told_header(header: RecordHeader | None, circles: Circles) -> RecordHeader | None:
    """Return what a header says without the start, and without the pictures that were taken near it."""
    if header is None:
        return None
    left = tuple(place for place in header.pictures if not circles.hides_written(Place(*place), None))
    return replace(header, lat_deg=float("nan"), lon_deg=float("nan"), pictures=left)


def _left(track: Track, circles: Circles) -> Track:
    """Return the fixes that are told; where a way between two of them would lead through a circle, a part ends."""
    is_hidden = circles.hidden_rows(track)
    rows = np.flatnonzero(~is_hidden)
    left = track.where(rows)
    ends = (np.diff(track.part[rows]) != 0) | (np.diff(rows) > 1) | circles.hidden_steps(left)
    return left.replace(part=np.concatenate([[0], np.cumsum(ends)]) if len(left) else left.part)


def _kinds(homes: Homes, hide_m: float, track: Track) -> tuple[PlaceKind, ...]:
    """Return what the log tells of home, in the order of the kinds; and whether other logs tell more of it."""
    own = tuple(each for each in homes.places if each.kind is not PlaceKind.OTHER_LOG)
    by_all, by_own = (
        Circles.around(replace(homes, places=some), hide_m).hidden_rows(track) for some in (homes.places, own)
    )
    kinds = {each.kind for each in own} | ({PlaceKind.OTHER_LOG} if (by_all & ~by_own).any() else set())
    return tuple(kind for kind in PlaceKind if kind in kinds and _BETTER.get(kind) not in kinds)


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
