"""What ``plan.json`` holds of the places that halts keep clear of."""

from __future__ import annotations

from patrolplan.planfile.fields import Amount, Entry, Latitude, Longitude

__all__ = ["KeptEntry"]


class KeptEntry(Entry):
    """A place that halts keep clear of, by ``km``.

    ``kind`` is ``camp``, ``school`` or ``health``; ``assumed`` whether its position is
    that of the site it stands at.
    """

    id: str
    kind: str
    lon: Longitude
    lat: Latitude
    km: Amount
    assumed: bool
