"""The search that plans patrols beside PyVRP, OR-tools and VROOM, at equal time.

The peers are no dependencies: ``pip install 'patrolplan[bench]'``, and one that is
missing is said to be. Run by hand::

    python benchmarks/peers.py --list benchmarks/hard.txt --folder DIR --seconds 10

Each runs on one thread with the best settings found on some of the instances; what was
tried is said beside each. All but VROOM, which ends by itself, get the same processor
time, the building of the model apart. They count in whole numbers: legs are rounded up
and limits down, and each answer is measured again in floats.
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from team_orienteering import (
    SLACK,
    Instance,
    find_gap,
    print_gaps,
    read_instance,
    read_list,
    recheck_routes,
    solve_instance,
    warm_up,
)

SCALE = 10_000
"""Whole units of a peer in one of the instance's."""

SHORTEST_S = 0.05
"""Seconds that are not worth another start."""

Peer = Callable[[Instance, float, int], list[list[int]]]


def round_instance(instance: Instance) -> tuple[list[list[int]], int, list[int]]:
    """Return legs and limit in whole units, and the rows worth a visit.

    Parameters
    ----------
    instance
        Without windows or dwells.
    """
    # A whole leg must not become one unit longer by an error of floats.
    legs = np.ceil(instance.measure_all() * SCALE - SLACK).astype(np.int64).tolist()
    limit = math.floor(instance.limit * SCALE + SLACK)
    start, end = instance.start, instance.end
    rows = [
        row
        for row, prize in enumerate(instance.prizes)
        if prize > 0
        and row not in (start, end)
        and legs[start][row] + legs[row][end] <= limit
    ]
    return legs, limit, rows


def solve_by_patrolplan(
    instance: Instance, seconds: float, seed: int
) -> list[list[int]]:
    """Solve by the search of this project."""
    return solve_instance(instance, seed=seed, seconds=seconds)["routes"]


# What a full use of all limits costs, as a share of all prizes; tried: 0 (which finds
# nothing that keeps the limits) to 1. Where small prizes lie far apart it can make a
# visit not worth its way.
PYVRP_COST = 0.1
# In how many rows around each it looks for moves; tried: 10, 20, 50 (its own), 100.
PYVRP_NEIGHBOURS = 20


def solve_by_pyvrp(instance: Instance, seconds: float, seed: int) -> list[list[int]]:
    """Solve by PyVRP's iterated local search."""
    import pyvrp
    from pyvrp.search import NeighbourhoodParams

    legs, limit, rows = round_instance(instance)
    # Prizes are made so large that ways cost their share at a price of one a unit.
    total = sum(instance.prizes[row] for row in rows)
    worth = instance.teams * limit / (max(PYVRP_COST, 1e-9) * total)
    model = pyvrp.Model()
    places = {
        row: model.add_location(*instance.points[row])
        for row in (instance.start, *rows, instance.end)
    }
    start = model.add_depot(places[instance.start])
    end = model.add_depot(places[instance.end])
    for row in rows:
        prize = round(instance.prizes[row] * worth)
        model.add_client(places[row], prize=prize, required=False)
    for a, place in places.items():
        for b, other in places.items():
            if a != b:
                model.add_edge(place, other, distance=legs[a][b])
    model.add_vehicle_type(
        instance.teams,
        start_depot=start,
        end_depot=end,
        max_distance=limit,
        unit_distance_cost=int(PYVRP_COST > 0),
    )
    until = time.process_time() + seconds
    found = model.solve(
        lambda _: time.process_time() > until,
        seed=seed,
        display=False,
        collect_stats=False,
        params=pyvrp.SolveParams(
            neighbourhood=NeighbourhoodParams(num_neighbours=PYVRP_NEIGHBOURS)
        ),
    )
    if not found.best.is_feasible():
        return []
    return [
        [rows[stop.idx] for stop in route.schedule() if stop.is_client()]
        for route in found.best.routes()
    ]


# Which of its improvements; tried: GUIDED_LOCAL_SEARCH, TABU_SEARCH and
# SIMULATED_ANNEALING.
ORTOOLS_SEARCH = "GUIDED_LOCAL_SEARCH"
# As for PyVRP; tried: 0 to 0.6.
ORTOOLS_COST = 0.3


def solve_by_ortools(instance: Instance, seconds: float, _: int) -> list[list[int]]:
    """Solve by the routing library of OR-tools, which takes no seed."""
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2
    from ortools.util.optional_boolean_pb2 import BOOL_TRUE

    legs, limit, rows = round_instance(instance)
    # Nodes are numbered anew, start and end first, since they may be one row.
    nodes = [instance.start, instance.end, *rows]
    teams = instance.teams
    index = pywrapcp.RoutingIndexManager(len(nodes), teams, [0] * teams, [1] * teams)
    model = pywrapcp.RoutingModel(index)
    leg = model.RegisterTransitMatrix([[legs[a][b] for b in nodes] for a in nodes])
    model.AddDimension(leg, 0, limit, True, "way")
    total = sum(instance.prizes[row] for row in rows)
    worth = teams * limit / (max(ORTOOLS_COST, 1e-9) * total)
    if ORTOOLS_COST > 0:
        model.SetArcCostEvaluatorOfAllVehicles(leg)
    for node, row in enumerate(rows, start=2):
        prize = round(instance.prizes[row] * worth)
        model.AddDisjunction([index.NodeToIndex(node)], prize)
    search = pywrapcp.DefaultRoutingSearchParameters()
    # Tried too: PARALLEL_CHEAPEST_INSERTION and LOCAL_CHEAPEST_INSERTION.
    search.first_solution_strategy = (
        routing_enums_pb2.FirstSolutionStrategy.PATH_CHEAPEST_ARC
    )
    search.local_search_metaheuristic = getattr(
        routing_enums_pb2.LocalSearchMetaheuristic, ORTOOLS_SEARCH
    )
    search.local_search_operators.use_extended_swap_active = BOOL_TRUE
    # It stops by the clock on the wall: what other programs took of it is given back.
    found, until = None, time.process_time() + seconds
    while (left := until - time.process_time()) > SHORTEST_S:
        search.time_limit.FromMilliseconds(int(1000 * left))
        if found is None:
            found = model.SolveWithParameters(search)
        else:
            found = model.SolveFromAssignmentWithParameters(found, search) or found
        if found is None:
            return []
    routes = []
    for team in range(teams):
        route, at = [], found.Value(model.NextVar(model.Start(team)))
        while not model.IsEnd(at):
            route.append(nodes[index.IndexToNode(at)])
            at = found.Value(model.NextVar(at))
        routes.append(route)
    return routes


