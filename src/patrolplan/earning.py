"""What patrols earn on the way: lines that are driven, and sites passed near.

Both are off unless the scenario asks for them. A line's need is shared out over its
stretches by length, and a site earns a share of its need when a patrol passes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from patrolplan.do_no_harm import find_barred_sites
from patrolplan.layers import Layers
from patrolplan.need import Mandate, tabulate_line_needs
from patrolplan.network import Network, Travel, find_waysides, list_stretches
from patrolplan.planning.problem import Problem, Wayside, Waysides
from patrolplan.scenario import Scenario

__all__ = ["NO_EARNING", "Earning", "describe_earning", "find_earning"]


@dataclass(frozen=True)
class Earning:
    """What is earned on the way.

    Parameters
    ----------
    waysides
        Stretches of lines and sites, as a problem holds them.
    ways
        By travel matrix: what each way comes by. Empty where nothing is earned.
    """

    waysides: tuple[Wayside, ...] = ()
    ways: tuple[Waysides, ...] = ()


NO_EARNING = Earning()
"""Only visits earn."""


def find_earning(
    scenario: Scenario,
    layers: Layers,
    mandate: Mandate | None,
    network: Network,
    need: Any,
    travels: Sequence[Travel],
) -> Earning:
    """Find what is earned on the way.

    Parameters
    ----------
    scenario
        Says which lines and what share of a site's need earn.
    layers, mandate
        Say what the driving of a line is worth to the mandate.
    network, travels
        The ways.
    need
        The need table. A site whose need is unknown or 0, or where a do-no-harm gate
        lets nobody go, earns nothing in passing.
    """
    line_needs = _list_line_needs(scenario, layers, mandate)
    stretches = list_stretches(network, line_needs)
    lengths_m: dict[str, float] = {}
    for stretch in stretches:
        length_m = lengths_m.get(stretch.line_id, 0.0)
        lengths_m[stretch.line_id] = length_m + stretch.length_m
    share = scenario.need.passing_share
    sites = need[need["need"] > 0] if share > 0 else need[:0]
    # Where a visit could do harm, being seen is nothing to be drawn there by.
    sites = sites.drop(
        list(find_barred_sites(scenario, layers.population)), errors="ignore"
    )
    waysides = [
        Wayside(
            id=stretch.id,
            need=line_needs[stretch.line_id]
            * (stretch.length_m / lengths_m[stretch.line_id]),
            line_id=stretch.line_id,
        )
        for stretch in stretches
    ]
    waysides += [
        Wayside(id=site.Index, need=share * float(site.need), site_id=site.Index)
        for site in sites.itertuples()
    ]
    if not waysides:
        return NO_EARNING
    places = {
        site.Index: (float(site.geometry.x), float(site.geometry.y))
        for site in sites.itertuples()
    }
    numbers = {wayside.id: number for number, wayside in enumerate(waysides)}
    passing_m = scenario.need.passing_km * 1000
    return Earning(
        tuple(waysides),
        tuple(
            {
                pair: tuple((numbers[key], minute) for key, minute in found)
                for pair, found in find_waysides(
                    travel, stretches, places, passing_m
                ).items()
            }
            for travel in travels
        ),
    )


def _list_line_needs(
    scenario: Scenario, layers: Layers, mandate: Mandate | None
) -> dict[str, float]:
    """Return what driving each line earns; the scenario goes before the mandate."""
    needs: dict[str, float] = {}
    share = scenario.lines.mandate_share
    if share > 0:
        table = tabulate_line_needs(layers.lines, mandate)["need"] * share
        needs = {str(line): float(need) for line, need in table.items() if need > 0}
    return needs | {choice.line: choice.need for choice in scenario.lines.presence}


def describe_earning(scenario: Scenario, problem: Problem) -> dict[str, Any]:
    """Return the limits that say what is earned on the way; nothing where it is off.

    Parameters
    ----------
    scenario, problem
        What was asked.

    Returns
    -------
    ``passing_km`` and ``passing_share`` where sites earn in passing;
    ``lines_presence``, each line with its need and where that is from, where lines do.
    """
    limits: dict[str, Any] = {}
    if scenario.need.passing_share > 0:
        limits["passing_km"] = scenario.need.passing_km
        limits["passing_share"] = scenario.need.passing_share
    sums: dict[str, list[float]] = {}
    for wayside in problem.waysides:
        if wayside.line_id is not None:
            sums.setdefault(wayside.line_id, []).append(wayside.need)
    told = {choice.line: choice for choice in scenario.lines.presence}
    of_mandate = f"mandate: km x hazard x points, of it {scenario.lines.mandate_share}"
    if sums:
        limits["lines_presence"] = [
            {
                "line_id": line,
                "need": told[line].need if line in told else float(np.sum(parts)),
                "source": told[line].source if line in told else of_mandate,
            }
            for line, parts in sorted(sums.items())
        ]
    return limits
