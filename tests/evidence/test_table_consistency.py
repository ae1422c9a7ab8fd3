"""CSV-1, CSV-2, HOM-1 and STR-2 of tables: edits of a sample's text are found in place, honest tables are quiet."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dronecheck
from dronecheck.errors import UnreadableInput
from dronecheck.evidence.consistency.table.arithmetic import arithmetic
from dronecheck.evidence.consistency.table.copies import copied_rows
from dronecheck.evidence.consistency.table.form import text_form
from dronecheck.evidence.consistency.table.home import home_point
from dronecheck.flight import Flight, Source, Weight, Witness
from tests.conftest import make_flight
from tests.evidence.makers import touches

OURS = ("CSV-1", "CSV-2", "HOM-1")
FIRST_LINE = 2  # of the rows, behind the header
SPHERE_KM = 6371.0


def sphere_m(lat: float, lon: float, to_lat: float, to_lon: float) -> float:
    """By the law of cosines in its half-versed form, as exporters do."""
    a, b = math.radians(lat), math.radians(to_lat)
    h = (1 - math.cos(b - a)) / 2 + math.cos(a) * math.cos(b) * (1 - math.cos(math.radians(to_lon - lon))) / 2
    return 2000 * SPHERE_KM * math.asin(math.sqrt(h))


class AirdataTable:
    """The sample's rows as cells by the names of the header, with what an exporter calculates filled in."""

    def __init__(self, repo: Path) -> None:
        lines = (repo / "samples" / "founding_dandong_sinuiju_airdata.csv").read_text().splitlines()
        self.names = [name.strip().partition("(")[0] for name in lines[0].split(",")]
        self.header = lines[0]
        rows = [line.split(",") for line in lines[1:] if '"' not in line]
        self.rows = [dict(zip(self.names, row, strict=True)) for row in rows]
        self.calculated()

    def calculated(self) -> None:
        way_m = highest_m = 0.0
        home = self.place(0)
        for number in range(len(self.rows)):
            row = self.rows[number]
            away_m = sphere_m(*home, *self.place(number))
            way_m += sphere_m(*self.place(number - 1), *self.place(number)) if number else 0.0
            highest_m = max(highest_m, float(row["height_above_takeoff"]))
            row["distance"], row["mileage"] = f"{away_m:.2f}", f"{way_m:.2f}"
            row["max_ascent"] = f"{highest_m:.1f}"
            row["gpslevel"] = "5"

    def place(self, number: int) -> tuple[float, float]:
        return float(self.rows[number]["latitude"]), float(self.rows[number]["longitude"])

    def move(self, number: int, north_m: float, east_m: float) -> None:
        lat, lon = self.place(number)
        self.rows[number]["latitude"] = f"{lat + north_m / 111_195:.7f}"
        self.rows[number]["longitude"] = f"{lon + east_m / 111_195 / math.cos(math.radians(lat)):.7f}"

    def lines(self) -> list[str]:
        return [self.header, *(",".join(row[name] for name in self.names) for row in self.rows)]

    def flight(self, tmp_path: Path, lines: list[str] | None = None) -> Flight:
        return read(tmp_path, "\n".join(lines or self.lines()) + "\n")


def read(tmp_path: Path, text: str) -> Flight:
    path = tmp_path / "log.csv"
    path.write_bytes(text.encode())
    return dronecheck.read(path)


def said(flight: Flight, test: str):
    return [one for one in flight.integrity.statements if one.id == test]


@pytest.fixture
def table(repo):
    return AirdataTable(repo)


def test_samples_and_their_exact_table_are_quiet(repo, table, tmp_path):
    flights = [dronecheck.read(path) for path in sorted((repo / "samples").glob("*.csv"))]
    flights.append(table.flight(tmp_path))
    for flight in flights:
        assert [s for s in flight.integrity.statements if s.id in (*OURS, "STR-2")] == []
        assert {"CSV-1", "CSV-2", "STR-2"} <= set(flight.integrity.run)


