"""Whether two versions of dronecheck give the same answers: keep what one says, keep what the other says, compare.

    python -m tests.same_answers keep out/before --src OLD/src
    python -m tests.same_answers keep out/after
    python -m tests.same_answers compare out/before out/after

`keep` runs the command line over every sample, every real log and every real zone file beside the repository: JSON,
terminal, page, exports, tracks, plots (their names), exit codes. `compare` lists every difference of which ALLOWED
does not know; it ends with 1 when there is one. Same input, same bytes is the contract, so no tolerance is needed.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from dronecheck.report.text.templates import CLAUSES, REMEDIES, WHY_OPEN, By, all_templates

REPO = Path(__file__).resolve().parents[1]
SHARED = REPO.parent / "shared"
_ONE = "import sys; from dronecheck.cli import run; sys.exit(run())"
_LOG_MODES: dict[str, tuple[str, ...]] = {
    "json": ("check", "{log}", "--json", "-"),
    "terminal": ("check", "{log}", "--max-agl", "120", "--max-height", "100"),
    "zh": ("check", "{log}", "--lang", "zh", "--report", "{out}/page.html", "--plots", "{out}/plots"),
    "home": ("check", "{log}", "--home", "CHN", "--allow", "PRK", "--hide-home", "100", "--json", "-"),
    "written": ("check", "{log}", "--report", "{out}/page.html", "--export", "{out}/a.geojson", "--export",
                "{out}/a.csv", "--export", "{out}/a.kml", "--export", "{out}/a.gpx", "--max-height", "50"),
    "track": ("track", "{log}", "-o", "{out}/track.csv"),
}  # fmt: skip
_ZONED = ("check", "{log}", "--json", "-", "--zones", "{zones}", "--max-height", "100")
_ZONE_MODES: dict[str, tuple[str, ...]] = {
    "validate": ("zones", "validate", "{log}", "--json", "-"),
    "told": ("zones", "validate", "{log}"),
}

# What may differ between two versions, by place in a JSON document; each with its reason.
ALLOWED_KEYS = {
    ("tool", "version"): "versions",
    ("method", "versions"): "versions",
    ("checks", "remedies"): "new: a code for what would settle it",
    ("findings", "clauses"): "new: the sentence as codes with values",
    ("features", "properties", "probability_upper"): "exports no longer lose it",
    ("features", "properties", "authorisation"): "exports no longer lose it",
}
_NEW_COLUMNS = ("probability_upper", "authorisation")  # of the exports as tables
# Words that may differ: what an option of the command line would do (on the terminal alone), and what settles it.
_TABLES = [template for table in (CLAUSES, WHY_OPEN, REMEDIES) for template in table.values()]


def _squashed(text: object) -> str:
    return "".join(str(text).split())


_SURFACES = [
    (_squashed(template.ways["terminal"]), _squashed(template.ways["*"]))
    for template in _TABLES
    if isinstance(template, By) and template.field == "surface" and template.ways["terminal"]
]
_REMEDIES = {_squashed(one) for template in REMEDIES.values() for one in all_templates(template)}
_REMEDY = re.compile(";?(?:" + "|".join(re.escape(one) for one in sorted(_REMEDIES, key=len, reverse=True)) + ")")
_IN_BRACKETS = re.compile(r"\(--[a-z][^()]*\)")  # an option that a note named
_ABOUT = re.compile(r'<script type="application/json" id="result">.*?</script>', re.DOTALL)  # the JSON, compared itself
_LANGUAGES = ("zh", "ko")


def _inputs() -> Iterator[tuple[str, Path, dict[str, tuple[str, ...]]]]:
    samples = REPO / "samples"
    for path in sorted(samples.iterdir()):
        if path.suffix not in (".py", ".md", ".toml") and path.is_file():
            yield f"samples/{path.name}", path, _LOG_MODES if path.suffix != ".geojson" else _ZONE_MODES
    for path in sorted(p for p in (samples / "zones").rglob("*") if p.is_file()):
        yield f"samples/zones/{path.name}", path, _ZONE_MODES
    for path in sorted(p for p in (SHARED / "logs").rglob("*") if p.is_file() and p.name != "MANIFEST.csv"):
        yield f"logs/{path.relative_to(SHARED / 'logs')}", path, _LOG_MODES
    for path in sorted(p for p in (SHARED / "airspace").rglob("*") if p.is_file() and p.name != "MANIFEST.csv"):
        if path.parent.name not in ("borders", "ed318_schema"):
            yield f"airspace/{path.relative_to(SHARED / 'airspace')}", path, _ZONE_MODES


def _zoned() -> Iterator[tuple[str, Path, Path]]:
    samples = REPO / "samples"
    for log in sorted(p for p in samples.iterdir() if p.is_file() and p.suffix not in (".py", ".md", ".toml")):
        for zones in [samples / "restricted_zone.geojson", *sorted((samples / "zones").iterdir())]:
            if zones.is_file() and log.suffix != ".geojson":
                yield f"zoned/{log.name}/{zones.name}", log, zones


def _files_of(folder: Path) -> dict[str, str]:
    """Text files as text, others by hash (pictures by name only: matplotlib is held by tests of its own)."""
    found = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = str(path.relative_to(folder))
        if path.suffix in (".png", ".svg"):
            found[name] = "picture"
            continue
        raw = path.read_bytes()
        try:
            found[name] = raw.decode()
        except UnicodeDecodeError:
            found[name] = hashlib.sha256(raw).hexdigest()
    return found


def _run(words: tuple[str, ...], source: Path, log: Path, zones: Path | None = None) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        out.mkdir()
        argv = [w.format(log=log, out=out, zones=zones) for w in words]
        env = {**os.environ, "PYTHONPATH": str(source), "DRONECHECK_HOME": folder, "COLUMNS": "100"}
        done = subprocess.run(
            [sys.executable, "-c", _ONE, *argv], capture_output=True, env=env, cwd=REPO, check=False, timeout=600
        )

        def told(raw: bytes) -> str:
            return raw.decode(errors="replace").replace(folder, "TMP").replace(str(log), f".../{log.name}")

        return {
            "exit": done.returncode,
            "stdout": told(done.stdout),
            "stderr": told(done.stderr),
            "files": _files_of(out),
        }


def keep(folder: Path, source: Path, only: str = "") -> None:
    """Run everything with the package under `source` and write what it said into `folder`, one file a case."""
    jobs = [(f"{name}/{mode}", words, path, None) for name, path, modes in _inputs() for mode, words in modes.items()]
    jobs += [(name, _ZONED, log, zones) for name, log, zones in _zoned()]
    jobs = [job for job in jobs if only in job[0]]
    folder.mkdir(parents=True, exist_ok=True)

    def work(job: tuple[str, tuple[str, ...], Path, Path | None]) -> None:
        name, words, log, zones = job
        place = folder / (name.replace("/", "__") + ".json")
        place.write_text(json.dumps(_run(words, source, log, zones), indent=1, ensure_ascii=False), encoding="utf-8")

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for number, _ in enumerate(pool.map(work, jobs), 1):
            print(f"\r{number} of {len(jobs)}", end="", file=sys.stderr, flush=True)
    print(f"\n{len(jobs)} cases kept in {folder}", file=sys.stderr)


def _json_differences(old: Any, new: Any, at: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """(place, what) of every difference that is not allowed."""
    keys = tuple(k for k in at if not k.isdigit())
    if keys in ALLOWED_KEYS:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(k for k in new if k not in old)]:
            inner = (*at, key)
            if tuple(k for k in inner if not k.isdigit()) in ALLOWED_KEYS:
                continue
            if keys[:1] == ("units",):  # what a column means, in words
                continue
            if key not in new or key not in old:
                yield ".".join((*keys, key)), "gone" if key not in new else "new"
            else:
                yield from _json_differences(old[key], new[key], inner)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, (a, b) in enumerate(zip(old, new, strict=True)):
            yield from _json_differences(a, b, (*at, str(number)))
    elif old != new:
        if keys[:1] == ("units",) or _settled(str(old)) == _settled(str(new)):
            return
        yield ".".join(keys), f"{old!r} -> {new!r}"[:300]


def _settled(text: str) -> str:
    """A text without what a remedy adds to it, and without spaces: the terminal wraps anew where words differ."""
    text = _IN_BRACKETS.sub("", _squashed(_ABOUT.sub("", text)))
    for terminal, elsewhere in _SURFACES:
        text = text.replace(terminal, elsewhere)
    return _REMEDY.sub("", text)


def _table(text: str) -> str:
    """A CSV without the columns that are new."""
    rows = list(csv.reader(io.StringIO(text)))
    kept = [n for n, name in enumerate(rows[0]) if name not in _NEW_COLUMNS] if rows else []
    return "\n".join(",".join(row[n] for n in kept) for row in rows)


def _without_new_columns(name: str, text: str) -> str:
    if name.endswith(".csv"):
        return _table(text)
    for column in _NEW_COLUMNS:  # KML and GPX write a row's columns one after the other
        text = re.sub(rf'<Data name="{column}">.*?</Data>', "", text)
        text = re.sub(rf"; {column}=[^;<]*", "", text)
    return re.sub(r"<displayName>.*?</displayName>", "", text)


def _documents(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _text_differences(old: str, new: str) -> list[str]:
    import difflib

    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=0)
    return [line[:300] for line in lines if not line.startswith(("---", "+++", "@@"))]


def compare(before: Path, after: Path, *, show: int) -> int:
    """Print what differs, kinds first; the number of differences that are not allowed."""
    old_names, new_names = ({p.name for p in folder.glob("*.json")} for folder in (before, after))
    allowed: Counter[str] = Counter()
    found: list[tuple[str, str, str]] = [("case", name, "only in one") for name in sorted(old_names ^ new_names)]
    for name in sorted(old_names & new_names):
        old, new = (json.loads((folder / name).read_text(encoding="utf-8")) for folder in (before, after))
        if old["exit"] != new["exit"]:
            found.append(("exit code", name, f"{old['exit']} -> {new['exit']}"))
        texts = [("stdout", old["stdout"], new["stdout"]), ("stderr", old["stderr"], new["stderr"])]
        texts += [
            (key, old["files"].get(key, ""), new["files"].get(key, "")) for key in {**old["files"], **new["files"]}
        ]
        for what, a, b in texts:
            if a == b:
                continue
            one, other = _documents(a), _documents(b)
            if one is not None and other is not None:
                found += [(f"{what}: {place}", name, told) for place, told in _json_differences(one, other)]
                continue
            a, b = _without_new_columns(what, a), _without_new_columns(what, b)
            if _settled(a) == _settled(b):
                allowed["words of remedies, new columns of exports"] += 1
            elif f"__{_LANGUAGES[0]}." in name or f"__{_LANGUAGES[1]}." in name:
                allowed["translations"] += 1
            else:
                found.append((what, name, "\n    ".join(_text_differences(a, b)[:show])))
    for kind, count in Counter(kind for kind, _, _ in found).most_common():
        print(f"{count:6d}  {kind}")
        for _, name, told in [each for each in found if each[0] == kind][:show]:
            print(f"        {name}\n    {told}")
    for kind, count in allowed.items():
        print(f"{count:6d}  allowed: {kind}")
    print(f"{len(old_names & new_names)} cases, {len(found)} differences that are not allowed")
    return len(found)


def main() -> int:
    """Keep or compare; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    kept = commands.add_parser("keep")
    kept.add_argument("folder", type=Path)
    kept.add_argument("--only", default="", help="cases whose name has this in it")
    kept.add_argument("--src", type=Path, default=REPO / "src")
    compared = commands.add_parser("compare")
    compared.add_argument("before", type=Path)
    compared.add_argument("after", type=Path)
    compared.add_argument("--show", type=int, default=3)
    asked = parser.parse_args()
    if asked.command == "keep":
        keep(asked.folder.absolute(), asked.src.absolute(), asked.only)
        return 0
    return 1 if compare(asked.before, asked.after, show=asked.show) else 0


if __name__ == "__main__":
    sys.exit(main())
