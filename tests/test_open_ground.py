"""Ways where no line is known: exact on the cells, near the true cheapest way."""

from __future__ import annotations

import heapq
import math
import sys

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from patrolplan.errors import LayerError, ScenarioError
from patrolplan.geodesy import measure_distance_m, measure_length_m, project_geometry
from patrolplan.layers import rasters
from patrolplan.layers.elevation import Elevation
from patrolplan.network.ground import Ground, build_ground, find_open_way
from patrolplan.network.ground.friction import _weigh_slopes
from patrolplan.network.ground.grid import trace_way
from patrolplan.network.ground.kernels import measure_straight, straighten, sweep
from patrolplan.open_ground_figures import OpenGroundFigures

AREA = (0.0, 17.0, 1.0, 18.0)
FLAT = OpenGroundFigures(cell_km=2)


def sweep_from(friction, row, column, reach=16, limit=math.inf):
    """Return the cost of every cell, rows by columns."""
    seeds = np.array([row * friction.shape[1] + column])
    wanted = np.zeros(friction.size, dtype=np.bool_)
    cost = sweep(friction, seeds, wanted, 0, limit, reach)[0]
    return cost.reshape(friction.shape)


def measure_way(friction, start, end):
    """Return what the straightened way between two cells costs, in cells."""
    seeds = np.array([start[0] * friction.shape[1] + start[1]])
    target = end[0] * friction.shape[1] + end[1]
    wanted = np.zeros(friction.size, dtype=np.bool_)
    wanted[target] = True
    _, before, _ = sweep(friction, seeds, wanted, 1, math.inf, 16)
    chain = [target]
    while before[chain[-1]] >= 0:
        chain.append(before[chain[-1]])
    rows, columns = np.divmod(np.array(chain[::-1], dtype=np.int64), friction.shape[1])
    return straighten(friction, rows, columns)[1].sum()


def march(friction, start, exact=10.0):
    """Return second-order fast marching from a cell: the slow twin, in plain Python.

    Sethian, Level Set Methods and Fast Marching Methods (1999), chapter 8, with true
    distances round the start, where its own error would be largest.
    """
    rows, columns = friction.shape
    time = np.full(friction.shape, np.inf)
    done = np.zeros(friction.shape, dtype=bool)
    heap = []
    for r in range(rows):
        for c in range(columns):
            away = math.hypot(r - start[0], c - start[1])
            if away <= exact:
                time[r, c] = away * friction[start]
                heap.append((time[r, c], r, c))
    heapq.heapify(heap)

    def known(r, c):
        inside = 0 <= r < rows and 0 <= c < columns
        return time[r, c] if inside and done[r, c] else math.inf

    def look(r, c, down, right):
        """Return weight and time of the side that the front comes from."""
        near, sign = min((known(r + s * down, c + s * right), s) for s in (-1, 1))
        beyond = known(r + 2 * sign * down, c + 2 * sign * right)
        if beyond <= near < math.inf:
            return 2.25, (4 * near - beyond) / 3
        return 1.0, near

    def solve(sides, slow):
        a = sum(w for w, _ in sides)
        b = sum(w * t for w, t in sides)
        c = sum(w * t * t for w, t in sides) - slow**2
        return (b + math.sqrt(b * b - a * c)) / a if b * b >= a * c else math.inf

    while heap:
        _, r, c = heapq.heappop(heap)
        if done[r, c]:
            continue
        done[r, c] = True
        for y, x in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)):
            if not (0 <= y < rows and 0 <= x < columns) or done[y, x]:
                continue
            if math.hypot(y - start[0], x - start[1]) <= exact:
                continue
            sides = [look(y, x, 1, 0), look(y, x, 0, 1)]
            sides = [side for side in sides if side[1] < math.inf]
            new = solve(sides, friction[y, x])
            if new < max(t for _, t in sides):
                new = min(solve([side], friction[y, x]) for side in sides)
            if new < time[y, x]:
                time[y, x] = new
                heapq.heappush(heap, (new, y, x))
    return time


