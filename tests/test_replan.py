"""A plan changed while it is carried out, on the built-in theatre."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from patrolplan.changes import list_changes
from patrolplan.cli import main
from patrolplan.errors import InputError
from patrolplan.news import News
from patrolplan.planfile import PlanFile, format_plan
from patrolplan.planning.assessment import assess_plan
from patrolplan.products.pack import write_pack
from patrolplan.products.revisions import write_changes
from patrolplan.replanning import replan_patrols
from patrolplan.shipped import find_shipped
from patrolplan.standing import Clock, find_standing

FERRY = "koriome-ferry"


@pytest.fixture(scope="module")
def before(study):
    return study.plan_file


def replan(before, scenario, day, *, weight=None, **news):
    return replan_patrols(
        before,
        scenario,
        scenario.days[day],
        News(**news),
        change_weight=weight,
        workers=1,
    )


def read_again(plan):
    return PlanFile.model_validate_json(format_plan(plan))


def list_codes(revision):
    return [change.told.code for change in list_changes(revision)]


@pytest.fixture(scope="module")
def closed(before, scenario):
    """The ferry closes on the third day."""
    return replan(before, scenario, 2, closed=(FERRY,))


def test_where_nothing_has_changed_all_stays(before, scenario):
    revision = replan(before, scenario, 4, weight=1000.0)
    by_id = {patrol.id: patrol for patrol in before.patrols}
    assert {p.id for p in revision.plan_file.patrols} == set(by_id)
    for patrol in revision.plan_file.patrols:
        assert patrol == by_id[patrol.id]
    assert revision.replanned.kept == frozenset(revision.standing.visits)
    assert revision.plan_file.assessment.violations == []
    told = {"patrol_done", "patrol_goes_on", "patrol_stays"}
    assert set(list_codes(revision)) <= told | {"replanned", "change_costs"}


def test_the_same_news_give_the_same_bytes(before, closed, scenario):
    again = replan(before, scenario, 2, closed=(FERRY,))
    assert format_plan(again.plan_file) == format_plan(closed.plan_file)
    assert list_changes(again) == list_changes(closed)


def test_patrols_at_home_stay_byte_for_byte_when_the_ferry_closes(before, scenario):
    # On the morning of day 5, counted from 1, nobody is home yet: take the first
    # morning on which somebody is.
    day = 1 + min((p.return_.date() - scenario.start).days for p in before.patrols)
    revision = replan(before, scenario, day, closed=(FERRY,))
    done = revision.standing.done
    assert done
    after = {p.id: p.model_dump_json() for p in revision.plan_file.patrols}
    for patrol in done:
        assert after[patrol.id] == patrol.model_dump_json()
    said = write_changes(list_changes(revision), revision.plan_file)
    assert b"all of it stays as it was" in said["changes.en.txt"]
    assert b"tout en reste tel quel" in said["changes.fr.txt"]
    assert revision.plan_file.assessment.violations == []


def test_who_was_to_cross_the_ferry_goes_elsewhere(before, closed, scenario):
    begin = scenario.days[2]
    crossing = [
        patrol
        for patrol in before.patrols
        if any(FERRY in g.lines and g.depart.date() >= begin for g in patrol.legs)
    ]
    assert crossing
    assert not any(
        FERRY in leg.lines and leg.depart.date() >= begin
        for patrol in closed.plan_file.patrols
        for leg in patrol.legs
    )
    assert assess_plan(read_again(closed.plan_file)).violations == []
    after = {patrol.id: patrol for patrol in closed.plan_file.patrols}
    for out in closed.standing.outside:
        old, new = out.patrol, after[out.patrol.id]
        assert new.legs[: out.reached] == old.legs[: out.reached]
        assert new.stops[1 : out.reached] == old.stops[1 : out.reached]
        assert new.stops[0].kind == ("base" if new == old else "start")
        assert new.depart == old.depart
    assert "line_closed" in list_codes(closed)


def test_days_range_and_hazard_used_before_are_counted(closed):
    plan = read_again(closed.plan_file)
    resumed = next(p for p in plan.patrols if p.stops[0].kind == "start")
    team = next(team for team in plan.teams if team.id == resumed.team_id)
    length_km = sum(leg.length_km for leg in resumed.legs)
    days = (resumed.return_.date() - resumed.depart.date()).days + 1
    for change, rule in (
        ({"range_km": length_km - 1.0}, "range_exceeded"),
        ({"max_days": days - 1}, "too_many_days"),
    ):
        teams = [
            t.model_copy(update=change) if t.id == team.id else t for t in plan.teams
        ]
        found = assess_plan(plan.model_copy(update={"teams": teams})).violations
        assert (rule, resumed.id) in {(v.rule, v.patrol_id) for v in found}


@pytest.fixture(scope="module")
def turned(study, scenario):
    """The line ahead of a patrol closes: it cannot go on as planned."""
    clock, plan = Clock(scenario.start, scenario.timezone), study.plan_file
    for day in (3, 4, 5):
        standing = find_standing(plan, study.problem, clock, day, file="")
        for out in standing.outside:
            if not (out.is_on_way and out.sites_left):
                continue
            ahead = [n for n in out.patrol.legs[out.reached].lines if "access" not in n]
            found = replan(plan, scenario, day, closed=ahead[-1:])
            patrol = next(p for p in found.plan_file.patrols if p.id == out.patrol.id)
            if patrol.turns and patrol.stops[-1].kind == "base":
                return found, patrol
    pytest.fail("no patrol is ever sent elsewhere")


def test_a_patrol_sent_elsewhere_says_where_and_is_accepted(turned):
    revision, patrol = turned
    (turn,) = patrol.turns
    halt = next(s for s in patrol.stops if s.place_id == turn.halt_id)
    assert halt.kind == "halt"
    if patrol.team_id not in revision.replanned.stranded:
        found = assess_plan(read_again(revision.plan_file)).violations
        assert [v for v in found if v.patrol_id == patrol.id] == []
    assert {"patrol_sent_elsewhere", "patrol_overruns"} & set(list_codes(revision))


def test_the_referee_sees_through_a_turn(turned):
    revision, patrol = turned
    plan = read_again(revision.plan_file)
    number = 1 + next(
        n for n, s in enumerate(patrol.stops) if s.place_id == patrol.turns[0].halt_id
    )
    leg = patrol.legs[number - 1]

    def judge(change):
        legs = [*patrol.legs]
        legs[number - 1] = leg.model_copy(update=change)
        patrols = [
            patrol.model_copy(update={"legs": legs}) if p.id == patrol.id else p
            for p in plan.patrols
        ]
        found = assess_plan(plan.model_copy(update={"patrols": patrols})).violations
        return {v.rule for v in found if v.patrol_id == patrol.id}

    # Faster than any vehicle, shorter than the straight line, by night.
    assert "leg_too_fast" in judge({"driving_min": 0.0})
    assert "leg_shortened" in judge({"length_km": 0.0})
    early = leg.depart - timedelta(hours=3)
    assert "night_movement" in judge({"depart": early})


def test_a_promise_that_cannot_be_met_breaks_a_rule_and_says_why(before, scenario):
    unserved = before.assessment.unserved
    site = next(e.site_id for e in unserved if e.reason in ("no_way", "out_of_range"))
    revision = replan(before, scenario, 6, promised=(site,))
    broken = {(v.rule, v.where) for v in revision.plan_file.assessment.violations}
    assert broken == {("required_not_visited", site)}
    told = next(c for c in list_changes(revision) if c.told.code == "promise_broken")
    assert told.told.values == {"site_id": site}
    assert told.reason is not None


@pytest.fixture(scope="module")
def alerted(before, scenario):
    """A site that nobody was to visit is in need, on the second day."""
    unserved = [e for e in before.assessment.unserved if e.need]
    site = max(unserved, key=lambda entry: entry.need).site_id
    return site, replan(before, scenario, 1, alerts=((site, 300_000.0),))


def test_an_alert_is_answered_and_stays_at_the_next_re_plan(alerted, scenario):
    site, revision = alerted
    entry = next(s for s in revision.plan_file.sites if s.id == site)
    assert (entry.need, entry.required) == (300_000.0, True)
    assert sum(entry.themes.values()) == pytest.approx(300_000.0)
    assert {"alert_answered", "alert_unanswered"} & set(list_codes(revision))
    rules = {v.rule for v in revision.plan_file.assessment.violations}
    assert rules <= {"required_not_visited"}
    again = replan(revision.plan_file, scenario, 8)
    entry = next(s for s in again.plan_file.sites if s.id == site)
    assert (entry.need, entry.required) == (300_000.0, True)
    rules = {v.rule for v in again.plan_file.assessment.violations}
    assert rules <= {"required_not_visited"}


def test_what_cannot_be_asked_is_refused_all_at_once(before, scenario):
    visited = min(
        (stop.arrive, stop.site_id)
        for patrol in before.patrols
        for stop in patrol.stops
        if stop.site_id
    )[1]
    unserved = next(e for e in before.assessment.unserved if e.need)
    with pytest.raises(InputError) as caught:
        replan(
            before,
            scenario,
            7,
            alerts=((visited, None), ("Atlantis", 5.0), (unserved.site_id, 1e-9)),
            promised=("Eldorado",),
        )
    told = "\n".join(map(str, caught.value.faults))
    for word in (visited, "Atlantis", "Eldorado", "at least its need now"):
        assert word in told
    with pytest.raises(InputError, match="closure"):
        replan(before, scenario, 7, closed=(f"{FERRY}@2014-11-03..2014-11-04",))
    with pytest.raises(InputError, match="nowhere"):
        replan(before, scenario, 7, closed=("nowhere",))
    other = scenario.replace(horizon_days=20)
    with pytest.raises(InputError, match="another scenario"):
        replan(before, other, 7)
    with pytest.raises(InputError, match="a day from"):
        replan_patrols(before, scenario, scenario.start - timedelta(days=1))


@pytest.fixture
def pack(study, tmp_path):
    folder = tmp_path / "out" / "north-mali"
    write_pack(study.plan_file, None, folder)
    return folder / "plan.json"


def test_the_verb_writes_a_pack_that_tells_the_changes(pack, tmp_path, capsys):
    scenario = str(find_shipped() / "scenarios" / "north-mali.toml")
    command = ["replan", str(pack), "--now", "2014-11-05", "--close", FERRY]
    command += ["--iterations", "40", "--scenario", scenario]
    code = main([*command, "--out", str(tmp_path / "one"), "--json"])
    told = json.loads(capsys.readouterr().out)
    assert code == (1 if told["assessment"]["violations"] else 0)
    assert told["changes"][0]["code"] == "replanned"
    folder = tmp_path / "one" / "north-mali"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    written = {entry["path"] for entry in manifest["outputs"]}
    assert {"changes.en.txt", "changes.fr.txt", "tables/changes.csv"} <= written
    for lang, word in (("en", "Planned anew"), ("fr", "Replanifié")):
        lines = (folder / f"changes.{lang}.txt").read_text("utf-8").splitlines()
        assert word in lines[0]
        assert len(lines) == len(told["changes"])


def test_the_verb_overwrites_no_plan_and_asks_for_what_it_lacks(pack, capsys):
    command = ["replan", str(pack), "--now", "2014-11-05"]
    assert main([*command, "--out", str(pack.parent.parent)]) == 2
    assert "must not overwrite" in capsys.readouterr().err
    document = json.loads(pack.read_text(encoding="utf-8"))
    document["inputs"][0]["sha256"] = "0" * 64
    pack.write_text(json.dumps(document), encoding="utf-8")
    assert main(command) == 2
    assert "--scenario" in capsys.readouterr().err
    for wrong in ("Gao=", "Gao=-1", "=5", "Gao=nan"):
        assert main([*command, "--alert", wrong]) == 2
        assert "SITE=NEED" in capsys.readouterr().err
