"""Finished rows on their way to the store: worker processes write text files, which the store loads in bulk.

A fragment is a file of tab-separated lines without a heading, one file per table and worker. It is put together column
by column, as bytes: a table costs a few C-level passes, each distinct value is spelled once. Every line begins with the
number of its block, a block being one table of one sheet; the blocks themselves (organisation, workbook, sheet,
headings) are a fragment too. So a line is short, and the store takes in exactly the workbooks it is told to.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import compress, count, repeat
from pathlib import Path
from types import NoneType
from typing import IO

from sheets_sync.issues import Issue
from sheets_sync.people import name_key, organisation_key
from sheets_sync.table import CellError, TypedTable
from sheets_sync.table_schema.model import STORAGE, Field, TableSchema

LIST_SEPARATOR = "\x1f"
BLOCKS = "_blocks"
ISSUES = "_issues"
ISSUE_COLUMNS = (
    "organisation",
    "workbook",
    "sheet",
    "table",
    "row",
    "column",
    "field",
    "code",
    "severity",
    "value",
    "suggestion",
    "params",
)
BLOCK_COLUMNS = (
    "block",
    "organisation",
    "workbook",
    "sheet",
    "table",
    "header_row",
    "rows_read",
    "rows_accepted",
    "rows_rejected",
    "columns",
    "headings",
    "title",
)
SPELLINGS_KEPT = 16_384  # distinct values remembered per type of column: bounds a worker's memory


class _Spelled(dict[object, bytes]):
    """Typed value → what it is in a fragment: all store columns of its field, parted by tabs, as bytes.

    Each distinct value is spelled once, so a column costs one C-level pass (``map(spelled.__getitem__, column)``).
    """

    def __init__(self, first: Callable[[object], str], *others: Callable[[object], str]) -> None:
        super().__init__()
        self.first, self.others = first, others

    def __missing__(self, value: object) -> bytes:
        if len(self) >= SPELLINGS_KEPT:
            self.clear()
        spelled = self[value] = self.spell(value)
        return spelled

    def spell(self, value: object) -> bytes:
        if value is None:
            return b"\t" * len(self.others)
        spelled = _bytes(self.first(value))
        for part in self.others:
            spelled += b"\t" + _bytes(part(value))
        return spelled


class _SpelledTexts(_Spelled):
    """Texts, and what is spelled as one: 1, 1.0 and True are equal and spelled differently, so they are not kept."""

    def __missing__(self, value: object) -> bytes:
        return _Spelled.__missing__(self, value) if type(value) in _TEXTS else self.spell(value)


_TEXTS = frozenset((str, CellError, tuple, NoneType))


# What makes a value need quotes; a NUL is left out of it.
_SPECIAL = re.compile('["\t\n\r\0]')


def _bytes(text: str) -> bytes:
    """A text in a fragment, quoted only where needed."""
    if _SPECIAL.search(text):
        text = '"' + text.replace('"', '""').replace("\0", "") + '"'
    # A high surrogate from a broken workbook has no UTF-8 form; it must not cost the whole file.
    return text.encode("utf-8", "replace")


def _boolean(value: object) -> str:
    return "true" if value else "false"


def _list(value: object) -> str:
    if isinstance(value, list | tuple):
        return LIST_SEPARATOR.join(str(item) for item in value)
    return "" if value is None else str(value)


def _iso(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _iso_of_date(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else ""


def _year(value: object) -> str:
    return str(value.year) if isinstance(value, date) else str(int(value))  # type: ignore[call-overload]


def _whole(value: object) -> str:
    return str(int(value))  # type: ignore[call-overload]


def _given(value: object) -> str:
    """A consent: its date says that it was given."""
    return "true" if isinstance(value, date) else _boolean(value)


def _name_key(value: object) -> str:
    return name_key(str(value))


def _organisation_key(value: object) -> str:
    return organisation_key(str(value))


def _keys_of(key: Callable[[object], str]) -> Callable[[object], str]:
    """Keys of a cell with several names, joined like the names themselves."""

    def keys(value: object) -> str:
        return LIST_SEPARATOR.join(map(key, value)) if isinstance(value, list | tuple) else key(value)

    return keys


def _deadline_part(key: str) -> Callable[[object], str]:
    def part(value: object) -> str:
        found = value.get(key) if isinstance(value, dict) else None
        return "" if found is None else _iso(found)

    return part


def _deadline(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_iso)


_TEXT = _SpelledTexts(str)
_NUMBERS = _Spelled(repr)
_INTEGERS = _Spelled(_whole)
_USUAL = (0, True)  # part of a row, and whether it is accepted
_USUAL_ROWS = _Spelled(_whole, lambda _: "0", lambda _: "true")  # the place of such a row: its number comes first
_SPELLED: Mapping[str, _Spelled] = {
    "name": _SpelledTexts(str, _name_key),
    "organisation": _SpelledTexts(str, _organisation_key),
    "date": _Spelled(_iso),
    "datetime": _Spelled(_iso),
    "birth": _Spelled(_iso_of_date, _year),
    "integer": _INTEGERS,
    "number": _NUMBERS,
    "percent": _NUMBERS,
    "experience": _NUMBERS,
    "score": _NUMBERS,
    "boolean": _Spelled(_boolean),
    "consent": _Spelled(_given, _iso_of_date),
    "deadline": _Spelled(_deadline, _deadline_part("kind"), _deadline_part("start"), _deadline_part("end")),
    "people": _SpelledTexts(_list, _keys_of(_name_key)),
}
_LISTS = _SpelledTexts(_list)
_SPELLED_MANY: Mapping[str, _Spelled] = {
    "name": _SPELLED["people"],
    "organisation": _SpelledTexts(_list, _keys_of(_organisation_key)),
    "people": _SPELLED["people"],
}


def encode(field: Field, values: Sequence[object]) -> list[bytes]:
    """A field's values as they stand in a fragment: each all its store columns (``STORAGE``), parted by tabs.

    "" is NULL, lists are joined by U+001F.
    """
    spelled = _SPELLED_MANY.get(field.type, _LISTS) if field.many else _SPELLED.get(field.type, _TEXT)
    try:
        return list(map(spelled.__getitem__, values))
    except TypeError:  # lists and mappings among them have no hash
        return [_spelled_any(spelled, value) for value in values]


def _spelled_any(spelled: _Spelled, value: object) -> bytes:
    if type(value) is list:
        return spelled[tuple(value)]
    return spelled.spell(value) if type(value) is dict else spelled[value]


_JSON = json.JSONEncoder(ensure_ascii=False).encode


@lru_cache(maxsize=4096)
def _params(params: tuple[tuple[str, str], ...]) -> bytes:
    """Parameters of an issue as the store keeps them; those of a column's issues are mostly the same."""
    return _bytes(_JSON(dict(params))) if params else b""


