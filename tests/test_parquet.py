"""Files of columns: read by DuckDB as they were written."""

from __future__ import annotations

import struct
from pathlib import Path

import duckdb
import pytest

from sheets_sync.parquet import BIGINT, DATE, DOUBLE, INTEGER, TEXT, TIMESTAMP, Chunk, Kind, ParquetWriter


def texts(*values: str) -> bytes:
    return b"".join(len(value.encode()).to_bytes(4, "little") + value.encode() for value in values)


def numbers(*values: int) -> bytes:
    return struct.pack(f"<{len(values)}H", *values)


def read(path: Path) -> list[tuple[object, ...]]:
    with duckdb.connect() as connection:
        return connection.execute(f"SELECT * FROM read_parquet('{path}')").fetchall()


@pytest.mark.parametrize("rows", [1, 7, 8, 9, 2_049, 40_000])
def test_every_row_has_its_value(tmp_path: Path, rows: int) -> None:
    """In groups of any size, whether or not it is a multiple of what is packed together."""
    values = [f"значение {number}" for number in range(300)]
    with ParquetWriter(tmp_path / "t.parquet", [("a", TEXT), ("b", TEXT)]) as file:
        for _ in range(2):
            told = numbers(*(row % 300 for row in range(rows)))
            file.write(rows, [Chunk(texts(*values), 300, told), Chunk(texts("то же"), 1)])
    assert read(tmp_path / "t.parquet") == [(values[row % 300], "то же") for row in range(rows)] * 2


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (TEXT, texts("ё\tї\n"), "'ё\tї\n'"),
        (TEXT, texts(""), "''"),
        (INTEGER, struct.pack("<i", -7), "-7"),
        (BIGINT, struct.pack("<q", -(2**63)), "-9223372036854775808"),
        (DOUBLE, struct.pack("<d", 0.1), "0.1::DOUBLE"),
        (DOUBLE, struct.pack("<d", float("nan")), "'nan'::DOUBLE"),
        (DATE, struct.pack("<i", 19_000), "DATE '2022-01-08'"),
        (DATE, struct.pack("<i", 1 - 2**31), "'-infinity'::DATE"),
        (TIMESTAMP, struct.pack("<q", 1_700_000_000_000_001), "TIMESTAMP '2023-11-14 22:13:20.000001'"),
        (TIMESTAMP, struct.pack("<q", 1 - 2**63), "'-infinity'::TIMESTAMP"),
    ],
)
def test_values_are_what_they_are_in_sql(tmp_path: Path, kind: Kind, value: bytes, expected: str) -> None:
    path = tmp_path / "t.parquet"
    with ParquetWriter(path, [("a", kind)]) as file:
        file.write(1, [Chunk(value, 1, numbers(0))])
    with duckdb.connect() as connection:
        query = f"SELECT a = {expected}, typeof(a) = typeof({expected}) OR {kind in (INTEGER, BIGINT)} "
        assert connection.execute(f"{query} FROM read_parquet('{path}')").fetchall() == [(True, True)]


def test_a_file_may_have_many_columns_and_no_rows(tmp_path: Path) -> None:
    columns = [(f"колонка {number}", INTEGER) for number in range(200)]
    with ParquetWriter(tmp_path / "none.parquet", columns):
        pass
    assert read(tmp_path / "none.parquet") == []
    with ParquetWriter(tmp_path / "one.parquet", columns) as file:
        file.write(1, [Chunk(struct.pack("<i", number), 1) for number in range(200)])
    assert read(tmp_path / "one.parquet") == [tuple(range(200))]


def test_a_file_that_was_not_finished_is_none(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    with pytest.raises(ValueError, match="argument 2 is"), ParquetWriter(path, [("a", INTEGER)]) as file:
        file.write(1, [Chunk(struct.pack("<i", 7), 1), Chunk(b"", 0)])
    with pytest.raises(duckdb.Error):
        read(path)
