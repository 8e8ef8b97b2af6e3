"""Problems too large for prices and bounds, and work that must not grow with sites."""

from __future__ import annotations

import numpy as np
import pytest

from patrolplan.errors import ProblemError
from patrolplan.planning import extension
from patrolplan.planning.bound import Bounding
from patrolplan.planning.estimation import estimate_bound
from patrolplan.planning.openings import Openings
from patrolplan.planning.posed import Posed
from patrolplan.planning.problem import Plan
from patrolplan.planning.reasons import find_reasons
from patrolplan.planning.solver import solve
from patrolplan.planning.tables import RowLists, build_tables
from test_synthetic_mali import build_synthetic_mali, check_by_hand


@pytest.fixture
def crowded(monkeypatch):
    """A problem of which no grid may be held."""
    monkeypatch.setattr("patrolplan.planning.grids._MOST_CELLS", 1000)
    return build_synthetic_mali(40, 3, bases=2, seed=1)


def test_what_is_too_large_to_bound_is_refused_by_name(crowded) -> None:
    posed = Posed(crowded)
    with pytest.raises(ProblemError, match="sites in reach of each of") as caught:
        Bounding(posed, posed.needs)
    (fault,) = caught.value.faults
    assert "1,000 cells" in fault.expected


def test_it_is_planned_by_search_alone(crowded) -> None:
    solution = solve(crowded, seed=1, iterations=40)
    assert check_by_hand(crowded, solution.plan) == pytest.approx(solution.need)
    # All need in reach: nothing better is known.
    assert solution.bound == pytest.approx(estimate_bound(crowded))
    assert 0 < solution.gap < 1
    assert solution.patrols == ()
    again = solve(crowded, seed=1, iterations=40)
    assert again.plan == solution.plan


def test_its_sites_left_out_have_reasons_without_prices(crowded) -> None:
    solution = solve(crowded, seed=1, iterations=10)
    reasons = find_reasons(crowded, solution.plan, solution)
    visited = {s for patrol in solution.plan.patrols for s in patrol.site_ids}
    assert set(reasons) == {site.id for site in crowded.sites} - visited
    assert {entry.reason for entry in reasons.values()} == {"no_time_left"}


def test_a_longer_horizon_is_worked_out_once_for_all_sites(monkeypatch) -> None:
    """At every site left out it took a copy of all travel."""
    made = []
    extend = extension.extend_horizon

    def count(problem, days):
        made.append(days)
        return extend(problem, days)

    monkeypatch.setattr(extension, "extend_horizon", count)
    problem = build_synthetic_mali(30, 2, bases=1, seed=1, days=2)
    reasons = find_reasons(problem, Plan())
    assert len(reasons) == 30
    openings = Openings(problem, Plan())
    for place in range(5):
        extension.find_extension(openings, place, ())
    assert len(made) == 1


def test_teams_that_are_alike_are_looked_at_once() -> None:
    problem = build_synthetic_mali(10, 6, bases=2, seed=1)
    openings = Openings(problem, Plan())
    assert [team.id for team in openings.kinds] == ["team-00", "team-01"]


def test_rows_of_a_matrix_are_lists_only_once_read() -> None:
    cells = np.arange(12.0).reshape(3, 4)
    rows = RowLists(cells)
    assert len(rows) == 0
    assert rows[1] == [4.0, 5.0, 6.0, 7.0]
    assert rows[1] is rows[1]
    assert len(rows) == 1
    tables = build_tables(build_synthetic_mali(10, 2, seed=1))
    assert all(not rows for rows in tables.vehicles["truck"].durations_min)
