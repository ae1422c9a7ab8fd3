"""Each shot answered: where its camera was, what it looks into, what it gives away, and whether a log agrees.

Every file of a shot is judged that says anything of its own, and so is each track of a film; the gravest speaks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely

from dronecheck.airspace.zone import ZoneSet
from dronecheck.footage.camera import Camera, ViewDoubt
from dronecheck.footage.film import Episode, FilmAnswer, FilmTerritory, FilmZone, film_flight, judge_film
from dronecheck.footage.own_place import OwnPlace
from dronecheck.footage.picture import PictureAnswer, TerritoryRelation, ZoneRelation, judge_picture
from dronecheck.footage.relation import FootageRelation, most_serious
from dronecheck.footage.shots.contradictions import says_the_same
from dronecheck.footage.shots.files import ShotRead, read_shot
from dronecheck.footage.view.landscape import landscape_at
from dronecheck.geo.plane import boxes_meeting
from dronecheck.geofence.result import Finding, Status, Verdict, worst
from dronecheck.media.model import CameraPosition, FilmTrack, MediaItem, MediaKind
from dronecheck.media.reveals import Reveal, RevealGravity, gravity_of, reveals_of
from dronecheck.media.tags.film_rows import in_range
from dronecheck.settings import CheckSetup

__all__ = [
    "FILES_CONTRADICT", "FILE_UNREADABLE", "PLACE_UNKNOWN_IN_PARTS", "JudgedFile", "ShotAnswer", "ShotRead",
    "answered", "read_shot",
]  # fmt: skip

PLACE_UNKNOWN_IN_PARTS = "place_unknown_in_parts"  # a film without a place for every second
FILES_CONTRADICT = "files_contradict"  # files of one shot, or tracks of one film, state places that cannot all be true
FILE_UNREADABLE = "file_unreadable"  # a picture or film of the shot that cannot be read
_SPEED_MPS, _LEAST_M, _FARTHEST_M = 30.0, 1_000.0, 15_000.0  # as of a flight that begins in the air
_FILMS = (MediaKind.MP4, MediaKind.GPMF, MediaKind.SUBTITLES)
_NO_PLACE = (ViewDoubt.NO_POSITION, ViewDoubt.POSITION_INVALID)


@dataclass(frozen=True, eq=False)
class JudgedFile:
    """One file of a shot, or one track of a film, and what was found of it by itself.

    `may_have_left` of a film: where its place is not known it may have been elsewhere. What is `is_doubted` accuses
    nobody: subtitles that may be another film's. What `decides_nothing` clears nobody either.
    """

    item: MediaItem
    answer: PictureAnswer | FilmAnswer
    may_have_left: bool = False
    is_doubted: bool = False
    decides_nothing: bool = False

    @property
    def verdict(self) -> Verdict:
        """Return the verdict on its place."""
        verdict = self.answer.result.verdict
        if self.lacks_place or self._is_in_doubt:
            return Verdict.INCONCLUSIVE
        return Verdict.INCONCLUSIVE if verdict is Verdict.CLEAR and self.may_have_left else verdict

    @property
    def _is_in_doubt(self) -> bool:
        return self.decides_nothing or (self.is_doubted and self.answer.result.verdict is Verdict.VIOLATION)

    @property
    def lacks_place(self) -> bool:
        """Tell whether it says no place that may decide anything."""
        return any(doubt in _NO_PLACE for doubt in self.doubts)

    @property
    def reasons(self) -> list[str]:
        """Return why the verdict is what it is: codes of the checks that have it, or what is missing of the place."""
        if self.lacks_place:
            return [doubt.value for doubt in self.doubts if doubt in _NO_PLACE]
        if self._is_in_doubt:
            return [FILES_CONTRADICT]
        if self.answer.result.verdict is Verdict.CLEAR and self.may_have_left:
            return [PLACE_UNKNOWN_IN_PARTS]
        return [
            reason.value
            for check in self.answer.result.checks
            if check.status is not Status.NOT_CHECKED and check.verdict is self.verdict
            for reason in check.reasons
        ]

    @property
    def doubts(self) -> tuple[ViewDoubt, ...]:
        """Return what is missing of place, pose, lens or height; of a film at its first sample with a place."""
        if not isinstance(self.answer, FilmAnswer):
            return self.answer.doubts
        told = [picture.doubts for picture in self.answer.pictures]
        placed = (doubts for doubts in told if not any(doubt in _NO_PLACE for doubt in doubts))
        return next(placed, told[0] if told else ())


@dataclass(frozen=True, eq=False)
class ShotAnswer:
    """All that is said of one shot; `judged` holds its main file and what else says a place of its own.

    It is empty where nothing could be judged. `reveals` are those of its main file and of what lies beside it, each
    with the name of its file. `is_open` tells that places which contradict each other leave open what they decide.
    """

    shot: ShotRead
    judged: tuple[JudgedFile, ...] = ()
    reveals: tuple[tuple[str, Reveal], ...] = ()
    is_open: bool = False

    @property
    def answer(self) -> PictureAnswer | FilmAnswer | None:
        """Return what was found of the main file; None where nothing could be judged."""
        return self.judged[0].answer if self.judged else None

    @property
    def verdict(self) -> Verdict | None:
        """Return the verdict on the camera's own place, the gravest of all files; None where none could be read."""
        if self.shot.item is None:
            return None
        told = worst([one.verdict for one in self.judged])
        return Verdict.INCONCLUSIVE if told is Verdict.CLEAR and (self.is_open or self.shot.unread) else told

    @property
    def reasons(self) -> tuple[str, ...]:
        """Return why the verdict is what it is: codes of the checks that have it, and what is missing of the place."""
        told = [reason for one in self.judged if one.verdict is self.verdict for reason in one.reasons]
        if self.verdict is Verdict.INCONCLUSIVE:
            told += [FILES_CONTRADICT] if self.is_open else []
            told += [FILE_UNREADABLE] if self.shot.unread else []
        return tuple(dict.fromkeys(told))

    @property
    def doubts(self) -> tuple[ViewDoubt, ...]:
        """Return what is missing of place, pose, lens or height in the main file."""
        return self.judged[0].doubts if self.judged else ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return what was found of all files."""
        return tuple(finding for one in self.judged for finding in one.answer.result.findings)

    @property
    def territories(self) -> tuple[TerritoryRelation | FilmTerritory, ...]:
        """Return the territories that are not outside for every file, each with its gravest relation."""
        found: dict[object, TerritoryRelation | FilmTerritory] = {}
        for each in (each for one in self.judged for each in one.answer.territories):
            known = found.get(each.territory)
            if known is None or _is_graver(each, known):
                found[each.territory] = each
        return tuple(found.values())

    @property
    def zones(self) -> tuple[ZoneRelation | FilmZone, ...]:
        """Return the zones that are not outside for every file, each with its gravest relation."""
        found: dict[str, ZoneRelation | FilmZone] = {}
        for each in (each for one in self.judged for each in one.answer.zones):
            known = found.get(each.zone.digest())
            if known is None or _is_graver(each, known):
                found[each.zone.digest()] = each
        return tuple(found.values())

    @property
    def other_territories(self) -> FootageRelation | None:
        """Return how all territories that are not named stand; None where nothing could be judged."""
        told = [one.answer.other_territories for one in self.judged]
        return most_serious(told) if told else None

    @property
    def other_zones(self) -> FootageRelation | None:
        """Return how all zones that are not named stand; None where nothing could be judged."""
        told = [one.answer.other_zones for one in self.judged]
        return most_serious(told) if told else None

    @property
    def gravity(self) -> RevealGravity:
        """Return how much the files of the shot give away."""
        return gravity_of([reveal for _, reveal in self.reveals])

    def may_be_in(self, language: str) -> list[str]:
        """Return the names of the territories of which the errors leave open in which a photo was taken."""
        return [each.territory.name(language) for each in self.territories if _is_open(each)]

    def relations(self, language: str) -> Iterator[tuple[str, FootageRelation, tuple[Episode, ...]]]:
        """Yield name and relation of each territory and zone that is not outside, and the episodes of a film.

        Those that the camera itself may have been in, and does not surely look into, are left to `may_be_in`.
        """
        for territory in self.territories:
            if _is_open(territory) and territory.relation is not FootageRelation.LOOKS_INTO:
                continue
            yield territory.territory.name(language), territory.relation, getattr(territory, "episodes", ())
        for zone in self.zones:
            yield zone.zone.name, zone.relation, getattr(zone, "episodes", ())


def _is_graver(
    one: TerritoryRelation | FilmTerritory | ZoneRelation | FilmZone,
    other: TerritoryRelation | FilmTerritory | ZoneRelation | FilmZone,
) -> bool:
    return one.relation is not other.relation and most_serious([one.relation, other.relation]) is one.relation


def _is_open(territory: TerritoryRelation | FilmTerritory) -> bool:
    """Tell whether a photo's camera may have been in a territory, within the errors of both."""
    return isinstance(territory, TerritoryRelation) and territory.place is OwnPlace.OPEN


