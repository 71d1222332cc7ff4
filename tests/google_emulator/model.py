"""A spreadsheet as Google keeps it: cells that are never changed in place, so that a copy is cheap.

`batchUpdate` works on a copy and puts it in place of the original only when every request was fine.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from .a1 import Area, Box, JsonObject, from_grid_range, parse_cells, quoted, split_title
from .errors import invalid

ERROR_TEXTS = {
    "ERROR": "#ERROR!",
    "NULL_VALUE": "#NULL!",
    "DIVIDE_BY_ZERO": "#DIV/0!",
    "VALUE": "#VALUE!",
    "REF": "#REF!",
    "NAME": "#NAME?",
    "NUM": "#NUM!",
    "N_A": "#N/A",
    "LOADING": "Loading...",
}


@dataclass(frozen=True, slots=True)
class CellError:
    """An error in a cell, by Google's name of its kind."""

    kind: str
    message: str = ""

    @property
    def text(self) -> str:
        return ERROR_TEXTS[self.kind]


Value = bool | int | float | str | CellError


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula as typed, `=` included; `seeded` is the value it came with from a file, which is then kept."""

    text: str
    seeded: Value | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    entered: Value | Formula | None = None
    format: JsonObject | None = None
    note: str | None = None
    runs: list[JsonObject] | None = None
    validation: JsonObject | None = None

    @property
    def blank(self) -> bool:
        return self == EMPTY

    @property
    def number_format(self) -> dict[str, str] | None:
        return self.format.get("numberFormat") if self.format else None


EMPTY = Cell()
_LISTS = ("merges", "row_groups", "column_groups", "protected", "conditional", "banded", "filter_views", "charts")
_DICTS = ("properties", "grid", "row_properties", "column_properties")


@dataclass
class Sheet:
    id: int
    title: str
    rows: int = 1000
    columns: int = 26
    type: str = "GRID"
    properties: JsonObject = field(default_factory=dict)  # hidden, tabColor, rightToLeft …
    grid: JsonObject = field(default_factory=dict)  # frozenRowCount, hideGridlines …
    cells: dict[int, dict[int, Cell]] = field(default_factory=dict)
    merges: list[Area] = field(default_factory=list)
    row_properties: dict[int, JsonObject] = field(default_factory=dict)
    column_properties: dict[int, JsonObject] = field(default_factory=dict)
    row_groups: list[JsonObject] = field(default_factory=list)
    column_groups: list[JsonObject] = field(default_factory=list)
    protected: list[JsonObject] = field(default_factory=list)
    conditional: list[JsonObject] = field(default_factory=list)
    banded: list[JsonObject] = field(default_factory=list)
    filter_views: list[JsonObject] = field(default_factory=list)
    charts: list[JsonObject] = field(default_factory=list)
    basic_filter: JsonObject | None = None

    def copy(self) -> "Sheet":
        """Another sheet that may be changed without this one noticing."""
        new = replace(self)
        for name in _LISTS:
            setattr(new, name, list(getattr(self, name)))
        for name in _DICTS:
            setattr(new, name, dict(getattr(self, name)))
        new.cells = {row: dict(found) for row, found in self.cells.items()}
        return new

    @property
    def all(self) -> Area:
        return Area(0, self.rows, 0, self.columns)

    def area(self, box: Box) -> Area:
        return box.within(self.rows, self.columns)

    def cell(self, row: int, column: int) -> Cell:
        return self.cells.get(row, {}).get(column, EMPTY)

    def put(self, row: int, column: int, cell: Cell) -> None:
        if cell.blank:
            found = self.cells.get(row)
            if found is not None:
                found.pop(column, None)
                if not found:
                    del self.cells[row]
        else:
            self.cells.setdefault(row, {})[column] = cell

    def inside(self, area: Area) -> Iterator[tuple[int, int, Cell]]:
        """The cells of an area that hold anything, by rows."""
        for row in sorted(r for r in self.cells if area.top <= r < area.bottom):
            for column in sorted(c for c in self.cells[row] if area.left <= c < area.right):
                yield row, column, self.cells[row][column]

    def groups(self, rows: bool) -> list[JsonObject]:
        return self.row_groups if rows else self.column_groups

    def size(self, rows: bool) -> int:
        return self.rows if rows else self.columns


@dataclass
class Spreadsheet:
    id: str
    title: str
    locale: str = "en_US"
    time_zone: str = "Etc/GMT"
    recalculation: str = "ON_CHANGE"
    properties: JsonObject = field(default_factory=dict)  # other than the above
    sheets: list[Sheet] = field(default_factory=list)
    named_ranges: list[JsonObject] = field(default_factory=list)
    metadata: list[JsonObject] = field(default_factory=list)
    last_id: int = 0  # of ids handed out in here

    def copy(self) -> "Spreadsheet":
        return replace(
            self,
            properties=dict(self.properties),
            sheets=[sheet.copy() for sheet in self.sheets],
            named_ranges=list(self.named_ranges),
            metadata=list(self.metadata),
        )

    def sheet(self, sheet_id: int) -> Sheet:
        for sheet in self.sheets:
            if sheet.id == sheet_id:
                return sheet
        raise invalid(f"No grid with id: {sheet_id}")

    def titled(self, title: str) -> Sheet | None:
        """A sheet by its title; letter case makes no difference."""
        exact = next((s for s in self.sheets if s.title == title), None)
        return exact or next((s for s in self.sheets if s.title.casefold() == title.casefold()), None)

    def new_id(self) -> int:
        """An id nothing in here has: large and scattered, as Google's are, but the same in every run."""
        taken = {s.id for s in self.sheets} | {m.get("metadataId") for m in self.metadata}
        taken |= {p.get("protectedRangeId") for s in self.sheets for p in s.protected}
        while True:
            self.last_id += 1
            found = (self.last_id * 1_103_515_245 + 12_345) % 2_147_483_647
            if found not in taken:
                return found

    def find(self, text: str) -> tuple[Sheet, Box]:
        """The sheet and rectangle of a range as A1 notation, a title, or the name of a named range."""
        title, rest = split_title(text)
        if title is None:
            box = parse_cells(rest)
            if box is not None:
                return self.sheets[0], box
            sheet = self.titled(rest)
            return (sheet, Box(0, None, 0, None)) if sheet else self._named(rest, text)
        box = parse_cells(rest)
        if title == "" and box is not None:
            return self.sheets[0], box
        sheet = self.titled(title)
        if sheet is None:
            sheet, rest = self.titled(text), ""  # a bare title may hold an exclamation mark
        if sheet is None:
            raise invalid(f"Unable to parse range: {text}")
        if not rest:
            return sheet, Box(0, None, 0, None)
        return (sheet, box) if box is not None else self._named(rest, text)

    def _named(self, name: str, text: str) -> tuple[Sheet, Box]:
        for named in self.named_ranges:
            if named["name"].casefold() == name.casefold():
                return self.sheet(named["range"].get("sheetId", 0)), from_grid_range(named["range"])
        raise invalid(f"Unable to parse range: {text}")

    def reaching(self, sheet: Sheet, box: Box) -> Area:
        """The area of a box inside its sheet; refused when it begins beyond the grid."""
        if box.top >= sheet.rows or box.left >= sheet.columns:
            raise invalid(
                f"Range ({quoted(sheet.title)}!{_open_a1(box)}) exceeds grid limits. "
                f"Max rows: {sheet.rows}, max columns: {sheet.columns}"
            )
        return sheet.area(box)


def _open_a1(box: Box) -> str:
    from .a1 import in_a1, letters

    if box.bottom is not None and box.right is not None:
        return in_a1(Area(box.top, box.bottom, box.left, box.right))
    return f"{letters(box.left)}{box.top + 1}"


def new_spreadsheet(id_: str, title: str, locale: str = "en_US", time_zone: str = "Etc/GMT") -> Spreadsheet:
    """A new file's spreadsheet: one sheet of 1000 × 26 with the id 0."""
    from .locales import locale_of

    first = Sheet(0, locale_of(locale).sheet + "1")
    return Spreadsheet(id_, title, locale=locale, time_zone=time_zone, sheets=[first])


def plain(value: Any) -> Any:
    """3.0 as 3, as Google's JSON has it."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return int(value)
    return value
