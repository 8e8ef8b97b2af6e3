"""The table of a plan's casualty clock: each sum with all its parts."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from patrolplan.planfile import ClockSumEntry, PlanFile
from patrolplan.products.gates import find_shown_status
from patrolplan.products.rows import MapLayers, PlaceNames

__all__ = ["has_casualty", "tabulate_casualty"]

_PARTS: Final = {
    "notice_min": "Float64",
    "out_km": "Float64",
    "out_min": "Float64",
    "loading_min": "Float64",
    "surgery_km": "Float64",
    "surgery_min": "Float64",
    "helicopter_id": "string",
    "surgery_id": "string",
    "lon": "Float64",
    "lat": "Float64",
}
_TYPES: Final = {
    "patrol_id": "string",
    "number": "Int64",
    "kind": "string",
    "where": "string",
    "place": "string",
    "place_fr": "string",
    "judged": "string",
    "within": "boolean",
    "limit_min": "Float64",
    "day_min": "Float64",
    **{f"day_{name}": kind for name, kind in _PARTS.items()},
    "night_min": "Float64",
    **{f"night_{name}": kind for name, kind in _PARTS.items()},
    "plan_status": "string",
}


def has_casualty(plan: PlanFile) -> bool:
    """Return whether a plan says how far surgery is.

    Parameters
    ----------
    plan
        The plan.
    """
    return any(patrol.casualty for patrol in plan.patrols)


def tabulate_casualty(plan: PlanFile, layers: MapLayers | None = None) -> pd.DataFrame:
    """Return one row a stop and a leg, in the order of the way.

    Columns: ``patrol_id``, ``number`` of the row within it from 0; ``kind`` (``base``,
    ``visit``, ``halt``, ``start``, ``leg``), ``where``, ``place`` and ``place_fr``;
    ``judged`` (by ``day`` or by ``night``), ``within`` and ``limit_min``. ``day_min`` =
    ``day_notice_min`` + ``day_out_min`` + ``day_loading_min`` + ``day_surgery_min``, of
    a leg at its worst spot, ``day_lon``, ``day_lat``; with the kilometres flown and the
    ids of helicopter and surgical team; and so by night. Missing where no helicopter or
    no surgical team is known. ``plan_status`` in every row.

    Parameters
    ----------
    plan
        The plan.
    layers
        Give the French names of places.
    """
    names = PlaceNames(plan, layers)
    status = find_shown_status(plan)
    rows = []
    for patrol in plan.patrols:
        kinds: list[str] = [patrol.stops[0].kind]
        for stop in patrol.stops[1:]:
            kinds += ["leg", stop.kind]
        for number, (kind, entry) in enumerate(
            zip(kinds, patrol.casualty, strict=False)
        ):
            places = [names.find(place) for place in entry.where.split(">")]
            rows.append(
                {
                    "patrol_id": patrol.id,
                    "number": number,
                    "kind": kind,
                    "where": entry.where,
                    "place": " > ".join(place.en for place in places),
                    "place_fr": " > ".join(place.fr for place in places),
                    "judged": "night" if kind == "halt" else "day",
                    "within": entry.within,
                    "limit_min": plan.scenario.limits.get("casualty_surgery_min"),
                    "day_min": entry.day_min,
                    **_list_parts("day", entry.by_day),
                    "night_min": entry.night_min,
                    **_list_parts("night", entry.by_night),
                    "plan_status": status,
                }
            )
    frame = pd.DataFrame(rows, columns=list(_TYPES), dtype=object)
    return frame.astype(dict(_TYPES))


def _list_parts(when: str, found: ClockSumEntry | None) -> dict[str, Any]:
    return {
        f"{when}_{name}": None if found is None else getattr(found, name)
        for name in _PARTS
    }
