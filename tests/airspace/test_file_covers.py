"""What zone files say they speak for, what is guessed, what the library keeps, and what is no edition."""

from __future__ import annotations

import json

import pytest

from dronecheck.airspace import load_zones
from dronecheck.airspace.json.write import write
from dronecheck.airspace.library.for_flight import zones_for, zones_of
from dronecheck.airspace.library.store import Library
from dronecheck.airspace.zone import CoversFrom, Effect
from dronecheck.errors import UnreadableInput, UsageError
from dronecheck.geofence.engine import check
from dronecheck.geofence.result import Status, Topic
from dronecheck.issues import Code
from tests.airspace.test_library import added, write_zones
from tests.conftest import make_flight

SWISS, GERMAN, AUSTRIAN = (7.4, 46.9), (9.0, 48.2), (13.0, 47.6)  # corners of squares of 0.1 degrees


def said(zones):
    (source,) = zones.sources
    return source.covers, source.covers_from


@pytest.mark.parametrize(
    ("name", "covers"),
    [
        ("ed269/ed269-ch.json", ("CHE",)), ("ed269/ed269-fi.json", ("FIN",)), ("ed269/ed269-lu.json", ("LUX",)),
        ("ed318/ed318-ie.json", ("IRL",)), ("ed318/ed318-se.json", ("SWE",)), ("other_json/eans-ee.json", ("EST",)),
    ],
)  # fmt: skip
def test_an_authoritys_file_says_it_by_the_country_of_its_zones(shared, name, covers):
    assert said(load_zones([shared / "airspace" / name])) == (covers, CoversFrom.FILE)


@pytest.mark.parametrize(
    ("name", "covers"),
    [
        ("openair/viewer_Switzerland.txt", {"CHE"}), ("openair/australia_daa.txt", {"AUS", "SEA"}),
        ("yaixm/uk_airspace.yaml", {"GBR"}), ("geojson/fi_2018_valvottu.geojson", {"FIN"}),
    ],
)  # fmt: skip
def test_others_are_guessed_by_where_their_zones_lie(shared, name, covers):
    found, origin = said(load_zones([shared / "airspace" / name]))
    assert origin is CoversFrom.GUESS
    assert covers - {"SEA"} <= set(found)
    assert len(set(found) - covers - {"SEA"}) <= 1


def test_the_user_knows_better(tmp_path):
    path = write_zones(tmp_path / "z.geojson", SWISS, GERMAN)
    assert said(load_zones(path)) == (("CHE", "DEU"), CoversFrom.GUESS)
    assert said(load_zones(path, covers=["LIE", "CHE"])) == (("CHE", "LIE"), CoversFrom.USER)
    assert said(load_zones(path, covers=["sea"])) == (("SEA",), CoversFrom.USER)
    with pytest.raises(UsageError, match="XYZ: no such territory"):
        load_zones(path, covers=["XYZ"])


def test_one_zone_abroad_is_no_cover(tmp_path):
    path = write_zones(tmp_path / "z.geojson", *[(7.0 + 0.01 * n, 46.9) for n in range(25)], GERMAN)
    assert said(load_zones(path))[0] == ("CHE",)


def test_our_own_geojson_keeps_it(tmp_path):
    path = write_zones(tmp_path / "z.geojson", GERMAN, covers=["DEU", "LUX", "nowhere"])
    zones = load_zones(path)
    assert said(zones) == (("DEU", "LUX"), CoversFrom.FILE)
    path.write_bytes(write(zones.zones, zones.sources[0]))
    assert said(load_zones(path)) == (("DEU", "LUX"), CoversFrom.FILE)
    guessed = load_zones(write_zones(tmp_path / "guess.geojson", GERMAN))
    assert b"covers" not in write(guessed.zones, guessed.sources[0])


def test_the_library_keeps_it_and_asks_who_speaks_for_the_place(home, tmp_path):
    library = Library()
    german = added(library, write_zones(tmp_path / "de.geojson", GERMAN, covers=["DEU"]), "DE")
    swiss = added(library, write_zones(tmp_path / "ch.geojson", SWISS), "CH")
    by_user = added(
        library, write_zones(tmp_path / "at.geojson", AUSTRIAN), "AT", covers=("AUT",), covers_from=CoversFrom.USER
    )
    for edition, expected in (
        (german, (("DEU",), "file")),
        (swiss, (("CHE",), "guess")),
        (by_user, (("AUT",), "user")),
    ):
        assert said(zones_of(library, edition)) == expected

    def checked(lat, lon):
        flight = make_flight([lat, lat + 0.001], [lon, lon], dt_s=30.0)
        result = check(flight, zones_for(flight, library))
        return result.check_of(Topic.AIRSPACE).status, sorted(s.name for s in result.zone_files)

    assert checked(53.0, 10.0) == (Status.CHECKED, ["DE"])  # 500 km from its only zone
    assert checked(47.76, 8.84) == (Status.CHECKED, ["CH", "DE"])  # Singen: both are near, one speaks for it
    assert checked(46.9, 7.6) == (Status.CHECKED, ["CH"])
    assert checked(46.2, 10.0) == (Status.NOT_CHECKED, [])  # Italy


