"""What has changed since a plan was made: lines closed, alerts, visits promised."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from patrolplan.errors import Fault, PlanFileError, RouteError, ScenarioError
from patrolplan.layers.names import find_place_id
from patrolplan.planfile import PlanFile
from patrolplan.planning.problem import Problem
from patrolplan.scenario import Scenario, read_closure
from patrolplan.standing import Standing
from patrolplan.study import Question

__all__ = ["News", "close_lines", "name_sites", "take_up"]


@dataclass(frozen=True)
class News:
    """What has changed since the plan was made.

    Parameters
    ----------
    closed
        Lines closed from the day of the re-plan on, each ``LINE`` or
        ``LINE@FROM..TO``.
    alerts
        Sites that must be visited, each with its new need, or None if that stays.
    promised
        Sites to which a visit was promised: they must be visited.
    """

    closed: tuple[str, ...] = ()
    alerts: tuple[tuple[str, float | None], ...] = ()
    promised: tuple[str, ...] = ()


def close_lines(
    plan: PlanFile, scenario: Scenario, day: date, closed: Iterable[str]
) -> dict[str, Any]:
    """Return the scenario's lines with those closed before, and from now on.

    Parameters
    ----------
    plan
        The plan: the lines that it was made without stay closed.
    scenario, day
        What it was made from, and the first day of the new closures.
    closed
        The new closures.

    Raises
    ------
    ScenarioError
        If one is over before the day.
    """
    known = plan.scenario.limits.get("closed_lines")
    texts = list(scenario.lines.closed)
    if isinstance(known, list):
        texts = list(dict.fromkeys([*map(str, known), *texts]))
    faults = []
    for text in closed:
        closure = read_closure(text)
        first = max(closure.from_date or day, day)
        last = closure.to_date or scenario.days[-1]
        if last < first:
            fault = "a closure that ends no sooner than the day planned from"
            faults.append(Fault(scenario.path.name, "closed", text, fault))
        else:
            # What is done was done on roads as they were.
            texts.append(f"{closure.line}@{first}..{max(first, last)}")
    if faults:
        raise ScenarioError(faults)
    return scenario.lines.model_dump() | {"closed": tuple(texts)}


def name_sites(news: News, question: Question, standing: Standing, file: str) -> News:
    """Return the news with sites by their ids; refuse what cannot be asked of them.

    Parameters
    ----------
    news, question
        The news, and the scenario worked up.
    standing
        How far the plan has come.
    file
        Name of the plan's file, for faults.

    Raises
    ------
    PlanFileError
        With every fault.
    """
    faults: list[Fault] = []
    sites = {site.id: site for site in question.problem.sites}
    named: dict[str, str] = {}
    for asked, names in (
        ("alert", [name for name, _ in news.alerts]),
        ("promise", list(news.promised)),
    ):
        for name in names:
            try:
                site = sites[find_place_id(question.layers.population, name)]
            except RouteError as error:
                faults.append(Fault(file, asked, f"{error}", "a site of the plan"))
                continue
            named[name] = site.id
            if asked == "alert" and site.id in standing.visited:
                expected = "a site that the plan has not visited yet"
                faults.append(Fault(file, asked, f"{site.id!r} visited", expected))
            if site.barred_by is not None:
                expected = "a site that may be visited"
                faults.append(Fault(file, asked, f"{site.id!r} barred", expected))
    for name, need in news.alerts:
        least = sites[named[name]].need if name in named else None
        if need is not None and need < (least or 0.0):
            expected = f"at least its need now, {least:g}"
            faults.append(Fault(file, "alert", f"{name!r}: {need:g}", expected))
    if faults:
        raise PlanFileError(faults)
    return replace(
        news,
        alerts=tuple({named[name]: need for name, need in news.alerts}.items()),
        promised=tuple(dict.fromkeys(named[name] for name in news.promised)),
    )


def take_up(question: Question, before: PlanFile, news: News) -> Problem:
    """Return the problem with what alerts and promises ask.

    Parameters
    ----------
    question
        The scenario worked up.
    before
        The plan: what alerts and promises asked before stays asked.
    news
        With sites by their ids.
    """
    problem = question.problem
    needs = {site.id: site.need for site in before.sites if site.need is not None}
    needs |= {site: need for site, need in news.alerts if need is not None}
    asked = {site.id for site in before.sites if site.required}
    asked |= {site for site, _ in news.alerts} | set(news.promised)
    share = question.scenario.need.passing_share
    return replace(
        problem,
        sites=tuple(
            replace(
                site,
                need=needs.get(site.id, site.need),
                required=site.required or (site.id in asked and site.barred_by is None),
            )
            for site in problem.sites
        ),
        waysides=tuple(
            replace(wayside, need=share * needs[wayside.site_id])
            if wayside.site_id in needs
            else wayside
            for wayside in problem.waysides
        ),
    )
