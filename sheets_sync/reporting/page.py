"""Pages of plain values, which sinks turn into a workbook, Markdown, Word or HTML.

A :class:`Sheet` is a table with a purpose (columns know their kind, rows hold plain values); a :class:`Book` is the
sheets of one file. Nothing here knows how a file is written, so reports are tested without one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, NamedTuple, Union, overload

Kind = Literal["text", "integer", "number", "percent", "date", "datetime", "link"]
Tone = Literal["", "good", "bad", "warn", "info", "muted", "total", "section", "input"]


class Link(NamedTuple):
    """Text that leads somewhere: ``target`` is a relative path, with «#'Лист'!A1» if need be, or that alone."""

    text: str
    target: str


class Cell(NamedTuple):
    """A cell of a table by the index of its row and column; of another sheet of the book where ``sheet`` names it."""

    row: int
    column: int
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that goes on living in the workbook, and the value it has now.

    ``text`` is written as workbooks keep it (English names, commas, no «=»); «{0}», «{1}» … stand for ``cells``. What
    it refers to stands in sheets that hold all their rows. In a column of per cents it gives the fraction.
    """

    text: str
    value: str | int | float
    cells: tuple[Cell, ...] = ()


PlainValue = Union[str, int, float, bool, date, datetime, Link, Formula, None]


class When(NamedTuple):
    """A tone a cell has for as long as its value asks for it: when its text begins so, or a number compares so.

    ``test`` is the beginning («▲») or a comparison with a number («<0», «>=80»).
    """

    test: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class Column:
    """Heading, kind of the values beneath it and width in characters (0: fit to the heading and the values).

    ``format`` is a spreadsheet's number format where the kind's own will not do; ``bar``: numbers are shown with a bar,
    whole at this value.
    """

    title: str
    kind: Kind = "text"
    width: float = 0
    wrap: bool = False
    note: str = ""  # shown as a hint on the heading
    when: tuple[When, ...] = ()
    format: str = ""
    bar: float = 0


class Span(NamedTuple):
    """Cells one below the other, from the first to the last, and the values they have now."""

    first: Cell
    last: Cell
    values: tuple[str | int | float | None, ...]


class Series(NamedTuple):
    """One row of bars; ``look`` tells it from the others, in black and white too."""

    title: str
    values: Span
    look: Literal["plan", "fact"]


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars side by side, upright or lying (long names, many categories), drawn from cells of the book.

    ``format`` is that of the numbers; ``description`` says in words what is shown, for those who cannot see it.
    """

    title: str
    categories: Span
    series: tuple[Series, ...]
    category_title: str
    value_title: str
    lying: bool = False
    format: str = "[$-419]0.0"
    description: str = ""


@dataclass(frozen=True, slots=True)
class Links(Sequence[Union[Link, str]]):
    """A column of links: each text leads to one of ``leads`` («книга.xlsx#'Лист'!») and the cell («F17») behind it;
    without a lead it is but text.

    A sink may take the parts, which are as many; the links themselves are made when they are asked for.
    """

    texts: Sequence[str]
    leads: Sequence[str]
    cells: Sequence[str]

    def __len__(self) -> int:
        return len(self.texts)

    @overload
    def __getitem__(self, index: int) -> Link | str: ...
    @overload
    def __getitem__(self, index: slice) -> Links: ...
    def __getitem__(self, index: int | slice) -> Link | str | Links:
        text, lead, cell = self.texts[index], self.leads[index], self.cells[index]
        if isinstance(index, slice):
            return Links(text, lead, cell)
        return Link(str(text), f"{lead}{cell}") if lead else str(text)

    def __iter__(self) -> Iterator[Link | str]:
        for text, lead, cell in zip(self.texts, self.leads, self.cells, strict=True):
            yield Link(text, lead + cell) if lead else text


@dataclass(frozen=True, slots=True)
class ByColumn(Sequence[Sequence[PlainValue]]):
    """Rows held column by column, as many values in each: a sink may take the columns, or go through the rows."""

    columns: Sequence[Sequence[PlainValue]]

    def __len__(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    @overload
    def __getitem__(self, index: int) -> Sequence[PlainValue]: ...
    @overload
    def __getitem__(self, index: slice) -> ByColumn: ...
    def __getitem__(self, index: int | slice) -> Sequence[PlainValue] | ByColumn:
        if isinstance(index, slice):
            return ByColumn([column[index] for column in self.columns])
        return tuple([column[index] for column in self.columns])

    def __iter__(self) -> Iterator[Sequence[PlainValue]]:
        return zip(*self.columns, strict=True)


class Batch(NamedTuple):
    """Some rows of a sheet, column by column, the tone of each row, and its group where rows come in groups."""

    columns: Sequence[Sequence[PlainValue]]
    tones: Sequence[Tone]
    groups: Sequence[str] = ()


class Kept(NamedTuple):
    """The rows of these groups, one group after another, as they were written last time."""

    groups: Sequence[str]


@dataclass(slots=True)
class Batches:
    """Many rows, made some at a time: a sink may take the batches, or go through the rows, but once.

    Whoever goes through the rows is told their ``tones``, those of the sheet, as it comes to them. ``groups``: all that
    rows may be of, where each batch tells the groups of its rows, those of a group one after another; how such rows
    look goes by what their columns declare, not by the other rows. Only then, and only for a sink that keeps what it
    writes, may :class:`Kept` stand among the batches.
    """

    batches: Iterable[Batch | Kept]
    tones: dict[int, Tone]
    groups: Collection[str] | None = None

    def __iter__(self) -> Iterator[Sequence[PlainValue]]:
        """The rows. Raises ValueError for rows that are kept, which no one holds but the file written last."""
        index = 0
        for batch in self.batches:
            if isinstance(batch, Kept):
                raise ValueError(f"rows of {len(batch.groups)} groups are not told: they were to be taken as written")
            for row, tone in zip(zip(*batch.columns, strict=True), batch.tones, strict=True):
                if tone:
                    self.tones[index] = tone
                index += 1
                yield row


@dataclass(slots=True)
class Sheet:
    """One sheet: lines of text above, a table with a heading, lines of text below, charts below those.

    ``rows`` may be any iterable, :class:`ByColumn` and :class:`Batches` among them, and is read once. ``tones`` gives a
    row's tone by its index, ``cell_tones`` a cell's by (row index, column index); a row's tones may be told as late as
    the row itself. A percent is a number of per cents (54.5), shown «54,5 %».
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
    charts: Sequence[Chart] = ()


@dataclass(slots=True)
class Book:
    """The sheets of one file; ``created`` goes into the file's properties, so that equal input gives equal bytes."""

    title: str
    sheets: list[Sheet]
    created: datetime | None = None

    def keep_rows(self) -> Book:
        """The book itself, its rows held: then more than one sink can read them."""
        for sheet in self.sheets:
            sheet.rows = list(sheet.rows)
        return self
