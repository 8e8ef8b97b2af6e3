from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from patrolplan.errors import PlanFileError
from patrolplan.planfile import PlanFile, UnservedEntry, format_time
from patrolplan.planning.assessment import assess_plan, build_assessment
from patrolplan.planning.evidence import estimate_distance_km
from patrolplan.planning.problem import PatrolDecision, Plan
from patrolplan.planning.reasons import find_reasons
from patrolplan.planning.schedule import build_schedule
from problems import build_hand_theatre, build_plan_file, build_team

FAR = [[0, 900, 600], [900, 0, 300], [600, 300, 0]]


@pytest.fixture
def theatre():
    """The five days worked out in test_schedule, and a third site left out."""
    return build_hand_theatre(
        dwells=(500, 500, 60),
        minutes=[
            [0, 900, 600, 400],
            [900, 0, 300, 900],
            [600, 300, 0, 900],
            [400, 900, 900, 0],
        ],
        needs=(100.0, 300.0, 400.0),
        days=10,
    )


@pytest.fixture
def plan(theatre) -> PlanFile:
    return build(theatre, PatrolDecision("t1", 0, ("s1", "s2")))


def build(theatre, *decisions, **more) -> PlanFile:
    schedule = build_schedule(theatre.problem, Plan(decisions))
    return build_plan_file(theatre, schedule, **more)


def edit(plan: PlanFile, change) -> PlanFile:
    document = plan.model_dump(mode="json", by_alias=True)
    change(document)
    return PlanFile.model_validate(document)


def find_rules(plan: PlanFile, **more) -> list[str]:
    return sorted({v.rule for v in assess_plan(plan, **more).violations})


def shift(entry, hours, *keys):
    for key in keys:
        moment = datetime.fromisoformat(entry[key]) + timedelta(hours=hours)
        entry[key] = format_time(moment)


def get_patrol(document):
    return document["patrols"][0]


# -- what is measured -------------------------------------------------------------


def test_a_plan_as_solved_breaks_no_rule(plan):
    assert assess_plan(plan).violations == []


def test_figures_by_hand(theatre, plan):
    measured = assess_plan(plan, need_bound=800.0)
    assert measured.need_total == 800.0
    assert measured.need_met == measured.first_visits == 400.0
    assert measured.repeats == measured.passed == measured.lines == 0
    assert measured.need_bound == 800.0
    assert measured.gap == 0.5
    assert (measured.unknown_total, measured.unknown_visited) == (0, 0)
    # Fifty people in each of three sites.
    assert (measured.people_total, measured.people_reached) == (150, 100)
    assert measured.equity == {
        "by": "cercle",
        "cercles": {
            "east": {
                "need_total": 800.0,
                "need_in_reach": 800.0,
                "need_met": 400.0,
                "share": 0.5,
            }
        },
        "worst": "east",
        "worst_share": 0.5,
        "themes": {},
        "worst_theme": None,
        "worst_theme_share": None,
        "tail_share": 0.5,
    }
    # s1 lies at 0.5 E 16.5 N, s2 at 1 E 16.5 N, the base at 0 E 16 N.
    reach = measured.reach
    assert reach["sites_beyond"] == 2
    assert reach["people_beyond"] == 100
    assert reach["people_share_beyond"] == reach["need_share_beyond"] == 1.0
    assert reach["length_km"] == pytest.approx(900.0)
    assert reach["driving_min"] == pytest.approx(1800.0)
    assert reach["longest_reach_km"] == pytest.approx(
        estimate_distance_km(0.0, 16.0, 1.0, 16.5)
    )
    assert reach["base_hugging"] is False
    assert [(u.site_id, u.need, u.reason) for u in measured.unserved] == [
        ("s3", 400.0, "not_planned")
    ]


def test_a_bound_of_nothing_leaves_no_gap(theatre):
    empty = build(theatre)
    for bound in (None, 0.0, -0.0):
        assert assess_plan(empty, need_bound=bound).gap is None
    # Nor does one so small that no number is large enough for the gap.
    planned = build(theatre, PatrolDecision("t1", 0, ("s1", "s2")))
    measured = assess_plan(planned, need_bound=5e-324)
    assert measured.gap is None
    assert next(v.rule for v in measured.violations) == "bound_below_plan"


