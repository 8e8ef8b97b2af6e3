"""What a planner asks: one TOML file that people write, read and compare."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    Field,
    PrivateAttr,
    StringConstraints,
    ValidationError,
)

from patrolplan.answers import GateAnswer, GateFigures, find_answer_faults
from patrolplan.casualty_figures import CasualtyFigures
from patrolplan.choices import (
    BaseChoice,
    Closure,
    LineChoice,
    SiteChoice,
    read_closure,
)
from patrolplan.errors import Fault, ScenarioError
from patrolplan.figures import (
    FACTORS,
    Movement,
    NeedFigures,
    Part,
    PatrolFigures,
    ReachFigures,
    Season,
    Slug,
    TeamSpec,
)
from patrolplan.histories import (
    DisplacementFigures,
    HotspotFigures,
    IncidentFigures,
    VisitFigures,
)
from patrolplan.keep_clear_figures import KeepClearFigures
from patrolplan.layer_paths import (
    ELEVATION_FILE,
    LAYER_FILES,
    MANDATE_FILE,
    SOURCES_FILE,
    LayerPaths,
)
from patrolplan.learning_figures import LearningFigures
from patrolplan.network_figures import NetworkFigures
from patrolplan.open_ground_figures import OpenGroundFigures
from patrolplan.planfile import EarlierPlan, Latitude, Longitude, tabulate_model_faults
from patrolplan.release_figures import ReleaseFigures
from patrolplan.replan_figures import ReplanFigures
from patrolplan.safety_figures import SafetyFigures
from patrolplan.stress_figures import StressFigures
from patrolplan.supply_figures import SupplyFigures
from patrolplan.toml_files import read_toml
from patrolplan.water_figures import WaterFigures

__all__ = [
    "ELEVATION_FILE",
    "LAYER_FILES",
    "MANDATE_FILE",
    "SOURCES_FILE",
    "Closure",
    "Scenario",
    "read_closure",
    "read_scenario",
]

MAX_HORIZON_DAYS = 366
# Weights in decimals, such as three of 0.33333333333, miss 1 by their last digit; risk
# then misses its sum by five times that at most, below what a reader may find.
_SUM_TOLERANCE = 1e-10


def _check_zone_name(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        msg = "should be an IANA time zone such as Africa/Bamako"
        raise ValueError(msg) from error
    return name


ZoneName = Annotated[str, AfterValidator(_check_zone_name)]


class Scenario(Part):
    """One question to the planner, whole.

    ``area`` is the area of operations, west, south, east, north in degrees: a layer
    that lies outside it is refused.
    """

    format: Literal["patrolplan-scenario/1"]
    name: Slug
    title: Annotated[str, StringConstraints(max_length=200)] = ""
    start: Annotated[date, Field(ge=date(1990, 1, 1), le=date(2100, 12, 31))]
    horizon_days: int = Field(28, ge=1, le=MAX_HORIZON_DAYS)
    timezone: ZoneName = "Africa/Bamako"
    area: tuple[Longitude, Latitude, Longitude, Latitude] = (-7, 13.5, 5, 25)
    seed: int = Field(1, ge=0, lt=2**63)
    iterations: int = Field(8000, ge=0, le=10_000_000)
    layers: LayerPaths = LayerPaths()
    bases: BaseChoice = BaseChoice()
    sites: SiteChoice = SiteChoice()
    lines: LineChoice = LineChoice()
    movement: Movement = Movement()
    water: WaterFigures = WaterFigures()
    need: NeedFigures = NeedFigures()
    patrols: PatrolFigures = PatrolFigures()
    reach: ReachFigures = ReachFigures()
    casualty: CasualtyFigures = CasualtyFigures()
    supplies: SupplyFigures = SupplyFigures()
    incidents: IncidentFigures = IncidentFigures()
    hotspots: HotspotFigures = HotspotFigures()
    displacement: DisplacementFigures = DisplacementFigures()
    visits: VisitFigures = VisitFigures()
    keep_clear: KeepClearFigures = KeepClearFigures()
    do_no_harm: GateFigures = GateFigures()
    stress: StressFigures = StressFigures()
    release: ReleaseFigures = ReleaseFigures()
    learning: LearningFigures = LearningFigures()
    network: NetworkFigures = NetworkFigures()
    open_ground: OpenGroundFigures | None = None
    replanning: ReplanFigures = ReplanFigures()
    safety: SafetyFigures = SafetyFigures()
    gates: tuple[GateAnswer, ...] = ()
    seasons: tuple[Season, ...] = ()
    teams: Annotated[tuple[TeamSpec, ...], Field(min_length=1, max_length=500)]

    _path: Path = PrivateAttr(default=Path())
    _content: bytes | None = PrivateAttr(default=None)
    _earlier: tuple[EarlierPlan, ...] = PrivateAttr(default=())

    @property
    def path(self) -> Path:
        """The file it was read from."""
        return self._path

    @property
    def content(self) -> bytes | None:
        """What its file will hold; None where it was read from the file itself."""
        return self._content

    @property
    def earlier(self) -> tuple[EarlierPlan, ...]:
        """Plans before this one whose visits it remembers, beside those of its logs."""
        return self._earlier

    @property
    def incident_file(self) -> Path | None:
        """The file of incidents that it names, or None."""
        own = self.incidents.file
        return None if own is None else self._path.parent / own

    @property
    def road_figures(self) -> NetworkFigures:
        """Its network of its own, with paths from its file."""
        return self.network.place(self._path.parent)

    @cached_property
    def days(self) -> tuple[date, ...]:
        """The local days of the horizon."""
        return tuple(self.start + timedelta(days=d) for d in range(self.horizon_days))

    @cached_property
    def closures(self) -> tuple[Closure, ...]:
        """The closures of lines, read."""
        return tuple(read_closure(text) for text in self.lines.closed)

    def replace(self, **changes: Any) -> Scenario:
        """Return a copy with some fields changed, checked like a file.

        Parameters
        ----------
        **changes
            Fields by name, such as ``iterations=100``.

        Raises
        ------
        ScenarioError
            If the changed scenario cannot be meant.
        """
        name = self._path.name or self.name
        try:
            # Fields only: what was cached, such as the days, belongs to the old ones.
            fields = {field: getattr(self, field) for field in type(self).model_fields}
            changed = Scenario.model_validate(fields | changes)
        except ValidationError as error:
            raise ScenarioError(tabulate_model_faults(error, name)) from error
        changed._path, changed._content = self._path, self._content
        changed._earlier = self._earlier
        faults = list(_find_contradictions(changed, name))
        if faults:
            raise ScenarioError(faults)
        return changed

    def remember(self, plans: Iterable[EarlierPlan]) -> Scenario:
        """Return a copy that remembers the visits of plans before it.

        Parameters
        ----------
        plans
            The plans, instead of those it remembers.
        """
        changed = self.replace()
        changed._earlier = tuple(plans)
        return changed

    def find_season(self, day: date) -> str:
        """Return ``rains`` or ``dry``: the road state of a day."""
        return next((s.name for s in self.seasons if s.covers(day)), "dry")

    def find_layer(self, layer: str) -> Path:
        """Return where a layer lies; paths are relative to the scenario's file.

        Parameters
        ----------
        layer
            A key of ``LAYER_FILES``, ``mandate`` or ``elevation``.
        """
        own = getattr(self.layers, layer)
        home = self._path.parent
        beside = {"mandate": MANDATE_FILE, "elevation": ELEVATION_FILE}
        usual = beside.get(layer) or LAYER_FILES[layer]
        return home / own if own is not None else home / self.layers.folder / usual


def read_scenario(path: Path | str, *, content: bytes | None = None) -> Scenario:
    """Read and check one scenario file.

    Parameters
    ----------
    path
        A TOML file.
    content
        What the file will hold, where it is not written yet.

    Raises
    ------
    ScenarioError
        If it cannot be read, is not TOML, or says what cannot be meant; with every
        fault that was found.
    """
    path = Path(path)
    document = read_toml(path, "a scenario file", content=content)
    if str(document.get("format")).startswith("patrolplan-grid/"):
        # One fault that says what to do, not one for each key it has or lacks.
        found, expected = "a grid of scenarios", "one scenario"
        cause = "patrolplan batch plans a grid"
        raise ScenarioError([Fault(path.name, "format", found, expected, cause)])
    try:
        scenario = Scenario.model_validate(document)
    except ValidationError as error:
        raise ScenarioError(tabulate_model_faults(error, path.name)) from error
    scenario._path, scenario._content = path, content
    faults = list(_find_contradictions(scenario, path.name))
    if faults:
        raise ScenarioError(faults)
    return scenario


def _find_contradictions(scenario: Scenario, file: str) -> Iterator[Fault]:
    """Yield what no single field can know."""
    ids = [team.id for team in scenario.teams]
    for repeated in sorted({i for i in ids if ids.count(i) > 1}):
        yield Fault(file, "teams", f"id {repeated!r} twice", "ids that are unique")
    for team in scenario.teams:
        if team.max_days < scenario.patrols.min_days:
            yield Fault(
                file,
                f"team {team.id!r}, max_days",
                f"{team.max_days} days",
                f"at least patrols.min_days, {scenario.patrols.min_days}",
            )
    driven = [presence.line for presence in scenario.lines.presence]
    for repeated in sorted({line for line in driven if driven.count(line) > 1}):
        yield Fault(
            file,
            "lines.presence",
            f"line {repeated!r} twice",
            "one entry for each line",
            "an entry copied",
        )
    weights = scenario.need.risk_weights
    if missing := sorted(set("12345") - set(weights)):
        yield Fault(
            file,
            "need.risk_weights",
            f"no weight for risk {', '.join(missing)}",
            "a weight for each risk from 1 to 5",
        )
    elif [weights[k] for k in sorted(weights)] != sorted(weights.values()):
        yield Fault(
            file,
            "need.risk_weights",
            "a higher risk that weighs less than a lower one",
            "weights that never fall as risk rises",
            "two figures exchanged",
        )
    yield from _find_bad_factors(scenario.need, file)
    west, south, east, north = scenario.area
    if west >= east or south >= north:
        found, expected = f"{list(scenario.area)}", "west, south, east, north"
        yield Fault(file, "area", found, expected, "two figures exchanged")
    yield from find_answer_faults(scenario.gates, file)
    window = scenario.movement.fixed_window
    if window is not None and window[0] >= window[1]:
        yield Fault(
            file,
            "movement.fixed_window",
            f"{window[0]:%H:%M} to {window[1]:%H:%M}",
            "an end after the beginning",
        )


def _find_bad_factors(figures: NeedFigures, file: str) -> Iterator[Fault]:
    """Yield what is wrong with the weights and the steps of the factors of risk."""
    weights = figures.factor_weights
    if missing := [key for key in FACTORS if key not in weights]:
        yield Fault(
            file,
            "need.factor_weights",
            f"no weight for {', '.join(missing)}",
            f"a weight for each of {', '.join(FACTORS)}",
        )
    elif abs(math.fsum(weights.values()) - 1) > _SUM_TOLERANCE:
        shown = " + ".join(f"{weights[key]:g}" for key in FACTORS)
        yield Fault(
            file,
            "need.factor_weights",
            f"{shown} = {math.fsum(weights.values()):.12g}",
            "weights that sum to 1",
            "one was changed and the others were not",
        )
    for name in ("capacity_km", "care_km"):
        steps = getattr(figures, name)
        if any(a >= b for a, b in pairwise(steps)):
            yield Fault(file, f"need.{name}", f"{list(steps)}", "distances that rise")
