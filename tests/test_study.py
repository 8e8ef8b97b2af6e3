"""The natural path: a plan does what was asked, adds up, and comes out the same."""

from __future__ import annotations

import socket
from datetime import date
from pathlib import Path

import pytest

from patrolplan.casualty import CASUALTY_NOTICES
from patrolplan.planfile import format_plan
from patrolplan.planning.assessment import assess_plan
from patrolplan.study import plan_patrols
from theatre import copy_theatre

ROUNDS = 30


def list_visits(plan) -> set[str]:
    return {
        stop.site_id
        for patrol in plan.patrols
        for stop in patrol.stops
        if stop.kind == "visit"
    }


def list_driven(plan) -> set[str]:
    return {line for p in plan.patrols for leg in p.legs for line in leg.lines}


@pytest.fixture(scope="module")
def plan(study):
    return study.plan_file


# What a plan holds


def test_the_referee_finds_no_broken_rule(plan) -> None:
    assert assess_plan(plan).violations == []


def test_the_plan_says_what_its_issue_asks(plan, study) -> None:
    assert len(plan.patrols) >= 4
    assert len({patrol.base_id for patrol in plan.patrols}) >= 3
    for patrol in plan.patrols:
        assert 3 <= (patrol.return_.date() - patrol.depart.date()).days + 1 <= 14
    assert "koriome-ferry" in list_driven(plan)
    reasons = {entry.reason for entry in plan.assessment.unserved}
    assert "out_of_range" in reasons
    # Nothing is said but what the river does in November, and where surgery is far.
    told = {notice.code for notice in study.notices} - CASUALTY_NOTICES
    assert told == {"flood_closes", "cause_cuts", "causes_cut"}


def test_unserved_are_exactly_the_sites_without_a_visit(plan) -> None:
    unserved = [entry.site_id for entry in plan.assessment.unserved]
    assert len(unserved) == len(set(unserved))
    assert set(unserved) == {site.id for site in plan.sites} - list_visits(plan)


def test_the_sums_of_the_assessment_add_up_again(plan) -> None:
    found = plan.assessment
    needs = [site.need for site in plan.sites if site.need is not None]
    earned = sum(part.need_earned for p in plan.patrols for part in (*p.stops, *p.legs))
    assert found.need_total == pytest.approx(sum(needs))
    assert found.need_met == pytest.approx(earned)
    parts = found.first_visits + found.repeats + found.passed + found.lines
    assert found.need_met == pytest.approx(parts)
    assert found.gap == pytest.approx(
        (found.need_bound - found.need_met) / found.need_bound
    )
    assert found.unknown_total == sum(site.need is None for site in plan.sites)
    known = {site.id: site.population or 0 for site in plan.sites}
    assert found.people_total == sum(known.values())
    assert found.people_reached == sum(known[site] for site in list_visits(plan))


def test_unknown_need_is_null_in_the_document(plan, study) -> None:
    for site in plan.sites:
        known = study.need["need"][site.id]
        assert (site.need is None) == (known != known)
        assert site.population is None or site.population > 0


def test_the_sites_of_a_study_say_who_visits_them(study, plan) -> None:
    visited = study.sites["visited_by"].dropna()
    assert set(visited.index) == list_visits(plan)
    assert set(visited) <= {patrol.id for patrol in plan.patrols}


def test_the_drawn_way_begins_and_ends_where_its_stops_are(plan) -> None:
    for patrol in plan.patrols:
        for number, leg in enumerate(patrol.legs):
            for stop, spot in (
                (patrol.stops[number], leg.geometry.coordinates[0]),
                (patrol.stops[number + 1], leg.geometry.coordinates[-1]),
            ):
                assert (stop.lon, stop.lat) == pytest.approx(spot, abs=1e-5)


def test_every_input_is_named_from_the_scenario_with_its_hash(plan) -> None:
    assert [entry.path for entry in plan.inputs][:2] == [
        "north-mali.toml",
        "../data/geo/population/population.geojson",
    ]
    assert len(plan.inputs) == 27
    for entry in plan.inputs:
        assert len(entry.sha256) == 64
        assert not Path(entry.path).is_absolute()


def test_no_path_host_or_user_of_this_machine_is_in_the_plan(
    tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "host-of-the-planner")
    monkeypatch.setenv("HOSTNAME", "host-of-the-planner")
    monkeypatch.setenv("USER", "name-of-the-planner")
    theatre = copy_theatre(tmp_path / "folder-of-the-planner")
    text = format_plan(plan_patrols(theatre.file, iterations=1).plan_file)
    assert "of-the-planner" not in text
    assert '"/' not in text


# What was asked


def test_the_same_seed_gives_the_same_bytes(scenario, plan) -> None:
    assert format_plan(plan_patrols(scenario).plan_file) == format_plan(plan)