@pytest.mark.parametrize("bearing_deg", [0, 45, 120, 200, 290])
@pytest.mark.parametrize("number", [700, 1200, 1900])
def test_one_row_moved_by_55_m_is_named(table, tmp_path, number, bearing_deg):
    bearing = math.radians(bearing_deg)
    table.move(number, 55 * math.cos(bearing), 55 * math.sin(bearing))
    told = said(table.flight(tmp_path), "CSV-1")
    assert told and all(s.severity is Weight.CONTRADICTION for s in told)
    line = number + FIRST_LINE
    assert any(line in s.records for s in told)
    assert not any(touches(s, 0, line - 3) or touches(s, line + 3, 10**9) for s in told)


def test_a_distance_straight_beside_home_hides_in_its_rounding_and_the_way_tells(table, tmp_path):
    number = 1200
    north = table.place(number)[0] - table.place(0)[0]
    east = (table.place(number)[1] - table.place(0)[1]) * math.cos(math.radians(40.1))
    length = math.hypot(north, east)
    table.move(number, 12 * -east / length, 12 * north / length)  # 12 m across: 0.04 m of distance
    told = said(table.flight(tmp_path), "CSV-1")
    assert any("way so far" in s.observed and number + FIRST_LINE in s.records for s in told)


def test_a_section_moved_far_is_found_with_both_ends(table, tmp_path):
    for number in range(800, 1300):
        table.move(number, 0, -400)
    told = said(table.flight(tmp_path), "CSV-1")
    away = next(s for s in told if "distance to home" in s.observed)
    assert away.severity is Weight.CONTRADICTION
    assert away.records[0] == 800 + FIRST_LINE
    assert touches(away, 1299 + FIRST_LINE, 1299 + FIRST_LINE)


def test_heights_of_one_column_that_were_scaled_depart_from_the_other(table, tmp_path):
    for number in range(900, 1000):
        row = table.rows[number]
        row["altitude_above_seaLevel"] = f"{float(row['altitude_above_seaLevel']) * 0.7:.1f}"
    told = said(table.flight(tmp_path), "CSV-1")
    heights = [s for s in told if "height above sea level" in s.observed]
    assert heights and all(s.severity is Weight.CONTRADICTION and s.concern == "height" for s in heights)
    assert all(s.records[0] == 900 + FIRST_LINE for s in heights)


def test_heights_lowered_in_all_columns_leave_their_maximum_behind(table, tmp_path):
    for number, row in enumerate(table.rows):
        for name in ("height_above_takeoff", "ascent", "altitude_above_seaLevel", "altitude"):
            if number >= 200:
                row[name] = f"{float(row[name]) - 0.3 * float(row['height_above_takeoff'] or 0):.1f}"
    told = said(table.flight(tmp_path), "CSV-1")
    assert any(s.severity is Weight.CONTRADICTION for s in told)


def test_twins_in_two_units_that_differ(table, tmp_path):
    table.header += ",speed(mph)"
    table.names.append("twin")
    for row in table.rows:
        row["twin"] = f"{float(row['speed']) / 0.44704:.2f}"
    assert said(table.flight(tmp_path), "CSV-1") == []
    for row in table.rows[500:520]:
        row["twin"] = "40.00"
    told = said(table.flight(tmp_path), "CSV-1")
    assert [s.records[0] for s in told] == [500 + FIRST_LINE]
    assert "two columns" in told[0].observed


# ---- home


def flight_reader(repo: Path) -> list[list[str]]:
    lines = (repo / "samples" / "founding_dandong_sinuiju_flightreader.csv").read_text().splitlines()
    return [line.split(",") for line in lines]


def as_text(rows: list[list[str]]) -> str:
    return "\n".join(",".join(row) for row in rows) + "\n"


