"""What patrolplan bears: large scenarios, many of them, large networks, and limits.

Each load runs in a process of its own, so that its time and peak memory are its own:
the peak is that of the largest process of the load, children counted. Made by chance
from seeds; prints what came out of each load as it ends. Run by hand on an idle machine
(Linux)::

    python benchmarks/load.py --json build/load.json
    python benchmarks/load.py --small
    python benchmarks/load.py --only solver network
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from synthetic_country import build_country, build_country_problem, write_country

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from small_scenarios import write_small

MEGABYTE = 1024**2
SEED = 1
BASES = 20
START = date(2015, 1, 5)
SAMPLED_EACH_S = 0.5
TAIL = 300
"""Letters of what a load said last that are shown where it failed."""


class Sizes(NamedTuple):
    """How large each load is."""

    sites: int
    teams: int
    whole_sites: int
    whole_teams: int
    iterations: int
    scenarios: int
    scenario_iterations: int
    jobs: int
    nodes: int
    places: int


FULL = Sizes(5000, 200, 1000, 50, 20, 1000, 5, 2, 2_200_000, 500)
SMALL = Sizes(150, 10, 60, 5, 20, 4, 5, 2, 20_000, 50)


class Limit(NamedTuple):
    """A limit of ``[safety]``: its usual value, a small one, and what is just over it.

    Attributes
    ----------
    figure
        Its name.
    usual, small
        Values.
    layer
        The layer that exceeds it.
    write
        Writes a file of a given size that does, and returns what it is called.
    besides
        Other limits that must not come first.
    """

    figure: str
    usual: float
    small: float
    layer: str
    write: Callable[[Path, float], Path]
    besides: str = ""


def write_bytes(folder: Path, size_mb: float) -> Path:
    """Write a GeoJSON of a little more than so many MB."""
    path = folder / "sites.geojson"
    with path.open("wb") as file:
        file.truncate(int(size_mb * MEGABYTE) + 1)
    return path


def write_rows(folder: Path, rows: float) -> Path:
    """Write a CSV of one row more."""
    path = folder / "sites.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("id,name,population,lon,lat\n")
        file.writelines(f"s{n},S,9,0,16\n" for n in range(int(rows) + 1))
    return path


def write_features(folder: Path, features: float) -> Path:
    """Write a GeoJSON of one feature more."""
    path = folder / "sites.geojson"
    with path.open("w", encoding="utf-8") as file:
        file.write('{"type": "FeatureCollection", "features": [\n')
        file.writelines(
            f'{"," if n else ""}{{"type": "Feature", "properties": {{"id": "s{n}"}}, '
            '"geometry": {"type": "Point", "coordinates": [0, 16]}}\n'
            for n in range(int(features) + 1)
        )
        file.write("]}\n")
    return path


def write_columns(folder: Path, columns: float) -> Path:
    """Write a CSV of one column more."""
    path = folder / "sites.csv"
    names = [f"c{n}" for n in range(int(columns) + 1)]
    path.write_text(",".join(names) + "\n" + "," * int(columns) + "\n", "utf-8")
    return path


def write_levels(folder: Path, levels: float) -> Path:
    """Write a GeoJSON that nests one level deeper."""
    path = folder / "sites.geojson"
    # The collection and its list are two levels themselves.
    more = int(levels) - 1
    text = f'{{"type": "FeatureCollection", "features": [{"[" * more}{"]" * more}]}}'
    path.write_text(text, encoding="utf-8")
    return path


def write_zip(folder: Path, size_mb: float) -> Path:
    """Write a zipped shapefile that unpacks to one MB more, of zeros alone."""
    path = folder / "roads.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as pack,
        pack.open("roads.shp", "w", force_zip64=True) as file,
    ):
        for _ in range(int(size_mb) + 1):
            file.write(bytes(MEGABYTE))
    return path


def write_dense_zip(folder: Path, ratio: float) -> Path:  # noqa: ARG001
    """Write a zip of 17 MB of zeros, which deflate makes a thousandth of."""
    return write_zip(folder, 16)


LIMITS = (
    Limit("largest_file_mb", 512, 1, "population", write_bytes),
    Limit("most_features", 500_000, 1000, "population", write_rows),
    Limit("most_features", 500_000, 1000, "population", write_features),
    Limit("most_columns", 1000, 10, "population", write_columns),
    Limit("deepest_json", 64, 10, "population", write_levels),
    Limit(
        "largest_unpacked_mb", 2048, 17, "lines", write_zip, "largest_ratio = 1032\n"
    ),
    Limit("largest_ratio", 200, 100, "lines", write_dense_zip),
)


# --- What runs in processes of their own ---------------------------------------------


def solve_country(sizes: Sizes, folder: Path) -> dict[str, Any]:  # noqa: ARG001
    """Solve a problem of its own, with no layers and no pack."""
    from patrolplan.planning.compiling import compile_kernels
    from patrolplan.planning.solver import solve

    country = build_country(sizes.sites, sizes.teams, BASES, seed=SEED)
    problem = build_country_problem(country)
    for _ in compile_kernels():
        pass
    began = time.perf_counter()
    solution = solve(problem, seed=SEED, iterations=sizes.iterations)
    return {
        "seconds": time.perf_counter() - began,
        "size": f"{sizes.sites:,} sites, {sizes.teams} teams, "
        f"{sizes.iterations:,} rounds",
        "sites": sizes.sites,
        "teams": sizes.teams,
        "iterations": sizes.iterations,
        "visits": sum(len(p.site_ids) for p in solution.plan.patrols),
        "patrols": len(solution.plan.patrols),
        "need": solution.need,
        "bound": solution.bound,
        "gap": solution.gap,
    }


def compile_sahel(sizes: Sizes, folder: Path) -> dict[str, Any]:
    """Compile a network that another process drew, and find a matrix over it."""
    from patrolplan.network.edges import EdgeTable
    from patrolplan.network.engine import compile_network

    with np.load(folder / "edges.npz") as held:
        arrays = dict(held)
    weights = arrays.pop("weights")
    table = EdgeTable(**arrays)
    began = time.perf_counter()
    network = compile_network(table)
    profile = network.customize(weights)
    prepared = time.perf_counter()
    rng = np.random.default_rng([7, sizes.nodes])
    junctions = np.flatnonzero(network.topology.rank >= 0)
    sources, targets = rng.choice(junctions, (2, sizes.places))
    costs = profile.matrix(sources, targets).costs
    ended = time.perf_counter()
    return {
        "seconds": ended - began,
        "size": f"{table.node_count:,} nodes, {sizes.places} x {sizes.places} places",
        "nodes": table.node_count,
        "preparation_s": prepared - began,
        "matrix_s": ended - prepared,
        "joined": float(np.isfinite(costs).mean()),
    }


def draw_sahel(sizes: Sizes, folder: Path) -> dict[str, Any]:
    """Draw the network, for the process that is measured."""
    from synthetic_sahel import build_synthetic_sahel, draw_durations_min

    table = build_synthetic_sahel(sizes.nodes, seed=SEED)
    arrays = {name: array for name, array in vars(table).items() if array is not None}
    weights = draw_durations_min(table, seed=SEED)
    np.savez(folder / "edges.npz", weights=weights, **arrays)
    return {}


WITHIN = {"solver": solve_country, "network": compile_sahel, "draw": draw_sahel}


# --- What starts and watches them ----------------------------------------------------


class Run(NamedTuple):
    """What became of a process.

    Attributes
    ----------
    code, seconds, cpu_s, peak_mb, said
        How it ended, what it took by the clock and of all processors, and what it said.
    samples
        By time: MB that it holds itself, and that its largest child holds.
    """

    code: int
    seconds: float
    cpu_s: float
    peak_mb: float
    said: str
    samples: list[tuple[float, float]]


def run(command: list[str], folder: Path) -> Run:
    """Run a command, and watch its memory till it ends."""
    log, samples = folder / "said.txt", []
    with log.open("wb") as file:
        began = time.monotonic()
        process = subprocess.Popen(command, stdout=file, stderr=file)
        while True:
            pid, status, used = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            samples.append((read_held_mb(process.pid), read_children_mb(process.pid)))
            time.sleep(SAMPLED_EACH_S if time.monotonic() - began > 1.0 else 0.02)
        seconds = time.monotonic() - began
    # It is over: nobody else may wait for it.
    process.returncode = os.waitstatus_to_exitcode(status)
    said = log.read_text(encoding="utf-8", errors="replace")
    cpu_s = used.ru_utime + used.ru_stime
    # Kilobytes on Linux.
    peak_mb = used.ru_maxrss / 1024
    return Run(process.returncode, seconds, cpu_s, peak_mb, said, samples)


def read_held_mb(pid: int) -> float:
    """Return what a process holds now, 0 where nobody can tell."""
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0.0
    held = [line.split()[1] for line in text.splitlines() if line.startswith("VmRSS")]
    return float(held[0]) / 1024 if held else 0.0


def read_children_mb(pid: int) -> float:
    """Return what the largest child of a process holds now."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8")
    except OSError:
        return 0.0
    return max((read_held_mb(int(child)) for child in text.split()), default=0.0)


