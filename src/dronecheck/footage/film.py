"""A film: every sample of its track judged as a picture, told as episodes of one relation each.

A sample that differs from the last one judged by less than the errors of a camera is told as that one, and one with
nothing but its own territory in any reach as that (`calm`). The way itself is judged whole. Where the track is silent,
and behind its end, nothing is known.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import pairwise
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from dronecheck.airspace.zone import Zone, ZoneSet
from dronecheck.borders.territories import Territory
from dronecheck.flight import Flight, Track
from dronecheck.footage.calm import calm_samples
from dronecheck.footage.camera import Camera, is_on_globe
from dronecheck.footage.picture import PictureAnswer, judge_picture, judge_sample
from dronecheck.footage.relation import FootageRelation, most_serious
from dronecheck.geo.plane import local_offsets_m, wrap_lon
from dronecheck.geofence.altitude.altitudes import TerrainHeights
from dronecheck.geofence.engine import check
from dronecheck.geofence.result import Result
from dronecheck.geofence.settings import Settings
from dronecheck.media.model import (
    CameraHeight,
    CameraPose,
    CameraPosition,
    CaptureTime,
    FilmTrack,
    MediaItem,
    PositionStatus,
)

if TYPE_CHECKING:
    from dronecheck.geo.vertical.geoid import Geoid

__all__ = [
    "Episode", "FilmAnswer", "FilmTerritory", "FilmZone", "Silence", "film_flight", "judge_film", "sample_camera"
]  # fmt: skip

_MOVED_M, _CLIMBED_M, _TURNED_DEG, _TILTED_DEG, _LONGEST_S = 10.0, 5.0, 3.0, 1.0, 10.0
_SILENT_S, _LONGEST_FILM_S = 3.0, 1e7
_POSE_SIGMA_DEG = (5.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Episode:
    """A stretch of a film with one relation, seconds from its begin; `from_utc_ns` None where UTC is not proven."""

    relation: FootageRelation
    from_s: float
    to_s: float
    from_utc_ns: int | None


@dataclass(frozen=True, slots=True)
class FilmTerritory:
    """How a film stands to a territory: the most serious relation, and all of them in order of time."""

    territory: Territory
    relation: FootageRelation
    episodes: tuple[Episode, ...]


@dataclass(frozen=True, slots=True)
class FilmZone:
    """How a film stands to a zone: the most serious relation, and all of them in order of time."""

    zone: Zone
    relation: FootageRelation
    episodes: tuple[Episode, ...]


@dataclass(frozen=True, slots=True)
class FilmAnswer:
    """What a film says. `result` judges its whole track as `check` does a flight.

    `pictures` are the samples judged, the first among them. What is not named in `territories` or `zones` stands as
    `other_territories` and `other_zones` say.
    """

    result: Result
    territories: tuple[FilmTerritory, ...]
    zones: tuple[FilmZone, ...]
    other_territories: FootageRelation
    other_zones: FootageRelation
    pictures: tuple[PictureAnswer, ...]
    silences: tuple[Silence, ...] = ()


@dataclass(frozen=True, slots=True)
class Silence:
    """A stretch in which a film says no place, s, and the places (longitude, latitude) that it says beside it."""

    length_s: float  # infinite where the film does not say how long it is
    places: tuple[tuple[float, float], ...]

    @property
    def is_between(self) -> bool:
        """Tell whether a place is known on both sides."""
        return len(self.places) > 1


@dataclass(frozen=True, slots=True)
class _FilmStretch:
    """One stretch of a film and the relations that hold in it: by territory, by a zone's digest, and of all others."""

    from_s: float
    to_s: float
    territories: Mapping[Hashable, FootageRelation] = field(default_factory=dict)
    zones: Mapping[Hashable, FootageRelation] = field(default_factory=dict)
    other_territories: FootageRelation = FootageRelation.UNKNOWN
    other_zones: FootageRelation = FootageRelation.UNKNOWN

    @classmethod
    def of(cls, from_s: float, to_s: float, answer: PictureAnswer) -> _FilmStretch:
        """Return the stretch that a picture speaks for."""
        return cls(
            from_s,
            to_s,
            {each.territory: each.relation for each in answer.territories},
            {each.zone.digest(): each.relation for each in answer.zones},
            answer.other_territories,
            answer.other_zones,
        )


