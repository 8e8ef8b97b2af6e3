"""Whether a folder holds a whole pack, and its exchange for a new one in one step."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from patrolplan.plain_files import hash_file
from patrolplan.products.files import PackError, hold_folder, hold_inside
from patrolplan.products.pack import MANIFEST_FORMAT, is_pack_file

__all__ = [
    "check_place",
    "clear_draft",
    "find_draft_folder",
    "is_whole",
    "replace_pack",
]

_MANIFEST = "manifest.json"


def _read_outputs(folder: Path) -> dict[str, str] | None:
    """Return the files that a manifest lists and their hashes, None if it is none."""
    try:
        document: Any = json.loads((folder / _MANIFEST).read_text("utf-8"))
        if document["format"] != MANIFEST_FORMAT:
            return None
        return {str(row["path"]): str(row["sha256"]) for row in document["outputs"]}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def is_whole(folder: Path) -> bool:
    """Return whether every file that the manifest of a pack lists is as it says.

    Parameters
    ----------
    folder
        The folder of a pack; one that is missing or half-written is not whole.
    """
    outputs = _read_outputs(folder)
    if not outputs:
        return False
    try:
        return all(
            hash_file(hold_inside(folder, *name.split("/"))) == digest
            for name, digest in outputs.items()
        )
    except (OSError, ValueError):
        return False


def find_draft_folder(folder: Path) -> Path:
    """Return where a pack is written before it takes its place: beside it, hidden.

    Parameters
    ----------
    folder
        The folder of the pack.
    """
    return hold_inside(folder.parent, f".{folder.name}.part")


def clear_draft(folder: Path) -> None:
    """Remove what a run that was killed left of a pack.

    Parameters
    ----------
    folder
        The folder of the pack.

    Raises
    ------
    OSError
        If it cannot be removed, a symbolic link stands in its place, or another run is
        writing it.
    """
    draft = find_draft_folder(folder)
    if draft.is_symlink():
        msg = f"{draft.name} is a symbolic link, which is not followed"
        raise PackError(msg)
    if draft.exists():
        # Unless another run is writing it just now.
        with hold_folder(draft):
            shutil.rmtree(draft)


def check_place(folder: Path) -> None:
    """Make sure that a pack may take the place of what a folder holds.

    Parameters
    ----------
    folder
        The folder of the pack.

    Raises
    ------
    PackError
        If it holds a file that is no part of a pack, or is a symbolic link or a file.
    """
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        msg = f"{folder.name} is no folder that a pack could take the place of"
        raise PackError(msg)
    ours = _read_outputs(folder) or {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if (path.is_symlink() or not path.is_dir()) and not (
            name in ours or is_pack_file(name)
        ):
            msg = f"{folder.name} holds {name}, which is no part of its pack"
            raise PackError(msg)


def replace_pack(folder: Path) -> None:
    """Let the draft of a pack take its place: all of it, or nothing.

    Parameters
    ----------
    folder
        The folder of the pack.

    Raises
    ------
    OSError
        If it cannot, or the folder holds what is no part of a pack.
    """
    check_place(folder)
    if folder.exists():
        # A kill between the two steps leaves no pack here, never half of one.
        shutil.rmtree(folder)
    find_draft_folder(folder).rename(folder)
