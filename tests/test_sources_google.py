"""A Google spreadsheet fetched in one request, two when it is large, and read as an .xlsx of the same cells is."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from sheets_sync.google.refusals import GoogleRefused, GoogleUnavailable
from sheets_sync.issues import At, Issue
from sheets_sync.sources import WorkbookRef
from sheets_sync.sources.bounds import Bounds
from sheets_sync.sources.excel import read_workbook
from sheets_sync.sources.google_grid import envelope, read
from sheets_sync.sources.google_sheets import LARGE, GoogleSheets
from sheets_sync.table import CellError, Grid, Shown, Value, Workbook
from tests.google_script import Asked, Reply, Script, client_of, google_error, html, serving
from tests.odd_files import row_xml, sheet_xml, xlsx

AT = At("school", "Книга")
REF = WorkbookRef("school", "Книга", "google:S1", 1, 1)


def cell(value: Any, kind: str = "", pattern: str = "") -> dict[str, Any]:
    """A cell as spreadsheets.get tells it; an error by «#TYPE»."""
    if value is None:
        told: dict[str, Any] = {}
    elif isinstance(value, bool):
        told = {"effectiveValue": {"boolValue": value}}
    elif isinstance(value, str) and value.startswith("#"):
        told = {"effectiveValue": {"errorValue": {"type": value[1:], "message": "x"}}}
    elif isinstance(value, str):
        told = {"effectiveValue": {"stringValue": value}}
    else:
        told = {"effectiveValue": {"numberValue": value}}
    if kind or pattern:
        told["effectiveFormat"] = {"numberFormat": {"type": kind} | ({"pattern": pattern} if pattern else {})}
    return told


def tab(title: str, rows: list[list[Any]], number: int = 0, **more: Any) -> dict[str, Any]:
    """A tab; cells that are no dicts are made cells."""
    values = [{"values": [one if isinstance(one, dict) else cell(one) for one in row]} if row else {} for row in rows]
    properties = {"sheetId": number, "title": title, "index": number, "sheetType": "GRID",
                  "gridProperties": {"rowCount": 1000, "columnCount": 26}} | more.pop("properties", {})  # fmt: skip
    return {"properties": properties, "data": [{"rowData": values} | more.pop("block", {})]} | more


def answer(*tabs: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"spreadsheetId": "S1", "properties": {"title": "Книга", "locale": "ru_RU"}, "sheets": list(tabs)} | more


def grids_of(*tabs: dict[str, Any]) -> list[Grid]:
    issues: list[Issue] = []
    grids = read(envelope(tabs), AT, issues)
    assert issues == []
    return grids


def value_of(value: Any, kind: str = "", pattern: str = "") -> Value:
    (grid,) = grids_of(tab("Л", [[cell(value, kind, pattern)]]))
    return grid.rows[0][0]


# cells


