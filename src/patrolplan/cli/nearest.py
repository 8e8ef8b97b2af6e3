"""What the command line says of a request that could not be met."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patrolplan.cli.program import Language
from patrolplan.cli.speaking import say

if TYPE_CHECKING:
    from patrolplan.planfile import PlanFile

__all__ = ["describe_nearest", "print_nearest"]


def describe_nearest(plan: PlanFile) -> dict[str, Any]:
    """Return what JSON says of it: nothing where all that was asked is planned."""
    if plan.nearest is None:
        return {}
    return {"nearest": plan.nearest.model_dump(mode="json")}


def print_nearest(name: str, plan: PlanFile, lang: Language) -> None:
    """Print why what was asked cannot be done, and what was changed."""
    from patrolplan.products.catalogue import translate
    from patrolplan.products.nearest import digest_nearest
    from patrolplan.products.rows import PlaceNames

    told = digest_nearest(plan, PlaceNames(plan))
    if told is None:
        return
    heads = (
        "What was asked cannot be done",
        "This plan answers the nearest request that can be met",
    )
    for head, lines in zip(heads, (told.reasons, told.changes), strict=True):
        say(f"{name}: {translate(head, lang.value)}:")
        for line in lines:
            say(f"  - {line.pick(lang.value)}")
    say(f"{name}: {told.told.pick(lang.value)}")
