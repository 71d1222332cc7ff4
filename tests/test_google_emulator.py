"""The emulator of Google: ordinary use by unmodified gspread, and every way it can be made to fail."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import gspread
import openpyxl
import pytest
import requests
from google.auth.exceptions import RefreshError
from google.oauth2 import service_account

from tests.google_emulator import PERSON, CellError, Emulator, FakeClock, Formula, faults

PROJECT = Path(__file__).resolve().parent.parent
TOKEN = "our-token"
FULL = (
    "spreadsheetId,properties(title,locale,timeZone),sheets(properties(sheetId,title,index,sheetType,hidden,"
    "gridProperties(rowCount,columnCount)),merges,developerMetadata,protectedRanges(protectedRangeId,description),"
    "data(startRow,startColumn,rowData(values(effectiveValue,formattedValue,effectiveFormat.numberFormat))))"
)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def google(clock: FakeClock) -> Iterator[Emulator]:
    with Emulator(token=TOKEN, clock=clock) as emulator:
        yield emulator


class Redirected(gspread.HTTPClient):
    """Unmodified gspread but for the address."""

    base_url = ""

    def request(self, method: str, endpoint: str, *args: Any, **kwargs: Any) -> Any:
        for host in ("https://sheets.googleapis.com", "https://www.googleapis.com"):
            endpoint = endpoint.replace(host, self.base_url, 1)
        return super().request(method, endpoint, *args, **kwargs)


def client_of(google: Emulator, session: Any = None) -> gspread.Client:
    http = type("Http", (Redirected,), {"base_url": google.url})
    if session is None:
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {TOKEN}"
    return gspread.Client(None, session=session, http_client=http)


def signed_in(google: Emulator, info: dict[str, Any] | None = None, scopes: tuple[str, ...] = ("spreadsheets",)) -> Any:
    """A session of google-auth for a service account, without its look-ups elsewhere."""
    from google.auth.transport.requests import AuthorizedSession

    class Credentials(service_account.Credentials):
        def _is_regional_access_boundary_lookup_required(self) -> bool:
            return False

    wanted = [f"https://www.googleapis.com/auth/{scope}" for scope in scopes]
    return AuthorizedSession(Credentials.from_service_account_info(info or google.service_account(), scopes=wanted))


class Plain:
    """The API without a library: one call, status and decoded answer."""

    def __init__(self, google: Emulator, token: str = TOKEN) -> None:
        self.google = google
        self.headers = {"Authorization": f"Bearer {token}"}

    def __call__(self, verb: str, path: str, body: Any = None, **query: Any) -> tuple[int, Any]:
        where = self.google.url + path + ("?" + urlencode(query, doseq=True) if query else "")
        answer = requests.request(verb, where, json=body, headers=self.headers, timeout=5)
        return answer.status_code, answer.json() if "json" in answer.headers["Content-Type"] else answer.text

    def batch(self, file_id: str, *wanted: dict[str, Any]) -> tuple[int, Any]:
        return self("POST", f"/v4/spreadsheets/{file_id}:batchUpdate", {"requests": list(wanted)})

    def cells(self, file_id: str, cells: str, **query: Any) -> list[list[Any]]:
        status, answer = self("GET", f"/v4/spreadsheets/{file_id}/values/{quote(cells, safe='')}", **query)
        assert status == 200, answer
        return answer.get("values", [])


@pytest.fixture
def call(google: Emulator) -> Plain:
    return Plain(google)


# ordinary use


def test_gspread_makes_fills_and_reads_a_spreadsheet(google: Emulator) -> None:
    client = client_of(google)
    book = client.create("Наставники")
    assert client.open("Наставники").id == book.id
    sheet = book.sheet1
    assert (sheet.title, sheet.id, sheet.row_count, sheet.col_count) == ("Sheet1", 0, 1000, 26)
    sheet.update([["ФИО", "Класс"], ["Лев", 7]], "A1:B2")
    sheet.batch_update([{"range": "C1", "values": [["Часы"]]}, {"range": "C2", "values": [[1.5]]}])
    sheet.append_row(["Ева", 8, 3.0])
    assert sheet.get("A1:C3") == [["ФИО", "Класс", "Часы"], ["Лев", "7", "1.5"], ["Ева", "8", "3"]]
    assert sheet.get(value_render_option="UNFORMATTED_VALUE")[2] == ["Ева", 8, 3]
    assert sheet.get_all_records()[0] == {"ФИО": "Лев", "Класс": 7, "Часы": 1.5}
    assert sheet.col_values(1) == ["ФИО", "Лев", "Ева"]
    assert sheet.find("Ева").address == "A3"
    sheet.sort((1, "asc"), range="A2:C3")
    assert sheet.row_values(2)[0] == "Ева"
    sheet.delete_rows(2)
    sheet.insert_rows([["Ада", 5]], 2)
    assert sheet.get("A2:C3") == [["Ада", "5"], ["Лев", "7", "1.5"]]
    sheet.batch_clear(["A2:B2"])
    assert sheet.get("A2:C2") == [[]]
    client.del_spreadsheet(book.id)
    with pytest.raises(gspread.SpreadsheetNotFound):
        client.open_by_key(book.id)


def test_gspread_formats_notes_and_tabs(google: Emulator) -> None:
    client = client_of(google)
    book = client.create("Вид")
    sheet = book.add_worksheet("Лист «А»", 10, 5, index=0)
    sheet.format("A1:B1", {"textFormat": {"bold": True}, "backgroundColor": {"red": 0.1, "green": 0}})
    cell = google.sheet(book.id).cell(0, 1)
    assert cell.format == {
        "textFormat": {"bold": True},
        "backgroundColor": {"red": 0.1},
        "backgroundColorStyle": {"rgbColor": {"red": 0.1}},
    }
    sheet.update_note("B2", "важно")
    assert sheet.get_note("B2") == "важно"
    assert sheet.get_notes() == [[], ["", "важно"]]
    sheet.merge_cells("A3:B4")
    sheet.freeze(rows=1)
    sheet.add_protected_range("A1:A2", warning_only=True, description="заголовок")
    sheet.set_basic_filter("A1:B2")
    sheet.update_tab_color("#ff0000")
    sheet.hide_columns(1, 2)
    sheet.add_dimension_group_rows(0, 2)
    sheet.add_validation("C1:C2", gspread.utils.ValidationConditionType.one_of_list, ["да", "нет"])
    sheet.define_named_range("A1:B2", "начало")
    assert [cell.address for cell in sheet.range("начало")] == ["A1", "B1", "A2", "B2"]
    copy = sheet.duplicate(new_sheet_name="копия")
    assert [w.title for w in book.worksheets()] == ["копия", "Лист «А»", "Sheet1"]
    assert copy.frozen_row_count == 1
    copy.update_index(3)
    assert [w.title for w in book.worksheets()] == ["Лист «А»", "Sheet1", "копия"]
    assert len(book.list_protected_ranges(sheet.id)) == 1
    assert copy.tab_color == "#FF0000"
    copy.clear_tab_color()
    sheet.copy_to(book.id)
    book.del_worksheet(copy)
    assert [w.title for w in book.worksheets()] == ["Лист «А»", "Sheet1", "Copy of Лист «А»"]
    again = client.copy(book.id, title="Ещё")
    assert again.worksheet("Лист «А»").get_note("B2") == "важно"
    again.share("other@emulated.example", perm_type="user", role="writer", notify=False)
    assert {p["emailAddress"] for p in again.list_permissions()} >= {"other@emulated.example"}
    client.import_csv(again.id, "а;б,1\nв,2")
    assert again.sheet1.get() == [["а;б", "1"], ["в", "2"]]


@pytest.mark.parametrize("title", ["A1", "R1C1", "it's", "a!b", "a/b", "a:append", "ночь 🌙", "'", "Sheet 1"])
def test_any_title_is_found(google: Emulator, title: str) -> None:
    file_id = google.spreadsheet("К", {"первый": [["нет"]], title: [["да"]]})
    sheet = client_of(google).open_by_key(file_id).worksheet(title)
    assert sheet.get() == [["да"]]
    sheet.append_row(["ещё"])
    assert google.values(file_id, title) == [["да"], ["ещё"]]
    sheet.clear()
    assert google.values(file_id, title) == []


def test_bare_address_is_a_cell_of_the_first_sheet(google: Emulator, call: Plain) -> None:
    file_id = google.spreadsheet("К", {"первый": [["раз"]], "A1": [["два"]]})
    assert call.cells(file_id, "A1") == [["раз"]]
    assert call.cells(file_id, "'A1'") == [["два"]]


# reading


def test_full_read_with_masks(google: Emulator, call: Plain) -> None:
    rows = [["x", 1.0, None, True], [], [None, date(2024, 9, 1), CellError("N_A"), Formula("=1+1")]]
    file_id = google.spreadsheet("К", {"Один": rows, "Два": []})
    google.hide(file_id, "Два")
    google.merge(file_id, "A1:A2")
    google.chart_tab(file_id, "График")
    status, answer = call("GET", f"/v4/spreadsheets/{file_id}", fields=FULL, prettyPrint="false")
    assert status == 200
    one, two, chart = answer["sheets"]
    plain = {"effectiveFormat": {}}
    assert one["data"] == [
        {
            "rowData": [
                {
                    "values": [
                        {"effectiveValue": {"stringValue": "x"}, "formattedValue": "x"} | plain,
                        {"effectiveValue": {"numberValue": 1}, "formattedValue": "1"} | plain,
                        {},
                        {"effectiveValue": {"boolValue": True}, "formattedValue": "ИСТИНА"} | plain,
                    ]
                },
                {},
                {
                    "values": [
                        {},
                        {
                            "effectiveValue": {"numberValue": 45536},
                            "formattedValue": "01.09.2024",
                            "effectiveFormat": {"numberFormat": {"type": "DATE", "pattern": "dd.mm.yyyy"}},
                        },
                        {"effectiveValue": {"errorValue": {"type": "N_A"}}, "formattedValue": "#N/A"} | plain,
                        {"effectiveValue": {"numberValue": 2}, "formattedValue": "2"} | plain,
                    ]
                },
            ]
        }
    ]
    assert one["merges"] == [{"startRowIndex": 0, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 1}]
    assert two["properties"]["hidden"] is True
    assert two["data"] == [{}]
    assert chart["properties"]["sheetType"] == "OBJECT"
    assert "data" not in chart
    status, answer = call("GET", f"/v4/spreadsheets/{file_id}", fields="sheets.properties.title", ranges="'Один'!A1")
    assert answer == {"sheets": [{"properties": {"title": "Один"}}]}
    status, answer = call("GET", f"/v4/spreadsheets/{file_id}", fields="sheets/data/rowData/values/note")
    assert answer["sheets"][0] == {"data": [{}]}


def test_unknown_names_are_refused_and_noted(google: Emulator, call: Plain) -> None:
    file_id = google.spreadsheet("К")
    status, answer = call("GET", f"/v4/spreadsheets/{file_id}", fields="sheets.nothing")
    assert status == 400
    assert "path 'sheets.nothing'" in answer["error"]["details"][0]["fieldViolations"][0]["description"]
    status, answer = call.batch(file_id, {"addSheet": {"property": {}}})
    assert status == 400
    assert "Unknown name \"property\" at 'requests[0].add_sheet'" in answer["error"]["message"]
    status, _ = call.batch(file_id, {"addChart": {"chart": {}}})
    assert status == 501
    assert len(google.problems) == 3
    google.problems.clear()


def test_an_invalid_request_fails_the_test_that_sent_it() -> None:
    with pytest.raises(AssertionError, match="unknown query name"), Emulator(token=TOKEN) as google:
        Plain(google)("GET", "/drive/v3/files", surprise="1")


@pytest.mark.system
def test_reads_agree_with_backlot(
    google: Emulator, call: Plain, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A second opinion: a read-only server that was measured against Google."""
    import backlot

    monkeypatch.chdir(tmp_path)  # it reads a .env where it is started
    monkeypatch.setenv("BACKLOT_TELEMETRY", "0")
    tabs: dict[str, list[list[Any]]] = {
        "Sheet1": [["a", 1, 2.5, None, True], [None], [None, 3.0, "Ж", "007"], ["x"]],
        "Лист 2": [[1]],
        "D3": [["q", "w"]],
        "Пусто": [],
    }
    record = {
        "source_type": "google_drive",
        "title": "К",
        "visibility": "public",
        "created": "2024-09-01T00:00:00Z",
        "updated": "2024-09-01T00:00:00Z",
        "folder": "f",
        "author_email": PERSON,
        "subtype": "spreadsheet",
        "sheets": [{"title": title, "grid": grid} for title, grid in tabs.items()],
    }
    ours = google.spreadsheet("К", tabs, locale="en_US", time_zone="Etc/GMT")
    ranges = ("Sheet1", "A1:C3", "'Лист 2'", "'Лист 2'!A1", "D3", "'D3'", "Пусто!A1", "Sheet1!A2000", "Nope!A1", "sheet1!B:C",
              "Sheet1!2:3", "Sheet1!Z999:AB1002", "Sheet1!C3:A1", "Sheet1!B2:C", "!A1", "Sheet1!R1C1:R2C2", "'нет")  # fmt: skip
    masks = (
        "sheets.properties(title,index,sheetType,gridProperties)",
        "sheets(data(startRow,startColumn,rowData.values(effectiveValue,formattedValue,userEnteredValue)))",
        "sheets/data/rowData/values/note",
        "sheets.data.rowMetadata.pixelSize",
        "properties(locale,timeZone,autoRecalc,title)",
        "sheets.nothing",
    )
    with backlot.serve([record], telemetry=False) as other:
        head = {"Authorization": f"Bearer {other.token}"}
        files = requests.get(f"{other.base_url}/drive/v3/files", headers=head, timeout=10).json()["files"]
        theirs = next(f["id"] for f in files if f["name"] == "К")

        def both(path: str, **query: str) -> tuple[Any, Any]:
            found = requests.get(
                f"{other.base_url}/sheets/v4/spreadsheets/{theirs}{path}", query, headers=head, timeout=10
            )
            mine = requests.get(f"{google.url}/v4/spreadsheets/{ours}{path}", query, headers=call.headers, timeout=10)
            return (mine.status_code, mine.json()), (found.status_code, found.json())

        for cells in ranges:
            for render in ("FORMATTED_VALUE", "UNFORMATTED_VALUE"):
                for dimension in ("ROWS", "COLUMNS"):
                    mine, found = both(
                        f"/values/{quote(cells, safe='')}", valueRenderOption=render, majorDimension=dimension
                    )
                    assert mine == found, cells
        for mask in masks:
            mine, found = both("", fields=mask)
            assert mine == found, mask
            mine, found = both("", fields=mask, ranges="Sheet1!B1:C3")
            assert mine == found, mask
    google.problems.clear()  # one of the masks is meant to be refused


