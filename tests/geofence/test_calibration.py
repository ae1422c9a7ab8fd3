"""Verdicts are wrong no more often than they say, and open no more often than they must; real logs stay decided."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from dronecheck.geofence.findings import Reason, Verdict


def load(repo, name):
    spec = importlib.util.spec_from_file_location(name, repo / f"benchmarks/{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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


@pytest.mark.slow
def test_no_real_log_far_from_every_border_is_left_open(repo, shared):
    answers = list(load(repo, "sharpness").border_checks(shared / "logs", 3_000_000))
    assert answers
    for path, answer, result in answers:
        near = min((n.distance_m for n in result.nearest), default=np.inf)
        if answer.verdict is Verdict.INCONCLUSIVE and near > 5_000 and not result.findings:
            assert Reason.LOG_SUSPECT in answer.reasons, path.name  # positions that contradict each other
