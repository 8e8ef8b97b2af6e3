"""The do-no-harm gates: who is asked what, when an answer counts, what it closes."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate_answers import find_start, pass_gates
from patrolplan.answers import GateFigures
from patrolplan.batch import PlanOptions, plan_scenarios
from patrolplan.errors import ProblemError, ScenarioError
from patrolplan.gates import (
    GATES,
    complete_gates,
    find_closed,
    find_status,
    list_gate_states,
)
from patrolplan.planfile import GateEntry, PlanFile, format_plan
from patrolplan.planning.assessment import assess_plan
from patrolplan.planning.problem import Group, PatrolDecision, Plan
from patrolplan.planning.reasons import find_reasons
from patrolplan.planning.schedule import build_schedule
from patrolplan.planning.solver import solve
from patrolplan.products.gates import digest_gates, find_shown_status, tabulate_gates
from patrolplan.products.pack import write_pack
from patrolplan.products.release import ReleaseError
from patrolplan.question import check_scenario
from patrolplan.scenario import Scenario
from patrolplan.study import build_question, plan_patrols
from problems import build_hand_theatre, build_plan_file, change_theatre
from sample_plan import build_plan

SECRET = "=cmd|' /C calc'!A0 </script><script>alert(1)</script> Oumar of Ber fears them"


def build(theatre=None, *site_ids: str) -> PlanFile:
    """One patrol of two sites, three days out; see test_schedule for its sums."""
    theatre = theatre or build_hand_theatre(dwells=(60, 60))
    decision = PatrolDecision("t1", 0, site_ids or ("s1", "s2"))
    return build_plan_file(theatre, build_schedule(theatre.problem, Plan((decision,))))


def edit(plan: PlanFile, change) -> PlanFile:
    document = plan.model_dump(mode="json", by_alias=True)
    change(document)
    return PlanFile.model_validate(document)


def list_rules(plan: PlanFile) -> list[str]:
    return sorted({v.rule for v in assess_plan(plan).violations})


def list_asked(plan: PlanFile) -> list[tuple[str, str | None]]:
    return [(s.gate.id, s.subject) for s in list_gate_states(plan) if s.asked]


# -- what is asked ----------------------------------------------------------------


def test_the_list_has_words_and_a_source_for_each_question() -> None:
    assert len({gate.id for gate in GATES}) == len(GATES) == 5
    for gate in GATES:
        assert gate.en.endswith("?")
        assert gate.fr.endswith(" ?")
        assert gate.source
    for field in GateFigures.model_fields.values():
        assert field.json_schema_extra["unit"]
        assert field.json_schema_extra["source"]


def test_a_plan_raises_what_its_stops_and_teams_are() -> None:
    plan = build()
    plain = [
        ("keep_clear", None),
        ("aid_liaison", None),
        ("visit_harm", "s1"),
        ("visit_harm", "s2"),
    ]
    assert list_asked(plan) == plain

    def join(document):
        document["teams"][0]["joint_with_national_forces"] = True

    assert list_asked(edit(plan, join)) == [*plain, ("joint_forces", "t1")]
    watched = ("ceasefire_liaison", "s2")
    for change in (
        lambda d: d["sites"][1].update(ceasefire_liaison=True),
        lambda d: d["sites"][1].update(themes={"K": d["sites"][1]["need"]}),
        lambda d: next(
            s for s in d["patrols"][0]["stops"] if s["site_id"] == "s2"
        ).update(themes=["K"]),
    ):
        assert list_asked(edit(plan, change)) == [*plain, watched]
    # A team that stays at home and a site nobody visits raise nothing.
    empty = edit(plan, lambda d: d.update(patrols=[]))
    assert list_asked(edit(empty, join)) == plain[:2]


def test_a_missing_answer_is_an_entry_and_a_draft() -> None:
    plan = build()
    assert find_status(plan) == "draft"
    entries = complete_gates(plan)
    assert [entry.model_dump(mode="json") for entry in entries][1:3] == [
        {"gate": "aid_liaison", "answer": "unanswered", "role": None, "date": None},
        {
            "gate": "visit_harm",
            "answer": "unanswered",
            "role": None,
            "date": None,
            "site_id": "s1",
        },
    ]
    assert list_rules(plan) == []


# -- when an answer counts --------------------------------------------------------


def test_all_passed_is_cleared_and_the_referee_agrees() -> None:
    plan = pass_gates(build())
    assert plan.status == "cleared"
    assert list_rules(plan) == []
    assert {state.state for state in list_gate_states(plan)} == {"passed"}


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({"answer": "unanswered"}, "unanswered"),
        ({"answer": "maybe"}, "unanswered"),
        ({"role": None}, "unanswered"),
        ({"role": "Oumar Traore"}, "unanswered"),
        ({"date": None}, "unanswered"),
        ({"answer": "other"}, "closed"),
        ({"answer": "other", "role": None, "date": None}, "closed"),
        ({"answer": "other", "date": "1999-01-01"}, "closed"),
        ({"date": "1999-01-01"}, "stale"),
        ({"date": "2014-11-29"}, "unanswered"),
        (None, "unanswered"),
    ],
)
def test_each_answer_alone_leaves_a_plan_a_draft(number, change, state) -> None:
    """And a file that says it is cleared all the same is found out."""
    plan = pass_gates(build())

    def spoil(document):
        entry = document["gates"][number]
        if change is None:
            del document["gates"][number]
            return
        entry.update(change)
        if entry["answer"] == "other":
            entry["answer"] = "yes" if entry["gate"] == "visit_harm" else "no"

    spoiled = edit(plan, spoil)
    found = list_gate_states(spoiled)[number]
    assert found.state == state
    assert find_status(spoiled) == "draft"
    rules = {"gate_misstated"}
    if state == "closed" and found.subject:
        rules.add("gate_closed")
    assert set(list_rules(spoiled)) == rules
    # A draft that could be cleared is no fault: whoever holds it back does no harm.
    held = plan.model_copy(update={"status": "draft"})
    assert list_rules(held) == []
    assert find_shown_status(held) == find_shown_status(spoiled) == "draft"


def test_an_answer_grows_stale_by_the_last_day_that_relies_on_it() -> None:
    """45 days hold, and the patrol is home ``out`` days after the start.

    Answered 45 - ``out`` days before the start it is 45 days old on that day, and one
    day earlier 46: too old.
    """
    plan = build()
    patrol = plan.patrols[0]
    out = (patrol.return_.date() - find_start(plan)).days
    assert out > 0
    for before, status in ((45 - out, "cleared"), (46 - out, "draft")):
        assert pass_gates(plan, days_before=before).status == status, before
    # The gate of a site is relied on on the day of the visit only.
    answered = pass_gates(plan, days_before=46 - out)
    states = {(s.gate.id, s.subject): s.state for s in list_gate_states(answered)}
    assert states["keep_clear", None] == "stale"
    assert states["visit_harm", "s1"] == "passed"
    # Given on the day on which it is first relied on it counts; a day later not.
    assert pass_gates(plan, days_before=0).status == "cleared"
    assert pass_gates(plan, days_before=-1).status == "draft"


@pytest.mark.parametrize("days", [None, -1, "45", 1e9, float(181), [45], {}])
def test_a_figure_that_cannot_be_meant_clears_nothing(days) -> None:
    def set_days(document):
        if days is None:
            document["scenario"]["limits"].pop("answer_valid_days")
        else:
            document["scenario"]["limits"]["answer_valid_days"] = days

    assert find_status(edit(pass_gates(build()), set_days)) == "draft"


def test_of_two_answers_the_less_favourable_counts() -> None:
    plan = pass_gates(build())

    def add(document):
        first = dict(document["gates"][2])
        document["gates"].insert(0, first | {"answer": "yes"})

    state = find_closed(edit(plan, add))
    assert set(state) == {("site", "s1")}


def test_an_entry_that_names_what_it_is_not_asked_of_answers_nothing() -> None:
    for change in (
        {"site_id": "s1"},
        {"team_id": "t1"},
        {"gate": "nobody_asks"},
    ):
        plan = edit(pass_gates(build()), lambda d, c=change: d["gates"][0].update(c))
        assert find_status(plan) == "draft"


GATE_IDS = [gate.id for gate in GATES] + ["other"]


@given(
    entries=st.lists(
        st.builds(
            dict,
            gate=st.sampled_from(GATE_IDS),
            answer=st.sampled_from(["yes", "no", "unanswered", ""]),
            role=st.sampled_from(["protection_adviser", "x", None]),
            date=st.sampled_from([date(2014, 11, 1), date(2014, 1, 1), None]),
            site_id=st.sampled_from(["s1", "s2", None]),
            team_id=st.sampled_from(["t1", None]),
        ),
        max_size=8,
    ),
    harm=st.sampled_from(["s1", "s2"]),
)
def test_more_answers_never_undo_a_closed_gate(entries, harm) -> None:
    plan = pass_gates(build()).model_copy(update={"status": "cleared"})
    more = [GateEntry(**entry) for entry in entries]
    closing = GateEntry(
        gate="visit_harm", answer="yes", role=None, date=None, site_id=harm
    )
    plan = plan.model_copy(update={"gates": [*plan.gates, *more, closing]})
    assert find_status(plan) == "draft"
    assert ("site", harm) in find_closed(plan)
    assert {"gate_closed", "gate_misstated"} <= set(list_rules(plan))
    # What is written out again says the same.
    again = plan.model_copy(update={"gates": complete_gates(plan)})
    assert list_gate_states(again) == list_gate_states(plan)


# -- what a closed gate does ------------------------------------------------------


def test_a_barred_site_is_not_visited_whatever_it_earns() -> None:
    theatre = build_hand_theatre(dwells=(60, 60), needs=(100.0, 900.0))
    free = solve(theatre.problem, seed=1, iterations=50)
    assert free.need == 1000.0
    barred = change_theatre(theatre, sites={"s2": {"barred_by": "visit_may_harm"}})
    found = solve(barred.problem, seed=1, iterations=50)
    assert (found.need, found.bound) == (100.0, pytest.approx(100.0))
    reasons = find_reasons(barred.problem, found.plan, found)
    assert reasons["s2"].reason == "visit_may_harm"
    assert reasons["s2"].nearest_change is None


def test_of_a_required_group_the_site_that_is_not_barred_is_visited() -> None:
    theatre = change_theatre(
        build_hand_theatre(dwells=(60, 60), needs=(100.0, 900.0)),
        sites={"s2": {"barred_by": "liaison_refused"}},
        groups=[Group(("s1", "s2"), required=True)],
    )
    found = solve(theatre.problem, seed=1, iterations=50)
    assert {s for p in found.plan.patrols for s in p.site_ids} == {"s1"}


def test_a_problem_that_requires_a_barred_site_is_refused() -> None:
    theatre = build_hand_theatre()
    with pytest.raises(ProblemError, match="barred"):
        change_theatre(theatre, sites={"s1": {"barred_by": "x", "required": True}})


def test_a_joint_team_whose_gate_is_closed_may_not_go() -> None:
    plan = edit(
        build(), lambda d: d["teams"][0].update(joint_with_national_forces=True)
    )
    refused = edit(pass_gates(plan), lambda d: d["gates"][-1].update(answer="no"))
    assert list_rules(refused) == ["gate_closed", "gate_misstated"]
    # Alone it may: the policy is on support to others.
    alone = edit(refused, lambda d: d["teams"][0].pop("joint_with_national_forces"))
    assert list_rules(alone) == []


# -- in a scenario ----------------------------------------------------------------

ANSWERS = """
[[gates]]
gate = "visit_harm"
answer = "yes"
role = "protection_adviser"
date = 2014-10-30
sites = ["Gossi", "hombori"]
note = "NOTE"

