"""The do-no-harm gates of a scenario, by the ids of its layers.

What its answers close is barred from the problem, and what they leave open makes the
plan a draft. Which questions there are and when an answer counts is said in ``gates``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from patrolplan.answers import GateAnswer
from patrolplan.errors import Fault, RouteError
from patrolplan.gates import (
    CEASEFIRE_THEME,
    UNANSWERED,
    VALID_DAYS_LIMIT,
    complete_gates,
    find_gate,
    find_status,
)
from patrolplan.geodesy import measure_distance_m
from patrolplan.layers import Layers
from patrolplan.layers.names import find_place_id
from patrolplan.planfile import GateEntry, PlanFile
from patrolplan.scenario import Scenario

__all__ = [
    "BARRED_BY",
    "find_barred_sites",
    "find_barred_teams",
    "find_gate_faults",
    "find_liaison_sites",
    "put_gates",
]

BARRED_BY: Final = {
    "visit_harm": "visit_may_harm",
    "ceasefire_liaison": "liaison_refused",
}
"""Code of the reason why a site is left out whose gate is closed, by gate."""

_METRES_PER_KM = 1000.0


def _is_closed(answer: GateAnswer) -> bool:
    gate = find_gate(answer.gate)
    return gate is not None and answer.answer not in (UNANSWERED, gate.passes)


def find_barred_sites(scenario: Scenario, population: Any) -> dict[str, str]:
    """Return the sites that nobody may visit, each with the code of the reason.

    Parameters
    ----------
    scenario
        A scenario whose names were checked.
    population
        The layer of sites.
    """
    barred: dict[str, str] = {}
    for answer in scenario.gates:
        if _is_closed(answer):
            for name in answer.sites:
                barred.setdefault(
                    find_place_id(population, name), BARRED_BY[answer.gate]
                )
    return barred


def find_barred_teams(scenario: Scenario) -> frozenset[str]:
    """Return the teams that may not go out: joint ones whose gate is closed.

    Parameters
    ----------
    scenario
        The scenario.
    """
    closed = {
        team for answer in scenario.gates if _is_closed(answer) for team in answer.teams
    }
    joint = {team.id for team in scenario.teams if team.joint_with_national_forces}
    return frozenset(closed & joint)


def find_liaison_sites(scenario: Scenario, layers: Layers, need: Any) -> frozenset[str]:
    """Return the sites where nobody goes without the liaison of the ceasefire.

    Those visited for the ceasefire, and those within ``do_no_harm.liaison_km`` of an
    observation point. A point whose distance from its site is known lies somewhere on
    that circle: the nearest of it counts.

    Parameters
    ----------
    scenario, layers
        The question, and its layers.
    need
        The need table, with its themes if it has any.
    """
    sites = layers.population
    liaison = set()
    if "visit" in need:
        liaison = {
            str(site)
            for site, visit in need["visit"].items()
            if visit and CEASEFIRE_THEME in visit.themes
        }
    spots = dict(zip(sites["id"], sites.geometry, strict=True))
    points = layers.themes.get("observation")
    for point in () if points is None else points.itertuples():
        spot = spots.get(point.near_site_id)
        if spot is None:
            continue
        away_km = 0.0 if np.isnan(point.distance_km) else point.distance_km
        far_m = measure_distance_m(spot.x, spot.y, sites.geometry.x, sites.geometry.y)
        near = far_m <= (scenario.do_no_harm.liaison_km + away_km) * _METRES_PER_KM
        liaison |= set(sites["id"][near])
    return frozenset(liaison)


def find_gate_faults(scenario: Scenario, layers: Layers) -> Iterator[Fault]:
    """Yield answers that name nothing, come twice, or forbid what must be done.

    A fault never tells a note.

    Parameters
    ----------
    scenario, layers
        The question, and the layers it was read with.
    """
    file = scenario.path.name or scenario.name
    team_ids = {team.id for team in scenario.teams}
    last_day = scenario.days[-1]
    seen: dict[tuple[str, str | None], int] = {}
    must = {_find_site(layers, name): name for name in _list_required(scenario)}
    for number, answer in enumerate(scenario.gates):
        where = f"gates.{number}"
        subjects: list[str | None] = [*answer.teams]
        for name in answer.sites:
            site = _find_site(layers, name)
            subjects.append(site)
            if site is None:
                expected = "expected a site's id or name"
                cause = "a slip of spelling"
                yield Fault(file, f"{where}.sites", f"found {name!r}", expected, cause)
            elif _is_closed(answer) and site in must:
                yield Fault(
                    file,
                    f"{where}.answer",
                    f"{answer.answer!r} closes {answer.gate} for {must[site]!r}, which "
                    "must be visited",
                    "a site that need not be visited, or another answer",
                    "required before the gate was answered",
                )
        for team in sorted(set(answer.teams) - team_ids):
            expected = "expected the id of a team"
            cause = "a slip of spelling"
            yield Fault(file, f"{where}.teams", f"found {team!r}", expected, cause)
        for subject in subjects or [None]:
            if subject is None and (answer.sites or answer.teams):
                continue
            key = (answer.gate, subject)
            if key in seen:
                told = "" if subject is None else f" for {subject!r}"
                yield Fault(
                    file,
                    where,
                    f"{answer.gate}{told} again, as in gates.{seen[key]}",
                    "one answer to one question",
                    "an entry copied, or two names of one place",
                )
            seen.setdefault(key, number)
        if answer.date is not None and answer.date > last_day:
            yield Fault(
                file,
                f"{where}.date",
                f"{answer.date}",
                f"a day not after the last that is planned, {last_day}",
                "a year mistyped, or days moved since",
            )


def _find_site(layers: Layers, name: str) -> str | None:
    try:
        return find_place_id(layers.population, name)
    except RouteError:
        return None


def _list_required(scenario: Scenario) -> Iterator[str]:
    yield from scenario.sites.required
    yield from (visit.site for visit in scenario.sites.visits if visit.required)


def _list_answers(scenario: Scenario, layers: Layers) -> Iterator[GateEntry]:
    """Yield one entry a question answered; a note stays where it was written."""
    for answer in scenario.gates:
        sites = [find_place_id(layers.population, name) for name in answer.sites]
        for site_id, team_id in (
            *((site, None) for site in sites),
            *((None, team) for team in answer.teams),
            *([] if answer.sites or answer.teams else [(None, None)]),
        ):
            yield GateEntry(
                gate=answer.gate,
                answer=answer.answer,
                role=answer.role,
                date=answer.date,
                site_id=site_id,
                team_id=team_id,
            )


def put_gates(
    draft: PlanFile, scenario: Scenario, layers: Layers, need: Any
) -> PlanFile:
    """Return a document with its gates, and the status that their answers give it.

    Parameters
    ----------
    draft
        The document of a plan.
    scenario, layers, need
        What it was made from.
    """
    liaison = find_liaison_sites(scenario, layers, need)
    joint = {team.id for team in scenario.teams if team.joint_with_national_forces}
    limits = {VALID_DAYS_LIMIT: scenario.do_no_harm.answer_valid_days}
    asked = draft.model_copy(
        update={
            "scenario": draft.scenario.model_copy(
                update={"limits": draft.scenario.limits | limits}
            ),
            "sites": [
                site.model_copy(update={"ceasefire_liaison": True})
                if site.id in liaison
                else site
                for site in draft.sites
            ],
            "teams": [
                team.model_copy(update={"joint_with_national_forces": True})
                if team.id in joint
                else team
                for team in draft.teams
            ],
            "gates": list(_list_answers(scenario, layers)),
        }
    )
    return asked.model_copy(
        update={"gates": complete_gates(asked), "status": find_status(asked)}
    )
