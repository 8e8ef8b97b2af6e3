"""Themes of the mandate: what each asks for at a site, and what of its need it is.

The need of civilians at risk (theme B of the built-in mandate) is people x r(risk), as
:func:`~patrolplan.need.estimate_need` has it; every other theme adds a part of its own,
in the same unit, and the parts of a site add up to its need. Where people or risk are
unknown the need stays unknown, whatever else is known; where a base holds the site all
parts are 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from patrolplan.geodesy import measure_distance_m
from patrolplan.need.mandate import TABLES, Mandate, VisitRule
from patrolplan.windows import WEEKDAYS, Window, read_window

__all__ = [
    "LINE_COLUMNS",
    "THEME_COLUMNS",
    "ThemeVisit",
    "tabulate_line_needs",
    "weigh_themes",
]

THEME_COLUMNS: Mapping[str, str] = {
    "risk_need": "need of civilians at risk alone, as it was before the themes",
    "visit": "what the themes ask of a visit, a ThemeVisit; None without a mandate",
}
"""Columns that the themes add to a need table; ``need`` is then the sum of parts."""

LINE_COLUMNS: Mapping[str, str] = {
    "theme": "letter of the sentence that it serves",
    "need": "what driving the line earns, once; NaN where its hazard is unknown",
    "purpose": "code of what it is driven for",
    "source": "what the need is made of, in words",
}
"""Columns of the lines' need table beside its index, ``line_id``."""


@dataclass(frozen=True)
class ThemeVisit:
    """What the themes ask of a visit to one site.

    Parameters
    ----------
    needs
        What of the site's need each theme is; empty where the need is unknown.
    themes
        All themes that the visit serves, in order, the unknown ones too.
    purposes
        Codes of what it is for; the first leads.
    roles
        Who should be in the team.
    minutes
        Least time there: the longest that any theme asks, as they go side by side.
    windows
        When it may begin, None for any time.
    cadence_days
        How soon the need has grown back, None for never.
    tier, phase
        Of the purpose that leads.
    illustrative
        Whether any row that it rests on was authored, not found.
    """

    needs: Mapping[str, float]
    themes: tuple[str, ...]
    purposes: tuple[str, ...]
    roles: tuple[str, ...]
    minutes: float
    windows: tuple[Window, ...] | None
    cadence_days: float | None
    tier: int
    phase: str
    illustrative: bool


@dataclass(frozen=True)
class _Part:
    """What one rule asks at one site."""

    theme: str
    rule: VisitRule
    need: float
    windows: tuple[Window, ...] | None
    illustrative: bool
    leads: bool


def weigh_themes(
    need: Any,
    layers: Any,
    mandate: Mandate | None,
    *,
    days: Sequence[date],
    teams: Sequence[AbstractSet[str]],
    site_roles: Mapping[str, Sequence[str]] | None = None,
) -> Any:
    """Add the themes of a mandate to a need table.

    Parameters
    ----------
    need
        As ``estimate_need`` returns it.
    layers
        All layers of the scenario.
    mandate
        What to weigh; None leaves all need to civilians at risk.
    days
        The local days of the horizon.
    teams
        The roles of each team that has an open base.
    site_roles
        Roles without which no team may visit a site, by its id: other teams do not
        count there.

    Returns
    -------
    The table with ``THEME_COLUMNS``, and as ``need`` the sum of all parts.
    """
    weighed = need.assign(risk_need=need["need"])
    if mandate is None:
        return weighed.assign(visit=pd.Series([None] * len(need), need.index, object))
    parts: dict[str, list[_Part]] = {site: [] for site in need.index}
    finder = _Finder(weighed, layers, days)
    for theme, rule in mandate.list_rules():
        if rule.layer == "lines":
            continue
        for site, amount, windows, illustrative, leads in finder.find(rule):
            hard = set((site_roles or {}).get(site, ()))
            able = [team for team in teams if hard <= team]
            sure = bool(able) and all(team >= set(rule.roles) for team in able)
            share = 1.0 if sure or not rule.roles else rule.absent_share
            parts[site].append(
                _Part(theme, rule, amount * share, windows, illustrative, leads)
            )
    held = need["held_by"].notna()
    visits = [
        _join_parts(parts[site], earns=not is_held and not np.isnan(amount))
        for site, is_held, amount in zip(need.index, held, need["need"], strict=True)
    ]
    sums = [sum(visit.needs.values()) if visit else 0.0 for visit in visits]
    weighed["need"] = np.where(held, need["need"], need["need"] * 0.0 + sums)
    weighed["visit"] = pd.Series(visits, need.index, dtype=object)
    return weighed


