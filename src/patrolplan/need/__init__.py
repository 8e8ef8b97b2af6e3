"""Need: what a visit to a site earns, with its parts kept so that all can re-add it."""

from patrolplan.need.estimate import NEED_COLUMNS, estimate_need
from patrolplan.need.mandate import Mandate, read_mandate
from patrolplan.need.themes import (
    THEME_COLUMNS,
    ThemeVisit,
    tabulate_line_needs,
    weigh_themes,
)

__all__ = [
    "NEED_COLUMNS",
    "THEME_COLUMNS",
    "Mandate",
    "ThemeVisit",
    "estimate_need",
    "read_mandate",
    "tabulate_line_needs",
    "weigh_themes",
]
