"""Ways over compiled networks: equal to scipy, whatever the network."""

from __future__ import annotations

import itertools

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import dijkstra

from patrolplan.errors import EdgeError
from patrolplan.network import matrix
from patrolplan.network.edges import build_edge_table
from patrolplan.network.engine import (
    Spots,
    attach_sites,
    compile_network,
    draw_service_areas,
    find_alternative_ways,
    measure_matrices,
)
from patrolplan.network.engine.reference import build_costs, measure_by_scipy
from patrolplan.network.engine.sweeping import NEVER
from patrolplan.network.engine.topology import build_topology
from patrolplan.network.graphs import build_graph, read_graph
from patrolplan.network.opposites import join_opposites


def draw_network(seed, *, whole=True):
    """A network by chance: chains, rings, dead ends, loops, parallel and lone nodes."""
    rng = np.random.default_rng(seed)
    junctions = int(rng.integers(1, 12))
    pairs = rng.integers(junctions, size=(int(rng.integers(0, 22)), 2))
    tails, heads, nodes = [], [], junctions
    for tail, head in pairs.tolist():
        within = int(rng.integers(0, 4))
        path = [tail, *range(nodes, nodes + within), head]
        nodes += within
        for pair in itertools.pairwise(path):
            tails.append(pair[0])
            heads.append(pair[1])
    # A ring that nothing joins, and an edge may run against its chain.
    for node in range(3):
        tails.append(nodes + node)
        heads.append(nodes + (node + 1) % 3)
    nodes += 3
    tails, heads = np.array(tails), np.array(heads)
    turned = rng.random(len(tails)) < 0.5
    tails, heads = np.where(turned, heads, tails), np.where(turned, tails, heads)
    number = rng.permutation(nodes)
    table = build_edge_table(
        from_node=number[tails],
        to_node=number[heads],
        length_m=rng.integers(0, 1000, len(tails)) * 1.0,
        both_ways=rng.random(len(tails)) < rng.choice([0.5, 0.9, 1.0]),
        node_lon=rng.random(nodes),
        node_lat=rng.random(nodes),
    )
    high = int(rng.choice([3, 1000]))
    weights = rng.integers(0, high, (3, len(tails))) * 1.0
    if not whole:
        weights[:2] += rng.random((2, len(tails)))
    closed = np.flatnonzero(rng.random(len(tails)) < rng.choice([0.0, 0.1, 0.4]))
    return table, weights, closed


def customize(network, weights, closed):
    return network.customize(
        weights[0], backward=weights[1], hazards=weights[2], closed=closed
    )


def add_up(way, profile):
    """What a way costs by the edges it drives, checked to be one way without gaps."""
    table, total, node = way.table, np.zeros(3), None
    for row, begin, end in zip(way.edges, way.begins, way.ends, strict=True):
        ahead = end > begin
        first, last = table.from_node[row], table.to_node[row]
        first, last = (first, last) if ahead else (last, first)
        assert node in (None, first)
        node = last
        total += abs(end - begin) * np.array(
            [
                profile.costs[row, 0 if ahead else 1],
                table.length_m[row],
                profile.hazards[row],
            ]
        )
    return total


