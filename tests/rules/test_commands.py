"""`dronecheck rules list | show | diff`, as users meet them."""

from __future__ import annotations

import json
import subprocess
import sys

import jsonschema
import pytest

from dronecheck.report.json.rules_document import schema_bytes
from dronecheck.rules import packs
from tests.conftest import REPO
from tests.rules.test_packs import JUDGING

END = "As read on 2026-11-30; not legal advice."
EVERY = [
    ("list",), ("list", "--on", "2021-06-01"), ("list", "--territory", "USA"), ("list", "--territory", "Greenland"),
    *((("show", pack.id)) for pack in packs()), *((("show", pack.id, "--on", "2010-01-01")) for pack in packs()),
    ("show", "uk-open@2026-06-01"), ("diff", "eu-open", "uk-open"), ("diff", "faa-107", "faa-44809"),
    ("diff", "uk-open@2025-06-01", "uk-open@2026-06-01"), ("diff", "korea", "korea"),
]  # fmt: skip


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
def test_what_is_told_fits_80_columns_and_judges_nothing(cli, words):
    code, out, err = cli("rules", *words)
    assert (code, err) == (0, "")
    assert max(map(len, out.splitlines())) <= 80
    assert not JUDGING.search(out.replace("not legal advice", ""))
    assert out.splitlines()[-1] == END or out == "no rules of Greenland (GRL) are known here\n"


def test_list_names_packs_by_territory_and_day(cli):
    listed = cli("rules", "list")[1]
    assert [line.split()[0] for line in listed.splitlines() if not line.startswith(" ")][:-2] == [p.id for p in packs()]
    assert "AUT, BEL, BGR, CYP, CZE, DEU and 28 more; 2 rules" in " ".join(listed.split())
    of_japan = cli("rules", "list", "--territory", "japan", "--on", "2015-12-09")[1]
    assert "Japan (JPN); none that is known of 2015-12-09" in of_japan
    assert "Japan (JPN); 2 rules on 2015-12-10" in cli("rules", "list", "--territory", "JPN", "--on", "2015-12-10")[1]


def test_show_tells_both_figures_of_a_limit_and_the_paragraph(cli):
    told = " ".join(cli("rules", "show", "faa-107")[1].split())
    assert "87 kt (44.75667 m/s), also written 100 mph (44.704 m/s), over the ground" in told
    assert "400 ft (121.92 m), above the ground; what stands on it nearby may lift it" in told
    assert "paragraph: 14 CFR 107.51(a)" in told
    assert "faa-107-night, 2016-08-29 to 2021-04-20" in told
    assert "faa-107-night, from 2021-04-21" in told
    assert "speaks of: places north of 50 N" in told
    before = cli("rules", "show", "faa-107", "--on", "2021-04-20")[1]
    assert before.count("faa-107-night,") == 1
    assert before == cli("rules", "show", "FAA-107@2021-04-20")[1]


def test_the_border_strip_of_china_has_no_number(cli):
    told = " ".join(cli("rules", "show", "china")[1].split())
    assert "In no log: - article 19: a strip along the border" in told
    assert "the law names no metres" in told


def test_diff_of_two_days_tells_what_a_change_of_law_brought(cli):
    out = cli("rules", "diff", "uk-open@2025-12-31", "uk-open@2026-01-01")[1]
    assert out.startswith("- uk-open on 2025-12-31: ")
    before, after = out.split("night-light\n")
    assert len(before.splitlines()) == 3
    assert after.endswith(f"the same in both: height\n\n{END}\n")
    assert "  - " not in after
    assert "  + law: from 2026-01-01\n" in after
    assert "  + rule: at night (between evening and morning civil twilight) with a green\n" in after
    same = cli("rules", "diff", "faa-107@2021-04-20", "faa-107@2021-04-21")[1]
    assert "the same in both: height, speed, twilight, twilight-alaska\n" in same


def test_diff_of_a_pack_with_itself_finds_nothing(cli):
    out = cli("rules", "diff", "korea", "korea")[1]
    assert "the same in both: height, night\n" in out
    assert "  - " not in out and "  + " not in out


def test_json_is_as_the_shipped_schema_says_and_has_si_units(cli, tmp_path):
    shipped = (REPO / "src/dronecheck/report/json/rules.schema.json").read_bytes()
    assert shipped == schema_bytes(), "run make schema"
    for words in (
        ("list",),
        ("list", "--territory", "GRL"),
        ("show", "canada"),
        ("show", "japan", "--on", "2022-06-19"),
    ):
        code, out, err = cli("rules", *words, "--json", "-")
        assert (code, err) == (0, "")
        jsonschema.validate(json.loads(out), json.loads(shipped))
    (pack,) = json.loads(out)["packs"]
    assert pack["on"] == "2022-06-19"
    assert [rule["min_weight_g"] for rule in pack["rules"]] == [200.0, 200.0]
    cli("rules", "show", "canada", "--json", tmp_path / "canada.json")
    (pack,) = json.loads((tmp_path / "canada.json").read_text())["packs"]
    height, leave, _ = pack["rules"]
    assert height["limits_si"] == pytest.approx([121.92, 122.0])
    assert (leave["value"], leave["unit"], leave["limits_si"]) == (None, None, None)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "mars"), "no such pack of rules"), (("diff", "eu-open", "uk-open@soon"), "give one as 2026-01-01"),
        (("show", "eu-open@2026-01-01", "--on", "2026-01-01"), "give the day once"),
        (("show", "eu-open@"), "is no day"), (("list", "--on", "tomorrow"), "--on 'tomorrow' is no day"),
        (("list", "--territory", "Atlantis"), "no such territory"),
        (("list", "--territory", "Korea"), "which territory"),
        (("show", "\x1b[31m" * 30), "no such pack"),
    ],
)  # fmt: skip
def test_mistakes_are_told_in_one_line(cli, words, said):
    code, out, err = cli("rules", *words)
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert said in err
    assert "\x1b" not in err


def test_of_a_territory_only_its_own_packs_are_parsed():
    """What a check costs: the packs are searched as text, and only those that name the territory are parsed."""
    code = (
        "import tomllib\n"
        "parsed, real = [], tomllib.loads\n"
        "tomllib.loads = lambda text: parsed.append(text) or real(text)\n"
        "from dronecheck.rules import packs_for\n"
        "print(len(packs_for('KOR')), len(packs_for('USA')), len(packs_for('PRK')), len(parsed))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "2", "0", "3"]