def answered(shots: Sequence[ShotRead], setup: CheckSetup, home: str | None = None) -> Iterator[ShotAnswer]:
    """Judge shots one by one; `home` is the territory of a take-off that a log knows, where the user names none.

    Raises UsageError for settings that cannot be right.
    """
    known = replace(setup, settings=replace(setup.settings, home=setup.settings.home or home))
    for shot in shots:
        if shot.item is None:
            yield ShotAnswer(shot, reveals=_reveals(shot))
            continue
        judged = tuple(_judged(item, shot, known) for item in _to_judge(shot, shot.item))
        is_clear = all(one.verdict is Verdict.CLEAR for one in judged)
        is_open = is_clear and shot.apart_m > 0 and _matters(judged, shot, known)
        yield ShotAnswer(shot, judged, _reveals(shot), is_open)


def _to_judge(shot: ShotRead, main: MediaItem) -> Iterator[MediaItem]:
    """Yield the main file, each further track of it, and each file beside it that says something else."""
    yield from _tracks_of(main)
    for other in shot.siblings:
        is_picture = shot.files.is_panorama and other.kind not in (*_FILMS, MediaKind.UNKNOWN)
        if is_picture or not says_the_same(main, other):
            yield from _tracks_of(other)


def _tracks_of(item: MediaItem) -> Iterator[MediaItem]:
    """Yield a file as its first track has it, and as each other one with a usable place that is not the same."""
    yield item
    for film in item.other_films:
        at = _first_place(film, item)
        if at is None:
            continue
        alone = replace(item, film=film, other_films=(), position=at)
        if item.film is None or not says_the_same(replace(item, other_films=()), alone):
            yield alone


