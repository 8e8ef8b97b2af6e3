"""Topologies on disk, by the hash of what they are of, read as memory-mapped arrays."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

import numpy as np

from patrolplan.network.edges import EdgeTable
from patrolplan.network.engine.topology import Topology, build_topology, hash_edges

__all__ = ["load_topology"]


def load_topology(table: EdgeTable, cache: Path) -> Topology:
    """Return the topology of a network, built and kept if it is not there yet.

    Parameters
    ----------
    table
        The edges.
    cache
        The folder; each topology is a folder within.
    """
    folder = cache / hash_edges(table)
    with suppress(OSError, ValueError, EOFError):
        return _read(folder)
    built = build_topology(table)
    # Nobody may find half a topology, and of two who write at once one wins.
    with suppress(OSError):
        cache.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=".making-", dir=cache))
        try:
            for name, column in built._asdict().items():
                np.save(made / f"{name}.npy", column)
            # What could not be read is in the way.
            shutil.rmtree(folder, ignore_errors=True)
            made.replace(folder)
        finally:
            shutil.rmtree(made, ignore_errors=True)
    return built


def _read(folder: Path) -> Topology:
    return Topology(
        **{
            name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
            for name in Topology._fields
        }
    )