@given(seed=st.integers(0, 2**32))
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
def test_matrices_equal_those_of_scipy_and_ways_add_up(seed) -> None:
    table, weights, closed = draw_network(seed)
    profile = customize(compile_network(table), weights, closed)
    nodes = np.arange(table.node_count)
    expected = measure_by_scipy(table, profile.costs, nodes, nodes)
    found = profile.matrix(nodes)
    np.testing.assert_array_equal(found.costs, expected)
    some = np.random.default_rng(seed).integers(table.node_count, size=(2, 4))
    burdened = profile.matrix(*some, burdens=True)
    np.testing.assert_array_equal(burdened.costs, expected[np.ix_(*some)])
    for row, source in enumerate(some[0]):
        for column, target in enumerate(some[1]):
            way = profile.path(source, target)
            if way is None:
                assert np.isinf([part[row, column] for part in burdened]).all()
                continue
            sums = [part[row, column] for part in burdened]
            np.testing.assert_array_equal([way.cost, way.length_m, way.hazard], sums)
            np.testing.assert_array_equal(add_up(way, profile), sums)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_matrices_of_fractions_are_those_of_scipy_but_for_rounding(seed) -> None:
    table, weights, closed = draw_network(seed, whole=False)
    profile = customize(compile_network(table), weights, closed)
    nodes = np.arange(table.node_count)
    expected = measure_by_scipy(table, profile.costs, nodes, nodes)
    np.testing.assert_allclose(profile.matrix(nodes).costs, expected, rtol=1e-12)
    # Lengths come with costs found in the same order of sums.
    found = profile.matrix(nodes[:5], nodes, burdens=True)
    np.testing.assert_array_equal(found.costs, profile.matrix(nodes[:5], nodes).costs)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_spots_along_edges_are_nodes_of_edges_cut_there(seed) -> None:
    table, weights, closed = draw_network(seed)
    weights = weights * 4
    rng = np.random.default_rng(seed)
    profile = customize(compile_network(table), weights, closed)
    edge = rng.integers(len(table), size=4)
    edge[1] = edge[0]
    share = rng.choice([0.0, 0.25, 0.5, 1.0], size=4)
    # Each edge is cut where a spot lies; the parts cost in proportion.
    tails, heads, costs = [], [], []
    nodes = table.node_count + 4
    for row in range(len(table)):
        here = sorted(
            (share[k], table.node_count + k) for k in range(4) if edge[k] == row
        )
        cuts = [(0.0, table.from_node[row]), *here, (1.0, table.to_node[row])]
        for (begin, tail), (end, head) in itertools.pairwise(cuts):
            tails.append(tail)
            heads.append(head)
            part = end - begin
            costs.append(part * profile.costs[row] if part else np.zeros(2))
    cut = build_edge_table(
        from_node=tails,
        to_node=heads,
        length_m=np.zeros(len(tails)),
        node_lon=np.zeros(nodes),
        node_lat=np.zeros(nodes),
    )
    spots = np.arange(table.node_count, nodes)
    expected = measure_by_scipy(cut, np.array(costs), spots, spots)
    found = profile.matrix(Spots(edge, share), burdens=True)
    np.testing.assert_array_equal(found.costs, expected)
    np.testing.assert_array_equal(profile.matrix(Spots(edge, share)).costs, expected)
    way = profile.path(Spots(edge[:1], share[:1]), Spots(edge[2:3], share[2:3]))
    if way is None:
        assert np.isinf(expected[0, 2])
    else:
        assert way.cost == expected[0, 2] == add_up(way, profile)[0]


@given(seed=st.integers(0, 2**32))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_closing_more_edges_is_customizing_anew(seed) -> None:
    table, weights, closed = draw_network(seed)
    network = compile_network(table)
    before = customize(network, weights, [])
    after, anew = before.close(closed), customize(network, weights, closed)
    np.testing.assert_array_equal(after.arcs, anew.arcs)
    np.testing.assert_array_equal(after.costs, anew.costs)


def test_whole_numbers_too_large_for_32_bits_stay_exact() -> None:
    for seed in range(40):
        table, weights, closed = draw_network(seed)
        network = compile_network(table)
        nodes = np.arange(table.node_count)
        plain = customize(network, weights * 2**28 + 1, closed)
        expected = measure_by_scipy(table, plain.costs, nodes, nodes)
        assert plain.whole is not None
        np.testing.assert_array_equal(plain.matrix(nodes).costs, expected)
    assert NEVER < 2**28 * 3000


