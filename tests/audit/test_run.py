"""An audit as a whole: every file has its row, nothing is done twice, and the answers are those of `check`."""

from __future__ import annotations

import json
import os
import shutil
import threading
from pathlib import Path

import duckdb
import geopandas
import pandas as pd
import pyarrow.parquet as pq
import pytest

from dronecheck.audit.ledger import Ledger
from dronecheck.audit.run import FILES_A_TASK
from dronecheck.errors import UsageError
from dronecheck.settings import Options
from tests.audit.conftest import Direct, exported, local, rows
from tests.support.scale import loops
from tests.support.small_logs import small_logs

SAMPLES = ("founding_dandong_sinuiju.ulg", "clear_dandong.csv", "bank_hugging_dandong.ulg", "restricted_zone.csv")


@pytest.fixture
def logs(tmp_path, repo):
    """The samples, a copy under another name, and files that are no logs."""
    folder = tmp_path / "logs"
    (folder / "deep" / "deeper").mkdir(parents=True)
    for name in SAMPLES:
        shutil.copy(repo / "samples" / name, folder / name)
    shutil.copy(repo / "samples" / SAMPLES[0], folder / "deep" / "deeper" / "again.ulg")
    (folder / "notes.txt").write_text("we flew at noon\n")
    (folder / "page.html").write_text("<html><body>login</body></html>")
    (folder / "empty.ulg").write_bytes(b"")
    (folder / "deep" / "noise.bin").write_bytes(bytes(range(256)) * 40)
    return folder


def by_file(found):
    return {row["file"]: row for row in found}


def test_every_file_has_a_row(audit, logs, tmp_path):
    summary = audit([logs])
    found = by_file(rows(tmp_path / "out"))
    on_disk = {p.relative_to(logs).as_posix() for p in logs.rglob("*") if p.is_file()}
    assert set(found) == on_disk
    assert {name: row["status"] for name, row in found.items()} == {
        **dict.fromkeys([*SAMPLES, "deep/deeper/again.ulg"], "ok"),
        "notes.txt": "unreadable", "page.html": "not_a_log", "empty.ulg": "unreadable", "deep/noise.bin": "unreadable",
    }  # fmt: skip
    assert summary.finished and summary.read == len(on_disk)
    assert summary.by_status == {"ok": 5, "not_a_log": 1, "unreadable": 3}
    assert summary.by_verdict == {"VIOLATION": 2, "CLEAR": 2, "INCONCLUSIVE": 1}


def test_a_copy_is_linked_and_read_once(audit, logs, tmp_path):
    summary = audit([logs])
    found = by_file(rows(tmp_path / "out"))
    copy, first = found[SAMPLES[0]], found["deep/deeper/again.ulg"]
    assert copy["same_as"] == "deep/deeper/again.ulg" and first["same_as"] == ""
    assert {k: v for k, v in copy.items() if k not in ("file", "same_as")} == {
        k: v for k, v in first.items() if k not in ("file", "same_as")
    }
    read = [e["file"] for e in summary.events if e["event"] == "file"]
    assert len(read) == len(set(read)) == len(found) - 1


@pytest.mark.parametrize("name", SAMPLES)
def test_the_figures_are_those_of_check(audit, repo, tmp_path, name, monkeypatch, capsys):
    from dronecheck.cli import run

    audit([repo / "samples" / name])
    monkeypatch.setattr(
        "sys.argv", ["dronecheck", "check", str(repo / "samples" / name), "--json", str(tmp_path / "j")]
    )
    run()
    capsys.readouterr()
    document = json.loads((tmp_path / "j").read_bytes())
    (flight,) = pd.read_parquet(tmp_path / "out" / "flights.parquet").to_dict("records")
    assert flight["sha256"] == document["input"]["sha256"] and flight["bytes"] == document["input"]["bytes"]
    assert flight["verdict"] == document["verdict"] and flight["findings"] == len(document["findings"])
    assert [flight[k] for k in ("west_deg", "south_deg", "east_deg", "north_deg")] == document["flight"]["bbox"]
    for key in ("start_utc", "end_utc", "duration_s", "distance_m", "fixes", "completeness"):
        assert flight[key] == document["flight"][key], key
    findings = pq.read_table(tmp_path / "out" / "findings.parquet").drop(["geometry"]).to_pylist()
    shapes = geopandas.read_parquet(tmp_path / "out" / "findings.parquet").geometry
    for row, shape, told in zip(findings, shapes, document["findings"], strict=True):
        assert (row["kind"], row["finding_verdict"], row["zone_name"]) == (
            told["kind"], told["verdict"], told["zone"]["name"],
        )  # fmt: skip
        for key in ("enter_utc", "exit_utc", "depth_m", "margin_m", "sigma_m", "probability", "path_m", "alt_max_m"):
            assert row[key] == told[key], key
        assert row["finding_duration_s"] == told["duration_s"]
        box = document["flight"]["bbox"]
        west, south, east, north = shape.bounds
        assert box[0] - 2e-5 <= west <= east <= box[2] + 2e-5 and box[1] - 2e-5 <= south <= north <= box[3] + 2e-5