# --- The sweep is exact on its graph ------------------------------------------------


def cut_segment(friction, start, move):
    """Return the cost of a move by cutting its segment with the squares of cells."""
    (r, c), (down, right) = start, move
    line = shapely.LineString([(c, r), (c + right, r + down)])
    total = 0.0
    for y in range(min(r, r + down), max(r, r + down) + 1):
        for x in range(min(c, c + right), max(c, c + right) + 1):
            length = line.intersection(
                shapely.box(x - 0.5, y - 0.5, x + 0.5, y + 0.5)
            ).length
            if length > 1e-9:
                total += length * friction[y, x]
    return total


@given(st.integers(0, 2**32 - 1), st.sampled_from([8, 16]))
@settings(max_examples=25)
def test_the_sweep_is_that_of_scipy_on_the_same_graph(seed, reach) -> None:
    dice = np.random.default_rng(seed)
    friction = dice.uniform(0.5, 4, (7, 9))
    friction[dice.random((7, 9)) < 0.25] = np.inf
    friction[3, 4] = 1.0
    moves = [(a, b) for a in (-1, 0, 1) for b in (-1, 0, 1) if (a, b) != (0, 0)]
    if reach == 16:
        moves += [
            (a, b) for a in (-2, -1, 1, 2) for b in (-2, -1, 1, 2) if a * a != b * b
        ]
    rows, columns, costs = [], [], []
    for r, c in np.argwhere(np.isfinite(friction)).tolist():
        for down, right in moves:
            y, x = r + down, c + right
            if not (0 <= y < 7 and 0 <= x < 9):
                continue
            cost = cut_segment(friction, (r, c), (down, right))
            corner = abs(down) == abs(right) == 1
            if corner and np.isinf(friction[y, c]) and np.isinf(friction[r, x]):
                cost = np.inf
            if np.isfinite(cost):
                rows.append(r * 9 + c)
                columns.append(y * 9 + x)
                costs.append(cost)
    graph = coo_array((costs, (rows, columns)), shape=(63, 63)).tocsr()
    expected = dijkstra(graph, indices=3 * 9 + 4)
    found = sweep_from(friction, 3, 4, reach).ravel()
    assert np.isinf(found).tolist() == np.isinf(expected).tolist()
    reached = np.isfinite(found)
    assert found[reached] == pytest.approx(expected[reached], rel=1e-9)


def test_a_move_costs_its_length_in_each_cell() -> None:
    # Of a knight's move a quarter each: sqrt(5) * (1 + 2 + 4 + 8) / 4.
    friction = np.array([[1.0, 2.0, 16.0], [16.0, 4.0, 8.0]])
    assert measure_straight(friction, 0, 0, 1, 2) == pytest.approx(math.sqrt(5) * 3.75)
    # Through a corner, half in each: sqrt(2) * (1 + 4) / 2; the sides do not count.
    assert measure_straight(friction, 0, 0, 1, 1) == pytest.approx(math.sqrt(2) * 2.5)
    closed = np.array([[1.0, np.inf], [np.inf, 1.0]])
    assert measure_straight(closed, 0, 0, 1, 1) == np.inf
    assert measure_straight(np.array([[1.0, np.inf], [9.0, 1.0]]), 0, 0, 1, 1) < 2


# --- Against fast marching ----------------------------------------------------------


