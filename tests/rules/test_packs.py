"""The packs of rules: what every rule must say, its limit against published conversions, and its days."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise

import msgspec
import pytest

from dronecheck.borders.territories import is_known, territories_near
from dronecheck.errors import UsageError
from dronecheck.rules import Pack, Quantity, Rule, chosen, pack_of, packs, packs_for
from tests.conftest import REPO

DAY = timedelta(days=1)
OF_SUN = (Quantity.SUN_ELEVATION, Quantity.SUN_TIME)
RULES = [(pack, rule) for pack in packs() for rule in pack.rule]
NAMES = [f"{rule.id}@{rule.valid_from}" for _, rule in RULES]
# Words that judge; a pack says what a paragraph names, no more. "legal" stands in "not legal advice" alone.
JUDGING = re.compile(
    r"\b(legal(ly)?|illegal(ly)?|compliant|compliance|allowed|breach(es|ed)?|offences?|safe(ly)?)\b", re.IGNORECASE
)

# (least, greatest) figure of each limit in SI: from the definitions of the international foot (0.3048 m), the statute
# mile (1609.344 m) and the nautical mile (1852 m), worked out by hand; None for a rule without a number.
VECTORS = {
    "australia-height": (121.92, 121.92),
    "australia-night": (-6.0, -6.0),
    "canada-height": (121.92, 122.0),
    "canada-leave": None,
    "canada-night-light": (-6.0, -6.0),
    "china-height": (120.0, 120.0),
    "eu-open-height": (120.0, 120.0),
    "eu-open-night-light": (-6.0, -6.0),
    "faa-107-height": (121.92, 121.92),
    "faa-107-night": (-6.0, -6.0),
    "faa-107-speed": (44.704, 44.7567),
    "faa-107-twilight": (1800.0, 1800.0),
    "faa-107-twilight-alaska": (-6.0, -6.0),
    "faa-44809-height": (121.92, 121.92),
    "iceland-open-height": (120.0, 120.0),
    "iceland-open-night-light": (-6.0, -6.0),
    "india-height": (120.0, 121.92),
    "japan-height": (150.0, 150.0),
    "japan-night": (0.0, 0.0),
    "korea-height": (150.0, 150.0),
    "korea-night": (0.0, 0.0),
    "norway-open-height": (120.0, 120.0),
    "norway-open-night-light": (-6.0, -6.0),
    "switzerland-open-height": (120.0, 120.0),
    "switzerland-open-night-light": (-6.0, -6.0),
    "uk-open-height": (120.0, 120.0),
    "uk-open-night-light": (-6.0, -6.0),
}


@pytest.mark.parametrize(("pack", "rule"), RULES, ids=NAMES)
def test_every_rule_has_its_paragraph_source_and_days(pack, rule):
    assert rule.id.startswith(f"{pack.id}-")
    assert rule.title and not rule.title.endswith(".")
    assert rule.citation and rule.source
    assert rule.certainty in ("A", "B")
    assert rule.valid_from <= pack.checked
    assert rule.valid_to is None or rule.valid_from < rule.valid_to < pack.checked
    assert (rule.value is None) == (rule.quantity is Quantity.HOME_TERRITORY)
    assert rule.other_value is None or rule.other_unit != rule.unit
    assert not rule.not_in_log or rule.informs  # what asks for something that no log shows can only inform
    assert (rule.unit in ("deg", "min")) == (rule.quantity in OF_SUN)


@pytest.mark.parametrize(("pack", "rule"), RULES, ids=NAMES)
def test_limits_are_exact(pack, rule):
    expected, found = VECTORS[rule.id], rule.limits_si
    if expected is None:
        assert found is None
    else:
        assert found == pytest.approx(expected, abs=1e-4)
        assert rule.limit_si in found


def test_every_vector_has_its_rule():
    assert VECTORS.keys() == {rule.id for _, rule in RULES}


@pytest.mark.parametrize(("pack", "rule"), RULES, ids=NAMES)
def test_a_rule_speaks_from_its_first_day_to_its_last(pack, rule):
    assert rule in chosen(pack, rule.valid_from)
    assert rule not in chosen(pack, rule.valid_from - DAY)
    if rule.valid_to is None:
        assert rule in chosen(pack, pack.checked)
    else:
        assert rule in chosen(pack, rule.valid_to)
        assert rule not in chosen(pack, rule.valid_to + DAY)


def test_amendments_of_a_rule_follow_each_other_without_gap_or_overlap():
    versions = defaultdict(list)
    for _, rule in RULES:
        versions[rule.id].append(rule)
    assert {name for name, several in versions.items() if len(several) > 1} == {
        "faa-107-night", "japan-height", "japan-night"
    }  # fmt: skip
    for several in versions.values():
        for earlier, later in pairwise(sorted(several, key=lambda rule: rule.valid_from)):
            assert earlier.valid_to + DAY == later.valid_from


def test_ids_are_those_of_the_files_and_territories_those_of_the_borders():
    from dronecheck.rules import pack as module

    folder = module.Path(module.__file__).with_name("packs")
    assert sorted(pack.id for pack in packs()) == sorted(path.stem for path in folder.glob("*.toml"))
    for pack in packs():
        assert pack.territories and pack.applies_if and pack.not_checkable and pack.left_out
        assert len(set(pack.territories)) == len(pack.territories)
        assert all(map(is_known, pack.territories))
        assert pack_of(pack.id.upper()) is pack_of(f" {pack.id}")
    with pytest.raises(UsageError, match="no such pack"):
        pack_of("eu")


def test_the_page_names_every_pack_and_day_and_its_example_is_a_pack():
    page = (REPO / "docs/rules.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([\w-]+)` \| (.* \|.*\|.*) \|$", page, re.MULTILINE))
    assert set(rows) == {pack.id for pack in packs()}
    for pack, rule in RULES:
        if rule.quantity is not Quantity.SUN_TIME or rule.value:
            assert str(rule.valid_from) in rows[pack.id], rule.id
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    parts = tomllib.loads(example)
    (rule,) = msgspec.convert(parts["rule"], tuple[Rule, ...])
    assert msgspec.convert(parts["pack"], Pack).id == "example"
    assert rule.limits_si == pytest.approx((120.0, 121.92))
    quantities = re.findall(r"^\| `(\w+)` \|[^|]*\|([^|]*)\|$", page, re.MULTILINE)
    assert {name for name, _ in quantities} == set(Quantity)


def test_no_pack_judges():
    from dronecheck.rules import pack as module

    for path in module.Path(module.__file__).with_name("packs").glob("*.toml"):
        assert not JUDGING.search(path.read_text(encoding="utf-8")), path
    page = (REPO / "docs/rules.md").read_text(encoding="utf-8")
    assert "legal advice" in " ".join(page.split())
    assert not JUDGING.search(" ".join(page.split()).replace("no legal advice", ""))


@pytest.mark.parametrize(
    ("territory", "expected"),
    [
        ("DEU", ["eu-open"]), ("ALA", ["eu-open"]), ("REU", ["eu-open"]), ("NOR", ["norway-open"]),
        ("ISL", ["iceland-open"]), ("CHE", ["switzerland-open"]), ("GBR", ["uk-open"]),
        ("USA", ["faa-107", "faa-44809"]), ("PRI", ["faa-107", "faa-44809"]), ("GUM", ["faa-107", "faa-44809"]),
        ("CHN", ["china"]), ("KOR", ["korea"]), ("JPN", ["japan"]), ("CAN", ["canada"]), ("AUS", ["australia"]),
        ("IND", ["india"]),
        # of these nothing certain is known, or their law is their own
        ("HKG", []), ("MAC", []), ("TWN", []), ("PRK", []), ("GRL", []), ("FRO", []), ("SJM", []), ("NCL", []),
        ("PYF", []), ("JEY", []), ("GGY", []), ("IMN", []), ("GIB", []), ("LIE", []), ("NFK", []), ("BRA", []),
    ],
)  # fmt: skip
def test_the_packs_of_a_territory(territory, expected):
    assert is_known(territory)
    assert [pack.id for pack in packs_for(territory)] == expected


def test_the_27_members_of_the_union_are_there():
    members = {
        "AUT", "BEL", "BGR", "HRV", "CYP", "CZE", "DNK", "EST", "FIN", "FRA", "DEU", "GRC", "HUN", "IRL", "ITA", "LVA",
        "LTU", "LUX", "MLT", "NLD", "POL", "PRT", "ROU", "SVK", "SVN", "ESP", "SWE",
    }  # fmt: skip
    assert len(members) == 27
    assert members < set(pack_of("eu-open").territories)


def ids(pack_id, day, **known):
    return {rule.id for rule in chosen(pack_of(pack_id), date.fromisoformat(day), **known)}


@pytest.mark.parametrize(
    ("pack_id", "before", "after", "gone", "new"),
    [
        ("eu-open", "2020-12-30", "2020-12-31", set(), {"eu-open-height"}),
        ("eu-open", "2022-06-30", "2022-07-01", set(), {"eu-open-night-light"}),
        ("uk-open", "2025-12-31", "2026-01-01", set(), {"uk-open-night-light"}),
        ("faa-44809", "2018-10-04", "2018-10-05", set(), {"faa-44809-height"}),
        ("china", "2023-12-31", "2024-01-01", set(), {"china-height"}),
        ("canada", "2019-05-31", "2019-06-01", set(), {"canada-height", "canada-leave"}),
        ("canada", "2025-03-31", "2025-04-01", set(), {"canada-night-light"}),
        ("switzerland-open", "2022-12-31", "2023-01-01", set(), {
            "switzerland-open-height", "switzerland-open-night-light"}),
        ("japan", "2022-06-19", "2022-06-20", set(), set()),
    ],
)  # fmt: skip
def test_on_both_sides_of_a_change(pack_id, before, after, gone, new):
    earlier, later = ids(pack_id, before), ids(pack_id, after)
    assert earlier - later == gone
    assert later - earlier == new


def test_night_under_part_107_only_asks_for_lights_since_april_2021():
    (before,) = [r for r in chosen(pack_of("faa-107"), date(2021, 4, 20)) if r.id == "faa-107-night"]
    (after,) = [r for r in chosen(pack_of("faa-107"), date(2021, 4, 21)) if r.id == "faa-107-night"]
    assert not before.informs and not before.not_in_log
    assert after.informs and len(after.not_in_log) == 2


@pytest.mark.parametrize(
    ("day", "weight_g", "spoken_of"),
    [
        ("2022-06-19", 199.0, False), ("2022-06-19", 200.0, True), ("2022-06-20", 99.0, False),
        ("2022-06-20", 100.0, True), ("2022-06-20", 199.0, True), ("2022-06-19", None, True),
    ],
)  # fmt: skip
def test_japan_speaks_of_lighter_aircraft_since_june_2022(day, weight_g, spoken_of):
    assert ids("japan", day, weight_g=weight_g) == ({"japan-height", "japan-night"} if spoken_of else set())


def test_canada_speaks_of_aircraft_from_250_g():
    assert not ids("canada", "2026-06-01", weight_g=249.0)
    assert ids("canada", "2026-06-01", weight_g=250.0) == ids("canada", "2026-06-01")


def test_a_class_chooses_among_rules_that_name_classes():
    """No rule on board names a class yet: what a class of an aircraft may do is about people below, in no log."""
    assert ids("uk-open", "2026-06-01", class_="uk1") == ids("uk-open", "2026-06-01")


def test_twilight_is_another_in_alaska():
    twilight = {"faa-107-twilight", "faa-107-twilight-alaska"}
    assert ids("faa-107", "2026-06-01") >= twilight
    assert ids("faa-107", "2026-06-01", lat_deg=61.2) & twilight == {"faa-107-twilight-alaska"}  # Anchorage
    assert ids("faa-107", "2026-06-01", lat_deg=51.8) & twilight == {"faa-107-twilight-alaska"}  # Adak
    assert ids("faa-107", "2026-06-01", lat_deg=49.38) & twilight == {"faa-107-twilight"}  # Northwest Angle
    assert ids("faa-107", "2026-06-01", lat_deg=21.3) & twilight == {"faa-107-twilight"}  # Honolulu


@pytest.mark.parametrize(
    "box",
    [
        (-129.5, 50.01, -50.0, 84.0),  # east of the south-eastern end of Alaska, north of the other States
        (-179.9, 31.0, -130.01, 49.99), (170.0, 31.0, 179.9, 49.99),  # between the Aleutians and Hawaii
    ],
)  # fmt: skip
def test_all_of_the_united_states_north_of_50_and_nothing_south_of_it_is_alaska(box):
    assert "USA" not in [territory.iso_a3 for territory in territories_near(*box).territories]
    assert "USA" in [territory.iso_a3 for territory in territories_near(-130.5, 55.0, -129.5, 56.0).territories]
