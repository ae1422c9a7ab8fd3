"""Of all zone files at hand: what is named as unreadable has a name and a place, and no flight there is clear."""

from __future__ import annotations

import numpy as np
import pytest

from dronecheck.airspace import load_zones
from dronecheck.errors import UnreadableInput
from dronecheck.geofence.engine import check
from dronecheck.geofence.result import Reason, Topic, Verdict
from dronecheck.issues import Code
from tests.conftest import SHARED, make_flight

FILES = sorted(
    path.relative_to(SHARED).as_posix()
    for folder in ("cases/openair", "cases/zones", "airspace")
    for path in (SHARED / folder).rglob("*")
    if path.is_file() and path.suffix not in (".shx", ".dbf", ".prj", ".cpg", ".csv", ".md", ".zst", ".topojson")
)


def test_there_are_files(shared):
    assert len(FILES) > 100


@pytest.mark.parametrize("name", FILES)
def test_what_is_unreadable_is_named_and_never_clear(shared, name):
    try:
        zones = load_zones([shared / name])
    except UnreadableInput:
        return
    lost = [issue for issue in zones.issues if issue.code is Code.ZONE_SKIPPED]
    assert zones.skipped == sum(issue.count for issue in lost)
    for issue in lost:
        assert issue.offset is not None
        assert str(issue.message).partition(": ")[0]
    if not lost:
        return
    west, south, east, north = zones.boxes_deg[0] if len(zones) else (7.0, 47.0, 7.1, 47.1)
    lon, lat = (west + east) / 2, min(max((south + north) / 2, -85.0), 85.0)
    flight = make_flight(np.full(60, lat), lon + 1e-5 * np.arange(60), dt_s=1.0)
    found = check(flight, zones).check_of(Topic.AIRSPACE)
    assert found.verdict in (Verdict.INCONCLUSIVE, Verdict.VIOLATION)
    if found.verdict is Verdict.INCONCLUSIVE:
        assert Reason.ZONE_UNREADABLE in found.reasons
