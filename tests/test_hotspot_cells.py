"""Hot spots on a few large cells, wider than high: counts, Gi*, p, density by hand."""

from __future__ import annotations

from datetime import timedelta

import esda
import numpy as np
import pytest
import shapely

from incident_files import AS_OF, read_log
from patrolplan.geodesy import project_geometry
from patrolplan.histories import HotspotFigures
from patrolplan.need import estimate_hotspots

AREA = (-2.0, 15.0, 2.0, 17.5)
FIGURES = HotspotFigures(cell_km=60)
YEARS = FIGURES.window_days / 365.25
COLUMNS = ("precision", "origin")


def log(folder, spots, *, precision="place", origin="reported"):
    rows = [
        (f"{lat:.5f}", f"{lon:.5f}", str(AS_OF - timedelta(days=n)), precision, origin)
        for n, (lon, lat) in enumerate(spots)
    ]
    return read_log(folder / "log.csv", *rows, columns=COLUMNS)


def estimate(incidents, area=AREA, **figures):
    return estimate_hotspots(
        incidents,
        as_of=AS_OF,
        area=area,
        figures=HotspotFigures(**{"cell_km": 60} | figures),
    )


@pytest.fixture(scope="module")
def spots():
    """Fifteen all over the area, and sixty amid it, on three cells by three."""
    chance = np.random.default_rng(5)
    spread = chance.uniform((-1.9, 15.1), (1.9, 17.4), (15, 2))
    return [*spread, *chance.uniform((-0.8, 15.6), (0.8, 16.9), (60, 2))]


@pytest.fixture(scope="module")
def hotspots(tmp_path_factory, spots):
    return estimate(log(tmp_path_factory.mktemp("cells"), spots))


@pytest.fixture(scope="module")
def grid(hotspots):
    """The shape of the cells, rows from the south and columns from the west."""
    squares = project_geometry(hotspots.cells.geometry.to_numpy(), to_metric=True)
    corners = shapely.bounds(squares)
    across, along = (len(set(np.round(corners[:, n] / 1000))) for n in (0, 1))
    assert across * along == len(squares)
    assert across > along
    west, south = corners[:, :2].min(axis=0)
    assert np.allclose(corners[1], corners[0] + [60_000, 0, 60_000, 0])
    assert np.allclose(corners[across], corners[0] + [0, 60_000, 0, 60_000])
    # The corners of the squares are whole multiples of their side.
    assert west / 60_000 == pytest.approx(round(west / 60_000))
    assert south / 60_000 == pytest.approx(round(south / 60_000))
    return along, across


def test_the_squares_cover_the_area_and_no_row_more(hotspots, grid) -> None:
    outline = shapely.segmentize(shapely.box(*AREA), 0.25)
    west, south, east, north = project_geometry(outline, to_metric=True).bounds
    squares = project_geometry(hotspots.cells.geometry.to_numpy(), to_metric=True)
    left, low, right, high = shapely.total_bounds(squares)
    for inner, outer in ((west, left), (south, low), (right, east), (high, north)):
        assert 0 <= inner - outer < 60_000 + 1


def test_every_incident_is_counted_where_it_lies(hotspots, spots) -> None:
    points = project_geometry(shapely.points(spots), to_metric=True)
    squares = project_geometry(hotspots.cells.geometry.to_numpy(), to_metric=True)
    inside = [int(shapely.covers(square, points).sum()) for square in squares]
    assert hotspots.cells["incidents"].tolist() == inside
    assert sum(inside) == hotspots.count == 75
    assert hotspots.left_out == 0


def sum_neighbours(values, shape):
    """The sum of each cell and the up to eight round it."""
    padded = np.pad(np.reshape(values, shape), 1)
    rows, columns = shape
    return sum(
        padded[row : row + rows, column : column + columns]
        for row in range(3)
        for column in range(3)
    ).ravel()


def test_gi_star_holds_at_every_cell_of_the_edge_too(hotspots, grid) -> None:
    """(sum - k mean) / (S sqrt((n k - k k) / (n - 1))) of a cell with its k - 1."""
    counts = hotspots.cells["incidents"].to_numpy()
    k, n = sum_neighbours(np.ones(len(counts)), grid), len(counts)
    scale = counts.std() * np.sqrt((n * k - k**2) / (n - 1))
    z = (sum_neighbours(counts, grid) - k * counts.mean()) / scale
    assert hotspots.cells["z"].to_numpy() == pytest.approx(z)


def test_p_is_the_share_of_shuffles_that_go_as_far(hotspots, grid) -> None:
    """Held against another 4,000 shuffles in which the cell itself stays."""
    counts = hotspots.cells["incidents"].to_numpy()
    chance = np.random.default_rng(11)
    p = hotspots.cells["p"].to_numpy()
    assert p.min() >= 2 / (FIGURES.permutations + 1)
    assert p.max() <= 1
    seen = sum_neighbours(counts, grid)
    for cell in (0, grid[1] + 1, int(p.argmin()), int(p.argmax())):
        near = sum_neighbours(np.eye(len(counts))[cell], grid) > 0
        others, around = np.delete(counts, cell), int(near.sum()) - 1
        drawn = np.array(
            [
                counts[cell] + chance.permutation(others)[:around].sum()
                for _ in range(4000)
            ]
        )
        nearer = min((drawn >= seen[cell]).mean(), (drawn <= seen[cell]).mean())
        assert p[cell] == pytest.approx(min(1, 2 * nearer), abs=0.06)


