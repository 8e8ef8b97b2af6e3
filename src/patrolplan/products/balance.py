"""The mandate balance: which sentences a plan serves or misses, and sectors' shares."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from patrolplan.need import Mandate
from patrolplan.planfile import PlanFile, StopEntry
from patrolplan.products.catalogue import Text, mark, translate, translate_text
from patrolplan.products.gates import find_shown_status

__all__ = [
    "ILLUSTRATIVE_NOTE",
    "BalanceRow",
    "SectorRow",
    "measure_balance",
    "measure_sectors",
    "tabulate_balance",
    "tabulate_sectors",
    "translate_heading",
]

PHASES: Final = ("prevention", "pre-emption", "response", "consolidation")
TIERS: Final = (1, 2, 3)
# A base without a sector stands for itself; no name of one looks so.
_NO_SECTOR: Final = "-"

_MISSES: Final = {
    "left_out": mark("The plan goes to none of the sites that bear it."),
    "no_site": mark(
        "No site in the plan bears it: its layer is empty, or it asks for no visit."
    ),
}
_UNKNOWN: Final = mark("The mandate file does not have this theme.")

_HEADINGS: Final = {
    "sentence": mark("sentence of the mandate"),
    "served": mark("served"),
    "missed": mark("missed"),
    "stops": mark("stops"),
    "sites_visited": mark("sites visited"),
    "need_met": mark("need met"),
    "share": mark("of need"),
    "sector": mark("sector"),
    "tier_1": mark("tier 1"),
    "tier_2": mark("tier 2"),
    "tier_3": mark("tier 3"),
}
ILLUSTRATIVE_NOTE: Final = mark(
    "Some of what this rests on is ILLUSTRATIVE or assumed: see the layers."
)
"""To be translated below what rests on layers that were made up."""

_BALANCE_TYPES: Final = {
    "plan": "string",
    "theme": "string",
    "sentence_en": "string",
    "sentence_fr": "string",
    "served": "boolean",
    "stops": "Int64",
    "sites_visited": "Int64",
    "sites": "Int64",
    "need_met": "Float64",
    "need": "Float64",
    "illustrative_stops": "Int64",
    "why_missed": "string",
    "why_missed_en": "string",
    "why_missed_fr": "string",
    "plan_status": "string",
}
_SECTOR_TYPES: Final = {
    "plan": "string",
    "sector": "string",
    "stops": "Int64",
    **{f"tier_{tier}_share": "Float64" for tier in TIERS},
    **{f"{phase.replace('-', '_')}_share": "Float64" for phase in PHASES},
    "plan_status": "string",
}


def translate_heading(heading: str, lang: str) -> str:
    """Return the heading of a column in a language.

    Parameters
    ----------
    heading
        Such as ``need_met``.
    lang
        ``en`` or ``fr``.
    """
    return translate(_HEADINGS[heading], lang)


@dataclass(frozen=True)
class BalanceRow:
    """One sentence of the mandate in one plan.

    Parameters
    ----------
    theme, sentence
        Its letter and its words.
    stops, sites_visited, sites
        Visits that serve it, the sites of these, and all sites that bear it: with a
        part of their need, or visited for it where need is unknown.
    need_met, need
        What visits earned of it, lines driven too, and what all sites and lines have;
        persons at risk, weighted. A site that is only passed is not split by theme.
    illustrative_stops
        Of the visits those that rest on a layer that was made up.
    miss
        ``left_out`` or ``no_site`` where nothing serves it, else None.
    """

    theme: str
    sentence: Text
    stops: int
    sites_visited: int
    sites: int
    need_met: float
    need: float
    illustrative_stops: int
    miss: str | None

    @property
    def served(self) -> bool:
        """Whether the plan serves it."""
        return self.miss is None

    @property
    def why(self) -> Text:
        """Why it is missed, in words; empty where it is served."""
        return translate_text(_MISSES[self.miss]) if self.miss else Text.same("")


@dataclass(frozen=True)
class SectorRow:
    """Shares of the visits of one sector by tier and by phase.

    Parameters
    ----------
    sector
        That of the bases from which patrols go.
    stops
        Visits.
    tiers, phases
        Of each, the share of the visits, 0 to 1. A visit without a tier or phase is in
        no share, so that they may add up to less than 1.
    """

    sector: str
    stops: int
    tiers: dict[int, float]
    phases: dict[str, float]


def _list_visits(plan: PlanFile) -> list[tuple[str, StopEntry]]:
    """Return each visit with the base of its patrol."""
    return [
        (patrol.base_id, stop)
        for patrol in plan.patrols
        for stop in patrol.stops
        if stop.kind == "visit"
    ]


def measure_balance(plan: PlanFile, mandate: Mandate) -> tuple[BalanceRow, ...]:
    """Measure which sentences a plan serves or misses.

    Parameters
    ----------
    plan
        The plan.
    mandate
        Gives the sentences, in order; a theme of the plan that it does not have
        follows them.
    """
    visits = [stop for _, stop in _list_visits(plan)]
    sites = {site.id: site for site in plan.sites}
    on_lines = {theme for theme, rule in mandate.list_rules() if rule.layer == "lines"}
    words = {part.theme: Text(part.en, part.fr) for part in mandate.sentences}
    met = {theme for stop in visits for theme in stop.themes}
    met |= {theme for site in plan.sites for theme in site.themes}
    of_lines = [w.need for w in plan.waysides or () if w.line_id is not None]
    rows = []
    for theme in [*words, *sorted(met - words.keys())]:
        serving = [stop for stop in visits if theme in stop.themes]
        earned = [plan.assessment.lines] if theme in on_lines else []
        for stop in serving:
            site = sites.get(stop.site_id or "")
            if site is not None and site.need:
                part = site.themes.get(theme, 0.0) / site.need
                earned.append(stop.need_earned * part)
        visited = {stop.site_id for stop in serving if stop.site_id}
        bearing = {site.id for site in plan.sites if theme in site.themes} | visited
        need_met = math.fsum(earned)
        miss = "left_out" if bearing else "no_site"
        rows.append(
            BalanceRow(
                theme=theme,
                sentence=words.get(theme) or translate_text(_UNKNOWN),
                stops=len(serving),
                sites_visited=len(visited),
                sites=len(bearing),
                need_met=need_met,
                need=math.fsum(
                    [site.themes.get(theme, 0.0) for site in plan.sites]
                    + (of_lines if theme in on_lines else [])
                ),
                illustrative_stops=sum(map(_is_illustrative, serving)),
                miss=None if serving or need_met > 0 else miss,
            )
        )
    return tuple(rows)


def _is_illustrative(stop: StopEntry) -> bool:
    return stop.purpose is not None and stop.purpose.values.get("illustrative") is True


def measure_sectors(plan: PlanFile) -> tuple[SectorRow, ...]:
    """Measure how the visits of each sector are shared over tiers and phases.

    Parameters
    ----------
    plan
        The plan; bases of no known sector are put together.
    """
    sectors = {base.id: base.sector or _NO_SECTOR for base in plan.bases}
    stops: dict[str, list[StopEntry]] = {
        sectors.get(team.base_id, _NO_SECTOR): [] for team in plan.teams
    }
    for base_id, stop in _list_visits(plan):
        stops.setdefault(sectors.get(base_id, _NO_SECTOR), []).append(stop)
    rows = []
    for sector, visits in sorted(stops.items()):
        tiers = Counter(stop.tier for stop in visits)
        phases = Counter(stop.phase for stop in visits)
        total = len(visits) or 1
        rows.append(
            SectorRow(
                sector=sector,
                stops=len(visits),
                tiers={tier: tiers[tier] / total for tier in TIERS},
                phases={phase: phases[phase] / total for phase in PHASES},
            )
        )
    return tuple(rows)


def _build_frame(rows: list[dict[str, Any]], types: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(types), dtype=object).astype(dict(types))


def tabulate_balance(
    plans: Sequence[tuple[str, PlanFile]], mandate: Mandate
) -> pd.DataFrame:
    """Return one row a plan and sentence, the columns as in :class:`BalanceRow`.

    Parameters
    ----------
    plans
        Each plan with what it is called.
    mandate
        Gives the sentences.
    """
    rows = [
        {
            "plan": name,
            "theme": row.theme,
            "sentence_en": row.sentence.en,
            "sentence_fr": row.sentence.fr,
            "served": row.served,
            "stops": row.stops,
            "sites_visited": row.sites_visited,
            "sites": row.sites,
            "need_met": row.need_met,
            "need": row.need,
            "illustrative_stops": row.illustrative_stops,
            "why_missed": row.miss,
            "why_missed_en": row.why.en or None,
            "why_missed_fr": row.why.fr or None,
            "plan_status": find_shown_status(plan),
        }
        for name, plan in plans
        for row in measure_balance(plan, mandate)
    ]
    return _build_frame(rows, _BALANCE_TYPES)


def tabulate_sectors(plans: Sequence[tuple[str, PlanFile]]) -> pd.DataFrame:
    """Return one row a plan and sector: shares of its visits by tier and by phase.

    Parameters
    ----------
    plans
        Each plan with what it is called.
    """
    rows = [
        {
            "plan": name,
            "sector": row.sector,
            "stops": row.stops,
            **{f"tier_{tier}_share": row.tiers[tier] for tier in TIERS},
            **{f"{p.replace('-', '_')}_share": row.phases[p] for p in PHASES},
            "plan_status": find_shown_status(plan),
        }
        for name, plan in plans
        for row in measure_sectors(plan)
    ]
    return _build_frame(rows, _SECTOR_TYPES)