def lines(columns: Iterable[Iterable[bytes]], prefix: bytes = b"", suffix: bytes = b"") -> bytes:
    """Columns of equal length, spelled (:func:`encode`), as lines, each between ``prefix`` and ``suffix``."""
    rows = list(map(b"\t".join, zip(*columns, strict=True)))
    return prefix + (suffix + b"\n" + prefix).join(rows) + suffix + b"\n" if rows else b""


def _side_by_side(columns: Iterable[bytes | list[bytes]], count: int) -> tuple[list[Iterable[bytes]], bytes]:
    """Columns as :func:`lines` takes them, what stands in every row (bytes) joined to one column with its like; and the
    end of every row."""
    put: list[Iterable[bytes]] = []
    same = b""
    for column in columns:
        if isinstance(column, bytes):
            same += b"\t" + column
            continue
        if same:
            put.append(repeat(same[1:], count))
            same = b""
        put.append(column)
    return put, same


def _columns_of(typed: TypedTable, schema: TableSchema) -> Iterator[bytes | list[bytes]]:
    """The store columns of a table's rows; bytes where all rows say the same."""
    places = list(map(_USUAL_ROWS.__getitem__, typed.row_numbers))
    if any(typed.part) or not all(typed.accepted):
        for index in compress(count(), map(_USUAL.__ne__, zip(typed.part, typed.accepted, strict=True))):
            accepted = b"true" if typed.accepted[index] else b"false"
            places[index] = b"%d\t%d\t%s" % (typed.row_numbers[index], typed.part[index], accepted)
    yield places
    for field in schema.fields:
        values = typed.values.get(field.name)
        yield b"\t" * (len(STORAGE[field.type]) - 1) if values is None else encode(field, values)


