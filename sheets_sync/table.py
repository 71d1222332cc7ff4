"""Grid: the raw cells of one sheet. Table: the records found in it. Both remember where every cell stands.

Rows and columns are 1-based and are the numbers the person sees, hidden rows included.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Union

from sheets_sync.issues import Issue, column_letter


class CellError(str):
    """What Excel shows instead of a value: ``#REF!``, ``#N/A``; :data:`UNCALCULATED` for a formula never calculated."""

    __slots__ = ()


UNCALCULATED = CellError("#UNCALCULATED")
LISTS_SHEET = "Списки"  # hidden sheet of our blank workbooks: the values of their drop-downs
EXAMPLE_MARK = "Пример"  # in the column of running numbers: the row shows how to fill the table in and is no record


class Shown(float):
    """A number whose format shows the person something else: 0.85 as «85 %», 7 as «007», a 17-digit number in full."""

    text: str
    __slots__ = ("text",)

    def __new__(cls, number: float, text: str) -> Shown:
        shown = super().__new__(cls, number)
        shown.text = text
        return shown

    def __eq__(self, other: object) -> bool:
        return type(other) is Shown and float(self) == float(other) and self.text == other.text

    def __hash__(self) -> int:
        return hash((float(self), self.text))

    def __reduce__(self) -> tuple[type[Shown], tuple[float, str]]:
        return (Shown, (float(self), self.text))


# What a cell may hold. "" is an empty cell; a logical value is the text a Russian Excel shows, «ИСТИНА» or «ЛОЖЬ»,
# so that True, 1 and 1.0 (equal and hashing alike in Python) can never be taken for one another.
Value = Union[str, float, date, datetime, time, timedelta]


@dataclass(slots=True)
class Grid:
    """Raw cells of one sheet: ``rows[i][j]`` stands in sheet row ``first_row + i``, column ``first_column + j``.

    Rows are all as long as the longest. ``merges`` are (first_row, first_column, last_row, last_column), inclusive,
    1-based; only the top-left cell of a merge holds its value. ``columns`` are the same cells column by column, where
    the source has them at hand: whoever changes ``rows`` leaves them out.
    """

    sheet: str
    rows: list[list[Value]]
    first_row: int = 1
    first_column: int = 1
    visible: bool = True
    hidden_rows: frozenset[int] = frozenset()
    merges: tuple[tuple[int, int, int, int], ...] = ()
    columns: list[list[Value]] | None = field(default=None, compare=False, repr=False)

    @property
    def width(self) -> int:
        return len(self.rows[0]) if self.rows else 0

    @property
    def last_row(self) -> int:
        return self.first_row + len(self.rows) - 1

    def value(self, row: int, column: int) -> Value:
        """Value at a 1-based sheet position; "" outside the grid."""
        i, j = row - self.first_row, column - self.first_column
        if 0 <= i < len(self.rows) and 0 <= j < len(self.rows[i]):
            return self.rows[i][j]
        return ""


