"""Public team-orienteering instances, solved by the search that plans patrols.

Reads the tab format of Chao, the semicolon format of the large set, and instances with
time windows. Run by hand::

    python benchmarks/team_orienteering.py FILE... --seconds 10 --seed 1 --json OUT
    python benchmarks/team_orienteering.py --list benchmarks/hard.txt --folder DIR ...

Each answer is measured again from the file, in plain floats, before it is printed, and
stands beside a bound that no routes can exceed. A list names one instance a line, and
behind it the best score known, if any; the gaps to those are then summed up.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

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

    def measure_all(self) -> NDArray[np.float64]:
        """Return the distances of all rows, square."""
        every = range(len(self.points))
        return np.array([[self.measure(a, b) for b in every] for a in every])


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
    # Not above: who only rechecks the answers of a peer loads no solver, and a peer may
    # bring another build of a library that this one uses.
    from patrolplan.planning.tours import TourProblem, solve_tours

    began = time.process_time()
    windows = instance.windows
    result = solve_tours(
        TourProblem(
            instance.measure_all(),
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
    # The bound is none of the search's business, nor of its time.
    spent = time.process_time() - began
    routes = [list(tour) for tour in result.tours if tour]
    score = recheck_routes(instance, routes)
    return {
        "instance": instance.name,
        "score": _shorten(score),
        "bound": _shorten(bound_score(instance)),
        "cpu_s": round(spent, 3),
        "routes": routes,
        "iterations": result.iterations,
    }


def bound_score(instance: Instance) -> float:
    """Return a score that no routes can exceed.

    Every row that a route visits has a leg in and a leg out; give each row half of
    both, and the start and the end half of the first and the last leg. A route then
    takes no less than the halves of its start and its end and, for each row it visits,
    that row's dwell and halves. Take for every half the least over the legs that any
    route could use: all routes together then have what is left of their limits to fill
    with rows, each at most once. The best filling if rows could be split, by prize per
    time, is the bound, down to the next sum that whole prizes can make. Waiting only
    takes longer and is left out.

    A row is left out if even the quickest way by it takes too long or is too late, and
    so is a leg. Quickest ways are sought over any rows, since rounded distances may
    make a detour shorter.

    Parameters
    ----------
    instance
        What is asked.
    """
    start, end = instance.start, instance.end
    legs = instance.measure_all()
    ways = legs.copy()
    for row in range(len(ways)):
        np.minimum(ways, ways[:, row, None] + ways[row], out=ways)
    dwells = np.array(instance.dwells or [0.0] * len(legs))
    windows = instance.windows or [(0.0, math.inf)] * len(legs)
    opens, closes = np.array(windows).T
    begins = np.maximum(ways[start], opens)
    latest = instance.limit + SLACK
    reached = begins + dwells + ways[:, end] <= latest
    reached &= ways[start] <= closes + SLACK
    prizes = np.array(instance.prizes)
    wanted = reached & (prizes > 0)
    wanted[[start, end]] = False
    # A row of no prize may still shorten a way where distances are rounded.
    through = reached.copy()
    through[[start, end]] = False
    arrivals = (begins + dwells)[:, None] + legs
    after = np.maximum(arrivals, opens) + dwells + ways[:, end]
    open_legs = np.where((arrivals <= closes + SLACK) & (after <= latest), legs, np.inf)
    np.fill_diagonal(open_legs, np.inf)
    weights = np.full(len(legs), np.inf)
    for row in np.flatnonzero(wanted):
        into = np.where(through, open_legs[:, row], np.inf)
        out = np.where(through, open_legs[row], np.inf)
        weights[row] = dwells[row] + _halve(into, out, legs[start, row], legs[row, end])
    first = np.min(legs[start, through], initial=np.inf)
    last = np.min(legs[through, end], initial=np.inf)
    room = instance.teams * (latest - (first + last) / 2)
    if room < 0:
        return 0.0
    total = 0.0
    with np.errstate(divide="ignore"):
        ranked = np.argsort(-prizes / weights, kind="stable")
    for row in ranked[np.isfinite(weights[ranked])]:
        if weights[row] > room:
            total += prizes[row] * room / weights[row]
            break
        room -= weights[row]
        total += prizes[row]
    whole = bool(np.all(prizes == prizes.round()))
    step = float(np.gcd.reduce(prizes.astype(np.int64))) if whole else 0.0
    return math.floor(total / step + SLACK) * step if step else total


def _halve(
    into: NDArray[np.float64], out: NDArray[np.float64], first: float, last: float
) -> float:
    # The row before and the row after are two, so each of the two nearest is tried.
    pairs = [
        into[before] + out[after]
        for before in np.argsort(into)[:2]
        for after in np.argsort(out)[:2]
        if before != after
    ]
    return min(first + last, first + out.min(), into.min() + last, *pairs) / 2


def _shorten(score: float) -> float | int:
    return int(score) if score == int(score) else round(score, 6)


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


def read_list(path: Path) -> dict[str, float | None]:
    """Return the names in a list, and the best score known of each, if any.

    Parameters
    ----------
    path
        Text: a name a line and perhaps a score; what follows ``#`` is not read.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [row for line in lines if (row := line.partition("#")[0].split())]
    return {row[0]: float(row[1]) if row[1:] else None for row in rows}


def find_gap(score: float, best: float) -> float:
    """Return by how many per cent a score is below the best known; above is negative.

    Parameters
    ----------
    score, best
        The two scores.
    """
    return 100.0 * (best - score) / best if best else 0.0


def print_gaps(gaps: list[float]) -> None:
    """Print a line that sums up some gaps, in per cent."""
    if gaps:
        print(
            f"of {len(gaps)}: mean gap {np.mean(gaps):.3f} %, worst {max(gaps):.2f} %, "
            f"{sum(gap <= 0 for gap in gaps)} at the best known or above"
        )


def warm_up() -> None:
    """Compile, or load, what is no instance's own time."""
    tiny = Instance("warm", [(0, 0), (1, 0), (2, 0)], [0, 1, 0], 1, 9.0, 0, 2)
    solve_instance(tiny, seed=1, iterations=10)


def main() -> None:
    """Solve every file named, print a line for each, and write all as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--list", type=Path, help="names, and best scores known")
    parser.add_argument(
        "--folder", type=Path, default=Path(), help="where the .txt files named are"
    )
    length = parser.add_mutually_exclusive_group(required=True)
    length.add_argument("--seconds", type=float, help="processor time of each")
    length.add_argument("--iterations", type=int, help="rounds of each: reproducible")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--teams", type=int, default=1, help="where the file does not say (windows)"
    )
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    listed = read_list(options.list) if options.list else {}
    files = [*options.files, *(options.folder / f"{name}.txt" for name in listed)]
    if not files:
        parser.error("name files, or a list of them")
    warm_up()
    answers, gaps = [], []
    print(f"{'instance':24}{'score':>10}{'bound':>10}{'gap %':>8}{'cpu s':>9}")
    for path in files:
        answer = solve_instance(
            read_instance(path, options.teams),
            seed=options.seed,
            iterations=options.iterations,
            seconds=options.seconds,
        )
        answers.append(answer)
        best, gap = listed.get(path.stem), ""
        if best is not None:
            gaps.append(find_gap(answer["score"], best))
            gap = f"{gaps[-1]:.2f}"
        print(
            f"{answer['instance']:24}{answer['score']:>10}{answer['bound']:>10}"
            f"{gap:>8}{answer['cpu_s']:>9}",
            flush=True,
        )
    print_gaps(gaps)
    if options.json:
        options.json.write_text(json.dumps(answers, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