def build_line(**changes):
    """Three nodes on a line: 0 -- 1 -- 2, the second edge one way."""
    columns = {
        "from_node": [0, 1],
        "to_node": [1, 2],
        "length_m": [1000.0, 2000.0],
        "both_ways": [True, False],
        "node_lon": [0.0, 1.0, 2.0],
        "node_lat": [15.0, 15.0, 15.0],
        "edge_id": ["a", "b"],
        "source_ids": (("way 1",), ("way 1", "way 2")),
    }
    return build_edge_table(**(columns | changes))


def test_a_line_by_hand() -> None:
    profile = compile_network(build_line()).customize([5.0, 7.0], hazards=[1.0, 3.0])
    # 5 there and back; 7 one way; 5 + 7 = 12.
    found = profile.matrix([0, 1, 2], burdens=True)
    inf = np.inf
    assert found.costs.tolist() == [[0, 5, 12], [5, 0, 7], [inf, inf, 0]]
    assert found.lengths_m[0].tolist() == [0, 1000, 3000]
    assert found.hazards[0].tolist() == [0, 1, 4]
    way = profile.path(0, 2)
    assert way.edge_ids == ["a", "b"]
    assert way.source_ids == ("way 1", "way 2")
    assert shapely.get_coordinates(way.draw()).tolist() == [[0, 15], [1, 15], [2, 15]]
    assert profile.path(2, 0) is None
    # From a quarter of the first edge to half of the second: 3.75 + 3.5.
    begin, end = Spots([0], [0.25]), Spots([1], [0.5])
    way = profile.path(begin, end)
    assert way.cost == profile.matrix(begin, end).costs[0, 0] == 7.25
    assert shapely.get_coordinates(way.draw()).tolist() == [
        [0.25, 15],
        [1, 15],
        [1.5, 15],
    ]
    assert profile.path(1, 1).draw().is_empty
    found = profile.nearest([0, 2], [2, 1, 2], k=2)
    assert found.targets.tolist() == [[1, 0], [0, 2]]
    assert found.costs.tolist() == [[5, 12], [0, 0]]
    assert profile.nearest([2], [0, 1]).targets.tolist() == [[-1]]
    assert profile.reach(1).tolist() == [5, 0, 7]


def test_topologies_are_kept_by_what_they_are_of(tmp_path) -> None:
    table, weights, closed = draw_network(3)
    built = compile_network(table)
    first = compile_network(table, cache=tmp_path)
    again = compile_network(table, cache=tmp_path)
    assert len(list(tmp_path.iterdir())) == 1
    assert isinstance(again.topology.up_head, np.memmap)
    nodes = np.arange(table.node_count)
    expected = customize(built, weights, closed).matrix(nodes).costs
    for network in (first, again):
        found = customize(network, weights, closed).matrix(nodes, burdens=True).costs
        np.testing.assert_array_equal(found, expected)
    compile_network(draw_network(4)[0], cache=tmp_path)
    assert len(list(tmp_path.iterdir())) == 2
    # Half a topology is none.
    (kept,) = (
        f
        for f in tmp_path.iterdir()
        if f.name == max(p.name for p in tmp_path.iterdir())
    )
    (kept / "parent.npy").write_bytes(b"")
    found = [compile_network(draw_network(s)[0], cache=tmp_path) for s in (3, 4)]
    assert all(len(network.topology.parent) for network in found)


def test_a_topology_is_the_same_each_time() -> None:
    one, other = (compile_network(draw_network(5)[0]).topology for _ in range(2))
    for name, column in one._asdict().items():
        np.testing.assert_array_equal(column, getattr(other, name))


def test_a_graph_of_networkx_goes_both_ways() -> None:
    graph = build_graph(build_line())
    assert sorted(graph.edges()) == [(0, 1), (1, 0), (1, 2)]
    table, lengths_m = read_graph(graph, duration="length_m")
    assert not table.both_ways.any()
    found = compile_network(table).customize(lengths_m).matrix([0, 1, 2]).costs
    for source in range(3):
        known = nx.single_source_dijkstra_path_length(graph, source, weight="length_m")
        assert found[source].tolist() == [known.get(n, np.inf) for n in range(3)]


