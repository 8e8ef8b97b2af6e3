"""Plans side by side: a row each, what differs in words, and a page of both."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import ascii_uppercase
from typing import Any, Final

import pandas as pd
from markupsafe import Markup

from patrolplan.differences import list_differences, list_visited
from patrolplan.planfile import PlanFile
from patrolplan.products.catalogue import Text, mark, translate, translate_text
from patrolplan.products.digest import digest_plan
from patrolplan.products.files import write_folder
from patrolplan.products.gates import find_shown_status
from patrolplan.products.passing import name_lines
from patrolplan.products.plan_sketch import draw_sketch, find_frame
from patrolplan.products.rows import MapLayers, PlanDigest
from patrolplan.products.sheets import render_sheet
from patrolplan.products.tables import format_csv
from patrolplan.products.telling import BothNames, Telling, tell_difference

__all__ = [
    "PARTS",
    "ComparedPlan",
    "compare_plans",
    "list_figures",
    "list_headings",
    "list_parts",
    "render_comparison",
    "tabulate_comparison",
    "write_comparison",
]

PARTS: Final = {
    "asked": mark("What was asked differs"),
    "follows": mark("What follows from it"),
    "also": mark("What differs also"),
    "same": mark("No difference"),
}
"""Headings of what is told, in their order."""

_FIGURES: Final = {
    "need_met": ("Float64", mark("Need met"), 0),
    "gap_percent": ("Float64", mark("Gap to the bound, percent"), 1),
    "people_reached": ("Int64", mark("People reached"), 0),
    "sites_visited": ("Int64", mark("Sites visited"), 0),
    "patrols": ("Int64", mark("Patrols out"), 0),
    "patrol_days": ("Int64", mark("Patrol days"), 0),
    "km": ("Float64", mark("Kilometres driven"), 0),
    "fuel_l": ("Float64", mark("Fuel, litres"), 0),
    "water_l": ("Float64", mark("Water, litres"), 0),
    "casualty_gaps": ("Int64", mark("Legs, stops and halts beyond 10-1-2"), 0),
    "broken_rules": ("Int64", mark("Rules broken"), 0),
}


FigureRow = tuple[Text, int, list[tuple[float | None, float | None]]]


@dataclass(frozen=True)
class ComparedPlan:
    """One plan of several.

    Parameters
    ----------
    letter
        What it is called: ``A`` is the first.
    plan, digest
        Its document, and its rows.
    figures
        By name, None where the plan does not know: lengths km, loads litres.
    told
        How it differs from the first.
    gained, lost
        Ids of sites that it visits and the first does not, and the other way round.
    """

    letter: str
    plan: PlanFile
    digest: PlanDigest
    figures: dict[str, float | None]
    told: tuple[Telling, ...]
    gained: tuple[str, ...]
    lost: tuple[str, ...]


def compare_plans(
    plans: Sequence[PlanFile], layers: MapLayers | None = None
) -> tuple[ComparedPlan, ...]:
    """Return plans side by side, each but the first told against the first.

    Parameters
    ----------
    plans
        Two plans or more.
    layers
        Give the French names of places, and the names of lines.
    """
    first = plans[0]
    lines = {} if layers is None else name_lines(layers.lines)
    compared = []
    for number, plan in enumerate(plans):
        digest = digest_plan(plan, layers)
        old, new = list_visited(first), list_visited(plan)
        names = BothNames(first, plan, layers)
        found = list_differences(first, plan) if number else ()
        compared.append(
            ComparedPlan(
                letter=_name_plan(number),
                plan=plan,
                digest=digest,
                figures=_measure(plan, digest),
                told=tuple(
                    tell_difference(difference, names, lines) for difference in found
                ),
                gained=tuple(sorted(new.keys() - old.keys())),
                lost=tuple(sorted(old.keys() - new.keys())),
            )
        )
    return tuple(compared)


def list_headings(lang: str) -> dict[str, str]:
    """Return the figures that a row on the screen has room for, in words.

    Parameters
    ----------
    lang
        ``en`` or ``fr``.
    """
    shown = ("need_met", "people_reached", "sites_visited", "patrols", "km")
    return {name: translate(_FIGURES[name][1], lang) for name in shown}


def _name_plan(number: int) -> str:
    turn, letter = divmod(number, len(ascii_uppercase))
    return ascii_uppercase[letter] + (str(turn + 1) if turn else "")


def _measure(plan: PlanFile, digest: PlanDigest) -> dict[str, float | None]:
    figures, clock = digest.figures, digest.casualty
    loads = [row.supplies for row in digest.patrols]
    return {
        "need_met": figures.need_met,
        "gap_percent": None if figures.gap is None else 100 * figures.gap,
        "people_reached": figures.people_reached,
        "sites_visited": figures.sites_visited,
        "patrols": figures.patrols,
        "patrol_days": figures.patrol_days,
        "km": figures.km,
        "fuel_l": math.fsum(load.fuel_l for load in loads),
        "water_l": math.fsum(load.water_l for load in loads),
        "casualty_gaps": None if clock is None else len(clock.gaps),
        "broken_rules": len(plan.assessment.violations),
    }


def tabulate_comparison(compared: Sequence[ComparedPlan]) -> pd.DataFrame:
    """Return one row a plan.

    Columns: ``plan``, its letter; ``scenario``, ``from_date``, ``to_date``; each figure
    and, ending in ``_more``, by how much it is more than that of the first plan (need
    in persons at risk, weighted; lengths in km, loads in litres); ids of the sites
    ``gained`` and ``lost`` against the first; all that differs from it in words,
    ``differences_en`` and ``differences_fr``; ``plan_status``.

    Parameters
    ----------
    compared
        As :func:`compare_plans` returns them.
    """
    types = dict.fromkeys(("plan", "scenario", "from_date", "to_date"), "string")
    for name, (kind, *_) in _FIGURES.items():
        types |= {name: kind, f"{name}_more": kind}
    ends = ("gained", "lost", "differences_en", "differences_fr", "plan_status")
    types |= dict.fromkeys(ends, "string")
    rows: list[dict[str, Any]] = []
    for one in compared:
        row: dict[str, Any] = {
            "plan": one.letter,
            "scenario": one.digest.name,
            "from_date": one.digest.first_day,
            "to_date": one.digest.last_day,
            "gained": ", ".join(one.gained) or None,
            "lost": ", ".join(one.lost) or None,
            "differences_en": " ".join(t.text.en for t in one.told) or None,
            "differences_fr": " ".join(t.text.fr for t in one.told) or None,
            "plan_status": find_shown_status(one.plan),
        }
        for name, value in one.figures.items():
            row[name] = value
            row[f"{name}_more"] = _subtract(value, compared[0].figures[name])
        rows.append(row)
    return pd.DataFrame(rows, columns=list(types), dtype=object).astype(types)


def _subtract(value: float | None, first: float | None) -> float | None:
    return None if value is None or first is None else value - first


def render_comparison(
    compared: Sequence[ComparedPlan], layers: MapLayers | None = None
) -> str:
    """Render plans side by side as one page that opens with no network.

    Parameters
    ----------
    compared
        As :func:`compare_plans` returns them.
    layers
        Give the French names of places.
    """
    first = compared[0]
    frame = find_frame([one.plan for one in compared])
    differing = {site for one in compared for site in (*one.gained, *one.lost)}
    cleared = all(find_shown_status(one.plan) == "cleared" for one in compared)
    pictures: list[tuple[ComparedPlan, Markup]] = [
        (
            one,
            draw_sketch(
                one.plan,
                frame,
                title=one.letter,
                marked=differing,
                names=BothNames(first.plan, one.plan, layers),
            ),
        )
        for one in compared
    ]
    return render_sheet(
        "comparison.html",
        release="confidential",
        status="cleared" if cleared else "draft",
        compared=compared,
        pictures=pictures,
        figures=list_figures(compared),
        tellings=[
            (
                one,
                list_parts(one),
                [_list_people(one, first, sites, layers) for sites in _pick(one)],
            )
            for one in compared[1:]
        ],
    )


def list_figures(compared: Sequence[ComparedPlan]) -> list[FigureRow]:
    """Return each figure of all plans, as the page shows it.

    Parameters
    ----------
    compared
        As :func:`compare_plans` returns them.

    Returns
    -------
    Its label, its decimals, and for each plan its value with how much more than that of
    the first plan it is; None for what is not known, and for the first itself.
    """
    first = compared[0].figures
    return [
        (
            translate_text(label),
            decimals,
            [
                (
                    one.figures[name],
                    _subtract(one.figures[name], first[name]) if place else None,
                )
                for place, one in enumerate(compared)
            ],
        )
        for name, (_, label, decimals) in _FIGURES.items()
    ]


def list_parts(one: ComparedPlan) -> list[tuple[Text, list[Telling]]]:
    """Return how a plan differs from the first, below the heading of each part.

    Parameters
    ----------
    one
        The plan.
    """
    return [
        (translate_text(heading), [t for t in one.told if t.part == part])
        for part, heading in PARTS.items()
        if any(t.part == part for t in one.told)
    ]


def _pick(one: ComparedPlan) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return one.gained, one.lost


def _list_people(
    one: ComparedPlan,
    first: ComparedPlan,
    sites: Sequence[str],
    layers: MapLayers | None,
) -> list[tuple[Text, int | None]]:
    """Return name and people of sites, most people first."""
    names = BothNames(first.plan, one.plan, layers)
    people = {s.id: s.population for s in (*first.plan.sites, *one.plan.sites)}
    order = sorted(sites, key=lambda site: (-(people.get(site) or 0), site))
    return [(names.find(site), people.get(site)) for site in order]


def write_comparison(
    compared: Sequence[ComparedPlan], folder: Path, layers: MapLayers | None = None
) -> dict[str, Path]:
    """Write ``compare.csv`` and ``compare.html``.

    Parameters
    ----------
    compared
        As :func:`compare_plans` returns them.
    folder
        Where; it is made if it is missing.
    layers
        Give the French names of places.

    Returns
    -------
    The path of each file by its name.

    Raises
    ------
    OSError
        If a file cannot be written.
    """
    return write_folder(
        folder,
        {
            "compare.csv": format_csv(tabulate_comparison(compared)),
            "compare.html": render_comparison(compared, layers),
        },
    )