# locale and typing


@pytest.mark.parametrize(
    ("locale", "text", "value", "shown"),
    [
        ("ru_RU", "4,5", 4.5, "4,5"),
        ("ru_RU", "1 234,5", 1234.5, "1\u00a0234,50"),
        ("ru_RU", "4.5", "4.5", "4.5"),
        ("ru_RU", "01.09.2024", 45536, "01.09.2024"),
        ("ru_RU", "01.09.24", 45536, "01.09.24"),
        ("ru_RU", "32.09.2024", "32.09.2024", "32.09.2024"),
        ("ru_RU", "ИСТИНА", True, "ИСТИНА"),
        ("ru_RU", "12:30", 0.5208333333333334, "12:30"),
        ("en_US", "TRUE", True, "TRUE"),
        ("en_US", "4.5", 4.5, "4.5"),
        ("en_US", "2020-01-01", 43831, "2020-01-01"),
        ("en_US", "9/1/2024", 45536, "9/1/2024"),
        ("en_US", "0042", 42, "42"),
        ("en_US", "'0042", "0042", "0042"),
        ("en_US", "5%", 0.05, "5%"),
        ("en_US", "1e3", 1000, "1.00E+03"),
        ("en_US", "=1/3", 1 / 3, "0.3333333333"),
        ("en_US", "=4/2", 2, "2"),
        ("en_US", "=1/30", 1 / 30, "0.03333333333"),
        ("en_US", "=DATE(2024;9;1)", 45536, "9/1/2024"),
        ("ru_RU", "=DATE(2024;9;1)", 45536, "01.09.2024"),
        ("ru_RU", '=IFERROR(1/0;"пусто")', "пусто", "пусто"),
        ("en_US", "=1/0", "#DIV/0!", "#DIV/0!"),
        ("en_US", "=NOSUCH(1)", "#NAME?", "#NAME?"),
        ("en_US", "-5", -5, "-5"),
        ("en_US", "@имя", "@имя", "@имя"),
        ("en_US", "- тире", "- тире", "- тире"),
    ],
)
def test_user_entered_is_read_by_locale(
    google: Emulator, call: Plain, locale: str, text: str, value: Any, shown: str
) -> None:
    file_id = google.spreadsheet("К", [[]], locale=locale)
    path = f"/v4/spreadsheets/{file_id}/values/A1"
    assert call("PUT", path, {"values": [[text]]}, valueInputOption="USER_ENTERED")[0] == 200
    assert call.cells(file_id, "A1", valueRenderOption="UNFORMATTED_VALUE") == [[value]]
    assert call.cells(file_id, "A1") == [[shown]]


