"""Where in the theatre surgery is too far, and where one more unit would help most.

The gap of a theatre, not of a plan: every site, base and line is summed up by day and
by night. One more helicopter, one more surgical team, or both together are then put at
each site, airfield and base in turn, and what comes within the clock is counted: an
exact enumeration. People are those who live where a patrol could then go within the
clock: it is the patrol's clock, and promises nothing to them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from patrolplan.geodesy import WGS84, measure_distance_m
from patrolplan.layers import Layers
from patrolplan.network import CasualtyClock, build_clock
from patrolplan.ratings import rate_scenario
from patrolplan.scenario import Scenario, read_scenario

__all__ = ["UNITS", "CasualtyGaps", "Weight", "find_casualty_gaps", "rank_places"]

Unit = Literal["helicopter", "surgery", "both"]
UNITS: Final[tuple[Unit, ...]] = ("helicopter", "surgery", "both")
"""What one more of may be had: a helicopter, a surgical team, or the two together."""
Weight = Literal["people", "need"]

# Nearer to a place already listed, another is the same place.
_SAME_M: Final = 500.0
_PARTS: Final = (
    "notice_min",
    "out_km",
    "out_min",
    "loading_min",
    "surgery_km",
    "surgery_min",
    "helicopter_id",
    "surgery_id",
    "lon",
    "lat",
)


@dataclass(frozen=True, eq=False)
class CasualtyGaps:
    """The casualty clock of a theatre on one day.

    Parameters
    ----------
    scenario, layers
        The question and its layers.
    as_of
        The day: of the sites of care those count that stand on it.
    clock
        The clock of these.
    places
        GeoDataFrame of sites, bases and lines: ``kind`` (site, base, line), ``id``,
        ``name``, ``name_fr``, ``cercle``, ``people``, ``need`` (both NaN if unknown, or
        of no site), ``state`` (``night``: within by day and night; ``day``: by day
        only; ``beyond``; ``unknown``: no care known), ``day_min``, ``night_min`` and
        the parts of each sum, as ``day_notice_min``; of a line at its worst spot.
    candidates
        DataFrame of each unit at each place: ``unit``, ``kind`` (site, airfield, base),
        ``id``, ``name``, ``name_fr``, ``lon``, ``lat``; what it brings within the clock
        by day and by night: ``sites_day``, ``people_day``, ``need_day``,
        ``unknown_day`` (those of the sites whose people are unknown), and so by night;
        ``site_ids_day``, a tuple; ``rank_people`` and ``rank_need`` within the unit.
    """

    scenario: Scenario
    layers: Layers
    as_of: date
    clock: CasualtyClock
    places: Any
    candidates: Any


def find_casualty_gaps(
    scenario: Scenario | Path | str, *, as_of: date | None = None
) -> CasualtyGaps:
    """Sum the casualty clock up for a whole theatre.

    Parameters
    ----------
    scenario
        A scenario, or the path of its file.
    as_of
        The day; the first of the scenario if None.

    Raises
    ------
    InputError
        If the scenario or any of its files has a fault; with all of them.
    """
    if not isinstance(scenario, Scenario):
        scenario = read_scenario(scenario)
    rating = rate_scenario(scenario)
    layers = rating.layers
    day = scenario.start if as_of is None else as_of
    clock = build_clock(scenario.casualty, layers.medical, (day,))
    sites = _list_sites(layers.population, rating.sites)
    bases = _list_bases(layers.bases, day)
    places = _sum_places(clock, pd.concat([sites, bases, _list_lines(layers.lines)]))
    return CasualtyGaps(
        scenario=scenario,
        layers=layers,
        as_of=day,
        clock=clock,
        places=places,
        candidates=_weigh_candidates(clock, sites, _list_spots(layers, sites, bases)),
    )


def rank_places(gaps: CasualtyGaps, unit: Unit, weight: Weight = "people") -> Any:
    """Return the places for one more unit, the best first.

    Parameters
    ----------
    gaps
        The theatre.
    unit
        Of :data:`UNITS`.
    weight
        Whether people or need brought within the clock by day decide; then the other,
        then the same by night, then the number of sites.
    """
    rows = gaps.candidates[gaps.candidates["unit"] == unit]
    return rows.sort_values([f"rank_{weight}"]).reset_index(drop=True)


def _list_sites(population: Any, rated: Any) -> Any:
    ids = population["id"]
    return gpd.GeoDataFrame(
        {
            "kind": "site",
            "id": ids,
            "name": population["name"],
            "name_fr": population["name_fr"],
            "cercle": population["cercle_2014"],
            "people": rated["people"].reindex(ids).to_numpy(float),
            "need": rated["need"].reindex(ids).to_numpy(float),
        },
        geometry=population.geometry.to_numpy(),
        crs=WGS84,
    ).sort_values("id", ignore_index=True)


def _list_bases(bases: Any, day: date) -> Any:
    stands = [
        (base.valid_from is None or base.valid_from <= day)
        and (base.valid_to is None or base.valid_to >= day)
        for base in bases.itertuples()
    ]
    return _list_named(bases[np.array(stands, dtype=bool)], "base")


def _list_lines(lines: Any) -> Any:
    drawn = lines.assign(name=lines["name"].where(lines["name"].notna(), lines["id"]))
    return _list_named(drawn, "line")


def _list_named(frame: Any, kind: str) -> Any:
    french = frame.get("name_fr")
    return gpd.GeoDataFrame(
        {
            "kind": kind,
            "id": frame["id"],
            "name": frame["name"],
            "name_fr": french,
            "cercle": None,
            "people": np.nan,
            "need": np.nan,
        },
        geometry=frame.geometry.to_numpy(),
        crs=WGS84,
    ).sort_values("id", ignore_index=True)


def _list_spots(layers: Layers, sites: Any, bases: Any) -> Any:
    """Return where a unit could be put: sites, airfields, bases, each spot once."""
    fields = _list_named(layers.airfields, "airfield")
    spots = pd.concat([sites, fields, bases], ignore_index=True)
    lon, lat = spots.geometry.x.to_numpy(), spots.geometry.y.to_numpy()
    kept: list[int] = []
    for number in range(len(spots)):
        far_m = measure_distance_m(lon[number], lat[number], lon[kept], lat[kept])
        if not (far_m < _SAME_M).any():
            kept.append(number)
    return spots.iloc[kept].reset_index(drop=True)


def _sum_places(clock: CasualtyClock, places: Any) -> Any:
    """Return places with their sums, each part a column."""
    rows = []
    for shape in places.geometry:
        row: dict[str, Any] = {}
        for when, by_night in (("day", False), ("night", True)):
            found = clock.find_worst(list(shape.coords), by_night=by_night)
            row[f"{when}_min"] = np.nan if found is None else found.total_min
            for part in _PARTS:
                row[f"{when}_{part}"] = None if found is None else getattr(found, part)
        rows.append(row)
    limit_min = clock.figures.surgery_min
    summed = pd.DataFrame(rows)
    states = [
        "unknown"
        if np.isnan(day)
        else "beyond"
        if day > limit_min
        else "night"
        if night <= limit_min
        else "day"
        for day, night in zip(summed["day_min"], summed["night_min"], strict=True)
    ]
    table = places.reset_index(drop=True).assign(state=states)
    return gpd.GeoDataFrame(
        pd.concat([table, summed], axis=1), geometry="geometry", crs=WGS84
    )


def _weigh_candidates(clock: CasualtyClock, sites: Any, spots: Any) -> Any:
    """Return what one more unit at each spot brings within the clock."""
    at = (sites.geometry.x.to_numpy(), sites.geometry.y.to_numpy())
    far_m = measure_distance_m(
        spots.geometry.x.to_numpy()[:, None],
        spots.geometry.y.to_numpy()[:, None],
        *at,
    )
    gained: dict[str, Mapping[Unit, NDArray[np.bool_]]] = {
        when: _find_gained(clock, at, far_m, by_night=when == "night")
        for when in ("day", "night")
    }
    people, need = sites["people"].to_numpy(), sites["need"].to_numpy()
    ids = sites["id"].to_numpy()
    frames = []
    for unit in UNITS:
        frame = pd.DataFrame(
            {
                "unit": unit,
                "kind": spots["kind"],
                "id": spots["id"],
                "name": spots["name"],
                "name_fr": spots["name_fr"],
                "lon": spots.geometry.x,
                "lat": spots.geometry.y,
            }
        )
        for when, units in gained.items():
            new = units[unit]
            frame[f"sites_{when}"] = new.sum(axis=1)
            frame[f"people_{when}"] = new @ np.nan_to_num(people)
            frame[f"need_{when}"] = new @ np.nan_to_num(need)
            frame[f"unknown_{when}"] = new @ np.isnan(people).astype(int)
        frame["site_ids_day"] = [tuple(ids[row]) for row in gained["day"][unit]]
        for first, second in (("people", "need"), ("need", "people")):
            keys = [f"{w}_{when}" for when in ("day", "night") for w in (first, second)]
            order = frame.sort_values(
                [*keys, "sites_day", "sites_night", "id"],
                ascending=[False] * (len(keys) + 2) + [True],
            ).index
            frame.loc[order, f"rank_{first}"] = np.arange(1, len(frame) + 1)
        frames.append(frame.astype({"rank_people": int, "rank_need": int}))
    return pd.concat(frames, ignore_index=True)


def _find_gained(
    clock: CasualtyClock,
    at: tuple[NDArray[np.float64], NDArray[np.float64]],
    far_m: NDArray[np.float64],
    *,
    by_night: bool,
) -> Mapping[Unit, NDArray[np.bool_]]:
    """Return, by unit, whether a spot's unit brings a site within the clock."""
    out_m = clock.measure_nearest_m("helicopter", *at, by_night=by_night)
    back_m = clock.measure_nearest_m("surgery", *at, by_night=by_night)
    most_m = clock.find_flight_km(by_night=by_night) * 1000
    before = out_m + back_m <= most_m
    flown: Mapping[Unit, NDArray[np.float64]] = {
        "helicopter": np.minimum(out_m, far_m) + back_m,
        "surgery": out_m + np.minimum(back_m, far_m),
        "both": np.minimum(out_m, far_m) + np.minimum(back_m, far_m),
    }
    return {unit: (m <= most_m) & ~before for unit, m in flown.items()}
