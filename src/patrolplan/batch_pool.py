"""Many scenarios on many processes, each on its own, none lost."""

from __future__ import annotations

import tempfile
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

from patrolplan.batch_entries import (
    BatchOptions,
    Entry,
    describe_crash,
    plan_entry,
    remove_draft,
)
from patrolplan.batch_processes import open_processes
from patrolplan.errors import Fault, ScenarioError
from patrolplan.grid import Variant, is_grid, read_grid
from patrolplan.products.batch_page import BatchRow
from patrolplan.products.pack import find_pack_folder
from patrolplan.scenario import read_scenario

__all__ = ["plan_batch", "read_batch"]

Left = dict[int, BrokenExecutor | None]
"""The scenarios that have not ended, and what their process was lost by."""


def read_batch(files: Sequence[Path]) -> tuple[Variant, ...]:
    """Read scenario and grid files into what a batch plans, in their order.

    Parameters
    ----------
    files
        Scenarios and grids. A scenario that cannot be read, or whose name is taken,
        bears its faults.

    Raises
    ------
    ScenarioError
        If a grid cannot be meant; with the faults of all grids.
    """
    variants: list[Variant] = []
    faults: list[Fault] = []
    for file in files:
        if is_grid(file):
            try:
                variants += read_grid(file)
            except ScenarioError as error:
                faults += error.faults
            continue
        try:
            scenario = read_scenario(file)
            variants.append(Variant(scenario.name, (), scenario))
        except ScenarioError as error:
            variants.append(Variant(file.stem, (), faults=error.faults))
    if faults:
        raise ScenarioError(faults)
    return tuple(_refuse_twins(variants))


def _refuse_twins(variants: Sequence[Variant]) -> Iterator[Variant]:
    """Give a fault to what would be written where another one is."""
    taken: set[Path] = set()
    for variant in variants:
        folder = find_pack_folder(Path(), variant.name)
        if variant.scenario is not None and folder in taken:
            fault = Fault(
                variant.name,
                "name",
                f"{variant.name!r} is taken by another of the batch",
                "a name of its own: it names the folder of the pack",
                "a copied file",
            )
            yield Variant(variant.name, variant.settings, faults=(fault,))
        else:
            if variant.scenario is not None:
                taken.add(folder)
            yield variant


def plan_batch(
    variants: Sequence[Variant],
    out: Path,
    *,
    options: BatchOptions,
    jobs: int = 1,
    executor: Executor | None = None,
) -> Generator[tuple[int, Entry], None, None]:
    """Plan the scenarios of a batch and write a pack for each.

    Parameters
    ----------
    variants
        What to plan.
    out
        Where the packs go, one folder each.
    options
        What holds for all of them.
    jobs
        How many processes; the packs do not depend on it.
    executor
        Runs them instead of processes here, such as
        :class:`~patrolplan.cluster.Cluster`, whose workers see the same files. It
        stays open.

    Yields
    ------
    The place of a scenario in ``variants`` and what became of it, as they end. Closing
    the iterator early, as Ctrl-C does, ends the processes and removes their drafts.
    """
    # Kernels are compiled before the workers start, and loaded once in each.
    out.mkdir(parents=True, exist_ok=True)
    jobs = min(jobs, len(variants))
    left: Left = dict.fromkeys(range(len(variants)))
    alone: Left = {}
    try:
        if executor is not None:
            yield from _run(variants, left, out, options, executor)
        elif jobs > 1:
            with _lend_folder() as shelf, open_processes(jobs) as pool:
                shared = replace(options, shelf=shelf)
                yield from _run(variants, left, out, shared, pool)
        else:
            for place in list(left):
                yield place, plan_entry(variants[place], out, options)
                del left[place]
        # A process that died took its neighbours' work with it. Each of these is now
        # planned alone, so that only the culprit fails.
        while left:
            with _open_single(executor) as single:
                for place in sorted(left):
                    alone = {place: left.pop(place)}
                    yield from _run(variants, alone, out, options, single)
                    if alone:
                        yield place, _describe_death(variants[place], alone[place])
                        break
    finally:
        if executor is None:
            for place in (*alone, *left):
                remove_draft(variants[place], out)


def _open_single(executor: Executor | None) -> AbstractContextManager[Executor]:
    return open_processes(1) if executor is None else nullcontext(executor)


@contextmanager
def _lend_folder() -> Iterator[Path]:
    """Make a folder that nobody else can write in, for as long as the block lasts."""
    with tempfile.TemporaryDirectory(
        prefix="patrolplan-", ignore_cleanup_errors=True
    ) as folder:
        yield Path(folder)


def _describe_death(variant: Variant, error: BrokenExecutor | None) -> Entry:
    if error is None or isinstance(error, BrokenProcessPool):
        error = BrokenProcessPool("the process that planned it was ended")
    fault = describe_crash(variant.name, error)
    return Entry(BatchRow(variant.name, variant.settings, faults=(str(fault),)))


def _run(
    variants: Sequence[Variant],
    left: Left,
    out: Path,
    options: BatchOptions,
    executor: Executor,
) -> Iterator[tuple[int, Entry]]:
    """Yield what ended; what was lost with its process stays in what is left."""
    futures: dict[Future[Entry], int] = {}
    try:
        for place in list(left):
            future = executor.submit(plan_entry, variants[place], out, options)
            futures[future] = place
        for future in as_completed(futures):
            place = futures[future]
            try:
                entry = future.result()
            except BrokenExecutor as error:
                left[place] = error
                continue
            del left[place]
            yield place, entry
    except BrokenExecutor:
        # Broken while work was still handed out.
        return
    finally:
        for future in futures:
            future.cancel()
