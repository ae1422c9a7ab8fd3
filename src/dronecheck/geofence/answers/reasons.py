"""Why a verdict is what it is, and what would settle it where it is open."""

from __future__ import annotations

from enum import StrEnum

from dronecheck.issues import Remedy

__all__ = ["REMEDY_OF", "Reason"]


class Reason(StrEnum):
    """Why a verdict is what it is. A published reason never changes its meaning."""

    # decided
    INSIDE_BEYOND_ERROR = "inside_beyond_error"  # deeper inside than the guard band
    ABOVE_LIMIT_BEYOND_ERROR = "above_limit_beyond_error"
    HOME_TERRITORY = "home_territory"
    ALLOWED = "allowed"  # by --allow
    AUTHORISED = "authorised"  # all of it within the time of an authorisation given
    CONDITIONAL_ZONE = "conditional_zone"  # its effect does not reach the verdict
    NO_BORDER_IN_REACH = "no_border_in_reach"
    CLEAR_BEYOND_ERROR = "clear_beyond_error"  # never nearer than the guard band
    NOT_IN_FORCE = "not_in_force"  # a zone was entered, but only while it was not in force
    # undecided
    MARGIN_WITHIN_ERROR = "margin_within_error"  # the GNSS error alone leaves it open
    BORDER_DATA_TOO_COARSE = "border_data_too_coarse"  # the outline's own error leaves it open
    NOT_ENTERED_ON_THE_LINE = "not_entered_on_the_line"  # on the data's line it stayed outside
    SINGLE_FIX = "single_fix"  # rests on one or two fixes and less than a second
    SAMPLING_GAP = "sampling_gap"  # a gap long enough to have crossed
    HOME_UNKNOWN = "home_unknown"  # no recorded take-off, or one on the line
    DISPUTED_TERRITORY = "disputed_territory"  # the home State is one of several claimants
    DEPENDENCY_OF_HOME = "dependency_of_home"  # same State, its own border regime not checked
    OVERLAP_IN_DATA = "overlap_in_data"  # two territories overlap inside the data's error
    LOG_SUSPECT = "log_suspect"  # records that contradict themselves: behind a jump that nothing flies, or else
    SOURCES_DISAGREE = "sources_disagree"  # sources of one log contradict each other, and give different answers
    DATUM_UNKNOWN = "datum_unknown"
    EDGE_MODEL_AMBIGUOUS = "edge_model_ambiguous"  # straight in degrees and geodesic edges give different answers
    INVALID_GEOMETRY_REPAIRED = "invalid_geometry_repaired"  # rests on the part of an invalid outline that is in doubt
    NO_POSITION = "no_position"
    TOO_FEW_FIXES = "too_few_fixes"  # one fix is no flight
    HEIGHT_UNKNOWN = "height_unknown"  # no height in the datum the limit needs
    VERTICAL_FRAME_UNKNOWN = "vertical_frame_unknown"  # a limit whose datum is unknown or needs air pressure
    NO_TERRAIN = "no_terrain"  # a limit above ground, and no ground heights
    VERTICAL_MARGIN_WITHIN_ERROR = "vertical_margin_within_error"
    ZONE_UNREADABLE = "zone_unreadable"  # a zone, or one of its properties, that could not be read
    ZONE_TIME_UNKNOWN = "zone_time_unknown"  # a timed zone, and whether it was in force then cannot be told
    JOIN_DOUBTFUL = "join_doubtful"  # whether files are of one flight cannot be told, and the answers differ
    EDITION_UNKNOWN = "edition_unknown"  # editions that may have been in force give different answers
    NO_EDITION_IN_FORCE = "no_edition_in_force"  # a source of this place has no edition for the flight's day
    HEADER_ONLY = "header_only"  # the track is encrypted: the header bounds where it was, and shows no way
    POSITIONS_UNREAD = "positions_unread"  # the log holds more positions than could be read
    # rules of the place and day
    BEYOND_RULE = "beyond_rule"  # decided: over the limit of a rule beyond the errors
    RULE_MARGIN_WITHIN_ERROR = "rule_margin_within_error"
    STRUCTURE_UNKNOWN = "structure_unknown"  # a building or structure near may lift the limit
    SURFACE_UNKNOWN = "surface_unknown"  # above the limit straight down, which proves nothing on a slope
    SPEED_UNKNOWN = "speed_unknown"
    CLOCK_UNCERTAIN = "clock_uncertain"  # a time zone that was assumed: night cannot be told
    DATE_UNKNOWN = "date_unknown"  # no UTC: which edition of the law held cannot be told
    RULE_EDITION_UNKNOWN = "rule_edition_unknown"  # the law changed within what is known of the flight's local day
    TERRITORY_UNCERTAIN = "territory_uncertain"  # so near a border that whose rules hold cannot be told
    TERRITORY_DISPUTED = "territory_disputed"
    WEIGHT_UNKNOWN = "weight_unknown"  # the rule is about some weights alone
    CLASS_UNKNOWN = "class_unknown"  # the rule is about some classes alone
    NO_FIGURE = "no_figure"  # the paragraph names none
    NOTHING_FLOWN = "nothing_flown"  # the log shows it on the ground alone
    RULES_NOT_OF_PLACE = "rules_not_of_place"  # the pack named does not speak for where it was
    RULES_NOT_IN_FORCE = "rules_not_in_force"  # no rule of the pack named was law on that day
    # not checked
    NO_ZONE_FILE = "no_zone_file"
    NOT_COVERED = "not_covered"  # the zone files given are about another part of the world
    NO_HEIGHT_LIMIT = "no_height_limit"


