"""Whole files broken as disks, mail, editors and strangers break them, by a seed."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from typing import Final

__all__ = ["WAYS", "break_file"]

_TOKENS: Final = (
    *(b"null", b"NaN", b"-Infinity", b"1e999", b"-1", b"0", b"9" * 30, b"true", b'""'),
    *(b"[]", b"{}", b"\0", b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", b"\r", b"\t", b"]]>"),
    *(b"<!DOCTYPE x>", b"&x;", b"'''", b'"""', b"=cmd|'/c calc'!A0", b"../../x", b"%s"),
    *(b"\xe2\x80\xae", b"e\xcc\x81", b"1_000", b"0x10", b"\xd9\xa3", b"2014-02-30"),
    *(b"25:61", b"id", b"lon", b"name", b"type", b"coordinates", b"{{7*191}}", b"-0.0"),
)
_WORDS: Final = re.compile(rb"[A-Za-z_]+|-?[0-9.]+|\s+|.", re.DOTALL)
_ENCODINGS: Final = (
    "utf-16",
    "utf-16-be",
    "utf-32",
    "latin-1",
    "cp1252",
    "cp037",
    "utf-7",
)
_DEEP: Final = 100_000
_BLOCK: Final = 512

Way = Callable[[bytes, random.Random, Sequence[bytes]], bytes]


def _cut(whole: bytes, draw: random.Random, _: Sequence[bytes]) -> bytes:
    return whole[: draw.randrange(len(whole))]


def _cut_the_end(whole: bytes, draw: random.Random, _: Sequence[bytes]) -> bytes:
    return whole[: -draw.randint(1, min(64, len(whole)))]


def _cut_the_beginning(whole: bytes, draw: random.Random, _: Sequence[bytes]) -> bytes:
    return whole[draw.randint(1, min(64, len(whole))) :]


def _flip(whole: bytes, draw: random.Random, _: Sequence[bytes]) -> bytes:
    changed = bytearray(whole)
    for _number in range(draw.choice((1, 1, 2, 8, 64))):
        changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def _flip_the_head(whole: bytes, draw: random.Random, _: Sequence[bytes]) -> bytes:
    head = min(len(whole), _BLOCK)
    return _flip(whole[:head], draw, _) + whole[head:]


def _fill_a_block(whole: bytes, draw: random.Random, _: Sequence[bytes]) -> bytes:
    at, size = draw.randrange(len(whole)), draw.randint(1, _BLOCK)
    block = draw.choice((b"\0" * size, b"\xff" * size, draw.randbytes(size)))
    return whole[:at] + block + whole[at + size :]


def _drop_a_block(whole: bytes, draw: random.Random, _: Sequence[bytes]) -> bytes:
    at = draw.randrange(len(whole))
    return whole[:at] + whole[at + draw.randint(1, _BLOCK) :]


def _double_a_block(whole: bytes, draw: random.Random, _: Sequence[bytes]) -> bytes:
    at, size = draw.randrange(len(whole)), draw.randint(1, _BLOCK)
    return whole[:at] + whole[at : at + size] + whole[at:]


def _change_words(whole: bytes, draw: random.Random, _: Sequence[bytes]) -> bytes:
    words = _WORDS.findall(whole)
    for _number in range(draw.randint(1, 5)):
        at = draw.randrange(len(words))
        words[at] = draw.choice((*_TOKENS, draw.choice(words)))
        if draw.randrange(3) == 0:
            words.insert(at, draw.choice(_TOKENS))
    return b"".join(words)


def _shuffle_lines(whole: bytes, draw: random.Random, _: Sequence[bytes]) -> bytes:
    lines = whole.splitlines(keepends=True)
    draw.shuffle(lines)
    return b"".join(lines)


def _write_otherwise(whole: bytes, draw: random.Random, _: Sequence[bytes]) -> bytes:
    text = whole.decode("utf-8", "replace")
    return text.encode(draw.choice(_ENCODINGS), "replace")


def _mix_encodings(whole: bytes, draw: random.Random, _: Sequence[bytes]) -> bytes:
    at = draw.randrange(len(whole))
    rest = whole[at:].decode("utf-8", "replace")
    return whole[:at] + rest.encode(draw.choice(_ENCODINGS), "replace")


def _nest(whole: bytes, draw: random.Random, _: Sequence[bytes]) -> bytes:
    at = draw.randrange(len(whole))
    begin, end = draw.choice(((b"[", b"]"), (b'{"a":', b"}"), (b"<a>", b"</a>")))
    depth = draw.choice((65, 500, 5_000, _DEEP))
    return whole[:at] + begin * depth + end * depth * draw.randrange(2) + whole[at:]


def _take_another(_: bytes, draw: random.Random, others: Sequence[bytes]) -> bytes:
    return draw.choice(others)


def _join_halves(whole: bytes, draw: random.Random, others: Sequence[bytes]) -> bytes:
    other = draw.choice(others)
    return whole[: draw.randrange(len(whole))] + other[draw.randrange(len(other)) :]


def _append(whole: bytes, draw: random.Random, others: Sequence[bytes]) -> bytes:
    return whole + draw.choice((whole, draw.choice(others), b"\0" * 10_000, b"\x1a"))


def _leave_nothing(_: bytes, draw: random.Random, __: Sequence[bytes]) -> bytes:
    return draw.choice(
        (b"", b"\n", b"\xef\xbb\xbf", b"\0" * 1000, draw.randbytes(1000))
    )


WAYS: Final[tuple[Way, ...]] = (
    *(_cut, _cut_the_end, _cut_the_beginning, _flip, _flip, _flip_the_head),
    *(_fill_a_block, _drop_a_block, _double_a_block, _change_words, _change_words),
    *(_change_words, _shuffle_lines, _write_otherwise, _mix_encodings, _nest),
    *(_take_another, _join_halves, _append, _leave_nothing),
)
"""What may happen to a file; those that readers get farthest with come more often."""


def break_file(whole: bytes, draw: random.Random, others: Sequence[bytes]) -> bytes:
    """Return a file with one thing wrong with it, or now and then two.

    Parameters
    ----------
    whole
        What it held.
    draw
        Chance, by a seed.
    others
        Whole files of other kinds.
    """
    broken = draw.choice(WAYS)(whole, draw, others)
    if broken and draw.randrange(4) == 0:
        broken = draw.choice(WAYS)(broken, draw, others)
    return broken
