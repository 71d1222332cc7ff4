"""A :class:`~sheets_sync.reporting.page.Book` as lines of JSON, from which the same book is had again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from typing import Any

from sheets_sync.reporting.page import Book, Cell, Chart, Column, Formula, Link, Series, Sheet, Span, When

_PARTS: Mapping[str, Any] = {part.__name__: part for part in (Cell, Chart, Column, Formula, Link, Series, Span, When)}
_OF_SHEET = ("title", "columns", "above", "below", "filters", "landscape", "frozen_columns", "charts")


def lines_of(book: Book) -> Iterator[str]:
    """The book, a line for each sheet and each row; its rows are read, so they must be held (``Book.keep_rows``)."""
    yield _json({"title": book.title, "created": book.created, "sheets": len(book.sheets)})
    for sheet in book.sheets:
        rows = list(sheet.rows)  # the tones are told by then
        told = {name: getattr(sheet, name) for name in _OF_SHEET}
        tones = {"tones": sheet.tones.items(), "cell_tones": sheet.cell_tones.items()}
        yield _json(told | tones | {"rows": len(rows)})
        yield from map(_json, rows)


def book_of(lines: Iterable[str]) -> Book:
    """The book such lines tell of. Raises ValueError for others."""
    each = iter(lines)
    try:
        head = _value(json.loads(next(each)))
        sheets = [_sheet(each) for _ in range(head["sheets"])]
        return Book(head["title"], sheets, head["created"])
    except (KeyError, TypeError, StopIteration) as error:
        raise ValueError(f"not the lines of a book: {error!r}") from error


def _sheet(lines: Iterator[str]) -> Sheet:
    told = _value(json.loads(next(lines)))
    rows = [_value(json.loads(next(lines))) for _ in range(told["rows"])]
    return Sheet(
        **{name: told[name] for name in _OF_SHEET},
        rows=rows,
        tones=dict(told["tones"]),
        cell_tones=dict(told["cell_tones"]),
    )


def _json(value: object) -> str:
    return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, date):  # a datetime too
        return {"moment" if isinstance(value, datetime) else "date": value.isoformat()}
    if type(value) in _PARTS.values():
        content = [getattr(value, one.name) for one in fields(value)] if is_dataclass(value) else list(value)
        return {type(value).__name__: [_plain(one) for one in content]}
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value]


def _value(told: Any) -> Any:
    if isinstance(told, list):
        return tuple(map(_value, told))
    if not isinstance(told, dict):
        return told
    if len(told) == 1:
        ((name, content),) = told.items()
        if name == "moment":
            return datetime.fromisoformat(content)
        if name == "date":
            return date.fromisoformat(content)
        return _PARTS[name](*_value(content))
    return {name: _value(one) for name, one in told.items()}