def _first_place(film: FilmTrack, item: MediaItem) -> CameraPosition | None:
    rows = np.flatnonzero(film.is_usable & in_range(film.lat_deg, film.lon_deg))
    if not len(rows):
        return None
    row = int(rows[0])
    sigma_m = item.position.h_sigma_m if item.position is not None else float("nan")
    return CameraPosition(float(film.lat_deg[row]), float(film.lon_deg[row]), sigma_m, film.source)


def _judged(item: MediaItem, shot: ShotRead, setup: CheckSetup) -> JudgedFile:
    camera = Camera.of(item)
    flight = film_flight(item)
    zones = setup.airspace.zones_for(flight if flight is not None else camera.as_flight())
    ground = setup.ground.anew() if setup.ground else None
    if item.kind not in _FILMS:
        return JudgedFile(item, judge_picture(camera, zones, setup.settings, ground=ground, geoid=setup.geoid))
    answer = judge_film(item, zones, setup.settings, ground=ground, geoid=setup.geoid)
    is_borrowed = item.film is not None and item.film.source in shot.doubted and item.kind is MediaKind.MP4
    return JudgedFile(item, answer, _may_have_left(answer, zones), item.name in shot.doubted, is_borrowed)


def _matters(judged: Sequence[JudgedFile], shot: ShotRead, setup: CheckSetup) -> bool:
    """Tell whether a file that is clear by itself is not, if it may be as far off as the places are apart."""
    for one in judged:
        at = one.item.position
        if at is None:
            continue
        wide = replace(at, h_sigma_m=float(np.fmax(at.h_sigma_m, shot.apart_m)))
        if _judged(replace(one.item, position=wide), shot, setup).verdict is not Verdict.CLEAR:
            return True
    return False


def _may_have_left(answer: FilmAnswer, zones: ZoneSet | None) -> bool:
    """Tell whether a film may have been in another territory, or in a zone, where it does not say its place.

    From each place that it says beside such a stretch, as far as a drone flies in it.
    """
    for silence in answer.silences:
        for place in silence.places:
            least_m = 0.0 if silence.is_between else _LEAST_M
            reach_m = min(max(_SPEED_MPS * silence.length_s, least_m), _FARTHEST_M)
            if _is_more_in_reach(*place, reach_m, zones):
                return True
    return False


def _is_more_in_reach(lon_deg: float, lat_deg: float, reach_m: float, zones: ZoneSet | None) -> bool:
    landscape = landscape_at(lon_deg, lat_deg, reach_m)
    at = shapely.Point(*landscape.plane.forward(np.array([[lon_deg, lat_deg]]))[0])
    if sum(shapely.dwithin(area.polygon, at, reach_m) for _, area in landscape.territories) > 1:
        return True
    if zones is None:
        return False
    return bool(zones.incomplete) or bool(boxes_meeting(zones.boxes_deg, landscape.box_deg).any())


def _reveals(shot: ShotRead) -> tuple[tuple[str, Reveal], ...]:
    return tuple((item.name, reveal) for item in shot.items for reveal in reveals_of(item))