def test_the_folder_of_a_scenario_leaves_no_trace_in_its_plan(tmp_path) -> None:
    one, other = (
        plan_patrols(copy_theatre(tmp_path / name).file, iterations=1).plan_file
        for name in ("a", "b/c")
    )
    assert format_plan(one) == format_plan(other)


def test_a_change_of_season_makes_two_matrices_and_a_sound_plan(scenario) -> None:
    asked = scenario.replace(start=date(2014, 9, 8), horizon_days=22)
    found = plan_patrols(asked, iterations=ROUNDS).plan_file
    assert [(t.from_date, t.to_date) for t in found.travel] == [
        (date(2014, 9, 8), date(2014, 9, 20)),
        (date(2014, 9, 21), date(2014, 9, 29)),
    ]
    assert found.patrols
    assert any(
        patrol.depart.date() <= date(2014, 9, 20) < patrol.return_.date()
        for patrol in found.patrols
    )
    assert assess_plan(found).violations == []


def list_idle(study) -> list[str]:
    return [n.values["team_id"] for n in study.notices if "team_id" in n.values]


def test_a_base_closed_by_the_scenario_sends_nobody_out(scenario) -> None:
    asked = scenario.replace(bases={"closed": ("base-kidal",)})
    closed = plan_patrols(asked, iterations=ROUNDS)
    assert list_idle(closed) == ["kidal"]
    assert "base-kidal" not in {p.base_id for p in closed.plan_file.patrols}
    assert "base-kidal" not in {base.id for base in closed.plan_file.bases}
    assert "kidal" not in {team.id for team in closed.plan_file.teams}
    # Nobody stands there day by day any more: the town needs a visit.
    assert closed.need["need"]["kidal"] > 0
    assert closed.assessment.violations == []


def test_a_base_that_the_layer_ends_too_early_sends_nobody_out(theatre) -> None:
    rows = theatre.read_rows("bases")
    number = next(n for n, row in enumerate(rows) if row["id"] == "base-gao")
    theatre.set_cell("bases", number, "valid_to", "2014-11-20")
    closed = plan_patrols(theatre.file, iterations=ROUNDS)
    assert list_idle(closed) == ["gao"]
    assert "base-gao" not in {p.base_id for p in closed.plan_file.patrols}
    assert closed.assessment.violations == []


def test_a_required_site_is_visited(scenario, plan) -> None:
    assert "lere" not in list_visits(plan)
    asked = scenario.replace(sites={"required": ("LÉRÉ",)})
    found = plan_patrols(asked, iterations=ROUNDS).plan_file
    assert "lere" in list_visits(found)
    assert found.assessment.violations == []


def test_a_required_site_out_of_reach_is_a_broken_rule_not_an_error(scenario) -> None:
    asked = scenario.replace(sites={"required": ("Taoudenni",)})
    found = plan_patrols(asked, iterations=ROUNDS).plan_file
    assert found.patrols
    assert len(found.assessment.violations) == 1


def test_nobody_crosses_a_closed_ferry(scenario, plan) -> None:
    assert "koriome-ferry" in list_driven(plan)
    asked = scenario.replace(lines={"closed": ("koriome-ferry",)})
    found = plan_patrols(asked, iterations=ROUNDS).plan_file
    assert found.patrols
    assert "koriome-ferry" not in list_driven(found)
    assert found.assessment.violations == []


def test_night_movement_shortens_patrols_and_is_accepted(scenario) -> None:
    asked = scenario.replace(movement={"night_movement": True})
    found = plan_patrols(asked, iterations=ROUNDS).plan_file
    assert found.patrols
    assert found.assessment.violations == []


def test_a_fixed_window_is_kept_by_every_leg(scenario) -> None:
    asked = scenario.replace(movement={"fixed_window": ("08:00", "15:00")})
    found = plan_patrols(asked, iterations=ROUNDS).plan_file
    assert found.assessment.violations == []
    for patrol in found.patrols:
        for leg in patrol.legs:
            assert leg.depart.hour >= 8
            assert (leg.arrive.hour, leg.arrive.minute) <= (15, 0)


def test_another_time_zone_gives_a_sound_plan(scenario) -> None:
    asked = scenario.replace(timezone="Africa/Niamey")
    found = plan_patrols(asked, iterations=ROUNDS).plan_file
    assert found.patrols
    assert found.assessment.violations == []


def test_an_interrupt_leaves_a_plan_that_says_so(scenario) -> None:
    def interrupt(progress):
        if progress.need > 0:
            raise KeyboardInterrupt

    study = plan_patrols(scenario, iterations=10, on_progress=interrupt)
    assert study.plan.patrols
    assert "ended_early" in {notice.code for notice in study.notices}
    assert not study.assessment.violations


def test_a_progress_call_hears_every_round_to_the_end(scenario) -> None:
    heard = []
    study = plan_patrols(scenario, iterations=10, on_progress=heard.append)
    assert heard[-1].need == study.solution.need
