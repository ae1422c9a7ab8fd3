"""What is said of the rules of a place and day: templates by clause and reason, as in `templates`."""

from __future__ import annotations

from dronecheck.geofence.answers.reasons import Reason
from dronecheck.geofence.clauses import ClauseCode
from dronecheck.report.text.choices import By, Template

__all__ = ["RULE_CLAUSES", "RULE_WHY_OPEN"]

RULE_CLAUSES: dict[ClauseCode, Template] = {
    ClauseCode.RULE_FROM_SURFACE: "at most {distance_m:.0f} ± {error_m:.0f} m from the closest point of the surface",
    ClauseCode.RULE_ABOVE_GROUND: "at most {height_m:.0f} ± {error_m:.0f} m above the ground below",
    ClauseCode.RULE_ABOVE_TAKEOFF: "{height_m:.0f} m above take-off; ground unknown",
    ClauseCode.RULE_BEYOND_LENGTH: "{by_m:.0f} ± {error_m:.0f} m beyond the limit, for {duration_s}",
    ClauseCode.RULE_WITHIN_BY_GROUND: By(
        "comparison",
        {
            "more": By(
                "side",
                {
                    "above": "within the limit if the ground is nowhere more than {level_m} above take-off",
                    "*": "within the limit if the ground is nowhere more than {level_m} below take-off",
                },
            ),
            "*": By(
                "side",
                {
                    "above": "within the limit if the ground is nowhere less than {level_m} above take-off",
                    "*": "within the limit if the ground is nowhere less than {level_m} below take-off",
                },
            ),
        },
    ),
    ClauseCode.RULE_SPEED: "at most {speed_mps:.1f} ± {error_mps:.1f} m/s over ground",
    ClauseCode.RULE_BEYOND_SPEED: "{by_mps:.1f} ± {error_mps:.1f} m/s beyond the limit, for {duration_s}",
    ClauseCode.RULE_DARK: "flown in the dark by this definition for {duration_s}: {spans_ns}",
    ClauseCode.RULE_DARK_UNTIMED: "flown in the dark by this definition",
    ClauseCode.RULE_TWILIGHT: "flown with the sun down, within that time, for {duration_s}",
    ClauseCode.RULE_LIGHT: "flown in the light",
    ClauseCode.RULE_LEFT: "{distance_m} outside",
    ClauseCode.RULE_NEAREST_BORDER: "{distance_m} from the nearest other territory",
    ClauseCode.RULE_UNLESS: "unless {exceptions}",
    ClauseCode.RULE_ONLY_IF: "only if {conditions}",
    ClauseCode.RULE_AS_READ: "as read on {day}; not legal advice",
    ClauseCode.RULES_ASKED: "held against {packs}, as read on {days}",
}

RULE_WHY_OPEN: dict[Reason, Template] = {
    Reason.RULE_MARGIN_WITHIN_ERROR: "the error is larger than the margin to the limit",
    Reason.STRUCTURE_UNKNOWN: "a building or structure near may lift the limit",
    Reason.SURFACE_UNKNOWN: "straight down it is more, and on a slope the closest point of the surface is nearer",
    Reason.SPEED_UNKNOWN: "the log has no speed",
    Reason.CLOCK_UNCERTAIN: "the time zone of the log's clock is assumed",
    Reason.DATE_UNKNOWN: "the log does not know UTC, and rules hold from day to day",
    Reason.RULE_EDITION_UNKNOWN: "the law changed on that day, and which side of midnight it was cannot be told",
    Reason.TERRITORY_UNCERTAIN: "it was so near a border that it cannot be told whose rules hold",
    Reason.TERRITORY_DISPUTED: "several claim the territory",
    Reason.WEIGHT_UNKNOWN: "the rule is about some weights alone",
    Reason.CLASS_UNKNOWN: "the rule is about some classes of aircraft alone",
    Reason.NO_FIGURE: "the paragraph names no figure",
    Reason.NOTHING_FLOWN: "the log shows the aircraft on the ground alone",
    Reason.RULES_NOT_OF_PLACE: "the pack named does not speak for the place of the flight",
    Reason.RULES_NOT_IN_FORCE: "no rule of the pack named was law on the day of the flight",
}
