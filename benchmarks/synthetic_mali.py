"""Patrol problems of the size of northern Mali, made by chance from a seed.

Towns and hamlets cluster along a river and a few tracks, as the real ones do; bases
stand in the largest towns. Prints for each size what was found, how far it can be from
the best, and the time it took. Run by hand::

    python benchmarks/synthetic_mali.py --sites 60 --patrols 5 --seconds 15 --seed 1
"""

from __future__ import annotations

import argparse
import json
import time
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from patrolplan.planning.compiling import compile_kernels
from patrolplan.planning.problem import Base, Problem, Site, Team, TravelMatrix
from patrolplan.planning.solver import Progress, solve

START = date(2014, 11, 3)
WIDTH_KM, HEIGHT_KM = 900.0, 500.0
"""About the north of Mali between the river's bend and the Algerian border."""
WINDING, SPEED_KMH = 1.3, 40.0
"""Road over straight line, and a laden convoy's pace on tracks."""
ROLES = ("women_protection_adviser", "child_protection_adviser")


def build_synthetic_mali(
    sites: int,
    patrols: int,
    *,
    bases: int = 4,
    seed: int = 1,
    days: int = 4,
    daylight: bool = False,
    roles: bool = False,
) -> Problem:
    """Return a problem made by chance.

    Parameters
    ----------
    sites, patrols, bases
        How many; each patrol is of a team of its own, shared out over the bases.
    seed
        Of all draws.
    days
        Horizon, and most days of a patrol.
    daylight
        Whether days open and close by longitude and date, not at one hour for all.
    roles
        Whether one site in four asks for an adviser that every other team has.
    """
    rng = np.random.default_rng([seed, sites, patrols])
    hubs = rng.uniform((0, 0), (WIDTH_KM, HEIGHT_KM), (max(3, sites // 12), 2))
    near = hubs[rng.integers(len(hubs), size=sites)]
    spots = near + rng.normal(0.0, 60.0, (sites, 2))
    loose = rng.random(sites) < 0.3
    spots[loose] = rng.uniform((0, 0), (WIDTH_KM, HEIGHT_KM), (int(loose.sum()), 2))
    spots = np.vstack([spots.clip((0, 0), (WIDTH_KM, HEIGHT_KM)), hubs[:bases]])
    if len(hubs) < bases:
        extra = rng.uniform((0, 0), (WIDTH_KM, HEIGHT_KM), (bases - len(hubs), 2))
        spots = np.vstack([spots, extra])
    km = WINDING * np.linalg.norm(spots[:, None] - spots[None], axis=2)
    minutes = np.round(km / SPEED_KMH * 60.0, 1)
    # By the quickest way no detour is shorter, rounding included.
    for via in range(len(spots)):
        minutes = np.minimum(minutes, minutes[:, via, None] + minutes[None, via])
    ids = [f"s{k:03d}" for k in range(sites)] + [f"base-{k}" for k in range(bases)]
    people = np.round(np.exp(rng.normal(3.0, 0.9, sites)), 1)
    dwells = rng.choice([90.0, 120.0, 180.0, 240.0, 420.0], sites)
    asked = rng.random(sites) < (0.25 if roles else 0.0)
    midnights = np.arange(days + 1) * 1440.0
    opens = np.tile(midnights[:-1] + 360.0, (len(spots), 1))
    closes = np.tile(midnights[:-1] + 1020.0, (len(spots), 1))
    if daylight:
        # Four minutes for each degree of longitude, about 105 km here; half a minute
        # for each day of November.
        east = np.round(4.0 * spots[:, 0] / 105.0)[:, None]
        drift = 0.5 * np.arange(days)[None]
        opens, closes = opens - east + drift, closes - east - drift
    return Problem(
        start=START,
        horizon_days=days,
        place_ids=tuple(ids),
        sites=tuple(
            Site(
                ids[k],
                ids[k],
                float(people[k]),
                float(dwells[k]),
                roles=(ROLES[k % 2],) if asked[k] else (),
            )
            for k in range(sites)
        ),
        bases=tuple(Base(name, name) for name in ids[sites:]),
        teams=tuple(
            Team(
                id=f"team-{k:02d}",
                base_id=ids[sites + k % bases],
                vehicle="truck",
                vehicles=6,
                people=24,
                min_days=1,
                max_days=days,
                rest_days=days,
                range_km=1500.0,
                roles=ROLES if roles and k % 2 else (),
            )
            for k in range(patrols)
        ),
        travel=(
            TravelMatrix(
                "truck", START, START + timedelta(days=days), minutes, km * 1000.0, km
            ),
        ),
        opens_min=opens,
        closes_min=closes,
        day_starts_min=midnights,
    )


def measure(problem: Problem, seconds: float, seed: int, workers: int) -> dict:
    """Solve by the clock, and note when plan and bound came to what.

    Parameters
    ----------
    problem
        What is asked.
    seconds, seed, workers
        As for the solver.
    """
    began = time.perf_counter()
    told: list[tuple[float, Progress]] = []
    solution = solve(
        problem,
        seed=seed,
        seconds=seconds,
        workers=workers,
        on_progress=lambda p: told.append((time.perf_counter() - began, p)),
    )
    spent = time.perf_counter() - began
    return {
        "need": solution.need,
        "bound": solution.bound,
        "gap": solution.gap,
        "seconds": spent,
        "total": sum(site.need or 0.0 for site in problem.sites),
        "visits": sum(len(p.site_ids) for p in solution.plan.patrols),
        "told": [(round(at, 2), p.need, p.bound) for at, p in told],
    }


def main() -> None:
    """Read the command line, solve, print a line for each seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=60)
    parser.add_argument("--patrols", type=int, default=5)
    parser.add_argument("--bases", type=int, default=4)
    parser.add_argument("--days", type=int, default=4)
    parser.add_argument("--daylight", action="store_true")
    parser.add_argument("--roles", action="store_true")
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, nargs="+", default=[1])
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    for _ in compile_kernels():
        pass
    rows = []
    for seed in asked.seed:
        problem = build_synthetic_mali(
            asked.sites,
            asked.patrols,
            bases=asked.bases,
            seed=seed,
            days=asked.days,
            daylight=asked.daylight,
            roles=asked.roles,
        )
        row = measure(problem, asked.seconds, seed, asked.workers)
        rows.append({"seed": seed, **row})
        early = [need for at, need, _ in row["told"] if at <= 2.0]
        print(
            f"{asked.sites} x {asked.patrols}, seed {seed}: need {row['need']:,.1f} of "
            f"{row['total']:,.1f}, {row['visits']} visits, gap {row['gap']:.3%}, "
            f"{row['seconds']:.1f} s (need {max(early, default=0.0):,.1f} by 2 s)"
        )
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