def test_a_home_point_that_moves_and_comes_back_is_told(repo, tmp_path):
    rows = flight_reader(repo)
    at = rows[1].index("HOME.latitude")
    for row in rows[900:1000]:
        row[at] = f"{float(row[at]) + 0.01:.6f}"
    told = said(read(tmp_path, as_text(rows)), "HOM-1")
    assert [(s.severity, s.records[0]) for s in told] == [(Weight.NOTICE, 901)]
    for row in rows[1000:]:
        row[at] = f"{float(row[at]) + 0.01:.6f}"
    told = said(read(tmp_path, as_text(rows)), "HOM-1")
    assert [(s.severity, s.records) for s in told] == [(Weight.INFO, (901,))]  # set anew, once: usual


def test_a_home_point_far_from_the_take_off_is_told(repo, tmp_path):
    rows = flight_reader(repo)
    at = rows[1].index("HOME.latitude")
    for row in rows[2:]:
        row[at] = f"{float(row[at]) + 0.02:.6f}"
    told = said(read(tmp_path, as_text(rows)), "HOM-1")
    assert [s.severity for s in told] == [Weight.NOTICE]
    assert "2224 m" in told[0].observed  # 0.02 degrees of 111.2 km


def test_distances_from_another_place_than_the_stated_home_are_told(repo, tmp_path):
    rows = flight_reader(repo)
    rows[1].append("HOME.distance [ft]")
    lat, lon, home_lat, home_lon = (rows[1].index(name) for name in (
        "OSD.latitude", "OSD.longitude", "HOME.latitude", "HOME.longitude"))  # fmt: skip
    for row in rows[2:]:
        away_m = sphere_m(float(row[home_lat]), float(row[home_lon]), float(row[lat]), float(row[lon]))
        row.append(f"{away_m / 0.3048:.1f}")
    assert said(read(tmp_path, as_text(rows)), "HOM-1") == []
    for row in rows[2:]:  # all places are moved alike, home with them; the distances are those of before
        row[lat] = f"{float(row[lat]) + 0.005:.8f}"
    told = said(read(tmp_path, as_text(rows)), "HOM-1")
    assert any("count from a place 556 m" in s.observed for s in told)  # 0.005 degrees of 111.2 km


# ---- the form of the lines


def test_line_ends_of_two_kinds_are_a_notice(table, tmp_path):
    lines = [line + "\r" if number in range(50, 60) else line for number, line in enumerate(table.lines())]
    told = said(table.flight(tmp_path, lines), "CSV-2")
    assert [(s.severity, s.records[0]) for s in told] == [(Weight.NOTICE, 51)]
    whole = [line + "\r" for line in table.lines()]
    assert said(table.flight(tmp_path, whole), "CSV-2") == []


def test_positions_with_fewer_decimals_in_a_stretch_are_a_notice(table, tmp_path):
    for row in table.rows[700:712]:
        row["latitude"] = f"{float(row['latitude']):.4f}"
    told = said(table.flight(tmp_path), "CSV-2")
    assert [(s.severity, s.concern, s.records[0]) for s in told] == [(Weight.NOTICE, "position", 702)]


def test_rows_out_of_their_order_are_a_notice(table, tmp_path):
    table.rows[600], table.rows[601] = table.rows[601], table.rows[600]
    told = said(table.flight(tmp_path), "CSV-2")
    assert [(s.severity, s.concern, s.records) for s in told] == [(Weight.NOTICE, "time", (603,))]


@pytest.mark.parametrize(
    ("name", "cell", "words"),
    [("datetime", "44927.5", "number of days"), ("message", "1.58E+14", "power of ten")],
)
def test_what_a_spreadsheet_leaves_is_a_fact_and_no_more(table, tmp_path, name, cell, words):
    for row in table.rows:
        row[name] = cell
    told = said(table.flight(tmp_path), "CSV-2")
    assert [s.severity for s in told] == [Weight.INFO]
    assert words in told[0].observed
    assert "destroys precision" in told[0].innocent[0]


