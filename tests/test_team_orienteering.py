from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))

import peers
from team_orienteering import (
    Instance,
    bound_score,
    find_gap,
    read_instance,
    read_list,
    recheck_routes,
    solve_instance,
)

REPO = Path(__file__).resolve().parents[1]
INSTANCES = Path(__file__).parent / "instances"
BENCHMARK = REPO / "benchmarks" / "team_orienteering.py"
HARD = REPO / "benchmarks" / "hard.txt"
# The public instances are not shipped.
REFERENCES = Path(os.environ.get("PATROLPLAN_SHARED", REPO.parent / "shared")) / "bench"


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
    assert answer["bound"] >= score


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


@st.composite
def draw_instances(draw):
    """Tiny ones on a grid, where ways are often equal and places often one."""
    count = draw(st.integers(2, 6))

    def draw_each(values):
        return draw(st.lists(values, min_size=count, max_size=count))

    axis, windows, dwells = st.integers(0, 4), None, None
    if draw(st.booleans()):
        dwells = [float(minutes) for minutes in draw_each(st.integers(0, 3))]
        lengths = st.tuples(st.integers(0, 6), st.integers(0, 9))
        windows = [(opens, opens + length) for opens, length in draw_each(lengths)]
    return Instance(
        "tiny",
        draw_each(st.tuples(axis, axis)),
        draw_each(st.integers(0, 9)),
        draw(st.integers(1, 3)),
        draw(st.floats(0, 16)),
        0,
        draw(st.sampled_from([0, count - 1])),
        dwells,
        windows,
        draw(st.sampled_from([None, 0, 1])),
    )


@settings(max_examples=300)
@given(draw_instances())
def test_no_routes_exceed_the_bound(instance):
    assert bound_score(instance) >= find_best_score(instance)


def test_the_bound_counts_what_no_route_can_reach_as_nothing():
    points = [(0.0, 0.0), (3.0, 0.0), (20.0, 0.0), (4.0, 0.0)]
    assert bound_score(Instance("far", points, [0, 5, 9, 0], 1, 4.0, 0, 3)) == 5
    assert bound_score(Instance("short", points, [0, 5, 9, 0], 1, 3.0, 0, 3)) == 0


def list_references():
    """The best score known of each public instance, if they are there."""
    table = REFERENCES / "best_known_top.csv"
    if not table.exists():
        return {}
    known = {}
    for row in csv.DictReader(table.read_text(encoding="utf-8").splitlines()):
        published, own = float(row["published"] or 0), float(row["own_best"] or 0)
        # Some published values are of rounded distances: proofs come first.
        proven = row["status"] == "optimal"
        known[row["instance"]] = own if proven else max(published, own)
    return known


@pytest.mark.skipif(not list_references(), reason="the public instances are not here")
def test_the_bound_is_never_below_the_best_score_known():
    known = list_references()
    bounds = {
        name: bound_score(read_instance(REFERENCES / "top" / f"{name}.txt", 1))
        for name in known
    }
    assert [name for name in known if bounds[name] < known[name]] == []


def test_the_hard_ones_are_forty_with_their_best_scores():
    hard = read_list(HARD)
    assert len(hard) == 40
    assert min(hard.values()) > 400
    known = list_references()
    assert all(known.get(name, best) == best for name, best in hard.items())


def test_a_list_may_lack_scores_and_has_remarks(tmp_path):
    path = tmp_path / "list.txt"
    path.write_text("# all\n\na 10\nb # no score yet\n")
    assert read_list(path) == {"a": 10.0, "b": None}
    assert find_gap(9, 10) == pytest.approx(10)
    assert find_gap(0, 0) == 0


def test_peers_count_in_whole_numbers_that_never_flatter():
    instance = Instance(
        "thirds", [(0, 0), (1 / 3, 0), (1, 0), (2, 2)], [0, 5, 0, 7], 1, 1.00005, 0, 2
    )
    legs, limit, rows = peers.round_instance(instance)
    assert legs[0][:3] == [0, 3334, 10000]
    assert limit == 10000
    # A third and two thirds, both rounded up, are one unit too many.
    assert rows == []


def test_a_missing_peer_is_no_error(monkeypatch):
    monkeypatch.setitem(peers.PEERS, "nobody", ("no_such_module", None))
    assert not peers.load_peer("nobody")


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


def test_the_program_solves_a_list_and_sums_up_its_gaps(tmp_path):
    path = tmp_path / "list.txt"
    path.write_text("small_tab 20\nsmall_semicolon 20\n")
    done = subprocess.run(
        [
            *(sys.executable, str(BENCHMARK), "--iterations", "50"),
            *("--list", str(path), "--folder", str(INSTANCES)),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "of 2: mean gap 25.000 %, worst 50.00 %, 1 at the best" in done.stdout
