"""Facts decide, not notes: a flight and its zones without any of their issues get the same answer, word for word.

Issues tell people what was lost or doubted. What of it counts for a verdict is a field: of Clock, Flight or ZoneSet.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import shapely

from dronecheck.airspace import load_zones
from dronecheck.airspace.schedule import DailyPeriod, DayTime, Schedule, Span
from dronecheck.airspace.zone import CoversFrom, Incomplete, Zone, ZoneKind, ZoneSet, ZoneSource
from dronecheck.errors import UnreadableInput
from dronecheck.geo.outline.shape import Shape
from dronecheck.geofence.engine import check
from dronecheck.geofence.settings import Settings
from dronecheck.issues import Code, Issue, Severity
from dronecheck.readers import read
from tests.conftest import REPO, SHARED
from tests.support.scale import full_only, loops

SAMPLES = sorted(p for p in (REPO / "samples").iterdir() if p.suffix != ".py" and p.suffix not in (".md", ".toml"))
ZONE_FILES = sorted(p for p in (REPO / "samples/zones").iterdir() if p.suffix not in (".md", ".py"))
ZONE_FILES.append(REPO / "samples/restricted_zone.geojson")
FOLDERS = sorted(p.name for p in (SHARED / "logs").iterdir() if p.is_dir()) if SHARED.is_dir() else ["none"]
SETTINGS = Settings(max_height_m=120.0, max_agl_m=120.0, relief_m=30.0)


def read_or_none(path):
    try:
        return read(path)
    except UnreadableInput:
        return None


FLIGHTS = {path.name: flight for path in SAMPLES if (flight := read_or_none(path))}


loaded = cache(load_zones)


def bare(thing):
    """A flight or zones without issues, in all alternatives."""
    if isinstance(thing, ZoneSet):
        return replace(thing, issues=(), alternatives=tuple(map(bare, thing.alternatives)))
    return replace(thing, issues=())


def told(result):
    """All that a result says but its notes; as text, in which what is not a number equals itself."""
    return repr(
        [getattr(result, name) for name in type(result).__dataclass_fields__ if name not in ("issues", "flight")]
    )


def around(flight):
    """A zone over the middle of the track that always holds, and one whose times the log's clock must tell."""
    track = flight.track
    lat, lon = float(np.median(track.lat_deg)), float(np.median(track.lon_deg))
    area = Shape(shapely.box(lon - 1e-3, lat - 1e-3, lon + 1e-3, lat + 1e-3))
    source = ZoneSource("around.geojson", "0" * 64, covers=("CHN", "PRK"), covers_from=CoversFrom.USER)
    morning = Schedule((Span(daily=(DailyPeriod(DayTime(0.0), DayTime(12 * 3600.0), frozenset()),)),))
    zones = (Zone("A", "always", ZoneKind.PROHIBITED, area, source),
             Zone("M", "mornings", ZoneKind.PROHIBITED, area, source, schedule=morning))  # fmt: skip
    return ZoneSet(zones, (source,), (Issue(Code.ZONE_REPAIRED, Severity.WARNING, "a note"),))


def assert_notes_do_not_count(flight, zones):
    assert told(check(flight, zones, SETTINGS)) == told(check(bare(flight), zones and bare(zones), SETTINGS))


@pytest.mark.parametrize("name", FLIGHTS)
def test_the_samples_have_the_same_answers_without_their_notes(name):
    flight = FLIGHTS[name]
    for zones in (None, around(flight), *map(loaded, ZONE_FILES[:: loops(1, 4)])):
        assert_notes_do_not_count(flight, zones)


@full_only
@pytest.mark.parametrize("folder", FOLDERS)
def test_real_logs_have_the_same_answers_without_their_notes(shared, folder):
    paths = sorted(p for p in (shared / "logs" / folder).rglob("*") if p.is_file())
    flights = [flight for path in paths if (flight := read_or_none(path)) and len(flight.track)]
    for flight in flights:
        assert_notes_do_not_count(flight, around(flight))
        assert_notes_do_not_count(flight, None)
    assert flights or folder in ("malformed", "media")


def test_there_are_notes_to_leave_out():
    counted = Counter(issue.code for flight in FLIGHTS.values() for issue in flight.issues)
    assert len(FLIGHTS) >= 14
    assert len(counted) >= 3
    assert any(load_zones(file).issues for file in ZONE_FILES)


ENTERED, CLEAR = "founding_dandong_sinuiju.ulg", "clear_dandong.csv"


@pytest.mark.parametrize(("name", "changes"), [
    (ENTERED, {"ends_airborne": True}), (CLEAR, {"rivals": True}), (ENTERED, {"is_assumed": True}),
    (ENTERED, {"incomplete": (Incomplete.UNREADABLE,)}), (ENTERED, {"skipped": 2}),
])  # fmt: skip
def test_each_fact_does_count(name, changes):
    """With any of the fields set the answer is another one, with notes and without."""
    flight, zones = FLIGHTS[name], around(FLIGHTS[name])
    if "is_assumed" in changes:
        changed, judged_by = replace(flight, clock=replace(flight.clock, **changes)), zones
    elif changes.keys() <= {"skipped", "incomplete"}:
        changed, judged_by = flight, replace(zones, **changes)
    elif "rivals" in changes:
        away = flight.track.replace(lat_deg=flight.track.lat_deg - 0.05)
        changed = replace(flight, tracks={**flight.tracks, "gnss2": away}, rivals=("gnss2",))
        judged_by = zones
    else:
        changed, judged_by = replace(flight, **changes), zones
    assert told(check(flight, zones, SETTINGS)) != told(check(changed, judged_by, SETTINGS))
    assert_notes_do_not_count(changed, judged_by)


def test_no_reader_is_left_out():
    assert {flight.source.format for flight in FLIGHTS.values()} >= {"ulog", "tlog", "dataflash", "csv", "gpx", "igc"}
    assert all(Path(file).is_file() for file in ZONE_FILES)
