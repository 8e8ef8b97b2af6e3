"""The referee on windows, roles, cadences, groups, pairs and hazards."""

from __future__ import annotations

import pytest

from patrolplan.errors import PlanFileError
from patrolplan.planfile import PlanFile, format_plan, read_plan
from patrolplan.planning.assessment import assess_plan
from patrolplan.planning.problem import Group, PatrolDecision, Plan
from patrolplan.planning.schedule import build_schedule
from problems import build_hand_theatre, build_plan_file, build_team, change_theatre

# 300 minutes and 150 km between any two of the base and three sites.
HAZARDS = [[0, 10, 20, 30], [10, 0, 40, 50], [20, 40, 0, 60], [30, 50, 60, 0]]


@pytest.fixture
def theatre():
    """The base and three sites, with conditions that the plan below keeps."""
    return change_theatre(
        build_hand_theatre(
            dwells=(60, 60, 60), team=build_team(rest_days=0, hazard_budget=70.0)
        ),
        sites={
            "s1": {"windows_min": ((660.0, 720.0),), "cadence_days": 3.0},
            "s2": {"roles": ("medic",)},
        },
        team={"roles": ("medic", "police")},
        hazards=HAZARDS,
        groups=[Group(("s2", "s3"), required=True)],
        pairs=[("s1", "s3")],
    )


def build(theatre, *decisions) -> PlanFile:
    return build_plan_file(theatre, build_schedule(theatre.problem, Plan(decisions)))


@pytest.fixture
def plan(theatre) -> PlanFile:
    # 06:00 out, s1 at 11:00 to 12:00, s2 at 17:00 to 18:00, home the next day.
    return build(theatre, PatrolDecision("t1", 0, ("s1", "s2")))


def edit(plan: PlanFile, change) -> PlanFile:
    document = plan.model_dump(mode="json", by_alias=True)
    change(document)
    return PlanFile.model_validate(document)


def find(plan: PlanFile) -> list[tuple]:
    return [
        (v.rule, v.patrol_id, v.where, v.found, v.limit)
        for v in assess_plan(plan).violations
    ]


def test_a_plan_that_keeps_all_conditions_breaks_no_rule(plan) -> None:
    assert find(plan) == []


