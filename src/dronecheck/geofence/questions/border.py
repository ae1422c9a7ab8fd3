"""The border question: which territories did the path touch, and was each one home, allowed, or neither?"""

from __future__ import annotations

from dataclasses import replace

from dronecheck.borders.territories import Territory, is_known, known_codes
from dronecheck.errors import NO_SUCH_TERRITORY, UsageError
from dronecheck.geofence.clauses import Clause, ClauseCode
from dronecheck.geofence.questions.answer import Answer, CheckContext
from dronecheck.geofence.questions.nearby_territories import NearbyTerritories, nearest_beyond
from dronecheck.geofence.questions.territory_relation import (
    PERMITTED,
    territory_reference,
    territory_relation,
    territory_visit,
)
from dronecheck.geofence.result import Check, Nearest, Reason, Status, Topic, Verdict
from dronecheck.geofence.settings import Settings
from dronecheck.geofence.trajectory.takeoff import Beginning, Takeoff, beginning, ends_airborne
from dronecheck.geofence.trajectory.trajectory import Trajectory

__all__ = ["BorderQuestion", "check_codes"]

_EXAMPLES = ("CHN", "KOR", "DEU")


class BorderQuestion:
    """Which territories did the path touch, and was each one home, allowed, or neither?"""

    def ask(self, context: CheckContext) -> Answer:
        """Answer the border question; a log that breaks off in flight is judged for what it records.

        Raises UsageError.
        """
        trajectory, settings, takeoff = context.trajectory, context.settings, context.takeoff
        check_codes(settings)
        if not len(trajectory):
            said = (Clause(ClauseCode.NO_POSITION),)
            check = Check(Topic.BORDER, Status.CHECKED, Verdict.INCONCLUSIVE, (Reason.NO_POSITION,), said)
            return Answer(check, home=settings.home)
        airborne = ends_airborne(context.flight, trajectory)
        land = NearbyTerritories(trajectory, settings.thresholds.border_search_m + min(trajectory.reach_m, 50_000.0))
        only, uniform = land.only
        if uniform and (
            only is None or settings.home is None or territory_relation(only, settings.home, settings) in PERMITTED
        ):
            visited = [only] if only else []
            answer = _with_far(_far_from_borders(trajectory, only, takeoff, settings), context, visited)
            answer = _with_beginning(answer, context, visited)
            return _with_end(answer, None) if airborne else answer
        # PROJ and GEOS, only where a border is in reach
        from dronecheck.geofence.questions.border_visits import BorderJudge

        judge = BorderJudge(trajectory, land, takeoff, settings)
        answer = _with_beginning(_with_far(judge.answer(), context, judge.visited), context, judge.visited)
        return _with_end(answer, judge.end_distance_m()) if airborne else answer


def _with_far(answer: Answer, context: CheckContext, visited: list[Territory]) -> Answer:
    """Return the answer with the nearest other territory and its distance, where none is in reach."""
    if answer.nearest or answer.findings:
        return answer
    trajectory, settings, check = context.trajectory, context.settings, answer.check

    def is_other(territory: Territory) -> bool:
        return territory not in visited and (answer.home is None or territory.iso_a3 != answer.home)

    near, looked_m = nearest_beyond(trajectory, settings.thresholds.far_search_m, is_other)
    if near is not None:
        place, time_ns = trajectory.place_at(near.point), trajectory.track.time_at(near.point)
        zone = territory_reference(near.territory, settings)
        return replace(answer, nearest=(Nearest(zone, near.distance_m, time_ns, place),))
    if not looked_m:
        return answer
    clauses = tuple(clause for clause in check.clauses if clause.code is not ClauseCode.NO_BORDER_WITHIN)
    none = Clause.of(ClauseCode.NO_TERRITORY_WITHIN, distance_m=looked_m)
    return replace(answer, check=replace(check, clauses=(*clauses, none)))


def _with_beginning(answer: Answer, context: CheckContext, visited: list[Territory]) -> Answer:
    """Return the answer in view of where a take-off that is not recorded may have been."""
    if context.settings.home or answer.home or context.takeoff or not visited:
        return answer
    if beginning(context.flight, context.trajectory) is Beginning.ON_GROUND:
        return answer
    # PROJ and GEOS, only where no take-off is recorded
    from dronecheck.geofence.questions.unrecorded_takeoff import may_have_crossed

    said = may_have_crossed(context.flight, context.trajectory, visited, context.settings)
    if said is None:
        return answer
    check = answer.check
    verdict, reasons = check.verdict, check.reasons
    if verdict is Verdict.CLEAR:
        verdict, reasons = Verdict.INCONCLUSIVE, (Reason.HOME_UNKNOWN,)
    clauses = tuple(clause for clause in check.clauses if clause.code is not ClauseCode.HOME_DOES_NOT_MATTER)
    return replace(answer, check=replace(check, verdict=verdict, reasons=reasons, clauses=(*clauses, *said)))


def _with_end(answer: Answer, distance_m: float | None) -> Answer:
    """Return the answer with how far the nearest border was at the last fix (m); None: far from any."""
    end = Clause.of(ClauseCode.ENDS_AIRBORNE, distance_m=distance_m)
    return replace(answer, check=replace(answer.check, clauses=(*answer.check.clauses, end)))


def check_codes(settings: Settings) -> None:
    """Raise UsageError for a territory code that there is not."""
    unknown = {*settings.allow, *([settings.home] if settings.home else [])}
    unknown = {code for code in unknown if not is_known(code)} if unknown else unknown
    if unknown:
        one = min(unknown)
        near = [code for code in known_codes() if len(one) == 2 and code.startswith(one)]
        codes, examples = ", ".join(sorted(unknown)), ", ".join(near[:8] or _EXAMPLES)
        raise UsageError(NO_SUCH_TERRITORY.format(codes=codes, examples=examples))


def _far_from_borders(
    trajectory: Trajectory, only: Territory | None, takeoff: Takeoff | None, settings: Settings
) -> Answer:
    """Answer for windows that lie wholly in one territory, or wholly at open sea: no outline to test."""
    home = settings.home or (only.iso_a3 if takeoff and only else None)
    territory = only.name(settings.language) if only else None
    where = (
        Clause.of(ClauseCode.ALL_IN_ONE_TERRITORY, territory=territory)
        if only
        else Clause(ClauseCode.OUTSIDE_ANY_TERRITORY)
    )
    said = (where, Clause.of(ClauseCode.NO_BORDER_WITHIN, distance_m=settings.thresholds.border_search_m))
    suspect = trajectory.doubt_m > settings.thresholds.border_search_m
    check = Check(
        Topic.BORDER,
        Status.CHECKED,
        Verdict.INCONCLUSIVE if suspect else Verdict.CLEAR,
        (Reason.LOG_SUSPECT if suspect else Reason.NO_BORDER_IN_REACH,),
        said,
    )
    territories = (territory_visit(only, None, None, settings),) if only else ()
    return Answer(check, territories=territories, home=home, touched=(only,) if only else ())
