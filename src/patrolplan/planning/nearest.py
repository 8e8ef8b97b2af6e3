"""The nearest feasible question to one that asks the impossible: computed, not guessed.

Each change is tried by asking how many demands can be met with it: see ``demands``.
Single changes come first: one team given days, range and roles; one or more teams
like one there is, at any base that stands; a base that was closed. Then several
changes at once, none of which can be left out or made smaller. At last demands are
given up: as few as must be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, inf
from typing import Any, Literal, NamedTuple

from patrolplan.planfile import Code
from patrolplan.planning.changes import (
    Size,
    change_problem,
    list_stretch,
    measure_changes,
)
from patrolplan.planning.clock import run_patrol
from patrolplan.planning.demands import Coverage, measure_coverage
from patrolplan.planning.inquiry import Inquiry, build_plan
from patrolplan.planning.posed import Column, Posed
from patrolplan.planning.problem import Problem, Team
from patrolplan.planning.reasons import find_reasons
from patrolplan.planning.solver import DEFAULT_WORKERS
from patrolplan.planning.tables import build_tables

__all__ = ["MOST_RANGE_KM", "MOST_TEAM_DAYS", "Nearest", "Trial", "find_nearest"]

MOST_TEAM_DAYS, MOST_RANGE_KM = 60, 10_000.0
"""Most days and kilometres of one patrol that a scenario may give a team."""

# Most trials: a limit of work, not of time. Most teams added alike.
_MOST_TRIALS, _MOST_ADDED = 160, 4
# Ranges are raised by whole steps, and looked at so often at most for one change.
_STEP_KM, _MOST_LENGTHS = 0.1, 12
_METRES_PER_KM = 1000.0
# How near to its bound the plan is that gives up demands, as a share of it.
_WITHIN = 1e-3


class Trial(NamedTuple):
    """A change that was tried.

    Attributes
    ----------
    changes
        What was changed, all at once.
    size
        How large that is.
    verdict
        ``feasible`` if a plan was found with it, ``impossible`` if it is proven that
        there is none, ``not_found`` if neither.
    """

    changes: tuple[Code, ...]
    size: Size
    verdict: Literal["feasible", "impossible", "not_found"]


@dataclass(frozen=True)
class Nearest:
    """What was asked, why it cannot be, and the smallest change with which it can.

    Parameters
    ----------
    reasons
        Why it cannot be: ``demands_unmet`` {demands, most} where that is proven,
        ``demands_not_met`` {demands, met} where it is not; then for each demand that
        the best plan leaves unmet what hinders it: ``site_unmet`` {site_id, reason,
        values}, ``group_unmet`` {site_ids}, ``unknown_unmet`` {found, least}.
    changes
        The smallest change found; empty if what was asked can be done.
    size
        How large it is.
    trials
        All that was tried, in order.
    exhausted
        Whether all there was to try was tried.
    """

    reasons: tuple[Code, ...]
    changes: tuple[Code, ...]
    size: Size
    trials: tuple[Trial, ...]
    exhausted: bool

    @property
    def is_proven(self) -> bool:
        """Whether each smaller change that was tried is proven to be impossible."""
        return self.exhausted and all(
            trial.verdict == "impossible"
            for trial in self.trials
            if trial.size < self.size
        )


def find_nearest(
    problem: Problem, reopened: Mapping[str, Callable[[], Problem]] | None = None
) -> Nearest:
    """Return the smallest change with which all demands of a problem can be met.

    Parameters
    ----------
    problem
        What was asked.
    reopened
        By base that is closed: the problem if it were open.
    """
    return _Ladder(problem, reopened or {}).climb()


class _Ladder:
    """The changes of one problem, tried one after another."""

    def __init__(
        self, problem: Problem, reopened: Mapping[str, Callable[[], Problem]]
    ) -> None:
        self._problem, self._reopened = problem, reopened
        self._trials: list[Trial] = []
        self._best: Trial | None = None
        self._exhausted = True
        demanded = {s.id for s in problem.sites if s.required}
        demanded |= {s for g in problem.groups if g.required for s in g.site_ids}
        if problem.limits.min_unknown_visits:
            demanded |= {s.id for s in problem.sites if s.need is None}
        self._asked = [s for s in problem.sites if s.id in demanded]

    def climb(self) -> Nearest:
        """Try rung after rung until one holds."""
        asked = measure_coverage(self._problem)
        if asked.verdict == "feasible":
            return Nearest((), (), Size(0, 0, 0, 0.0), (), True)
        plan = self._find_best()
        reasons = tuple(self._list_reasons(asked, plan))
        for rung in (
            self._stretch_one,
            self._add_teams,
            self._open_bases,
            self._change_several,
        ):
            rung()
            # No later rung holds anything smaller, but for more teams.
            if self._best is not None and rung != self._stretch_one:
                break
        best = self._best
        if best is None:
            best = self._drop(plan)
        return Nearest(
            reasons, best.changes, best.size, tuple(self._trials), self._exhausted
        )

    # Trials

    def _try(
        self, changes: Sequence[Code], problem: Problem | None = None, size: Any = None
    ) -> Coverage | None:
        """Return how far a changed problem goes, or None if enough was tried."""
        if len(self._trials) >= _MOST_TRIALS:
            self._exhausted = False
            return None
        if problem is None:
            problem = change_problem(self._problem, changes)
        if size is None:
            size = measure_changes(self._problem, changes)
        found = measure_coverage(problem)
        trial = Trial(tuple(changes), size, found.verdict)
        self._trials.append(trial)
        if found.verdict == "feasible" and (
            self._best is None or size < self._best.size
        ):
            self._best = trial
        return found

    def _holds(self, changes: Sequence[Code]) -> bool:
        found = self._try(changes)
        return found is not None and found.verdict == "feasible"

    def _afford(self, people: int, beside: int = 0) -> int:
        """Return how many days so many people may be given and be no larger than best.

        A change as large in person-days may still need fewer kilometres.
        """
        if self._best is None or self._best.size[:2] != (0, 0):
            return MOST_TEAM_DAYS
        return max(0, self._best.size.person_days - beside) // people

    # Rungs

    def _stretch_one(self) -> None:
        """Give one team more days, range, and roles."""
        for team in self._problem.teams:
            for roles in self._list_roles(team):
                most = min(
                    MOST_TEAM_DAYS - team.max_days,
                    self._problem.horizon_days - team.max_days,
                    self._afford(team.people, len(roles) * team.max_days),
                )
                if most < 0:
                    continue
                spare = MOST_RANGE_KM - team.range_km
                if not self._holds(list_stretch(team, most, spare, roles)):
                    continue
                self._shrink(team, most, roles, ())

    def _list_roles(self, team: Team) -> list[tuple[str, ...]]:
        """Return which roles a team may be given: none, any one, or all it lacks."""
        lacking = sorted(
            {role for site in self._asked for role in site.roles} - {*team.roles}
        )
        single = [(role,) for role in lacking]
        return [(), *single, *([tuple(lacking)] if len(lacking) > 1 else [])]

    def _shrink(
        self, team: Team, most: int, roles: Sequence[str], others: Sequence[Code]
    ) -> tuple[Code, ...]:
        """Return the fewest days, and then kilometres, that a team needs more.

        It is known that the most days and the widest range do. More of either takes
        nothing away, so that halving finds the fewest.
        """
        spare = MOST_RANGE_KM - team.range_km
        fewest, enough = 0, most
        while fewest < enough:
            middle = (fewest + enough) // 2
            if self._holds((*others, *list_stretch(team, middle, spare, roles))):
                enough = middle
            else:
                fewest = middle + 1
        changes = list_stretch(team, enough, 0.0, roles)
        if self._holds((*others, *changes)):
            return changes
        return self._shorten(team, enough, roles, others)

    def _shorten(
        self, team: Team, days: int, roles: Sequence[str], others: Sequence[Code]
    ) -> tuple[Code, ...]:
        """Return how many kilometres a team needs more, to one step.

        The longest patrol of a plan found says what is enough; then it is asked whether
        a step less is, until it is not.
        """
        more_km = MOST_RANGE_KM - team.range_km
        for _ in range(_MOST_LENGTHS):
            changes = list_stretch(team, days, more_km, roles)
            changed = change_problem(self._problem, (*others, *changes))
            found = self._try((*others, *changes), changed)
            if found is None or found.verdict != "feasible":
                return list_stretch(team, days, more_km + _STEP_KM, roles)
            longest_km = _measure_longest(changed, found.patrols, team.id)
            # Steps in whole numbers, lest rounding add up.
            steps = ceil((longest_km - team.range_km) / _STEP_KM - 1e-6)
            enough = round(steps * _STEP_KM, 1)
            if enough < more_km - _STEP_KM / 2:
                self._holds((*others, *list_stretch(team, days, enough, roles)))
            more_km = round(min(enough, more_km) - _STEP_KM, 1)
        return list_stretch(team, days, round(more_km + _STEP_KM, 1), roles)

    def _list_kinds(self) -> list[Team]:
        """Return teams of which none is like another, by what adding one takes."""
        kinds: list[Team] = []
        for team in self._problem.teams:
            alike = replace(team, id="", base_id="")
            if all(replace(kind, id="", base_id="") != alike for kind in kinds):
                kinds.append(team)
        return sorted(kinds, key=lambda team: (team.people * team.max_days, team.id))

    def _list_additions(self) -> Iterator[tuple[int, str, Team]]:
        """Yield how many teams to add, at which base, and like which.

        Those that take fewest person-days come first; at a base where there are teams
        before one where there is none.
        """
        homes = {team.base_id for team in self._problem.teams}
        found = [
            (
                count * team.people * team.max_days,
                base.id not in homes,
                base.id != team.base_id,
                base.id,
                team.id,
                count,
                team,
            )
            for team in self._list_kinds()
            for base in self._problem.bases
            for count in range(1, _MOST_ADDED + 1)
            if count == 1 or base.id in homes
        ]
        for entry in sorted(found, key=lambda entry: entry[:6]):
            yield entry[5], entry[3], entry[6]

    def _add_teams(self) -> None:
        """Add teams like one there is, where that takes less than the best so far."""
        # What no number of the ablest teams does at a base no other team does.
        hopeless: set[str] = set()
        for base in self._problem.bases:
            if len(self._trials) < _MOST_TRIALS and not self._can_help(base.id):
                hopeless.add(base.id)
        for count, base_id, team in self._list_additions():
            size = count * team.people * team.max_days
            if self._best is not None and size >= self._best.size.person_days:
                break
            if base_id in hopeless:
                continue
            if self._holds([_add(count, base_id, team)]):
                break

    def _can_help(self, base_id: str) -> bool:
        """Return whether any number of teams at a base could meet all demands."""
        kinds = self._list_kinds()
        ablest = [
            replace(
                kind,
                id=f"ablest-{number}",
                base_id=base_id,
                min_days=1,
                max_days=max(team.max_days for team in kinds),
                rest_days=0,
                range_km=max(team.range_km for team in kinds),
                roles=tuple(sorted({role for team in kinds for role in team.roles})),
                hazard_budget=max(team.hazard_budget for team in kinds),
            )
            for number, kind in enumerate({k.vehicle: k for k in kinds}.values())
        ]
        more = tuple(
            replace(team, id=f"{team.id}-{copy}")
            for team in ablest
            for copy in range(_MOST_ADDED)
        )
        changed = replace(self._problem, teams=(*self._problem.teams, *more))
        return measure_coverage(changed).verdict != "impossible"

    def _open_bases(self) -> None:
        """Open each base that was closed: its teams return, or one like another comes.

        All are tried, and the smallest is taken.
        """
        if self._best is not None:
            return
        here = {team.id for team in self._problem.teams}
        for base_id, build in sorted(self._reopened.items()):
            problem = build()
            returning = [team for team in problem.teams if team.id not in here]
            opening = Code(code="open_base", values={"base_id": base_id})
            if returning:
                size = measure_changes(self._problem, [opening], returning=returning)
                self._try([opening], problem, size)
                continue
            for team in self._list_kinds():
                changes = (opening, _add(1, base_id, team))
                size = measure_changes(self._problem, changes)
                if self._best is not None and size >= self._best.size:
                    break
                self._try(changes, change_problem(problem, changes), size)

    def _change_several(self) -> None:
        """Give all teams all they may have, and more teams; then take away what can be.

        What is left can be neither left out nor made smaller one by one. Another set of
        changes may yet be smaller: that is not proven.
        """
        if self._best is not None:
            return
        teams = self._problem.teams
        grants: dict[str, tuple[Code, ...]] = {}
        for number, base in enumerate(self._problem.bases):
            kind = self._find_kind(base.id)
            if kind is not None:
                grants[f"base {number}"] = (_add(_MOST_ADDED, base.id, kind),)
        for team in teams:
            most = min(MOST_TEAM_DAYS, self._problem.horizon_days) - team.max_days
            roles = self._list_roles(team)[-1]
            spare = MOST_RANGE_KM - team.range_km
            grants[team.id] = list_stretch(team, max(0, most), spare, roles)
        if not self._holds(_join(grants)):
            return
        # The dearest is taken away first.
        for key in sorted(
            grants,
            key=lambda key: (measure_changes(self._problem, grants[key]), key),
            reverse=True,
        ):
            rest = {other: grants[other] for other in grants if other != key}
            if self._holds(_join(rest)):
                grants = rest
        for key in [*grants]:
            others = _join({other: grants[other] for other in grants if other != key})
            team = next((t for t in teams if t.id == key), None)
            if team is not None:
                roles = [
                    c.values["role"] for c in grants[key] if c.code == "add_role"
                ]
                most = sum(
                    c.values["days"] for c in grants[key] if c.code == "add_days"
                )
                for role in [*roles]:
                    fewer = [other for other in roles if other != role]
                    spare = MOST_RANGE_KM - team.range_km
                    if self._holds(
                        (*others, *list_stretch(team, most, spare, fewer))
                    ):
                        roles = fewer
                grants[key] = self._shrink(team, most, roles, others)
                continue
            (change,) = grants[key]
            like = next(t for t in teams if t.id == change.values["team_id"])
            for count in range(1, _MOST_ADDED):
                fewer_teams = _add(count, change.values["base_id"], like)
                if self._holds((*others, fewer_teams)):
                    grants[key] = (fewer_teams,)
                    break

    def _find_kind(self, base_id: str) -> Team | None:
        """Return the team of a base that may stay out longest; None if it has none."""
        own = [team for team in self._problem.teams if team.base_id == base_id]
        return max(own, key=lambda team: (team.max_days, team.range_km), default=None)

    def _drop(self, plan: tuple[Column, ...]) -> Trial:
        """Give up the demands that the best plan leaves unmet."""
        changes = [
            Code(code=_DROPPED[code.code], values=_tell_drop(code))
            for code in self._list_unmet(plan)
        ]
        self._try(changes)
        # Whatever the budget: what the plan leaves unmet is met by none other.
        size = measure_changes(self._problem, changes)
        return Trial(tuple(changes), size, "feasible")

    # Reasons

    def _find_best(self) -> tuple[Column, ...]:
        """Return a plan that meets as many demands as it can, and then most need."""
        posed = Posed(self._problem)
        if not posed.places or not posed.crews:
            return ()
        inquiry = Inquiry(posed, workers=DEFAULT_WORKERS)
        return inquiry.ask(within=_WITHIN).patrols

    def _list_unmet(self, plan: Sequence[Column]) -> Iterator[Code]:
        problem = self._problem
        visited = {problem.place_ids[p] for c in plan for p in c.places}
        for site in problem.sites:
            if site.required and site.id not in visited:
                yield Code(code="site_unmet", values={"site_id": site.id})
        for group in problem.groups:
            if group.required and visited.isdisjoint(group.site_ids):
                values: dict[str, Any] = {"site_ids": list(group.site_ids)}
                yield Code(code="group_unmet", values=values)
        unknown = {site.id for site in problem.sites if site.need is None}
        least = min(
            problem.limits.min_unknown_visits,
            sum(s.need is None and s.held_by is None for s in problem.sites),
        )
        found = len(unknown & visited)
        if found < least:
            values = {"found": found, "least": least}
            yield Code(code="unknown_unmet", values=values)

    def _list_reasons(
        self, asked: Coverage, plan: tuple[Column, ...]
    ) -> Iterator[Code]:
        if asked.verdict == "impossible":
            values = {"demands": asked.demands, "most": asked.met_at_most}
            yield Code(code="demands_unmet", values=values)
        else:
            values = {"demands": asked.demands, "met": asked.met}
            yield Code(code="demands_not_met", values=values)
        decided = build_plan(Posed(self._problem), plan)
        entries = find_reasons(self._problem, decided)
        for unmet in self._list_unmet(plan):
            if unmet.code == "site_unmet":
                entry = entries[unmet.values["site_id"]]
                told = {"reason": entry.reason, "values": entry.reason_values}
                yield unmet.model_copy(update={"values": {**unmet.values, **told}})
            else:
                yield unmet


_DROPPED = {
    "site_unmet": "drop_required",
    "group_unmet": "drop_group",
    "unknown_unmet": "ask_fewer_unknown",
}


def _tell_drop(unmet: Code) -> dict[str, Any]:
    if unmet.code == "unknown_unmet":
        return {"least": unmet.values["found"]}
    return unmet.values


def _join(grants: Mapping[str, Sequence[Code]]) -> tuple[Code, ...]:
    return tuple(code for codes in grants.values() for code in codes)


def _add(count: int, base_id: str, team: Team) -> Code:
    values: dict[str, Any] = {
        "base_id": base_id,
        "vehicle": team.vehicle,
        "team_id": team.id,
    }
    if count == 1:
        return Code(code="add_team", values=values)
    return Code(code="add_teams", values={"teams": count, **values})


def _measure_longest(
    problem: Problem, patrols: Sequence[Column], team_id: str
) -> float:
    """Return the kilometres of the longest patrol of a team's kind; 0 if it has none.

    A patrol of another team that is alike may be among them.
    """
    posed, tables = Posed(problem), build_tables(problem)
    number = next(k for k, team in enumerate(problem.teams) if team.id == team_id)
    kind = posed.kinds[number]
    crew = posed.crews[kind]._replace(range_m=inf)
    lengths = [
        run_patrol(tables, crew, c.depart_day, c.places, c.return_day).length_m
        for c in patrols
        if c.kind == kind
    ]
    return max(lengths, default=0.0) / _METRES_PER_KM


