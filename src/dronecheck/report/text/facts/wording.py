"""What a sentence becomes where only facts are told: the template as reports have it, and one that judges nothing.

`Words` looks here before it translates, so that terminal, page, document and plots need no second set of sentences.
What has to be told in another order than a verdict is in `headline`, beside this.
"""

from __future__ import annotations

__all__ = ["FACTS_WORDS"]

_ANSWER_WORDS = {  # of a question in a table: what was done, and not what came of it
    "ENTERED": "Compared",
    "DID NOT ENTER": "Compared",
    "CANNOT TELL": "Cannot be told",
    "ENTERED (partly)": "Compared in part",
    "DID NOT ENTER (partly)": "Compared in part",
    "CANNOT TELL (partly)": "Cannot be told; compared in part",
    "ABOVE THE LIMIT": "Compared",
    "BELOW THE LIMIT": "Compared",
    "CANNOT TELL whether it rose above the limit": "Cannot be told",
    "ABOVE THE LIMIT (partly)": "Compared in part",
    "BELOW THE LIMIT (partly)": "Compared in part",
    "CANNOT TELL whether it rose above the limit (partly)": "Cannot be told; compared in part",
    "BEYOND A LIMIT": "Compared",
    "WITHIN THE LIMITS that a log can show": "Compared",
    "CANNOT TELL whether it was beyond a limit": "Cannot be told",
    "BEYOND A LIMIT (partly)": "Compared in part",
    "WITHIN THE LIMITS that a log can show (partly)": "Compared in part",
    "CANNOT TELL whether it was beyond a limit (partly)": "Cannot be told; compared in part",
    "NOT CHECKED": "Not checked",
    "CHECKED IN PART": "Compared in part",
    "WITHIN IT": "Compared",
    "BEYOND IT": "Compared",
    "BEYOND IT (partly checked)": "Compared in part",
    "FLOWN IN THE DARK": "Compared",
    "NOT IN THE DARK": "Compared",
    "FLOWN IN THE DARK (partly checked)": "Compared in part",
    "LEFT": "Compared",
    "NOT LEFT": "Compared",
    "LEFT (partly checked)": "Compared in part",
    "NOT CHECKABLE": "Not checkable",
    "PARTLY CHECKED": "Compared in part",
}
_HEADLINE_WORDS = {
    "SIMULATED FLIGHT: {text}": "A simulated flight, as the record says: {text}",
    "LOOKS SIMULATED: {text}": "The record looks like one of a simulator: {text}",
    "CANNOT TELL, for its track is encrypted: {bounds}": (
        "Where it was cannot be told from this record, for its track is encrypted: {bounds}"
    ),
    "Border: CANNOT TELL ({why}).": "Border: cannot be told from this record ({why}).",
    "Airspace: CANNOT TELL ({why}).": "Airspace: cannot be told from this record ({why}).",
    "Height: CANNOT TELL ({why}).": "Height: cannot be told from this record ({why}).",
    "Rules named: CANNOT TELL ({why}).": "Rules named: cannot be told from this record ({why}).",
    "Airspace: NOT CHECKED ({why}).": "Airspace: not checked ({why}).",
    "Airspace: NOT CHECKED (no zone file covers this place).": (
        "Airspace: not checked (no zone file covers this place)."
    ),
    "Airspace: NOT CHECKED (no zone file given).": "Airspace: not checked (no zone file given).",
    "No zone of the files given was entered.": "No position inside a zone of the files given.",
    "No other zone of the files given was entered.": "No position inside another zone of the files given.",
    "No zone of the files given was entered while it was in force.": (
        "No position inside a zone of the files given while it was in force."
    ),
    "No other zone of the files given was entered while it was in force.": (
        "No position inside another zone of the files given while it was in force."
    ),
    "No zone of {files} was entered.": "No position inside a zone of {files}.",
    "No other zone of {files} was entered.": "No position inside another zone of {files}.",
    "No zone of {files} was entered while it was in force.": (
        "No position inside a zone of {files} while it was in force."
    ),
    "No other zone of {files} was entered while it was in force.": (
        "No position inside another zone of {files} while it was in force."
    ),
    "Integrity: CONSISTENT ({run} of {total} tests could run)": (
        "Integrity: {run} of {total} tests could run; no unusual statement"
    ),
    "Integrity: ANOMALIES ({count})": "Integrity: unusual statements: {count}",
    "Integrity: CANNOT ASSESS": "Integrity: no test could run",
    "NOT CHECKABLE: {why}.": "Not checkable: {why}.",
    "NOT CHECKABLE by any log: {rules}.": "Not checkable by any log: {rules}.",
}
_FINDING_WORDS = {
    "in   {when}": "from {when}",
    "in   at a jump of the positions, faster than anything flies": (
        "from at a jump of the positions, faster than anything flies"
    ),
    "in   left out": "from left out",
    "out  {when}": "to   {when}",
    "out  at a jump of the positions, faster than anything flies": (
        "to   at a jump of the positions, faster than anything flies"
    ),
    "out  left out": "to   left out",
    "{depth_m} inside at the deepest, for {duration_s}, {path_m} of path": (
        "at the deepest {depth_m} inside, for {duration_s}, {path_m} of path"
    ),
    "{depth_m} inside at the deepest, {path_m} of path": "at the deepest {depth_m} inside, {path_m} of path",
    "{depth_m} inside {alternative!t}": "inside by {depth_m} {alternative!t}",
    "Open because {why}.": "It cannot be told because {why}.",
    "Open because {why}": "It cannot be told because {why}",
    "entered only if fixes and outline together are wrong by more than {distance_m}": (
        "inside only if fixes and outline together are wrong by more than {distance_m}"
    ),
    "not entered only if fixes and outline together are wrong by more than {distance_m}": (
        "outside only if fixes and outline together are wrong by more than {distance_m}"
    ),
    "it could have entered only above {speed_mps:.1f} m/s": "it could have been inside only above {speed_mps:.1f} m/s",
    "{height_m:.1f} m above take-off, limit {limit_m:g} m (height above take-off, not above ground)": (
        "{height_m:.1f} m above take-off, compared with {limit_m:g} m (height above take-off, not above ground)"
    ),
    "{height_m:.1f} m above ground, limit {limit_m:g} m": "{height_m:.1f} m above ground, compared with {limit_m:g} m",
    "{distance_m} from the limit in height; the standard error of the height is {known_sigma_m}, and one below "
    "{sigma_m} would settle it": (
        "{distance_m} from that in height; the standard error of the height is {known_sigma_m}, and one below "
        "{sigma_m} would settle it"
    ),
    "clear if the ground is nowhere more than {level_m} above take-off": (
        "not reached if the ground is nowhere more than {level_m} above take-off"
    ),
    "clear if the ground is nowhere more than {level_m} below take-off": (
        "not reached if the ground is nowhere more than {level_m} below take-off"
    ),
    "clear if the ground is nowhere less than {level_m} above take-off": (
        "not reached if the ground is nowhere less than {level_m} above take-off"
    ),
    "clear if the ground is nowhere less than {level_m} below take-off": (
        "not reached if the ground is nowhere less than {level_m} below take-off"
    ),
    "clear if the take-off lay above {ceiling_m:d} m above {ceiling_datum!t}": (
        "not reached if the take-off lay above {ceiling_m:d} m above {ceiling_datum!t}"
    ),
    "clear if the take-off lay below {floor_m:d} m above {floor_datum!t}": (
        "not reached if the take-off lay below {floor_m:d} m above {floor_datum!t}"
    ),
    "clear if the take-off lay below {floor_m:d} m above {floor_datum!t} or above {ceiling_m:d} m above "
    "{ceiling_datum!t}": (
        "not reached if the take-off lay below {floor_m:d} m above {floor_datum!t} or above {ceiling_m:d} m above "
        "{ceiling_datum!t}"
    ),
    "entered if the ground is nowhere more than {level_m:.0f} m below take-off: --relief {level_m:.0f} says so": (
        "inside if the ground is nowhere more than {level_m:.0f} m below take-off: --relief {level_m:.0f} says so"
    ),
    "entered if the ground is nowhere more than {level_m:.0f} m below take-off": (
        "inside if the ground is nowhere more than {level_m:.0f} m below take-off"
    ),
    "clear if the clock was more than {shift_s} slow (its time is known to {known_s})": (
        "not in force then if the clock was more than {shift_s} slow (its time is known to {known_s})"
    ),
    "clear if the clock was more than {shift_s} fast (its time is known to {known_s})": (
        "not in force then if the clock was more than {shift_s} fast (its time is known to {known_s})"
    ),
    "clear if the clock was more than {shift_s} slow (its time and the sun's together are known to {known_s})": (
        "not in force then if the clock was more than {shift_s} slow (its time and the sun's together are known to "
        "{known_s})"
    ),
    "clear if the clock was more than {shift_s} fast (its time and the sun's together are known to {known_s})": (
        "not in force then if the clock was more than {shift_s} fast (its time and the sun's together are known to "
        "{known_s})"
    ),
    "the zone was in force in the gap in which it entered or left": (
        "the zone was in force in the gap in which its outline was passed"
    ),
    "if it took off in {territory}, where the record begins, it crossed into {into}": (
        "if it took off in {territory}, where the record begins, later positions are in {into}"
    ),
    "if it took off in {territory}, where the record begins, it crossed into {into}: --home {home}": (
        "if it took off in {territory}, where the record begins, later positions are in {into}: --home {home}"
    ),
    "if it took off in {territory} it crossed into {into}": (
        "if it took off in {territory}, later positions are in {into}"
    ),
    "if it took off in {territory} it crossed into {into}: --home {home}": (
        "if it took off in {territory}, later positions are in {into}: --home {home}"
    ),
    "if it took off in {territory} ({distance_m} away) it crossed into {into}": (
        "if it took off in {territory} ({distance_m} away), later positions are in {into}"
    ),
    "if it took off in {territory} ({distance_m} away) it crossed into {into}: --home {home}": (
        "if it took off in {territory} ({distance_m} away), later positions are in {into}: --home {home}"
    ),
    "if it took off in {territory} it crossed nothing": (
        "if it took off in {territory}, all positions are in that territory"
    ),
    "if it took off in {territory} it crossed nothing: --home {home}": (
        "if it took off in {territory}, all positions are in that territory: --home {home}"
    ),
    "checked over {known} only; {unknown}, where it may have been, NOT CHECKED": (
        "checked over {known} only; {unknown}, where it may have been, not checked"
    ),
    "checked over {known} only ({share_percent} % of the fixes); {unknown} NOT CHECKED": (
        "checked over {known} only ({share_percent} % of the fixes); {unknown} not checked"
    ),
    "its header does not bound how high it flew, limit {limit_m:g} m": (
        "its header does not bound how high it flew; to compare with: {limit_m:g} m"
    ),
    "by its own header below {below_m:.0f} m above take-off, limit {limit_m:g} m": (
        "by its own header below {below_m:.0f} m above take-off, compared with {limit_m:g} m"
    ),
    "by its own header below {below_m:.0f} m above take-off, limit {limit_m:g} m above ground": (
        "by its own header below {below_m:.0f} m above take-off, compared with {limit_m:g} m above ground"
    ),
    "highest {height_m:.0f} m above take-off, limit {limit_m:g} m": (
        "highest {height_m:.0f} m above take-off, compared with {limit_m:g} m"
    ),
    "highest {height_m:.0f} m above ground, limit {limit_m:g} m": (
        "highest {height_m:.0f} m above ground, compared with {limit_m:g} m"
    ),
    "highest {height_m:.0f} m above take-off, limit {limit_m:g} m where it is known": (
        "highest {height_m:.0f} m above take-off, compared with {limit_m:g} m where it is known"
    ),
    "highest {height_m:.0f} m above ground, limit {limit_m:g} m where it is known": (
        "highest {height_m:.0f} m above ground, compared with {limit_m:g} m where it is known"
    ),
    "{by_m:.0f} ± {error_m:.0f} m beyond the limit, for {duration_s}": (
        "{by_m:.0f} ± {error_m:.0f} m more than the figure, for {duration_s}"
    ),
    "{by_mps:.1f} ± {error_mps:.1f} m/s beyond the limit, for {duration_s}": (
        "{by_mps:.1f} ± {error_mps:.1f} m/s more than the figure, for {duration_s}"
    ),
    "within the limit if the ground is nowhere more than {level_m} above take-off": (
        "no more than the figure if the ground is nowhere more than {level_m} above take-off"
    ),
    "within the limit if the ground is nowhere more than {level_m} below take-off": (
        "no more than the figure if the ground is nowhere more than {level_m} below take-off"
    ),
    "within the limit if the ground is nowhere less than {level_m} above take-off": (
        "no more than the figure if the ground is nowhere less than {level_m} above take-off"
    ),
    "within the limit if the ground is nowhere less than {level_m} below take-off": (
        "no more than the figure if the ground is nowhere less than {level_m} below take-off"
    ),
    "records of the log contradict each other": "records of the log cannot all be true",
    "the sources of positions in the log contradict each other, and give different answers": (
        "the sources of positions in the log are apart by more than their errors, and their answers differ"
    ),
    "--allow ISO3 permits it": "--allow ISO3 names it",
    "it can be allowed by name": "it can be named",
    "a violation": "positions inside, beyond the errors",
    "an open answer": "what cannot be told",
    "clear": "no position inside, beyond the errors",
}
_PAGE_WORDS = {
    "Answer": "Status",
    "Closest approach to what was not entered": "Closest approach on the line as in the data",
    "North up. The track is simplified for drawing (nowhere by more than {tolerance_m:g} m), never for the verdict. "
    "Zoomed in, circles show where a fix was with 95 % probability.": (
        "North up. The track is simplified for drawing (nowhere by more than {tolerance_m:g} m), never for the "
        "figures. Zoomed in, circles show where a fix was with 95 % probability."
    ),
    "ENTERED, DID NOT ENTER, CANNOT TELL": "Compared, Cannot be told, Not checked",
    "The three answers. The third is given wherever the errors, a gap or missing data could change the answer.": (
        "Facts are stated here, and no judgement of them. That something cannot be told is stated wherever the errors, "
        "a gap or missing data could change what is stated; it does not mean that the aircraft stayed outside."
    ),
    "contradiction": "difference",
    "NOT CHECKED, NOT CHECKABLE": "Not checked, Not checkable",
    "for information, caution, damage, contradiction": "for information, caution, damage, difference",
    "How much a note matters: a fact; something assumed or left out; bytes that are missing or broken; records that "
    "contradict each other as an edit would make them.": (
        "What a note is about: a fact; something assumed or left out; bytes that are missing or broken; records that "
        "cannot all be true."
    ),
    "What was permitted is not in the data: an entry is one unless it was authorised.": (
        "What was permitted is not in the data."
    ),
    "zone not entered, or not in force": "other zone",
    "entry": "begin of a finding",
    "exit": "end of a finding",
    "in {number}": "{number} begins",
    "out {number}": "{number} ends",
    "{number} in {when}": "{number} from {when}",
    "{number} out {when}": "{number} to {when}",
    "in {when}": "from {when}",
    "out {when}": "to {when}",
    "{distance_m} inside {name}": "inside {name} by {distance_m}",
    "inside at the deepest": "at the deepest ... inside",
    "in, out; from, to": "from, to",
    "The instants of entry and exit, interpolated between two fixes; of an approach, when it was within the guard "
    "band.": (
        "The instants at which the outline was passed, interpolated between two fixes; where it cannot be told, when "
        "it was within the guard band."
    ),
    "The probability that the aircraft was inside the outline, or above the limit, at that instant, by these errors "
    "and if the log is genuine.": (
        "The probability that the aircraft was inside the outline, or above the height compared with, at that instant, "
        "by these errors and if the log is genuine."
    ),
    "Distance in the plane to the outline as in the data, negative inside. Inside by more than the band is ENTERED, "
    "outside by more is DID NOT ENTER, anything between CANNOT TELL.": (
        "Distance in the plane to the outline as in the data, negative inside. Within the band, whether it was inside "
        "or outside cannot be told."
    ),
    "limit {limit_m:g} m above take-off": "compared with {limit_m:g} m above take-off",
    "limit {limit_m:g} m above ground": "compared with {limit_m:g} m above ground",
    "Heights with limits": "Heights, and what they were compared with",
}
_FOOTAGE_WORDS = {
    "CANNOT TELL of {count} of {all} ({files}): {why}.": (
        "Whether inside or outside cannot be told of {count} of {all} ({files}): {why}."
    ),
    "DISAGREES about the place": "gives another place",
    "DISAGREES about the time": "gives another time",
    "DISAGREES about the height": "gives another height",
    "DISAGREES about the aircraft": "names another aircraft",
    "its height contradicts the terrain": "its height lies below the terrain",
    "Red: gives away {parts}": "Gives away {parts}",
    "Amber: gives away {parts}": "Gives away {parts}",
    "Green: no field that is known gives anything away": "No field that is known gives anything away",
}

FACTS_WORDS: dict[str, str] = {**_ANSWER_WORDS, **_HEADLINE_WORDS, **_FINDING_WORDS, **_PAGE_WORDS, **_FOOTAGE_WORDS}
