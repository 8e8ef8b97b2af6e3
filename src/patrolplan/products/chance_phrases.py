"""What is said of the chances that a plan was asked to hold with."""

from __future__ import annotations

from typing import Final

from patrolplan.products.catalogue import mark
from patrolplan.products.phrases import Sentence

__all__ = ["CHANCE_NOTICES"]

CHANCE_NOTICES: Final = {
    code: Sentence("notice", text)
    for code, text in {
        "chance_held": mark(
            "Times are planned {longer_percent} longer: each patrol is home in time in "
            "{least_percent} of {draws} fresh draws at least ({chance_percent} asked)."
        ),
        "chance_missed": mark(
            "Not each patrol is home in time in {chance_percent} of all draws, as "
            "asked: {least_percent} at least, with times planned {longer_percent} "
            "longer."
        ),
        "day_chance_held": mark(
            "{kept_min} are kept free before sunset: each day ends where planned in "
            "{least_percent} of {draws} fresh draws at least ({chance_percent} asked)."
        ),
        "day_chance_missed": mark(
            "Not each day ends where planned in {chance_percent} of all draws, as "
            "asked: {least_percent} at least, with {kept_min} kept free before sunset."
        ),
    }.items()
}
