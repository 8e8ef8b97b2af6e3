"""What a re-plan changes, as codes: kept, moved, left out, added, and why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from patrolplan.planfile import Code, PatrolEntry, PlanFile
from patrolplan.redrafting import are_alike
from patrolplan.replanning import Revision
from patrolplan.standing import Clock

__all__ = ["Change", "list_changes"]

# What keeping costs is told from this share of the need that could be met.
_TELLING = 1e-3


class Change(NamedTuple):
    """One thing that a re-plan changes, or leaves as it was.

    Attributes
    ----------
    told
        What; a code of kind ``revision``.
    reason
        Why, as far as it is known; a code of kind ``reason``.
    """

    told: Code
    reason: Code | None = None


class _Visit(NamedTuple):
    patrol: str
    team_id: str
    day: str


def list_changes(revision: Revision) -> tuple[Change, ...]:
    """Return what a re-plan changes: first what led to it, then patrols, then visits.

    Parameters
    ----------
    revision
        The re-plan.

    Returns
    -------
    Codes ``replanned``, ``line_closed``, ``alert_answered``, ``alert_unanswered``,
    ``promise_met``, ``promise_met_before``, ``promise_broken``; for each patrol one of
    ``patrol_done``, ``patrol_goes_on``, ``patrol_goes_on_otherwise``,
    ``patrol_sent_elsewhere``, ``patrol_overruns``, ``patrol_cut_off``,
    ``patrol_stays``, ``patrol_changed``, ``patrol_cancelled``, ``patrol_added``; for
    each visit that is not kept ``visit_moved``, ``visit_left_out``, ``visit_added``;
    ``change_costs``. Days are ISO days, local.
    """
    teller = _Teller(revision)
    return (
        *teller.list_news(),
        *teller.list_patrols(),
        *teller.list_visits(),
        *teller.list_costs(),
    )


class _Teller:
    """Compares the plan before and after."""

    def __init__(self, revision: Revision) -> None:
        self._revision = revision
        told = revision.plan_file.scenario
        start = told.start if not hasattr(told.start, "date") else told.start.date()
        self._clock = Clock(start, told.timezone)
        self._before = self._list_visits(revision.before)
        self._after = self._list_visits(revision.plan_file)
        self._reasons = {
            entry.site_id: Code(code=entry.reason, values=entry.reason_values)
            for entry in revision.plan_file.assessment.unserved
        }

    def _list_visits(self, plan: PlanFile) -> dict[str, list[_Visit]]:
        visits: dict[str, list[_Visit]] = {}
        for patrol in plan.patrols:
            for stop in patrol.stops:
                if stop.site_id is not None and stop.arrive is not None:
                    day = str(self._clock.find_date(self._clock.find_day(stop.arrive)))
                    visit = _Visit(patrol.id, patrol.team_id, day)
                    visits.setdefault(stop.site_id, []).append(visit)
        return {
            site: sorted(found, key=lambda v: v.day) for site, found in visits.items()
        }

    def _find_day(self, patrol: PatrolEntry, *, home: bool = False) -> str:
        clock = self._clock
        if home:
            return str(clock.find_date(clock.find_end_day(patrol.return_)))
        return str(clock.find_date(clock.find_day(patrol.depart)))

    def list_news(self) -> Iterator[Change]:
        """Yield what led to the re-plan, and what became of it."""
        revision = self._revision
        planned, kept = revision.standing.visits, revision.replanned.kept
        yield _tell(
            "replanned", date=str(revision.day), kept=len(kept), planned=len(planned)
        )
        before = revision.before.scenario.limits.get("closed_lines") or []
        for text in revision.plan_file.scenario.limits.get("closed_lines") or []:
            line, _, days = str(text).partition("@")
            first, _, last = days.partition("..")
            if text not in (before if isinstance(before, list) else []):
                yield _tell("line_closed", line=line, from_date=first, to_date=last)
        alerted = {site for site, _ in revision.news.alerts}
        for site in sorted(alerted):
            yield self._answer(site, "alert_answered", "alert_unanswered")
        for site in sorted(set(revision.news.promised) - alerted):
            yield self._answer(site, "promise_met", "promise_broken")

    def _answer(self, site_id: str, met: str, unmet: str) -> Change:
        visits = self._after.get(site_id, [])
        if not visits:
            return Change(_tell(unmet, site_id=site_id).told, self._reasons[site_id])
        coming = [visit for visit in visits if visit.day >= str(self._revision.day)]
        if not coming:
            return _tell("promise_met_before", site_id=site_id, date=visits[-1].day)
        first = coming[0]
        return _tell(met, site_id=site_id, team_id=first.team_id, date=first.day)

    def list_patrols(self) -> Iterator[Change]:
        """Yield what becomes of each patrol."""
        revision = self._revision
        before = {patrol.id: patrol for patrol in revision.before.patrols}
        after = {patrol.id: patrol for patrol in revision.plan_file.patrols}
        gone = {out.patrol.id for out in revision.standing.outside}
        done = {patrol.id for patrol in revision.standing.done}
        for patrol in revision.plan_file.patrols:
            old = before.get(patrol.id)
            who = {"patrol": patrol.id, "team_id": patrol.team_id}
            leaves = self._find_day(patrol)
            if old is None:
                yield _tell("patrol_added", **who, date=leaves)
            elif patrol.id in done:
                home = self._find_day(patrol, home=True)
                yield _tell("patrol_done", **who, date=home)
            elif patrol.id in gone:
                yield self._tell_outside(patrol, old)
            elif are_alike(patrol, old):
                yield _tell("patrol_stays", **who, date=leaves)
            else:
                yield _tell("patrol_changed", **who, date=leaves)
        for patrol in revision.before.patrols:
            if patrol.id not in after:
                yield _tell(
                    "patrol_cancelled",
                    patrol=patrol.id,
                    team_id=patrol.team_id,
                    date=self._find_day(patrol),
                )

    def _tell_outside(self, patrol: PatrolEntry, old: PatrolEntry) -> Change:
        who = {"patrol": patrol.id, "team_id": patrol.team_id}
        home = self._find_day(patrol, home=True)
        if patrol.stops[-1].kind != "base":
            return _tell("patrol_cut_off", **who)
        if patrol.team_id in self._revision.replanned.stranded:
            return _tell("patrol_overruns", **who, date=home)
        if are_alike(patrol, old):
            return _tell("patrol_goes_on", **who, date=home)
        new_turns = [t for t in patrol.turns or () if t not in (old.turns or ())]
        if new_turns:
            where = new_turns[-1].bound_for
            return _tell("patrol_sent_elsewhere", **who, date=home, bound_for_id=where)
        return _tell("patrol_goes_on_otherwise", **who, date=home)

    def list_visits(self) -> Iterator[Change]:
        """Yield each visit that is moved, left out or added."""
        for site_id in sorted(self._before.keys() | self._after.keys()):
            old = list(self._before.get(site_id, []))
            new = list(self._after.get(site_id, []))
            stay = [v for v in old if _find_alike(v, new) is not None]
            for visit in stay:
                twin = _find_alike(visit, new)
                old.remove(visit)
                if twin is not None:
                    new.remove(twin)
            while old and new:
                was, now = old.pop(0), new.pop(0)
                yield _tell(
                    "visit_moved",
                    site_id=site_id,
                    date=now.day,
                    patrol=now.patrol,
                    old_date=was.day,
                    old_patrol=was.patrol,
                )
            for was in old:
                told = _tell(
                    "visit_left_out",
                    site_id=site_id,
                    old_date=was.day,
                    old_patrol=was.patrol,
                )
                yield Change(told.told, self._reasons.get(site_id))
            for now in new:
                yield _tell(
                    "visit_added", site_id=site_id, date=now.day, patrol=now.patrol
                )

    def list_costs(self) -> Iterator[Change]:
        """Yield what to change so little costs at most, if that is worth telling."""
        found = self._revision.replanned
        more = found.need_bound - found.need
        if found.worth and more > _TELLING * found.need_bound:
            yield _tell("change_costs", more_need=more)


def _find_alike(visit: _Visit, others: list[_Visit]) -> _Visit | None:
    """Return the visit of the same team on the same day, or None."""
    return next(
        (o for o in others if (o.team_id, o.day) == (visit.team_id, visit.day)), None
    )


def _tell(code: str, **values: str | int | float | date) -> Change:
    return Change(Code(code=code, values=dict(values)))
