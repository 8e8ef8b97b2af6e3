"""Public team-orienteering instances, solved by the search that plans patrols.

Reads the tab format of Chao, the semicolon format of the large set, and instances with
time windows. Run by hand::

    python benchmarks/team_orienteering.py FILE... --seconds 10 --seed 1 --json OUT

Each answer is measured again from the file, in plain floats, before it is printed.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from patrolplan.planning.tours import TourProblem, solve_tours

SLACK = 1e-6
"""What a route may exceed its limit by, for sums of floats in another order."""


@dataclass(frozen=True)
class Instance:
    """One public instance; rows are numbered from 0 in the file's order."""

    name: str
    points: list[tuple[float, float]]
    prizes: list[float]
    teams: int
    limit: float
    start: int
    end: int
    dwells: list[float] | None = None
    windows: list[tuple[float, float]] | None = None
    decimals: int | None = None

    def measure(self, a: int, b: int) -> float:
        """Return the distance of two rows."""
        distance = math.dist(self.points[a], self.points[b])
        if self.decimals is None:
            return distance
        scale = 10**self.decimals
        # A whole number of tenths must not fall to the one below.
        return math.floor(distance * scale + 1e-9) / scale


def read_instance(path: Path, teams: int) -> Instance:
    """Read an instance of any of the three formats.

    Parameters
    ----------
    path
        The file.
    teams
        How many teams, where the file does not say.

    Raises
    ------
    ValueError
        If the file is none of the three, or its rows are not as many as it says.
    """
    rows = [
        line.replace(";", " ").split()
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]
    try:
        if rows[0][0] == "n":
            return _read_chao(path, rows)
        return _read_windows(path, rows, teams)
    except (IndexError, ValueError) as error:
        msg = f"{path}: not a team-orienteering instance ({error})."
        raise ValueError(msg) from None


def _read_chao(path: Path, rows: list[list[str]]) -> Instance:
    head = {row[0]: row[1] for row in rows[:3]}
    body = [[float(cell) for cell in row[:3]] for row in rows[3:]]
    if len(body) != int(head["n"]):
        msg = f"{head['n']} rows announced, {len(body)} found"
        raise ValueError(msg)
    return Instance(
        path.stem,
        [(x, y) for x, y, _ in body],
        [prize for _, _, prize in body],
        int(head["m"]),
        float(head["tmax"]),
        0,
        len(body) - 1,
    )


def _read_windows(path: Path, rows: list[list[str]], teams: int) -> Instance:
    # Two rows of head; the second may lack its first number. Each row ends with the
    # opening and the close; the kind of the set decides how distances are rounded.
    body = [[float(cell) for cell in row] for row in rows[2:]]
    windows = [(row[-2], row[-1]) for row in body]
    return Instance(
        path.stem,
        [(row[1], row[2]) for row in body],
        [row[4] for row in body],
        teams,
        windows[0][1],
        0,
        0,
        [row[3] for row in body],
        windows,
        2 if path.stem.startswith("pr") else 1,
    )


def solve_instance(
    instance: Instance,
    *,
    seed: int,
    iterations: int | None = None,
    seconds: float | None = None,
) -> dict[str, object]:
    """Solve an instance and measure the answer anew.

    Parameters
    ----------
    instance
        What is asked.
    seed, iterations, seconds
        Of the search.

    Returns
    -------
    dict
        ``instance``, ``score``, ``bound``, ``cpu_s`` and ``routes``, with the
        ``iterations`` that were run.

    Raises
    ------
    RuntimeError
        If an answer does not hold when it is measured anew: a fault of the search.
    """
    began = time.process_time()
    every = range(len(instance.points))
    windows = instance.windows
    result = solve_tours(
        TourProblem(
            np.array([[instance.measure(a, b) for b in every] for a in every]),
            np.array(instance.prizes),
            np.full(instance.teams, instance.start),
            np.full(instance.teams, instance.end),
            np.full(instance.teams, instance.limit),
            None if instance.dwells is None else np.array(instance.dwells),
            None if windows is None else np.array([w[0] for w in windows]),
            None if windows is None else np.array([w[1] for w in windows]),
        ),
        seed=seed,
        iterations=iterations,
        seconds=seconds,
    )
    spent = time.process_time() - began
    routes = [list(tour) for tour in result.tours if tour]
    score = recheck_routes(instance, routes)
    return {
        "instance": instance.name,
        "score": int(score) if score == int(score) else score,
        "bound": None,
        "cpu_s": round(spent, 3),
        "routes": routes,
        "iterations": result.iterations,
    }


def recheck_routes(instance: Instance, routes: list[list[int]]) -> float:
    """Return the prizes of some routes, or raise if they break the instance's rules.

    Parameters
    ----------
    instance
        What was asked.
    routes
        Row numbers, start and end left out.

    Raises
    ------
    RuntimeError
        If a route breaks a rule.
    """
    visited = [row for route in routes for row in route]
    ends = {instance.start, instance.end}
    if len(routes) > instance.teams or len(set(visited)) != len(visited):
        msg = f"{instance.name}: too many routes, or a row visited twice."
        raise RuntimeError(msg)
    if ends & set(visited):
        msg = f"{instance.name}: start or end is visited within a route."
        raise RuntimeError(msg)
    for route in routes:
        now, here = 0.0, instance.start
        for there in (*route, instance.end):
            now += instance.measure(here, there)
            if instance.windows is not None:
                opens, closes = instance.windows[there]
                if now > closes + SLACK:
                    msg = f"{instance.name}: row {there} is reached after its close."
                    raise RuntimeError(msg)
                now = max(now, opens)
            if instance.dwells is not None and there != instance.end:
                now += instance.dwells[there]
            here = there
        if now > instance.limit + SLACK:
            msg = f"{instance.name}: a route takes {now}, allowed {instance.limit}."
            raise RuntimeError(msg)
    return sum(instance.prizes[row] for row in visited)


def main() -> None:
    """Solve every file named, print a line for each, and write all as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    length = parser.add_mutually_exclusive_group(required=True)
    length.add_argument("--seconds", type=float, help="processor time of each")
    length.add_argument("--iterations", type=int, help="rounds of each: reproducible")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--teams", type=int, default=1, help="where the file does not say (windows)"
    )
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    # What is compiled, or loaded, here is not of any instance's time.
    tiny = Instance("warm", [(0, 0), (1, 0), (2, 0)], [0, 1, 0], 1, 9.0, 0, 2)
    solve_instance(tiny, seed=1, iterations=10)
    answers = []
    print(f"{'instance':24}{'score':>10}{'cpu s':>9}{'rounds':>10}")
    for path in options.files:
        answer = solve_instance(
            read_instance(path, options.teams),
            seed=options.seed,
            iterations=options.iterations,
            seconds=options.seconds,
        )
        answers.append(answer)
        print(
            f"{answer['instance']:24}{answer['score']:>10}{answer['cpu_s']:>9}"
            f"{answer['iterations']:>10}",
            flush=True,
        )
    if options.json:
        options.json.write_text(json.dumps(answers, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
