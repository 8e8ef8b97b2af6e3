"""Risk rated for one scenario: files read, sites and zones scored and summed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from patrolplan.errors import Fault, LayerError
from patrolplan.layers import Layers
from patrolplan.need import (
    Mandate,
    Reports,
    estimate_risk,
    estimate_zone_risk,
    read_mandate,
    read_reports,
)
from patrolplan.open_ground import read_travelled_layers
from patrolplan.planfile import Code
from patrolplan.question import check_scenario, find_open_bases
from patrolplan.scenario import Scenario, read_scenario

__all__ = ["Rating", "rate_risk", "rate_scenario", "read_theatre"]

_Read = TypeVar("_Read")


@dataclass(frozen=True, eq=False)
class Rating:
    """The risk of a scenario, and what it was rated from.

    Parameters
    ----------
    scenario, layers
        The question and its layers.
    sites
        As :func:`~patrolplan.need.estimate_risk` returns it.
    zones
        As :func:`~patrolplan.need.estimate_zone_risk` returns it.
    reports
        The incidents that threat comes from; None where it comes from the zones.
    notices
        What a planner should hear: codes such as ``incidents_later``.
    """

    scenario: Scenario
    layers: Layers
    sites: Any
    zones: Any
    reports: Reports | None
    notices: tuple[Code, ...]


def read_theatre(
    scenario: Scenario, *, incidents: Path | None = None, as_of: date | None = None
) -> tuple[Layers, Mandate | None, Reports | None]:
    """Read every file that a scenario names, and refuse them all at once.

    Parameters
    ----------
    scenario
        Names the files.
    incidents, as_of
        As for :func:`rate_scenario`.

    Raises
    ------
    LayerError
        If any has a fault; with those of all.
    """
    faults: list[Fault] = []

    def read(reader: Callable[[], _Read]) -> _Read | None:
        try:
            return reader()
        except LayerError as error:
            faults.extend(error.faults)
            return None

    layers = read(lambda: read_travelled_layers(scenario))
    mandate = read(lambda: read_mandate(scenario.find_layer("mandate")))
    reports = read(lambda: read_reports(scenario, path=incidents, as_of=as_of))
    if layers is None or faults:
        raise LayerError(faults)
    return layers, mandate, reports


def rate_risk(
    scenario: Scenario, layers: Layers, open_bases: Any, reports: Reports | None
) -> Any:
    """Return the risk table of a scenario.

    Parameters
    ----------
    scenario, layers, open_bases, reports
        The question and its files; of the bases those that are open.
    """
    return estimate_risk(
        layers.population,
        layers.zones,
        open_bases,
        days=(scenario.days[0], scenario.days[-1]),
        figures=scenario.need,
        reach=scenario.reach,
        seats=layers.themes.get("seats"),
        threat=reports and reports.estimate_threat(scenario, layers.population),
    )


def rate_scenario(
    scenario: Scenario | Path | str,
    *,
    incidents: Path | str | None = None,
    as_of: date | None = None,
) -> Rating:
    """Rate the risk of every site and zone of a scenario.

    Parameters
    ----------
    scenario
        A scenario, or the path of its file.
    incidents
        A file of incidents instead of the scenario's own, if it names one.
    as_of
        The day that incidents are looked back from; None takes the scenario's start,
        or the last incident's day if all are later.

    Raises
    ------
    InputError
        If the scenario or any of its files has a fault; with all of them.
    """
    if not isinstance(scenario, Scenario):
        scenario = read_scenario(scenario)
    file = None if incidents is None else Path(incidents)
    layers, _, reports = read_theatre(scenario, incidents=file, as_of=as_of)
    check_scenario(scenario, layers)
    open_bases = find_open_bases(layers.bases, scenario)
    sites = rate_risk(scenario, layers, open_bases, reports)
    zones = estimate_zone_risk(
        layers.zones,
        days=(scenario.days[0], scenario.days[-1]),
        figures=scenario.need,
        sites=sites,
    )
    notices = reports.notices if reports else ()
    return Rating(scenario, layers, sites, zones, reports, notices)
