"""`spreadsheets.values.*`: ragged rows of plain values."""

from collections.abc import Sequence
from typing import Any

from .a1 import Area, JsonObject, always_quoted, in_a1, letters, quoted
from .answers import shown_text
from .editing import Edit
from .errors import invalid, violation
from .formulas import Evaluator
from .model import CellError, Formula, Sheet, Spreadsheet, plain

MOMENTS = ("DATE", "TIME", "DATE_TIME")


def name_of(sheet: Sheet, area: Area) -> str:
    return f"{quoted(sheet.title)}!{in_a1(area)}"


class Reader:
    """Reads values of one spreadsheet in one rendering."""

    def __init__(self, spreadsheet: Spreadsheet, query: JsonObject, now: float | None = None) -> None:
        self.spreadsheet = spreadsheet
        self.render = query.get("valueRenderOption") or "FORMATTED_VALUE"
        self.moments = query.get("dateTimeRenderOption") or "SERIAL_NUMBER"
        self.dimension = query.get("majorDimension") or "ROWS"
        if self.dimension == "DIMENSION_UNSPECIFIED":
            self.dimension = "ROWS"
        self.values = Evaluator(spreadsheet, now)

    def range(self, text: str) -> JsonObject:
        """A ValueRange of what a text in A1 notation names."""
        sheet, box = self.spreadsheet.find(text)
        return self.area(sheet, self.spreadsheet.reaching(sheet, box))

    def area(self, sheet: Sheet, area: Area) -> JsonObject:
        found: JsonObject = {"range": name_of(sheet, area), "majorDimension": self.dimension}
        lines: dict[int, dict[int, Any]] = {}
        for row, column, _ in sheet.inside(area):
            value = self.one(sheet, row, column)
            if value is not None:
                line, at = (row - area.top, column - area.left)
                if self.dimension == "COLUMNS":
                    line, at = at, line
                lines.setdefault(line, {})[at] = value
        if lines:
            found["values"] = [
                [lines.get(line, {}).get(at, "") for at in range(max(lines.get(line, {-1: ""})) + 1)]
                for line in range(max(lines) + 1)
            ]
        return found

    def one(self, sheet: Sheet, row: int, column: int) -> Any:
        cell = sheet.cell(row, column)
        if self.render == "FORMULA" and isinstance(cell.entered, Formula):
            return cell.entered.text
        value = self.values.value(sheet, row, column)
        if value is None:
            return None
        if self.render == "FORMATTED_VALUE" or isinstance(value, CellError):
            return shown_text(self.spreadsheet, cell, value)
        kind = (cell.number_format or {}).get("type")
        if self.moments == "FORMATTED_STRING" and kind in MOMENTS and not isinstance(value, bool | str):
            return shown_text(self.spreadsheet, cell, value)
        return plain(value)


def check_values(values: Any, field: str) -> list[list[Any]]:
    """Rows of plain values, or Google's words about what is none."""
    kind = "type.googleapis.com/google.protobuf.ListValue"
    if values is None:
        return []
    if not isinstance(values, list):
        raise violation(field, f"Invalid value at '{field}' ({kind}), {_brief(values)}")
    for i, row in enumerate(values):
        if not isinstance(row, list):
            raise violation(f"{field}[{i}]", f"Invalid value at '{field}[{i}]' ({kind}), {_brief(row)}")
        for j, value in enumerate(row):
            if isinstance(value, dict | list):
                what = "struct_value" if isinstance(value, dict) else "list_value"
                raise invalid(f"Invalid {field}[{i}][{j}]: {what} {{\n}}\n")
    return values


def _brief(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)


def input_option(option: str | None) -> str:
    if not option or option == "INPUT_VALUE_OPTION_UNSPECIFIED":
        raise invalid("'valueInputOption' is required but not specified")
    return option


