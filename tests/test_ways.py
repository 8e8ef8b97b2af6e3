"""Sums along ways, and how many ways a scenario may ask for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from patrolplan.errors import ScenarioError
from patrolplan.network import (
    Clearance,
    KeptPlace,
    RoadState,
    build_network,
    build_travel,
)
from patrolplan.network.arcs import weigh_hazard
from patrolplan.question import list_places
from patrolplan.study import build_question

STATES = (
    RoadState("light_4x4", "dry", hazard_min_per_km=1.0, ferry_margin_min=20.0),
    RoadState("light_4x4+boat", "rains", transfer_min=45.0, ferry_margin_min=10.0),
)
KEPT = tuple(
    KeptPlace(name, "school", lon, lat, 5.0, assumed=False)
    for name, lon, lat in (("gao", -0.05, 16.27), ("douentza", -2.95, 15.0))
)


@pytest.fixture(scope="module")
def built(layers, scenario):
    places = list_places(layers.population, layers.bases)
    network = build_network(layers.lines, places, snap_km=scenario.movement.snap_km)
    return network, sorted(places)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.vehicle)
@pytest.mark.parametrize("cells", [1, 1_000_000])
def test_sums_are_those_of_the_pieces_to_the_last_bit(
    built, layers, monkeypatch, state, cells
) -> None:
    monkeypatch.setattr("patrolplan.network.ways._CELLS", cells)
    network, places = built
    travel = build_travel(network, layers.speeds, places, state, Clearance(KEPT))
    measures = (
        (travel.durations_min, lambda piece: piece.duration_min),
        (travel.lengths_m, lambda piece: piece.length_m),
        (travel.fuels_l, lambda piece: piece.fuel_l),
        (travel.hazards, weigh_hazard),
    )
    joined = np.argwhere(np.isfinite(travel.durations_min)).tolist()
    assert len(places) < len(joined)
    for i, j in joined:
        pieces = travel.trace_pair(i, j)
        for cells_of, measure in measures:
            total = 0.0
            for piece in pieces:
                total += measure(piece)
            assert cells_of[i, j] == total
    assert travel.halt_blocked


def test_a_place_without_any_line_has_a_way_to_itself_alone(built, layers) -> None:
    network, places = built
    lost = replace(network, nodes={p: network.nodes[p] for p in places[:3]})
    travel = build_travel(lost, layers.speeds, places[:5], STATES[0])
    finite = np.isfinite(travel.durations_min)
    assert finite[:3, :3].all()
    assert finite[3:].sum() == finite[:, 3:].sum() == 2


def test_places_that_halts_keep_clear_of_are_found_as_if_all_were_measured(
    built, monkeypatch
) -> None:
    """Only places near a path are measured: none that matters may be left out."""
    network, _ = built
    rng = np.random.default_rng(3)
    spots = rng.uniform((-6.5, 13.8), (4.0, 22.0), (200, 2)).tolist()
    kept = [
        KeptPlace(f"k{n}", "camp", lon, lat, 1.0 + n % 30, assumed=False)
        for n, (lon, lat) in enumerate(spots)
    ]
    near = Clearance(kept)
    monkeypatch.setattr("patrolplan.network.clearance._ABOVE", 1e9)
    everywhere = Clearance(kept)
    paths = [edge["coordinates"] for *_, edge in network.graph.edges(data=True)]
    assert [near.find(path) for path in paths] == [everywhere.find(p) for p in paths]
    assert any(near.find(path) for path in paths)


def test_more_ways_than_may_be_kept_are_refused_before_any_is_sought(
    theatre, monkeypatch
) -> None:
    def fail(*arguments, **options):
        pytest.fail("a way was sought")

    monkeypatch.setattr("patrolplan.question.build_travel", fail)
    theatre.add_to_scenario("[safety]\nmost_ways = 1000")
    with pytest.raises(ScenarioError) as caught:
        build_question(theatre.read_scenario())
    (fault,) = caught.value.faults
    assert fault.file == theatre.file.name
    assert "ways" in fault.found
    assert fault.expected == "at most 1,000"
    assert "safety.most_ways" in fault.cause


def test_as_many_ways_as_may_be_kept_are_planned_on(theatre) -> None:
    question = build_question(theatre.read_scenario())
    ways = sum(m.durations_min.size for m in question.problem.travel)
    theatre.add_to_scenario(f"[safety]\nmost_ways = {ways}")
    assert build_question(theatre.read_scenario()).problem.travel