def test_a_line_with_commas_behind_and_one_in_quotes(table, tmp_path):
    lines = table.lines()
    lines[70] += ",,"
    lines[80] = ",".join(f'"{cell}"' for cell in lines[80].split(","))
    told = said(table.flight(tmp_path, lines), "CSV-2")
    assert [(s.severity, s.records) for s in told] == [(Weight.INFO, (71,)), (Weight.NOTICE, (81,))]


# ---- copies


def test_a_block_that_was_copied_under_new_times_is_a_contradiction(table, tmp_path):
    for number in range(40):
        row = dict(table.rows[700 + number])
        for name in ("time", "datetime", "mileage", "max_ascent"):
            row[name] = table.rows[1500 + number][name]
        table.rows[1500 + number] = row
    told = said(table.flight(tmp_path), "STR-2")
    assert [s.severity for s in told] == [Weight.CONTRADICTION]
    assert touches(told[0], 1502, 1541)


def test_lines_pasted_with_their_times_are_a_notice(table, tmp_path):
    lines = table.lines()
    lines[900:900] = lines[700:740]
    told = said(table.flight(tmp_path, lines), "STR-2")
    assert [(s.severity, s.records[0]) for s in told] == [(Weight.NOTICE, 901)]


# ---- whatever a table holds

COLUMNS = (
    "lat_deg", "lon_deg", "home_lat_deg", "home_lon_deg", "home_distance_m", "mileage_m", "height_home_m",
    "height_amsl_m", "height_agl_m", "ground_amsl_m", "speed_mps", "max_speed_mps", "max_height_home_m",
)  # fmt: skip
FIGURES = st.one_of(st.floats(), st.sampled_from([0.0, 1.0, math.nan, math.inf, -1e308, 8.5]))


@given(st.data(), st.integers(0, 60))
def test_no_table_is_too_odd(data, rows):
    def column():
        few = data.draw(st.lists(FIGURES, min_size=1, max_size=6))
        return np.resize(np.array(few, dtype=np.float64), rows)

    time_ns = np.resize(np.array(data.draw(st.lists(st.integers(-(2**62), 2**62), min_size=1, max_size=5))), rows)
    offset = np.arange(rows, dtype=np.int64)
    names = data.draw(st.sets(st.sampled_from(COLUMNS)))
    witnesses = [Witness("distances", "row", time_ns, offset, {name: column() for name in sorted(names)})]
    for witness, some in (
        ("velocity", ("speed_mps", "vel_north_mps", "vel_east_mps")),
        ("gnss", ("signal_level",)),
        ("clocks", ("boot_s",)),
        ("text", ("fields", "quoted", "line_end", "first_same", "decimals_lat", "scientific")),
    ):
        witnesses.append(Witness(witness, "row", time_ns, offset, {name: column() for name in some}))
    flight = replace(make_flight([47.0, 47.1], [8.0, 8.0]), witnesses=tuple(witnesses))
    for test in (arithmetic, text_form, home_point, copied_rows):
        for statement in test(flight) or ():
            assert statement.observed and statement.expected and statement.threshold and statement.innocent


def test_other_formats_are_asked_for_nothing():
    flight = make_flight([47.0, 47.1], [8.0, 8.0])
    assert all(test(flight) is None for test in (arithmetic, text_form, home_point, copied_rows))
    assert isinstance(flight.source, Source)


# ---- real logs


def test_real_tables_contradict_nothing(shared):
    noticed, logs = [], 0
    for path in sorted(p for folder in ("logs/dji_csv", "cases/csv") for p in (shared / folder).iterdir()):
        try:
            flight = dronecheck.read(path)
        except UnreadableInput:
            continue
        logs += 1
        found = [s for test in (*OURS, "STR-2") for s in said(flight, test)]
        assert not [s for s in found if s.severity is Weight.CONTRADICTION], path.name
        noticed += [path.name for s in found if s.severity is Weight.NOTICE]
    assert logs > 30
    assert len(set(noticed)) <= 0.02 * logs, noticed
