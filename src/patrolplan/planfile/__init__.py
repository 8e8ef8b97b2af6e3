"""The ``plan.json`` contract: its models, and how it is read and written.

One file says everything about one plan: who asked for it, what could be reached
and how long that takes, who goes where and when, what that earns, and who is left
out. Other programs rely on it, and the referee judges a plan from this file alone.

Times are UTC, lengths kilometres, durations minutes, positions WGS 84 degrees.
Reasons and purposes are codes with values; ``products`` turns them into sentences.
"""

from patrolplan.planfile.casualty import (
    CasualtyEntry,
    ClockSumEntry,
    MedicalEntry,
)
from patrolplan.planfile.contract import (
    FORMAT,
    Assessment,
    BaseEntry,
    Code,
    GateEntry,
    InputEntry,
    Latitude,
    LegEntry,
    LineGeometry,
    Longitude,
    PartEntry,
    PatrolEntry,
    PlanFile,
    ScenarioEntry,
    SiteEntry,
    StopEntry,
    SuppliesEntry,
    TeamEntry,
    TravelEntry,
    TurnBackEntry,
    TurnEntry,
    TypeEntry,
    UnservedEntry,
    Violation,
    WayEntry,
    WaysideEntry,
    format_time,
)
from patrolplan.planfile.earlier import EarlierPlan
from patrolplan.planfile.files import format_plan, read_plan, tabulate_model_faults
from patrolplan.planfile.keeping import KeptEntry

__all__ = [
    "FORMAT",
    "Assessment",
    "BaseEntry",
    "CasualtyEntry",
    "ClockSumEntry",
    "Code",
    "EarlierPlan",
    "GateEntry",
    "InputEntry",
    "KeptEntry",
    "Latitude",
    "LegEntry",
    "LineGeometry",
    "Longitude",
    "MedicalEntry",
    "PartEntry",
    "PatrolEntry",
    "PlanFile",
    "ScenarioEntry",
    "SiteEntry",
    "StopEntry",
    "SuppliesEntry",
    "TeamEntry",
    "TravelEntry",
    "TurnBackEntry",
    "TurnEntry",
    "TypeEntry",
    "UnservedEntry",
    "Violation",
    "WayEntry",
    "WaysideEntry",
    "format_plan",
    "format_time",
    "read_plan",
    "tabulate_model_faults",
]