def run_within(name: str, sizes: Sizes, folder: Path) -> dict[str, Any]:
    """Run one of this script's own loads in a process of its own."""
    answer = folder / "answer.json"
    command = [sys.executable, __file__, "--within", name, str(folder)]
    found = run([*command, json.dumps(sizes._asdict())], folder)
    if found.code:
        return fail(name, found)
    told = json.loads(answer.read_text(encoding="utf-8"))
    return {"load": name, "cpu_s": found.cpu_s, "peak_mb": found.peak_mb, **told}


def fail(name: str, found: Run) -> dict[str, Any]:
    """Return the row of a load that did not end well."""
    return {
        "load": name,
        "size": "",
        "seconds": found.seconds,
        "cpu_s": found.cpu_s,
        "peak_mb": found.peak_mb,
        "failed": f"exit {found.code}: {found.said[-TAIL:].strip()}",
    }


def measure_whole(sizes: Sizes, folder: Path) -> Iterator[dict[str, Any]]:
    """Plan a country by the command, from layers to a whole pack."""
    sites, teams = sizes.whole_sites, sizes.whole_teams
    country = build_country(sites, teams, BASES, seed=SEED)
    file = write_country(country, folder / "country", iterations=sizes.iterations)
    out = folder / "out"
    command = [sys.executable, "-m", "patrolplan", "plan", str(file)]
    found = run([*command, "--quiet", "--json", "--out", str(out)], folder)
    pack = out / "country"
    if found.code or not (pack / "plan.json").is_file():
        yield fail("whole", found)
        return
    plan = json.loads((pack / "plan.json").read_text(encoding="utf-8"))
    told = plan["assessment"]
    stops = [stop for patrol in plan["patrols"] for stop in patrol["stops"]]
    yield {
        "load": "whole",
        "size": f"{sites:,} sites, {teams} teams, {sizes.iterations:,} rounds",
        "sites": sites,
        "teams": teams,
        "iterations": sizes.iterations,
        "seconds": found.seconds,
        "cpu_s": found.cpu_s,
        "peak_mb": found.peak_mb,
        "visits": sum(stop["kind"] == "visit" for stop in stops),
        "need": told["need_met"],
        "bound": told["need_bound"],
        "gap": told["gap"],
        "violations": len(told["violations"]),
        "plan_mb": (pack / "plan.json").stat().st_size / MEGABYTE,
        "map_mb": (pack / "map.html").stat().st_size / MEGABYTE,
        "pack_mb": measure_folder_mb(pack),
    }