@pytest.mark.parametrize("text", ["007", "=1+1", "+7 900", "-1", "@a", "'x", "1,5", "ИСТИНА", "01.09.2024"])
def test_raw_and_string_values_stay_texts(google: Emulator, call: Plain, text: str) -> None:
    file_id = google.spreadsheet("К", [[]])
    call("PUT", f"/v4/spreadsheets/{file_id}/values/A1", {"values": [[text]]}, valueInputOption="RAW")
    place = {"sheetId": 0, "rowIndex": 0, "columnIndex": 1}
    rows = [{"values": [{"userEnteredValue": {"stringValue": text}}]}]
    assert call.batch(file_id, {"updateCells": {"start": place, "rows": rows, "fields": "userEnteredValue"}})[0] == 200
    assert google.values(file_id) == [[text, text]]


def test_null_skips_and_an_empty_text_clears(google: Emulator, call: Plain) -> None:
    file_id = google.spreadsheet("К", [["а", "б", "в"]])
    path = f"/v4/spreadsheets/{file_id}/values/A1"
    _, answer = call("PUT", path, {"values": [[None, "", "д"]]}, valueInputOption="RAW")
    assert google.values(file_id) == [["а", None, "д"]]
    assert answer["updatedCells"] == 2


def test_totals_count_a_row_once(google: Emulator, call: Plain) -> None:
    """Google's own example of writing to two ranges."""
    file_id = google.spreadsheet("К", {"Sheet1": []})
    data = [
        {"range": "Sheet1!A1:A4", "majorDimension": "COLUMNS", "values": [["Item", "Wheel", "Door", "Engine"]]},
        {"range": "Sheet1!B1:D2", "majorDimension": "ROWS", "values": [["Cost", "Stocked", "Ship Date"], ["$20.50", "4", "3/1/2016"]]},
    ]  # fmt: skip
    body = {"valueInputOption": "USER_ENTERED", "data": data}
    _, answer = call("POST", f"/v4/spreadsheets/{file_id}/values:batchUpdate", body)
    assert [answer[f"totalUpdated{what}"] for what in ("Rows", "Columns", "Cells", "Sheets")] == [4, 4, 10, 1]
    assert [part["updatedRange"] for part in answer["responses"]] == ["Sheet1!A1:A4", "Sheet1!B1:D2"]


