"""The tables of a plan as frames, and as CSV that any spreadsheet opens safely."""

from __future__ import annotations

import math
import re
from datetime import tzinfo
from typing import Any, Final

import pandas as pd

from patrolplan.planfile import PlanFile, format_time
from patrolplan.products.catalogue import format_clock
from patrolplan.products.digest import digest_plan
from patrolplan.products.rows import MapLayers, StopRow

__all__ = [
    "format_csv",
    "restore_text",
    "tabulate_assessment",
    "tabulate_not_covered",
    "tabulate_schedule",
]

# A spreadsheet takes text that begins so for a formula, and runs it. Text that begins
# as if it had been disarmed gets one more sign too, so that all of it can be restored.
_FORMULA: Final = re.compile("'*[=+\\-@\t\r]")
_DISARMED: Final = re.compile("'+[=+\\-@\t\r]")

_SCHEDULE_TYPES: Final = {
    "patrol_id": "string",
    "team_id": "string",
    "base_id": "string",
    "stop": "Int64",
    "visit": "Int64",
    "day": "Int64",
    "date": "string",
    "kind": "string",
    "place_id": "string",
    "site_id": "string",
    "place": "string",
    "place_fr": "string",
    "lon_deg": "Float64",
    "lat_deg": "Float64",
    "arrive_utc": "string",
    "depart_utc": "string",
    "sunrise_utc": "string",
    "sunset_utc": "string",
    "sunrise": "string",
    "sunset": "string",
    "stay_min": "Float64",
    "leg_km": "Float64",
    "leg_driving_min": "Float64",
    "total_km": "Float64",
    "purpose": "string",
    "roles": "string",
    "tier": "Int64",
    "phase": "string",
    "themes": "string",
    "need_earned": "Float64",
    "leg_need_earned": "Float64",
    "leg_earning_lines": "string",
    "leg_passed": "string",
    "plan_status": "string",
}
_ASSESSMENT_TYPES: Final = {"figure": "string", "value": "object", "unit": "string"}
_NOT_COVERED_TYPES: Final = {
    "site_id": "string",
    "name": "string",
    "name_fr": "string",
    "cercle": "string",
    "lon_deg": "Float64",
    "lat_deg": "Float64",
    "people": "Int64",
    "risk": "Float64",
    "need": "Float64",
    "last_visit": "string",
    "overdue_days": "Float64",
    "reason": "string",
    "reason_en": "string",
    "reason_fr": "string",
    "change": "string",
    "change_en": "string",
    "change_fr": "string",
    "plan_status": "string",
}