def measure_folder_mb(folder: Path) -> float:
    """Return what all files of a folder take."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return sum(path.stat().st_size for path in files) / MEGABYTE


def measure_solver(sizes: Sizes, folder: Path) -> Iterator[dict[str, Any]]:
    """Solve a larger country, with no layers and no pack."""
    yield run_within("solver", sizes, folder)


def measure_network(sizes: Sizes, folder: Path) -> Iterator[dict[str, Any]]:
    """Compile a network and find a matrix; drawing it is not counted."""
    drawn = run_within("draw", sizes, folder)
    yield drawn if "failed" in drawn else run_within("network", sizes, folder)


GRID = """format = "patrolplan-grid/1"
scenario = "small.toml"
iterations = {iterations}
[grid.date]
{dates}
[grid.seed]
{seeds}
"""
SEEDS_PER_DATE = 20


def write_grid(folder: Path, scenarios: int, iterations: int) -> Path:
    """Write a grid of so many scenarios: dates from 2015 on, and seeds for each."""
    write_small(folder, "small")
    seeds = min(scenarios, SEEDS_PER_DATE)
    days = [START + timedelta(days=7 * n) for n in range(scenarios // seeds)]
    path = folder / "grid.toml"
    text = GRID.format(
        iterations=iterations,
        dates="\n".join(f"d{d:%Y%m%d} = {{ start = {d} }}" for d in days),
        seeds="\n".join(f"s{n:02d} = {{ seed = {n} }}" for n in range(seeds)),
    )
    path.write_text(text, encoding="utf-8")
    return path


def measure_batch(sizes: Sizes, folder: Path) -> Iterator[dict[str, Any]]:
    """Plan a batch of small scenarios, and watch the memory of all its processes."""
    grid = write_grid(folder, sizes.scenarios, sizes.scenario_iterations)
    out = folder / "out"
    command = [sys.executable, "-m", "patrolplan", "batch", str(grid), "--quiet"]
    found = run([*command, "--jobs", str(sizes.jobs), "--out", str(out)], folder)
    packs = sum((path / "plan.json").is_file() for path in out.iterdir())
    if found.code:
        yield fail("batch", found)
        return
    quarter = found.samples[len(found.samples) // 4]
    last = found.samples[-len(found.samples) // 20]
    yield {
        "load": "batch",
        "size": f"{sizes.scenarios:,} scenarios, {sizes.scenario_iterations} rounds "
        f"each, {sizes.jobs} processes",
        "scenarios": sizes.scenarios,
        "seconds": found.seconds,
        "cpu_s": found.cpu_s,
        "peak_mb": found.peak_mb,
        "done": packs,
        "failed_plans": sizes.scenarios - packs,
        "parent_mb": [quarter[0], last[0]],
        "worker_mb": [quarter[1], last[1]],
        "index_mb": (out / "index.html").stat().st_size / MEGABYTE,
        "out_mb": measure_folder_mb(out),
    }


def measure_limits(sizes: Sizes, folder: Path) -> Iterator[dict[str, Any]]:
    """Exceed each limit of ``[safety]`` by a little, and read what is said."""
    is_full = sizes == FULL
    for number, limit in enumerate(LIMITS):
        home = folder / str(number)
        home.mkdir()
        value = limit.usual if is_full else limit.small
        file = limit.write(home, value)
        scenario = write_small(home, "small")
        text = scenario.read_text(encoding="utf-8")
        layer = f'[layers]\n{limit.layer} = "{file.name}"\n'
        text = text.replace("[layers]\n", layer)
        text += f"\n[safety]\n{limit.figure} = {value:g}\n{limit.besides}"
        scenario.write_text(text, encoding="utf-8")
        size = f"{file.name}, more than {value:,g}"
        yield measure_refusal(limit.figure, size, scenario, file.name)
        file.unlink()
    home = folder / "ways"
    country = build_country(sizes.sites, sizes.teams, BASES, seed=SEED)
    more = "" if is_full else "\n[safety]\nmost_ways = 1000\n"
    file = write_country(country, home, iterations=sizes.iterations, more=more)
    size = f"{sizes.sites:,} sites, {sizes.teams} teams"
    yield measure_refusal("most_ways", size, file, file.name, verb="plan")


def measure_refusal(
    figure: str, size: str, scenario: Path, file: str, verb: str = "check"
) -> dict[str, Any]:
    """Give a scenario to the command, and return what it says of a file's limit."""
    command = [sys.executable, "-m", "patrolplan", verb, str(scenario)]
    found = run(command, scenario.parent)
    said = [line for line in found.said.splitlines() if line.startswith(f"{file}:")]
    named = [line for line in said if f"safety.{figure} is the limit" in line]
    if found.code != 2 or not named:
        return fail(f"limit {figure}", found)
    return {
        "load": f"limit {figure}",
        "size": size,
        "seconds": found.seconds,
        "cpu_s": found.cpu_s,
        "peak_mb": found.peak_mb,
        "refusal": named[0],
    }


