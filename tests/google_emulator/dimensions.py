"""Rows and columns: put in, taken out, moved, hidden, sized, grouped; everything anchored to them moves along."""

from collections.abc import Callable
from typing import Any

from .a1 import Area, JsonObject, moved, shift_span
from .editing import Edit
from .errors import invalid
from .masks import change, parse
from .model import Cell, Sheet

AVERAGE_LETTER = 8691 / 1024  # pixels of Arial 10, as a recording has it for a column of 1,024 letters
Order = Callable[[int], int | None]


def span(edit: Edit, found: JsonObject) -> tuple[Sheet, bool, int, int]:
    """Sheet, are-they-rows, start and end of a DimensionRange."""
    sheet = edit.sheet(found)
    edit.guard_shape(sheet)
    if found.get("dimension") not in ("ROWS", "COLUMNS"):
        raise invalid("DimensionRange: a dimension must be specified")
    rows = found["dimension"] == "ROWS"
    start, end = found.get("startIndex", 0), found.get("endIndex", sheet.size(rows))
    if not 0 <= start < end:
        raise invalid(f"DimensionRange: startIndex {start} must be less than endIndex {end}")
    return sheet, rows, start, end


def insert(edit: Edit, sheet: Sheet, rows: bool, start: int, count: int, from_before: bool = False) -> None:
    """Put `count` empty rows (or columns) in before `start`, dressed like the neighbour."""
    if start > sheet.size(rows):
        raise invalid(
            f"range.startIndex[{start}] is after last {'row' if rows else 'column'} in grid[{sheet.size(rows)}]"
        )
    model = start - 1 if from_before else start
    looks = [
        (at, Cell(format=cell.format))
        for row, cells in sheet.cells.items()
        for column, cell in cells.items()
        if (row if rows else column) == model and cell.format
        for at in [column if rows else row]
    ]
    _shift(edit, sheet, rows, start, count)
    for new in range(start, start + count):
        for at, cell in looks:
            sheet.put(*((new, at) if rows else (at, new)), cell)
    edit.room()


def delete(edit: Edit, sheet: Sheet, rows: bool, start: int, end: int) -> None:
    size, word = sheet.size(rows), "row" if rows else "column"
    if start >= size:
        raise invalid(
            f"Cannot delete a {word} that doesn't exist. Tried to delete {word} index {start} but there are only {size} {word}s."
        )
    end = min(end, size)
    if end - start >= size:
        raise invalid(f"You can't delete all the {word}s on the sheet.")
    edit.guard(sheet, Area(start, end, 0, sheet.columns) if rows else Area(0, sheet.rows, start, end))
    _shift(edit, sheet, rows, start, start - end)


def _shift(edit: Edit, sheet: Sheet, rows: bool, start: int, count: int) -> None:
    """Move everything for `count` rows coming in at `start`, or going when it is negative."""
    gone_until = start - count if count < 0 else start

    def order(at: int) -> int | None:
        if at < start:
            return at
        return None if at < gone_until else at + count

    rearrange(sheet, rows, order)
    size = sheet.size(rows) + count
    if rows:
        sheet.rows = size
    else:
        sheet.columns = size
    frozen = "frozenRowCount" if rows else "frozenColumnCount"
    if sheet.grid.get(frozen, 0) > start:
        sheet.grid[frozen] = max(sheet.grid[frozen] + max(count, start - sheet.grid[frozen]), 0)

    def ranges(items: list[JsonObject]) -> list[JsonObject]:
        kept = []
        for item in items:
            if "range" not in item or item["range"].get("sheetId", 0) != sheet.id:
                kept.append(item)
                continue
            found = moved(item["range"], rows, start, count)
            if found is not None:
                kept.append({**item, "range": found})
        return kept

    sheet.protected = ranges(sheet.protected)
    sheet.banded = ranges(sheet.banded)
    sheet.filter_views = ranges(sheet.filter_views)
    edit.spreadsheet.named_ranges = ranges(edit.spreadsheet.named_ranges)
    if sheet.basic_filter is not None:
        sheet.basic_filter = next(iter(ranges([sheet.basic_filter])), None)
    conditional = []
    for rule in sheet.conditional:
        kept = [r for r in (moved(r, rows, start, count) for r in rule["ranges"]) if r is not None]
        if kept:
            conditional.append({**rule, "ranges": kept})
    sheet.conditional = conditional
    merges = [moved(m.json(), rows, start, count) for m in sheet.merges]
    areas = [
        Area(m["startRowIndex"], m["endRowIndex"], m["startColumnIndex"], m["endColumnIndex"]) for m in merges if m
    ]
    sheet.merges = [area for area in areas if area.rows * area.columns > 1]
    groups = sheet.groups(rows)
    groups[:] = [found for found in (_moved_group(g, start, count) for g in groups) if found]
    dimension = "ROWS" if rows else "COLUMNS"
    kept_metadata = []
    for item in edit.spreadsheet.metadata:
        place = item["location"].get("dimensionRange")
        if place and place.get("sheetId", 0) == sheet.id and place["dimension"] == dimension:
            shifted = shift_span(place["startIndex"], place["endIndex"], start, count)
            if shifted is None:
                continue
            place = {**place, "startIndex": shifted[0], "endIndex": shifted[1]}
            item = {**item, "location": {**item["location"], "dimensionRange": place}}
        kept_metadata.append(item)
    edit.spreadsheet.metadata = kept_metadata


