"""Answered shots to the JSON document of `dronecheck.report.json.media_document`. Same input, same bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import msgspec

from dronecheck.footage.film import Episode, FilmAnswer, FilmTerritory, FilmZone
from dronecheck.footage.picture import PictureAnswer, TerritoryRelation, ZoneRelation
from dronecheck.footage.shots.answer import ShotAnswer
from dronecheck.issues import Issue, Severity
from dronecheck.media.model import CameraPosition, CaptureTime, MediaField, MediaItem, MediaKind
from dronecheck.media.place_text import has_place
from dronecheck.media.reveals import Reveal, RevealKind
from dronecheck.quantities import Units
from dronecheck.report.json import media_document as m
from dronecheck.report.json.document import IssueEntry, Tool
from dronecheck.report.json.encode import tool_version
from dronecheck.safe.io import plain
from dronecheck.timebase import iso_utc

__all__ = ["MediaTold", "encode", "media_document"]

_DEGREE_DIGITS, _TEXT_CHARS = 8, 500
_PLACELESS = (RevealKind.TIME, RevealKind.DEVICE)  # words of people and paths of files may name a home


@dataclass(frozen=True)
class MediaTold:
    """Shots that were answered, with what is told of them.

    `hides` tells of a place (latitude, longitude) whether it is left out; `logs` are those that were given.
    """

    answers: Sequence[ShotAnswer]
    language: str = "en"
    units: Units = Units.METRIC
    private: bool = False
    hides: Callable[[float, float], bool] | None = None
    logs: Sequence[m.MediaLogEntry] = ()
    of_log: Mapping[int, m.ItemLogEntry] = field(default_factory=dict)
    hides_nothing: bool = False  # asked to hide home, and nothing tells where it is
    facts_only: bool = False  # no verdict in what people read; the document has them

    def names_of(self, item: MediaItem) -> tuple[str | None, str | None]:
        """Return maker and model as the file names them; None for one that holds a place, where places are hidden."""
        names = (item.maker, item.model)
        if self.hides is None:
            return names
        maker, model = (None if name and has_place(name) else name for name in names)
        return maker, model

    def is_hidden(self, answer: ShotAnswer) -> bool:
        """Tell whether the places of a shot are left out: for any of its files, of a film anywhere on its way."""
        hides = self.hides
        if hides is None:
            return False
        return any(hides(lat, lon) for item in answer.shot.items for lat, lon in _places(item))


def _places(item: MediaItem) -> list[tuple[float, float]]:
    """Return every place that a file states for its camera."""
    places = [(item.position.lat_deg, item.position.lon_deg)] if item.position is not None else []
    for film in (item.film, *item.other_films):
        if film is not None:
            places += zip(film.lat_deg.tolist(), film.lon_deg.tolist(), strict=True)
    return [(lat, lon) for lat, lon in places if isfinite(lat) and isfinite(lon)]


def media_document(told: MediaTold) -> m.MediaDocument:
    """Return the document of shots that were answered, in their order."""
    items = [_item(answer, told, told.of_log.get(number)) for number, answer in enumerate(told.answers)]
    return m.MediaDocument(
        schema=m.SCHEMA,
        tool=Tool(name="dronecheck", version=tool_version()),
        logs=list(told.logs),
        items=items,
        summary=_summary(items),
    )


def encode(document: m.MediaDocument) -> bytes:
    """Encode as indented UTF-8 JSON with a final newline."""
    return msgspec.json.format(msgspec.json.encode(document, enc_hook=str), indent=2) + b"\n"


def _summary(items: Sequence[m.MediaItemEntry]) -> m.MediaSummary:
    relations = Counter(
        relation
        for item in items
        for relation in dict.fromkeys(
            [*(e.relation.value for e in item.territories), *(e.relation.value for e in item.zones)]
        )
    )
    kinds = Counter(kind for item in items for kind in dict.fromkeys(reveal.what.value for reveal in item.reveals))
    return m.MediaSummary(
        items=len(items),
        by_verdict=dict(sorted(Counter(i.verdict.value if i.verdict else "unreadable" for i in items).items())),
        by_relation=dict(sorted(relations.items())),
        reveals=dict(sorted(kinds.items())),
    )


def _item(answer: ShotAnswer, told: MediaTold, log: m.ItemLogEntry | None) -> m.MediaItemEntry:
    shot, item = answer.shot, answer.shot.item
    name = plain(shot.files.path if told.private else shot.files.label)
    siblings = [plain(path if told.private else path.name) for path in shot.files.siblings]
    if item is None:
        code, message = shot.failure or ("", "")
        return _unreadable(name, siblings, code, plain(message))
    is_hidden = told.is_hidden(answer)
    judged = None if is_hidden or not answer.judged else answer
    return m.MediaItemEntry(
        path=name,
        sha256=item.sha256 or None,  # unknown where only parts of a film are at hand
        bytes=item.bytes,
        kind=item.kind,
        maker=_text(told.names_of(item)[0]),
        model=_text(told.names_of(item)[1]),
        siblings=siblings,
        duration_s=_rounded(item.duration_s, 3),
        time=_time(item.time),
        position=None if is_hidden else _position(item.position),
        height=_height(item),
        pose=_pose(item),
        fov=_fov(item),
        footprint=_footprint(judged.answer if judged else None),
        territories=[_territory(each, told.language) for each in judged.territories] if judged else [],
        other_territories=judged.other_territories if judged else None,
        zones=[_zone(each) for each in judged.zones] if judged else [],
        other_zones=judged.other_zones if judged else None,
        log=log,
        verdict=answer.verdict,
        reasons=list(answer.reasons),
        doubts=[doubt.value for doubt in answer.doubts],
        reveals=[_reveal(file, reveal, item, told.private, told.hides is not None) for file, reveal in answer.reveals],
        gravity=answer.gravity,
        evidence=_evidence(item),
        issues=[_issue(issue) for issue in (*item.issues, *shot.issues)],
    )


def _unreadable(name: str, siblings: list[str], code: str, message: str) -> m.MediaItemEntry:
    issue = IssueEntry(code=code, severity=Severity.DAMAGE, message=message, offset=None, count=1, file=None)
    return m.MediaItemEntry(
        path=name, sha256=None, bytes=None, kind=MediaKind.UNKNOWN, maker=None, model=None, siblings=siblings,
        duration_s=None, time=None, position=None, height=None, pose=None, fov=None, footprint=None, territories=[],
        other_territories=None, zones=[], other_zones=None, log=None, verdict=None, reasons=[], doubts=[], reveals=[],
        gravity=None, evidence=[], issues=[issue],
    )  # fmt: skip


def _text(text: str | None) -> str | None:
    return plain(text, _TEXT_CHARS) if text else None


def _rounded(value: float | None, digits: int) -> float | None:
    return round(value, digits) if value is not None and isfinite(value) else None


def _time(time: CaptureTime | None) -> m.MediaTimeEntry | None:
    if time is None:
        return None
    utc = iso_utc(time.utc_ns) if time.utc_ns is not None else None
    return m.MediaTimeEntry(
        utc=utc, local=_text(time.local), offset_s=time.offset_s, source=plain(time.source),
        sigma_s=_rounded(time.sigma_s, 3),
    )  # fmt: skip


def _position(at: CameraPosition | None) -> m.MediaPositionEntry | None:
    if at is None or not (isfinite(at.lat_deg) and isfinite(at.lon_deg)):
        return None
    return m.MediaPositionEntry(
        lat=round(at.lat_deg, _DEGREE_DIGITS), lon=round(at.lon_deg, _DEGREE_DIGITS),
        h_sigma_m=_rounded(at.h_sigma_m, 3), source=plain(at.source), status=at.status,
    )  # fmt: skip


def _height(item: MediaItem) -> m.MediaHeightEntry | None:
    at = item.height
    if at is None:
        return None
    metres = {name: _rounded(getattr(at, name), 3) for name in ("home_m", "amsl_m", "hae_m", "agl_m", "sigma_m")}
    return m.MediaHeightEntry(**metres, source=plain(at.source))


def _pose(item: MediaItem) -> m.PoseEntry | None:
    pose = item.pose
    if pose is None or not all(map(isfinite, (pose.yaw_deg, pose.pitch_deg, pose.roll_deg))):
        return None
    return m.PoseEntry(
        yaw_deg=round(pose.yaw_deg, 4), pitch_deg=round(pose.pitch_deg, 4), roll_deg=round(pose.roll_deg, 4),
        sigma_deg=pose.sigma_deg, source=plain(pose.source), trusted=pose.is_trusted, reasons=list(pose.reasons),
    )  # fmt: skip


def _fov(item: MediaItem) -> m.FieldOfViewEntry | None:
    fov = item.fov
    if fov is None:
        return None
    return m.FieldOfViewEntry(
        h_deg=round(fov.h_deg, 3), v_deg=round(fov.v_deg, 3), sigma_deg=round(fov.sigma_deg, 3), source=fov.source
    )


def _footprint(answer: PictureAnswer | FilmAnswer | None) -> dict[str, Any] | None:
    """Return the ground that a photo shows; of a film, at its first sample."""
    picture = answer.pictures[0] if isinstance(answer, FilmAnswer) and answer.pictures else answer
    if not isinstance(picture, PictureAnswer) or picture.footprint is None or picture.footprint.geojson is None:
        return None
    shorter: dict[str, Any] = _shorter(picture.footprint.geojson)
    return shorter


def _shorter(value: Any) -> Any:
    """Return GeoJSON with degrees of as many digits as a footprint deserves: a decimetre."""
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, list | tuple):
        return [_shorter(part) for part in value]
    return {key: _shorter(part) for key, part in value.items()} if isinstance(value, Mapping) else value


def _territory(each: TerritoryRelation | FilmTerritory, language: str) -> m.SeenTerritoryEntry:
    return m.SeenTerritoryEntry(
        iso_a3=each.territory.iso_a3, claimants=list(each.territory.claimants), name=each.territory.name(language),
        relation=each.relation, episodes=_episodes(each),
    )  # fmt: skip


def _zone(each: ZoneRelation | FilmZone) -> m.SeenZoneEntry:
    zone = each.zone
    return m.SeenZoneEntry(
        id=plain(zone.id), name=plain(zone.name), kind=zone.kind.value, effect=zone.effect.value,
        source=plain(zone.source.name), relation=each.relation, episodes=_episodes(each),
    )  # fmt: skip


def _episodes(each: object) -> list[m.EpisodeEntry]:
    told: tuple[Episode, ...] = getattr(each, "episodes", ())
    return [
        m.EpisodeEntry(
            relation=e.relation, from_s=round(e.from_s, 3), to_s=round(e.to_s, 3),
            from_utc=iso_utc(e.from_utc_ns) if e.from_utc_ns is not None else None,
        )
        for e in told
    ]  # fmt: skip


def _reveal(file: str, reveal: Reveal, item: MediaItem, private: bool, hides: bool) -> m.RevealEntry:
    """Return what a field gives away, and where it stands; of a file beside the main one with its name."""
    one = reveal.field
    own = "" if file == item.name else f"{plain(file)}: "
    value = None
    if private and not (hides and (reveal.kind not in _PLACELESS or has_place(str(one.value)))):
        value = f"{len(one.value)} bytes" if isinstance(one.value, bytes) else _text(str(one.value))
    return m.RevealEntry(what=reveal.kind, where=f"{own}{plain(one.path, _TEXT_CHARS)} @{one.offset}", value=value)


def _evidence(item: MediaItem) -> list[m.MediaEvidenceEntry]:
    """Return the fields that time, place, height, direction and lens were taken from."""
    parts = (item.position, item.time, item.height, item.pose)
    sources = list(dict.fromkeys(part.source for part in parts if part is not None and part.source))
    by_path = dict[str, MediaField]()
    for one in item.fields:
        by_path.setdefault(one.path, one)
    found = []
    for source in sources:
        known = by_path.get(source) or next((f for f in item.fields if f.path.startswith(f"{source}/")), None)
        if known is not None:
            found.append(m.MediaEvidenceEntry(
                file=plain(item.name), offset=known.offset, length=known.length, path=plain(known.path, _TEXT_CHARS)
            ))  # fmt: skip
    return found


def _issue(issue: Issue) -> IssueEntry:
    return IssueEntry(
        code=issue.code, severity=issue.severity, message=plain(issue.message), offset=issue.offset, count=issue.count,
        file=None,
    )  # fmt: skip