def test_distance_against_the_geodesic():
    # Gao to Kidal on the WGS 84 ellipsoid: 286.9 km (Karney's algorithm).
    assert estimate_distance_km(-0.05, 16.27, 1.41, 18.44) == pytest.approx(
        286.9, rel=0.006
    )


def test_a_plan_that_hugs_its_bases_is_flagged(theatre):
    near = build_hand_theatre(dwells=(120,), beyond_km=100.0)
    measured = assess_plan(build(near, PatrolDecision("t1", 0, ("s1",))))
    assert measured.reach["sites_beyond"] == 0
    assert measured.reach["need_share_beyond"] == 0.0
    assert measured.reach["base_hugging"] is True
    assert measured.violations == []
    assert assess_plan(build(near)).reach["base_hugging"] is False


def test_reasons_given_go_before_those_stored(theatre, plan):
    schedule_plan = Plan((PatrolDecision("t1", 0, ("s1", "s2")),))
    reasons = find_reasons(theatre.problem, schedule_plan)
    told = build(theatre, *schedule_plan.patrols, reasons=reasons)
    assert told.assessment.unserved == [reasons["s3"]]
    # The stored reason is kept where none is given …
    assert assess_plan(told).unserved == [reasons["s3"]]
    # … and a new one takes its place.
    other = UnservedEntry(
        site_id="s3", need=1.0, reason="no_way", reason_values={}, nearest_change=None
    )
    (entry,) = assess_plan(told, reasons={"s3": other}).unserved
    assert (entry.reason, entry.need) == ("no_way", 400.0)


def test_unknown_need_is_counted_apart(theatre):
    unknown = build_hand_theatre(dwells=(60, 60), needs=(None, 10.0))
    measured = assess_plan(build(unknown, PatrolDecision("t1", 0, ("s1", "s2"))))
    assert (measured.unknown_total, measured.unknown_visited) == (1, 1)
    assert measured.need_total == measured.need_met == 10.0
    assert measured.violations == []


def test_an_empty_plan_is_measured(theatre):
    measured = assess_plan(build(theatre))
    assert measured.need_met == 0
    assert len(measured.unserved) == 3
    assert measured.violations == []


def test_a_draft_is_measured_without_comparison(plan):
    draft = edit(plan, lambda d: d["assessment"].update(need_met=77.0, unserved=[]))
    assert build_assessment(draft).violations == []
    assert find_rules(draft) == ["figures_misstated", "unserved_misstated"]


# -- broken copies, each with its rule --------------------------------------------


def check(plan, change, *rules):
    assert find_rules(edit(plan, change)) == sorted(rules)


def test_a_stop_moved_an_hour(plan):
    def change(document):
        shift(get_patrol(document)["stops"][5], 1, "arrive", "depart")

    # s2, 06:00 to 14:20, an hour later: work by day, but no leg fits any more.
    check(plan, change, "times_disagree")

    def arrive_early(document):
        patrol = get_patrol(document)
        shift(patrol["stops"][2], -1, "arrive")
        shift(patrol["legs"][1], -1, "arrive")

    check(plan, arrive_early, "leg_too_fast")


def test_stop_and_legs_moved_together_must_still_fit_the_drive(plan):
    def change(document):
        patrol = get_patrol(document)
        shift(patrol["stops"][4], -1, "arrive")
        shift(patrol["legs"][3], -1, "arrive")
        patrol["legs"][3]["driving_min"] -= 60
        document["assessment"]["reach"]["driving_min"] -= 60

    check(plan, change, "leg_too_fast")


def test_a_leg_at_night(plan):
    # The last leg, 06:00 to 12:20, begins at 12:00 and ends at 18:20.
    def change(document):
        patrol = get_patrol(document)
        shift(patrol["stops"][-2], 6, "depart")
        shift(patrol["legs"][-1], 6, "depart", "arrive")
        shift(patrol["stops"][-1], 6, "arrive")
        shift(patrol, 6, "return")

    check(plan, change, "night_movement")


