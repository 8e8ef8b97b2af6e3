"""The release profiles: their names, and who keeps a pack until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from patrolplan.plain_line import flatten_line
from patrolplan.planfile import PlanFile
from patrolplan.products.catalogue import find_zone
from patrolplan.products.files import PackError

__all__ = [
    "PROFILES",
    "Custody",
    "Profile",
    "ReleaseError",
    "find_custody",
    "find_first_day",
    "read_profile",
]

Profile = Literal["open", "unclassified", "confidential"]
PROFILES: Final[tuple[Profile, ...]] = ("open", "unclassified", "confidential")
"""The profiles from the widest circle to the closest.

OPEN is patrolplan's own, for everybody. UNCLASSIFIED and CONFIDENTIAL are words of
ST/SGB/2007/6, the Secretary-General's bulletin on information sensitivity.
"""
# Days, of the longest.
_MONTH: Final = 31
_REFUSED: Final = "strictly confidential"


class ReleaseError(PackError, ValueError):
    """A release was asked for that patrolplan does not write."""


def read_profile(text: str) -> Profile:
    """Return the profile of a name in any case.

    Parameters
    ----------
    text
        Such as ``OPEN``.

    Raises
    ------
    ReleaseError
        If it is none, or STRICTLY CONFIDENTIAL, which no file of ours may hold.

    Examples
    --------
    >>> read_profile("Open")
    'open'
    """
    plain = " ".join(text.replace("-", " ").replace("_", " ").lower().split())
    if plain == _REFUSED:
        msg = (
            "STRICTLY CONFIDENTIAL is refused: what is so marked belongs in no file "
            "that patrolplan writes; the closest release is CONFIDENTIAL"
        )
        raise ReleaseError(msg)
    for profile in PROFILES:
        if plain == profile:
            return profile
    shown = flatten_line(text)[:60]
    msg = f"{shown!r} is no release: choose OPEN, UNCLASSIFIED or CONFIDENTIAL"
    raise ReleaseError(msg)


@dataclass(frozen=True)
class Custody:
    """Who answers for a pack that is not OPEN, and when it is to be destroyed.

    Parameters
    ----------
    owner_role
        A role, never a person.
    expires
        The first day on which nobody may hold it any longer.
    month
        The month after which nobody may hold a pack that tells no day: it is the same
        for all first days of a month, so that none can be told from it.
    """

    owner_role: str
    expires: date
    month: str


def find_first_day(plan: PlanFile) -> date:
    """Return the first day planned, in the plan's own time zone.

    Parameters
    ----------
    plan
        The plan.
    """
    start = plan.scenario.start
    if isinstance(start, datetime):
        return start.astimezone(find_zone(plan.scenario.timezone)).date()
    return start


def find_custody(plan: PlanFile) -> Custody | None:
    """Return who keeps a plan until when, or None where its file does not say.

    Days count from the last day planned and not from the last return, which would
    tell when patrols are home.

    Parameters
    ----------
    plan
        The plan.
    """
    limits = plan.scenario.limits
    role, days = limits.get("release_owner_role"), limits.get("release_expiry_days")
    if not isinstance(role, str) or isinstance(days, bool) or not isinstance(days, int):
        return None
    first = find_first_day(plan)
    after = plan.scenario.horizon_days + days
    if not 0 <= days <= (date.max - first).days - plan.scenario.horizon_days - _MONTH:
        return None
    latest = first.replace(day=1) + timedelta(days=_MONTH + after)
    return Custody(role, first + timedelta(days=after), latest.strftime("%Y-%m"))
