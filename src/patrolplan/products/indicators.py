"""Indicators of a plan for a mission's planning and assessment system (CPAS).

CPAS sets indicators against a baseline and a trend, which a plan alone cannot know: the
baseline stays empty, to be filled from the last period. A figure that the plan does not
give is empty too, never 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

import pandas as pd

from patrolplan.need import Mandate, read_mandate
from patrolplan.plain_files import hash_file
from patrolplan.planfile import PlanFile, StopEntry
from patrolplan.products.balance import measure_balance
from patrolplan.products.catalogue import Text, mark, translate_text
from patrolplan.products.digest import digest_plan
from patrolplan.products.overview_rows import Figures
from patrolplan.products.rows import word_marking
from patrolplan.scenario import MANDATE_FILE
from patrolplan.shipped import find_shipped

__all__ = ["find_mandate", "tabulate_indicators"]

_TYPES: Final = {
    "code": "string",
    "name_en": "string",
    "name_fr": "string",
    "value": "object",
    "unit": "string",
    "theme": "string",
    "sentence_en": "string",
    "sentence_fr": "string",
    "baseline": "object",
    "source": "string",
    "plan_status": "string",
    "marking": "string",
}
_PEOPLE, _SITES, _VISITS = "persons", "sites", "visits"
_SHARE: Final = "fraction"


class _Measure(NamedTuple):
    """One indicator.

    Attributes
    ----------
    code, name, unit
        Its key, what it is called in English, and what it is counted in.
    theme
        Letter of the mandate that it is of; None where it is of no one sentence.
    source
        Where it comes from.
    find
        Measures it, from a plan and the plan's figures; None where it is not known.
    """

    code: str
    name: str
    unit: str
    theme: str | None
    source: str
    find: Callable[[PlanFile, Figures], Any]


def _list_visits(plan: PlanFile) -> list[StopEntry]:
    return [s for patrol in plan.patrols for s in patrol.stops if s.kind == "visit"]


def _count_with(*roles: str) -> Callable[[PlanFile, Figures], int]:
    """Count the visits that someone of these roles is to take part in."""
    return lambda plan, _: sum(
        not set(roles).isdisjoint(stop.roles) for stop in _list_visits(plan)
    )


def _read_reach(key: str) -> Callable[[PlanFile, Figures], Any]:
    def find(plan: PlanFile, _: Figures) -> Any:
        value = plan.assessment.reach.get(key)
        known = isinstance(value, int | float) and not isinstance(value, bool)
        return value if known else None

    return find


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None


def _count_far(plan: PlanFile, _: Figures) -> int | None:
    """Count stops and ways from which surgery is too far; None where nobody asked."""
    if plan.medical is None:
        return None
    return sum(not row.within for patrol in plan.patrols for row in patrol.casualty)


_MEASURES: Final = (
    _Measure(
        "PP-01",
        mark("Civilians in the places to be visited"),
        _PEOPLE,
        "B",
        "assessment.people_reached",
        lambda plan, _: plan.assessment.people_reached,
    ),
    _Measure(
        "PP-02",
        mark("Share of need that first visits meet"),
        _SHARE,
        "B",
        "assessment.first_visits / assessment.need_total",
        lambda plan, _: _share(
            plan.assessment.first_visits, plan.assessment.need_total
        ),
    ),
    _Measure(
        "PP-03",
        mark("Population centres to be visited"),
        _SITES,
        "A",
        "patrols[].stops[]",
        lambda _, figures: figures.sites_visited,
    ),
    _Measure(
        "PP-04",
        mark("Length of patrols"),
        "km",
        "A",
        "patrols[].legs[].length_km",
        lambda _, figures: figures.km,
    ),
    _Measure(
        "PP-05",
        mark("Patrols"),
        "patrols",
        "C",
        "patrols[]",
        lambda _, figures: figures.patrols,
    ),
    _Measure(
        "PP-06",
        mark("Patrol days"),
        "days",
        "C",
        "patrols[]",
        lambda _, figures: figures.patrol_days,
    ),
    _Measure(
        "PP-07",
        mark("Sites to be visited beyond the bases"),
        _SITES,
        "C",
        "assessment.reach.sites_beyond",
        _read_reach("sites_beyond"),
    ),
    _Measure(
        "PP-08",
        mark("Civilians in the sites beyond the bases"),
        _PEOPLE,
        "C",
        "assessment.reach.people_beyond",
        _read_reach("people_beyond"),
    ),
    _Measure(
        "PP-09",
        mark("Share of need met that lies beyond the bases"),
        _SHARE,
        "C",
        "assessment.reach.need_share_beyond",
        _read_reach("need_share_beyond"),
    ),
    _Measure(
        "PP-10",
        mark("Nights out"),
        "nights",
        "C",
        "patrols[].stops[]",
        lambda plan, _: sum(
            stop.kind == "halt" for patrol in plan.patrols for stop in patrol.stops
        ),
    ),
    _Measure(
        "PP-11",
        mark("Visits with a women or child protection adviser"),
        _VISITS,
        "D",
        "patrols[].stops[].roles",
        _count_with("women_protection_adviser", "child_protection_adviser"),
    ),
    _Measure(
        "PP-12",
        mark("Visits with women in the team"),
        _VISITS,
        "E",
        "patrols[].stops[].roles",
        _count_with("women_in_team"),
    ),
    _Measure(
        "PP-13",
        mark("Visits with a human rights officer"),
        _VISITS,
        "F",
        "patrols[].stops[].roles",
        _count_with("human_rights_officer"),
    ),
    _Measure(
        "PP-14",
        mark("Visits with a community liaison assistant or an interpreter"),
        _VISITS,
        "J",
        "patrols[].stops[].roles",
        _count_with("community_liaison_assistant", "interpreter"),
    ),
    _Measure(
        "PP-15",
        mark("Sites of unknown need to be visited"),
        _SITES,
        "B",
        "assessment.unknown_visited",
        lambda plan, _: plan.assessment.unknown_visited,
    ),
    _Measure(
        "PP-16",
        mark("Sites not covered"),
        _SITES,
        "B",
        "assessment.unserved[]",
        lambda _, figures: figures.uncovered,
    ),
    _Measure(
        "PP-17",
        mark("Share of need within reach met where least is"),
        _SHARE,
        "B",
        "assessment.equity",
        lambda _, figures: figures.served.share if figures.served else None,
    ),
    _Measure(
        "PP-18",
        mark("Stops and ways from which surgery is too far"),
        "stops and legs",
        None,
        "patrols[].casualty[].within",
        _count_far,
    ),
    _Measure(
        "PP-19",
        mark("Rules that the plan breaks"),
        "rules",
        None,
        "assessment.violations[]",
        lambda plan, _: len(plan.assessment.violations),
    ),
)
_THEME_VISITS: Final = mark("Visits that serve the sentence")
_THEME_SHARE: Final = mark("Share met of the need that the sentence counts")


def find_mandate(plan: PlanFile) -> Mandate | None:
    """Return the built-in mandate if a plan was made with it, else None.

    Parameters
    ----------
    plan
        Its inputs say which mandate it read, by a hash.
    """
    file = find_shipped() / "data" / "geo" / MANDATE_FILE
    digest = hash_file(file)
    made_from = {entry.sha256 for entry in plan.inputs}
    return read_mandate(file) if digest in made_from else None


def tabulate_indicators(plan: PlanFile, mandate: Mandate | None) -> pd.DataFrame:
    """Return one row an indicator.

    Columns: ``code``; ``name_en``, ``name_fr``; ``value``, missing where the plan does
    not give it, and its ``unit`` (shares are fractions); ``theme``, ``sentence_en`` and
    ``sentence_fr`` of the mandate that it tells of, missing where no mandate is known;
    ``baseline``, always missing; ``source``, the field of ``plan.json`` that it is read
    from; ``plan_status`` and ``marking``, the same in every row.

    Parameters
    ----------
    plan
        The plan.
    mandate
        Gives the sentences, and two rows for each; None leaves both out.
    """
    digest = digest_plan(plan)
    sentences = {}
    if mandate is not None:
        sentences = {s.theme: Text(s.en, s.fr) for s in mandate.sentences}
    rows = []
    for code, name, value, unit, theme, source in _iterate(
        plan, mandate, digest.figures
    ):
        sentence = sentences.get(theme or "")
        words = translate_text(name)
        finite = not isinstance(value, float) or math.isfinite(value)
        rows.append(
            {
                "code": code,
                "name_en": words.en,
                "name_fr": words.fr,
                "value": value if finite else None,
                "unit": unit,
                "theme": theme if sentence else None,
                "sentence_en": sentence.en if sentence else None,
                "sentence_fr": sentence.fr if sentence else None,
                "baseline": None,
                "source": f"plan.json: {source}",
                "plan_status": digest.status,
                "marking": word_marking(plan.release).en,
            }
        )
    return pd.DataFrame(rows, columns=list(_TYPES), dtype=object).astype(dict(_TYPES))


def _iterate(
    plan: PlanFile, mandate: Mandate | None, figures: Figures
) -> Iterator[tuple[str, str, Any, str, str | None, str]]:
    """Yield code, name, value, unit, theme and source of each indicator."""
    for measure in _MEASURES:
        value = measure.find(plan, figures)
        yield (
            measure.code,
            measure.name,
            value,
            measure.unit,
            measure.theme,
            measure.source,
        )
    if mandate is None:
        return
    for row in measure_balance(plan, mandate):
        yield (
            f"PP-{row.theme}-1",
            _THEME_VISITS,
            row.stops,
            _VISITS,
            row.theme,
            "patrols[].stops[].themes",
        )
        yield (
            f"PP-{row.theme}-2",
            _THEME_SHARE,
            _share(row.need_met, row.need),
            _SHARE,
            row.theme,
            "sites[].themes, patrols[].stops[].need_earned",
        )
