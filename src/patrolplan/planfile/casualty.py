"""What ``plan.json`` says of the casualty clock: its sums, and the sites of care."""

from __future__ import annotations

from typing import Literal

from patrolplan.planfile.fields import (
    Amount,
    Day,
    Entry,
    Latitude,
    Longitude,
    SparseEntry,
)

__all__ = ["CasualtyEntry", "ClockSumEntry", "MedicalEntry"]


class ClockSumEntry(Entry):
    """The sum of the casualty clock at one spot: its parts, each in minutes."""

    notice_min: Amount
    out_km: Amount
    out_min: Amount
    loading_min: Amount
    surgery_km: Amount
    surgery_min: Amount
    helicopter_id: str
    surgery_id: str
    lon: Longitude
    lat: Latitude


class CasualtyEntry(SparseEntry):
    """Minutes from wounding to surgery at one place, by day and by night.

    ``where`` is the place of a stop, or ``FROM>TO`` of a leg, which counts by its worst
    spot. ``within`` is by night for a halt, by day for all else. The sums are left out
    where no helicopter or no surgical team is known.
    """

    sparse = ("by_day", "by_night")

    where: str
    day_min: Amount | None
    night_min: Amount | None
    within: bool
    by_day: ClockSumEntry | None = None
    by_night: ClockSumEntry | None = None


class MedicalEntry(SparseEntry):
    """Where a helicopter or a surgical team stands ready, and on which days.

    No release but CONFIDENTIAL may show where that is.
    """

    sparse = ("name_fr",)

    id: str
    name: str
    name_fr: str | None = None
    kind: Literal["helicopter", "surgery"]
    lon: Longitude
    lat: Latitude
    by_night: bool
    valid_from: Day | None
    valid_to: Day | None
