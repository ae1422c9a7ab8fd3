"""Each shot answered: where its camera was, what it looks into, what it gives away, and whether a log agrees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import shapely

from dronecheck.airspace.zone import ZoneSet
from dronecheck.errors import UnreadableInput, UsageError
from dronecheck.footage.camera import Camera, ViewDoubt
from dronecheck.footage.film import Episode, FilmAnswer, FilmTerritory, judge_film
from dronecheck.footage.own_place import OwnPlace
from dronecheck.footage.picture import PictureAnswer, TerritoryRelation, judge_picture
from dronecheck.footage.relation import FootageRelation
from dronecheck.footage.shots.subtitles import film_of_subtitles
from dronecheck.footage.shots.walk import ShotFiles
from dronecheck.footage.view.landscape import landscape_at
from dronecheck.geo.plane import boxes_meeting
from dronecheck.geofence.result import Status, Verdict
from dronecheck.media import read
from dronecheck.media.model import CameraPosition, FilmTrack, MediaItem, MediaKind
from dronecheck.media.reveals import Reveal, RevealGravity, gravity_of, reveals_of
from dronecheck.readers import read_input
from dronecheck.safe.io import open_input, plain
from dronecheck.settings import CheckSetup
from dronecheck.timebase import ns_of

__all__ = ["PLACE_UNKNOWN_IN_PARTS", "ShotAnswer", "ShotRead", "answered", "read_shot"]

PLACE_UNKNOWN_IN_PARTS = "place_unknown_in_parts"  # a film without a place for every second
_SUBTITLE_SIGMA_M = 5.0
_CLOCK_SIGMA_S = 2.0  # of a camera's clock whose zone is known
_SPEED_MPS, _LEAST_M, _FARTHEST_M = 30.0, 1_000.0, 15_000.0  # as of a flight that begins in the air


@dataclass(frozen=True, eq=False)
class ShotRead:
    """What the files of a shot say. `item` is None where the main file could not be read, and `failure` says why."""

    files: ShotFiles
    item: MediaItem | None
    siblings: tuple[MediaItem, ...] = ()
    failure: tuple[str, str] | None = None  # code, message


@dataclass(frozen=True, eq=False)
class ShotAnswer:
    """All that is said of one shot; `answer` is None where nothing could be judged.

    `reveals` are those of its main file and of what lies beside it, each with the name of its file.
    """

    shot: ShotRead
    answer: PictureAnswer | FilmAnswer | None
    reveals: tuple[tuple[str, Reveal], ...] = ()
    may_have_left: bool = False  # of a film: where its place is not known it may have been elsewhere

    @property
    def verdict(self) -> Verdict | None:
        """Return the verdict on the camera's own place; None of a file that could not be read."""
        if self.shot.item is None:
            return None
        if self.answer is None or ViewDoubt.NO_POSITION in self.doubts or ViewDoubt.POSITION_INVALID in self.doubts:
            return Verdict.INCONCLUSIVE
        verdict = self.answer.result.verdict
        return Verdict.INCONCLUSIVE if verdict is Verdict.CLEAR and self.may_have_left else verdict

    @property
    def reasons(self) -> tuple[str, ...]:
        """Return why the verdict is what it is: codes of the checks that have it, and what is missing of the place."""
        if self.answer is None:
            return ()
        missing = [d.value for d in self.doubts if d in (ViewDoubt.NO_POSITION, ViewDoubt.POSITION_INVALID)]
        if not missing and self.answer.result.verdict is Verdict.CLEAR and self.may_have_left:
            missing = [PLACE_UNKNOWN_IN_PARTS]
        told = [
            reason.value
            for check in self.answer.result.checks
            if check.status is not Status.NOT_CHECKED and check.verdict is self.verdict
            for reason in check.reasons
        ]
        return tuple(dict.fromkeys(missing or told))

    @property
    def doubts(self) -> tuple[ViewDoubt, ...]:
        """Return what is missing of place, pose, lens or height; of a film at its first sample."""
        if isinstance(self.answer, FilmAnswer):
            return self.answer.pictures[0].doubts if self.answer.pictures else ()
        return self.answer.doubts if self.answer is not None else ()

    @property
    def gravity(self) -> RevealGravity:
        """Return how much the files of the shot give away."""
        return gravity_of([reveal for _, reveal in self.reveals])

    def may_be_in(self, language: str) -> list[str]:
        """Return the names of the territories of which the errors leave open in which a photo was taken."""
        told = self.answer.territories if self.answer is not None else ()
        return [each.territory.name(language) for each in told if _is_open(each)]

    def relations(self, language: str) -> Iterator[tuple[str, FootageRelation, tuple[Episode, ...]]]:
        """Yield name and relation of each territory and zone that is not outside, and the episodes of a film.

        Those that the camera itself may have been in, and does not surely look into, are left to `may_be_in`.
        """
        if self.answer is None:
            return
        for territory in self.answer.territories:
            if _is_open(territory) and territory.relation is not FootageRelation.LOOKS_INTO:
                continue
            yield territory.territory.name(language), territory.relation, getattr(territory, "episodes", ())
        for zone in self.answer.zones:
            yield zone.zone.name, zone.relation, getattr(zone, "episodes", ())