@pytest.mark.parametrize(
    ("told", "read_as"),
    [
        (("Орлова  Мария ",), "Орлова  Мария "),
        (("007",), "007"),
        (("1,5",), "1,5"),
        (("'=1+1",), "'=1+1"),
        (("x" * 50_000,), "x" * 50_000),
        ((7,), 7.0),
        ((0.1,), 0.1),
        ((True,), "ИСТИНА"),
        ((False,), "ЛОЖЬ"),
        (("ИСТИНА",), "ИСТИНА"),
        (("#REF",), CellError("#REF!")),
        (("#N_A",), CellError("#N/A")),
        (("#DIVIDE_BY_ZERO",), CellError("#DIV/0!")),
        (("#NAME",), CellError("#NAME?")),
        (("#VALUE",), CellError("#VALUE!")),
        (("#NUM",), CellError("#NUM!")),
        (("#NULL_VALUE",), CellError("#NULL!")),
        (("#ERROR",), CellError("#ERROR!")),
        # dates: days since 30.12.1899, days before 1.03.1900 too
        ((45000, "DATE", "dd.mm.yyyy"), date(2023, 3, 15)),
        ((45000, "DATE"), date(2023, 3, 15)),
        ((45000, "DATE_TIME", "dd.mm.yyyy hh:mm"), date(2023, 3, 15)),
        ((45000.5, "DATE_TIME", "dd.mm.yyyy hh:mm"), datetime(2023, 3, 15, 12, 0)),
        ((45000.123456789, "DATE"), datetime(2023, 3, 15, 2, 57, 46, 667000)),
        ((61, "DATE"), date(1900, 3, 1)),
        ((60, "DATE"), date(1900, 2, 28)),
        ((1, "DATE"), date(1899, 12, 31)),
        ((-1, "DATE"), date(1899, 12, 29)),
        ((10**9, "DATE"), 1e9),
        ((0.5, "TIME", "hh:mm"), time(12, 0)),
        ((1.5, "TIME", "hh:mm"), datetime(1899, 12, 31, 12, 0)),
        ((1.5, "TIME", "[h]:mm"), timedelta(hours=36)),
        ((1.5, "NUMBER", "[h]:mm:ss"), timedelta(hours=36)),
        ((45000, "", "dd.mm.yyyy"), date(2023, 3, 15)),
        ((45000, "NUMBER", '0 "дн."'), Shown(45000, "45000 дн.")),
        # numbers that show something else
        ((0.85, "PERCENT", "0%"), Shown(0.85, "85%")),
        ((0.855, "PERCENT"), Shown(0.855, "85,50%")),
        ((7, "NUMBER", "000"), Shown(7, "007")),
        ((7, "NUMBER", "#,##0.00"), 7.0),
        ((7, "TEXT", "@"), 7.0),
        ((1234567890123456, "", ""), Shown(1234567890123456, "1234567890123456")),
        ((1e15, "NUMBER", "0"), Shown(1e15, "1000000000000000")),
        ((999999999999999, "", ""), 999999999999999.0),
    ],
)
def test_a_cell_as_the_person_sees_it(told: tuple[Any, ...], read_as: Value) -> None:
    value = value_of(*told)
    assert (type(value), value) == (type(read_as), read_as)


def test_the_same_cells_as_an_xlsx_gives_them(tmp_path: Path) -> None:
    """The rectangle of what is filled, and the row numbers people see."""
    content = sheet_xml(
        '<row r="1"/><row r="3"><c r="B3"><v>1</v></c><c r="D3"><v>2</v></c></row><row r="5"><c r="C5"><v>3</v></c></row>'
    )
    (tmp_path / "а.xlsx").write_bytes(xlsx({"Л": content}))
    (there,) = read_workbook(REF._replace(locator=str(tmp_path / "а.xlsx"))).grids
    (here,) = grids_of(tab("Л", [[], [{}], [None, 1, None, 2, {}], [], ["", None, 3]]))
    assert (here.rows, here.first_row, here.first_column) == (there.rows, there.first_row, there.first_column)


def test_merges_hidden_rows_and_hidden_tabs() -> None:
    merges = [{"sheetId": 1, "startRowIndex": 0, "endRowIndex": 2, "startColumnIndex": 1, "endColumnIndex": 3},
              {"startRowIndex": 4, "endRowIndex": 5, "endColumnIndex": 2}]  # fmt: skip
    rows = [{}, {"hiddenByUser": True}, {"hiddenByFilter": True}, {}]
    one = tab("Черновик", [["а", "б"]], properties={"hidden": True}, merges=merges, block={"rowMetadata": rows})
    (grid,) = grids_of(one)
    assert (grid.visible, grid.hidden_rows) == (False, {2, 3})
    assert grid.merges == ((1, 2, 2, 3), (5, 1, 5, 2))


def test_blocks_say_where_they_start() -> None:
    one = tab("Л", [["а"]], block={"startRow": 9, "startColumn": 2, "rowMetadata": [{"hiddenByUser": True}]})
    (grid,) = grids_of(one)
    assert (grid.first_row, grid.first_column, grid.hidden_rows, grid.rows) == (10, 3, {10}, [["а"]])