def test_a_leg_before_dawn(plan):
    def change(document):
        patrol = get_patrol(document)
        shift(patrol["stops"][-2], -1, "depart")
        shift(patrol["legs"][-1], -1, "depart", "arrive")
        shift(patrol["stops"][-1], -1, "arrive")
        shift(patrol, -1, "return")

    check(plan, change, "night_movement")


def test_a_leg_over_midnight(plan):
    def change(document):
        patrol = get_patrol(document)
        shift(patrol["stops"][-2], 14, "depart")
        shift(patrol["legs"][-1], 14, "depart", "arrive")
        shift(patrol["stops"][-1], 14, "arrive")
        shift(patrol, 14, "return")

    check(plan, change, "night_on_the_move")


def test_work_at_night(plan):
    # The dwell at s1, 09:00 to 17:20, ends at 18:20; the leg after it as well, so
    # that it moves at night too.
    def change(document):
        patrol = get_patrol(document)
        shift(patrol["stops"][2], 1, "arrive", "depart")
        shift(patrol["legs"][1], 1, "arrive")
        shift(patrol["legs"][2], 1, "depart", "arrive")
        shift(patrol["stops"][3], 1, "arrive")

    check(plan, change, "night_movement", "work_at_night")


def test_a_night_at_a_site_must_be_a_halt(plan):
    # The dwell at s2, 06:00 to 14:20 on day 3, leaves a day later, halt and all.
    def change(document):
        patrol = get_patrol(document)
        shift(patrol["stops"][5], 24, "depart")
        shift(patrol["legs"][5], 24, "depart", "arrive")
        shift(patrol["stops"][6], 24, "arrive", "depart")
        shift(patrol["legs"][6], 24, "depart", "arrive")
        shift(patrol["stops"][7], 24, "arrive")
        shift(patrol, 24, "return")

    check(plan, change, "night_without_halt")


def test_a_dwell_cut_short(plan):
    def change(document):
        patrol = get_patrol(document)
        shift(patrol["stops"][2], -1, "depart")
        shift(patrol["legs"][2], -1, "depart")

    check(plan, change, "dwell_too_short")


def test_a_patrol_a_day_too_long(plan):
    check(plan, lambda d: d["teams"][0].update(max_days=4), "too_many_days")
    check(plan, lambda d: d["teams"][0].update(max_days=5))


def test_a_patrol_too_short(plan):
    limits = "scenario"
    check(plan, lambda d: d[limits]["limits"].update(min_days=6), "too_few_days")


def test_a_patrol_beyond_its_range(plan):
    check(plan, lambda d: d["teams"][0].update(range_km=899.0), "range_exceeded")
    check(plan, lambda d: d["teams"][0].update(range_km=900.0))


def test_a_site_twice(theatre):
    twice = build(theatre, PatrolDecision("t1", 0, ("s1", "s2", "s1")))
    assert find_rules(twice) == ["visit_repeated"]
    (violation,) = assess_plan(twice).violations
    assert (violation.where, violation.limit) == ("s1", None)


@pytest.mark.parametrize(("cadence", "rules"), [(4, []), (5, ["visit_repeated"])])
def test_a_site_again_after_its_cadence(cadence, rules):
    theatre = build_hand_theatre(team=build_team(rest_days=1))
    again = build(
        theatre, PatrolDecision("t1", 0, ("s1",)), PatrolDecision("t1", 4, ("s1",))
    )

    def change(document):
        document["sites"][0]["cadence_days"] = cadence
        if not rules:
            document["patrols"][1]["stops"][1]["need_earned"] = 100.0
            document["assessment"].update(need_met=200.0, repeats=100.0)

    check(again, change, *rules)


def test_need_inflated(plan):
    def change(document):
        get_patrol(document)["stops"][2]["need_earned"] += 1.0

    check(plan, change, "need_misstated")

    def on_leg(document):
        get_patrol(document)["legs"][0]["need_earned"] = 5.0

    check(plan, on_leg, "need_misstated")


