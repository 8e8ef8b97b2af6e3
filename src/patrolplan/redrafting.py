"""Patrols under way in a plan document: what they did stays, and the rest is new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from patrolplan.casualty import put_casualty
from patrolplan.do_no_harm import put_gates
from patrolplan.document import PatrolWriter, build_document
from patrolplan.document_supplies import Driving, find_fill
from patrolplan.driven import list_driven_legs
from patrolplan.memory import put_memory
from patrolplan.news import News
from patrolplan.planfile import (
    Code,
    PatrolEntry,
    PlanFile,
    StopEntry,
    TurnEntry,
    UnservedEntry,
)
from patrolplan.planning.assessment import build_assessment
from patrolplan.planning.evidence import TIME_SLACK, Evidence
from patrolplan.planning.passing_rules import find_passings
from patrolplan.planning.problem import Problem
from patrolplan.planning.reasons import find_reasons
from patrolplan.planning.replanning import Remainder, Replanned
from patrolplan.planning.resumption import (
    build_homeward,
    build_resumption,
    rename_patrol,
)
from patrolplan.planning.schedule import PatrolSchedule, Schedule
from patrolplan.question import PeriodTravel
from patrolplan.standing import Clock, Outside, Standing
from patrolplan.study import Question

__all__ = ["Redraft", "are_alike"]

# Driving minutes are sums of floats.
_SLACK_MIN = 1e-6


def resume_patrol(out: Outside, rest: PatrolEntry) -> PatrolEntry:
    """Return the whole of a patrol under way: what it did, and what it is to do.

    Parameters
    ----------
    out
        The patrol as planned before, and where it stands.
    rest
        What it is to do from there, its halts numbered on, with supplies for the whole.

    Returns
    -------
    The patrol as it was planned before, if nothing of it has changed. Else its first
    stop is of kind ``start``; all others that it reached before are as they were.
    """
    old, reached = out.patrol, out.reached
    number = next(n for n, s in enumerate(rest.stops) if n and s.kind != "halt")
    here = out.stop.model_copy(update={"depart": rest.stops[0].depart})
    turns = [*(old.turns or ())]
    if _is_turned(out, rest, number):
        if here.place_id not in {turn.halt_id for turn in turns}:
            bound_for = out.leg.destination.place_id
            turns.append(TurnEntry(halt_id=here.place_id, bound_for=bound_for))
    elif out.is_on_way and _arrives_alike(out, rest, number):
        # The way that it is on stays as it is, as drawn and measured before.
        reached, here = out.leg.numbers.stop, rest.stops[number]
        rest = rest.model_copy(
            update={"stops": rest.stops[number:], "legs": rest.legs[number:]}
        )
    legs = list(rest.legs)
    if legs:
        legs[0] = legs[0].model_copy(update={"from_": here.place_id})
    resumed = old.model_copy(
        update={
            "return_": rest.return_,
            "stops": [*old.stops[:reached], here, *rest.stops[1:]],
            "legs": [*old.legs[:reached], *legs],
            "supplies": rest.supplies,
            "turns": turns or None,
        }
    )
    if are_alike(resumed, old):
        # An alert may have raised what a visit to come earns.
        return old.model_copy(update={"stops": _earn(old, resumed)})
    start = resumed.stops[0].model_copy(update={"kind": "start"})
    return resumed.model_copy(update={"stops": [start, *resumed.stops[1:]]})


def _earn(patrol: PatrolEntry, other: PatrolEntry) -> list[StopEntry]:
    """Return the stops of a patrol with what those of another earn."""
    return [
        stop.model_copy(update={"need_earned": twin.need_earned})
        for stop, twin in zip(patrol.stops, other.stops, strict=True)
    ]


def stop_patrol(out: Outside) -> PatrolEntry:
    """Return a patrol that has no way home: it ends where it stands.

    Parameters
    ----------
    out
        The patrol.
    """
    old, reached = out.patrol, out.reached
    stops = list(old.stops[: reached + 1])
    stops[-1] = stops[-1].model_copy(update={"depart": None})
    stops[0] = stops[0].model_copy(update={"kind": "start"})
    halts = {stop.place_id for stop in stops[1:-1]}
    turns = [turn for turn in old.turns or () if turn.halt_id in halts]
    return old.model_copy(
        update={
            "return_": old.legs[reached - 1].arrive,
            "stops": stops,
            "legs": old.legs[:reached],
            "turns": turns or None,
        }
    )


def _is_turned(out: Outside, rest: PatrolEntry, number: int) -> bool:
    """Return whether a patrol goes on elsewhere than it was bound for, or otherwise.

    ``number`` is that of the first place which it comes to.
    """
    if not out.driven_min:
        return False
    if rest.stops[number].place_id != out.leg.destination.place_id:
        return True
    minutes = sum(leg.driving_min for leg in rest.legs[:number])
    return abs(minutes - out.left_min) > _SLACK_MIN


def _arrives_alike(out: Outside, rest: PatrolEntry, number: int) -> bool:
    """Return whether a patrol comes where it was bound for when it was to."""
    stops = out.patrol.stops[out.reached : out.leg.numbers.stop + 1]
    if len(stops) != number + 1:
        return False
    planned, found = stops[-1].arrive, rest.stops[number].arrive
    if planned is None or found is None:
        return False
    return abs(planned - found) <= TIME_SLACK


def are_alike(one: PatrolEntry, other: PatrolEntry) -> bool:
    """Return whether two patrols are at the same places at the same times.

    Parameters
    ----------
    one, other
        The patrols.
    """
    if one.turns != other.turns or len(one.stops) != len(other.stops):
        return False
    for stop, twin in zip(one.stops, other.stops, strict=True):
        if (stop.place_id, stop.site_id) != (twin.place_id, twin.site_id):
            return False
        for time, same in ((stop.arrive, twin.arrive), (stop.depart, twin.depart)):
            if (time is None) != (same is None):
                return False
            if time is not None and same is not None and abs(time - same) > TIME_SLACK:
                return False
    return True


class Redraft:
    """The document of a plan planned anew.

    Parameters
    ----------
    before
        The plan as it was.
    question, problem
        The scenario worked up, and its problem with what the news ask.
    whole, travels
        The same with the halts that patrols go on from.
    standing, clock
        How far the plan has come, and the clock.
    """

    def __init__(
        self,
        before: PlanFile,
        question: Question,
        problem: Problem,
        whole: Problem,
        travels: tuple[PeriodTravel, ...],
        standing: Standing,
        clock: Clock,
    ) -> None:
        self._before, self._whole = before, whole
        self._question, self._problem = question, problem
        self._travels, self._standing, self._clock = travels, standing, clock

    def write(self, remainder: Remainder, replanned: Replanned, news: News) -> PlanFile:
        """Return the document, measured: what was done, and what is to do.

        Parameters
        ----------
        remainder, replanned
            What was left to decide, and what was decided.
        news
            With sites by their ids.
        """
        question, standing = self._question, self._standing
        resumed, leaving = build_resumption(self._whole, replanned)
        leaving = self._name_patrols(leaving)
        draft = build_document(
            question.scenario,
            question.layers,
            question.need,
            self._problem,
            question.travels,
            Schedule(leaving),
            inputs=question.inputs,
            seed=question.scenario.seed,
        )
        patrols = [*standing.done, *draft.patrols]
        for out in standing.outside:
            rest = resumed.get(out.patrol.team_id)
            if rest is None:
                rest = build_homeward(self._whole, remainder, out.patrol.team_id)
            patrols.append(
                stop_patrol(out) if rest is None else self._resume(out, rest)
            )
        patrols.sort(key=lambda patrol: (patrol.depart, patrol.id))
        draft = _raise_needs(
            draft.model_copy(update={"patrols": patrols}), self._before, news
        )
        draft = put_memory(_tell_passings(draft), question.memory)
        draft = put_gates(
            put_casualty(draft, question.scenario, question.layers.medical),
            question.scenario,
            question.layers,
            question.need,
        )
        reasons = _find_reasons(self._problem, replanned)
        met = build_assessment(draft, reasons=reasons).need_met
        bound = met + max(0.0, replanned.need_bound - replanned.need)
        assessment = build_assessment(draft, need_bound=bound, reasons=reasons)
        return draft.model_copy(update={"assessment": assessment})

    def _resume(self, out: Outside, rest: PatrolSchedule) -> PatrolEntry:
        question = self._question
        rest = rename_patrol(rest, out.patrol.id, halts=out.count_halts())
        writer = PatrolWriter(
            question.scenario,
            question.need,
            self._whole,
            self._travels,
            question.layers,
            Schedule((rest,)),
        )
        vehicle = next(
            t.vehicle for t in self._whole.teams if t.id == out.patrol.team_id
        )
        driven = list_driven_legs(out, vehicle, self._travels, self._clock)
        entry = writer.write(
            rest,
            spot=(out.stop.lon, out.stop.lat),
            depart_day=self._clock.find_day(out.patrol.depart),
            before=[
                Driving(pieces, self._find_fill(stop))
                for pieces, stop in zip(driven, out.patrol.stops[1:], strict=False)
            ],
        )
        return resume_patrol(out, entry)

    def _find_fill(self, stop: StopEntry) -> date | None:
        """Return the day on which a stop supplied a patrol, None if it did not."""
        if stop.kind != "visit" or stop.arrive is None:
            return None
        return find_fill(
            self._whole, self._question.scenario, stop.site_id, stop.arrive
        )

    def _name_patrols(
        self, leaving: Iterable[PatrolSchedule]
    ) -> tuple[PatrolSchedule, ...]:
        """Return patrols yet to leave, by the ids of those planned or by new ones."""
        planned = {
            (patrol.team_id, self._clock.find_day(patrol.depart)): patrol.id
            for patrol in self._standing.coming
        }
        gone = [out.patrol for out in self._standing.outside]
        taken = {p.id for p in (*self._standing.done, *gone, *self._standing.coming)}
        new_ids = (f"P{n}" for n in range(1, len(taken) + 1000))
        free = (name for name in new_ids if name not in taken)
        named = []
        for patrol in leaving:
            known = planned.pop((patrol.team_id, patrol.depart_day), None)
            named.append(rename_patrol(patrol, known or next(free)))
        return tuple(named)


def _raise_needs(draft: PlanFile, before: PlanFile, news: News) -> PlanFile:
    """Return a document whose sites say that what an alert adds is need of theme B.

    The themes of all others are those of the plan before, as their needs are.
    """
    told = {site.id: site.themes for site in before.sites if site.need is not None}
    raised = {site for site, need in news.alerts if need is not None}
    sites = []
    for site in draft.sites:
        if site.id in told:
            site = site.model_copy(update={"themes": told[site.id]})
        if site.id in raised and site.need is not None:
            others = sum(need for theme, need in site.themes.items() if theme != "B")
            themes = {**site.themes, "B": max(0.0, site.need - others)}
            site = site.model_copy(update={"themes": themes})
        sites.append(site)
    return draft.model_copy(update={"sites": sites})


def _tell_passings(draft: PlanFile) -> PlanFile:
    """Return a document whose legs say what they earn on the way, each once."""
    if not draft.waysides:
        return draft
    passings = find_passings(Evidence(draft))
    patrols = []
    for place, patrol in enumerate(draft.patrols):
        legs = []
        for number, leg in enumerate(patrol.legs):
            found = passings.get((place, number), ())
            told = {
                "passed": [wayside.site_id for wayside in found if wayside.site_id],
                "need_earned": sum((wayside.need for wayside in found), 0.0),
            }
            legs.append(leg.model_copy(update=told))
        patrols.append(patrol.model_copy(update={"legs": legs}))
    return draft.model_copy(update={"patrols": patrols})


def _find_reasons(problem: Problem, replanned: Replanned) -> dict[str, UnservedEntry]:
    """Return why sites are left out of the rest, with teams and bases by their ids."""
    continuation = replanned.continuation
    bases = {team.id: team.base_id for team in problem.teams}
    vehicles = {team.id: team.vehicle for team in problem.teams}

    def name(key: str, value: Any) -> Any:
        prefix, _, team = str(value).partition(":")
        if prefix not in ("start", "home", "rest") or team not in bases:
            return value
        if key == "vehicle":
            return vehicles[team]
        return bases[team] if key == "base_id" or prefix == "home" else team

    def name_all(values: Mapping[str, Any]) -> dict[str, Any]:
        return {
            key: [name(key, one) for one in value]
            if isinstance(value, list | tuple)
            else name(key, value)
            for key, value in values.items()
        }

    found = find_reasons(
        continuation.problem, replanned.keeping.name_sites(replanned.plan)
    )
    entries = {}
    for site_id, entry in found.items():
        if site_id in continuation.homecomings:
            continue
        change = entry.nearest_change
        if change is not None:
            change = Code(code=change.code, values=name_all(change.values))
        entries[site_id] = entry.model_copy(
            update={
                "reason_values": name_all(entry.reason_values),
                "nearest_change": change,
            }
        )
    return entries