def test_append_finds_the_last_table(google: Emulator, call: Plain) -> None:
    """Google's own example: tables at A1:C2 and B4:D6."""
    rows = [[1, 1, 1], [1, 1, 1], [], [None, 2, 2, 2], [None, 2, 2, 2], [None, 2, 2, 2]]
    for cells, place in (("Sheet1", "B7"), ("B4", "B7"), ("C5:D5", "B7"), ("B2:D4", "B7"), ("A3:G10", "B7"), ("A1", "A3"), ("E4", "E4")):  # fmt: skip
        file_id = google.spreadsheet("К", {"Sheet1": rows})
        path = f"/v4/spreadsheets/{file_id}/values/{cells}:append"
        _, answer = call("POST", path, {"values": [["новое"]]}, valueInputOption="RAW")
        assert answer["updates"]["updatedRange"] == f"Sheet1!{place}", cells


def test_grid_limits(google: Emulator, call: Plain) -> None:
    file_id = google.spreadsheet("К", {"Sheet1": [["а"]]})
    status, answer = call("GET", f"/v4/spreadsheets/{file_id}/values/Sheet1!A1001")
    assert (status, answer["error"]["message"]) == (
        400,
        "Range (Sheet1!A1001) exceeds grid limits. Max rows: 1000, max columns: 26",
    )
    path = f"/v4/spreadsheets/{file_id}/values/{quote('Sheet1!A1:B1')}"
    status, answer = call("PUT", path, {"values": [["а"], ["б"]]}, valueInputOption="RAW")
    assert answer["error"]["message"] == "Requested writing within range ['Sheet1'!A1:B1], but tried writing to row [2]"
    place = {"sheetId": 0, "rowIndex": 999, "columnIndex": 0}
    rows = [{"values": [{"note": "x"}]}] * 2
    assert call.batch(file_id, {"updateCells": {"start": place, "rows": rows, "fields": "note"}})[0] == 400


# batchUpdate


def test_a_batch_is_all_or_nothing(google: Emulator, call: Plain) -> None:
    file_id = google.spreadsheet("К", [["было"]])
    add = {"addSheet": {"properties": {"sheetId": 5, "title": "Проверка"}}}
    write = {"updateCells": {"range": {"sheetId": 0}, "rows": [], "fields": "userEnteredValue"}}
    before = google.file(file_id).version
    for bad in (
        {"deleteSheet": {"sheetId": 77}},
        {"addSheet": {"properties": {"sheetId": 0}}},
        {"addChart": {"chart": {}}},
    ):
        status, _ = call.batch(file_id, add, write, bad)
        assert status in (400, 501)
    assert google.values(file_id) == [["было"]]
    assert [s.title for s in google.book(file_id).sheets] == ["Лист1"]
    assert google.file(file_id).version == before
    assert call.batch(file_id, add, write)[0] == 200
    assert google.values(file_id) == []
    google.problems.clear()


