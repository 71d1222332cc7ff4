"""How a sheet of the roster is made: the lines above it, its columns, and its rows with the tones they have.

Rows are fetched as they are written: a district may have a hundred thousand of them. The sheets of the book share one
connection, so a writer takes them one after another, in their order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from sheets_sync.consolidate.context import Context
from sheets_sync.reporting.page import Batch, Batches, Column, Kept, PlainValue, Sheet, Tone
from sheets_sync.reporting.wording import day

# sheets whose rows stand by organisation
LONG_SHEETS = ("Кураторы", "Наставники", "Наставляемые", "Пары", "Без пары", "Сетевые наставники")

ORGANISATION = Column("Организация", "text", 22, wrap=True)
SOURCE = (Column("Файл", "text", 20, wrap=True), Column("Лист", "text", 13, wrap=True), Column("Строка", "link", 8))
MARK_AND_SOURCE = (Column("Отметка", "text", 20, wrap=True), *SOURCE)


def short_sheet(
    context: Context,
    title: str,
    columns: Sequence[Column],
    rows: Iterator[tuple[Sequence[PlainValue], Tone]],
    *,
    below: Sequence[PlainValue] = (),
    frozen: int = 2,
) -> Sheet:
    """A sheet whose rows come with their tone, told just before each row is handed over."""
    sheet = Sheet(title, columns, (), above=_above(context), below=below, frozen_columns=frozen)

    def told() -> Iterator[Sequence[PlainValue]]:
        for index, (row, tone) in enumerate(rows):
            if tone:
                sheet.tones[index] = tone
            yield row

    sheet.rows = told()
    return sheet


def long_sheet(
    context: Context,
    title: str,
    columns: Sequence[Column],
    batches: Iterator[Batch],
    *,
    below: Sequence[PlainValue] = (),
    frozen: int = 2,
) -> Sheet:
    """A sheet whose rows come in batches, in groups by their organisation."""
    sheet = Sheet(title, columns, (), above=_above(context), below=below, frozen_columns=frozen)
    sheet.rows = Batches(_among_kept(context, batches), sheet.tones, context.organisations)
    return sheet


def _among_kept(context: Context, batches: Iterator[Batch]) -> Iterator[Batch | Kept]:
    """The rows of the organisations asked, among those of the others as they were written last, by their ids."""
    if context.asked is None:
        yield from batches
        return
    others = iter(sorted(context.organisations.keys() - context.asked))
    other = next(others, None)
    for batch in batches:
        for organisation, rows in groupby(range(len(batch.groups)), batch.groups.__getitem__):
            before = []
            while other is not None and other < organisation:
                before.append(other)
                other = next(others, None)
            if before:
                yield Kept(before)
            first, *more = rows
            own = slice(first, first + len(more) + 1)
            yield Batch([column[own] for column in batch.columns], batch.tones[own], batch.groups[own])
    if other is not None:
        yield Kept([other, *others])


def _above(context: Context) -> tuple[PlainValue, ...]:
    return (f"По состоянию на {day(context.as_of)}", *((context.district_name,) if context.district_name else ()))


def tones_of(codes: Sequence[object]) -> list[Tone]:
    """The tones of rows with marks."""
    return ["bad" if found else "" for found in codes]


def in_words(value: Any, words: Mapping[str, str]) -> str:
    """Words of a code, of several where the field holds several."""
    if value is None:
        return ""
    codes = value if isinstance(value, list) else [value]
    return ", ".join(words.get(code, code) for code in codes)