def _join_parts(parts: Sequence[_Part], *, earns: bool) -> ThemeVisit | None:
    """Return one visit that serves all that the rules ask at a site.

    What says when the patrol comes leads; else, where nothing is known, finding out;
    else what is grave enough to lead by its level; else what earns most.
    """
    if not parts:
        return None
    dated = [part for part in parts if part.windows is not None]
    first = dated or [part for part in parts if part.rule.unknown]
    first = first or [part for part in parts if part.leads and part.need > 0]
    # Of equal parts the first in the mandate: max keeps it.
    lead = first[0] if first else max(parts, key=lambda part: part.need)
    ordered = [lead, *(part for part in parts if part is not lead)]
    themes = sorted({part.theme for part in parts})
    needs = {
        theme: float(sum(part.need for part in parts if part.theme == theme))
        for theme in themes
    }
    cadences = [part.rule.cadence_days for part in parts if part.rule.cadence_days]
    return ThemeVisit(
        needs={theme: amount for theme, amount in needs.items() if amount > 0}
        if earns
        else {},
        themes=tuple(themes),
        purposes=tuple(dict.fromkeys(part.rule.purpose for part in ordered)),
        roles=tuple(dict.fromkeys(role for part in parts for role in part.rule.roles)),
        minutes=max(part.rule.minutes for part in parts),
        windows=dated[0].windows if dated else None,
        cadence_days=min(cadences, default=None),
        tier=lead.rule.tier,
        phase=lead.rule.phase,
        illustrative=any(part.illustrative for part in parts),
    )


_Found = tuple[str, float, tuple[Window, ...] | None, bool, bool]
"""A site of a rule: its id, what counts there, when, whether it is illustrative, and
whether its level is such that it leads."""


def _join_rows(rule: VisitRule, one: _Found, other: _Found) -> _Found:
    """Return two rows of a rule at one site as one: a second day is no second market.

    Persons add up; of all else what counts most counts, and a visit may begin at the
    time of either.
    """
    site, amount, windows, flag, leads = one
    _, more, others, also, too = other
    joined = None if windows is None or others is None else (*windows, *others)
    counted = amount + more if rule.counts == "persons" else max(amount, more)
    return site, counted, joined, flag or also, leads or too