def test_taken_ids_and_titles_are_refused(google: Emulator, call: Plain) -> None:
    file_id = google.spreadsheet("К", {"Один": []})
    metadata = {"metadataId": 9, "metadataKey": "k", "location": {"spreadsheet": True}, "visibility": "DOCUMENT"}
    wanted: list[dict[str, Any]] = [
        {"addSheet": {"properties": {"sheetId": 5, "title": "Два"}}},
        {"createDeveloperMetadata": {"developerMetadata": metadata}},
        {
            "addProtectedRange": {
                "protectedRange": {"protectedRangeId": 7, "range": {"sheetId": 0}, "warningOnly": True}
            }
        },
    ]
    assert call.batch(file_id, *wanted)[0] == 200
    for again in (*wanted, {"addSheet": {"properties": {"title": "ДВА"}}}):
        status, answer = call.batch(file_id, again)
        assert (status, answer["error"]["status"]) == (400, "INVALID_ARGUMENT")
        assert answer["error"]["message"].startswith(f"Invalid requests[0].{next(iter(again))}: ")


def test_developer_metadata_lives_with_its_sheet(google: Emulator, call: Plain) -> None:
    file_id = google.spreadsheet("К", {"Один": []})
    given = {"metadataId": 5, "metadataKey": "sheets-sync", "metadataValue": "a", "visibility": "DOCUMENT"}
    call.batch(
        file_id,
        {"addSheet": {"properties": {"sheetId": 5, "title": "Два"}}},
        {"createDeveloperMetadata": {"developerMetadata": {**given, "location": {"sheetId": 5}}}},
    )
    lookup = {"developerMetadataLookup": {"metadataKey": "sheets-sync"}}
    update = {"dataFilters": [lookup], "developerMetadata": {"metadataValue": "b"}, "fields": "metadataValue"}
    _, answer = call.batch(file_id, {"updateDeveloperMetadata": update})
    found = {**given, "metadataValue": "b", "location": {"locationType": "SHEET", "sheetId": 5}}
    assert answer["replies"] == [{"updateDeveloperMetadata": {"developerMetadata": [found]}}]
    _, answer = call("POST", f"/v4/spreadsheets/{file_id}/developerMetadata:search", {"dataFilters": [lookup]})
    assert answer == {"matchedDeveloperMetadata": [{"developerMetadata": found, "dataFilters": [lookup]}]}
    _, answer = call("GET", f"/v4/spreadsheets/{file_id}", fields="sheets(properties.title,developerMetadata)")
    assert answer["sheets"][1] == {"properties": {"title": "Два"}, "developerMetadata": [found]}
    call.batch(file_id, {"deleteSheet": {"sheetId": 5}})
    assert google.book(file_id).metadata == []


def test_update_cells_clears_what_its_rows_do_not_cover(google: Emulator, call: Plain) -> None:
    file_id = google.spreadsheet("К", [["а", "б"], ["в", "г"]])
    google.note(file_id, "B2", "заметка")
    rows = [{"values": [{"userEnteredValue": {"numberValue": 1}}]}]
    update = {"range": {"sheetId": 0}, "rows": rows, "fields": "userEnteredValue,userEnteredFormat.numberFormat"}
    assert call.batch(file_id, {"updateCells": update})[0] == 200
    assert google.values(file_id) == [[1]]
    assert google.sheet(file_id).cell(1, 1).note == "заметка"


def test_other_peoples_protection(google: Emulator, call: Plain) -> None:
    file_id = google.spreadsheet("К", [["а", "б"]])
    google.protect(file_id, "A1")
    google.protect(file_id, "B1", warning=True)
    path = f"/v4/spreadsheets/{file_id}/values/"
    status, answer = call("PUT", path + "A1", {"values": [["я"]]}, valueInputOption="RAW")
    assert (status, "protected cell" in answer["error"]["message"]) == (400, True)
    assert call("PUT", path + "B1", {"values": [["я"]]}, valueInputOption="RAW")[0] == 200
    assert google.values(file_id) == [["а", "я"]]


def test_a_protected_tab_keeps_its_shape(google: Emulator, call: Plain) -> None:
    file_id = google.spreadsheet("К", {"Один": [["а"]], "Два": []})
    google.protect(file_id, tab="Один")
    rows = {"sheetId": 0, "dimension": "ROWS", "startIndex": 0, "endIndex": 1}
    title = {"properties": {"sheetId": 0, "title": "Новый"}, "fields": "title"}
    for wanted in (
        {"insertDimension": {"range": rows}},
        {"deleteSheet": {"sheetId": 0}},
        {"updateSheetProperties": title},
    ):
        status, answer = call.batch(file_id, wanted)
        assert (status, "protected" in answer["error"]["message"]) == (400, True)
    assert call.batch(file_id, {"addSheet": {}})[0] == 200


def test_rows_coming_and_going_move_what_is_anchored(google: Emulator, call: Plain) -> None:
    file_id = google.spreadsheet("К", [["а"], ["б"], ["в"]])
    google.merge(file_id, "A2:B2")
    google.note(file_id, "A3", "н")
    google.protect(file_id, "A2:A3", warning=True)
    rows = {"sheetId": 0, "dimension": "ROWS", "startIndex": 1, "endIndex": 3}
    assert call.batch(file_id, {"insertDimension": {"range": rows}})[0] == 200
    sheet = google.sheet(file_id)
    assert google.values(file_id) == [["а"], [], [], ["б"], ["в"]]
    assert (sheet.merges[0].top, sheet.cell(4, 0).note, sheet.rows) == (3, "н", 1002)
    assert sheet.protected[0]["range"]["startRowIndex"] == 3
    call.batch(file_id, {"deleteDimension": {"range": {**rows, "endIndex": 4}}})
    sheet = google.sheet(file_id)
    assert (sheet.merges, sheet.protected[0]["range"]["endRowIndex"]) == ([], 2)


