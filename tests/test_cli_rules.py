"""`--rules` on the command line: what informs, what reaches the exit code, and what is refused."""

from __future__ import annotations

import json
from typing import NamedTuple

import msgspec
import numpy as np
import pytest

from dronecheck.report.json.document import ResultDocument
from tests.support.airdata import airdata


class Done(NamedTuple):
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def process(cli):
    """The program, called without a process of its own."""
    return lambda *words: Done(*cli(*words))


@pytest.fixture
def inland(tmp_path):
    return airdata(tmp_path / "inland.csv", 47.0, 2.0, 47.004, 2.004)


def told(process, log, *options):
    done = process("check", log, "--json", "-", *options)
    return done, json.loads(done.stdout)


def test_by_default_rules_inform_in_words_and_json(process, inland):
    done = process("check", inland)
    assert done.returncode == 0, done.stderr
    text = " ".join(done.stdout.split())
    assert "UAS.OPEN.010(2)" in text
    assert "above take-off; ground unknown" in text
    assert "not legal advice" in text
    done, document = told(process, inland)
    assert [pack["id"] for pack in document["rules"]["packs"]] == ["eu-open"]
    assert [check["question"] for check in document["checks"]] == ["border", "airspace", "height"]
    assert document["verdict"] == "CLEAR"
    msgspec.json.decode(done.stdout, type=ResultDocument)


def test_auto_typed_is_the_default_and_none_asks_nothing(process, inland):
    _, default = told(process, inland)
    _, auto = told(process, inland, "--rules", "auto")
    assert auto == default
    done, none = told(process, inland, "--rules", "none")
    assert none["rules"] == {"packs": [], "answers": [], "no_rules_of": []}
    assert (done.returncode, none["method"]["options"]["rules"]) == (0, "none")


def test_a_named_pack_reaches_the_exit_code(process, inland):
    done, document = told(process, inland, "--rules", "eu-open")
    assert (done.returncode, document["verdict"]) == (4, "INCONCLUSIVE")
    assert document["checks"][-1]["question"] == "rules"
    assert document["checks"][-1]["remedies"] == ["give_terrain"]
    assert process("check", inland, "--rules", "eu-open", "--relief", "20").returncode == 0
    high = inland.with_name("high.csv")
    airdata(high, 47.0, 2.0, 47.004, 2.004, height_m=250.0)
    done, document = told(process, high, "--rules", "eu-open", "--relief", "20")
    assert (done.returncode, document["findings"][0]["kind"]) == (1, "rule_limit")
    assert process("check", high, "--relief", "20").returncode == 0


def test_leave_in_a_file_covers_a_rule(process, inland, tmp_path):
    high = inland.with_name("high.csv")
    airdata(high, 47.0, 2.0, 47.004, 2.004, height_m=250.0)
    leave = tmp_path / "leave.csv"
    leave.write_text("zone,from,to,reference\neu-open-height,,,permit 12\n")
    done = process("check", high, "--rules", "eu-open", "--relief", "20", "--authorised", leave)
    assert done.returncode == 0, done.stdout
    assert "authorised by permit 12" in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--rules", "eu-closed"), "eu-open"),
        (("--rules", "auto,eu-open"), "stand alone"),
        (("--class", "C9"), "C0"),
        (("--weight", "heavy"), "249"),
        (("--weight", "-3"), "grams"),
    ],
)
def test_what_cannot_be_meant_is_refused(process, inland, words, said):
    done = process("check", inland, *words)
    assert done.returncode == 2
    assert said in done.stderr


@pytest.mark.parametrize(("typed", "grams"), [("249", 249.0), ("249g", 249.0), ("0.9kg", 900.0), ("55lb", 24947.58035)])
def test_weights_as_people_type_them(process, inland, typed, grams):
    _, document = told(process, inland, "--weight", typed)
    assert np.isclose(document["method"]["options"]["weight_g"], grams)
