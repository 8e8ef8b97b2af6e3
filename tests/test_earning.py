"""From lines and sites to what is earned on the way, and through to the products."""

from __future__ import annotations

import itertools
import json
from math import sqrt

import numpy as np
import pytest

from patrolplan.casualty import put_casualty
from patrolplan.document import build_document
from patrolplan.errors import ScenarioError
from patrolplan.geodesy import measure_distance_m
from patrolplan.layers import read_layers
from patrolplan.need import read_mandate, tabulate_line_needs
from patrolplan.network import (
    build_network,
    build_travel,
    find_waysides,
    list_stretches,
)
from patrolplan.planfile import format_plan, read_plan
from patrolplan.planning.assessment import assess_plan
from patrolplan.planning.schedule import build_schedule
from patrolplan.products.balance import measure_balance
from patrolplan.products.catalogue import find_zone
from patrolplan.products.maps import render_map
from patrolplan.products.passing import digest_passings
from patrolplan.products.rows import PlaceNames
from patrolplan.products.tables import tabulate_assessment, tabulate_schedule
from patrolplan.question import check_scenario
from patrolplan.study import build_question, plan_patrols
from test_network import DRY, SPEEDS, build_lines

ON_THE_WAY = """
[need]
passing_km = 5
passing_share = 0.1

[[lines.presence]]
line = "rn16-gossi-wabaria"
need = 3000
source = "illustrative: a quarter of the persons at risk beside it"

[[lines.presence]]
line = "rn16-douentza-boni"
need = 2000
source = "illustrative"
"""


# Geometry


def find_ways(places, spots, passing_m, line_ids=("a", "b")):
    # a runs 110 km west to east, at a kilometre a minute; b goes north from its middle.
    lines = build_lines(
        ("a", [(-0.5, 15), (0, 15), (0.5, 15)], {"length_km": 110}),
        ("b", [(0, 15), (0, 15.5)], {"length_km": 60}),
    )
    network = build_network(lines, places, snap_km=1.0)
    travel = build_travel(network, SPEEDS, sorted(places), DRY)
    stretches = list_stretches(network, line_ids)
    ways = find_waysides(travel, stretches, spots, passing_m)
    ids = travel.place_ids
    return stretches, {(ids[i], ids[j]): found for (i, j), found in ways.items()}


PLACES = {"east": (0.5, 15), "north": (0, 15.5), "west": (-0.5, 15)}


def test_a_line_is_driven_stretch_by_stretch():
    """Stretches a:1 and a:2 of 55 km each, b:1 of 60; done at 55, 110, 115 min."""
    stretches, ways = find_ways(PLACES, {}, 1.0)
    assert [(s.id, s.line_id) for s in stretches] == [
        ("a:1", "a"),
        ("a:2", "a"),
        ("b:1", "b"),
    ]
    assert [s.length_m for s in stretches] == pytest.approx([55e3, 55e3, 60e3])
    told = {
        pair: [(key, round(minute, 6)) for key, minute in found]
        for pair, found in ways.items()
    }
    assert told["west", "east"] == [("a:1", 55.0), ("a:2", 110.0)]
    assert told["east", "west"] == [("a:2", 55.0), ("a:1", 110.0)]
    assert told["west", "north"] == [("a:1", 55.0), ("b:1", 115.0)]
    assert len(told) == 6


def test_only_lines_that_earn_are_told():
    stretches, ways = find_ways(PLACES, {}, 1.0, line_ids=("b",))
    assert [s.id for s in stretches] == ["b:1"]
    assert ("west", "east") not in ways


