"""The keys of an encrypted DJI flight record as the user's file holds them, segment by segment.

Three forms of JSON: the `data` array of the service's answer, that answer whole, and an array of
`{"1": [iv, key], ...}`, one object a segment (base64 throughout). A key once had serves for ever.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dronecheck.errors import UsageError
from dronecheck.safe.io import plain

__all__ = [
    "BASE",
    "FEATURES",
    "MOST_FEATURES",
    "MOST_SEGMENTS",
    "FeatureKey",
    "Keychains",
    "feature_point",
    "parse_keychains",
]

BASE = 1
FEATURES: Mapping[int, str] = {
    BASE: "Base", 2: "Vision", 3: "Waypoint", 4: "Agriculture", 5: "AirLink", 6: "AfterSales", 7: "DJIFlyCustom",
    8: "Plaintext", 9: "FlightHub", 10: "Gimbal", 11: "RC", 12: "Camera", 13: "Battery", 14: "FlySafe", 15: "Security",
}  # fmt: skip
_POINT = "FR_Standardization_Feature"
_NUMBER = re.compile(r"(?:.{0,80}_)?([0-9]{1,5})", re.ASCII | re.DOTALL)
_KEY_BYTES, _IV_BYTES = 32, 16
_NOTHING = (None, "")
_MOST_BYTES = 4 << 20
MOST_SEGMENTS, MOST_FEATURES = 1000, 100
_MOST_NUMBER = (1 << 16) - 1


@dataclass(frozen=True, slots=True, repr=False)
class FeatureKey:
    """The key (AES-256, 32 bytes) and the first vector (16 bytes) of one feature; never shown."""

    key: bytes
    iv: bytes

    def __repr__(self) -> str:
        return "FeatureKey(...)"


@dataclass(frozen=True, slots=True)
class Keychains:
    """The keys of a record: of each segment, in order, by the feature's number."""

    segments: tuple[Mapping[int, FeatureKey], ...]


def feature_point(number: int) -> str:
    """Return the name that the service has for a feature; "Unknown" for a number that it has not told."""
    return f"{_POINT}_{FEATURES.get(number, 'Unknown')}_{number}"


def parse_keychains(data: bytes, name: str) -> Keychains:
    """Return the keys in a file of that name. Raises UsageError that says what is wrong with it, never a key."""
    where = plain(name)
    if len(data) > _MOST_BYTES:
        raise UsageError(f"{where}: larger than any keychain file")
    document = _json(data, where)
    if isinstance(document, dict) and ("data" in document or "result" in document):
        document = _data_of(document, where)
    if not isinstance(document, list):
        raise UsageError(f"{where}: no keychain file: an array of segments is wanted, {_kind(document)} is there")
    if len(document) > MOST_SEGMENTS:
        raise UsageError(f"{where}: {len(document)} segments; no record has more than {MOST_SEGMENTS}")
    segments = tuple(_segment(one, f"{where}: segment {at}") for at, one in enumerate(document, 1))
    if not any(segments):
        raise UsageError(f"{where}: there is no key in it")
    return Keychains(segments)


def _json(data: bytes, where: str) -> Any:
    try:
        return json.loads(data.decode("utf-8-sig"), object_pairs_hook=_once_each)
    except _Twice as error:
        raise UsageError(f"{where}: {plain(error, 60)} stands twice in one object") from None
    except UnicodeDecodeError:
        raise UsageError(f"{where}: no keychain file: no JSON in UTF-8") from None
    except RecursionError:
        raise UsageError(f"{where}: no keychain file: nested too deep") from None
    except ValueError as error:
        at = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        raise UsageError(f"{where}: no keychain file: no JSON{at}") from None


class _Twice(Exception):
    """A name that one object has twice: which of the two values counts is a matter of the decoder."""


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in pairs:
        if name in made:
            raise _Twice(repr(name[:40]))
        made[name] = value
    return made


def _data_of(answer: dict[str, Any], where: str) -> Any:
    """Return the array in the service's answer; an answer that gives a reason instead is no keychain."""
    result = answer.get("result")
    code = result.get("code", 0) if isinstance(result, dict) else 0
    if code not in (0, "0"):
        said = result.get("msg") if isinstance(result, dict) else None
        raise UsageError(f"{where}: no keys, but the service's refusal: code {plain(code, 20)}, {plain(said, 200)}")
    return answer.get("data")


def _segment(segment: Any, where: str) -> dict[int, FeatureKey]:
    """Return the keys of one segment. A feature that the service gave no key for is left out."""
    entries: list[tuple[Any, Any, Any]]
    if isinstance(segment, list):
        entries = [_point(one, where) for one in segment[: MOST_FEATURES + 1]]
    elif isinstance(segment, dict):
        entries = [_pair(name, one, where) for name, one in list(segment.items())[: MOST_FEATURES + 1]]
    else:
        raise UsageError(f"{where}: an array or an object of features is wanted, {_kind(segment)} is there")
    if len(segment) > MOST_FEATURES:
        raise UsageError(f"{where}: more than {MOST_FEATURES} features")
    keys: dict[int, FeatureKey] = {}
    seen: set[int] = set()
    for feature, key, iv in entries:
        number = _number(feature, where)
        if number in seen:
            raise UsageError(f"{where}: feature {number} stands there twice")
        seen.add(number)
        if key not in _NOTHING or iv not in _NOTHING:
            of = f"{where}, feature {number}"
            keys[number] = FeatureKey(_raw(key, _KEY_BYTES, f"{of}: the key"), _raw(iv, _IV_BYTES, f"{of}: the IV"))
    return keys


def _point(entry: Any, where: str) -> tuple[Any, Any, Any]:
    if not isinstance(entry, dict) or "featurePoint" not in entry:
        raise UsageError(f"{where}: each entry must be an object with featurePoint, aesKey and aesIv")
    return entry["featurePoint"], entry.get("aesKey"), entry.get("aesIv")


def _pair(name: str, pair: Any, where: str) -> tuple[Any, Any, Any]:
    if not isinstance(pair, list) or len(pair) != 2:
        raise UsageError(f"{where}, feature {plain(name, 40)}: [IV, key] is wanted")
    return name, pair[1], pair[0]


def _number(feature: Any, where: str) -> int:
    """Return the number that a feature's name ends with."""
    found = _NUMBER.fullmatch(feature) if isinstance(feature, str) else None
    number = int(found[1]) if found else 0
    if not 1 <= number <= _MOST_NUMBER:
        raise UsageError(f"{where}: {plain(repr(feature), 60)} names no feature; such as {feature_point(BASE)} do")
    return number


def _raw(text: Any, wanted: int, what: str) -> bytes:
    try:
        if not isinstance(text, str):
            raise TypeError
        raw = base64.b64decode(text, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise UsageError(f"{what} is no base64") from None
    if len(raw) != wanted:
        raise UsageError(f"{what} has {len(raw)} bytes; {wanted} are wanted")
    return raw


def _kind(value: Any) -> str:
    return {dict: "an object", list: "an array", str: "a text", bool: "a truth value", type(None): "null"}.get(
        type(value), "a number"
    )