@given(seed=st.integers(0, 2**32))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_edges_against_each_other_are_one_edge_both_ways(seed) -> None:
    table = draw_network(seed)[0]
    apart, lengths_m = read_graph(build_graph(table), duration="length_m")
    weights = lengths_m + np.random.default_rng(seed).integers(0, 50, len(apart))
    made = join_opposites(apart, weights)
    loops = int((table.from_node == table.to_node).sum())
    assert len(made.edges) <= len(table) + loops
    nodes = np.arange(table.node_count)
    costs = np.column_stack((weights, np.full(len(apart), np.inf)))
    expected = measure_by_scipy(apart, costs, nodes, nodes)
    network = compile_network(made.edges)
    profile = network.customize(made.weights, backward=made.backward)
    np.testing.assert_array_equal(profile.matrix(nodes).costs, expected)
    there, back = made.rows.T
    both = back >= 0
    np.testing.assert_array_equal(apart.from_node[there], made.edges.from_node)
    np.testing.assert_array_equal(
        apart.from_node[back[both]], apart.to_node[there[both]]
    )
    assert len(np.unique([*there, *back[both]])) == len(apart)


def test_large_matrices_of_places_are_those_of_small_ones(monkeypatch) -> None:
    for seed in range(20):
        table, weights, _ = draw_network(seed)
        places = {
            str(row): (float(lon), float(lat))
            for row, (lon, lat) in enumerate(
                np.random.default_rng(seed).random((5, 2)).tolist()
            )
        }
        found = {}
        for few in (10**9, 0):
            monkeypatch.setattr(matrix, "_FEW", few)
            found[few] = matrix.build_matrix(table, weights[0], places)
        for name in ("durations_min", "lengths_m"):
            one, other = (getattr(made, name) for made in found.values())
            np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("weight", [-1.0, np.nan, np.inf])
def test_unfit_weights_are_refused_naming_the_edge(weight) -> None:
    network = compile_network(build_line())
    for name in ("weights", "backward", "hazards"):
        given = {"weights": [1.0, 1.0]} | {name: [weight, weight]}
        with pytest.raises(EdgeError, match=f"edge 'a', {name}") as caught:
            network.customize(**given)
        assert len(caught.value.faults) == 2
    with pytest.raises(EdgeError, match="expected 2 numbers"):
        network.customize([1.0])
    with pytest.raises(EdgeError, match="expected rows from 0 to 1"):
        network.customize([1.0, 1.0], closed=[2])


def test_all_faults_of_a_table_are_named_at_once() -> None:
    with pytest.raises(EdgeError) as caught:
        build_line(
            edge_id=["a", "a"],
            to_node=[1, 3],
            length_m=[-1.0, np.nan],
            node_lat=[0.0, 91.0, np.nan],
        )
    text = str(caught.value)
    assert len(caught.value.faults) == 6
    for part in ("edge 'a'", "its id stands 2 times", "node '1', node_lat", "to_node"):
        assert part in text
    with pytest.raises(EdgeError, match="length_m: has the shape"):
        build_line(length_m=[1.0])
    with pytest.raises(EdgeError, match="whole numbers"):
        build_line(from_node=[0.5, 1.0])
    many = build_line(edge_id=None)
    with pytest.raises(EdgeError, match="30 faulty rows"):
        build_edge_table(
            from_node=[0] * 30,
            to_node=[1] * 30,
            length_m=[-1.0] * 30,
            node_lon=many.node_lon,
            node_lat=many.node_lat,
        )


def test_spots_outside_the_network_are_named() -> None:
    profile = compile_network(build_line()).customize([5.0, 7.0])
    with pytest.raises(EdgeError, match="sources, spot 1: 3 is none"):
        profile.matrix([0, 3])
    with pytest.raises(EdgeError, match="whole numbers"):
        profile.matrix([0.5])
    with pytest.raises(EdgeError, match="share from 0 to 1"):
        profile.matrix(Spots([0], [np.nan]))


