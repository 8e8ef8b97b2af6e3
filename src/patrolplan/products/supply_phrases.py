"""The sentences of supplies, convoys and what they cut short."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from patrolplan.products.catalogue import mark
from patrolplan.products.phrases import Kind, Sentence

__all__ = ["OF_TERMS", "SUPPLY_SENTENCES", "SUPPLY_UNITS"]

SUPPLY_SENTENCES: Final[Mapping[Kind, Mapping[str, Sentence]]] = {
    "reason": {
        "fuel_exceeded": Sentence(
            "reason",
            mark("Beyond the fuel: {team_id} comes nearest and lacks {missing_l}."),
        ),
    },
    "change": {
        "carry_fuel": Sentence(
            "change", mark("Let {team_id} carry {missing_l} more, reserve apart.")
        ),
    },
    "rule": {
        code: Sentence("rule", text)
        for code, text in {
            "fuel_exceeded": mark("The patrol needs more fuel than it can carry"),
            "water_exceeded": mark("The patrol needs more water than it can carry"),
            "rations_exceeded": mark("The patrol needs more rations than it can carry"),
            "supplies_misstated": mark("What the patrol takes along is misstated"),
            "element_missing": mark("An element that goes in every convoy is missing"),
            "too_few_vehicles": mark("Too few vehicles go together"),
        }.items()
    },
    "notice": {
        "elements_missing": Sentence(
            "notice", mark("{team_id} goes without what every convoy has: {elements}.")
        ),
        "elements_keep_home": Sentence(
            "notice",
            mark("{team_id} stays at home: its convoy lacks {elements}."),
        ),
        "seats_short": Sentence(
            "notice", mark("{team_id} has {people} people and {seats} seats.")
        ),
        "days_cut": Sentence(
            "notice",
            mark(
                "{team_id} may be out for {max_days} days, but its {supply} lasts for "
                "{days}: no patrol of it is longer."
            ),
        ),
    },
}
# What the referee measures where a rule is about an amount.
SUPPLY_UNITS: Final = {"fuel_exceeded": " L", "water_exceeded": " L"}
# Values, and rules that found values, that are words of the layers.
OF_TERMS: Final = {"elements", "supply", "element_missing", "basis"}
