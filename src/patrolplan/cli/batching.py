"""The verb that plans many scenarios, or one along a grid: batch."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from patrolplan.cli.planning import compile_once
from patrolplan.cli.program import (
    BROKEN,
    DONE,
    WRONG_INPUT,
    AsJson,
    Closed,
    Out,
    Quiet,
    check_closures,
    print_json,
)
from patrolplan.cli.speaking import say, warn
from patrolplan.plain_line import flatten_line

if TYPE_CHECKING:
    from patrolplan.batch_entries import Entry

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
    resume: Annotated[
        bool, typer.Option("--resume", help="Keep packs that are whole and as asked.")
    ] = False,
    pack: Annotated[
        Kind,
        typer.Option(help="All; no orders and exports; no map either."),
    ] = Kind.MAP,
    seed: Annotated[int | None, typer.Option(help="Seed of the solver.")] = None,
    iterations: Annotated[
        int | None, typer.Option(help="Rounds of each search.", min=0)
    ] = None,
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
    variants = read_batch(list(dict.fromkeys(files)))
    compile_once(quiet=quiet or as_json)
    found: dict[int, Entry] = {}
    with _Progress(len(variants), quiet=quiet or as_json) as progress:
        for place, entry in plan_batch(variants, out, options=options, jobs=jobs):
            found[place] = entry
            progress.show(entry)
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


class _Progress:
    """A bar with rate and time left on a terminal, a line a scenario elsewhere."""

    def __init__(self, count: int, *, quiet: bool) -> None:
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        self._is_bar = sys.stderr.isatty() and not quiet
        self._says_lines = not self._is_bar and not quiet
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
            disable=not self._is_bar,
        )
        self._count, self._ended, self._kept, self._failed = count, 0, 0, 0
        self._task = self._bar.add_task("batch", total=count, rate="")

    def __enter__(self) -> _Progress:
        import time

        self._clock = time.monotonic
        self._began = self._clock()
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()
        self._took_s = self._clock() - self._began

    def show(self, entry: Entry) -> None:
        """Count a scenario that ended."""
        row = entry.row
        self._ended += 1
        self._kept += entry.is_kept
        self._failed += row.folder is None
        rate = 60 * self._ended / max(self._clock() - self._began, 1e-9)
        self._bar.update(
            self._task,
            advance=1,
            description=flatten_line(row.name),
            rate=f"{rate:.1f}/min",
        )
        if self._says_lines:
            word = "kept" if entry.is_kept else "planned"
            word = word if row.folder is not None else "failed"
            warn(f"{self._ended}/{self._count} {row.name}: {word}")

    def tell(self, jobs: int) -> str:
        """Return how many were planned, and how quick."""
        planned = self._ended - self._kept - self._failed
        rate = 60 * planned / max(self._took_s, 1e-9)
        return (
            f"{planned} planned, {self._kept} kept, {self._failed} failed in "
            f"{self._took_s:.0f} s: {rate:.1f} a minute, {rate / jobs:.1f} a minute "
            f"and process"
        )