def write(edit: Edit, sheet: Sheet, area: Area, values: list[list[Any]], option: str, by_columns: bool) -> JsonObject:
    """Write rows at the beginning of an area and tell what was written."""
    longest = max((len(line) for line in values), default=0)
    rows, columns = (longest, len(values)) if by_columns else (len(values), longest)
    if rows > area.rows or columns > area.columns:
        where = f"row [{area.bottom + 1}]" if rows > area.rows else f"column [{letters(area.right)}]"
        inside = f"{always_quoted(sheet.title)}!{in_a1(area)}"
        raise invalid(f"Requested writing within range [{inside}], but tried writing to {where}")
    written = Area(area.top, area.top + rows, area.left, area.left + columns)
    answer: JsonObject = {"spreadsheetId": edit.spreadsheet.id}
    if not rows or not columns:
        return answer | {"updatedRange": name_of(sheet, Area(area.top, area.top + 1, area.left, area.left + 1))}
    edit.guard(sheet, written)
    touched: set[tuple[int, int]] = set()
    for i, line in enumerate(values):
        for j, value in enumerate(line):
            if value is None:
                continue
            row, column = (area.top + j, area.left + i) if by_columns else (area.top + i, area.left + j)
            touched.add((row, column))
            edit.touched.add((sheet.id, row, column))
            if option == "RAW":
                edit.enter(sheet, row, column, value)
            else:
                edit.type_in(sheet, row, column, value)
    answer["updatedRange"] = name_of(sheet, written)
    if touched:
        answer["updatedRows"] = len({row for row, _ in touched})
        answer["updatedColumns"] = len({column for _, column in touched})
        answer["updatedCells"] = len(touched)
    return answer


def update(
    edit: Edit, text: str, body: JsonObject, option: str, echo: JsonObject, field: str = "data.values"
) -> JsonObject:
    """`values.update`; `echo` holds the options of a reply with the values as they are now."""
    values = check_values(body.get("values"), field)
    sheet, box = edit.spreadsheet.find(text)
    area = edit.spreadsheet.reaching(sheet, box)
    by_columns = body.get("majorDimension") == "COLUMNS"
    longest = max((len(line) for line in values), default=0)
    rows, columns = (longest, len(values)) if by_columns else (len(values), longest)
    if box.bottom is not None and box.right is not None and area.rows * area.columns == 1:
        # a single cell is where writing begins, not where it must end
        if area.top + rows > sheet.rows or area.left + columns > sheet.columns:
            reach = Area(area.top, area.top + max(rows, 1), area.left, area.left + max(columns, 1))
            raise invalid(
                f"Range ({name_of(sheet, reach)}) exceeds grid limits. "
                f"Max rows: {sheet.rows}, max columns: {sheet.columns}"
            )
        area = Area(area.top, sheet.rows, area.left, sheet.columns)
    answer = write(edit, sheet, area, values, option, by_columns)
    return answer | _echo(edit, sheet, answer, echo, by_columns)


def _echo(edit: Edit, sheet: Sheet, answer: JsonObject, echo: JsonObject, by_columns: bool) -> JsonObject:
    if not echo.get("includeValuesInResponse"):
        return {}
    query = {
        "valueRenderOption": echo.get("responseValueRenderOption"),
        "dateTimeRenderOption": echo.get("responseDateTimeRenderOption"),
        "majorDimension": "COLUMNS" if by_columns else "ROWS",
    }
    return {"updatedData": Reader(edit.spreadsheet, query, edit.now).range(answer["updatedRange"])}


def batch_update(edit: Edit, body: JsonObject) -> JsonObject:
    option = input_option(body.get("valueInputOption"))
    answers = []
    for i, item in enumerate(body.get("data") or []):
        answers.append(update(edit, item.get("range", ""), item, option, body, f"data[{i}].values"))
    totals = {  # a row written to twice is one row
        "totalUpdatedRows": len({(sheet, row) for sheet, row, _ in edit.touched}),
        "totalUpdatedColumns": len({(sheet, column) for sheet, _, column in edit.touched}),
        "totalUpdatedCells": len(edit.touched),
        "totalUpdatedSheets": len({sheet for sheet, _, _ in edit.touched}),
    }
    found: JsonObject = {"spreadsheetId": edit.spreadsheet.id}
    found |= {name: total for name, total in totals.items() if total}
    return found | ({"responses": answers} if answers else {})


