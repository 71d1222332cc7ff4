"""The blank workbooks of :mod:`~sheets_sync.sinks.template` as Google spreadsheets: the same tabs, lists, hints."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import count
from typing import Any, NamedTuple

from sheets_sync.sinks import template
from sheets_sync.sinks.google_tab import BORDERS, Request, color, entered, locale_free, pixels, sized
from sheets_sync.sinks.xlsx_names import sheet_name
from sheets_sync.table import EXAMPLE_MARK, LISTS_SHEET
from sheets_sync.table_schema.model import Field, TableSchema


class Blank(NamedTuple):
    """What makes a blank spreadsheet: the ``sheets`` to create it with, then ``requests`` in one batch.

    The batch may be repeated: it says what is to be, not what is to be added.
    """

    sheets: list[dict[str, Any]]
    requests: list[Request]


def blank_spreadsheet(schemas: Sequence[TableSchema], *, org_type: str = "", taken: Collection[int] = ()) -> Blank:
    """A spreadsheet with a tab per schema, without the fields meant for other organisations.

    ``taken`` are sheetIds that its tabs are not to have.
    """
    sheets: list[dict[str, Any]] = []
    requests: list[Request] = []
    names: list[str] = []
    numbers = (number for number in count(1) if number not in taken)
    for number, schema in zip(numbers, schemas, strict=False):
        names.append(sheet_name(schema.title, [*names, LISTS_SHEET]))
        fields = template.fields_for(schema, org_type)
        grid = {
            "rowCount": template.LAST_ROW,
            "columnCount": len(fields) + 1,
            "frozenRowCount": 1,
            "frozenColumnCount": min(len(fields), 1 if len(fields) < 3 else 2),
        }
        properties = {"sheetId": number, "title": names[-1], "gridProperties": grid}
        sheets.append({"properties": properties})
        requests += _filled(number, fields)
    return Blank(sheets, requests)


def _filled(at: int, fields: Sequence[Field]) -> Iterator[Request]:
    headings, samples = [], []
    for item in (None, *fields):
        required = item is not None and item.required != "no"
        hint = template.hint_of(item) if item else template.NUMBER_HINT
        heading: dict[str, Any] = {
            "userEnteredValue": {"stringValue": item.title if item else template.NUMBER_HEADING},
            "userEnteredFormat": {
                "backgroundColorStyle": color(template.REQUIRED_FILL if required else template.OPTIONAL_FILL),
                "textFormat": {"fontFamily": "Arial", "fontSize": 10, "bold": True},
                "horizontalAlignment": "CENTER",
                "verticalAlignment": "MIDDLE",
                "wrapStrategy": "WRAP",
                "borders": BORDERS,
            },
        }
        headings.append(heading | ({"note": hint} if hint else {}))
        look = _look(item)
        look["textFormat"] = look["textFormat"] | {
            "italic": True,
            "foregroundColorStyle": color(template.EXAMPLE_COLOR),
        }
        samples.append(_sample(item) | {"userEnteredFormat": look | {"borders": BORDERS}})
    for column, item in enumerate((None, *fields)):
        cells = {
            "sheetId": at,
            "startRowIndex": 1,
            "endRowIndex": template.LAST_ROW,
            "startColumnIndex": column,
            "endColumnIndex": column + 1,
        }
        yield {
            "repeatCell": {"range": cells, "cell": {"userEnteredFormat": _look(item)}, "fields": "userEnteredFormat"}
        }
        wide = template.width_of(item, template.example(item)) if item else template.NUMBER_WIDTH
        yield sized(at, "COLUMNS", column, column + 1, pixels(wide))
        if item is not None and (rule := _rule(item)):
            yield {"setDataValidation": {"range": cells, "rule": rule}}
    start = {"sheetId": at, "rowIndex": 0, "columnIndex": 0}
    rows = [{"values": headings}, {"values": samples}]
    yield {"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue,userEnteredFormat,note"}}


def _look(item: Field | None) -> dict[str, Any]:
    look: dict[str, Any] = {
        "textFormat": {"fontFamily": "Arial", "fontSize": 10},
        "verticalAlignment": "TOP",
        "wrapStrategy": "WRAP",
    }
    pattern = template.FORMATS.get(item.type, "@") if item else "@"
    if pattern != "General":
        kind = {"@": "TEXT", template.FORMATS["date"]: "DATE"}.get(pattern, "DATE_TIME")
        look["numberFormat"] = {"type": kind, "pattern": pattern}
    return look


def _sample(item: Field | None) -> dict[str, Any]:
    found = entered(template.example(item) if item else EXAMPLE_MARK)
    if found is None or found == "":
        return {}
    return {"userEnteredValue": {"stringValue" if isinstance(found, str) else "numberValue": found}}


def _rule(item: Field) -> dict[str, Any]:
    """Lists and hints guide; none of them forbids: what a school has to say must fit in."""
    hint = template.hint_of(item)
    condition: dict[str, Any]
    if words := template.words_of(item):
        condition = {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": word} for word in words]}
        said = hint or template.NOT_LISTED
    elif item.type == "date":
        condition, said = {"type": "DATE_IS_VALID"}, hint or template.NO_DATE
    elif item.type in template.NUMERIC:
        bounds = [item.minimum or 0] if item.maximum is None else [item.minimum or 0, item.maximum]
        kind = "NUMBER_GREATER_THAN_EQ" if item.maximum is None else "NUMBER_BETWEEN"
        values = [f"{bound:g}" if float(bound).is_integer() else f"={locale_free(f'{bound:g}')}" for bound in bounds]
        condition = {"type": kind, "values": [{"userEnteredValue": value} for value in values]}
        said = hint or template.NO_NUMBER
    else:
        return {}
    return {"condition": condition, "inputMessage": said, "strict": False, "showCustomUi": True}