def test_an_empty_tab_is_an_empty_grid() -> None:
    """As an .xlsx's empty sheet: there, and without rows."""
    first, second = grids_of({"properties": {"title": "А"}, "data": [{}]}, {"properties": {"title": "Б"}})
    assert (first.rows, second.rows) == ([], [])


def test_a_vast_tab_is_refused_the_others_are_read() -> None:
    issues: list[Issue] = []
    far = tab("Даль", [["а"]])
    far["data"].append({"startRow": 4_999_999, "startColumn": 20, "rowData": [{"values": [cell("я")]}]})
    grids = read(envelope([far, tab("Л", [["а"]])]), AT, issues)
    assert [grid.sheet for grid in grids] == ["Л"]
    assert [(issue.code, issue.at.sheet) for issue in issues] == [("file-too-large", "Даль")]


def test_a_tab_still_being_calculated_is_left_for_the_next_run() -> None:
    issues: list[Issue] = []
    grids = read(envelope([tab("Свод", [["#LOADING"]]), tab("Л", [["а"]])]), AT, issues)
    assert [grid.sheet for grid in grids] == ["Л"]
    assert [(issue.code, issue.at.sheet, dict(issue.params)) for issue in issues] == [
        ("file-unreadable", "Свод", {"reason": "google-loading"})
    ]


# fetching


def fetched(source: GoogleSheets, tmp_path: Path, ref: WorkbookRef = REF) -> Workbook:
    path = source.fetch(ref, tmp_path)
    return read_workbook(ref._replace(locator=str(path)))


def source_of(script: Script, **more: Any) -> GoogleSheets:
    return GoogleSheets(client_of(script), **more)


def test_a_full_read_is_one_request(tmp_path: Path) -> None:
    whole = answer(tab("Пары", [["Наставник"], ["Орлова"]]), tab("Черновик", [["а"]], 1, properties={"hidden": True}))
    with serving(whole) as script:
        source = source_of(script)
        workbook = fetched(source, tmp_path)
    assert [grid.sheet for grid in workbook.grids] == ["Пары", "Черновик"]
    assert [(issue.code, issue.at.sheet) for issue in workbook.issues] == [("sheet-hidden", "Черновик")]
    assert len(script.asked) == 1
    assert "rowMetadata(hiddenByUser" in script.asked[0].query["fields"][0]
    assert source.remembered["cells"] == {"S1": 3}


def test_tabs_that_are_ours_or_hold_no_cells_are_left_out(tmp_path: Path) -> None:
    """Ours by their metadata, whatever the title; what the fetch saw of them the sink is told."""
    mark = [{"metadataId": 5, "metadataKey": "sheets-sync", "metadataValue": "findings", "visibility": "DOCUMENT"}]
    chart = {"properties": {"sheetId": 3, "title": "График", "index": 2, "sheetType": "OBJECT"}}
    tabs = [
        tab("Пары", [["а"]]),
        tab("Мои замечания", [["б"]], 2, developerMetadata=mark),
        chart,
        tab("Проверка", [["в"]], 4),
    ]
    with serving(answer(*tabs)) as script:
        source = source_of(script)
        workbook = fetched(source, tmp_path)
    assert [grid.sheet for grid in workbook.grids] == ["Пары", "Проверка"]
    seen = source.seen["S1"]
    assert [(one.sheet_id, one.title, one.kind, one.ours) for one in seen.sheets] == [
        (0, "Пары", "GRID", False), (2, "Мои замечания", "GRID", True), (3, "График", "OBJECT", False), (4, "Проверка", "GRID", False)
    ]  # fmt: skip
    assert (seen.title, seen.id_of("Проверка"), seen.id_of("нет")) == ("Книга", 4, None)
    assert (seen.sheets[0].rows, seen.sheets[0].columns) == (1000, 26)