def clear(edit: Edit, text: str) -> str:
    """Take the values (nothing else) out of a range, and name the range."""
    sheet, box = edit.spreadsheet.find(text)
    area = edit.spreadsheet.reaching(sheet, box)
    edit.guard(sheet, area)
    for row, column, _ in list(sheet.inside(area)):
        edit.enter(sheet, row, column, None)
    return name_of(sheet, area)


def table(sheet: Sheet, area: Area) -> Area | None:
    """The last table that touches an area: a block of filled cells, surrounded by empty ones."""
    filled = {
        (row, column) for row, cells in sheet.cells.items() for column, c in cells.items() if c.entered is not None
    }
    starts = [at for at in filled if area.top <= at[0] < area.bottom and area.left <= at[1] < area.right]
    best: Area | None = None
    seen: set[tuple[int, int]] = set()
    for start in sorted(starts):
        if start in seen:
            continue
        block, waiting = {start}, [start]
        while waiting:
            row, column = waiting.pop()
            for near in [(row + i, column + j) for i in (-1, 0, 1) for j in (-1, 0, 1)]:
                if near in filled and near not in block:
                    block.add(near)
                    waiting.append(near)
        seen |= block
        rows, columns = [r for r, _ in block], [c for _, c in block]
        found = Area(min(rows), max(rows) + 1, min(columns), max(columns) + 1)
        if best is None or (found.bottom, -found.left) > (best.bottom, -best.left):
            best = found
    return best


def append(edit: Edit, text: str, body: JsonObject, query: JsonObject) -> JsonObject:
    """`values.append`: below the last table of the range, or at its beginning when there is none."""
    option = input_option(query.get("valueInputOption"))
    values = check_values(body.get("values"), "data.values")
    by_columns = body.get("majorDimension") == "COLUMNS"
    sheet, box = edit.spreadsheet.find(text)
    area = edit.spreadsheet.reaching(sheet, box)
    found = table(sheet, area)
    top, left = (found.bottom, found.left) if found else (area.top, area.left)
    longest = max((len(line) for line in values), default=0)
    rows, columns = (longest, len(values)) if by_columns else (len(values), longest)
    if query.get("insertDataOption") == "INSERT_ROWS" and rows:
        from .dimensions import insert

        insert(edit, sheet, True, min(top, sheet.rows), rows)
    if top + rows > sheet.rows:
        sheet.rows = top + rows
    if left + columns > sheet.columns:
        sheet.columns = left + columns
    edit.room()
    written = write(edit, sheet, Area(top, sheet.rows, left, sheet.columns), values, option, by_columns)
    written |= _echo(edit, sheet, written, query, by_columns)
    answer: JsonObject = {"spreadsheetId": edit.spreadsheet.id}
    if found:
        answer["tableRange"] = name_of(sheet, found)
    return answer | {"updates": written}


def filtered(edit_or_book: Spreadsheet, filters: Sequence[JsonObject]) -> list[tuple[Sheet, Area, JsonObject]]:
    """The areas a list of DataFilters names by A1 notation or by grid range."""
    from .a1 import from_grid_range
    from .errors import unsupported

    found = []
    for item in filters:
        if "a1Range" in item:
            sheet, box = edit_or_book.find(item["a1Range"])
        elif "gridRange" in item:
            sheet = edit_or_book.sheet(item["gridRange"].get("sheetId", 0))
            box = from_grid_range(item["gridRange"])
        else:
            raise unsupported("a data filter by developer metadata here")
        found.append((sheet, edit_or_book.reaching(sheet, box), item))
    return found
