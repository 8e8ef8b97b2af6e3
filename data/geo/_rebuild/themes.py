"""Layers of the mandate's themes that follow from the sites: seats and polling."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

COLUMNS = (
    "id", "name", "near_site_id", "region", "distance_km", "persons", "level", "day",
    "from_day", "to_day", "adviser_role", "illustrative", "assumed", "as_of", "source",
    "confidence", "note",
)  # fmt: skip


def build_seats(sites: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """List the cercle seats of 2014: the site that bears the name of its cercle."""
    return [
        {
            "id": f"seat-{site['id']}",
            "name": f"Seat of the cercle of {site['cercle_2014']}",
            "near_site_id": site["id"],
            "assumed": "true",
            "as_of": "2014",
            "source": "seat: administration of 2014; a State post and a reference "
            "health centre are assumed, one a seat, at the position of the town",
            "confidence": "low",
        }
        for site in sorted(sites, key=lambda site: site["id"])
        if _bare(site["cercle_2014"] or "") == _bare(site["name"])
        or site["cercle_2014"] == site["name_fr"]
    ]


def build_polling(sites: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Put polling at the communes' seats: sites that a commune's census is of."""
    return [
        {
            "id": f"polling-{site['id']}",
            "name": f"Polling at {site['name']}",
            "near_site_id": site["id"],
            "assumed": "true",
            "as_of": "2014",
            "source": "assumed at the commune's seat; communes by the census of 2009",
            "confidence": "medium",
        }
        for site in sorted(sites, key=lambda site: site["id"])
        if site["population_scope"] == "commune"
    ]


def _bare(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in plain if letter.isalpha())
