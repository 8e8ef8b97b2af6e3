"""The stress test as people read it: a table, two files, and a page."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pandas as pd

from patrolplan.planfile import PlanFile
from patrolplan.planning.chances import Chance, Spread
from patrolplan.planning.stress_results import (
    DayStress,
    LegStress,
    PatrolStress,
    Stress,
)
from patrolplan.planning.stress_steps import Orders
from patrolplan.products.catalogue import Text, format_duration, format_number, mark
from patrolplan.products.files import write_folder
from patrolplan.products.gates import find_shown_status
from patrolplan.products.rows import MapLayers, PlaceNames
from patrolplan.products.sheets import render_sheet
from patrolplan.products.tables import format_csv

__all__ = [
    "WEAKEST_DAY",
    "PatrolStressRow",
    "StressDayRow",
    "WeakLegRow",
    "describe_stress",
    "list_patrol_rows",
    "list_weak_legs",
    "render_stress",
    "tabulate_stress",
    "word_chance",
    "write_stress",
]

WEAK_LEGS: Final = 10
"""How many legs are named, those first where most patrols fall behind."""

WEAKEST_DAY: Final = mark("Weakest day")
"""Heads the least chance of the days of a patrol, where there is no room for all."""

_TYPES: Final = {
    "measure": "string",
    "patrol_id": "string",
    "day": "string",
    "from_id": "string",
    "to_id": "string",
    "chance": "Float64",
    "chance_low": "Float64",
    "chance_high": "Float64",
    "planned": "Float64",
    "mean": "Float64",
    "low": "Float64",
    "high": "Float64",
    "unit": "string",
    "draws": "Int64",
    "plan_status": "string",
}


@dataclass(frozen=True)
class StressDayRow:
    """One day of a patrol in words: where it should end, and how likely it does.

    ``day`` is a local day, ISO 8601; ``kept`` the chance, with its interval.
    """

    day: str
    place: Text
    kept: Text


@dataclass(frozen=True)
class PatrolStressRow:
    """One patrol in words.

    ``home`` and ``fuel`` are the chances to be home in time and to have fuel enough.
    Needs are in persons at risk, weighted: as planned, and the mean of all draws with
    what 95 draws of 100 reach.
    """

    patrol_id: str
    base: Text
    home: Text
    fuel: Text
    need_planned: Text
    need: Text
    days: tuple[StressDayRow, ...]


@dataclass(frozen=True)
class WeakLegRow:
    """One leg in words: the chance that its patrol falls behind here first.

    ``planned`` is its time by the tables; ``mean`` that of all draws, ``real`` the same
    with what one draw in twenty stays below, and exceeds. Nights are left out.
    """

    patrol_id: str
    way: Text
    runs_out: Text
    planned: str
    mean: str
    real: Text


def word_chance(chance: Chance) -> Text:
    """Return a chance with its interval, such as ``62.1 % (61.1 to 63.0)``.

    Parameters
    ----------
    chance
        Counted from draws.
    """

    def word(share: float, lang: str) -> str:
        return format_number(100 * share, lang, 1)

    def write(lang: str, to: str) -> str:
        low, high = word(chance.low, lang), word(chance.high, lang)
        return f"{word(chance.share, lang)} % ({low} {to} {high})"

    return Text(write("en", "to"), write("fr", "à"))


def _word_spread(spread: Spread) -> Text:
    """Word the mean, and what 95 draws of 100 reach; a few bad ones may lower it."""

    def write(lang: str, among: str) -> str:
        mean, low = (format_number(value, lang) for value in (spread.mean, spread.low))
        return f"{mean} (≥ {low} {among} 95 %)"

    return Text(write("en", "in"), write("fr", "dans"))


def _word_number(value: float) -> Text:
    return Text(format_number(value, "en"), format_number(value, "fr"))


def list_patrol_rows(
    plan: PlanFile, orders: Orders, found: Stress, layers: MapLayers | None = None
) -> tuple[PatrolStressRow, ...]:
    """Return a row for each patrol, with a row for each of its days.

    Parameters
    ----------
    plan, orders, found
        The plan, its orders, and what came of them.
    layers
        Give the French names of places; without them places bear those of the plan.
    """
    names = PlaceNames(plan, layers)
    bases = {patrol.id: patrol.base_id for patrol in plan.patrols}
    return tuple(
        PatrolStressRow(
            patrol_id=patrol.patrol_id,
            base=names.find(bases[patrol.patrol_id]),
            home=word_chance(patrol.home),
            fuel=word_chance(patrol.fuel),
            need_planned=_word_number(patrol.need_planned),
            need=_word_spread(patrol.need),
            days=tuple(
                StressDayRow(
                    _find_date(orders, day.day),
                    _word_night(names, patrol, day),
                    word_chance(day.kept),
                )
                for day in patrol.days
            ),
        )
        for patrol in found.patrols
    )


def _word_night(names: PlaceNames, patrol: PatrolStress, day: DayStress) -> Text:
    """Return where a day should end: a halt is said with the way that it lies on."""
    place = names.find(day.place_id)
    if day.day == patrol.days[-1].day:
        return place
    way = _word_way(names, patrol.legs[day.leg])
    return Text(f"{place.en}: {way.en}", f"{place.fr} : {way.fr}")


def _word_way(names: PlaceNames, leg: LegStress) -> Text:
    ends = names.find(leg.from_id), names.find(leg.to_id)
    return Text(" → ".join(x.en for x in ends), " → ".join(x.fr for x in ends))


def _find_date(orders: Orders, day: int) -> str:
    return (orders.first_date + timedelta(days=day)).isoformat()


def list_weak_legs(
    plan: PlanFile, found: Stress, layers: MapLayers | None = None
) -> tuple[WeakLegRow, ...]:
    """Return a row for each of the legs on which patrols fall behind most often.

    Parameters
    ----------
    plan, found
        The plan, and what came of it.
    layers
        Give the French names of places; without them places bear those of the plan.
    """
    names = PlaceNames(plan, layers)
    legs = [(patrol, leg) for patrol in found.patrols for leg in patrol.legs]
    legs.sort(key=lambda pair: -pair[1].runs_out.count)
    rows = []
    for patrol, leg in legs[:WEAK_LEGS]:
        if not leg.runs_out.count:
            break
        low, mean, high = (
            format_duration(minutes)
            for minutes in (leg.real_min.low, leg.real_min.mean, leg.real_min.high)
        )
        rows.append(
            WeakLegRow(
                patrol_id=patrol.patrol_id,
                way=_word_way(names, leg),
                runs_out=word_chance(leg.runs_out),
                planned=format_duration(leg.planned_min),
                mean=mean,
                real=Text(f"{mean} ({low} to {high})", f"{mean} ({low} à {high})"),
            )
        )
    return tuple(rows)


def tabulate_stress(plan: PlanFile, orders: Orders, found: Stress) -> pd.DataFrame:
    """Return one row a figure.

    Columns: ``measure`` (``home``, ``fuel``, ``need`` of the plan and of each patrol;
    ``day_kept`` of each day; ``falls_behind`` and ``minutes`` of each leg); whose it
    is; a chance with the ends of its 95 % interval; or an amount as planned, its mean,
    and what one draw in twenty stays below and exceeds, in ``unit``; ``draws``;
    ``plan_status``.

    Parameters
    ----------
    plan, orders, found
        The plan, its orders, and what came of them.
    """
    status = find_shown_status(plan)
    rows: list[dict[str, Any]] = []

    def add(measure: str, value: Chance | Spread, **more: Any) -> None:
        row = {"measure": measure, "draws": found.draws, "plan_status": status} | more
        if isinstance(value, Chance):
            row |= {"chance": value.share, "chance_low": value.low}
            row |= {"chance_high": value.high}
        else:
            row |= {"mean": value.mean, "low": value.low, "high": value.high}
        rows.append(row)

    unit = "persons at risk, weighted"
    add("home", found.home)
    add("fuel", found.fuel)
    add("need", found.need, planned=found.need_planned, unit=unit)
    for patrol in found.patrols:
        own = {"patrol_id": patrol.patrol_id}
        add("home", patrol.home, **own)
        add("fuel", patrol.fuel, **own)
        add("need", patrol.need, planned=patrol.need_planned, unit=unit, **own)
        for day in patrol.days:
            today = _find_date(orders, day.day)
            add("day_kept", day.kept, day=today, to_id=day.place_id, **own)
        for leg in patrol.legs:
            ends = {"from_id": leg.from_id, "to_id": leg.to_id} | own
            add("falls_behind", leg.runs_out, **ends)
            add("minutes", leg.real_min, planned=leg.planned_min, unit="min", **ends)
    frame = pd.DataFrame(rows, columns=list(_TYPES), dtype=object)
    return frame.astype(dict(_TYPES))


def describe_stress(plan: PlanFile, orders: Orders, found: Stress) -> dict[str, Any]:
    """Return all that was found as plain data, with the figures it was found by.

    Parameters
    ----------
    plan, orders, found
        The plan, its orders, and what came of them.
    """
    described: dict[str, Any] = _describe(found)
    for patrol in described["patrols"]:
        for day in patrol["days"]:
            day["day"] = _find_date(orders, day["day"])
    return {
        "format": "patrolplan-stress/1",
        "name": plan.scenario.name,
        "status": find_shown_status(plan),
        "release": "confidential",
        "figures": orders.figures.model_dump(mode="json", exclude_none=True),
        "time_factor": plan.scenario.limits.get("time_factor", 1.0),
    } | described


def _describe(value: Any) -> Any:
    """Return results as plain data: chances with their share."""
    if isinstance(value, Chance):
        return {"chance": value.share} | asdict(value)
    if isinstance(value, tuple):
        return [_describe(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return {
            name: _describe(getattr(value, name)) for name in value.__dataclass_fields__
        }
    return value


def render_stress(
    plan: PlanFile, orders: Orders, found: Stress, layers: MapLayers | None = None
) -> str:
    """Render what came of a plan as one page that opens with no network.

    Parameters
    ----------
    plan, orders, found
        The plan, its orders, and what came of them.
    layers
        Give the French names of places; without them places bear those of the plan.
    """
    factor = plan.scenario.limits.get("time_factor", 1.0)
    return render_sheet(
        "stress.html",
        name=plan.scenario.name,
        draws=_word_number(found.draws),
        home=word_chance(found.home),
        fuel=word_chance(found.fuel),
        need=_word_spread(found.need),
        need_planned=_word_number(found.need_planned),
        factor=None
        if factor == 1
        else Text(format_number(factor, "en", 2), format_number(factor, "fr", 2)),
        patrols=list_patrol_rows(plan, orders, found, layers),
        weak=list_weak_legs(plan, found, layers),
        figures=_list_figures(orders),
        status=find_shown_status(plan),
    )


def _list_figures(orders: Orders) -> list[tuple[str, Text, str]]:
    """Return key, value and unit of each figure of chance."""
    rows = []
    for name, field in type(orders.figures).model_fields.items():
        value = getattr(orders.figures, name)
        extra = field.json_schema_extra
        if value is not None and isinstance(extra, dict):
            decimals = 0 if value == int(value) else 2
            word = Text(*(format_number(value, x, decimals) for x in ("en", "fr")))
            rows.append((f"stress.{name}", word, str(extra["unit"])))
    return rows


def write_stress(
    plan: PlanFile,
    orders: Orders,
    found: Stress,
    folder: Path,
    layers: MapLayers | None = None,
) -> dict[str, Path]:
    """Write ``stress.csv``, ``stress.json`` and ``stress.html``.

    Parameters
    ----------
    plan, orders, found
        The plan, its orders, and what came of them.
    folder
        Where; it is made if it is missing.
    layers
        Give the French names of places; without them places bear those of the plan.

    Returns
    -------
    The path of each file by its name.

    Raises
    ------
    OSError
        If a file cannot be written.
    """
    described = describe_stress(plan, orders, found)
    contents = {
        "stress.csv": format_csv(tabulate_stress(plan, orders, found)),
        "stress.json": json.dumps(
            described, ensure_ascii=False, allow_nan=False, indent=1
        )
        + "\n",
        "stress.html": render_stress(plan, orders, found, layers),
    }
    return write_folder(folder, contents)
