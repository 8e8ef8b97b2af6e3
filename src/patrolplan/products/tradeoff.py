"""The trade-off as people read it: a table, and a page in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, NamedTuple

import pandas as pd

from patrolplan.products.catalogue import Text
from patrolplan.products.files import write_folder
from patrolplan.products.sentences import render_code_text
from patrolplan.products.sheets import render_sheet
from patrolplan.products.tables import format_csv
from patrolplan.tradeoff import Tradeoff, TradePoint

__all__ = [
    "Mark",
    "describe_tradeoff",
    "place_marks",
    "render_tradeoff",
    "tabulate_tradeoff",
    "word_point",
    "write_tradeoff",
]

_TYPES: Final = {
    "point": "Int64",
    "state": "string",
    "need_met": "Float64",
    "need_at_most": "Float64",
    "gap": "Float64",
    "exposure_h": "Float64",
    "fuel_l": "Float64",
    "need_share": "Float64",
    "exposure_share": "Float64",
    "fuel_share": "Float64",
    "patrols": "Int64",
    "given_up": "string",
    "visited_instead": "string",
    "not_sent": "string",
    "sentence": "string",
    "sentence_fr": "string",
    "plan_status": "string",
}
# The drawing, in its own units: the frame within it, and radii of no fuel and of all.
_LEFT, _RIGHT, _TOP, _BOTTOM = 70.0, 610.0, 24.0, 330.0
_SMALL, _LARGE = 5.0, 17.0


class Mark(NamedTuple):
    """Where a point stands in the drawing.

    Attributes
    ----------
    number
        The point, from 1.
    x, y, radius
        Exposure, need, and by its area fuel.
    top
        Where its bound stands.
    exact
        Whether it is drawn filled.
    label_y
        Where its number is written: clear of circle and bound.
    """

    number: int
    x: float
    y: float
    radius: float
    top: float
    exact: bool
    label_y: float


def word_point(found: Tradeoff, point: TradePoint) -> Text:
    """Return in words what a point is beside the best plan.

    Parameters
    ----------
    found
        The front, which knows names.
    point
        One of its points.
    """

    def name(key: str, lang: str) -> str:
        return found.names.get(key, (key, key))[int(lang == "fr")]

    said = [
        render_code_text(code.code, code.values, kind="notice", names=name)
        for code in point.codes
    ]
    return Text(" ".join(text.en for text in said), " ".join(text.fr for text in said))


def tabulate_tradeoff(found: Tradeoff) -> pd.DataFrame:
    """Return one row a point, that which meets most need first.

    Columns: ``point``; ``state``, ``exact`` or ``best_found``; ``need_met`` and
    ``need_at_most`` (persons at risk, weighted: no plan with no more crew hours and no
    more fuel meets more), ``gap`` between them as a share; ``exposure_h`` (crew-hours
    outside the base) and ``fuel_l`` (litres); shares of what the best plan meets and
    spends; ``patrols`` sent; ids of sites ``given_up`` and ``visited_instead``, and of
    teams whose patrols are ``not_sent``; a ``sentence`` in each language;
    ``plan_status``, always ``draft``.

    Parameters
    ----------
    found
        The front.
    """
    rows = []
    for number, each in enumerate(found.points, start=1):
        text, point = word_point(found, each), each.point
        rows.append(
            {
                "point": number,
                "state": _name_state(each),
                "need_met": point.need,
                "need_at_most": point.bound,
                "gap": point.gap,
                "exposure_h": point.outlay.exposure_h,
                "fuel_l": point.outlay.fuel_l,
                "need_share": each.need_share,
                "exposure_share": each.exposure_share,
                "fuel_share": each.fuel_share,
                "patrols": len(point.plan.patrols),
                "given_up": ", ".join(each.lost) or None,
                "visited_instead": ", ".join(each.gained) or None,
                "not_sent": ", ".join(each.stays) or None,
                "sentence": text.en,
                "sentence_fr": text.fr,
                "plan_status": "draft",
            }
        )
    frame = pd.DataFrame(rows, columns=list(_TYPES), dtype=object)
    return frame.astype(dict(_TYPES))


def _name_state(point: TradePoint) -> str:
    return "exact" if point.point.is_exact else "best_found"


def describe_tradeoff(found: Tradeoff) -> dict[str, Any]:
    """Return the front as plain values, with the patrols of each plan.

    Parameters
    ----------
    found
        The front.
    """
    return {
        "name": found.name,
        "status": "draft",
        "points": [
            {
                "state": _name_state(each),
                "need_met": each.point.need,
                "need_at_most": each.point.bound,
                "gap": each.point.gap,
                "exposure_h": each.point.outlay.exposure_h,
                "fuel_l": each.point.outlay.fuel_l,
                "need_share": each.need_share,
                "exposure_share": each.exposure_share,
                "fuel_share": each.fuel_share,
                "given_up": list(each.lost),
                "visited_instead": list(each.gained),
                "not_sent": list(each.stays),
                "codes": [code.model_dump() for code in each.codes],
                "patrols": [
                    {
                        "team_id": patrol.team_id,
                        "depart_day": patrol.depart_day,
                        "site_ids": list(patrol.site_ids),
                    }
                    for patrol in each.point.plan.patrols
                ],
            }
            for each in found.points
        ],
    }


def place_marks(found: Tradeoff) -> tuple[Mark, ...]:
    """Return where each point stands in the drawing; both axes begin at 0.

    Parameters
    ----------
    found
        The front.
    """
    points = [each.point for each in found.points]
    most = max((point.outlay.exposure_h for point in points), default=0.0) or 1.0
    high = max((point.bound for point in points), default=0.0) or 1.0
    thirst = max((point.outlay.fuel_l for point in points), default=0.0) or 1.0
    marks = []
    for number, point in enumerate(points, start=1):
        x = _LEFT + (_RIGHT - _LEFT) * point.outlay.exposure_h / most
        y = _BOTTOM - (_BOTTOM - _TOP) * point.need / high
        top = _BOTTOM - (_BOTTOM - _TOP) * point.bound / high
        # Area, not width, is what eyes compare.
        radius = _SMALL + (_LARGE - _SMALL) * (point.outlay.fuel_l / thirst) ** 0.5
        exact = point.is_exact
        marks.append(Mark(number, x, y, radius, top, exact, y + radius + 14.0))
    return tuple(marks)


def render_tradeoff(found: Tradeoff) -> str:
    """Render the trade-off as one page that opens with no network.

    Parameters
    ----------
    found
        The front.
    """
    points = [each.point for each in found.points]
    return render_sheet(
        "tradeoff.html",
        scenario=found.name,
        rows=[
            (number, each, word_point(found, each))
            for number, each in enumerate(found.points, start=1)
        ],
        marks=place_marks(found),
        most_h=max((point.outlay.exposure_h for point in points), default=0.0),
        most_need=max((point.bound for point in points), default=0.0),
    )


def write_tradeoff(found: Tradeoff, folder: Path) -> dict[str, Path]:
    """Write ``tradeoff.csv`` and ``tradeoff.html``.

    Parameters
    ----------
    found
        The front.
    folder
        Where; it is made if it is missing.

    Returns
    -------
    The path of each file by its name.

    Raises
    ------
    OSError
        If a file cannot be written.
    """
    contents = {
        "tradeoff.csv": format_csv(tabulate_tradeoff(found)),
        "tradeoff.html": render_tradeoff(found),
    }
    return write_folder(folder, contents)
