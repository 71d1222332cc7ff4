"""Fragments: whatever a value is, it comes to the store as it should, from however many workbooks and workers."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheets_sync import fragments as fragments_room
from sheets_sync.fragments import FORMS, PLACE, Fragments, TornError, fragment_files, fragment_path, records
from sheets_sync.gather import Gathered, gather
from sheets_sync.people import name_key
from sheets_sync.table import Table, TypedTable
from sheets_sync.table_schema.model import STORAGE, Field, TableSchema

Place = tuple[str, str, str]
POSITION = {**dict.fromkeys(PLACE, "VARCHAR"), "row": "INTEGER", "part": "SMALLINT", "accepted": "BOOLEAN"}


def typed(values: dict[str, Sequence[object]], sheet: str = "Лист", rows: Sequence[int] | None = None) -> TypedTable:
    count = len(next(iter(values.values()))) if rows is None else len(rows)
    numbers = list(range(3, 3 + count)) if rows is None else list(rows)
    table = Table("t", sheet, (1,), {}, {}, [], {})
    return TypedTable(table, numbers, [0] * count, [True] * count, {name: list(one) for name, one in values.items()})


def gathered(schema: TableSchema, folder: Path, wanted: set[tuple[str, str]]) -> Gathered:
    columns = {**POSITION, **dict(schema.storage())}
    files = [path for path in fragment_files(folder) if path.name.endswith(f"-{schema.name}.rows")]
    return gather(files, columns, wanted, folder / "gathered.parquet")


def rows_of(schema: TableSchema, folder: Path, wanted: set[tuple[str, str]]) -> list[tuple[Any, ...]]:
    """What the store would take in, in the order of the files."""
    columns = {**POSITION, **dict(schema.storage())}
    got = gathered(schema, folder, wanted)
    values = [
        f'nullif("{name}", {FORMS[kind].null_sql})::{kind.removesuffix("[]")}' if name in got.told else "NULL"
        for name, kind in columns.items()
    ]
    return database().execute(f"SELECT {', '.join(values)} FROM read_parquet('{got.path}')").fetchall()


@cache
def database() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1})


def told(field: Field, values: Sequence[object]) -> list[tuple[Any, ...]]:
    """A field's values in its store columns."""
    schema = TableSchema("t", "Т", (field,))
    with tempfile.TemporaryDirectory() as folder:
        with Fragments(Path(folder), "w1") as fragments:
            fragments.write_rows("school-1", "а.xlsx", typed({field.name: values}), schema)
        return [row[len(POSITION) :] for row in rows_of(schema, Path(folder), {("school-1", "а.xlsx")})]


@pytest.mark.parametrize(
    ("field", "values", "expected"),
    [
        (Field("f", "F", "name"), ["Ёлкин О. К.", None], [("Ёлкин О. К.", "елкин о к"), (None, None)]),
        (Field("f", "F", "organisation"), ["МОУ СОШ № 7", None], [("МОУ СОШ № 7", "сош7"), (None, None)]),
        (Field("f", "F", "date"), [date(2024, 1, 9), None, date.min], [(date(2024, 1, 9),), (None,), (date.min,)]),
        (Field("f", "F", "datetime"), [datetime(2024, 1, 9, 8, 5)], [(datetime(2024, 1, 9, 8, 5),)]),
        (Field("f", "F", "datetime"), [date(2024, 1, 9), None], [(datetime(2024, 1, 9),), (None,)]),
        (
            Field("f", "F", "birth"),
            [date(2010, 5, 1), 2011, None],
            [(date(2010, 5, 1), 2010), (None, 2011), (None, None)],
        ),
        (Field("f", "F", "integer"), [7, 8.0, None, -(10**15)], [(7,), (8,), (None,), (-(10**15),)]),
        (Field("f", "F", "score"), [7.0, None, 0.1, 1e300], [(7.0,), (None,), (0.1,), (1e300,)]),
        (Field("f", "F", "boolean"), [True, False, None], [(True,), (False,), (None,)]),
        (
            Field("f", "F", "consent"),
            [True, date(2023, 9, 1), None, False],
            [(True, None), (True, date(2023, 9, 1)), (None, None), (False, None)],
        ),
        (Field("f", "F", "text"), [1, True, 1.0, "1"], [("1",), ("True",), ("1.0",), ("1",)]),
        (Field("f", "F", "text"), ["", None, "\0", "\ud83d"], [(None,), (None,), (None,), ("?",)]),
        (Field("f", "F", "enum", many=True), [["а", "б"], "в", None, ("г",), []], [("а\x1fб",), ("в",), (None,), ("г",), (None,)]),
        (
            Field("f", "F", "name", many=True),
            [["Ли А.", "Цой Б."], "Ли А.", None],
            [("Ли А.\x1fЦой Б.", "ли а\x1fцой б"), ("Ли А.", "ли а"), (None, None)],
        ),
        (Field("f", "F", "people"), [["Директор"], None], [("Директор", "директор"), (None, None)]),
        (
            Field("f", "F", "deadline"),
            [{"kind": "period", "start": date(2023, 9, 1)}, None],
            [('{"kind": "period", "start": "2023-09-01"}', "period", date(2023, 9, 1), None), (None,) * 4],
        ),
    ],
)  # fmt: skip
def test_values_of_every_kind(field: Field, values: list[object], expected: list[tuple[object, ...]]) -> None:
    assert told(field, values) == expected


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("kind", sorted(STORAGE))
def test_an_empty_cell_takes_all_columns_of_its_field(kind: str, many: bool) -> None:
    if not many or kind in ("text", "enum", "name", "organisation", "people"):
        assert told(Field("f", "F", kind, many=many), [None]) == [(None,) * len(STORAGE[kind])]