def build_ladder():
    """Two places that four tracks join, of 10, 11, 12 and 40 km, each in two parts."""
    lengths_m = np.repeat([5_000.0, 5_500.0, 6_000.0, 20_000.0], 2)
    return build_edge_table(
        from_node=[0, 2, 0, 3, 0, 4, 0, 5, 0, 1],
        to_node=[2, 1, 3, 1, 4, 1, 5, 1, 6, 7],
        length_m=[*lengths_m, 100.0, 100.0],
        node_lon=[0.0, 0.1, 0.05, 0.05, 0.05, 0.05, -0.001, 0.101],
        node_lat=[15.0, 15.0, 15.0, 15.01, 14.99, 15.1, 15.0, 15.0],
    )


def test_other_ways_differ_and_say_by_how_much() -> None:
    table = build_ladder()
    profile = compile_network(table).customize(table.length_m)
    found = find_alternative_ways(profile, 0, 1, 4, overlap=0.0, stretch=1.3)
    # 11 / 10 and 12 / 10; 40 km is more than 1.3 times the cheapest.
    assert [other.way.cost for other in found] == [10_000, 11_000, 12_000]
    assert [other.stretch for other in found] == [1.0, 1.1, 1.2]
    assert [other.overlap for other in found] == [0.0, 0.0, 0.0]
    # From the stubs at the ends all share 200 m of 11.2 km.
    found = find_alternative_ways(profile, 6, 7, 2)
    assert found[1].overlap == pytest.approx(200 / 11_200)
    assert find_alternative_ways(profile, 6, 7, 2, overlap=0.01)[1:] == []
    assert len(find_alternative_ways(profile, 6, 7, 1)) == 1
    closed = profile.close(np.arange(8))
    assert find_alternative_ways(closed, 0, 1) == []


@given(seed=st.integers(0, 2**32))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_other_ways_are_ways_at_their_price(seed) -> None:
    table, weights, closed = draw_network(seed)
    profile = customize(compile_network(table), weights, closed)
    found = find_alternative_ways(profile, 0, 1, 4, overlap=0.7, stretch=2.0)
    best = profile.matrix([0], [1]).costs[0, 0]
    assert bool(found) == np.isfinite(best)
    for place, other in enumerate(found):
        sums = [other.way.cost, other.way.length_m, other.way.hazard]
        np.testing.assert_allclose(add_up(other.way, profile), sums)
        assert best <= other.way.cost <= 2.0 * best
        driven = set(other.way.edges.tolist())
        total = table.length_m[other.way.edges].sum()
        for before in found[:place]:
            both = table.length_m[list(driven & set(before.way.edges.tolist()))].sum()
            assert both <= 0.7 * total + 1e-6


def test_service_areas_follow_the_roads_as_far_as_the_limit() -> None:
    table = build_line(both_ways=[True, True])
    profile = compile_network(table).customize([10.0, 10.0])
    near, far, none = draw_service_areas(profile, 0, [5, 15, -1], beside_m=500.0)
    # Half of the first edge, then all of it and half of the second.
    for area, inside, outside in ((near, 0.45, 0.55), (far, 1.45, 1.55)):
        assert area.contains(shapely.Point(inside, 15.0))
        assert not area.intersects(shapely.Point(outside, 15.0))
        assert not area.intersects(shapely.Point(0.2, 15.01))
    assert none.is_empty
    spot = Spots([0], [0.5])
    (middle,) = draw_service_areas(profile, spot, [2], beside_m=500.0)
    west, _, east, _ = middle.bounds
    # A fifth of an edge to both sides, and half a kilometre more.
    assert west == pytest.approx(0.3 - 0.0047, abs=5e-4)
    assert east == pytest.approx(0.7 + 0.0047, abs=5e-4)
    with pytest.raises(ValueError, match="more than zero"):
        draw_service_areas(profile, 0, [1], beside_m=0.0)


