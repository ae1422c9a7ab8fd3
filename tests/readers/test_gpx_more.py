"""GPX tracks point by point: fixes, heights, times, accuracy, several tracks, and damage that costs what it hits."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from dronecheck.errors import UnreadableInput
from dronecheck.flight import ClockSource, Completeness, HorizontalDatum, SigmaSource
from dronecheck.issues import Severity
from dronecheck.readers import gpx, read_input
from dronecheck.safe.io import Input
from tests.support.growth import assert_linear

HEAD = '<?xml version="1.0"?>\n<gpx version="1.1" creator="test" xmlns="http://www.topografix.com/GPX/1/1">'
START_NS = int(datetime(2026, 5, 1, 10, tzinfo=UTC).timestamp()) * 10**9


def point(second, lat=47.0, lon=11.0, more="", stamp=None):
    stamp = f"2026-05-01T10:{second // 60:02d}:{second % 60:02d}Z" if stamp is None else stamp
    written = f"<time>{stamp}</time>" if stamp else ""
    return f'<trkpt lat="{lat}" lon="{lon}">{more}{written}</trkpt>'


def track(*points):
    return f"<trk><trkseg>{''.join(points)}</trkseg></trk>"


def read(body, head=HEAD, end="</gpx>"):
    data = body if isinstance(body, bytes) else f"{head}{body}{end}".encode()
    assert gpx.sniff(data, "x") == 95
    return read_input(Input(Path("t.gpx"), data, hashlib.sha256(data).hexdigest()))


def issues(flight):
    return {issue.code.value: issue for issue in flight.issues}


def test_points_become_fixes_at_their_bytes():
    body = track(point(0, 47.1, 11.1), point(1, 47.2, -11.2))
    flight = read(body)
    rows = flight.track
    assert (rows.lat_deg.tolist(), rows.lon_deg.tolist()) == ([47.1, 47.2], [11.1, -11.2])
    assert rows.time_ns.tolist() == [START_NS, START_NS + 10**9]
    data = f"{HEAD}{body}</gpx>".encode()
    assert [data[o : o + 6] for o in rows.offset.tolist()] == [b"<trkpt"] * 2
    assert (flight.clock.utc_known, flight.clock.source) == (True, ClockSource.EXPORT)
    assert (flight.completeness, flight.datum) == (Completeness.COMPLETE, HorizontalDatum.UNPROVEN)
    assert flight.source.dialect == "1.1"
    assert issues(flight)["owner_unknown"].severity is Severity.WARNING
    assert "by test" in issues(flight)["owner_unknown"].message


@pytest.mark.parametrize(
    ("stamp", "seconds"),
    [
        ("2026-05-01T10:00:07Z", 7.0),
        ("2026-05-01T12:00:07+02:00", 7.0),
        ("2026-05-01T10:00:07.25Z", 7.25),
        ("2026-05-01T10:00:07.1234567Z", 7.123456),
    ],
)
def test_times_of_every_zone(stamp, seconds):
    assert (read(track(point(0, stamp=stamp))).track.time_ns[0] - START_NS) / 1e9 == seconds


def test_times_without_seconds_are_good_to_a_minute():
    cut = [point(0, 47 + i / 1e5, stamp=f"2026-05-01T10:{i // 20:02d}Z") for i in range(60)]
    assert read(track(*cut)).clock.sigma_s == 60.0
    assert read(track(*(point(i, 47 + i / 1e5) for i in range(60)))).clock.sigma_s == 1.0


@pytest.mark.parametrize("stamp", ["", "yesterday", "2026-05-01", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_points_without_a_readable_time_are_counted(stamp):
    flight = read(track(point(0), point(1, stamp=stamp), point(2)))
    assert flight.track.is_timed.tolist() == [True, False, True]
    assert issues(flight)["clock_damaged"].count == 1
    assert flight.completeness is Completeness.DAMAGED


def test_plans_beside_a_track_are_said():
    assert issues(read('<rte><rtept lat="1" lon="2"/></rte>' + track(point(0))))["unknown_records"].count == 1


def test_only_fixes_count():
    rows = (
        point(0),
        point(1, 0, 0),
        point(2, 91),
        point(3, "x"),
        point(4, "nan"),
        point(5, more="<fix>none</fix>"),
        point(6, more="<fix>2d</fix>"),
        point(7, "4_7"),
    )
    flight = read(track(*rows))
    assert len(flight.track) == 2
    found = issues(flight)
    assert found["no_fix_rows"].count == 1
    assert sum(issue.count for issue in flight.issues if issue.code.value == "bad_position") == 5


def test_a_height_counts_only_where_its_datum_is_shown():
    flight = read(track(point(0, more="<ele>100</ele>"), point(1, more="<ele>100</ele><geoidheight>47</geoidheight>")))
    np.testing.assert_array_equal(flight.track.alt_amsl_m, [np.nan, 100])
    np.testing.assert_array_equal(flight.track.alt_hae_m, [np.nan, 147])
    assert issues(flight)["height_frame"].count == 1


def test_accuracy_speed_and_what_they_are_from():
    # what extensions say under the names of the point's own elements is theirs
    other = "<extensions><a><time>2020-01-01T00:00:00Z</time><ele>5</ele><speed>90</speed></a></extensions>"
    extension = "<extensions><x:TrackPointExtension xmlns:x='y'><x:speed>3</x:speed></x:TrackPointExtension>"
    flight = read(
        track(
            point(0, 47.0000001, more=f"{extension}<accuracy>8.0</accuracy></extensions><hdop>1</hdop>"),
            point(1, more="<hdop>1.5</hdop><sat>12</sat><speed>2</speed>"),
            point(2, more=f"<sat>12</sat>{other}"),
            point(3, more="<speed>inf</speed>"),
        )
    )
    np.testing.assert_allclose(flight.track.h_sigma_m, [8 / 2**0.5, 1.5 * 4 / 2**0.5, 2.0, np.nan], rtol=1e-3)
    np.testing.assert_array_equal(flight.track.speed_mps, [3, 2, np.nan, np.nan])
    assert flight.track.time_ns[2] == START_NS + 2 * 10**9
    assert flight.track.h_sigma_source is SigmaSource.MIXED


def test_few_digits_are_an_error_of_their_own():
    assert read(track(point(0, "47.001", "11.001", more="<sat>12</sat>"))).track.h_sigma_m[0] == pytest.approx(
        np.hypot(2.0, 111.32 / 12**0.5), rel=1e-3
    )


def test_overlapping_tracks_are_two_receivers():
    one = track(*(point(i, 47 + i / 1e5) for i in range(10)))
    other = track(*(point(i, 48 + i / 1e5) for i in range(5, 9)))
    later = track(*(point(i, 47.001) for i in range(20, 22)))
    flight = read(later + other + one)
    assert flight.track.part.tolist() == [0] * 2 + [1] * 4 + [2] * 10
    assert issues(flight)["other_vehicles"].count == 4
    flight = read(later + one)
    assert not flight.track.part.any()
    assert (np.diff(flight.track.time_ns) > 0).all()


def test_fixes_that_repeat_a_time_are_kept_and_those_that_repeat_all_are_merged():
    flight = read(track(point(0), point(0, 47.001), point(1)))
    assert len(flight.track) == 3
    assert (np.diff(flight.track.time_ns) > 0).all()
    flight = read(track(point(0), point(0), point(1, 47.001)))
    assert len(flight.track) == 2
    assert issues(flight)["repeated_position"].severity is Severity.INFO


WHOLE = f"{HEAD}{track(*(point(i, 47 + i / 1e5) for i in range(60)))}</gpx>".encode()


@pytest.mark.parametrize("cut", range(400, len(WHOLE), 97))
def test_a_cut_file_gives_the_points_before_the_cut(cut):
    flight = read(WHOLE[:cut])
    assert len(flight.track) == WHOLE[:cut].count(b"</trkpt>")
    assert flight.completeness is Completeness.TRUNCATED
    assert issues(flight)["truncated"].offset <= cut


def test_damage_costs_the_points_it_hits():
    places = [i for i in range(len(WHOLE)) if WHOLE.startswith(b"<trkpt", i)]
    data = bytearray(WHOLE)
    data[places[10] + 9] = ord("<")
    data[places[30] - 3] = 0
    flight = read(bytes(data))
    assert flight.completeness is Completeness.DAMAGED
    lost = issues(flight)["bytes_skipped"]
    assert lost.offset in range(places[9], places[11])
    assert len(flight.track) == 58
    assert set(flight.track.offset.tolist()) < set(places)


def test_many_damaged_points_take_linear_time():
    def refused(data):
        with pytest.raises(UnreadableInput):
            read(data)

    assert_linear(refused, lambda times: WHOLE.replace(b"<time>", b"<tim&>") * times, 25, 200)


@pytest.mark.parametrize(
    ("head", "score"),
    [
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a gpx --><gpx>", 95),
        ('<?xml version="1.0" encoding="UTF-16"?><gpx version="1.1">'.encode("utf-16"), 95),
        (b"<g:gpx xmlns:g='x'>", 95),
        (b"<kml><gpx>", 0),
        (b"<!-- <gpx> --><svg>", 0),
        (b"<gpxx>", 0),
    ],
)
def test_the_root_element_decides(head, score):
    assert gpx.sniff(head, "flight.gpx") == score
