"""Month after month: memory summed by hand, rest over the edge, one bad month."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrolplan.campaign import (
    COVERAGE_COLUMNS,
    VISIT_COLUMNS,
    gather_campaign,
    list_visit_days,
    plan_campaign,
)
from patrolplan.cli import main
from patrolplan.errors import ScenarioError
from patrolplan.months import find_rest, pose_month
from patrolplan.planfile import EarlierPlan, PlanFile, format_plan
from patrolplan.planning.assessment import assess_plan
from patrolplan.products.campaign_page import (
    NEVER,
    WAITS,
    find_wait_class,
    render_campaign_page,
)
from patrolplan.products.campaign_rows import (
    describe_campaign,
    tabulate_visits,
)
from patrolplan.products.wholeness import is_whole
from patrolplan.scenario import read_scenario
from patrolplan.study import build_question


@pytest.fixture(scope="module")
def file(scenario, tmp_path_factory):
    """Return the built-in scenario with two teams and few rounds: quick months."""
    text, teams = scenario.path.read_text(encoding="utf-8").split("[[teams]]", 1)
    geo = scenario.path.parents[1] / "data" / "geo"
    text = text.replace("../data/geo", geo.as_posix())
    text = text.replace("seed = 42", "seed = 42\niterations = 40")
    text = text.replace("horizon_days = 28", "horizon_days = 14")
    kept = [t for t in teams.split("[[teams]]") if "gao" in t or "sevare" in t]
    path = tmp_path_factory.mktemp("asked") / "small.toml"
    text = "[[teams]]".join([text, *kept]).replace("rest_days = 21", "rest_days = 9")
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def asked(file):
    return read_scenario(file)


@pytest.fixture(scope="module")
def found(asked):
    return plan_campaign(asked, 2)


def test_a_site_visited_in_a_month_weighs_less_in_the_next(found, asked) -> None:
    first, second = (month.plan for month in found.months)
    # Themes have their dates: the whole need is that of the second month.
    whole = build_question(pose_month(asked, 2, [])[0]).need["need"].to_dict()
    cadence = {
        "must": asked.visits.cadence_days["must"],
        "should": asked.visits.cadence_days["should"],
        "could": asked.visits.cadence_days["could"],
        "unknown": asked.visits.cadence_days["should"],
    }
    visited = {site: max(days) for site, days in list_visit_days(first).items()}
    assert len(visited) > 3
    for site in second.sites:
        if site.id not in visited:
            assert site.need_regrown == 1.0
            assert site.need == pytest.approx(whole[site.id]) or site.need is None
            continue
        since = (asked.start + timedelta(14) - visited[site.id]).days
        share = min(1.0, since / cadence[site.visit_tier])
        assert site.last_visit == visited[site.id]
        assert site.need_regrown == pytest.approx(share)
        if site.need is None:
            assert pd.isna(whole[site.id])
        else:
            assert site.need == pytest.approx(whole[site.id] * share)
            assert sum(site.themes.values()) == pytest.approx(site.need)
    assert any(site.need_regrown < 1 for site in second.sites)


def test_months_are_the_horizon_and_teams_rest_over_their_edge(found, asked) -> None:
    assert [month.first_day for month in found.months] == [
        date(2014, 11, 3),
        date(2014, 11, 17),
    ]
    first, second = (month.plan for month in found.months)
    zone = UTC  # Bamako keeps UTC all the year.
    rest = {team.id: team.rest_days for team in asked.teams}
    for team, days in rest.items():
        home = [
            p.return_.astimezone(zone).date()
            for p in first.patrols
            if p.team_id == team
        ]
        left = [
            p.depart.astimezone(zone).date()
            for p in second.patrols
            if p.team_id == team
        ]
        assert home
        assert left
        assert (min(left) - max(home)).days - 1 >= days
    for month in found.months:
        assert month.plan.assessment.violations == []
        for patrol in month.plan.patrols:
            assert month.first_day <= patrol.depart.date()
            assert patrol.return_.date() <= month.last_day


def test_the_referee_holds_a_team_to_its_rest(found) -> None:
    second = found.months[1].plan
    patrol = second.patrols[0]
    held = patrol.depart.date() + timedelta(days=1)
    teams = [
        team.model_copy(update={"ready_from": held})
        if team.id == patrol.team_id
        else team
        for team in second.teams
    ]
    broken = assess_plan(second.model_copy(update={"teams": teams})).violations
    assert [(v.rule, v.patrol_id, v.limit) for v in broken] == [
        ("left_unrested", patrol.id, held.isoformat())
    ]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 40)), max_size=5),
    st.integers(0, 20),
)
def test_rest_is_counted_from_the_last_return(trips, days) -> None:
    plan = SimpleNamespace(
        scenario=SimpleNamespace(timezone="Africa/Bamako"),
        patrols=[
            SimpleNamespace(
                team_id=team,
                return_=datetime(2014, 11, 3, 15, tzinfo=UTC) + timedelta(days=day),
            )
            for team, day in trips
        ],
    )
    ready = find_rest([plan], {"a": days, "b": 0})
    for team in {team for team, _ in trips}:
        last = max(day for who, day in trips if who == team)
        rest = days if team == "a" else 0
        assert ready[team] == date(2014, 11, 3) + timedelta(days=last + rest + 1)
    assert ready.keys() == {team for team, _ in trips}


def test_coverage_counts_each_site_once(found) -> None:
    assert list(found.coverage.columns) == list(COVERAGE_COLUMNS)
    assert list(found.visits.columns) == [*VISIT_COLUMNS, "geometry"]
    assert found.visits.crs == "EPSG:4326"
    coverage, visits = found.coverage, found.visits
    seen: set[str] = set()
    for month in found.months:
        seen |= set(list_visit_days(month.plan))
        row = coverage[coverage["month"] == month.number].iloc[0]
        people = {s.id: s.population for s in month.plan.sites}
        assert row["sites_so_far"] == len(seen)
        assert row["people_so_far"] == sum(people[s] or 0 for s in seen)
        for line in visits[visits["month"] == month.number].itertuples():
            if line.site_id not in seen:
                assert line.last_visit is None
                assert pd.isna(line.days_since)
            else:
                assert (month.last_day - line.last_visit).days == line.days_since
    assert coverage["people_so_far"].is_monotonic_increasing
    table = tabulate_visits(found)
    unknown = {s.id for s in found.months[0].plan.sites if s.population is None}
    assert set(table.loc[table["people"] == "unknown", "site_id"]) == unknown


def test_a_month_that_fails_does_not_end_the_others(asked) -> None:
    # A day of the second month that must be met: no window lies in the first month. And
    # nobody of Gao may leave before 22 November, as the scenario itself says.
    ready = date(2014, 11, 22)
    changed = asked.replace(
        sites={
            "visits": [
                {
                    "site": "konna",
                    "required": True,
                    "windows": ["2014-11-20 06:00-18:00", "2014-11-21 06:00-18:00"],
                }
            ]
        },
        teams=[
            team.model_dump() | ({"ready_from": ready} if team.id == "gao" else {})
            for team in asked.teams
        ],
    )
    done = plan_campaign(changed, 2)
    assert [month.plan is not None for month in done.months] == [False, True]
    assert "no window lies within the days" in str(done.months[0].faults[0])
    first, second = describe_campaign(done)["months"]
    assert (first["result"], first["folder"], first["need_met"]) == (
        "failed",
        None,
        None,
    )
    assert second["resting"] == {"gao": "2014-11-22"}
    plan = done.months[1].plan
    left = {p.team_id: p.depart.date() for p in plan.patrols}
    assert left["gao"] >= ready
    assert left["sevare"] < ready
    assert plan.assessment.violations == []
    ready_from = {team.id: team.ready_from for team in plan.teams}
    assert ready_from == {"gao": ready, "sevare": None}
    assert render_campaign_page(done).count("no window lies within the days") == 1


def test_too_many_months_are_refused(asked) -> None:
    for months in (0, 37):
        with pytest.raises(ScenarioError, match="1 to 36"):
            plan_campaign(asked, months)


def test_a_month_is_posed_from_what_went_before(found, asked) -> None:
    before = [EarlierPlan("month-01/plan.json", found.months[0].plan)]
    posed, resting = pose_month(asked, 2, before)
    assert (posed.name, posed.start) == ("north-mali-month-02", date(2014, 11, 17))
    assert posed.visits.weigh_need
    assert posed.earlier == tuple(before)
    assert found.months[1].resting == resting
    # No plan of the first month, no memory and no rest.
    fresh, none = pose_month(asked, 2, [])
    assert none == ()
    assert fresh.earlier == ()


def test_a_wait_is_of_one_class() -> None:
    assert [find_wait_class(days) for days in (None, 0, 14, 15, 90, 91)] == [
        -1,
        0,
        0,
        1,
        3,
        4,
    ]
    fills = [NEVER[0], *(fill for _, fill, _ in WAITS)]
    assert len(set(fills)) == len(fills)


def test_the_verb_writes_whole_packs_of_the_same_plans(
    tmp_path, capsys, file, found
) -> None:
    command = ["campaign", str(file), "--months", "2", "--pack", "plan", "--json"]
    assert main([*command, "--out", str(tmp_path)]) == 0
    told = json.loads(capsys.readouterr().out)
    folder = tmp_path / "north-mali-campaign"
    assert sorted(path.name for path in folder.iterdir()) == [
        "campaign-sites.csv",
        "campaign.csv",
        "campaign.html",
        "campaign.json",
        "month-01",
        "month-02",
    ]
    kept = json.loads((folder / "campaign.json").read_text(encoding="utf-8"))
    assert {**kept, "files": told["files"]} == told
    assert kept == json.loads(json.dumps(describe_campaign(found)))
    assert kept["format"] == "patrolplan-campaign/1"
    for month in found.months:
        # The same again, to the byte, wherever it is written.
        text = (folder / month.folder / "plan.json").read_text(encoding="utf-8")
        assert text == format_plan(month.plan)
        assert is_whole(folder / month.folder)
    # The second month tells which file it remembers, by its hash.
    remembered = found.months[1].plan.inputs[-1]
    data = (folder / "month-01" / "plan.json").read_bytes()
    assert remembered.path == "month-01/plan.json"
    assert remembered.sha256 == hashlib.sha256(data).hexdigest()


def test_plans_that_were_read_make_the_same_page(found, asked) -> None:
    read = [
        month._replace(plan=PlanFile.model_validate_json(format_plan(month.plan)))
        for month in found.months
    ]
    again = gather_campaign(asked, read, found.layers)
    assert describe_campaign(again) == describe_campaign(found)
