"""Road networks of the kind of the Sahel, of any size, made by chance from a seed.

Towns cluster around hubs; tracks join each to near ones, and wind: nine nodes of ten
lie within a track, where there is nothing to choose. About one track in fifty is driven
one way only.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import Delaunay

from patrolplan.network.edges import EdgeTable, build_edge_table

WEST, SOUTH, EAST, NORTH = -12.0, 11.0, 15.0, 24.0
"""Degrees about Mali, Burkina Faso and Niger."""

DEGREE = 2.85
"""Tracks that meet at a junction, on the mean."""

SHARE_WITHIN = 0.92
"""Of the nodes, those within a track."""

JUNCTIONS_DRAWN = 1.3
"""For each that is left: where two tracks meet there is nothing to choose."""

KM_PER_DEGREE = 111.0


def build_synthetic_sahel(nodes: int, *, seed: int = 1) -> EdgeTable:
    """Return a network made by chance.

    Parameters
    ----------
    nodes
        About how many.
    seed
        Of all draws.
    """
    rng = np.random.default_rng([seed, nodes])
    # A junction in six has two tracks, and so is none.
    junctions = max(8, int(nodes * (1 - SHARE_WITHIN) * JUNCTIONS_DRAWN))
    spots = _draw_junctions(rng, junctions)
    pairs = draw_tracks(rng, spots)
    used, pairs = np.unique(pairs, return_inverse=True)
    spots, pairs = spots[used], pairs.reshape(-1, 2)
    within = max(0, nodes - len(spots))
    parts = 1 + rng.multinomial(within, np.full(len(pairs), 1 / len(pairs)))
    first = np.concatenate(([0], np.cumsum(parts)))
    track = np.repeat(np.arange(len(pairs)), parts)
    step = np.arange(first[-1]) - first[track]
    share = (step / parts[track])[:, None]
    begin, end = spots[pairs[track, 0]], spots[pairs[track, 1]]
    # Each track bows to one side, and each vertex lies a little off it.
    across = (end - begin)[:, ::-1] * [1.0, -1.0]
    bow = rng.normal(0.0, 0.15, len(pairs))[track][:, None]
    path = begin + (end - begin) * share + across * bow * np.sin(np.pi * share)
    path += across * (rng.normal(0.0, 0.02, len(path)) / parts[track])[:, None]
    inner = step > 0
    number = np.full(len(path), -1)
    number[inner] = len(spots) + np.arange(int(inner.sum()))
    tails = np.where(inner, number, pairs[track, 0])
    last = step == parts[track] - 1
    heads = np.where(last, pairs[track, 1], np.roll(number, -1))
    positions = np.concatenate((spots, path[inner]))
    shift = (positions[heads] - positions[tails]) * KM_PER_DEGREE * 1000.0
    shift[:, 0] *= np.cos(np.radians(positions[tails, 1]))
    one_way = rng.random(len(pairs)) < 0.02
    # Vertices are numbered along tracks, and tracks in no order, as they are in files.
    shuffled = np.concatenate(
        (rng.permutation(len(spots)), np.arange(len(spots), len(positions)))
    )
    place = np.argsort(shuffled)
    return build_edge_table(
        from_node=shuffled[tails],
        to_node=shuffled[heads],
        length_m=np.hypot(*shift.T),
        node_lon=positions[place, 0],
        node_lat=positions[place, 1],
        both_ways=~one_way[track],
    )


def draw_durations_min(table: EdgeTable, *, seed: int = 1) -> np.ndarray:
    """Return minutes of each edge at a speed of its own, in whole tenths of a second.

    Parameters
    ----------
    table
        The edges.
    seed
        Of the draw.
    """
    rng = np.random.default_rng([seed, len(table)])
    speed_kmh = rng.uniform(15.0, 60.0, len(table))
    return np.rint(table.length_m / 1000 / speed_kmh * 36_000) + 1.0


def _draw_junctions(rng: np.random.Generator, count: int) -> np.ndarray:
    """Return positions, two in three around hubs."""
    corner, size = np.array([WEST, SOUTH]), np.array([EAST - WEST, NORTH - SOUTH])
    hubs = corner + size * rng.random((max(3, count // 150), 2))
    near = int(count * 2 / 3)
    spots = np.concatenate(
        (
            hubs[rng.integers(len(hubs), size=near)] + rng.normal(0, 0.12, (near, 2)),
            corner + size * rng.random((count - near, 2)),
        )
    )
    return np.clip(spots, corner, corner + size)


def draw_tracks(rng: np.random.Generator, spots: np.ndarray) -> np.ndarray:
    """Return the tracks that join junctions: a tree of short ones, and some more."""
    corners = Delaunay(spots).simplices
    pairs = np.concatenate([corners[:, [a, b]] for a, b in ((0, 1), (1, 2), (0, 2))])
    pairs = np.unique(np.sort(pairs, axis=1), axis=0)
    length = np.hypot(*(spots[pairs[:, 0]] - spots[pairs[:, 1]]).T)
    tree = minimum_spanning_tree(
        coo_array((length + 1e-9, pairs.T), shape=(len(spots),) * 2).tocsr()
    ).tocoo()
    kept = np.sort(np.column_stack((tree.row, tree.col)), axis=1)
    named = pairs @ [len(spots), 1]
    free = ~np.isin(named, kept @ [len(spots), 1])
    wanted = max(0, int(len(spots) * DEGREE / 2) - len(kept))
    # Short tracks are likelier to have been worn.
    worth = np.where(free, rng.exponential(1.0, len(length)) * np.sqrt(length), np.inf)
    return np.concatenate((kept, pairs[np.sort(np.argsort(worth)[:wanted])]))
