"""The published tables of classes are those in use."""

from __future__ import annotations

import re

import pytest

from dronecheck.airspace.ed.classes import EFFECTS, class_of


def test_the_table_of_ed_classes_is_published(repo):
    section = (repo / "docs/zone-formats.md").read_text().split("## ED-269")[1].split("## ED-318")[0]
    rows = re.findall(r"^\| (`[^|]+) \| (\w+) \| ([\w ]+) \|$", section, re.MULTILINE)
    published = {name: (kind, effect.replace(" ", "_")) for names, kind, effect in rows
                 for name in re.findall(r"`(\w+)`", names)}  # fmt: skip
    assert published == {name: (class_of(name, [])[1].value, effect.value) for name, effect in EFFECTS.items()}


@pytest.mark.parametrize(
    ("reasons", "kind"), [(["NATURE"], "nature"), ("NATURE", "nature"), (["NATURE", "NOISE"], "restricted")]
)
def test_nature_alone_is_a_kind(reasons, kind):
    assert class_of("REQ_AUTHORISATION", reasons)[1].value == kind
