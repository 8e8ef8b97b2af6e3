"""A network of any origin as one table of edges: what importers make, engines read.

A table holds no speeds: what an edge costs is a vector of its own for each vehicle,
season and set of closures, in the order of the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from patrolplan.errors import EdgeError, Fault

__all__ = [
    "EdgeTable",
    "build_edge_table",
    "check_weights",
    "find_repeated_ids",
    "find_rows",
]

_MOST_NAMED = 20
"""Faulty rows that are named in a column; of more it is said how many there are."""


@dataclass(frozen=True, eq=False)
class EdgeTable:
    """Edges between numbered nodes; make one with :func:`build_edge_table`.

    Parameters
    ----------
    from_node, to_node
        Numbers of the nodes that each edge joins, from 0. Edges may be parallel, and
        may lead from a node to itself.
    length_m
        Length of each edge in metres, zero or more.
    both_ways
        Whether an edge is also driven from ``to_node`` to ``from_node``.
    edge_id
        Texts or whole numbers, each once.
    node_lon, node_lat
        Position of each node in degrees (WGS 84).
    source_ids
        For each edge the ids of the features that it was made of, such as ways of
        OpenStreetMap; None if nothing is known.
    geometry
        For each edge its line from ``from_node`` to ``to_node``, as shapely has it;
        None if edges are drawn straight.
    """

    from_node: NDArray[np.int64]
    to_node: NDArray[np.int64]
    length_m: NDArray[np.float64]
    both_ways: NDArray[np.bool_]
    edge_id: NDArray[Any]
    node_lon: NDArray[np.float64]
    node_lat: NDArray[np.float64]
    source_ids: tuple[tuple[str, ...], ...] | None = None
    geometry: NDArray[np.object_] | None = None

    def __len__(self) -> int:
        """Return the number of edges."""
        return len(self.from_node)

    @property
    def node_count(self) -> int:
        """The number of nodes, those without an edge too."""
        return len(self.node_lon)


def build_edge_table(
    *,
    from_node: ArrayLike,
    to_node: ArrayLike,
    length_m: ArrayLike,
    node_lon: ArrayLike,
    node_lat: ArrayLike,
    both_ways: ArrayLike = True,
    edge_id: ArrayLike | None = None,
    source_ids: tuple[tuple[str, ...], ...] | None = None,
    geometry: NDArray[np.object_] | None = None,
    file: str = "edges",
) -> EdgeTable:
    """Return a checked table of edges.

    Parameters
    ----------
    from_node, to_node, length_m, node_lon, node_lat, source_ids, geometry
        As of :class:`EdgeTable`.
    both_ways
        One for all edges, or one for each.
    edge_id
        Numbers the edges from 0 if None.
    file
        What errors call the table.

    Raises
    ------
    EdgeError
        With all faults: columns of other lengths, nodes that do not exist, lengths
        that are negative or not finite, ids that repeat, positions off the globe.
    """
    tails, tails_fit = _read_numbers(from_node)
    heads, heads_fit = _read_numbers(to_node)
    count = len(tails)
    ids = np.arange(count) if edge_id is None else np.asarray(edge_id)
    ways = np.asarray(both_ways, dtype=bool)
    table = EdgeTable(
        tails,
        heads,
        np.ascontiguousarray(length_m, dtype=np.float64),
        np.full(count, bool(ways)) if ways.ndim == 0 else ways,
        ids,
        np.ascontiguousarray(node_lon, dtype=np.float64),
        np.ascontiguousarray(node_lat, dtype=np.float64),
        source_ids,
        geometry,
    )
    faults = list(_check_shapes(table, file))
    if not faults:
        for name, fit in (("from_node", tails_fit), ("to_node", heads_fit)):
            if not fit:
                expected = "expected whole numbers of nodes"
                faults.append(Fault(file, name, "holds other things", expected))
        faults += _check_nodes(table, file)
        faults += _name_rows(
            file, "length_m", ids, table.length_m, _find_unfit(table.length_m)
        )
        faults += find_repeated_ids(ids, file)
    if faults:
        raise EdgeError(faults)
    return table


def check_weights(
    table: EdgeTable, weights: ArrayLike, name: str = "weights", *, file: str = "edges"
) -> NDArray[np.float64]:
    """Return weights of edges as floats, or refuse them.

    Parameters
    ----------
    table
        The edges.
    weights
        One for each edge, zero or more and finite. A closed edge is none of infinite
        weight: closures are given apart.
    name
        What errors call them.
    file
        What errors call the table.

    Raises
    ------
    EdgeError
        Where a weight is negative, not a number or infinite, naming each edge; or if
        there are more or fewer weights than edges.
    """
    vector = np.ascontiguousarray(weights, dtype=np.float64)
    if vector.shape != (len(table),):
        found = f"has the shape {vector.shape}"
        expected = f"expected {len(table)} numbers, one for each edge"
        raise EdgeError([Fault(file, name, found, expected)])
    faults = _name_rows(file, name, table.edge_id, vector, _find_unfit(vector))
    if faults:
        raise EdgeError(faults)
    return vector


def find_rows(table: EdgeTable, closed: ArrayLike) -> NDArray[np.int64]:
    """Return rows of edges, given as rows or flags.

    Parameters
    ----------
    table
        The edges.
    closed
        Rows, or a flag for each edge.

    Raises
    ------
    EdgeError
        Where a row is none of the table's.
    """
    given = np.atleast_1d(np.asarray(closed))
    if given.dtype == bool and given.shape == (len(table),):
        return np.flatnonzero(given)
    rows = (
        given.astype(np.int64) if given.dtype.kind in "iu" or not given.size else None
    )
    if rows is None or ((rows < 0) | (rows >= len(table))).any():
        expected = f"expected rows from 0 to {len(table) - 1}, or a flag for each edge"
        raise EdgeError([Fault("edges", "closed", "has other values", expected)])
    return rows


def _read_numbers(values: ArrayLike) -> tuple[NDArray[np.int64], bool]:
    """Return whole numbers, and whether they were."""
    given = np.asarray(values)
    if given.dtype.kind in "iu":
        return np.ascontiguousarray(given, dtype=np.int64), True
    if given.dtype.kind == "f" or not given.size:
        floats = np.nan_to_num(np.asarray(given, dtype=float))
        # Numbers of nodes are far below: the rest could not be cast.
        whole = np.clip(floats, -1, 2.0**53).astype(np.int64)
        return whole, bool((whole == given).all())
    return np.zeros(given.shape, dtype=np.int64), False


def _find_unfit(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the rows whose value is negative, not a number or infinite."""
    fit = values >= 0.0
    fit &= values < np.inf
    return np.flatnonzero(~fit)


