"""One sheet as recognition looks at it: its cells by row and by column, what is merged, what it says of itself, and
where in the workbook a cell is."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from sheets_sync.issues import At, column_letter
from sheets_sync.recognise.assign import Sample
from sheets_sync.recognise.blocks import Block, Merges, cell_text, is_column_numbers
from sheets_sync.recognise.contents import sample
from sheets_sync.recognise.context import Speech
from sheets_sync.recognise.headings import HeadingIndex
from sheets_sync.table import Grid, Value
from sheets_sync.text import is_blank

SAMPLED_ROWS = 60  # looked at, from the headings down, to learn what a column holds


class SheetView:
    """A grid with the headings known to its organisation. Nothing of it changes while it is read.

    Rows and columns are offsets into the grid, wherever a name does not say otherwise.
    """

    def __init__(self, grid: Grid, index: HeadingIndex, organisation: str, workbook: str) -> None:
        self.grid, self.index = grid, index
        self.organisation, self.workbook = organisation, workbook
        self.rows: list[list[Value]] = grid.rows
        self.merges = Merges(grid)
        self.speech = Speech(index, grid.sheet, workbook)

    @cached_property
    def turned(self) -> list[list[Value]]:
        """The cells column by column."""
        return self.grid.columns or list(map(list, zip(*self.rows, strict=True)))

    def cells_below(self, row: int) -> Sample:
        """The first cells of a column that hold something, in the rows after this one; each column looked at once.

        A row of column numbers below, or an explanation before these, is none of them.
        """
        samples: dict[int, Sequence[Value]] = {}
        first = row + 1
        for numbers in (first + 1, first):
            if numbers < len(self.rows) and is_column_numbers(list(map(cell_text, self.rows[numbers]))):
                first = numbers + 1
                break

        def cells_below(column: int) -> Sequence[Value]:
            if column not in samples:
                samples[column] = sample([line[column] for line in self.rows[first : row + SAMPLED_ROWS]])
            return samples[column]

        return cells_below

    def letter(self, column: int) -> str:
        """The column as the sheet shows it, «C»."""
        return column_letter(self.grid.first_column + column)

    def address(self, row: int, column: int) -> str:
        """The cell as the sheet shows it, «C7»."""
        return f"{self.letter(column)}{self.grid.first_row + row}"

    def at(self, row: int | None, column: int | None, table: str | None = None, name: str | None = None) -> At:
        """The place an issue is about; without a row the sheet as a whole."""
        return At(
            self.organisation,
            self.workbook,
            self.grid.sheet,
            table,
            None if row is None else self.grid.first_row + row,
            None if column is None else self.letter(column),
            name,
        )

    def at_heading(self, block: Block, column: int, table: str, name: str | None = None) -> At:
        """A heading where it is seen: in the lowest row of its block that says something over the column."""
        row = block.bottom
        while row > block.top and is_blank(self.rows[row][column]):
            row -= 1
        return self.at(row, column, table, name)
