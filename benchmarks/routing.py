"""Matrices over networks of any size: patrolplan beside networkx, scipy and others.

The networks are synthetic (``synthetic_sahel.py``). Every engine finds the ways of the
same 500 by 500 places of the same network in one run, in processor time, on one thread;
pandana prepares on all. networkx gets the full network and five sources, rustworkx and
pandana fifty, and what they take is scaled up; rows say so. All but networkx get the
network contracted to its junctions, which patrolplan does by itself. Costs of different
engines must be equal, or the run ends.

RoutingKit, pandana and rustworkx are no dependencies: ``pip install
'patrolplan[bench]'``, and one that is missing is said to be. Run by hand::

    python benchmarks/routing.py --json build/routing.json --plot build/routing.svg
    python benchmarks/routing.py --nodes 500000
    python benchmarks/routing.py --doublings
"""

from __future__ import annotations

import argparse
import importlib
import json
import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import networkx as nx
import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from synthetic_sahel import build_synthetic_sahel, draw_durations_min

from patrolplan.network.edges import EdgeTable, build_edge_table
from patrolplan.network.engine import (
    Profile,
    compile_network,
    find_alternative_ways,
)
from patrolplan.network.engine.reference import build_costs

SIZES = (5_000, 50_000, 500_000, 2_200_000)
PLACES = 500
NETWORKX_SOURCES, SOME_SOURCES = 5, 50
SCENARIOS, CLOSED, WAYS, PAIRS = 100, 50, 5, 10
DOUBLED = tuple(SIZES[-1] >> times for times in (4, 3, 2, 1, 0))
TURNS = 15

PEERS = ("pyroutingkit", "pandana", "rustworkx")

T = TypeVar("T")


class Contracted(NamedTuple):
    """The network of junctions only, as other engines get it."""

    table: EdgeTable
    costs: np.ndarray
    matrix: csr_array
    sources: np.ndarray
    targets: np.ndarray


def time_call(function: Callable[[], T], *, rounds: int = 1) -> tuple[T, float]:
    """Return what a function gives, and the least seconds of processor time it took."""
    best = np.inf
    for _ in range(rounds):
        began = time.process_time()
        found = function()
        best = min(best, time.process_time() - began)
    return found, best


def warm_up() -> None:
    """Compile all that is measured, on a small network."""
    table = build_synthetic_sahel(500)
    profile = compile_network(table).customize(draw_durations_min(table))
    closed = profile.close([0])
    closed.matrix([0, 1])
    find_alternative_ways(closed, 0, 400, 2)


def contract(profile: Profile, sources: np.ndarray, targets: np.ndarray) -> Contracted:
    """Return the junctions of a network and the chains between them.

    Parameters
    ----------
    profile
        The weights.
    sources, targets
        Nodes of the full network that are junctions.
    """
    topology, edges = profile.network.topology, profile.network.edges
    junctions = np.flatnonzero(topology.rank >= 0)
    node_of = np.empty(len(junctions), dtype=np.int64)
    node_of[topology.rank[junctions]] = junctions
    table = build_edge_table(
        from_node=topology.chain_ends[:, 0],
        to_node=topology.chain_ends[:, 1],
        length_m=profile.network.length_sums[:, 0],
        node_lon=edges.node_lon[node_of],
        node_lat=edges.node_lat[node_of],
    )
    matrix = build_costs(table, profile.sums)
    ranks = topology.rank.astype(np.int64)
    return Contracted(table, profile.sums, matrix, ranks[sources], ranks[targets])


def run_networkx(profile: Profile, sources: np.ndarray, targets: np.ndarray) -> Any:
    """Return costs of some sources on the full network, and seconds of a source."""
    matrix = build_costs(profile.network.edges, profile.costs)
    graph = nx.from_scipy_sparse_array(matrix, create_using=nx.DiGraph)
    some = sources[:NETWORKX_SOURCES].tolist()

    def search() -> np.ndarray:
        rows = []
        for source in some:
            known = nx.single_source_dijkstra_path_length(graph, source)
            rows.append([known.get(target, np.inf) for target in targets.tolist()])
        return np.array(rows)

    return time_call(search)


