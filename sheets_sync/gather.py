"""Fragments of all workers put together: one file of columns for each table, as the store takes it in at once."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from sheets_sync.fragments import FORMS, PLACE, Record, ToldColumn, records
from sheets_sync.parquet import NUMBER, Chunk, ParquetWriter


class Gathered(NamedTuple):
    """A file of columns, how many ``rows`` it has, the columns that tell anything, and those of them with NULLs."""

    path: Path
    rows: int
    told: frozenset[str]
    with_nulls: frozenset[str]


def gather(
    fragments: Iterable[Path],
    columns: Mapping[str, str],
    wanted: Container[tuple[str, str]],
    path: Path,
) -> Gathered:
    """Write what fragments of one table tell into a file of these columns (name → DuckDB type) at ``path``.

    Rows that have one place are left out when it is in a workbook that is not ``wanted`` (organisation, workbook).
    Raises TornError for a fragment that breaks off, OSError.
    """
    rows = 0
    told: set[str] = set()
    with_nulls: set[str] = set()
    with ParquetWriter(path, [(name, FORMS[kind].kind) for name, kind in columns.items()]) as file:

        def write(group: _Group) -> None:
            nonlocal rows
            if group.rows:
                file.write(group.rows, [group.chunk(name, kind, with_nulls) for name, kind in columns.items()])
                rows += group.rows
                told.update(group.columns)

        for fragment in fragments:
            group = _Group()
            for record in records(fragment):
                if record.anew:
                    write(group)
                    group = _Group()
                group.add(record, record.place is None or record.place[:2] in wanted)
            write(group)
    return Gathered(path, rows, frozenset(told), frozenset(with_nulls & told))


class _Column:
    """A store column of a group: its values, and for the rows so far the numbers of theirs."""

    def __init__(self) -> None:
        self.values: list[bytes] = []
        self.distinct = 0
        self.has_null = False
        self.rows = 0
        self.numbers: list[bytes | int] = []  # an int: so many rows for which nothing is told

    def add_values(self, values: bytes, distinct: int, has_null: bool) -> None:
        self.values.append(values)
        self.distinct += distinct
        self.has_null |= has_null

    def add_rows(self, numbers: bytes, before: int) -> None:
        """Rows, ``before`` those of the group so far."""
        if before > self.rows:
            self.numbers.append(before - self.rows)
        self.numbers.append(numbers)
        self.rows = before + len(numbers) // NUMBER


class _Group:
    """Rows whose values are told by the same numbers."""

    def __init__(self) -> None:
        self.rows = 0
        self.columns: dict[str, _Column] = {}
        self._places: dict[str, dict[str, int]] = {name: {} for name in PLACE}

    def add(self, record: Record, wanted: bool) -> None:
        """The values a record tells, which later ones may refer to, and its rows if they are wanted."""
        for column in record.columns:
            self._add_column(column, wanted)
        if not wanted:
            return
        if record.place is not None:
            for name, text in zip(PLACE, record.place, strict=True):
                self._add_place(name, text, record.rows)
        self.rows += record.rows

    def _add_column(self, told: ToldColumn, wanted: bool) -> None:
        for index, name in enumerate(told.names):
            column = self.columns.get(name)
            if column is None:
                column = self.columns[name] = _Column()
            if told.distinct:
                column.add_values(told.values[index], told.distinct, told.nulls[index])
            if wanted:
                column.add_rows(told.numbers, self.rows)

    def _add_place(self, name: str, text: str, rows: int) -> None:
        column = self.columns.setdefault(name, _Column())
        numbers = self._places[name]
        if text not in numbers:
            numbers[text] = len(numbers)
            form = FORMS["VARCHAR"]
            spelled = form.spell(text)
            column.add_values(spelled, 1, spelled == form.null)
        column.add_rows(numbers[text].to_bytes(NUMBER, "little") * rows, self.rows)

    def chunk(self, name: str, kind: str, with_nulls: set[str]) -> Chunk:
        """A column as the file has it; its name is added to those ``with_nulls`` if it has any."""
        null = FORMS[kind].null
        column = self.columns.get(name)
        if column is None or not column.rows:
            with_nulls.add(name)
            return Chunk(null, 1)
        values, distinct = b"".join(column.values), column.distinct
        if column.rows < self.rows:
            column.numbers.append(self.rows - column.rows)
        if any(type(numbers) is int for numbers in column.numbers):
            values, distinct = values + null, distinct + 1
            column.has_null = True
        if column.has_null:
            with_nulls.add(name)
        nothing = (distinct - 1).to_bytes(NUMBER, "little")
        pieces = (nothing * one if isinstance(one, int) else one for one in column.numbers)
        return Chunk(values, distinct, b"".join(pieces))
