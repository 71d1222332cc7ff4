"""Finished rows on their way to the store: worker processes write text files, which the store loads in bulk.

A fragment is a file of tab-separated lines without a heading, one file per table and worker. It is put together column
by column: a table costs a few C-level passes, each distinct value is spelled once. Every line begins with the number of
its block, a block being one table of one sheet; the blocks themselves (organisation, workbook, sheet, headings) are a
fragment too. So a line is short, and the store takes in exactly the workbooks it is told to.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import NoneType
from typing import IO, TypeGuard

from sheets_sync.issues import Issue
from sheets_sync.table import TypedTable
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
SPELLINGS_KEPT = 50_000  # distinct values remembered per column type: bounds a worker's memory


class _Spelled(dict[object, str]):
    """Typed value → its text in a fragment, each distinct value spelled once."""

    def __init__(self, spell: Callable[[object], str]) -> None:
        super().__init__()
        self.spell = spell

    def __missing__(self, value: object) -> str:
        if len(self) > SPELLINGS_KEPT:
            self.clear()
        text = self[value] = "" if value is None else self.spell(value)
        return text


def _name_key(value: object) -> str:
    from sheets_sync.people import name_key

    return str(name_key(str(value)))


def _organisation_key(value: object) -> str:
    from sheets_sync.people import organisation_key

    return str(organisation_key(str(value)))


def _boolean(value: object) -> str:
    return "true" if value else "false"


def _list(value: object) -> str:
    if isinstance(value, list | tuple):
        return LIST_SEPARATOR.join(str(item) for item in value)
    return "" if value is None else str(value)


def _iso(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _deadline_part(key: str) -> Callable[[object], str]:
    def part(value: object) -> str:
        found = value.get(key) if isinstance(value, dict) else None
        return "" if found is None else _iso(found)

    return part


def _deadline(value: object) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False, default=_iso)


_TEXT = _Spelled(str)
_NAME_KEYS = _Spelled(_name_key)
_ORGANISATION_KEYS = _Spelled(_organisation_key)
_DATES = _Spelled(_iso)
_BIRTH_DATES = _Spelled(lambda value: value.isoformat() if isinstance(value, date) else "")
_BIRTH_YEARS = _Spelled(lambda value: str(value.year) if isinstance(value, date) else str(int(value)))  # type: ignore[call-overload]
_INTEGERS = _Spelled(lambda value: str(int(value)))  # type: ignore[call-overload]
_NUMBERS = _Spelled(repr)
_BOOLEANS = _Spelled(_boolean)
_CONSENTS = _Spelled(lambda value: "true" if isinstance(value, date) else _boolean(value))
_CONSENT_DATES = _Spelled(lambda value: value.isoformat() if isinstance(value, date) else "")

_SPELL: dict[str, tuple[Callable[[object], str], ...]] = {
    "name": (_TEXT.__getitem__, _NAME_KEYS.__getitem__),
    "organisation": (_TEXT.__getitem__, _ORGANISATION_KEYS.__getitem__),
    "date": (_DATES.__getitem__,),
    "datetime": (_DATES.__getitem__,),
    "birth": (_BIRTH_DATES.__getitem__, _BIRTH_YEARS.__getitem__),
    "integer": (_INTEGERS.__getitem__,),
    "number": (_NUMBERS.__getitem__,),
    "percent": (_NUMBERS.__getitem__,),
    "experience": (_NUMBERS.__getitem__,),
    "score": (_NUMBERS.__getitem__,),
    "boolean": (_BOOLEANS.__getitem__,),
    "consent": (_CONSENTS.__getitem__, _CONSENT_DATES.__getitem__),
    "deadline": (_deadline, _deadline_part("kind"), _deadline_part("start"), _deadline_part("end")),
    "people": (_list, lambda value: _many_keys("people", value)),
}


def encode(field: Field, values: Sequence[object]) -> list[list[str]]:
    """Store columns of a field as text, in the order of ``STORAGE``: "" is NULL, lists are joined by U+001F."""
    if field.many:
        first = [_list(value) for value in values]
        return [first, *([_many_keys(field.type, value) for value in values] for _ in STORAGE[field.type][1:])]
    spell = _SPELL.get(field.type)
    if spell is None:
        return (
            [[value or "" for value in values]]
            if _all_texts(values)
            else [["" if v is None else str(v) for v in values]]
        )
    return [list(map(part, values)) for part in spell]


def _all_texts(values: Sequence[object]) -> TypeGuard[Sequence[str | None]]:
    return set(map(type, values)) <= {str, NoneType}


def _many_keys(kind: str, value: object) -> str:
    """Keys of a cell with several names, joined like the names themselves."""
    if value is None:
        return ""
    keys = _ORGANISATION_KEYS if kind == "organisation" else _NAME_KEYS
    return LIST_SEPARATOR.join(keys[item] for item in value) if isinstance(value, list | tuple) else keys[value]


@lru_cache(maxsize=4096)
def _params(params: tuple[tuple[str, str], ...]) -> str:
    """Parameters of an issue as the store keeps them; those of a column's issues are mostly the same."""
    return json.dumps(dict(params), ensure_ascii=False)


