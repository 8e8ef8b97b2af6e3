"""Displacement: whether incidents moved to the ring of neighbours after visits.

Presence can move violence elsewhere (Peitz and Reisch 2019). The check compares the
surroundings of the places visited, and the ring round these, before and after, beside
the rest of the theatre in the same days. It is a question to ask, not a proof.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from patrolplan.histories import DisplacementFigures
from patrolplan.layers.incidents import Incidents
from patrolplan.need.spreading import measure_distances_km
from patrolplan.planfile import Code

__all__ = ["Displacement", "check_displacement"]

Finding = Literal["too_few", "none_seen", "ring_rose", "ring_rose_core_fell"]


@dataclass(frozen=True)
class Displacement:
    """Incidents before and after visits: near, in the ring round, and elsewhere.

    Parameters
    ----------
    core, ring, elsewhere
        Incidents before and after.
    days
        Length of each of the two spans.
    before_from, after_to
        First day of the one and last day of the other.
    p
        How likely the ring would rise so much beside the rest by chance: Fisher's
        exact test, one-sided; None where there are too few incidents.
    finding
        ``too_few``; ``none_seen``; ``ring_rose``, more than the rest of the theatre;
        ``ring_rose_core_fell``, which is what displacement looks like.
    left_out
        Incidents of these days that have no part: their place or day is not known
        well enough, or a patrol discovered them.
    """

    core: tuple[int, int]
    ring: tuple[int, int]
    elsewhere: tuple[int, int]
    days: int
    before_from: date
    after_to: date
    p: float | None
    finding: Finding
    left_out: int

    @property
    def notice(self) -> Code:
        """What a planner should hear of it, such as ``displacement_ring_rose``."""
        values: dict[str, Any] = {"before": self.ring[0], "after": self.ring[1]}
        return Code(code=f"displacement_{self.finding}", values=values)


def check_displacement(
    incidents: Incidents,
    sites: Any,
    visited: Collection[str],
    *,
    first_visit: date,
    last_visit: date,
    figures: DisplacementFigures | None = None,
) -> Displacement:
    """Compare incidents before and after visits, near them and in the ring round.

    Parameters
    ----------
    incidents
        As :func:`~patrolplan.layers.incidents.read_incidents` returns them. Only those
        that somebody reported, of a known day and of precision place or near, count.
    sites
        A GeoDataFrame of points in WGS 84 with a column ``id``.
    visited
        Ids of the sites that were visited.
    first_visit, last_visit
        Days of the first and of the last visit. The span before ends the day before
        the first, the span after begins with the last; both are ``days`` long.
    figures
        The section ``[displacement]`` of the scenario.

    Raises
    ------
    ValueError
        If nothing was visited, a site is not known, or the last visit precedes the
        first.

    Notes
    -----
    An incident within ``core_km`` of any site visited is of the core; of the others,
    one within ``ring_km`` is of the ring; the rest is elsewhere. So rings do not
    overlap cores, and each incident counts once. The ring is held against elsewhere,
    as what changes for all (a season, a truce) is no displacement.
    """
    figures = figures or DisplacementFigures()
    if unknown := sorted(set(visited) - set(sites["id"])):
        msg = f"no such site: {', '.join(unknown)}"
        raise ValueError(msg)
    if not visited or last_visit < first_visit:
        msg = "should have a site visited, and a last visit no earlier than the first"
        raise ValueError(msg)
    span = timedelta(days=figures.days)
    before_from, after_to = first_visit - span, last_visit + span - timedelta(days=1)
    frame = incidents.frame
    days = frame["date"].to_numpy(object)
    before = np.array([before_from <= day < first_visit for day in days], dtype=bool)
    after = np.array([last_visit <= day <= after_to for day in days], dtype=bool)
    precise = frame["precision"].isin(("place", "near")).to_numpy(bool)
    usable = (
        precise
        & (frame["share"].to_numpy(float) == 1)
        & ~frame["discovered"].to_numpy(bool)
    )
    left_out = frame.loc[(before | after) & ~usable, "incident"].nunique()
    chosen = sites[sites["id"].isin(list(visited))]
    distances_km = measure_distances_km(chosen, frame)
    nearest = distances_km.min(axis=0) if len(frame) else np.zeros(0)
    inner = nearest <= figures.core_km
    outer = (nearest <= figures.ring_km) & ~inner

    def count(where: NDArray[np.bool_]) -> tuple[int, int]:
        mine = where & usable
        return int((mine & before).sum()), int((mine & after).sum())

    core, ring, elsewhere = count(inner), count(outer), count(~inner & ~outer)
    enough = sum(ring) + sum(elsewhere) >= figures.least_incidents and sum(ring) > 0
    p = None
    finding: Finding = "too_few"
    if enough:
        # Loaded where it is used: it takes a second, and every plan imports this room.
        from scipy.stats import fisher_exact

        # Rows: ring, elsewhere; columns: after, before.
        table = np.array([ring[::-1], elsewhere[::-1]])
        p = float(fisher_exact(table, alternative="greater").pvalue)
        finding = "none_seen"
        if p <= figures.significance:
            finding = "ring_rose_core_fell" if core[1] < core[0] else "ring_rose"
    return Displacement(
        core=core,
        ring=ring,
        elsewhere=elsewhere,
        days=figures.days,
        before_from=before_from,
        after_to=after_to,
        p=p,
        finding=finding,
        left_out=int(left_out),
    )
