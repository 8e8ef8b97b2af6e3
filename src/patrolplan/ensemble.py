"""Many plans of one theatre taken together: who is visited in how many, by which lines.

Each plan counts once, however long it is. Only what the plans themselves hold is
asked: nothing is planned or measured again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Protocol

import geopandas as gpd
import pandas as pd
import shapely

from patrolplan.errors import Fault, PlanFileError
from patrolplan.geodesy import WGS84
from patrolplan.line_passes import count_passes
from patrolplan.planfile import PlanFile

__all__ = [
    "AXIS_COLUMNS",
    "LINE_COLUMNS",
    "REASON_COLUMNS",
    "SITE_COLUMNS",
    "Ensemble",
    "Member",
    "gather_ensemble",
]

SITE_COLUMNS: Final[Mapping[str, str]] = {
    "site_id": "the site",
    "name": "its name",
    "cercle": "cercle of 2014; None where not known",
    "people": "persons; missing where unknown",
    "plans": "how many plans there are",
    "visited": "how many of them visit it",
    "share": "visited / plans, 0 to 1",
    "visits": "visits in all plans together; one plan may go twice",
    "passed": "how many plans pass it on the way, and do not visit it",
    "need_least": "least need of any plan, persons weighted; missing where unknown",
    "need_most": "most need of any plan",
    "held": "how many plans say that a base holds it day by day",
    "reason": "why most plans do not visit it, a code; None if all do",
}
"""Columns of the frame of sites beside its geometry; the least visited stand last."""
LINE_COLUMNS: Final[Mapping[str, str]] = {
    "line_id": "the line",
    "name": "its name; its id where no layer names it",
    "name_fr": "its name in French",
    "plans": "how many plans there are",
    "driven": "how many of them drive it, or a part of it",
    "share": "driven / plans, 0 to 1",
    "patrol_passes": "times that a patrol drives it, in all plans together",
    "vehicle_passes": "the same times the vehicles of the patrol",
    "passes_per_plan": "vehicle_passes / plans: the mean of a plan",
}
"""Columns of the frame of lines beside its geometry; the most driven stand first."""
REASON_COLUMNS: Final[Mapping[str, str]] = {
    "site_id": "the site",
    "reason": "why it is not visited, a code",
    "plans": "how many plans give that reason",
}
"""Columns of the table of reasons."""
AXIS_COLUMNS: Final[Mapping[str, str]] = {
    "kind": "site or line",
    "id": "which",
    "axis": "axis of the grid",
    "value": "value on it",
    "plans": "how many plans have that value",
    "served": "how many of these visit the site, or drive the line",
    "share": "served / plans, 0 to 1",
    "passes_per_plan": "vehicles that pass the line, mean of these; missing: site",
}
"""Columns of the table by value of an axis."""
# Positions are written whole; another reader may round them.
_SAME_DEG: Final = 1e-6
_NAMED: Final = 5


class Member(NamedTuple):
    """One plan of several.

    Attributes
    ----------
    name
        What it is called in tables and faults.
    plan
        Its document.
    settings
        Its value on each axis of the grid, if it is of one.
    """

    name: str
    plan: PlanFile
    settings: tuple[tuple[str, str], ...] = ()


class Planned(Protocol):
    """Whatever bears a plan's document, such as a ``Study``."""

    @property
    def plan_file(self) -> PlanFile:
        """The document."""


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Plans of one theatre taken together.

    Parameters
    ----------
    members
        The plans.
    sites
        A GeoDataFrame with ``SITE_COLUMNS``, WGS 84: those visited most stand first.
    lines
        A GeoDataFrame with ``LINE_COLUMNS``, WGS 84: those driven most stand first.
        Without a layer of lines they have no shape, and only those driven are there.
    reasons
        A DataFrame with ``REASON_COLUMNS``.
    by_axis
        A DataFrame with ``AXIS_COLUMNS``; empty where no plan is of a grid.
    """

    members: tuple[Member, ...]
    sites: Any
    lines: Any
    reasons: Any
    by_axis: Any

    @property
    def axes(self) -> dict[str, tuple[str, ...]]:
        """The axes in their order, each with its values in theirs."""
        return _list_axes(self.members)


def gather_ensemble(
    plans: Iterable[Member | PlanFile | Planned], *, lines: Any | None = None
) -> Ensemble:
    """Take plans of one theatre together, each of equal weight.

    Parameters
    ----------
    plans
        Documents, studies, or members with a name and settings.
    lines
        The layer of lines, which gives names and shapes.

    Raises
    ------
    PlanFileError
        If there is no plan, or they are not of one theatre: the same sites by their
        ids, at the same positions and with the same people.
    """
    members = tuple(_name_members(plans))
    if not members:
        fault = Fault("ensemble", "plans", "none", "one plan or more")
        raise PlanFileError([fault])
    faults = [
        fault
        for member in members[1:]
        for fault in _find_other_theatre(members[0], member)
    ]
    if faults:
        raise PlanFileError(faults)
    visits = [_count_visits(member.plan) for member in members]
    passes = [count_passes(member.plan) for member in members]
    reasons = _tabulate_reasons(members)
    return Ensemble(
        members=members,
        sites=_tabulate_sites(members, visits, reasons),
        lines=_tabulate_lines(members, passes, lines),
        reasons=reasons,
        by_axis=_tabulate_axes(members, visits, passes),
    )


def _list_axes(members: Sequence[Member]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for member in members:
        for axis, value in member.settings:
            found.setdefault(axis, {})[value] = None
    return {axis: tuple(values) for axis, values in found.items()}


def _name_members(plans: Iterable[Member | PlanFile | Planned]) -> Iterator[Member]:
    for one in plans:
        if isinstance(one, Member):
            yield one
        else:
            plan = one if isinstance(one, PlanFile) else one.plan_file
            yield Member(plan.scenario.name, plan)


def _find_other_theatre(first: Member, other: Member) -> Iterator[Fault]:
    """Yield in what the sites of a plan are not those of the first."""
    known = {site.id: site for site in first.plan.sites}
    own = {site.id: site for site in other.plan.sites}
    like = f"the sites of {first.name!r}"
    cause = "plans of two theatres, or made from other layers"
    for ids, word in (
        (sorted(known.keys() - own.keys()), "lacks"),
        (sorted(own.keys() - known.keys()), "has besides"),
    ):
        if ids:
            more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
            found = f"{word} {', '.join(map(repr, ids[:_NAMED]))}{more}"
            yield Fault(other.name, "sites", found, like, cause)
    for site_id in sorted(known.keys() & own.keys()):
        was, now = known[site_id], own[site_id]
        where = f"site {site_id!r}"
        if max(abs(was.lon - now.lon), abs(was.lat - now.lat)) > _SAME_DEG:
            found = f"at {now.lat:.5f}, {now.lon:.5f}"
            expected = f"{was.lat:.5f}, {was.lon:.5f}, as in {first.name!r}"
            yield Fault(other.name, f"{where}, position", found, expected, cause)
        if was.population != now.population:
            found, expected = (
                "unknown" if people is None else f"{people}"
                for people in (now.population, was.population)
            )
            expected = f"{expected}, as in {first.name!r}"
            yield Fault(other.name, f"{where}, population", found, expected, cause)


def _count_visits(plan: PlanFile) -> Counter[str]:
    return Counter(
        stop.site_id
        for patrol in plan.patrols
        for stop in patrol.stops
        if stop.kind == "visit" and stop.site_id is not None
    )


def _tabulate_reasons(members: Sequence[Member]) -> pd.DataFrame:
    counts = Counter(
        (entry.site_id, entry.reason)
        for member in members
        for entry in member.plan.assessment.unserved
    )
    rows = sorted(
        ((site, reason, plans) for (site, reason), plans in counts.items()),
        key=lambda row: (row[0], -row[2], row[1]),
    )
    return pd.DataFrame(rows, columns=list(REASON_COLUMNS))


def _tabulate_sites(
    members: Sequence[Member], visits: Sequence[Counter[str]], reasons: pd.DataFrame
) -> Any:
    first = reasons.drop_duplicates("site_id").set_index("site_id")["reason"]
    passed = [
        {site for p in member.plan.patrols for leg in p.legs for site in leg.passed}
        for member in members
    ]
    held = reasons[reasons["reason"] == "held_by_base"].set_index("site_id")["plans"]
    needs: dict[str, list[float]] = {}
    for member in members:
        for site in member.plan.sites:
            if site.need is not None:
                needs.setdefault(site.id, []).append(site.need)
    rows: list[dict[str, Any]] = []
    for site in members[0].plan.sites:
        visited = sum(site.id in of_plan for of_plan in visits)
        rows.append(
            {
                "site_id": site.id,
                "name": site.name,
                "cercle": site.cercle,
                "people": site.population,
                "plans": len(members),
                "visited": visited,
                "share": visited / len(members),
                "visits": sum(of_plan[site.id] for of_plan in visits),
                "passed": sum(
                    site.id in way and site.id not in of_plan
                    for way, of_plan in zip(passed, visits, strict=True)
                ),
                "need_least": min(needs.get(site.id, [float("nan")])),
                "need_most": max(needs.get(site.id, [float("nan")])),
                "held": int(held.get(site.id, 0)),
                "reason": first.get(site.id),
                "geometry": shapely.Point(site.lon, site.lat),
            }
        )
    rows.sort(key=lambda r: (-r["visited"], -(r["people"] or 0), r["site_id"]))
    columns = [*SITE_COLUMNS, "geometry"]
    table = gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=WGS84)
    # A column of strings would make NaN of None.
    reason = pd.Series([row["reason"] for row in rows], dtype=object)
    return table.assign(reason=reason).astype({"people": "Int64"})


def _tabulate_lines(
    members: Sequence[Member],
    passes: Sequence[dict[str, tuple[int, int]]],
    layer: Any | None,
) -> Any:
    shapes: dict[str, Any] = {}
    names: dict[str, tuple[str, str]] = {}
    for row in () if layer is None else layer.to_dict("records"):
        english, french = (
            value if isinstance(value := row.get(key), str) and value.strip() else None
            for key in ("name", "name_fr")
        )
        ref = row.get("ref")
        english = english or (ref if isinstance(ref, str) and ref else row["id"])
        shapes[row["id"]] = row["geometry"]
        names[row["id"]] = (english, french or english)
    rows: list[dict[str, Any]] = []
    for line in sorted({*shapes, *(key for of_plan in passes for key in of_plan)}):
        found = [of_plan[line] for of_plan in passes if line in of_plan]
        vehicles = sum(vehicles for _, vehicles in found)
        rows.append(
            {
                "line_id": line,
                "name": names.get(line, (line, line))[0],
                "name_fr": names.get(line, (line, line))[1],
                "plans": len(members),
                "driven": len(found),
                "share": len(found) / len(members),
                "patrol_passes": sum(patrols for patrols, _ in found),
                "vehicle_passes": vehicles,
                "passes_per_plan": vehicles / len(members),
                "geometry": shapes.get(line),
            }
        )
    rows.sort(key=lambda row: (-row["vehicle_passes"], -row["driven"], row["line_id"]))
    columns = [*LINE_COLUMNS, "geometry"]
    return gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=WGS84)


def _tabulate_axes(
    members: Sequence[Member],
    visits: Sequence[Counter[str]],
    passes: Sequence[dict[str, tuple[int, int]]],
) -> pd.DataFrame:
    places = {
        (axis, value): [
            place
            for place, member in enumerate(members)
            if (axis, value) in member.settings
        ]
        for axis, values in _list_axes(members).items()
        for value in values
    }
    sites = [site.id for site in members[0].plan.sites]
    lines = sorted({line for of_plan in passes for line in of_plan})
    rows: list[tuple[Any, ...]] = []
    for (axis, value), chosen in places.items():
        count = len(chosen)
        for site in sites:
            served = sum(site in visits[place] for place in chosen)
            share = served / count
            rows.append(("site", site, axis, value, count, served, share, float("nan")))
        for line in lines:
            served = sum(line in passes[place] for place in chosen)
            vehicles = sum(passes[place].get(line, (0, 0))[1] for place in chosen)
            share, mean = served / count, vehicles / count
            rows.append(("line", line, axis, value, count, served, share, mean))
    return pd.DataFrame(rows, columns=list(AXIS_COLUMNS))
