"""IGC files record by record: dates, heights, extensions, events, damage; and what aerofiles writes and reads."""

from __future__ import annotations

import hashlib
import io
import random
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from pathlib import Path

import numpy as np
import pytest
from aerofiles.igc import Reader, Writer

from dronecheck.errors import UnreadableInput
from dronecheck.flight import Completeness, EventKind, HorizontalDatum, SigmaSource
from dronecheck.issues import Severity
from dronecheck.readers import igc, read_input
from dronecheck.safe.io import Input

TOP = ("AXXXABC FLIGHT:1", "HFDTE010526", "HFDTM100GPSDATUM:WGS-1984", "HFALGALTGPS:ELL")
FIX = "B1000004701000N01102000EA0050000547"


def read(*lines, top=TOP, end="\r\n"):
    data = ("\r\n".join((*top, *lines)) + end).encode()
    assert igc.sniff(data, "x") >= 85
    return read_input(Input(Path("t.igc"), data, hashlib.sha256(data).hexdigest()))


def issues(flight):
    return {issue.code.value: issue for issue in flight.issues}


def utc_s(*parts):
    return int(datetime(*parts, tzinfo=UTC).timestamp())


def seconds(flight):
    return (flight.track.time_ns // 10**9).tolist()


def test_a_fix_record():
    flight = read(FIX, "B1000014701000S01102000WA-001200547")
    track = flight.track
    np.testing.assert_allclose(track.lat_deg, [47 + 1 / 60, -(47 + 1 / 60)], atol=1e-12)
    np.testing.assert_allclose(track.lon_deg, [11 + 2 / 60, -(11 + 2 / 60)], atol=1e-12)
    assert track.alt_hae_m.tolist() == [547, 547]
    assert np.isnan(track.alt_amsl_m).all()
    assert track.offset.tolist() == [5, 6]
    assert seconds(flight) == [utc_s(2026, 5, 1, 10), utc_s(2026, 5, 1, 10, 0, 1)]
    assert flight.clock.utc_known
    assert (flight.completeness, flight.datum) == (Completeness.COMPLETE, HorizontalDatum.WGS84)
    assert issues(read(FIX, "G123abc"))["signature_not_verified"].offset == 6


@pytest.mark.parametrize("line", ["HFDTE010526", "HFDTEDATE:010526,02", "HFDTE:010526", "HODTEDATE: 010526"])
def test_dates_in_every_dress(line):
    assert seconds(read(FIX, top=("AXXX", line))) == [utc_s(2026, 5, 1, 10)]


@pytest.mark.parametrize("date", ["010595", "010170", "010106", "010132"])
def test_a_date_that_cannot_be_is_none(date):
    flight = read(FIX, top=("AXXX", f"HFDTE{date}"))
    assert not flight.clock.utc_known
    assert seconds(flight) == [36_000]  # of a day that is not known
    assert {"clock_damaged", "utc_unknown"} <= {issue.code.value for issue in flight.issues}


def test_midnight_is_passed():
    fixes = [FIX.replace("100000", clock) for clock in ("235958", "235959", "000000", "000001")]
    flight = read(*fixes)
    assert seconds(flight) == list(range(utc_s(2026, 5, 1, 23, 59, 58), utc_s(2026, 5, 2, 0, 0, 2)))
    assert "out_of_order" not in issues(flight)
    # some recorders write the new date too
    assert seconds(read(*fixes[:2], "HFDTE020526", *fixes[2:])) == seconds(flight)


def test_without_a_date_no_utc_is_known():
    flight = read(FIX, top=("AXXX",))
    assert not flight.clock.utc_known
    assert "utc_unknown" in issues(flight)
    assert not read(FIX, "HFDTE010526", FIX.replace("100000", "100001"), top=("AXXX",)).clock.utc_known
    assert not read(FIX, top=("AXXX", "HFDTE310226")).clock.utc_known


def test_records_without_a_3d_fix_stay_out():
    flight = read(FIX, FIX.replace("100000", "100001").replace("EA", "EV"), FIX.replace("100000", "100002"))
    assert len(flight.track) == 2
    assert (issues(flight)["no_fix_rows"].offset, issues(flight)["no_fix_rows"].count) == (6, 1)


@pytest.mark.parametrize(
    ("header", "column"),
    [("HFALGALTGPS:ELL", "alt_hae_m"), ("HFALGALTGPS:GEO", "alt_amsl_m"), ("HFALG:MSL", "alt_amsl_m"),
     ("HFALGALTGPS:NIL", None), ("", None), ("HFALG:strange", None)],
)  # fmt: skip
def test_heights_go_where_the_file_says(header, column):
    flight = read(FIX, top=("AXXX", "HFDTE010526", header))
    for name in ("alt_hae_m", "alt_amsl_m", "alt_home_m", "alt_agl_m"):
        known = getattr(flight.track, name)[0] == 547
        assert known == (name == column)
    assert ("height_frame" in issues(flight)) == (column is None and "NIL" not in header)


@pytest.mark.parametrize("header", ["HFDTM100GPSDATUM:WGS-1984", "HFDTM100DATUM:WGS84", "HFDTM:WGS 84", ""])
def test_wgs84_in_every_dress(header):
    flight = read(FIX, top=("AXXX", "HFDTE010526", header))
    assert flight.datum is (HorizontalDatum.WGS84 if header else HorizontalDatum.UNPROVEN)


def test_every_date_counts_for_the_fixes_behind_it():
    flight = read(FIX, "HFDTE030526", FIX.replace("100000", "110000"))
    assert seconds(flight) == [utc_s(2026, 5, 1, 10), utc_s(2026, 5, 3, 11)]


def test_extensions():
    flight = read(
        "I073638FXA3940SIU4141TDS4243LAD4445LOD4648GSP4951ENL",
        FIX + "008" + "12" + "5" + "50" + "25" + "036" + "999",
        FIX.replace("100000", "100001") + "000" + "12" + "0" + "00" + "00" + "000" + "000",
    )
    track = flight.track
    assert track.lat_deg[0] == pytest.approx(47 + 1.0005 / 60, abs=1e-12)
    assert track.lon_deg[0] == pytest.approx(11 + 2.00025 / 60, abs=1e-12)
    assert track.time_ns[0] == utc_s(2026, 5, 1, 10) * 10**9 + 500_000_000
    np.testing.assert_allclose(track.h_sigma_m, [8 / 2.4477, 2.0], atol=0.01)
    np.testing.assert_allclose(track.speed_mps, [10, 0])
    assert track.h_sigma_source is SigmaSource.MIXED


def test_events_and_the_aircraft():
    flight = read(
        "HFPLTPILOTINCHARGE:Jane Doe", "HFGTYGLIDERTYPE:Hexa", "HFGIDGLIDERID:D-1", "HFFTYFRTYPE:Maker,Box",
        FIX.replace("100000", "235959"), "E000001PEV button", "LXXXa comment",
    )  # fmt: skip
    (event,) = flight.events
    assert (event.time_ns // 10**9, event.kind, event.text, event.offset) == (
        utc_s(2026, 5, 2, 0, 0, 1), EventKind.MESSAGE, "PEV button", 10,
    )  # fmt: skip
    assert (flight.vehicle.model, flight.vehicle.hardware) == ("Hexa", "Maker,Box")
    assert not {"Jane", "D-1"} & set(repr(flight).split())


def test_damage_is_counted():
    second = FIX.replace("100000", "100001")
    flight = read(FIX, FIX.replace("4701000N", "4761000N"), "?what", second)
    assert flight.completeness is Completeness.DAMAGED
    assert (issues(flight)["bad_line"].offset, issues(flight)["bad_line"].count) == (6, 2)
    cut = read(FIX, second[:-3], end="")
    assert cut.completeness is Completeness.TRUNCATED
    assert (issues(cut)["line_cut_short"].severity, len(cut.track)) == (Severity.DAMAGE, 1)
    # a last record with all base columns, yet short of its extensions, may have lost digits
    assert len(read("I013638FXA", FIX + "008", second + "0", end="").track) == 1


def test_nothing_recorded():
    with pytest.raises(UnreadableInput) as caught:
        read("LXXX")
    assert caught.value.code == "no_track"


def _written_by_aerofiles(source):
    """A random flight over midnight, written by another library; the bytes and the truth."""
    handle = io.BytesIO()
    writer = Writer(handle)
    writer.write_headers({
        "manufacturer_code": "XCS", "logger_id": "TBX", "date": date(2025, 12, 31), "logger_type": "Maker,Model",
        "gps_receiver": "any", "firmware_version": "1", "hardware_version": "1", "fix_accuracy": 50,
        "pilot": "nobody", "glider_type": "Hexa", "glider_id": "D-1",
    })  # fmt: skip
    writer.write_fix_extensions([("FXA", 3), ("SIU", 2)])
    truth = []
    for i in range(400):
        at = 86_400 - 200 + i
        clock = time_of_day(at // 3600 % 24, at // 60 % 60, at % 60)
        lat, lon = source.uniform(-89, 89), source.uniform(-179, 179)
        valid = source.random() < 0.9
        writer.write_fix(clock, latitude=lat, longitude=lon, valid=valid, pressure_alt=i, gps_alt=i + 40,
                         extensions=[source.randrange(1, 99), source.randrange(20)])  # fmt: skip
        if valid:
            truth.append((utc_s(2025, 12, 31) + at, lat, lon))
    return handle.getvalue(), truth


def test_what_aerofiles_writes():
    data, truth = _written_by_aerofiles(random.Random(7))
    flight = read_input(Input(Path("t.igc"), data, ""))
    times, lats, lons = (np.array(column) for column in zip(*truth, strict=True))
    assert flight.completeness is Completeness.COMPLETE
    np.testing.assert_array_equal(flight.track.time_ns, times * 10**9)
    np.testing.assert_allclose(flight.track.lat_deg, lats, atol=0.0006 / 60)
    np.testing.assert_allclose(flight.track.lon_deg, lons, atol=0.0006 / 60)
    assert flight.vehicle.model == "Hexa"


@pytest.mark.parametrize("origin", ["written", "sample"])
def test_what_aerofiles_reads(origin, repo):
    if origin == "written":
        data, _ = _written_by_aerofiles(random.Random(8))
    else:
        data = (repo / "samples/founding_dandong_sinuiju.igc").read_bytes()
    theirs = Reader().read(io.StringIO(data.decode(), newline=None))
    fixes = [fix for fix in theirs["fix_records"][1] if fix["validity"] == "A"]
    track = read_input(Input(Path("t.igc"), data, "")).track
    assert [fix["datetime"].timestamp() for fix in fixes] == (track.time_ns / 1e9).tolist()
    minute_step_deg = 0.0010001 / 60  # the library leaves the further digits (LAD, LOD) alone
    for name, column in (("lat", track.lat_deg), ("lon", track.lon_deg)):
        np.testing.assert_allclose(column, [fix[name] for fix in fixes], atol=minute_step_deg)
    heights = {"ELL": track.alt_hae_m}.get(theirs["header"][1]["gnss_altitude"] if origin == "sample" else "")
    if heights is not None:
        assert heights.tolist() == [fix["gps_alt"] for fix in fixes]


@pytest.mark.parametrize(
    ("head", "score"),
    [
        (b"AXXX\r\nHFDTE010526\r\n", 95),
        (b"AXXXABC\nB1000004701000N01102000EA0050000547\n", 95),
        (b"HFDTE010526\nB1000004701000N01102000EA0050000547\n", 85),
        (b"B1000004701000N01102000EA0050000547\n", 0),
        (b"ABCD,x\n1,2\n", 0),
        (b"Altitude\nHello\n", 0),
    ],
)
def test_sniffing(head, score):
    assert igc.sniff(head, "flight.igc") == score