def test_our_own_tab_and_the_order_of_tabs_do_not_change_what_was_read(tmp_path: Path) -> None:
    """The run after our own write finds the same bytes: nothing is checked anew."""
    mark = [{"metadataId": 5, "metadataKey": "sheets-sync", "metadataValue": "findings"}]
    before, after = (
        answer(tab("Пары", [["а"]])),
        answer(tab("Проверка", [["б"]], 9, developerMetadata=mark), tab("Пары", [["а"]], properties={"index": 1})),
    )
    with serving(before, after) as script:
        source = source_of(script)
        first = source.fetch(REF, tmp_path).read_bytes()
        assert source.fetch(REF, tmp_path).read_bytes() == first


def large_answers(script: Script, rows: list[list[Any]], forms: list[dict[str, Any]]) -> None:
    """A tab «А1» with these bare values; ``forms`` are the cells of its first row in the answer without values."""

    def reply(asked: Asked) -> dict[str, Any]:
        if asked.path.endswith("values:batchGet"):
            return {"valueRanges": [{"range": "x", "values": rows}, {"range": "y"}]}
        return answer(tab("А1", [forms]), tab("Пустой", [], 1))

    script.answer = reply


def test_a_large_one_is_two_requests_and_reads_the_same(tmp_path: Path) -> None:
    values: list[Any] = ["Орлова", 45000, 0.5, True, "#N/A", "", "007"]
    forms = [{}, cell(None, "DATE", "dd.mm.yyyy"), cell(None, "PERCENT", "0%"), {}, cell("#N_A"), {}, {}]
    with serving() as script:
        large_answers(script, [values], forms)
        source = source_of(script, remembered={"cells": {"S1": LARGE + 1}})
        large = fetched(source, tmp_path).grids
        assert len(script.asked) == 2
        assert script.asked[1].query["ranges"] == ["'А1'", "'Пустой'"]
        assert "effectiveValue.errorValue.type" in script.asked[0].query["fields"][0]
    whole = [["Орлова", cell(45000, "DATE", "dd.mm.yyyy"), cell(0.5, "PERCENT", "0%"), True, "#N_A", None, "007"]]
    assert large == grids_of(tab("А1", whole), tab("Пустой", []))
    assert source.remembered["cells"] == {"S1": 6}  # small again: the next read is one request


def test_a_tab_renamed_between_the_two_requests(tmp_path: Path) -> None:
    with serving() as script:
        large_answers(script, [["а"]], [])
        usual = script.answer
        renamed = google_error(400, "Unable to parse range: 'А1'", word="INVALID_ARGUMENT")
        script.answer = lambda asked: renamed if "batchGet" in asked.path else usual(asked)
        source = source_of(script, remembered={"cells": {"S1": LARGE + 1}})
        assert [grid.sheet for grid in fetched(source, tmp_path).grids] == ["А1", "Пустой"]
        assert len(script.asked) == 3


def test_more_titles_than_an_address_holds_are_read_at_once(tmp_path: Path) -> None:
    tabs = [tab(f"Класс {number} параллели", [["а"]], number) for number in range(120)]
    with serving() as script:
        script.answer = lambda asked: answer(*tabs)
        source = source_of(script, remembered={"cells": {"S1": LARGE + 1}})
        assert len(fetched(source, tmp_path).grids) == 120
    assert len(script.asked) == 2
    assert script.of("GET", "batchGet") == []


def in_folder(script: Script, file: dict[str, Any], content: Any) -> None:
    """A school's folder with one file."""

    def reply(asked: Asked) -> Reply | dict[str, Any]:
        if asked.path.endswith("/files"):
            folder = {
                "id": "f",
                "name": "school",
                "mimeType": "application/vnd.google-apps.folder",
                "parents": ["root"],
            }
            return {"files": [folder] if "'root'" in asked.query["q"][0] else [file]}
        return content

    script.answer = reply