def run_scipy(small: Contracted) -> Any:
    """Return all costs by scipy, rows a hundred at a time, and the seconds."""

    def search() -> np.ndarray:
        rows = range(0, len(small.sources), 100)
        return np.concatenate(
            [
                dijkstra(small.matrix, indices=small.sources[row : row + 100])[
                    :, small.targets
                ]
                for row in rows
            ]
        )

    return time_call(search)


def run_rustworkx(module: Any, small: Contracted) -> Any:
    """Return costs of some sources by rustworkx, and the seconds."""
    graph = module.PyDiGraph(multigraph=False)
    graph.add_nodes_from(range(small.table.node_count))
    joined = small.matrix.tocoo()
    graph.add_edges_from(
        list(zip(joined.row.tolist(), joined.col.tolist(), joined.data, strict=True))
    )
    targets = small.targets.tolist()

    def search() -> np.ndarray:
        rows = []
        for source in small.sources[:SOME_SOURCES].tolist():
            known = module.dijkstra_shortest_path_lengths(graph, source, float)
            # It does not list the source itself.
            known = {**dict(known), source: 0.0}
            rows.append([known.get(target, np.inf) for target in targets])
        return np.array(rows)

    return time_call(search)


def run_routingkit(module: Any, small: Contracted) -> Any:
    """Return all costs by RoutingKit, the seconds, and those of the preparation."""
    joined = small.matrix.tocoo()
    tails, heads = joined.row.astype(np.uint32), joined.col.astype(np.uint32)
    lat = small.table.node_lat.astype(np.float32)
    lon = small.table.node_lon.astype(np.float32)
    topology = module.CCHTopology()

    def prepare() -> Any:
        topology.build(tails, heads, lat, lon, small.table.node_count)
        metric = module.CCHMetric(topology)
        metric.customize(joined.data.astype(np.uint32), 1)
        return metric

    metric, preparing = time_call(prepare)
    sources, targets = small.sources.astype(np.uint32), small.targets.astype(np.uint32)
    found, seconds = time_call(
        lambda: metric.distances_many_to_many(sources, targets), rounds=3
    )
    costs = np.where(found >= module.INF_WEIGHT, np.inf, found.astype(np.float64))
    return costs, seconds, preparing


def run_pandana(module: Any, small: Contracted) -> Any:
    """Return costs of some sources by pandana, the seconds, and of the preparation.

    It keeps thousandths in whole numbers of 32 bits, cut off, and asks pair by pair.
    """
    joined = small.matrix.tocoo()
    weights = pd.DataFrame({"cost": (joined.data + 0.5) / 1000})
    lon, lat = (pd.Series(x) for x in (small.table.node_lon, small.table.node_lat))
    tails, heads = pd.Series(joined.row), pd.Series(joined.col)
    network, preparing = time_call(
        lambda: module.Network(lon, lat, tails, heads, weights, twoway=False)
    )
    begins = np.repeat(small.sources[:SOME_SOURCES], len(small.targets))
    ends = np.tile(small.targets, SOME_SOURCES)
    with warnings.catch_warnings():
        # It lists each pair without a way.
        warnings.simplefilter("ignore")
        found, seconds = time_call(lambda: network.shortest_path_lengths(begins, ends))
    costs = np.rint(np.array(found) * 1000).reshape(SOME_SOURCES, -1)
    return np.where(costs >= 2**32 - 1, np.inf, costs), seconds, preparing


def find_module(name: str) -> Any:
    """Return a module, or None, which is then said."""
    try:
        return importlib.import_module(name)
    except ImportError:
        print(f"{name} is not installed: pip install 'patrolplan[bench]'")
        return None


def check_equal(name: str, found: np.ndarray, costs: np.ndarray) -> None:
    """End the run where an engine found other costs."""
    if not np.array_equal(found, costs[: len(found)]):
        raise SystemExit(f"{name} finds other costs than patrolplan")


