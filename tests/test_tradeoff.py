"""Need against crew exposure and fuel: by hand, against every plan, and on the page."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from functools import cache
from itertools import permutations

import numpy as np
import pytest

from patrolplan.cli import main
from patrolplan.planning import frontier
from patrolplan.planning.assessment import assess_plan
from patrolplan.planning.charges import sum_charges
from patrolplan.planning.every_patrol import run_all
from patrolplan.planning.frontier import FrontPoint, find_front
from patrolplan.planning.outlay import (
    Outlay,
    build_charges,
    measure_columns,
    measure_outlay,
)
from patrolplan.planning.posed import Posed
from patrolplan.planning.problem import PatrolDecision, Plan
from patrolplan.planning.schedule import build_schedule
from patrolplan.planning.solver import solve
from patrolplan.products.tables import format_csv
from patrolplan.products.tradeoff import (
    place_marks,
    render_tradeoff,
    tabulate_tradeoff,
    word_point,
)
from patrolplan.shipped import find_shipped
from patrolplan.study import build_study
from patrolplan.tradeoff import Tradeoff, _describe
from problems import (
    add_fuel,
    add_waysides,
    build_hand_theatre,
    build_plan_file,
    build_random_theatre,
)


def build_small(seed, **more):
    return build_random_theatre(
        seed,
        sites=5,
        bases=2,
        teams=2,
        days=6,
        min_days=1,
        max_days=4,
        rest_days=1,
        speed=(30, 60),
        dwell_min=(60, 200),
        **more,
    )


@cache
def solve_small(seed, kind):
    theatre = build_small(seed, conditions=kind == "conditions")
    problem = theatre.problem
    if kind == "ways":
        problem = add_waysides(problem, seed)
    if kind == "fuel":
        problem = add_fuel(problem, seed)
    return problem, solve(problem, seed=seed, iterations=100)


@cache
def list_all_plans(seed, kind):
    """Return need, exposure and fuel of every plan there is, by trying all."""
    problem, _ = solve_small(seed, kind)
    posed = Posed(problem)
    # By team: its patrols, with what each spends.
    runs = []
    for team, of_kind in zip(problem.teams, posed.kinds, strict=True):
        own = []
        places = posed.reached[of_kind]
        for count in range(1, len(places) + 1):
            for order in permutations(places, count):
                for day in range(problem.horizon_days):
                    column = posed.run(of_kind, day, order)
                    if column is None:
                        continue
                    sites = tuple(problem.place_ids[place] for place in order)
                    plan = Plan((PatrolDecision(team.id, day, sites),))
                    own.append((column, measure_outlay(problem, plan)))
        runs.append(own)
    found = {}

    def extend(number, ready, columns, spent):
        if number == len(runs):
            visited = [place for column in columns for place in column.places]
            need = sum(float(posed.needs[place]) for place in visited)
            need += posed.measure_waysides(columns)
            key = (round(spent[0], 6), round(spent[1], 6))
            found[key] = max(need, found.get(key, 0.0))
            return
        extend(number + 1, 0, columns, spent)
        seen = {place for column in columns for place in column.places}
        for column, outlay in runs[number]:
            if column.depart_day < ready or seen.intersection(column.places):
                continue
            extend(
                number,
                column.return_day + problem.teams[number].rest_days + 1,
                [*columns, column],
                (spent[0] + outlay[0], spent[1] + outlay[1]),
            )

    extend(0, 0, [], (0.0, 0.0))
    return np.array([[need, *key] for key, need in found.items()])


def test_exposure_and_fuel_by_hand() -> None:
    """16 people leave at 06:00, drive 300 min, stay 120, drive 300: 12 h out.

    So 192 crew-hours; and 600 min at 0.1 L, for each of 4 vehicles, are 240 L.
    """
    problem = build_hand_theatre(dwells=(120,)).problem
    plan = Plan((PatrolDecision("t1", 0, ("s1",)),))
    assert measure_outlay(problem, plan) == pytest.approx((192.0, 240.0))
    assert measure_outlay(problem, Plan(())) == (0.0, 0.0)


def test_nights_out_count_by_hand() -> None:
    """A dwell of 180 min leaves 240 min of 300 for the first day: home at 07:00.

    06:00 to 07:00 of the next day are 25 hours, of 16 people 400 crew-hours.
    """
    problem = build_hand_theatre(dwells=(180,)).problem
    plan = Plan((PatrolDecision("t1", 0, ("s1",)),))
    assert measure_outlay(problem, plan).exposure_h == pytest.approx(400.0)


def test_teams_alike_may_differ_in_people() -> None:
    problem = build_hand_theatre(dwells=(120,)).problem
    (team,) = problem.teams
    more = replace(team, id="t2", people=20, vehicles=5)
    posed = Posed(replace(problem, teams=(team, more)))
    column = posed.run(0, 0, (1,))
    least, most = measure_columns(posed, [column])
    assert least[0] == pytest.approx((192.0, 240.0))
    assert most[0] == pytest.approx((240.0, 300.0))


@pytest.mark.parametrize("seed", range(4))
def test_no_patrol_is_charged_more_than_it_spends(seed) -> None:
    problem = add_fuel(build_small(seed, conditions=True).problem, seed)
    posed = Posed(problem)
    columns = run_all(posed)
    least, _ = measure_columns(posed, columns)
    assert columns
    for rates in ((1.0, 0.0), (0.0, 1.0), (0.3, 2.0)):
        charges = build_charges(posed, *rates)
        for column, outlay in zip(columns, least, strict=True):
            spent = rates[0] * outlay.exposure_h + rates[1] * outlay.fuel_l
            assert 0.0 <= sum_charges(charges, [column]) <= spent * (1 + 1e-9) + 1e-6


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("kind", ["plain", "ways", "fuel"])
@pytest.mark.parametrize("seed", range(3))
def test_points_are_what_every_plan_says(seed, kind, whole, monkeypatch) -> None:
    """Exact is Pareto optimal among all plans; best found is within its bound."""
    if not whole:
        monkeypatch.setattr(frontier, "can_run_all", lambda posed: False)
    problem, solution = solve_small(seed, kind)
    front = find_front(problem, solution, 7)
    plans = list_all_plans(seed, kind)
    if whole:
        assert all(point.is_exact for point in front)
    for point in front:
        here = plans[
            (plans[:, 1] <= point.outlay.exposure_h + 1e-5)
            & (plans[:, 2] <= point.outlay.fuel_l + 1e-5)
        ]
        most = here[:, 0].max()
        assert point.need <= most * (1 + 1e-9)
        assert most <= point.bound * (1 + 1e-6)
        if point.is_exact:
            assert most <= point.need * (1 + 2e-5)


@pytest.mark.parametrize("seed", range(6))
def test_no_point_dominates_and_more_means_never_meet_less(seed) -> None:
    theatre = build_random_theatre(
        seed,
        sites=12,
        bases=2,
        teams=3,
        days=8,
        min_days=1,
        max_days=5,
        required=seed % 2,
        conditions=seed > 2,
    )
    problem = theatre.problem
    solution = solve(problem, seed=seed, iterations=60)
    front = find_front(problem, solution, 7)
    assert 1 <= len(front) <= 7
    for one in front:
        # As the documents are measured that are handed out.
        schedule = build_schedule(problem, one.plan)
        plan_file = build_plan_file(theatre, schedule)
        broken = [v.rule for v in assess_plan(plan_file).violations]
        assert set(broken) <= {"required_not_visited", "group_not_visited"}
        assert plan_file.assessment.need_met == pytest.approx(one.need)
        assert one.outlay == pytest.approx(measure_outlay(problem, one.plan))
        assert one.need <= one.bound * (1 + 1e-9)
        for other in front:
            assert not one.dominates(other)
            if all(a <= b for a, b in zip(one.outlay, other.outlay, strict=True)):
                assert one.need <= other.need
    assert front[0].need >= solution.need * (1 - 1e-9)
    if solution.gap < 1e-6:
        assert front[0].need == pytest.approx(solution.need)
    again = find_front(problem, solution, 7)
    assert again == front


def test_the_best_plan_is_the_first_point() -> None:
    problem, solution = solve_small(0, "plain")
    first = find_front(problem, solution, 3)[0]
    assert first.need == solution.need
    assert find_front(problem, solution, 1) == (
        FrontPoint(
            solution.plan,
            solution.need,
            solution.bound,
            measure_outlay(problem, solution.plan),
        ),
    )


def build_found(names=None) -> Tradeoff:
    """Return two points by hand, the second short of its bound."""
    whole = Plan((PatrolDecision("t1", 0, ("a", "b")), PatrolDecision("t2", 1, ("c",))))
    less = Plan((PatrolDecision("t1", 0, ("a",)),))
    best = FrontPoint(whole, 100.0, 100.0, Outlay(200.0, 50.0))
    part = FrontPoint(less, 45.0, 60.0, Outlay(80.0, 10.0))
    return Tradeoff(
        "hand",
        (_describe(best, best), _describe(best, part)),
        names or {"a": ("A", "A"), "b": ("Bee", "Abeille"), "c": ("C", "C")},
    )


def test_a_point_is_told_in_both_languages() -> None:
    found = build_found()
    text = word_point(found, found.points[1])
    assert text.en == (
        "Meets 45 % of the best plan's need with 40 % of its crew hours and 20 % of "
        "its fuel. Gives up 2 sites: Bee, C. 1 patrol is not sent: t2. Best found: a "
        "plan with no more of both might meet more, of which this one lacks 25 % at "
        "most."
    )
    assert "Renonce à 2 localités : Abeille, C." in text.fr
    assert "Sert 45 % du besoin" in text.fr
    assert "25 %" in text.fr
    row = tabulate_tradeoff(found).iloc[1]
    assert (row["given_up"], row["not_sent"], row["state"]) == (
        "b, c",
        "t2",
        "best_found",
    )
    first, second = place_marks(found)
    assert first.x == 610.0
    assert second.x == pytest.approx(70 + 540 * 0.4)
    assert second.top < second.y


def test_hostile_names_stay_text() -> None:
    evil = "<script>alert(1)</script>"
    found = build_found({"b": (evil, evil)})
    lost = replace(found.points[1], lost=("=1+1",), stays=("@t",))
    found = replace(found, points=(found.points[0], lost))
    page = render_tradeoff(replace(found, name=evil))
    assert evil not in page
    assert "&lt;script&gt;" in page
    table = format_csv(tabulate_tradeoff(found))
    assert all(
        not cell.startswith("=")
        for row in csv.reader(table.splitlines())
        for cell in row
    )


def test_the_verb_writes_table_and_page_in_two_languages(tmp_path, capsys) -> None:
    file = find_shipped() / "scenarios" / "gao-menaka-dry.toml"
    argv = ["tradeoff", str(file), "--iterations", "5", "--points", "3"]
    assert main([*argv, "--out", str(tmp_path), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["status"] == "draft"
    with (tmp_path / "tradeoff.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == len(said["points"]) >= 2
    assert {row["plan_status"] for row in rows} == {"draft"}
    assert float(rows[0]["need_met"]) > float(rows[1]["need_met"])
    page = (tmp_path / "tradeoff.html").read_text(encoding="utf-8")
    assert "need met against crew exposure and fuel" in page
    assert "exposition des équipages et le carburant" in page
    assert "CONFIDENTIAL" in page
    assert page.count("<circle") == len(rows)
    assert "http" not in page.split("</style>")[1]
    # Byte for byte the same again, and in words.
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    assert main([*argv, "--out", str(tmp_path), "--lang", "fr"]) == 0
    assert "du besoin du meilleur plan" in capsys.readouterr().out
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


def test_the_referee_accepts_the_plans_of_the_built_in_front(study) -> None:
    front = find_front(study.problem, study.solution, 4)
    assert len(front) >= 3
    for point in front:
        worked = build_study(study, study.solution, point.plan, seed=None)
        assert assess_plan(worked.plan_file).violations == []
        assert worked.assessment.need_met == pytest.approx(point.need)
        crew_h = sum(
            team.people * (patrol.return_ - patrol.depart).total_seconds() / 3600
            for patrol in worked.plan_file.patrols
            for team in worked.plan_file.teams
            if team.id == patrol.team_id
        )
        assert point.outlay.exposure_h == pytest.approx(crew_h)
