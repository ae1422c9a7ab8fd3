"""Tracks in KML and KMZ: the same points as GPX, by the same rules; zones stay zones."""

from __future__ import annotations

import hashlib
import io
import random
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

import dronecheck
from dronecheck.errors import UnreadableInput
from dronecheck.flight import ClockSource, Completeness
from dronecheck.readers import gpx, read_input
from dronecheck.recognition import Kind, recognise
from dronecheck.safe.io import Input
from tests.support.growth import assert_linear
from tests.support.scale import loops

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2" '
    'xmlns:gx="http://www.google.com/kml/ext/2.2"><Document><name>Flight</name>'
)
END = "</Document></kml>"
START_NS = int(datetime(2026, 5, 1, 10, tzinfo=UTC).timestamp()) * 10**9
POLYGON = (
    "<Placemark><name>Z</name><Polygon><outerBoundaryIs><LinearRing><coordinates>"
    "8,47 8.1,47 8.1,47.1 8,47</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
)


def stamp(second):
    return f"2026-05-01T10:{second // 60:02d}:{second % 60:02d}Z"


def track(seconds, prefix="gx:", mode="absolute", first_lat=47.0, interleaved=False):
    """A track as Google Earth (prefix `gx:`) and KML 2.3 (none) have it; times first, or each beside its place."""
    whens = [f"<when>{stamp(s)}</when>" for s in seconds]
    coords = [f"<{prefix}coord>8.0000001 {first_lat + s / 1e5:.7f} {400 + s}</{prefix}coord>" for s in seconds]
    rows = [part for pair in zip(whens, coords, strict=True) for part in pair] if interleaved else whens + coords
    body = "\n".join(rows)
    name = f"{prefix}Track"
    return f"<Placemark><{name}><altitudeMode>{mode}</altitudeMode>{body}</{name}></Placemark>"


def kml(*bodies):
    return (HEAD + "".join(bodies) + END).encode()


def kmz(**documents):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in documents.items():
            archive.writestr(name.replace("_kml", ".kml").replace("_png", ".png"), content)
    return held.getvalue()


def read(data, name="t.kml"):
    return read_input(Input(Path(name), data, hashlib.sha256(data).hexdigest()))


def issues(flight):
    return {issue.code.value: issue for issue in flight.issues}


@pytest.mark.parametrize("prefix", ["gx:", ""])
@pytest.mark.parametrize("interleaved", [False, True])
def test_points_become_fixes_at_their_bytes(prefix, interleaved):
    data = kml(track(range(60), prefix, interleaved=interleaved))
    flight = read(data)
    assert (flight.source.format, flight.source.dialect) == ("gpx", "kml")
    np.testing.assert_allclose(flight.track.lat_deg, 47 + np.arange(60) / 1e5, atol=1e-9)
    assert set(flight.track.lon_deg.tolist()) == {8.0000001}
    assert flight.track.time_ns.tolist() == [START_NS + s * 10**9 for s in range(60)]
    assert all(data[o:].startswith(f"<{prefix}coord".encode()) for o in flight.track.offset.tolist())
    assert (flight.clock.utc_known, flight.clock.source) == (True, ClockSource.EXPORT)
    assert flight.completeness is Completeness.COMPLETE
    assert "a KML" in issues(flight)["owner_unknown"].message


@pytest.mark.parametrize(("mode", "told"), [("absolute", True), ("relativeToGround", True), ("clampToGround", False)])
def test_heights_are_of_no_proven_datum(mode, told):
    flight = read(kml(track(range(5), mode=mode)))
    assert np.isnan(flight.track.alt_amsl_m).all()
    assert np.isnan(flight.track.alt_agl_m).all()
    assert ("height_frame" in issues(flight)) == told


def test_a_kmz_is_the_same_track():
    data = kml(track(range(50)))
    for packed in (kmz(doc_kml=data), kmz(files_a_png=bytes(1000), doc_kml=data)):
        assert recognise(packed[: 64 << 10], "t.kmz") is Kind.LOG
        flight = read(packed, "t.kmz")
        np.testing.assert_array_equal(flight.track.lat_deg, read(data).track.lat_deg)
        assert flight.source.size_bytes == len(packed)
        assert "nul_bytes" not in issues(flight)
    several = kmz(doc_kml=data, more_kml=data)
    assert issues(read(several))["unknown_records"].count == 1


