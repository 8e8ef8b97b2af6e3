"""The casualty clock, judged slowly: geodesics to every site of care, step by step."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from pyproj import Geod

from slow_document import Broken, SlowDocument, differs, is_joined, read_time

WGS84 = Geod(ellps="WGS84")
STEP_KM = 0.2
# A step to either side, out and back, at the cruise of the built-in helicopter.
NEARLY_MIN = 0.15
PARTS = ("notice_min", "out_min", "loading_min", "surgery_min")

Path = tuple[tuple[float, float], ...]
Homes = tuple[tuple[str, float, float], ...]


def judge_casualty(papers: SlowDocument) -> Iterator[Broken]:
    silent = not any(key.startswith("casualty_") for key in papers.limits)
    for patrol in papers.patrols:
        if silent and papers.document.get("medical") is None:
            # Sums without the figures that they are made of are only words.
            if patrol["casualty"]:
                yield "casualty_misstated", patrol["id"]
            continue
        for rule in _judge_patrol(papers, patrol):
            yield rule, patrol["id"]


def _judge_patrol(papers: SlowDocument, patrol: Any) -> Iterator[str]:
    if not is_joined(patrol):
        yield "casualty_misstated"
        return
    along = list(_list_along(papers, patrol))
    told = patrol["casualty"]
    if len(along) != len(told):
        yield "casualty_misstated"
        told = [None] * len(along)
    for (kind, where, path, days), entry in zip(along, told, strict=True):
        by_day = _measure(papers, path, days, by_night=False)
        by_night = _measure(papers, path, days, by_night=True)
        yield from _judge_limits(papers, kind, by_day, by_night)
        if entry is None:
            continue
        judged = by_night if kind == "halt" else by_day
        limit = papers.limits["casualty_surgery_min"]
        if entry["where"] != where:
            yield "casualty_misstated"
        if entry["within"] != (judged <= limit) and abs(judged - limit) > NEARLY_MIN:
            yield "casualty_misstated"
        for name, true in (("day", by_day), ("night", by_night)):
            yield from _compare(entry[f"{name}_min"], entry.get(f"by_{name}"), true)


def _list_along(
    papers: SlowDocument, patrol: Any
) -> Iterator[tuple[str, str, Path, tuple[date, ...]]]:
    """Yield the first stop, then each leg and the stop that it leads to."""
    for number, stop in enumerate(patrol["stops"]):
        if number:
            leg = patrol["legs"][number - 1]
            path = tuple(tuple(spot[:2]) for spot in leg["geometry"]["coordinates"])
            days = _find_days(papers, leg["depart"], leg["arrive"])
            yield "leg", f"{leg['from']}>{leg['to']}", path, days
        days = _find_days(papers, stop["arrive"], stop["depart"])
        # A stop without any time is of the first day.
        days = days or _find_days(papers, patrol["depart"])
        yield stop["kind"], stop["place_id"], ((stop["lon"], stop["lat"]),), days


def _find_days(papers: SlowDocument, *moments: str | None) -> tuple[date, ...]:
    return tuple(papers.find_day(read_time(m)) for m in moments if m is not None)


def _compare(told: float | None, parts: Any, true: float) -> Iterator[str]:
    if (told is None) != math.isinf(true):
        yield "casualty_misstated"
    if told is not None and abs(told - true) > NEARLY_MIN:
        yield "casualty_misstated"
    if parts is not None and differs(told, sum(parts[name] for name in PARTS)):
        yield "casualty_misstated"


def _judge_limits(
    papers: SlowDocument, kind: str, by_day: float, by_night: float
) -> Iterator[str]:
    limits = papers.limits
    most = limits["casualty_surgery_min"] + NEARLY_MIN
    moves = kind in ("leg", "visit")
    if limits["casualty_day"] == "limit" and moves and by_day > most:
        yield "surgery_too_far"
    if (
        limits["casualty_night"] == "limit"
        and (kind == "halt" or (moves and limits["night_movement"]))
        and by_night > most
    ):
        yield "surgery_too_far_by_night"


def _measure(
    papers: SlowDocument, path: Path, days: tuple[date, ...], *, by_night: bool
) -> float:
    """Minutes from a wound to surgery at the worst spot of a path; inf where none."""
    parts = measure_parts(papers, path, days, by_night=by_night)
    return math.inf if parts is None else sum(parts[name] for name in PARTS)


def measure_parts(
    papers: SlowDocument, path: Path, days: tuple[date, ...], *, by_night: bool
) -> dict[str, Any] | None:
    """The sum at the worst spot of a path, part by part; None where nobody can come."""
    limits = papers.limits
    homes: dict[str, list[tuple[str, float, float]]] = {"helicopter": [], "surgery": []}
    for site in papers.document.get("medical") or ():
        stands = all(
            (site["valid_from"] is None or site["valid_from"] <= day.isoformat())
            and (site["valid_to"] is None or day.isoformat() <= site["valid_to"])
            for day in days
        )
        if stands and (site["by_night"] or not by_night):
            homes[site["kind"]].append((site["id"], site["lon"], site["lat"]))
    if not all(homes.values()):
        return None
    time = "night" if by_night else "day"
    spot, (helicopter, out_km), (surgery, on_km) = _find_worst(
        path, tuple(homes["helicopter"]), tuple(homes["surgery"])
    )
    per_km = 60 / limits["casualty_cruise_kmh"]
    return {
        "notice_min": limits[f"casualty_notice_{time}_min"],
        "out_km": out_km,
        "out_min": out_km * per_km,
        "loading_min": limits["casualty_loading_min"],
        "surgery_km": on_km,
        "surgery_min": on_km * per_km,
        "helicopter_id": helicopter,
        "surgery_id": surgery,
        "lon": spot[0],
        "lat": spot[1],
    }


def write_clock(papers: SlowDocument, patrol: Any) -> list[dict[str, Any]]:
    """The entries that a patrol should have."""
    entries = []
    for kind, where, path, days in _list_along(papers, patrol):
        parts = [
            measure_parts(papers, path, days, by_night=dark) for dark in (False, True)
        ]
        sums = [None if p is None else sum(p[name] for name in PARTS) for p in parts]
        judged = sums[1] if kind == "halt" else sums[0]
        most = papers.limits["casualty_surgery_min"]
        entries.append(
            {
                "where": where,
                "day_min": sums[0],
                "night_min": sums[1],
                "within": judged is not None and judged <= most,
                "by_day": parts[0],
                "by_night": parts[1],
            }
        )
    return entries


@lru_cache(maxsize=100_000)
def _find_worst(path: Path, helicopters: Homes, surgery: Homes) -> Any:
    """The spot from which it is farthest, out and on; which are nearest, how far."""
    spots = _walk(path)
    nearest = []
    for homes in (helicopters, surgery):
        away = np.array(
            [
                WGS84.inv(np.full(len(spots), lon), np.full(len(spots), lat), *spots.T)[
                    2
                ]
                / 1000
                for _, lon, lat in homes
            ]
        )
        nearest.append((away.argmin(axis=0), away.min(axis=0)))
    worst = int((nearest[0][1] + nearest[1][1]).argmax())
    return (
        tuple(map(float, spots[worst])),
        *(
            (homes[int(which[worst])][0], float(km[worst]))
            for homes, (which, km) in zip((helicopters, surgery), nearest, strict=True)
        ),
    )


def _walk(path: Path) -> np.ndarray:
    """Positions along a path, none farther than a step from the next."""
    corners = np.array(path, dtype=float)
    spots = [corners[:1]]
    for a, b in pairwise(corners):
        km = WGS84.inv(*a, *b)[2] / 1000
        shares = np.linspace(0, 1, max(1, math.ceil(km / STEP_KM)) + 1)[1:]
        spots.append(a + np.outer(shares, b - a))
    return np.concatenate(spots)
