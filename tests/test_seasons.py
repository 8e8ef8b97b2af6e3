"""Seasons, floods, closures, areas to avoid: sums by hand, words, plans, refusals."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from datetime import date
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrolplan.closing_ways import list_closing_ways
from patrolplan.errors import LayerError, ScenarioError
from patrolplan.layers import read_layers
from patrolplan.layers.flood import split_names
from patrolplan.network import (
    build_network,
    describe_change,
    explain_way,
    find_routes,
    read_roads,
)
from patrolplan.network.arcs import is_known_class
from patrolplan.network.routes import find_quickest
from patrolplan.planning.clock import Driven, drive
from patrolplan.planning.tables import build_tables
from patrolplan.products.sentences import render_code
from patrolplan.question import list_places
from patrolplan.study import build_question, plan_patrols

NOVEMBER, JANUARY, AUGUST = date(2014, 11, 3), date(2015, 1, 5), date(2014, 8, 4)
LAND = "light_4x4"


@pytest.fixture(scope="module")
def network(layers):
    return build_network(layers.lines, list_places(layers.population), snap_km=3)


@pytest.fixture(scope="module")
def roads(scenario, layers):
    return read_roads(scenario, layers)


def close(scenario, *closures, **lines):
    return scenario.replace(lines={"closed": closures, **lines})


def find_way(network, roads, origin, destination, day, vehicle=LAND):
    state = roads.find_state(vehicle, day)
    (route,) = find_routes(network, roads.speeds, (origin, destination), state)
    return route


def say(change, roads, lang="en") -> str:
    return " ".join(
        render_code(code.code, code.values, lang, kind="notice")
        for code in describe_change(change, roads)
    )


# The calendar


@pytest.mark.parametrize(
    ("gauge", "month"),
    # OPIDIN bulletins of 2014 and a travel guide; domain study 3.5.
    [("Mopti", 10), ("Akka", 11), ("Diré", 11), ("Koriomé", 12), ("Gao", 1)],
)
def test_high_water_is_when_the_peak_passes_the_gauge(layers, roads, gauge, month):
    rows = layers.flood[layers.flood["gauge"] == gauge]
    rivers = {
        name
        for row in rows.itertuples()
        if row.effect == "high_water"
        for name in split_names(row.lines)
    }
    assert rivers
    levels = dict(roads.find_state("boat", date(2015, month, 15)).levels)
    assert {levels[river] for river in rivers} == {"rains"}
    away = date(2015, (month + 5) % 12 + 1, 15)
    assert {dict(roads.find_state("boat", away).levels)[r] for r in rivers} == {"dry"}


def test_every_row_of_the_calendar_says_where_it_is_from(layers) -> None:
    assert layers.flood["source"].notna().all()
    assert set(layers.flood["confidence"]) <= {"high", "medium", "low", "choice"}
    rivers = set(layers.lines["id"][layers.lines["kind"] == "river"])
    shut = layers.flood[layers.flood["effect"] == "closed"]
    low = {name for cell in shut["lines"] for name in split_names(cell)} & rivers
    assert low == rivers


def test_a_part_of_the_year_runs_over_the_new_year_and_ends_in_february(roads) -> None:
    days = {}
    for day in (date(2015, 12, 1), date(2016, 1, 20), date(2015, 1, 20)):
        (cause,) = (
            c for c in roads.list_causes(LAND, day) if c.id == "flood-gao-ansongo"
        )
        days[day] = (cause.from_date, cause.to_date)
    first = (date(2015, 12, 1), date(2016, 2, 29))
    assert days[date(2015, 12, 1)] == days[date(2016, 1, 20)] == first
    # 2015 has no 29th of February: the 28th is the last day.
    assert days[date(2015, 1, 20)] == (date(2014, 12, 1), date(2015, 2, 28))


def test_road_states_split_only_where_a_vehicle_is_touched(scenario) -> None:
    # From March to April low water closes the river to boats and slows the ferry; the
    # tracks of the delta know no change then.
    asked = scenario.replace(start=date(2015, 3, 25), horizon_days=14)
    periods = {}
    for vehicle in ("boat", LAND):
        team = asked.teams[0].model_copy(update={"vehicle": vehicle})
        question = build_question(asked.replace(teams=(team,)))
        periods[vehicle] = [(p.from_date, p.to_date) for p in question.travels]
    cut = [
        (date(2015, 3, 25), date(2015, 3, 31)),
        (date(2015, 4, 1), date(2015, 4, 7)),
    ]
    assert periods == {"boat": cut, LAND: cut}
    calm = asked.replace(start=date(2015, 3, 1))
    assert len(build_question(calm).travels) == 1


# Ferries and boats, by hand


def test_the_koriome_ferry_by_hand(network, roads, layers) -> None:
    (ferry,) = layers.lines[layers.lines["id"] == "koriome-ferry"].itertuples()
    assert (ferry.wait_min, ferry.crossing_min) == (60, 45)

    def cross(day) -> float:
        route = find_way(network, roads, "bambara-maoude", "koriome", day)
        (piece,) = (p for p in route.pieces if p.kind == "ferry")
        return piece.duration_min

    # 60 of wait + 45 of crossing; at low water at half the speed, 60 + 45 / 0.5.
    assert cross(date(2014, 11, 3)) == 105
    assert cross(date(2015, 5, 3)) == 150


def test_a_boat_goes_by_the_water_of_its_gauge(network, roads) -> None:
    # 15 August: rains, but the river is low at Gao (MINUSMA, under 20 km/h); 15
    # January: dry, and the flood is there.
    for day, speed_kmh in ((date(2015, 8, 15), 20), (date(2015, 1, 15), 50)):
        route = find_way(network, roads, "gao", "ansongo", day, "boat")
        assert route.duration_min == pytest.approx(
            route.length_m / 1000 / speed_kmh * 60
        )
    # Domain study 7.3: the road is 100 km; the river's drawing is smoother.
    assert 90 <= route.length_m / 1000 <= 110


def test_boats_stop_at_quays_alone(network, roads, layers) -> None:
    state = roads.find_state("boat", date(2015, 1, 15))
    rivers = layers.lines[layers.lines["kind"] == "river"]
    quays = {*rivers["from_id"], *rivers["to_id"]}
    for site in layers.population["id"]:
        if site in ("gao", *(set(network.nodes) ^ set(layers.population["id"]))):
            continue
        if site in quays:
            find_routes(network, roads.speeds, ("gao", site), state)
        else:
            with pytest.raises(Exception, match="No way"):
                find_routes(network, roads.speeds, ("gao", site), state)


# Modes mixed at quays


def test_boats_and_vehicles_change_at_a_quay_by_hand(network, roads, scenario) -> None:
    asked = scenario.replace(water={"transfer_min": 45})
    mixed = find_way(
        network,
        replace(roads, scenario=asked),
        "tombouctou",
        "gourma-rharous",
        date(2015, 1, 15),
        "light_4x4+boat",
    )
    kinds = [kind for kind, _ in itertools.groupby(p.kind for p in mixed.pieces)]
    assert kinds == ["road", "quay", "river", "quay"]
    water_km = sum(p.length_m for p in mixed.pieces if p.kind == "river") / 1000
    # 18 km of tar at 70 km/h, twice 45 min at quays, the river at 50 km/h.
    by_hand_min = 18 / 70 * 60 + 2 * 45 + water_km / 50 * 60
    assert mixed.duration_min == pytest.approx(by_hand_min)
    assert mixed.pieces[-1].line_id == "quay-gourma-rharous"


@settings(max_examples=25)
@given(data=st.data())
def test_modes_mix_at_quays_alone_and_never_for_a_slower_way(network, roads, data):
    sites = sorted(network.nodes)
    origin, destination = data.draw(
        st.lists(st.sampled_from(sites), min_size=2, max_size=2, unique=True)
    )
    day = data.draw(st.dates(date(2014, 1, 1), date(2014, 12, 31)))

    def find(vehicle):
        state = roads.find_state(vehicle, day)
        return find_quickest(network, roads.speeds, (origin, destination), state)

    mixed, land = find("truck+boat"), find("truck")
    if land is not None:
        assert mixed.duration_min <= land.duration_min + 1e-6
    afloat = False
    for piece in () if mixed is None else mixed.pieces:
        if piece.kind == "quay":
            afloat = not afloat
        else:
            assert afloat == (piece.kind == "river")
    assert not afloat


@pytest.mark.parametrize(
    "vehicle", ["boat+light_4x4", "boat+boat", "camel+boat", "light_4x4+truck", "+", ""]
)
def test_a_pair_is_one_by_land_and_one_by_water(layers, vehicle) -> None:
    assert not is_known_class(vehicle, layers.speeds)
    assert is_known_class("armoured+boat", layers.speeds)


# Periods


@settings(max_examples=40)
@given(
    times=st.tuples(st.floats(0, 9 * 1440), st.floats(0, 9 * 1440)),
    ends=st.sampled_from([("base-gao", "ansongo"), ("ansongo", "base-gao")]),
)
def test_arrival_never_falls_when_departure_is_later(river_clock, times, ends) -> None:
    # The river opens on 1 July; whoever may also wait for that never gains by waiting
    # longer. Within one road state the clock itself needs no such leave.
    problem, clock = river_clock
    vehicle = clock.vehicles["boat"]
    places = [problem.place_index[place] for place in ends]
    first = problem.start.toordinal()
    opens_on = date(2014, 7, 1).toordinal() - first

    def leave(now_min) -> list[float]:
        day = int(now_min // 1440)
        starts = [(now_min, day)]
        if day < opens_on:
            starts.append((opens_on * 1440.0, opens_on))
        found = [drive(clock, vehicle, *places, *start, 13) for start in starts]
        return [f.arrive_min for f in found if isinstance(f, Driven)]

    early, late = sorted(times)
    assert min(leave(early)) <= min(leave(late)) + 1e-6
    if early >= opens_on * 1440:
        assert len(leave(early)) == 1


@pytest.fixture(scope="module")
def river_clock(scenario):
    boats = {"vehicle": "boat", "vehicles": 6}
    team = scenario.teams[0].model_copy(update=boats)
    question = build_question(
        scenario.replace(start=date(2014, 6, 26), horizon_days=14, teams=(team,))
    )
    assert [p.from_date.day for p in question.travels] == [26, 1]
    return question.problem, build_tables(question.problem)


def test_the_embankment_at_gao_is_slowed_by_the_january_flood(network, roads) -> None:
    free = find_way(network, roads, "gao", "ansongo", NOVEMBER).duration_min
    slow = find_way(network, roads, "gao", "ansongo", JANUARY).duration_min
    # 100 km of tar at 70 km/h; at 0.7 of it, 49.
    assert free == pytest.approx(100 / 70 * 60)
    assert slow == pytest.approx(100 / 49 * 60)


# Words of a route


def test_a_route_says_that_the_ferry_is_closed_and_what_that_costs(
    network, scenario, layers
) -> None:
    shut = close(scenario, "koriome-ferry@2014-11-01..2014-11-20")
    roads = read_roads(shut, layers)
    stops = ("douentza", "tombouctou")
    change = explain_way(network, roads, stops, LAND, NOVEMBER)
    ((cause, cost_min),) = change.costs
    assert (cause.kind, cause.id) == ("closure", "koriome-ferry")
    open_min = find_way(
        network, read_roads(scenario, layers), *stops, NOVEMBER
    ).duration_min
    assert cost_min == pytest.approx(change.now.duration_min - open_min)
    told = say(change, roads)
    assert "Ferry of Koriomé is closed from 2014-11-01 to 2014-11-20." in told
    assert "instead of Koriomé south\u2013Bambara-Maoudé, Ferry of Koriomé" in told
    french = say(change, roads, "fr")
    assert "du 2014-11-01 au 2014-11-20 : Bac de Koriomé." in french
    assert "Ferry" not in french.replace("Ferry at", "")
    after = explain_way(network, roads, stops, LAND, date(2014, 11, 21))
    assert [c.code for c in describe_change(after, roads)] == ["way_unchanged"]


def test_a_route_names_the_rains_and_each_further_cause(network, scenario, layers):
    shut = close(scenario, "gao-almoustarat")
    roads = read_roads(shut, layers)
    change = explain_way(network, roads, ("tessalit", "gao"), LAND, AUGUST)
    assert {cause.kind for cause, _ in change.costs} == {"season", "closure"}
    # The dearest first; alone each saves less than both do.
    prices = [cost for _, cost in change.costs]
    assert prices == sorted(prices, reverse=True)
    assert max(prices) < change.more_min


def test_what_only_costs_together_is_told_together(network, scenario, layers) -> None:
    # Araouane hangs on one track; closing it twice leaves no one cause to blame.
    outline = "POLYGON((-4 17.5, -3 17.5, -3 18, -4 18, -4 17.5))"
    shut = close(
        scenario, "timbuktu-araouane", avoid=[{"name": "Dunes", "wkt": outline}]
    )
    roads = read_roads(shut, read_layers(shut))
    change = explain_way(network, roads, ("tombouctou", "araouane"), LAND, NOVEMBER)
    assert change.now is None
    assert change.more_min == inf
    assert not change.costs
    assert {cause.kind for cause in change.together} == {"closure", "area"}
    assert "Only together do they close every way" in say(change, roads)


def test_no_way_even_when_all_is_open_is_no_ones_fault(network, roads) -> None:
    change = explain_way(network, roads, ("gao", "kidal"), "boat", NOVEMBER)
    assert say(change, roads) == "There is no way, even when all is open and dry."


@settings(max_examples=25)
@given(data=st.data())
def test_no_cause_shortens_a_way_but_high_water(network, roads, layers, data) -> None:
    sites = sorted(set(network.nodes) & set(layers.population["id"]))
    origin, destination = data.draw(
        st.lists(st.sampled_from(sites), min_size=2, max_size=2, unique=True)
    )
    day = data.draw(st.dates(date(2014, 1, 1), date(2015, 12, 31)))
    vehicle = data.draw(st.sampled_from([LAND, "truck", "boat"]))
    change = explain_way(network, roads, (origin, destination), vehicle, day)
    assert all(cost > 0 for _, cost in change.costs)
    if change.now is None or vehicle == "boat":
        return
    assert change.free is not None
    assert change.more_min >= -1e-9
    assert change.now.duration_min - sum(c for _, c in change.costs) <= max(
        change.now.duration_min, change.free.duration_min
    )


# Areas to avoid


def test_an_area_closes_the_lines_that_come_into_it_in_its_days(scenario) -> None:
    # A box on the road between Gossi and Hombori.
    outline = "POLYGON((-1.5 15.3, -1.4 15.3, -1.4 15.9, -1.5 15.9, -1.5 15.3))"
    area = {
        "name": "Gossi flood",
        "wkt": outline,
        "from_date": date(2014, 11, 10),
        "to_date": date(2014, 11, 12),
    }
    asked = close(scenario, avoid=[area])
    roads = read_roads(asked, read_layers(asked))

    def closed(day) -> bool:
        return (
            "rn16-hombori-gossi" in roads.find_state(LAND, date(2014, 11, day)).closed
        )

    assert [closed(day) for day in (9, 10, 12, 13)] == [False, True, True, False]
    travels = build_question(asked).travels
    assert [p.from_date.day for p in travels] == [3, 10, 13]


def test_an_area_is_read_from_a_file_beside_the_scenario(theatre) -> None:
    ring = [[-1.5, 15.3], [-1.4, 15.3], [-1.4, 15.9], [-1.5, 15.9], [-1.5, 15.3]]
    feature = {
        "type": "Feature",
        "properties": {"id": 1},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    document = {"type": "FeatureCollection", "features": [feature]}
    (theatre.folder / "flooded.geojson").write_text(json.dumps(document), "utf-8")
    theatre.add_to_scenario(
        '[[lines.avoid]]\nname = "Flooded"\nfile = "flooded.geojson"'
    )
    question = build_question(theatre.read_scenario())
    assert "rn16-hombori-gossi" in question.travels[0].travel.state.closed
    assert "flooded.geojson" in [entry.path for entry in question.inputs]


FAR = "POLYGON((16 -1, 17 -1, 17 0, 16 0, 16 -1))"
BOW = "POLYGON((0 16, 1 17, 1 16, 0 17, 0 16))"


@pytest.mark.parametrize(
    ("outline", "told"),
    [
        ("POLYGON((", "no WKT"),
        ("", "no WKT"),
        ("\x00<script>", "no WKT"),
        ("POINT(0 16)", "a Point"),
        ("LINESTRING(0 16, 1 17)", "a LineString"),
        ("GEOMETRYCOLLECTION(POINT(0 16))", "a GeometryCollection"),
        ("POLYGON EMPTY", "no finite corner"),
        ("POLYGON((0 16, 1 16, nan 17, 0 16))", "no finite corner"),
        ("POLYGON((0 16, 1 16, inf 17, 0 16))", "no finite corner"),
        (BOW, "Self-intersection"),
        (FAR, "longitude and latitude exchanged?"),
        ("POLYGON((0 -17, 1 -17, 1 -16, 0 -16, 0 -17))", "sign of the latitude"),
        ("POLYGON((2e5 1e6, 3e5 1e6, 3e5 2e6, 2e5 1e6))", "metres taken for degrees"),
    ],
)
def test_an_area_that_cannot_be_is_refused(scenario, outline, told) -> None:
    asked = close(scenario, avoid=[{"name": "Area", "wkt": outline}])
    with pytest.raises(LayerError) as caught:
        read_layers(asked)
    (fault,) = caught.value.faults
    assert fault.where == "lines.avoid.0.wkt"
    assert told in str(fault)


@pytest.mark.parametrize(
    "area",
    [
        {"name": "A"},
        {"name": "A", "wkt": FAR, "file": "a.geojson"},
        {"name": "", "wkt": FAR},
        {"name": "A\nforged: line", "wkt": FAR},
        {"name": "A\u2028", "wkt": FAR},
        {"name": "A", "wkt": FAR, "from_date": date(2014, 11, 3)},
        {
            "name": "A",
            "wkt": FAR,
            "from_date": date(2014, 11, 3),
            "to_date": date(2014, 11, 2),
        },
    ],
)
def test_an_area_that_says_too_little_or_too_much_is_refused(scenario, area) -> None:
    with pytest.raises(ScenarioError):
        close(scenario, avoid=[area])


def test_all_areas_are_looked_at_and_none_is_half_taken(scenario) -> None:
    asked = close(
        scenario,
        avoid=[
            {"name": "A", "wkt": BOW},
            {"name": "B", "file": "nowhere.geojson"},
            {"name": "C", "wkt": FAR},
        ],
    )
    with pytest.raises(LayerError) as caught:
        read_layers(asked)
    assert len(caught.value.faults) == 3


# Broken calendars


@pytest.mark.parametrize(
    ("column", "cell", "told"),
    [
        ("from_day", "31-12", "a month and a day"),
        ("to_day", "02-30", "a month and a day"),
        ("from_day", "", "empty"),
        ("effect", "flooded", "expected one of closed, slow, high_water"),
        ("effect", "slow", "the share of speed that is left"),
        ("effect", "high_water", "rivers, for high water quickens boats"),
        ("speed_share", "0.5", "the effect is 'closed'"),
        ("speed_share", "0", "0.05"),
        ("lines", "mopti-sosobe", "a slip of spelling of 'mopti-sossobe'"),
        ("lines", "|", "ids of lines"),
        ("vehicles", "camel", "an id that is known"),
        ("gauge", "", "empty"),
    ],
)
def test_a_row_of_the_calendar_that_cannot_be_is_refused(theatre, column, cell, told):
    rows = theatre.read_rows("flood")
    number = next(n for n, row in enumerate(rows) if row["id"] == "flood-delta-mopti")
    theatre.set_cell("flood", number, column, cell)
    assert any(told in str(fault) for fault in theatre.list_faults())


def test_a_theatre_without_a_calendar_goes_by_its_seasons(theatre) -> None:
    theatre.find("flood").unlink()
    question = build_question(theatre.read_scenario())
    assert [p.travel.state.closed for p in question.travels] == [frozenset()]
    assert not [n for n in question.notices if n.code.startswith("flood")]


def test_lifting_a_row_that_is_not_there_is_refused(scenario) -> None:
    with pytest.raises(ScenarioError, match=r"lines\.lifted"):
        build_question(close(scenario, lifted=["low-water-gao"]))


# Show 3: one scenario in three months, and with the ferry closed


def list_words(study, lang="en") -> list[str]:
    return [render_code(n.code, n.values, lang, kind="notice") for n in study.notices]


def test_november_january_and_august_are_three_explained_plans(scenario, study) -> None:
    months = {NOVEMBER: study}
    for start in (JANUARY, AUGUST):
        months[start] = plan_patrols(scenario.replace(start=start))
    plans = {frozenset(p.site_ids for p in s.plan.patrols) for s in months.values()}
    assert len(plans) == 3
    names = {
        start: {
            (n.code, n.values["name"]) for n in s.notices if n.code.startswith("flood")
        }
        for start, s in months.items()
    }
    delta = ("flood_closes", "Tracks of the Inner Delta west of Mopti")
    koina = ("flood_closes", "Track at Hondoubomo Koina")
    embankment = ("flood_slows", "Embankment Gao\u2013Ansongo at Bara and Tabango")
    assert {delta, koina} <= names[NOVEMBER]
    assert names[JANUARY] == {koina, embankment}
    assert delta in names[AUGUST]
    assert koina not in names[AUGUST]
    rains = [n for n in months[AUGUST].notices if n.code == "season_slows"]
    assert [n.values["to_date"] for n in rains] == ["2014-09-20"]
    reasons = {
        start: {e.site_id: e.reason for e in s.assessment.unserved}
        for start, s in months.items()
    }
    # Léré is shut off by the rains alone, Ténenkou by the flood until the new year.
    assert reasons[AUGUST]["lere"] == "way_closed_in_season"
    assert reasons[NOVEMBER]["tenenkou"] == "ways_closed"
    assert reasons[JANUARY].get("tenenkou") not in ("ways_closed", "no_way")
    for found in months.values():
        assert not found.assessment.violations


def test_closing_the_koriome_ferry_changes_the_plan_and_is_told(scenario, study):
    def drives(found) -> bool:
        legs = (leg for p in found.plan_file.patrols for leg in p.legs)
        return any("koriome-ferry" in leg.lines for leg in legs)

    assert drives(study)
    shut = plan_patrols(close(scenario, "koriome-ferry"))
    assert not drives(shut)
    assert shut.plan != study.plan
    told = " ".join(list_words(shut))
    assert "Ferry of Koriomé is closed." in told
    assert "Ferry of Koriomé: this alone lengthens most the way from" in told
    assert "Bac de Koriomé" in " ".join(list_words(shut, "fr"))
    assert "Koriomé is closed" not in " ".join(list_words(study))


def test_a_line_that_closes_under_way_is_heard_of(scenario, study) -> None:
    # A leg of several days, and the first line that it drives on a later one.
    patrol, leg = next(
        (patrol, leg)
        for patrol in study.plan_file.patrols
        for before, leg in itertools.pairwise(patrol.legs)
        if before.to.startswith("halt:") and leg.lines and leg.driving_min > 0
    )
    day, line = leg.depart.date(), leg.lines[0]
    shut = scenario.replace(lines={"closed": (f"{line}@{day}..{day}",)})
    asked = build_question(shut)
    told = list_closing_ways(study.plan_file, asked.travels, asked.roads.names)
    assert (patrol.id, day.isoformat()) in {
        (code.values["patrol_id"], code.values["date"]) for code in told
    }
    assert all(code.values["name"] == asked.roads.names[line][0] for code in told)
    assert list_closing_ways(study.plan_file, study.travels, study.roads.names) == ()


# Show 7: the river patrol of Gao


def plan_river(scenario, start, **lines):
    team = scenario.teams[0].model_copy(
        update={"vehicle": "boat", "vehicles": 3, "people": 23, "max_days": 2}
    )
    return plan_patrols(
        scenario.replace(
            start=start,
            horizon_days=3,
            teams=(team,),
            patrols={"min_days": 2},
            need={"min_unknown_visits": 0},
            sites={"required": ("Ansongo",)},
            lines=lines,
        )
    )


def test_gao_ansongo_gao_goes_in_august_not_in_may_and_in_may_if_lifted(scenario):
    # MINUSMA Gao: 23 people in 3 boats, there and back in two days.
    august = plan_river(scenario, date(2014, 8, 15))
    assert not august.assessment.violations
    (patrol,) = august.plan_file.patrols
    assert [s.site_id for s in patrol.stops if s.kind == "visit"] == ["ansongo"]
    assert {line for leg in patrol.legs for line in leg.lines} >= {"river-gao-ansongo"}

    may = plan_river(scenario, date(2014, 5, 15))
    assert not may.plan_file.patrols
    (broken,) = may.assessment.violations
    assert broken.rule == "required_not_visited"
    (entry,) = (e for e in may.assessment.unserved if e.site_id == "ansongo")
    told = render_code(entry.reason, entry.reason_values, "en", kind="reason")
    assert told == (
        "No way leads there while Niger Gao\u2013Ansongo is closed (2014-04-01 to "
        "2014-06-30); without that, one does."
    )

    lifted = plan_river(scenario, date(2014, 5, 15), lifted=["low-water-gao-ansongo"])
    assert not lifted.assessment.violations
    assert [p.site_ids for p in lifted.plan.patrols] == [("ansongo",)]
