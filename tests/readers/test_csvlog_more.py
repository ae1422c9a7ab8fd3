"""The dialects that came later: facts known by hand."""

import pytest

from dronecheck.flight import ClockSource, EventKind
from tests.readers.csv_samples import FLYTREX, PHANTOM_SUBSET, TXTLOGTOCSV, read


def test_txtlogtocsv_has_metres_and_a_clock_of_unknown_zone():
    flight = read(TXTLOGTOCSV)
    track = flight.track
    assert flight.source.dialect == "txtlogtocsv"
    assert track.alt_home_m.tolist() == [0.0, 1.5]
    assert track.alt_amsl_m.tolist() == [400.0, 401.5]
    assert not flight.clock.utc_known
    assert track.time_ns[0] == 1_618_824_667_123_000_000
    assert [e.kind for e in flight.events] == [EventKind.ARM]


def test_flytrex_has_feet_and_utc():
    flight = read(FLYTREX)
    track = flight.track
    assert flight.source.dialect == "flytrex"
    assert track.alt_home_m.tolist() == pytest.approx([0.0, 3.048])
    assert track.alt_amsl_m.tolist() == pytest.approx([30.48, 33.528])
    assert track.speed_mps[1] == pytest.approx(5 * 0.44704)
    assert flight.clock.utc_known
    assert track.time_ns[0] == 1_398_938_400 * 10**9


def test_the_geotagging_subset_takes_its_date_from_the_name_of_the_file():
    flight = read(PHANTOM_SUBSET, "Geotag_DJI_2020-12-02_[07-50-31].csv")
    assert flight.source.dialect == "phantom_subset"
    assert not flight.clock.utc_known
    assert flight.clock.source is ClockSource.FILE_NAME
    assert flight.track.time_ns[0] // 10**9 == 1_606_895_431
    assert flight.track.time_ns[1] - flight.track.time_ns[0] == pytest.approx(200_000_000)
    assert not read(PHANTOM_SUBSET, "track.csv").clock.utc_known