def test_the_tracks_are_those_of_the_logs(audit, logs, repo, tmp_path):
    import dronecheck

    audit([logs])
    stored = duckdb.sql(f"SELECT * FROM '{tmp_path}/out/tracks/*/*.parquet'").df()
    for name in SAMPLES:
        flight = dronecheck.read(repo / "samples" / name)
        own = stored[stored["sha256"] == flight.source.sha256].drop(columns="sha256").reset_index(drop=True)
        whole = flight.track.to_pandas().reset_index(drop=True)
        pd.testing.assert_frame_equal(own[whole.columns.tolist()], whole, check_dtype=False)


def test_a_second_run_reads_nothing(audit, logs, tmp_path):
    audit([logs])
    before = exported(tmp_path / "out")
    again = audit([logs])
    assert (again.read, again.judged_again) == (0, 0)
    assert exported(tmp_path / "out") == before


def test_a_changed_file_is_read_again_and_its_old_track_goes(audit, logs, repo, tmp_path):
    audit([logs])
    os.utime(logs / "restricted_zone.csv", (1, 1))
    shutil.copy(repo / "samples" / "cut_short.ulg", logs / "clear_dandong.csv")
    again = audit([logs])
    assert again.read == 2
    assert by_file(rows(tmp_path / "out"))["clear_dandong.csv"]["format"] == "ulog"
    stored = duckdb.sql(f"SELECT DISTINCT sha256 FROM '{tmp_path}/out/tracks/*/*.parquet'").fetchall()
    ledger = Ledger(tmp_path / "out", write=False)
    held = ledger.base.execute("SELECT sha256 FROM log WHERE shard IS NOT NULL").fetchall()
    ledger.close()
    assert sorted(stored) == sorted(held)


def test_new_files_are_added_and_those_that_went_keep_their_rows(audit, logs, repo, tmp_path):
    audit([logs])
    (logs / "restricted_zone.csv").unlink()
    shutil.copy(repo / "samples" / "founding_dandong_sinuiju.gpx", logs / "new.gpx")
    again = audit([logs])
    assert again.read == 1
    found = by_file(rows(tmp_path / "out"))
    assert found["new.gpx"]["status"] == found["restricted_zone.csv"]["status"] == "ok"


@pytest.mark.parametrize(
    "change",
    [
        {"zones": "restricted_zone.geojson"},
        {"home": "CHN"},
        {"allow": "PRK"},
        {"max_height_m": 50.0},
        {"zones": "restricted_zone.geojson", "max_height_m": 30.0},
    ],
)  # fmt: skip
def test_other_options_judge_stored_tracks_as_if_read_anew(audit, logs, repo, tmp_path, change):
    zones = (repo / "samples" / change["zones"],) if "zones" in change else ()
    other = Options(**{**change, "zones": zones})
    audit([logs])
    again = audit([logs], options=other)
    assert again.read == 0 and again.judged_again == 4
    fresh = audit([logs], tmp_path / "fresh", options=other)
    assert fresh.judged_again == 0
    assert exported(tmp_path / "out") == exported(tmp_path / "fresh")
    back = audit([logs])
    assert back.judged_again == 4
    audit([logs], tmp_path / "first")
    assert exported(tmp_path / "out") == exported(tmp_path / "first")


def test_real_logs_give_the_same_answers_from_stored_tracks(audit, shared, tmp_path):
    zones = Options(zones=(shared / "airspace" / "ed269" / "ed269-ch.json",))
    if not zones.zones[0].is_file():
        zones = Options(zones=(sorted((shared / "airspace" / "ed269").glob("*.json"))[0],))
    logs = sorted(p for p in (shared / "logs").rglob("*") if p.is_file())[:: loops(1, 4)]
    first = audit(logs, tmp_path / "a")
    assert sum(first.by_status.values()) == len(logs)
    assert "failed" not in first.by_status
    again = audit(logs, tmp_path / "a", options=zones)
    assert again.read == 0 and again.judged_again > loops(50, 12)
    audit(logs, tmp_path / "b", options=zones)
    assert exported(tmp_path / "a") == exported(tmp_path / "b")


def test_the_engine_of_processes_gives_the_same_bytes(audit, logs, tmp_path):
    small_logs(logs / "many", 2 * FILES_A_TASK + 7)
    audit([logs])
    summary = audit([logs], tmp_path / "two", engine=local(2))
    assert summary.finished
    assert exported(tmp_path / "out") == exported(tmp_path / "two")


def test_stopped_it_says_so_and_goes_on(audit, logs, tmp_path):
    small_logs(logs / "many", 3 * FILES_A_TASK)
    stop = threading.Event()

    class StopAfterOne(Direct):
        def run(self, tasks, stop):
            for pair in super().run(tasks, stop):
                yield pair
                stop.set()

    first = audit([logs], engine=StopAfterOne(), stop=stop)
    assert not first.finished and first.by_status["waiting"] > 0
    assert not (tmp_path / "out" / "flights.parquet").exists()
    second = audit([logs])
    assert second.finished and first.read + second.read == 3 * FILES_A_TASK + 9
    audit([logs], tmp_path / "whole")
    assert exported(tmp_path / "out") == exported(tmp_path / "whole")


