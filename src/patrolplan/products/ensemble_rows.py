"""Many plans taken together, as rows for people, tables and JSON for machines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import pandas as pd

from patrolplan._version import __version__
from patrolplan.ensemble import Ensemble
from patrolplan.products.catalogue import Text, mark, translate, translate_text
from patrolplan.products.gates import find_shown_status
from patrolplan.products.rows import MapLayers, PlaceNames

__all__ = [
    "FORMAT",
    "REASON_WORDS",
    "AxisShare",
    "LineShare",
    "SiteShare",
    "describe_ensemble",
    "find_status",
    "list_line_shares",
    "list_site_shares",
    "tabulate_axes",
    "tabulate_lines",
    "tabulate_reasons",
    "tabulate_sites",
    "translate_heading",
    "word_reason_briefly",
]

FORMAT: Final = "patrolplan-ensemble/1"
"""Format of ``ensemble.json``."""
REASON_WORDS: Final = {
    "beyond_horizon": mark("no patrol ends within the days"),
    "dwell_too_long": mark("the visit takes longer than a day's window"),
    "equally_good": mark("a plan that goes there is as good"),
    "equity_first": mark("the worst served come first"),
    "fuel_exceeded": mark("fuel does not last"),
    "group_served": mark("another site of its group is visited"),
    "hazard_exceeded": mark("too much hazard on the way"),
    "held_by_base": mark("held day by day by a base"),
    "liaison_refused": mark("the ceasefire's liaison is not made"),
    "need_unknown": mark("need unknown"),
    "need_zero": mark("no need there"),
    "no_halt": mark("no place to halt on the way"),
    "no_team": mark("no team"),
    "no_time_left": mark("no time left"),
    "no_way": mark("no way there"),
    "not_planned": mark("within reach, not planned"),
    "out_of_range": mark("out of range"),
    "priced_out": mark("would cost more need elsewhere"),
    "role_missing": mark("roles missing"),
    "surgery_too_far": mark("surgery too far by day"),
    "surgery_too_far_by_night": mark("surgery too far by night"),
    "surgery_too_far_on_way": mark("surgery too far on the way"),
    "too_many_days": mark("too many days away"),
    "visit_may_harm": mark("a visit could bring harm"),
    "way_closed": mark("the way is closed"),
    "way_closed_in_season": mark("no way in the rains"),
    "ways_closed": mark("all ways are closed"),
    "window_missed": mark("nobody there when a visit may begin"),
}
"""Each reason in a few words: the values that a sentence needs differ by plan."""

_HEADINGS: Final = {
    "Site": mark("Site"),
    "People": mark("People"),
    "Plans": mark("Plans"),
    "Why not in the others": mark("Why not in the others"),
    "unknown": mark("unknown"),
    "Line": mark("Line"),
    "Vehicles a plan": mark("Vehicles a plan"),
}

State = Literal["visited", "never", "held"]


@dataclass(frozen=True)
class AxisShare:
    """Of the plans with one value of an axis, how many serve a site or a line.

    Parameters
    ----------
    axis, value
        Of the grid.
    plans, served
        Plans that have the value, and those of them that visit the site or drive the
        line.
    passes_per_plan
        Vehicles that pass the line, in the mean of these plans; None of a site.
    """

    axis: str
    value: str
    plans: int
    served: int
    passes_per_plan: float | None


@dataclass(frozen=True)
class SiteShare:
    """A site: in how many of the plans it is visited, and why not in the others.

    Parameters
    ----------
    id, name, lon, lat
        Which, and where in degrees.
    people
        Persons; None where unknown.
    plans, visited, passed
        All plans; those that visit it; those that only pass it on the way.
    state
        ``held`` where every plan says that a base holds it, ``never`` where no plan
        visits it, else ``visited``.
    reasons
        Why not, in a few words, each with the plans that say so; the commonest first.
    by_axis
        The same shares by value of each axis of the grid.
    """

    id: str
    name: Text
    people: int | None
    lon: float
    lat: float
    plans: int
    visited: int
    passed: int
    state: State
    reasons: tuple[tuple[Text, int], ...]
    by_axis: tuple[AxisShare, ...]

    @property
    def percent(self) -> float:
        """Share of the plans that visit it, percent."""
        return 100 * self.visited / self.plans


@dataclass(frozen=True)
class LineShare:
    """A line: in how many of the plans it is driven, and by how many vehicles.

    Parameters
    ----------
    id, name
        The line.
    plans, driven
        All plans, and those that drive it or a part of it.
    passes_per_plan
        Vehicles that pass it, in the mean of all plans.
    by_axis
        The same by value of each axis of the grid.
    """

    id: str
    name: Text
    plans: int
    driven: int
    passes_per_plan: float
    by_axis: tuple[AxisShare, ...]

    @property
    def percent(self) -> float:
        """Share of the plans that drive it, percent."""
        return 100 * self.driven / self.plans


def word_reason_briefly(code: str) -> Text:
    """Return a reason in a few words; one that nobody worded is its own word.

    Parameters
    ----------
    code
        The reason.
    """
    words = REASON_WORDS.get(code)
    return Text.same(code) if words is None else translate_text(words)


def translate_heading(heading: str, lang: str) -> str:
    """Return the heading of a table that is printed, in a language.

    Parameters
    ----------
    heading
        In English, such as ``Vehicles a plan``.
    lang
        ``en`` or ``fr``.
    """
    return translate(_HEADINGS[heading], lang)


def list_site_shares(
    found: Ensemble, layers: MapLayers | None = None
) -> tuple[SiteShare, ...]:
    """Return the sites, those visited most first.

    Parameters
    ----------
    found
        The plans taken together.
    layers
        Give the French names of sites.
    """
    names = PlaceNames(found.members[0].plan, layers)
    reasons: dict[str, list[tuple[Text, int]]] = {}
    for row in found.reasons.itertuples():
        worded = (word_reason_briefly(row.reason), int(row.plans))
        reasons.setdefault(row.site_id, []).append(worded)
    axes = _list_axis_shares(found, "site")
    return tuple(
        SiteShare(
            id=row.site_id,
            name=names.find(row.site_id),
            people=None if pd.isna(row.people) else int(row.people),
            lon=float(row.geometry.x),
            lat=float(row.geometry.y),
            plans=int(row.plans),
            visited=int(row.visited),
            passed=int(row.passed),
            state=_find_state(row),
            reasons=tuple(reasons.get(row.site_id, ())),
            by_axis=axes.get(row.site_id, ()),
        )
        for row in found.sites.itertuples()
    )


def _find_state(row: Any) -> State:
    if row.held == row.plans:
        return "held"
    return "visited" if row.visited else "never"


def list_line_shares(found: Ensemble) -> tuple[LineShare, ...]:
    """Return the lines that any plan drives, those driven most first.

    Parameters
    ----------
    found
        The plans taken together.
    """
    axes = _list_axis_shares(found, "line")
    return tuple(
        LineShare(
            id=row.line_id,
            name=Text(row.name, row.name_fr),
            plans=int(row.plans),
            driven=int(row.driven),
            passes_per_plan=float(row.passes_per_plan),
            by_axis=axes.get(row.line_id, ()),
        )
        for row in found.lines.itertuples(index=False)
        if row.driven
    )


def _list_axis_shares(found: Ensemble, kind: str) -> dict[str, tuple[AxisShare, ...]]:
    shares: dict[str, list[AxisShare]] = {}
    of_kind = found.by_axis[found.by_axis["kind"] == kind]
    for row in of_kind.itertuples():
        passes = None if pd.isna(row.passes_per_plan) else float(row.passes_per_plan)
        shares.setdefault(row.id, []).append(
            AxisShare(row.axis, row.value, int(row.plans), int(row.served), passes)
        )
    return {key: tuple(rows) for key, rows in shares.items()}


def find_status(found: Ensemble) -> str:
    """Return ``cleared`` if all plans are, else ``draft``."""
    shown = {find_shown_status(member.plan) for member in found.members}
    return "cleared" if shown == {"cleared"} else "draft"


def tabulate_sites(found: Ensemble) -> pd.DataFrame:
    """Return ``ensemble-sites.csv``: the columns of sites, most visited first.

    ``people`` is the word unknown where it is; ``plan_status`` is that of all plans.

    Parameters
    ----------
    found
        The plans taken together.
    """
    table = pd.DataFrame(found.sites.drop(columns="geometry"))
    people = table["people"].astype(object).where(table["people"].notna(), "unknown")
    shown: pd.DataFrame = table.assign(people=people, plan_status=find_status(found))
    return shown


def tabulate_lines(found: Ensemble) -> pd.DataFrame:
    """Return ``ensemble-lines.csv``: the columns of the lines, those driven most first.

    Parameters
    ----------
    found
        The plans taken together.
    """
    table = pd.DataFrame(found.lines.drop(columns="geometry"))
    return table.assign(plan_status=find_status(found))


def tabulate_reasons(found: Ensemble) -> pd.DataFrame:
    """Return ``ensemble-reasons.csv``: a row a site and reason why it is not visited.

    Parameters
    ----------
    found
        The plans taken together.
    """
    table: pd.DataFrame = found.reasons.copy()
    words = [word_reason_briefly(code) for code in table["reason"]]
    return table.assign(
        reason_en=[text.en for text in words],
        reason_fr=[text.fr for text in words],
        plan_status=find_status(found),
    )


def tabulate_axes(found: Ensemble) -> pd.DataFrame:
    """Return ``ensemble-axes.csv``: a row a site or line and value of an axis.

    Parameters
    ----------
    found
        The plans taken together.
    """
    shown: pd.DataFrame = found.by_axis.assign(plan_status=find_status(found))
    return shown


def describe_ensemble(found: Ensemble) -> dict[str, Any]:
    """Return what ``ensemble.json`` holds; unknown people and need are null.

    Parameters
    ----------
    found
        The plans taken together.
    """
    reasons: dict[str, dict[str, int]] = {}
    for row in found.reasons.itertuples():
        reasons.setdefault(row.site_id, {})[row.reason] = int(row.plans)
    site_axes, line_axes = (_nest_axes(found, kind) for kind in ("site", "line"))
    sites = [
        {
            **_clean(row),
            "reasons": reasons.get(row["site_id"], {}),
            "by_axis": site_axes.get(row["site_id"], {}),
        }
        for row in found.sites.drop(columns="geometry").to_dict("records")
    ]
    lines = [
        {**_clean(row), "by_axis": line_axes.get(row["line_id"], {})}
        for row in found.lines.drop(columns="geometry").to_dict("records")
    ]
    return {
        "format": FORMAT,
        "version": __version__,
        "status": find_status(found),
        "release": "confidential",
        "plans": [
            {
                "name": member.name,
                "settings": dict(member.settings),
                "start": member.plan.scenario.model_dump(mode="json")["start"],
                "horizon_days": member.plan.scenario.horizon_days,
                "not_as_asked": member.plan.nearest is not None,
            }
            for member in found.members
        ],
        "sites": sites,
        "lines": lines,
    }


def _nest_axes(
    found: Ensemble, kind: str
) -> dict[str, dict[str, dict[str, dict[str, Any]]]]:
    nested: dict[str, dict[str, dict[str, dict[str, Any]]]] = {}
    for key, shares in _list_axis_shares(found, kind).items():
        for one in shares:
            told: dict[str, Any] = {"plans": one.plans, "served": one.served}
            if one.passes_per_plan is not None:
                told["passes_per_plan"] = one.passes_per_plan
            nested.setdefault(key, {}).setdefault(one.axis, {})[one.value] = told
    return nested


def _clean(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a row whose cells JSON can hold."""
    return {
        str(key): None if pd.isna(cell) else getattr(cell, "item", lambda c=cell: c)()
        for key, cell in row.items()
    }
