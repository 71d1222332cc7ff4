"""The filled cells of a sheet gathered in reading order, until it ends and its rectangle is known."""

from __future__ import annotations

from sheets_sync.sources.refused import Refused
from sheets_sync.sources.xlsx_scan import MAX_CELLS, Merge
from sheets_sync.table import Grid, Value


class FilledSheet:
    """Rows and cells as they come: positions count on by themselves unless they are told."""

    def __init__(self, name: str, visible: bool) -> None:
        self.name, self.visible = name, visible
        # (row, how often, cells), a cell being (column, how often, value)
        self._rows: list[tuple[int, int, list[tuple[int, int, Value]]]] = []
        self._row, self._times, self._column = 1, 0, 1
        self._cells: list[tuple[int, int, Value]] = []
        self._merges: list[Merge] = []
        self._hidden: list[tuple[int, int]] = []

    def start_row(self, times: int = 1, hidden: bool = False, number: int = 0) -> None:
        """Begin a row that stands ``times`` times; ``number`` if it says which one it is."""
        self._row = max(self._row, number)
        self._times, self._column, self._cells = times, 1, []
        if hidden:
            self._hidden.append((self._row, self._row + times))

    def end_row(self) -> None:
        if self._cells:
            self._rows.append((self._row, self._times, self._cells))
        self._row += self._times

    def skip_to(self, column: int) -> None:
        """The next cell says which column it is in."""
        self._column = max(self._column, column)

    def merge(self, rows: int, columns: int) -> None:
        """The next cell spans so many rows and columns."""
        if rows > 1 or columns > 1:
            self._merges.append((self._row, self._column, self._row + rows - 1, self._column + columns - 1))

    def cell(self, value: Value, times: int = 1) -> None:
        if value != "":
            self._cells.append((self._column, times, value))
        self._column += times

    def grid(self) -> Grid:
        """The rectangle of filled cells. Raises Refused if it is vast."""
        if not self._rows:
            return Grid(self.name, [], visible=self.visible)
        top = self._rows[0][0]
        bottom = self._rows[-1][0] + self._rows[-1][1] - 1
        left = min(cells[0][0] for _, _, cells in self._rows)
        right = max(cells[-1][0] + cells[-1][1] - 1 for _, _, cells in self._rows)
        width, height = right - left + 1, bottom - top + 1
        if width * height > MAX_CELLS:
            raise Refused("file-too-large", "cells", rows=str(bottom), columns=str(right))
        rows: list[list[Value]] = []
        for number, times, cells in self._rows:
            rows.extend([""] * width for _ in range(number - top - len(rows)))
            row: list[Value] = [""] * width
            for column, repeated, value in cells:
                if repeated == 1:
                    row[column - left] = value
                else:
                    row[column - left : column - left + repeated] = [value] * repeated
            rows.append(row)
            rows.extend(row.copy() for _ in range(times - 1))
        hidden = frozenset(row for first, end in self._hidden for row in range(max(first, top), min(end, bottom + 1)))
        return Grid(self.name, rows, top, left, self.visible, hidden, tuple(self._merges))
