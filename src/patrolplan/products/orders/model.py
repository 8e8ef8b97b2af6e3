"""The order model: sections of blocks, every text in both languages.

It knows nothing of HTML or typst. :func:`pick_language` turns it into plain data of one
language, which both templates show as it is, so that neither can say more or less.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from patrolplan.products.catalogue import Text
from patrolplan.products.escaping import normalise_text

__all__ = [
    "BLANK",
    "Block",
    "Cell",
    "Column",
    "Facts",
    "Note",
    "Order",
    "Picture",
    "Row",
    "Section",
    "Table",
    "Ticks",
    "WritingRoom",
    "list_shown",
    "list_texts",
    "pick_language",
]

Align = Literal["left", "right"]


@dataclass(frozen=True)
class Cell:
    """One cell: its text, and what stands smaller below it, a line each."""

    text: Text
    small: tuple[Text, ...] = ()
    bold: bool = False


BLANK: Final = Cell(Text.same(""))
"""A cell to write in."""


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    head
        Its heading.
    share
        Its part of the width, beside the shares of the other columns.
    align
        To which side it is set.
    """

    head: Text
    share: float
    align: Align = "left"


@dataclass(frozen=True)
class Row:
    """One row of a table.

    Parameters
    ----------
    cells
        One for each column.
    band
        Whether its one cell spans all columns, as a heading does.
    tall
        Whether it leaves room to write by hand.
    """

    cells: tuple[Cell, ...]
    band: bool = False
    tall: bool = False


@dataclass(frozen=True)
class Table:
    """Rows below headings, which are shown again on each page that they run on to."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Facts:
    """Pairs of a label and what it is, set in as many columns side by side."""

    pairs: tuple[tuple[Text, Text], ...]
    columns: int = 2


@dataclass(frozen=True)
class Note:
    """A paragraph; a warning stands in a frame."""

    text: Text
    warns: bool = False


@dataclass(frozen=True)
class Ticks:
    """Things to tick off, a box before each."""

    items: tuple[Text, ...]
    columns: int = 1


@dataclass(frozen=True)
class WritingRoom:
    """A label, and empty lines below it to write on."""

    label: Text
    lines: int


@dataclass(frozen=True)
class Picture:
    """A drawing, as SVG of one language or the other, and what it shows in words."""

    svg: Text
    words: Text


Block = Facts | Table | Note | Ticks | WritingRoom | Picture


@dataclass(frozen=True)
class Section:
    """One numbered part of the order, or of the report that begins a new page."""

    title: Text
    blocks: tuple[Block, ...]
    new_page: bool = False


@dataclass(frozen=True)
class Order:
    """One order with its report form.

    Parameters
    ----------
    patrol_id
        Whose it is.
    title, plan
        What stands on top: the order, and the plan that it is of.
    marking, status, is_draft
        What every page bears, and whether the plan is still a draft.
    disclaimer
        On names and boundaries, at the foot of every page.
    page
        ``{n}`` and ``{m}`` stand for the page and for how many there are.
    sections
        In order.
    """

    patrol_id: str
    title: Text
    plan: Text
    marking: Text
    status: Text
    is_draft: bool
    disclaimer: Text
    page: Text
    sections: tuple[Section, ...]


def pick_language(order: Order, lang: str) -> dict[str, Any]:
    """Return an order in one language as plain data: what JSON can hold.

    Every string is normalised as :func:`~patrolplan.products.escaping.normalise_text`
    does, so that all that is shown of a hostile name is the name.

    Parameters
    ----------
    order
        The order.
    lang
        ``en`` or ``fr``.
    """

    def pick(text: Text) -> str:
        return normalise_text(text.pick(lang))

    return {
        "lang": lang,
        "title": pick(order.title),
        "plan": pick(order.plan),
        "marking": pick(order.marking),
        "status": pick(order.status),
        "is_draft": order.is_draft,
        "disclaimer": pick(order.disclaimer),
        "page": pick(order.page),
        "sections": [
            {
                "title": pick(section.title),
                "new_page": section.new_page,
                "blocks": [_pick_block(block, lang) for block in section.blocks],
            }
            for section in order.sections
        ],
    }


def _pick_block(block: Block, lang: str) -> dict[str, Any]:
    def pick(text: Text) -> str:
        return normalise_text(text.pick(lang))

    match block:
        case Facts():
            pairs = [[pick(label), pick(value)] for label, value in block.pairs]
            return {"kind": "facts", "columns": block.columns, "pairs": pairs}
        case Table():
            return _pick_table(block, lang)
        case Note():
            return {"kind": "note", "text": pick(block.text), "warns": block.warns}
        case Ticks():
            items = [pick(item) for item in block.items]
            return {"kind": "ticks", "columns": block.columns, "items": items}
        case WritingRoom():
            return {"kind": "room", "label": pick(block.label), "lines": block.lines}
        case Picture():
            svg, words = block.svg.pick(lang), pick(block.words)
            return {"kind": "picture", "svg": svg, "words": words}


def _pick_table(table: Table, lang: str) -> dict[str, Any]:
    def pick(text: Text) -> str:
        return normalise_text(text.pick(lang))

    return {
        "kind": "table",
        "columns": [
            {"head": pick(column.head), "share": column.share, "align": column.align}
            for column in table.columns
        ],
        "rows": [
            {
                "band": row.band,
                "tall": row.tall,
                "cells": [
                    {
                        "text": pick(cell.text),
                        "small": [pick(line) for line in cell.small],
                        "bold": cell.bold,
                    }
                    for cell in row.cells
                ],
            }
            for row in table.rows
        ],
    }


def list_shown(data: dict[str, Any]) -> list[str]:
    """Return every string that the pages of an order show, in reading order.

    Parameters
    ----------
    data
        As :func:`pick_language` returns it. What stands in a picture, and what repeats
        on every page, is left out.
    """
    shown = [data["plan"], data["title"]]
    for section in data["sections"]:
        shown.append(section["title"])
        for block in section["blocks"]:
            shown.extend(_list_block(block))
    return [text for text in shown if text]


def _list_block(block: dict[str, Any]) -> Iterator[str]:
    match block["kind"]:
        case "facts":
            for pair in block["pairs"]:
                yield from pair
        case "table":
            yield from (column["head"] for column in block["columns"])
            for row in block["rows"]:
                for cell in row["cells"]:
                    yield cell["text"]
                    yield from cell["small"]
        case "ticks":
            yield from block["items"]
        case "note":
            yield block["text"]
        case "room":
            yield block["label"]
        case "picture":
            yield block["words"]


def list_texts(order: Order) -> list[Text]:
    """Return every text of an order in both languages, pictures left out.

    Parameters
    ----------
    order
        The order.
    """
    found = [order.title, order.marking, order.status, order.disclaimer, order.page]
    for section in order.sections:
        found.append(section.title)
        for block in section.blocks:
            found.extend(_list_block_texts(block))
    return found


def _list_block_texts(block: Block) -> Sequence[Text]:
    match block:
        case Facts():
            return [text for pair in block.pairs for text in pair]
        case Table():
            cells = [cell for row in block.rows for cell in row.cells]
            heads = [column.head for column in block.columns]
            return heads + [text for c in cells for text in (c.text, *c.small)]
        case Note():
            return [block.text]
        case Ticks():
            return block.items
        case WritingRoom():
            return [block.label]
        case Picture():
            return [block.words]
