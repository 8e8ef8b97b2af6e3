"""The lines of a plan drawn by lot: other ways, the same visits, all limits kept."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from patrolplan.line_draws import draw_lines
from patrolplan.network import build_network, build_travel
from patrolplan.planning.assessment import assess_plan
from patrolplan.study import build_study
from test_network import DRY, SPEEDS, build_lines


def stray(study, share: float):
    """Return the study's question with another share to stray by."""
    lines = study.scenario.lines.model_copy(update={"stray_share": share})
    return replace(study, scenario=study.scenario.replace(lines=lines))


def draw(study, share: float, seed: int):
    """Return the study's plan by lines drawn by lot, with how many differ."""
    drawn = draw_lines(stray(study, share), study.plan, np.random.default_rng(seed))
    return drawn, build_study(drawn.question, study.solution, study.plan, seed=None)


@pytest.fixture(scope="module")
def draws(study):
    return [draw(study, 1.0, seed) for seed in range(4)]


def test_legs_go_by_other_lines_and_the_referee_finds_nothing(study, draws) -> None:
    told = {varied for (_, _, varied), _ in draws}
    assert max(told) >= 1
    lines = set()
    for drawn, varied in draws:
        assert drawn.legs == 26
        assert assess_plan(varied.plan_file).violations == []
        lines.add(
            tuple(
                line
                for p in varied.plan_file.patrols
                for g in p.legs
                for line in g.lines
            )
        )
    assert len(lines) > 1


def test_visits_days_and_need_stay(study, draws) -> None:
    for _, varied in draws:
        assert varied.plan == study.plan
        assert varied.assessment.need_met == pytest.approx(study.assessment.need_met)
        for old, new in zip(
            study.plan_file.patrols, varied.plan_file.patrols, strict=True
        ):
            assert new.return_.date() <= old.return_.date()


def test_no_leg_takes_longer_than_the_share_allows(study) -> None:
    for share in (0.5, 1.0):
        drawn, _ = draw(study, share, 1)
        for old, new in zip(
            study.problem.travel, drawn.question.problem.travel, strict=True
        ):
            ways = np.isfinite(old.durations_min)
            assert (new.durations_min[ways] >= old.durations_min[ways]).all()
            most = old.durations_min[ways] * (1 + share)
            assert (new.durations_min[ways] <= most).all()


def test_a_share_of_nothing_changes_nothing(study) -> None:
    drawn, varied = draw(study, 0.0, 1)
    assert drawn.varied == 0
    assert varied.plan_file == study.plan_file.model_copy(update={"seed": None})


def test_the_same_seed_draws_the_same_lines(study, draws) -> None:
    _, again = draw(study, 1.0, 0)
    assert again.plan_file == draws[0][1].plan_file


def test_a_line_that_is_shunned_is_gone_round_and_costs_what_it_costs() -> None:
    # From a to b 60 km by road, 60 min; round by c 40 + 40 = 80 km, 80 min. Shunned,
    # the road seems to take 60 x (1 + 0.5) = 90 min.
    network = build_network(
        build_lines(
            ("straight", [(0, 16), (1, 16)], {"length_km": 60}),
            ("out", [(0, 16), (0.5, 16.2)], {"length_km": 40}),
            ("back", [(0.5, 16.2), (1, 16)], {"length_km": 40}),
        ),
        {"a": (0.0, 16.0), "b": (1.0, 16.0)},
        snap_km=1.0,
    )
    quick = build_travel(network, SPEEDS, ["a", "b"], DRY)
    shunned = replace(DRY, strays=(("straight", 0.5),))
    round_ = build_travel(network, SPEEDS, ["a", "b"], shunned)
    assert quick.durations_min[0, 1] == pytest.approx(60)
    assert round_.durations_min[0, 1] == pytest.approx(80)
    mixed = quick.take_cells(round_, [(0, 1)])
    assert mixed.lengths_m[0, 1] == pytest.approx(80_000)
    assert mixed.lengths_m[1, 0] == pytest.approx(60_000)
    assert [piece.line_id for piece in mixed.trace("a", "b")] == ["out", "back"]
    assert [piece.line_id for piece in mixed.trace("b", "a")] == ["straight"]
    # A row taken of another state brings its own ways along.
    rowed = quick.take_row(mixed, "a")
    assert [piece.line_id for piece in rowed.trace("a", "b")] == ["out", "back"]
