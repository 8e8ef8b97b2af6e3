"""Where a forward base covers most: by hand, against all choices, and on the page."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from patrolplan.cli import main
from patrolplan.planning.clock import evaluate_patrol
from patrolplan.planning.problem import PatrolDecision, Plan
from patrolplan.planning.schedule import build_schedule
from patrolplan.planning.siting import choose_places, list_covered, place_base
from patrolplan.shipped import find_shipped
from problems import build_hand_theatre, build_random_theatre


def test_a_site_is_covered_if_a_patrol_gets_there_and_back_by_hand() -> None:
    """Days of 720 min: 300 out, 120 there, 300 back fit into one; 400 each way not."""
    minutes = np.array([[0.0, 300, 400], [300, 0, 900], [400, 900, 0]])
    problem = build_hand_theatre(dwells=(120, 120), minutes=minutes).problem
    assert list_covered(problem, 0, 1) == {"s1"}
    assert list_covered(problem, 0, 2) == {"s1", "s2"}
    # A site covers itself; the base needs no covering.
    assert list_covered(problem, 2, 1) == {"s2"}


def test_what_standing_bases_cover_is_left_out_by_hand() -> None:
    """Of two sites beyond the base's day the one of greater need takes the base."""
    minutes = 900.0 * (1 - np.eye(4))
    minutes[0, 1] = minutes[1, 0] = 300.0
    problem = build_hand_theatre(
        dwells=(120, 120, 120), minutes=minutes, needs=(500.0, 30.0, 20.0)
    ).problem
    one = choose_places(problem, 1, 1)
    assert (one.places, one.need, one.standing_need) == (("s2",), 30.0, 500.0)
    assert one.is_proven
    # A third place would cover nothing more.
    three = choose_places(problem, 3, 1)
    assert (three.places, three.need) == (("s2", "s3"), 50.0)


@pytest.mark.parametrize("seed", range(6))
def test_no_choice_of_as_many_covers_more(seed) -> None:
    problem = build_random_theatre(
        seed, sites=14, bases=1, teams=1, days=7, dwell_min=(60, 200), speed=(20, 60)
    ).problem
    needs = {site.id: site.need for site in problem.sites}
    found = choose_places(problem, 2, 2)
    assert found.is_proven
    most = max(
        sum(needs[s] for s in {*found.covered[a], *found.covered[b]})
        for a, b in combinations(found.covered, 2)
    )
    assert found.need == pytest.approx(most)
    own = list_covered(problem, problem.place_index[problem.bases[0].id], 2)
    assert own.isdisjoint(s for place in found.places for s in found.covered[place])


def test_a_base_in_a_site_has_the_ways_of_the_site() -> None:
    """Its patrols take as long as those of a base that lies there already."""
    theatre = build_random_theatre(3, sites=8, bases=2, teams=1, days=10, min_days=1)
    problem, site = theatre.problem, "site03"
    widened, base_id = place_base(problem, site)
    assert widened.place_ids[:-1] == problem.place_ids
    twin, last = problem.place_index[site], len(problem.place_ids)
    for before, after in zip(problem.travel, widened.travel, strict=True):
        assert (after.durations_min[last, :-1] == before.durations_min[twin]).all()
        assert after.durations_min[last, twin] == 0
        for (one, other), blocked in before.halt_blocked.items():
            if one == twin:
                assert after.halt_blocked[last, other] == blocked
    moved = replace(problem.teams[0], base_id=base_id)
    problem = replace(widened, teams=(moved,))
    assert evaluate_patrol(problem, moved, 0, [site]).failure is None
    plan = Plan((PatrolDecision(moved.id, 0, (site,)),))
    (patrol,) = build_schedule(problem, plan).patrols
    assert patrol.base_id == base_id


def test_the_verb_writes_table_and_page_in_two_languages(tmp_path, capsys) -> None:
    file = find_shipped() / "scenarios" / "timbuktu-delta-rains.toml"
    argv = ["bases", str(file), "--iterations", "5", "--days", "30", "--json"]
    assert main([*argv, "--out", str(tmp_path)]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["proven"]
    assert said["need_covered"] <= said["total_need"] - said["standing_need"] + 1e-6
    with (tmp_path / "forward-bases.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == len(said["bases"]) == 1
    (row,) = rows
    assert float(row["more_need"]) <= float(row["more_need_at_most"])
    # 20 persons for 30 days, and packs of 2 days more in reserve.
    assert (row["person_days"], row["rations"]) == ("600", "640")
    page = (tmp_path / "forward-bases.html").read_text(encoding="utf-8")
    assert "where a forward base covers most need" in page
    assert "où une base avancée couvre le plus de besoin" in page
    assert "http" not in page.split("</style>")[1]