def _texts(values: Iterable[object]) -> Iterator[bytes]:
    return map(_TEXT.__getitem__, values)


class Fragments:
    """The fragment files of one worker. ``flush`` writes what was added, each file in one piece.

    ``worker`` begins the files' names: «w0-meetings.tsv». Raises OSError when the folder cannot be written.
    """

    def __init__(self, folder: Path, worker: str) -> None:
        self.folder = folder
        self.worker = worker
        self._block = 0
        self._pending: dict[str, list[bytes]] = {}
        self._files: dict[str, IO[bytes]] = {}

    def write_rows(self, organisation: str, workbook: str, typed: TypedTable, schema: TableSchema) -> None:
        """Add one table of one sheet: its rows and the line that describes it."""
        self._block += 1
        block = f"{self.worker}.{self._block}"
        table, count, accepted = typed.table, typed.rows_read, typed.rows_accepted
        about = [
            block,
            organisation,
            workbook,
            table.sheet,
            schema.name,
            str(table.header_row),
            str(count),
            str(accepted),
            str(count - accepted),
            _JSON(table.letters()),
            _JSON(table.headings),
            table.title,
        ]
        self._add(BLOCKS, lines([[_bytes(value)] for value in about]))
        if count:
            columns, rest = _side_by_side(_columns_of(typed, schema), count)
            self._add(schema.name, lines(columns, _bytes(block) + b"\t", rest))

    def write_issues(self, issues: Sequence[Issue]) -> None:
        """Add findings of the checks."""
        if not issues:
            return
        codes, severities, places, values, suggestions, params = zip(*issues, strict=True)
        organisations, workbooks, sheets, tables, rows, letters, fields = zip(*places, strict=True)
        columns = [
            *map(_texts, (organisations, workbooks, sheets, tables)),
            map(_INTEGERS.__getitem__, rows),
            *map(_texts, (letters, fields, codes, severities, values, suggestions)),
            map(_params, params),
        ]
        self._add(ISSUES, lines(columns))

    def _add(self, name: str, text: bytes) -> None:
        self._pending.setdefault(name, []).append(text)

    def flush(self) -> None:
        """Put what was added since the last time on disk: call once per finished workbook."""
        for name, texts in self._pending.items():
            file = self._files.get(name)
            if file is None:
                self.folder.mkdir(parents=True, exist_ok=True)
                file = self._files[name] = (self.folder / f"{self.worker}-{name}.tsv").open("ab", buffering=0)
            file.write(b"".join(texts))
        self._pending.clear()

    def close(self) -> None:
        """Write the rest and close the files."""
        self.flush()
        for file in self._files.values():
            file.close()
        self._files.clear()

    def __enter__(self) -> Fragments:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def fragment_files(folder: Path) -> list[Path]:
    """All fragments of a folder, in file-name order."""
    return sorted(folder.glob("*-*.tsv"))


def fragment_table(path: Path) -> str:
    """The table a fragment belongs to: «w0-meetings.tsv» → «meetings»."""
    return path.stem.rpartition("-")[2]