WORKBOOK = {"id": "X1", "name": "База.xlsx", "parents": ["f"], "version": "3", "size": "2000", "modifiedTime": "2026-11-01T10:00:00Z",
            "mimeType": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}  # fmt: skip


def test_an_xlsx_on_drive_is_downloaded_as_it_is(tmp_path: Path) -> None:
    with serving() as script:
        in_folder(script, WORKBOOK, Reply(body=xlsx({"Пары": sheet_xml(row_xml("<c><v>1</v></c>"))})))
        source = source_of(script, folders=["root"])
        (ref,) = source.list().workbooks
        workbook = fetched(source, tmp_path, ref)
    assert (workbook.path, [grid.sheet for grid in workbook.grids]) == ("База.xlsx", ["Пары"])


def test_a_file_larger_than_allowed_is_not_downloaded(tmp_path: Path) -> None:
    with serving() as script:
        in_folder(script, WORKBOOK, html(500))
        source = source_of(script, folders=["root"], bounds=Bounds(file_bytes=1000))
        (ref,) = source.list().workbooks
        with pytest.raises(GoogleRefused) as told:
            source.fetch(ref, tmp_path)
        asked = len(script.asked)
    issue = told.value.issue(AT)
    assert (issue.code, dict(issue.params), asked) == ("file-too-large", {"reason": "bytes"}, 2)


def test_what_sheets_calls_an_office_file_is_downloaded(tmp_path: Path) -> None:
    """Drive's kind may lag behind: Sheets says what it is."""
    refused = google_error(
        400,
        "This operation is not supported for this document. The document must not be an Office file.",
        word="FAILED_PRECONDITION",
    )
    with serving(refused, Reply(body=xlsx({"Пары": sheet_xml(row_xml("<c><v>1</v></c>"))}))) as script:
        assert [grid.sheet for grid in fetched(source_of(script), tmp_path).grids] == ["Пары"]


def test_a_refusal_names_the_workbook_and_the_others_go_on(tmp_path: Path) -> None:
    with serving(google_error(403, "The caller does not have permission")) as script:
        script.answer = lambda asked: answer(tab("Л", [["а"]]))
        source = source_of(script)
        with pytest.raises(GoogleRefused, match="“Книга”") as told:
            source.fetch(REF, tmp_path)
        assert told.value.reason == "no-access"
        fetched(source, tmp_path, REF._replace(locator="google:S2"))


def test_read_alone_tells_refusals_as_issues() -> None:
    with serving(html(404)) as script:
        script.answer = lambda asked: answer(tab("Л", [["а"]]))
        source = source_of(script)
        assert [dict(issue.params)["reason"] for issue in source.read(REF).issues] == ["google-gone"]
        assert [grid.rows for grid in source.read(REF).grids] == [[["а"]]]


def test_a_source_that_is_away_says_so(tmp_path: Path) -> None:
    with serving() as script:
        script.answer = lambda _: Reply(fault="cut")
        with pytest.raises(GoogleUnavailable) as told:
            source_of(script).fetch(REF, tmp_path)
    assert dict(told.value.issue(AT).params)["reason"] == "google-unavailable"


def test_a_damaged_envelope_is_an_issue(tmp_path: Path) -> None:
    path = tmp_path / "а.gsheet.json"
    for content in (b"{", b"[]", b'{"sheets": 1}', json.dumps({"sheets": [{}]}).encode()):
        path.write_bytes(content)
        workbook = read_workbook(REF._replace(locator=str(path)))
        assert [issue.code for issue in workbook.issues] == ["file-unreadable"]


def test_requests_are_foretold(tmp_path: Path) -> None:
    with serving() as script:
        in_folder(script, WORKBOOK, html(500))
        source = source_of(script, folders=["root"], remembered={"cells": {"S1": LARGE + 1}})
        refs = source.list().workbooks
        assert source.requests(refs) == (0, 1)
    source = source_of(script, remembered={"cells": {"S1": LARGE + 1}})
    assert source.requests([REF, REF._replace(locator="google:S2")]) == (3, 0)
