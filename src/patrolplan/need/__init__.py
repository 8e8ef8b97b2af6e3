"""Need: what a visit to a site earns, with its parts kept so that all can re-add it."""

from patrolplan.need.estimate import NEED_COLUMNS, estimate_need

__all__ = ["NEED_COLUMNS", "estimate_need"]
