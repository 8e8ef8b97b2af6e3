"""The plans of a batch, read from its folder, with the values of its grid."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

from patrolplan.ensemble import Member
from patrolplan.errors import Fault, PlanFileError
from patrolplan.planfile import read_plan
from patrolplan.products.pack import PackError, find_pack_folder
from patrolplan.products.tables import restore_text

__all__ = ["RESULTS", "read_members"]

RESULTS: Final = "results.csv"
"""Table of a batch beside its packs: a row a scenario."""
_PLAN: Final = "plan.json"
_AXIS: Final = "axis_"


class _Found(NamedTuple):
    """A plan that is to be read: its file, its name, and its value on each axis."""

    path: Path
    name: str | None = None
    settings: tuple[tuple[str, str], ...] = ()


def read_members(paths: Iterable[Path | str]) -> tuple[Member, ...]:
    """Read the plans of batches, of packs, or single ones.

    Parameters
    ----------
    paths
        Each a ``plan.json``, the folder of a pack, or that of a batch. Of a batch the
        plans are taken that its ``results.csv`` lists, with their values on the axes of
        its grid; without that table, every pack directly below. A plan met twice counts
        once.

    Returns
    -------
    The plans, in the order given.

    Raises
    ------
    PlanFileError
        If a folder holds no plan, or a plan cannot be read; with all of the faults.
    """
    members: dict[Path, Member] = {}
    faults: list[Fault] = []
    for path in map(Path, paths):
        try:
            listed = list(_list_plans(path))
        except PlanFileError as error:
            faults += error.faults
            continue
        for found in listed:
            try:
                plan = read_plan(found.path)
            except PlanFileError as error:
                faults += (_name_pack(fault, found.path) for fault in error.faults)
                continue
            name = found.name or plan.scenario.name
            members.setdefault(found.path.resolve(), Member(name, plan, found.settings))
    if faults:
        raise PlanFileError(faults)
    return tuple(members.values())


def _name_pack(fault: Fault, path: Path) -> Fault:
    """Return a fault of a plan that says in which pack: all are ``plan.json``."""
    return replace(fault, file=f"{Path(path.parent.name, fault.file)}")


def _list_plans(path: Path) -> Iterator[_Found]:
    if not path.is_dir():
        yield _Found(path)
    elif (path / _PLAN).is_file():
        yield _Found(path / _PLAN)
    elif (path / RESULTS).is_file():
        yield from _read_results(path)
    else:
        packs = sorted(pack for pack in path.glob(f"*/{_PLAN}") if pack.is_file())
        if not packs:
            fault = Fault(path.name, "folder", "no plan.json", "a batch, or a pack")
            raise PlanFileError([fault])
        yield from map(_Found, packs)


def _read_results(folder: Path) -> list[_Found]:
    """Return the plans that the table of a batch lists; those that failed are none."""

    def refuse(where: str, found: str, expected: str) -> PlanFileError:
        cause = "a table that another program wrote, or that was edited"
        return PlanFileError([Fault(RESULTS, where, found, expected, cause)])

    try:
        with (folder / RESULTS).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise refuse("file", type(error).__name__, "a table of CSV") from error
    found = []
    for number, row in enumerate(rows, start=2):
        name, result = row.get("scenario"), row.get("result")
        if not name or not result:
            raise refuse(f"line {number}", "a cell missing", "a scenario and a result")
        if result == "failed":
            continue
        try:
            pack = find_pack_folder(folder, restore_text(name))
        except PackError as error:
            raise refuse(f"line {number}", str(error), "a folder of a pack") from error
        settings = tuple(
            (key.removeprefix(_AXIS), restore_text(cell))
            for key, cell in row.items()
            if isinstance(key, str) and key.startswith(_AXIS) and cell
        )
        found.append(_Found(pack / _PLAN, restore_text(name), settings))
    if not found:
        raise refuse("rows", "no plan", "one scenario or more that was planned")
    return found