def test_a_village_is_passed_where_it_first_comes_into_sight():
    """5.5 km beside the road and seen from 6: sqrt(6^2 - 5.5^2) km before it is abeam.

    It lies half way along the 55 min of a:2, so abeam after 82.5 min from the west.
    """
    village = (0.25, 15.05)
    beside_m = float(measure_distance_m(*village, 0.25, 15.0))
    before_km = sqrt(6000**2 - beside_m**2) / 1000
    drawn_km = float(measure_distance_m(0, 15.0, 0.5, 15.0)) / 1000
    before_min = before_km / drawn_km * 55
    _, ways = find_ways(PLACES, {"village": village}, 6000.0)
    from_west, from_east = (
        dict(ways[pair])["village"] for pair in (("west", "east"), ("east", "west"))
    )
    assert from_west == pytest.approx(82.5 - before_min, abs=0.1)
    assert from_east == pytest.approx(27.5 - before_min, abs=0.1)
    # The way from west to north stays 26 km away.
    assert "village" not in dict(ways["west", "north"])
    _, farther = find_ways(PLACES, {"village": village}, 5000.0)
    assert all("village" not in dict(found) for found in farther.values())


def test_the_ends_of_a_way_are_not_passed():
    spots = {"west": PLACES["west"], "north": PLACES["north"]}
    _, ways = find_ways(PLACES, spots, 2000.0)
    assert not {key for found in ways.values() for key, _ in found} & set(spots)
    # A way that begins within sight of a place passes it at once.
    _, ways = find_ways(PLACES, {"suburb": (-0.5, 15.01)}, 2000.0)
    assert dict(ways["west", "east"])["suburb"] == 0.0


# The scenario


def list_faults(theatre, tables):
    theatre.add_to_scenario(tables)
    with pytest.raises(ScenarioError) as caught:
        check_scenario(theatre.read_scenario(), theatre.read_layers())
    return [str(fault) for fault in caught.value.faults]


def test_a_line_that_no_layer_has_is_named_with_what_is_near(theatre):
    (fault,) = list_faults(theatre, ON_THE_WAY.replace("gossi-wab", "gosi-wab"))
    assert "lines.presence.0.line" in fault
    assert "near: rn16-gossi-wabaria" in fault


def test_a_line_twice_is_refused(theatre):
    (fault,) = list_faults(
        theatre, ON_THE_WAY.replace("rn16-douentza-boni", "rn16-gossi-wabaria")
    )
    assert "lines.presence" in fault
    assert "twice" in fault


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("need = 3000", "need = 0", "lines.presence.0.need"),
        ("need = 3000", "", "lines.presence.0.need"),
        ('source = "illustrative"', "", "lines.presence.1.source"),
        ("passing_share = 0.1", "passing_share = 1.1", "need.passing_share"),
        ("passing_km = 5", "passing_km = 0", "need.passing_km"),
    ],
)
def test_what_cannot_be_meant_is_refused(theatre, old, new, where):
    assert old in ON_THE_WAY
    (fault,) = list_faults(theatre, ON_THE_WAY.replace(old, new))
    assert where in fault


def test_the_mandate_may_say_what_lines_earn(theatre):
    """Theme A: km x hazard x points of each line, here half of it, shared by length."""
    theatre.add_to_scenario("[lines]\nmandate_share = 0.5")
    question = build_question(theatre.read_scenario())
    mandate = read_mandate(question.scenario.find_layer("mandate"))
    table = tabulate_line_needs(read_layers(question.scenario).lines, mandate)["need"]
    found: dict[str, float] = {}
    for wayside in question.problem.waysides:
        assert wayside.site_id is None
        found[wayside.line_id] = found.get(wayside.line_id, 0.0) + wayside.need
    worth = table[table > 0]
    assert found == {line: pytest.approx(need / 2) for line, need in worth.items()}
    # The scenario's word goes before the mandate's.
    theatre.edit_scenario(
        "mandate_share = 0.5",
        'mandate_share = 0.5\n[[lines.presence]]\nline = "rn16-boni-hombori"\n'
        'need = 7\nsource = "a choice"',
    )
    waysides = build_question(theatre.read_scenario()).problem.waysides
    boni = [w.need for w in waysides if w.line_id == "rn16-boni-hombori"]
    assert sum(boni) == pytest.approx(7)