def test_teams_overlapping(theatre):
    for day, rule in ((3, "patrols_overlap"), (6, "rest_too_short"), (7, None)):
        plan = build(
            theatre,
            PatrolDecision("t1", 0, ("s1", "s2")),
            PatrolDecision("t1", day, ("s3",)),
        )
        # Home on day 4, two days of rest: off again on day 7.
        assert find_rules(plan) == ([rule] if rule else [])


def test_unserved_misstated(plan):
    def leave_out(document):
        document["assessment"]["unserved"] = []

    def add(document):
        document["assessment"]["unserved"].append(
            document["assessment"]["unserved"][0] | {"site_id": "s1"}
        )

    def change_need(document):
        document["assessment"]["unserved"][0]["need"] = 1.0

    for change in (leave_out, add, change_need):
        check(plan, change, "unserved_misstated")


@pytest.mark.parametrize(
    ("figure", "value"),
    [
        ("need_total", 801.0),
        ("need_met", 401.0),
        ("first_visits", 400.001),
        ("people_reached", 101),
        ("gap", 0.5),
    ],
)
def test_figures_misstated(plan, figure, value):
    edited = edit(plan, lambda d: d["assessment"].update({figure: value}))
    (violation,) = assess_plan(edited).violations
    assert (violation.rule, violation.where) == ("figures_misstated", figure)
    assert violation.found == value


def test_reach_and_equity_are_compared_too(plan):
    def change(document):
        document["assessment"]["reach"]["base_hugging"] = True

    check(plan, change, "figures_misstated")

    def hide(document):
        document["assessment"]["equity"]["cercles"] = {}

    check(plan, hide, "figures_misstated")


def test_a_bound_below_the_plan(theatre):
    low = build(theatre, PatrolDecision("t1", 0, ("s1", "s2")), need_bound=399.0)
    assert find_rules(low) == ["bound_below_plan"]


def test_a_leg_shortened(plan):
    def change(document):
        patrol = get_patrol(document)
        patrol["legs"][0]["length_km"] -= 1.0
        document["assessment"]["reach"]["length_km"] -= 1.0

    check(plan, change, "leg_shortened")


def test_no_way(plan):
    def close_road(document):
        document["travel"][0]["durations_min"][0][1] = None

    def close_season(document):
        document["travel"][0]["to_date"] = "2014-11-04"

    check(plan, close_road, "no_way")
    check(plan, close_season, "no_way")


def test_a_slower_road_state_on_the_day_of_departure(plan):
    def change(document):
        later = document["travel"][0] | {"from_date": "2014-11-06"}
        later["durations_min"] = [
            [cell * 2 for cell in row] for row in later["durations_min"]
        ]
        document["travel"][0]["to_date"] = "2014-11-05"
        document["travel"].append(later)

    # s1 to s2 departs on day 1, s2 to the base on day 3, the 6th of November.
    edited = edit(plan, change)
    (violation,) = assess_plan(edited).violations
    assert (violation.rule, violation.where) == ("leg_too_fast", "s2>base")
    assert violation.found == pytest.approx(600)
    assert violation.limit == 1200


def test_not_at_base(plan):
    def end_elsewhere(document):
        document["bases"].append(document["bases"][0] | {"id": "other"})
        document["teams"][0]["base_id"] = "other"

    # From a base that no way is known from, other sites are in reach.
    check(plan, end_elsewhere, "figures_misstated", "not_at_base")

    def end_as_halt(document):
        get_patrol(document)["stops"][-1]["kind"] = "halt"

    check(plan, end_as_halt, "halt_misnamed", "not_at_base")


def test_a_stop_misplaced(plan):
    def change(document):
        get_patrol(document)["stops"][2]["lon"] += 0.1

    check(plan, change, "geometry_misplaced", "stop_misplaced")