def test_odd_files_have_rows_and_stop_nothing(audit, tmp_path, repo):
    folder = tmp_path / "odd"
    folder.mkdir()
    shutil.copy(repo / "samples" / "restricted_zone.csv", folder / "=cmd|' '!A0.csv")
    shutil.copy(repo / "samples" / "clear_dandong.csv", os.path.join(os.fsencode(folder), b"caf\xe9\x07.csv"))
    os.mkfifo(folder / "pipe.log")
    (folder / "nowhere.csv").symlink_to(folder / "missing.csv")
    (folder / "round").symlink_to(folder, target_is_directory=True)
    summary = audit([folder])
    assert summary.by_status == {"ok": 2, "unreadable": 2}
    found = rows(tmp_path / "out")
    assert len(found) == 4
    assert any(row["file"].startswith("'=cmd") for row in found)
    assert any("\\udce9\\x07" in row["file"] for row in found)
    assert "pipe" in next(row["message"] for row in found if row["file"] == "pipe.log")


def test_a_folder_that_cannot_be_listed_is_told(audit, tmp_path, repo, monkeypatch):
    folder = tmp_path / "logs"
    (folder / "locked").mkdir(parents=True)
    shutil.copy(repo / "samples" / "restricted_zone.csv", folder)
    real = os.scandir

    def refuse(path):
        if os.fsdecode(path).endswith("locked"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert audit([folder]).by_status == {"ok": 1, "unreadable": 1}
    assert "cannot be listed" in by_file(rows(tmp_path / "out"))["locked"]["message"]


def test_the_audits_own_folder_is_not_audited(audit, logs):
    out = logs / "audit"
    first = audit([logs], out)
    second = audit([logs], out)
    assert second.by_status == first.by_status and second.read == 0


def test_places_that_are_not_there_are_refused(audit, logs, tmp_path):
    for place in (tmp_path / "missing", tmp_path / "*.nothing"):
        with pytest.raises(UsageError, match=r"missing|nothing"):
            audit([place])


def test_globs_and_single_files(audit, logs, tmp_path):
    summary = audit([logs / "*.ulg", logs / "restricted_zone.csv"])
    assert sorted(by_file(rows(tmp_path / "out"))) == [
        "bank_hugging_dandong.ulg", "empty.ulg", "founding_dandong_sinuiju.ulg", "restricted_zone.csv",
    ]  # fmt: skip
    assert summary.finished


def test_two_audits_in_one_folder_are_refused(audit, logs, tmp_path):
    (tmp_path / "out").mkdir()
    held = Ledger(tmp_path / "out", write=True)
    try:
        with pytest.raises(UsageError, match="another audit is running"):
            audit([logs])
    finally:
        held.close()
    assert audit([logs]).finished


def test_a_ledger_of_another_layout_is_refused(audit, logs, tmp_path):
    audit([logs])
    ledger = Ledger(tmp_path / "out", write=True)
    ledger.base.execute("PRAGMA user_version = 99")
    ledger.close()
    with pytest.raises(UsageError, match="another version"):
        audit([logs])


def test_a_file_that_is_no_ledger_is_refused(audit, logs, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "ledger.sqlite").write_bytes(b"no database at all, but long enough to be read as one" * 30)
    with pytest.raises(UsageError, match="cannot be used"):
        audit([logs])


def test_zones_that_change_under_the_run_end_it(audit, logs, tmp_path, repo):
    zones = tmp_path / "zones.geojson"
    shutil.copy(repo / "samples" / "restricted_zone.geojson", zones)

    class Change(Direct):
        def run(self, tasks, stop):
            zones.write_text(zones.read_text().replace("restricted", "prohibited"))
            yield from super().run(tasks, stop)

    with pytest.raises(UsageError, match="changed while the audit ran"):
        audit([logs], engine=Change(), options=Options(zones=(zones,)))


def test_the_log_is_only_read(audit, logs):
    before = {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in logs.rglob("*") if p.is_file()}
    audit([logs])
    assert {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in logs.rglob("*") if p.is_file()} == before


def test_columns_have_units(audit, logs, tmp_path):
    audit([logs])
    for path in [*(tmp_path / "out").glob("*.parquet"), *(tmp_path / "out" / "tracks").rglob("*.parquet")]:
        for field in pq.read_schema(path):
            assert field.name == "geometry" or field.metadata[b"unit"], (path, field.name)


def _tree(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*")}


def test_nothing_but_the_audit_is_left(audit, logs, tmp_path):
    audit([logs])
    left = _tree(tmp_path / "out")
    assert left <= {
        "ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm", ".lock", "flights.parquet", "findings.parquet",
        "tracks", "tracks/0000", "tracks/0000/00000001.parquet",
    }, left  # fmt: skip
