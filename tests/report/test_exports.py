"""Exported tracks read back equal to the track, whatever the format."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from dronecheck.errors import UsageError
from dronecheck.report.export.track import _geojson, write_track
from tests.conftest import make_flight
from tests.support.scale import examples


def flown(count=50, **more):
    lat, lon = np.linspace(53.5, 53.6, count), np.linspace(7.9, 8.1, count) + 1 / 3
    heights = np.linspace(0.1, 99.9, count)
    heights[3] = np.nan
    return make_flight(lat, lon, **{"alt_home_m": heights, "alt_amsl_m": heights + 1 / 7, **more})


def test_csv_reads_back_to_the_same_numbers(tmp_path):
    flight = flown()
    write_track(flight, tmp_path / "out.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text("ascii"))))
    columns = flight.track.columns()
    assert list(rows[0]) == ["time_ns", "time_utc", *[c for c in columns if c != "time_ns"]]
    for name, column in columns.items():
        back = np.array([np.nan if row[name] == "" else float(row[name]) for row in rows])
        if column.dtype == np.int64:
            assert [int(row[name]) for row in rows] == column.tolist()
        else:
            np.testing.assert_array_equal(back, column)
    assert rows[3]["alt_home_m"] == ""
    assert rows[0]["time_utc"] == "2025-06-15T15:06:40.000Z"
    assert rows[1]["time_utc"] == "2025-06-15T15:06:40.200Z"


def test_times_are_empty_without_utc(tmp_path):
    flight = flown(utc=False, start_ns=5_000_000_000)
    write_track(flight, tmp_path / "out.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text())))
    assert {row["time_utc"] for row in rows} == {""}
    assert rows[0]["time_ns"] == "5000000000"
    write_track(flight, tmp_path / "out.parquet")
    assert pq.read_table(tmp_path / "out.parquet")["time_utc"].null_count == len(flight.track)
    write_track(flight, tmp_path / "out.geojson")
    assert json.loads((tmp_path / "out.geojson").read_bytes())["properties"]["coordinateProperties"]["times"][0] == 5.0


def test_parquet_reads_back_with_units_and_nulls(tmp_path):
    flight = flown()
    write_track(flight, tmp_path / "out.parquet")
    table = pq.read_table(tmp_path / "out.parquet")
    for name, column in flight.track.columns().items():
        back = table[name].to_numpy(zero_copy_only=False)
        np.testing.assert_array_equal(back, column)
        assert b"unit" in table.schema.field(name).metadata
    assert table["alt_home_m"].null_count == 1
    assert table["alt_hae_m"].null_count == len(flight.track)
    assert table.schema.field("alt_hae_m").metadata[b"unit"] == b"m above the WGS 84 ellipsoid"
    assert table.schema.metadata[b"source"] == b"made.ulg"
    assert table["time_utc"].cast("int64").to_pylist() == flight.track.time_ns.tolist()


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".geojson", ".CSV"])
def test_same_track_same_bytes(tmp_path, suffix):
    for name in ("a", "b"):
        write_track(flown(), tmp_path / f"{name}{suffix}")
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


def test_another_suffix_names_those_that_are_written(tmp_path):
    with pytest.raises(UsageError, match=r"\.csv, \.parquet, \.geojson, \.gpx, \.kml, \.gpkg"):
        write_track(flown(), tmp_path / "out.xlsx")
    assert list(tmp_path.iterdir()) == []


def geometry(flight):
    feature = json.loads(_geojson(flight, flight.primary, flight.track))
    return feature, feature["geometry"]


def test_geojson_is_a_line_with_times_and_heights_by_datum():
    flight = flown()
    feature, line = geometry(flight)
    assert (feature["type"], line["type"]) == ("Feature", "LineString")
    np.testing.assert_array_equal(line["coordinates"], np.column_stack([flight.track.lon_deg, flight.track.lat_deg]))
    of_each = feature["properties"]["coordinateProperties"]
    assert of_each["times"][1] == "2025-06-15T15:06:40.200Z"
    assert of_each["alt_home_m"][3] is None
    assert of_each["alt_home_m"][4] == flight.track.alt_home_m[4]
    assert "alt_hae_m" not in of_each
    assert feature["properties"]["units"]["alt_amsl_m"] == "m above mean sea level"
    assert shapely.from_geojson(json.dumps(line)).length > 0.1


def test_a_third_value_only_where_it_is_height_above_the_ellipsoid():
    hae = np.linspace(40, 90, 50)
    assert geometry(flown(alt_hae_m=hae))[1]["coordinates"][7][2] == hae[7]
    hae[9] = np.nan
    assert {len(p) for p in geometry(flown(alt_hae_m=hae))[1]["coordinates"]} == {2}


def test_the_antimeridian_cuts_the_line_and_its_times():
    lon = [179.9, 179.98, 180.02, 180.1, 179.96]
    lat = [-17.0, -17.0, -16.0, -16.0, -15.0]
    flight = make_flight(lat, lon, dt_s=1.0, alt_amsl_m=[0.0, 10.0, 20.0, 20.0, 34.0])
    feature, line = geometry(flight)
    assert line["type"] == "MultiLineString"
    first, second, third = line["coordinates"]
    assert first[-1] == pytest.approx([180.0, -16.5])
    assert second[0] == pytest.approx([-180.0, -16.5])
    assert second[-1][0] == -180.0
    assert third[0][0] == 180.0
    assert third[-1] == pytest.approx([179.96, -15.0])
    of_each = feature["properties"]["coordinateProperties"]
    assert [len(part) for part in of_each["times"]] == [3, 4, 2]
    assert of_each["times"][0][-1] == of_each["times"][1][0] == "2025-06-15T15:06:41.500Z"
    assert of_each["alt_amsl_m"][0][-1] == pytest.approx(15.0)


@settings(max_examples=examples(200), deadline=None)
@given(st.lists(st.floats(-0.5, 0.5).flatmap(lambda east: st.sampled_from([east, 0.0])), min_size=2, max_size=30))
def test_every_fix_stays_in_a_cut_line(east):
    flight = make_flight(np.linspace(10, 11, len(east)), 180.0 + np.array(east))
    _, line = geometry(flight)
    parts = [line["coordinates"]] if line["type"] == "LineString" else line["coordinates"]
    assert all(len(part) >= 2 for part in parts)
    for part in parts:
        lon = np.array(part)[:, 0]
        assert np.abs(np.diff(lon)).max() <= 180
        assert np.all(np.abs(lon) <= 180)
    seen = {_place(x, y) for part in parts for x, y in part}
    for x, y in zip(flight.track.lon_deg.tolist(), flight.track.lat_deg.tolist(), strict=True):
        assert _place(x, y) in seen


def _place(lon, lat):
    """Rounded to 0.1 mm; 180 and -180 are one meridian."""
    return 180.0 if abs(lon) > 180 - 1e-9 else round(lon, 9), round(lat, 9)


@pytest.mark.parametrize(("count", "kind"), [(0, None), (1, "Point"), (2, "LineString")])
def test_few_fixes(tmp_path, count, kind):
    flight = make_flight([1.0] * count, [2.0] * count)
    _, shape = geometry(flight)
    assert (shape and shape["type"]) == kind
    for suffix in (".csv", ".parquet", ".geojson"):
        write_track(flight, tmp_path / f"out{suffix}")
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 1 + count
    assert pq.read_table(tmp_path / "out.parquet").num_rows == count


def test_the_operator_track_goes_out_on_request_only(tmp_path):
    flight = flown()
    operator = make_flight([41.234567], [9.0]).track
    flight = replace(flight, tracks={**flight.tracks, "operator": operator})
    for suffix in (".csv", ".parquet", ".geojson"):
        write_track(flight, tmp_path / f"out{suffix}")
    assert not list(tmp_path.glob("*operator*"))
    assert b"41.234567" not in (tmp_path / "out.csv").read_bytes() + (tmp_path / "out.geojson").read_bytes()
    write_track(flight, tmp_path / "out.csv", include_private=True)
    assert "41.234567" in (tmp_path / "out.operator.csv").read_text()
    alone = replace(flight, tracks={"operator": operator}, primary="")
    for suffix in (".csv", ".geojson", ".gpx", ".kml", ".parquet"):
        write_track(alone, tmp_path / f"alone{suffix}")
        assert b"41.234567" not in (tmp_path / f"alone{suffix}").read_bytes()
    assert len((tmp_path / "alone.csv").read_text().splitlines()) == 1
    assert not list(tmp_path.glob("alone.operator*"))
    write_track(alone, tmp_path / "alone.csv", include_private=True)
    assert "41.234567" in (tmp_path / "alone.operator.csv").read_text()


def test_names_of_files_are_no_paths_and_no_control_characters():
    flight = flown()
    hostile = replace(flight, source=replace(flight.source, path=Path("/home/me/x\x1b[31m.csv")))
    feature, _ = geometry(hostile)
    assert feature["properties"]["source"] == "x\\x1b[31m.csv"