def _needs_quotes(text: str) -> bool:
    return '"' in text or "\t" in text or "\n" in text or "\r" in text or "\0" in text


def _quoted(value: str) -> str:
    if not _needs_quotes(value):
        return value
    return '"' + value.replace('"', '""').replace("\0", "") + '"'


def lines(columns: Sequence[Sequence[str]], prefix: str = "") -> str:
    """Columns of equal length as tab-separated lines, each beginning with ``prefix``; quoted only where needed."""
    if not columns or not columns[0]:
        return ""
    count = len(columns[0])
    separator = "\n" + prefix
    body = prefix + separator.join(map("\t".join, zip(*columns, strict=True))) + "\n"
    tabs = count * (len(columns) - 1 + prefix.count("\t"))
    if (
        body.count("\t") == tabs
        and body.count("\n") == count
        and '"' not in body
        and "\r" not in body
        and "\0" not in body
    ):
        return body
    safe = [list(map(_quoted, column)) if _needs_quotes("".join(column)) else column for column in columns]
    return prefix + separator.join(map("\t".join, zip(*safe, strict=True))) + "\n"


class Fragments:
    """The fragment files of one worker. ``flush`` writes what was added, each file in one piece.

    ``worker`` begins the files' names: «w0-meetings.tsv». Raises OSError when the folder cannot be written.
    """

    def __init__(self, folder: Path, worker: str) -> None:
        self.folder = folder
        self.worker = worker
        self._block = 0
        self._pending: dict[str, list[str]] = {}
        self._files: dict[str, IO[bytes]] = {}

    def write_rows(self, organisation: str, workbook: str, typed: TypedTable, schema: TableSchema) -> None:
        """Add one table of one sheet: its rows and the line that describes it."""
        self._block += 1
        block = f"{self.worker}.{self._block}"
        table = typed.table
        accepted = typed.rows_accepted
        about = [
            block,
            organisation,
            workbook,
            table.sheet,
            schema.name,
            str(table.header_row),
            str(typed.rows_read),
            str(accepted),
            str(typed.rows_read - accepted),
            json.dumps(table.letters(), ensure_ascii=False),
            json.dumps(table.headings, ensure_ascii=False),
            table.title,
        ]
        self._add(BLOCKS, lines([[value] for value in about]))
        count = typed.rows_read
        if not count:
            return
        columns = [
            list(map(str, typed.row_numbers)),
            list(map(str, typed.part)),
            ["true" if ok else "false" for ok in typed.accepted],
        ]
        blank = [""] * count
        for field in schema.fields:
            values = typed.values.get(field.name)
            if values is None:
                columns += [blank] * len(STORAGE[field.type])
            else:
                columns += encode(field, values)
        self._add(schema.name, lines(columns, block + "\t"))

    def write_issues(self, issues: Iterable[Issue]) -> None:
        """Add findings of the checks."""
        records = [
            (
                at.organisation,
                at.workbook,
                at.sheet or "",
                at.table or "",
                "" if at.row is None else str(at.row),
                at.column or "",
                at.field or "",
                code,
                severity,
                value or "",
                suggestion or "",
                _params(params) if params else "",
            )
            for code, severity, at, value, suggestion, params in issues
        ]
        if records:
            self._add(ISSUES, lines(list(zip(*records, strict=True))))

    def _add(self, name: str, text: str) -> None:
        self._pending.setdefault(name, []).append(text)

    def flush(self) -> None:
        """Put what was added since the last time on disk: call once per finished workbook."""
        for name, texts in self._pending.items():
            file = self._files.get(name)
            if file is None:
                self.folder.mkdir(parents=True, exist_ok=True)
                file = self._files[name] = (self.folder / f"{self.worker}-{name}.tsv").open("ab", buffering=0)
            # A high surrogate from a broken workbook has no UTF-8 form; it must not cost the whole file.
            file.write("".join(texts).encode("utf-8", "replace"))
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
