"""What `media check --json` writes, as types: photos and films, one item a shot.

Unknown is null; metres, seconds and degrees as the names say; times are ISO 8601 UTC with Z, `local` the written digits
without a zone.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from dronecheck.footage.relation import FootageRelation
from dronecheck.geofence.result import Verdict
from dronecheck.media.model import MediaKind, PositionStatus
from dronecheck.media.reveals import RevealGravity, RevealKind
from dronecheck.report.json.document import IssueEntry, Tool, without_code

__all__ = ["SCHEMA", "MediaDocument", "schema_bytes"]

SCHEMA: Literal["dronecheck.media/1"] = "dronecheck.media/1"


class _MediaEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Nothing undeclared is written, and every field is always present."""


class MediaTimeEntry(_MediaEntry, frozen=True):
    """When it was taken: `utc` null where nothing proves it, `source` the field that says it."""

    utc: str | None
    local: str | None
    offset_s: int | None
    source: str
    sigma_s: float | None


class MediaPositionEntry(_MediaEntry, frozen=True):
    """Where the camera was, as written in the file; of a film its first usable place."""

    lat: float
    lon: float
    h_sigma_m: float | None
    source: str
    status: PositionStatus


class MediaHeightEntry(_MediaEntry, frozen=True):
    """How high the camera was: above take-off, sea level, the ellipsoid, the ground."""

    home_m: float | None
    amsl_m: float | None
    hae_m: float | None
    agl_m: float | None
    sigma_m: float | None
    source: str


class PoseEntry(_MediaEntry, frozen=True):
    """Which way the camera looked: NED, pitch 0 level and -90 down; `sigma_deg` of yaw, pitch, roll."""

    yaw_deg: float
    pitch_deg: float
    roll_deg: float
    sigma_deg: tuple[float, float, float]
    source: str
    trusted: bool
    reasons: list[str]


class FieldOfViewEntry(_MediaEntry, frozen=True):
    """The whole angle that it spans."""

    h_deg: float
    v_deg: float
    sigma_deg: float
    source: str


class EpisodeEntry(_MediaEntry, frozen=True):
    """A stretch of a film with one relation, seconds from its begin."""

    relation: FootageRelation
    from_s: float
    to_s: float
    from_utc: str | None


class SeenTerritoryEntry(_MediaEntry, frozen=True):
    """A territory and how the shot stands to it; `iso_a3` null where several claim it. Episodes of films alone."""

    iso_a3: str | None
    claimants: list[str]
    name: str
    relation: FootageRelation
    episodes: list[EpisodeEntry]


class SeenZoneEntry(_MediaEntry, frozen=True):
    """A zone and how the shot stands to it. Episodes of films alone."""

    id: str
    name: str
    kind: str
    effect: str
    source: str
    relation: FootageRelation
    episodes: list[EpisodeEntry]


class FilmMissEntry(_MediaEntry, frozen=True):
    """How far so many samples of a film lie from the log's places: median, 95th percentile, farthest."""

    p50_m: float
    p95_m: float
    max_m: float
    samples: int


class ItemLogEntry(_MediaEntry, frozen=True):
    """What a flight log says of the shot: `delta_s` is UTC minus the camera's clock; of a film `miss_m` is its p95."""

    name: str
    verdict: str
    delta_s: float | None
    delta_interval_s: tuple[float, float] | None
    miss_m: float | None
    film: FilmMissEntry | None


class RevealEntry(_MediaEntry, frozen=True):
    """A field that gives something away; `value` null unless private data was asked for."""

    what: RevealKind
    where: str
    value: str | None


class MediaEvidenceEntry(_MediaEntry, frozen=True):
    """A field that an answer rests on, and where it stands in the file."""

    file: str
    offset: int
    length: int
    path: str


class MediaItemEntry(_MediaEntry, frozen=True):
    """One shot; `siblings` are the files beside it. `verdict` is null of a file that could not be read."""

    path: str
    sha256: str | None
    bytes: int | None
    kind: MediaKind
    maker: str | None
    model: str | None
    siblings: list[str]
    duration_s: float | None
    time: MediaTimeEntry | None
    position: MediaPositionEntry | None
    height: MediaHeightEntry | None
    pose: PoseEntry | None
    fov: FieldOfViewEntry | None
    footprint: dict[str, Any] | None
    territories: list[SeenTerritoryEntry]
    other_territories: FootageRelation | None
    zones: list[SeenZoneEntry]
    other_zones: FootageRelation | None
    log: ItemLogEntry | None
    verdict: Verdict | None
    reasons: list[str]
    doubts: list[str]
    reveals: list[RevealEntry]
    gravity: RevealGravity | None
    evidence: list[MediaEvidenceEntry]
    issues: list[IssueEntry]


class MediaLogEntry(_MediaEntry, frozen=True):
    """A flight log that was given; `pictures` is how many items agree with it."""

    path: str
    sha256: str | None
    format: str | None
    pictures: int


class MediaSummary(_MediaEntry, frozen=True):
    """How many items have which verdict ("unreadable": none), which relation to anything, and give what away."""

    items: int
    by_verdict: dict[str, int]
    by_relation: dict[str, int]
    reveals: dict[str, int]


class MediaDocument(_MediaEntry, frozen=True):
    """All that was asked about at once."""

    schema: Literal["dronecheck.media/1"]
    tool: Tool
    logs: list[MediaLogEntry]
    items: list[MediaItemEntry]
    summary: MediaSummary


def schema_bytes() -> bytes:
    """Return the JSON Schema (2020-12) of the document, as it ships in `media.schema.json`."""
    (document,), definitions = msgspec.json.schema_components([MediaDocument], ref_template="#/$defs/{name}")
    without_code(definitions)
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA,
        "title": "dronecheck media check --json",
        **document,
        "$defs": dict(sorted(definitions.items())),
    }
    return msgspec.json.format(msgspec.json.encode(schema, order="deterministic"), indent=2) + b"\n"