def test_zones_stay_zones_and_drawings_are_no_tracks():
    line = "<Placemark><LineString><coordinates>8,47,0 8.1,47,0</coordinates></LineString></Placemark>"
    for body in (POLYGON, POLYGON + track(range(5)), line):
        for data in (kml(body), kmz(doc_kml=kml(body))):
            assert gpx.sniff(data, "t.kml") == 0
            assert recognise(data, "t.kml") is Kind.ZONES
    with pytest.raises(UnreadableInput):
        gpx.read(Input(Path("t.kmz"), kmz(doc_kml=kml(line)), ""))


def test_tracks_that_follow_one_another_are_one_flight_and_those_at_one_time_are_two_receivers():
    parts = f"<Placemark><gx:MultiTrack>{track(range(20))}{track(range(20, 40))}</gx:MultiTrack></Placemark>"
    assert len(read(kml(parts)).track) == 40
    flight = read(kml(track(range(20)), track(range(5, 15), first_lat=48.0)))
    assert flight.track.part.tolist() == [0] * 20 + [1] * 10
    assert issues(flight)["other_vehicles"].count == 10


def test_what_is_left_over_is_counted():
    whole = kml(track(range(20)))
    without_place = read(whole.replace(b"8.0000001 47.0000700 407", b"", 1))
    assert (len(without_place.track), issues(without_place)["bad_position"].count) == (19, 1)
    without_time = read(whole.replace(f"<when>{stamp(19)}</when>".encode(), b"", 1))
    assert (len(without_time.track), issues(without_time)["clock_damaged"].count) == (20, 1)
    assert not without_time.track.is_timed[-1]
    zoneless = read(whole.replace(b"Z</when>", b"</when>"))
    assert zoneless.clock.is_assumed


def test_a_cut_file_keeps_what_was_whole():
    data = kml(track(range(100)))
    flight = read(data[: data.find(b"47.0005000")])
    assert len(flight.track) == 50
    assert flight.completeness is Completeness.TRUNCATED
    assert "truncated" in issues(flight)


def test_damage_says_what_is_lost():
    data = kml(track(range(100)))
    flight = read(data.replace(b"<gx:coord>8.0000001 47.0005000", b"<gx:co<rd>8.0000001 47.0005000"))
    assert len(flight.track) == 50
    assert flight.completeness is Completeness.DAMAGED
    assert "bytes_skipped" in issues(flight)


def test_any_bytes_give_a_flight_or_one_line():
    rng, whole = random.Random(22), kml(track(range(40)))
    whole_issues = len(gpx.read(Input(Path("t.kml"), whole, "")).issues)
    for data in (whole, kmz(doc_kml=whole)):
        for _ in range(loops(400, 60)):
            damaged = bytearray(data)
            for _ in range(rng.randrange(1, 8)):
                damaged[rng.randrange(len(damaged))] = rng.randrange(256)
            gpx.sniff(bytes(damaged), "t.kml")
            try:
                flight = gpx.read(Input(Path("t.kml"), bytes(damaged), ""))
            except UnreadableInput as refused:
                assert "\n" not in str(refused)
                continue
            lost = flight.completeness is not Completeness.COMPLETE
            assert len(flight.track) <= 40
            assert len(flight.track) == 40 or lost or len(flight.issues) > whole_issues


def test_the_work_grows_with_the_size():
    def made(count):
        return Input(Path("t.kml"), kml(track([s % 3600 for s in range(count)])), "")

    assert_linear(gpx.read, made, 1_000, 8_000)


def test_our_own_export_is_read_again(repo, tmp_path):
    from dronecheck.report.export.track import write_track

    flight = dronecheck.read(repo / "samples" / "clear_dandong.csv")
    write_track(flight, tmp_path / "out.kml")
    again = dronecheck.read(tmp_path / "out.kml")
    assert len(again.track) == len(flight.track)
    assert np.abs(again.track.time_ns - flight.track.time_ns).max() <= 500_000
    np.testing.assert_array_equal(again.track.lat_deg, flight.track.lat_deg)
