"""What was lost, repaired or doubted while reading: a result, never an exception."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from dronecheck.messages import Message

__all__ = ["Code", "Issue", "Remedy", "Severity"]


class Severity(StrEnum):
    """How much an issue matters to a reader of the report."""

    INFO = "INFO"  # a fact worth knowing; nothing is missing
    WARNING = "WARNING"  # something is assumed, ambiguous or left out
    DAMAGE = "DAMAGE"  # bytes are missing or cannot be what they claim to be
    TAMPER = "TAMPER"  # records contradict each other as no honest log of this kind does


class Code(StrEnum):
    """Stable issue codes. A published code never changes its meaning; docs/issues.md explains each."""

    # the container
    TRUNCATED = "truncated"  # the file ends inside a record
    BYTES_SKIPPED = "bytes_skipped"  # a span that is no record was passed over
    UNKNOWN_RECORDS = "unknown_records"  # well-framed records of an unknown kind
    BAD_DEFINITION = "bad_definition"  # a format definition that cannot be used
    BAD_RECORD = "bad_record"  # a record whose content does not fit its definition
    LOG_DROPOUT = "log_dropout"  # the logger itself says that it lost data
    NUL_BYTES = "nul_bytes"  # a text file holds NUL bytes: blocks of it were never written, or lost
    MISSING_RECORDS = "missing_records"  # the records' own numbers skip some: they are not in the file
    LINE_CUT_SHORT = "line_cut_short"  # the last line of a text file has no end: dropped
    NO_LINE_END = "no_line_end"  # the last line of a text file has no end: more may have followed
    BAD_LINE = "bad_line"  # a line of a text file that could not be read
    APPENDED_DATA = "appended_data"  # the log has parts appended after a crash
    NOT_UTF8 = "not_utf8"  # text in another encoding, read as Latin-1 (zone files: Windows-1252)
    # positions
    NO_POSITION = "no_position"  # the log has no position of the aircraft
    NO_FIX_ROWS = "no_fix_rows"  # rows without a satellite fix, not used
    BAD_POSITION = "bad_position"  # positions outside the globe, at 0/0 or not a number
    IMPOSSIBLE_JUMP = "impossible_jump"  # faster than any drone between two fixes
    STRAY_FIX = "stray_fix"  # a fix out of the line of its neighbours and back, as nothing can fly: left out
    UNEVEN_FIX = "uneven_fix"  # the same by less than physics forbids, yet far from usual there: told, and kept
    FROZEN_POSITION = "frozen_position"  # the same place while the speed says that it moves: only the first is used
    POSITION_CONFLICT = "position_conflict"  # two position sources of one log disagree
    OTHER_RECEIVERS = "other_receivers"  # further satellite receivers in the log, not used
    IDENTITY_CHANGES = "identity_changes"  # the file names another serial number, firmware or type further on
    OTHER_VEHICLES = "other_vehicles"  # positions of other systems in the log, not used
    OWNER_UNKNOWN = "owner_unknown"  # the file does not say whether the aircraft or somebody else made the track
    ESTIMATE_ONLY = "estimate_only"  # positions that the autopilot estimated without satellite fixes behind them
    REPEATED_POSITION = "repeated_position"  # rows that repeat the last fix, merged
    DATUM_UNKNOWN = "datum_unknown"  # the positions may be in a shifted national datum
    AXIS_ORDER = "axis_order"  # which coordinate is the longitude is told by the layout alone
    MOVED_DISARMED = "moved_disarmed"  # carried or driven with the motors off: no flight
    GAP = "gap"  # a hole in the track
    BEGINS_IN_FLIGHT = "begins_in_flight"  # the log begins in the air: the take-off is not recorded
    ENDS_IN_FLIGHT = "ends_in_flight"  # the log ends while the aircraft is armed or airborne: what follows is unknown
    # heights
    TERRAIN_IS_SURFACE = "terrain_is_surface"  # heights above ground are over roofs and treetops, not over the ground
    HEIGHT_FRAME = "height_frame"  # a height whose datum is doubtful, not used
    HEIGHT_OFFSET = "height_offset"  # heights above take-off that are not zero there, set right by that
    HEIGHT_FRAME_INCONSISTENT = "height_frame_inconsistent"  # two heights of a track contradict the geoid
    # time
    UTC_UNKNOWN = "utc_unknown"  # no absolute time in the log
    UTC_ASSUMED = "utc_assumed"  # the time zone is assumed
    CLOCK_DAMAGED = "clock_damaged"  # a clock that lost digits, steps, stands still or shows a date that cannot be
    CLOCK_RESTARTS = "clock_restarts"  # the times start again: several flights, films or copies, judged one by one
    CLOCK_SKEW = "clock_skew"  # two clocks of one log disagree; the better one is used
    OUT_OF_ORDER = "out_of_order"  # rows not in the order of time, sorted
    # keys of encrypted records
    KEYS_USED = "keys_used"  # the saved keys that a record was decrypted with
    KEYS_MISSING = "keys_missing"  # records for which there is no key, in a file whose other records were decrypted
    KEYS_UNFIT = "keys_unfit"  # saved keys that are not this record's
    # records that are read without their keys
    HEADER_ONLY = "header_only"  # the track is encrypted: what is told is the header's own word
    HEADER_DOUBTFUL = "header_doubtful"  # figures of the header that are missing, or cannot be of one flight
    # several files of one flight
    GAP_BETWEEN_FILES = "gap_between_files"  # what was flown between two of them is in neither
    JOIN_DOUBTFUL = "join_doubtful"  # whether a file goes on with the flight before it cannot be told: both were judged
    SECOND_RECORDING = "second_recording"  # two files are recordings of this one flight: which is judged
    RECORDINGS_DISAGREE = "recordings_disagree"  # they contradict each other in time, place or height, or cover less
    # footage
    FALSE_EXTENSION = "false_extension"  # the file's name says another kind than its first bytes
    LIMIT_REACHED = "limit_reached"  # nested or repeated beyond what any camera writes: the rest was not read
    NOT_WELL_FORMED = "not_well_formed"  # metadata in XML that breaks the rules of XML: read piece by piece
    VALUES_CONFLICT = "values_conflict"  # two places of one file disagree about a height, a time or a direction
    POSE_ABSENT = "pose_absent"  # the camera's direction is written as all zeros: it was not recorded
    POSE_DOUBTFUL = "pose_doubtful"  # the camera's direction can be read in several ways
    NO_METADATA = "no_metadata"  # nothing is left of what cameras write: the original would say more
    HIDDEN_PICTURE = "hidden_picture"  # further pictures within the file, with or without metadata of their own
    # the run
    SIGNATURE_NOT_VERIFIED = "signature_not_verified"  # the file carries a signature that dronecheck does not check
    INPUT_CHANGED = "input_changed"  # the file changed while it was read
    SIMULATED = "simulated"  # the log says that it comes from a simulator
    # zone files
    ZONE_SKIPPED = "zone_skipped"  # a feature whose area could not be read: an entry cannot be excluded
    ZONE_ADVICE_SKIPPED = "zone_advice_skipped"  # the same of a zone for information: no verdict can change
    ZONE_RECORD_SKIPPED = "zone_record_skipped"  # a line of a zone file that belongs to no zone or is not understood
    ZONE_DOUBTFUL = "zone_doubtful"  # a property that cannot be right: an entry cannot be judged
    NO_AREA = "no_area"  # a feature that is no area, such as a label: nothing is lost with it
    ZONE_REPAIRED = "zone_repaired"  # an invalid outline, repaired
    ZONE_LIMIT_UNKNOWN = "zone_limit_unknown"  # a floor or ceiling that could not be read, or is not stated
    ZONE_LIMIT_ASSUMED = "zone_limit_assumed"  # a floor or ceiling without a datum, read as above mean sea level
    ZONE_TIMES_UNKNOWN = "zone_times_unknown"  # when the zone is in force could not be read, or is not stated
    ZONE_CLASS_UNKNOWN = "zone_class_unknown"  # a class or type that the format's table does not have
    ZONE_OUTLINE_DOUBTFUL = "zone_outline_doubtful"  # an outline that its source says twice, or leaves to be guessed
    ZONE_FAR_AWAY = "zone_far_away"  # a zone far from all others of its file
    ZONE_IS_MASK = "zone_is_mask"  # what viewers darken outside an authority's territory: for information
    ZONE_AXES = "zone_axes"  # the file writes latitude first, and was read so
    NOT_LAW = "not_law"  # a manufacturer's zones: they bind nobody in law, and reach no verdict
    FOREIGN_PROPERTIES = "foreign_properties"  # properties of another publisher: which were not read
    # the zone library
    EDITION_UNDATED = "edition_undated"  # an edition without dates: whether it was in force cannot be told
    EDITION_UNKNOWN = "edition_unknown"  # several editions may have been in force: all of them were judged
    EDITION_CHANGES = "edition_changes"  # another edition came into force during the flight: each in its time
    NO_EDITION_IN_FORCE = "no_edition_in_force"  # a source of this place has no edition for the flight's day
    LIBRARY_DAMAGED = "library_damaged"  # an edition of the library that cannot be read: its zones are unknown
    LIBRARY_REPAIRED = "library_repaired"  # an index that was damaged, made again from the file as it was added
    # authorisations
    AUTHORISATION_NOT_APPLIED = "authorisation_not_applied"  # authorisations hold at certain times, and UTC is unknown


class Remedy(StrEnum):
    """What would settle an open answer or a note; each report words it for its readers. A code keeps its meaning."""

    BETTER_FIXES = "better_fixes"  # a log with better accuracy
    MORE_FIXES = "more_fixes"  # a log with more fixes
    BETTER_OUTLINE = "better_outline"
    AIRCRAFTS_OWN_LOG = "aircrafts_own_log"  # which may have no gap
    ORIGINAL_POSITIONS = "original_positions"  # the aircraft's own record, or a photo with its own position
    OTHER_LOG = "other_log"  # of the same flight
    GIVE_HOME = "give_home"
    ALLOW_TERRITORY = "allow_territory"
    SEE_NOTES = "see_notes"
    LEGAL_TEXT = "legal_text"  # of the zone
    CORRECTED_ZONES = "corrected_zones"
    GIVE_PRESSURE = "give_pressure"
    GIVE_TERRAIN = "give_terrain"
    BETTER_HEIGHTS = "better_heights"
    GIVE_START_TIME = "give_start_time"
    GIVE_UTC_OFFSET = "give_utc_offset"
    BETTER_CLOCK_OR_NOTICE = "better_clock_or_notice"
    DATE_EDITIONS = "date_editions"
    ADD_EDITION = "add_edition"
    REPLACE_EDITION = "replace_edition"  # of the zone library: added again, or removed
    ADD_ZONES = "add_zones"
    GIVE_HEIGHT_LIMIT = "give_height_limit"
    SEE_STRUCTURES = "see_structures"  # which buildings or structures stand near
    LAW_OF_DAY = "law_of_day"  # its text, or what the authority publishes
    GIVE_WEIGHT = "give_weight"
    GIVE_CLASS = "give_class"
    NAME_OTHER_RULES = "name_other_rules"
    DECRYPT = "decrypt"  # the keys of an encrypted record, or an export of it
    NOTHING = "nothing"  # no data would: several States claim it, or the border data overlap


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that was lost, repaired or doubted.

    `offset` is the first place it was seen (a byte offset; a line number, from 1, in text files), `count` how often.
    """

    code: Code
    severity: Severity
    message: Message
    offset: int | None = None
    count: int = 1
    file: int | None = field(default=None, kw_only=True)  # of a flight joined of several: which of its sources
    # what would settle it; `message` names no option of the command line
    remedy: Remedy | None = field(default=None, kw_only=True)