def test_spreadsheets_create_with_everything(google: Emulator, call: Plain) -> None:
    body = {
        "properties": {"title": "Бланк", "locale": "ru_RU"},
        "sheets": [
            {
                "properties": {
                    "title": "Пары",
                    "gridProperties": {"rowCount": 5, "columnCount": 3, "frozenRowCount": 1},
                },
                "data": [
                    {"rowData": [{"values": [{"userEnteredValue": {"stringValue": "ФИО"}, "note": "полностью"}]}]}
                ],
                "merges": [{"startRowIndex": 1, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 2}],
                "developerMetadata": [{"metadataKey": "k", "visibility": "DOCUMENT"}],
            }
        ],
    }
    status, answer = call("POST", "/v4/spreadsheets", body)
    assert status == 200, answer
    assert answer["properties"]["title"] == "Бланк"
    assert google.values(answer["spreadsheetId"], "Пары") == [["ФИО"]]
    assert google.sheet(answer["spreadsheetId"]).cell(0, 0).note == "полностью"


# who may


def test_token_endpoint_checks_the_signature(google: Emulator) -> None:
    info = google.service_account("robot@emulated.example")
    file_id = google.spreadsheet("К", [["а"]], shared_with=["robot@emulated.example"])
    client = client_of(google, signed_in(google, info))
    assert client.open_by_key(file_id).sheet1.get() == [["а"]]
    assert google.count("token") == 1
    wrong = {**info, "private_key": google.service_account("other@emulated.example", key=1)["private_key"]}
    with pytest.raises(RefreshError, match="invalid_grant"):
        client_of(google, signed_in(google, wrong)).open_by_key(file_id)


def test_tokens_run_out_by_the_clock(google: Emulator, clock: FakeClock) -> None:
    file_id = google.spreadsheet("К")
    client = client_of(google, signed_in(google))
    client.open_by_key(file_id)
    clock.advance(4000)
    client.open_by_key(file_id)  # 401, a new token, once more
    assert [entry.status for entry in google.log] == [200, 200, 401, 200, 200]


def test_scopes_are_kept_to(google: Emulator) -> None:
    file_id = google.spreadsheet("К")
    session = signed_in(google, scopes=("spreadsheets.readonly",))
    where = f"{google.url}/v4/spreadsheets/{file_id}"
    assert session.get(where).status_code == 200
    refused = session.post(where + ":batchUpdate", json={"requests": [{"addSheet": {}}]})
    assert (refused.status_code, "scopes" in refused.json()["error"]["message"]) == (403, True)
    assert session.get(google.url + "/drive/v3/files").status_code == 403


def test_refresh_tokens_of_people(google: Emulator) -> None:
    info = google.person(PERSON)
    form = {name: info[name] for name in ("client_id", "client_secret", "refresh_token")} | {
        "grant_type": "refresh_token"
    }
    token = requests.post(info["token_uri"], form, timeout=5).json()["access_token"]
    file_id = google.spreadsheet("К", shared_with=[])
    assert Plain(google, token)("GET", f"/v4/spreadsheets/{file_id}")[0] == 200
    assert Plain(google)("GET", f"/v4/spreadsheets/{file_id}")[0] == 403
    google.withdraw(PERSON)
    assert requests.post(info["token_uri"], form, timeout=5).json()["error"] == "invalid_grant"
    assert Plain(google, token)("GET", f"/v4/spreadsheets/{file_id}")[0] == 401


def test_readers_do_not_write(google: Emulator, call: Plain) -> None:
    file_id = google.spreadsheet("К", role="reader")
    assert call("GET", f"/v4/spreadsheets/{file_id}")[0] == 200
    assert call.batch(file_id, {"addSheet": {}})[0] == 403
    assert call("GET", "/v4/spreadsheets/nothing-like-it")[0] == 404
    google.unshare(file_id)
    assert call("GET", f"/v4/spreadsheets/{file_id}")[0] == 403
    assert call("GET", f"/drive/v3/files/{file_id}")[0] == 404


# Drive


def names(call: Plain, query: str, **more: Any) -> set[str]:
    status, answer = call("GET", "/drive/v3/files", q=query, **more)
    assert status == 200, answer
    return {file["name"] for file in answer["files"]}


def test_folders_shortcuts_trash_and_the_query_language(google: Emulator, call: Plain, tmp_path: Path) -> None:
    top = google.folder("Район")
    inner = google.folder("Школа № 1", top)
    book = google.spreadsheet("Наставники «А»", parent=inner)
    google.shortcut("ярлык", book, top)
    path = tmp_path / "план.xlsx"
    openpyxl.Workbook().save(path)
    xlsx = google.xlsx("план.xlsx", path, parent=inner)
    gone = google.spreadsheet("Старое", parent=inner)
    google.trash(gone)
    assert names(call, f"'{top}' in parents and trashed=false") == {"Школа № 1", "ярлык"}
    assert names(call, f"('{top}' in parents or '{inner}' in parents) and trashed = false") == {
        "Школа № 1",
        "ярлык",
        "Наставники «А»",
        "план.xlsx",
    }
    assert names(call, "trashed=true") == {"Старое"}
    assert names(call, "name contains 'настав' and not mimeType contains 'folder'") == {"Наставники «А»"}
    assert names(call, "name = 'it\\'s'") == set()
    assert call("GET", "/drive/v3/files", q="name ==")[0] == 400
    fields = "files(name,size,md5Checksum,shortcutDetails,version,parents)"
    _, answer = call("GET", "/drive/v3/files", q=f"'{inner}' in parents and trashed=false", fields=fields)
    by_name = {file["name"]: file for file in answer["files"]}
    assert by_name["план.xlsx"]["size"] == str(path.stat().st_size)
    assert "md5Checksum" not in by_name["Наставники «А»"]
    content = requests.get(f"{google.url}/drive/v3/files/{xlsx}?alt=media", headers=call.headers, timeout=5).content
    assert content == path.read_bytes()
    status, answer = call("GET", f"/v4/spreadsheets/{xlsx}")
    assert (status, answer["error"]["status"]) == (400, "FAILED_PRECONDITION")
    google.trash(inner)
    assert names(call, "trashed=false") == {"Район", "ярлык"}


