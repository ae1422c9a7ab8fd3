"""The border question on the real, bundled borders."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest

from dronecheck.borders.territories import territories_near, territory_at
from dronecheck.errors import UsageError
from dronecheck.geofence.engine import check
from dronecheck.geofence.result import FindingKind, Reason, Topic, Verdict
from dronecheck.geofence.settings import Settings
from tests.conftest import make_flight
from tests.support.said import said

GEOD = pyproj.Geod(ellps="WGS84")
# From the park on the Chinese bank at Dandong to fields south of Sinuiju, and back.
BANK, FIELDS = (40.1175, 124.3923), (40.0950, 124.4100)


def there_and_back(start=BANK, end=FIELDS, rest=100, count=1500, **kwargs):
    share = np.concatenate([np.zeros(rest), np.linspace(0, 1, count), np.linspace(1, 0, count), np.zeros(rest)])
    lat, lon = ((a + (b - a) * share) for a, b in zip(start, end, strict=True))
    return make_flight(lat, lon, **{"events": [(rest, "takeoff")], **kwargs})


def border(result):
    return next(c for c in result.checks if c.question is Topic.BORDER)


def test_the_founding_case_is_a_violation_with_evidence():
    flight = there_and_back()
    result = check(flight)
    (finding,) = result.findings
    assert result.verdict is Verdict.VIOLATION
    assert (finding.kind, finding.zone.id) == (FindingKind.BORDER_CROSSING, "PRK")
    assert result.home_territory == "CHN"
    assert [t.iso_a3 for t in result.territories] == ["CHN", "PRK", "CHN"]
    assert result.territories[0].enter_ns is None
    assert result.territories[-1].exit_ns is None
    assert finding.entry.lat_deg == pytest.approx(finding.exit.lat_deg, abs=1e-6)  # out and back on one line
    row = finding.evidence[0].row
    assert flight.track.time_ns[row] <= finding.enter_ns <= flight.track.time_ns[row + 1]
    assert finding.evidence[0].offset == row * 100


def test_depth_is_the_geodesic_distance_to_the_nearest_border():
    (finding,) = check(there_and_back()).findings
    window = territories_near(124.2, 39.9, 124.6, 40.3)
    korea = next(polygon for t, polygon in window.regions() if t.iso_a3 == "PRK")
    nearest = np.inf
    for part in getattr(korea, "geoms", [korea]):
        ring = np.asarray(part.exterior.coords)
        inner = np.all((ring > [124.25, 39.95]) & (ring < [124.55, 40.25]), axis=1)
        ring = ring[inner]
        share = np.linspace(0, 1, 51)[:, np.newaxis, np.newaxis]
        dense = (ring[:-1] + share * (ring[1:] - ring[:-1])).reshape(-1, 2)
        _, _, d = GEOD.inv(*(np.full(len(dense), v) for v in FIELDS[::-1]), dense[:, 0], dense[:, 1])
        nearest = min(nearest, d.min())
    assert finding.depth_m == pytest.approx(nearest, abs=0.5)


def test_home_given_or_allowed_by_the_user():
    flight = there_and_back()
    assert check(flight, None, Settings(home="PRK")).findings[0].zone.id == "CHN"
    allowed = check(flight, None, Settings(allow=frozenset({"PRK"})))
    assert allowed.verdict is Verdict.CLEAR
    assert allowed.findings[0].reasons == (Reason.ALLOWED,)
    assert allowed.findings[0].authorised_by == ("PRK",)
    with pytest.raises(UsageError, match="XXX"):
        check(flight, None, Settings(home="XXX"))
    with pytest.raises(UsageError, match=r"'fr'.*en, zh, ko"):
        Settings(language="fr")


def test_without_a_recorded_takeoff_territories_are_neutral():
    result = check(there_and_back(events=()))
    assert result.home_territory is None
    assert result.verdict is Verdict.INCONCLUSIVE
    assert {f.zone.id for f in result.findings} == {"CHN", "PRK"}
    assert all(Reason.HOME_UNKNOWN in f.reasons for f in result.findings)
    # One territory, and no other in reach: clear without a home.
    inland = check(there_and_back(start=(40.4, 124.1), end=(40.41, 124.11), events=()))
    assert inland.verdict is Verdict.CLEAR
    assert border(inland).reasons[0] in (Reason.NO_BORDER_IN_REACH, Reason.CLEAR_BEYOND_ERROR)


def test_a_start_at_rest_and_a_climb_is_a_recorded_takeoff_and_a_start_in_the_air_is_none():
    count = 3200
    ground = np.concatenate([np.zeros(100), np.linspace(0, 80, 200), np.full(count - 300, 80.0)])
    assert check(there_and_back(events=(), alt_home_m=ground)).home_territory == "CHN"
    assert check(there_and_back(events=(), alt_home_m=np.full(count, 80.0))).home_territory is None
    # A landing before the first take-off: the log began in the air.
    assert check(there_and_back(events=((5, "land"), (100, "takeoff")))).home_territory is None


def test_a_takeoff_too_near_the_line_gives_no_home():
    line = check(there_and_back()).findings[0].entry
    start = (line.lat_deg + 0.0002, line.lon_deg)  # some 20 m on, with 40 m of border error
    result = check(there_and_back(start=start))
    assert result.home_territory is None
    assert "--home" in said(border(result))


def test_hugging_the_bank_cannot_be_told():
    # Along the Chinese bank, a few hundred metres off a line that moved by up to 666 m (95 %).
    result = check(there_and_back(start=(40.110, 124.382), end=BANK))
    (finding,) = result.findings
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert Reason.BORDER_DATA_TOO_COARSE in finding.reasons
    assert finding.depth_m == 0
    assert finding.margin_m > 0
    assert finding.band_m == pytest.approx(666, abs=2)


def test_the_same_margin_is_enough_where_the_border_is_known_well():
    # Chiasso: sigma 10 m there, so 150 m inside Italy is a plain violation.
    window = territories_near(8.9, 45.7, 9.2, 45.95)
    assert {"CHE", "ITA"} <= {t.iso_a3 for t in window.territories}
    start, end = (45.8400, 9.0200), (45.8200, 9.0400)
    assert territory_at(start[1], start[0]).iso_a3 == "CHE"
    result = check(there_and_back(start=start, end=end))
    assert result.verdict is Verdict.VIOLATION
    assert result.findings[0].band_m < 50


def test_two_crossings_are_two_findings():
    share = np.concatenate([np.zeros(100), *[np.linspace(*p, 800) for p in ((0, 1), (1, 0), (0, 1), (1, 0))]])
    lat, lon = ((a + (b - a) * share) for a, b in zip(BANK, FIELDS, strict=True))
    result = check(make_flight(lat, lon, events=[(100, "takeoff")]))
    assert [f.zone.id for f in result.findings] == ["PRK", "PRK"]
    assert result.findings[0].exit_ns < result.findings[1].enter_ns


def test_a_log_that_ends_inside_says_so():
    flight = there_and_back()
    half = len(flight.track) // 2
    lat, lon = flight.track.lat_deg[:half], flight.track.lon_deg[:half]
    (finding,) = check(make_flight(lat, lon, events=[(100, "takeoff")])).findings
    assert finding.enter_ns is not None
    assert finding.exit_ns is None
    assert finding.exit is None


def test_deep_inside_with_another_home_the_depth_is_still_measured():
    flight = there_and_back(start=(39.0, 125.7), end=(39.005, 125.71))  # Pyongyang, all of it
    result = check(flight, None, Settings(home="CHN"))
    (finding,) = result.findings
    assert finding.verdict is Verdict.VIOLATION
    assert finding.enter_ns is None
    assert finding.exit_ns is None
    assert 30_000 < finding.depth_m < 200_000


def test_at_sea_there_is_no_territory_and_no_crossing():
    result = check(make_flight(np.full(50, 10.0), -140 + np.arange(50) * 1e-4))
    assert result.verdict is Verdict.CLEAR
    assert result.territories == ()


def test_from_a_state_into_its_dependency_is_not_called_clear():
    # Shenzhen to Hong Kong: the same State, its own border.
    start, end = (22.560, 114.110), (22.480, 114.110)
    assert territory_at(start[1], start[0]).iso_a3 == "CHN"
    assert territory_at(end[1], end[0]).iso_a3 == "HKG"
    result = check(there_and_back(start=start, end=end, count=3000))
    assert result.verdict is Verdict.INCONCLUSIVE
    assert Reason.DEPENDENCY_OF_HOME in result.findings[0].reasons
    assert check(
        there_and_back(start=start, end=end, count=3000), None, Settings(allow=frozenset({"HKG"}))
    ).verdict is (Verdict.CLEAR)


def test_disputed_ground_with_home_among_the_claimants_is_left_open():
    start, end = (46.20, 33.60), (45.90, 34.00)  # from Kherson oblast towards Crimea
    assert territory_at(start[1], start[0]).iso_a3 == "UKR"
    assert territory_at(end[1], end[0]).claimants == ("RUS", "UKR")
    result = check(there_and_back(start=start, end=end, count=9000))
    assert result.verdict is Verdict.INCONCLUSIVE
    assert any(Reason.DISPUTED_TERRITORY in f.reasons for f in result.findings)


def test_a_jump_is_no_flight_and_never_clear():
    lat, lon = np.full(200, 48.0), 2.0 + np.arange(200) * 1e-5
    lat[100:] += 3.0  # 330 km in 0.2 s
    result = check(make_flight(lat, lon, events=[(0, "takeoff")]))
    assert result.verdict is Verdict.INCONCLUSIVE
    assert Reason.LOG_SUSPECT in border(result).reasons
    assert any(i.code.value == "impossible_jump" for i in result.issues)
    assert not result.findings  # what lies between was not flown over


def test_a_jump_counts_only_where_it_could_change_the_answer():
    lat, lon = np.full(200, 47.0), 2.0 + np.arange(200) * 1e-5  # the middle of France
    lat[100:] += 0.02  # 2.2 km in 0.2 s: whichever side is wrong, no border is that near
    result = check(make_flight(lat, lon, events=[(0, "takeoff")]))
    assert result.verdict is Verdict.CLEAR
    assert any(i.code.value == "impossible_jump" for i in result.issues)
    lat[100:] += 0.05  # 7.8 km: farther than borders were looked for
    assert check(make_flight(lat, lon, events=[(0, "takeoff")])).verdict is Verdict.INCONCLUSIVE


def test_fiji_across_the_antimeridian():
    lon = np.linspace(179.98, 180.02, 2000)
    result = check(make_flight(np.full(2000, -16.8), lon, events=[(0, "takeoff")]))
    assert result.verdict is Verdict.CLEAR
    assert {t.iso_a3 for t in result.territories} == {"FJI"}


def test_a_flight_of_hundreds_of_kilometres_is_cut_into_windows():
    # Basel to Lyon way and back over the Swiss-French border, 60 m/s.
    share = np.concatenate([np.zeros(20), np.linspace(0, 1, 4000)])
    lat, lon = 47.2 + (46.0 - 47.2) * share, 7.2 + (4.9 - 7.2) * share
    result = check(make_flight(lat, lon, dt_s=1.0, events=[(20, "takeoff")]))
    assert result.home_territory == "CHE"
    assert result.verdict is Verdict.VIOLATION
    visits = [f for f in result.findings if f.verdict is Verdict.VIOLATION]
    assert {f.zone.id for f in visits} == {"FRA"}
    assert visits[-1].exit_ns is None
    for finding in visits:
        place = finding.entry
        either_side = {
            (territory_at(place.lon_deg + d, place.lat_deg + e) or visits).iso_a3
            for d, e in ((2e-4, 1e-4), (-2e-4, -1e-4))
        }
        assert either_side == {"CHE", "FRA"}


def test_no_position_is_inconclusive():
    result = check(make_flight([], []))
    assert result.verdict is Verdict.INCONCLUSIVE
    assert Reason.NO_POSITION in border(result).reasons


def test_a_log_that_breaks_off_in_flight_says_how_far_the_border_was(flight_of):
    # South along 124.3923 E from the Chinese bank; the log stops in the fields beyond the river.
    lat = np.linspace(40.1175, 40.0950, 200)
    lon = np.full(200, 124.3923)
    events = [(0, "arm"), (0, "takeoff")]
    cut = check(flight_of(lat, lon, events=events, speed_mps=np.full(200, 12.0)), settings=Settings(home="CHN"))
    note = next(said(c) for c in cut.checks if c.question is Topic.BORDER)
    assert "records no end of the flight" in note
    assert "from the nearest border" in note
    landed = flight_of(lat, lon, events=[*events, (199, "disarm")], speed_mps=np.full(200, 12.0))
    note = next(said(c) for c in check(landed, settings=Settings(home="CHN")).checks if c.question is Topic.BORDER)
    assert "no end" not in note
