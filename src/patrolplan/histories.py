"""The planning figures of what has been: incidents reported, and places visited.

Sections ``[incidents]``, ``[hotspots]``, ``[displacement]`` and ``[visits]`` of a
scenario. Each figure bears its unit and the source of its default, as those in
``figures`` do.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise
from typing import Annotated, Literal, get_args

from pydantic import Field, StringConstraints, model_validator

from patrolplan.figures import Part, PathText, state_figure

__all__ = [
    "DisplacementFigures",
    "HotspotFigures",
    "IncidentFigures",
    "Precision",
    "Tier",
    "VisitFigures",
]

Precision = Literal["place", "near", "area", "region"]
"""How well the position of an incident is known, from the best to the worst."""

LogPath = Annotated[str, StringConstraints(min_length=1, pattern=r"^[^\x00]+$")]

Tier = Literal["must", "should", "could"]
"""How urgent it is that a site be visited, from the first to the last."""


def _require_all(name: str, figures: Collection[str], keys: Collection[str]) -> None:
    if missing := sorted(set(keys) - set(figures)):
        msg = f"{name} should have a figure for {', '.join(missing)}"
        raise ValueError(msg)


class IncidentFigures(Part):
    """How incidents become threat: :func:`~patrolplan.need.threat.estimate_threat`."""

    file: PathText | None = state_figure(
        None,
        unit="path from the scenario, of the incidents that plans take threat from",
        source="none unless the planner names one",
    )
    half_life_days: float = state_figure(
        60,
        unit="days",
        gt=0,
        le=3650,
        source="choice; after so long an incident counts half, domain study 4",
    )
    reach_km: float = state_figure(
        25,
        unit="km",
        gt=0,
        le=200,
        source="choice; half a day's way on foot or by animal to a market and back",
    )
    spread_km: dict[Precision, Annotated[float, Field(ge=0.5, le=1000)]] = state_figure(
        {"place": 3, "near": 12, "area": 50, "region": 150},
        unit="km, standard deviation by precision",
        source="place: a town and its fields; near: nine in ten within the 25 km of "
        "GED's second precision; area and region: half within a circle as large as a "
        "cercle or a region of the north",
    )
    share_uncivil: float = state_figure(
        0.5,
        unit="share",
        ge=0,
        le=1,
        source="choice; weight of an incident that is known not to have been against "
        "civilians: it still endangers who lives near",
    )
    discovered: Literal["leave_out", "weigh", "count"] = state_figure(
        "leave_out",
        unit="what becomes of incidents that patrols discovered",
        source="Ensign et al. 2017: counted as they come they send patrols where "
        "patrols go; weigh divides by the probability of the visit, and guards only if "
        "visits are drawn by lot; count has no guard",
    )
    least_visit_probability: float = state_figure(
        0.05,
        unit="probability",
        gt=0,
        le=1,
        source="choice; no discovered incident stands for more than 20",
    )
    threat_steps: tuple[float, float, float, float] = state_figure(
        (0.05, 0.25, 0.75, 2.5),
        unit="recent incidents within reach, from which threat is 2, 3, 4 and 5",
        source="choice; 4 is one incident, well placed, of the last three weeks, and "
        "each other step three to five times",
    )
    margin_km: float = state_figure(
        100,
        unit="km",
        ge=0,
        le=1000,
        source="choice; how far outside the area incidents are kept, for what lies "
        "across a border threatens too",
    )

    @model_validator(mode="after")
    def _check_order(self) -> IncidentFigures:
        _require_all("spread_km", self.spread_km, get_args(Precision))
        spreads = [self.spread_km[key] for key in get_args(Precision)]
        if spreads != sorted(spreads):
            msg = "spread_km should never fall as precision does"
            raise ValueError(msg)
        steps = self.threat_steps
        if steps[0] <= 0 or any(a >= b for a, b in pairwise(steps)):
            msg = "threat_steps should be above 0 and rise"
            raise ValueError(msg)
        return self


class HotspotFigures(Part):
    """How hot spots are looked for: a second opinion, never used alone."""

    least_incidents: int = state_figure(
        30, unit="incidents", ge=30, le=100_000, source="choice; domain study 4"
    )
    window_days: int = state_figure(
        1095,
        unit="days",
        ge=30,
        le=36_500,
        source="choice; three years, so that every season counts alike",
    )
    cell_km: float = state_figure(
        50,
        unit="km",
        ge=25,
        le=200,
        source="about the cells of ViEWS and PRIO-GRID, domain study 4: wider than "
        "what a position is in doubt by",
    )
    bandwidth_km: float = state_figure(
        40, unit="km", ge=5, le=500, source="choice; near the cell's width"
    )
    false_discovery_rate: float = state_figure(
        0.05,
        unit="share of hot spots that are none",
        gt=0,
        le=0.5,
        source="Benjamini and Hochberg 1995; the usual level",
    )
    permutations: int = state_figure(
        9999,
        unit="permutations",
        ge=9999,
        le=49_999,
        source="choice; the least p-value, 2 in 10,000, must pass the correction where "
        "but a few of hundreds of cells are hot",
    )
    seed: int = state_figure(
        1,
        unit="seed",
        ge=0,
        le=2**32 - 1,
        source="choice; the same permutations each run",
    )


class DisplacementFigures(Part):
    """How it is checked whether incidents moved to the next ring of places."""

    core_km: float = state_figure(
        25, unit="km", gt=0, le=200, source="choice; as incidents.reach_km"
    )
    ring_km: float = state_figure(
        75,
        unit="km",
        gt=0,
        le=500,
        source="choice; the next ring of places, a day's drive on a track",
    )
    days: int = state_figure(
        28, unit="days before and after", ge=1, le=366, source="choice; one cycle"
    )
    least_incidents: int = state_figure(
        10,
        unit="incidents",
        ge=5,
        le=10_000,
        source="choice; below, hardly any change could be told from chance",
    )
    significance: float = state_figure(
        0.1,
        unit="probability",
        gt=0,
        le=0.5,
        source="choice; a question asked in vain harms less than one not asked",
    )

    @model_validator(mode="after")
    def _check_order(self) -> DisplacementFigures:
        if self.ring_km <= self.core_km:
            msg = "ring_km should exceed core_km"
            raise ValueError(msg)
        return self


class VisitFigures(Part):
    """How often places are visited, and how need grows back after a visit."""

    must_from_risk: float = state_figure(
        4, unit="risk", ge=1, le=5, source="choice; the Must of MONUSCO's matrix"
    )
    should_from_risk: float = state_figure(
        3, unit="risk", ge=1, le=5, source="choice; the Should of MONUSCO's matrix"
    )
    cadence_days: dict[Tier, Annotated[float, Field(ge=1, le=3650)]] = state_figure(
        {"must": 14, "should": 30, "could": 90},
        unit="days between visits",
        source="choice; the matrix is on record, its cadence is not, domain study 2",
    )
    share_after_visit: float = state_figure(
        0,
        unit="share of need that a visit leaves",
        ge=0,
        le=1,
        source="choice; a visit earns the whole need",
    )
    weigh_need: bool = state_figure(
        False,
        unit="yes or no",
        source="choice; whether only what has grown back of a site's need counts",
    )
    logs: tuple[LogPath, ...] = state_figure(
        (),
        unit="files: logs of visits, or plans before this one",
        source="none unless the planner names some, each from the scenario's file",
    )

    @model_validator(mode="after")
    def _check_order(self) -> VisitFigures:
        cadence = self.cadence_days
        _require_all("cadence_days", cadence, get_args(Tier))
        if not cadence["must"] <= cadence["should"] <= cadence["could"]:
            msg = "cadence_days should not fall from must to should to could"
            raise ValueError(msg)
        if self.should_from_risk > self.must_from_risk:
            msg = "should_from_risk should not exceed must_from_risk"
            raise ValueError(msg)
        return self