def test_pages_versions_and_lag(google: Emulator, call: Plain, clock: FakeClock) -> None:
    ids = [google.spreadsheet(f"К{i}") for i in range(5)]
    google.drive.page_limit = 2
    found, token = [], ""
    while True:
        more = {"pageToken": token} if token else {}
        fields = "nextPageToken,incompleteSearch,files(id,version,modifiedTime)"
        _, answer = call("GET", "/drive/v3/files", pageSize=1000, fields=fields, **more)
        found += answer["files"]
        token = answer.get("nextPageToken", "")
        if not token:
            break
    assert {file["id"] for file in found} == set(ids)
    assert google.count("drive") == 3
    google.drive.page_limit, google.drive.lag = 1000, 180
    clock.advance(200)
    google.type(ids[0], "A1", "новое")
    listed = call("GET", "/drive/v3/files", fields="files(id,version)")[1]["files"]
    assert {file["version"] for file in listed} == {"1"}
    clock.advance(200)
    listed = call("GET", "/drive/v3/files", fields="files(id,version)")[1]["files"]
    assert sorted(file["version"] for file in listed) == ["1", "1", "1", "1", "2"]


def test_changes_tell_removals(google: Emulator, call: Plain) -> None:
    first, second = google.spreadsheet("А"), google.spreadsheet("Б")
    token = call("GET", "/drive/v3/changes/startPageToken")[1]["startPageToken"]
    google.type(first, "A1", 1)
    google.delete(second)
    _, answer = call("GET", "/drive/v3/changes", pageToken=token)
    assert {(c["fileId"], c["removed"]) for c in answer["changes"]} == {(first, False), (second, True)}
    assert answer["newStartPageToken"] == "4"


def test_a_folder_shared_for_reading_only(google: Emulator, call: Plain) -> None:
    file_id = google.spreadsheet("К", parent=google.folder("Район", role="reader"))
    assert call("GET", f"/v4/spreadsheets/{file_id}")[0] == 200
    assert call.batch(file_id, {"addSheet": {}})[0] == 403


def test_shared_drives_must_be_asked_for(google: Emulator, call: Plain) -> None:
    drive = google.shared_drive("Общий")
    file_id = google.spreadsheet("К", parent=drive)
    assert names(call, "trashed=false") == set()
    both = {"supportsAllDrives": "true", "includeItemsFromAllDrives": "true"}
    assert names(call, f"'{drive}' in parents", **both) == {"К"}
    assert call("GET", f"/drive/v3/files/{file_id}")[0] == 404
    assert call("GET", f"/drive/v3/files/{file_id}", supportsAllDrives="true")[0] == 200


