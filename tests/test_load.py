"""The loads of benchmarks/load.py at small size: each ends, and tells what it took."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from patrolplan.grid import read_grid
from patrolplan.planning.solver import solve
from patrolplan.safety_figures import SafetyFigures
from patrolplan.study import build_question
from test_synthetic_mali import check_by_hand

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
import load
from load import LIMITS
from synthetic_country import build_country, build_country_problem, write_country

ON_LINUX = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="memory is read from /proc"
)


def test_a_country_is_the_same_again() -> None:
    first, again = (build_country(80, 6, 3, seed=5) for _ in range(2))
    other = build_country(80, 6, 3, seed=6)
    assert all((a == b).all() for a, b in zip(first, again, strict=True))
    assert (first.spots != other.spots).any()


def test_a_country_is_planned_as_layers_and_without(tmp_path) -> None:
    country = build_country(40, 4, 2, seed=1)
    problem = build_country_problem(country)
    solution = solve(problem, seed=1, iterations=20)
    assert check_by_hand(problem, solution.plan) == pytest.approx(solution.need)
    file = write_country(country, tmp_path / "country", iterations=20)
    question = build_question(file)
    assert len(question.problem.sites) == 40
    assert len(question.problem.teams) == 4
    assert not question.network.unjoined


def test_each_limit_of_safety_has_a_load_of_its_usual_value() -> None:
    fields = SafetyFigures.model_fields
    assert {limit.figure for limit in LIMITS} | {"most_ways"} == set(fields)
    for limit in LIMITS:
        assert limit.usual == fields[limit.figure].default, limit.figure


@ON_LINUX
def test_what_is_beyond_a_limit_is_told_with_time_and_memory(tmp_path) -> None:
    row = next(load.measure_limits(load.SMALL, tmp_path))
    assert row["load"] == "limit largest_file_mb"
    assert "safety.largest_file_mb is the limit" in row["refusal"]
    assert row["seconds"] > 0
    assert row["peak_mb"] > 10


@ON_LINUX
def test_a_country_is_planned_by_the_command(tmp_path) -> None:
    sizes = load.SMALL._replace(whole_sites=30, whole_teams=3, iterations=5)
    (row,) = load.measure_whole(sizes, tmp_path)
    assert row["visits"] > 0
    assert row["violations"] == 0
    assert row["pack_mb"] > row["map_mb"] > 0
    assert row["peak_mb"] > 10
    assert "sites visited" in load.describe(row)


@ON_LINUX
def test_the_script_prints_a_load_and_saves_it(tmp_path) -> None:
    answer = tmp_path / "build" / "load.json"
    command = [sys.executable, load.__file__, "--small", "--only", "network"]
    sizes = ["--nodes", "3000", "--places", "20", "--json", str(answer)]
    done = subprocess.run([*command, *sizes], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (row,) = json.loads(answer.read_text(encoding="utf-8"))["rows"]
    assert row["joined"] > 0.5
    assert len(done.stdout.splitlines()) == 2


def test_a_grid_of_a_thousand_scenarios_is_read(tmp_path) -> None:
    grid = load.write_grid(tmp_path, 1000, 5)
    variants = read_grid(grid)
    assert len({variant.name for variant in variants}) == 1000
    assert all(variant.scenario is not None for variant in variants)