def test_outside_the_horizon(plan):
    def late(document):
        document["scenario"]["start"] = "2014-11-04"

    def short(document):
        document["scenario"]["horizon_days"] = 4

    def at_noon(document):
        document["scenario"]["start"] = "2014-11-03T12:00:00Z"

    for change in (late, short, at_noon):
        check(plan, change, "outside_horizon")


def test_required_not_visited(plan):
    check(plan, lambda d: d["sites"][2].update(required=True), "required_not_visited")


def test_a_role_missing(plan):
    def change(document):
        document["sites"][0]["roles_required"] = ["women_protection_adviser"]

    check(plan, change, "role_missing")


def test_a_window_missed(plan):
    # s1 is met at 09:00 on the 4th.
    def miss(document):
        document["sites"][0]["windows"] = [
            ["2014-11-03T08:00:00Z", "2014-11-03T12:00:00Z"],
            ["2014-11-04T09:30:00Z", "2014-11-04T12:00:00Z"],
        ]

    def meet(document):
        document["sites"][0]["windows"] = [
            ["2014-11-04T09:00:00Z", "2014-11-04T09:30:00Z"]
        ]

    check(plan, miss, "window_missed")
    check(plan, meet)


def test_breaks_belong_to_the_window(plan):
    # On day 0 the patrol drives to 18:00.
    limits = {"break_min": 30.0}
    rules = find_rules(edit(plan, lambda d: d["scenario"]["limits"].update(limits)))
    assert rules == ["night_movement"]


def test_daylight_binds_unless_night_movement_is_allowed(plan):
    limits = {"night_movement": False}
    rules = find_rules(edit(plan, lambda d: d["scenario"]["limits"].update(limits)))
    assert "night_movement" in rules


# -- patrols under way -------------------------------------------------------------


def test_a_first_stop_called_start_is_judged_like_a_base(plan):
    def mark(document):
        get_patrol(document)["stops"][0]["kind"] = "start"

    check(plan, mark)

    def drive_fast(document):
        mark(document)
        get_patrol(document)["legs"][0]["driving_min"] -= 60
        document["assessment"]["reach"]["driving_min"] -= 60

    check(plan, drive_fast, "leg_too_fast")

    def shorten(document):
        mark(document)
        get_patrol(document)["legs"][0]["length_km"] -= 60
        document["assessment"]["reach"]["length_km"] -= 60

    check(plan, shorten, "leg_shortened")

    def close_road(document):
        mark(document)
        document["travel"][0]["durations_min"][0][1] = None

    check(plan, close_road, "no_way")

    def move(document):
        mark(document)
        get_patrol(document)["stops"][0]["lat"] += 0.0005

    # 56 m: the drawing may end so far away, but the place is known to a metre.
    check(plan, move, "stop_misplaced")


def test_a_later_stop_called_start_hides_no_leg(plan):
    def change(document):
        get_patrol(document)["stops"][1]["kind"] = "start"

    # The halt on the way to s1; half of the leg is no whole one.
    assert "not_at_base" in find_rules(edit(plan, change))


@pytest.fixture
def under_way(plan) -> PlanFile:
    """The plan, its patrol met 40 km north-east of the base."""

    def change(document):
        patrol = get_patrol(document)
        patrol["stops"][0].update(kind="start", place_id="start:P1", lon=0.2, lat=16.3)
        patrol["legs"][0]["from"] = "start:P1"
        patrol["legs"][0]["geometry"]["coordinates"][0] = [0.2, 16.3]

    return edit(plan, change)


def test_a_patrol_under_way_breaks_no_rule(under_way):
    assert assess_plan(under_way).violations == []


