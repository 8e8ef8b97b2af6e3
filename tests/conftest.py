"""What many tests read and none changes: the built-in scenario, its layers, a plan."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

from patrolplan.cli import main
from patrolplan.layers import read_layers
from patrolplan.scenario import read_scenario
from patrolplan.shipped import find_shipped
from patrolplan.study import plan_patrols
from small_scenarios import write_grid
from theatre import Theatre, copy_theatre

# The same examples on every run: a red run is a change, never a draw. To look for new
# ones: HYPOTHESIS_PROFILE=search.
settings.register_profile("house", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))

# Enough rounds to visit what matters: tests of quality choose their own.
FEW_ROUNDS = 40


@pytest.fixture(scope="session")
def scenario():
    path = find_shipped() / "scenarios" / "north-mali.toml"
    return read_scenario(path).replace(iterations=FEW_ROUNDS)


@pytest.fixture(scope="session")
def layers(scenario):
    return read_layers(scenario)


@pytest.fixture(scope="session")
def study(scenario):
    return plan_patrols(scenario)


@pytest.fixture
def theatre(tmp_path) -> Theatre:
    return copy_theatre(tmp_path / "theatre")


@pytest.fixture(scope="session")
def grid(tmp_path_factory):
    """A grid of six small variants, two of them broken."""
    return write_grid(tmp_path_factory.mktemp("grid"))


@pytest.fixture(scope="session")
def planned_grid(tmp_path_factory, grid):
    """The folder of its batch, as one process plans it."""
    out = tmp_path_factory.mktemp("planned")
    assert main(["batch", str(grid), "--jobs", "1", "--out", str(out)]) == 1
    return out
