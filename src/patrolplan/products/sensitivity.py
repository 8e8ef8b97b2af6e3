"""Sensitivity as people read it: a table, a CSV file, and a page in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from patrolplan.figure_changes import Figure
from patrolplan.products.catalogue import Text, format_number, mark, translate_text
from patrolplan.products.files import write_folder
from patrolplan.products.sheets import render_sheet
from patrolplan.products.tables import format_csv
from patrolplan.sensitivity import Sensitivity, Variant

__all__ = [
    "SensitivityRow",
    "list_telling_rows",
    "render_sensitivity",
    "tabulate_sensitivity",
    "word_state",
    "write_sensitivity",
]

_STATES: Final = {
    "not_asked": mark("asks the same"),
    "same": mark("same stops"),
    "changed": mark("stops change"),
    "refused": mark("cannot be meant"),
}
_TYPES: Final = {
    "figure": "string",
    "unit": "string",
    "value_least": "Float64",
    "value_most": "Float64",
    "direction": "string",
    "changed_least": "Float64",
    "changed_most": "Float64",
    "state": "string",
    "dropped": "string",
    "gained": "string",
    "need_met": "Float64",
    "need_met_unchanged": "Float64",
    "gap": "Float64",
    "reason": "string",
    "plan_status": "string",
}


@dataclass(frozen=True)
class SensitivityRow:
    """One changed figure, in words.

    Parameters
    ----------
    key, unit
        Which figure of the scenario, and what it is counted in.
    value, changed
        The figure before and after; an arrow where it could not be changed.
    state
        ``changed`` or ``refused``, as :class:`~patrolplan.sensitivity.Variant` has it.
    dropped, gained
        Names of the sites that fall out of the plan, and of those that come in.
    more_need
        What the changed plan's visits earn beside those of the plan as it is, by the
        weights as they are, in persons at risk, weighted; None where refused.
    reason
        Why it was refused; empty otherwise.
    """

    key: str
    unit: str
    value: Text
    changed: Text
    state: str
    dropped: Text
    gained: Text
    more_need: float | None
    reason: str


def word_state(state: str) -> Text:
    """Return in words what became of a changed figure.

    Parameters
    ----------
    state
        As :class:`~patrolplan.sensitivity.Variant` has it.
    """
    return translate_text(_STATES[state])


def list_telling_rows(found: Sensitivity) -> tuple[SensitivityRow, ...]:
    """Return a row for each change that moves a stop or is refused.

    Those that move most stops come first, then those that earn least.

    Parameters
    ----------
    found
        What changes the plan.
    """
    telling = [v for v in found.variants if v.state in ("changed", "refused")]
    telling.sort(
        key=lambda v: (
            v.state == "refused",
            -len(v.dropped) - len(v.gained),
            v.need_before or 0.0,
            v.figure.key,
            v.direction,
        )
    )
    return tuple(_word_variant(found, variant) for variant in telling)


def _word_variant(found: Sensitivity, variant: Variant) -> SensitivityRow:
    figure = variant.figure
    need = variant.need_before
    return SensitivityRow(
        key=figure.key,
        unit=figure.unit,
        value=_word_range(figure.least, figure.most),
        changed=Text.same("↓" if variant.direction < 0 else "↑")
        if variant.least is None or variant.most is None
        else _word_range(variant.least, variant.most),
        state=variant.state,
        dropped=_name_all(found, variant.dropped),
        gained=_name_all(found, variant.gained),
        more_need=None if need is None else need - found.need,
        reason=variant.reason,
    )


def _word_range(least: float, most: float) -> Text:
    def word(lang: str) -> str:
        ends = [_word_number(end, lang) for end in dict.fromkeys((least, most))]
        return "-".join(ends)

    return Text(word("en"), word("fr"))


def _word_number(value: float, lang: str) -> str:
    for decimals in range(3):
        if abs(value - round(value, decimals)) < 1e-9:
            return format_number(value, lang, decimals)
    return format_number(value, lang, 3)


def _name_all(found: Sensitivity, ids: Iterable[str]) -> Text:
    names = [found.names.get(key, (key, key)) for key in ids]
    return Text(", ".join(n[0] for n in names), ", ".join(n[1] for n in names))


def tabulate_sensitivity(found: Sensitivity) -> pd.DataFrame:
    """Return one row a figure and direction, in the order of the figures.

    Columns: ``figure``, ``unit``, its value (of several the least and the most),
    ``direction`` and the value as changed; ``state`` (``not_asked``, ``same``,
    ``changed``, ``refused``); ids of the sites ``dropped`` and ``gained``;
    ``need_met`` by the visits of the changed plan, by the weights as they are, beside
    that of the plan as it is (persons at risk, weighted); the changed plan's ``gap``,
    a fraction; ``reason`` where refused; ``plan_status``, always ``draft``.

    Parameters
    ----------
    found
        What changes the plan.
    """
    rows: list[dict[str, Any]] = [
        {
            "figure": variant.figure.key,
            "unit": variant.figure.unit,
            "value_least": variant.figure.least,
            "value_most": variant.figure.most,
            "direction": "down" if variant.direction < 0 else "up",
            "changed_least": variant.least,
            "changed_most": variant.most,
            "state": variant.state,
            "dropped": ", ".join(variant.dropped) or None,
            "gained": ", ".join(variant.gained) or None,
            "need_met": variant.need_before,
            "need_met_unchanged": found.need,
            "gap": variant.gap,
            "reason": variant.reason or None,
            "plan_status": "draft",
        }
        for variant in found.variants
    ]
    frame = pd.DataFrame(rows, columns=list(_TYPES), dtype=object)
    return frame.astype(dict(_TYPES))


def render_sensitivity(found: Sensitivity) -> str:
    """Render what changes a plan as one page that opens with no network.

    Parameters
    ----------
    found
        What changes the plan.
    """
    return render_sheet(
        "sensitivity.html",
        found=found,
        percent=Text(
            f"{_word_number(100 * found.change, 'en')} %",
            f"{_word_number(100 * found.change, 'fr')} %",
        ),
        rows=list_telling_rows(found),
        words={state: word_state(state) for state in _STATES},
        idle=_word_figures(found.list_idle()),
    )


def _word_figures(figures: Sequence[Figure]) -> list[tuple[str, Text, str]]:
    return [(f.key, _word_range(f.least, f.most), f.unit) for f in figures]


def write_sensitivity(found: Sensitivity, folder: Path) -> dict[str, Path]:
    """Write ``sensitivity.csv`` and ``sensitivity.html``.

    Parameters
    ----------
    found
        What changes the plan.
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
        "sensitivity.csv": format_csv(tabulate_sensitivity(found)),
        "sensitivity.html": render_sensitivity(found),
    }
    return write_folder(folder, contents)
