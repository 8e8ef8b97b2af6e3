"""The verb that plans many scenarios, or one along a grid: batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from patrolplan.cli.batch_progress import BatchProgress
from patrolplan.cli.planning import compile_once
from patrolplan.cli.program import (
    BROKEN,
    DONE,
    INTERRUPTED,
    WRONG_INPUT,
    AsJson,
    Closed,
    Out,
    Quiet,
    Rounds,
    Seed,
    check_closures,
    print_json,
)
from patrolplan.cli.speaking import say, warn

if TYPE_CHECKING:
    from patrolplan.batch_entries import Entry
    from patrolplan.cluster import Cluster
    from patrolplan.grid import Variant

__all__ = ["batch"]


class Kind(StrEnum):
    """How much of a pack is written for each."""

    FULL = "full"
    MAP = "map"
    PLAN = "plan"


def batch(
    files: Annotated[
        list[Path], typer.Argument(metavar="SCENARIO...", help="Scenarios or grids.")
    ],
    out: Out = Path("out"),
    jobs: Annotated[int, typer.Option(help="Processes side by side.", min=1)] = 2,
    cluster: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Plan on a Dask cluster instead, whose workers see the same files.",
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Keep packs that are whole and as asked.")
    ] = False,
    pack: Annotated[
        Kind,
        typer.Option(help="All; no orders and exports; no map either."),
    ] = Kind.MAP,
    seed: Seed = None,
    iterations: Rounds = None,
    close: Closed = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> int:
    """Plan many scenarios, or one along a grid, with an index of them all."""
    from patrolplan.batch_entries import BatchOptions
    from patrolplan.batch_pool import plan_batch, read_batch
    from patrolplan.products.batch_page import write_batch

    options = BatchOptions(
        seed=seed,
        iterations=iterations,
        closed=check_closures(close),
        kind=pack.value,
        resume=resume,
    )
    files = list(dict.fromkeys(files))
    if cluster is not None:
        # Workers are somewhere else, and start from another folder.
        files = [file.absolute() for file in files]
    variants = read_batch(files)
    hush = quiet or as_json
    found: dict[int, Entry] = {}
    progress = BatchProgress(len(variants), quiet=hush)
    try:
        with _open(cluster, out, variants, quiet=hush) as executor:
            packs = out
            if executor is not None:
                packs, jobs = out.absolute(), max(executor.workers, 1)
            ends = plan_batch(
                variants, packs, options=options, jobs=jobs, executor=executor
            )
            with progress, closing(ends):
                for place, entry in ends:
                    found[place] = entry
                    progress.show(entry)
    except KeyboardInterrupt:
        ready = sum(entry.row.folder is not None for entry in found.values())
        warn(
            f"stopped: {ready} of {len(variants)} scenarios are planned and whole; "
            "the same command with --resume goes on from there"
        )
        return INTERRUPTED
    entries = [found[place] for place in sorted(found)]
    rows = [entry.row for entry in entries]
    for fault in sorted({fault for row in rows for fault in row.faults}):
        warn(fault)
    paths = write_batch(rows, out)
    planned = [row for row in rows if row.folder is not None]
    if as_json:
        print_json(_describe(entries, paths))
    elif not quiet:
        say(progress.tell(min(jobs, max(len(rows), 1))))
        for path in paths.values():
            say(path)
    if not planned:
        return WRONG_INPUT
    amiss = any(row.violations or row.is_changed for row in planned)
    return BROKEN if amiss or len(planned) < len(rows) else DONE


@contextmanager
def _open(
    address: str | None, out: Path, variants: Sequence[Variant], *, quiet: bool
) -> Iterator[Cluster | None]:
    """Open what plans a batch elsewhere; None where processes here do."""
    if address is None:
        compile_once(quiet=quiet)
        yield None
        return
    from patrolplan.batch_entries import list_files
    from patrolplan.cluster import open_cluster

    files = {path for variant in variants for path in list_files(variant)}
    with open_cluster(address, out, files) as cluster:
        yield cluster


def _describe(entries: list[Entry], paths: dict[str, Path]) -> dict[str, Any]:
    return {
        "scenarios": [
            {
                "name": entry.row.name,
                "settings": dict(entry.row.settings),
                "folder": entry.row.folder,
                "kept": entry.is_kept,
                "changed": entry.row.is_changed,
                "figures": dict(entry.row.figures),
                "faults": list(entry.row.faults),
            }
            for entry in entries
        ],
        "files": [str(path) for path in paths.values()],
    }
