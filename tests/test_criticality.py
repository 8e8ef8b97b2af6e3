"""Every line cut in turn: against cuts by hand, and a network summed on paper."""

from __future__ import annotations

import csv
import json
from dataclasses import replace

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from patrolplan.cli import main
from patrolplan.criticality import find_criticality, list_standing_bases
from patrolplan.geodesy import WGS84
from patrolplan.network import build_network, build_travel, read_roads
from patrolplan.network.arcs import RoadState
from patrolplan.network.cutting import cut_lines, find_weak_spots
from patrolplan.products.criticality_rows import tabulate_cuts, tabulate_sites
from patrolplan.question import list_places

SPEEDS = pd.DataFrame(
    [("car", "track", "dry", 60.0, 10.0)],
    columns=["vehicle", "surface", "season", "speed_kmh", "fuel_l_per_100km"],
)
STATE = RoadState("car")


@pytest.fixture(scope="module")
def found(scenario):
    return find_criticality(scenario)


def draw(ends: dict[str, tuple[str, str, float]], spots):
    """Return a network of straight tracks: id to two places and km, 1 min each."""
    lines = gpd.GeoDataFrame(
        [
            {
                "id": key,
                "ref": None,
                "name": key,
                "kind": "track",
                "surface": "track",
                "length_km": km,
                "hazard": None,
                "status_dry": "open",
                "status_rains": "open",
                "wait_min": None,
                "crossing_min": None,
            }
            for key, (_, _, km) in ends.items()
        ],
        geometry=[
            shapely.LineString([spots[a], spots[b]]) for a, b, _ in ends.values()
        ],
        crs=WGS84,
    )
    return build_network(lines, spots, snap_km=1.0)


SPOTS = {"a": (0.0, 16.0), "b": (1.0, 16.0), "c": (1.0, 17.0), "d": (2.0, 17.0)}
ENDS = {
    "ab": ("a", "b", 100.0),
    "bc": ("b", "c", 60.0),
    "ac": ("a", "c", 250.0),
    "cd": ("c", "d", 30.0),
}


def test_a_small_network_is_as_summed_on_paper() -> None:
    # At 60 km/h a kilometre is a minute. From a: b 100, c 100 + 60 = 160, d 190.
    # Without ab: c 250, b 250 + 60 = 310, d 280. Without bc: c 250, d 280.
    # Without cd: d has no way. Without ac nothing changes.
    network = draw(ENDS, SPOTS)
    cuts = cut_lines(network, SPEEDS, STATE, ["a"], ["b", "c", "d"], ENDS)
    assert cuts.whole.minutes == pytest.approx([100, 160, 190])
    assert cuts.without["ab"].minutes == pytest.approx([310, 250, 280])
    assert cuts.without["bc"].minutes == pytest.approx([100, 250, 280])
    assert cuts.without["ac"].minutes == pytest.approx([100, 160, 190])
    assert cuts.without["cd"].minutes == pytest.approx([100, 160, np.inf])
    assert cuts.without["cd"].base_ids == ("a", "a", None)
    bridge, point = find_weak_spots(network, SPEEDS, STATE, ["a"])
    assert (bridge.kind, bridge.line_id, bridge.parted) == ("bridge", "cd", ("d",))
    assert (point.kind, point.place_ids, point.parted) == ("point", ("c",), ("d",))


def test_another_base_takes_over() -> None:
    # With a second base at d: c is 30 from it, b 60 + 30 = 90. Without cd, from a.
    network = draw(ENDS, SPOTS)
    cuts = cut_lines(network, SPEEDS, STATE, ["a", "d"], ["b", "c"], ENDS)
    assert cuts.whole.minutes == pytest.approx([90, 30])
    assert cuts.whole.base_ids == ("d", "d")
    assert cuts.without["cd"].minutes == pytest.approx([100, 160])
    assert cuts.without["cd"].base_ids == ("a", "a")


def test_two_lines_between_the_same_places_are_no_bridge() -> None:
    network = draw({**ENDS, "cd2": ("c", "d", 45.0)}, SPOTS)
    kinds = [spot.kind for spot in find_weak_spots(network, SPEEDS, STATE, ["a"])]
    assert kinds == ["point"]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 5), st.floats(1, 500)),
        min_size=1,
        max_size=10,
    )
)
def test_a_cut_never_shortens_a_way_and_bridges_are_who_parts(drawn) -> None:
    spots = {f"p{i}": (float(i), 16.0 + (i * i % 7) / 3) for i in range(6)}
    ends = {
        f"l{n}": (f"p{a}", f"p{b}", km) for n, (a, b, km) in enumerate(drawn) if a != b
    }
    assume(any("p0" in (a, b) for a, b, _ in ends.values()))
    network = draw(ends, spots)
    places = sorted(spots)
    cuts = cut_lines(network, SPEEDS, STATE, ["p0"], places, ends)
    graph = nx.MultiGraph((a, b, {"id": key}) for key, (a, b, _) in ends.items())
    graph.add_nodes_from(places)
    for line, reach in cuts.without.items():
        assert (reach.minutes >= cuts.whole.minutes - 1e-9).all()
        rest = nx.MultiGraph(graph)
        rest.remove_edges_from(
            [e[:3] for e in graph.edges(keys=True, data="id") if e[3] == line]
        )
        joined = nx.node_connected_component(rest, "p0")
        assert [place in joined for place in places] == list(np.isfinite(reach.minutes))
    parting = set()
    for key, (a, b, _) in ends.items():
        others = [v[:2] for k, v in ends.items() if k != key]
        rest = nx.MultiGraph([*others, *((place, place) for place in places)])
        if not nx.has_path(rest, a, b):
            parting.add(key)
    spots_found = find_weak_spots(network, SPEEDS, STATE, ["p0"])
    assert {s.line_id for s in spots_found if s.kind == "bridge"} == parting


