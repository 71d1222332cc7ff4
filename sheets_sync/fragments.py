"""Finished rows on their way to the store: what worker processes write, a workbook at a time.

A fragment is a file of records, one file per table and worker. A record holds some rows of one sheet column by column:
each value by its number among the distinct values of that column, and those not yet told since a record that begins
anew. So a column costs one C-level pass, each distinct value is spelled once, and nothing is written twice; what
gathers the fragments (``gather.py``) only puts bytes together.
"""

from __future__ import annotations

import json
import struct
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate, count, islice, pairwise
from pathlib import Path
from types import NoneType
from typing import IO, Any, NamedTuple

from sheets_sync import parquet
from sheets_sync.issues import Issue
from sheets_sync.people import name_key, organisation_key
from sheets_sync.table import CellError, TypedTable
from sheets_sync.table_schema.model import Field, TableSchema

LIST_SEPARATOR = "\x1f"
BLOCKS = "_blocks"
ISSUES = "_issues"
PLACE = ("organisation", "workbook", "sheet")  # what all rows of a record have in common
# column → DuckDB type
ISSUE_STORAGE: Mapping[str, str] = {
    "organisation": "VARCHAR",
    "workbook": "VARCHAR",
    "sheet": "VARCHAR",
    "table": "VARCHAR",
    "row": "INTEGER",
    "column": "VARCHAR",
    "field": "VARCHAR",
    "code": "VARCHAR",
    "severity": "VARCHAR",
    "value": "VARCHAR",
    "suggestion": "VARCHAR",
    "params": "JSON",
}
# a block is one table of one sheet
BLOCK_STORAGE: Mapping[str, str] = {
    "organisation": "VARCHAR",
    "workbook": "VARCHAR",
    "sheet": "VARCHAR",
    "table": "VARCHAR",
    "header_row": "INTEGER",
    "rows_read": "INTEGER",
    "rows_accepted": "INTEGER",
    "rows_rejected": "INTEGER",
    "columns": "JSON",
    "headings": "JSON",
    "title": "VARCHAR",
}
ISSUE_COLUMNS = tuple(ISSUE_STORAGE)
KEYS_KEPT = 16_384  # keys of names remembered: bounds a worker's memory
ROWS_AT_ONCE = 16_384  # of a table, in one record
# With so many rows, or so many bytes of distinct values, the next record begins anew: a worker remembers no more, and
# no column has more values than a number can tell.
GROUP_ROWS = 30_720
GROUP_BYTES = 1_000_000
assert GROUP_ROWS + 2 * ROWS_AT_ONCE < parquet.DICTIONARY  # twice: `_Numbers.told`, where values are mixed


class TornError(Exception):
    """A fragment ends in the middle, or is none."""


class Form(NamedTuple):
    """How values of a DuckDB type lie in a file; ``null``: what stands there for NULL, in SQL too. No cell holds it."""

    kind: parquet.Kind
    spell: Callable[[Any], bytes]
    null: bytes
    null_sql: str


def _text_bytes(text: str) -> bytes:
    # A high surrogate from a broken workbook has no UTF-8 form; it must not cost the whole file.
    spelled = text.replace("\0", "").encode("utf-8", "replace")
    return len(spelled).to_bytes(4, "little") + spelled


