"""What was lost, repaired or doubted while reading: a result, never an exception."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Code", "Issue", "Severity"]


class Severity(StrEnum):
    """How much an issue matters to a reader of the report."""

    INFO = "INFO"  # a fact worth knowing; nothing is missing
    WARNING = "WARNING"  # something is assumed, ambiguous or left out
    DAMAGE = "DAMAGE"  # bytes are missing or cannot be what they claim to be
    TAMPER = "TAMPER"  # records contradict each other as an edit would make them


class Code(StrEnum):
    """Stable issue codes. A published code never changes its meaning; docs/issues.md explains each."""

    # the container
    TRUNCATED = "truncated"  # the file ends inside a record
    BYTES_SKIPPED = "bytes_skipped"  # a span that is no record was passed over
    UNKNOWN_RECORDS = "unknown_records"  # well-framed records of an unknown kind
    BAD_DEFINITION = "bad_definition"  # a format definition that cannot be used
    BAD_RECORD = "bad_record"  # a record whose content does not fit its definition
    LOG_DROPOUT = "log_dropout"  # the logger itself says that it lost data
    LINE_CUT_SHORT = "line_cut_short"  # the last line of a text file has no end: dropped
    BAD_LINE = "bad_line"  # a line of a text file that could not be read
    APPENDED_DATA = "appended_data"  # the log has parts appended after a crash
    NOT_UTF8 = "not_utf8"  # text in another encoding, read as Latin-1
    # positions
    NO_POSITION = "no_position"  # the log has no position of the aircraft
    NO_FIX_ROWS = "no_fix_rows"  # rows without a satellite fix, not used
    BAD_POSITION = "bad_position"  # positions outside the globe, at 0/0 or not a number
    IMPOSSIBLE_JUMP = "impossible_jump"  # faster than any drone between two fixes
    POSITION_CONFLICT = "position_conflict"  # two position sources of one log disagree
    OTHER_RECEIVERS = "other_receivers"  # further satellite receivers in the log, not used
    OTHER_VEHICLES = "other_vehicles"  # positions of other systems in the log, not used
    OWNER_UNKNOWN = "owner_unknown"  # the file does not say whether the aircraft or somebody else made the track
    ESTIMATE_ONLY = "estimate_only"  # positions that the autopilot estimated without satellite fixes behind them
    REPEATED_POSITION = "repeated_position"  # rows that repeat the last fix, merged
    SIGMA_ASSUMED = "sigma_assumed"  # no accuracy in the log: an assumed figure is used
    DATUM_UNKNOWN = "datum_unknown"  # the positions may be in a shifted national datum
    AXIS_ORDER = "axis_order"  # which coordinate is the longitude is told by the layout alone
    GAP = "gap"  # a hole in the track
    ENDS_IN_FLIGHT = "ends_in_flight"  # the log ends while the aircraft is armed or airborne: what follows is unknown
    # heights
    HEIGHT_FRAME = "height_frame"  # a height whose datum is doubtful, not used
    HEIGHT_FRAME_INCONSISTENT = "height_frame_inconsistent"  # two heights of a track contradict the geoid
    # time
    UTC_UNKNOWN = "utc_unknown"  # no absolute time in the log
    UTC_ASSUMED = "utc_assumed"  # the time zone is assumed
    CLOCK_DAMAGED = "clock_damaged"  # a clock column that lost digits, or runs backwards
    CLOCK_SKEW = "clock_skew"  # two clocks of one log disagree; the better one is used
    OUT_OF_ORDER = "out_of_order"  # rows not in the order of time, sorted
    # the run
    SIGNATURE_NOT_VERIFIED = "signature_not_verified"  # the file carries a signature that dronecheck does not check
    INPUT_CHANGED = "input_changed"  # the file changed while it was read
    SIMULATED = "simulated"  # the log says that it comes from a simulator
    # zone files
    ZONE_SKIPPED = "zone_skipped"  # a feature whose area could not be read: an entry cannot be excluded
    ZONE_DOUBTFUL = "zone_doubtful"  # a property that cannot be right: an entry cannot be judged
    NO_AREA = "no_area"  # a feature that is no area, such as a label: nothing is lost with it
    ZONE_REPAIRED = "zone_repaired"  # an invalid outline, repaired
    ZONE_LIMIT_UNKNOWN = "zone_limit_unknown"  # a floor or ceiling that could not be read


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that was lost, repaired or doubted.

    `offset` is the first place it was seen (a byte offset; a line number, from 1, in text files), `count` how often.
    """

    code: Code
    severity: Severity
    message: str
    offset: int | None = None
    count: int = 1
