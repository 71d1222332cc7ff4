"""Kinds of `batchUpdate` that change cells."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from .a1 import Area, JsonObject, letters, quoted
from .editing import Edit
from .errors import invalid
from .formats import changed, tidy
from .masks import Tree, inner, parse
from .model import EMPTY, Cell, Formula, Sheet, Value

CELL_FIELDS = ("userEnteredValue", "userEnteredFormat", "note", "textFormatRuns", "dataValidation")


def extended(value: JsonObject | None) -> Value | Formula | None:
    """What an ExtendedValue puts into a cell. A string is a string, whatever it begins with."""
    if not value:
        return None
    kinds = [name for name, member in value.items() if member is not None]
    if len(kinds) > 1:
        raise invalid("Only one kind of value may be given for a cell")
    for name in ("numberValue", "boolValue"):
        if name in value:
            return value[name]  # type: ignore[no-any-return]
    if "stringValue" in value:
        return value["stringValue"] or None
    if "formulaValue" in value:
        text = value["formulaValue"]
        if not text.startswith("="):
            raise invalid("formulaValue must begin with =")
        return Formula(text)
    raise invalid("errorValue is read-only")


def apply(edit: Edit, sheet: Sheet, row: int, column: int, data: JsonObject, tree: Tree | None) -> None:
    """Set the masked members of one cell to those of a CellData; members it lacks are cleared."""
    cell = sheet.cell(row, column)
    changes: dict[str, Any] = {}
    wanted, below = inner(tree, "userEnteredFormat")
    if wanted:
        changes["format"] = changed(cell.format, data.get("userEnteredFormat"), below)
    for name, member in (("note", "note"), ("textFormatRuns", "runs"), ("dataValidation", "validation")):
        if inner(tree, name)[0]:
            found = data.get(name) or None
            changes[member] = tidy(found) if name == "textFormatRuns" else found
    if inner(tree, "userEnteredValue")[0]:
        value = extended(data.get("userEnteredValue"))
        if not inner(tree, "textFormatRuns")[0]:
            changes.setdefault("runs", None)
        runs = changes.pop("runs", None)
        edit.enter(sheet, row, column, value, **changes)
        if runs:
            sheet.put(row, column, replace(sheet.cell(row, column), runs=runs))
    elif changes:
        sheet.put(row, column, replace(cell, **changes))


def cell_mask(body: JsonObject) -> Tree | None:
    fields = body.get("fields", "")
    if not fields:
        raise invalid("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
    return parse(fields)


def update_cells(edit: Edit, body: JsonObject) -> None:
    tree = cell_mask(body)
    rows = body.get("rows", [])
    if "start" in body:
        start = body["start"]
        sheet = edit.sheet(start)
        top, left = start.get("rowIndex", 0), start.get("columnIndex", 0)
        widest = max((len(row.get("values", [])) for row in rows), default=0)
        if top + len(rows) > sheet.rows or left + widest > sheet.columns:
            raise beyond(sheet, top, left)
        edit.guard(sheet, Area(top, top + len(rows), left, left + widest))
        for i, row in enumerate(rows):
            for j, data in enumerate(row.get("values", [])):
                apply(edit, sheet, top + i, left + j, data, tree)
        return
    if "range" not in body:
        raise invalid("Either start or range must be specified")
    sheet, area = edit.place(body["range"])
    end = body["range"].get("endRowIndex"), body["range"].get("endColumnIndex")
    if (end[0] or 0) > sheet.rows or (end[1] or 0) > sheet.columns:
        raise beyond(sheet, area.top, area.left)
    if len(rows) > area.rows:
        raise invalid(f"Attempting to write row: {area.bottom}, beyond the last requested row of: {area.bottom - 1}")
    given: set[tuple[int, int]] = set()
    for i, row in enumerate(rows):
        values = row.get("values", [])
        if len(values) > area.columns:
            raise invalid(
                f"Attempting to write column: {area.right}, beyond the last requested column of: {area.right - 1}"
            )
        for j, data in enumerate(values):
            given.add((area.top + i, area.left + j))
            apply(edit, sheet, area.top + i, area.left + j, data, tree)
    for row_index, column, _ in list(sheet.inside(area)):
        if (row_index, column) not in given:
            apply(edit, sheet, row_index, column, {}, tree)


def beyond(sheet: Sheet, row: int, column: int) -> Exception:
    return invalid(
        f"Range ({quoted(sheet.title)}!{letters(column)}{row + 1}) exceeds grid limits. "
        f"Max rows: {sheet.rows}, max columns: {sheet.columns}"
    )


def repeat_cell(edit: Edit, body: JsonObject) -> None:
    tree = cell_mask(body)
    sheet, area = edit.place(body["range"])
    data = body.get("cell", {})
    entered = data.get("userEnteredValue", {})
    for row in range(area.top, area.bottom):
        for column in range(area.left, area.right):
            given = data
            if "formulaValue" in entered:
                text = shifted(entered["formulaValue"], row - area.top, column - area.left)
                given = {**data, "userEnteredValue": {"formulaValue": text}}
            apply(edit, sheet, row, column, given, tree)


def append_cells(edit: Edit, body: JsonObject) -> None:
    tree = cell_mask(body)
    sheet = edit.spreadsheet.sheet(body.get("sheetId", 0))
    rows = body.get("rows", [])
    top = max(
        (r + 1 for r, cells in sheet.cells.items() if any(c.entered is not None for c in cells.values())), default=0
    )
    widest = max((len(row.get("values", [])) for row in rows), default=0)
    sheet.rows, sheet.columns = max(sheet.rows, top + len(rows)), max(sheet.columns, widest)
    edit.room()
    edit.guard(sheet, Area(top, top + len(rows), 0, widest))
    for i, row in enumerate(rows):
        for j, data in enumerate(row.get("values", [])):
            apply(edit, sheet, top + i, j, data, tree)


_REFERENCE = re.compile(r'"[^"]*"|(?<![\w$!])(\$?)([A-Za-z]{1,3})(\$?)(\d+)(?![\w(])')


def shifted(formula: str, rows: int, columns: int) -> str:
    """A formula copied to another place: its relative references move along."""
    from .a1 import column_number

    def move(found: "re.Match[str]") -> str:
        if not found[2]:
            return found[0]
        column = found[2] if found[1] else letters(max(column_number(found[2]) + columns, 0))
        row = found[4] if found[3] else str(max(int(found[4]) + rows, 1))
        return f"{found[1]}{column}{found[3]}{row}"

    return _REFERENCE.sub(move, formula)


def set_data_validation(edit: Edit, body: JsonObject) -> None:
    sheet, area = edit.place(body["range"])
    rule = {name: member for name, member in (body.get("rule") or {}).items() if member not in (False, None)} or None
    for row in range(area.top, area.bottom):
        for column in range(area.left, area.right):
            sheet.put(row, column, replace(sheet.cell(row, column), validation=rule))


def update_borders(edit: Edit, body: JsonObject) -> None:
    sheet, area = edit.place(body["range"])
    sides = {"top": "innerHorizontal", "bottom": "innerHorizontal", "left": "innerVertical", "right": "innerVertical"}
    for row in range(area.top, area.bottom):
        for column in range(area.left, area.right):
            edges = {
                "top": row == area.top,
                "bottom": row == area.bottom - 1,
                "left": column == area.left,
                "right": column == area.right - 1,
            }
            cell = sheet.cell(row, column)
            borders = dict((cell.format or {}).get("borders", {}))
            for side, within in sides.items():
                name = side if edges[side] else within
                if name in body:
                    borders[side] = tidy(body[name])
            sheet.put(row, column, replace(cell, format={**(cell.format or {}), "borders": borders}))


def merge_cells(edit: Edit, body: JsonObject) -> None:
    sheet, area = edit.place(body["range"])
    kind = body.get("mergeType") or "MERGE_ALL"
    if kind == "MERGE_ROWS":
        blocks = [Area(row, row + 1, area.left, area.right) for row in range(area.top, area.bottom)]
    elif kind == "MERGE_COLUMNS":
        blocks = [Area(area.top, area.bottom, column, column + 1) for column in range(area.left, area.right)]
    else:
        blocks = [area]
    _take_apart(sheet, area)
    for block in blocks:
        if block.rows * block.columns < 2:
            continue
        for row, column, cell in list(sheet.inside(block)):
            if (row, column) != (block.top, block.left):
                sheet.put(row, column, replace(cell, entered=None, runs=None))
        sheet.merges.append(block)


def unmerge_cells(edit: Edit, body: JsonObject) -> None:
    sheet, area = edit.place(body["range"])
    _take_apart(sheet, area)


def _take_apart(sheet: Sheet, area: Area) -> None:
    if any(m.overlaps(area) and not area.covers(m) for m in sheet.merges):
        raise invalid("You must select all cells in a merged range to merge or unmerge them.")
    sheet.merges = [m for m in sheet.merges if not m.overlaps(area)]


def sort_range(edit: Edit, body: JsonObject) -> None:
    sheet, area = edit.place(body["range"])
    values = edit.values()
    lines = [{c: sheet.cell(row, c) for c in range(area.left, area.right)} for row in range(area.top, area.bottom)]
    keys = [
        {c: values.value(sheet, row, c) for c in range(area.left, area.right)} for row in range(area.top, area.bottom)
    ]
    order = list(range(len(lines)))
    for spec in reversed(body.get("sortSpecs", [])):
        column = spec.get("dimensionIndex", 0)
        if not area.left <= column < area.right:
            raise invalid(f"sortSpec dimensionIndex {column} is outside of the range")
        filled = [i for i in order if keys[i][column] is not None]
        blank = [i for i in order if keys[i][column] is None]
        filled.sort(key=lambda i: _rank(keys[i][column]), reverse=spec.get("sortOrder") == "DESCENDING")
        order = filled + blank
    for i, source in enumerate(order):
        for column, cell in lines[source].items():
            if isinstance(cell.entered, Formula) and i != source:
                cell = replace(cell, entered=replace(cell.entered, text=shifted(cell.entered.text, i - source, 0)))
            sheet.put(area.top + i, column, cell)


def _rank(value: Any) -> tuple[int, Any]:
    if isinstance(value, bool):
        return (2, value)
    if isinstance(value, int | float):
        return (0, value)
    return (1, value.casefold()) if isinstance(value, str) else (3, value.text)


def _pasted(old: Cell, new: Cell, kind: str) -> Cell:
    if kind == "PASTE_VALUES":
        return replace(old, entered=new.entered, runs=None)
    if kind == "PASTE_FORMULA":
        return replace(old, entered=new.entered, runs=None)
    if kind == "PASTE_FORMAT":
        return replace(old, format=new.format)
    if kind == "PASTE_DATA_VALIDATION":
        return replace(old, validation=new.validation)
    if kind == "PASTE_CONDITIONAL_FORMATTING":
        return old
    if kind == "PASTE_NO_BORDERS" and new.format:
        return replace(new, format={n: m for n, m in new.format.items() if n != "borders"} or None)
    return new


def _tiles(target: Area, height: int, width: int) -> Iterator[tuple[int, int]]:
    """Where copies of a block go: as many times as it fits whole, at least once."""
    down = target.rows // height if target.rows % height == 0 else 1
    across = target.columns // width if target.columns % width == 0 else 1
    for i in range(max(down, 1)):
        for j in range(max(across, 1)):
            yield target.top + i * height, target.left + j * width


def copy_paste(edit: Edit, body: JsonObject) -> None:
    source_sheet = edit.sheet(body["source"])
    from .a1 import from_grid_range

    source = edit.spreadsheet.reaching(source_sheet, from_grid_range(body["source"]))
    sheet, target = edit.place(body["destination"])
    turned = body.get("pasteOrientation") == "TRANSPOSE"
    kind = body.get("pasteType") or "PASTE_NORMAL"
    block = [
        [source_sheet.cell(r, c) for c in range(source.left, source.right)] for r in range(source.top, source.bottom)
    ]
    if kind == "PASTE_VALUES":
        values = edit.values()
        block = [
            [
                replace(cell, entered=values.value(source_sheet, source.top + i, source.left + j))
                for j, cell in enumerate(line)
            ]
            for i, line in enumerate(block)
        ]
    if turned:
        block = [list(line) for line in zip(*block, strict=True)]
    height, width = len(block), len(block[0])
    merges = [m for m in source_sheet.merges if source.covers(m)] if kind == "PASTE_NORMAL" and not turned else []
    for top, left in list(_tiles(target, height, width)):
        place = Area(top, top + height, left, left + width)
        if place.bottom > sheet.rows or place.right > sheet.columns:
            raise beyond(sheet, top, left)
        edit.guard(sheet, place)
        for i, line in enumerate(block):
            for j, cell in enumerate(line):
                if isinstance(cell.entered, Formula):
                    text = shifted(cell.entered.text, top + i - source.top, left + j - source.left)
                    cell = replace(cell, entered=Formula(text))
                sheet.put(top + i, left + j, _pasted(sheet.cell(top + i, left + j), cell, kind))
        for m in merges:
            down, across = top - source.top, left - source.left
            moved = Area(m.top + down, m.bottom + down, m.left + across, m.right + across)
            sheet.merges = [x for x in sheet.merges if not x.overlaps(moved)] + [moved]


def cut_paste(edit: Edit, body: JsonObject) -> None:
    source_sheet, source = edit.place(body["source"])
    target = body["destination"]
    sheet = edit.sheet(target)
    top, left = target.get("rowIndex", 0), target.get("columnIndex", 0)
    place = Area(top, top + source.rows, left, left + source.columns)
    if place.bottom > sheet.rows or place.right > sheet.columns:
        raise beyond(sheet, top, left)
    edit.guard(sheet, place)
    kind = body.get("pasteType") or "PASTE_NORMAL"
    block = [
        [source_sheet.cell(r, c) for c in range(source.left, source.right)] for r in range(source.top, source.bottom)
    ]
    merges = [m for m in source_sheet.merges if source.covers(m)]
    source_sheet.merges = [m for m in source_sheet.merges if m not in merges]
    for row in range(source.top, source.bottom):
        for column in range(source.left, source.right):
            source_sheet.put(row, column, EMPTY)
    for i, line in enumerate(block):
        for j, cell in enumerate(line):
            sheet.put(top + i, left + j, _pasted(sheet.cell(top + i, left + j), cell, kind))
    down, across = top - source.top, left - source.left
    sheet.merges += [Area(m.top + down, m.bottom + down, m.left + across, m.right + across) for m in merges]


def find_replace(edit: Edit, body: JsonObject) -> JsonObject:
    if "range" in body:
        places = [edit.place(body["range"])]
    elif "sheetId" in body:
        sheet = edit.spreadsheet.sheet(body["sheetId"])
        places = [(sheet, sheet.all)]
    else:
        places = [(sheet, sheet.all) for sheet in edit.spreadsheet.sheets]
    pattern = body.get("find", "") if body.get("searchByRegex") else re.escape(body.get("find", ""))
    if body.get("matchEntireCell"):
        pattern = rf"\A(?:{pattern})\Z"
    search = re.compile(pattern, 0 if body.get("matchCase") else re.IGNORECASE)
    values = formulas = occurrences = 0
    rows, sheets = set(), set()
    for sheet, area in places:
        for row, column, cell in list(sheet.inside(area)):
            formula = isinstance(cell.entered, Formula)
            if formula and not body.get("includeFormulas"):
                continue
            text = cell.entered.text if isinstance(cell.entered, Formula) else cell.entered
            if not isinstance(text, str):
                continue
            new, count = search.subn(lambda _: body.get("replacement", ""), text)
            if not count:
                continue
            edit.guard(sheet, Area(row, row + 1, column, column + 1))
            if formula:
                edit.enter(sheet, row, column, Formula(new))
            else:
                edit.type_in(sheet, row, column, new)
            values, formulas, occurrences = values + (not formula), formulas + formula, occurrences + count
            rows.add((sheet.id, row))
            sheets.add(sheet.id)
    counts = {
        "valuesChanged": values,
        "formulasChanged": formulas,
        "rowsChanged": len(rows),
        "sheetsChanged": len(sheets),
        "occurrencesChanged": occurrences,
    }
    return {"findReplace": {name: count for name, count in counts.items() if count}}


KINDS: dict[str, Any] = {
    "updateCells": update_cells,
    "repeatCell": repeat_cell,
    "appendCells": append_cells,
    "setDataValidation": set_data_validation,
    "updateBorders": update_borders,
    "mergeCells": merge_cells,
    "unmergeCells": unmerge_cells,
    "sortRange": sort_range,
    "copyPaste": copy_paste,
    "cutPaste": cut_paste,
    "findReplace": find_replace,
}