def test_the_first_leg_of_a_patrol_under_way_is_judged(under_way):
    # s1 lies 39 km from the start; legs 0 and 1 lead there over a halt.
    straight = estimate_distance_km(0.2, 16.3, 0.5, 16.5)

    def shorten(document, share):
        for leg in get_patrol(document)["legs"][:2]:
            document["assessment"]["reach"]["length_km"] -= leg["length_km"]
            leg["length_km"] = straight * share / 2
            document["assessment"]["reach"]["length_km"] += leg["length_km"]

    check(under_way, lambda d: shorten(d, 0.98), "leg_shortened")
    check(under_way, lambda d: shorten(d, 0.995))

    def hasten(document):
        for leg in get_patrol(document)["legs"][:2]:
            document["assessment"]["reach"]["driving_min"] -= leg["driving_min"] - 5
            leg["driving_min"] = 5

    check(under_way, hasten, "leg_too_fast")

    def leave_by_night(document):
        patrol = get_patrol(document)
        shift(patrol["stops"][0], -1, "depart")
        shift(patrol["legs"][0], -1, "depart")
        shift(patrol, -1, "depart")

    check(under_way, leave_by_night, "night_movement")

    def contradict(document):
        shift(get_patrol(document)["stops"][0], 1, "depart")

    check(under_way, contradict, "times_disagree")


# -- drawing, names and honesty ----------------------------------------------------


@pytest.mark.parametrize(("end", "number"), [(0, 0), (-1, 1), (0, 2), (-1, 3)])
def test_a_drawn_leg_joins_its_stops(plan, end, number):
    def move(document, degrees):
        line = get_patrol(document)["legs"][number]["geometry"]["coordinates"]
        line[end][1] += degrees

    # A thousandth of a degree of latitude is 111 m.
    check(plan, lambda d: move(d, 0.001), "geometry_misplaced")
    check(plan, lambda d: move(d, 0.0008))


def rename_halt(document, name, *, number=1):
    patrol = get_patrol(document)
    patrol["stops"][number]["place_id"] = name
    patrol["legs"][number - 1]["to"] = name
    patrol["legs"][number]["from"] = name


@pytest.mark.parametrize(
    "name", ["halt:P2:1", "halt:P1:", "halt:P1:0", "halt:P1:x", "halt:P1:1:1", "s1"]
)
def test_a_halt_bears_its_patrols_name_and_a_number(plan, name):
    check(plan, lambda d: rename_halt(d, name), "halt_misnamed")


def test_no_two_halts_bear_one_name(plan):
    stops = plan.patrols[0].stops
    first, second, *_ = (n for n, stop in enumerate(stops[:5]) if stop.kind == "halt")
    twice = edit(plan, lambda d: rename_halt(d, stops[first].place_id, number=second))
    found = assess_plan(twice).violations
    assert [(v.rule, v.found) for v in found] == [("halt_misnamed", 2)] * 2


def test_a_site_passed_is_known(plan):
    def pass_by(document, site):
        get_patrol(document)["legs"][0]["passed"] = [site]

    # Nothing is earned on the way in this plan: so nothing is passed.
    check(plan, lambda d: pass_by(d, "s3"), "passed_misstated", "geometry_misplaced")
    check(plan, lambda d: pass_by(d, "atlantis"), "passed_misstated", "unknown_site")


def test_need_by_theme_adds_to_need(plan):
    def set_themes(document, **themes):
        document["sites"][0]["themes"] = themes

    # What themes are met was measured without any.
    told = "figures_misstated"
    check(plan, lambda d: set_themes(d, B=60.0, C=40.0), told)
    check(plan, lambda d: set_themes(d, B=60.0, C=41.0), told, "need_misstated")

    def hide_need(document):
        set_themes(document, B=1.0)
        document["sites"][2].update(need=None, themes={"B": 1.0})

    (violation,) = (
        v for v in assess_plan(edit(plan, hide_need)).violations if v.where == "s1"
    )
    assert (violation.rule, violation.found, violation.limit) == (
        "need_misstated",
        1.0,
        100.0,
    )


def test_a_role_that_the_team_does_not_have(plan):
    def change(document):
        document["teams"][0]["roles"] = ["interpreter"]
        get_patrol(document)["stops"][2]["roles"] = ["interpreter", "medic"]

    (violation,) = assess_plan(edit(plan, change)).violations
    assert (violation.rule, violation.where) == ("role_missing", "s1")
    assert (violation.found, violation.limit) == (["medic"], ["interpreter"])

    def at_base(document):
        get_patrol(document)["stops"][-1]["roles"] = ["medic"]

    check(plan, at_base, "role_missing")


