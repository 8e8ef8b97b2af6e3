"""Hot spots: the formula by hand, the refusal of the few, and the picture drawn."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
import shapely

from incident_files import (
    AREA,
    AS_OF,
    GED,
    build_places,
    needs_ged,
    scatter,
)
from patrolplan.geodesy import project_geometry
from patrolplan.histories import HotspotFigures
from patrolplan.layers import read_incidents
from patrolplan.need import compare_with_threat, estimate_hotspots, estimate_threat
from patrolplan.need.hotspots import HOTSPOT_COLUMNS
from patrolplan.planfile import Code
from patrolplan.products.hotspots import render_hotspots
from patrolplan.products.sentences import render_code

FIGURES = HotspotFigures()


@pytest.fixture(scope="module")
def clustered(tmp_path_factory):
    incidents = scatter(tmp_path_factory.mktemp("hot"), 60, 40)
    return incidents, estimate_hotspots(
        incidents, as_of=AS_OF, area=AREA, figures=FIGURES
    )


def test_gi_star_is_that_of_the_formula_by_hand(clustered) -> None:
    """(sum of nine - 9 x mean) / (S sqrt((9 n - 81) / (n - 1))), at inner cells.

    S is the root of the mean square less the square of the mean; Ord and Getis 1995.
    """
    _, hotspots = clustered
    cells = hotspots.cells
    assert list(cells.columns) == [*HOTSPOT_COLUMNS, "geometry"]
    squares = project_geometry(cells.geometry.to_numpy(), to_metric=True)
    corners = shapely.bounds(squares)
    across = len(set(np.round(corners[:, 0] / 1000)))
    grid = cells["incidents"].to_numpy().reshape(-1, across)
    z = cells["z"].to_numpy().reshape(grid.shape)
    n, mean = grid.size, grid.mean()
    deviation = np.sqrt((grid**2).mean() - mean**2)
    scale = deviation * np.sqrt((9 * n - 81) / (n - 1))
    for row in range(1, grid.shape[0] - 1):
        for column in range(1, grid.shape[1] - 1):
            nine = grid[row - 1 : row + 2, column - 1 : column + 2].sum()
            expected = (nine - 9 * mean) / scale
            assert z[row, column] == pytest.approx(expected, abs=1e-6)


def test_what_is_gathered_is_hot_and_what_is_scattered_is_not(clustered) -> None:
    _, hotspots = clustered
    hot = hotspots.cells[hotspots.cells["hot"]]
    assert 1 <= len(hot) <= 20
    middles = shapely.centroid(hot.geometry.to_numpy())
    gao = shapely.Point(0, 16.25)
    assert shapely.distance(middles, gao).max() < 1.5
    assert (hot["z"] > 2).all()
    assert hotspots.cells["p"].between(0, 1).all()


def test_every_incident_is_counted_in_the_cell_that_it_lies_in(clustered) -> None:
    incidents, hotspots = clustered
    cells, points = hotspots.cells, incidents.frame.geometry.to_numpy()
    inside = [shapely.covers(cell, points).sum() for cell in cells.geometry]
    assert cells["incidents"].tolist() == inside
    assert sum(inside) == hotspots.count == 100


def test_what_no_shuffle_reaches_has_the_least_p(clustered) -> None:
    """Twice (two ends) one more than none of the shuffles, of one more than all."""
    _, hotspots = clustered
    assert hotspots.cells["p"].min() == pytest.approx(2 / (FIGURES.permutations + 1))


def test_incidents_by_chance_make_hardly_a_spot(tmp_path) -> None:
    incidents = scatter(tmp_path, 100, 0)
    hotspots = estimate_hotspots(incidents, as_of=AS_OF, area=AREA, figures=FIGURES)
    # A share of false discoveries of 5 % is kept on average; chance is fixed here.
    assert hotspots.cells["hot"].sum() == 0


def test_the_same_incidents_give_the_same_spots(clustered) -> None:
    incidents, hotspots = clustered
    again = estimate_hotspots(incidents, as_of=AS_OF, area=AREA, figures=FIGURES)
    assert again.cells.equals(hotspots.cells)


def test_the_density_holds_every_incident(clustered) -> None:
    """Summed over the cells, density x 2,500 km2 x 3 years is near 100 incidents.

    A little is lost over the edges of the area.
    """
    _, hotspots = clustered
    years = FIGURES.window_days / 365.25
    total = (hotspots.cells["density"] * 2.5 * years).sum()
    assert 93 < total < 101


def test_a_place_less_well_known_is_spread_wider(tmp_path) -> None:
    tops = [
        estimate_hotspots(
            scatter(tmp_path, 0, 40, precision, "reported"),
            as_of=AS_OF,
            area=AREA,
            figures=FIGURES,
        ).cells["density"]
        for precision in ("place", "area")
    ]
    assert tops[0].max() > 1.5 * tops[1].max()
    assert tops[0].sum() == pytest.approx(tops[1].sum(), rel=0.05)


def test_twelve_events_are_refused_with_the_reason(tmp_path) -> None:
    incidents = scatter(tmp_path, 12, 0)
    hotspots = estimate_hotspots(incidents, as_of=AS_OF, area=AREA)
    assert len(hotspots.cells) == 0
    assert hotspots.count == 12
    assert hotspots.refusal == Code(
        code="hotspots_refused", values={"count": 12, "least": 30}
    )
    told = render_code("hotspots_refused", hotspots.refusal.values, "en")
    assert "need 30 incidents, and there are 12" in told
    told = render_code("hotspots_refused", hotspots.refusal.values, "fr")
    assert "30 incidents" in told
    assert "12" in told


@pytest.mark.parametrize(
    ("count", "cells", "refused"),
    [
        (29, ("place", "reported"), True),
        (30, ("place", "reported"), False),
        (40, ("region", "reported"), True),
        (40, ("place", "discovered_by_patrol"), True),
    ],
)
def test_what_counts_towards_the_least(count, cells, refused, tmp_path) -> None:
    hotspots = estimate_hotspots(
        scatter(tmp_path, count, 0, *cells), as_of=AS_OF, area=AREA, figures=FIGURES
    )
    assert (hotspots.refusal is not None) == refused
    assert hotspots.left_out == (40 if cells[0] == "region" else 0)


def test_incidents_before_the_window_and_after_the_day_have_no_part(tmp_path) -> None:
    incidents = scatter(tmp_path, 60, 0)
    short = HotspotFigures(window_days=30)
    found = estimate_hotspots(incidents, as_of=AS_OF, area=AREA, figures=short)
    assert (found.count, found.first_day) == (30, date(2014, 10, 5))
    day = AS_OF - timedelta(days=30)
    assert (
        estimate_hotspots(incidents, as_of=day, area=AREA, figures=FIGURES).count == 30
    )


def test_a_second_opinion_changes_no_threat(clustered) -> None:
    """Gao lies amid the spot, with threat of its own; Taoudenni far from everything."""
    incidents, hotspots = clustered
    sites = build_places(gao=(0.0, 16.25), taoudenni=(-4.0, 22.7))
    threat = estimate_threat(sites, incidents, as_of=AS_OF)
    before = threat.copy()
    opinions = compare_with_threat(sites, threat, hotspots)
    assert threat.equals(before)
    assert opinions["threat"].equals(threat["threat"])
    assert opinions["hot"].tolist() == [True, False]
    low = threat.assign(threat=[2.0, 5.0])
    opinions = compare_with_threat(sites, low, hotspots)
    assert opinions["opinion"].tolist() == ["hot_but_low", "high_but_not_hot"]
    same = threat.assign(threat=[4.0, float("nan")])
    opinions = compare_with_threat(sites, same, hotspots)
    assert opinions["opinion"].tolist() == ["agree", "none"]


def test_refused_spots_have_no_opinion_and_a_page_that_says_why(
    tmp_path, layers
) -> None:
    incidents = scatter(tmp_path, 12, 0)
    hotspots = estimate_hotspots(incidents, as_of=AS_OF, area=AREA)
    threat = estimate_threat(layers.population, incidents, as_of=AS_OF)
    opinions = compare_with_threat(layers.population, threat, hotspots)
    assert set(opinions["opinion"]) == {"none"}
    page = render_hotspots(
        hotspots, layers, source=incidents.source, threat=threat, opinions=opinions
    )
    assert "need 30 incidents, and there are 12" in page
    assert "Il faut 30 incidents" in page


def test_the_page_tells_of_cells_and_never_of_an_incident(clustered, layers) -> None:
    incidents, hotspots = clustered
    page = render_hotspots(hotspots, layers, source="log {{7*191}} </script>")
    assert "{{7*191}}" not in page
    assert "1337" not in page
    for spot in incidents.frame.geometry:
        for digits in (2, 3, 4):
            x, y = f"{spot.x:.{digits}f}", f"{spot.y:.{digits}f}"
            assert f"[{x}, {y}" not in page
            assert f"[{y}, {x}" not in page
    again = render_hotspots(hotspots, layers, source="log {{7*191}} </script>")
    assert page == again


@needs_ged
def test_hot_spots_of_the_last_years_of_ged(layers) -> None:
    incidents = read_incidents(GED, area=AREA)
    hotspots = estimate_hotspots(
        incidents, as_of=date(2017, 12, 31), area=AREA, figures=FIGURES
    )
    assert (hotspots.count, hotspots.refusal) == (153, None)
    hot = hotspots.cells[hotspots.cells["hot"]]
    # All lie in the centre, round Mopti; none in the desert.
    assert 1 <= len(hot) < 20
    assert hot.total_bounds[3] < 15.5
    sites = layers.population.set_index("id").geometry
    densest = hotspots.cells.loc[hotspots.cells["density"].idxmax()].geometry
    assert densest.centroid.y < 15.5
    covers = [cell.covers(sites["taoudenni"]) for cell in hot.geometry]
    assert not any(covers)
    few = read_incidents(GED, area=AREA).frame
    twelve = few[few["incident"].isin(few["incident"].unique()[-12:])]
    incidents = type(incidents)(**{**vars(incidents), "frame": twelve})
    refused = estimate_hotspots(incidents, as_of=date(2017, 12, 31), area=AREA)
    assert refused.refusal.values == {"count": 12, "least": 30}