def test_equal_values_that_are_told_differently_stay_apart(tmp_path: Path) -> None:
    """1, 1.0 and True are one key of a mapping: each keeps its own text, in whatever workbook it comes first."""
    schema = TableSchema("t", "Т", (Field("f", "F"),))
    columns: list[list[object]] = [["а", 1], [1.0, "1", None], [True, 1, "а"], ["True"]]
    wanted = set()
    with Fragments(tmp_path, "w1") as fragments:
        for number, values in enumerate(columns):
            fragments.write_rows("school-1", f"{number}.xlsx", typed({"f": values}), schema)
            wanted.add(("school-1", f"{number}.xlsx"))
    expected = ["а", "1", "1.0", "1", None, "True", "1", "а", "True"]
    assert [row[-1] for row in rows_of(schema, tmp_path, wanted)] == expected


def test_rows_are_told_by_number_part_and_whether_accepted(tmp_path: Path) -> None:
    """Also where nothing is as usual: several records of a row, rows left out, fields without a column."""
    schema = TableSchema("t", "Т", (Field("a", "А", "name"), Field("b", "Б"), Field("c", "В", "birth")))
    table = Table("t", "Лист", (1,), {}, {}, [], {})
    one = TypedTable(table, [2, 2, 3, 4], [0, 1, 0, 0], [True, True, False, True], {"b": ["а", "б", None, "г"]})
    with Fragments(tmp_path, "w1") as fragments:
        fragments.write_rows("school-1", "а.xlsx", one, schema)
    place = ("school-1", "а.xlsx", "Лист")
    assert rows_of(schema, tmp_path, {("school-1", "а.xlsx")}) == [
        (*place, 2, 0, True, None, None, "а", None, None),
        (*place, 2, 1, True, None, None, "б", None, None),
        (*place, 3, 0, False, None, None, None, None, None),
        (*place, 4, 0, True, None, None, "г", None, None),
    ]


TEXTS = st.none() | st.text(st.sampled_from('абЁ x"\t\r\n,;'), max_size=3)
COLUMN = st.sampled_from(("full_name", "topic", "when", "hours", "tags"))
VALUES = {
    "full_name": TEXTS,
    "topic": TEXTS | st.sampled_from((1, 1.0, True)),
    "when": st.none() | st.dates(),
    "hours": st.none() | st.floats(allow_nan=False, allow_infinity=False).map(lambda hours: hours + 0.0),  # no -0.0
    "tags": st.none() | st.lists(st.sampled_from("абв"), max_size=2),
}
SCHEMA = TableSchema(
    "t",
    "Т",
    (
        Field("full_name", "ФИО", "name"),
        Field("topic", "Тема"),
        Field("when", "Дата", "date"),
        Field("hours", "Часы", "number"),
        Field("tags", "Категории", "enum", many=True),
    ),
)


@st.composite
def tables(draw: st.DrawFn) -> TypedTable:
    """A table with some of the columns."""
    count = draw(st.integers(0, 9))
    columns = draw(st.sets(COLUMN))
    values = {name: draw(st.lists(VALUES[name], min_size=count, max_size=count)) for name in sorted(columns)}
    rows = draw(st.lists(st.integers(1, 1_000_000), min_size=count, max_size=count))
    return typed(values, draw(st.sampled_from(("Лист 1", "Лист 2", ""))), rows)


def simply(place: Place, table: TypedTable) -> list[tuple[Any, ...]]:
    """The rows of a table as the store should have them, one by one."""

    def text(value: object) -> str | None:
        return None if value is None else str(value) or None

    def column(name: str) -> list[Any]:
        return table.values.get(name, [None] * table.rows_read)

    names, topics, tags = column("full_name"), column("topic"), column("tags")
    return [
        (
            *map(text, place),
            *(row, part, accepted),
            *(text(names[index]), text(name_key(names[index] or ""))),
            *(text(topics[index]), column("when")[index], column("hours")[index], text("\x1f".join(tags[index] or []))),
        )
        for index, (row, part, accepted) in enumerate(zip(table.row_numbers, table.part, table.accepted, strict=True))
    ]


