"""How a case was asked for: the options as values that a manifest holds, as words, and back for a second run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from dronecheck.report.case import Case, Disclosure
from dronecheck.safe.io import plain
from dronecheck.settings import Options

__all__ = ["FLAGS", "check_command", "command_words", "option_values", "options_from"]

FLAGS = {  # every field of Options: the option that sets it
    "zones": "--zones", "covers": "--covers", "library": "--library", "home": "--home", "allow": "--allow",
    "max_height_m": "--max-height", "max_agl_m": "--max-agl", "authorised": "--authorised", "geoid": "--geoid",
    "qnh_hpa": "--qnh", "dem": "--dem", "dem_datum": "--dem-datum", "dem_model": "--dem-model",
    "takeoff_amsl_m": "--takeoff-amsl", "relief_m": "--relief", "start_time": "--start-time",
    "utc_offset_h": "--utc-offset", "rules": "--rules", "aircraft_class": "--class", "weight_g": "--weight",
    "language": "--lang", "units": "--units", "system": "--system", "dji_keychain": "--dji-keychain",
}  # fmt: skip
PATHS = ("zones", "authorised", "geoid", "dem", "dji_keychain")


def option_values(options: Options) -> dict[str, Any]:
    """Return the options that were given, by field; files by their names."""
    found: dict[str, Any] = {}
    for each in fields(Options):
        value = getattr(options, each.name)
        if value == each.default:
            continue
        if each.name in PATHS:
            value = [plain(path.name) for path in value] if isinstance(value, tuple) else plain(value.name)
        found[each.name] = value
    return found


def command_words(
    logs: Sequence[str], values: dict[str, Any], further: Sequence[str], command: str = "case"
) -> list[str]:
    """Return the command that gives a case, or what another gives, in one order whatever was typed; files by name.

    What decides no byte of what is said (where the case is written, who signs it) is left out.
    """
    words = ["dronecheck", command, *logs]
    for name, value in values.items():
        if name == "library":
            words.append("--library" if value else "--no-library")
            continue
        for each in value if isinstance(value, list) else [value]:
            words += [FLAGS[name], f"{each:.12g}" if isinstance(each, float) else str(each)]
    return [*words, *further]


def check_command(case: Case, asked: Options, disclosure: Disclosure, *, separate: bool = False) -> str:
    """Return the command that gives a flight's page or document; files by their names."""
    import shlex

    further = ["--hide-home", f"{disclosure.hide_home_m:.12g}"] if disclosure.hide_home_m is not None else []
    flags = (
        ("--include-private", disclosure.private),
        ("--facts-only", disclosure.facts_only),
        ("--separate", separate),
    )
    further += [flag for flag, is_on in flags if is_on]
    names = [plain(source.path.name) for source in case.flight.sources]
    return shlex.join(command_words(names, option_values(asked), further, "check"))


def options_from(values: dict[str, Any], files: dict[str, list[Path]]) -> Options:
    """Return the options of a manifest, with the files of each role where they lie now. Raises ValueError."""
    known = {each.name for each in fields(Options)}
    if not set(values) <= known:
        raise ValueError("options of another version")
    given = {name: value for name, value in values.items() if name not in PATHS}
    given["library"] = False  # what the answer rests on of a library is in the case
    for name in PATHS:
        found = files.get(name, [])
        if name in ("zones", "dem"):
            given[name] = tuple(found)
        elif found:
            given[name] = found[0]
    return Options(**given)