def test_sites_are_attached_where_they_are_nearest() -> None:
    table = build_line(node_lon=[0.0, 0.01, 0.02])
    found = attach_sites(
        table, [0.0025, 0.015, 0.5], [15.001, 14.999, 16.0], snap_m=1000.0
    )
    assert found.rows.tolist() == [0, 1]
    assert found.spots.edge.tolist() == [0, 1]
    np.testing.assert_allclose(found.spots.share, [0.25, 0.5], atol=1e-3)
    # A thousandth of a degree of latitude is about 110.6 m.
    np.testing.assert_allclose(found.distances_m[:2], 110.6, atol=0.5)
    assert np.isinf(found.distances_m[2])
    profiles = {
        name: compile_network(table).customize(weights)
        for name, weights in (("light", [4.0, 8.0]), ("heavy", [8.0, 16.0]))
    }
    made = measure_matrices(profiles, found.spots)
    # 3/4 of the first and 1/2 of the second: 3 + 4; the second is one way.
    assert made["light"].costs[0, 1] == pytest.approx(7.0, abs=0.02)
    assert made["heavy"].costs[0, 1] == 2 * made["light"].costs[0, 1]
    assert np.isinf(made["light"].costs[1, 0])


def test_matrices_equal_those_of_routingkit_where_it_is_installed() -> None:
    module = pytest.importorskip("pyroutingkit")
    for seed in range(50):
        table, weights, closed = draw_network(seed)
        profile = customize(compile_network(table), weights + 1, closed)
        tails = np.concatenate((table.from_node, table.to_node))
        heads = np.concatenate((table.to_node, table.from_node))
        costs = profile.costs.T.ravel()
        usable = np.isfinite(costs) & (tails != heads)
        topology = module.CCHTopology()
        topology.build(
            tails[usable].astype(np.uint32),
            heads[usable].astype(np.uint32),
            table.node_lat.astype(np.float32),
            table.node_lon.astype(np.float32),
            table.node_count,
        )
        metric = module.CCHMetric(topology)
        metric.customize(costs[usable].astype(np.uint32))
        nodes = np.arange(table.node_count, dtype=np.uint32)
        found = metric.distances_many_to_many(nodes, nodes)
        expected = np.where(found >= module.INF_WEIGHT, np.inf, found * 1.0)
        np.testing.assert_array_equal(profile.matrix(nodes).costs, expected)


@pytest.mark.parametrize("spokes", [15, 16, 17, 40])
def test_hubs_with_more_neighbours_than_there_is_room_for(spokes) -> None:
    # Two hubs on the same spokes, and the spokes in a ring: nothing is a chain.
    rim = 2 + np.arange(spokes)
    tails = np.concatenate((np.zeros(spokes), np.ones(spokes), rim)).astype(int)
    heads = np.concatenate((rim, rim, np.roll(rim, 1))).astype(int)
    rng = np.random.default_rng(spokes)
    table = build_edge_table(
        from_node=tails,
        to_node=heads,
        length_m=np.ones(len(tails)),
        node_lon=np.zeros(spokes + 2),
        node_lat=np.zeros(spokes + 2),
    )
    weights = rng.integers(1, 100, len(tails)).astype(float)
    profile = compile_network(table).customize(weights)
    every = np.arange(spokes + 2)
    expected = dijkstra(build_costs(table, profile.costs), indices=every)
    np.testing.assert_array_equal(profile.matrix(every).costs, expected)


def test_whoever_is_above_a_junction_ranks_higher_and_branches_are_runs() -> None:
    for seed in range(20):
        table, _, _ = draw_network(seed)
        parent = build_topology(table).parent
        ranks = np.arange(len(parent))
        assert ((parent > ranks) | (parent < 0)).all()
        size = np.ones(len(parent), dtype=int)
        for node in ranks[parent >= 0]:
            size[parent[node]] += size[node]
        # A branch ends with its top: all that hangs on it stands right before.
        for node in ranks:
            top = node
            for below in range(node - size[node] + 1, node):
                assert below <= parent[below] <= top
