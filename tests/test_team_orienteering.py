from __future__ import annotations

import json
import subprocess
import sys
from itertools import permutations
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))

from team_orienteering import (
    Instance,
    read_instance,
    recheck_routes,
    solve_instance,
)

INSTANCES = Path(__file__).parent / "instances"
BENCHMARK = Path(__file__).resolve().parents[1] / "benchmarks" / "team_orienteering.py"


def list_routes(instance):
    """Every route that holds, measured here and nowhere else."""
    rows = [
        row
        for row in range(len(instance.points))
        if row not in (instance.start, instance.end)
    ]
    routes = [()]
    for count in range(1, len(rows) + 1):
        for route in permutations(rows, count):
            now, here, holds = 0.0, instance.start, True
            for there in (*route, instance.end):
                now += instance.measure(here, there)
                if instance.windows:
                    holds &= now <= instance.windows[there][1] + 1e-9
                    now = max(now, instance.windows[there][0])
                if instance.dwells and there != instance.end:
                    now += instance.dwells[there]
                here = there
            if holds and now <= instance.limit + 1e-9:
                routes.append(route)
    return routes


def find_best_score(instance):
    worth = {}
    for route in list_routes(instance):
        worth[frozenset(route)] = sum(instance.prizes[row] for row in route)
    best = {frozenset(): 0.0}
    for _ in range(instance.teams):
        best = {
            visited | route: score + gain
            for visited, score in best.items()
            for route, gain in worth.items()
            if not visited & route
        }
    return max(best.values())


@pytest.mark.parametrize(
    ("name", "teams", "score"),
    [("small_tab", 2, 20), ("small_semicolon", 1, 10), ("small_windows", 1, 65)],
)
def test_the_best_routes_of_a_small_instance(name, teams, score):
    instance = read_instance(INSTANCES / f"{name}.txt", 1)
    assert instance.teams == teams
    answer = solve_instance(instance, seed=1, iterations=200)
    assert answer["score"] == find_best_score(instance) == score
    assert recheck_routes(instance, answer["routes"]) == score
    assert answer["bound"] is None


def test_more_teams_than_the_file_says_nothing_of():
    instance = read_instance(INSTANCES / "small_windows.txt", 2)
    answer = solve_instance(instance, seed=1, iterations=200)
    assert answer["score"] == find_best_score(instance)


def test_distances_fall_to_the_decimal_of_their_set():
    points = [(0.0, 0.0), (1.0, 1.0), (0.3, 0.0)]
    bare = Instance("bare", points, [0.0] * 3, 1, 9.0, 0, 0)
    assert bare.measure(0, 1) == pytest.approx(2**0.5)
    tenths = Instance("tenths", points, [0.0] * 3, 1, 9.0, 0, 0, decimals=1)
    assert tenths.measure(0, 1) == 1.4
    assert tenths.measure(0, 2) == 0.3
    hundredths = Instance("hundredths", points, [0.0] * 3, 1, 9.0, 0, 0, decimals=2)
    assert hundredths.measure(0, 1) == 1.41


@pytest.mark.parametrize(
    "routes",
    [
        [[1], [1]],
        [[1], [2], [3]],
        [[0, 1]],
        [[1, 6]],
        [[1, 2, 3, 4]],
    ],
)
def test_the_recheck_refuses_what_breaks_a_rule(routes):
    instance = read_instance(INSTANCES / "small_tab.txt", 1)
    with pytest.raises(RuntimeError):
        recheck_routes(instance, routes)


def test_the_recheck_refuses_a_late_arrival():
    instance = read_instance(INSTANCES / "small_windows.txt", 1)
    assert recheck_routes(instance, [[3, 2]]) == 60
    with pytest.raises(RuntimeError, match="after its close"):
        recheck_routes(instance, [[2, 3]])


@pytest.mark.parametrize("text", ["", "n 3\nm 1\ntmax 5\n0 0 0\n", "hello\n"])
def test_other_files_are_named(tmp_path, text):
    path = tmp_path / "other.txt"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"other\.txt"):
        read_instance(path, 1)


def test_the_program_writes_one_row_for_each_instance(tmp_path):
    out = tmp_path / "out.json"
    files = [str(INSTANCES / f"small_{kind}.txt") for kind in ("tab", "windows")]
    done = subprocess.run(
        [
            *(sys.executable, str(BENCHMARK), *files, "--iterations", "50"),
            *("--seed", "1", "--json", str(out)),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    answers = json.loads(out.read_text())
    assert [row["instance"] for row in answers] == ["small_tab", "small_windows"]
    assert {"instance", "score", "bound", "cpu_s", "routes"} <= set(answers[0])
    assert answers[0]["score"] == 20
    # The solvers underneath say nothing of their own.
    assert len(done.stdout.splitlines()) == 3
    assert done.stderr == ""
