"""An order put together: its sections in the order in which a staff reads them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from patrolplan.need import Mandate, read_mandate
from patrolplan.plain_files import hash_file
from patrolplan.planfile import PlanFile
from patrolplan.products.catalogue import Text, translate_text
from patrolplan.products.digest import digest_plan
from patrolplan.products.orders.basis import Basis
from patrolplan.products.orders.execution import build_itinerary, build_tasks
from patrolplan.products.orders.harm import build_decision, build_harm
from patrolplan.products.orders.model import Order
from patrolplan.products.orders.report import build_report
from patrolplan.products.orders.situation import (
    build_head,
    build_mission,
    build_situation,
)
from patrolplan.products.orders.support import (
    build_casualty,
    build_communications,
    build_supplies,
)
from patrolplan.products.rows import MapLayers, PlanDigest, word_marking, word_status
from patrolplan.products.wording import translate_filled
from patrolplan.scenario import MANDATE_FILE
from patrolplan.shipped import find_shipped

__all__ = ["build_order", "find_mandate"]


def build_order(
    plan: PlanFile,
    patrol_id: str,
    layers: MapLayers | None = None,
    *,
    digest: PlanDigest | None = None,
    mandate: Mandate | None = None,
) -> Order:
    """Return the order of one patrol, with its report form.

    Parameters
    ----------
    plan
        The plan.
    patrol_id
        Which patrol.
    layers
        What its map is drawn on, and the French names of places; None draws the patrol
        alone.
    digest
        Rows of the plan, if they are at hand.
    mandate
        Whose sentences are shown; as :func:`find_mandate` finds it.

    Raises
    ------
    KeyError
        If the plan has no such patrol.
    """
    rows = digest or digest_plan(plan, layers)
    numbers = {patrol.id: number for number, patrol in enumerate(plan.patrols)}
    number = numbers[patrol_id]
    basis = Basis(
        plan, rows, plan.patrols[number], rows.patrols[number], layers, mandate
    )
    parts = (
        build_head(basis),
        build_situation(basis),
        build_mission(basis),
        build_itinerary(basis),
        build_tasks(basis),
        build_supplies(basis),
        build_casualty(basis),
        build_communications(basis),
        build_harm(basis),
        build_decision(),
    )
    numbered = tuple(
        replace(part, title=Text(f"{n}. {part.title.en}", f"{n}. {part.title.fr}"))
        for n, part in enumerate(parts, start=1)
    )
    return Order(
        patrol_id=patrol_id,
        title=translate_filled("Patrol order {patrol}", patrol=patrol_id),
        plan=translate_filled(
            "Plan {name}, {first} to {last}",
            name=rows.name,
            first=rows.first_day,
            last=rows.last_day,
        ),
        marking=word_marking(rows.release),
        status=word_status(rows.status),
        is_draft=rows.status != "cleared",
        disclaimer=translate_text(
            "The boundaries and names shown and the designations used do not imply "
            "official endorsement or acceptance by the United Nations."
        ),
        page=translate_text("Page {n} of {m}"),
        sections=numbered + build_report(basis),
    )


@cache
def _read_shipped() -> tuple[Mandate | None, str]:
    path = find_shipped() / "data" / "geo" / MANDATE_FILE
    if not path.exists():
        return None, ""
    return read_mandate(path), hash_file(path)


def find_mandate(plan: PlanFile) -> Mandate | None:
    """Return the built-in mandate if the plan was made with it.

    Parameters
    ----------
    plan
        The plan: it holds the letters of the sentences, and the hash of their file.
    """
    mandate, digest = _read_shipped()
    made_with = digest in {entry.sha256 for entry in plan.inputs}
    return mandate if made_with else None
