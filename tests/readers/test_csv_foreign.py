"""Tables that are no flight log of a known program, and what is said of each; tables that lost columns."""

from __future__ import annotations

import numpy as np
import pytest

from dronecheck.errors import UnreadableInput
from dronecheck.readers import csvlog
from tests.readers.csv_samples import AIRDATA, DJI_LOG_PARSER, FLIGHT_READER, FLYTREX, LITCHI, SAMPLES, issues, read

# Headers as the programs write them, after their documentation and public files.
FOREIGN = {
    "Timestamp,roll,pitch,groundSpeed,altitudeRelative,gps.lat,gps.lon,gps.count,gps.lock": "QGroundControl",
    "loopIteration,time (us),GPS_numSat,GPS_coord[0],GPS_coord[1],GPS_altitude,GPS_speed (m/s)": "Blackbox",
    "time (us), GPS_fixType, GPS_numSat, GPS_coord[0], GPS_coord[1], GPS_altitude": "Blackbox",
    "timestamp,time_utc_usec,lat,lon,alt,alt_ellipsoid,eph,epv,fix_type,satellites_used": "ulog2csv",
    "timestamp,time_utc_usec,latitude_deg,longitude_deg,altitude_msl_m,s_variance_m_s,eph,epv": "ulog2csv",
    "timestamp,Status,GMS,GWk,NSats,HDop,Lat,Lng,Alt,Spd": "mavlogdump",
    "timestamp,time_usec,fix_type,lat,lon,alt,eph,epv,vel,cog,satellites_visible": "mavlogdump",
}


def refused(text):
    data = text if isinstance(text, bytes) else text.encode()
    assert csvlog.sniff(data, "log.csv") >= 80
    with pytest.raises(UnreadableInput) as caught:
        read(data)
    return caught.value


@pytest.mark.parametrize(("header", "program"), FOREIGN.items())
def test_tables_of_other_programs_are_named(header, program):
    error = refused(header + "\n" + "1," * header.count(",") + "1\n")
    assert program in error.message
    assert "\n" not in error.message


@pytest.mark.parametrize(
    ("text", "column", "renamed", "title"),
    [
        (FLIGHT_READER, "OSD.latitude", "Latitude", "Flight Reader"),
        (FLIGHT_READER, "OSD.longitude", "lon", "Flight Reader"),
        (DJI_LOG_PARSER, "CUSTOM.dateTime", "when", "dji-log-parser"),
        (AIRDATA, "time(millisecond)", "t", "Airdata"),
        (LITCHI, "latitude", "breite", "Litchi"),
    ],
)
def test_a_renamed_column_is_named(text, column, renamed, title):
    error = refused(text.replace(column, renamed, 1))
    assert error.code == "missing_column"
    assert column.lower().replace("(", " [").replace(")", "]") in error.message
    assert title in error.message


@pytest.mark.parametrize("dialect", SAMPLES)
def test_whole_tables_lack_nothing(dialect):
    assert csvlog.sniff(SAMPLES[dialect].encode(), "log.csv") == 95


def test_tables_of_anything_else_are_not_claimed():
    for text in (
        "name,age\nx,1\n",
        "latitude,longitude,altitude,time\n1,2,3,4\n",
        "id,lat,lon,height,speed\n1,2,3,4,5\n",
    ):
        assert csvlog.sniff(text.encode(), "log.csv") == 0


def test_a_table_with_few_columns_left_gives_its_fixes_and_no_height_above_the_sea():
    flight = read(SAMPLES["few_columns"])
    assert flight.source.dialect == "few_columns"
    assert flight.track.lat_deg.tolist() == [47.0000001, 47.0000101]
    assert flight.track.alt_home_m.tolist() == [0.0, 10.0]
    assert np.isnan(flight.track.alt_amsl_m).all()
    assert "height_frame" in issues(flight)
    assert flight.clock.utc_known


def test_flytrex_without_pressure_and_litchi_without_its_names_are_the_same_few_columns():
    rows = [line.split(",")[:-2] for line in FLYTREX.splitlines()]
    litchi = LITCHI.replace("isflying", "a").replace("dronetype", "b").replace("planename", "c")
    for text in ("\n".join(",".join(row) for row in rows) + "\n", litchi):
        flight = read(text)
        assert flight.source.dialect == "few_columns"
        assert np.isnan(flight.track.alt_amsl_m).all()
    whole = LITCHI.replace("dronetype", "max_ascent(m),dronetype").replace(",44,", ",1,44,")
    assert read(whole).source.dialect == "litchi"
