"""Files written whole or not at all, and never outside their folder."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from patrolplan.errors import PatrolplanError

__all__ = ["PackError", "hold_inside", "slug_name", "write_folder", "write_whole"]


class PackError(PatrolplanError, OSError):
    """A product cannot be written where it was asked for."""


def slug_name(name: str, *, fallback: str = "plan") -> str:
    """Return a file name of plain letters, digits, _ and - for any name.

    Parameters
    ----------
    name
        Any text; accents are taken off, the rest becomes hyphens.
    fallback
        What a name without a letter or digit becomes.

    Examples
    --------
    >>> slug_name("../Gao & Ménaka")
    'gao-menaka'
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9_]+", "-", plain.lower()).strip("-")[:80].strip("-")
    return slug or fallback


def hold_inside(folder: Path, *parts: str) -> Path:
    """Return a path below a folder, made sure that it does not lead out of it.

    Parameters
    ----------
    folder
        The folder.
    *parts
        Names below it, one a level.

    Raises
    ------
    PackError
        If a part is no plain name, or a level of the path is a symbolic link.
    """
    path = folder
    for part in parts:
        if part in {"", ".", ".."} or "/" in part or "\\" in part or "\0" in part:
            msg = f"{part!r} is no name of a file in {folder.name}"
            raise PackError(msg)
        if path.is_symlink():
            msg = f"{path.name} is a symbolic link, which is not followed"
            raise PackError(msg)
        path = path / part
    return path


def write_whole(path: Path, content: str | bytes) -> bytes:
    """Write a file whole: beside its name first, then in its place.

    A symbolic link that stands in its place is replaced, not followed.

    Parameters
    ----------
    path
        The file; missing folders above it are made.
    content
        Bytes, or text that is written as UTF-8 with its line ends as they are.

    Returns
    -------
    bytes
        What was written.

    Raises
    ------
    OSError
        If it cannot be written; what stood there before still does.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    # A draft left by a run that was killed is ours to remove; a link is not followed.
    draft.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    try:
        with os.fdopen(os.open(draft, flags, 0o644), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return data


def write_folder(folder: Path, contents: Mapping[str, str | bytes]) -> dict[str, Path]:
    """Write several files into one folder, each whole.

    All that is written was made before: nothing that fails leaves half of them.

    Parameters
    ----------
    folder
        Where; it is made if it is missing.
    contents
        What each file holds, by its name.

    Returns
    -------
    dict
        The path of each file by its name.

    Raises
    ------
    OSError
        If a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = {name: folder / name for name in contents}
    for name, content in contents.items():
        write_whole(paths[name], content)
    return paths
