"""Two readings as one list: what both say as firmly stands, what one alone says is open, CLEAR adds nothing."""

from __future__ import annotations

from itertools import product

import pytest

from dronecheck.geofence.ambiguity import Ambiguity, combine_alternatives
from dronecheck.geofence.clauses import Clause, ClauseCode
from dronecheck.geofence.result import Finding, FindingKind, Reason, Verdict, ZoneRef
from tests.support.said import said

DOUBT = Ambiguity(Reason.DATUM_UNKNOWN, "gcj02_positions")
TOLD, OTHERWISE = "the zone came into force while inside", "if the positions are GCJ-02"
A, B = (ZoneRef(name, name, "restricted", "s") for name in "AB")
V, Q, C = Verdict.VIOLATION, Verdict.INCONCLUSIVE, Verdict.CLEAR


def found(verdict, zone=A, rows=((10.0, 20.0),), kind=FindingKind.ZONE_ENTRY, reasons=(Reason.SINGLE_FIX,)):
    return Finding(kind, verdict, zone, reasons, (Clause(ClauseCode.CAME_INTO_FORCE),), rows=rows)


@pytest.mark.parametrize(("mine", "theirs"), list(product([V, Q, C, None], repeat=2)))
def test_every_pair_of_verdicts(mine, theirs):
    made = combine_alternatives([found(mine)] if mine else [], [found(theirs)] if theirs else [], DOUBT)
    verdicts = [f.verdict for f in made]
    if mine is None or mine is C:
        want = [mine] if mine else []
        # What only the other reading says is added, open; a CLEAR one of mine is no counterpart of a violation.
        if theirs in (V, Q):
            want = [Q] if mine is None else [C] if len(made) == 1 else [C, Q]
        assert verdicts == want
    else:
        assert verdicts == ([V] if (mine, theirs) == (V, V) else [Q])
    doubted = mine is V and theirs is not V
    if mine in (V, Q):
        assert (Reason.DATUM_UNKNOWN in made[0].reasons) == doubted
        assert said(made[0]) == (f"{TOLD}; not so {OTHERWISE}" if doubted else TOLD)


def test_what_only_the_other_reading_says_is_open_and_says_why():
    for verdict in (V, Q):
        (made,) = combine_alternatives([], [found(verdict, reasons=(Reason.DATUM_UNKNOWN, Reason.SINGLE_FIX))], DOUBT)
        assert made.verdict is Q
        assert made.reasons == (Reason.DATUM_UNKNOWN, Reason.SINGLE_FIX)  # each once
        assert said(made) == f"{OTHERWISE}: {TOLD}"
    assert combine_alternatives([], [found(C)], DOUBT) == []


@pytest.mark.parametrize("other", [
    {"zone": B}, {"kind": FindingKind.BORDER_CROSSING}, {"rows": ((20.5, 30.0),)}, {"rows": ((0.0, 9.5),)},
    {"rows": ()},
])  # fmt: skip
def test_another_zone_kind_or_part_of_the_flight_is_not_the_same(other):
    made = combine_alternatives([found(V)], [found(V, **other)], DOUBT)
    assert [f.verdict for f in made] == [Q, Q]


@pytest.mark.parametrize("rows", [((20.0, 30.0),), ((0.0, 10.0),), ((0.0, 1.0), (12.0, 13.0)), ((0.0, 50.0),)])
def test_touching_stretches_are_the_same(rows):
    assert [f.verdict for f in combine_alternatives([found(V)], [found(V, rows=rows)], DOUBT)] == [V]


def test_the_list_is_in_order_of_the_flight_and_agreement_can_be_worded():
    mine = [found(V, rows=((40.0, 50.0),)), found(Q, B, rows=((5.0, 6.0),))]
    theirs = [found(V, rows=((45.0, 60.0),)), found(Q, B, rows=((20.0, 21.0),))]
    asked = []

    def agree(finding, same):
        asked.append((finding, same))
        return finding

    made = combine_alternatives(mine, theirs, DOUBT, agree)
    assert [f.rows[0][0] for f in made] == [5.0, 20.0, 40.0]
    assert asked == [(mine[0], [theirs[0]])]
