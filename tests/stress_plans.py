"""Plan documents whose legs say what they are driven on, for tests of chance."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from patrolplan.planfile import PlanFile
from patrolplan.planning.problem import Problem
from patrolplan.planning.schedule import Schedule
from patrolplan.stress_figures import StressFigures

# Nothing varies, and nothing goes wrong.
CERTAIN = StressFigures(
    figure_sd=0,
    day_sd=0,
    leg_sd=0,
    dwell_sd=0,
    fuel_sd=0,
    ferry_sd=0,
    ferry_out_chance=0,
    breakdowns_per_1000_km=0,
    closures_per_1000_km=0,
    closures_per_1000_km_rains=0,
    rain_chance=0,
    rain_chance_rains=0,
)


def change(figures: StressFigures = CERTAIN, **changes: Any) -> StressFigures:
    return StressFigures.model_validate(figures.model_dump() | changes)


def add_parts(
    plan: PlanFile, schedule: Schedule, problem: Problem, *, surface: str = "track"
) -> PlanFile:
    """Return a document with the parts of each leg: one surface, cut where none halts.

    Patrols take along just the fuel that they burn as planned.
    """
    document = plan.model_dump(by_alias=True, mode="json")
    teams = {team.id: team for team in problem.teams}
    for patrol, entry in zip(schedule.patrols, document["patrols"], strict=True):
        team = teams[patrol.team_id]
        burnt = 0.0
        for leg, written in zip(patrol.legs, entry["legs"], strict=True):
            matrix = problem.find_travel(team.vehicle, leg.travel_day)
            blocked = matrix.halt_blocked.get((leg.origin, leg.destination), ())
            edges = {edge for span in blocked for edge in span}
            edges = {e for e in edges if leg.from_min < e < leg.to_min}
            burnt += leg.fuel_l * team.vehicles
            written["parts"] = [
                {
                    "kind": "road",
                    "surface": surface,
                    "length_km": leg.length_m / 1000 * (b - a) / leg.driving_min,
                    "driving_min": b - a,
                    "fuel_l": leg.fuel_l * (b - a) / leg.driving_min,
                    "halt": not any(x <= a and b <= y for x, y in blocked),
                }
                for a, b in pairwise(sorted({leg.from_min, leg.to_min, *edges}))
            ]
        entry["supplies"]["fuel_l"] = burnt * (1 + 1e-9)
    return PlanFile.model_validate(document)
