"""Which line must be kept open: what civilians and aid lose when one is cut.

Every line of the layers is closed alone, and each site is measured anew from its
nearest open base: an exact enumeration of all single cuts. People without any way left
are counted apart; hours are only those of people who still have one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from patrolplan.errors import RouteError
from patrolplan.geodesy import WGS84
from patrolplan.layers import Layers
from patrolplan.network import build_network, read_roads
from patrolplan.network.arcs import RoadState, is_known_class
from patrolplan.network.cutting import Cuts, WeakSpot, cut_lines, find_weak_spots
from patrolplan.open_ground import read_travelled_layers
from patrolplan.question import list_places
from patrolplan.scenario import Scenario, read_scenario

__all__ = ["Criticality", "find_criticality", "list_standing_bases"]


@dataclass(frozen=True, eq=False)
class Criticality:
    """What each line of a theatre is worth on one day, for one vehicle class.

    Parameters
    ----------
    scenario, layers
        The question and its layers.
    as_of, state
        The day, and the road state that it makes.
    lines
        GeoDataFrame of lines, the gravest cut first: ``rank``, ``id``, ``name``,
        ``name_fr``, ``open`` (that day), ``bridge``; ``people_cut_off`` and
        ``sites_cut_off``, those with a way that lose every way; ``person_hours``, the
        sum over the sites that keep a way of people times hours more; ``people_longer``
        and ``sites_longer``, those whose way gets longer; ``unknown_people``, sites cut
        off or longer of which no people are known; ``most_hours``, the most that one
        site gets longer by.
    sites
        DataFrame of a row each line and site that it costs anything: ``line_id``,
        ``site_id``, ``people`` (NaN if unknown), ``base_before``, ``minutes_before``,
        ``base_after`` (None if cut off), ``minutes_after`` (NaN if cut off), ``hours``.
    weak_spots
        Bridges and articulation points.
    without_way
        Sites without a way from any base with no line cut.
    """

    scenario: Scenario
    layers: Layers
    as_of: date
    state: RoadState
    lines: Any
    sites: Any
    weak_spots: tuple[WeakSpot, ...]
    without_way: tuple[str, ...]


def list_standing_bases(bases: Any, scenario: Scenario, day: date) -> Any:
    """Return the bases that stand on a day and are not closed by the scenario.

    Parameters
    ----------
    bases
        The bases layer.
    scenario
        Names those it takes away.
    day
        The day.
    """
    stands = [
        base.id not in scenario.bases.closed
        and (base.valid_from is None or base.valid_from <= day)
        and (base.valid_to is None or base.valid_to >= day)
        for base in bases.itertuples()
    ]
    return bases[np.array(stands, dtype=bool)].sort_values("id")


def find_criticality(
    scenario: Scenario | Path | str,
    *,
    as_of: date | None = None,
    vehicle: str = "light_4x4",
) -> Criticality:
    """Cut every line in turn, and rank them by what each cut costs.

    Parameters
    ----------
    scenario
        A scenario, or the path of its file.
    as_of
        The day; the first of the scenario if None.
    vehicle
        Class of the speeds table, or one by land + one by water.

    Raises
    ------
    InputError
        If the scenario or any of its files has a fault; with all of them.
    RouteError
        If the speeds table does not know the vehicle class.
    """
    if not isinstance(scenario, Scenario):
        scenario = read_scenario(scenario)
    layers = read_travelled_layers(scenario)
    if not is_known_class(vehicle, layers.speeds):
        known = ", ".join(sorted(set(layers.speeds["vehicle"])))
        msg = f"No vehicle class is called {vehicle!r}; expected one of {known}."
        raise RouteError(msg)
    day = scenario.start if as_of is None else as_of
    bases = list_standing_bases(layers.bases, scenario, day)
    network = build_network(
        layers.lines,
        list_places(layers.population, bases),
        snap_km=scenario.movement.snap_km,
    )
    state = read_roads(scenario, layers).find_state(vehicle, day)
    base_ids, line_ids = list(bases["id"]), sorted(layers.lines["id"])
    place_ids = sorted(layers.population["id"])
    cuts = cut_lines(network, layers.speeds, state, base_ids, place_ids, line_ids)
    spots = find_weak_spots(network, layers.speeds, state, base_ids)
    sites = _list_costs(cuts, layers.population)
    return Criticality(
        scenario=scenario,
        layers=layers,
        as_of=day,
        state=state,
        lines=_rank_lines(layers.lines, sites, state, spots),
        sites=sites,
        weak_spots=spots,
        without_way=tuple(
            place
            for place, minutes in zip(place_ids, cuts.whole.minutes, strict=True)
            if not np.isfinite(minutes)
        ),
    )


def _list_costs(cuts: Cuts, population: Any) -> pd.DataFrame:
    """Return every site that a cut costs its way, or minutes."""
    people = dict(
        zip(population["id"], population["population"].astype(float), strict=True)
    )
    before = cuts.whole.minutes
    rows = []
    for line, reach in cuts.without.items():
        for i in np.flatnonzero(np.isfinite(before) & (reach.minutes > before)):
            after = float(reach.minutes[i])
            lost = not np.isfinite(after)
            rows.append(
                {
                    "line_id": line,
                    "site_id": cuts.place_ids[i],
                    "people": people[cuts.place_ids[i]],
                    "base_before": cuts.whole.base_ids[i],
                    "minutes_before": float(before[i]),
                    "base_after": reach.base_ids[i],
                    "minutes_after": np.nan if lost else after,
                    "hours": np.nan if lost else (after - float(before[i])) / 60,
                }
            )
    columns = ["line_id", "site_id", "people", "base_before", "minutes_before"]
    columns += ["base_after", "minutes_after", "hours"]
    table = pd.DataFrame(rows, columns=columns)
    # A column of strings would make NaN of None.
    bases = pd.Series([row["base_after"] for row in rows], dtype=object)
    return table.assign(base_after=bases)


def _rank_lines(
    lines: Any, sites: pd.DataFrame, state: RoadState, spots: tuple[WeakSpot, ...]
) -> Any:
    bridges = {spot.line_id for spot in spots}
    rows = []
    by_line = dict(tuple(sites.groupby("line_id")))
    for line in lines.to_dict("records"):
        costs = by_line.get(line["id"], sites.iloc[:0])
        lost = costs[costs["hours"].isna()]
        longer = costs[costs["hours"].notna()]
        english = line.get("name") or line.get("ref")
        english = english if isinstance(english, str) else line["id"]
        french = line.get("name_fr")
        status = line.get(f"status_{dict(state.levels).get(line['id'], state.season)}")
        rows.append(
            {
                "id": line["id"],
                "name": english,
                "name_fr": french if isinstance(french, str) and french else english,
                "open": line["id"] not in state.closed and status != "closed",
                "bridge": line["id"] in bridges,
                "people_cut_off": float(lost["people"].sum()),
                "sites_cut_off": len(lost),
                "person_hours": float((longer["people"] * longer["hours"]).sum()),
                "people_longer": float(longer["people"].sum()),
                "sites_longer": len(longer),
                "unknown_people": int(costs["people"].isna().sum()),
                "most_hours": 0.0 if longer.empty else float(longer["hours"].max()),
                "geometry": line["geometry"],
            }
        )
    ranked = sorted(
        rows,
        key=lambda row: (
            -row["people_cut_off"],
            -row["person_hours"],
            -row["sites_cut_off"],
            -row["sites_longer"],
            row["id"],
        ),
    )
    table = gpd.GeoDataFrame(ranked, geometry="geometry", crs=WGS84)
    table.insert(0, "rank", np.arange(1, len(table) + 1))
    return table