def test_on_a_uniform_slope_ways_are_within_one_and_a_half_percent_of_marching() -> (
    None
):
    figures = OpenGroundFigures()
    # A plane that rises 1 in 10 to the north-east: 1 + 5 * 0.1 = 1.5 everywhere.
    steps = np.arange(81.0) * figures.cell_km * 1000 * 0.1 / math.sqrt(2)
    friction = _weigh_slopes(steps[None, :] - steps[:, None], 2000.0, figures)
    assert friction == pytest.approx(np.full((81, 81), 1.5))
    marched = march(friction, (40, 40))
    away = np.hypot(*np.mgrid[-40:41, -40:41])
    far = (away >= 20) & (away <= 40)
    true = 1.5 * away
    # The twin itself is within 1 % of what is known here: distance times 1.5.
    assert np.abs(marched[far] / true[far] - 1).max() < 0.01
    over = {
        reach: sweep_from(friction, 40, 40, reach)[far] / true[far] - 1
        for reach in (8, 16)
    }
    # The bare grid: 1 / cos(22.5 deg) - 1 and 1 / cos(13.28 deg) - 1 at worst.
    assert over[8].max() == pytest.approx(0.0824, abs=0.0005)
    assert over[16].max() == pytest.approx(0.0275, abs=0.0005)
    assert over[8].mean() == pytest.approx(0.055, abs=0.002)
    assert over[16].mean() == pytest.approx(0.0144, abs=0.0005)
    # The way that is returned, to a cell at every bearing.
    for row, column in {
        (40 - round(38 * math.sin(a)), 40 + round(38 * math.cos(a)))
        for a in np.radians(range(0, 360, 5))
    }:
        way = measure_way(friction, (40, 40), (row, column))
        assert way == pytest.approx(marched[row, column], rel=0.015)
        assert way == pytest.approx(true[row, column], rel=1e-9)


def test_where_ground_changes_ways_bend_as_marching_does() -> None:
    friction = np.ones((61, 61))
    friction[:, 31:] = 3.0
    marched = march(friction, (45, 5))
    for end in ((5, 55), (20, 50), (55, 58), (45, 60), (2, 33)):
        way = measure_way(friction, (45, 5), end)
        assert way == pytest.approx(marched[end], rel=0.02)


# --- Properties ---------------------------------------------------------------------

grounds = st.integers(0, 2**32 - 1)


def draw_friction(seed, walls=0.2):
    dice = np.random.default_rng(seed)
    friction = dice.uniform(1, 5, (14, 17))
    friction[dice.random(friction.shape) < walls] = np.inf
    friction[2, 3] = friction[11, 14] = 1.0
    return friction


@given(grounds)
@settings(max_examples=40)
def test_a_way_costs_as_much_there_as_back_and_is_never_below_the_straight(
    seed,
) -> None:
    friction = draw_friction(seed)
    there = sweep_from(friction, 2, 3)[11, 14]
    back = sweep_from(friction, 11, 14)[2, 3]
    assert there == pytest.approx(back, rel=1e-12)
    assert there >= math.hypot(9, 11) * friction.min() * (1 - 1e-12)
    if np.isfinite(there):
        assert measure_way(friction, (2, 3), (11, 14)) <= there * (1 + 1e-12)


@given(grounds, grounds, st.floats(1, 10))
@settings(max_examples=40)
def test_more_friction_never_makes_a_way_cheaper(seed, other, times) -> None:
    friction = draw_friction(seed)
    dearer = friction.copy()
    dearer[np.random.default_rng(other).random(friction.shape) < 0.3] *= times
    dearer[np.random.default_rng(other + 1).random(friction.shape) < 0.05] = np.inf
    dearer[2, 3] = friction[2, 3]
    before, after = sweep_from(friction, 2, 3), sweep_from(dearer, 2, 3)
    assert (after >= before * (1 - 1e-12)).all()


@given(
    st.floats(0.05, 0.95),
    st.floats(17.05, 17.95),
    st.floats(0.05, 0.95),
    st.floats(17.05, 17.95),
)
@settings(max_examples=25)
def test_on_flat_ground_ways_are_symmetric_and_hardly_longer(a, b, c, d) -> None:
    ground = build_ground(AREA, FLAT)
    there = find_open_way(ground, (a, b), (c, d))
    back = find_open_way(ground, (c, d), (a, b))
    straight_m = float(measure_distance_m(a, b, c, d))
    assert there.length_m == pytest.approx(back.length_m, rel=1e-9, abs=1e-3)
    assert there.length_m >= straight_m * (1 - 1e-9)
    # Both ends go by the middle of their cell, at most 1.42 km away.
    assert there.length_m <= straight_m + 4 * 1450
    assert there.friction == 1.0


