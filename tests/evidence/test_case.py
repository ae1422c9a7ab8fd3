"""A case says what it was made of, by bytes that hang on nothing else, and is written where nothing is lost by it."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from dataclasses import fields
from importlib.util import find_spec
from pathlib import Path

import pytest

import dronecheck
from dronecheck.evidence.bundle.build import opened_log
from dronecheck.evidence.bundle.recipe import FLAGS
from dronecheck.evidence.bundle.transformations import KIND_OF
from dronecheck.settings import Options
from tests.conftest import REPO

SAMPLES = REPO / "samples"
CROSSING, ZONED, ZONES = (
    SAMPLES / name for name in ("founding_dandong_sinuiju.ulg", "restricted_zone.csv", "restricted_zone.geojson")
)


def members(path):
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def made(cli, tmp_path):
    """Make a case by the command line; its members, and the exit code."""

    def make(*words):
        out = tmp_path / "made.zip"
        code, _, err = cli("case", *words, "-o", out, "--force")
        assert not err, err
        return members(out), code

    return make


def test_the_exit_is_the_verdicts_and_the_answer_is_that_of_check(made, cli, tmp_path):
    files, code = made(ZONED, "--zones", ZONES)
    assert code == cli("check", ZONED, "--zones", ZONES, "--json", tmp_path / "r.json")[0] == 1
    case, check = json.loads(files["result.json"]), json.loads((tmp_path / "r.json").read_bytes())
    assert {k: v for k, v in case.items() if k != "integrity"} == {k: v for k, v in check.items() if k != "integrity"}
    assert made(SAMPLES / "clear_dandong.csv")[1] == 0


def test_the_manifest_holds_what_the_case_was_made_of(made):
    files, _ = made(ZONED, "--zones", ZONES, "--exhibit", "AB/1", "--analyst", "J. Doe", "--max-height", "120")
    manifest = json.loads(files["manifest.json"])
    raw = ZONED.read_bytes()
    (log,) = manifest["inputs"]
    assert (log["name"], log["bytes"], log["member"]) == (ZONED.name, len(raw), None)
    assert log["sha256"] == hashlib.sha256(raw).hexdigest() and log["sha512"] == hashlib.sha512(raw).hexdigest()
    assert log["modified_utc"].endswith(f"{ZONED.stat().st_mtime_ns % 10**9:09d}Z")
    assert {each["name"]: each["sha256"] for each in manifest["files"]} == {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items() if name != "manifest.json"
    }
    assert manifest["exhibit"] == "AB/1" and manifest["analyst"] == "J. Doe"
    assert manifest["command"][:2] == ["dronecheck", "case"]
    assert manifest["command"][manifest["command"].index("--max-height") + 1] == "120"
    (zones,) = manifest["data"]
    assert files[zones["member"]] == ZONES.read_bytes() and zones["role"] == "zones"
    assert manifest["borders"]["sha256"] and manifest["libraries"]["numpy"] and manifest["time_zone"] == "UTC"


def test_the_digest_of_dronecheck_is_what_sha256sum_says_of_its_files(made):
    """The recipe of the manifest, by other tools."""
    files, _ = made(CROSSING)
    package = Path(dronecheck.__file__).parent
    if not shutil.which("sha256sum") or package.parents[1] != REPO:
        pytest.skip("needs sha256sum and a source checkout")
    lines = []
    for folder, before in ((package, ""), (REPO / "airspace_data", "airspace_data/")):
        found = subprocess.run(
            "find . -type f ! -path '*__pycache__*' ! -name '*.pyc' -print0 | xargs -0 sha256sum",
            shell=True, cwd=folder, capture_output=True, text=True, check=True,
        ).stdout.splitlines()  # fmt: skip
        lines += [f"{line[:64]}  {before}{line[68:]}\n" for line in found]
    lines.sort(key=lambda line: line[66:].encode())
    whole = hashlib.sha256("".join(lines).encode()).hexdigest()
    tool = json.loads(files["manifest.json"])["tool"]
    assert (tool["files"], tool["files_sha256"]) == (len(lines), whole)


def run(words, cwd, **env):
    base = {k: v for k, v in os.environ.items() if k not in ("TZ", "LANG", "LC_ALL", "PYTHONHASHSEED")}
    done = subprocess.run(
        [sys.executable, "-m", "dronecheck", *map(str, words)],
        cwd=cwd, env={**base, **env}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert not done.stderr, done.stderr
    return done.returncode


@pytest.mark.slow
def test_two_processes_in_other_places_write_the_same_bytes(tmp_path):
    """Another folder, time zone, language, hash seed and access time; the log by another path."""
    near, far = tmp_path / "near", tmp_path / "far" / "below"
    far.mkdir(parents=True)
    near.mkdir()
    for folder in (near, far):
        shutil.copy2(ZONED, folder)
        shutil.copy2(ZONES, folder)
    run(["keygen", "-o", tmp_path / "k"], tmp_path)
    os.utime(near / ZONED.name, ns=(5 * 10**9, (near / ZONED.name).stat().st_mtime_ns))
    os.utime(far / ZONED.name, ns=(7 * 10**9, (near / ZONED.name).stat().st_mtime_ns))
    further = ["--sign", tmp_path / "k", "--include-input"]
    one = ["case", ZONED.name, "--zones", ZONES.name, "-o", "one.zip", *further]
    other = [
        "case",
        far / ZONED.name,
        "--zones",
        far / ZONES.name,
        "-o",
        tmp_path / "other.zip",
        *further,
        "--timestamp",
    ]
    assert run(one, near, TZ="Asia/Seoul", LANG="ko_KR.UTF-8", PYTHONHASHSEED="1", SOURCE_DATE_EPOCH="99") == 1
    assert run(other, tmp_path, TZ="America/Lima", LC_ALL="C", PYTHONHASHSEED="2", COLUMNS="40") == 1
    assert (near / "one.zip").read_bytes() == (tmp_path / "other.zip").read_bytes()
    assert (tmp_path / "other.zip.tsq").is_file() and not (near / "one.zip.tsq").exists()


def test_no_path_of_the_machine_is_in_it(made, tmp_path):
    shutil.copy2(ZONED, tmp_path / ZONED.name)
    files, _ = made(tmp_path / ZONED.name, "--zones", ZONES, "--include-private")
    here = (str(tmp_path).encode(), str(REPO).encode(), str(Path.home()).encode() + b"/")
    assert [name for name, content in files.items() if any(path in content for path in here)] == []


def test_the_evidence_has_the_bytes_of_the_log(made):
    files, _ = made(CROSSING)
    log = CROSSING.read_bytes()
    rows = json.loads(files["evidence.json"])["records"]
    decisive = [row for row in rows if row["why"].startswith("finding")]
    assert decisive and all(row["whole"] for row in decisive)
    for row in decisive:
        raw = bytes.fromhex(row["hex"])
        assert log[row["at"] : row["at"] + len(raw)] == raw
        assert raw[2:3] == b"D" and len(raw) == int.from_bytes(raw[:2], "little") + 3  # ULog: a data message, whole
    flight = dronecheck.read(CROSSING)
    first = decisive[0]
    assert first["lat_deg"] == flight.track.lat_deg[first["row"]]
    assert len(list(csv.reader(io.StringIO(files["evidence.csv"].decode())))) == len(rows) + 1


@pytest.mark.parametrize("name", ["bin", "tlog", "gpx", "SRT", "igc", "log", "_airdata.csv", "_FLY001.DAT"])
def test_records_of_each_format_stand_where_they_are_said_to(made, name):
    path = SAMPLES / f"founding_dandong_sinuiju{name if name[0] == '_' else '.' + name}"
    files, _ = made(path, "--home", "CHN")
    log, lines = path.read_bytes(), path.read_bytes().split(b"\n")
    rows = [row for row in json.loads(files["evidence.json"])["records"] if row["why"].startswith("finding")]
    assert rows
    for row in rows:
        raw = bytes.fromhex(row["hex"])
        assert row["whole"] and raw == (
            lines[row["at"] - 1] if row["at_is"] == "line" else log[row["at"] :][: len(raw)]
        )
    marks = {"bin": b"\xa3\x95", "gpx": b"<trkpt", "_FLY001.DAT": b"U"}
    assert all(bytes.fromhex(row["hex"]).startswith(marks.get(name, b"")) for row in rows)
    if name == "tlog":
        assert all(bytes.fromhex(row["hex"])[8] in (0xFD, 0xFE) for row in rows)
    if name == "gpx":
        assert all(row["text"].endswith("</trkpt>") for row in rows)


def test_what_was_done_to_the_figures_is_counted(made):
    files, _ = made(ZONED, "--zones", ZONES)
    steps = json.loads(files["transformations.json"])["steps"]
    assert [step["step"] for step in steps] == list(range(1, len(steps) + 1))
    result = json.loads(files["result.json"])
    told = {(step["code"], step["count"]) for step in steps if step["code"]}
    assert {(issue["code"], issue["count"]) for issue in result["issues"]} <= told
    rows = len(files["tables/track.csv"].splitlines()) - 1
    units = {step["what"].partition(" in ")[0]: step["count"] for step in steps if step["kind"] == "unit"}
    assert units["fused: lat_deg"] == rows == result["flight"]["fixes"]
    drops = [step for step in steps if step["kind"] == "drop"]
    assert [(step["code"], step["count"], step["first_at"]) for step in drops] == [("no_fix_rows", 4, 182)]
    ends = sum(f[end] is not None for f in result["findings"] for end in ("enter_utc", "exit_utc"))
    assert [s["count"] for s in steps if s["kind"] == "interpolation" and s["counts"] == "instant"] == [ends]


def test_a_file_older_than_its_last_fix_is_told_by_a_case_alone(tmp_path):
    log = Path(shutil.copy(ZONED, tmp_path / "old.csv"))
    setup = Options().setup()
    plain = dronecheck.read(log)
    assert "TIM-3" not in plain.integrity.total
    last_ns = int(plain.track.time_ns[-1])
    for early_s, severities in ((-50, []), (1, []), (7 * 3600, ["INFO"]), (100_000, ["NOTICE"])):
        os.utime(log, ns=(0, last_ns - early_s * 10**9))
        found = opened_log(log, setup).flight.integrity
        assert [s.severity.value for s in found.statements if s.id == "TIM-3"] == severities, early_s
        assert "TIM-3" in found.run and len(found.total) == len(plain.integrity.total) + 1


def test_a_clock_that_the_user_gave_is_a_shift(made):
    log = SAMPLES / "founding_dandong_sinuiju.SRT"
    files, _ = made(log, "--utc-offset", "8", "--home", "CHN")
    steps = json.loads(files["transformations.json"])["steps"]
    (shift,) = [step for step in steps if step["kind"] == "shift"]
    assert "+8 h as given by the user" in shift["what"] and shift["count"] > 0


def test_every_code_that_drops_something_is_said_to():
    from dronecheck.issues import Code

    named_so = [code for code in Code if any(word in code.value for word in ("skipped", "bad_", "stray", "no_fix"))]
    assert {KIND_OF.get(code) for code in named_so} == {"drop"}


def test_every_option_of_a_check_has_its_word():
    from dronecheck.cli.options import _options  # what the command line takes

    assert set(FLAGS) == {each.name for each in fields(Options)}
    import inspect

    words = set()
    for name, each in inspect.signature(_options, eval_str=True).parameters.items():
        told = [
            word
            for info in getattr(each.annotation, "__metadata__", ())
            for word in (info.default, *(info.param_decls or ()))
        ]
        named = [word.partition("/")[0] for word in told if isinstance(word, str) and word.startswith("--")]
        words.add(named[0] if named else f"--{name.replace('_', '-')}")
    words |= {"--lang", "--units"}
    assert set(FLAGS.values()) == words


def test_nothing_is_overwritten_and_nothing_is_written_into_evidence(cli, tmp_path):
    folder = tmp_path / "evidence"
    folder.mkdir()
    log = shutil.copy2(SAMPLES / "clear_dandong.csv", folder / "log.csv")
    out = tmp_path / "case.zip"
    assert cli("case", log, "-o", out)[0] == 0
    before = out.read_bytes()
    code, _, err = cli("case", log, "-o", out)
    assert code == 2 and "--force" in err
    assert cli("case", log, "-o", log, "--force")[0] == 2
    code, _, err = cli("case", folder, "-o", folder / "case.zip")
    assert code == 2 and "given as input" in err
    assert cli("case", log, "-o", tmp_path / "none" / "case.zip")[0] == 2
    assert cli("case", log, "-o", tmp_path)[0] == 2
    assert sorted(path.name for path in folder.iterdir()) == ["log.csv"]
    assert cli("case", log, "-o", out, "--force")[0] == 0
    assert out.read_bytes() == before and [p.name for p in tmp_path.glob(".*")] == []


def test_what_cannot_be_read_makes_no_case(cli, tmp_path):
    bad = tmp_path / "bad.ulg"
    bad.write_bytes(b"ULog\x01\x12\x35" + bytes(5))
    code, _, err = cli("case", bad, "-o", tmp_path / "case.zip")
    assert code == 3 and "no case was written" in err
    assert cli("case", tmp_path / "none.ulg", "-o", tmp_path / "case.zip")[0] == 2
    assert not (tmp_path / "case.zip").exists()


@pytest.mark.skipif(os.name != "posix", reason="such names exist on POSIX only")
@pytest.mark.parametrize(
    "name", [b"log\xff.csv", "航迹 é.csv".encode(), b"-log\n.csv", b"a:b'$(x).csv", b"x" * 240 + b".csv"]
)
def test_a_log_of_any_name_has_its_case(cli, tmp_path, name):
    path = tmp_path / os.fsdecode(name)
    shutil.copy2(SAMPLES / "clear_dandong.csv", path)
    out = tmp_path / "case.zip"
    words = ["--include-input", "--exhibit", "Exhibit \udcff", "--analyst", "=1+1"]
    code, _, err = cli("case", path, "-o", out, *words)
    assert (code, err) == (0, "")
    assert cli("verify", out)[0] == 0
    (log,) = json.loads(members(out)["manifest.json"])["inputs"]
    assert members(out)[log["member"]] == path.read_bytes()


def test_several_flights_have_a_folder_each(cli, tmp_path):
    out = tmp_path / "case.zip"
    code, _, _ = cli("case", ZONED, SAMPLES / "clear_dandong.csv", "-o", out)
    files = members(out)
    assert code == 0  # without its zones the first is clear as well
    assert {"restricted_zone/result.json", "clear_dandong/result.json", "manifest.json"} <= set(files)
    manifest = json.loads(files["manifest.json"])
    assert [(each["folder"], each["inputs"]) for each in manifest["flights"]] == [
        ("restricted_zone", [0]), ("clear_dandong", [1]),
    ]  # fmt: skip
    assert cli("verify", out, "--input", SAMPLES, "--rerun")[0] == 0


def test_without_typst_the_manifest_says_that_there_is_no_pdf(made, monkeypatch):
    real = find_spec
    monkeypatch.setattr(
        "dronecheck.safe.extras.find_spec", lambda name, *further: None if name == "typst" else real(name, *further)
    )
    files, _ = made(CROSSING)
    manifest = json.loads(files["manifest.json"])
    assert "report.pdf" not in files and manifest["flights"][0]["pdf"] is False
    assert any("no report.pdf" in note and "typst" in note for note in manifest["notes"])


def test_a_key_is_for_its_owner_and_is_never_overwritten(cli, tmp_path):
    key = tmp_path / "my.key"
    code, out, _ = cli("keygen", "-o", key)
    assert code == 0 and str(key) in out
    if os.name == "posix":
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert key.read_text().startswith("-----BEGIN PRIVATE KEY-----")
    assert (tmp_path / "my.key.pub").read_text().startswith("-----BEGIN PUBLIC KEY-----")
    before = key.read_bytes()
    assert cli("keygen", "-o", key)[0] == 2 and key.read_bytes() == before
    key.unlink()
    assert cli("keygen", "-o", key)[0] == 2 and not key.exists()  # its public half is there still
    assert cli("keygen", "-o", tmp_path / "none" / "k")[0] == 2


def test_the_wrong_kind_of_key_is_refused(cli, tmp_path):
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    cli("keygen", "-o", tmp_path / "k")
    log, out = SAMPLES / "clear_dandong.csv", tmp_path / "case.zip"
    other = ec.generate_private_key(ec.SECP256R1())
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (tmp_path / "ec").write_bytes(other.private_bytes(pem, pkcs8, serialization.NoEncryption()))
    locked = serialization.BestAvailableEncryption(b"secret")
    (tmp_path / "locked").write_bytes(other.private_bytes(pem, pkcs8, locked))
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    (tmp_path / "ec.pub").write_bytes(other.public_key().public_bytes(pem, spki))
    (tmp_path / "text").write_text("-----BEGIN PRIVATE KEY-----\nnone\n-----END PRIVATE KEY-----\n")
    for wrong, why in (
        ("ec", "Ed25519"),
        ("locked", "password"),
        ("text", "Ed25519"),
        ("k.pub", "public half"),
        ("no", ""),
    ):
        code, _, err = cli("case", log, "-o", out, "--sign", tmp_path / wrong)
        assert code == 2 and why in err and len(err.splitlines()) == 1, (wrong, err)
        assert not out.exists()
    assert cli("case", log, "-o", out)[0] == 0
    for wrong, why in (("ec.pub", "Ed25519"), ("k", "private half"), ("text", "private half"), ("no", "")):
        code, _, err = cli("verify", out, "--key", tmp_path / wrong)
        assert code == 2 and why in err and len(err.splitlines()) == 1, (wrong, err)
