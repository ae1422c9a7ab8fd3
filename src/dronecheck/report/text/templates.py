"""Every sentence of a report in English: templates by clause, reason and remedy. Other languages: `locale/*.po`.

A template is a string to be filled (see `dronecheck.quantities.Filler`), or a choice among several by one of the
values. `surface` is a value that is always there: "terminal" where options of the command line may be named,
"elsewhere" where nobody can type one.
"""

from __future__ import annotations

from dronecheck.geofence.clauses import ClauseCode
from dronecheck.geofence.result import Reason
from dronecheck.issues import Remedy
from dronecheck.report.text.by_header import HEADER_CLAUSES
from dronecheck.report.text.choices import By, Plural, Template, all_templates
from dronecheck.report.text.rules.templates import RULE_CLAUSES, RULE_WHY_OPEN

__all__ = ["CLAUSES", "REMEDIES", "TERMS", "WHY_OPEN", "By", "Plural", "Template", "all_templates"]


def _surface(terminal: str, elsewhere: str) -> By:
    return By("surface", {"terminal": terminal, "*": elsewhere})


def _homely(text: str) -> By:
    """Return a sentence that ends with the option which names the home, where the territory has a code."""
    return By("home", {"none": text, "*": _surface(text + ": --home {home}", text)})


CLAUSES: dict[ClauseCode, Template] = {
    ClauseCode.VISIT: By(
        "depth_m",
        {
            "none": By(
                "duration_s",
                {
                    "none": "farther than any border in reach inside at the deepest, {path_m} of path",
                    "*": "farther than any border in reach inside at the deepest, for {duration_s}, {path_m} of path",
                },
            ),
            "*": By(
                "duration_s",
                {
                    "none": "{depth_m} inside at the deepest, {path_m} of path",
                    "*": "{depth_m} inside at the deepest, for {duration_s}, {path_m} of path",
                },
            ),
        },
    ),
    ClauseCode.APPROACH: "{distance_m} outside at the closest on the line as in the data",
    ClauseCode.NEEDED_TO_DECIDE: "fixes and outline together are known to {band_m} here",
    ClauseCode.SHAPE_LEAVES_OPEN: "the region's shape leaves it open: narrower than the errors here, "
    "or on more than one side",
    ClauseCode.ANSWER_NEEDS_ERROR: By(
        "answer",
        {
            "entered": "entered only if fixes and outline together are wrong by more than {distance_m}",
            "*": "not entered only if fixes and outline together are wrong by more than {distance_m}",
        },
    ),
    ClauseCode.DECIDABLE_BY_SIGMA: "fixes with a standard error below {sigma_m} would settle it",
    ClauseCode.DECIDABLE_BY_FIXES: "{fixes} fixes or {duration_s:g} s inside would settle it",
    ClauseCode.GAP_ALLOWS_DETOUR: "no fix for {gap_s}, and a way of {detour_m} over the outline fits in that time at "
    "{speed_mps:.0f} m/s (reach {reach_m})",
    ClauseCode.ENTRY_NEEDS_SPEED: "it could have entered only above {speed_mps:.1f} m/s",
    ClauseCode.ONLY_THE_CHORD_INSIDE: "the straight way leads through it, but there was no fix for {gap_s}",
    ClauseCode.HEIGHT_AND_LIMIT: By(
        "above",
        {
            "takeoff": "{height_m:.1f} m above take-off, limit {limit_m:g} m (height above take-off, not above ground)",
            "*": "{height_m:.1f} m above ground, limit {limit_m:g} m",
        },
    ),
    ClauseCode.DECIDABLE_BY_HEIGHT_SIGMA: "{distance_m} from the limit in height; the standard error of the "
    "height is {known_sigma_m}, and one below {sigma_m} would settle it",
    ClauseCode.CLEAR_BY_GROUND: By(
        "comparison",
        {
            "more": By(
                "side",
                {
                    "above": "clear if the ground is nowhere more than {level_m} above take-off",
                    "*": "clear if the ground is nowhere more than {level_m} below take-off",
                },
            ),
            "*": By(
                "side",
                {
                    "above": "clear if the ground is nowhere less than {level_m} above take-off",
                    "*": "clear if the ground is nowhere less than {level_m} below take-off",
                },
            ),
        },
    ),
    ClauseCode.CLEAR_BY_TAKEOFF: By(
        "floor_m",
        {
            "none": "clear if the take-off lay above {ceiling_m:d} m above {ceiling_datum!t}",
            "*": By(
                "ceiling_m",
                {
                    "none": "clear if the take-off lay below {floor_m:d} m above {floor_datum!t}",
                    "*": "clear if the take-off lay below {floor_m:d} m above {floor_datum!t} or above {ceiling_m:d} m "
                    "above {ceiling_datum!t}",
                },
            ),
        },
    ),
    ClauseCode.ENTERED_BY_GROUND: _surface(
        "entered if the ground is nowhere more than {level_m:.0f} m below take-off: --relief {level_m:.0f} says so",
        "entered if the ground is nowhere more than {level_m:.0f} m below take-off",
    ),
    ClauseCode.TAKEOFF_HEIGHT_WOULD_TELL: _surface(
        "--takeoff-amsl M gives that height", "the height of the take-off above sea level would settle it"
    ),
    ClauseCode.TERRAIN_WOULD_TELL: _surface("--dem gives the ground there", "terrain heights give the ground there"),
    ClauseCode.PRESSURE_WOULD_NARROW: _surface(
        "the day's air pressure at sea level (--qnh) narrows it", "the day's air pressure at sea level narrows it"
    ),
    ClauseCode.HEIGHT_UNKNOWN_IN_PARTS: "its height is not known well enough during other parts of this stay",
    ClauseCode.CLOCK_ERROR: By(
        "answer",
        {
            "clear": By(
                "known_by",
                {
                    "clock": By(
                        "direction",
                        {
                            "slow": "clear if the clock was more than {shift_s} slow (its time is known to {known_s})",
                            "*": "clear if the clock was more than {shift_s} fast (its time is known to {known_s})",
                        },
                    ),
                    "*": By(
                        "direction",
                        {
                            "slow": "clear if the clock was more than {shift_s} slow (its time and the sun's together "
                            "are known to {known_s})",
                            "*": "clear if the clock was more than {shift_s} fast (its time and the sun's together "
                            "are known to {known_s})",
                        },
                    ),
                },
            ),
            "*": By(
                "known_by",
                {
                    "clock": By(
                        "direction",
                        {
                            "slow": "in force only if the clock was more than {shift_s} slow (its time is known to "
                            "{known_s})",
                            "*": "in force only if the clock was more than {shift_s} fast (its time is known to "
                            "{known_s})",
                        },
                    ),
                    "*": By(
                        "direction",
                        {
                            "slow": "in force only if the clock was more than {shift_s} slow (its time and the sun's "
                            "together are known to {known_s})",
                            "*": "in force only if the clock was more than {shift_s} fast (its time and the sun's "
                            "together are known to {known_s})",
                        },
                    ),
                },
            ),
        },
    ),
    ClauseCode.UTC_NOT_STATED: _surface(
        "the log does not state UTC; --start-time gives it",
        "the log does not state UTC; the UTC of its first fix would tell",
    ),
    ClauseCode.TIMES_NOT_IN_FILE: By(
        "why",
        {
            "sun_times_untold": "its times cannot be told from the file (its sun times leave them open at this place "
            "and date); the notice or authority that publishes them would tell",
            "*": "its times cannot be told from the file ({why!t}); the notice or authority that publishes them would "
            "tell",
        },
    ),
    ClauseCode.IN_FORCE_IN_GAP: "the zone was in force in the gap in which it entered or left",
    ClauseCode.CAME_INTO_FORCE: "the zone came into force while inside",
    ClauseCode.CEASED_TO_BE_IN_FORCE: "it ceased to be in force while inside",
    ClauseCode.DISTANCES_LEFT_OUT: "how far in or out is left out, for it would tell the place that is hidden",
    ClauseCode.OF_SYSTEM: "by another vehicle of the log, system {system}",
    ClauseCode.ONLY_IF: "{alternative!t}: ",
    ClauseCode.NOT_IF: "not so {alternative!t}",
    ClauseCode.DEPTH_IF: "{depth_m} inside {alternative!t}",
    ClauseCode.AUTHORISED_AT_OTHER_TIMES: "{references} holds at other times",
    ClauseCode.AUTHORISED_IN_PART: "covered by {references} in part only, not from {uncovered_ns}",
    ClauseCode.AUTHORISED_WHOLLY: "covered by {references}",
    ClauseCode.NO_POSITION: "the log has no position of the aircraft",
    ClauseCode.ALL_IN_ONE_TERRITORY: "all of it in {territory}",
    ClauseCode.OUTSIDE_ANY_TERRITORY: "all of it outside any territory",
    ClauseCode.NO_BORDER_WITHIN: "no border within {distance_m!k}",
    ClauseCode.NO_TERRITORY_WITHIN: "no other territory within {distance_m!k}",
    ClauseCode.HOME_GIVEN: "home: {home!t}, as given",
    ClauseCode.HOME_CONTRADICTED: "home: {home!t}, as given, although the recorded take-off lies in {recorded!t}",
    ClauseCode.HOME_DOES_NOT_MATTER: "one territory, and no other in reach: which one is home does not matter",
    ClauseCode.HOME_RECORDED: "home: {home!t}, the territory of the recorded take-off ({basis!t})",
    ClauseCode.HOME_ON_BORDER: _surface(
        "home unknown: the recorded take-off lies on or too near a border; --home ISO3 tells",
        "home unknown: the recorded take-off lies on or too near a border; naming the home territory would tell",
    ),
    ClauseCode.HOME_NOT_RECORDED: _surface(
        "home unknown: the log records no take-off; --home ISO3 tells",
        "home unknown: the log records no take-off; naming the home territory would tell",
    ),
    ClauseCode.ENDS_AIRBORNE: By(
        "distance_m",
        {
            "none": "the log records no end of the flight: its last fix is far from any border",
            "*": "the log records no end of the flight: its last fix is {distance_m} from the nearest border",
        },
    ),
    ClauseCode.NO_END_RECORDED: "the log records no end of the flight",
    ClauseCode.TAKEOFF_WITHIN: By(
        "since_s",
        {
            "none": "it may have taken off up to {reach_m!k} from its first fix (no power-up is recorded)",
            "*": "it may have taken off up to {reach_m!k} from its first fix (powered up {since_s} before)",
        },
    ),
    ClauseCode.CROSSED_IF_FROM: By(
        "distance_m",
        {
            "none": _homely("if it took off in {territory}, where the record begins, it crossed into {into}"),
            "left_out": _homely("if it took off in {territory} it crossed into {into}"),
            "*": _homely("if it took off in {territory} ({distance_m} away) it crossed into {into}"),
        },
    ),
    ClauseCode.NOT_CROSSED_IF_FROM: _homely("if it took off in {territory} it crossed nothing"),
    ClauseCode.NO_ZONE_FILE: _surface(
        "no zone file given; --zones FILE adds one", "no zone file given; add a zone file"
    ),
    ClauseCode.ZONES_JUDGED: By(
        "files",
        {
            "none": Plural("{count} zone of the zone library", "{count} zones of the zone library"),
            "*": Plural("{count} zone of {files}", "{count} zones of {files}"),
        },
    ),
    ClauseCode.NO_ZONES: "no zones to judge by; see the notes",
    ClauseCode.FEATURES_UNREADABLE: Plural("{count} feature could not be read", "{count} features could not be read"),
    ClauseCode.VISITS_NOT_IN_FORCE: Plural("{count} visit while not in force", "{count} visits while not in force"),
    ClauseCode.NONE_WITHIN: "none of them within {distance_m!k}: is this place covered?",
    ClauseCode.CHECKED_OVER: By(
        "share_percent",
        {
            "100": "checked over {known} only; {unknown}, where it may have been, NOT CHECKED",
            "*": "checked over {known} only ({share_percent} % of the fixes); {unknown} NOT CHECKED",
        },
    ),
    ClauseCode.COVER_GUESSED: By(
        "files",
        {
            "none": _surface(
                "that the zone library speaks for {known} is a guess by where its zones lie; --covers says it",
                "that the zone library speaks for {known} is a guess by where its zones lie",
            ),
            "*": _surface(
                "that {files} speaks for {known} is a guess by where its zones lie; --covers says it",
                "that {files} speaks for {known} is a guess by where its zones lie",
            ),
        },
    ),
    ClauseCode.SPEAKS_NOT_FOR: By(
        "files",
        {
            "none": "the zone library does not speak for {unknown}",
            "*": "{files} does not speak for {unknown}",
        },
    ),
    ClauseCode.NOT_COVERED: By(
        "files",
        {
            "none": "no zone of the zone library lies within {distance_m!k}",
            "*": "no zone of {files} lies within {distance_m!k}",
        },
    ),
    ClauseCode.AXES_EXCHANGED: "with latitude and longitude exchanged some would: the file must name longitude first",
    **HEADER_CLAUSES,
    **RULE_CLAUSES,
    ClauseCode.NO_HEIGHT_LIMIT: _surface("no --max-height or --max-agl given", "no height limit given"),
    ClauseCode.NO_HEIGHT: By(
        "above",
        {"takeoff": "the log has no height above take-off", "*": "the log has no height above ground"},
    ),
    ClauseCode.HIGHEST: By(
        "everywhere",
        {
            "true": By(
                "above",
                {
                    "takeoff": "highest {height_m:.0f} m above take-off, limit {limit_m:g} m",
                    "*": "highest {height_m:.0f} m above ground, limit {limit_m:g} m",
                },
            ),
            "*": By(
                "above",
                {
                    "takeoff": "highest {height_m:.0f} m above take-off, limit {limit_m:g} m where it is known",
                    "*": "highest {height_m:.0f} m above ground, limit {limit_m:g} m where it is known",
                },
            ),
        },
    ),
    ClauseCode.BELOW_ON_ANY_GROUND: "where it is unknown, below {limit_m:g} m above ground whatever the ground "
    "(no land is lower than 450 m below sea level)",
    ClauseCode.HIGHEST_ABOVE_GROUND: By(
        "closest_m",
        {
            "none": "by the terrain given at most {height_m:.0f} m above the ground below",
            "*": "by the terrain given at most {height_m:.0f} m above the ground below, {closest_m:.0f} m from the "
            "closest point of the surface",
        },
    ),
}

