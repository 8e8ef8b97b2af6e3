"""A network as arrays: what every reader makes and every engine takes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from patrolplan.errors import Fault, LayerError

__all__ = ["EdgeTable", "build_source_columns"]

_SHOWN = 20
"""So many faults of one kind are named one by one; the rest are counted."""


@dataclass(frozen=True, eq=False)
class EdgeTable:
    """Edges between numbered nodes, each with its length and where it is from.

    Parameters
    ----------
    from_node, to_node
        Numbers of the nodes, from 0, as int64.
    length_m
        Metres along each edge; finite, 0 or more.
    both_ways
        False where an edge leads from ``from_node`` to ``to_node`` only.
    edge_id
        Key of each edge, unique, as text.
    source_ids
        Ids of the features that edges were made from, edge after edge.
    source_begins
        Where the ids of each edge begin in them, and the end of the last.
    node_lon, node_lat
        Degrees of the nodes.
    geometry
        A shapely LineString in degrees for each edge, in its direction; or None.
    file
        What faults call the network.

    Raises
    ------
    LayerError
        If anything of it cannot be meant, with all that is wrong.
    """

    from_node: NDArray[np.int64]
    to_node: NDArray[np.int64]
    length_m: NDArray[np.float64]
    both_ways: NDArray[np.bool_]
    edge_id: NDArray[np.object_]
    source_ids: NDArray[np.object_]
    source_begins: NDArray[np.int64]
    node_lon: NDArray[np.float64]
    node_lat: NDArray[np.float64]
    geometry: NDArray[np.object_] | None = None
    file: str = field(default="network", kw_only=True)

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        faults = list(_find_shape_faults(self)) or list(_find_faults(self))
        if faults:
            raise LayerError(faults)

    def __len__(self) -> int:
        """Return how many edges there are."""
        return len(self.from_node)

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return len(self.node_lon)

    def list_sources(self, edge: int) -> tuple[str, ...]:
        """Return the ids of the features that an edge was made from.

        Parameters
        ----------
        edge
            Its number.
        """
        begin, end = self.source_begins[edge : edge + 2]
        return tuple(self.source_ids[begin:end])


def _find_shape_faults(edges: EdgeTable) -> Iterator[Fault]:
    """Yield columns that are not as long as the others."""
    size = len(edges.from_node)
    columns: dict[str, tuple[NDArray[Any], int]] = {
        "to_node": (edges.to_node, size),
        "length_m": (edges.length_m, size),
        "both_ways": (edges.both_ways, size),
        "edge_id": (edges.edge_id, size),
        "source_begins": (edges.source_begins, size + 1),
        "node_lat": (edges.node_lat, len(edges.node_lon)),
    }
    if edges.geometry is not None:
        columns["geometry"] = (edges.geometry, size)
    for name, (cells, asked) in columns.items():
        if len(cells) != asked:
            yield Fault(edges.file, name, f"{len(cells)} cells", f"expected {asked}")
    begins = edges.source_begins
    if len(begins) and (
        begins[0] != 0
        or begins[-1] != len(edges.source_ids)
        or (np.diff(begins) < 0).any()
    ):
        expected = "expected rising numbers from 0 to the count of source_ids"
        yield Fault(edges.file, "source_begins", "other numbers", expected)


def _find_faults(edges: EdgeTable) -> Iterator[Fault]:
    """Yield edges and nodes that cannot be meant."""
    length_m = edges.length_m
    yield from _name(
        edges,
        np.flatnonzero(~(np.isfinite(length_m) & (length_m >= 0))),
        "length_m",
        lambda row: f"found {length_m[row]:g}",
        "expected metres, finite, 0 or more",
    )
    for name in ("from_node", "to_node"):
        numbers = getattr(edges, name)
        yield from _name(
            edges,
            np.flatnonzero((numbers < 0) | (numbers >= edges.nodes)),
            name,
            functools.partial(_tell_number, numbers),
            f"expected a node from 0 to {edges.nodes - 1}",
        )
    keys = pd.Series(edges.edge_id, dtype=object)
    twice = sorted(set(keys[keys.duplicated()].astype(str)))
    for key in twice[:_SHOWN]:
        cause = "an edge was copied, or two networks were joined"
        yield Fault(edges.file, f"edge {key!r}", "twice", "ids that are unique", cause)
    if len(twice) > _SHOWN:
        more = f"{len(twice) - _SHOWN} more ids twice"
        yield Fault(edges.file, "edges", more, "ids that are unique")
    with np.errstate(invalid="ignore"):
        lost = ~((np.abs(edges.node_lon) <= 180) & (np.abs(edges.node_lat) <= 90))
    for node in np.flatnonzero(lost)[:_SHOWN].tolist():
        found = f"found {edges.node_lon[node]:g}, {edges.node_lat[node]:g}"
        expected = "expected lon -180 to 180, lat -90 to 90"
        yield Fault(edges.file, f"node {node}", found, expected)
    if edges.geometry is not None:
        kinds = shapely.get_type_id(edges.geometry)
        void = (kinds != shapely.GeometryType.LINESTRING) | shapely.is_empty(
            edges.geometry
        )
        yield from _name(
            edges, np.flatnonzero(void), "geometry", lambda _: "no line", "a LineString"
        )


def _tell_number(numbers: NDArray[np.int64], row: int) -> str:
    return f"found {numbers[row]}"


def _name(
    edges: EdgeTable,
    rows: NDArray[np.int64],
    field_name: str,
    word: Callable[[int], str],
    expected: str,
) -> Iterator[Fault]:
    """Yield a fault for each of the first rows, and one for all others."""
    for row in rows[:_SHOWN].tolist():
        where = f"edge {edges.edge_id[row]!r}, {field_name}"
        yield Fault(edges.file, where, word(row), expected)
    if len(rows) > _SHOWN:
        where, more = f"edges, {field_name}", f"{len(rows) - _SHOWN} more like these"
        yield Fault(edges.file, where, more, expected)


def build_source_columns(ids: Any) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Return ``source_ids`` and ``source_begins`` where each edge has one source.

    Parameters
    ----------
    ids
        One id for each edge.
    """
    flat = np.asarray(ids, dtype=object)
    return flat, np.arange(len(flat) + 1, dtype=np.int64)