def measure_size(nodes: int, modules: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a row for each engine, ours first.

    Parameters
    ----------
    nodes
        Size of the network.
    modules
        Peers by name; None where one is missing.
    """
    table = build_synthetic_sahel(nodes)
    weights = draw_durations_min(table)
    rng = np.random.default_rng([7, nodes])

    profile, preparing = time_call(partial(compile_and_customize, table, weights))
    network = profile.network
    junctions = np.flatnonzero(network.topology.rank >= 0)
    sources, targets = rng.choice(junctions, (2, PLACES))
    found, first = time_call(lambda: profile.matrix(sources, targets).costs)
    costs, seconds = time_call(lambda: profile.matrix(sources, targets).costs, rounds=5)
    shared = {"nodes": nodes, "sources": PLACES, "targets": PLACES}
    yield {
        "engine": "patrolplan",
        **shared,
        "seconds": seconds,
        "preparation_s": preparing,
        "first_s": preparing + first,
        "junctions": len(junctions),
        **measure_choices(profile, sources, targets, rng),
    }
    check_equal("itself", found, costs)
    small = contract(profile, sources, targets)
    if modules["pyroutingkit"]:
        other, taken, preparing = run_routingkit(modules["pyroutingkit"], small)
        check_equal("RoutingKit", other, costs)
        yield {
            "engine": "RoutingKit",
            **shared,
            "seconds": taken,
            "preparation_s": preparing,
        }
    if modules["pandana"]:
        other, taken, preparing = run_pandana(modules["pandana"], small)
        check_equal("pandana", other, costs)
        row = scale("pandana", shared, taken, SOME_SOURCES)
        yield row | {"preparation_s": preparing}
    other, taken = run_scipy(small)
    check_equal("scipy", other, costs)
    yield {"engine": "scipy", **shared, "seconds": taken}
    if modules["rustworkx"]:
        other, taken = run_rustworkx(modules["rustworkx"], small)
        check_equal("rustworkx", other, costs)
        yield scale("rustworkx", shared, taken, SOME_SOURCES)
    other, taken = run_networkx(profile, sources, targets)
    check_equal("networkx", other, costs)
    yield scale("networkx", shared, taken, NETWORKX_SOURCES)


def scale(
    name: str, shared: dict[str, Any], seconds: float, measured: int
) -> dict[str, Any]:
    """Return a row of an engine that was given some of the sources only."""
    scaled = seconds * PLACES / measured
    return {"engine": name, **shared, "seconds": scaled, "scaled_from": measured}


def measure_choices(
    profile: Profile, sources: np.ndarray, targets: np.ndarray, rng: Any
) -> dict[str, float]:
    """Return the seconds of a hundred closures, and of five ways between two places."""
    edges = len(profile.network.edges)

    def close_all() -> None:
        for _ in range(SCENARIOS):
            closed = rng.choice(edges, CLOSED, replace=False, shuffle=False)
            profile.close(closed).matrix(sources, targets)

    _, scenarios_s = time_call(close_all)
    # What all ways need, once.
    _, burdened_s = time_call(lambda: profile.burdened)
    pairs = zip(sources[:PAIRS], targets[:PAIRS], strict=True)
    taken = [
        time_call(partial(find_alternative_ways, profile, *pair, WAYS))[1]
        for pair in pairs
    ]
    return {
        "scenarios_s": scenarios_s,
        "ways_preparation_s": burdened_s,
        "alternatives_s": float(np.median(taken)),
    }


def measure_doublings() -> list[dict[str, Any]]:
    """Return what preparing takes where each network is twice the one before.

    Sizes take turns, so that what else the machine does falls on all of them, and of
    each the least counts.
    """
    drawn = []
    for nodes in DOUBLED:
        table = build_synthetic_sahel(nodes)
        drawn.append((table, draw_durations_min(table)))
    least = [np.inf] * len(drawn)
    for _ in range(TURNS):
        for number, (table, weights) in enumerate(drawn):
            prepare = partial(compile_and_customize, table, weights)
            least[number] = min(least[number], time_call(prepare)[1])
    return [
        {"nodes": nodes, "preparation_s": seconds, "times_the_half": seconds / half}
        for nodes, seconds, half in zip(
            DOUBLED, least, [np.nan, *least[:-1]], strict=True
        )
    ]


def compile_and_customize(table: EdgeTable, weights: np.ndarray) -> Profile:
    """Do all that precedes the first matrix."""
    return compile_network(table).customize(weights)


def print_rows(rows: list[dict[str, Any]]) -> None:
    """Print what was measured as tables."""
    print(f"{'nodes':>9}  {'engine':<12}{'seconds':>11}{'x ours':>10}  preparation s")
    ours = {row["nodes"]: row for row in rows if row["engine"] == "patrolplan"}
    for row in rows:
        ratio = row["seconds"] / ours[row["nodes"]]["seconds"]
        note = f"{row['preparation_s']:.3f}" if "preparation_s" in row else ""
        if "scaled_from" in row:
            note += f" scaled up from {row['scaled_from']} sources"
        print(
            f"{row['nodes']:>9}  {row['engine']:<12}{row['seconds']:>11.4f}"
            f"{ratio:>10,.0f}  {note}"
        )
    print(f"\n{'nodes':>9}  junctions  first matrix s  100 closures s  5 ways s")
    for nodes, row in ours.items():
        print(
            f"{nodes:>9}  {row['junctions']:>9}  {row['first_s']:>14.3f}"
            f"  {row['scenarios_s']:>14.2f}  {row['alternatives_s']:>8.3f}"
        )


def draw_rows(rows: list[dict[str, Any]], file: Path) -> None:
    """Draw seconds against size, both as powers of ten.

    Parameters
    ----------
    rows
        As measured.
    file
        An SVG or PNG.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    mpl.rcParams["svg.hashsalt"] = "routing"
    figure = Figure(figsize=(7.0, 4.6), layout="constrained")
    axes = figure.add_subplot()
    for engine in dict.fromkeys(row["engine"] for row in rows):
        own = [row for row in rows if row["engine"] == engine]
        style = "--" if "scaled_from" in own[0] else "-"
        label = f"{engine} (scaled up)" if style == "--" else engine
        sizes = [row["nodes"] for row in own]
        ours = engine == "patrolplan"
        axes.loglog(
            sizes,
            [row["seconds"] for row in own],
            f"o{style}",
            label=label,
            linewidth=2.5 if ours else 1.2,
            color="black" if ours else None,
        )
        if ours:
            spent = [row["preparation_s"] for row in own]
            axes.loglog(
                sizes, spent, "s:", color="grey", label="patrolplan, preparation (once)"
            )
    axes.set_xlabel("nodes of the network")
    axes.set_ylabel(f"processor seconds, {PLACES} × {PLACES} matrix")
    axes.grid(visible=True, which="major", alpha=0.3)
    axes.legend(fontsize="small", loc="upper left", bbox_to_anchor=(1.0, 1.0))
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, metadata={"Date": None} if file.suffix == ".svg" else None)


def main() -> None:
    """Measure every size, and print, write or draw what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, action="append", help="sizes; all if none")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path)
    asked = "only preparation, of sizes each twice the one before"
    parser.add_argument("--doublings", action="store_true", help=asked)
    options = parser.parse_args()
    warm_up()
    if options.doublings:
        for row in measure_doublings():
            print(
                f"{row['nodes']:>9} nodes{row['preparation_s'] * 1000:>9.1f} ms"
                f"{row['times_the_half']:>8.2f} times the half"
            )
        return
    modules = {name: find_module(name) for name in PEERS}
    rows: list[dict[str, Any]] = []
    for nodes in options.nodes or SIZES:
        rows += measure_size(nodes, modules)
    print_rows(rows)
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps({"rows": rows}, indent=1) + "\n")
    if options.plot:
        draw_rows(rows, options.plot)


if __name__ == "__main__":
    main()