# Words for the codes among the values.
TERMS = {
    "gnss": "the satellite fixes",
    "fused": "the aircraft's positions",
    "takeoff_event": "the log records it",
    "arm_event": "where its motors were armed",
    "rest_then_climb": "start at rest at home height, then a climb",
    "rest_then_rise": "start at rest, then straight up, by the heights of the receiver",
    "AMSL": "sea level",
    "HAE": "the ellipsoid",
    "geodesic_edges": "if its edges are geodesics",
    "another_edition": "if another edition was in force",
    "without_doubtful_part": "if the part of its outline in doubt is not meant",
    "without_doubted_records": "if the records in doubt are left out",
    "without_doubted_heights": "if the heights in doubt are left out",
    "one_flight": "if the files are of one flight",
    "gcj02_positions": "if the positions are GCJ-02",
    "source_gnss": "by the fixes of the receiver",
    "source_fused": "by the estimate of the autopilot",
    "source_gnss2": "by the fixes of a second receiver",
    "source_second_recording": "by the second recording, the controller's log",
    "source_other": "by the fixes of another receiver",
}

# Why a question stays open; what would settle it stands in REMEDIES.
WHY_OPEN: dict[Reason, Template] = {
    Reason.MARGIN_WITHIN_ERROR: "the error of the satellite fixes is larger than the margin",
    Reason.BORDER_DATA_TOO_COARSE: "the outline itself is not known well enough here",
    Reason.JOIN_DOUBTFUL: "whether the files are of one flight cannot be told, and the answer differs",
    Reason.SINGLE_FIX: "it rests on one or two fixes and less than a second",
    Reason.SAMPLING_GAP: "a gap in the log is long enough to have been inside",
    Reason.HOME_UNKNOWN: "the home territory is unknown",
    Reason.DISPUTED_TERRITORY: "the territory is claimed by several, home among them",
    Reason.DEPENDENCY_OF_HOME: "the same State, but its own border rules are not known here",
    Reason.OVERLAP_IN_DATA: "two territories overlap in the border data here",
    Reason.LOG_SUSPECT: "records of the log contradict each other",
    Reason.SOURCES_DISAGREE: "the sources of positions in the log contradict each other, and give different answers",
    Reason.DATUM_UNKNOWN: "the positions may be GCJ-02, as Chinese maps use, and read as that the answer differs",
    Reason.EDGE_MODEL_AMBIGUOUS: "the zone's source leaves open what its long edges follow, and the answer differs "
    "between straight in degrees and geodesic",
    Reason.INVALID_GEOMETRY_REPAIRED: "the zone's outline crosses itself or its parts overlap, and the answer rests "
    "on the part in doubt",
    Reason.NO_POSITION: "the log has no position of the aircraft",
    Reason.TOO_FEW_FIXES: "one fix is no flight",
    Reason.HEIGHT_UNKNOWN: "the log has no height of the kind that the limit needs, or not for all of this time",
    Reason.VERTICAL_FRAME_UNKNOWN: _surface(
        "the limit's datum is unknown, or needs the air pressure of the day (--qnh HPA gives it), or the log's own "
        "heights contradict each other",
        "the limit's datum is unknown, or needs the air pressure of the day, or the log's own heights contradict each "
        "other",
    ),
    Reason.NO_TERRAIN: "the limit is above ground, and the ground's height is unknown",
    Reason.VERTICAL_MARGIN_WITHIN_ERROR: "the height's error is larger than the margin",
    Reason.ZONE_UNREADABLE: "a zone, or one of its properties, could not be read",
    Reason.ZONE_TIME_UNKNOWN: "the zone holds at certain times, and whether it was in force then cannot be told",
    Reason.EDITION_UNKNOWN: "which edition of the zones was in force cannot be told, and they differ here",
    Reason.HEADER_ONLY: "the track is encrypted, and only the header of the record could be read",
    Reason.POSITIONS_UNREAD: "a part of the record's positions stays encrypted",
    Reason.NO_EDITION_IN_FORCE: "a source of the zone library has no edition for the day of the flight",
    **RULE_WHY_OPEN,
}

