"""Pictures of the built-in plan: need, the duty clock, the gap, and lots."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import picture_style as look
from matplotlib.figure import Figure

import patrolplan as pp
from patrolplan.daylight import estimate_daylight
from patrolplan.planfile import PatrolEntry, StopEntry
from patrolplan.planfile.mixture import MixFile

__all__ = ["draw_duty_clock", "draw_gap", "draw_lots", "draw_need"]

# The site that the page on risk works out by hand, and a visit made up for it.
_SITE: Final = "gossi"
_DAYS_SINCE: Final = 7
# What the sentences of the mandate are called on its page, in short.
_THEMES: Final = {
    "A": "key centres",
    "C": "beyond the centres",
    "D": "women and children",
    "E": "survivors' needs",
    "F": "human rights",
    "G": "aid and returns",
    "H": "State authority",
    "I": "elections",
    "J": "good offices",
    "K": "ceasefire",
}
_HOUR: Final = timedelta(hours=1)
# A chance that is nothing but rounding.
_NEVER: Final = 1e-9


class _Step(NamedTuple):
    """One bar of the picture of need: from where, how long, and how high it stands."""

    label: str
    start: float
    length: float
    colour: str
    above: float = 0.85

    @property
    def is_part(self) -> bool:
        """Whether it adds to the bar before it, and is told beside and not above."""
        return self.start > 0


def draw_need(study: pp.Study) -> Figure:
    """Draw what the need of one site is made of, step by step.

    Parameters
    ----------
    study
        The built-in plan.
    """
    site = study.need.loc[_SITE]
    tier, cadence_days, regrown = _remember_visit(study, site)
    risk = f"B civilians at risk: × {site['weight']:.3f} (risk {site['risk']:.1f})"
    steps = [
        _Step("people who live there", 0.0, site["people"], look.GREY),
        _Step(risk, 0.0, site["risk_need"], look.BLUE),
    ]
    reached = site["risk_need"]
    for theme, part in site["visit"].needs.items():
        if theme != "B" and part > 0:
            label = f"{theme} {_THEMES[theme]} + {look.format_count(part)}"
            steps.append(_Step(label, reached, part, look.GREEN, 0.5))
            reached += part
    again = f"{_DAYS_SINCE} days after a visit: × {_DAYS_SINCE} / {cadence_days:.0f}"
    steps += [
        _Step("need: what a visit earns", 0.0, site["need"], look.RUST),
        _Step(f"{again} ({tier})", 0.0, site["need"] * regrown, look.SAND),
    ]
    height = sum(step.above for step in steps)
    figure, axes = look.new_figure(0.57 * height + 0.65)
    row = 0.0
    for step in steps:
        row += step.above
        edge = look.RUST if step.colour == look.SAND else step.colour
        end = step.start + step.length
        axes.barh(row, step.length, 0.34, step.start, color=step.colour, edgecolor=edge)
        if step.is_part:
            before = row - step.above + 0.17
            axes.plot([step.start] * 2, [before, row + 0.17], color=look.GREY, lw=0.7)
        place = {"va": "center"} if step.is_part else {"va": "bottom"}
        axes.text(0, row if step.is_part else row - 0.22, step.label, **place)
        told = look.format_count(end)
        axes.annotate(told, (end, row), (4, 0), va="center", **_BESIDE)
    axes.set_ylim(row + 0.3, 0.25)
    axes.set_xlim(0, site["people"] * 1.32)
    axes.set_xticks([0, 10_000, 20_000], ["0", "10,000", "20,000"])
    axes.set_yticks([])
    axes.set_xlabel(f"{site['name']}: persons; from the second bar on weighted")
    look.strip_axes(axes, "bottom")
    return figure


_BESIDE: Final[dict[str, Any]] = {"textcoords": "offset points"}


def _remember_visit(study: pp.Study, site: Any) -> tuple[str, float, float]:
    """Return the tier, the cadence and the share regrown, had a visit been made."""
    day = study.scenario.start - timedelta(days=_DAYS_SINCE)
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "visits.csv"
        log.write_text(f"site,date\n{_SITE},{day}\n", encoding="utf-8")
        visits = pp.read_visits([log], study.layers.population)
    memory = pp.estimate_memory(
        study.layers.population,
        visits,
        as_of=study.scenario.start,
        risks={_SITE: float(site["risk"])},
        figures=study.scenario.visits,
    ).set_index("site_id")
    found = memory.loc[_SITE]
    return found["tier"].capitalize(), found["cadence_days"], found["regrown"]


def draw_duty_clock(study: pp.Study) -> Figure:
    """Draw one patrol day by day: light, driving, visits and nights.

    Parameters
    ----------
    study
        The built-in plan; of its patrols the first of those with the most stops.
    """
    patrol = max(study.plan_file.patrols, key=lambda p: len(p.stops))
    zone = ZoneInfo(study.scenario.timezone)
    names = {place.id: place.name for place in study.plan_file.sites}
    names |= {place.id: place.name for place in study.plan_file.bases}
    days = _list_days(patrol, zone)
    figure, axes = look.new_figure(0.66 * len(days) + 1.15)
    for row, day in enumerate(days):
        stands = [s for s in patrol.stops if day in _list_own_days(s, zone)]
        come = [s for s in stands if _comes_on(s, day, zone)]
        told = ", ".join(_name_stops(come, names))
        axes.text(4.0, row - 0.28, f"{day:%-d %b}: {told}", va="bottom", fontsize=9)
        rises, sets = _find_light(stands, day, study.scenario.timezone)
        kept = study.scenario.movement
        opens = rises + kept.sunrise_margin_min / 60
        closes = sets - kept.sunset_margin_min / 60
        for start, end, colour, label in (
            (4, 20, look.GREY, "night"),
            (rises, sets, look.FAINT, "margin, break"),
            (opens, closes - kept.break_min / 60, look.SAND, "duty window"),
        ):
            _put_span(axes, row, start, end, color=colour, label=_once(row, label))
    _put_doings(axes, patrol, days, zone)
    axes.set_ylim(len(days) - 0.6, -0.75)
    axes.set_xlim(4, 20)
    hours = range(4, 21, 4)
    axes.set_xticks(hours, [f"{hour}:00" for hour in hours])
    axes.set_yticks([])
    axes.set_xlabel(f"local time, {study.scenario.timezone}")
    look.strip_axes(axes, "bottom")
    look.put_legend(axes, 3)
    return figure


def _put_doings(
    axes: Any, patrol: PatrolEntry, days: Sequence[Any], zone: ZoneInfo
) -> None:
    """Draw what is driven and where a visit is made, each day in its row."""
    rows = {day: row for row, day in enumerate(days)}
    seen: set[str] = set()
    spans = [(leg.depart, leg.arrive, look.BLUE, "driving") for leg in patrol.legs]
    spans += [
        (stop.arrive, stop.depart, look.RUST, "visit")
        for stop in patrol.stops
        if stop.kind == "visit" and stop.arrive and stop.depart
    ]
    for begins, ends, colour, label in spans:
        row = rows[begins.astimezone(zone).date()]
        start, end = (_tell_hour(moment, zone) for moment in (begins, ends))
        first = None if label in seen else label
        seen.add(label)
        _put_span(axes, row, start, end, color=colour, label=first, height=0.24)


def _put_span(
    axes: Any, row: int, start: float, end: float, *, height: float = 0.44, **style: Any
) -> None:
    axes.barh(row, end - start, left=start, height=height, linewidth=0, **style)


def _once(row: int, label: str) -> str | None:
    return label if row == 0 else None


def _list_days(patrol: PatrolEntry, zone: ZoneInfo) -> list[Any]:
    first, last = (m.astimezone(zone).date() for m in (patrol.depart, patrol.return_))
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _list_own_days(stop: StopEntry, zone: ZoneInfo) -> list[Any]:
    moments = [m for m in (stop.arrive, stop.depart) if m is not None]
    return [moment.astimezone(zone).date() for moment in moments]


def _comes_on(stop: StopEntry, day: Any, zone: ZoneInfo) -> bool:
    """Return whether a patrol comes to a stop on a day, or begins there."""
    return stop.arrive is None or stop.arrive.astimezone(zone).date() == day


def _name_stops(stops: Sequence[StopEntry], names: dict[str, str]) -> list[str]:
    """Return what a day's stops are called, each once, the visited ones by name."""
    told = [
        "night on the way"
        if stop.kind == "halt" and stop.place_id not in names
        else names.get(stop.site_id or stop.place_id, stop.place_id)
        for stop in stops
    ]
    return list(dict.fromkeys(told))