def _check_shapes(table: EdgeTable, file: str) -> Iterator[Fault]:
    count = len(table)
    columns = {
        "from_node": table.from_node,
        "to_node": table.to_node,
        "length_m": table.length_m,
        "both_ways": table.both_ways,
        "edge_id": table.edge_id,
        "geometry": table.geometry,
    }
    for name, column in columns.items():
        if column is not None and column.shape != (count,):
            found = f"has the shape {column.shape}"
            expected = f"expected {count} values, as many as of from_node"
            yield Fault(file, name, found, expected)
    if table.source_ids is not None and len(table.source_ids) != count:
        found = f"has {len(table.source_ids)} rows"
        yield Fault(file, "source_ids", found, f"expected {count}")
    if table.node_lon.ndim != 1 or table.node_lon.shape != table.node_lat.shape:
        found = f"have the shapes {table.node_lon.shape} and {table.node_lat.shape}"
        expected = "expected one of each for each node"
        yield Fault(file, "node_lon, node_lat", found, expected)


def _check_nodes(table: EdgeTable, file: str) -> list[Fault]:
    faults = []
    count = table.node_count
    for name in ("from_node", "to_node"):
        column = getattr(table, name)
        wrong = np.flatnonzero((column < 0) | (column >= count))
        expected = f"expected a node from 0 to {count - 1}"
        faults += _name_rows(file, name, table.edge_id, column, wrong, expected)
    for name, limit in (("node_lon", 180.0), ("node_lat", 90.0)):
        column = getattr(table, name)
        wrong = np.flatnonzero(~(np.abs(column) <= limit))
        expected = f"expected degrees from -{limit:g} to {limit:g}"
        nodes = np.arange(count)
        faults += _name_rows(
            file, name, nodes, column, wrong, expected, "node", "not in degrees?"
        )
    return faults


def find_repeated_ids(ids: NDArray[Any], file: str) -> list[Fault]:
    """Return a fault for each id of several edges.

    Parameters
    ----------
    ids
        Of the edges.
    file
        What faults call the table.
    """
    if ids.dtype.kind in "iu":
        values, counts = np.unique(ids, return_counts=True)
        repeats = counts > 1
        repeated = dict(zip(values[repeats], counts[repeats], strict=True))
    else:
        seen: dict[Any, int] = {}
        for value in ids.tolist():
            seen[value] = seen.get(value, 0) + 1
        repeated = {} if len(seen) == len(ids) else seen
    return [
        Fault(
            file,
            f"edge {str(value)!r}",
            f"its id stands {n} times",
            "expected each id once",
            "parts of one line need ids of their own",
        )
        for value, n in repeated.items()
        if n > 1
    ]


def _name_rows(
    file: str,
    column: str,
    ids: NDArray[Any],
    values: NDArray[Any],
    rows: NDArray[np.int64],
    expected: str = "expected a finite number, zero or more",
    kind: str = "edge",
    cause: str = "",
) -> list[Fault]:
    """Return a fault for each row, or for some and how many there are."""
    faults = [
        Fault(
            file,
            f"{kind} {str(ids[row])!r}, {column}",
            f"{values[row]}",
            expected,
            cause,
        )
        for row in rows[:_MOST_NAMED]
    ]
    if len(rows) > _MOST_NAMED:
        found = f"{len(rows)} faulty rows, of which the first {_MOST_NAMED} are named"
        faults.append(Fault(file, column, found, expected, cause))
    return faults
