"""The figures of the casualty clock 10-1-2: how long until surgery, and what binds.

A planning aid, not a medical judgement: heat, dust and flight clearance make it worse.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from patrolplan.figures import Part, state_figure

__all__ = ["CasualtyFigures"]

Rule = Literal["finding", "limit"]


class CasualtyFigures(Part):
    """The section ``[casualty]``: the sum notice + flight out + loading + flight.

    ``day`` and ``night`` say what becomes of a place from which surgery is too far: a
    ``finding`` tells of it, a ``limit`` keeps patrols out of it.
    """

    day: Rule = state_figure(
        "finding",
        unit="finding or limit; of legs and visits, by day",
        source="choice; a commander may accept a gap, domain study M9",
    )
    night: Rule = state_figure(
        "finding",
        unit="finding or limit; of nights out, and of all movement where it may be by "
        "night",
        source="choice; a commander may accept a gap, domain study M9",
    )
    mitigation: Annotated[str, StringConstraints(max_length=300)] = state_figure(
        "",
        unit="text: how gaps are met, and which role decided so; no names",
        source="none unless the planner says so; domain study M9",
    )
    notice_day_min: float = state_figure(
        30,
        unit="min from the call to the helicopter's departure, by day",
        ge=0,
        le=600,
        source="Belgian medical evacuation in Bamako, 2013; domain study 3.4",
    )
    notice_night_min: float = state_figure(
        45,
        unit="min from the call to the helicopter's departure, by night",
        ge=0,
        le=600,
        source="Belgian medical evacuation in Bamako, 2013; domain study 3.4",
    )
    loading_min: float = state_figure(
        10,
        unit="min on the ground with the casualty",
        ge=0,
        le=600,
        source="choice; domain study 3.4",
    )
    cruise_kmh: float = state_figure(
        225,
        unit="km/h of the helicopter",
        gt=0,
        le=1000,
        source="Mi-8/17 cruise; domain study 3.4",
    )
    care_min: float = state_figure(
        60,
        unit="min from wounding to advanced care at most: the 1 of 10-1-2",
        gt=0,
        le=1440,
        source="UN policy on casualty evacuation in the field, DOS/2020.7",
    )
    ideal_min: float = state_figure(
        60,
        unit="min from wounding to damage-control surgery, ideally",
        gt=0,
        le=1440,
        source="UN policy on casualty evacuation in the field, DOS/2020.7",
    )
    surgery_min: float = state_figure(
        120,
        unit="min from wounding to damage-control surgery at most: the 2 of 10-1-2",
        gt=0,
        le=1440,
        source="UN policy on casualty evacuation in the field, DOS/2020.7",
    )