def test_a_file_holds_every_condition(plan, tmp_path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(format_plan(plan), encoding="utf-8")
    again = read_plan(path)
    assert again == plan
    assert again.teams[0].hazard_budget == 70.0
    assert again.travel[0].hazards == HAZARDS
    assert again.scenario.limits["groups"] == [
        {"site_ids": ["s2", "s3"], "required": True}
    ]


def test_a_file_without_conditions_does_not_speak_of_them() -> None:
    plan = build(build_hand_theatre(), PatrolDecision("t1", 0, ("s1",)))
    text = format_plan(plan)
    for word in ("hazard", "groups", "forbidden"):
        assert word not in text


def test_two_sites_of_a_group(theatre, plan) -> None:
    def change(document):
        document["scenario"]["limits"]["groups"][0]["site_ids"] = ["s1", "s2", "s3"]

    assert find(edit(plan, change)) == [("group_repeated", None, None, ["s1", "s2"], 1)]


def test_one_site_of_a_group_twice_is_one(theatre) -> None:
    twice = build(
        theatre,
        PatrolDecision("t1", 0, ("s2",)),
        PatrolDecision("t1", 4, ("s2",)),
    )
    again = edit(twice, lambda d: d["sites"][1].update(cadence_days=2.0))
    assert {rule for rule, *_ in find(again)} <= {"need_misstated", "figures_misstated"}


def test_a_required_group_without_a_visit(plan) -> None:
    def change(document):
        document["scenario"]["limits"]["groups"][0]["site_ids"] = ["s3", "s4"]

    assert find(edit(plan, change)) == [
        ("group_not_visited", None, None, None, ["s3", "s4"])
    ]

    def allow(document):
        change(document)
        document["scenario"]["limits"]["groups"][0]["required"] = False

    assert find(edit(plan, allow)) == []


def test_a_forbidden_pair_binds_one_patrol_not_two(theatre, plan) -> None:
    def forbid(document):
        document["scenario"]["limits"]["forbidden_pairs"] = [["s2", "s1"]]

    assert find(edit(plan, forbid)) == [
        ("pair_forbidden", "P1", None, ["s2", "s1"], None)
    ]
    apart = build(
        theatre,
        PatrolDecision("t1", 0, ("s1",)),
        PatrolDecision("t1", 2, ("s2",)),
    )
    assert find(edit(apart, forbid)) == []


def test_a_hazard_budget_by_hand(plan) -> None:
    # 10 to s1, 40 on to s2, 20 home.
    assert find(edit(plan, lambda d: d["teams"][0].update(hazard_budget=69.9))) == [
        ("hazard_exceeded", "P1", None, 70.0, 69.9)
    ]

    def deepen(document):
        document["travel"][0]["hazards"][1][2] += 0.5

    assert find(edit(plan, deepen)) == [("hazard_exceeded", "P1", None, 70.5, 70.0)]

    def hide_way(document):
        document["travel"][0]["hazards"][1][2] = None

    assert [rule for rule, *_ in find(edit(plan, hide_way))] == ["no_way"]


def test_a_budget_needs_its_matrix(plan, tmp_path) -> None:
    hidden = edit(plan, lambda d: d["travel"][0].pop("hazards"))
    with pytest.raises(PlanFileError, match=r"travel\.0\.hazards.*'t1'"):
        assess_plan(hidden)
    free = edit(hidden, lambda d: d["teams"][0].pop("hazard_budget"))
    assert find(free) == []

    def shear(document):
        document["travel"][0]["hazards"].pop()

    path = tmp_path / "plan.json"
    path.write_text(format_plan(edit(plan, shear)), encoding="utf-8")
    with pytest.raises(PlanFileError, match="not square"):
        read_plan(path)


def test_a_window_missed(plan) -> None:
    def change(document):
        document["sites"][0]["windows"] = [
            ["2014-11-03T08:00:00Z", "2014-11-03T10:59:59Z"],
            ["2014-11-03T11:00:01Z", "2014-11-03T12:00:00Z"],
        ]

    ((rule, patrol, where, found, _),) = find(edit(plan, change))
    assert (rule, patrol, where) == ("window_missed", "P1", "s1")
    assert found == "2014-11-03T11:00:00Z"


def test_a_visit_begun_before_its_window_by_departing_early(theatre) -> None:
    """The window opens at 12:00: the patrol waits at its base until 07:00."""
    windows = {"s1": {"windows_min": ((720.0, 780.0),)}}
    late = change_theatre(theatre, sites=windows, groups=[])
    plan = build(late, PatrolDecision("t1", 0, ("s1",)))
    assert find(plan) == []

    def depart_early(document):
        patrol = document["patrols"][0]
        for entry, key in (
            (patrol, "depart"),
            (patrol["stops"][0], "depart"),
            (patrol["legs"][0], "depart"),
        ):
            assert entry[key] == "2014-11-03T07:00:00Z"
            entry[key] = "2014-11-03T06:00:00Z"
        for entry in (patrol["stops"][1], patrol["legs"][0]):
            entry["arrive"] = "2014-11-03T11:00:00Z"

    assert [rule for rule, *_ in find(edit(plan, depart_early))] == ["window_missed"]


def test_a_role_missing(plan) -> None:
    def change(document):
        document["teams"][0]["roles"] = ["police"]
        for stop in document["patrols"][0]["stops"]:
            stop["roles"] = []

    assert find(edit(plan, change)) == [
        ("role_missing", "P1", "s2", ["police"], ["medic"])
    ]


@pytest.mark.parametrize(("cadence", "first", "rules"), [(3.0, 3, 0), (3.0, 2, 1)])
def test_need_grown_back_is_earned_and_not_before(
    theatre, cadence, first, rules
) -> None:
    free = change_theatre(theatre, sites={"s1": {"windows_min": None}}, groups=[])
    plan = build(
        free,
        PatrolDecision("t1", 0, ("s1",)),
        PatrolDecision("t1", first, ("s1",)),
    )
    found = find(plan)
    assert [rule for rule, *_ in found] == ["visit_repeated"] * rules
    measured = assess_plan(plan)
    assert measured.first_visits == 100.0
    assert measured.repeats == (0.0 if rules else 100.0)
    assert measured.need_met == measured.first_visits + measured.repeats
    if not rules:
        # Exactly three times 24 hours; a second less is too soon, and earns nothing.
        early = edit(plan, lambda d: d["sites"][0].update(cadence_days=3 + 1 / 86400))
        assert {rule for rule, *_ in find(early)} == {
            "figures_misstated",
            "need_misstated",
            "visit_repeated",
        }


@pytest.mark.parametrize(
    "groups",
    [
        "s1",
        [["s1", "s2"]],
        [{"site_ids": ["s1"], "required": True}],
        [{"site_ids": ["s1", 2], "required": True}],
        [{"site_ids": ["s1", "s2"]}],
        [{"site_ids": ["s1", "s2"], "required": "yes"}],
        None,
    ],
)
def test_groups_that_cannot_be_read_are_faults(plan, groups) -> None:
    edited = edit(plan, lambda d: d["scenario"]["limits"].update(groups=groups))
    with pytest.raises(PlanFileError, match=r"scenario\.limits\.groups"):
        assess_plan(edited)


@pytest.mark.parametrize("pairs", [7, [["s1"]], [["s1", "s2", "s3"]], ["s1"], [[1, 2]]])
def test_pairs_that_cannot_be_read_are_faults(plan, pairs) -> None:
    edited = edit(plan, lambda d: d["scenario"]["limits"].update(forbidden_pairs=pairs))
    with pytest.raises(PlanFileError, match=r"scenario\.limits\.forbidden_pairs"):
        assess_plan(edited)