@pytest.mark.parametrize(
    "more",
    [
        {"exceededTransferLimit": True}, {"numberMatched": 7}, {"totalPages": 3}, {"next": "https://example.invalid/2"},
        {"links": [{"rel": "self"}, {"rel": "next", "href": "x"}]},
    ],
)  # fmt: skip
def test_a_page_is_no_edition_and_clears_nobody(home, tmp_path, more):
    path = write_zones(tmp_path / "page.geojson", SWISS, **more)
    zones = load_zones(path)
    assert [issue.code for issue in zones.issues] == [Code.ZONE_SKIPPED]
    found = check(make_flight([46.8, 46.801], [7.4, 7.4]), zones).check_of(Topic.AIRSPACE)
    assert (found.status, found.verdict.value) == (Status.PARTLY, "INCONCLUSIVE")
    with pytest.raises(UnreadableInput, match="says that there are more"):
        added(Library(), path)


def test_a_whole_answer_is_no_page(tmp_path):
    more = {
        "exceededTransferLimit": False,
        "numberMatched": 1,
        "totalPages": 1,
        "next": None,
        "links": [{"rel": "self"}],
    }
    assert not load_zones(write_zones(tmp_path / "whole.geojson", SWISS, **more)).issues


def test_an_empty_answer_is_no_edition(home, tmp_path):
    path = write_zones(tmp_path / "empty.geojson")
    with pytest.raises(UnreadableInput, match="no zones in it"):
        added(Library(), path)
    found = check(make_flight([46.8, 46.801], [7.4, 7.4]), load_zones(path)).check_of(Topic.AIRSPACE)
    assert (found.status, found.verdict) == (Status.NOT_CHECKED, None)


WORLD = [
    [[-180, -90], [180, -90], [180, 90], [-180, 90], [-180, -90]],
    [[22, 57], [29, 57], [29, 60], [22, 60], [22, 57]],
]


def ed269(**properties):
    return {
        "identifier": "W", "country": "EST", "name": "Outside", "type": "COMMON", "restriction": "PROHIBITED",
        "applicability": [{"permanent": "YES"}], "zoneAuthority": [{"name": "EANS", "purpose": "INFORMATION"}],
        "geometry": {"uomDimensions": "M", "lowerLimit": 0, "lowerVerticalReference": "AGL", "upperLimit": 5000,
                     "upperVerticalReference": "AGL"},
        **properties,
    }  # fmt: skip


def effect_of(tmp_path, rings, **properties):
    feature = {
        "type": "Feature",
        "properties": ed269(**properties),
        "geometry": {"type": "Polygon", "coordinates": rings},
    }
    path = tmp_path / "mask.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    zones = load_zones(path)
    (zone,) = zones.zones
    assert (zone.effect is Effect.INFORMATION) == (Code.ZONE_IS_MASK in {issue.code for issue in zones.issues})
    return zone.effect


def test_masks_of_an_authority_are_for_information(tmp_path):
    assert effect_of(tmp_path, WORLD) is Effect.INFORMATION
    assert effect_of(tmp_path, WORLD[1:], hidden=True) is Effect.INFORMATION
    assert effect_of(tmp_path, WORLD[1:], hidden=False) is Effect.FORBIDDEN
    assert effect_of(tmp_path, WORLD[:1]) is Effect.FORBIDDEN  # no hole: it says that all is forbidden
    assert effect_of(tmp_path, WORLD, zoneAuthority=[]) is Effect.FORBIDDEN
    assert effect_of(tmp_path, WORLD, country="") is Effect.FORBIDDEN


def test_a_users_own_zone_around_the_world_keeps_in(tmp_path):
    feature = {"type": "Feature", "properties": {"name": "keep in", "kind": "prohibited", "hidden": True},
               "geometry": {"type": "Polygon", "coordinates": WORLD}}  # fmt: skip
    path = tmp_path / "fence.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    assert load_zones(path).zones[0].effect is Effect.FORBIDDEN
    result = check(make_flight([46.8 + 1e-5 * n for n in range(60)], [7.4] * 60, dt_s=1.0), load_zones(path))
    assert result.check_of(Topic.AIRSPACE).verdict.value == "VIOLATION"
