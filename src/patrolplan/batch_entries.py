"""One scenario of a batch: planned and written whole, or kept where that was done."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from patrolplan._version import __version__
from patrolplan.errors import Fault, InputError, PatrolplanError
from patrolplan.grid import Variant
from patrolplan.inputs import list_inputs
from patrolplan.nearest import plan_nearest
from patrolplan.plain_files import hash_file
from patrolplan.planfile import read_plan
from patrolplan.products.batch_page import BatchRow, summarise_plan
from patrolplan.products.pack import PackKind, find_pack_folder, write_pack
from patrolplan.products.wholeness import (
    check_place,
    clear_draft,
    find_draft_folder,
    is_whole,
    replace_pack,
)
from patrolplan.scenario import Scenario
from patrolplan.shelf import lend_shelf

__all__ = [
    "BatchOptions",
    "Entry",
    "describe_crash",
    "list_files",
    "plan_entry",
    "remove_draft",
]

_ASKED: Final = "asked.json"
_ASKED_FORMAT: Final = "patrolplan-asked/1"
# Packs of the same scenario must not depend on how many run side by side.
_WORKERS: Final = 1


@dataclass(frozen=True)
class BatchOptions:
    """What holds for every scenario of a batch; None leaves a scenario as it is.

    Parameters
    ----------
    seed, iterations
        Of the solver.
    closed
        Lines closed besides.
    kind
        How much of a pack is written.
    shelf
        A folder of this batch alone, for what its processes work out alike; None for
        none.
    resume
        Whether packs that are whole, and of what is asked now, are kept.
    """

    seed: int | None = None
    iterations: int | None = None
    closed: tuple[str, ...] = ()
    kind: PackKind = "map"
    shelf: Path | None = None
    resume: bool = False


@dataclass(frozen=True)
class Entry:
    """What became of one scenario.

    Parameters
    ----------
    row
        What the index says of it.
    is_kept
        Whether it had been planned before.
    """

    row: BatchRow
    is_kept: bool = False


def describe_crash(file: str, error: BaseException) -> Fault:
    """Return what to list for a scenario that failed for no fault of its input.

    Parameters
    ----------
    file
        What the scenario is called.
    error
        What was raised; where it lies on this machine is left out.
    """
    own = error.strerror if isinstance(error, OSError) else None
    return Fault(
        file,
        "planning",
        f"{type(error).__name__}: {own or error}",
        "a plan",
        "not the scenario's fault: disk, memory, or a defect of patrolplan",
    )


def plan_entry(variant: Variant, out: Path, options: BatchOptions) -> Entry:
    """Plan one scenario and write its pack; whatever happens is said, never raised.

    Parameters
    ----------
    variant
        The scenario, or its faults.
    out
        Where the packs go, one folder each.
    options
        What holds for all of them.
    """
    if variant.scenario is None:
        return _fail(variant, variant.faults)
    try:
        folder = find_pack_folder(out, variant.name)
        clear_draft(folder)
        check_place(folder)
        asked = _set_options(variant.scenario, options)
        digest = _hash_question(asked, options)
        is_kept = options.resume and _is_done(folder, digest)
        if not is_kept:
            with lend_shelf(options.shelf):
                _write_entry(asked, folder, digest, options.kind)
        # Read back also where it was just planned: both must tell the same.
        plan = read_plan(folder / "plan.json")
        has_map = (folder / "map.html").is_file()
        row = summarise_plan(
            plan,
            name=variant.name,
            settings=variant.settings,
            folder=folder.name,
            has_map=has_map,
        )
        return Entry(row, is_kept)
    except InputError as error:
        return _fail(variant, error.faults)
    except PatrolplanError as error:
        fault = Fault(variant.name, "pack", str(error), "a folder for the pack")
        return _fail(variant, (fault,))
    # A full disk, or a fault of ours: the other scenarios must not die of it.
    except Exception as error:  # noqa: BLE001
        return _fail(variant, (describe_crash(variant.name, error),))


def remove_draft(variant: Variant, out: Path) -> None:
    """Remove what is left of a scenario whose process was ended, as far as it can be.

    Parameters
    ----------
    variant
        The scenario.
    out
        Where the packs go.
    """
    with contextlib.suppress(OSError, PatrolplanError):
        clear_draft(find_pack_folder(out, variant.name))


def _fail(variant: Variant, faults: tuple[Fault, ...]) -> Entry:
    texts = tuple(str(fault) for fault in faults)
    return Entry(BatchRow(variant.name, variant.settings, faults=texts))


def _set_options(scenario: Scenario, options: BatchOptions) -> Scenario:
    changes: dict[str, Any] = {}
    if options.seed is not None:
        changes["seed"] = options.seed
    if options.iterations is not None:
        changes["iterations"] = options.iterations
    if options.closed:
        lines = scenario.lines.model_dump()
        changes["lines"] = lines | {"closed": (*lines["closed"], *options.closed)}
    return scenario.replace(**changes) if changes else scenario


def list_files(variant: Variant) -> tuple[Path, ...]:
    """Return the files that a scenario is read from; none where it cannot be meant.

    Parameters
    ----------
    variant
        The scenario, or its faults.
    """
    scenario = variant.scenario
    if scenario is None:
        return ()
    home = scenario.path.parent
    try:
        inputs = [home / entry.path for entry in list_inputs(scenario)]
    except InputError:
        return ()
    return (*inputs, *(path for path in _list_roads(scenario) if path.is_file()))


def _list_roads(scenario: Scenario) -> list[Path]:
    """Return files that the list of inputs does not name."""
    home, network = scenario.path.parent, scenario.network
    return [home / name for name in (network.file, network.rules) if name is not None]


def _hash_question(scenario: Scenario, options: BatchOptions) -> str:
    """Return a hash of all that a pack is made from."""
    question = {
        "version": __version__,
        "kind": options.kind,
        "workers": _WORKERS,
        "scenario": scenario.model_dump(mode="json"),
        "inputs": [entry.model_dump(mode="json") for entry in list_inputs(scenario)],
        "network": [
            hash_file(path) for path in _list_roads(scenario) if path.is_file()
        ],
    }
    text = json.dumps(question, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _is_done(folder: Path, digest: str) -> bool:
    """Return whether a folder holds a whole pack of what is asked now."""
    try:
        asked: Any = json.loads((folder / _ASKED).read_text("utf-8"))
        is_same = asked["format"] == _ASKED_FORMAT and asked["sha256"] == digest
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False
    return is_same and is_whole(folder)


def _write_entry(scenario: Scenario, folder: Path, digest: str, kind: PackKind) -> None:
    study = plan_nearest(scenario, workers=_WORKERS)
    if study.solution.interrupted:
        # The best plan so far is not what the same search would give again.
        raise KeyboardInterrupt
    text = json.dumps({"format": _ASKED_FORMAT, "sha256": digest}) + "\n"
    draft = find_draft_folder(folder)
    try:
        write_pack(
            study.plan_file,
            study.layers,
            draft,
            extra={_ASKED: text.encode("utf-8")},
            kind=kind,
        )
        replace_pack(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
