"""What many scenarios work out alike: worked out once, and mapped by every process.

A batch asks for the same network, and for the same ways over it, again and again. What
is kept is found by its question: the function and all that it is called with, by
content, and the content of the files that it reads. So an answer never depends on
whether it was kept, and whoever changes a file gets a new one.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import mmap
import os
import pickle
import secrets
import stat
import struct
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeVar

from patrolplan.plain_files import hash_file

__all__ = ["Shelf", "keep", "lend_shelf", "list_beside"]

_Answer = TypeVar("_Answer")

# Answers that one process holds at once: a year of road states, and some networks.
_MOST_HELD: Final = 128
_ALIGNED: Final = 64
_HEAD: Final = "<Q"


class Shelf:
    """Answers by their questions, in memory and, if there is a folder, in its files.

    Whoever gets an answer must not change it: others get the same.

    Parameters
    ----------
    folder
        A folder that nobody else can write in, since its files are trusted; None keeps
        answers in this process alone.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self._held: OrderedDict[str, Any] = OrderedDict()
        # Keys of answers, by what they are: a question may be of an earlier answer.
        self._keys: dict[int, str] = {}

    def find(
        self,
        function: Callable[..., _Answer],
        arguments: tuple[Any, ...],
        options: dict[str, Any],
        files: Iterable[Path] = (),
    ) -> _Answer:
        """Return what a function returns, worked out only if it is not there.

        Parameters
        ----------
        function
            It depends on what it is called with, and on the files, alone.
        arguments, options
            What it is called with.
        files
            Files that it reads.
        """
        contents = [(f"{path}", _hash_file(path)) for path in files]
        question = (f"{function.__module__}.{function.__qualname__}", contents)
        key = self._hash((question, arguments, options))
        if key in self._held:
            self._held.move_to_end(key)
            answer: _Answer = self._held[key]
            return answer
        path = None if self.folder is None else self.folder / key
        found = None if path is None else _load(path)
        if found is None:
            answer = function(*arguments, **options)
            if path is not None:
                _save(path, answer)
        else:
            (answer,) = found
        self._held[key] = answer
        self._keys[id(answer)] = key
        if len(self._held) > _MOST_HELD:
            _, oldest = self._held.popitem(last=False)
            self._keys.pop(id(oldest), None)
        return answer

    def _hash(self, question: Any) -> str:
        """Return a hash that two questions share only if they are the same.

        What is the same may have two: it is then worked out twice, and no harm done.
        """
        stream = io.BytesIO()
        _Asker(stream, self._keys).dump(question)
        return hashlib.sha256(stream.getvalue()).hexdigest()


class _Asker(pickle.Pickler):
    """Writes a question: earlier answers by their keys, sets in one order."""

    def __init__(self, stream: io.BytesIO, keys: dict[int, str]) -> None:
        super().__init__(stream, protocol=5)
        self._answers = keys

    def persistent_id(self, obj: Any) -> Any:
        if id(obj) in self._answers:
            return ("answer", self._answers[id(obj)])
        if type(obj) in (set, frozenset):
            return ("set", sorted(obj, key=repr))
        return None


def _save(path: Path, answer: Any) -> None:
    """Write an answer whole, arrays apart and aligned, so that they can be mapped."""
    arrays: list[pickle.PickleBuffer] = []
    told = pickle.dumps(answer, protocol=5, buffer_callback=arrays.append)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with contextlib.suppress(OSError):
        try:
            with draft.open("wb") as file:
                parts: list[bytes | memoryview] = [told]
                parts += [array.raw() for array in arrays]
                file.write(struct.pack(_HEAD, len(parts)))
                for part in parts:
                    file.write(struct.pack(_HEAD, len(part)))
                for part in parts:
                    file.write(bytes(-file.tell() % _ALIGNED))
                    file.write(part)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)


def _load(path: Path) -> tuple[Any] | None:
    """Return the answer of a file in a tuple; None if there is none."""
    try:
        with path.open("rb") as file:
            # Private to this process where it is written to, shared where it is not.
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    except (OSError, ValueError):
        return None
    size = struct.calcsize(_HEAD)
    (count,) = struct.unpack_from(_HEAD, mapped)
    lengths = struct.unpack_from(f"<{count}Q", mapped, size)
    parts, at, view = [], size * (count + 1), memoryview(mapped)
    for length in lengths:
        at += -at % _ALIGNED
        parts.append(view[at : at + length])
        at += length
    # Written by another process of the same batch, in a folder of its own.
    return (pickle.loads(parts[0], buffers=parts[1:]),)  # noqa: S301


def _hash_file(path: Path) -> str:
    try:
        status = path.stat()
    except OSError:
        return "missing"
    if not stat.S_ISREG(status.st_mode):
        # A pipe has no end; whoever reads it refuses it.
        return "no plain file"
    stamp = (status.st_size, status.st_mtime_ns, status.st_ino)
    return _hash_content(path, stamp)


@lru_cache(maxsize=4096)
def _hash_content(path: Path, stamp: tuple[int, ...]) -> str:
    return hash_file(path) if stamp else ""


_current: ContextVar[Shelf | None] = ContextVar("shelf", default=None)
_opened: dict[Path | None, Shelf] = {}


@contextmanager
def lend_shelf(folder: Path | None = None) -> Iterator[Shelf]:
    """Let :func:`keep` keep what it is asked while the block lasts.

    Parameters
    ----------
    folder
        As :class:`Shelf` has it; the same folder is the same shelf.
    """
    shelf = _opened.setdefault(folder, Shelf(folder))
    token = _current.set(shelf)
    try:
        yield shelf
    finally:
        _current.reset(token)


def keep(
    function: Callable[..., _Answer],
    /,
    *arguments: Any,
    files: Iterable[Path] = (),
    **options: Any,
) -> _Answer:
    """Return what a function returns, from the shelf if one is lent and has it.

    Parameters
    ----------
    function
        It depends on what it is called with, and on the files, alone. What it returns
        must not be changed.
    *arguments, **options
        What it is called with.
    files
        Files that it reads.
    """
    shelf = _current.get()
    if shelf is None:
        return function(*arguments, **options)
    return shelf.find(function, arguments, options, files)


def list_beside(path: Path) -> tuple[Path, ...]:
    """Return a file and those that share its name but for the ending.

    Parameters
    ----------
    path
        The file: a layer may be several, such as ``roads.shp`` and ``roads.dbf``.
    """
    with os.scandir(path.parent) if path.parent.is_dir() else _NONE as entries:
        names = sorted(e.name for e in entries if e.name.startswith(f"{path.stem}."))
    return tuple(path.parent / name for name in names)


_NONE: Final = contextlib.nullcontext(())
