"""What a study, a plan or a judgement shows of itself in a notebook, in short.

Key figures, who goes where, whom it reaches, who is left out and why. It foretells
patrols, so it bears a marking like every page. It is a part of somebody else's page:
it has no script and no style sheet, fetches nothing, and takes the colours round it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import singledispatch
from typing import Any, Final, NamedTuple

from patrolplan.planfile import Assessment, PlanFile, Violation
from patrolplan.planning.problem import Plan
from patrolplan.planning.solver import Solution
from patrolplan.products.catalogue import Text
from patrolplan.products.digest import digest_plan
from patrolplan.products.markup import render_printed
from patrolplan.products.people import format_people
from patrolplan.products.reason_groups import group_reason
from patrolplan.products.rows import (
    PatrolRow,
    PlaceNames,
    PlanDigest,
    UncoveredRow,
    word_marking,
    word_status,
)
from patrolplan.products.sentences import render_code_text, render_violation
from patrolplan.study import Study

__all__ = ["render_summary"]

# What one looks over at a glance; what is cut off is counted.
_MOST_PATROLS: Final = 12
_MOST_STOPS: Final = 6
_MOST_GAPS: Final = 6
_MOST_NOTICES: Final = 4


class _Reach(NamedTuple):
    """What is met of what there is; None where it is unknown.

    Attributes
    ----------
    met, bound, total
        Need met, what no plan can exceed, and need of all sites, in persons at risk,
        weighted.
    gap
        The share of the bound that is left, rounded up to a hundredth of a percent.
    people, people_total
        Persons at the sites visited, and at all sites whose people are known.
    """

    met: float
    bound: float | None
    gap: float | None
    total: float | None = None
    people: int | None = None
    people_total: int | None = None


class _Journey(NamedTuple):
    """Who leaves when, for which sites; None where that is not yet worked out.

    Attributes
    ----------
    number
        Of the patrol, from 1.
    who
        Its base; of a plan only decided, the id of its team.
    day, days
        Its first local day, ISO 8601, or its number from 1; and how many it has.
    stops, more
        The first sites that it visits, each once, and how many more there are.
    people, km
        Who lives at them, and what it drives.
    """

    number: int
    who: Text
    day: str
    days: int | None
    stops: tuple[Text, ...]
    more: int
    people: Text | None
    km: float | None
    uncounted: bool = False


class _Gap(NamedTuple):
    """A site without a visit, why, and what would help.

    Attributes
    ----------
    name, people, need
        The site; persons, and persons at risk, weighted; None where unknown.
    reason, change
        Why, and the smallest change that would serve it; None where none is known.
    """

    name: Text
    people: int | None
    need: float | None
    reason: Text
    change: Text | None


@dataclass(frozen=True)
class _Summary:
    """What is shown, in its order; None and empty where there is nothing to tell.

    Parameters
    ----------
    title, span
        Name of the plan, and its first and last day.
    release, status
        Its profile, and ``draft`` or ``cleared``.
    reach
        What is met of what there is.
    beyond
        Share of what first visits earn that lies beyond the bases, 0 to 1, and from
        how many km on that is counted.
    violations, is_judged
        Rules broken, in words; whether the referee looked, so that none means none.
    journeys, gaps
        Its patrols, and the sites without a visit that are open.
    unknown, held
        Sites without a visit of unknown need, and those that a base holds.
    notices
        What a planner should hear, in words.
    """

    title: str
    span: str = ""
    release: str = "confidential"
    status: str = "draft"
    reach: _Reach | None = None
    beyond: tuple[float, float] | None = None
    violations: tuple[Text, ...] = ()
    is_judged: bool = False
    journeys: tuple[_Journey, ...] | None = None
    gaps: tuple[_Gap, ...] | None = None
    unknown: int = 0
    held: int = 0
    notices: tuple[Text, ...] = ()


def render_summary(shown: Any, lang: str = "en") -> str:
    """Return what a notebook shows of a result: a part of a page, all escaped.

    Parameters
    ----------
    shown
        A study, a plan file, an assessment, a solution, or a plan as decided.
    lang
        ``en`` or ``fr``.

    Raises
    ------
    TypeError
        If it is anything else.
    """
    summary = _summarise(shown)
    journeys = summary.journeys or ()
    gaps = summary.gaps or ()
    return render_printed(
        "summary.html",
        lang,
        it=summary,
        marking=word_marking(summary.release),
        status=word_status(summary.status),
        journeys=journeys[:_MOST_PATROLS],
        uncounted=any(journey.uncounted for journey in journeys[:_MOST_PATROLS]),
        more_journeys=max(0, len(journeys) - _MOST_PATROLS),
        gaps=gaps[:_MOST_GAPS],
        more_gaps=max(0, len(gaps) - _MOST_GAPS),
        more_notices=max(0, len(summary.notices) - _MOST_NOTICES),
        notices=summary.notices[:_MOST_NOTICES],
    )


@singledispatch
def _summarise(shown: Any) -> _Summary:
    message = f"nothing is known of how a {type(shown).__name__} shows itself"
    raise TypeError(message)


@_summarise.register
def _summarise_study(study: Study) -> _Summary:
    names = PlaceNames(study.plan_file, study.layers)
    notices = tuple(
        render_code_text(code.code, code.values, names=names) for code in study.notices
    )
    digest = digest_plan(study.plan_file, study.layers)
    return _summarise_digest(study.plan_file, digest, notices)


@_summarise.register
def _summarise_file(plan: PlanFile) -> _Summary:
    return _summarise_digest(plan, digest_plan(plan), ())


def _summarise_digest(
    plan: PlanFile, digest: PlanDigest, notices: tuple[Text, ...]
) -> _Summary:
    figures = digest.figures
    beyond = None
    if figures.share_beyond is not None and figures.beyond_km is not None:
        beyond = (figures.share_beyond, figures.beyond_km)
    return _Summary(
        title=digest.name,
        span=f"{digest.first_day} → {digest.last_day}",
        release=digest.release,
        status=digest.status,
        reach=_read_reach(plan.assessment),
        beyond=beyond,
        violations=digest.violations,
        is_judged=True,
        journeys=tuple(_tell_patrol(row) for row in digest.patrols),
        gaps=tuple(_tell_gap(row) for row in digest.uncovered if row.group == "open"),
        unknown=figures.unknown,
        held=figures.held,
        notices=notices,
    )


def _read_reach(found: Assessment) -> _Reach:
    return _Reach(
        found.need_met,
        found.need_bound,
        _round_gap(found.gap),
        found.need_total,
        found.people_reached,
        found.people_total,
    )


def _round_gap(gap: float | None) -> float | None:
    # Up: it is said to be so much at most.
    return None if gap is None else math.ceil(gap * 1e4 - 1e-9) / 1e4


def _tell_patrol(row: PatrolRow) -> _Journey:
    stops = tuple(dict.fromkeys(s.name for s in row.stops if s.kind == "visit"))
    return _Journey(
        number=row.number,
        who=row.base,
        day=row.first_day,
        days=row.days,
        stops=stops[:_MOST_STOPS],
        more=max(0, len(stops) - _MOST_STOPS),
        people=format_people(row),
        km=row.km,
        uncounted=row.people_unknown > 0,
    )


def _tell_gap(row: UncoveredRow) -> _Gap:
    return _Gap(row.name, row.site.population, row.site.need, row.reason, row.change)


@_summarise.register
def _summarise_assessment(found: Assessment) -> _Summary:
    # An assessment knows ids alone, and of no site what it is called.
    groups = [group_reason(entry.reason) for entry in found.unserved]
    entries = [e for e in found.unserved if group_reason(e.reason) == "open"]
    entries.sort(key=lambda entry: (-(entry.need or 0.0), entry.site_id))
    return _Summary(
        title="",
        reach=_read_reach(found),
        beyond=_read_beyond(found),
        violations=tuple(_tell_broken(broken) for broken in found.violations),
        is_judged=True,
        gaps=tuple(
            _Gap(
                Text.same(entry.site_id),
                None,
                entry.need,
                render_code_text(entry.reason, entry.reason_values, kind="reason"),
                None
                if entry.nearest_change is None
                else render_code_text(
                    entry.nearest_change.code,
                    entry.nearest_change.values,
                    kind="change",
                ),
            )
            for entry in entries
        ),
        unknown=groups.count("unknown"),
        held=groups.count("held"),
    )


def _read_beyond(found: Assessment) -> tuple[float, float] | None:
    share = found.reach.get("need_share_beyond")
    limit = found.reach.get("beyond_km")
    # A saved plan may hold anything there.
    if isinstance(share, int | float) and isinstance(limit, int | float):
        return float(share), float(limit)
    return None


def _tell_broken(broken: Violation) -> Text:
    said = {
        lang: render_violation(
            broken.rule,
            lang,
            patrol_id=broken.patrol_id,
            where=broken.where,
            found=broken.found,
            limit=broken.limit,
        )
        for lang in ("en", "fr")
    }
    return Text(said["en"], said["fr"])


@_summarise.register
def _summarise_solution(solution: Solution) -> _Summary:
    return _Summary(
        title="",
        reach=_Reach(solution.need, solution.bound, _round_gap(solution.gap)),
        journeys=_list_decisions(solution.plan),
    )


@_summarise.register
def _summarise_plan(plan: Plan) -> _Summary:
    return _Summary(title="", journeys=_list_decisions(plan))


def _list_decisions(plan: Plan) -> tuple[_Journey, ...]:
    return tuple(
        _Journey(
            number=number,
            who=Text.same(patrol.team_id),
            # Days of the horizon, counted from 0 where planning counts them.
            day=str(patrol.depart_day + 1),
            days=None,
            stops=tuple(map(Text.same, patrol.site_ids[:_MOST_STOPS])),
            more=max(0, len(patrol.site_ids) - _MOST_STOPS),
            people=None,
            km=None,
        )
        for number, patrol in enumerate(plan.patrols, start=1)
    )
