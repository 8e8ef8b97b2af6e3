"""The page that lists several plans: one row each, and what failed with its faults."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from patrolplan.planfile import PlanFile
from patrolplan.products.digest import digest_plan
from patrolplan.products.files import write_page
from patrolplan.products.rows import PlanDigest
from patrolplan.products.sheets import render_sheet

__all__ = ["IndexRow", "render_index", "write_index"]


@dataclass(frozen=True)
class IndexRow:
    """One scenario that was planned, or that failed.

    Parameters
    ----------
    name
        Name of the scenario, or of its file where the name is not known.
    folder
        Folder of its pack, below that of the index; None where there is none.
    plan
        The plan; None where planning failed.
    faults
        What was wrong with it, one line each.
    """

    name: str
    folder: str | None = None
    plan: PlanFile | None = None
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Entry:
    """A row, the map it leads to, and its plan in rows; None where there is none."""

    row: IndexRow
    href: str | None
    digest: PlanDigest | None


def render_index(rows: Iterable[IndexRow]) -> str:
    """Render the list of several plans as one page that opens with no network.

    Parameters
    ----------
    rows
        The scenarios, in the order to show them.
    """
    entries = [
        _Entry(
            row,
            # "./" keeps a folder named like an address from being one.
            f"./{quote(row.folder, safe='')}/map.html" if row.folder else None,
            digest_plan(row.plan) if row.plan else None,
        )
        for row in rows
    ]
    planned = [entry for entry in entries if entry.digest is not None]
    failed = [entry for entry in entries if entry.digest is None]
    releases = {entry.digest.release for entry in planned if entry.digest}
    return render_sheet(
        "index.html",
        planned=planned,
        failed=failed,
        release=releases.pop() if len(releases) == 1 else "confidential",
        status="draft"
        if any(entry.digest.status != "cleared" for entry in planned if entry.digest)
        else None,
    )


def write_index(rows: Iterable[IndexRow], path: Path) -> Path:
    """Write the list of several plans as one page.

    Parameters
    ----------
    rows
        The scenarios, in the order to show them.
    path
        The file, beside the folders of the packs.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    return write_page(path, render_index(rows))
