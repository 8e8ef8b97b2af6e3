"""The casualty clock as people read it: each sum in words, and the gaps counted.

Where surgery is told where sites of care are: only a CONFIDENTIAL plan shows it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from patrolplan.planfile import CasualtyEntry, ClockSumEntry, PatrolEntry, PlanFile
from patrolplan.products.catalogue import Text, format_number

__all__ = [
    "CasualtyDigest",
    "CasualtyGap",
    "ClockRow",
    "SumRow",
    "digest_casualty",
    "format_minutes",
    "word_sum",
]

# Of tenths of a minute, what is the error of floats alone.
_ROUNDING: Final = 1e-8


@dataclass(frozen=True)
class SumRow:
    """One sum, by day or by night, with what it is made of.

    Parameters
    ----------
    sum
        In words, such as ``30 + 24.1 + 10 + 24.1 = 88.2 min``; it adds up as it stands.
    total_min
        Minutes from the wound to surgery.
    care_min
        Minutes until the helicopter is there.
    helicopter, surgery
        Names of those that are counted on.
    """

    sum: Text
    total_min: float
    care_min: float
    helicopter: Text
    surgery: Text


@dataclass(frozen=True)
class ClockRow:
    """The clock at one stop, or at the worst spot of one leg.

    Parameters
    ----------
    day_min, night_min
        Minutes from the wound to surgery; None where no helicopter or no surgical team
        is known.
    by_night
        Whether it is judged by night, as a halt is.
    gap
        Whether what it is judged by is over the limit, or unknown.
    day, night
        The sums; None where the minutes are.
    """

    day_min: float | None
    night_min: float | None
    by_night: bool
    gap: bool
    day: SumRow | None
    night: SumRow | None

    @property
    def judged_min(self) -> float | None:
        """The minutes that count."""
        return self.night_min if self.by_night else self.day_min


@dataclass(frozen=True)
class CasualtyGap:
    """One leg or stop from which surgery is too far.

    Parameters
    ----------
    patrol
        Number of the patrol, from 1.
    ends
        Ids of the place of a stop, or of the two places that a leg joins.
    row
        Its clock.
    """

    patrol: int
    ends: tuple[str, ...]
    row: ClockRow


@dataclass(frozen=True)
class CasualtyDigest:
    """The clock of a plan.

    Parameters
    ----------
    limit_min
        Minutes within which surgery should be reached.
    mitigation
        How gaps are met; empty where that is not recorded.
    stops, legs
        A row each, by number of the patrol and of the stop or the leg, both from 0.
    gaps
        Those of them that are gaps, in the order of the plan.
    moving, nights
        How many rows are judged by day (legs, bases, visits), and by night (halts).
    """

    limit_min: float
    mitigation: str
    stops: Mapping[tuple[int, int], ClockRow]
    legs: Mapping[tuple[int, int], ClockRow]
    gaps: tuple[CasualtyGap, ...]
    moving: int
    nights: int

    @property
    def gaps_day(self) -> int:
        """How many legs and stops lie beyond the clock by day."""
        return sum(not gap.row.by_night for gap in self.gaps)

    @property
    def gaps_night(self) -> int:
        """How many night halts lie beyond the clock by night."""
        return sum(gap.row.by_night for gap in self.gaps)


def digest_casualty(plan: PlanFile) -> CasualtyDigest | None:
    """Return the casualty clock of a plan; None where it may not be shown, or is not.

    Parameters
    ----------
    plan
        The plan.
    """
    limit_min = plan.scenario.limits.get("casualty_surgery_min")
    if (
        plan.release.lower() != "confidential"
        or isinstance(limit_min, bool)
        or not isinstance(limit_min, int | float)
        or not any(patrol.casualty for patrol in plan.patrols)
    ):
        return None
    mitigation = plan.scenario.limits.get("casualty_mitigation")
    names = {
        site.id: Text(site.name, site.name_fr or site.name)
        for site in plan.medical or ()
    }
    stops: dict[tuple[int, int], ClockRow] = {}
    legs: dict[tuple[int, int], ClockRow] = {}
    gaps = []
    for number, patrol in enumerate(plan.patrols):
        if not _is_whole(patrol):
            continue
        for place, entry in enumerate(patrol.casualty):
            index, is_leg = divmod(place, 2)
            halts = not is_leg and patrol.stops[index].kind == "halt"
            row = _read_row(entry, names, by_night=halts)
            (legs if is_leg else stops)[number, index] = row
            if row.gap:
                ends = [patrol.stops[index].place_id]
                if is_leg:
                    ends.append(patrol.stops[index + 1].place_id)
                gaps.append(CasualtyGap(number + 1, tuple(ends), row))
    rows = [*stops.values(), *legs.values()]
    return CasualtyDigest(
        limit_min=float(limit_min),
        mitigation=mitigation if isinstance(mitigation, str) else "",
        stops=stops,
        legs=legs,
        gaps=tuple(gaps),
        moving=sum(not row.by_night for row in rows),
        nights=sum(row.by_night for row in rows),
    )


def _is_whole(patrol: PatrolEntry) -> bool:
    """Return whether each leg and stop has its entry; a saved plan may lack any."""
    return (
        len(patrol.casualty) == 2 * len(patrol.stops) - 1
        and len(patrol.legs) == len(patrol.stops) - 1
    )


def _read_row(
    entry: CasualtyEntry, names: Mapping[str, Text], *, by_night: bool
) -> ClockRow:
    return ClockRow(
        day_min=entry.day_min,
        night_min=entry.night_min,
        by_night=by_night,
        gap=not entry.within,
        day=_read_sum(entry.by_day, names),
        night=_read_sum(entry.by_night, names),
    )


def _read_sum(found: ClockSumEntry | None, names: Mapping[str, Text]) -> SumRow | None:
    if found is None:
        return None
    parts = (found.notice_min, found.out_min, found.loading_min, found.surgery_min)
    return SumRow(
        sum=word_sum(parts),
        total_min=math.fsum(parts),
        care_min=found.notice_min + found.out_min,
        helicopter=names.get(found.helicopter_id, Text.same(found.helicopter_id)),
        surgery=names.get(found.surgery_id, Text.same(found.surgery_id)),
    )


def word_sum(parts: tuple[float, float, float, float]) -> Text:
    """Return a sum such as ``30 + 24.1 + 10 + 24.1 = 88.2 min``, which adds up.

    The total is rounded up to a tenth, so that it agrees with :func:`format_minutes`
    and is never within a limit that it exceeds. What the parts lack of it is added, a
    tenth each, to those that were rounded down most.

    Parameters
    ----------
    parts
        Minutes of notice, flight out, loading and flight to surgery.
    """
    tenths = [math.floor(part * 10 + _ROUNDING) for part in parts]
    total = math.ceil(math.fsum(parts) * 10 - _ROUNDING)
    lost = sorted(range(4), key=lambda i: tenths[i] - parts[i] * 10)
    for number in lost[: max(0, total - sum(tenths))]:
        tenths[number] += 1
    shown = [tenth / 10 for tenth in tenths]
    return Text(
        *(
            f"{' + '.join(_format_short(part, lang) for part in shown)} = "
            f"{_format_short(sum(tenths) / 10, lang)} min"
            for lang in ("en", "fr")
        )
    )


def _format_short(value: float, lang: str) -> str:
    return format_number(value, lang, 0 if float(value).is_integer() else 1)


def format_minutes(minutes: float | None) -> str:
    """Return minutes as a whole number, rounded up; a question mark where unknown.

    Parameters
    ----------
    minutes
        Minutes, or None.
    """
    if minutes is None or not math.isfinite(minutes):
        return "?"
    return f"{math.ceil(minutes - 1e-9)}"
