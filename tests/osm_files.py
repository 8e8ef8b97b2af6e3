"""Files of OpenStreetMap for tests: a writer of PBF, and networks drawn by a seed.

The format is that of the OSM wiki: a file is a row of blobs, each behind its length,
and a blob is a protocol buffer of nodes (dense, as differences) or of ways.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay

NODES_A_BLOCK = 8_000
"""As the format asks."""

PER_DEGREE = 10_000_000
"""Positions are whole numbers of 1e-7 degrees."""


@dataclass(frozen=True)
class Way:
    """A way: its id, the nodes it runs through, its tags."""

    id: int
    nodes: Sequence[int]
    tags: Mapping[str, str]


def _encode_varints(values: NDArray[np.uint64]) -> bytes:
    """Return numbers as varints: seven bits a byte, the low ones first."""
    values = np.asarray(values, dtype=np.uint64)
    lengths = np.ones(len(values), dtype=np.int64)
    for bits in range(7, 64, 7):
        lengths += values >= np.uint64(1 << bits)
    ends = np.cumsum(lengths)
    place = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - lengths, lengths)
    shifted = np.repeat(values, lengths) >> (place * 7).astype(np.uint64)
    more = (place < np.repeat(lengths, lengths) - 1).astype(np.uint8) << 7
    return ((shifted & np.uint64(0x7F)).astype(np.uint8) | more).tobytes()


def _encode_differences(values: Iterable[int]) -> bytes:
    """Return numbers as zigzag varints of the steps from one to the next."""
    steps = np.diff(np.asarray(values, dtype=np.int64), prepend=0)
    return _encode_varints(((steps << 1) ^ (steps >> 63)).view(np.uint64))


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def _field(number: int, content: bytes | int) -> bytes:
    if isinstance(content, int):
        return _varint(number << 3) + _varint(content)
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _blob(kind: str, content: bytes) -> bytes:
    body = _field(2, len(content)) + _field(3, zlib.compress(content, 1))
    head = _field(1, kind.encode()) + _field(3, len(body))
    return struct.pack(">I", len(head)) + head + body


def _block(group: bytes, texts: Sequence[str] = ("",)) -> bytes:
    table = b"".join(_field(1, text.encode()) for text in texts)
    return _blob("OSMData", _field(1, table) + _field(2, group))


def _dense(
    ids: NDArray[np.int64], lon: NDArray[np.int64], lat: NDArray[np.int64]
) -> bytes:
    return _field(
        2,
        _field(1, _encode_differences(ids))
        + _field(8, _encode_differences(lat))
        + _field(9, _encode_differences(lon)),
    )


def _ways(ways: Sequence[Way]) -> bytes:
    texts: dict[str, int] = {"": 0}
    group = []
    for way in ways:
        keys = [texts.setdefault(key, len(texts)) for key in way.tags]
        values = [texts.setdefault(text, len(texts)) for text in way.tags.values()]
        group.append(
            _field(
                3,
                _field(1, way.id)
                + _field(2, b"".join(map(_varint, keys)))
                + _field(3, b"".join(map(_varint, values)))
                + _field(8, _encode_differences(way.nodes)),
            )
        )
    return _block(b"".join(group), list(texts))


def write_pbf(
    path: Path,
    ids: NDArray[np.int64],
    lon: NDArray[np.int64],
    lat: NDArray[np.int64],
    ways: Iterable[Way],
) -> None:
    """Write nodes and ways.

    Parameters
    ----------
    path
        Where to.
    ids, lon, lat
        The nodes by rising id; positions in whole 1e-7 degrees.
    ways
        By rising id.
    """
    with path.open("wb") as file:
        features = (b"OsmSchema-V0.6", b"DenseNodes")
        file.write(_blob("OSMHeader", b"".join(_field(4, text) for text in features)))
        for start in range(0, len(ids), NODES_A_BLOCK):
            part = slice(start, start + NODES_A_BLOCK)
            file.write(_block(_dense(ids[part], lon[part], lat[part])))
        for batch in _batch(ways, NODES_A_BLOCK):
            file.write(_ways(batch))


def _batch(ways: Iterable[Way], size: int) -> Iterator[list[Way]]:
    batch: list[Way] = []
    for way in ways:
        batch.append(way)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def write_small_pbf(
    path: Path, places: Mapping[int, tuple[float, float]], ways: Sequence[Way]
) -> Path:
    """Write nodes given by id in degrees, and ways; return the path."""
    ids = np.array(sorted(places), dtype=np.int64)
    spots = np.array([places[key] for key in sorted(places)])
    lon, lat = np.round(spots * PER_DEGREE).astype(np.int64).T
    write_pbf(path, ids, lon, lat, ways)
    return path


def write_drawn_pbf(path: Path, nodes: int, *, seed: int = 0) -> tuple[int, int]:
    """Write a network of towns and tracks drawn by a seed.

    Junctions cluster in towns; roads join neighbours, and bear most of the nodes along
    them. A road is cut into ways of up to 40 nodes.

    Parameters
    ----------
    path
        Where to.
    nodes
        How many nodes, nearly.
    seed
        Of the draw.

    Returns
    -------
    How many nodes and ways were written.
    """
    draw = np.random.default_rng(seed)
    junctions = max(nodes // 18, 8)
    towns = draw.uniform((-5.0, 15.0), (3.0, 23.0), size=(max(junctions // 40, 2), 2))
    spots = towns[draw.integers(len(towns), size=junctions)]
    spots = spots + draw.normal(scale=0.05, size=spots.shape)
    pairs = Delaunay(spots).simplices[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    pairs = np.unique(np.sort(pairs, axis=1), axis=0)
    # A half of all possible roads: junctions of degree three, as in the field.
    pairs = pairs[draw.random(len(pairs)) < 0.5]
    inner = draw.poisson((nodes - junctions) / len(pairs), size=len(pairs))
    ends = np.cumsum(inner)
    along = (np.arange(ends[-1]) - np.repeat(ends - inner, inner) + 1) / np.repeat(
        inner + 1, inner
    )
    tails, heads = (np.repeat(spots[pairs[:, end]], inner, axis=0) for end in (0, 1))
    bends = draw.normal(scale=2e-4, size=tails.shape)
    middle = tails + (heads - tails) * along[:, None] + bends
    lon, lat = np.round(np.vstack((spots, middle)) * PER_DEGREE).astype(np.int64).T
    ids = np.arange(1, len(lon) + 1) * 3 + 1_000_000_000
    kinds = ("track", "unclassified", "tertiary", "residential", "secondary", "path")
    surfaces = (None, "sand", "gravel", "asphalt", "dirt")
    kind = draw.integers(len(kinds), size=len(pairs))
    surface = draw.integers(len(surfaces), size=len(pairs))
    count = 0

    def list_ways() -> Iterator[Way]:
        nonlocal count
        for row, (tail, head) in enumerate(pairs.tolist()):
            first = junctions + int(ends[row] - inner[row])
            run = [tail, *range(first, first + int(inner[row])), head]
            tags = {"highway": kinds[kind[row]], "name": f"R{row % 500}"}
            if (named := surfaces[surface[row]]) is not None:
                tags["surface"] = named
            for start in range(0, len(run) - 1, 39):
                count += 1
                yield Way(count, ids[run[start : start + 40]].tolist(), tags)

    write_pbf(path, ids, lon, lat, list_ways())
    return len(ids), count