# Its highest.
VROOM_EXPLORATION = 5
# The most urgent of its jobs; prizes are brought below.
VROOM_TOP_PRIORITY = 100


def solve_by_vroom(instance: Instance, _: float, __: int) -> list[list[int]]:
    """Solve by VROOM, prizes as priorities, for as long as it takes: it has no seed."""
    import vroom

    legs, limit, rows = round_instance(instance)
    largest = max(instance.prizes)
    shrink = min(1.0, VROOM_TOP_PRIORITY / largest)
    asked = vroom.Input()
    asked.set_durations_matrix("car", np.array(legs, dtype=np.uint32))
    for team in range(instance.teams):
        asked.add_vehicle(
            vroom.Vehicle(
                team,
                start=instance.start,
                end=instance.end,
                time_window=vroom.TimeWindow(0, limit),
            )
        )
    for row in rows:
        priority = round(instance.prizes[row] * shrink)
        asked.add_job(vroom.Job(row, row, priority=priority))
    found = asked.solve(exploration_level=VROOM_EXPLORATION, nb_threads=1)
    steps = found.routes
    steps = steps[steps["type"] == "job"]
    return [group["id"].tolist() for _, group in steps.groupby("vehicle_id")]


PEERS: dict[str, tuple[str, Peer]] = {
    "patrolplan": ("patrolplan.planning.tours", solve_by_patrolplan),
    "PyVRP": ("pyvrp", solve_by_pyvrp),
    "VROOM": ("vroom", solve_by_vroom),
    "OR-tools": ("ortools.constraint_solver.pywrapcp", solve_by_ortools),
}
"""By name: the module it needs, and the function that solves by it."""


def load_peer(name: str) -> bool:
    """Load what a solver needs; return whether it is there.

    Parameters
    ----------
    name
        Of the solver.
    """
    try:
        importlib.import_module(PEERS[name][0])
    except ImportError:
        return False
    if name == "patrolplan":
        warm_up()
    return True


def solve_and_time(
    name: str, instance: Instance, seconds: float, seed: int
) -> tuple[list[list[int]], float]:
    """Return the routes found and the processor time it took.

    Parameters
    ----------
    name
        Of the solver.
    instance, seconds, seed
        What it is given.
    """
    began = time.process_time()
    routes = PEERS[name][1](instance, seconds, seed)
    return [route for route in routes if route], time.process_time() - began


def start_peers() -> dict[str, ProcessPoolExecutor]:
    """Return a process for each solver that is there, and print which are missing."""
    started = {}
    for name in PEERS:
        process = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
        if process.submit(load_peer, name).result():
            started[name] = process
        else:
            process.shutdown()
            print(f"{name} is missing: pip install 'patrolplan[bench]'")
    return started


def main() -> None:
    """Solve every instance by all that are there, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--list", type=Path, help="names, and best scores known")
    parser.add_argument(
        "--folder", type=Path, default=Path(), help="where the .txt files named are"
    )
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    listed = read_list(options.list) if options.list else {}
    files = [*options.files, *(options.folder / f"{name}.txt" for name in listed)]
    if not files:
        parser.error("name files, or a list of them")
    peers = start_peers()
    print(f"{'instance':16}{'best':>8}" + "".join(f"{name:>12}" for name in peers))
    answers = []
    gaps: dict[str, list[float]] = {name: [] for name in peers}
    times: dict[str, list[float]] = {name: [] for name in peers}
    for path in files:
        instance = read_instance(path, 1)
        best = listed.get(path.stem)
        row: dict[str, object] = {"instance": instance.name, "best": best}
        cells = ""
        for name, process in peers.items():
            routes, spent = process.submit(
                solve_and_time, name, instance, options.seconds, options.seed
            ).result()
            score = recheck_routes(instance, routes)
            row[name] = {"score": score, "cpu_s": round(spent, 3), "routes": routes}
            times[name].append(spent)
            if best is not None:
                gaps[name].append(find_gap(score, best))
            cells += f"{score:>12g}"
        answers.append(row)
        print(f"{instance.name:16}{best or 0:>8g}{cells}", flush=True)
    for name, process in peers.items():
        process.shutdown()
        print(f"{name}: {np.mean(times[name]):.2f} s of processor time on average")
        print_gaps(gaps[name])
    if options.json:
        options.json.write_text(json.dumps(answers, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
