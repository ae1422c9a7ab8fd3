"""ArduPilot DataFlash (.bin, and .log as text), and PX4's older sdlog2 (.px4log) in the same framing.

    record                    becomes
    GPS, GPS2 (GPA, GPA2)     the track "gnss" with its accuracies; the clock: a fix has the week and time of week that
                              it states, less the leap seconds of that date; other records lie between two fixes
    POS (PX4: GPOS)           the track "fused"; without GPS and POS: AHR2
    VPOS                      an antenna tracker's log: the aircraft; the tracker's own GPS is the track "operator"
    ORGN of type 1            `Flight.home`, HOME events
    ARM, EV, MODE, MSG        events and the aircraft
    XKF1, ATT, IMU, BARO ...  what bears witness beside them (witnesses)

A log describes its own records, so logs of every age are read by the names of their columns. The modules:
frames (records and damage), formats (definitions), binary and text (the two forms), times (clock), tracks (positions),
events, witnesses. There is no checksum: a changed coordinate shows only where records disagree.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dronecheck.flight import OPERATOR, EventKind, Flight, Source, Track
from dronecheck.issues import Code, Severity
from dronecheck.messages import Message
from dronecheck.readers.common.clock.mapping import power_up_ns
from dronecheck.readers.common.position.track_choice import Sources, SourceWitness, settled
from dronecheck.readers.common.records import Records
from dronecheck.readers.common.text import as_utf8
from dronecheck.readers.dataflash import NAME, is_text_form
from dronecheck.readers.dataflash import events as happened
from dronecheck.readers.dataflash.binary import load_binary
from dronecheck.readers.dataflash.formats import DataflashLog
from dronecheck.readers.dataflash.text import load_text
from dronecheck.readers.dataflash.times import on_utc, set_clock
from dronecheck.readers.dataflash.tracks import RECORDS, dated, fused_track, gnss_track, has_fix, heard_track, receivers
from dronecheck.readers.dataflash.witnesses import RECORDS as WITNESSES
from dronecheck.readers.dataflash.witnesses import witnesses_of
from dronecheck.safe.io import Input

__all__ = ["read_dataflash"]


_READER = "dronecheck.readers.dataflash/1"
_TELLING = frozenset((*RECORDS, *happened.RECORDS))
_NAMES = _TELLING | frozenset(WITNESSES)


def read_dataflash(source: Input) -> Flight:
    """Read a DataFlash log. Raises UnreadableInput when it holds no definitions."""
    with np.errstate(all="ignore"):  # damaged floats may be any bit pattern; NaN is dealt with where it matters
        return _read(source)


def _read(source: Input) -> Flight:
    is_text = is_text_form(source.head)
    log = load_text(as_utf8(source.data), _NAMES) if is_text else load_binary(source.data, _NAMES)
    since_boot = receivers(log)
    clock = set_clock(log, _clock_fixes(since_boot), _TELLING)
    tables = [on_utc(log, table) for table in since_boot]
    vehicle = happened.vehicle_of(log)
    tracker = happened.is_tracker(log, vehicle)
    sources = _heard(log, tables) if tracker else _tracks(log, tables)
    happened.dropouts(log)
    why = happened.simulated(log)
    if why:
        log.note(Code.SIMULATED, Severity.INFO, why)
        log.is_simulated = True
    events = happened.events_of(log, vehicle)
    home = happened.home_of(log, events)
    if tracker:  # it is armed and at home, not the aircraft
        home, events = None, [event for event in events if event.kind is EventKind.MESSAGE]
    sdlog2 = "GPOS" in log.rows or "TIME" in log.rows
    dialect = "px4" if sdlog2 else "text" if is_text else "binary"
    return Flight(
        source=Source(source.path, source.size_bytes, source.sha256, NAME, dialect, _READER),
        tracks=sources.tracks,
        primary=sources.primary,
        rivals=sources.rivals,
        clock=replace(clock, power_up_ns=power_up_ns(log.mapping) if _counts_from_boot(tables) else None),
        completeness=log.completeness,
        home=home,
        vehicle=vehicle,
        events=tuple(events),
        issues=tuple(log.issues),
        trust=log.trust,
        witnesses=() if tracker else witnesses_of(log, since_boot, tables),
    )


def _clock_fixes(tables: list[tuple[Records, Records | None]]) -> Records | None:
    """Return the fixes of the first receiver."""
    return tables[0][0].pick(has_fix(tables[0][0])) if tables else None


def _counts_from_boot(tables: list[tuple[Records, Records | None]]) -> bool:
    """Tell whether times count from the start of the autopilot; those of 2013 count from the start of a week."""
    return bool(tables) and tables[0][0].has("TimeUS")


def _tracks(log: DataflashLog, tables: list[tuple[Records, Records | None]]) -> Sources:
    gnss = gnss_track(log, log, tables)
    fused = fused_track(log, gnss, tables)
    # Other receivers only bear witness: what they note of themselves is of no interest.
    others = [(gnss_track(log, DataflashLog(), [other]), dated(other[0])) for other in tables[1:] if gnss is not None]
    witnesses = [SourceWitness(track, is_fed=not is_dated) for track, is_dated in others if track is not None]
    is_usable = gnss is None or fused is None or _as_high(gnss, fused)
    sources = settled(gnss, fused, witnesses, is_usable=is_usable)
    log.issues += sources.issues
    if not sources.primary:
        log.note(Code.NO_POSITION, Severity.WARNING, Message("the log has no usable position"))
    return sources


def _heard(log: DataflashLog, tables: list[tuple[Records, Records | None]]) -> Sources:
    """Return the tracks of an antenna tracker's log: the aircraft that it heard, and itself, which is no aircraft."""
    heard, own = heard_track(log), gnss_track(log, log, tables)
    text = Message("the log is that of an antenna tracker and says nothing of where the aircraft was")
    if heard is not None:
        text = Message(
            "the log is that of an antenna tracker: judged is the aircraft as it was heard ({table}), "
            "not the tracker's own receiver",
            table=heard.message,
        )
    log.note(Code.OTHER_VEHICLES, Severity.WARNING, text)
    if heard is None:
        log.note(Code.NO_POSITION, Severity.WARNING, Message("the log has no usable position"))
    found = {name: track for name, track in (("fused", heard), (OPERATOR, own)) if track is not None}
    return Sources(found, "fused" if heard is not None else "")


def _as_high(gnss: Track, fused: Track) -> bool:
    """Tell whether the estimate has usable heights above sea where the fixes have."""
    return not np.isnan(fused.alt_amsl_m).all() or bool(np.isnan(gnss.alt_amsl_m).all())
