"""Kinds of `batchUpdate` about charts that lie on a tab: kept as they were sent, drawn by nobody."""

from collections.abc import Iterator
from typing import Any

from .a1 import JsonObject, from_grid_range
from .editing import Edit
from .errors import invalid, unsupported
from .masks import change, parse
from .model import Sheet


def add_chart(edit: Edit, body: JsonObject) -> JsonObject:
    chart = dict(body.get("chart", {}))
    position = chart.get("position", {})
    if "overlayPosition" not in position:
        raise unsupported("charts on a sheet of their own")
    taken = {found["chartId"] for sheet in edit.spreadsheet.sheets for found in sheet.charts}
    wanted = chart.get("chartId")
    if wanted in taken:
        raise invalid(f"An embedded object with id {wanted} already exists.")
    sheet = _anchored(edit, position)
    _check(edit, chart.get("spec", {}))
    chart["chartId"] = wanted or edit.spreadsheet.new_id()
    sheet.charts.append(chart)
    return {"addChart": {"chart": chart}}


def update_chart_spec(edit: Edit, body: JsonObject) -> None:
    sheet, place = _chart(edit, body.get("chartId"))
    _check(edit, body.get("spec", {}))
    sheet.charts[place] = {**sheet.charts[place], "spec": body["spec"]}


def update_position(edit: Edit, body: JsonObject) -> JsonObject:
    sheet, place = _chart(edit, body.get("objectId"))
    given = body.get("newPosition", {})
    if "overlayPosition" not in given:
        raise unsupported("moving a chart to a sheet of its own")
    old = sheet.charts[place]
    overlay = dict(old["position"]["overlayPosition"])
    if not body.get("fields"):
        raise invalid("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
    overlay = change(overlay, given["overlayPosition"], parse(body["fields"]))
    new = {**old, "position": {"overlayPosition": overlay}}
    del sheet.charts[place]
    _anchored(edit, new["position"]).charts.append(new)
    return {"updateEmbeddedObjectPosition": {"position": new["position"]}}


def delete_object(edit: Edit, body: JsonObject) -> None:
    sheet, place = _chart(edit, body.get("objectId"))
    del sheet.charts[place]


def _chart(edit: Edit, wanted: Any) -> tuple[Sheet, int]:
    for sheet in edit.spreadsheet.sheets:
        for place, chart in enumerate(sheet.charts):
            if chart["chartId"] == wanted:
                edit.guard_shape(sheet)
                return sheet, place
    raise invalid(f"No embedded object with id: {wanted}")


def _anchored(edit: Edit, position: JsonObject) -> Sheet:
    cell = position["overlayPosition"].get("anchorCell", {})
    sheet = edit.sheet(cell)
    edit.guard_shape(sheet)
    if cell.get("rowIndex", 0) >= sheet.rows or cell.get("columnIndex", 0) >= sheet.columns:
        raise invalid("The anchor cell of an embedded object must be in the sheet's grid.")
    return sheet


def _check(edit: Edit, spec: JsonObject) -> None:
    """What a chart is drawn from is one row or column of a tab there is."""
    if "basicChart" not in spec:
        raise unsupported("charts other than basic ones")
    for source in _sources(spec["basicChart"]):
        area = edit.spreadsheet.reaching(edit.sheet(source), from_grid_range(source))
        if area.bottom - area.top > 1 and area.right - area.left > 1:
            raise invalid("A chart's source must be one row or one column.")


def _sources(basic: JsonObject) -> Iterator[JsonObject]:
    data = [one.get("domain", {}) for one in basic.get("domains", [])]
    data += [one.get("series", {}) for one in basic.get("series", [])]
    for one in data:
        yield from one.get("sourceRange", {}).get("sources", [])


KINDS: dict[str, Any] = {
    "addChart": add_chart,
    "updateChartSpec": update_chart_spec,
    "updateEmbeddedObjectPosition": update_position,
    "deleteEmbeddedObject": delete_object,
}
