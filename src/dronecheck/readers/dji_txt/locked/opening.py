"""Encrypted DJI flight records: their records, if saved keys open them, and what is to be said of the keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from dronecheck.issues import Code, Issue, Severity
from dronecheck.messages import Message
from dronecheck.readers.dji_txt.header import Header
from dronecheck.readers.dji_txt.keys.keychain import FEATURES
from dronecheck.readers.dji_txt.locked.ciphers import Ciphers, read_ciphers
from dronecheck.readers.dji_txt.locked.features import BASE, features_of
from dronecheck.readers.dji_txt.locked.saved_keys import saved_keys
from dronecheck.readers.dji_txt.locked.unlock import Unlocked, unlock
from dronecheck.readers.dji_txt.records import Scan, Tally, scan
from dronecheck.safe.io import Input

__all__ = ["Locked", "open_locked"]


@dataclass(slots=True)
class Locked:
    """What a walk found in an encrypted record, with its records in plain where keys open them, and what is said."""

    found: Scan
    unlocked: Unlocked | None = None
    issues: list[Issue] = field(default_factory=list)

    @property
    def positions_readable(self) -> bool:
        """Tell whether there are keys that are this record's; else only its header can be read."""
        return self.unlocked is not None and self.unlocked.positions_readable


def open_locked(source: Input, data: bytes, header: Header, kinds: Mapping[int, int]) -> Locked:
    """Walk an encrypted record and decrypt its records of `kinds` with the first saved keys that open positions.

    Raises UsageError for a file of keys that cannot be read.
    """
    found = scan(data, header, kinds, len(data))
    ciphers = read_ciphers(data, found.places, found.breaks, frozenset(features_of(header.category)))
    told: list[Issue] = []
    for name, digest, keychains in saved_keys(source):
        unlocked = unlock(ciphers, keychains, header.category, kinds)
        if not unlocked.positions_readable:
            told.append(_unfit(name))
            continue
        _fill(found, unlocked, ciphers, kinds)
        used = Message("decrypted with the keys in {name} (SHA-256 {digest})", name=name, digest=digest)
        issues = [*told, Issue(Code.KEYS_USED, Severity.INFO, used), *_unread(unlocked)]
        return Locked(found, unlocked, issues)
    return Locked(found, None, told)


def _fill(found: Scan, unlocked: Unlocked, ciphers: Ciphers, kinds: Mapping[int, int]) -> None:
    """Put the records into what the walk found; of other kinds their numbers."""
    found.records.update(unlocked.records)
    found.short.join(unlocked.short)
    others = ~np.isin(ciphers.all_kinds, sorted(kinds))
    for kind, offset in zip(ciphers.all_kinds[others].tolist(), ciphers.all_offsets[others].tolist(), strict=True):
        found.others.setdefault(kind, Tally()).add(offset, 0)


def _unfit(name: str) -> Issue:
    text = Message("the keys in {name} are not this record's: no position can be decrypted with them", name=name)
    return Issue(Code.KEYS_UNFIT, Severity.WARNING, text)


def _unread(unlocked: Unlocked) -> Iterator[Issue]:
    """Yield what is said of records that stay unread though the keys are this record's."""
    features: dict[int, Tally] = {}
    for (segment, feature), tally in sorted(unlocked.keyless.items()):
        if feature not in (0, BASE):
            features.setdefault(feature, Tally()).join(tally)
            continue
        text = Message("segment {number} has no key for its positions: its records are not read", number=segment + 1)
        yield Issue(Code.KEYS_MISSING, Severity.WARNING, text, tally.first, tally.count)
    for feature, tally in features.items():
        text = Message("no key for the records of {feature}: they are not read", feature=_named(feature))
        yield Issue(Code.KEYS_MISSING, Severity.INFO, text, tally.first, tally.count)
    for (segment, feature), tally in sorted(unlocked.misfits.items()):
        text = Message(
            "the key for the records of {feature} in segment {number} is not this record's: they are not read",
            feature=_named(feature),
            number=segment + 1,
        )
        yield Issue(Code.KEYS_UNFIT, Severity.WARNING, text, tally.first, tally.count)
    if unlocked.spoilt.count:
        text = Message("records that decrypt to noise, not used")
        yield Issue(Code.BAD_RECORD, Severity.DAMAGE, text, unlocked.spoilt.first, unlocked.spoilt.count)


def _named(feature: int) -> str:
    return FEATURES.get(feature, str(feature))
