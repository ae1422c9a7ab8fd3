"""What a finding or a check says, as codes with values: worded, translated and laid out by the reports alone.

A clause is one statement. Its values carry their units in their names (`_m`, `_s`, `_mps`, `_ns` UTC) and are as
measured: rounding is for whoever words them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["Clause", "ClauseCode", "Evidence", "Value"]

Value = str | int | float | bool | None | tuple[tuple[int, int] | str, ...]  # a tuple: spans of time, or names


class ClauseCode(StrEnum):
    """What is said. A published code never changes its meaning."""

    # a visit or an approach
    VISIT = "visit"  # depth_m (null: deeper than any border in reach), duration_s (null: unknown), path_m
    APPROACH = "approach"  # distance_m outside at the closest, on the line as in the data
    NEEDED_TO_DECIDE = "needed_to_decide"  # band_m
    SHAPE_LEAVES_OPEN = "shape_leaves_open"  # region narrower than the errors, or on more than one side
    ANSWER_NEEDS_ERROR = "answer_needs_error"  # answer (entered | not_entered) only if wrong by more than distance_m
    DECIDABLE_BY_SIGMA = "decidable_by_sigma"  # sigma_m of a fix
    DECIDABLE_BY_FIXES = "decidable_by_fixes"  # fixes inside, or duration_s
    GAP_ALLOWS_DETOUR = "gap_allows_detour"  # gap_s, detour_m, speed_mps, reach_m
    ENTRY_NEEDS_SPEED = "entry_needs_speed"  # speed_mps
    ONLY_THE_CHORD_INSIDE = "only_the_chord_inside"  # gap_s without a fix
    # heights
    HEIGHT_AND_LIMIT = "height_and_limit"  # height_m, limit_m, above (takeoff | ground)
    DECIDABLE_BY_HEIGHT_SIGMA = "decidable_by_height_sigma"  # distance_m, sigma_m; the height's is known_sigma_m
    CLEAR_BY_GROUND = "clear_by_ground"  # nowhere (more | less) than level_m (above | below) take-off
    CLEAR_BY_TAKEOFF = "clear_by_takeoff"  # take-off below floor_m in floor_datum, or above ceiling_m in ceiling_datum
    ENTERED_BY_GROUND = "entered_by_ground"  # nowhere more than level_m below take-off
    TAKEOFF_HEIGHT_WOULD_TELL = "takeoff_height_would_tell"
    TERRAIN_WOULD_TELL = "terrain_would_tell"
    PRESSURE_WOULD_NARROW = "pressure_would_narrow"
    HEIGHT_UNKNOWN_IN_PARTS = "height_unknown_in_parts"
    # times of zones
    CLOCK_ERROR = "clock_error"  # clear | in_force if the clock was shift_s slow | fast, known to known_s by known_by
    UTC_NOT_STATED = "utc_not_stated"
    TIMES_NOT_IN_FILE = "times_not_in_file"  # why: as the file has it, or sun_times_untold
    IN_FORCE_IN_GAP = "in_force_in_gap"
    CAME_INTO_FORCE = "came_into_force"
    CEASED_TO_BE_IN_FORCE = "ceased_to_be_in_force"
    DISTANCES_LEFT_OUT = "distances_left_out"  # they would tell a place that a report hides
    OF_SYSTEM = "of_system"  # system: another vehicle of the log than the one whose track is shown
    # an alternative for the data
    ONLY_IF = "only_if"  # alternative: all that follows holds only then
    NOT_IF = "not_if"  # alternative
    DEPTH_IF = "depth_if"  # depth_m, alternative
    # authorisations
    AUTHORISED_AT_OTHER_TIMES = "authorised_at_other_times"  # references
    AUTHORISED_IN_PART = "authorised_in_part"  # references, uncovered_ns
    AUTHORISED_WHOLLY = "authorised_wholly"  # references
    # what was looked at: the border
    NO_POSITION = "no_position"
    ALL_IN_ONE_TERRITORY = "all_in_one_territory"  # territory
    OUTSIDE_ANY_TERRITORY = "outside_any_territory"
    NO_BORDER_WITHIN = "no_border_within"  # distance_m
    NO_TERRITORY_WITHIN = "no_territory_within"  # distance_m
    HOME_GIVEN = "home_given"  # home
    HOME_CONTRADICTED = "home_contradicted"  # home as given, recorded
    HOME_DOES_NOT_MATTER = "home_does_not_matter"
    HOME_RECORDED = "home_recorded"  # home, basis
    HOME_ON_BORDER = "home_on_border"
    HOME_NOT_RECORDED = "home_not_recorded"
    ENDS_AIRBORNE = "ends_airborne"  # distance_m from the nearest border (null: far from any)
    NO_END_RECORDED = "no_end_recorded"  # as ends_airborne, where the distance is left out
    TAKEOFF_WITHIN = "takeoff_within"  # reach_m of the first fix, since_s power-up (null: not told)
    CROSSED_IF_FROM = "crossed_if_from"  # territory (home its code) distance_m away (null: there; or left_out)
    NOT_CROSSED_IF_FROM = "not_crossed_if_from"  # territory (home its code)
    # what was looked at: zones
    NO_ZONE_FILE = "no_zone_file"
    ZONES_JUDGED = "zones_judged"  # count, files (null: the zone library)
    NO_ZONES = "no_zones"
    FEATURES_UNREADABLE = "features_unreadable"  # count
    VISITS_NOT_IN_FORCE = "visits_not_in_force"  # count
    NONE_WITHIN = "none_within"  # distance_m
    CHECKED_OVER = "checked_over"  # known, unknown (names), share_percent of the fixes
    COVER_GUESSED = "cover_guessed"  # known, files (null: the zone library)
    SPEAKS_NOT_FOR = "speaks_not_for"  # files (null: the zone library), unknown
    NOT_COVERED = "not_covered"  # files (null: the zone library), distance_m
    AXES_EXCHANGED = "axes_exchanged"
    # a record of which only the header could be read
    HEADER_ENVELOPE = "header_envelope"  # within_m of its start, below_m; free: border_and_zone | border | untold
    HEADER_NO_ENVELOPE = "header_no_envelope"
    HEADER_START_IN = "header_start_in"  # territory (null: outside any)
    HEADER_START_UNKNOWN = "header_start_unknown"
    HEADER_IN_ONE = "header_in_one"  # the circle keeps to what it starts in
    HEADER_OUTLINE_IN_REACH = "header_outline_in_reach"  # territory, distance_m of its own outline from the start
    HEADER_TOO_WIDE = "header_too_wide"  # looked_m: the circle is wider than was looked
    HEADER_STARTED_INSIDE = "header_started_inside"  # depth_m (null: deeper than any outline in reach)
    HEADER_PICTURE_INSIDE = "header_picture_inside"  # number, depth_m (null: as above)
    HEADER_PICTURE_NEAR = "header_picture_near"  # number, distance_m outside, within the errors
    HEADER_START_WITHIN = "header_start_within"  # the outline, whose heights or times leave it open
    HEADER_PICTURE_WITHIN = "header_picture_within"  # number; as above
    HEADER_MAY_REACH = "header_may_reach"  # distance_m of the outline from the start, within_m
    HEADER_START_NEAR = "header_start_near"  # distance_m of the outline from the start, within the errors
    HEADER_ZONES_ABOVE = "header_zones_above"  # count, below_m
    HEADER_ZONES_FOR_INFORMATION = "header_zones_for_information"  # count
    HEADER_NO_ZONE = "header_no_zone"  # within the circle
    HEADER_HEIGHT = "header_height"  # below_m (null: untold), limit_m, above
    # what was looked at: heights
    NO_HEIGHT_LIMIT = "no_height_limit"
    NO_HEIGHT = "no_height"  # above
    HIGHEST = "highest"  # height_m, limit_m, above, everywhere
    BELOW_ON_ANY_GROUND = "below_on_any_ground"  # limit_m, wherever else its height above ground is not known
    # what was looked at: rules of the place and day; error is 1.96 sigma
    RULE_FROM_SURFACE = "rule_from_surface"  # distance_m at most from the closest point of the surface, error_m
    RULE_ABOVE_GROUND = "rule_above_ground"  # height_m at most, straight down, error_m
    RULE_ABOVE_TAKEOFF = "rule_above_takeoff"  # height_m at most above take-off, the ground being unknown
    RULE_BEYOND_LENGTH = "rule_beyond_length"  # by_m over the limit, error_m, duration_s
    RULE_WITHIN_BY_GROUND = "rule_within_by_ground"  # as clear_by_ground
    RULE_SPEED = "rule_speed"  # speed_mps at most, error_mps
    RULE_BEYOND_SPEED = "rule_beyond_speed"  # by_mps over the limit, error_mps, duration_s
    RULE_DARK = "rule_dark"  # duration_s and spans_ns of it in the dark, by the rule's own definition
    RULE_DARK_UNTIMED = "rule_dark_untimed"  # when is left out: of another clock, or for it would tell a hidden place
    RULE_TWILIGHT = "rule_twilight"  # duration_s with the sun down, and not yet in the dark
    RULE_LIGHT = "rule_light"
    RULE_LEFT = "rule_left"  # distance_m outside the territories of the pack
    RULE_NEAREST_BORDER = "rule_nearest_border"  # distance_m to the nearest other territory
    RULE_UNLESS = "rule_unless"  # exceptions: what the log cannot show
    RULE_ONLY_IF = "rule_only_if"  # conditions under which the pack is the flight's own
    RULE_AS_READ = "rule_as_read"  # day on which somebody read the law
    RULES_ASKED = "rules_asked"  # packs, days on which they were read
    HIGHEST_ABOVE_GROUND = "highest_above_ground"  # height_m, closest_m to the surface (null: unknown)


@dataclass(frozen=True, slots=True)
class Clause:
    """One statement: a code and the values that go with it, by name."""

    code: ClauseCode
    values: Mapping[str, Value] = field(default_factory=dict)

    @classmethod
    def of(cls, code: ClauseCode, /, **values: Value) -> Clause:
        """Make a clause; `Clause.of(ClauseCode.APPROACH, distance_m=12.0)`."""
        return cls(code, values)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A track row behind a finding, traced to its place in the input.

    `file` is which of the flight's `sources` it is: the first, unless it was joined of several.
    """

    track: str
    row: int
    offset: int
    message: str
    file: int = 0
