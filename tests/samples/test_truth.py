"""dronecheck, through its command line, against the truth of the simulated flights."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from datetime import datetime
from pathlib import Path

import pytest
from pyproj import Geod

GEOD = Geod(ellps="WGS84")
MANIFEST = tomllib.loads(
    (Path(__file__).resolve().parents[2] / "samples" / "MANIFEST.toml").read_text(encoding="utf-8")
)
LOGS = [file for file in MANIFEST["file"] if "verdict" in file]
ENTERED = [file for file in LOGS if "visit" in file]
NOT_ENTERED = [file for file in LOGS if "nearest" in file]
# Metres: positions of the noisy logs, one axis, and the line, all at 3 sigma.
NOISE_M = 3 * (MANIFEST["gnss_h_sigma_m"] ** 2 + MANIFEST["line_sigma_m"] ** 2) ** 0.5
SLOWEST_CROSSING_MPS = 12.0
# Perfect instruments: what remains is the sampling.
SAMPLING_S, SAMPLING_M = 0.2, 0.5


def _named(files: list[dict]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("facts", files, ids=[file["name"] for file in files])


def _options(facts: dict) -> tuple[str, ...]:
    """What the user of this file has to say."""
    offset = ("--utc-offset", str(facts["utc_offset_h"])) if "utc_offset_h" in facts else ()
    return offset + (("--home", facts["needs_home"]) if "needs_home" in facts else ())


def _check(folder: Path, samples: Path) -> dict[str, dict]:
    """All logs, those that need the same options in one run: their documents by file name."""
    documents = []
    for options in {_options(file): None for file in LOGS}:
        logs = [str(folder / file["name"]) for file in LOGS if _options(file) == options]
        command = [sys.executable, "-m", "dronecheck", "check", *logs, "--separate", "--json", "-"]
        command += ["--zones", str(samples / "restricted_zone.geojson")]
        command += options
        ran = subprocess.run(command, capture_output=True, timeout=120)
        assert ran.returncode == 1, ran.stderr.decode()
        lines = ran.stdout.splitlines() if len(logs) > 1 else [ran.stdout]
        documents += [json.loads(line) for line in lines]
    return {Path(document["input"]["path"]).name: document for document in documents}


@pytest.fixture(scope="module")
def found(samples: Path) -> dict[str, dict]:
    return _check(samples, samples)


@pytest.fixture(scope="module")
def found_without_noise(noise_free: Path, samples: Path) -> dict[str, dict]:
    return _check(noise_free, samples)


def _seconds(at: str) -> float:
    return datetime.fromisoformat(at).timestamp()


def _apart_m(place: dict, facts: dict, which: str) -> float:
    return GEOD.inv(place["lon"], place["lat"], facts[f"{which}_lon"], facts[f"{which}_lat"])[2]


def _visits(document: dict) -> list[dict]:
    return [finding for finding in document["findings"] if finding["enter_utc"] or finding["exit_utc"]]


def _pairs(document: dict, facts: dict) -> list[tuple[dict, dict]]:
    findings = sorted(_visits(document), key=lambda finding: finding["enter_utc"])
    assert [finding["zone"]["id"] for finding in findings] == [visit["zone"] for visit in facts["visit"]]
    return list(zip(findings, facts["visit"], strict=True))


@_named(LOGS)
def test_verdict(found: dict, facts: dict) -> None:
    assert found[facts["name"]]["verdict"] == facts["verdict"]


@_named(LOGS)
def test_the_log_as_read(found: dict, facts: dict) -> None:
    document = found[facts["name"]]
    assert document["input"]["sha256"] == facts["sha256"]
    # Subtitles repeat figures of six decimals: now and then two fixes in a row look the same, and are one.
    merged = facts["fixes"] - document["flight"]["fixes"] if facts["format"] == "srt" else 0
    assert 0 <= merged <= 5
    assert document["flight"]["fixes"] + merged in (facts["fixes"], facts.get("fused_rows"))
    assert document["flight"]["completeness"] == ("truncated" if "cut_record_at" in facts else "complete")
    assert document["flight"]["clock"]["utc_known"]
    for which in ("start_utc", "end_utc"):
        apart_s = _seconds(document["flight"][which]) - _seconds(facts[which])
        assert abs(apart_s) <= 0.25 + facts["clock_step_s"]


@_named(ENTERED)
def test_instants_within_three_sigma(found: dict, facts: dict) -> None:
    for finding, visit in _pairs(found[facts["name"]], facts):
        for which in ("enter", "exit"):
            if f"{which}_utc" not in visit:
                assert finding[f"{which}_utc"] is None
                continue
            apart_s = abs(_seconds(finding[f"{which}_utc"]) - _seconds(visit[f"{which}_utc"]))
            assert apart_s <= 3 * finding[f"{which}_sigma_s"] + facts["clock_step_s"]
            assert apart_s <= NOISE_M / SLOWEST_CROSSING_MPS + facts["clock_step_s"]


@_named(ENTERED)
def test_places_and_depths_within_three_sigma(found: dict, facts: dict) -> None:
    for finding, visit in _pairs(found[facts["name"]], facts):
        assert _apart_m(finding["entry"], visit, "entry") <= NOISE_M
        if "exit_utc" in visit:
            assert _apart_m(finding["exit"], visit, "exit") <= NOISE_M
        assert abs(finding["depth_m"] - visit["depth_m"]) <= min(NOISE_M, 3 * finding["sigma_m"])


@_named(ENTERED)
def test_without_noise_only_the_sampling_remains(found_without_noise: dict, facts: dict) -> None:
    for finding, visit in _pairs(found_without_noise[facts["name"]], facts):
        apart_s = abs(_seconds(finding["enter_utc"]) - _seconds(visit["enter_utc"]))
        assert apart_s <= SAMPLING_S
        assert _apart_m(finding["entry"], visit, "entry") <= SAMPLING_M
        assert finding["depth_m"] == pytest.approx(visit["depth_m"], abs=SAMPLING_M)
        if "exit_utc" in visit:
            assert abs(_seconds(finding["exit_utc"]) - _seconds(visit["exit_utc"])) <= SAMPLING_S
            assert _apart_m(finding["exit"], visit, "exit") <= SAMPLING_M
            assert finding["duration_s"] == pytest.approx(visit["duration_s"], abs=SAMPLING_S)
            assert finding["path_m"] == pytest.approx(visit["path_m"], rel=0.01)


@_named(ENTERED)
def test_every_stay_is_a_violation(found: dict, facts: dict) -> None:
    """Also the corridor's: 5.5 m deep between two fixes, where P(inside) over its width is 0.993."""
    assert {finding["verdict"] for finding, _ in _pairs(found[facts["name"]], facts)} == {"VIOLATION"}


