"""One change of one spreadsheet by one account, made on a copy; everything that writes goes through here."""

from dataclasses import replace
from typing import Any

from .a1 import Area, JsonObject, from_grid_range
from .answers import may_edit
from .errors import invalid
from .formulas import Evaluator
from .locales import locale_of, understand
from .model import Formula, Sheet, Spreadsheet, Value

MOST_CHARACTERS = 50_000
MOST_CELLS = 10_000_000


class Edit:
    def __init__(self, spreadsheet: Spreadsheet, account: str, owner: str, now: float | None = None) -> None:
        self.spreadsheet = spreadsheet.copy()
        self.account = account
        self.owner = owner
        self.now = now
        self.touched: set[tuple[int, int, int]] = set()  # sheet, row, column of values written

    def values(self) -> Evaluator:
        return Evaluator(self.spreadsheet, self.now)

    def sheet(self, grid_range: JsonObject) -> Sheet:
        return self.spreadsheet.sheet(grid_range.get("sheetId", 0))

    def place(self, grid_range: JsonObject) -> tuple[Sheet, Area]:
        """The sheet and area of a GridRange that is about to be changed."""
        sheet = self.sheet(grid_range)
        area = self.spreadsheet.reaching(sheet, from_grid_range(grid_range))
        self.guard(sheet, area)
        return sheet, area

    def guard(self, sheet: Sheet, area: Area) -> None:
        """Refuse to touch what somebody else protected."""
        for protected in sheet.protected:
            if protected.get("warningOnly") or self.account == self.owner or may_edit(protected, self.account):
                continue
            if not sheet.area(from_grid_range(protected.get("range", {}))).overlaps(area):
                continue
            free = [sheet.area(from_grid_range(r)) for r in protected.get("unprotectedRanges", [])]
            if not any(hole.covers(area) for hole in free):
                raise invalid(
                    "You are trying to edit a protected cell or object. "
                    "Please contact the spreadsheet owner to remove protection if you need to edit."
                )

    def guard_shape(self, sheet: Sheet) -> None:
        """Refuse to rename, resize or rearrange a sheet that somebody else protected as a whole."""
        if any(sheet.area(from_grid_range(p.get("range", {}))).covers(sheet.all) for p in sheet.protected):
            self.guard(sheet, sheet.all)

    def enter(self, sheet: Sheet, row: int, column: int, value: Value | Formula | None, **changes: Any) -> None:
        """Put a value into a cell; in a merged block only its first cell keeps one."""
        if value == "" or self.swallowed(sheet, row, column):
            value = None
        if isinstance(value, str) and len(value) > MOST_CHARACTERS:
            raise invalid("Your input contains more than the maximum of 50000 characters in a single cell.")
        sheet.put(row, column, replace(sheet.cell(row, column), entered=value, runs=None, **changes))

    @staticmethod
    def swallowed(sheet: Sheet, row: int, column: int) -> bool:
        return any(
            m.top <= row < m.bottom and m.left <= column < m.right and (row, column) != (m.top, m.left)
            for m in sheet.merges
        )

    def type_in(self, sheet: Sheet, row: int, column: int, text: Any) -> None:
        """A value as if a person had typed it (USER_ENTERED)."""
        if not isinstance(text, str):
            self.enter(sheet, row, column, text)
            return
        cell = sheet.cell(row, column)
        number_format = cell.number_format or {}
        if text.startswith("=") and len(text) > 1:
            self.enter(sheet, row, column, Formula(text))
            return
        if number_format.get("type") == "TEXT":
            self.enter(sheet, row, column, text)
            return
        typed = understand(text, locale_of(self.spreadsheet.locale))
        if isinstance(typed.value, str) and text.startswith("+") and len(text) > 1:
            self.enter(sheet, row, column, Formula("=" + text))
            return
        changes = {}
        if typed.format and not number_format:
            changes["format"] = {**(cell.format or {}), "numberFormat": typed.format}
        self.enter(sheet, row, column, typed.value, **changes)

    def room(self, more: int = 0) -> None:
        if sum(s.rows * s.columns for s in self.spreadsheet.sheets) + more > MOST_CELLS:
            raise invalid(
                "This action would increase the number of cells in the workbook above the limit of 10000000 cells."
            )