def test_what_no_shuffle_reaches_has_the_least_p(hotspots) -> None:
    """Two ends, one more than none of the shuffles, of one more than all of them."""
    assert hotspots.cells["p"].min() == pytest.approx(2 / (FIGURES.permutations + 1))


def test_hot_is_what_lies_above_the_mean_after_correction(hotspots) -> None:
    cells = hotspots.cells
    least = esda.fdr(cells["p"].to_numpy(), FIGURES.false_discovery_rate)
    assert cells["hot"].tolist() == ((cells["z"] > 0) & (cells["p"] <= least)).tolist()
    assert 1 <= cells["hot"].sum() < len(cells) / 2
    # As far below the mean is never hot.
    assert ((cells["z"] < 0) & (cells["p"] <= least)).any() or least < 0.05


def test_the_density_is_the_sum_of_kernels(tmp_path) -> None:
    """n / (2 pi h^2) exp(-(d / h)^2 / 2) a year, h the root of 40 and 3 km squared."""
    places = {(0.1, 16.2): 28, (-1.5, 15.4): 3}
    cells = estimate(log(tmp_path, [p for p, n in places.items() for _ in range(n)]))
    squares = project_geometry(cells.cells.geometry.to_numpy(), to_metric=True)
    middles = project_geometry(shapely.centroid(squares), to_metric=False)
    lon, lat = np.radians(shapely.get_coordinates(middles)).T
    expected = np.zeros(len(lon))
    for place, count in places.items():
        here = np.radians(place)
        half = np.sin((lat - here[1]) / 2) ** 2
        half += np.cos(lat) * np.cos(here[1]) * np.sin((lon - here[0]) / 2) ** 2
        away_km = 2 * 6371.0088 * np.arcsin(np.sqrt(half))
        square = 40**2 + 3**2
        kernel = np.exp(-(away_km**2) / square / 2) / (2 * np.pi * square)
        expected += count * kernel * 1000 / YEARS
    assert cells.cells["density"].to_numpy() == pytest.approx(expected, rel=1e-3)


def test_incidents_of_both_precisions_add_up(tmp_path) -> None:
    spot = [(0.1, 16.2)] * 29 + [(-1.5, 15.4)]
    parts = [
        estimate(log(tmp_path, spot, precision=precision)).cells["density"]
        for precision in ("place", "area")
    ]
    rows = [
        (str(lat), str(lon), str(AS_OF - timedelta(days=n)), precision, "reported")
        for precision in ("place", "area")
        for n, (lon, lat) in enumerate(spot)
    ]
    both = estimate(read_log(tmp_path / "both.csv", *rows, columns=COLUMNS))
    total = parts[0] + parts[1]
    assert both.cells["density"].to_numpy() == pytest.approx(total.to_numpy())
    assert both.count == 60


@pytest.mark.parametrize(
    ("spot", "inside"),
    [
        ((-2.0, 16.0), True),
        ((2.0, 16.0), True),
        ((0.0, 15.0), True),
        ((0.0, 17.5), True),
        ((-2.0, 15.0), True),
        ((2.0, 17.5), True),
        ((-2.001, 16.0), False),
        ((2.001, 16.0), False),
        ((0.0, 14.999), False),
        ((0.0, 17.501), False),
    ],
)
def test_the_edge_of_the_area_belongs_to_it(tmp_path, spot, inside) -> None:
    amid = (0.0, 16.2)
    found = estimate(log(tmp_path, [spot] * 40 + [amid] * 34 + [(-1.5, 15.4)]))
    assert found.count == (75 if inside else 35)
    counts = found.cells["incidents"]
    assert counts.sum() == found.count
    if inside:
        (cell,) = found.cells.geometry[counts == 40]
        assert shapely.distance(cell, shapely.Point(spot)) < 0.01


def test_the_window_ends_on_the_day_and_is_as_long_as_it_says(tmp_path) -> None:
    incidents = log(tmp_path, [(0.0, 16.0), (1.5, 15.5)] * 30)
    for days in (30, 31, 59, 60, 61):
        assert estimate(incidents, window_days=days).count == min(days, 60)


@pytest.mark.parametrize("area", [AREA, (0.0, 16.0, 0.1, 16.1), (0.0, 16.0, 0.9, 16.1)])
def test_incidents_of_one_cell_are_counted_and_no_number_is_lost(
    tmp_path, area
) -> None:
    """No warning either: they are errors here."""
    found = estimate(log(tmp_path, [(0.05, 16.05)] * 40), area).cells
    assert found["incidents"].max() == found["incidents"].sum() == 40
    assert np.isfinite(found[["z", "p", "density"]].to_numpy()).all()
    assert found["p"].between(0, 1).all()


def test_cells_that_all_hold_as_many_are_no_higher_than_their_mean(tmp_path) -> None:
    area = (0.0, 16.0, 0.9, 16.1)
    squares = estimate(log(tmp_path, [(0.05, 16.05)] * 40), area).cells.geometry
    parts = shapely.intersection(squares.to_numpy(), shapely.box(*area))
    spots = [(part.x, part.y) for part in shapely.point_on_surface(parts)]
    assert len(spots) > 1
    found = estimate(log(tmp_path, spots * 30), area).cells
    assert set(found["incidents"]) == {30}
    assert found["z"].tolist() == [0] * len(spots)
    assert found["p"].tolist() == [1] * len(spots)
    assert not found["hot"].any()
