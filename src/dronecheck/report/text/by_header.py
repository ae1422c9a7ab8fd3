"""What is said of a record of which only the header could be read: templates by clause, as in `templates`."""

from __future__ import annotations

from dronecheck.geofence.clauses import ClauseCode
from dronecheck.report.text.choices import By, Plural, Template

__all__ = ["HEADER_CLAUSES"]

HEADER_CLAUSES: dict[ClauseCode, Template] = {
    ClauseCode.HEADER_ENVELOPE: By(
        "free",
        {
            "border_and_zone": "by its own header it stayed within {within_m:.0f} m of its start and below "
            "{below_m:.0f} m; no border or zone there",
            "border": "by its own header it stayed within {within_m:.0f} m of its start and below {below_m:.0f} m; "
            "no border there",
            "*": "by its own header it stayed within {within_m:.0f} m of its start and below {below_m:.0f} m",
        },
    ),
    ClauseCode.HEADER_NO_ENVELOPE: "its header does not bound where it flew",
    ClauseCode.HEADER_START_IN: By(
        "territory",
        {"none": "its start lies outside any territory", "*": "its start lies in {territory}"},
    ),
    ClauseCode.HEADER_START_UNKNOWN: "its header does not state where it began",
    ClauseCode.HEADER_IN_ONE: "no border within the distance that its header states",
    ClauseCode.HEADER_OUTLINE_IN_REACH: "the outline of {territory} is {distance_m} from its start, within reach or "
    "the errors",
    ClauseCode.HEADER_TOO_WIDE: "its header allows a way so long that only {looked_m!k} around it were looked at",
    ClauseCode.HEADER_STARTED_INSIDE: By(
        "depth_m",
        {"none": "its start lies inside, far from the outline", "*": "its start lies {depth_m} inside"},
    ),
    ClauseCode.HEADER_PICTURE_INSIDE: By(
        "depth_m",
        {
            "none": "picture {number} was taken inside, far from the outline",
            "*": "picture {number} was taken {depth_m} inside",
        },
    ),
    ClauseCode.HEADER_START_WITHIN: "its start lies within the outline, and its heights or times leave it open",
    ClauseCode.HEADER_PICTURE_WITHIN: "picture {number} was taken within the outline, and its heights or times leave "
    "it open",
    ClauseCode.HEADER_MAY_REACH: "the outline is {distance_m} from its start, and by its header it stayed within "
    "{within_m:.0f} m of that",
    ClauseCode.HEADER_START_NEAR: "the outline is {distance_m} from its start, within the errors",
    ClauseCode.HEADER_PICTURE_NEAR: "picture {number} was taken {distance_m} from the outline, within the errors",
    ClauseCode.HEADER_ZONES_ABOVE: Plural(
        "{count} zone there lies wholly above that height", "{count} zones there lie wholly above that height"
    ),
    ClauseCode.HEADER_ZONES_FOR_INFORMATION: Plural(
        "{count} zone there forbids nothing", "{count} zones there forbid nothing"
    ),
    ClauseCode.HEADER_NO_ZONE: "none of them there below that height",
    ClauseCode.HEADER_HEIGHT: By(
        "below_m",
        {
            "none": "its header does not bound how high it flew, limit {limit_m:g} m",
            "*": By(
                "above",
                {
                    "takeoff": "by its own header below {below_m:.0f} m above take-off, limit {limit_m:g} m",
                    "*": "by its own header below {below_m:.0f} m above take-off, limit {limit_m:g} m above ground",
                },
            ),
        },
    ),
}