def test_nobody_is_drawn_past_a_site_that_a_visit_may_harm(theatre):
    theatre.add_to_scenario("[need]\npassing_share = 0.1")
    before = build_question(theatre.read_scenario()).problem.waysides
    theatre.add_to_scenario(
        '[[gates]]\ngate = "visit_harm"\nanswer = "yes"\nsites = ["Gossi"]\n'
        'role = "protection_adviser"\ndate = 2014-10-28'
    )
    after = build_question(theatre.read_scenario()).problem.waysides
    assert {w.id for w in before} - {w.id for w in after} == {"gossi"}


# The built-in theatre

NOVEMBER_FLOODS = (
    "flood-delta-akka",
    "flood-delta-mopti",
    "flood-hondoubomo-koina",
    "flood-mopti-west-quay",
)


@pytest.fixture(scope="module")
def on_the_way(tmp_path_factory):
    from theatre import copy_theatre

    theatre = copy_theatre(tmp_path_factory.mktemp("earning") / "theatre")
    theatre.add_to_scenario(ON_THE_WAY)
    scenario = theatre.read_scenario()
    # With the delta under water, the best plan of November passes nobody by.
    lines = scenario.lines.model_copy(update={"lifted": NOVEMBER_FLOODS})
    return plan_patrols(scenario.replace(iterations=40, lines=lines))


@pytest.fixture(scope="module")
def saved(on_the_way, tmp_path_factory):
    """The plan as its file holds it."""
    path = tmp_path_factory.mktemp("saved") / "plan.json"
    path.write_text(format_plan(on_the_way.plan_file), encoding="utf-8")
    return path


def test_a_plan_that_earns_on_the_way_is_accepted(on_the_way, saved):
    plan = read_plan(saved)
    assert format_plan(plan) == saved.read_text(encoding="utf-8")
    found = assess_plan(plan)
    assert found.violations == []
    # When first written: 3,000 for one line, 720 for one site passed.
    assert found.lines >= 3000
    assert found.passed > 0
    assert found.need_met == pytest.approx(on_the_way.solution.need)
    parts = found.first_visits + found.repeats + found.passed + found.lines
    assert found.need_met == pytest.approx(parts)
    assert found.need_met <= found.need_bound * (1 + 1e-9)
    limits = plan.scenario.limits
    assert (limits["passing_km"], limits["passing_share"]) == (5, 0.1)
    assert [line["line_id"] for line in limits["lines_presence"]] == [
        "rn16-douentza-boni",
        "rn16-gossi-wabaria",
    ]
    visited = {s.site_id for p in plan.patrols for s in p.stops if s.kind == "visit"}
    passed = {site for p in plan.patrols for leg in p.legs for site in leg.passed}
    assert passed
    assert not passed & visited
    assert passed <= {entry.site_id for entry in found.unserved}


def test_sites_passed_lie_within_the_distance_of_the_leg(on_the_way):
    """By the geodesic from the site to points every 50 m of the drawn leg."""
    plan = on_the_way.plan_file
    sites = {site.id: site for site in plan.sites}
    for leg in (leg for patrol in plan.patrols for leg in patrol.legs):
        path = np.array(leg.geometry.coordinates)
        for site in (sites[name] for name in leg.passed):
            steps = np.linspace(0, 1, 400)
            dense = np.concatenate(
                [a + (b - a) * steps[:, None] for a, b in itertools.pairwise(path)]
            )
            away_m = measure_distance_m(*dense.T, site.lon, site.lat).min()
            assert away_m <= 5000 * 1.03


def find_passing_leg(document):
    return next(
        (number, leg)
        for number, patrol in enumerate(document["patrols"])
        for leg in patrol["legs"]
        if leg["passed"]
    )


def pass_another(document):
    """Claim a site far from everything, with the need that it would earn."""
    taken = {leg["to"] for patrol in document["patrols"] for leg in patrol["legs"]}
    _, leg = find_passing_leg(document)
    other = next(
        w for w in document["waysides"] if w["site_id"] and w["site_id"] not in taken
    )
    leg["passed"].append(other["site_id"])
    leg["need_earned"] += other["need"]


def drive_twice(document):
    patrol = next(
        p for p in document["patrols"] if any(leg["need_earned"] for leg in p["legs"])
    )
    patrol["legs"][-1]["need_earned"] += 3000


