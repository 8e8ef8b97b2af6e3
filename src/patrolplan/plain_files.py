"""What may be read: plain files, not too large, and documents that nest not too deep.

A pipe or a device has no end, and opening one may wait for ever: a stranger's folder
may hold one under any name. So what is no plain file is refused before it is opened.
"""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path
from typing import Any

from patrolplan.errors import Fault, InputError

__all__ = ["MEGABYTE", "check_plain_file", "hash_file", "is_deeper"]

MEGABYTE = 1024 * 1024


def check_plain_file(
    path: Path,
    expected: str,
    *,
    most_mb: float,
    refusal: type[InputError],
    figure: str = "",
) -> None:
    """Refuse what is no plain file, or is larger than it may be.

    A folder passes: whoever opens it is told so, and says so.

    Parameters
    ----------
    path
        The file; a link is followed, as it may lead to a plain file.
    expected
        What it should be, such as ``a scenario file``.
    most_mb
        MB (1024² bytes) that it may take.
    refusal
        What is raised.
    figure
        What the planning figure is called that sets it, if one does.

    Raises
    ------
    InputError
        Of that kind.
    OSError
        If there is nothing, or it may not be looked at.
    """
    found = path.stat()
    if stat.S_ISDIR(found.st_mode):
        return
    if not stat.S_ISREG(found.st_mode):
        cause = "its end may never come: copy it into a file"
        fault = Fault(path.name, "file", "a pipe or a device", expected, cause)
        raise refusal([fault])
    if found.st_size > most_mb * MEGABYTE:
        size, most = found.st_size / MEGABYTE, most_mb
        told = [f"{size:,.1f} MB", f"{most:,.4g} MB"]
        if most < 1 or told[0].partition(" ")[0] == f"{most:,.1f}":
            # So near, or so small, that MB would not tell them apart.
            told = [f"{found.st_size:,} bytes", f"{int(most * MEGABYTE):,} bytes"]
        cause = "another file, or one made to fill the memory"
        if figure:
            cause += f": {figure} is the limit"
        fault = Fault(
            path.name, "file", told[0], f"{expected}, at most {told[1]}", cause
        )
        raise refusal([fault])


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal, never held in memory whole.

    Parameters
    ----------
    path
        A plain file: a pipe may have no end.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_deeper(document: Any, depth: int) -> bool:
    """Return whether JSON or TOML nests deeper; without recursion: it may be hostile.

    Parameters
    ----------
    document
        What was read.
    depth
        Lists and tables in one another; a number or a text alone is at 1.
    """
    level = [document]
    for _ in range(depth):
        level = [
            child
            for node in level
            if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
        ]
    return bool(level)
