"""The library on disk: what goes in comes out, whatever dies in between."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from dronecheck.airspace import load_zones
from dronecheck.airspace.library import index as zone_index
from dronecheck.airspace.library import records as zone_records
from dronecheck.airspace.library.for_flight import zones_of
from dronecheck.airspace.library.index import Damaged, index_bytes, read_index
from dronecheck.airspace.library.store import Library, Manifest, checked_name, dates_text
from dronecheck.airspace.schedule import DailyPeriod, DayTime, Schedule, Span, SunEvent
from dronecheck.airspace.zone import Datum, Effect, Limit, Zone, ZoneKind, ZoneSet, ZoneSource
from dronecheck.errors import UsageError
from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.outline.shape import Arc, Circle, Ring, Shape
from dronecheck.safe.io import open_input
from tests.support.scale import examples

SOURCE = ZoneSource("X", "0" * 64)


def square(lon, lat, side=0.1):
    return [[lon, lat], [lon + side, lat], [lon + side, lat + side], [lon, lat + side], [lon, lat]]


def write_zones(path: Path, *squares, **members):
    features = [
        {
            "type": "Feature",
            "properties": {"name": f"zone {n}", "id": f"Z{n}", "kind": "prohibited"},
            "geometry": {"type": "Polygon", "coordinates": [square(*where)]},
        }
        for n, where in enumerate(squares)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", **members, "features": features}))
    return path


def added(library, path, name="X", **given):
    return library.add(open_input(path), Manifest(name=name, **given))[0]


def same(a, b):
    """Equality by content: NaN equals itself, shapes by their exact description."""
    for field in fields(Zone):
        mine, theirs = getattr(a, field.name), getattr(b, field.name)
        if field.name == "shape":
            assert same_shape(mine, theirs)
        elif field.name != "source":
            assert repr(mine) == repr(theirs), field.name
    return True


def same_shape(a, b):
    if not a.polygons:
        return not b.polygons and a.geometry.equals_exact(b.geometry, 0.0) and a.uncertain == b.uncertain
    return [[same_ring(p, q) for p, q in zip(x, y, strict=True)] for x, y in zip(a.polygons, b.polygons, strict=True)]


def same_ring(p, q):
    if isinstance(p, Circle):
        assert p == q
    else:
        assert np.array_equal(p.vertices_deg, q.vertices_deg)
        assert p.arcs == q.arcs
    return True


numbers = st.floats(allow_nan=True, allow_infinity=False)
limits = st.builds(Limit, numbers, st.sampled_from(Datum))
times = st.none() | st.integers(-(2**62), 2**62)
day_times = st.builds(DayTime, st.floats(0, 86_400), st.none() | st.sampled_from(SunEvent))
daily = st.builds(DailyPeriod, day_times, day_times, st.frozensets(st.integers(0, 6)))
schedules = st.builds(
    Schedule,
    st.lists(st.builds(Span, times, times, st.lists(daily, max_size=2).map(tuple)), max_size=2).map(tuple),
    st.text(),
)
points = st.tuples(st.floats(-179, 179), st.floats(-80, 80))
rings = st.builds(
    lambda at, arcs: Ring(np.array(square(*at)), tuple(arcs)),
    points,
    st.lists(st.builds(Arc, st.integers(0, 3), points, st.booleans()), max_size=2),
)
shapes = st.one_of(
    st.lists(
        st.lists(rings | st.builds(Circle, points, st.floats(1, 1e5)), min_size=1, max_size=2), min_size=1, max_size=2
    ).map(Shape.of),
    st.builds(
        lambda at, doubt: Shape(shapely.Polygon(square(*at)), shapely.Point(at).buffer(0.01) if doubt else None),
        points,
        st.booleans(),
    ),
)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
zones_ = st.builds(
    Zone, id=words, name=words, kind=st.sampled_from(ZoneKind), shape=shapes, source=st.just(SOURCE),
    edge=st.sampled_from(Edge), lower=limits, upper=limits, accuracy_m=st.floats(0, 1e6), authority=words,
    valid_from_ns=times, valid_to_ns=times, schedule=schedules, stated_effect=st.none() | st.sampled_from(Effect),
    remarks=words, doubt=words,
)  # fmt: skip


@given(st.lists(zones_, max_size=3))
@settings(max_examples=examples(40), deadline=None)
def test_any_zone_comes_back_from_an_index_as_it_went_in(zones):
    from io import BytesIO

    raw = index_bytes(ZoneSet(zones), "5" * 64, "1.0")
    index = read_index(lambda: BytesIO(raw), "5" * 64, "1.0")
    back = index.zones(SOURCE)
    assert len(back) == len(zones)
    assert all(same(a, b) for a, b in zip(zones, back, strict=True))
    boxes = np.array([zone.box_deg() for zone in zones]).reshape(-1, 4)
    assert np.array_equal(back.boxes_deg, boxes)


@given(st.data())
@settings(max_examples=examples(100), deadline=None)
def test_no_changed_byte_of_an_index_goes_unnoticed(data):
    from io import BytesIO

    zone = Zone("a", "b", ZoneKind.DANGER, Shape(shapely.Polygon(square(1, 2))), SOURCE)
    raw = bytearray(index_bytes(ZoneSet([zone]), "5" * 64, "1.0"))
    if data.draw(st.booleans()):
        raw = raw[: data.draw(st.integers(0, len(raw) - 1))]
    else:
        raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Damaged):
        read_index(lambda: BytesIO(bytes(raw)), "5" * 64, "1.0").zones(SOURCE)


def test_a_file_is_kept_as_it_is_and_its_zones_with_it(home, tmp_path):
    path = write_zones(tmp_path / "a.geojson", (2, 47), (3, 48), edition="7", licence="free", valid_from="2026-01-01")
    library = Library()
    assert library.folder == home
    edition = added(library, path)
    (listed,) = library.editions()
    assert listed == edition
    assert (listed.folder / "original").read_bytes() == path.read_bytes()
    assert (listed.manifest.edition, listed.manifest.licence, dates_text(listed.period)) == (
        "7",
        "free",
        "from 2026-01-01",
    )
    direct = load_zones([path])
    assert all(same(a, b) for a, b in zip(direct.zones, zones_of(library, listed).zones, strict=True))


@pytest.mark.parametrize("name", ["geojson/fi_2018_rajoitukset.geojson", "geojson/fr_airspaces-all.geojson"])
def test_real_files_come_back_zone_by_zone(home, shared, name):
    path = shared / "airspace" / name
    direct = load_zones([path])
    library = Library()
    kept = zones_of(library, added(library, path))
    assert len(kept.zones) == len(direct.zones) > 0
    assert all(same(a, b) for a, b in zip(direct.zones, kept.zones, strict=True))
    assert kept.issues == direct.issues


def test_an_index_of_another_version_is_made_again_without_a_word(home, tmp_path, monkeypatch):
    library = Library()
    edition = added(library, write_zones(tmp_path / "a.geojson", (2, 47)))
    before = (edition.folder / "index").read_bytes()
    monkeypatch.setattr(zone_index, "VERSION", zone_index.VERSION + 1)
    found = zones_of(library, edition)
    assert (len(found.zones), found.issues) == (1, ())
    assert (edition.folder / "index").read_bytes() != before
    monkeypatch.setattr(zone_index, "LAYOUT", zone_records.LAYOUT + " more")
    assert len(zones_of(library, edition).zones) == 1


@pytest.mark.parametrize("harm", ["truncate", "garbage", "empty", "missing"])
def test_a_damaged_index_is_made_again_and_said(home, tmp_path, harm):
    library = Library()
    edition = added(library, write_zones(tmp_path / "a.geojson", (2, 47)))
    index = edition.folder / "index"
    raw = index.read_bytes()
    if harm == "missing":
        index.unlink()
    else:
        index.write_bytes({"truncate": raw[:-7], "garbage": raw[:-7] + b"garbage", "empty": b""}[harm])
    found = zones_of(library, edition)
    assert (len(found.zones), [issue.code for issue in found.issues]) == (1, ["library_repaired"])
    assert index.read_bytes() == raw
    assert zones_of(library, edition).issues == ()


def test_without_its_original_a_damaged_index_is_the_end_and_adding_heals_it(home, tmp_path):
    path = write_zones(tmp_path / "a.geojson", (2, 47))
    library = Library()
    edition = added(library, path)
    (edition.folder / "index").write_bytes(b"x")
    (edition.folder / "original").write_bytes(path.read_bytes().replace(b"47", b"46"))
    with pytest.raises(Damaged, match="not the one that was added"):
        zones_of(library, edition)
    (edition.folder / "original").unlink()
    assert "original is missing" in library.editions()[0].damage
    assert zones_of(library, added(library, path)).issues == ()


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe", b'{"name": 1}', b'{"name":"Y","sha256":"1"}', b"[]"])
def test_a_garbage_manifest_is_listed_as_damage(home, tmp_path, raw):
    library = Library()
    edition = added(library, write_zones(tmp_path / "a.geojson", (2, 47)))
    (edition.folder / "manifest.json").write_bytes(raw)
    (listed,) = library.editions()
    assert listed.damage
    with pytest.raises(Damaged):
        zones_of(library, listed)
    library.remove(listed)
    assert library.editions() == []
    assert list(library.root.iterdir()) == []


def test_many_editions_of_a_source_lie_side_by_side_oldest_first(home, tmp_path):
    from datetime import UTC, datetime

    library = Library()
    for year in (2027, 2025, 2026):
        path = write_zones(tmp_path / "a.geojson", (2, 40 + year - 2025))
        added(library, path, valid_from=datetime(year, 1, 1, tzinfo=UTC), valid_to=datetime(year + 1, 1, 1, tzinfo=UTC))
    assert [dates_text(e.period)[:4] for e in library.editions("x")] == ["2025", "2026", "2027"]
    again = added(library, path, valid_from=datetime(2030, 1, 1, tzinfo=UTC))
    assert len(library.editions()) == 3  # the same file: its dates are given anew
    assert dates_text(again.period) == dates_text(library.editions()[-1].period) == "from 2030-01-01"


@pytest.mark.parametrize("name", ["", " ", "..", "../x", "a/b", "a\\b", ".new-1", "x" * 65, "a\n", "end.", "CON:"])
def test_names_that_could_leave_the_folder_are_refused(name):
    with pytest.raises(UsageError, match="--name"):
        checked_name(name)


ADD = """
import sys
from dronecheck.airspace.library.store import Library, Manifest
from dronecheck.safe.io import open_input
for path in sys.argv[2:]:
    Library().add(open_input(__import__("pathlib").Path(path)), Manifest(name=sys.argv[1]))
