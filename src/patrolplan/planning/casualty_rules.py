"""The referee's casualty clock: reckoned again from positions, sites of care and days.

Written apart from the clock that plans are made by: distances are Lambert's formula for
long lines on the ellipsoid, which is within 10 m of the geodesic here, and a leg is
walked along in short steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from math import inf
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from patrolplan.errors import Fault, PlanFileError
from patrolplan.planfile import (
    CasualtyEntry,
    LegEntry,
    MedicalEntry,
    PatrolEntry,
    PlanFile,
    StopEntry,
    Violation,
)
from patrolplan.planning.evidence import Evidence
from patrolplan.planning.roster import build_violation

__all__ = ["judge_casualty", "measure_ellipsoid_km"]

# Semi-major axis and flattening of WGS 84.
_AXIS_KM: Final = 6378.137
_FLATTENING: Final = 1 / 298.257223563
# How far apart a leg is looked at, unless a hostile one goes round the earth.
_STEP_KM: Final = 0.25
_MOST_STEPS: Final = 100_000
_KM_PER_DEG: Final = 111.2
# What a flight may be longer between two such spots, by the formula, and by what the
# other side leaves between its own; and what minutes are rounded by.
_SLACK_KM: Final = 0.4
_SLACK_MIN: Final = 0.05
_RULES: Final = ("finding", "limit")
_NUMBERS: Final = (
    "notice_day_min",
    "notice_night_min",
    "loading_min",
    "cruise_kmh",
    "surgery_min",
)
_MOST: Final = 100_000.0


@dataclass(frozen=True)
class _Figures:
    """What a plan document states of its casualty clock."""

    day: str
    night: str
    notice_day_min: float
    notice_night_min: float
    loading_min: float
    cruise_kmh: float
    surgery_min: float


def judge_casualty(evidence: Evidence) -> Iterator[Violation]:
    """Yield what a document misstates of its casualty clock, and where it breaks it.

    A document that says nothing of a casualty clock is not asked for one.

    Parameters
    ----------
    evidence
        The document, indexed.

    Raises
    ------
    PlanFileError
        If a figure of the clock cannot be read.
    """
    figures = _read_figures(evidence.plan)
    if figures is None:
        for patrol in evidence.plan.patrols:
            if patrol.casualty:
                # Sums without the figures that they are made of can't be believed.
                found = len(patrol.casualty)
                yield build_violation("casualty_misstated", patrol, None, found, 0)
        return
    judge = _Judge(evidence, figures)
    for patrol in evidence.plan.patrols:
        yield from judge.judge(patrol)


def _read_figures(plan: PlanFile) -> _Figures | None:
    given = {
        key.removeprefix("casualty_"): value
        for key, value in plan.scenario.limits.items()
        if key.startswith("casualty_")
    }
    if not given and plan.medical is None:
        return None
    faults = []

    def refuse(key: str, expected: str) -> None:
        found = f"found {given[key]!r}" if key in given else "nothing"
        where = f"scenario.limits.casualty_{key}"
        faults.append(Fault("plan", where, found, expected))

    for key in ("day", "night"):
        if given.get(key) not in _RULES:
            refuse(key, "finding or limit")
    for key in _NUMBERS:
        if not _is_between(given.get(key), above=key == "cruise_kmh"):
            refuse(key, f"a number from 0 to {_MOST:g}")
    if faults:
        raise PlanFileError(faults)
    return _Figures(**{key: given[key] for key in ("day", "night", *_NUMBERS)})


def _is_between(value: Any, *, above: bool) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return (value > 0 or not above) and 0 <= value <= _MOST


class _Judge:
    """Judges patrols by the figures and the sites of care of one document."""

    def __init__(self, evidence: Evidence, figures: _Figures) -> None:
        self._evidence = evidence
        self._figures = figures
        self._sites = evidence.plan.medical or []
        self._slack_min = _SLACK_MIN + _SLACK_KM / figures.cruise_kmh * 60
        self._known: dict[Any, float] = {}

    def judge(self, patrol: PatrolEntry) -> Iterator[Violation]:
        """Yield what is wrong with the casualty clock of a patrol."""
        entries: Sequence[CasualtyEntry | None] = patrol.casualty
        expected = 2 * len(patrol.stops) - 1
        joined = len(patrol.legs) == len(patrol.stops) - 1
        if len(entries) != expected or not joined:
            found = len(entries)
            yield build_violation("casualty_misstated", patrol, None, found, expected)
            # What a file leaves out hides no limit that is broken.
            entries = [None] * expected
        if not joined:
            return
        yield from self._judge_stop(patrol, patrol.stops[0], entries[0])
        for number, leg in enumerate(patrol.legs):
            yield from self._judge_leg(patrol, leg, entries[2 * number + 1])
            stop, entry = patrol.stops[number + 1], entries[2 * number + 2]
            yield from self._judge_stop(patrol, stop, entry)

    def _judge_stop(
        self, patrol: PatrolEntry, stop: StopEntry, entry: CasualtyEntry | None
    ) -> Iterator[Violation]:
        moments = [m for m in (stop.arrive, stop.depart) if m is not None]
        # A stop that a file gives no time at all is judged on the first day.
        days = [self._evidence.find_day(m) for m in moments or [patrol.depart]]
        day_min, night_min = self._measure([(stop.lon, stop.lat)], days)
        halts = stop.kind == "halt"
        yield from self._compare(
            patrol, stop.place_id, entry, day_min, night_min, by_night=halts
        )
        if halts:
            yield from self._judge_limit(patrol, stop.place_id, night_min, night=True)
        elif stop.kind == "visit":
            yield from self._judge_moving(patrol, stop.place_id, day_min, night_min)

    def _judge_leg(
        self, patrol: PatrolEntry, leg: LegEntry, entry: CasualtyEntry | None
    ) -> Iterator[Violation]:
        days = [self._evidence.find_day(moment) for moment in (leg.depart, leg.arrive)]
        day_min, night_min = self._measure(leg.geometry.coordinates, days)
        where = f"{leg.from_}>{leg.to}"
        yield from self._compare(
            patrol, where, entry, day_min, night_min, by_night=False
        )
        yield from self._judge_moving(patrol, where, day_min, night_min)

    def _judge_moving(
        self, patrol: PatrolEntry, where: str, day_min: float, night_min: float
    ) -> Iterator[Violation]:
        yield from self._judge_limit(patrol, where, day_min, night=False)
        if self._evidence.limits.night_movement:
            yield from self._judge_limit(patrol, where, night_min, night=True)

    def _judge_limit(
        self, patrol: PatrolEntry, where: str, found_min: float, *, night: bool
    ) -> Iterator[Violation]:
        figures = self._figures
        rule = figures.night if night else figures.day
        if rule == "limit" and found_min > figures.surgery_min + self._slack_min:
            found = found_min if found_min < inf else None
            code = "surgery_too_far_by_night" if night else "surgery_too_far"
            yield build_violation(code, patrol, where, found, figures.surgery_min)

    def _compare(
        self,
        patrol: PatrolEntry,
        where: str,
        entry: CasualtyEntry | None,
        day_min: float,
        night_min: float,
        *,
        by_night: bool,
    ) -> Iterator[Violation]:
        """Compare an entry with what was measured, and its sums with themselves."""
        if entry is None:
            return
        if entry.where != where:
            yield build_violation(
                "casualty_misstated", patrol, where, entry.where, where
            )
            return
        measured = ((entry.day_min, day_min), (entry.night_min, night_min))
        for told, true in measured:
            if not self._is_alike(told, true):
                limit = true if true < inf else None
                yield build_violation("casualty_misstated", patrol, where, told, limit)
        for parts, told in (
            (entry.by_day, entry.day_min),
            (entry.by_night, entry.night_min),
        ):
            if parts is None:
                continue
            total = (
                parts.notice_min + parts.out_min + parts.loading_min + parts.surgery_min
            )
            if not self._is_alike(told, total):
                yield build_violation("casualty_misstated", patrol, where, told, total)
        judged = night_min if by_night else day_min
        limit_min = self._figures.surgery_min
        doubtful = abs(judged - limit_min) <= self._slack_min
        if not doubtful and entry.within != (judged <= limit_min):
            yield build_violation(
                "casualty_misstated", patrol, where, entry.within, not entry.within
            )

    def _measure(
        self, path: Sequence[tuple[float, float]], days: Sequence[date]
    ) -> tuple[float, float]:
        """Return the longest sum along a path by day and by night; ``inf`` is none."""
        standing = [
            site
            for site in self._sites
            if (site.valid_from is None or site.valid_from <= min(days))
            and (site.valid_to is None or site.valid_to >= max(days))
        ]
        figures = self._figures
        by_day = self._fly(path, standing)
        dark = [site for site in standing if site.by_night]
        by_night = by_day if len(dark) == len(standing) else self._fly(path, dark)
        return (
            figures.notice_day_min + figures.loading_min + by_day,
            figures.notice_night_min + figures.loading_min + by_night,
        )

    def _fly(
        self, path: Sequence[tuple[float, float]], sites: Sequence[MedicalEntry]
    ) -> float:
        """Return the longest flight, out and to surgery, along a path in minutes."""
        key = (tuple(path), tuple(site.id for site in sites))
        if key not in self._known:
            spots = _walk(path)
            far_km = np.zeros(len(spots))
            for kind in ("helicopter", "surgery"):
                homes = [(site.lon, site.lat) for site in sites if site.kind == kind]
                far_km += _measure_nearest_km(spots, homes)
            self._known[key] = float(far_km.max()) / self._figures.cruise_kmh * 60
        return self._known[key]

    def _is_alike(self, told: float | None, true: float) -> bool:
        if told is None or true == inf:
            return told is None and true == inf
        return abs(told - true) <= self._slack_min


def _walk(path: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
    """Return positions along a path, none farther than a step from the next."""
    vertices = np.array(path, dtype=float)
    if len(vertices) == 1:
        return vertices
    far_km = np.hypot(*np.diff(vertices, axis=0).T) * _KM_PER_DEG
    step_km = max(_STEP_KM, float(far_km.sum()) / _MOST_STEPS)
    steps = np.maximum(1, np.ceil(far_km / step_km)).astype(int)
    stops = np.concatenate(([0], np.cumsum(steps)))
    return np.column_stack(
        [np.interp(np.arange(stops[-1] + 1), stops, axis) for axis in vertices.T]
    )


def _measure_nearest_km(
    spots: NDArray[np.float64], homes: Sequence[tuple[float, float]]
) -> NDArray[np.float64]:
    """Return how far the nearest of some sites is from each spot; ``inf`` of none."""
    nearest = np.full(len(spots), inf)
    for home in homes:
        nearest = np.minimum(nearest, measure_ellipsoid_km(spots, home))
    return nearest


def measure_ellipsoid_km(
    spots: NDArray[np.float64], home: tuple[float, float]
) -> NDArray[np.float64]:
    """Return distances on the WGS 84 ellipsoid by Lambert's formula for long lines.

    The great circle between reduced latitudes, corrected to the first order of the
    flattening (Forsyth, Andoyer, Lambert); not for spots on opposite sides of the
    earth.

    Parameters
    ----------
    spots
        Longitudes and latitudes in degrees, one spot a row.
    home
        Longitude and latitude in degrees.
    """
    lat = np.arctan((1 - _FLATTENING) * np.tan(np.radians(spots[:, 1])))
    home_lat = np.arctan((1 - _FLATTENING) * np.tan(np.radians(home[1])))
    turn = np.radians(spots[:, 0] - home[0])
    middle, half = (lat + home_lat) / 2, (lat - home_lat) / 2
    square = np.sin(half) ** 2 + np.cos(lat) * np.cos(home_lat) * np.sin(turn / 2) ** 2
    # At the home itself nothing is to be corrected, nor divided by.
    root = np.clip(np.sqrt(square), 1e-15, 1 - 1e-12)
    angle = 2 * np.arcsin(root)
    wide = np.sin(middle) * np.cos(half) / np.sqrt(1 - root**2)
    tall = np.cos(middle) * np.sin(half) / root
    bent = (angle - np.sin(angle)) * wide**2 + (angle + np.sin(angle)) * tall**2
    return np.asarray(_AXIS_KM * (angle - _FLATTENING / 2 * bent), dtype=np.float64)
