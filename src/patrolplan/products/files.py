"""Files written whole or not at all, and never outside their folder."""

from __future__ import annotations

import errno
import json
import os
import re
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from patrolplan.errors import PatrolplanError

__all__ = [
    "HANDED_ON",
    "MANIFEST",
    "PackError",
    "find_handed_on",
    "hold_folder",
    "hold_inside",
    "refuse_handed_on",
    "slug_name",
    "write_folder",
    "write_page",
    "write_whole",
]

MANIFEST: Final = "manifest.json"
"""Of every pack, written last."""
HANDED_ON: Final = {
    "open": "patrolplan-open/1",
    "unclassified": "patrolplan-unclassified/1",
}
"""Profiles whose packs are handed on, folder and all: what their manifest is called."""


_NO_LOCKS: Final = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)


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
    except BaseException as error:
        draft.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is None:
            # A full disk does not say of which file.
            error.filename = str(path)
        raise
    return data


@contextmanager
def hold_folder(folder: Path) -> Iterator[None]:
    """Keep other runs from writing into a folder while this one does.

    The lock is on the folder itself: no file of it is left behind, and the system
    takes it off when a run is killed. On systems and disks that know no such lock, such
    as Windows, nothing is held.

    Parameters
    ----------
    folder
        The folder; it must exist.

    Raises
    ------
    PackError
        If another run is writing into it.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    place = os.open(folder, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    try:
        try:
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            msg = (
                f"{folder.name}: another run is writing into it; wait until it has "
                "ended, or choose another folder with --out"
            )
            raise PackError(msg) from error
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
        yield
    finally:
        os.close(place)


def find_handed_on(folder: Path) -> str | None:
    """Return of which wider profile a folder holds a pack; None where of none.

    Parameters
    ----------
    folder
        Any folder; it may be missing.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    written = manifest.get("format") if isinstance(manifest, dict) else None
    # A manifest of another kind is none of a wider pack.
    return next((key for key, name in HANDED_ON.items() if written == name), None)


def refuse_handed_on(folder: Path) -> None:
    """Refuse to put what is CONFIDENTIAL into a folder that is made to be handed on.

    Parameters
    ----------
    folder
        Where something is to be written; it may be missing.

    Raises
    ------
    PackError
        If it holds an OPEN or UNCLASSIFIED pack.
    """
    held = find_handed_on(folder)
    if held is not None:
        msg = (
            f"{folder.name}: holds an {held.upper()} pack, which is made to be handed "
            "on; choose another folder for what is CONFIDENTIAL with --out"
        )
        raise PackError(msg)


def write_folder(
    folder: Path, contents: Mapping[str, str | bytes], *, new: bool = False
) -> dict[str, Path]:
    """Write several CONFIDENTIAL files into one folder, each whole.

    All that is written was made before: nothing that fails leaves half of them.

    Parameters
    ----------
    folder
        Where; it is made if it is missing.
    contents
        What each file holds, by its path below the folder, such as ``gps/p1.gpx``.
    new
        Whether none of them may be there already.

    Returns
    -------
    dict
        The path of each file by that path.

    Raises
    ------
    PackError
        If the folder is made to be handed on, a path leads out of it, it or a folder
        below is a symbolic link, another run is writing into it, or a file that must be
        new is there.
    OSError
        If a file cannot be written.
    """
    refuse_handed_on(folder)
    paths = {name: hold_inside(folder, *name.split("/")) for name in contents}
    folder.mkdir(parents=True, exist_ok=True)
    with hold_folder(folder):
        # Within the lock: two runs that were given one name do not both find it free.
        if new and (there := [p.name for p in paths.values() if os.path.lexists(p)]):
            msg = f"{', '.join(there)}: is there already, and is not written over"
            raise PackError(msg)
        for name, content in contents.items():
            write_whole(paths[name], content)
    return paths


def write_page(path: Path, text: str, *, new: bool = False) -> Path:
    """Write one CONFIDENTIAL file as :func:`write_folder` writes several.

    Parameters
    ----------
    path
        The file.
    text
        What it holds.
    new
        Whether it must not be there already.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    PackError
        If its folder is made to be handed on or is a symbolic link, or the file must be
        new and is there.
    OSError
        If it cannot be written.
    """
    return write_folder(path.parent, {path.name: text}, new=new)[path.name]
