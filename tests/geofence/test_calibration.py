"""Verdicts are wrong no more often than they say, and open no more often than they must; real logs stay decided."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from dronecheck.geofence.clauses import ClauseCode
from dronecheck.geofence.result import Reason, Verdict
from tests.support.scale import full_only


def load(repo, name):
    spec = importlib.util.spec_from_file_location(name, repo / f"benchmarks/{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@full_only
def test_a_hundred_simulated_flights_are_judged_as_often_wrong_as_stated(repo):
    calibrate = load(repo, "calibrate")
    rows = list(calibrate.run(100))
    violation, clear = calibrate.wrong_rates(rows)
    assert violation <= 0.01
    assert clear <= 0.01
    margins = np.array([m for _, m, _ in rows])
    undecided = np.mean([v is Verdict.INCONCLUSIVE for _, _, v in rows])
    # 100 independent flights leave a standard error of 0.05 at most.
    assert undecided <= calibrate.undecided_in_theory(margins).mean() + 0.1


@full_only
def test_verdicts_stay_open_as_often_as_errors_on_a_line_do(repo):
    calibrate = load(repo, "calibrate")
    random, margins, each = np.random.default_rng(5), np.array([-3.5, -2.5, -1.5, 1.5, 2.5, 3.5]), 80
    left_open = [
        calibrate.verdict_of(calibrate.fly(margin * calibrate.SIGMA_M, random), calibrate.BORDER)
        is Verdict.INCONCLUSIVE
        for margin in margins
        for _ in range(each)
    ]
    # 480 flights, each with its own chance between 0.06 and 0.87: a standard error of 0.016.
    assert np.mean(left_open) == pytest.approx(calibrate.undecided_in_one_dimension(margins).mean(), abs=0.065)


@full_only
@pytest.mark.slow
def test_no_real_log_far_from_every_border_is_left_open(repo, shared):
    answers = list(load(repo, "sharpness").border_checks(shared / "logs", 3_000_000))
    assert answers
    for path, answer, result in answers:
        near = min((n.distance_m for n in result.nearest), default=np.inf)
        if answer.verdict is Verdict.INCONCLUSIVE and near > 5_000 and not result.findings:
            # positions that contradict each other, a single one, or no take-off and another territory in its reach
            assert {Reason.LOG_SUSPECT, Reason.TOO_FEW_FIXES, Reason.HOME_UNKNOWN} & set(answer.reasons), path.name
            if Reason.HOME_UNKNOWN in answer.reasons:
                crossed = [c.values["distance_m"] for c in answer.clauses if c.code is ClauseCode.CROSSED_IF_FROM]
                assert min(crossed) <= 15_000, path.name