LOADS = {
    "whole": measure_whole,
    "solver": measure_solver,
    "batch": measure_batch,
    "network": measure_network,
    "limits": measure_limits,
}


def describe(row: dict[str, Any]) -> str:
    """Return what came out of a load in a few words."""
    if "failed" in row:
        return f"FAILED {row['failed']}"
    if "refusal" in row:
        return f"refused: {row['refusal']}"
    if "done" in row:
        (early, late), (first, last) = row["parent_mb"], row["worker_mb"]
        return (
            f"{row['done']:,} plans, {row['failed_plans']} failed; from a quarter to "
            f"the end the parent {early:.0f} to {late:.0f} MB, the largest worker "
            f"{first:.0f} to {last:.0f} MB; index {row['index_mb']:.1f} MB, all "
            f"{row['out_mb']:,.0f} MB"
        )
    if "matrix_s" in row:
        return (
            f"ready in {row['preparation_s']:.1f} s, matrix in {row['matrix_s']:.2f} "
            f"s, {row['joined']:.1%} joined"
        )
    text = f"{row['visits']:,} sites visited, gap {row['gap']:.1%}"
    if "plan_mb" in row:
        text += (
            f", {row['violations']} rules broken; plan {row['plan_mb']:.0f} MB, map "
            f"{row['map_mb']:.1f} MB, pack {row['pack_mb']:.0f} MB"
        )
    return text