def judge_film(
    item: MediaItem,
    zones: ZoneSet | None = None,
    settings: Settings | None = None,
    *,
    ground: TerrainHeights | None = None,
    geoid: Geoid | None = None,
) -> FilmAnswer:
    """Judge a film sample by sample; one without a track at its first instant alone, the rest of it is unknown.

    Raises UsageError for settings that cannot be right.
    """
    item = replace(item, film=_in_order(item.film)) if item.film is not None else item
    settings, track = settings or Settings(), item.film
    if track is None or not len(track.time_s):
        return _judged_begin(item, zones, settings, ground, geoid)
    rows = _chosen(track)
    cameras = [sample_camera(item, row) for row in rows]
    first = next((camera for camera in cameras if camera.has_place), cameras[0])
    start = judge_picture(first, zones, settings, ground=ground, geoid=geoid)
    flight = film_flight(item)
    result = start.result if flight is None else check(flight, zones, settings, ground=ground, geoid=geoid)
    calm = calm_samples(cameras, zones, settings, geoid) if ground is None else {}
    pictures, stretches = list[PictureAnswer](), list[_FilmStretch]()
    ends = _ends(track, rows, item.duration_s)
    for number, (row, camera, (end_s, silent_s)) in enumerate(zip(rows, cameras, ends, strict=True)):
        if camera is first:
            picture = start
        elif number in calm:
            picture = replace(start, result=result, territories=calm[number], zones=(), footprint=None)
        else:
            picture = judge_sample(camera, zones, settings, result, ground=ground, geoid=geoid)
        pictures.append(picture)
        stretches.append(_FilmStretch.of(float(track.time_s[row]), end_s, picture))
        if silent_s > end_s:
            stretches.append(_FilmStretch(end_s, silent_s))
    return _answer(item, result, pictures, stretches, _silences(track, item.duration_s))


def _judged_begin(
    item: MediaItem, zones: ZoneSet | None, settings: Settings, ground: TerrainHeights | None, geoid: Geoid | None
) -> FilmAnswer:
    """Judge a film at its first instant alone: the rest of it is unknown."""
    camera = Camera.of(item)
    start = judge_picture(camera, zones, settings, ground=ground, geoid=geoid)
    rest = _FilmStretch(0.0, item.duration_s or 0.0)
    places = (camera.lonlat_deg,) if camera.has_place else ()
    silence = Silence(item.duration_s or float("inf"), places)
    return _answer(item, start.result, [start], [_FilmStretch.of(0.0, 0.0, start), rest], [silence])


def _silences(track: FilmTrack, duration_s: float | None) -> list[Silence]:
    """Return where a track in order says no usable place for longer than fixes are apart."""
    rows = np.flatnonzero(track.is_usable & is_on_globe(track.lat_deg, track.lon_deg))
    if not len(rows):
        return []
    lon_deg = wrap_lon(track.lon_deg)
    places = [(float(lon_deg[row]), float(track.lat_deg[row])) for row in rows]
    times_s = track.time_s[rows].tolist()
    found = [
        Silence(after - before, (places[n], places[n + 1]))
        for n, (before, after) in enumerate(pairwise(times_s))
        if after - before > _SILENT_S
    ]
    ends = ((times_s[0], places[0]), ((duration_s or 0.0) - times_s[-1], places[-1]))
    return [*found, *(Silence(length_s, (place,)) for length_s, place in ends if length_s > _SILENT_S)]