"""


def test_eight_processes_that_add_at_once_lose_nothing(home, tmp_path):
    paths = [write_zones(tmp_path / f"{n}.geojson", (n, 47)) for n in range(12)]
    shared_one = str(write_zones(tmp_path / "all.geojson", (50, 47)))
    running = [
        subprocess.Popen(
            [sys.executable, "-c", ADD, f"S{n % 2}", shared_one, *map(str, paths[n : n + 5])], stderr=subprocess.PIPE
        )
        for n in range(8)
    ]
    errors = [process.communicate(timeout=60)[1] for process in running]
    assert [process.returncode for process in running] == [0] * 8, errors
    library = Library()
    editions = library.editions()
    assert {e.manifest.name for e in editions} == {"S0", "S1"}
    for source in (0, 1):
        wanted = {"all.geojson", *(f"{n + k}.geojson" for n in range(8) if n % 2 == source for k in range(5))}
        assert {e.manifest.file_name for e in editions if e.manifest.name == f"S{source}"} == wanted
    assert all(len(zones_of(library, edition).zones) == 1 for edition in editions)
    assert not [path for path in library.root.iterdir() if path.name.startswith(".")]


KILLED = """
import os, signal, sys
from pathlib import Path
from dronecheck.airspace.library.store import Library, Manifest
from dronecheck.airspace.library.for_flight import zones_of
from dronecheck.safe.io import open_input