# Every reason that leaves an answer open, or a question unasked, and what would settle it.
REMEDY_OF = {
    Reason.MARGIN_WITHIN_ERROR: Remedy.BETTER_FIXES,
    Reason.BORDER_DATA_TOO_COARSE: Remedy.BETTER_OUTLINE,
    Reason.SINGLE_FIX: Remedy.MORE_FIXES,
    Reason.SAMPLING_GAP: Remedy.AIRCRAFTS_OWN_LOG,
    Reason.HOME_UNKNOWN: Remedy.GIVE_HOME,
    Reason.DISPUTED_TERRITORY: Remedy.NOTHING,
    Reason.DEPENDENCY_OF_HOME: Remedy.ALLOW_TERRITORY,
    Reason.OVERLAP_IN_DATA: Remedy.NOTHING,
    Reason.LOG_SUSPECT: Remedy.SEE_NOTES,
    Reason.SOURCES_DISAGREE: Remedy.SEE_NOTES,
    Reason.DATUM_UNKNOWN: Remedy.ORIGINAL_POSITIONS,
    Reason.EDGE_MODEL_AMBIGUOUS: Remedy.LEGAL_TEXT,
    Reason.INVALID_GEOMETRY_REPAIRED: Remedy.CORRECTED_ZONES,
    Reason.NO_POSITION: Remedy.OTHER_LOG,
    Reason.TOO_FEW_FIXES: Remedy.OTHER_LOG,
    Reason.HEIGHT_UNKNOWN: Remedy.OTHER_LOG,
    Reason.VERTICAL_FRAME_UNKNOWN: Remedy.GIVE_PRESSURE,
    Reason.NO_TERRAIN: Remedy.GIVE_TERRAIN,
    Reason.VERTICAL_MARGIN_WITHIN_ERROR: Remedy.BETTER_HEIGHTS,
    Reason.ZONE_UNREADABLE: Remedy.SEE_NOTES,
    Reason.ZONE_TIME_UNKNOWN: Remedy.BETTER_CLOCK_OR_NOTICE,
    Reason.JOIN_DOUBTFUL: Remedy.SEE_NOTES,
    Reason.EDITION_UNKNOWN: Remedy.DATE_EDITIONS,
    Reason.NO_EDITION_IN_FORCE: Remedy.ADD_EDITION,
    Reason.HEADER_ONLY: Remedy.DECRYPT,
    Reason.POSITIONS_UNREAD: Remedy.DECRYPT,
    Reason.RULE_MARGIN_WITHIN_ERROR: Remedy.OTHER_LOG,
    Reason.STRUCTURE_UNKNOWN: Remedy.SEE_STRUCTURES,
    Reason.SURFACE_UNKNOWN: Remedy.GIVE_TERRAIN,
    Reason.SPEED_UNKNOWN: Remedy.OTHER_LOG,
    Reason.CLOCK_UNCERTAIN: Remedy.GIVE_UTC_OFFSET,
    Reason.DATE_UNKNOWN: Remedy.GIVE_START_TIME,
    Reason.RULE_EDITION_UNKNOWN: Remedy.LAW_OF_DAY,
    Reason.TERRITORY_UNCERTAIN: Remedy.BETTER_OUTLINE,
    Reason.TERRITORY_DISPUTED: Remedy.NOTHING,
    Reason.WEIGHT_UNKNOWN: Remedy.GIVE_WEIGHT,
    Reason.CLASS_UNKNOWN: Remedy.GIVE_CLASS,
    Reason.NO_FIGURE: Remedy.LAW_OF_DAY,
    Reason.NOTHING_FLOWN: Remedy.OTHER_LOG,
    Reason.RULES_NOT_OF_PLACE: Remedy.NAME_OTHER_RULES,
    Reason.RULES_NOT_IN_FORCE: Remedy.NAME_OTHER_RULES,
    Reason.NO_ZONE_FILE: Remedy.ADD_ZONES,
    Reason.NOT_COVERED: Remedy.ADD_ZONES,
    Reason.NO_HEIGHT_LIMIT: Remedy.GIVE_HEIGHT_LIMIT,
}
