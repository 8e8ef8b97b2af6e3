"""What a plan document states as limits: read whole, each fault named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import time
from typing import Any, TypeGuard
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from patrolplan.errors import Fault, PlanFileError
from patrolplan.planfile import PlanFile

__all__ = ["PlanLimits", "read_limits", "read_zone"]

# What a limit can mean at most: a whole day, a leap year, the far side of the Earth.
_DAY_MIN = 1440
_MOST_DAYS = 366
_HALF_ROUND_KM = 20_040
_MOST_SITES = 1_000_000


@dataclass(frozen=True)
class PlanLimits:
    """The limits that a plan document names, each by the contract's key.

    Each group is its sites and whether one of them must be visited. Lines and their
    needs are those that earn when they are driven.
    """

    sunrise_margin_min: float
    sunset_margin_min: float
    break_min: float
    night_movement: bool
    fixed_window: tuple[time, time] | None
    min_days: int
    beyond_km: float
    held_km: float
    min_share_beyond: float
    groups: tuple[tuple[tuple[str, ...], bool], ...]
    forbidden_pairs: tuple[tuple[str, str], ...]
    equity_by: str
    equity_tail: float
    min_unknown_visits: int
    passing_km: float
    passing_share: float
    lines_presence: dict[str, float]


def read_zone(plan: PlanFile) -> ZoneInfo:
    """Read the time zone of a plan document.

    Parameters
    ----------
    plan
        The document.

    Raises
    ------
    PlanFileError
        If there is no such zone.
    """
    try:
        return ZoneInfo(plan.scenario.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise PlanFileError(
            [
                Fault(
                    "plan",
                    "scenario.timezone",
                    f"found {plan.scenario.timezone!r}",
                    "an IANA name such as Africa/Bamako",
                )
            ]
        ) from error


def read_limits(plan: PlanFile) -> PlanLimits:
    """Read the limits that a plan document states.

    Parameters
    ----------
    plan
        The document.

    Raises
    ------
    PlanFileError
        With each limit that is missing or cannot be meant.
    """
    given = plan.scenario.limits
    faults: list[Fault] = []

    def refuse(key: str, expected: str) -> None:
        found = f"found {given[key]!r}" if key in given else "nothing"
        faults.append(Fault("plan", f"scenario.limits.{key}", found, expected))

    def read_number(
        key: str, most: float, *, whole: bool = False, usual: float | None = None
    ) -> float:
        value = given.get(key, usual)
        if (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            # What is no number at all is not between them either.
            and 0 <= value <= most
            and (not whole or value == int(value))
        ):
            return float(value)
        refuse(key, f"a {'whole ' * whole}number from 0 to {most:g}")
        return 0.0

    def read_option(key: str, most: float) -> float:
        return read_number(key, most) if key in given else 0.0

    night = given.get("night_movement")
    if not isinstance(night, bool):
        refuse("night_movement", "true or false")
        night = False
    fixed = None
    if "fixed_window" not in given:
        refuse("fixed_window", "two times such as 06:00, or null")
    elif given["fixed_window"] is not None:
        fixed = _read_window(given["fixed_window"])
        if fixed is None:
            refuse("fixed_window", "two times such as 06:00, or null")
    by = given.get("equity_by", "cercle")
    if by not in ("cercle", "theme"):
        refuse("equity_by", "cercle or theme")
        by = "cercle"
    limits = PlanLimits(
        sunrise_margin_min=read_number("sunrise_margin_min", _DAY_MIN),
        sunset_margin_min=read_number("sunset_margin_min", _DAY_MIN),
        break_min=read_number("break_min", _DAY_MIN),
        night_movement=night,
        fixed_window=fixed,
        min_days=int(read_number("min_days", _MOST_DAYS, whole=True)),
        beyond_km=read_number("beyond_km", _HALF_ROUND_KM),
        held_km=read_option("held_km", _HALF_ROUND_KM),
        min_share_beyond=read_number("min_share_beyond", 1),
        groups=tuple(_read_groups(given.get("groups", []), refuse)),
        forbidden_pairs=tuple(_read_pairs(given.get("forbidden_pairs", []), refuse)),
        equity_by=by,
        equity_tail=read_number("equity_tail", 1, usual=0.25),
        min_unknown_visits=int(
            read_number("min_unknown_visits", _MOST_SITES, whole=True, usual=0.0)
        ),
        passing_km=read_option("passing_km", _HALF_ROUND_KM),
        passing_share=read_option("passing_share", 1),
        lines_presence=dict(_read_lines(given.get("lines_presence", []), refuse)),
    )
    faults.extend(_find_missing_hazards(plan))
    if faults:
        raise PlanFileError(faults)
    return limits


def _read_window(value: Any) -> tuple[time, time] | None:
    try:
        begins, ends = (time.fromisoformat(text) for text in value)
    except (TypeError, ValueError):
        return None
    return (begins, ends)


def _is_ids(value: Any, least: int) -> TypeGuard[list[str]]:
    return (
        isinstance(value, list | tuple)
        and len(value) >= least
        and all(isinstance(name, str) for name in value)
    )


def _read_groups(
    value: Any, refuse: Callable[[str, str], None]
) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Yield groups of sites, one of which may be visited."""
    for group in value if isinstance(value, list | tuple) else [None]:
        if (
            isinstance(group, dict)
            and _is_ids(group.get("site_ids"), 2)
            and isinstance(group.get("required"), bool)
        ):
            yield tuple(group["site_ids"]), group["required"]
        else:
            refuse("groups", "a list of {site_ids: two ids or more, required: bool}")


def _read_pairs(
    value: Any, refuse: Callable[[str, str], None]
) -> Iterator[tuple[str, str]]:
    """Yield pairs of sites that no one patrol may both visit."""
    for pair in value if isinstance(value, list | tuple) else [None]:
        if _is_ids(pair, 2) and len(pair) == 2:
            yield pair[0], pair[1]
        else:
            refuse("forbidden_pairs", "a list of two ids each")


def _read_lines(
    value: Any, refuse: Callable[[str, str], None]
) -> Iterator[tuple[str, float]]:
    """Yield lines that earn when they are driven, and what they earn whole."""
    for line in value if isinstance(value, list | tuple) else [None]:
        need = line.get("need") if isinstance(line, dict) else None
        if (
            isinstance(line, dict)
            and isinstance(line.get("line_id"), str)
            and isinstance(need, int | float)
            and not isinstance(need, bool)
            and need >= 0
        ):
            yield line["line_id"], float(need)
        else:
            refuse("lines_presence", "a list of {line_id: an id, need: 0 or more}")


def _find_missing_hazards(plan: PlanFile) -> Iterator[Fault]:
    """Yield travel that does not say what a hazard budget is spent on."""
    bound = {t.vehicle: t.id for t in plan.teams if t.hazard_budget is not None}
    for number, travel in enumerate(plan.travel):
        if travel.vehicle in bound and travel.hazards is None:
            yield Fault(
                "plan",
                f"travel.{number}.hazards",
                "nothing",
                f"a matrix: team {bound[travel.vehicle]!r} has a hazard budget",
                "the lines were left out",
            )
