"""Where a temporary base covers most need, and what it costs, worked out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from patrolplan.convoys import build_supply_rules
from patrolplan.planning.inquiry import Inquiry
from patrolplan.planning.posed import Column, Posed
from patrolplan.planning.problem import Problem, Team
from patrolplan.planning.siting import Siting, choose_places, place_base
from patrolplan.planning.solver import DEFAULT_WORKERS, Solution, solve
from patrolplan.planning.supplies import estimate_supplies
from patrolplan.scenario import Scenario, read_scenario
from patrolplan.study import Question, build_question

__all__ = ["ForwardBase", "ForwardBases", "find_forward_bases"]

# How near to its bound each plan is asked for, as a share of it; and the work allowed.
_WITHIN, _MOST_LABELS = 2e-3, 1_000_000


@dataclass(frozen=True)
class ForwardBase:
    """A place for a temporary base, and its price.

    Parameters
    ----------
    site_id
        Where it stands.
    covered
        Sites that it covers and no standing base does.
    need_covered
        Their need: persons at risk, weighted.
    team_id
        The team that one more is like, that with fewest people and days.
    more_need, at_most
        What the plan found with one such team more, from there, meets beyond the best
        plan without; and what no plan with it exceeds.
    moved_team, moved_need
        The team whose move there, with none more, changes the need met best; and by
        how much, below 0 where every move loses.
    person_days, water_l, rations
        What that one more team takes in all the days that the base stands.
    """

    site_id: str
    covered: tuple[str, ...]
    need_covered: float
    team_id: str
    more_need: float
    at_most: float
    moved_team: str
    moved_need: float
    person_days: int
    water_l: float
    rations: int


@dataclass(frozen=True, eq=False)
class ForwardBases:
    """What was found.

    Parameters
    ----------
    question
        What was asked.
    siting
        The choice, with its bound.
    bases
        The places chosen, priced.
    days, reach_days
        How long a base stands, and how long the patrols are that cover.
    need_met, need_bound
        Of the best plan without any.
    """

    question: Question
    siting: Siting
    bases: tuple[ForwardBase, ...]
    days: int
    reach_days: int
    need_met: float
    need_bound: float


def find_forward_bases(
    scenario: Scenario | Path | str,
    *,
    count: int = 1,
    days: int = 60,
    reach_days: int = 2,
) -> ForwardBases:
    """Return where temporary bases cover most need that no standing one does.

    Parameters
    ----------
    scenario
        A scenario, or the path of its file.
    count
        How many bases, 1 or more.
    days
        Days that each stands: for its price in person-days, water and rations.
    reach_days
        Days of a patrol that covers a site: out and back.

    Raises
    ------
    InputError
        If the scenario or any of its layers has a fault; with all of them.
    """
    if not isinstance(scenario, Scenario):
        scenario = read_scenario(scenario)
    question = build_question(scenario)
    problem = question.problem
    siting = choose_places(problem, count, reach_days)
    solution = solve(problem, seed=scenario.seed, iterations=scenario.iterations)
    bases = tuple(
        _price(question, solution, siting, place, days) for place in siting.places
    )
    return ForwardBases(
        question, siting, bases, days, reach_days, solution.need, solution.bound
    )


def _price(
    question: Question, solution: Solution, siting: Siting, place: str, days: int
) -> ForwardBase:
    problem = question.problem
    like = min(problem.teams, key=lambda t: (t.people * t.max_days, t.id))
    widened, base_id = place_base(problem, place)
    more = replace(like, id=f"forward {place}", base_id=base_id)
    added = replace(widened, teams=(*widened.teams, more))
    need, bound = _ask(problem, added, solution)
    moves = []
    for team in problem.teams:
        moved = replace(
            widened,
            teams=tuple(
                replace(t, base_id=base_id) if t.id == team.id else t
                for t in widened.teams
            ),
        )
        moves.append((_ask(problem, moved, solution)[0] - solution.need, team.id))
    best = max(moves, key=lambda move: (move[0], move[1]))
    needs = {site.id: site.need or 0.0 for site in problem.sites}
    supplies = _estimate_supplies(question.scenario, like, days)
    return ForwardBase(
        site_id=place,
        covered=siting.covered[place],
        need_covered=sum(needs[site] for site in siting.covered[place]),
        team_id=like.id,
        more_need=max(0.0, need - solution.need),
        at_most=max(0.0, bound - solution.need),
        moved_team=best[1],
        moved_need=best[0],
        person_days=like.people * days,
        water_l=supplies[0],
        rations=supplies[1],
    )


def _ask(before: Problem, after: Problem, solution: Solution) -> tuple[float, float]:
    """Return the need of the best plan found of a changed problem, and its bound."""
    posed = Posed(after)
    known = _translate(Posed(before), posed, solution.patrols)
    inquiry = Inquiry(posed, known, workers=DEFAULT_WORKERS)
    answer = inquiry.ask(within=_WITHIN, prove=False, labels=_MOST_LABELS)
    return answer.need, answer.bound


def _translate(before: Posed, after: Posed, patrols: Sequence[Column]) -> list[Column]:
    """Return the patrols known that are still possible: of kinds that did not change.

    Places keep their numbers, as a base more is the last of them.
    """
    kinds = {
        kind: after.crews.index(crew)
        for kind, crew in enumerate(before.crews)
        if before.kinds[kind] == kind and crew in after.crews
    }
    return [c._replace(kind=kinds[c.kind]) for c in patrols if c.kind in kinds]


def _estimate_supplies(scenario: Scenario, team: Team, days: int) -> tuple[float, int]:
    """Return the litres of water and the rations of a team for some days."""
    found = estimate_supplies(
        team.people,
        team.vehicles,
        tuple(scenario.start + timedelta(days=day) for day in range(days)),
        0.0,
        build_supply_rules(scenario),
    )
    return found.water_l, found.rations
