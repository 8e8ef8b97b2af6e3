"""What a plan says of a request that could not be met, and of what was tried."""

from __future__ import annotations

from typing import Literal

from patrolplan.planfile.codes import Code
from patrolplan.planfile.fields import Amount, Count, CountSum, Entry

__all__ = ["NearestEntry", "SizeEntry", "TrialEntry"]


class SizeEntry(Entry):
    """How large a change is: demands dropped, things changed, bases opened, and more.

    ``parts`` counts teams changed or added, bases opened, and 1 if more days are
    planned, ``longer_days``. ``person_days`` and ``more_km`` are what one patrol of
    each team takes more.
    """

    dropped: Count
    parts: Count
    opened: Count
    longer_days: Count
    person_days: CountSum
    more_km: Amount


class TrialEntry(Entry):
    """A change that was tried, how large it is, and whether a plan is possible with it.

    ``impossible`` is proven; ``not_found`` says that neither a plan nor a proof was
    found within the work allowed.
    """

    changes: list[Code]
    size: SizeEntry
    verdict: Literal["feasible", "impossible", "not_found"]


class NearestEntry(Entry):
    """Why what was asked can't be done, and the smallest change with which it can.

    The plan is of the question so changed. ``proven`` says that every smaller change of
    those tried is impossible, and that all were tried.
    """

    reasons: list[Code]
    changes: list[Code]
    size: SizeEntry
    proven: bool
    tried: list[TrialEntry]
