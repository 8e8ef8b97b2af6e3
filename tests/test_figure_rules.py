"""What a plan says of itself against what the referee measures, figure by figure."""

from __future__ import annotations

import copy

import pytest

from patrolplan.planfile import PlanFile, UnservedEntry
from patrolplan.planning.assessment import assess_plan
from patrolplan.planning.problem import PatrolDecision, Plan
from patrolplan.planning.schedule import build_schedule
from problems import build_hand_theatre, build_plan_file

RULES = ("figures_misstated", "unserved_misstated", "need_misstated")
FIGURES = {
    "need_total": 1000.0,
    "need_met": 350.0,
    "first_visits": 300.0,
    "repeats": 50.0,
    "passed": 0.0,
    "lines": 0.0,
    "need_bound": 700.0,
    "gap": 0.5,
    "unknown_total": 2,
    "unknown_visited": 1,
    "people_total": 150,
    "people_reached": 80,
}


@pytest.fixture(scope="module")
def document():
    """s2 is visited, then s1 twice and s5, whose need is unknown, and not s3 and s4.

    Of need they have 50 (earned twice), 250, 700 and two times what nobody knows, of
    people 10 to 50.
    """
    theatre = build_hand_theatre(
        dwells=(60, 60, 60, 60, 60), needs=(50.0, 250.0, 700.0, None, None), days=20
    )
    visits = ((0, ("s2", "s1")), (7, ("s5",)), (14, ("s1",)))
    plan = Plan(tuple(PatrolDecision("t1", *visit) for visit in visits))
    told = build_plan_file(theatre, build_schedule(theatre.problem, plan))
    document = told.model_dump(mode="json", by_alias=True)
    for site, people in zip(document["sites"], (10, 20, 30, 40, 50), strict=True):
        site |= {"population": people, "cadence_days": 3.0}
    # It earns again when its need has grown back.
    for stop in document["patrols"][2]["stops"]:
        stop["need_earned"] = 50.0 if stop["site_id"] == "s1" else 0.0
    measured = assess_plan(PlanFile.model_validate(document), need_bound=700.0)
    told = measured.model_dump(mode="json", by_alias=True)
    document["assessment"] = told | {"violations": []}
    return document


@pytest.fixture
def plan(document):
    """The document, to be changed."""
    return copy.deepcopy(document)


def assess(plan, **more):
    return assess_plan(PlanFile.model_validate(plan), **more)


def judge(plan, **more):
    """Return what is said of figures: rule, where, found, limit."""
    found = assess(plan, **more).violations
    return [(v.rule, v.where, v.found, v.limit) for v in found if v.rule in RULES]


def test_what_is_measured_by_hand_is_what_is_told(plan) -> None:
    assert judge(plan) == []
    told = plan["assessment"]
    assert {key: told[key] for key in FIGURES} == pytest.approx(FIGURES)
    assert sorted(told["reach"]) == [
        "base_hugging",
        "beyond_km",
        "driving_min",
        "length_km",
        "longest_reach_km",
        "need_share_beyond",
        "people_beyond",
        "people_share_beyond",
        "sites_beyond",
    ]


def list_figures(told, prefix=""):
    """Each figure with the table that it stands in, its key, and its whole name."""
    for key, value in told.items():
        if isinstance(value, dict):
            yield from list_figures(value, f"{prefix}{key}.")
        elif prefix or key not in ("unserved", "violations"):
            yield told, key, prefix + key


def test_every_figure_is_compared_to_a_millionth(plan) -> None:
    compared = set()
    for table, key, name in list(list_figures(plan["assessment"])):
        true = table[key]
        if isinstance(true, bool) or not isinstance(true, int | float):
            continue
        compared.add(name)
        # Of what others hang on, more is said than of itself.
        others = {"need_bound": {"gap"}, "gap": set()}.get(name, set())
        for sign in (-1, 1):
            step = max(abs(true), 1.0) * sign
            if not isinstance(true, int) and true + 0.9e-6 * step >= 0:
                table[key] = true + 0.9e-6 * step
                assert [told for told in judge(plan) if told[1] not in others] == []
            told = true + 1.2e-6 * step if isinstance(true, float) else true + sign
            if told < 0 or name == "need_bound":
                continue
            table[key] = told
            assert judge(plan) == [("figures_misstated", name, told, true)]
        table[key] = true
    assert len(compared) > 20


def test_words_and_marks_and_what_is_left_out_are_compared_too(plan) -> None:
    equity, reach = (plan["assessment"][key] for key in ("equity", "reach"))
    for table, key, name, values in (
        (equity, "worst", "equity.worst", ["west", None, 0]),
        (equity, "by", "equity.by", ["theme"]),
        (reach, "base_hugging", "reach.base_hugging", [True, 0, None]),
        (reach, "sites_beyond", "reach.sites_beyond", [True, None, "2"]),
    ):
        true = table[key]
        for told in values:
            table[key] = told
            assert judge(plan) == [("figures_misstated", name, told, true)]
        del table[key]
        assert judge(plan) == [("figures_misstated", name, None, true)]
        table[key] = true
        table["more"] = 1
        more = name.partition(".")[0] + ".more"
        assert judge(plan) == [("figures_misstated", more, 1, None)]
        del table["more"]


