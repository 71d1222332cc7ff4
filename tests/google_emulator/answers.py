"""A spreadsheet as the JSON Google answers with: what a mask does not ask for is not even put together."""

from collections.abc import Sequence
from typing import Any

from .a1 import Area, JsonObject, from_grid_range
from .formats import DEFAULT_FORMAT, THEME, merged
from .formulas import Evaluator, format_of
from .locales import NumberFormat, locale_of, show
from .masks import Tree, inner, select
from .model import EMPTY, Cell, CellError, Formula, Sheet, Spreadsheet, Value, plain

PIXELS = {True: 21, False: 100}  # of a row, of a column


def value_json(value: Value | Formula | None) -> JsonObject:
    """An ExtendedValue."""
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int | float):
        return {"numberValue": plain(value)}
    if isinstance(value, str):
        return {"stringValue": value}
    if isinstance(value, Formula):
        return {"formulaValue": value.text}
    if isinstance(value, CellError):
        return {"errorValue": {"type": value.kind} | ({"message": value.message} if value.message else {})}
    return {}


def effective_number_format(cell: Cell, locale_name: str) -> NumberFormat | None:
    """The format a value is shown with: the cell's, or the one its formula brings."""
    found = cell.number_format
    if found is None and isinstance(cell.entered, Formula):
        found = format_of(cell.entered.text)
    if found and not found.get("pattern"):
        locale = locale_of(locale_name)
        shown = {"DATE": locale.date, "TIME": locale.time, "DATE_TIME": f"{locale.date} {locale.time}"}
        pattern = shown.get(found["type"])
        return {"type": found["type"]} | ({"pattern": pattern} if pattern else {})
    return found


def shown_text(spreadsheet: Spreadsheet, cell: Cell, value: Value) -> str:
    if isinstance(value, CellError):
        return value.text
    return show(value, effective_number_format(cell, spreadsheet.locale), locale_of(spreadsheet.locale))


