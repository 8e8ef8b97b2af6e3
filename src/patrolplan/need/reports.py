"""The incidents that a scenario names, read into the threat that its plans take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from patrolplan.layers.incidents import Incidents, choose_as_of, read_incidents
from patrolplan.need.threat import estimate_threat, list_threat_notices
from patrolplan.planfile import Code
from patrolplan.scenario import Scenario

__all__ = ["Reports", "read_reports"]


@dataclass(frozen=True, eq=False)
class Reports:
    """Incidents as they were read for one scenario, and the day looked back from.

    Parameters
    ----------
    incidents
        As read.
    as_of
        The day looked back from.
    notices
        What a planner should hear of them.
    """

    incidents: Incidents
    as_of: date
    notices: tuple[Code, ...]

    def estimate_threat(self, scenario: Scenario, sites: Any) -> Any:
        """Return the threat to each site.

        Parameters
        ----------
        scenario
            Gives the section ``[incidents]``.
        sites
            As for :func:`~patrolplan.need.threat.estimate_threat`.
        """
        return estimate_threat(
            sites, self.incidents, as_of=self.as_of, settings=scenario.incidents
        )


def read_reports(
    scenario: Scenario, *, path: Path | None = None, as_of: date | None = None
) -> Reports | None:
    """Read the incidents that a scenario names.

    Parameters
    ----------
    scenario
        Gives the file and the section ``[incidents]``.
    path
        A file instead of the scenario's own.
    as_of
        The day looked back from; None lets
        :func:`~patrolplan.layers.incidents.choose_as_of` choose it.

    Returns
    -------
    None where no file is named.

    Raises
    ------
    LayerError
        If the file has a fault; with all of them.
    """
    file = path or scenario.incident_file
    if file is None:
        return None
    figures = scenario.incidents
    incidents = read_incidents(file, area=scenario.area, figures=figures)
    day, moved = choose_as_of(incidents, scenario.start, as_of)
    notices = (
        *incidents.notices,
        *moved,
        *list_threat_notices(incidents, as_of=day, settings=figures),
    )
    return Reports(incidents, day, notices)