def test_territories_in_order(found: dict) -> None:
    orders = {name: [t["iso_a3"] for t in document["territories"]] for name, document in found.items()}
    for name in orders:
        if name.startswith("founding"):
            assert orders[name] == ["CHN", "PRK", "CHN"]
    assert orders["cut_short.ulg"] == ["CHN", "PRK"]
    assert orders["clear_dandong.csv"] == ["CHN"]
    assert orders["restricted_zone.csv"] == ["ARG"]


@_named(NOT_ENTERED)
def test_the_nearest_territory(found: dict, found_without_noise: dict, facts: dict) -> None:
    for documents, tolerance_m in ((found, NOISE_M), (found_without_noise, SAMPLING_M)):
        nearest = documents[facts["name"]]["nearest"][0]
        assert nearest["zone"]["id"] == facts["nearest"]
        assert nearest["distance_m"] == pytest.approx(facts["nearest_m"], abs=tolerance_m)


def test_along_the_line_nobody_can_tell(found: dict, manifest: dict) -> None:
    document = found["bank_hugging_dandong.ulg"]
    border = next(check for check in document["checks"] if check["question"] == "border")
    assert border["verdict"] == "INCONCLUSIVE"
    assert {"margin_within_error", "border_data_too_coarse"} & set(border["reasons"])
    assert [finding["verdict"] for finding in document["findings"]] == ["INCONCLUSIVE"]
