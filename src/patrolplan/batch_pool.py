"""Many scenarios on many processes, each on its own, none lost."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from patrolplan.batch_entries import (
    BatchOptions,
    Entry,
    describe_crash,
    plan_entry,
)
from patrolplan.errors import Fault, ScenarioError
from patrolplan.grid import Variant, is_grid, read_grid
from patrolplan.products.batch_page import BatchRow
from patrolplan.products.pack import find_pack_folder
from patrolplan.scenario import read_scenario

__all__ = ["plan_batch", "read_batch"]


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
) -> Iterator[tuple[int, Entry]]:
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
        Runs them instead of processes here, such as that of a cluster whose workers
        see the same files. It stays open.

    Yields
    ------
    The place of a scenario in ``variants`` and what became of it, as they end.
    """
    # Kernels are compiled before the workers start, and loaded once in each.
    out.mkdir(parents=True, exist_ok=True)
    places = range(len(variants))
    if executor is not None:
        yield from _run(variants, places, out, options, executor)
        return
    if jobs <= 1 or len(variants) <= 1:
        for place in places:
            yield place, plan_entry(variants[place], out, options)
        return
    left = set(places)
    with _open_pool(min(jobs, len(variants))) as pool:
        for place, entry in _run(variants, places, out, options, pool):
            left.discard(place)
            yield place, entry
    # A process that died took its neighbours' work with it. Each of these gets a
    # process of its own, so that only the culprit fails.
    for place in sorted(left):
        with _open_pool(1) as pool:
            entries = list(_run(variants, [place], out, options, pool))
        if entries:
            yield entries[0]
        else:
            yield place, _describe_death(variants[place])


def _describe_death(variant: Variant) -> Entry:
    fault = describe_crash(
        variant.name, BrokenProcessPool("the process that planned it was ended")
    )
    return Entry(BatchRow(variant.name, variant.settings, faults=(str(fault),)))


def _run(
    variants: Sequence[Variant],
    places: Sequence[int],
    out: Path,
    options: BatchOptions,
    executor: Executor,
) -> Iterator[tuple[int, Entry]]:
    """Yield what ended; what was lost with its process is not there."""
    futures: dict[Future[Entry], int] = {}
    try:
        for place in places:
            future = executor.submit(plan_entry, variants[place], out, options)
            futures[future] = place
        for future in as_completed(futures):
            try:
                yield futures[future], future.result()
            except BrokenProcessPool:
                continue
    except BrokenProcessPool:
        # Broken while work was still handed out.
        return
    finally:
        for future in futures:
            future.cancel()


def _open_pool(jobs: int) -> ProcessPoolExecutor:
    # Not forked: a child must not inherit threads of the numerical libraries.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=_follow_parent)


def _follow_parent() -> None:
    """End this process when the one that started it is gone, however it went."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        # At once: packs are drafts until they are whole.
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