def _build_frame(rows: list[dict[str, Any]], types: dict[str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(types), dtype=object)
    return frame.astype(dict(types))


def tabulate_schedule(plan: PlanFile, layers: MapLayers | None = None) -> pd.DataFrame:
    """Return one row a stop: where each patrol is, and when.

    Columns: ``patrol_id``, ``team_id``, ``base_id``; ``stop`` (from 0) and ``visit``
    (from 1, missing where the stop is none); ``day`` of the patrol and its ``date`` in
    the scenario's zone; ``kind``, ``place_id``, ``site_id``, ``place``, ``place_fr``;
    ``lon_deg``, ``lat_deg`` (WGS 84); ``arrive_utc``, ``depart_utc`` (ISO 8601);
    ``sunrise_utc``, ``sunset_utc`` there on that date and the same on the clock of the
    scenario's zone, ``sunrise``, ``sunset``; ``stay_min`` (minutes); ``leg_km``,
    ``leg_driving_min`` of the leg that leads there; ``total_km`` from the base;
    ``purpose`` (code), ``roles``, ``tier``, ``phase``, ``themes``; ``need_earned``
    (persons at risk, weighted); of the leg that leads there ``leg_need_earned`` on the
    way, ``leg_earning_lines``, the lines that it earns for, and ``leg_passed``, the
    sites that it earns by passing near;
    ``plan_status``, ``draft`` or ``cleared``, in every row.

    Parameters
    ----------
    plan
        The plan.
    layers
        Give the French names of places.
    """
    rows = []
    digest = digest_plan(plan, layers)
    for patrol, row in zip(plan.patrols, digest.patrols, strict=True):
        for entry, stop in zip(patrol.stops, row.stops, strict=True):
            leg = patrol.legs[stop.index - 1] if stop.index else None
            rows.append(
                {
                    "patrol_id": patrol.id,
                    "team_id": patrol.team_id,
                    "base_id": patrol.base_id,
                    "stop": stop.index,
                    "visit": stop.number,
                    "day": stop.day,
                    "date": stop.date,
                    "kind": stop.kind,
                    "place_id": stop.place_id,
                    "site_id": stop.site_id,
                    "place": stop.name.en,
                    "place_fr": stop.name.fr,
                    "lon_deg": stop.lon,
                    "lat_deg": stop.lat,
                    "arrive_utc": format_time(entry.arrive) if entry.arrive else None,
                    "depart_utc": format_time(entry.depart) if entry.depart else None,
                    **_write_sunlight(stop, digest.zone),
                    "stay_min": stop.stay_min,
                    "leg_km": stop.leg_km,
                    "leg_driving_min": stop.leg_min,
                    "total_km": stop.total_km,
                    "purpose": entry.purpose.code if entry.purpose else None,
                    "roles": ", ".join(entry.roles),
                    "tier": entry.tier,
                    "phase": entry.phase,
                    "themes": ", ".join(entry.themes),
                    "need_earned": entry.need_earned,
                    "leg_need_earned": leg.need_earned if leg else None,
                    "leg_earning_lines": ", ".join(
                        stop.earned.line_ids if stop.earned else ()
                    ),
                    "leg_passed": ", ".join(leg.passed if leg else ()),
                    "plan_status": digest.status,
                }
            )
    return _build_frame(rows, _SCHEDULE_TYPES)


def _write_sunlight(stop: StopRow, zone: tzinfo) -> dict[str, str]:
    if stop.sunlight is None:
        return {}
    rises, sets = stop.sunlight
    return {
        "sunrise_utc": format_time(rises.replace(microsecond=0)),
        "sunset_utc": format_time(sets.replace(microsecond=0)),
        "sunrise": format_clock(rises, zone),
        "sunset": format_clock(sets, zone),
    }


def tabulate_assessment(plan: PlanFile) -> pd.DataFrame:
    """Return the figures of a plan: columns ``figure``, ``value`` and ``unit``.

    Nested figures of reach and equity are named with dots; each broken rule is a row
    ``violation.<rule>`` with where and what was found.

    Parameters
    ----------
    plan
        The plan.
    """
    found = plan.assessment
    digest = digest_plan(plan)
    figures = digest.figures
    need, people, sites = "persons at risk, weighted", "persons", "sites"
    rows: list[tuple[str, Any, str]] = [
        ("plan_status", digest.status, ""),
        ("patrols", figures.patrols, "patrols"),
        ("patrol_days", figures.patrol_days, "days"),
        ("length_km", figures.km, "km"),
        ("sites", figures.sites, sites),
        ("sites_visited", figures.sites_visited, sites),
        ("not_covered", figures.uncovered, sites),
        ("held_by_base", figures.held, sites),
        ("need_total", found.need_total, need),
        ("need_met", found.need_met, need),
        ("first_visits", found.first_visits, need),
        ("repeats", found.repeats, need),
        ("passed", found.passed, need),
        ("lines", found.lines, need),
        ("need_bound", found.need_bound, need),
        ("gap", found.gap, "fraction"),
        ("unknown_total", found.unknown_total, sites),
        ("unknown_visited", found.unknown_visited, sites),
        ("people_total", found.people_total, people),
        ("people_reached", found.people_reached, people),
    ]
    for part, values in (("reach", found.reach), ("equity", found.equity)):
        rows.extend((name, value, "") for name, value in _flatten(part, values))
    rows.extend(
        (
            f"violation.{broken.rule}",
            f"{broken.patrol_id or ''} {broken.where or ''}: "
            f"{broken.found} / {broken.limit}".strip(),
            "",
        )
        for broken in found.violations
    )
    names = list(_ASSESSMENT_TYPES)
    return _build_frame(
        [dict(zip(names, row, strict=True)) for row in rows], _ASSESSMENT_TYPES
    )


def _flatten(name: str, value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [
            pair
            for key, inner in value.items()
            for pair in _flatten(f"{name}.{key}", inner)
        ]
    if isinstance(value, list):
        return [
            pair
            for number, inner in enumerate(value)
            for pair in _flatten(f"{name}.{number}", inner)
        ]
    return [(name, value)]


def tabulate_not_covered(
    plan: PlanFile, layers: MapLayers | None = None
) -> pd.DataFrame:
    """Return one row a site without a visit: why, and what would change it.

    Columns: ``site_id``, ``name``, ``name_fr``, ``cercle``; ``lon_deg``, ``lat_deg``
    (WGS 84); ``people`` (persons), ``risk`` (1 to 5) and ``need`` (persons at risk,
    weighted), each missing where unknown; ``last_visit`` before the plan and
    ``overdue_days`` on its first day, missing where none is on record; ``reason`` and
    ``change`` as codes and as sentences in English and French; ``plan_status``,
    ``draft`` or ``cleared``. Held sites stand last.

    Parameters
    ----------
    plan
        The plan.
    layers
        Give the French names of places.
    """
    digest = digest_plan(plan, layers)
    rows = [
        {
            "site_id": row.site.id,
            "name": row.name.en,
            "name_fr": row.name.fr,
            "cercle": row.site.cercle,
            "lon_deg": row.site.lon,
            "lat_deg": row.site.lat,
            "people": row.site.population,
            "risk": row.site.risk,
            "need": row.site.need,
            "last_visit": row.site.last_visit and row.site.last_visit.isoformat(),
            "overdue_days": row.site.overdue_days,
            "reason": row.reason_code,
            "reason_en": row.reason.en,
            "reason_fr": row.reason.fr,
            "change": row.change_code,
            "change_en": row.change.en if row.change else None,
            "change_fr": row.change.fr if row.change else None,
            "plan_status": digest.status,
        }
        for row in digest.uncovered
    ]
    return _build_frame(rows, _NOT_COVERED_TYPES)


def _disarm(value: Any) -> Any:
    if isinstance(value, str):
        text = f"'{value}" if _FORMULA.match(value) else value
        # A bare carriage return ends a row for some readers, quoted or not.
        return text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def format_csv(table: pd.DataFrame) -> str:
    r"""Return a table as CSV text: ``\n`` line ends, empty cells where missing.

    Text that a spreadsheet would run as a formula gets a ``'`` in front; numbers are
    written as they are.

    Parameters
    ----------
    table
        The table.
    """
    # Held as objects: a column of whole numbers and gaps must not turn into decimals.
    safe = {
        name: pd.Series(
            [
                None if cell is pd.NA else _disarm(cell)
                for cell in column.astype(object)
            ],
            dtype=object,
        )
        for name, column in table.items()
    }
    frame = pd.DataFrame(safe, columns=table.columns, dtype=object)
    return str(frame.to_csv(index=False, lineterminator="\n"))


def restore_text(cell: str) -> str:
    """Return the text that a cell of :func:`format_csv` was written for.

    Parameters
    ----------
    cell
        As a CSV reader gives it; a zero byte and a carriage return do not come back.
    """
    return cell[1:] if _DISARMED.match(cell) else cell
