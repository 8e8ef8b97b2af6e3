"""The orders of a plan as files of its pack: a page and a PDF a patrol and language."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Final

from patrolplan.planfile import PlanFile
from patrolplan.products.catalogue import LANGUAGES
from patrolplan.products.digest import digest_plan
from patrolplan.products.files import PackError, slug_name
from patrolplan.products.orders.building import build_order, find_mandate
from patrolplan.products.orders.pages import render_order_html
from patrolplan.products.orders.printing import render_order_pdf
from patrolplan.products.rows import MapLayers

__all__ = ["name_patrols", "render_orders"]

_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def name_patrols(ids: Iterable[str]) -> dict[str, str]:
    """Return a file name without its ending for each patrol, no two alike.

    Parameters
    ----------
    ids
        Of the patrols of one plan; a plain one is its own name.
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for key in ids:
        stem = key if _PLAIN.fullmatch(key) else slug_name(key, fallback="patrol")[:60]
        name, count = stem, 1
        # Some file systems do not tell P1 from p1.
        while name.lower() in taken:
            count += 1
            name = f"{stem}-{count}"
        taken.add(name.lower())
        names[key] = name
    return names


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
    for key, name in name_patrols(patrol.id for patrol in plan.patrols).items():
        if patrols is not None and key not in patrols:
            continue
        order = build_order(plan, key, layers, digest=digest, mandate=mandate)
        for lang in languages:
            page = render_order_html(order, lang).encode("utf-8")
            files[f"orders/{name}.{lang}.html"] = page
            files[f"orders/{name}.{lang}.pdf"] = render_order_pdf(order, lang)
    return files