def test_a_limit_is_kept_and_the_rest_is_not_told() -> None:
    friction = np.ones((9, 9))
    cost = sweep_from(friction, 4, 4, limit=2.0)
    assert np.nanmax(cost[np.isfinite(cost)]) == 2.0
    assert np.isinf(cost[0, 0])
    ground = build_ground(AREA, FLAT)
    assert find_open_way(ground, (0.1, 17.5), (0.9, 17.5), limit_m=80_000) is None
    assert find_open_way(ground, (0.1, 17.5), (0.9, 17.5), limit_m=90_000)


# --- Rasters ------------------------------------------------------------------------


@pytest.fixture
def raster(tmp_path):
    rasterio = pytest.importorskip("rasterio")

    def write(values, *, name="raster.tif", crs="EPSG:4326", nodata=None, bounds=AREA):
        values = np.asarray(values)
        bands = values if values.ndim == 3 else values[None]
        west, south, east, north = bounds
        wide, high = (east - west) / bands.shape[2], (north - south) / bands.shape[1]
        transform = rasterio.Affine(wide, 0, west, 0, -high, north)
        with rasterio.open(
            tmp_path / name,
            "w",
            driver="GTiff",
            crs=crs,
            nodata=nodata,
            height=bands.shape[1],
            width=bands.shape[2],
            count=len(bands),
            dtype=bands.dtype,
            transform=transform,
            tiled=True,
            blockxsize=16,
            blockysize=16,
        ) as file:
            file.write(bands)
        return str(tmp_path / name)

    return write