def save_rows(rows: list[dict[str, Any]], sizes: Sizes, path: Path) -> None:
    """Write what is known so far, lest a long run that is ended leave nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"sizes": sizes._asdict(), "rows": rows}, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def main() -> None:
    """Run the loads, print a line for each, and write all as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="all in a minute or two")
    parser.add_argument("--only", nargs="+", choices=LOADS, default=list(LOADS))
    for name in Sizes._fields:
        parser.add_argument(f"--{name.replace('_', '-')}", type=int)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--within", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.within:
        name, folder, told = options.within
        answer = WITHIN[name](Sizes(**json.loads(told)), Path(folder))
        (Path(folder) / "answer.json").write_text(json.dumps(answer), "utf-8")
        return
    sizes = SMALL if options.small else FULL
    own = {name: getattr(options, name) for name in Sizes._fields}
    sizes = sizes._replace(**{k: v for k, v in own.items() if v is not None})
    rows = []
    for name in options.only:
        with tempfile.TemporaryDirectory() as folder:
            for row in LOADS[name](sizes, Path(folder)):
                rows.append(row)
                print(
                    f"{row['load']:<28}{row['size']}\n"
                    f"{row['seconds']:>10.1f} s, {row['cpu_s']:.1f} s of work, "
                    f"{row['peak_mb']:,.0f} MB: {describe(row)}",
                    flush=True,
                )
                if options.json:
                    save_rows(rows, sizes, options.json)
    if any("failed" in row for row in rows):
        sys.exit(1)


if __name__ == "__main__":
    main()
