"""The orders of a plan as files of its pack: a page and a PDF a patrol and language."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from patrolplan.planfile import PlanFile
from patrolplan.products.catalogue import LANGUAGES
from patrolplan.products.digest import digest_plan
from patrolplan.products.exports.formats import name_patrol_files
from patrolplan.products.files import PackError
from patrolplan.products.orders.building import build_order, find_mandate
from patrolplan.products.orders.pages import render_order_html
from patrolplan.products.orders.printing import render_order_pdf
from patrolplan.products.rows import MapLayers

__all__ = ["render_orders"]


def render_orders(
    plan: PlanFile,
    layers: MapLayers | None = None,
    *,
    languages: Iterable[str] = LANGUAGES,
    patrols: Collection[str] | None = None,
) -> dict[str, bytes]:
    """Return the orders of a plan by the path of each file in its pack.

    Parameters
    ----------
    plan
        The plan.
    layers
        What the maps are drawn on; None draws the patrols alone.
    languages
        ``en``, ``fr`` or both.
    patrols
        Ids of the patrols that are wanted; all when None.

    Returns
    -------
    ``orders/<patrol>.<language>.html`` and ``.pdf``.

    Raises
    ------
    PackError
        If the plan is of another release than CONFIDENTIAL: an order foretells where a
        patrol will be.
    """
    if plan.release.lower() != "confidential":
        msg = "orders foretell patrols: they belong in a CONFIDENTIAL pack only"
        raise PackError(msg)
    digest, mandate = digest_plan(plan, layers), find_mandate(plan)
    files: dict[str, bytes] = {}
    for patrol, name in zip(plan.patrols, name_patrol_files(plan), strict=True):
        if patrols is not None and patrol.id not in patrols:
            continue
        order = build_order(plan, patrol.id, layers, digest=digest, mandate=mandate)
        for lang in languages:
            page = render_order_html(order, lang).encode("utf-8")
            files[f"orders/{name}.{lang}.html"] = page
            files[f"orders/{name}.{lang}.pdf"] = render_order_pdf(order, lang)
    return files