def draw_past(document):
    """Draw the leg straight from end to end, far from what it says it passes."""
    _, leg = find_passing_leg(document)
    lon, lat = leg["geometry"]["coordinates"][0]
    away = [lon + 0.0001, lat + 2.0]
    ends = [leg["geometry"]["coordinates"][n] for n in (0, -1)]
    site = next(s for s in document["sites"] if s["id"] == leg["passed"][0])
    site["lon"], site["lat"] = away
    leg["geometry"]["coordinates"] = ends


def see_farther(document):
    document["scenario"]["limits"]["passing_share"] = 0.5


def raise_line(document):
    wayside = next(w for w in document["waysides"] if w["line_id"])
    wayside["need"] *= 2


@pytest.mark.parametrize(
    ("tamper", "rule"),
    [
        (pass_another, "passed_misstated"),
        (drive_twice, "need_misstated"),
        (draw_past, "geometry_misplaced"),
        (see_farther, "passed_misstated"),
        (raise_line, "passed_misstated"),
    ],
)
def test_a_tampered_plan_is_refused(saved, tmp_path, tamper, rule):
    document = json.loads(saved.read_text(encoding="utf-8"))
    tamper(document)
    edited = tmp_path / "plan.json"
    edited.write_text(json.dumps(document), encoding="utf-8")
    assert rule in {broken.rule for broken in assess_plan(read_plan(edited)).violations}


def test_products_tell_what_is_earned_on_the_way(on_the_way):
    plan, layers = on_the_way.plan_file, on_the_way.layers
    names = PlaceNames(plan, layers)
    told = digest_passings(plan, layers, find_zone("Africa/Bamako"), names)
    (line,) = told.driven
    assert line == "rn16-gossi-wabaria"
    page = render_map(plan, layers)
    day = told.driven[line].en.split()[2].rstrip(":")
    for text in (
        "Lines that earn",
        "Axes dont le parcours compte",
        f"Driven on {day}: earns 3,000 of need.",
        "earns 10 % of its need.",
        "sert 10 % de son besoin.",
    ):
        assert text in page, text
    table = tabulate_schedule(plan, layers)
    earning = table[table["leg_need_earned"] > 0]
    assert earning["leg_need_earned"].sum() == pytest.approx(
        plan.assessment.passed + plan.assessment.lines
    )
    assert "rn16-gossi-wabaria" in set(earning["leg_earning_lines"])
    assert set(told.passed) == {
        site for cell in earning["leg_passed"] for site in cell.split(", ") if site
    }
    figures = tabulate_assessment(plan).set_index("figure")["value"]
    assert figures["lines"] == plan.assessment.lines


def test_the_balance_counts_lines_for_theme_a(on_the_way):
    mandate = read_mandate(on_the_way.scenario.find_layer("mandate"))
    plan = on_the_way.plan_file
    (row,) = (r for r in measure_balance(plan, mandate) if r.theme == "A")
    without = plan.model_copy(update={"waysides": None})
    (bare,) = (r for r in measure_balance(without, mandate) if r.theme == "A")
    assert row.need - bare.need == pytest.approx(5000)
    assert row.need_met >= 3000


def test_what_is_off_leaves_no_trace(study):
    text = format_plan(study.plan_file)
    for key in ("waysides", "ways", "passing_km", "passing_share", "lines_presence"):
        assert f'"{key}"' not in text
    assert study.problem.waysides == ()
    assert "Lines that earn" not in render_map(study.plan_file, study.layers)


def test_a_plan_worked_out_again_is_the_same(on_the_way):
    """The document depends on the schedule alone, not on the search that found it."""
    asked = on_the_way
    again = build_document(
        asked.scenario,
        asked.layers,
        asked.need,
        asked.problem,
        asked.travels,
        build_schedule(asked.problem, asked.plan),
        inputs=asked.inputs,
        seed=asked.plan_file.seed,
    )
    again = put_casualty(again, asked.scenario, asked.layers.medical)
    assert again.patrols == asked.plan_file.patrols
