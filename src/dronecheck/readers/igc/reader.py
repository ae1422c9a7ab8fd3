"""IGC files of flight recorders (FAI/IGC technical specification of GNSS flight recorders, appendix A).

Lines of ASCII; the first letter is the kind of record. Offsets are line numbers.

    record  content                                                  becomes
    A       manufacturer, serial number of the recorder              `Vehicle.serial`
    HFDTE   day, month, year (two digits) of the fixes that follow   the date; past midnight the next day
    HFGTY, HFFTY, HFRFW     aircraft, recorder, its firmware         `Vehicle`
    HFDTM   datum of the positions: WGS 84                           another is refused; none: not proven
    HFALG   what GNSS heights count from: ELL, GEO, MSL, NIL         which height column they are
    I       names and columns of what B records hold beyond 35       FXA, VXA (metres at 95 %), SIU, GSP, TDS, LAD, LOD;
                                                                     ENL and TRT for witnesses
    B       time, latitude, longitude in minutes / 1000, validity,   the track "gnss", one row a record
            pressure height (1013.25 hPa), GNSS height
    E       time, code, text                                         MESSAGE events
    G       signature                                                not verified, and that is said
    C D F J K L M   task, differential, satellites, comments         not read

Validity V is a 2D fix or none at all, and the record does not tell which: not used. Without HFALG the GNSS height has
no sure datum (approved recorders write ellipsoidal heights, many others heights above the sea): only its rises count.
The pressure height is none above the sea. Pilot (HFPLT) and registration (HFGID) are not read. The lines: `records`.
"""

from __future__ import annotations

import math
import re

import numpy as np

from dronecheck.arrays import Bools, Floats, Ints
from dronecheck.errors import UnreadableInput
from dronecheck.flight import (
    Clock,
    ClockSource,
    Event,
    EventKind,
    Flight,
    HorizontalDatum,
    Source,
    Track,
    Vehicle,
    Witness,
)
from dronecheck.issues import Code, Issue, Severity
from dronecheck.messages import Message
from dronecheck.readers.common.clock.time_order import FixOrder, in_order
from dronecheck.readers.common.position.position_sigma import best_sigma
from dronecheck.readers.common.text import decode
from dronecheck.readers.common.witnesses import instants, of_columns
from dronecheck.readers.igc import NAME
from dronecheck.readers.igc.records import FixRecords, read_records
from dronecheck.safe.io import Input, plain

__all__ = ["read_igc"]


_READER = "dronecheck.readers.igc/1"
_CLOCK_SIGMA_S = 0.5  # whole seconds
_MINUTE_STEP_DEG = 0.001 / 60
_KMH_MPS = 1 / 3.6
_R95_OVER_SIGMA = 2.4477  # of a circular normal distribution
_NEAR_ZERO_DEG = 1e-6
_EVENTS_AT_MOST = 1000


def read_igc(source: Input) -> Flight:
    """Read an IGC file. Raises UnreadableInput without any fix record, or for another datum."""
    text, issues = decode(bytes(source.data))
    records = read_records(text)
    if records.datum and not _is_wgs84(records.datum):
        raise UnreadableInput(
            "other_datum", f"positions in {plain(records.datum, 40)}, not in WGS 84; convert them first"
        )
    issues += records.issues
    clock = _clock(records, issues)
    rows = _fixes(records, issues)
    order, disorder = in_order(rows, records.time_ns, (records.lat_deg, records.lon_deg), records.line)
    issues += disorder
    tracks: dict[str, Track] = {}
    if len(rows):
        tracks["gnss"] = _track(records, order, issues)
    else:
        issues.append(Issue(Code.NO_POSITION, Severity.WARNING, Message("no record is a usable position fix")))
    _signature(records, issues)
    return Flight(
        source=Source(source.path, source.size_bytes, source.sha256, NAME, "", _READER),
        tracks=tracks,
        primary="gnss" if tracks else "",
        clock=clock,
        completeness=records.completeness,
        vehicle=_vehicle(records),
        events=_events(records),
        issues=tuple(issues),
        witnesses=_witnesses(records, tracks.get("gnss")),
        datum=HorizontalDatum.WGS84 if records.datum else HorizontalDatum.UNPROVEN,
    )


def _witnesses(records: FixRecords, track: Track | None) -> tuple[Witness, ...]:
    """Return what all fix records say beside places, those without a fix too, in file order."""
    extra, widths = records.extra, records.widths
    is_timed = np.ones(len(records.line), dtype=np.bool_)
    time_ns = instants(track, records.line, records.time_ns, is_timed)
    receiver = {
        "satellites": extra["SIU"],
        "eph_m": extra["FXA"],
        "epv_m": extra["VXA"],
        "speed_mps": extra["GSP"] * _KMH_MPS if widths.get("GSP") == 3 else None,
        "course_deg": extra["TRT"] if widths.get("TRT") == 3 else None,
    }
    pressure_m = records.pressure_height_m if records.pressure_height_m.any() else None
    return (
        *of_columns("gnss", "B", time_ns, records.line, receiver),
        *of_columns("barometer", "B", time_ns, records.line, {"pressure_alt_m": pressure_m}),
        *of_columns("engine", "B", time_ns, records.line, {"noise": extra["ENL"]}),
    )


