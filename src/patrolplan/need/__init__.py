"""Need: what a visit to a site earns, with its parts kept so that all can re-add it.

Beside it stands what it rests on: threat from incidents, exposure, memory of visits,
and the second opinions, hot spots and the check for displacement.
"""

from patrolplan.need.displacement import Displacement, check_displacement
from patrolplan.need.estimate import (
    NEED_COLUMNS,
    RISK_COLUMNS,
    estimate_need,
    estimate_risk,
)
from patrolplan.need.exposure import build_surroundings, count_exposure, sum_raster
from patrolplan.need.hotspots import Hotspots, compare_with_threat, estimate_hotspots
from patrolplan.need.mandate import Mandate, read_mandate
from patrolplan.need.reports import Reports, read_reports
from patrolplan.need.risk import ZONE_RISK_COLUMNS, estimate_zone_risk, sum_risk
from patrolplan.need.themes import (
    THEME_COLUMNS,
    ThemeVisit,
    tabulate_line_needs,
    weigh_themes,
)
from patrolplan.need.threat import (
    estimate_threat,
    list_threat_notices,
    list_threats,
)
from patrolplan.need.visits import estimate_memory, list_overdue

__all__ = [
    "NEED_COLUMNS",
    "RISK_COLUMNS",
    "THEME_COLUMNS",
    "ZONE_RISK_COLUMNS",
    "Displacement",
    "Hotspots",
    "Mandate",
    "Reports",
    "ThemeVisit",
    "build_surroundings",
    "check_displacement",
    "compare_with_threat",
    "count_exposure",
    "estimate_hotspots",
    "estimate_memory",
    "estimate_need",
    "estimate_risk",
    "estimate_threat",
    "estimate_zone_risk",
    "list_overdue",
    "list_threat_notices",
    "list_threats",
    "read_mandate",
    "read_reports",
    "sum_raster",
    "sum_risk",
    "tabulate_line_needs",
    "weigh_themes",
]
