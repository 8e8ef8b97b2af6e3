"""The referee and its slow twin find the same rules broken, in plans of every kind."""

from __future__ import annotations

import copy
import random
from collections import Counter

import pytest

from breakable_plans import plan_by_hand, plan_under_way, write_hazards
from broken_claims import CLAIM_CHANGES
from broken_movement import MOVEMENT_CHANGES
from patrolplan.news import News
from patrolplan.planfile import PlanFile
from patrolplan.planning import (
    assessment,
    rules,
)
from patrolplan.products.sentences import list_codes
from patrolplan.replanning import replan_patrols
from slow_referee import judge_slowly

RULES = set(list_codes("rule"))
# Movement is broken in more ways than there are functions that break it.
CHANGES = (*MOVEMENT_CHANGES, *MOVEMENT_CHANGES, *CLAIM_CHANGES)


def find_broken(document) -> set[tuple[str, str | None]]:
    found = assessment.assess_plan(PlanFile.model_validate(document)).violations
    return {(broken.rule, broken.patrol_id) for broken in found}


def compare(document, seeds) -> Counter[str]:
    """Break a plan at random, judge it by both, and count which rules were met."""
    met: Counter[str] = Counter()
    for seed in seeds:
        rng = random.Random(seed)
        broken = copy.deepcopy(document)
        for _ in range(rng.choice([0, 1, 1, 1, 2, 3])):
            rng.choice(CHANGES)(broken, rng)
        found, expected = find_broken(broken), judge_slowly(broken)
        assert found == expected, (seed, sorted(found ^ expected, key=str))
        met.update(rule for rule, _ in found)
        met["none"] += not found
    return met


@pytest.mark.parametrize("plan", [plan_by_hand, plan_under_way])
def test_the_plans_to_break_are_whole(plan):
    assert find_broken(plan()) == judge_slowly(plan()) == set()


def test_the_twins_agree_on_plans_broken_at_random():
    met = compare(plan_by_hand(), range(400))

    assert met["none"] > 20
    assert len(met) > 35, sorted(RULES - set(met))


def test_the_twins_agree_on_patrols_under_way_broken_at_random():
    met = compare(plan_under_way(), range(2000, 2200))

    assert met["none"] > 10


def test_the_twins_agree_on_a_plan_of_the_theatre_broken_at_random(study):
    met = compare(write_hazards(study.plan_file), range(1000, 1030))

    assert met["none"] > 1


@pytest.mark.soak
def test_the_twins_agree_on_two_thousand_plans(study, scenario):
    met = compare(plan_by_hand(), range(10_000, 11_000))
    met += compare(plan_under_way(), range(30_000, 30_500))
    met += compare(write_hazards(study.plan_file), range(20_000, 20_250))
    closed = News(closed=("koriome-ferry",))
    day = scenario.days[2]
    later = replan_patrols(study.plan_file, scenario, day, closed, workers=1)
    met += compare(write_hazards(later.plan_file), range(40_000, 40_250))

    print(f"\n2,000 plans, {met['none']} break nothing; {dict(met)}")  # noqa: T201
    assert RULES - set(met) == set()


@pytest.mark.parametrize(
    ("module", "judge"),
    [
        (rules, "_judge_halts"),
        (rules, "_judge_joints"),
        (rules, "_judge_piece"),
        (rules, "judge_roster"),
        (rules, "judge_supplies"),
        (rules, "judge_keeping"),
        (rules, "judge_casualty"),
        (rules, "judge_closed_gates"),
        (assessment, "judge_status"),
        (assessment, "judge_passings"),
        (assessment, "_judge_needs"),
        (assessment, "_judge_bound"),
        (assessment, "_compare_unserved"),
        (assessment, "_compare_figures"),
    ],
)
def test_a_referee_that_forgets_a_rule_disagrees(module, judge, monkeypatch):
    monkeypatch.setattr(module, judge, lambda *_: iter(()))

    with pytest.raises(AssertionError):
        compare(plan_by_hand(), range(400))
