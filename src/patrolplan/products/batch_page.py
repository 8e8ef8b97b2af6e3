"""The index of a batch: a page that sorts and filters, and a table of results."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pandas as pd
from markupsafe import Markup

from patrolplan.planfile import PlanFile
from patrolplan.products.catalogue import Text
from patrolplan.products.digest import digest_plan
from patrolplan.products.files import write_folder
from patrolplan.products.plan_sketch import draw_sketch, find_frame
from patrolplan.products.sheets import render_sheet
from patrolplan.products.tables import format_csv

__all__ = [
    "BatchRow",
    "render_batch",
    "summarise_plan",
    "tabulate_batch",
    "write_batch",
]

Settings = tuple[tuple[str, str], ...]

_FIGURES: Final = {
    "patrols": "Int64",
    "patrol_days": "Int64",
    "km": "Float64",
    "sites": "Int64",
    "sites_visited": "Int64",
    "people_reached": "Int64",
    "people_total": "Int64",
    "need_total": "Float64",
    "need_met": "Float64",
    "need_bound": "Float64",
    "gap_percent": "Float64",
    "beyond_percent": "Float64",
    "not_covered": "Int64",
    "fuel_l": "Float64",
    "rules_broken": "Int64",
}


@dataclass(frozen=True)
class BatchRow:
    """What the index says of one scenario; light, since there may be hundreds.

    Parameters
    ----------
    name
        Its name.
    settings
        The axes of the grid and the value on each.
    folder
        Folder of its pack beside the index; None where planning failed.
    link
        File in that folder that a reader opens.
    first_day, last_day
        Local days of the plan, ISO 8601.
    status
        ``draft`` or ``cleared``.
    is_changed
        Whether not what was asked is planned, but the nearest that can be.
    figures
        By name: need in persons at risk, weighted; lengths km, fuel litres, shares
        percent.
    violations
        The rules that the plan breaks, in words.
    picture
        A small map.
    faults
        Why there is no plan.
    """

    name: str
    settings: Settings = ()
    folder: str | None = None
    link: str | None = None
    first_day: str = ""
    last_day: str = ""
    status: str | None = None
    is_changed: bool = False
    figures: tuple[tuple[str, float | None], ...] = ()
    violations: tuple[Text, ...] = ()
    picture: str = ""
    faults: tuple[str, ...] = ()

    @property
    def href(self) -> str | None:
        """The link to its map or its plan; it never leaves the folder."""
        if self.folder is None or self.link is None:
            return None
        return f"./{quote(self.folder, safe='')}/{self.link}"


def summarise_plan(
    plan: PlanFile, *, name: str, settings: Settings, folder: str, has_map: bool
) -> BatchRow:
    """Return what the index says of a plan.

    Parameters
    ----------
    plan
        The plan, as its file says.
    name, settings, folder
        As a row has them.
    has_map
        Whether its pack holds a map.
    """
    digest = digest_plan(plan)
    own = digest.figures
    figures: dict[str, float | None] = {
        "patrols": own.patrols,
        "patrol_days": own.patrol_days,
        "km": own.km,
        "sites": own.sites,
        "sites_visited": own.sites_visited,
        "people_reached": own.people_reached,
        "people_total": own.people_total,
        "need_total": own.need_total,
        "need_met": own.need_met,
        "need_bound": own.need_bound,
        "gap_percent": _to_percent(own.gap),
        "beyond_percent": _to_percent(own.share_beyond),
        "not_covered": own.uncovered,
        "fuel_l": math.fsum(row.supplies.fuel_l for row in digest.patrols),
        "rules_broken": len(digest.violations),
    }
    picture = draw_sketch(
        plan, find_frame([plan]), title=name, names=digest.names, is_small=True
    )
    return BatchRow(
        name=name,
        settings=settings,
        folder=folder,
        link="map.html" if has_map else "plan.json",
        first_day=digest.first_day,
        last_day=digest.last_day,
        status=digest.status,
        is_changed=plan.nearest is not None,
        figures=tuple(figures.items()),
        violations=digest.violations,
        picture=str(picture),
    )


def _to_percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _list_axes(rows: Iterable[BatchRow]) -> dict[str, list[str]]:
    """Return the axes in their order, each with its values in theirs."""
    axes: dict[str, dict[str, None]] = {}
    for row in rows:
        for axis, value in row.settings:
            axes.setdefault(axis, {})[value] = None
    return {axis: list(values) for axis, values in axes.items()}


def tabulate_batch(rows: Sequence[BatchRow]) -> pd.DataFrame:
    """Return one row a scenario, those that failed too.

    Columns: ``scenario``; ``axis_`` and the name of each axis; ``result``, ``planned``,
    ``changed`` (the nearest plan that can be) or ``failed``; ``from_date``,
    ``to_date``; the figures (need in persons at risk, weighted; ``km``; ``fuel_l``;
    shares in percent); ``plan_status``; ``faults``, why there is no plan.

    Parameters
    ----------
    rows
        The scenarios, in the order to list them.
    """
    axes = _list_axes(rows)
    types = {"scenario": "string"} | {f"axis_{axis}": "string" for axis in axes}
    types |= dict.fromkeys(("result", "from_date", "to_date"), "string")
    types |= _FIGURES | {"plan_status": "string", "faults": "string"}
    table: list[dict[str, Any]] = [
        {
            "scenario": row.name,
            **{f"axis_{axis}": value for axis, value in row.settings},
            "result": _name_result(row),
            "from_date": row.first_day or None,
            "to_date": row.last_day or None,
            **dict(row.figures),
            "plan_status": row.status,
            "faults": " | ".join(row.faults) or None,
        }
        for row in rows
    ]
    return pd.DataFrame(table, columns=list(types), dtype=object).astype(types)


def _name_result(row: BatchRow) -> str:
    if row.folder is None:
        return "failed"
    return "changed" if row.is_changed else "planned"


def render_batch(rows: Sequence[BatchRow]) -> str:
    """Render the index as one page that opens with no network.

    Parameters
    ----------
    rows
        The scenarios, in the order to list them.
    """
    planned = [row for row in rows if row.folder is not None]
    return render_sheet(
        "batch.html",
        more_scripts=("sorting.js", "batch.js"),
        status="cleared"
        if planned and all(row.status == "cleared" for row in planned)
        else "draft",
        planned=[
            (row, dict(row.settings), dict(row.figures), _trust(row.picture))
            for row in planned
        ],
        failed=[(row, dict(row.settings)) for row in rows if row.folder is None],
        axes=_list_axes(rows),
        count=len(rows),
    )


def _trust(picture: str) -> Markup:
    # Drawn by draw_sketch, which escapes what it is given.
    return Markup(picture)  # noqa: S704


def write_batch(rows: Sequence[BatchRow], folder: Path) -> dict[str, Path]:
    """Write ``index.html`` and ``results.csv``.

    Parameters
    ----------
    rows
        The scenarios, in the order to list them.
    folder
        The folder that holds the packs.

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
            "index.html": render_batch(rows),
            "results.csv": format_csv(tabulate_batch(rows)),
        },
    )