def dying(call):
    def run(*args, **kwargs):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*args, **kwargs)
    return run

library, given = Library(), Manifest(name="X")
(old,) = library.editions()
steps, code = 0, -9
while code == -9:
    steps += 1
    child = os.fork()
    if child == 0:
        left = steps
        for name in ("fsync", "rename", "replace", "chmod"):
            setattr(os, name, dying(getattr(os, name)))
        library.add(open_input(Path(sys.argv[1])), given)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    editions = library.editions()
    assert old in editions and len(editions) <= 2 and not any(e.damage for e in editions), editions
    assert all(len(zones_of(library, e).zones) == 1 and library.original(e) for e in editions)
    if code == -9 and len(editions) == 2:
        library.remove(next(e for e in editions if e != old))
print(steps, code, len(editions))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kill -9")
def test_killed_at_any_step_of_an_add_the_library_stays_readable(home, tmp_path):
    library = Library()
    added(library, write_zones(tmp_path / "old.geojson", (2, 47)))
    path = write_zones(tmp_path / "new.geojson", (3, 48))
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], capture_output=True, text=True, check=False)
    steps, code, editions = map(int, done.stdout.split() or pytest.fail(done.stderr))
    assert (steps > 10, code, editions) == (True, 0, 2)
    for left in library.root.glob(".new-*"):
        os.utime(left, (time.time() - 1e6,) * 2)
    added(library, path)
    assert not list(library.root.glob(".*"))  # what they left is swept away


def test_a_library_that_may_not_be_written_to_is_read_all_the_same(home, tmp_path, monkeypatch):
    library = Library()
    edition = added(library, write_zones(tmp_path / "a.geojson", (2, 47)))
    (edition.folder / "index").unlink()

    def refuse(path, content):
        raise UsageError("read-only")

    monkeypatch.setattr("dronecheck.airspace.library.store.write_atomic", refuse)
    assert len(zones_of(library, edition).zones) == 1
    shutil.rmtree(home)
    assert library.editions() == []