def build_belt(raster, fineness=100):
    """Return ground with a belt of dunes across it, open in the west alone."""
    belt = np.ones((fineness, fineness), dtype=np.float32)
    belt[45 * fineness // 100 : 55 * fineness // 100, 20 * fineness // 100 :] = -1
    path = raster(belt, nodata=-1, name=f"belt{fineness}.tif")
    return build_ground(AREA, OpenGroundFigures(cell_km=2, friction=path))


def test_a_way_goes_round_a_belt_of_dunes(raster) -> None:
    ground = build_belt(raster)
    way = find_open_way(ground, (0.7, 17.2), (0.7, 17.8))
    dunes = shapely.box(0.21, 17.46, 1.0, 17.54)
    assert not shapely.LineString(way.coordinates).intersects(dunes)
    # Round the western end, which is at 0.2 E: never straighter than that.
    least_m = 2 * float(measure_distance_m(0.7, 17.2, 0.22, 17.45))
    assert least_m < way.length_m < 1.2 * least_m
    straight = find_open_way(build_ground(AREA, FLAT), (0.7, 17.2), (0.7, 17.8))
    assert straight.length_m < 70_000 < way.length_m


def test_a_belt_without_an_end_leaves_no_way(raster) -> None:
    belt = np.ones((50, 50), dtype=np.uint8)
    belt[24:27] = 0
    ground = build_ground(AREA, OpenGroundFigures(cell_km=2, friction=raster(belt)))
    assert find_open_way(ground, (0.5, 17.2), (0.5, 17.8)) is None


def test_strips_give_what_the_whole_gives(raster, monkeypatch) -> None:
    whole = build_belt(raster, 200)
    monkeypatch.setattr(rasters, "_MOST_STRIP", 2_000)
    assert np.array_equal(build_belt(raster, 200).friction, whole.friction)
    monkeypatch.setattr(rasters, "_MOST_STRIP", 400)
    with pytest.raises(LayerError, match="far finer than the cells: resample it"):
        build_belt(raster, 200)


def test_land_cover_weighs_by_its_classes_and_elevation_by_slope(raster) -> None:
    cover = np.full((60, 60), 60, dtype=np.uint8)
    cover[:, 30:] = 10
    cover[:20] = 80
    # 1 degree of latitude, 110.7 km, rises 2,214 m: 1 in 50.
    heights = np.repeat(
        np.linspace(2214, 0, 200, dtype=np.float32)[:, None], 50, axis=1
    )
    figures = OpenGroundFigures(
        cell_km=2,
        land_cover=raster(cover, name="cover.tif"),
        elevation=raster(heights, name="heights.tif"),
    )
    ground = build_ground(AREA, figures)
    assert ground.basis == ("elevation", "land_cover")

    def find(lon, lat):
        spot = project_geometry(shapely.Point(lon, lat), to_metric=True)
        cell = ground.find_cells(np.array([spot.x]), np.array([spot.y]))[0]
        return ground.friction.ravel()[cell]

    assert find(0.2, 17.3) == pytest.approx(1 + 5 / 50, rel=0.02)
    assert find(0.8, 17.3) == pytest.approx(3 * (1 + 5 / 50), rel=0.02)
    assert find(0.5, 17.9) == np.inf
    steep = figures.model_copy(update={"max_slope": 0.01})
    assert np.isinf(build_ground(AREA, steep).friction).all()


def test_the_grid_of_the_layers_is_read_between_its_middles() -> None:
    # 3 by 3 heights that rise 1 in 50 to the north.
    heights = np.array([[1476.0], [738.0], [0.0]]) * np.ones((1, 3))
    grid = Elevation(heights, 0.0, 18.0, 1 / 3, 1 / 3)
    ground = build_ground(AREA, FLAT, elevation=grid)
    middle = ground.friction[len(ground.friction) // 2, ground.shape[1] // 2]
    assert middle == pytest.approx(1 + 5 / 50, rel=0.01)
    assert ground.basis == ("elevation",)


def test_every_cell_that_water_touches_is_closed_and_no_other() -> None:
    river = shapely.LineString([(0.05, 17.1), (0.3, 17.35), (0.31, 17.9)])
    lake = shapely.box(0.6, 17.5, 0.85, 17.7)
    ground = build_ground(AREA, FLAT, rivers=[river], lakes=[lake])
    x, y = ground.find_middles(np.arange(ground.friction.size))
    boxes = shapely.box(x - 1000, y - 1000, x + 1000, y + 1000)
    wet = shapely.intersects(boxes, ground.water)
    assert np.array_equal(np.isinf(ground.friction).ravel(), wet)
    assert 100 < wet.sum() < 300


def test_nothing_crosses_a_river_and_a_town_keeps_its_bank() -> None:
    river = shapely.LineString([(-1, 17.5), (0.4, 17.52), (2, 17.48)])
    ground = build_ground(AREA, FLAT, rivers=[river])
    assert find_open_way(ground, (0.5, 17.2), (0.5, 17.8)) is None
    # A hundred metres from the water: its own cell is closed.
    north = find_open_way(ground, (0.5, 17.5185), (0.5, 17.8))
    assert north is not None
    assert not shapely.LineString(north.coordinates).intersects(river)
    assert find_open_way(ground, (0.5, 17.5185), (0.5, 17.2)) is None
    assert find_open_way(ground, (0.5, 17.5185), (0.5, 17.8), landing_m=0) is None


def test_rasters_that_cannot_be_meant_are_refused(
    raster, tmp_path, monkeypatch
) -> None:
    def refuse(**own) -> str:
        with pytest.raises(LayerError) as caught:
            build_ground(AREA, OpenGroundFigures(cell_km=5, **own))
        return str(caught.value)

    ones = np.ones((20, 20), dtype=np.float32)
    found = refuse(friction=raster(ones, crs="EPSG:32631", name="utm.tif"))
    assert "utm.tif: crs: EPSG:32631; EPSG:4326 (projected: warp it" in found
    assert "crs: none" in refuse(friction=raster(ones, crs=None))
    assert "bands: 2; 1" in refuse(friction=raster(np.stack([ones, ones])))
    away = raster(ones, bounds=(17, 0, 18, 1), name="away.tif")
    assert "away.tif: extent: no cell of the area" in refuse(friction=away)
    assert "samples outside; times as slow" in refuse(friction=raster(-ones))
    found = refuse(friction=raster(ones * 250))
    assert "times as slow, from 0.1 to 100, or 0 for closed" in found
    assert "classes: found 7; " in refuse(land_cover=raster((ones * 7).astype("u1")))
    assert "heights: " in refuse(elevation=raster(ones * 29_000))
    assert "bands: numbers of the kind complex64" in refuse(
        friction=raster(ones.astype(np.complex64))
    )
    with monkeypatch.context() as small:
        small.setattr(rasters, "_MOST_STRIP", 50)
        assert "blocks: blocks of 256 pixels; at most 50" in refuse(
            friction=raster(ones)
        )
    # All faults at once.
    both = refuse(friction=away, elevation=raster(ones, crs=None, name="dem.tif"))
    assert "away.tif" in both
    assert "dem.tif" in both
    assert "No such file" in refuse(friction=str(tmp_path / "absent.tif"))
    liar = tmp_path / "liar.tif"
    liar.write_text("<VRTDataset rasterXSize='1' rasterYSize='1'></VRTDataset>")
    assert "no GeoTIFF inside" in refuse(friction=str(liar))
    whole = (tmp_path / "utm.tif").read_bytes()
    cut = tmp_path / "cut.tif"
    cut.write_bytes(whole[:8])
    assert "cannot be read" in refuse(friction=str(cut))
    large = raster(np.random.default_rng(1).random((300, 300)) + 1, name="large.tif")
    cut.write_bytes((tmp_path / "large.tif").read_bytes()[:300_000])
    assert "cut.tif: file: it cannot be read" in refuse(friction=str(cut))
    assert build_ground(AREA, OpenGroundFigures(cell_km=5, friction=large))
    monkeypatch.setitem(sys.modules, "rasterio", None)
    assert "pip install patrolplan[raster]" in refuse(friction=large)


def test_one_wrong_sample_among_heights_is_not_averaged_away(raster) -> None:
    """High ground and an unmarked -9999 have a mean that looks sound."""
    heights = np.full((24, 24), 4_000, dtype=np.int16)
    heights[11, 11] = -9999
    figures = OpenGroundFigures(cell_km=10, elevation=raster(heights))
    with pytest.raises(LayerError, match="samples outside; metres from -500 to 9000"):
        build_ground(AREA, figures)
    marked = raster(heights, nodata=-9999)
    ground = build_ground(AREA, OpenGroundFigures(cell_km=10, elevation=marked))
    # The last row of cells reaches beyond the raster.
    assert np.isfinite(ground.friction[:-1]).all()


def test_an_unknown_class_is_told_as_it_stands(raster) -> None:
    cover = np.full((20, 20), 10.5, dtype=np.float32)
    figures = OpenGroundFigures(cell_km=5, land_cover=raster(cover))
    with pytest.raises(LayerError, match=r"classes: found 10\.5; "):
        build_ground(AREA, figures)


def test_cells_too_small_for_an_area_are_refused() -> None:
    with pytest.raises(ScenarioError, match="2220 by 2130 cells"):
        build_ground(AREA, OpenGroundFigures(cell_km=0.05))


def test_a_way_within_one_cell_joins_its_ends() -> None:
    ground = Ground(np.full((3, 3), 2.0), -3000.0, 3000.0, 2000.0)
    alone = trace_way(ground, np.full(9, -1, dtype=np.int32), 4, None, None)
    assert alone.length_m == 0
    assert alone.friction == 2.0
    lon, lat = alone.coordinates[0]
    way = trace_way(
        ground,
        np.full(9, -1, dtype=np.int32),
        4,
        (lon - 0.001, lat),
        (lon, lat + 0.001),
    )
    assert way.length_m == pytest.approx(measure_length_m(way.coordinates))
    assert way.friction == 2.0
