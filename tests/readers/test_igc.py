"""The IGC reader against aerofiles, and on hand-written records."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from aerofiles.igc import Reader

from dronecheck import readers
from dronecheck.errors import UnreadableInput
from dronecheck.flight import Completeness, HorizontalDatum
from dronecheck.issues import Code
from dronecheck.readers import igc
from dronecheck.safe.io import Input

HEAD = "AXXX001\r\nHFDTE010526\r\nHFDTM100GPSDATUM:WGS-1984\r\n"
B = "B{}4712345N00812345E{}0050000550\r\n"


def read(text: str | bytes):
    data = text.encode() if isinstance(text, str) else text
    return igc.read(Input(Path("flight.igc"), data, hashlib.sha256(data).hexdigest()))


def codes(flight):
    return {issue.code for issue in flight.issues}


def test_the_sample_equals_aerofiles(repo):
    path = repo / "samples/founding_dandong_sinuiju.igc"
    flight = readers.read(path)
    with path.open(encoding="latin-1") as lines:
        theirs = [fix for fix in Reader().read(lines)["fix_records"][1] if fix["validity"] == "A"]
    assert len(flight.track) == len(theirs)
    lines = path.read_text().splitlines()
    for i, fix in enumerate(theirs):
        assert flight.track.time_ns[i] == round(fix["datetime"].timestamp()) * 1_000_000_000
        # aerofiles gives the additional decimals of the minutes beside the position, not in it
        assert flight.track.lat_deg[i] == pytest.approx(fix["lat"] + fix["LAD"] / 1e5 / 60, abs=1e-9)
        assert flight.track.lon_deg[i] == pytest.approx(fix["lon"] + fix["LOD"] / 1e5 / 60, abs=1e-9)
        assert flight.track.alt_hae_m[i] == fix["gps_alt"]
        assert flight.track.h_sigma_m[i] == pytest.approx(fix["FXA"] / 2.4477, rel=1e-3)
        assert lines[flight.track.offset[i] - 1].startswith(f"B{fix['datetime']:%H%M%S}")
    assert flight.datum is HorizontalDatum.WGS84


def test_midnight_begins_a_new_day():
    flight = read(HEAD + B.format("235959", "A") + B.format("000001", "A"))
    assert flight.track.time_ns.tolist() == [1_777_679_999_000_000_000, 1_777_680_001_000_000_000]


@pytest.mark.parametrize(("line", "column"), [("HFALGALTGPS:ELL", "alt_hae_m"), ("HFALGALTGPS:GEO", "alt_amsl_m")])
def test_heights_go_where_the_header_says(line, column):
    flight = read(HEAD + line + "\r\n" + B.format("100000", "A"))
    assert getattr(flight.track, column).tolist() == [550.0]
    assert Code.HEIGHT_FRAME not in codes(flight)
    assert Code.HEIGHT_FRAME in codes(read(HEAD + B.format("100000", "A")))


def test_south_and_west_and_the_second_of_each_axis():
    track = read(HEAD + "B1000003352500S15112300WA0050000550\r\n").track
    assert (track.lat_deg[0], track.lon_deg[0]) == pytest.approx((-33.875, -151.205))


def test_without_a_fix_without_a_date_in_another_datum():
    flight = read(HEAD + B.format("100000", "V") + B.format("100001", "A"))
    assert (len(flight.track), Code.NO_FIX_ROWS in codes(flight)) == (1, True)
    assert not read("AXXX001\r\n" + B.format("100000", "A")).clock.utc_known
    with pytest.raises(UnreadableInput) as caught:
        read("AXXX001\r\nHFDTM200GPSDATUM:OSGB-1936\r\n" + B.format("100000", "A"))
    assert caught.value.code == "other_datum"
    with pytest.raises(UnreadableInput):
        read(HEAD)


def test_a_signature_is_told_as_not_verified():
    assert Code.SIGNATURE_NOT_VERIFIED in codes(read(HEAD + B.format("100000", "A") + "GABCDEF\r\n"))


def test_a_record_cut_short_is_dropped_and_a_bad_one_is_told():
    whole = HEAD + "".join(B.format(f"1000{i:02d}", "A") for i in range(5))
    cut = read(whole[:-12])
    assert (len(cut.track), cut.completeness) == (4, Completeness.TRUNCATED)
    assert Code.LINE_CUT_SHORT in codes(cut)
    bad = read(whole.replace("B100002", "B10x002"))
    assert (len(bad.track), bad.completeness) == (4, Completeness.DAMAGED)
    assert Code.BAD_LINE in codes(bad)
