"""The one-page brief for the commander: a plan as it is told across a table.

Where, why, whom it reaches, what it takes, which risks whoever signs it accepts, and
what it leaves out. It foretells patrols: a CONFIDENTIAL pack alone holds it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from patrolplan.planfile import PlanFile
from patrolplan.products.casualty_rows import CasualtyGap
from patrolplan.products.catalogue import LANGUAGES, Text
from patrolplan.products.digest import digest_plan
from patrolplan.products.illustration import word_illustration
from patrolplan.products.markup import read_template, render_printed
from patrolplan.products.rows import (
    MapLayers,
    PatrolRow,
    PlanDigest,
    UncoveredRow,
    word_marking,
    word_status,
)

__all__ = ["render_briefs"]

# What one A4 page holds in either language; what is cut off is counted on it.
_MOST_PATROLS: Final = 12
_MOST_SITES: Final = 6
_MOST_PURPOSES: Final = 6
_MOST_GAPS: Final = 4


@dataclass(frozen=True)
class _Load:
    """What all patrols take along together, reserves included.

    Parameters
    ----------
    fuel_l, water_l, rations
        Litres, litres, and packs.
    tightest
        Number of the patrol that fills most of its fuel capacity, and that share of it;
        None where no capacity is known.
    """

    fuel_l: float
    water_l: float
    rations: int
    tightest: tuple[int, float] | None


@dataclass(frozen=True)
class _Brief:
    """What the page says, in the order in which it says it.

    Parameters
    ----------
    digest
        The plan.
    patrols, more_patrols
        The first patrols, each with the first of its sites by name and how many more it
        visits; and how many patrols the page has no room for.
    purposes
        What most visits are for, each with their number.
    themes
        Letters of the mandate that visits serve.
    load
        What all patrols take along.
    nights
        Halts of all patrols.
    absent, illustrative
        Visits that lack a role asked for, and those that rest on a layer made up.
    worst
        The gap of the casualty clock that is farthest from surgery, if there is any.
    gaps, more_gaps
        The first open sites without a visit, and how many more there are.
    """

    digest: PlanDigest
    patrols: tuple[tuple[PatrolRow, tuple[Text, ...], int], ...]
    more_patrols: int
    uncounted: bool
    purposes: tuple[tuple[Text, int], ...]
    themes: str
    load: _Load
    nights: int
    absent: int
    illustrative: int
    worst: tuple[CasualtyGap, ...]
    gaps: tuple[UncoveredRow, ...]
    more_gaps: int


def render_briefs(plan: PlanFile, layers: MapLayers | None = None) -> dict[str, str]:
    """Render the brief in each language: pages of HTML that print on one A4 sheet.

    Parameters
    ----------
    plan
        The plan.
    layers
        Give the French names of places.

    Returns
    -------
    dict
        The pages by their file name in the pack.
    """
    brief = _gather(plan, digest_plan(plan, layers))
    style = Markup(read_template("commander_brief.css"))  # noqa: S704
    return {
        f"brief.{lang}.html": render_printed(
            "commander_brief.html",
            lang,
            brief=brief,
            digest=brief.digest,
            figures=brief.digest.figures,
            clock=brief.digest.casualty,
            marking=word_marking(brief.digest.release),
            status=word_status(brief.digest.status),
            is_draft=brief.digest.status != "cleared",
            version=plan.version,
            illustration=word_illustration(brief.digest.illustrative),
            style=style,
        )
        for lang in LANGUAGES
    }


def _gather(plan: PlanFile, digest: PlanDigest) -> _Brief:
    visits = [
        stop for row in digest.patrols for stop in row.stops if stop.kind == "visit"
    ]
    leading = Counter(stop.purposes[0] for stop in visits if stop.purposes)
    # Equal counts stand in the order of the plan.
    purposes = sorted(leading.items(), key=lambda item: -item[1])
    open_gaps = [row for row in digest.uncovered if row.group == "open"]
    clock = digest.casualty
    return _Brief(
        digest=digest,
        patrols=tuple(
            (row, *_name_sites(row)) for row in digest.patrols[:_MOST_PATROLS]
        ),
        more_patrols=max(0, len(digest.patrols) - _MOST_PATROLS),
        uncounted=any(row.people_unknown for row in digest.patrols[:_MOST_PATROLS]),
        purposes=tuple(purposes[:_MOST_PURPOSES]),
        themes=", ".join(sorted({theme for stop in visits for theme in stop.themes})),
        load=_sum_loads(digest),
        nights=sum(
            stop.kind == "halt" for patrol in plan.patrols for stop in patrol.stops
        ),
        absent=sum(bool(stop.absent.en) for stop in visits),
        illustrative=sum(stop.illustrative for stop in visits),
        worst=() if clock is None else _pick_worst(clock.gaps),
        gaps=tuple(open_gaps[:_MOST_GAPS]),
        more_gaps=max(0, len(open_gaps) - _MOST_GAPS),
    )


def _name_sites(row: PatrolRow) -> tuple[tuple[Text, ...], int]:
    names = list(dict.fromkeys(s.name for s in row.stops if s.kind == "visit"))
    return tuple(names[:_MOST_SITES]), max(0, len(names) - _MOST_SITES)


def _sum_loads(digest: PlanDigest) -> _Load:
    filled = [
        (row.supplies.fuel_l / row.supplies.fuel_capacity_l, -row.number)
        for row in digest.patrols
        if row.supplies.fuel_capacity_l
    ]
    share, number = max(filled, default=(0.0, 0))
    return _Load(
        fuel_l=sum(row.supplies.fuel_l for row in digest.patrols),
        water_l=sum(row.supplies.water_l for row in digest.patrols),
        rations=sum(row.supplies.rations for row in digest.patrols),
        tightest=(-number, share) if filled else None,
    )


def _pick_worst(gaps: tuple[CasualtyGap, ...]) -> tuple[CasualtyGap, ...]:
    """Return the gap from which surgery is farthest, of unknown ones the first."""

    def rate(gap: CasualtyGap) -> float:
        minutes = gap.row.judged_min
        return float("inf") if minutes is None else minutes

    return tuple(sorted(gaps, key=rate, reverse=True)[:1])
