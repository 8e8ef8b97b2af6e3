"""Search of a map: every place by any of its names, accents and case aside."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from patrolplan.planfile import PlanFile
from patrolplan.products.catalogue import Text
from patrolplan.products.escaping import normalise_text
from patrolplan.products.places import SiteFacts
from patrolplan.products.rows import PlanDigest

__all__ = ["SearchRow", "fold_name", "list_places"]

# Hyphen and both apostrophes: people write them or not.
_SPACES: Final = "-'\u2019"
# Marks on letters, and what cannot be seen, such as the isolates round Arabic names.
_DROPPED: Final = frozenset({"Mn", "Mc", "Me", "Cf"})


@dataclass(frozen=True)
class SearchRow:
    """One place of the search list.

    Parameters
    ----------
    place_id
        Site or base.
    name
        Its usual name.
    others
        Its further names, in the order of the layer, that of the other language first.
    keys
        All its names, folded.
    is_base
        Whether it is a base.
    """

    place_id: str
    name: Text
    others: Text
    keys: tuple[str, ...]
    is_base: bool


def fold_name(name: str) -> str:
    """Return a name without accents, marks and capitals, as the search compares it.

    Parameters
    ----------
    name
        Any text.

    Examples
    --------
    >>> fold_name("Gourma-Rharous"), fold_name("Ménaka"), fold_name("ABEÏBARA")
    ('gourma rharous', 'menaka', 'abeibara')
    """
    parts = unicodedata.normalize("NFKD", normalise_text(name)).lower()
    plain = (" " if char in _SPACES else char for char in parts)
    kept = (char for char in plain if unicodedata.category(char) not in _DROPPED)
    return " ".join("".join(kept).split())


def list_places(
    plan: PlanFile, digest: PlanDigest, facts: Mapping[str, SiteFacts]
) -> list[SearchRow]:
    """Return every site and base of a plan, the most people first, then bases.

    Parameters
    ----------
    plan, digest
        The plan and its rows.
    facts
        What layers know of each site; their aliases are joined by ``|``.
    """
    sites = sorted(plan.sites, key=lambda site: (-(site.population or 0), site.id))
    rows = [
        _build_row(
            site.id,
            digest.names.find(site.id),
            str(facts.get(site.id, SiteFacts()).aliases or ""),
            is_base=False,
        )
        for site in sites
    ]
    rows += [
        _build_row(base.id, digest.names.find(base.id), "", is_base=True)
        for base in plan.bases
    ]
    return rows


def _build_row(place_id: str, name: Text, aliases: str, *, is_base: bool) -> SearchRow:
    aliased = [part.strip() for part in aliases.split("|")]
    listed = list(dict.fromkeys((name.fr, name.en, *aliased)))
    others = Text(
        *(
            " · ".join(part for part in listed if part and part != name.pick(lang))
            for lang in ("en", "fr")
        )
    )
    keys = dict.fromkeys(fold_name(part) for part in listed if part)
    return SearchRow(place_id, name, others, tuple(keys), is_base)
