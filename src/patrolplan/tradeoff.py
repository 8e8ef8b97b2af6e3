"""The trade-off of a scenario: need met against crew exposure and fuel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from patrolplan.planfile import Code
from patrolplan.planning.frontier import FrontPoint, find_front
from patrolplan.planning.problem import Plan
from patrolplan.scenario import Scenario, read_scenario
from patrolplan.study import plan_patrols

__all__ = ["TradePoint", "Tradeoff", "find_tradeoff"]


@dataclass(frozen=True)
class TradePoint:
    """One plan of the front, beside the best plan.

    Parameters
    ----------
    point
        The plan, what it meets and spends, and its bound.
    need_share, exposure_share, fuel_share
        Of what the best plan meets and spends; 1 where that is nothing.
    lost, gained
        Ids of the sites that the best plan visits and this one does not, and the other
        way round.
    stays
        Ids of teams that drive fewer patrols than in the best plan, each as often.
    codes
        What is to be said of it: codes of sentences, in order.
    """

    point: FrontPoint
    need_share: float
    exposure_share: float
    fuel_share: float
    lost: tuple[str, ...]
    gained: tuple[str, ...]
    stays: tuple[str, ...]
    codes: tuple[Code, ...]


@dataclass(frozen=True)
class Tradeoff:
    """A front.

    Parameters
    ----------
    name
        The scenario.
    points
        Those that meet most need first.
    names
        English and French name of each site, by id.
    """

    name: str
    points: tuple[TradePoint, ...]
    names: Mapping[str, tuple[str, str]]


def find_tradeoff(scenario: Scenario | Path | str, *, points: int = 7) -> Tradeoff:
    """Return plans of which none is better in all of need, crew exposure and fuel.

    Parameters
    ----------
    scenario
        A scenario, or the path of its file.
    points
        How many plans at most, 2 or more; the first is the best plan.

    Raises
    ------
    InputError
        If the scenario or any of its layers has a fault; with all of them.
    """
    if not isinstance(scenario, Scenario):
        scenario = read_scenario(scenario)
    study = plan_patrols(scenario)
    front = find_front(study.problem, study.solution, points)
    population = study.layers.population
    named = zip(
        population["id"], population["name"], population["name_fr"], strict=True
    )
    return Tradeoff(
        name=scenario.name,
        points=tuple(_describe(front[0], point) for point in front),
        names={
            key: (name, fr if isinstance(fr, str) and fr.strip() else name)
            for key, name, fr in named
        },
    )


def _describe(best: FrontPoint, point: FrontPoint) -> TradePoint:
    """Say what a point is beside the one that meets most."""
    shares = [
        part / whole if whole > 0 else 1.0
        for part, whole in zip(
            (point.need, *point.outlay), (best.need, *best.outlay), strict=True
        )
    ]
    before, after = _list_sites(best.plan), _list_sites(point.plan)
    lost, gained = sorted(before - after), sorted(after - before)
    fewer = _count_patrols(best.plan) - _count_patrols(point.plan)
    stays = sorted(fewer.elements())
    names = ("need_percent", "exposure_percent", "fuel_percent")
    values: dict[str, object] = {
        name: round(100.0 * share) for name, share in zip(names, shares, strict=True)
    }
    if point is best:
        codes = [Code(code="trade_most", values={})]
    else:
        codes = [Code(code="trade_point", values=values)]
        given_up = {"count": len(lost), "site_ids": lost}
        not_sent = {"count": len(stays), "teams": stays}
        if lost:
            codes.append(Code(code="trade_gives_up", values=given_up))
        if gained:
            codes.append(Code(code="trade_visits", values={"site_ids": gained}))
        if stays:
            codes.append(Code(code="trade_not_sent", values=not_sent))
    if point.is_exact:
        codes.append(Code(code="trade_exact", values={}))
    else:
        # Rounded up: no plan is nearer than it says.
        gap = -(-point.gap * 1000.0 // 1) / 10.0
        codes.append(Code(code="trade_found", values={"gap_percent": gap}))
    return TradePoint(
        point=point,
        need_share=shares[0],
        exposure_share=shares[1],
        fuel_share=shares[2],
        lost=tuple(lost),
        gained=tuple(gained),
        stays=tuple(stays),
        codes=tuple(codes),
    )


def _list_sites(plan: Plan) -> set[str]:
    return {site for patrol in plan.patrols for site in patrol.site_ids}


def _count_patrols(plan: Plan) -> Counter[str]:
    return Counter(patrol.team_id for patrol in plan.patrols)
