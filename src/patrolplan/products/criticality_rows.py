"""What the cut of each line costs, as rows for people and tables for machines."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import pandas as pd

from patrolplan.criticality import Criticality
from patrolplan.products.catalogue import Text, mark, translate

__all__ = [
    "CutRow",
    "SiteCost",
    "WeakRow",
    "list_cut_rows",
    "list_weak_rows",
    "tabulate_cuts",
    "tabulate_sites",
    "translate_cut_heading",
]

_HEADINGS: Final = {
    "Line": mark("Line"),
    "People cut off": mark("People cut off"),
    "Person-hours more": mark("Person-hours more"),
    "Sites": mark("Sites"),
    "Bridge": mark("Bridge"),
}


@dataclass(frozen=True)
class SiteCost:
    """What a cut costs one site.

    Parameters
    ----------
    name
        The site.
    people
        Persons; None where unknown.
    hours
        More on the way from the nearest base; None if no base has a way any more.
    """

    name: Text
    people: float | None
    hours: float | None


@dataclass(frozen=True)
class CutRow:
    """A line whose cut costs anything.

    Parameters
    ----------
    rank
        From 1 for the line whose cut is the gravest.
    id, name
        The line.
    grade
        ``cut`` if any site is left without a way, else ``longer``.
    bridge
        Whether a part of it is a bridge of the road graph: the only way across.
    people_cut_off
        Persons left without a way, those unknown not counted.
    person_hours
        Hours more on the way times the persons there, over all sites still reached.
    unknown
        Sites that it costs anything of which no people are known.
    costs
        What it costs each of its sites, those cut off first.
    """

    rank: int
    id: str
    name: Text
    grade: str
    bridge: bool
    people_cut_off: float
    person_hours: float
    unknown: int
    costs: tuple[SiteCost, ...]

    @property
    def sites(self) -> int:
        """How many sites it costs anything."""
        return len(self.costs)


@dataclass(frozen=True)
class WeakRow:
    """A bridge or an articulation point of the road graph.

    Parameters
    ----------
    kind
        ``bridge`` or ``point``.
    at
        The line that a bridge is a part of, or the places at a point; its latitude and
        longitude where there is none.
    parted
        Places that its loss parts from the bases.
    """

    kind: str
    at: tuple[Text, ...]
    parted: tuple[Text, ...]


def _read_names(found: Criticality) -> dict[str, Text]:
    return {
        row.id: Text(
            str(row.name),
            str(row.name_fr)
            if isinstance(getattr(row, "name_fr", None), str) and row.name_fr
            else str(row.name),
        )
        for frame in (found.layers.bases, found.layers.population)
        for row in frame.itertuples()
    }


def list_cut_rows(found: Criticality) -> tuple[CutRow, ...]:
    """Return the lines whose cut costs any site its way or time.

    Parameters
    ----------
    found
        The theatre.
    """
    names = _read_names(found)
    by_line = dict(tuple(found.sites.groupby("line_id")))
    rows = []
    for line in found.lines.itertuples():
        if line.id not in by_line:
            continue
        costs = [
            SiteCost(
                names[cost.site_id],
                None if math.isnan(cost.people) else float(cost.people),
                None if math.isnan(cost.hours) else float(cost.hours),
            )
            for cost in by_line[line.id].itertuples()
        ]
        costs.sort(key=lambda c: (c.hours is not None, -(c.people or 0), c.name.en))
        rows.append(
            CutRow(
                rank=int(line.rank),
                id=str(line.id),
                name=Text(str(line.name), str(line.name_fr)),
                grade="cut" if line.sites_cut_off else "longer",
                bridge=bool(line.bridge),
                people_cut_off=float(line.people_cut_off),
                person_hours=float(line.person_hours),
                unknown=int(line.unknown_people),
                costs=tuple(costs),
            )
        )
    return tuple(rows)


def list_weak_rows(found: Criticality, kind: str) -> tuple[WeakRow, ...]:
    """Return the bridges or the articulation points, with the places they part.

    Parameters
    ----------
    found
        The theatre.
    kind
        ``bridge`` or ``point``.
    """
    names = _read_names(found)
    lines = {
        row.id: Text(str(row.name), str(row.name_fr))
        for row in found.lines.itertuples()
    }
    rows: dict[WeakRow, None] = {}
    for spot in found.weak_spots:
        if spot.kind != kind:
            continue
        at = [lines[spot.line_id]] if spot.line_id else []
        at += [names[place] for place in spot.place_ids]
        if not at:
            at = [Text.same(f"{spot.lat:.2f}, {spot.lon:.2f}")]
        parted = tuple(dict.fromkeys(names[place] for place in spot.parted))
        # A base in its town is named once.
        rows[WeakRow(kind, tuple(dict.fromkeys(at)), parted)] = None
    return tuple(rows)


def tabulate_cuts(found: Criticality) -> pd.DataFrame:
    """Return the table of ``critical.csv``: a row a line, the gravest cut first.

    Columns: ``rank``, ``line_id``, ``name``, ``name_fr``, ``open`` and ``bridge`` (yes
    or no), ``people_cut_off``, ``sites_cut_off``, ``person_hours``, ``people_longer``,
    ``sites_longer``, ``unknown_people`` (sites that it costs anything of which no
    people are known), ``most_hours``, ``as_of``, ``vehicle``.

    Parameters
    ----------
    found
        The theatre.
    """
    table = pd.DataFrame(found.lines.drop(columns="geometry"))
    table = table.rename(columns={"id": "line_id"})
    for name in ("open", "bridge"):
        table[name] = ["yes" if cell else "no" for cell in table[name]]
    return table.assign(as_of=found.as_of.isoformat(), vehicle=found.state.vehicle)


def tabulate_sites(found: Criticality) -> pd.DataFrame:
    """Return the table of ``critical-sites.csv``: each line and site that it costs.

    Columns: ``line_id``, ``site_id``, ``people`` (the word unknown where it is),
    ``base_before``, ``minutes_before``, ``base_after``, ``minutes_after``, ``hours``;
    the last three are empty where the site is cut off.

    Parameters
    ----------
    found
        The theatre.
    """
    table = found.sites.astype(object)
    known = found.sites["people"].notna()
    table["people"] = table["people"].where(known, "unknown")
    shown: pd.DataFrame = table.where(table.notna(), None)
    return shown


def translate_cut_heading(heading: str, lang: str) -> str:
    """Return the heading of a table that is printed, in a language.

    Parameters
    ----------
    heading
        In English, such as ``People cut off``.
    lang
        ``en`` or ``fr``.
    """
    return translate(_HEADINGS[heading], lang)