@dataclass(slots=True)
class Table:
    """Records found in a sheet, still as typed, column by column.

    ``values[f][k]`` is the raw cell of field f in record k, whose sheet row is ``row_numbers[k]``. A field split over
    several columns (Фамилия | Имя | Отчество) arrives joined by single spaces; a record split over two rows arrives
    joined by newlines under its first row.
    """

    name: str  # canonical table name: «pairs»
    sheet: str
    header_rows: tuple[int, ...]  # all rows of the heading block, ascending
    columns: dict[str, tuple[int, ...]]  # field → sheet columns, more than one when split
    headings: dict[str, str]  # field → heading as typed (rows of a merged heading joined by a space)
    row_numbers: list[int]
    values: dict[str, list[Value]]  # field → raw cells, as long as row_numbers
    # field → which part of a glued cell it is: number | date | start | end | pair
    parts: dict[str, str] = field(default_factory=dict)
    # Fields that stand in one cell of their own, «B3»: all of a transposed card (``columns`` is then empty), what is
    # told once above a table («Наставник: Иванова О.К.»; ``values`` repeats it for every record), criteria kept in
    # rows.
    cells: dict[str, str] = field(default_factory=dict)
    # field → code told by the sheet or file name (stage, role, scope)
    constants: dict[str, str] = field(default_factory=dict)
    ignored: dict[int, str] = field(default_factory=dict)  # sheet column → heading kept and ignored
    # (row, blank | section | total | repeated-header | column-numbers | continuation | placeholder | example)
    non_data: list[tuple[int, str]] = field(default_factory=list)
    title: str = ""  # the lines of text above the heading, joined by newlines
    score: float = 0.0
    why: str = ""  # how the choice was made, one line, for `check -v`
    # field → how its heading was understood (config | exact | words | near | contents | split), how surely (0–1), and
    # the known heading where the typed one is a misspelling of it
    how: dict[str, tuple[str, float, str]] = field(default_factory=dict)

    @property
    def header_row(self) -> int:
        """The last row of the heading block."""
        return self.header_rows[-1]

    @property
    def is_card(self) -> bool:
        """Is it a transposed card: one record, field names down the first column?"""
        return bool(self.cells) and not self.columns

    def letters(self) -> dict[str, str | list[str]]:
        """``columns`` of the JSON contract: field → letter, letters when split, or the cell in a transposed card."""
        if self.is_card:
            return dict(self.cells)
        return {
            name: column_letter(columns[0]) if len(columns) == 1 else [column_letter(c) for c in columns]
            for name, columns in self.columns.items()
        }

    def letter(self, name: str) -> str | None:
        """Letter of a field's (first) column, None when the table has no such column."""
        if name in self.cells:
            return self.cells[name].rstrip("0123456789")
        columns = self.columns.get(name)
        return column_letter(columns[0]) if columns else None


@dataclass(slots=True)
class TypedTable:
    """A table after its cells were read: typed values by column, each record's row and whether it is accepted.

    Several people in one cell have become several records with the same row, told apart by ``part`` (0, 1, …).
    """

    table: Table
    row_numbers: list[int]
    part: list[int]
    accepted: list[bool]
    values: dict[str, list[object]]  # every field of the schema that has a column, a constant or a derivation

    @property
    def rows_read(self) -> int:
        return len(self.row_numbers)

    @property
    def rows_accepted(self) -> int:
        return sum(self.accepted)


@dataclass(slots=True)
class Workbook:
    """The grids of one file and what was noticed while opening it."""

    path: str
    grids: list[Grid]
    issues: list[Issue] = field(default_factory=list)


def display(value: Value) -> str:
    """What the person sees in the cell: «14.11.2024», «7», «85 %»."""
    if type(value) is str or isinstance(value, CellError):
        return value
    if type(value) is Shown:
        return value.text
    if type(value) is float:
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value).replace(".", ",")
    if isinstance(value, datetime):
        midnight = (value.hour, value.minute, value.second) == (0, 0, 0)
        return value.strftime("%d.%m.%Y" if midnight else "%d.%m.%Y %H:%M:%S")
    if isinstance(value, date):
        return value.strftime("%d.%m.%Y")
    if isinstance(value, time):
        return value.strftime("%H:%M:%S")
    return str(value)


def grid_of(sheet: str, rows: Sequence[Sequence[Value]], **more: object) -> Grid:
    """A rectangular grid from ragged rows, None or missing cells being empty: for tests and small sources."""
    width = max((len(row) for row in rows), default=0)
    full = [[("" if cell is None else cell) for cell in row] + [""] * (width - len(row)) for row in rows]
    return Grid(sheet, full, **more)  # type: ignore[arg-type]


def record(table: TypedTable, index: int) -> Mapping[str, object]:
    """One record as a mapping field → typed value."""
    return {name: column[index] for name, column in table.values.items()}