def sample_camera(item: MediaItem, row: int) -> Camera:
    """Return the camera at one sample of a film's track. Raises ValueError for a film without one."""
    track = item.film
    if track is None:
        raise ValueError("the film has no track")
    status = PositionStatus.USABLE if track.is_usable[row] else PositionStatus.INVALID
    lat_deg, lon_deg = float(track.lat_deg[row]), float(track.lon_deg[row])
    sigma_m = item.position.h_sigma_m if item.position is not None else float("nan")
    position = CameraPosition(lat_deg, lon_deg, sigma_m, track.source, status)
    height = CameraHeight(
        home_m=_known(track.home_m[row]), amsl_m=_known(track.amsl_m[row]), hae_m=_known(track.hae_m[row]),
        sigma_m=item.height.sigma_m if item.height is not None else None, source=track.source,
    )  # fmt: skip
    yaw_deg, pitch_deg, roll_deg = (float(a[row]) for a in (track.yaw_deg, track.pitch_deg, track.roll_deg))
    pose = None
    if all(map(isfinite, (yaw_deg, pitch_deg, roll_deg))):
        sigma_deg, is_trusted = (item.pose.sigma_deg, item.pose.is_trusted) if item.pose else (_POSE_SIGMA_DEG, True)
        pose = CameraPose(yaw_deg, pitch_deg, roll_deg, sigma_deg, track.source, is_trusted)
    return Camera(position, height, pose, item.fov, _time(item, track, row), item.name)


def _in_order(track: FilmTrack) -> FilmTrack:
    """Return the samples that have a time, in its order; figures that are none are unknown."""
    rows = np.flatnonzero(np.abs(track.time_s) < _LONGEST_FILM_S)
    rows = rows[np.argsort(track.time_s[rows], kind="stable")]
    is_placed = is_on_globe(track.lat_deg, track.lon_deg)
    columns: dict[str, Any] = {
        f.name: np.where(np.isfinite(column), column, np.nan)[rows] if column.dtype.kind == "f" else column[rows]
        for f in fields(track)
        if isinstance(column := getattr(track, f.name), np.ndarray)
    }
    for name in ("lat_deg", "lon_deg"):
        columns[name][~is_placed[rows]] = np.nan
    return replace(track, **columns)


def _known(value: np.float64) -> float | None:
    return float(value) if isfinite(value) else None


def _time(item: MediaItem, track: FilmTrack, row: int) -> CaptureTime | None:
    """Return the time of a sample: its own, else the film's begin and the time since."""
    begin = item.time
    if track.utc_ns is not None:
        sigma_s = begin.sigma_s if begin is not None and begin.sigma_s is not None else 1.0
        return CaptureTime(int(track.utc_ns[row]), None, None, sigma_s, track.source)
    if begin is None or begin.utc_ns is None:
        return begin
    return replace(begin, utc_ns=begin.utc_ns + round(float(track.time_s[row]) * 1e9))


def _chosen(track: FilmTrack) -> list[int]:
    """Return the samples that are judged: the first, the last, and each that differs from the one judged before."""
    figures = np.column_stack([track.home_m, track.amsl_m, track.hae_m, track.yaw_deg, track.pitch_deg, track.roll_deg])
    unknown = np.isnan(figures)
    limits = np.array([_CLIMBED_M] * 3 + [_TURNED_DEG, _TILTED_DEG, _TILTED_DEG])
    east_m, north_m = local_offsets_m(track.lon_deg[:1], track.lat_deg[:1], track.lon_deg, track.lat_deg)
    place_m = np.column_stack([east_m, north_m])
    rows, count = [0], len(track.time_s)
    for row in range(1, count):
        last = rows[-1]
        with np.errstate(over="ignore"):  # of damaged figures
            step = figures[row] - figures[last]
        step[3:] = wrap_lon(step[3:])
        moved_m = float(np.hypot(*(place_m[row] - place_m[last])))
        if (
            not moved_m <= _MOVED_M
            or bool((np.abs(step) > limits).any() or (unknown[row] != unknown[last]).any())
            or track.is_usable[row] != track.is_usable[last]
            or track.time_s[row] - track.time_s[last] > _LONGEST_S
            or track.time_s[row] - track.time_s[row - 1] > _SILENT_S
            or row == count - 1
        ):
            rows.append(row)
    return rows