class _Finder:
    """Finds the sites of a rule, and how much counts at each."""

    def __init__(self, need: Any, layers: Any, days: Sequence[date]) -> None:
        self._need, self._layers, self._days = need, layers, days
        regions = layers.population.set_index("id")["region_2014"]
        self._regions = need.index.map(regions)

    def find(self, rule: VisitRule) -> Iterator[_Found]:
        """Yield each site of a rule once; of totals of regions once for each total."""
        if rule.layer not in TABLES:
            for site in self._need.itertuples():
                if _lets_through(rule, site):
                    leads = _is_grave(rule, site.risk)
                    yield site.Index, self._measure(rule, site), None, False, leads
            return
        table = self._layers.themes.get(rule.layer)
        table = self._layers.markets if rule.layer == "markets" else table
        if table is None or table.empty:
            return
        if rule.farther_km is not None:
            yield from self._find_far(rule, table)
            return
        at_sites: dict[str, _Found] = {}
        for row in table.itertuples():
            windows = self._list_windows(rule, row)
            if windows == ():
                continue
            flag = getattr(row, "illustrative", None) is True
            if row.near_site_id is None:
                yield from self._spread(rule, row, flag)
                continue
            away_km = 0.0 if np.isnan(row.distance_km) else row.distance_km
            if row.near_site_id not in self._need.index or away_km > rule.within_km:
                continue
            if rule.counts == "persons" and np.isnan(row.persons):
                continue
            site = self._find_site(row.near_site_id)
            if _lets_through(rule, site):
                amount = self._measure(rule, site, row)
                leads = _is_grave(rule, getattr(row, "level", np.nan))
                found = site.Index, amount, windows, flag, leads
                other = at_sites.get(site.Index)
                at_sites[site.Index] = (
                    _join_rows(rule, other, found) if other else found
                )
        yield from at_sites.values()

    def _find_site(self, site_id: str) -> Any:
        return next(self._need.loc[[site_id]].itertuples())

    def _measure(self, rule: VisitRule, site: Any, row: Any = None) -> float:
        """Return what counts at a site, 0 where it is not known."""
        level = getattr(row, "level", np.nan)
        fifths = 1.0 if np.isnan(level) else level / 5
        counted = {
            "risk": site.risk_need,
            "people": site.people,
            "persons": getattr(row, "persons", np.nan),
        }
        if rule.counts == "points":
            return rule.points * fifths
        amount = counted[rule.counts]
        return 0.0 if np.isnan(amount) else float(amount) * rule.share * fifths

    def _spread(self, rule: VisitRule, row: Any, flag: bool) -> Iterator[_Found]:
        """Yield a total of regions spread over their sites, in proportion to people."""
        if rule.counts != "persons" or rule.at_rows or row.region is None:
            return
        inside = self._regions.isin([name.strip() for name in row.region.split("|")])
        people = self._need["people"].where(inside)
        total = people.sum()
        if np.isnan(row.persons) or not total > 0:
            return
        for site, amount in (people / total * row.persons * rule.share).items():
            if not np.isnan(amount):
                yield site, float(amount), None, flag, False

    def _find_far(self, rule: VisitRule, table: Any) -> Iterator[_Found]:
        """Yield the sites that lie far from every row of a table."""
        assert rule.farther_km is not None
        near = self._need.index.isin(table["near_site_id"])
        points = self._need.geometry
        if not near.any():
            return
        away_m = measure_distance_m(
            points.x.to_numpy()[:, None],
            points.y.to_numpy()[:, None],
            points.x.to_numpy()[near][None, :],
            points.y.to_numpy()[near][None, :],
        ).min(axis=1)
        # Empty cells are None, which is not True.
        flag = bool(table["illustrative"].eq(True).any())
        for site, metres in zip(self._need.itertuples(), away_m, strict=True):
            if metres > rule.farther_km * 1000 and _lets_through(rule, site):
                yield site.Index, self._measure(rule, site), None, flag, False

    def _list_windows(self, rule: VisitRule, row: Any) -> tuple[Window, ...] | None:
        """Return the windows of a row, None for any time, () for none in these days."""
        if rule.hours is None:
            return None
        if row.day is not None:
            if all(WEEKDAYS[day.weekday()] != row.day for day in self._days):
                return ()
            return (read_window(f"{row.day} {rule.hours}"),)
        first = getattr(row, "from_day", None)
        if first is None:
            return None
        return tuple(
            read_window(f"{day.isoformat()} {rule.hours}")
            for day in self._days
            if _is_within(day.strftime("%m-%d"), first, row.to_day)
        )


def _is_within(day: str, first: str, last: str) -> bool:
    """Return whether a month and day lies in a span, which may cross the new year."""
    if first <= last:
        return first <= day <= last
    return day >= first or day <= last


def _is_grave(rule: VisitRule, level: float) -> bool:
    """Return whether a level is one from which a rule leads; an unknown one is not."""
    return rule.leads_from_level is not None and level >= rule.leads_from_level


def _lets_through(rule: VisitRule, site: Any) -> bool:
    """Return whether a site is within the limits of a rule."""
    unknown = np.isnan(site.people) or np.isnan(site.risk)
    if rule.unknown and not unknown:
        return False
    if rule.counts == "risk" and unknown:
        return False
    if rule.beyond_base and not site.beyond_base:
        return False
    if rule.min_people and not site.people >= rule.min_people:
        return False
    if rule.min_risk is not None and not site.risk >= rule.min_risk:
        return False
    return rule.max_risk is None or bool(site.risk < rule.max_risk)


def tabulate_line_needs(lines: Any, mandate: Mandate | None) -> pd.DataFrame:
    """Return what driving each line earns.

    Parameters
    ----------
    lines
        The layer of lines.
    mandate
        Its rules of ``lines`` say which lines count, and how much.

    Returns
    -------
    A table indexed by ``line_id`` with ``LINE_COLUMNS``; of two rules for one line the
    first in the mandate holds.

    Notes
    -----
    need = km x hazard x points. Unknown hazard or length is not 0: the need is NaN.
    """
    rows: dict[str, tuple[str, float, str, str]] = {}
    for theme, rule in mandate.list_rules() if mandate else ():
        if rule.layer != "lines":
            continue
        for line in lines.itertuples():
            if line.id in rows or (rule.kinds and line.kind not in rule.kinds):
                continue
            told = f"{line.length_km:g} km x hazard {line.hazard:g} x {rule.points:g}"
            amount = line.length_km * line.hazard * rule.points
            rows[line.id] = (theme, float(amount), rule.purpose, told)
    return pd.DataFrame.from_dict(
        dict(sorted(rows.items())), orient="index", columns=list(LINE_COLUMNS)
    ).rename_axis("line_id")