[[gates]]
gate = "visit_harm"
answer = "no"
role = "women_protection_adviser"
date = 2014-10-30
sites = ["Tombouctou", "bamba"]

[[gates]]
gate = "joint_forces"
answer = "no"
role = "human_rights_officer"
date = 2014-10-30
teams = ["gao"]
"""


@pytest.fixture
def answered(theatre):
    theatre.add_to_scenario(ANSWERS.replace('"NOTE"', json.dumps(SECRET)))
    theatre.edit_scenario(
        'id = "gao"\n', 'id = "gao"\njoint_with_national_forces = true\n'
    )
    return theatre


def test_answers_reach_problem_plan_and_pack_and_a_note_reaches_none(
    answered, tmp_path
) -> None:
    study = plan_patrols(answered.file, iterations=30)
    plan = study.plan_file
    barred = {s.id for s in study.problem.sites if s.barred_by == "visit_may_harm"}
    assert barred == {"gossi", "hombori"}
    assert "gao" not in {team.id for team in plan.teams}
    assert "team_barred" in {notice.code for notice in study.notices}
    visited = {s.site_id for p in plan.patrols for s in p.stops if s.kind == "visit"}
    assert visited
    assert not visited & barred
    why = {entry.site_id: entry.reason for entry in plan.assessment.unserved}
    assert why["gossi"] == why["hombori"] == "visit_may_harm"
    assert plan.assessment.violations == []
    assert plan.status == "draft"
    given = {(g.gate, g.site_id or g.team_id): g.answer for g in plan.gates}
    assert given["visit_harm", "gossi"] == "yes"
    assert given["visit_harm", "tombouctou"] == "no"
    assert given["joint_forces", "gao"] == "no"
    assert {("visit_harm", site) for site in visited} <= given.keys()
    assert find_status(plan) == plan.status
    paths = write_pack(plan, study.layers, tmp_path / "pack")
    whole = b"".join(path.read_bytes() for path in paths.values())
    for part in (b"Oumar", b"cmd|", b"fears them"):
        assert part not in whole
    assert b"visit_may_harm" in paths["tables/not-covered.csv"].read_bytes()


def test_the_built_in_plan_is_a_draft_that_says_what_is_asked(study) -> None:
    plan = study.plan_file
    assert plan.status == "draft"
    assert {entry.answer for entry in plan.gates} == {"unanswered"}
    visited = {s.site_id for p in plan.patrols for s in p.stops if s.kind == "visit"}
    asked = {e.site_id for e in plan.gates if e.gate == "visit_harm"}
    assert asked == visited
    watched = {s.id for s in plan.sites if s.ceasefire_liaison}
    assert watched >= {"abeibara", "anefis", "bamba", "ber", "talataye"}
    named = {e.site_id for e in plan.gates if e.gate == "ceasefire_liaison"}
    assert named == watched & visited
    answered = pass_gates(plan)
    assert answered.status == "cleared"
    assert assess_plan(answered).violations == []


def test_the_liaison_zone_is_as_wide_as_the_scenario_says(theatre) -> None:
    def list_watched() -> set[str]:
        from patrolplan.do_no_harm import find_liaison_sites

        question = build_question(theatre.file)
        return set(
            find_liaison_sites(question.scenario, question.layers, question.need)
        )

    near = list_watched()
    theatre.add_to_scenario("[do_no_harm]\nliaison_km = 60")
    wide = list_watched()
    assert near < wide
    # Timbuktu lies 51 km from Ber, where an observation point is.
    assert "tombouctou" in wide - near


def refuse(scenario: Scenario, layers, *answers: dict, **more) -> str:
    with pytest.raises(ScenarioError) as caught:
        check_scenario(scenario.replace(gates=answers, **more), layers)
    return "\n".join(str(fault) for fault in caught.value.faults)


DONE = {"role": "protection_adviser", "date": "2014-10-30"}


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"gate": "aid_posts"}, "gates.0.gate"),
        ({"gate": "keep_clear", "answer": "perhaps"}, "gates.0.answer"),
        ({"gate": "keep_clear", "answer": "yes"}, "which role answered"),
        ({"gate": "keep_clear", **DONE}, "since somebody answered"),
        ({"gate": "keep_clear", "answer": "yes", **DONE, "role": "Oumar"}, "role"),
        ({"gate": "keep_clear", "sites": ["ber"]}, "no sites: it is asked of the plan"),
        ({"gate": "visit_harm", "answer": "no", **DONE}, "asked of each"),
        ({"gate": "visit_harm", "sites": ["ber"], "teams": ["gao"]}, "no teams: it"),
        ({"gate": "joint_forces", "answer": "no", **DONE}, "gates.0.teams: nothing"),
        ({"gate": "visit_harm", "sites": ["Nowhere"]}, "found 'Nowhere'"),
        ({"gate": "joint_forces", "teams": ["nobody"]}, "found 'nobody'"),
        (
            {"gate": "keep_clear", "answer": "yes", **DONE, "date": "2024-10-30"},
            "a year mistyped",
        ),
        (
            {"gate": "visit_harm", "answer": "yes", **DONE, "sites": ["ber", "Ber"]},
            "again, as in gates.0",
        ),
    ],
)
def test_an_answer_that_cannot_be_meant_is_refused(
    scenario, layers, answer, told
) -> None:
    assert told in refuse(scenario, layers, answer | {"note": "SECRET"})
    assert "SECRET" not in refuse(scenario, layers, answer | {"note": "SECRET"})


def test_a_site_cannot_be_required_and_closed(scenario, layers) -> None:
    sites = {"required": ["Gossi"]}
    answer = {"gate": "visit_harm", "answer": "yes", **DONE, "sites": ["gossi"]}
    assert "which must be visited" in refuse(scenario, layers, answer, sites=sites)
    check_scenario(scenario.replace(gates=[answer | {"answer": "no"}]), layers)


# -- in the products --------------------------------------------------------------


def test_tables_and_rows_say_draft_in_every_row() -> None:
    plan = build_plan(count=2)
    table = tabulate_gates(plan)
    assert set(table["plan_status"]) == {"draft"}
    assert set(table["state"]) == {"unanswered"}
    rows = {row.id: row for row in digest_gates(plan)}
    assert rows["visit_harm"].told.en == "5 answers asked; not answered: 5"
    assert rows["visit_harm"].told.fr == "5 réponses demandées\u202f; sans réponse : 5"
    cleared = pass_gates(plan)
    assert set(tabulate_gates(cleared)["plan_status"]) == {"cleared"}
    assert {row.told.en.partition("; ")[2] for row in digest_gates(cleared)} == {
        "all pass"
    }
    assert all(row.clears for row in digest_gates(cleared))


def test_a_hostile_entry_is_text_in_no_formula_and_no_gate() -> None:
    def put(document):
        entry = {"gate": "visit_harm", "answer": SECRET, "role": SECRET, "date": None}
        document["gates"] = [entry | {"site_id": SECRET, "team_id": None}]

    plan = edit(build_plan(count=1), put)
    assert find_status(plan) == "draft"
    from patrolplan.products.tables import format_csv

    text = format_csv(tabulate_gates(plan))
    assert ",=cmd" not in text
    assert "'=cmd" in text
    assert "<script" not in "".join(row.told.en for row in digest_gates(plan))


def test_the_command_line_says_draft(answered, tmp_path) -> None:
    (outcome,) = plan_scenarios(
        [answered.file], tmp_path / "out", options=PlanOptions(iterations=0), jobs=1
    )
    assert outcome.plan is not None
    again = json.loads(format_plan(outcome.plan))
    assert again["status"] == "draft"
    assert all(
        entry.keys() >= {"gate", "answer", "role", "date"} for entry in again["gates"]
    )


def test_who_fears_what_is_in_no_wider_pack(tmp_path) -> None:
    plan = build_plan(count=1)
    assert "tables/gates.csv" in write_pack(plan, None, tmp_path / "a")
    wider = plan.model_copy(update={"release": "unclassified"})
    assert "tables/gates.csv" not in write_pack(wider, None, tmp_path / "b")
    assert not (tmp_path / "b" / "tables" / "gates.csv").exists()
    # Nor does a wider pack join what is there.
    with pytest.raises(ReleaseError, match="a folder of its own"):
        write_pack(wider, None, tmp_path / "a")