def _is_open(territory: TerritoryRelation | FilmTerritory) -> bool:
    """Tell whether a photo's camera may have been in a territory, within the errors of both."""
    return isinstance(territory, TerritoryRelation) and territory.place is OwnPlace.OPEN


def read_shot(files: ShotFiles, ahead_h: float | None = None) -> ShotRead:
    """Read the files of a shot; none that cannot be read stops another.

    `ahead_h` is how far its clock is ahead of UTC, hours, where the user knows it.
    """
    try:
        item = _in_zone(_read(files.path), ahead_h)
    except UnreadableInput as error:
        return ShotRead(files, None, failure=(error.code, error.message))
    except UsageError as error:
        return ShotRead(files, None, failure=("cannot_be_opened", plain(error)))
    siblings = list[MediaItem]()
    for path in files.siblings:
        try:
            siblings.append(_read(path))
        except (UnreadableInput, UsageError):
            continue  # what is beside is named by its path; nothing of it is claimed
    if item.film is None:
        beside = next((s.film for s in siblings if s.kind is MediaKind.SUBTITLES and s.film is not None), None)
        item = _with_film(item, beside) if beside is not None and item.kind is MediaKind.MP4 else item
    return ShotRead(files, item, tuple(siblings))


def _in_zone(item: MediaItem, ahead_h: float | None) -> MediaItem:
    """Return an item whose clock's digits are read in a zone that the user knows; what states UTC keeps it."""
    time = item.time
    if ahead_h is None or time is None or time.utc_ns is not None or not time.local:
        return item
    try:
        utc = datetime.fromisoformat(time.local).replace(tzinfo=UTC) - timedelta(hours=ahead_h)
    except ValueError:
        return item
    offset_s = round(3600 * ahead_h)
    return replace(item, time=replace(time, utc_ns=ns_of(utc), offset_s=offset_s, sigma_s=_CLOCK_SIGMA_S))


def _read(path: Path) -> MediaItem:
    source = open_input(path)
    if path.suffix.lower() != ".srt":
        return read(source)
    flight = read_input(source)
    film = film_of_subtitles(flight)
    item = MediaItem(
        path.name, source.size_bytes, source.sha256, MediaKind.SUBTITLES, model=flight.vehicle.model or None,
        issues=flight.issues,
    )  # fmt: skip
    return _with_film(item, film) if film is not None else item


def _with_film(item: MediaItem, film: FilmTrack) -> MediaItem:
    place = CameraPosition(float(film.lat_deg[0]), float(film.lon_deg[0]), _SUBTITLE_SIGMA_M, film.source)
    return replace(item, film=film, position=item.position or place)


def answered(shots: Sequence[ShotRead], setup: CheckSetup, home: str | None = None) -> Iterator[ShotAnswer]:
    """Judge shots one by one; `home` is the territory of a take-off that a log knows, where the user names none.

    Raises UsageError for settings that cannot be right.
    """
    settings = replace(setup.settings, home=setup.settings.home or home)
    for shot in shots:
        if shot.item is None:
            yield ShotAnswer(shot, None)
            continue
        yield replace(_judged(shot, shot.item, replace(setup, settings=settings)), reveals=_reveals(shot))


def _judged(shot: ShotRead, item: MediaItem, setup: CheckSetup) -> ShotAnswer:
    camera = Camera.of(item)
    zones = setup.airspace.zones_for(camera.as_flight())
    ground = setup.ground.anew() if setup.ground else None
    if item.kind not in (MediaKind.MP4, MediaKind.GPMF, MediaKind.SUBTITLES):
        return ShotAnswer(shot, judge_picture(camera, zones, setup.settings, ground=ground, geoid=setup.geoid))
    answer = judge_film(item, zones, setup.settings, ground=ground, geoid=setup.geoid)
    is_open = answer.other_territories is FootageRelation.UNKNOWN and camera.has_place
    return ShotAnswer(shot, answer, may_have_left=is_open and _may_have_left(item, camera, zones))


def _may_have_left(item: MediaItem, camera: Camera, zones: ZoneSet | None) -> bool:
    """Tell whether a film may have been in another territory, or in a zone, where it does not say its place."""
    lon_deg, lat_deg = camera.lonlat_deg
    reach_m = min(max(_SPEED_MPS * (item.duration_s or np.inf), _LEAST_M), _FARTHEST_M)
    landscape = landscape_at(lon_deg, lat_deg, reach_m)
    at = shapely.Point(*landscape.plane.forward(np.array([[lon_deg, lat_deg]]))[0])
    if sum(shapely.dwithin(area.polygon, at, reach_m) for _, area in landscape.territories) > 1:
        return True
    if zones is None:
        return False
    return bool(zones.incomplete) or bool(boxes_meeting(zones.boxes_deg, landscape.box_deg).any())


def _reveals(shot: ShotRead) -> tuple[tuple[str, Reveal], ...]:
    items = (shot.item, *shot.siblings)
    found = [(item.name, reveal) for item in items if item is not None for reveal in reveals_of(item)]
    return tuple(found)
