"""What differs between two plans in words, with places and lines by their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from patrolplan.differences import Difference
from patrolplan.planfile import PlanFile
from patrolplan.products.catalogue import LANGUAGES, Text
from patrolplan.products.rows import MapLayers, PlaceNames
from patrolplan.products.sentences import render_code, render_code_text

__all__ = ["BothNames", "Telling", "tell_difference"]


@dataclass(frozen=True)
class Telling:
    """One difference in words.

    Parameters
    ----------
    part, code
        The part that it is told in, and its code.
    text
        Its words.
    """

    part: str
    code: str
    text: Text


class BothNames(PlaceNames):
    """Names of the places of two plans; those of the second where both have one.

    Parameters
    ----------
    first, second
        The plans.
    layers
        Give the French names, if at hand.
    """

    def __init__(
        self, first: PlanFile, second: PlanFile, layers: MapLayers | None
    ) -> None:
        super().__init__(first, layers)
        self._names |= PlaceNames(second, layers)._names


def tell_difference(
    difference: Difference, names: PlaceNames, lines: Mapping[str, Text]
) -> Telling:
    """Return a difference in words, with its reason if there is one.

    Parameters
    ----------
    difference
        As :func:`~patrolplan.differences.list_differences` lists it.
    names, lines
        Of places, and of lines by id.
    """
    told = Text(
        *(
            render_code(
                difference.told.code,
                _name_lines_in(difference.told.values, lines, lang),
                lang,
                kind="difference",
                names=names,
            )
            for lang in LANGUAGES
        )
    )
    if difference.reason is not None:
        why = render_code_text(
            difference.reason.code, difference.reason.values, kind="reason", names=names
        )
        told = Text(f"{told.en} {why.en}", f"{told.fr} {why.fr}")
    return Telling(difference.part, difference.told.code, told)


def _name_lines_in(
    values: Mapping[str, Any], lines: Mapping[str, Text], lang: str
) -> dict[str, Any]:
    """Return values with lines called by name and id: several may bear one name."""

    def call(line: str) -> str:
        name = lines[line].pick(lang) if line in lines else line
        return line if name == line else f"{name} ({line})"

    named = dict(values)
    if isinstance(values.get("line"), str):
        named["line"] = call(values["line"])
    if isinstance(values.get("lines"), list | tuple):
        named["lines"] = [call(str(line)) for line in values["lines"]]
    return named
