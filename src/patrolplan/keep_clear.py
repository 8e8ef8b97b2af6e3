"""Which places a scenario's halts keep clear of, read from its layers."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from patrolplan.layers import Layers
from patrolplan.network import KeptKind, KeptPlace
from patrolplan.planfile import KeptEntry
from patrolplan.scenario import Scenario

__all__ = ["list_kept_places", "write_kept_places"]

_KINDS: Final[dict[str, KeptKind]] = {
    "camps": "camp",
    "schools": "school",
    # At each seat of a cercle a reference health centre is assumed.
    "seats": "health",
}


def list_kept_places(scenario: Scenario, layers: Layers) -> tuple[KeptPlace, ...]:
    """Return the places that halts keep clear of, by id.

    Parameters
    ----------
    scenario
        Says how far.
    layers
        The rows of ``camps``, ``schools`` and ``seats``.

    Returns
    -------
    A row with a position of its own stands there; one at a named site at the site, and
    one some km from it anywhere on that ring, so that all within it is kept clear too.
    Rows of neither, and kinds whose distance is 0, are left out.
    """
    figures = scenario.keep_clear
    spots = {
        site: (float(point.x), float(point.y))
        for site, point in zip(
            layers.population["id"], layers.population.geometry, strict=True
        )
    }
    places = []
    for layer, kind in _KINDS.items():
        km: float = getattr(figures, f"{kind}_km")
        table = layers.themes.get(layer)
        for row in () if table is None or km == 0 else table.itertuples():
            own = not (np.isnan(row.lon) or np.isnan(row.lat))
            spot = (float(row.lon), float(row.lat)) if own else _find_site(row, spots)
            if spot is None:
                continue
            off_km = 0.0 if own or np.isnan(row.distance_km) else float(row.distance_km)
            places.append(KeptPlace(row.id, kind, *spot, km + off_km, assumed=not own))
    return tuple(sorted(places))


def _find_site(
    row: Any, spots: dict[str, tuple[float, float]]
) -> tuple[float, float] | None:
    return None if row.near_site_id is None else spots.get(row.near_site_id)


def write_kept_places(scenario: Scenario, layers: Layers) -> list[KeptEntry] | None:
    """Return the places that halts keep clear of as a plan holds them.

    Parameters
    ----------
    scenario, layers
        As for :func:`list_kept_places`.
    """
    places = list_kept_places(scenario, layers)
    return [KeptEntry(**place._asdict()) for place in places] or None
