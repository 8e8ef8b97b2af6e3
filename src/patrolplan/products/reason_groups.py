"""Sites without a visit in four groups, by the reason: who must answer for which."""

from __future__ import annotations

from typing import Final, Literal

__all__ = ["ReasonGroup", "group_reason"]

ReasonGroup = Literal["open", "unknown", "none", "held"]

_GROUPS: Final[dict[str, ReasonGroup]] = {
    "need_unknown": "unknown",
    "need_zero": "none",
    "held_by_base": "held",
}


def group_reason(code: str) -> ReasonGroup:
    """Return ``open``, a gap to look at; ``unknown`` or ``none``, of need; or ``held``.

    Parameters
    ----------
    code
        Why a site goes without a visit.
    """
    return _GROUPS.get(code, "open")
