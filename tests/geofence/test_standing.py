"""What a territory is to a flight from home: every relation, by the rules as written in the design."""

from __future__ import annotations

import pytest

from dronecheck.borders.territories import Relation, Territory
from dronecheck.geofence.questions.territory_relation import territory_reference, territory_relation
from dronecheck.geofence.result import Reason
from dronecheck.geofence.settings import Settings

GREENLAND = Territory("GRL", ("GRL",), Relation.DEPENDENCY, "DNK")
DENMARK = Territory("DNK", ("DNK",), Relation.SOLE, None)


def shared(relation):
    return Territory(None, ("CHN", "IND"), relation, None)


@pytest.mark.parametrize(("territory", "home", "allow", "want"), [
    (DENMARK, "DNK", "", Reason.HOME_TERRITORY),
    (DENMARK, "DEU", "", None),
    (DENMARK, "DEU", "DNK", Reason.ALLOWED),
    (GREENLAND, "GRL", "", Reason.HOME_TERRITORY),
    (GREENLAND, "DNK", "", Reason.DEPENDENCY_OF_HOME),
    (GREENLAND, "DEU", "", None),
    (GREENLAND, "DEU", "DNK", None),  # leave for a State is not leave for its dependencies
    (GREENLAND, "DEU", "GRL", Reason.ALLOWED),
    (DENMARK, "GRL", "", Reason.DEPENDENCY_OF_HOME),
    (DENMARK, "FRO", "", Reason.DEPENDENCY_OF_HOME),
    (GREENLAND, "FRO", "", Reason.DEPENDENCY_OF_HOME),  # two dependencies of one State
    (shared(Relation.DISPUTED), "CHN", "", Reason.DISPUTED_TERRITORY),
    (shared(Relation.DISPUTED), "CHN", "IND", Reason.ALLOWED),  # all that claim it are home or allowed
    (shared(Relation.DISPUTED), "DEU", "IND", Reason.DISPUTED_TERRITORY),
    (shared(Relation.DISPUTED), "DEU", "CHN,IND", Reason.ALLOWED),
    (shared(Relation.DISPUTED), "DEU", "", None),
    (shared(Relation.OVERLAP), "IND", "", Reason.OVERLAP_IN_DATA),
    (shared(Relation.OVERLAP), "DEU", "", None),
])  # fmt: skip
def test_standing(territory, home, allow, want):
    assert territory_relation(territory, home, Settings(allow=frozenset(filter(None, allow.split(","))))) is want


def test_a_reference_is_the_code_or_all_claimants():
    assert territory_reference(GREENLAND, Settings()).id == "GRL"
    assert (territory_reference(DENMARK, Settings()).name, territory_reference(DENMARK, Settings()).kind) == (
        "Denmark",
        "border",
    )
    assert territory_reference(shared(Relation.DISPUTED), Settings()).id == "CHN|IND"
