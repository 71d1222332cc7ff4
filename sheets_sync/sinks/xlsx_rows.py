"""Rows of a sheet, put together from columns of cells: numbered, or by themselves and fit for any place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat

from sheets_sync.issues import column_letter

ROW = b"\0"  # stands for a row's number until that is known: no cell can hold it, since XML forbids it


def row_xml(row: int, style: bytes, cell: bytes, height: float) -> bytes:
    """A row of a single cell, the first; see :func:`rows_xml`."""
    return b'<row r="%d" ht="%b"><c r="A%d"%b%b</row>' % (row, f"{height:g}".encode(), row, style, cell)


def rows_xml(
    first_row: int,
    columns: Sequence[tuple[bytes | Sequence[bytes], Sequence[bytes]]],
    heights: Sequence[float] | None = None,
) -> bytes:
    """Rows from columns of cells: for each its style attribute (one, or one per row) and the cells behind it.

    A style attribute reads `` s="3"``; all columns are equally long. ``heights`` are in points, 0 meaning one line;
    they are not fixed: Excel fits the row again when its text changes.
    """
    letters = [column_letter(position).encode() for position in range(1, len(columns) + 1)]
    # A row is put together with marks where its number belongs, in UTF-8 from the start: nothing is made for a cell but
    # the cell itself.
    begins = [b'<c r="%b%b"' % (letter, ROW) for letter in letters]
    rows = _row_by_row(b'<row r="%b"' % ROW, begins, columns, heights)
    numbers = map(str.encode, map(str, range(first_row, first_row + _height_of(columns))))
    return b"".join(map(bytes.replace, rows, repeat(ROW), numbers))


def placeless_rows(
    columns: Sequence[tuple[bytes | Sequence[bytes], Sequence[bytes]]], heights: Sequence[float] | None = None
) -> list[bytes]:
    """The same, each row by itself and wherever it will stand: a row without a number follows the one before, a cell
    without an address the one before it (ECMA-376 part 1, §18.3.1.73 and §18.3.1.4)."""
    return list(_row_by_row(b"<row", [b"<c"] * len(columns), columns, heights))


def _row_by_row(
    row_begin: bytes,
    cell_begins: Sequence[bytes],
    columns: Sequence[tuple[bytes | Sequence[bytes], Sequence[bytes]]],
    heights: Sequence[float] | None,
) -> Iterator[bytes]:
    count = _height_of(columns)
    parts: list[Iterable[bytes]] = [repeat(row_begin + b">", count)]
    if heights is not None:
        opened = {height: f' ht="{height:g}">' if height else ">" for height in set(heights)}
        begins = {height: row_begin + end.encode() for height, end in opened.items()}
        parts = [map(begins.__getitem__, heights)]
    for begin, (style, cells) in zip(cell_begins, columns, strict=True):
        if isinstance(style, bytes):
            parts.append(repeat(begin + style, count))
        else:
            heads = {one: begin + one for one in set(style)}
            parts.append(map(heads.__getitem__, style))
        parts.append(cells)
    parts.append(repeat(b"</row>", count))
    return map(b"".join, zip(*parts, strict=True))


def _height_of(columns: Sequence[tuple[bytes | Sequence[bytes], Sequence[bytes]]]) -> int:
    return len(columns[0][1]) if columns else 0