_INT, _LONG, _DOUBLE = (struct.Struct(kind).pack for kind in ("<i", "<q", "<d"))
_EPOCH = datetime(1970, 1, 1)
_DAY = _EPOCH.toordinal()
_MICROSECOND = timedelta(microseconds=1)
_INFINITY = "'-infinity'"  # the earliest of dates and moments
_LEAST_INT, _LEAST_LONG = -(2**31), -(2**63)
_TEXT_FORM = Form(parquet.TEXT, _text_bytes, _text_bytes(""), "''")
_INTEGER_FORM = Form(parquet.INTEGER, _INT, _INT(_LEAST_INT), str(_LEAST_INT))
# DuckDB type → its form; lists are texts joined by LIST_SEPARATOR
FORMS: Mapping[str, Form] = {
    "VARCHAR": _TEXT_FORM,
    "VARCHAR[]": _TEXT_FORM,
    "JSON": _TEXT_FORM,
    "BOOLEAN": _INTEGER_FORM,
    "SMALLINT": _INTEGER_FORM,
    "INTEGER": _INTEGER_FORM,
    "BIGINT": Form(parquet.BIGINT, _LONG, _LONG(_LEAST_LONG), str(_LEAST_LONG)),
    "DOUBLE": Form(parquet.DOUBLE, _DOUBLE, _DOUBLE(float("nan")), "'nan'"),
    "DATE": Form(parquet.DATE, lambda day: _INT(day.toordinal() - _DAY), _INT(1 + _LEAST_INT), _INFINITY),
    "TIMESTAMP": Form(
        parquet.TIMESTAMP,
        lambda moment: _LONG((moment - _EPOCH) // _MICROSECOND),
        _LONG(1 + _LEAST_LONG),
        _INFINITY,
    ),
}


def _list(value: object) -> str:
    return LIST_SEPARATOR.join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _day(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _day_if_any(value: object) -> date | None:
    return value if isinstance(value, date) else None


def _moment(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    return datetime.combine(value, time()) if isinstance(value, date) else datetime.fromisoformat(str(value))


def _year(value: Any) -> int:
    return value.year if isinstance(value, date) else int(value)


def _given(value: object) -> bool:
    """A consent: its date says that it was given."""
    return isinstance(value, date) or bool(value)


@lru_cache(maxsize=KEYS_KEPT)
def _name_key(value: object) -> str:
    return name_key(str(value))


@lru_cache(maxsize=KEYS_KEPT)
def _organisation_key(value: object) -> str:
    return organisation_key(str(value))


def _keys_of(key: Callable[[object], str]) -> Callable[[object], str]:
    """Keys of a cell with several names, joined like the names themselves."""

    def keys(value: object) -> str:
        return LIST_SEPARATOR.join(map(key, value)) if isinstance(value, list | tuple) else key(value)

    return keys


def _deadline_part(key: str, told: Callable[[str], object]) -> Callable[[str], object]:
    def part(deadline: str) -> object:
        found = json.loads(deadline).get(key)
        return None if found is None else told(found)

    return part


# type of a field → what each of its store columns (``STORAGE``) tells of a value; all others tell it as a text
_TOLD: Mapping[str, tuple[Callable[[Any], object], ...]] = {
    "name": (str, _name_key),
    "organisation": (str, _organisation_key),
    "date": (_day,),
    "datetime": (_moment,),
    "birth": (_day_if_any, _year),
    "integer": (int,),
    "number": (float,),
    "percent": (float,),
    "experience": (float,),
    "score": (float,),
    "boolean": (bool,),
    "consent": (_given, _day_if_any),
    "deadline": (
        str,
        _deadline_part("kind", str),
        _deadline_part("start", date.fromisoformat),
        _deadline_part("end", date.fromisoformat),
    ),
    "people": (_list, _keys_of(_name_key)),
}
_TOLD_OF_MANY: Mapping[str, tuple[Callable[[Any], object], ...]] = {
    "name": _TOLD["people"],
    "organisation": (_list, _keys_of(_organisation_key)),
    "people": _TOLD["people"],
}


_JSON = json.JSONEncoder(ensure_ascii=False).encode
_JSON_OF_DATES = json.JSONEncoder(ensure_ascii=False, default=date.isoformat).encode


def _params(params: tuple[tuple[str, str], ...]) -> str | None:
    """Parameters of an issue as the store keeps them."""
    return _JSON(dict(params)) if params else None


class Column(NamedTuple):
    """A column of rows: the store columns it takes, what each of them tells of a value that is not None (None: nothing)
    and in which form; ``texts``: whatever its values are, they are told as texts."""

    names: tuple[str, ...]
    told: tuple[Callable[[Any], object], ...]
    forms: tuple[Form, ...]
    texts: bool = False

    def spelled(self, values: Sequence[object]) -> list[list[bytes]]:
        """Values as they lie in each of the store columns."""
        return [
            [form.null if value is None or (said := tell(value)) is None else form.spell(said) for value in values]
            for tell, form in zip(self.told, self.forms, strict=True)
        ]


def _column(name: str, kind: str, tell: Callable[[Any], object]) -> Column:
    return Column((name,), (tell,), (FORMS[kind],), tell is str)


def _columns(storage: Mapping[str, str], **told: Callable[[Any], object]) -> list[Column]:
    usual: Mapping[str, Callable[[Any], object]] = {"INTEGER": int}
    return [_column(name, kind, told.get(name, usual.get(kind, str))) for name, kind in storage.items()]


_BLOCK = _columns(BLOCK_STORAGE)
_ISSUE = _columns(ISSUE_STORAGE, params=_params)
_ROW = [_column("row", "INTEGER", int), _column("part", "SMALLINT", int), _column("accepted", "BOOLEAN", bool)]


@lru_cache(maxsize=1024)
def _column_of(name: str, kind: str, many: bool) -> Column:
    told = _TOLD_OF_MANY.get(kind, (_list,)) if many else _TOLD.get(kind, (str,))
    stored = Field(name, "", kind, many=many).storage()
    return Column(
        tuple(name for name, _ in stored),
        told,
        tuple(FORMS[kind] for _, kind in stored),
        told[0] in (str, _list),
    )


class ToldColumn(NamedTuple):
    """A column in a record: ``numbers`` of its rows' values, and of the ``distinct`` values not told before, for each
    store column of ``names``, the bytes one after another and whether NULL is among them."""

    names: tuple[str, ...]
    numbers: bytes
    distinct: int = 0
    values: Sequence[bytes] = ()
    nulls: Sequence[bool] = ()


class Record(NamedTuple):
    """Some rows of one sheet. ``anew``: no values were told before; ``place``: organisation, workbook and sheet of all
    rows, None where each row tells its own."""

    anew: bool
    place: tuple[str, str, str] | None
    rows: int
    columns: Sequence[ToldColumn]

    def spelled(self) -> bytes:
        """As it stands in a fragment: a line that tells how much of what follows."""
        names = [column.names for column in self.columns]
        fresh = [
            (index, column.distinct, list(map(len, column.values)), column.nulls)
            for index, column in enumerate(self.columns)
            if column.distinct
        ]
        line = _JSON((self.anew, self.place, self.rows, names, fresh)).encode("utf-8", "surrogatepass")
        numbers = [column.numbers for column in self.columns]
        return b"".join([line, b"\n", *numbers, *(values for column in self.columns for values in column.values)])


def records(path: Path) -> Iterator[Record]:
    """The records of a fragment. Raises TornError where it breaks off, OSError where it cannot be read."""
    with path.open("rb") as file:
        while line := file.readline():
            yield _record(line, file, path)


def _record(line: bytes, file: IO[bytes], path: Path) -> Record:
    try:
        anew, place, rows, names, fresh = json.loads(line.decode("utf-8", "surrogatepass"))
        each = rows * parquet.NUMBER
        size = each * len(names) + sum(sum(sizes) for _, _, sizes, _ in fresh)
        content = file.read(size)
        if len(content) < size:
            raise TornError(f"{path.name} breaks off")
        columns = [ToldColumn(tuple(one), content[at * each : (at + 1) * each]) for at, one in enumerate(names)]
        end = each * len(names)
        for index, distinct, sizes, nulls in fresh:
            ends = list(accumulate(sizes, initial=end))
            told = [content[begin:until] for begin, until in pairwise(ends)]
            columns[index] = columns[index]._replace(distinct=distinct, values=told, nulls=nulls)
            end = ends[-1]
        return Record(anew, place and tuple(place), rows, columns)
    except (ValueError, TypeError, IndexError) as error:
        raise TornError(f"{path.name} is torn") from error


class _Numbers:
    """Values of one column and their numbers, given as values come."""

    def __init__(self, column: Column) -> None:
        self._column = column
        self._numbers: dict[object, int] = defaultdict(count().__next__)
        self._mixed = False

    def told(self, values: Sequence[object], pack: Callable[..., bytes]) -> ToldColumn:
        """Some rows' values, as a record tells them; ``pack``: so many numbers."""
        column, known = self._column, len(self._numbers)
        numbers = self._of(map(_as_text, values) if self._mixed else values, pack)
        fresh = self._since(known)
        if not fresh:
            return ToldColumn(column.names, numbers)
        if column.texts and not self._mixed and not _TEXTS.issuperset(map(type, fresh)):
            # 1, 1.0 and True are equal and told differently: from here on by their texts
            self._mixed = True
            numbers = self._of(map(_as_text, values), pack)
            fresh = self._since(known)
        spelled = column.spelled(fresh)
        nulls = [form.null in one for form, one in zip(column.forms, spelled, strict=True)]
        return ToldColumn(column.names, numbers, len(fresh), list(map(b"".join, spelled)), nulls)

    def _of(self, values: Iterable[object], pack: Callable[..., bytes]) -> bytes:
        try:
            return pack(*map(self._numbers.__getitem__, values))
        except TypeError:  # lists and mappings among them have no hash
            return pack(*map(self._numbers.__getitem__, map(_hashable, values)))

    def _since(self, known: int) -> list[object]:
        """The values beyond so many, as they came."""
        more = len(self._numbers) - known
        return list(islice(reversed(self._numbers), more))[::-1] if more else []


_TEXTS = frozenset((str, CellError, tuple, NoneType))


def _as_text(value: object) -> object:
    return value if type(value) in _TEXTS else _list(value)


def _hashable(value: object) -> object:
    """Of a list the same as a tuple, of a deadline its JSON."""
    if type(value) is dict:
        return _JSON_OF_DATES(value)
    return tuple(value) if type(value) is list else value


_Columns = Sequence[tuple[Column, Sequence[object]]]


class _Fragment:
    """One fragment as it is written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None
        self._pending: list[bytes] = []
        self._begin()

    def _begin(self) -> None:
        self._numbers: dict[tuple[str, ...], _Numbers] = {}
        self._rows = self._bytes = 0

    def add(self, place: tuple[str, str, str] | None, rows: int, columns: _Columns) -> None:
        """Add rows, to be written when it is flushed."""
        for start in range(0, rows, ROWS_AT_ONCE):
            few = min(ROWS_AT_ONCE, rows - start)
            some = columns if few == rows else [(one, values[start : start + few]) for one, values in columns]
            self._add_record(place, few, some)

    def _add_record(self, place: tuple[str, str, str] | None, rows: int, columns: _Columns) -> None:
        if self._rows >= GROUP_ROWS or self._bytes >= GROUP_BYTES:
            self._begin()
        pack = struct.Struct(f"<{rows}H").pack
        try:
            told = [self._numbers_of(column).told(values, pack) for column, values in columns]
        except BaseException:
            self._begin()  # numbers were given to values that no record tells
            raise
        self._pending.append(Record(not self._rows, place, rows, told).spelled())
        self._rows += rows
        self._bytes += sum(sum(map(len, column.values)) for column in told if column.distinct)

    def _numbers_of(self, column: Column) -> _Numbers:
        numbers = self._numbers.get(column.names)
        if numbers is None:
            numbers = self._numbers[column.names] = _Numbers(column)
        return numbers

    def flush(self) -> None:
        """Put what was added on disk."""
        if not self._pending:
            return
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("ab", buffering=0)
        self._file.write(b"".join(self._pending))
        self._pending.clear()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


class Fragments:
    """The fragments of one worker. ``flush`` writes what was added, each file in one piece.

    ``worker`` begins the files' names: «w0-meetings.rows». Raises OSError when the folder cannot be written.
    """

    def __init__(self, folder: Path, worker: str) -> None:
        self.folder = folder
        self.worker = worker
        self._fragments: dict[str, _Fragment] = {}
        self._blocks: list[tuple[object, ...]] = []  # not yet added

    def write_rows(self, organisation: str, workbook: str, typed: TypedTable, schema: TableSchema) -> None:
        """Add one table of one sheet: its rows and the line that describes it."""
        table, rows, accepted = typed.table, typed.rows_read, typed.rows_accepted
        place = organisation, workbook, table.sheet
        letters, headings = _JSON(table.letters()), _JSON(table.headings)
        counts = table.header_row, rows, accepted, rows - accepted
        self._blocks.append((*place, schema.name, *counts, letters, headings, table.title))
        position: list[Sequence[object]] = [typed.row_numbers, typed.part, typed.accepted]
        columns = [
            *zip(_ROW, position, strict=True),
            *(
                (_column_of(item.name, item.type, item.many), typed.values[item.name])
                for item in schema.fields
                if item.name in typed.values
            ),
        ]
        self._of(schema.name).add(place, rows, columns)

    def write_issues(self, issues: Sequence[Issue]) -> None:
        """Add findings of the checks."""
        if not issues:
            return
        codes, severities, places, values, suggestions, params = zip(*issues, strict=True)
        told = (*zip(*places, strict=True), codes, severities, values, suggestions, params)
        self._of(ISSUES).add(None, len(issues), list(zip(_ISSUE, told, strict=True)))

    def _write_blocks(self) -> None:
        if self._blocks:
            told = zip(*self._blocks, strict=True)
            self._of(BLOCKS).add(None, len(self._blocks), list(zip(_BLOCK, told, strict=True)))
            self._blocks = []

    def _of(self, table: str) -> _Fragment:
        fragment = self._fragments.get(table)
        if fragment is None:
            fragment = self._fragments[table] = _Fragment(fragment_path(self.folder, self.worker, table))
        return fragment

    def flush(self) -> None:
        """Put what was added since the last time on disk: call once per finished workbook."""
        self._write_blocks()
        for fragment in self._fragments.values():
            fragment.flush()

    def close(self) -> None:
        """Write the rest and close the files."""
        self.flush()
        for fragment in self._fragments.values():
            fragment.close()
        self._fragments.clear()

    def __enter__(self) -> Fragments:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def fragment_path(folder: Path, worker: str, table: str) -> Path:
    """The fragment of a table by a worker."""
    return folder / f"{worker}-{table}.rows"


def fragment_files(folder: Path) -> list[Path]:
    """All fragments of a folder, in file-name order."""
    return sorted(folder.glob("*-*.rows"))


def fragment_table(path: Path) -> str:
    """The table a fragment belongs to: «w0-meetings.rows» → «meetings»."""
    return path.stem.rpartition("-")[2]
