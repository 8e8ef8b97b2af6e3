"""The casualty clock as a limit: what lies beyond it is no way for a patrol.

Where it binds, lines beyond it are not there, so that ways within it are found where
there are any; places beyond it have no way; and no night is spent beyond it. All of it
stands in the matrices, so that search, bound and referee agree. Only sites of care that
stand on all days planned are relied on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import networkx as nx
import numpy as np

from patrolplan.layers import Layers
from patrolplan.network import CasualtyClock, Network, Travel, build_clock
from patrolplan.network.clearance import measure_along
from patrolplan.network.graph import Node
from patrolplan.network.travel import Piece
from patrolplan.planfile import Code
from patrolplan.planning.problem import HaltBlocks, Problem
from patrolplan.question import PeriodTravel
from patrolplan.scenario import Scenario

__all__ = ["Confinement", "read_confinement"]

_Spans = tuple[tuple[float, float], ...]


@dataclass(frozen=True, eq=False)
class Confinement:
    """What the casualty clock keeps patrols out of; nothing where it is a finding.

    Parameters
    ----------
    clock
        Of the sites of care that stand on all days.
    binds_moving
        Whether it binds legs and visits: not, by day, or by night too.
    binds_nights
        Whether it binds the nights out.
    """

    clock: CasualtyClock
    binds_moving: tuple[bool, ...]
    binds_nights: bool

    def confine_network(self, network: Network) -> Network:
        """Return a network without the stretches on which surgery is too far.

        Parameters
        ----------
        network
            The whole network.
        """
        if not self.binds_moving:
            return network
        found: dict[tuple[Any, ...], bool] = {}
        graph = network.graph.copy()
        for tail, head, key, edge in network.graph.edges(keys=True, data=True):
            path: tuple[Node, ...] = edge["coordinates"]
            way = min(path, path[::-1])
            if way not in found:
                found[way] = self._moves_beyond(path)
            if found[way]:
                graph.remove_edge(tail, head, key)
        return Network(graph, network.nodes, network.unjoined)

    def confine_travels(
        self,
        travels: tuple[PeriodTravel, ...],
        places: Mapping[str, tuple[float, float]],
        base_ids: Collection[str],
    ) -> tuple[PeriodTravel, ...]:
        """Return travel that leads to no place, and to no night, beyond the clock.

        Parameters
        ----------
        travels
            Travel over a network that was confined.
        places
            Position of each place.
        base_ids
            Those of them that are bases: nights there are nobody's to forbid.
        """
        if not self.binds_moving and not self.binds_nights:
            return travels
        reasons = self._find_beyond(places, base_ids)
        known: dict[tuple[Any, ...], _Spans] = {}
        return tuple(
            replace(period, travel=self._confine(period.travel, set(reasons), known))
            for period in travels
        )

    def explain(
        self,
        problem: Problem,
        places: Mapping[str, tuple[float, float]],
        whole: Network,
        confined: Network,
    ) -> Problem:
        """Return a problem whose sites bear the reason why the clock cuts them off.

        Parameters
        ----------
        problem
            The problem posed over confined travel.
        places
            Position of each place.
        whole, confined
            The network, and what the clock leaves of it.
        """
        if not self.binds_moving and not self.binds_nights:
            return problem
        base_ids = [base.id for base in problem.bases]
        reasons = self._find_beyond(places, base_ids)
        lost = _find_reached(whole, base_ids) - _find_reached(confined, base_ids)
        for place, node in whole.nodes.items():
            if node in lost:
                reasons.setdefault(place, "surgery_too_far_on_way")
        return replace(
            problem,
            sites=tuple(
                replace(site, cut_off_by=reasons.get(site.id)) for site in problem.sites
            ),
        )

    def list_notices(
        self, problem: Problem, places: Mapping[str, tuple[float, float]]
    ) -> tuple[Code, ...]:
        """Return ``team_beyond_clock`` for each team whose base lies beyond the clock.

        Parameters
        ----------
        problem
            The problem.
        places
            Position of each place.
        """
        beyond = self._find_beyond(places, [base.id for base in problem.bases])
        return tuple(
            Code(
                code="team_beyond_clock",
                values={"team_id": team.id, "base_id": team.base_id},
            )
            for team in problem.teams
            if team.base_id in beyond
        )

    def _moves_beyond(self, path: tuple[Node, ...]) -> bool:
        return any(
            self.clock.is_beyond(path, by_night=by_night)
            for by_night in self.binds_moving
        )

    def _find_beyond(
        self, places: Mapping[str, tuple[float, float]], base_ids: Collection[str]
    ) -> dict[str, str]:
        """Return the places beyond the clock, each with the code of the reason."""
        reasons: dict[str, str] = {}
        if not places:
            return reasons
        lon, lat = np.array(list(places.values()), dtype=float).T
        for by_night in (False, True):
            minutes = self.clock.measure_minutes(lon, lat, by_night=by_night)
            moves = by_night in self.binds_moving
            for place, total_min in zip(places, minutes.tolist(), strict=True):
                stays = by_night and self.binds_nights and place not in base_ids
                if (moves or stays) and total_min > self.clock.figures.surgery_min:
                    code = "surgery_too_far_by_night" if by_night else "surgery_too_far"
                    reasons.setdefault(place, code)
        return reasons

    def _confine(
        self,
        travel: Travel,
        beyond: Collection[str],
        known: dict[tuple[Any, ...], _Spans],
    ) -> Travel:
        out = np.array([place in beyond for place in travel.place_ids], dtype=bool)
        # Also between two places at one spot, such as a site and the base in it.
        cut = (out[:, None] | out[None, :]) & ~np.eye(len(out), dtype=bool)
        blocked: HaltBlocks = {
            pair: spans for pair, spans in travel.halt_blocked.items() if not cut[pair]
        }
        if self.binds_nights:
            blocked = dict(blocked)
            ways = np.isfinite(travel.durations_min) & ~cut
            np.fill_diagonal(ways, val=False)
            for i, j in np.argwhere(ways).tolist():
                pieces = travel.trace(travel.place_ids[i], travel.place_ids[j])
                dark = self._list_dark_minutes(pieces, known)
                if spans := _merge_spans((*blocked.get((i, j), ()), *dark)):
                    blocked[i, j] = spans
        return replace(
            travel,
            durations_min=np.where(cut, np.inf, travel.durations_min),
            lengths_m=np.where(cut, np.inf, travel.lengths_m),
            fuels_l=np.where(cut, np.inf, travel.fuels_l),
            hazards=np.where(cut, np.inf, travel.hazards),
            halt_blocked=blocked,
        )

    def _list_dark_minutes(
        self, pieces: tuple[Piece, ...], known: dict[tuple[Any, ...], _Spans]
    ) -> list[tuple[float, float]]:
        """Return the driving minutes of a way at which a night would be too far."""
        spans = []
        clock_min = 0.0
        for piece in pieces:
            path = piece.coordinates
            if path not in known:
                known[path] = self.clock.find_shares_beyond(
                    path, measure_along(path), by_night=True
                )
            end_min = clock_min + piece.duration_min
            spans += [
                (
                    clock_min + begins * piece.duration_min,
                    end_min if ends == 1.0 else clock_min + ends * piece.duration_min,
                )
                for begins, ends in known[path]
            ]
            clock_min = end_min
        return spans


def read_confinement(scenario: Scenario, layers: Layers) -> Confinement:
    """Return what the casualty clock of a scenario keeps patrols out of.

    Parameters
    ----------
    scenario, layers
        The question, and its layers.
    """
    figures = scenario.casualty
    by_night = figures.night == "limit"
    moving = [False] if figures.day == "limit" else []
    if by_night and scenario.movement.night_movement:
        moving.append(True)
    clock = build_clock(figures, layers.medical, scenario.days)
    return Confinement(clock, tuple(moving), by_night)


def _find_reached(network: Network, base_ids: Collection[str]) -> set[Any]:
    """Return the nodes that some base has a way to, whatever the state of the roads."""
    reached: set[Any] = set()
    for base in base_ids:
        node = network.nodes.get(base)
        if node is not None and node not in reached:
            reached |= {node, *nx.descendants(network.graph, node)}
    return reached


def _merge_spans(spans: Collection[tuple[float, float]]) -> _Spans:
    """Return spans in order, those that touch or overlap made one."""
    merged: list[tuple[float, float]] = []
    for begins, ends in sorted(spans):
        if merged and begins <= merged[-1][1]:
            before = merged.pop()
            merged.append((before[0], max(before[1], ends)))
        else:
            merged.append((begins, ends))
    return tuple(merged)
