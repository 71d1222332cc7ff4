"""Fragments: every value spelled as the store reads it, whatever it holds, and every field in all its columns."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheets_sync import fragments as fragments_room
from sheets_sync.fragments import Fragments, encode, lines
from sheets_sync.table import Table, TypedTable
from sheets_sync.table_schema.model import STORAGE, Field, TableSchema

TEXTS = st.one_of(st.none(), st.text(st.sampled_from('абЁ x"\t\r\n\0,;\x1f'), min_size=1, max_size=6))


def cells(text: bytes) -> list[list[str]]:
    """The lines as the store takes them in."""
    return list(csv.reader(io.StringIO(text.decode(), newline=""), delimiter="\t", doublequote=True, strict=True))


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=5))
def test_a_text_comes_out_as_it_went_in(rows: list[tuple[str | None, str | None]]) -> None:
    field = Field("topic", "Тема")
    columns = [encode(field, column) for column in zip(*rows, strict=True)]
    told = [["" if text is None else text.replace("\0", "") for text in row] for row in rows]
    assert cells(lines(columns, b"b\t")) == [["b", *row] for row in told]


@pytest.mark.parametrize(
    ("field", "values", "expected"),
    [
        (Field("f", "F", "name"), ["Ёлкин О. К.", None], ["Ёлкин О. К.\tелкин о к", "\t"]),
        (Field("f", "F", "organisation"), ["МОУ СОШ № 7", None], ["МОУ СОШ № 7\tсош7", "\t"]),
        (Field("f", "F", "date"), [date(2024, 1, 9), None], ["2024-01-09", ""]),
        (Field("f", "F", "datetime"), [datetime(2024, 1, 9, 8, 5)], ["2024-01-09T08:05:00"]),
        (Field("f", "F", "birth"), [date(2010, 5, 1), 2011, None], ["2010-05-01\t2010", "\t2011", "\t"]),
        (Field("f", "F", "integer"), [7, 8.0, None], ["7", "8", ""]),
        (Field("f", "F", "score"), [7.0, None], ["7.0", ""]),
        (Field("f", "F", "boolean"), [True, False, None], ["true", "false", ""]),
        (Field("f", "F", "consent"), [True, date(2023, 9, 1), None], ["true\t", "true\t2023-09-01", "\t"]),
        (Field("f", "F", "text"), [1, True, 1.0, "1"], ["1", "True", "1.0", "1"]),
        (Field("f", "F", "enum", many=True), [["а", "б"], "в", None, ("г",)], ["а\x1fб", "в", "", "г"]),
        (
            Field("f", "F", "name", many=True),
            [["Ли А.", "Цой Б."], "Ли А.", None],
            ["Ли А.\x1fЦой Б.\tли а\x1fцой б", "Ли А.\tли а", "\t"],
        ),
        (Field("f", "F", "people"), [["Директор"], None], ["Директор\tдиректор", "\t"]),
        (
            Field("f", "F", "deadline"),
            [{"kind": "period", "start": date(2023, 9, 1)}, None],
            ['"{""kind"": ""period"", ""start"": ""2023-09-01""}"\tperiod\t2023-09-01\t', "\t\t\t"],
        ),
    ],
)
def test_values_of_every_kind(field: Field, values: list[object], expected: list[str]) -> None:
    for _ in range(2):  # the second time from memory
        assert [value.decode() for value in encode(field, values)] == expected


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("kind", sorted(STORAGE))
def test_an_empty_cell_takes_all_columns_of_its_field(kind: str, many: bool) -> None:
    if not many or kind in ("text", "enum", "name", "organisation", "people"):
        assert encode(Field("f", "F", kind, many=many), [None]) == [b"\t" * (len(STORAGE[kind]) - 1)]


def test_rows_are_told_by_number_part_and_whether_accepted(tmp_path: Path) -> None:
    """Also where nothing is as usual: several records of a row, rows left out, fields without a column."""
    schema = TableSchema("t", "Т", (Field("a", "А", "name"), Field("b", "Б"), Field("c", "В", "birth")))
    table = Table("t", "Лист", (1,), {}, {}, [], {})
    typed = TypedTable(table, [2, 2, 3, 4], [0, 1, 0, 0], [True, True, False, True], {"b": ["а", "б", None, "г"]})
    with Fragments(tmp_path, "w1") as fragments:
        fragments.write_rows("school-1", "а.xlsx", typed, schema)
    assert cells((tmp_path / "w1-t.tsv").read_bytes()) == [
        ["w1.1", "2", "0", "true", "", "", "а", "", ""],
        ["w1.1", "2", "1", "true", "", "", "б", "", ""],
        ["w1.1", "3", "0", "false", "", "", "", "", ""],
        ["w1.1", "4", "0", "true", "", "", "г", "", ""],
    ]


def test_the_memory_of_spellings_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fragments_room, "SPELLINGS_KEPT", 10)
    values = [f"текст {number}" for number in range(100)]
    assert [value.decode() for value in encode(Field("f", "F"), values)] == values
    assert len(fragments_room._TEXT) <= 10