class Answer:
    """Puts answers together for one reader of one spreadsheet."""

    def __init__(self, spreadsheet: Spreadsheet, account: str, now: float | None = None) -> None:
        self.spreadsheet = spreadsheet
        self.account = account
        self.values = Evaluator(spreadsheet, now)

    def whole(self, tree: Tree | None, ranges: Sequence[str], data: bool) -> JsonObject:
        """The Spreadsheet; `data` adds the cells when no mask decides."""
        chosen: dict[int, list[Area]] = {}
        for text in ranges:
            sheet, box = self.spreadsheet.find(text)
            chosen.setdefault(sheet.id, []).append(self.spreadsheet.reaching(sheet, box))
        found: JsonObject = {"spreadsheetId": self.spreadsheet.id, "properties": self.properties()}
        wanted, below = inner(tree, "sheets")
        if wanted:
            found["sheets"] = [
                self.sheet(sheet, index, below, chosen.get(sheet.id), data)
                for index, sheet in enumerate(self.spreadsheet.sheets)
                if not ranges or sheet.id in chosen
            ]
        named = [{**n, "range": range_json(n["range"])} for n in self.spreadsheet.named_ranges]
        metadata = self.metadata("SPREADSHEET")
        found |= {"namedRanges": named} if named else {}
        found["spreadsheetUrl"] = f"https://docs.google.com/spreadsheets/d/{self.spreadsheet.id}/edit"
        found |= {"developerMetadata": metadata} if metadata else {}
        if tree is None:
            return found
        return {n: v if n == "sheets" else select(v, inner(tree, n)[1]) for n, v in found.items() if inner(tree, n)[0]}

    def properties(self) -> JsonObject:
        book = self.spreadsheet
        return {
            "title": book.title,
            "locale": book.locale,
            "autoRecalc": book.recalculation,
            "timeZone": book.time_zone,
            "defaultFormat": DEFAULT_FORMAT,
            **book.properties,
            "spreadsheetTheme": book.properties.get("spreadsheetTheme", THEME),
        }

    def metadata(self, kind: str, sheet_id: int = 0, rows: bool = True, index: int = -1) -> list[JsonObject]:
        """Developer metadata at one place, as far as this account may see it."""
        found = []
        for item in self.spreadsheet.metadata:
            location = item["location"]
            if location["locationType"] != kind or not visible(item, self.account):
                continue
            if kind == "SHEET" and location.get("sheetId", 0) != sheet_id:
                continue
            if kind in ("ROW", "COLUMN"):
                span = location["dimensionRange"]
                if span.get("sheetId", 0) != sheet_id or not span["startIndex"] <= index < span["endIndex"]:
                    continue
            found.append(metadata_json(item))
        return found

    def sheet(self, sheet: Sheet, index: int, tree: Tree | None, areas: list[Area] | None, data: bool) -> JsonObject:
        found: JsonObject = {"properties": sheet_properties(sheet, index)}
        wanted, below = inner(tree, "data")
        if wanted and (data or tree is not None) and sheet.type == "GRID":
            found["data"] = [self.grid(sheet, area, below) for area in areas or [sheet.all]]
        members: list[tuple[str, list[JsonObject]]] = [
            ("merges", [range_json(m.json() | {"sheetId": sheet.id}) for m in sheet.merges]),
            ("conditionalFormats", [{**r, "ranges": [range_json(x) for x in r["ranges"]]} for r in sheet.conditional]),
            ("filterViews", [ranged(view) for view in sheet.filter_views]),
            ("protectedRanges", [protected_json(p, self.account) for p in sheet.protected]),
            ("charts", sheet.charts),
            ("bandedRanges", [ranged(band) for band in sheet.banded]),
            ("developerMetadata", self.metadata("SHEET", sheet.id)),
            ("rowGroups", [group_json(g) for g in sheet.row_groups]),
            ("columnGroups", [group_json(g) for g in sheet.column_groups]),
        ]
        found |= {name: items for name, items in members if items}
        if sheet.basic_filter is not None:
            found["basicFilter"] = ranged(sheet.basic_filter)
        if tree is None:
            return found
        return {n: v if n == "data" else select(v, inner(tree, n)[1]) for n, v in found.items() if inner(tree, n)[0]}

    def grid(self, sheet: Sheet, area: Area, tree: Tree | None) -> JsonObject:
        """GridData of an area: rows up to the last one that holds anything, each up to its last such cell."""
        found: JsonObject = {}
        if area.top and inner(tree, "startRow")[0]:
            found["startRow"] = area.top
        if area.left and inner(tree, "startColumn")[0]:
            found["startColumn"] = area.left
        wanted, below = inner(tree, "rowData")
        if wanted:
            wanted, cell_tree = inner(below, "values")
            rows = self.rows(sheet, area, cell_tree) if wanted else []
            if rows:
                found["rowData"] = rows
        for name, by_row in (("rowMetadata", True), ("columnMetadata", False)):
            wanted, below = inner(tree, name)
            if wanted:
                span = range(area.top, area.bottom) if by_row else range(area.left, area.right)
                found[name] = [select(self.dimension(sheet, by_row, i), below) for i in span]
        return found

    def rows(self, sheet: Sheet, area: Area, tree: Tree | None) -> list[JsonObject]:
        """RowData: a cell that a mask leaves empty counts as an empty one."""
        rows: list[JsonObject] = []
        last = max((r for r in sheet.cells if area.top <= r < area.bottom and self._reach(sheet, r, area)), default=-1)
        for row in range(area.top, last + 1):
            reach = self._reach(sheet, row, area)
            here = sheet.cells.get(row, {})
            cells = [self.cell(sheet, row, c, here.get(c, EMPTY), tree) for c in range(area.left, reach)]
            while cells and not cells[-1]:
                cells.pop()
            rows.append({"values": cells} if cells else {})
        while rows and not rows[-1]:
            rows.pop()
        return rows

    @staticmethod
    def _reach(sheet: Sheet, row: int, area: Area) -> int:
        return max((c + 1 for c in sheet.cells.get(row, ()) if area.left <= c < area.right), default=0)

    def cell(self, sheet: Sheet, row: int, column: int, cell: Cell, tree: Tree | None) -> JsonObject:
        """CellData with the members a mask asks for."""
        if cell is EMPTY or cell.blank:
            return {}
        found: JsonObject = {}

        def want(name: str) -> bool:
            return tree is None or name in tree

        value = self.values.value(sheet, row, column)
        if cell.entered is not None:
            if want("userEnteredValue"):
                found["userEnteredValue"] = value_json(cell.entered)
            if value is not None and want("effectiveValue"):
                found["effectiveValue"] = value_json(value)
            if value is not None and want("formattedValue"):
                text = shown_text(self.spreadsheet, cell, value)
                if text:
                    found["formattedValue"] = text
        if cell.format and want("userEnteredFormat"):
            found["userEnteredFormat"] = cell.format
        if want("effectiveFormat") and (cell.entered is not None or cell.format):
            found["effectiveFormat"] = self.effective_format(cell)
        if want("hyperlink"):
            link = self.link(cell)
            found |= {"hyperlink": link} if link else {}
        for name, member in (("note", cell.note), ("textFormatRuns", cell.runs), ("dataValidation", cell.validation)):
            if member and want(name):
                found[name] = member
        if tree is None:
            return found
        return {name: select(member, inner(tree, name)[1]) for name, member in found.items()}

    def effective_format(self, cell: Cell) -> JsonObject:
        found = merged(DEFAULT_FORMAT, cell.format or {})
        found["hyperlinkDisplayType"] = "LINKED" if self.link(cell) else "PLAIN_TEXT"
        number_format = effective_number_format(cell, self.spreadsheet.locale)
        if number_format:
            found["numberFormat"] = number_format
        return found

    @staticmethod
    def link(cell: Cell) -> str:
        """The link of a whole cell: its text format's, its only run's, or that of HYPERLINK()."""
        uri = ((cell.format or {}).get("textFormat") or {}).get("link", {}).get("uri", "")
        if not uri and cell.runs and len(cell.runs) == 1:
            uri = cell.runs[0].get("format", {}).get("link", {}).get("uri", "")
        if not uri and isinstance(cell.entered, Formula):
            import re

            found = re.match(r'=\s*(?:HYPERLINK|ГИПЕРССЫЛКА)\(\s*"([^"]*)"', cell.entered.text, re.IGNORECASE)
            uri = found[1] if found else ""
        return str(uri)

    def dimension(self, sheet: Sheet, rows: bool, index: int) -> JsonObject:
        found = dict((sheet.row_properties if rows else sheet.column_properties).get(index, {}))
        found.setdefault("pixelSize", PIXELS[rows])
        metadata = (
            self.metadata("ROW" if rows else "COLUMN", sheet.id, rows, index) if self.spreadsheet.metadata else []
        )
        return found | ({"developerMetadata": metadata} if metadata else {})