def _clock(records: FixRecords, issues: list[Issue]) -> Clock:
    if records.dated:
        return Clock(True, ClockSource.GNSS, _CLOCK_SIGMA_S, Message("UTC of the fixes and the date record"))
    note = Message("no date record before the first fix: UTC time of a day that is not known")
    issues.append(
        Issue(Code.UTC_UNKNOWN, Severity.WARNING, note, records.line[0].item() if len(records.line) else None)
    )
    return Clock(False, ClockSource.NONE, float("nan"), note)


def _note(
    records: FixRecords, issues: list[Issue], code: Code, severity: Severity, text: Message, which: Bools
) -> None:
    if which.any():
        issues.append(Issue(code, severity, text, int(records.line[which.argmax()]), int(which.sum())))


def _fixes(records: FixRecords, issues: list[Issue]) -> Ints:
    """Return the records that are position fixes, in file order."""
    off_globe = ~((np.abs(records.lat_deg) <= 90) & (np.abs(records.lon_deg) <= 180))
    at_zero = (np.abs(records.lat_deg) < _NEAR_ZERO_DEG) & (np.abs(records.lon_deg) < _NEAR_ZERO_DEG)
    invalid = ~records.valid & ~off_globe & ~at_zero
    _note(
        records, issues, Code.NO_FIX_ROWS, Severity.INFO, Message("records marked V (2D or no fix), not used"), invalid
    )
    _note(records, issues, Code.BAD_POSITION, Severity.WARNING, Message("positions off the globe, not used"), off_globe)
    _note(records, issues, Code.BAD_POSITION, Severity.INFO, Message("positions at 0/0, not used"), at_zero)
    return np.flatnonzero(records.valid & ~off_globe & ~at_zero)


def _is_wgs84(datum: str) -> bool:
    code, _, name = datum.rpartition(":")
    letters = re.sub(r"[^A-Z0-9]", "", name.upper())
    return letters in ("WGS84", "WGS1984") or code.strip().startswith("100") or letters.startswith("100WGS")


def _track(records: FixRecords, order: FixOrder, issues: list[Issue]) -> Track:
    rows = order.rows
    extra = {name: values[rows] for name, values in records.extra.items()}
    unknown = np.full(len(rows), np.nan)
    finer = 10.0 ** -min(records.widths.get("LAD", 0), records.widths.get("LOD", 0))
    accuracy_m, satellites = extra["FXA"] * math.sqrt(2) / _R95_OVER_SIGMA, extra["SIU"]
    sigma_m, kind = best_sigma(accuracy_m, unknown, satellites, _MINUTE_STEP_DEG * finer)
    return Track.build(
        time_ns=order.time_ns,
        is_timed=order.is_timed,
        part=order.part,
        lat_deg=records.lat_deg[rows],
        lon_deg=records.lon_deg[rows],
        h_sigma_m=sigma_m,
        v_sigma_m=np.where(extra["VXA"] > 0, extra["VXA"] / 2, np.nan),
        # three digits are km/h; other widths are the maker's own
        speed_mps=extra["GSP"] * _KMH_MPS if records.widths.get("GSP") == 3 else unknown,
        offset=records.line[rows],
        message="B",
        h_sigma_source=kind,
        **_heights(records, rows, issues),
    )


def _heights(records: FixRecords, rows: Ints, issues: list[Issue]) -> dict[str, Floats]:
    """Return the pressure heights, and the GNSS heights under the datum that HFALG names."""
    height_m, pressure_m = records.gnss_height_m[rows], records.pressure_height_m[rows]
    first = int(records.line[rows[0]])
    by_pressure = {"pressure_alt_m": pressure_m} if pressure_m.any() else {}
    if not height_m.any():
        return by_pressure
    datum = records.height_datum.upper()
    if datum.startswith("ELL"):
        return {"alt_hae_m": height_m, **by_pressure}
    if datum.startswith(("GEO", "MSL")):
        return {"alt_amsl_m": height_m, **by_pressure}
    if not datum.startswith("NIL"):
        text = Message(
            "GNSS heights whose datum the file does not name (HFALG): above the ellipsoid or the sea; "
            "used for rises alone"
        )
        issues.append(Issue(Code.HEIGHT_FRAME, Severity.WARNING, text, first, len(rows)))
        return {"alt_unframed_m": height_m, **by_pressure}
    return by_pressure


def _signature(records: FixRecords, issues: list[Issue]) -> None:
    if records.signature_line:
        text = Message("the recorder's signature (G) is there; it is not verified")
        issues.append(Issue(Code.SIGNATURE_NOT_VERIFIED, Severity.INFO, text, records.signature_line))


def _vehicle(records: FixRecords) -> Vehicle:
    facts = {name: plain(text, 100) for name, text in records.header.items()}
    return Vehicle(
        model=facts.get("GTY", ""),
        firmware=facts.get("RFW", ""),
        hardware=facts.get("FTY", ""),
        serial=plain(records.recorder, 100),
    )


def _events(records: FixRecords) -> tuple[Event, ...]:
    found = [
        Event(time_ns, EventKind.MESSAGE, plain(text, 300), line)
        for time_ns, text, line in records.events[:_EVENTS_AT_MOST]
    ]
    more = len(records.events) - len(found)
    if more:
        found.append(Event(found[-1].time_ns, EventKind.MESSAGE, f"{more} more not listed", found[-1].offset))
    return tuple(sorted(found, key=lambda event: event.time_ns))
