"""The frame of an OpenStreetMap PBF: whether a file is whole, before it is read.

A PBF is a row of blobs, each behind its length. Walking from length to length tells a
file that was cut off from a whole one, and how much it unpacks to, in no time and
without unpacking anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, NoReturn

from patrolplan.layers.texts import refuse

__all__ = ["MAX_UNPACKED_BYTES", "check_pbf"]

MAX_UNPACKED_BYTES = 8 * 1024**3
"""No extract of a theatre unpacks to more: OpenStreetMap of all West Africa is half."""

# As the format has it: no header of a blob is longer, and no blob unpacks to more.
_MAX_HEADER_BYTES = 64 * 1024
_MAX_BLOB_BYTES = 32 * 1024**2

_WHOLE = "an OpenStreetMap PBF"


class _Field(NamedTuple):
    """A field of a protocol buffer.

    Attributes
    ----------
    number
        Its number.
    value
        The number that it holds, or how many bytes.
    content
        Those bytes, as far as they were read.
    """

    number: int
    value: int
    content: bytes


def check_pbf(path: Path) -> None:
    """Refuse a PBF that is none, was cut off, or unpacks to more than memory holds.

    A cut that falls exactly between two blobs leaves no trace in the format.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    LayerError
        If it is refused; with where it ends.
    """
    size = path.stat().st_size
    kinds: list[str] = []
    unpacked = 0
    with path.open("rb") as file:
        while file.tell() < size:
            number = len(kinds) + 1
            kind, length = _read_header(path, file, number)
            if number == 1 and kind != "OSMHeader":
                refuse(path, "file", f"a blob {kind!r} first", _WHOLE)
            begin = file.tell()
            if length > _MAX_BLOB_BYTES:
                _refuse_blob(path, number, f"{length} bytes packed")
            if begin + length > size:
                _refuse_cut(path, number, begin + length - size)
            unpacked += _read_unpacked_size(path, file, number)
            file.seek(begin + length)
            kinds.append(kind)
    if "OSMData" not in kinds:
        refuse(path, "file", "no data", "nodes and ways", "a copy that did not end?")
    if unpacked > MAX_UNPACKED_BYTES:
        refuse(
            path,
            "file",
            f"{unpacked / 1024**3:.1f} GB when unpacked",
            f"at most {MAX_UNPACKED_BYTES / 1024**3:g} GB",
            "an extract of a continent: cut out the theatre",
        )


def _read_header(path: Path, file: BinaryIO, number: int) -> tuple[str, int]:
    """Return the kind of a blob, and how many bytes it has."""
    prefix = file.read(4)
    if len(prefix) < 4:
        _refuse_cut(path, number, 4 - len(prefix))
    length = int.from_bytes(prefix, "big")
    if not 0 < length <= _MAX_HEADER_BYTES:
        if number == 1:
            refuse(path, "file", "no PBF inside", _WHOLE, "another format, renamed?")
        _refuse_blob(path, number, f"a header of {length} bytes")
    header = file.read(length)
    if len(header) < length:
        _refuse_cut(path, number, length - len(header))
    kind, size = "", -1
    for field in _list_fields(header):
        if field.number == 1:
            kind = field.content.decode("ascii", "replace")
        elif field.number == 3:
            size = field.value
    if size < 0 or not kind:
        if number == 1:
            refuse(path, "file", "no PBF inside", _WHOLE, "another format, renamed?")
        _refuse_blob(path, number, "a header without kind or size")
    return kind, size


def _read_unpacked_size(path: Path, file: BinaryIO, number: int) -> int:
    """Return to how many bytes a blob unpacks; its size is at its beginning."""
    for field in _list_fields(file.read(32)):
        if field.number in (1, 2):
            # 1 holds bytes that are not packed, 2 the size of those that are.
            if field.value > _MAX_BLOB_BYTES:
                _refuse_blob(path, number, f"{field.value} bytes when unpacked")
            return field.value
    return _MAX_BLOB_BYTES


def _list_fields(content: bytes) -> Iterator[_Field]:
    """Yield the fields of a buffer, up to where it ends or makes no sense."""
    place = 0
    while place < len(content):
        key, place = _read_varint(content, place)
        value, place = _read_varint(content, place)
        if key & 7 == 0:
            yield _Field(key >> 3, value, b"")
        elif key & 7 == 2:
            yield _Field(key >> 3, value, content[place : place + value])
            place += value
        else:
            return


def _read_varint(content: bytes, place: int) -> tuple[int, int]:
    value = 0
    for step, byte in enumerate(content[place : place + 10]):
        value |= (byte & 0x7F) << 7 * step
        if byte < 0x80:
            return value, place + step + 1
    return value, len(content)


def _refuse_cut(path: Path, number: int, missing: int) -> NoReturn:
    refuse(
        path,
        f"block no. {number}",
        f"the file ends {missing} bytes before it does",
        "a whole PBF",
        "a download or a copy that did not end",
    )


def _refuse_blob(path: Path, number: int, found: str) -> NoReturn:
    refuse(
        path,
        f"block no. {number}",
        found,
        f"at most {_MAX_BLOB_BYTES // 1024**2} MB, as the format has it",
        "the file was damaged, or made to fill the memory",
    )