def sheet_properties(sheet: Sheet, index: int) -> JsonObject:
    found: JsonObject = {"sheetId": sheet.id, "title": sheet.title, "index": index, "sheetType": sheet.type}
    if sheet.type == "GRID":
        grid = {name: member for name, member in sheet.grid.items() if member}
        found["gridProperties"] = {"rowCount": sheet.rows, "columnCount": sheet.columns, **grid}
    return found | {name: member for name, member in sheet.properties.items() if member is not False}


def range_json(grid_range: JsonObject) -> JsonObject:
    """A GridRange: the sheet's id first and not at all when it is 0; indices as they are."""
    found: JsonObject = {"sheetId": grid_range["sheetId"]} if grid_range.get("sheetId") else {}
    return found | {name: member for name, member in grid_range.items() if name != "sheetId" and member is not None}


def ranged(thing: JsonObject) -> JsonObject:
    return {**thing, "range": range_json(thing["range"])} if "range" in thing else dict(thing)


def group_json(group: JsonObject) -> JsonObject:
    span = group["range"]
    shown = {"sheetId": span["sheetId"]} if span.get("sheetId") else {}
    shown |= {name: span[name] for name in ("dimension", "startIndex", "endIndex")}
    return {"range": shown, "depth": group["depth"]} | ({"collapsed": True} if group.get("collapsed") else {})


def may_edit(protected: JsonObject, account: str) -> bool:
    editors = protected.get("editors", {})
    return account in editors.get("users", []) or account == protected.get("_by")


def protected_json(protected: JsonObject, account: str) -> JsonObject:
    """A protected range as an account sees it: the editors are told only to those who may edit."""
    found = {n: m for n, m in ranged(protected).items() if not n.startswith("_") and m not in (False, None, "", [])}
    if "unprotectedRanges" in found:
        found["unprotectedRanges"] = [range_json(r) for r in found["unprotectedRanges"]]
    if may_edit(protected, account) or protected.get("warningOnly"):
        found["requestingUserCanEdit"] = True
        users = protected.get("editors", {}).get("users", [])
        found["editors"] = {
            **protected.get("editors", {}),
            "users": [protected["_by"], *(u for u in users if u != protected["_by"])],
        }
        found["editors"] = {n: m for n, m in found["editors"].items() if m}
    else:
        found.pop("editors", None)
        found.pop("requestingUserCanEdit", None)
    return found


def visible(metadata: JsonObject, account: str) -> bool:
    return metadata["visibility"] != "PROJECT" or metadata.get("_by") == account


def metadata_json(metadata: JsonObject) -> JsonObject:
    """Developer metadata; the sheet's id is one of several possible places and told even when it is 0."""
    found = {name: member for name, member in metadata.items() if not name.startswith("_")}
    location = dict(found["location"])
    if "dimensionRange" in location:
        location["dimensionRange"] = range_json(location["dimensionRange"])
    return found | {"location": location}


def box_of(sheet: Sheet, grid_range: JsonObject) -> Area:
    return sheet.area(from_grid_range(grid_range))


__all__: list[Any] = ["Answer", "box_of", "group_json", "metadata_json", "protected_json", "range_json", "value_json"]