def _moved_group(group: JsonObject, start: int, count: int) -> JsonObject | None:
    found = shift_span(group["range"]["startIndex"], group["range"]["endIndex"], start, count)
    if found is None:
        return None
    return {**group, "range": {**group["range"], "startIndex": found[0], "endIndex": found[1]}}


def rearrange(sheet: Sheet, rows: bool, order: Order) -> None:
    """Move cells and sizes to new places; a place of None drops them."""
    if rows:
        places = ((order(row), cells) for row, cells in sheet.cells.items())
        sheet.cells = {row: cells for row, cells in places if row is not None}
    else:
        for row, cells in sheet.cells.items():
            columns = ((order(column), cell) for column, cell in cells.items())
            sheet.cells[row] = {column: cell for column, cell in columns if column is not None}
        sheet.cells = {row: cells for row, cells in sheet.cells.items() if cells}
    old = sheet.row_properties if rows else sheet.column_properties
    found = {new: member for new, member in ((order(i), m) for i, m in old.items()) if new is not None}
    if rows:
        sheet.row_properties = found
    else:
        sheet.column_properties = found


def resize(edit: Edit, sheet: Sheet, rows: int, columns: int) -> None:
    """Another size of the grid; what lies outside is lost."""
    if rows < 1 or columns < 1:
        raise invalid("The grid must have at least one row and one column.")
    if rows < sheet.rows:
        delete(edit, sheet, True, rows, sheet.rows)
    if columns < sheet.columns:
        delete(edit, sheet, False, columns, sheet.columns)
    sheet.rows, sheet.columns = rows, columns
    edit.room()


# one function per kind of request


def insert_dimension(edit: Edit, body: JsonObject) -> None:
    sheet, rows, start, end = span(edit, body["range"])
    from_before = bool(body.get("inheritFromBefore"))
    if from_before and start == 0:
        raise invalid("inheritFromBefore cannot be true when inserting at the beginning of the sheet")
    insert(edit, sheet, rows, start, end - start, from_before)


def append_dimension(edit: Edit, body: JsonObject) -> None:
    sheet, rows = edit.spreadsheet.sheet(body.get("sheetId", 0)), body.get("dimension") == "ROWS"
    if body.get("length", 0) < 1:
        raise invalid("length must be greater than 0")
    insert(edit, sheet, rows, sheet.size(rows), body["length"])


def delete_dimension(edit: Edit, body: JsonObject) -> None:
    sheet, rows, start, end = span(edit, body["range"])
    delete(edit, sheet, rows, start, end)


def move_dimension(edit: Edit, body: JsonObject) -> None:
    sheet, rows, start, end = span(edit, body["source"])
    target = body.get("destinationIndex", 0)
    if start <= target <= end:
        return
    indices = list(range(sheet.size(rows)))
    taken = indices[start:end]
    rest = indices[:start] + indices[end:]
    at = target if target < start else target - (end - start)
    new = {old: i for i, old in enumerate(rest[:at] + taken + rest[at:])}
    rearrange(sheet, rows, lambda i: new.get(i))


def update_dimension_properties(edit: Edit, body: JsonObject) -> None:
    sheet, rows, start, end = span(edit, body["range"])
    if end > sheet.size(rows):
        raise invalid(f"endIndex {end} is beyond the grid")
    tree = parse(body.get("fields", ""))
    held = sheet.row_properties if rows else sheet.column_properties
    for i in range(start, end):
        found = change(held.get(i, {}), body.get("properties", {}), tree)
        held[i] = {name: member for name, member in found.items() if member is not False}


def auto_resize_dimensions(edit: Edit, body: JsonObject) -> None:
    sheet, rows, start, end = span(edit, body["dimensions"])
    if rows:
        for i in range(start, min(end, sheet.rows)):
            sheet.row_properties[i] = {n: m for n, m in sheet.row_properties.get(i, {}).items() if n != "pixelSize"}
        return
    from .answers import shown_text

    values = edit.values()
    for i in range(start, min(end, sheet.columns)):
        widest = 0
        for row, cells in sheet.cells.items():
            value = values.value(sheet, row, i)
            if value is not None:
                text = shown_text(edit.spreadsheet, cells[i], value)
                widest = max(widest, *(len(line) for line in text.split("\n")))
        if widest:
            sheet.column_properties[i] = {
                **sheet.column_properties.get(i, {}),
                "pixelSize": round(widest * AVERAGE_LETTER),
            }


