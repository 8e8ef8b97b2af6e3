"""Risk as rows that people read and add up again, of sites and of zones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from patrolplan.figures import FACTORS, FactorKey
from patrolplan.products.catalogue import Text, mark, translate, translate_text
from patrolplan.products.frames import read_cell
from patrolplan.products.illustration import is_illustrative
from patrolplan.products.terms import translate_term

__all__ = [
    "FactorRow",
    "RiskRow",
    "format_exact",
    "list_site_rows",
    "list_zone_rows",
    "translate_heading",
    "write_equation",
]

_HEADINGS: Final = {
    "site": mark("site"),
    "cercle": mark("cercle"),
    "threat": mark("threat"),
    "vulnerability": mark("vulnerability"),
    "capacity": mark("protective capacity"),
    "risk": mark("risk"),
    "people": mark("people"),
    "need": mark("need"),
    "zone": mark("zone"),
    "sites": mark("sites"),
}
_BASES: Final = {
    "incidents": mark("from incidents"),
    "zone": mark("scored for the zone"),
    "zone_level": mark("from the level of the zone, which has no score of its own"),
    "distance": mark("measured, as no zone says it"),
    "unknown": mark("nothing is known"),
}
_UNITS: Final = {
    "score 1 to 5": mark("score 1 to 5"),
    "level 1 to 5": mark("level 1 to 5"),
    "km to the nearest base or State post": mark(
        "km to the nearest base or State post"
    ),
    "km to the nearest reference health centre": mark(
        "km to the nearest reference health centre"
    ),
}
_INCIDENTS_WITHIN: Final = mark("recent incidents within {km} km")
_DECIMALS: Final = 6


@dataclass(frozen=True)
class FactorRow:
    """One factor of a sum: its score, what it adds, and its evidence in words.

    Parameters
    ----------
    factor, name
        Its key, and its name.
    score, weight, term
        The score 1 to 5, its weight, and weight times score (of protective capacity
        weight times 6 - score); None where unknown.
    value, unit, basis, source, date, confidence, reason
        The evidence.
    """

    factor: FactorKey
    name: Text
    score: float | None
    weight: float
    term: float | None
    value: float | None
    unit: Text
    basis: Text
    source: str | None
    date: str | None
    confidence: Text | None
    reason: str | None


@dataclass(frozen=True)
class RiskRow:
    """The sum of one site, or of one zone.

    Parameters
    ----------
    id, name, cercle
        Which.
    factors
        In the order of the sum.
    risk, people
        1 to 5, and persons; None where unknown.
    weight, need
        r(risk), and persons at risk, weighted; None where unknown, and of zones.
    held_by
        The base that holds the site day by day, for which its need is 0.
    zone, zone_risk
        The zone of a site, and that zone's own sum.
    illustrative
        Whether the zone was authored, not measured.
    sites, sites_unknown
        How many sites a zone has, and of these how many of unknown people.
    """

    id: str
    name: Text
    cercle: str | None
    factors: tuple[FactorRow, ...]
    risk: float | None
    people: float | None
    weight: float | None = None
    need: float | None = None
    held_by: Text | None = None
    zone: Text | None = None
    zone_risk: float | None = None
    illustrative: bool = False
    sites: int = 0
    sites_unknown: int = 0

    @property
    def unknown(self) -> tuple[FactorRow, ...]:
        """The factors that nobody knows."""
        return tuple(row for row in self.factors if row.score is None)


def translate_heading(heading: str, lang: str) -> str:
    """Return the heading of a column in a language.

    Parameters
    ----------
    heading
        Such as ``capacity``.
    lang
        ``en`` or ``fr``.
    """
    return translate(_HEADINGS[heading], lang)


def format_exact(value: float | None) -> Text:
    """Return a number with all the digits that a hand can add up, or unknown.

    Parameters
    ----------
    value
        The number; None where unknown.
    """
    if value is None:
        return Text(translate_term("unknown", "en"), translate_term("unknown", "fr"))
    plain = f"{value:,.{_DECIMALS}f}".rstrip("0").rstrip(".")
    return Text(plain, plain.replace(",", "\u202f").replace(".", ","))


def write_equation(factors: Sequence[FactorRow]) -> Text:
    """Return the sum of a row in figures, as ``0.5 × 4 + … = 2 + …``.

    Parameters
    ----------
    factors
        The factors of the row; unknown ones stand as a question mark.
    """
    texts = []
    for lang in ("en", "fr"):

        def show(value: float | None, lang: str = lang) -> str:
            return "?" if value is None else format_exact(value).pick(lang)

        products = [
            f"{show(row.weight)} × "
            + (f"(6 − {show(row.score)})" if _is_turned(row) else show(row.score))
            for row in factors
        ]
        line = " + ".join(products)
        if all(row.term is not None for row in factors):
            line += " = " + " + ".join(show(row.term) for row in factors)
        texts.append(line)
    return Text(*texts)


def list_site_rows(sites: Any, zones: Any, layers: Any) -> tuple[RiskRow, ...]:
    """Return a row for each site: the gravest first, of unknown risk last.

    Parameters
    ----------
    sites, zones
        As :class:`~patrolplan.ratings.Rating` has them.
    layers
        Give the French names of sites and bases.
    """
    names = _read_names(layers.population)
    bases = _read_names(layers.bases)
    of_zones = {row.id: row for row in list_zone_rows(zones)}
    rows = []
    for row in sites.reset_index().to_dict("records"):
        zone = of_zones.get(row["zone_id"])
        rows.append(
            RiskRow(
                id=row["site_id"],
                name=names.get(row["site_id"], Text.same(row["name"])),
                cercle=read_cell(row, "cercle"),
                factors=tuple(_list_factors(row)),
                risk=read_cell(row, "risk"),
                people=read_cell(row, "people"),
                weight=read_cell(row, "weight"),
                need=read_cell(row, "need"),
                held_by=bases.get(row["held_by"]),
                zone=zone.name if zone else None,
                zone_risk=read_cell(row, "zone_risk"),
                illustrative=bool(zone and zone.illustrative),
            )
        )
    return tuple(sorted(rows, key=_rank))


def list_zone_rows(zones: Any) -> tuple[RiskRow, ...]:
    """Return a row for each zone, in the order of the table.

    Parameters
    ----------
    zones
        As :class:`~patrolplan.ratings.Rating` has them.
    """
    return tuple(
        RiskRow(
            id=row["zone_id"],
            name=_read_name(row),
            cercle=None,
            factors=tuple(_list_factors(row)),
            risk=read_cell(row, "risk"),
            people=read_cell(row, "people"),
            illustrative=is_illustrative(row),
            sites=row["sites"],
            sites_unknown=row["sites_unknown"],
        )
        for row in zones.reset_index().to_dict("records")
    )


def _rank(row: RiskRow) -> tuple[float, float, str]:
    risk = -1.0 if row.risk is None else row.risk
    return -risk, -(row.need or 0.0), row.id


def _is_turned(row: FactorRow) -> bool:
    """Return whether a factor counts the other way round: capacity does."""
    return row.factor == "capacity"


def _read_name(row: Mapping[str, Any]) -> Text:
    english = str(row["name"])
    return Text(english, str(read_cell(row, "name_fr") or english))


def _read_names(frame: Any) -> dict[str, Text]:
    return {row["id"]: _read_name(row) for row in frame.to_dict("records")}


def _list_factors(row: Mapping[str, Any]) -> Iterator[FactorRow]:
    for factor in FACTORS:
        score, weight = read_cell(row, factor), row[f"weight_{factor}"]
        counted = (
            None if score is None else 6 - score if factor == "capacity" else score
        )
        confidence = read_cell(row, f"{factor}_confidence")
        yield FactorRow(
            factor=factor,
            name=translate_text(_HEADINGS[factor]),
            score=score,
            weight=weight,
            term=None if counted is None else weight * counted,
            value=read_cell(row, f"{factor}_value"),
            unit=_word_unit(read_cell(row, f"{factor}_unit")),
            basis=translate_text(_BASES[row[f"{factor}_basis"]]),
            source=read_cell(row, f"{factor}_source"),
            date=read_cell(row, f"{factor}_date"),
            confidence=None
            if confidence is None
            else Text(
                translate_term(confidence, "en"), translate_term(confidence, "fr")
            ),
            reason=read_cell(row, f"{factor}_reason"),
        )


def _word_unit(unit: str | None) -> Text:
    if unit is None:
        return Text.same("")
    if unit in _UNITS:
        return translate_text(_UNITS[unit])
    within = re.fullmatch(r"recent incidents within ([0-9.e+]+) km", unit)
    if within is None:
        return Text.same(unit)
    km = within[1]
    return Text(
        translate(_INCIDENTS_WITHIN, "en").format(km=km),
        translate(_INCIDENTS_WITHIN, "fr").format(km=km.replace(".", ",")),
    )