REMEDIES: dict[Remedy, Template] = {
    Remedy.BETTER_FIXES: "a log with better accuracy (RTK) would help",
    Remedy.MORE_FIXES: "a log with more fixes would settle it",
    Remedy.BETTER_OUTLINE: "more exact data of the border or zone would settle it",
    Remedy.AIRCRAFTS_OWN_LOG: "the aircraft's own log may have no gap",
    Remedy.ORIGINAL_POSITIONS: "the aircraft's own record (.txt, .DAT) or a photo of the flight with its own position "
    "would settle it",
    Remedy.OTHER_LOG: "check another log of the same flight",
    Remedy.GIVE_HOME: _surface("--home ISO3 gives it", "naming it would settle it"),
    Remedy.ALLOW_TERRITORY: _surface("--allow ISO3 permits it", "it can be allowed by name"),
    Remedy.SEE_NOTES: "see the notes",
    Remedy.LEGAL_TEXT: "the zone's legal text would settle it",
    Remedy.CORRECTED_ZONES: "a corrected zone file would settle it",
    Remedy.GIVE_PRESSURE: _surface("", "the day's air pressure at sea level may settle it"),
    Remedy.GIVE_TERRAIN: _surface(
        "--dem PATH or --relief M gives it", "terrain heights, or how uneven the ground is, would settle it"
    ),
    Remedy.BETTER_HEIGHTS: "a log with better heights would settle it",
    Remedy.GIVE_START_TIME: _surface(
        "--start-time gives the UTC of the first fix", "the UTC of the first fix would settle it"
    ),
    Remedy.GIVE_UTC_OFFSET: _surface("--utc-offset H gives UTC", "its distance from UTC in hours would give UTC"),
    Remedy.BETTER_CLOCK_OR_NOTICE: "UTC in the log, a better clock or the notice with its times would settle it",
    Remedy.DATE_EDITIONS: _surface(
        "the log's UTC (--start-time) or the editions' dates (zones add --valid-from) would settle it",
        "the log's UTC or the editions' dates would settle it",
    ),
    Remedy.ADD_EDITION: _surface(
        "the one of that day would settle it (dronecheck zones add)", "the one of that day would settle it"
    ),
    Remedy.REPLACE_EDITION: _surface(
        "add its file again (dronecheck zones add FILE --name NAME) or remove it (zones remove NAME --edition SHA256)",
        "add its file again, or remove it",
    ),
    Remedy.ADD_ZONES: _surface("--zones FILE adds one", "add a zone file"),
    Remedy.GIVE_HEIGHT_LIMIT: _surface("--max-height M or --max-agl M gives one", "give a height limit"),
    Remedy.SEE_STRUCTURES: "what stands there would settle it",
    Remedy.LAW_OF_DAY: "the law's own text, or what the authority publishes, would settle it",
    Remedy.GIVE_WEIGHT: _surface("--weight gives it", "the weight at take-off would settle it"),
    Remedy.GIVE_CLASS: _surface("--class gives it", "the class of the aircraft would settle it"),
    Remedy.NAME_OTHER_RULES: _surface("dronecheck rules list names others", "other rules hold there"),
    Remedy.DECRYPT: _surface(
        "its keys (dji-keys, --dji-keychain), or an export of it as CSV (PhantomHelp, Airdata), would settle it",
        "its keys, or an export of it as CSV (PhantomHelp, Airdata), would settle it",
    ),
    Remedy.NOTHING: "no position is taken",
}