def add_dimension_group(edit: Edit, body: JsonObject) -> JsonObject:
    sheet, rows, start, end = span(edit, body["range"])
    groups = sheet.groups(rows)
    depth = 1 + sum(1 for g in groups if _span(g)[0] <= start and end <= _span(g)[1])
    inner = [g for g in groups if start <= _span(g)[0] and _span(g)[1] <= end and _span(g) != (start, end)]
    for group in inner:
        groups[groups.index(group)] = {**group, "depth": group["depth"] + 1}
    place = {"sheetId": sheet.id, "dimension": body["range"]["dimension"], "startIndex": start, "endIndex": end}
    groups.append({"range": place, "depth": depth})
    groups.sort(key=lambda g: (g["depth"], g["range"]["startIndex"]))
    sheet.grid["rowGroupControlAfter" if rows else "columnGroupControlAfter"] = True
    return {"addDimensionGroup": _groups(groups)}


def _span(group: JsonObject) -> tuple[int, int]:
    return group["range"]["startIndex"], group["range"]["endIndex"]


def _groups(groups: list[JsonObject]) -> JsonObject:
    from .answers import group_json

    return {"dimensionGroups": [group_json(g) for g in groups]} if groups else {}


def delete_dimension_group(edit: Edit, body: JsonObject) -> JsonObject:
    sheet, rows, start, end = span(edit, body["range"])
    groups = sheet.groups(rows)
    touched = [g for g in groups if _span(g)[0] < end and start < _span(g)[1]]
    if not touched:
        raise invalid(f"No group over the specified range of {start} to {end}")
    deepest = max(touched, key=lambda g: int(g["depth"]))
    groups.remove(deepest)
    first, last = _span(deepest)
    for left, right in ((first, min(start, last)), (max(end, first), last)):
        if left < right:
            groups.append({**deepest, "range": {**deepest["range"], "startIndex": left, "endIndex": right}})
    groups.sort(key=lambda g: (g["depth"], g["range"]["startIndex"]))
    return {"deleteDimensionGroup": _groups(groups)}


def update_dimension_group(edit: Edit, body: JsonObject) -> None:
    group = body["dimensionGroup"]
    sheet, rows, start, end = span(edit, group["range"])
    groups = sheet.groups(rows)
    for i, found in enumerate(groups):
        if _span(found) == (start, end) and found["depth"] == group.get("depth", found["depth"]):
            groups[i] = {**found, "collapsed": bool(group.get("collapsed"))}
            return
    raise invalid("No group over the specified range with that depth")


def insert_range(edit: Edit, body: JsonObject) -> None:
    """Push the cells of a range down or to the right."""
    _push(edit, body["range"], body.get("shiftDimension") == "ROWS", forward=True)


def delete_range(edit: Edit, body: JsonObject) -> None:
    """Pull the cells behind a range up or to the left over it."""
    _push(edit, body["range"], body.get("shiftDimension") == "ROWS", forward=False)


def _push(edit: Edit, grid_range: JsonObject, rows: bool, forward: bool) -> None:
    sheet, area = edit.place(grid_range)
    count = area.rows if rows else area.columns
    behind = (
        Area(area.top, sheet.rows, area.left, area.right)
        if rows
        else Area(area.top, area.bottom, area.left, sheet.columns)
    )
    edit.guard(sheet, behind)
    cells = list(sheet.inside(behind))
    if forward and any(
        (row + count >= sheet.rows) if rows else (column + count >= sheet.columns) for row, column, _ in cells
    ):
        resize(edit, sheet, sheet.rows + (count if rows else 0), sheet.columns + (0 if rows else count))
    for row, column, _ in cells:
        sheet.put(row, column, Cell())
    for row, column, cell in cells:
        if not forward and row < area.bottom and column < area.right:
            continue
        step = count if forward else -count
        sheet.put(row + (step if rows else 0), column + (0 if rows else step), cell)


KINDS: dict[str, Any] = {
    "insertDimension": insert_dimension,
    "appendDimension": append_dimension,
    "deleteDimension": delete_dimension,
    "moveDimension": move_dimension,
    "updateDimensionProperties": update_dimension_properties,
    "autoResizeDimensions": auto_resize_dimensions,
    "addDimensionGroup": add_dimension_group,
    "deleteDimensionGroup": delete_dimension_group,
    "updateDimensionGroup": update_dimension_group,
    "insertRange": insert_range,
    "deleteRange": delete_range,
}