def test_the_same_workbook_as_xlsx_and_back(google: Emulator, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    tab = book.active
    tab.append(["Дата", date(2024, 9, 1), 1.5, "007", True])
    tab["A2"] = "=1+1"
    tab["B2"].comment = openpyxl.comments.Comment("заметка", "я")
    tab.merge_cells("C2:D3")
    book.create_sheet("скрытый").sheet_state = "hidden"
    book.save(tmp_path / "а.xlsx")
    file_id = google.spreadsheet("К", tmp_path / "а.xlsx")
    assert google.values(file_id)[0] == ["Дата", 45536.0, 1.5, "007", True]
    sheet = google.sheet(file_id)
    assert sheet.cell(1, 1).note == "заметка"
    assert (sheet.merges[0].top, sheet.merges[0].bottom) == (1, 3)
    assert google.sheet(file_id, "скрытый").properties == {"hidden": True}
    exported = client_of(google).export(file_id, gspread.utils.ExportFormat.EXCEL)
    (tmp_path / "б.xlsx").write_bytes(exported)
    back = openpyxl.load_workbook(tmp_path / "б.xlsx")
    assert back.worksheets[0]["B1"].value.date() == date(2024, 9, 1)
    assert back.worksheets[1].sheet_state == "hidden"


# quotas and faults


def test_quotas_by_the_clock(google: Emulator, call: Plain, clock: FakeClock) -> None:
    google.quota(reads=3, writes=1)
    file_id = google.spreadsheet("К")
    path = f"/v4/spreadsheets/{file_id}"
    statuses = [call("GET", path)[0] for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    assert call("GET", f"/drive/v3/files/{file_id}")[0] == 200
    assert [call.batch(file_id, {"addSheet": {}})[0] for _ in range(2)] == [200, 429]
    clock.advance(59)
    assert call("GET", path)[0] == 429
    clock.advance(1)
    assert call("GET", path)[0] == 200
    assert google.count("read", status=429) == 2


def test_faults_that_answer(google: Emulator, call: Plain) -> None:
    path = f"/v4/spreadsheets/{google.spreadsheet('К')}"
    for fault, status, text in (
        (faults.too_many_requests(), 429, "RESOURCE_EXHAUSTED"),
        (faults.quota_403(), 403, "userRateLimitExceeded"),
        (faults.html(502), 502, "<!DOCTYPE html>"),
        (faults.html(503), 503, "<!DOCTYPE html>"),
        (faults.error(500), 500, "INTERNAL"),
        (faults.error(403), 403, "PERMISSION_DENIED"),
        (faults.revoked(), 401, "UNAUTHENTICATED"),
    ):
        google.faults.add(fault)
        found = call("GET", path)
        assert found[0] == status
        assert text in (found[1] if isinstance(found[1], str) else json.dumps(found[1]))
        assert call("GET", path)[0] == 200
    google.faults.add(faults.too_many_requests(retry_after=7))
    assert requests.get(google.url + path, headers=call.headers, timeout=5).headers["Retry-After"] == "7"


def test_faults_find_their_request(google: Emulator, call: Plain) -> None:
    file_id = google.spreadsheet("К")
    google.faults.add(faults.html(502), nth=2, times=2)
    google.faults.add(faults.html(503), method="POST", path=":batchUpdate")
    statuses = [call("GET", f"/v4/spreadsheets/{file_id}")[0] for _ in range(4)]
    assert statuses == [200, 502, 502, 200]
    assert call.batch(file_id, {"addSheet": {}})[0] == 503
    assert len(google.book(file_id).sheets) == 1
    assert len(google.faults) == 0
    assert [entry.fault for entry in google.log if entry.fault] == ["HTML 502", "HTML 502", "HTML 503"]


def test_faults_that_cut_the_connection(google: Emulator, call: Plain) -> None:
    file_id = google.spreadsheet("К")
    google.faults.add(faults.cut())
    with pytest.raises(requests.ConnectionError):
        call.batch(file_id, {"addSheet": {}})
    assert len(google.book(file_id).sheets) == 1
    google.faults.add(faults.lost_reply())
    with pytest.raises(requests.ConnectionError):
        call.batch(file_id, {"addSheet": {}})
    assert len(google.book(file_id).sheets) == 2
    google.faults.add(faults.html(502).though_applied())
    assert call.batch(file_id, {"addSheet": {}})[0] == 502
    assert len(google.book(file_id).sheets) == 3


def test_faults_that_hang(google: Emulator, call: Plain) -> None:
    google.faults.add(faults.hang())
    with pytest.raises(requests.Timeout):
        requests.get(google.url + "/drive/v3/files", headers=call.headers, timeout=0.1)


def test_faults_that_truncate(google: Emulator, call: Plain) -> None:
    path = f"{google.url}/v4/spreadsheets/{google.spreadsheet('К')}"
    google.faults.add(faults.truncated_json())
    with pytest.raises(requests.JSONDecodeError):
        requests.get(path, headers=call.headers, timeout=5).json()
    google.faults.add(faults.truncated_gzip())
    with pytest.raises((requests.exceptions.ContentDecodingError, requests.JSONDecodeError)):
        requests.get(path, headers=call.headers, timeout=5).json()


def test_revoked_token_in_the_middle_of_a_run(google: Emulator) -> None:
    file_id = google.spreadsheet("К")
    client = client_of(google, signed_in(google))
    google.faults.add(faults.revoked(), nth=2)
    client.open_by_key(file_id)
    client.open_by_key(file_id)
    assert [(entry.kind, entry.status) for entry in google.log] == [
        ("token", 200),
        ("read", 200),
        ("read", 401),
        ("token", 200),
        ("read", 200),
    ]


def test_token_endpoint_faults(google: Emulator) -> None:
    file_id = google.spreadsheet("К")
    google.faults.add(faults.invalid_grant(), path="/token")
    with pytest.raises(RefreshError):
        client_of(google, signed_in(google)).open_by_key(file_id)
    client_of(google, signed_in(google)).open_by_key(file_id)


def test_two_threads_at_once(google: Emulator, call: Plain) -> None:
    file_id = google.spreadsheet("К")
    threads = [
        threading.Thread(target=lambda: [call.batch(file_id, {"addSheet": {}}) for _ in range(10)]) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({s.id for s in google.book(file_id).sheets}) == 21


def test_nobody_is_answered_after_the_end() -> None:
    session = requests.Session()
    with Emulator(token=TOKEN) as google:
        assert session.get(google.url + "/drive/v3/files", headers=Plain(google).headers, timeout=5).status_code == 200
    with pytest.raises(requests.ConnectionError):
        session.get(google.url + "/drive/v3/files", timeout=5)


def test_answers_are_compressed(google: Emulator, call: Plain) -> None:
    answer = requests.get(f"{google.url}/v4/spreadsheets/{google.spreadsheet('К')}", headers=call.headers, timeout=5)
    assert answer.headers["Content-Encoding"] == "gzip"


def test_program_tells_its_address_first(tmp_path: Path) -> None:
    (tmp_path / "Район" / "Школа").mkdir(parents=True)
    openpyxl.Workbook().save(tmp_path / "Район" / "Школа" / "Журнал.xlsx")
    key = tmp_path / "key.json"
    command = [
        sys.executable,
        "-m",
        "tests.google_emulator",
        "--token",
        "t",
        "--key",
        key,
        "--seed",
        tmp_path / "Район",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=PROJECT) as program:
        try:
            assert program.stdout is not None
            url, folder = program.stdout.readline().strip(), program.stdout.readline().split()
            answer = requests.get(f"{url}/drive/v3/files", headers={"Authorization": "Bearer t"}, timeout=5).json()
        finally:
            program.terminate()
    assert {file["name"] for file in answer["files"]} == {"Район", "Школа", "Журнал"}
    assert folder[1] == "Район"
    assert json.loads(key.read_text("utf-8"))["token_uri"] == f"{url}/token"
    assert key.stat().st_mode & 0o077 == 0
