"""Pages of plain values, which sinks turn into a workbook, Markdown, Word or HTML.

A :class:`Sheet` is a table with a purpose (columns know their kind, rows hold plain values); a :class:`Book` is the
sheets of one file. Nothing here knows how a file is written, so reports are tested without one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, NamedTuple, Union

Kind = Literal["text", "integer", "number", "percent", "date", "datetime", "link"]
Tone = Literal["", "good", "bad", "warn", "info", "muted", "total", "section"]


class Link(NamedTuple):
    """Text that leads somewhere: ``target`` is a relative path, with «#'Лист'!A1» if need be, or that alone."""

    text: str
    target: str


PlainValue = Union[str, int, float, bool, date, datetime, Link, None]


@dataclass(frozen=True, slots=True)
class Column:
    """Heading, kind of the values beneath it and width in characters (0: fit to the heading and the values)."""

    title: str
    kind: Kind = "text"
    width: float = 0
    wrap: bool = False
    note: str = ""  # shown as a hint on the heading


@dataclass(slots=True)
class Sheet:
    """One sheet: lines of text above, a table with a heading, lines of text below.

    ``rows`` may be any iterable and is read once. ``tones`` gives a row's tone by its index, ``cell_tones`` a cell's by
    (row index, column index); a row's tones may be told as late as the row itself. A percent is a number of per cents
    (54.5), shown «54,5 %».
    """

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[PlainValue]]
    above: Sequence[PlainValue] = ()
    below: Sequence[PlainValue] = ()
    tones: dict[int, Tone] = field(default_factory=dict)
    cell_tones: dict[tuple[int, int], Tone] = field(default_factory=dict)
    filters: bool = True
    landscape: bool = True
    frozen_columns: int = 0


@dataclass(slots=True)
class Book:
    """The sheets of one file; ``created`` goes into the file's properties, so that equal input gives equal bytes."""

    title: str
    sheets: list[Sheet]
    created: datetime | None = None
