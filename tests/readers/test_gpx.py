"""The GPX reader against ElementTree, on real, exported and hand-written files, and on hostile XML."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from dronecheck import readers
from dronecheck.errors import UnreadableInput
from dronecheck.flight import Completeness
from dronecheck.issues import Code
from dronecheck.readers import gpx
from dronecheck.report.export.track import write_track
from dronecheck.safe.io import Input
from tests.oracle import gpx_facts
from tests.support.growth import hang_guard

POINT = '<trkpt lat="{}" lon="{}">{}<time>2026-05-01T10:00:{:02d}Z</time></trkpt>'
OPEN, CLOSE = '<?xml version="1.0"?><gpx version="1.1" creator="x"><trk><trkseg>', "</trkseg></trk></gpx>"


def read(text: str | bytes):
    data = text.encode() if isinstance(text, str) else text
    return gpx.read(Input(Path("track.gpx"), data, hashlib.sha256(data).hexdigest()))


def codes(flight):
    return {issue.code for issue in flight.issues}


def rows_of(track):
    return list(zip(track.time_ns.tolist(), track.lat_deg.tolist(), track.lon_deg.tolist(), strict=True))


def test_the_real_file_and_the_sample_equal_elementtree(shared, repo):
    real = sorted((shared / "logs/gpx_kml_igc").glob("*.gpx"))
    assert real
    for path in [*real, repo / "samples/founding_dandong_sinuiju.gpx"]:
        flight = readers.read(path)
        assert rows_of(flight.track) == gpx_facts.rows(path)
        data = path.read_bytes()
        assert all(data[at:].startswith(b"<trkpt") for at in flight.track.offset.tolist())
        assert Code.OWNER_UNKNOWN in codes(flight)
        assert Code.HEIGHT_FRAME in codes(flight)


def test_what_we_export_reads_back(repo, tmp_path):
    flight = readers.read(repo / "samples/founding_dandong_sinuiju.ulg")
    out = tmp_path / "track.gpx"
    write_track(flight, out)
    again = readers.read(out).track
    assert np.array_equal(again.lat_deg, flight.track.lat_deg)
    assert np.array_equal(again.lon_deg, flight.track.lon_deg)
    assert np.abs(again.time_ns - flight.track.time_ns).max() <= 1_000_000  # milliseconds are written
    assert np.abs(again.alt_amsl_m - flight.track.alt_amsl_m).max() <= 0.0005


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('<gpx><rte><rtept lat="1" lon="2"/></rte></gpx>', "mission_plan"),
        ("<gpx><wpt lat='1' lon='2'/></gpx>", "no_track"),
        ('<gpx><trk><trkseg><trkpt lat="1" lon="2"/></trkseg></trk></gpx>', "no_times"),
        ('<!DOCTYPE gpx [<!ENTITY a "b">]><gpx>&a;</gpx>', "xml_entities"),
        ('<!DOCTYPE gpx [<!ENTITY a SYSTEM "file:///etc/passwd">]><gpx>&a;</gpx>', "xml_entities"),
        ("<gpx>" + "<a>" * 1_000_000, "xml_too_deep"),
    ],
)
def test_what_is_no_track_is_refused_at_once(text, code):
    with pytest.raises(UnreadableInput) as caught, hang_guard():
        read(text)
    assert caught.value.code == code


def test_a_file_cut_short_is_read_as_far_as_it_goes():
    whole = OPEN + "".join(POINT.format(47 + i / 1e4, 8, "", i) for i in range(30)) + CLOSE
    cut = read(whole[: whole.index("10:00:20")])
    assert (len(cut.track), cut.completeness) == (20, Completeness.TRUNCATED)
    assert Code.TRUNCATED in codes(cut)
    broken = read(whole.replace("10:00:10Z</time>", "10:00:10Z</tome>", 1))
    assert (len(broken.track), broken.completeness) == (29, Completeness.DAMAGED)
    assert read(whole).completeness is Completeness.COMPLETE


def test_odd_points_are_told():
    body = (
        POINT.format(47.1, 8.1, "<fix>3d</fix><hdop>1.2</hdop><speed>3.5</speed>", 1)
        + POINT.format(47.2, 8.2, "<fix>none</fix>", 2)
        + POINT.format(0, 0, "", 3)
        + POINT.format("nan", 8, "", 4)
        + POINT.format(47, "540", "", 5)
        + '<trkpt lat="47.3" lon="8.3"></trkpt>'
        + '<trkpt lat="47.4" lon="8.4"><time>2026-05-01T10:00:07</time></trkpt>'
        + POINT.format(47.05, 8.05, "", 0)
    )
    flight = read(OPEN + body + CLOSE)
    assert flight.track.lat_deg.tolist() == [47.1, 47.3, 47.4, 47.05]
    assert flight.track.is_timed.tolist() == [True, False, True, False]
    assert codes(flight) >= {Code.NO_FIX_ROWS, Code.BAD_POSITION, Code.CLOCK_DAMAGED, Code.UTC_ASSUMED}
    assert flight.track.speed_mps[0] == 3.5
    # HDOP 1.2 times 4 m over the root of two (DOMAIN 2.1), and one decimal of a degree of rounding
    assert flight.track.h_sigma_m[0] == pytest.approx(np.hypot(1.2 * 4 / 2**0.5, 111_320 * 0.01 / 12**0.5), rel=1e-3)


def test_tracks_at_the_same_time_are_told_apart():
    one = "".join(POINT.format(47 + i / 1e3, 8, "", i) for i in range(20))
    two = "".join(POINT.format(48 + i / 1e3, 9, "", i) for i in range(5))
    flight = read(OPEN + two + "</trkseg></trk><trk><trkseg>" + one + CLOSE)
    assert flight.track.part.tolist() == [0] * 5 + [1] * 20
    assert next(i.count for i in flight.issues if i.code is Code.OTHER_VEHICLES) == 20