def _ends(track: FilmTrack, rows: Sequence[int], duration_s: float | None) -> list[tuple[float, float]]:
    """Return until when each judged sample speaks, and until when nothing does after that, seconds."""
    ends = []
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        last = row if following is None else following - 1
        last_s = float(track.time_s[last])
        next_s = max(duration_s or 0.0, last_s) if following is None else float(track.time_s[following])
        ends.append((last_s if next_s - last_s > _SILENT_S else next_s, next_s))
    return ends


def film_flight(item: MediaItem) -> Flight | None:
    """Return the usable samples of a film as a flight; None where there are no two."""
    if item.film is None:
        return None
    track = _in_order(item.film)
    item = replace(item, film=track)
    rows = np.flatnonzero(track.is_usable & is_on_globe(track.lat_deg, track.lon_deg))
    if len(rows) < 2:
        return None
    flight = sample_camera(item, int(rows[0])).as_flight()
    if not flight.tracks:  # places known too coarsely to decide anything
        return None
    since_ns = np.round((track.time_s[rows] - track.time_s[rows[0]]) * 1e9).astype(np.int64)
    time_ns = flight.track.time_ns[0] + since_ns if track.utc_ns is None else track.utc_ns[rows]
    made = Track.build(
        time_ns=np.maximum.accumulate(time_ns), lat_deg=track.lat_deg[rows], lon_deg=wrap_lon(track.lon_deg[rows]),
        offset=track.offset[rows], message="camera", alt_home_m=track.home_m[rows], alt_amsl_m=track.amsl_m[rows],
        alt_hae_m=track.hae_m[rows], h_sigma_m=np.full(len(rows), flight.track.h_sigma_m[0]),
    )  # fmt: skip
    return replace(flight, tracks={flight.primary: made})


def _answer(
    item: MediaItem, result: Result, pictures: Sequence[PictureAnswer], stretches: Sequence[_FilmStretch],
    silences: Sequence[Silence],
) -> FilmAnswer:  # fmt: skip
    territories = dict.fromkeys(each.territory for picture in pictures for each in picture.territories)
    zones = {each.zone.digest(): each.zone for picture in pictures for each in picture.zones}
    film_territories, film_zones = [], []
    for territory in territories:
        told = _episodes(item, [(s, s.territories.get(territory, s.other_territories)) for s in stretches])
        film_territories.append(FilmTerritory(territory, most_serious([e.relation for e in told]), told))
    for digest, zone in zones.items():
        told = _episodes(item, [(s, s.zones.get(digest, s.other_zones)) for s in stretches])
        film_zones.append(FilmZone(zone, most_serious([e.relation for e in told]), told))
    return FilmAnswer(
        result,
        tuple(film_territories),
        tuple(film_zones),
        most_serious([s.other_territories for s in stretches]),
        most_serious([s.other_zones for s in stretches]),
        tuple(pictures),
        tuple(silences),
    )


def _episodes(item: MediaItem, told: Sequence[tuple[_FilmStretch, FootageRelation]]) -> tuple[Episode, ...]:
    """Return the episodes of one area: neighbours of the same relation are one."""
    found: list[Episode] = []
    for stretch, relation in told:
        if found and found[-1].relation is relation:
            found[-1] = replace(found[-1], to_s=stretch.to_s)
        else:
            found.append(Episode(relation, stretch.from_s, stretch.to_s, _utc_ns(item, stretch.from_s)))
    return tuple(found)


def _utc_ns(item: MediaItem, at_s: float) -> int | None:
    track, begin = item.film, item.time
    if track is not None and track.utc_ns is not None and len(track.time_s):
        row = min(int(np.searchsorted(track.time_s, at_s, "left")), len(track.time_s) - 1)
        return int(track.utc_ns[row]) + round((at_s - float(track.time_s[row])) * 1e9)
    return None if begin is None or begin.utc_ns is None else begin.utc_ns + round(at_s * 1e9)