@given(
    books=st.lists(st.tuples(st.sampled_from(("w1", "w2")), st.booleans(), st.lists(tables(), max_size=3)), max_size=8),
    at_once=st.integers(1, 5),
    group=st.integers(1, 20),
)
def test_rows_come_out_as_they_went_in(
    books: list[tuple[str, bool, list[TypedTable]]], at_once: int, group: int
) -> None:
    """Whatever workers read them and however they are divided; workbooks that are not wanted stay out."""
    wanted, expected = set(), []
    with (
        tempfile.TemporaryDirectory() as folder,
        patch.multiple(fragments_room, ROWS_AT_ONCE=at_once, GROUP_ROWS=group),
    ):
        with Fragments(Path(folder), "w1") as one, Fragments(Path(folder), "w2") as other:
            for number, (worker, asked_for, told_tables) in enumerate(books):
                fragments = one if worker == "w1" else other
                for table in told_tables:
                    fragments.write_rows("school-1", f"{number}.xlsx", table, SCHEMA)
                fragments.flush()
                if asked_for:
                    wanted.add(("school-1", f"{number}.xlsx"))
                    for table in told_tables:
                        expected += simply(("school-1", f"{number}.xlsx", table.table.sheet), table)
        found = rows_of(SCHEMA, Path(folder), wanted)
    assert sorted(map(repr, found)) == sorted(map(repr, expected))


def test_values_are_told_once_until_there_are_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker does not remember values without end, by their number or by their length."""
    schema = TableSchema("t", "Т", (Field("f", "F"),))
    monkeypatch.setattr(fragments_room, "GROUP_BYTES", 3_000)
    with Fragments(tmp_path, "w1") as fragments:
        for number in range(6):
            values = ["короткий", f"{number}" + "д" * 500]
            fragments.write_rows("school-1", f"{number}.xlsx", typed({"f": values}), schema)
    found = list(records(fragment_path(tmp_path, "w1", "t")))
    assert [record.anew for record in found] == [True, False, False, True, False, False]
    assert [record.columns[-1].distinct for record in found] == [2, 1, 1, 2, 1, 1]


def test_a_value_that_cannot_be_told_costs_no_other(tmp_path: Path) -> None:
    """The workbook fails; those before and after it stand."""
    schema = TableSchema("t", "Т", (Field("f", "F"), Field("n", "N", "integer")))
    with Fragments(tmp_path, "w1") as fragments:
        fragments.write_rows("school-1", "1.xlsx", typed({"f": ["а", "б"], "n": [1, 2]}), schema)
        with pytest.raises(Exception, match="argument"):
            fragments.write_rows("school-1", "2.xlsx", typed({"f": ["в", "г"], "n": [3, 2**70]}), schema)
        fragments.write_rows("school-1", "3.xlsx", typed({"f": ["г", "а"], "n": [3, 1]}), schema)
    found = rows_of(schema, tmp_path, {("school-1", f"{number}.xlsx") for number in (1, 2, 3)})
    assert [row[-2:] for row in found] == [("а", 1), ("б", 2), ("г", 3), ("а", 1)]


@pytest.mark.parametrize("kept", range(0, 400, 7))
def test_a_fragment_that_breaks_off_is_refused(tmp_path: Path, kept: int) -> None:
    """Wherever it does, unless a whole number of workbooks is left."""
    schema = TableSchema("t", "Т", (Field("f", "F"),))
    with Fragments(tmp_path, "w1") as fragments:
        fragments.write_rows("school-1", "1.xlsx", typed({"f": ["а", "б"]}), schema)
        fragments.flush()
        path = fragment_path(tmp_path, "w1", "t")
        whole = path.stat().st_size
        fragments.write_rows("school-1", "2.xlsx", typed({"f": ["в", "г"]}), schema)
    content = path.read_bytes()
    path.write_bytes(content[:kept])
    if kept in (0, whole) or kept >= len(content):
        return
    with pytest.raises(TornError):
        rows_of(schema, tmp_path, {("school-1", "1.xlsx"), ("school-1", "2.xlsx")})


@pytest.mark.parametrize("content", [b"torn", b"torn\n", b"{}\n", b'[1, 2, 3, 4, 5]\n', b"\xff\n", b"[true, null, 1, [[]], [[7, 1, [], []]]]\n"])  # fmt: skip
def test_what_is_no_fragment_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "w1-t.rows"
    path.write_bytes(content)
    with pytest.raises(TornError):
        list(records(path))