def _find_light(
    stops: Sequence[StopEntry], day: Any, timezone: str
) -> tuple[float, float]:
    """Return the later sunrise and the earlier sunset of where a day is spent."""
    light = [estimate_daylight(s.lon, s.lat, day, timezone=timezone) for s in stops]
    zone = ZoneInfo(timezone)
    rises = max(_tell_hour(rise, zone) for rise, _ in light)
    return rises, min(_tell_hour(sunset, zone) for _, sunset in light)


def _tell_hour(moment: datetime, zone: ZoneInfo) -> float:
    own = moment.astimezone(zone)
    return (own - own.replace(hour=0, minute=0, second=0, microsecond=0)) / _HOUR


def draw_gap(reports: Sequence[pp.Progress]) -> Figure:
    """Draw how plan and bound come to meet.

    Parameters
    ----------
    reports
        What the solver told of its progress.
    """
    rounds = np.arange(1, len(reports) + 1)
    need, bound = (
        np.array([getattr(report, name) for report in reports]) / 1000
        for name in ("need", "bound")
    )
    figure, axes = look.new_figure(3.5)
    axes.fill_between(rounds, need, bound, color=look.SAND, step="post", lw=0)
    axes.step(rounds, bound, where="post", color=look.RUST, lw=2.2)
    axes.step(rounds, need, where="post", color=look.BLUE, lw=2.2, clip_on=False)
    above = {"textcoords": "offset points", "xytext": (4, 5)}
    axes.annotate("bound: no plan meets more", (1, bound[0]), color=look.RUST, **above)
    axes.annotate("best plan so far", (1, need[0]), color=look.BLUE, **above)
    last = f"gap {100 * reports[-1].gap:.1f} %"
    axes.annotate(
        last,
        (rounds[-1], need[-1]),
        (0, -24),
        ha="right",
        **_BESIDE,
        annotation_clip=False,
    )
    low, high = need.min(), bound.max()
    axes.set_ylim(low - 0.06 * (high - low), high + 0.1 * (high - low))
    axes.set_xlim(1, len(reports))
    axes.set_xticks([1, *range(5, len(reports) + 1, 5)])
    axes.set_xlabel("rounds of search and of pricing")
    axes.set_ylabel("thousand persons at risk, weighted")
    look.strip_axes(axes, "left", "bottom")
    return figure