def test_who_is_not_visited_is_listed_once_with_its_need(plan) -> None:
    unserved = plan["assessment"]["unserved"]
    third, fourth = unserved
    assert [entry["site_id"] for entry in unserved] == ["s3", "s4"]
    assert [entry["need"] for entry in unserved] == [700, None]
    third["need"] = 700 * (1 + 0.9e-6)
    assert judge(plan) == []
    for told in (700 * (1 + 1.1e-6), 0.0, None):
        third["need"] = told
        assert judge(plan) == [("unserved_misstated", "s3", told, 700)]
    third["need"], fourth["need"] = 700.0, 0.0
    assert judge(plan) == [("unserved_misstated", "s4", 0, None)]
    fourth["need"] = None
    unserved += [third, fourth | {"site_id": "s1"}, fourth | {"site_id": "atlantis"}]
    assert judge(plan) == [
        ("unserved_misstated", "atlantis", 1, 0),
        ("unserved_misstated", "s1", 1, 0),
        ("unserved_misstated", "s3", 2, 1),
    ]
    unserved[:] = [fourth]
    assert judge(plan) == [("unserved_misstated", "s3", 0, 1)]


def test_why_somebody_is_not_visited_is_told_by_the_reasons_given(plan) -> None:
    unserved = plan["assessment"]["unserved"]
    unserved[0] |= {"reason": "no_way", "reason_values": {"a": 1}}
    del unserved[1]
    third, fourth = assess(plan).unserved
    assert (third.reason, third.reason_values) == ("no_way", {"a": 1})
    assert (fourth.reason, fourth.reason_values) == ("not_planned", {})
    assert fourth.nearest_change is None
    told = {"site_id": "s4", "need": 1.0, "reason": "out_of_range"}
    given = UnservedEntry(**told, reason_values={"b": 2}, nearest_change=None)
    third, fourth = assess(plan, reasons={"s4": given, "s1": given}).unserved
    assert (third.site_id, third.reason) == ("s3", "not_planned")
    assert (fourth.reason, fourth.reason_values) == ("out_of_range", {"b": 2})
    # The need is that of the site.
    assert (third.need, fourth.need) == (700, None)


@pytest.mark.parametrize("sign", [-1, 1])
def test_every_stop_says_what_it_earns(plan, sign) -> None:
    for patrol in plan["patrols"]:
        for stop in patrol["stops"]:
            true = stop["need_earned"]
            if true + sign * 1e-6 * max(true, 1) < 0:
                continue
            stop["need_earned"] = true + sign * 0.9e-6 * max(true, 1)
            assert judge(plan) == []
            stop["need_earned"] = told = true + sign * 1.1e-6 * max(true, 1)
            expected = ("need_misstated", stop["place_id"], told, true)
            assert judge(plan) == [expected]
            stop["need_earned"] = true


def test_need_by_theme_adds_up_to_the_need(plan) -> None:
    sites = {site["id"]: site for site in plan["sites"]}

    def find(name, **themes):
        sites[name]["themes"] = themes
        return [told for told in judge(plan) if told[0] == "need_misstated"]

    assert find("s2", B=150.0, C=100.0) == []
    assert find("s2", B=250 * (1 + 0.9e-6)) == []
    over = 250 * (1 + 1.1e-6)
    assert find("s2", B=over) == [("need_misstated", "s2", over, 250)]
    assert find("s2", B=150.0) == [("need_misstated", "s2", 150, 250)]
    assert find("s2") == []
    assert find("s4", B=0.0) == []
    assert find("s4", B=2.0) == [("need_misstated", "s4", 2, None)]


WITHOUT = {"need_met": 350.0, "worst_share": 0.5, "tail_share": 0.25}


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        (WITHOUT, True),
        (WITHOUT | {"need_met": 0, "worst_share": 1, "tail_share": 0}, True),
        (WITHOUT | {"more": 1.0}, False),
        ({"need_met": 350.0, "worst_share": 0.5}, False),
        (WITHOUT | {"need_met": -0.1}, False),
        (WITHOUT | {"tail_share": True}, False),
        (WITHOUT | {"worst_share": "half"}, False),
        (WITHOUT | {"worst_share": None}, False),
        ([350.0, 0.5, 0.25], False),
        ("much", False),
    ],
)
def test_what_a_plan_without_equity_would_meet_is_three_numbers(plan, told, kept):
    plan["assessment"]["equity"]["without"] = told
    found = assess(plan).equity
    if kept:
        assert found["without"] == told
        assert judge(plan) == []
        return
    assert "without" not in found
    assert {rule for rule, *_ in judge(plan)} == {"figures_misstated"}


def test_a_bound_that_is_given_goes_before_the_one_that_is_stored(plan) -> None:
    assert assess(plan).need_bound == 700
    assert assess(plan, need_bound=500.0).need_bound == 500
    assert assess(plan, need_bound=500.0).gap == pytest.approx(0.3)
    plan["assessment"] |= {"need_bound": None, "gap": None}
    assert judge(plan) == []
    assert assess(plan).gap is None