# -- what cannot be judged --------------------------------------------------------


def test_a_broken_file_is_a_result(plan):
    def change(document):
        get_patrol(document)["legs"].pop()
        document["assessment"]["reach"]["length_km"] = 710.0

    assert "times_disagree" in find_rules(edit(plan, change))

    def unknown(document):
        get_patrol(document)["team_id"] = "nobody"
        get_patrol(document)["stops"][2]["site_id"] = "nowhere"

    assert "unknown_team" in find_rules(edit(plan, unknown))

    def no_times(document):
        get_patrol(document)["stops"][2].update(arrive=None, depart=None)

    assert "times_disagree" in find_rules(edit(plan, no_times))

    def polar(document):
        for entry in (*document["sites"], *document["bases"]):
            entry["lat"] = 89.0
        document["scenario"]["limits"]["night_movement"] = False

    assert "night_movement" in find_rules(edit(plan, polar))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("break_min", "much"),
        ("night_movement", 1),
        ("fixed_window", ["06:00"]),
        ("fixed_window", ["six", "18:00"]),
        ("min_days", True),
        ("min_days", 2.5),
        ("min_days", -1),
        ("beyond_km", None),
        ("break_min", -600),
        ("sunrise_margin_min", -1),
        ("sunset_margin_min", -600),
        ("sunset_margin_min", 1441),
        ("min_share_beyond", 1.5),
    ],
)
def test_limits_that_cannot_be_read_are_faults(plan, key, value):
    edited = edit(plan, lambda d: d["scenario"]["limits"].update({key: value}))
    with pytest.raises(PlanFileError, match=key):
        assess_plan(edited)


def test_the_largest_figures_that_a_file_may_hold_are_still_measured(plan):
    def change(document):
        for site in document["sites"]:
            site.update(need=1e12, population=10**12, dwell_min=1e12)
        for leg in get_patrol(document)["legs"]:
            leg.update(length_km=1e12, driving_min=1e12)
        document["assessment"].update(need_bound=1e-300, gap=-1e30)

    assert "figures_misstated" in find_rules(edit(plan, change))


def test_all_limits_missing_are_named(plan):
    edited = edit(
        plan, lambda d: d["scenario"].update(limits={}, timezone="Africa/Bamako")
    )
    with pytest.raises(PlanFileError) as caught:
        assess_plan(edited)
    assert len(caught.value.faults) == 8


def test_an_unknown_time_zone_is_a_fault(plan):
    edited = edit(plan, lambda d: d["scenario"].update(timezone="Mali/Nowhere"))
    with pytest.raises(PlanFileError, match="timezone"):
        assess_plan(edited)


def test_the_referee_imports_neither_solver_nor_clock_nor_schedule():
    import ast
    from pathlib import Path

    import patrolplan.planning.assessment as assessment

    folder = Path(assessment.__file__).parent
    for name in (
        "assessment",
        "rules",
        "passing_rules",
        "roster",
        "evidence",
        "limits",
        "gatekeeping",
        "keeping_rules",
        "served",
        "casualty_rules",
        "whole_legs",
        "provisions",
        "served",
        "supply_limits",
    ):
        tree = ast.parse((folder / f"{name}.py").read_text(encoding="utf-8"))
        modules = {
            node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
        }
        ours = {m for m in modules if m and m.startswith("patrolplan")}
        assert ours <= {
            "patrolplan.daylight",
            "patrolplan.errors",
            "patrolplan.gates",
            "patrolplan.planfile",
            "patrolplan.planning.casualty_rules",
            "patrolplan.planning.evidence",
            "patrolplan.planning.gatekeeping",
            "patrolplan.planning.keeping_rules",
            "patrolplan.planning.limits",
            "patrolplan.planning.passing_rules",
            "patrolplan.planning.provisions",
            "patrolplan.planning.roster",
            "patrolplan.planning.rules",
            "patrolplan.planning.served",
            "patrolplan.planning.whole_legs",
            "patrolplan.planning.supply_limits",
        }
