"""Under other zones only what changed is asked again, and the answers are those of a fresh audit."""

from __future__ import annotations

import json
import shutil

import pytest

from dronecheck.geofence.questions.zones import judged
from dronecheck.settings import Options
from tests.audit.conftest import exported


def square(number, lon, lat, half=0.004, **more):
    ring = [[lon - half, lat - half], [lon + half, lat - half], [lon + half, lat + half], [lon - half, lat + half]]
    known = {"id": f"Z{number}", "name": f"Zone {number}", **more}
    return {"type": "Feature", "properties": known,
            "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}}  # fmt: skip


def write(path, features):
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


@pytest.fixture
def logs(tmp_path, repo):
    folder = tmp_path / "logs"
    folder.mkdir()
    for name in ("restricted_zone.csv", "clear_dandong.csv", "founding_dandong_sinuiju.ulg"):
        shutil.copy(repo / "samples" / name, folder / name)
    return folder


PAMPA = (-61.4775, -36.5195)
YALU = (124.395, 40.11)


@pytest.mark.parametrize(
    "after",
    [
        [square(0, *PAMPA), square(1, *YALU)],  # the same, in another file
        [square(0, *PAMPA, upper_m=110, upper_datum="AMSL"), square(1, *YALU)],
        [square(0, PAMPA[0] + 0.02, PAMPA[1]), square(1, *YALU)],
        [square(1, *YALU)],
        [square(0, *PAMPA), square(1, *YALU), square(2, PAMPA[0] + 0.01, PAMPA[1])],
        [square(0, *PAMPA, kind="danger"), square(1, *YALU)],
        [square(0, *PAMPA, valid_to="2020-01-01T00:00:00Z"), square(1, *YALU)],
        [square(3, 0.0, 0.0)],
        [{"type": "Feature", "properties": {"name": "broken"}, "geometry": None}, square(0, *PAMPA), square(1, *YALU)],
    ],
    ids=["same", "ceiling", "moved", "removed", "added", "kind", "ended", "elsewhere", "broken"],
)
def test_answers_are_those_of_a_fresh_audit(audit, logs, tmp_path, after):
    first = Options(zones=(write(tmp_path / "first.geojson", [square(0, *PAMPA), square(1, *YALU)]),))
    second = Options(zones=(write(tmp_path / "second.geojson", after),))
    audit([logs], options=first)
    audit([logs], options=second)
    audit([logs], tmp_path / "fresh", options=second)
    assert exported(tmp_path / "out") == exported(tmp_path / "fresh")
    audit([logs], options=first)
    audit([logs], tmp_path / "again", options=first)
    assert exported(tmp_path / "out") == exported(tmp_path / "again")


def test_only_zones_that_changed_are_judged(audit, logs, tmp_path, monkeypatch):
    asked = []
    real = judged.judge_zone

    def counted(zone, *rest):
        asked.append(zone.id)
        return real(zone, *rest)

    monkeypatch.setattr(judged, "judge_zone", counted)
    near = [square(n, PAMPA[0] + 0.002 * n, PAMPA[1]) for n in range(4)]
    zones = tmp_path / "zones.geojson"
    write(zones, [*near, square(9, *YALU)])
    audit([logs], options=Options(zones=(zones,)))
    assert sorted(asked) == ["Z0", "Z1", "Z2", "Z3", "Z9", "Z9"]
    asked.clear()
    write(zones, [*near[:3], square(3, PAMPA[0], PAMPA[1], 0.001), square(9, *YALU)])
    audit([logs], options=Options(zones=(zones,)))
    assert asked == ["Z3"]
