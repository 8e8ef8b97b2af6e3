"""What a plan for the rest is worth: demands met, need earned, and visits kept."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from patrolplan.planning.keeping import Keeping, PlannedVisit
from patrolplan.planning.posed import Column, Posed
from patrolplan.planning.problem import PatrolDecision, Plan
from patrolplan.planning.underway import Continuation

__all__ = ["Yardstick"]


class Yardstick:
    """Measures plans for the rest of a problem, by the duty clock.

    Parameters
    ----------
    continuation
        The rest of the problem.
    planned
        The visits that were to come.
    keeping
        The same with the visits that are worth keeping: plans are in its words.
    worth
        What keeping one is worth, in the unit of need.
    """

    def __init__(
        self,
        continuation: Continuation,
        keeping: Keeping,
        planned: Collection[PlannedVisit],
        worth: float,
    ) -> None:
        self._continuation, self._keeping = continuation, keeping
        self._posed = Posed(keeping.problem)
        teams = keeping.problem.teams
        self._numbers = {team.id: number for number, team in enumerate(teams)}
        self._needs = {site.id: site.need or 0.0 for site in continuation.problem.sites}
        self._planned = frozenset(planned)
        self._weighed = frozenset(keeping.copies.values())
        self._worth = worth

    def _name(self, place: int) -> str:
        """Return the id of the site at a place, be it a copy's."""
        name = self._keeping.problem.place_ids[place]
        copies = self._keeping.copies
        return copies[name].site_id if name in copies else name

    def name_rest(self, rest: Plan, from_day: int) -> Plan:
        """Return what was to come in the words of the continuation.

        Parameters
        ----------
        rest
            Patrols under way with the sites left to visit, and those to leave yet.
        from_day
            The day from which the rest is.
        """
        starts = {team: start for start, team in self._continuation.teams.items()}
        decisions = []
        for patrol in rest.patrols:
            if patrol.team_id not in starts or patrol.depart_day >= from_day:
                decisions.append(patrol)
                continue
            home = f"home:{patrol.team_id}"
            decisions += [
                PatrolDecision(start, day, (*patrol.site_ids, home))
                for start in (starts[patrol.team_id],)
                for day in self._find_leaving_days(start, home, from_day, shortly=True)
            ][:1]
        return Plan(tuple(sorted(decisions, key=lambda p: (p.depart_day, p.team_id))))

    def _find_leaving_days(
        self, start: str, home: str, from_day: int, *, shortly: bool = False
    ) -> list[int]:
        """Return the days on which a patrol under way can go straight home.

        ``shortly`` counts those too on which it would be there before its least days.
        """
        return [
            day
            for day in range(from_day, self._continuation.problem.horizon_days)
            if self._run(PatrolDecision(start, day, (home,)), shortly=shortly)
            is not None
        ]

    def drop_stray(self, plan: Plan) -> Plan:
        """Return a plan without patrols under way that do not come home in time.

        Parameters
        ----------
        plan
            What was decided.
        """
        homecomings = self._continuation.homecomings
        return Plan(
            tuple(
                patrol
                for patrol in plan.patrols
                if patrol.team_id not in self._continuation.teams
                or not homecomings.keys().isdisjoint(patrol.site_ids)
            )
        )

    def wait_at_home(self, plan: Plan) -> Plan:
        """Return a plan in which no patrol leaves early to wait for a visit's day.

        Parameters
        ----------
        plan
            In words of the keeping.
        """
        patrols = []
        for patrol in plan.patrols:
            columns = [
                column
                for day in range(patrol.depart_day, self._keeping.problem.horizon_days)
                if (column := self._run(replace(patrol, depart_day=day))) is not None
            ]
            if self._keeping.copies.keys().isdisjoint(patrol.site_ids):
                columns = columns[:1]
            home = columns[0].return_day
            shortest = min(
                (column for column in columns if column.return_day <= home),
                key=lambda column: (column.duty_min, column.depart_day),
            )
            patrols.append(replace(patrol, depart_day=shortest.depart_day))
        return Plan(tuple(sorted(patrols, key=lambda p: (p.depart_day, p.team_id))))

    def bring_home(self, plan: Plan, from_day: int) -> Plan:
        """Return a plan that brings each patrol under way home, straight if need be.

        Parameters
        ----------
        plan
            In words of the keeping.
        from_day
            The day from which the rest is.
        """
        out = {patrol.team_id for patrol in plan.patrols}
        homeward = [
            PatrolDecision(start, day, (f"home:{team}",))
            for start, team in self._continuation.teams.items()
            if start not in out
            for day in self._find_leaving_days(start, f"home:{team}", from_day)[:1]
        ]
        patrols = (*plan.patrols, *homeward)
        return Plan(tuple(sorted(patrols, key=lambda p: (p.depart_day, p.team_id))))

    def take_possible(self, plan: Plan) -> Plan:
        """Return what still keeps all rules of a plan that did so before.

        Parameters
        ----------
        plan
            In words of the keeping.
        """
        posed = self._posed
        taken: list[tuple[PatrolDecision, Column]] = []
        for patrol in plan.patrols:
            number = self._numbers.get(patrol.team_id)
            column = None if number is None else self._run(patrol)
            if number is None or column is None:
                continue
            reached = set(posed.reached[posed.kinds[number]])
            pause = 1 + posed.crews[number].rest_days
            rested = all(
                column.depart_day >= before.return_day + pause
                or before.depart_day >= column.return_day + pause
                for other, before in taken
                if other.team_id == patrol.team_id
            )
            columns = [before for _, before in taken]
            if (
                rested
                and reached.issuperset(column.places)
                and not posed.list_conflicts([*columns, column])
            ):
                taken.append((patrol, column))
        return Plan(tuple(patrol for patrol, _ in taken))

    def _run(self, patrol: PatrolDecision, *, shortly: bool = False) -> Column | None:
        index = self._keeping.problem.place_index
        places = tuple(index[site] for site in patrol.site_ids if site in index)
        if len(places) < len(patrol.site_ids) or not places:
            return None
        kind = self._posed.kinds[self._numbers[patrol.team_id]]
        return self._posed.run(kind, patrol.depart_day, places, shortly=shortly)

    def _list_columns(self, plan: Plan) -> list[tuple[PatrolDecision, Column]]:
        found = [(patrol, self._run(patrol)) for patrol in plan.patrols]
        return [(patrol, column) for patrol, column in found if column is not None]

    def measure(self, plan: Plan) -> tuple[int, float]:
        """Return how many demands a plan meets, and its need and worth kept.

        Parameters
        ----------
        plan
            In words of the keeping.
        """
        places = [p for _, column in self._list_columns(plan) for p in column.places]
        kept = len(self._weighed.intersection(self.find_kept(plan)))
        return (
            self._posed.count_met(places),
            self.measure_need(plan) + self._worth * kept,
        )

    def measure_need(self, plan: Plan) -> float:
        """Return the need that a plan earns.

        Parameters
        ----------
        plan
            In words of the keeping.
        """
        columns = [column for _, column in self._list_columns(plan)]
        visited = {self._name(p) for column in columns for p in column.places}
        driven = {n for column in columns for n in self._posed.list_waysides(column)}
        waysides = [self._continuation.problem.waysides[n] for n in sorted(driven)]
        return sum(
            self._needs[self._name(place)]
            for column in columns
            for place in column.places
        ) + sum(w.need for w in waysides if w.site_id not in visited)

    def find_kept(self, plan: Plan) -> frozenset[PlannedVisit]:
        """Return the visits of the rest that a plan makes as they were planned.

        Parameters
        ----------
        plan
            In words of the keeping.
        """
        teams = self._continuation.teams
        made = {
            PlannedVisit(
                self._name(place), teams.get(patrol.team_id, patrol.team_id), day
            )
            for patrol, column in self._list_columns(plan)
            for place, (_, day) in zip(
                column.places, self._posed.list_arrivals(column), strict=True
            )
        }
        return frozenset(made & self._planned)
