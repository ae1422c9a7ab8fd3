"""The subtitle reader against facts that plain splitting gives for every real subtitle file."""

import itertools
from collections import Counter

import pytest
from pyproj import Geod

from dronecheck.errors import UnreadableInput
from dronecheck.flight import ClockSource, Completeness
from dronecheck.issues import Code
from dronecheck.readers import read, srt
from dronecheck.safe.io import open_input
from tests.oracle import srt_facts
from tests.support.scale import by_size

REAL = srt_facts.real_logs()
if not REAL:
    pytest.skip(f"real logs are not at {srt_facts.LOGS}", allow_module_level=True)
COMPLETENESS = {
    "broken_incomplete.SRT": Completeness.TRUNCATED,
    "broken_incomplete2.SRT": Completeness.DAMAGED,  # a cue in the middle is cut, too
}


@pytest.mark.parametrize("path", by_size(REAL), ids=lambda path: path.name)
def test_every_real_file_agrees_with_the_oracle(path):
    facts, flight = srt_facts.facts(path), read(path)
    track = flight.track
    assert flight.source.format == "srt"
    assert flight.completeness is COMPLETENESS.get(path.name.split("__")[-1], Completeness.COMPLETE)
    box = (track.lon_deg.min(), track.lat_deg.min(), track.lon_deg.max(), track.lat_deg.max()) if len(track) else ()
    assert box == facts.bbox
    ours = list(zip(track.lat_deg.tolist(), track.lon_deg.tolist(), strict=True))
    merged = {i.severity: i.count for i in flight.issues if i.code is Code.REPEATED_POSITION}
    assert len(ours) + sum(merged.values()) == len(facts.positions)
    # The same places in the same order; cues that repeat one are fewer here.
    assert [k for k, _ in itertools.groupby(ours)] == [k for k, _ in itertools.groupby(facts.positions)]


@pytest.mark.parametrize("path", by_size(REAL), ids=lambda path: path.name)
def test_every_row_has_the_time_and_height_of_its_cue(path):
    flight, told = read(path), srt_facts.rows(path)
    track = flight.track
    stamps = Counter(clock_s for clock_s, _, _ in told.values())
    for line, time_ns, height_m in zip(track.offset, track.time_ns, track.alt_home_m, strict=True):
        clock_s, film_s, height = told[int(line)]
        if clock_s is not None:
            # A clock of whole seconds and the film's time may differ by the second that is cut off.
            # So may those of several cues with one stamp, which are spread until the next.
            assert abs(int(time_ns) / 1e9 - clock_s) <= (1e-6 if clock_s % 1 and stamps[clock_s] == 1 else 1.0)
        elif flight.clock.source is ClockSource.NONE:
            assert abs(int(time_ns) / 1e9 - film_s) < 1e-6
        assert height_m == height or (height is None and height_m != height_m)


@pytest.mark.parametrize("name", ["p4_rtk.SRT", "mix_p4rtk_mavic2pro.srt"])
def test_the_distance_from_home_that_the_camera_wrote_holds_on_the_ellipsoid(name):
    (path,) = (path for path in REAL if path.name.endswith(name))
    flight, distances_m = read(path), srt_facts.distances_m(path)
    home, track = flight.home, flight.track
    pairs = [(i, distances_m[int(line)]) for i, line in enumerate(track.offset) if int(line) in distances_m]
    assert len(pairs) >= 5
    for i, logged_m in pairs:
        distance_m = Geod(ellps="WGS84").inv(home.lon_deg, home.lat_deg, track.lon_deg[i], track.lat_deg[i])[2]
        assert distance_m == pytest.approx(logged_m, rel=0.005, abs=0.5)


@pytest.mark.parametrize("path", by_size(REAL), ids=lambda path: path.name)
def test_every_row_points_at_its_cue(path):
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    for track in read(path).tracks.values():
        for offset, lat in zip(track.offset.tolist(), track.lat_deg.tolist(), strict=True):
            cue = "\n".join(lines[offset - 1 : offset + 5]).split("\n\n")[0]
            assert any(abs(float(text) - lat) < 1e-12 for text in _numbers(cue))


def _numbers(text):
    return [part for part in "".join(c if c in "-.0123456789" else " " for c in text).split() if part.strip("-.")
            and part.count(".") <= 1 and "-" not in part[1:]]  # fmt: skip


@pytest.mark.parametrize("name", srt_facts.NO_TELEMETRY)
def test_what_holds_nothing_is_refused(name):
    (path,) = (srt_facts.LOGS / "malformed").glob(f"*__{name}")
    with pytest.raises(UnreadableInput):
        srt.read(open_input(path))