def test_every_cut_is_that_of_closing_the_line(found, scenario) -> None:
    # The slow way: travel between all bases and sites, with the line in lines.closed.
    layers = found.layers
    bases = list_standing_bases(layers.bases, scenario, scenario.start)
    network = build_network(
        layers.lines,
        list_places(layers.population, bases),
        snap_km=scenario.movement.snap_km,
    )
    sites = sorted(layers.population["id"])
    ids = [*bases["id"], *sites]
    people = layers.population.set_index("id")["population"].reindex(sites)

    def measure(closed):
        asked = scenario.replace(
            lines=scenario.lines.model_copy(update={"closed": closed})
        )
        state = read_roads(asked, layers).find_state("light_4x4", scenario.start)
        travel = build_travel(network, layers.speeds, ids, state)
        return travel.durations_min[: len(bases), len(bases) :].min(axis=0)

    own = scenario.lines.closed
    before = measure(own)
    longest = found.lines[found.lines["sites_cut_off"] == 0].head(5)
    for row in pd.concat([found.lines.head(5), longest]).itertuples():
        after = measure((*own, row.id))
        lost = np.isfinite(before) & np.isinf(after)
        longer = np.isfinite(after) & (after > before)
        assert row.people_cut_off == people[lost].sum()
        assert row.sites_cut_off == lost.sum()
        hours = (after[longer] - before[longer]) / 60
        assert row.person_hours == pytest.approx(
            (people[longer].to_numpy() * hours)[~people[longer].isna()].sum()
        )


def test_close_of_the_command_line_gives_the_same_figures(found, capsys) -> None:
    def ask(base, site, *more):
        code = main(["route", base, site, "--json", *more])
        routes = json.loads(capsys.readouterr().out)["routes"]
        return code, routes[0]["duration_min"] if routes else None

    cut = found.lines["id"].head(5)
    first = found.sites[found.sites["line_id"].isin(cut)].groupby("line_id").head(1)
    assert set(first["line_id"]) == set(cut)
    longer = found.sites[found.sites["hours"].notna()].groupby("line_id").head(1)
    for row in pd.concat([first, longer.head(3)]).itertuples():
        code, minutes = ask(row.base_before, row.site_id)
        assert (code, minutes) == (0, pytest.approx(row.minutes_before))
        close = ("--close", row.line_id)
        base = row.base_after or row.base_before
        code, minutes = ask(base, row.site_id, *close)
        if row.base_after is None:
            assert (code, minutes) == (1, None)
        else:
            assert (code, minutes) == (0, pytest.approx(row.minutes_after))


def test_the_ranking_is_by_people_cut_off_then_hours(found) -> None:
    keys = list(
        zip(-found.lines["people_cut_off"], -found.lines["person_hours"], strict=True)
    )
    assert keys == sorted(keys)
    assert len(found.lines) == len(found.layers.lines)
    assert np.isfinite(found.lines["person_hours"]).all()
    closed = found.lines[~found.lines["open"]]
    assert not closed["sites_longer"].any()


def test_the_verb_writes_tables_and_page(tmp_path, capsys) -> None:
    assert main(["critical", "--out", str(tmp_path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["lines"][0]["id"] == "mopti-sevare"
    with (tmp_path / "critical.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["rank"] for row in rows[:3]] == ["1", "2", "3"]
    assert (tmp_path / "critical-sites.csv").stat().st_size > 100
    page = (tmp_path / "critical.html").read_text(encoding="utf-8")
    assert "CONFIDENTIAL" in page
    assert main(["critical", "--lang", "fr"]) == 0
    assert "Personnes isolées" in capsys.readouterr().out


def test_an_unknown_vehicle_is_refused(capsys) -> None:
    assert main(["critical", "--vehicle", "sled"]) == 2
    assert "sled" in capsys.readouterr().err


def test_unknown_people_are_not_nobody(found) -> None:
    table = tabulate_sites(found)
    unknown = found.sites["people"].isna()
    assert unknown.any()
    assert (table["people"][unknown] == "unknown").all()
    assert tabulate_cuts(replace(found))["unknown_people"].sum() == unknown.sum()
