"""Columns as an Apache Parquet file: what DuckDB takes in at a tenth of the cost of text.

Only as much of the format as the store needs: plain columns without nested values, every value by its number in a
dictionary, nothing compressed, no null but what the caller lets stand for it.
https://parquet.apache.org/docs/file-format/
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

NUMBER = 2  # bytes of a value's number, the first byte being the lowest
DICTIONARY = 1 << 8 * NUMBER  # values one dictionary may hold

_MAGIC = b"PAR1"
_PLAIN, _RLE, _RLE_DICTIONARY = 0, 3, 8  # encodings
_DATA_PAGE, _DICTIONARY_PAGE = 0, 2
_REQUIRED = 0  # never null
_UNCOMPRESSED = 0


class Kind(NamedTuple):
    """What the values of a column are: how they lie in the file, and what that means."""

    physical: int
    meaning: int | None = None


INTEGER = Kind(1)  # four bytes, the lowest first
BIGINT = Kind(2)  # eight bytes
DOUBLE = Kind(5)
TEXT = Kind(6, 0)  # its length in four bytes, then UTF-8
DATE = Kind(1, 6)  # days since 1970-01-01, four bytes
TIMESTAMP = Kind(2, 10)  # microseconds since then, eight bytes


class Chunk(NamedTuple):
    """One column of a group of rows: its ``values`` in their bytes one after another, ``distinct`` of them, and each
    row's number of its value; no numbers: all rows have the first."""

    values: bytes
    distinct: int
    numbers: bytes = b""


class ParquetWriter:
    """A file of these columns (name → kind), written group of rows by group of rows. Raises OSError."""

    def __init__(self, path: Path, columns: Sequence[tuple[str, Kind]]) -> None:
        self._columns = [(name.encode(), kind) for name, kind in columns]
        self._groups: list[bytes] = []
        self._rows = 0
        self._file = path.open("wb")
        self._place = self._file.write(_MAGIC)

    def write(self, rows: int, chunks: Iterable[Chunk]) -> None:
        """Add a group of so many rows, a chunk for each column."""
        begun = self._place
        written = [
            self._write_chunk(name, kind, rows, chunk)
            for (name, kind), chunk in zip(self._columns, chunks, strict=True)
        ]
        self._groups.append(_struct(_list(1, _STRUCT, written), _i64(2, self._place - begun), _i64(3, rows)))
        self._rows += rows

    def _write_chunk(self, name: bytes, kind: Kind, rows: int, chunk: Chunk) -> bytes:
        begun = self._place
        about = _struct(_i32(1, chunk.distinct), _i32(2, _PLAIN))
        self._write_page(_DICTIONARY_PAGE, (7, _STRUCT, about), chunk.values)
        data = self._place
        about = _struct(_i32(1, rows), _i32(2, _RLE_DICTIONARY), _i32(3, _RLE), _i32(4, _RLE))
        self._write_page(_DATA_PAGE, (5, _STRUCT, about), _numbers(rows, chunk.numbers))
        size = self._place - begun
        encodings = [_zigzag(_PLAIN), _zigzag(_RLE), _zigzag(_RLE_DICTIONARY)]
        meta = _struct(
            _i32(1, kind.physical),
            _list(2, _I32, encodings),
            _list(3, _BINARY, [_binary(name)]),
            _i32(4, _UNCOMPRESSED),
            _i64(5, rows),
            _i64(6, size),
            _i64(7, size),
            _i64(9, data),
            _i64(11, begun),
        )
        return _struct(_i64(2, begun), (3, _STRUCT, meta))

    def _write_page(self, kind: int, about: _Member, content: bytes) -> None:
        header = _struct(_i32(1, kind), _i32(2, len(content)), _i32(3, len(content)), about)
        self._place += self._file.write(header) + self._file.write(content)

    def close(self) -> None:
        """Write what tells a reader where everything stands; without it the file is none."""
        schema = [_struct((4, _BINARY, _binary(b"rows")), _i32(5, len(self._columns)))]
        for name, kind in self._columns:
            members = [_i32(1, kind.physical), _i32(3, _REQUIRED), (4, _BINARY, _binary(name))]
            if kind.meaning is not None:
                members.append(_i32(6, kind.meaning))
            schema.append(_struct(*members))
        about = _struct(_i32(1, 1), _list(2, _STRUCT, schema), _i64(3, self._rows), _list(4, _STRUCT, self._groups))
        with self._file:
            self._file.write(about + len(about).to_bytes(4, "little") + _MAGIC)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            self._file.close()


def _numbers(rows: int, numbers: bytes) -> bytes:
    """Numbers of values as a page has them: one run, of eight numbers at a time or of the same number."""
    width = bytes([8 * NUMBER])
    if not numbers:
        return width + _varint(rows << 1) + bytes(NUMBER)
    eights = -(-rows // 8)
    return width + _varint(eights << 1 | 1) + numbers.ljust(eights * 8 * NUMBER, b"\0")


# What describes pages, groups and columns is spelled in Apache Thrift's compact protocol: a structure is its members in
# the order of their ids, each the distance from the id before it and its type in one byte, then its value; then a zero.
# https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md

_Member = tuple[int, int, bytes]  # id, type, value as spelled
_I32, _I64, _BINARY, _LIST, _STRUCT = 5, 6, 8, 9, 12


def _varint(number: int) -> bytes:
    spelled = bytearray()
    while number > 0x7F:
        spelled.append(number & 0x7F | 0x80)
        number >>= 7
    spelled.append(number)
    return bytes(spelled)


def _zigzag(number: int) -> bytes:
    """A number that is not negative, as of those that may be."""
    return _varint(number << 1)


def _i32(member: int, number: int) -> _Member:
    return member, _I32, _zigzag(number)


def _i64(member: int, number: int) -> _Member:
    return member, _I64, _zigzag(number)


def _binary(text: bytes) -> bytes:
    return _varint(len(text)) + text


def _list(member: int, kind: int, items: Sequence[bytes]) -> _Member:
    count = len(items)
    head = bytes([count << 4 | kind]) if count < 15 else bytes([0xF0 | kind]) + _varint(count)
    return member, _LIST, head + b"".join(items)


def _struct(*members: _Member) -> bytes:
    spelled: list[bytes] = []
    before = 0
    for member, kind, value in members:
        spelled += bytes([(member - before) << 4 | kind]), value
        before = member
    return b"".join(spelled) + b"\0"
