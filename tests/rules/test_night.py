"""The instants on which rules of night turn, against two almanacs: PyEphem (VSOP87) and Astral (NOAA's formula)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dronecheck.geo.sun import CIVIL_TWILIGHT_DEG, SUNSET_DEG, sun_crossings
from dronecheck.rules import Quantity, chosen, pack_of

WITHIN_S = 120.0
PLACES = {
    "Dandong": (40.12, 124.39), "London": (51.51, -0.13), "Tromso": (69.65, 18.96), "Anchorage": (61.22, -149.90),
    "Fairbanks": (64.84, -147.72), "Seoul": (37.57, 126.98), "Tokyo": (35.68, 139.69), "Sydney": (-33.87, 151.21),
}  # fmt: skip
# Local noons, UTC: June in the north and Tromso off the polar day; the last two have events in twilight alone.
CASES = [
    ("Dandong", "2025-09-20T03:42:00"), ("Dandong", "2026-01-15T03:42:00"), ("London", "2026-06-21T12:00:00"),
    ("London", "2026-12-21T12:00:00"), ("Tromso", "2026-03-20T10:44:00"), ("Tromso", "2026-09-22T10:44:00"),
    ("Anchorage", "2026-03-10T22:00:00"), ("Anchorage", "2026-12-21T22:00:00"), ("Fairbanks", "2026-09-15T21:51:00"),
    ("Seoul", "2026-06-21T03:32:00"), ("Seoul", "2026-11-30T03:32:00"), ("Tokyo", "2026-06-21T02:41:00"),
    ("Tokyo", "2022-06-20T02:41:00"), ("Sydney", "2026-06-21T01:55:00"), ("Sydney", "2026-12-21T01:55:00"),
]  # fmt: skip


def instants(place, noon, elevation_deg):
    """When the sun passes an elevation before and after a noon, seconds; the way up first."""
    at, way, _ = sun_crossings(*PLACES[place], noon - 43_200, noon + 43_200, elevation_deg)
    return [*at[way > 0], *at[way < 0]]


def by_pyephem(place, noon, elevation_deg):
    ephem = pytest.importorskip("ephem")
    observer = ephem.Observer()
    observer.lat, observer.lon = (str(degrees) for degrees in PLACES[place])
    observer.pressure, observer.date = 0, datetime.fromtimestamp(noon, UTC).replace(tzinfo=None)
    # As the Naval Observatory defines them: the upper edge 34' below the horizon; the centre 6 degrees below it.
    observer.horizon, centre = ("-0:34", False) if elevation_deg == SUNSET_DEG else ("-6", True)
    sun = ephem.Sun()
    events = [observer.previous_rising(sun, use_center=centre), observer.next_setting(sun, use_center=centre)]
    return [event.datetime().replace(tzinfo=UTC).timestamp() for event in events]


def by_astral(place, noon, elevation_deg):
    pytest.importorskip("astral")
    from astral import Observer
    from astral.sun import dawn, dusk, sunrise, sunset

    first, last = (sunrise, sunset) if elevation_deg == SUNSET_DEG else (dawn, dusk)

    def nearest(event):
        middle = datetime.fromtimestamp(noon, UTC)
        days = (middle.date() + timedelta(days=by) for by in (-1, 0, 1))
        return [event(Observer(*PLACES[place]), date=day, tzinfo=UTC).timestamp() for day in days]

    return [max(t for t in nearest(first) if t < noon), min(t for t in nearest(last) if t > noon)]


@pytest.mark.parametrize("almanac", [by_pyephem, by_astral])
@pytest.mark.parametrize(("place", "noon"), CASES)
@pytest.mark.parametrize("elevation_deg", [SUNSET_DEG, CIVIL_TWILIGHT_DEG])
def test_sunset_and_twilight_are_those_of_almanacs(place, noon, elevation_deg, almanac):
    moment = datetime.fromisoformat(noon).replace(tzinfo=UTC).timestamp()
    assert instants(place, moment, elevation_deg) == pytest.approx(almanac(place, moment, elevation_deg), abs=WITHIN_S)


def test_in_tromso_in_december_there_is_twilight_and_no_sunrise():
    noon = datetime(2026, 12, 10, 10, 44, tzinfo=UTC).timestamp()
    assert not instants("Tromso", noon, SUNSET_DEG)
    ephem = pytest.importorskip("ephem")
    with pytest.raises(ephem.NeverUpError):
        by_pyephem("Tromso", noon, SUNSET_DEG)
    assert instants("Tromso", noon, CIVIL_TWILIGHT_DEG) == pytest.approx(
        by_pyephem("Tromso", noon, CIVIL_TWILIGHT_DEG), abs=WITHIN_S
    )


def test_in_anchorage_in_june_no_night_begins():
    """107.29(c)(3) has the twilight of the Air Almanac there: all night; 30 minutes after sunset would end it."""
    ephem = pytest.importorskip("ephem")
    noon = datetime(2026, 6, 21, 22, 0, tzinfo=UTC).timestamp()
    assert not instants("Anchorage", noon, CIVIL_TWILIGHT_DEG)
    with pytest.raises(ephem.AlwaysUpError):
        by_pyephem("Anchorage", noon, CIVIL_TWILIGHT_DEG)
    assert len(instants("Anchorage", noon, SUNSET_DEG)) == 2


def test_in_london_in_june_civil_twilight_ends_later_than_30_minutes_after_sunset():
    noon = datetime(2026, 6, 21, 12, 0, tzinfo=UTC).timestamp()
    late_s = instants("London", noon, CIVIL_TWILIGHT_DEG)[1] - (instants("London", noon, SUNSET_DEG)[1] + 1800.0)
    expected_s = by_pyephem("London", noon, CIVIL_TWILIGHT_DEG)[1] - by_pyephem("London", noon, SUNSET_DEG)[1] - 1800.0
    assert late_s == pytest.approx(expected_s, abs=WITHIN_S)
    assert late_s == pytest.approx(18 * 60, abs=WITHIN_S)


@pytest.mark.parametrize(
    ("pack_id", "quantity", "limits"),
    [
        ("eu-open", Quantity.SUN_ELEVATION, {CIVIL_TWILIGHT_DEG}), ("uk-open", Quantity.SUN_ELEVATION, {-6.0}),
        ("faa-107", Quantity.SUN_TIME, {1800.0}), ("korea", Quantity.SUN_TIME, {0.0}),
        ("japan", Quantity.SUN_TIME, {0.0}),
    ],
)  # fmt: skip
def test_each_law_has_its_own_night(pack_id, quantity, limits):
    pack = pack_of(pack_id)
    assert {rule.limit_si for rule in chosen(pack, pack.checked) if rule.quantity is quantity} == limits