def draw_lots(study: pp.Study, mix: MixFile) -> Figure:
    """Draw what is left unmet site by site, by the best plan and by lot.

    Parameters
    ----------
    study
        The best plan.
    mix
        The mix that one is drawn of.
    """
    visited = {
        stop.site_id for patrol in study.plan_file.patrols for stop in patrol.stops
    }
    left = {
        row.site_id: (
            0.0 if row.site_id in visited else row.need,
            row.need * (1.0 - row.probability),
        )
        for row in mix.coverage
        if row.need > 0
    }
    # A site that every plan visits is no matter of luck.
    open_sites = [site for site, losses in left.items() if max(losses) > 0.5]
    open_sites.sort(key=lambda site: (-left[site][0], -left[site][1], site))
    alone, mixed = np.array([left[site] for site in open_sites]).T
    rows = np.arange(len(open_sites))
    figure, axes = look.new_figure(0.235 * len(rows) + 1.3)
    axes.hlines(rows, alone, mixed, color=look.FAINT, lw=3, zorder=1)
    ring = {"mfc": look.CARD, "mec": look.RUST, "mew": 1.6, "ms": 7}
    axes.plot(alone, rows, "o", label="the best plan, always", zorder=3, **ring)
    told = f"one of {len(mix.plans)} plans, by lot"
    axes.plot(mixed, rows, "o", color=look.BLUE, ms=6, label=told, zorder=2)
    for worst, colour in ((alone.max(), look.RUST), (mixed.max(), look.BLUE)):
        axes.axvline(worst, color=colour, lw=1, ls=(0, (4, 2)), zorder=0)
        words = f"{look.format_count(worst)} "
        axes.text(worst, -0.7, words, ha="right", va="bottom", color=colour, fontsize=9)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_yticks(rows, [study.need.loc[site, "name"] for site in open_sites])
    axes.set_xticks(range(0, 15_001, 5000), ["0", "5,000", "10,000", "15,000"])
    axes.set_xlim(left=-0.02 * alone.max())
    sure = [sum(row.site_id not in visited for row in mix.coverage)]
    sure.append(sum(row.probability < _NEVER for row in mix.coverage))
    axes.set_xlabel(
        "need left unmet, in the mean\n"
        f"surely not visited: {sure[0]} of {len(mix.coverage)} sites, by lot {sure[1]}"
    )
    look.strip_axes(axes, "bottom")
    look.put_legend(axes, 2, bbox_to_anchor=(-0.3, 1.04))
    return figure
