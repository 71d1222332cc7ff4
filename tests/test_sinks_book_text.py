"""A book as lines of JSON, and the same book again."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheets_sync.reporting.page import (
    Batch,
    Batches,
    Book,
    Cell,
    Chart,
    Column,
    Formula,
    Link,
    Series,
    Sheet,
    Span,
    When,
)
from sheets_sync.sinks.book_text import book_of, lines_of

TEXT = st.text(max_size=12)
MOMENTS = st.datetimes().map(lambda moment: moment.replace(fold=0))  # none of ours are told twice
NUMBERS = st.integers() | st.floats(allow_nan=False)
VALUES = st.one_of(
    st.none(), st.booleans(), TEXT, NUMBERS, st.dates(), MOMENTS, st.builds(Link, TEXT, TEXT),
    st.builds(Formula, TEXT, TEXT | NUMBERS, st.lists(st.builds(Cell, st.integers(), st.integers(), TEXT)).map(tuple)),
)  # fmt: skip
CELLS = st.tuples(st.integers(0, 9), st.integers(0, 9))
TONES = st.sampled_from(["good", "bad", "total"])
SPANS = st.builds(
    Span, st.just(Cell(0, 0)), st.just(Cell(1, 0, "Лист")), st.lists(TEXT | NUMBERS | st.none()).map(tuple)
)
CHARTS = st.builds(
    Chart, TEXT, SPANS, st.lists(st.builds(Series, TEXT, SPANS, st.just("plan")), max_size=2).map(tuple), TEXT, TEXT
)
SHEETS = st.builds(
    Sheet,
    title=TEXT,
    columns=st.lists(st.builds(Column, TEXT, when=st.just((When("<0", "bad"),)), bar=st.floats(0, 9)), max_size=2).map(
        tuple
    ),
    rows=st.lists(st.lists(VALUES, max_size=4).map(tuple), max_size=4),
    above=st.lists(VALUES, max_size=2).map(tuple),
    below=st.lists(VALUES, max_size=2).map(tuple),
    tones=st.dictionaries(st.integers(0, 9), TONES),
    cell_tones=st.dictionaries(CELLS, TONES),
    filters=st.booleans(),
    frozen_columns=st.integers(0, 3),
    charts=st.lists(CHARTS, max_size=1).map(tuple),
)
BOOKS = st.builds(Book, TEXT, st.lists(SHEETS, max_size=2), st.none() | MOMENTS)


@given(BOOKS)
def test_the_same_book_again(book: Book) -> None:
    lines = list(lines_of(book))
    again = book_of(lines)
    assert again == book
    assert repr(again) == repr(book)  # True is not 1
    assert all("\n" not in line for line in lines)


def test_rows_that_come_in_batches_keep_their_tones() -> None:
    tones: dict[int, Any] = {}
    batches = Batches([Batch([["а", "б"], [1, date(2023, 9, 1)]], ["", "bad"])], tones)
    book = Book("Реестр", [Sheet("Пары", (Column("ФИО"), Column("С")), batches, tones=tones)], datetime(2023, 9, 1))
    again = book_of(lines_of(book.keep_rows()))
    assert again.sheets[0].rows == [("а", 1), ("б", date(2023, 9, 1))]
    assert again.sheets[0].tones == {1: "bad"}


def test_what_is_no_number_stays_so() -> None:
    book = Book("", [Sheet("Лист", (), [(math.nan,)])])
    (value,) = next(iter(book_of(lines_of(book)).sheets[0].rows))
    assert math.isnan(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("spoilt", [[], ["{"], ["[]"], ['{"title": "", "created": null, "sheets": 1}'], ["7"]])
def test_other_lines_are_refused(spoilt: list[str]) -> None:
    with pytest.raises(ValueError, match=r"not the lines|Expecting"):
        book_of(spoilt)


def test_a_book_of_another_version_is_refused() -> None:
    head, sheet = lines_of(Book("", [Sheet("Лист", (Column("ФИО"),), [])]))
    with pytest.raises(ValueError, match="not the lines of a book"):
        book_of([head, sheet.replace('"Column"', '"Spalte"')])
    assert book_of([head, sheet]) == replace(Book("", [Sheet("Лист", (Column("ФИО"),), [])]))
