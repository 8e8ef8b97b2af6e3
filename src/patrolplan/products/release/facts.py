"""All that may leave in an OPEN or an UNCLASSIFIED pack, taken from a plan by name.

No other module of the release reads a plan. What is taken here belongs to the
*question*: places, people, what is known, where no way leads. Nothing of the *answer*
is read: no patrol, no assessment, no gate, no team, no seed. So two plans that differ
in movement alone cannot but give the same pack, byte by byte.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final, Literal

from patrolplan.planfile import PlanFile, SiteEntry
from patrolplan.products.catalogue import Text
from patrolplan.products.frames import read_cell, read_rows
from patrolplan.products.release.profiles import find_first_day
from patrolplan.products.rows import MapLayers

__all__ = ["Facts", "Place", "Reason", "gather_facts"]

Reason = Literal["no_way", "unknown", "not_told"]
"""Why a place may be left out, as far as it may be told.

``no_way``: no way joins it to any base. ``unknown``: its people or its risk have no
figure. ``not_told``: patrols can get there; whether one goes is not told.
"""
# The layers that the map shows, and whose makers must therefore be named.
_CITED: Final = frozenset({"population", "regions", "borders", "rivers", "lakes"})


@dataclass(frozen=True)
class Place:
    """A place that was considered.

    Parameters
    ----------
    name
        Its name.
    cercle, region
        What it belongs to; None where that is not known.
    lon, lat
        Position in degrees, not yet coarsened.
    people
        Persons; None is unknown.
    reason
        Why it may be left out.
    """

    name: Text
    cercle: str | None
    region: str | None
    lon: float
    lat: float
    people: int | None
    reason: Reason


@dataclass(frozen=True)
class Facts:
    """What a pack for a wider circle is made from.

    Parameters
    ----------
    version
        Of patrolplan.
    month
        Year and month of the first day planned, such as ``2014-11``.
    places
        In order of their names.
    sources
        Whose data the map shows: source and licence.
    """

    version: str
    month: str
    places: tuple[Place, ...]
    sources: tuple[tuple[str, str], ...]


def gather_facts(plan: PlanFile, layers: MapLayers | None) -> Facts:
    """Take from a plan what may leave.

    Parameters
    ----------
    plan
        The plan.
    layers
        Give French names and regions of places; None when there are none.
    """
    rows: dict[str, dict[str, Any]] = {}
    if layers is not None:
        rows = {str(row.get("id")): row for row in read_rows(layers.population)}
    regions = _find_regions(plan, rows)
    cut_off = _find_cut_off(plan)
    places = []
    for site in plan.sites:
        french = read_cell(rows.get(site.id, {}), "name_fr")
        places.append(
            Place(
                name=Text(site.name, str(french or site.name)),
                cercle=site.cercle,
                region=regions.get(site.cercle or ""),
                lon=site.lon,
                lat=site.lat,
                people=site.population,
                reason=_find_reason(site, cut_off),
            )
        )
    places.sort(key=lambda place: (place.name.en, place.lon, place.lat))
    return Facts(
        version=plan.version,
        month=find_first_day(plan).strftime("%Y-%m"),
        places=tuple(places),
        sources=tuple(dict.fromkeys(_list_sources(plan))),
    )


def _find_reason(site: SiteEntry, cut_off: frozenset[str]) -> Reason:
    if site.id in cut_off:
        return "no_way"
    if site.population is None or site.risk is None:
        return "unknown"
    return "not_told"


def _find_regions(plan: PlanFile, rows: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Return the region of each cercle, the one that most of its places name."""
    named: dict[str, Counter[str]] = {}
    for site in plan.sites:
        region = read_cell(rows.get(site.id, {}), "region_2014")
        if site.cercle and isinstance(region, str):
            named.setdefault(site.cercle, Counter())[region] += 1
    return {
        cercle: min(counts, key=lambda name: (-counts[name], name))
        for cercle, counts in named.items()
    }


def _find_cut_off(plan: PlanFile) -> frozenset[str]:
    """Return the sites that no way joins to any base both ways, on any day planned.

    Reckoned from the travel tables and never from the reasons in the assessment: those
    stand only at sites that the plan leaves out. A site in no table is not judged.
    """
    bases = {base.id for base in plan.bases}
    sites = {site.id for site in plan.sites}
    known: set[str] = set()
    joined: set[str] = set()
    for table in plan.travel:
        index = {place: number for number, place in enumerate(table.place_ids)}
        homes = [index[base] for base in sorted(bases) if base in index]
        if not homes:
            continue
        ways = table.durations_min
        for site in sorted(sites & index.keys()):
            at = index[site]
            known.add(site)
            if any(
                ways[home][at] is not None and ways[at][home] is not None
                for home in homes
            ):
                joined.add(site)
    return frozenset(known - joined)


def _list_sources(plan: PlanFile) -> Iterator[tuple[str, str]]:
    for entry in plan.inputs:
        if entry.source and PurePosixPath(entry.path).stem in _CITED:
            yield entry.source, entry.licence or ""
