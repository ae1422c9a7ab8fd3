"""A zone file speaks for its own territories: elsewhere airspace is not checked, whatever it holds; by hand."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from dronecheck.airspace.covers import OPEN_SEA, covers_of, speaks_for, stated_by
from dronecheck.airspace.zone import CoversFrom, Zone, ZoneKind, ZoneSet, ZoneSource, joined
from dronecheck.borders.territories import Relation, Territory, territory_at
from dronecheck.geo.outline.shape import Shape
from dronecheck.geofence.engine import check
from dronecheck.geofence.result import Reason, Status, Topic, Verdict
from dronecheck.geofence.settings import Settings
from dronecheck.report.text.headline import headline
from tests.conftest import make_flight
from tests.support.scale import examples

SINGEN, ZURICH, AT_SEA = (47.76, 8.84), (47.38, 8.54), (54.5, 5.0)  # the last in the North Sea, 100 km from land
BESIDE_RHINE = (47.6900, 8.5300)  # in Switzerland, and Germany around


def flown(begin, end=None, count=121):
    end = end or (begin[0] + 0.005, begin[1])
    return make_flight(np.linspace(begin[0], end[0], count), np.linspace(begin[1], end[1], count), dt_s=1.0)


def zone_at(place, name="Z", size=0.01):
    lat, lon = place
    area = shapely.box(lon - size, lat - size, lon + size, lat + size)
    return Zone(name, name, ZoneKind.RESTRICTED, Shape(area), ZoneSource("z.geojson", "0" * 64))


def zone_file(*places, covers=(), origin=None, name="z.geojson"):
    source = ZoneSource(name, "0" * 64, covers=tuple(covers), covers_from=origin)
    return ZoneSet(tuple(zone_at(place, str(n)) for n, place in enumerate(places)), (source,))


def airspace(flight, zones, **settings_):
    return check(flight, zones, Settings(**settings_)).check_of(Topic.AIRSPACE)


SWISS = zone_file((47.2, 8.0), (46.9, 7.4), covers=["CHE"], origin=CoversFrom.FILE)


def test_the_swiss_file_clears_nobody_in_germany():
    found = airspace(flown(SINGEN), SWISS)
    assert (found.status, found.verdict, found.reasons) == (Status.NOT_CHECKED, None, (Reason.NOT_COVERED,))
    assert airspace(flown(ZURICH), SWISS).verdict is Verdict.CLEAR


def test_a_flight_of_two_countries_is_checked_in_one():
    flight = flown((47.7100, 8.7200), (47.7200, 8.7900), 601)  # from Switzerland into Germany and back
    inside = [territory_at(lon, lat) for lat, lon in zip(flight.track.lat_deg, flight.track.lon_deg, strict=True)]
    share = np.mean([territory.iso_a3 == "CHE" for territory in inside])
    result = check(flight, SWISS, Settings(home="CHE", allow=frozenset({"DEU"})))
    found = result.check_of(Topic.AIRSPACE)
    assert (found.status, found.verdict, found.reasons) == (Status.PARTLY, None, (Reason.NOT_COVERED,))
    assert f"Airspace: checked over Switzerland only ({round(100 * share)} % of the fixes); Germany NOT CHECKED." in (
        headline(result)
    )
    assert "No zone" not in headline(result)


def test_a_zone_that_was_entered_stays_entered():
    flight = flown((47.7100, 8.7200), (47.7200, 8.7900), 601)
    zones = zone_file((47.7100, 8.7200), (47.2, 8.0), covers=["CHE"], origin=CoversFrom.FILE)
    found = airspace(flight, zones)
    assert (found.status, found.verdict) == (Status.PARTLY, Verdict.VIOLATION)
    assert found.reasons == (Reason.INSIDE_BEYOND_ERROR, Reason.NOT_COVERED)


def test_who_may_have_been_abroad_is_not_clear_by_the_files_of_home():
    """The path keeps to the Swiss side by the line as drawn, and the line is less well known than that."""
    lats = np.linspace(47.60, 47.70, 400)
    beside = [
        lat
        for lat in lats
        if territory_at(8.53, lat).iso_a3 == "CHE" and territory_at(8.53, lat + 2e-4).iso_a3 == "DEU"
    ]
    assert beside
    lat = beside[-1]
    flight = flown((lat, 8.53), (lat, 8.5301))
    assert check(flight, SWISS).check_of(Topic.BORDER).status is Status.CHECKED
    found = airspace(flight, SWISS)
    assert (found.status, found.verdict, found.reasons) == (Status.PARTLY, None, (Reason.NOT_COVERED,))


def test_a_guess_is_named_and_holds_near_its_zones():
    stadium = zone_file(SINGEN, name="stadium.geojson")
    result = check(flown((47.80, 8.84)), stadium)
    assert result.check_of(Topic.AIRSPACE).verdict is Verdict.CLEAR
    assert "No zone of stadium.geojson was entered." in headline(result)
    assert covers_of(stadium) == (("DEU",), CoversFrom.GUESS)
    far = airspace(flown((49.2, 8.84)), stadium)  # 160 km off, in Germany
    assert (far.status, far.verdict) == (Status.NOT_CHECKED, None)
    at_the_edge = flown((48.55, 8.84), (48.80, 8.84), 601)  # from 88 to 116 km off
    assert airspace(at_the_edge, stadium).status is Status.PARTLY


def test_a_cover_that_is_stated_holds_in_all_of_the_territory():
    german = zone_file(SINGEN, covers=["DEU"], origin=CoversFrom.USER)
    result = check(flown((52.0, 9.0)), german)
    assert result.check_of(Topic.AIRSPACE).verdict is Verdict.CLEAR
    assert "No zone of the files given was entered." in headline(result)


def test_several_files_speak_for_what_each_of_them_does():
    both = joined([SWISS, zone_file((47.9, 9.0), covers=["DEU"], origin=CoversFrom.FILE)])
    assert airspace(flown(SINGEN), both).verdict is airspace(flown(ZURICH), both).verdict is Verdict.CLEAR
    assert airspace(flown((47.21, 9.60)), both).status is Status.NOT_CHECKED  # Austria


def test_the_open_sea_is_covered_by_name_or_by_zones_in_it():
    assert airspace(flown(AT_SEA), zone_file(AT_SEA, covers=["DEU"], origin=CoversFrom.FILE)).status is Status.PARTLY
    beside = (AT_SEA[0] + 0.1, AT_SEA[1])
    assert airspace(flown(beside), zone_file(AT_SEA)).verdict is Verdict.CLEAR
    named = zone_file(AT_SEA, covers=["DEU", OPEN_SEA], origin=CoversFrom.USER)
    assert airspace(flown(beside), named).verdict is Verdict.CLEAR


@pytest.mark.parametrize(
    ("relation", "known"), [(Relation.DISPUTED, False), (Relation.OVERLAP, False), (Relation.CONDOMINIUM, True)]
)
def test_a_ground_of_several_claimants_needs_the_files_of_all(relation, known):
    ground = Territory(None, ("AAA", "BBB"), relation, None)
    assert speaks_for(["AAA"], ground) is known
    assert speaks_for(["AAA", "BBB"], ground)
    assert not speaks_for([], ground)


def test_a_country_that_few_zones_name_is_not_spoken_for():
    assert stated_by(["CHE"] * 99 + ["LIE"]) == ("CHE",)
    assert stated_by(["CHE"] * 9 + ["LIE"]) == ("CHE", "LIE")
    assert stated_by(["Switzerland", None, 3]) == ()


@settings(max_examples=examples(40), deadline=None)
@given(
    st.lists(st.sampled_from(list(product((47.0, 47.5, 48.0), (7.5, 8.5, 9.7)))), min_size=1, max_size=4),
    st.sets(st.sampled_from(["CHE", "DEU", "AUT", "LIE", "FRA"])),
    st.tuples(st.floats(46.9, 48.1), st.floats(7.4, 9.8)),
)
def test_nothing_is_clear_where_nobody_speaks(places, covers, begin):
    """Against the territory of each fix, asked by itself: clear needs all of them among those that are covered."""
    flight = flown(begin, (begin[0] + 0.02, begin[1] + 0.02))
    found = airspace(flight, zone_file(*places, covers=sorted(covers), origin=CoversFrom.FILE))
    over = {territory_at(lon, lat) for lat, lon in zip(flight.track.lat_deg, flight.track.lon_deg, strict=True)}
    if found.verdict is Verdict.CLEAR:
        assert {territory.iso_a3 for territory in over if territory} <= covers
    if found.status is Status.NOT_CHECKED:
        assert not {territory.iso_a3 for territory in over if territory} & covers
