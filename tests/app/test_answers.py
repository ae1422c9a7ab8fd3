"""What the page is given equals what the command line writes, byte for byte."""

from __future__ import annotations

import json

import pytest

from tests.app.conftest import SAMPLES

LOGS = sorted(path.name for path in SAMPLES.iterdir() if path.suffix.lower() in
              (".ulg", ".csv", ".srt", ".bin", ".gpx", ".igc", ".log", ".tlog", ".txt", ".dat"))  # fmt: skip
ZONES = "restricted_zone.geojson"


def by_cli(cli, *words) -> bytes:
    code, out, _ = cli("check", *words, "--json", "-")
    assert code in (0, 1, 3, 4)
    return out.encode()


@pytest.mark.slow
def test_every_sample_alone_with_zones_and_options_is_the_document_of_check(app, cli):
    files = [app.put(SAMPLES / name) for name in LOGS]
    zones = app.put(SAMPLES / ZONES)
    rows = app.check(*files, zones, options={"max_height_m": 100, "relief_m": "20"})
    of_file = {row["files"][0]: row for row in rows if row["kind"] == "flight"}
    assert len(of_file) == len(LOGS) > 12
    for name, file in zip(LOGS, files, strict=True):
        told = by_cli(cli, SAMPLES / name, "--zones", SAMPLES / ZONES, "--max-height", 100, "--relief", 20)
        row = of_file[file["id"]]
        assert app.ask("GET", f"/api/json/{row['id']}") == (200, told), name
        assert row["verdict"] == json.loads(told)["verdict"]
