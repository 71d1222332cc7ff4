"""What a Book becomes as requests of the Sheets API: values, links, formulas, notes, blank spreadsheets."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from sheets_sync.reporting.page import Cell, Column, Formula, Link, PlainValue, Sheet
from sheets_sync.sinks.google_notes import FIRST_LINE, CellNote, is_ours, note_requests, note_text
from sheets_sync.sinks.google_sheets import links_between
from sheets_sync.sinks.google_tab import LONGEST_TEXT, Tab, Target, entered, locale_free
from sheets_sync.sinks.google_template import blank_spreadsheet
from sheets_sync.sinks.template import tables_for
from sheets_sync.table_schema.loading import load_definitions


def requests_of(*sheets: Sheet, titles: dict[str, str] | None = None) -> list[dict[str, Any]]:
    tabs = {sheet.title: Tab(sheet, sheet.title) for sheet in sheets}
    targets = {key: Target(number, (titles or {}).get(key, key)) for number, key in enumerate(tabs, 1)}
    return [request for tab in tabs.values() for request in tab.requests(targets, tabs)]


def entered_values(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        cell.get("userEnteredValue", {})
        for request in requests
        for row in request.get("updateCells", {}).get("rows", ())
        for cell in row["values"]
        if "userEnteredValue" in request["updateCells"]["fields"]
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("=1+1", "=1+1"),
        ("+7 914", "+7 914"),
        ("'так", "'так"),
        ("007", "007"),
        ("а\x00б\r\nв\ud800", "аб\nв"),
        (True, "да"),
        (False, "нет"),
        (3, 3),
        (10**15, "1000000000000000"),
        (float("nan"), None),
        (float("-inf"), "-∞"),
        (date(2023, 9, 1), 45170),
        (date(1900, 1, 1), 2),
        (date(1899, 12, 30), "30.12.1899"),
        (datetime(2023, 9, 1, 12, 0), 45170.5),
        (Link("F7", "x.xlsx"), "F7"),
        (None, None),
    ],
)
def test_values(value: PlainValue, expected: object) -> None:
    """Text stays text whatever it begins with; days are the numbers Google counts them by."""
    assert entered(value) == expected


def test_text_is_never_a_formula() -> None:
    """Only a formula of our own is written as one."""
    texts = ["=HYPERLINK(1)", "+1", "-1", "@a", "'"]
    values = entered_values(requests_of(Sheet("Л", [Column("А")], [[text] for text in texts])))
    assert values == [{"stringValue": text} for text in ["А", *texts]]


def test_a_text_too_long_for_a_cell_is_cut_and_said() -> None:
    """What was cut is said at the end of the text, and to the operator."""
    tab = Tab(Sheet("Л", [Column("А")], [["я" * 60_000]]), "Л")
    value = tab.value("я" * 60_000, "text")["userEnteredValue"]["stringValue"]
    assert len(value) == LONGEST_TEXT
    assert value.endswith("… [показано не всё: в тексте 60000 знаков]")
    assert tab.notices == ["Л: a text of 60000 characters was cut to fit into a cell"]


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("ROUND({1}-{0},1)", "ROUND({1}-{0};1)"),
        ('IF({0}="","а, б",{0}>=0.55)', 'IF({0}="";"а, б";{0}>=(55/100))'),
        ("SUM('Имя, 1.5'!A1,A2)", "SUM('Имя, 1.5'!A1;A2)"),
    ],
)
def test_formulas_mean_the_same_in_every_locale(formula: str, expected: str) -> None:
    """In ru_RU a comma is the decimal sign: neither it nor a point may stand in a formula."""
    assert locale_free(formula) == expected


@pytest.mark.parametrize("title", ["A1", "R1C1", "Школа «1»", "It's", "а!б", "а/б", "🙂"])
def test_formulas_name_tabs_as_they_are_called_now(title: str) -> None:
    """A tab's title is quoted, so none is taken for a cell; the row is that of the other tab's record."""
    other = Sheet("Данные", [Column("Ч", "integer")], [[1], [2]], above=["Данные"])
    formula = Formula("SUM({0}:{1})", 3, (Cell(0, 0, "Данные"), Cell(1, 0, "Данные")))
    values = entered_values(requests_of(Sheet("Л", [Column("Ф")], [[formula]]), other, titles={"Данные": title}))
    quoted = "'" + title.replace("'", "''") + "'"
    assert {"formulaValue": f"=SUM({quoted}!A4:A5)"} in values


def test_links_lead_to_tabs_by_number() -> None:
    """Within the book, within the spreadsheet, to another one, to one whose tabs are unknown; else plain text."""
    resolve = links_between({"here": {"It's": 7}, "there": {"База": 8}}, "here")
    assert resolve(Link("", "google:here#'It''s'!F17")) == "#gid=7&range=F17"
    there = "https://docs.google.com/spreadsheets/d/there/edit"
    assert resolve(Link("", "google:there#'База'!F17")) == f"{there}#gid=8&range=F17"
    assert resolve(Link("", "google:there#'Нет'!F17")) == there
    assert resolve(Link("", "google:there")) == there
    assert resolve(Link("", "../inbox/База.xlsx#'База'!F17")) is None
    sheet = Sheet("Л", [Column("С", "link")], [[Link("в книге", "#'Л'!A1")], [Link("файл", "x.xlsx#'Л'!A1")]])
    links = [r["updateCells"] for r in requests_of(sheet) if "link" in r.get("updateCells", {}).get("fields", "")]
    (cells,) = links
    uri = {"userEnteredFormat": {"textFormat": {"link": {"uri": "#gid=1&range=A1"}}}}
    assert [row["values"] for row in cells["rows"]] == [[uri], [{}]]


def test_lines_are_not_merged_across_frozen_columns() -> None:
    """Google refuses to freeze a part of a merged cell."""
    columns = [Column("А", width=20), Column("Б", width=20)]
    merged = Sheet("Л", columns, [["а", "б"]], above=["Заголовок"])
    assert any("mergeCells" in request for request in requests_of(merged))
    merged.frozen_columns = 1
    assert not any("mergeCells" in request for request in requests_of(merged))


# --- notes


PLACE = (5, 3, 2)


def finding(text: str) -> CellNote:
    return CellNote(*PLACE, text)


def test_a_note_is_written_changed_and_removed() -> None:
    """Nothing to send when the note says it already; gone with the finding."""
    (request,) = note_requests([finding("Дата в будущем."), finding("Второе."), finding("Второе.")], {})
    cells = request["updateCells"]
    assert cells["range"] == {
        "sheetId": 5, "startRowIndex": 2, "endRowIndex": 3, "startColumnIndex": 1, "endColumnIndex": 2,
    }  # fmt: skip
    assert cells["fields"] == "note"
    note = cells["rows"][0]["values"][0]["note"]
    assert note.startswith(f"{FIRST_LINE}\nДата в будущем.\nВторое.\n")
    assert note_requests([finding("Дата в будущем."), finding("Второе.")], {PLACE: note}) == []
    (changed,) = note_requests([finding("Второе.")], {PLACE: note})
    assert changed["updateCells"]["rows"][0]["values"][0]["note"] == note_text(["Второе."])
    (removed,) = note_requests([], {PLACE: note})
    assert removed["updateCells"]["rows"] == [{"values": [{}]}]


@pytest.mark.parametrize(
    "note", ["Уточнить у Орловой", FIRST_LINE, note_text(["Второе."]) + "\nСпросила!", "Да. " + note_text(["Второе."])]
)
def test_a_persons_note_stays(note: str) -> None:
    """Also one that was ours before a person wrote in it."""
    assert not is_ours(note)
    assert note_requests([finding("Дата в будущем.")], {PLACE: note}) == []
    assert note_requests([], {PLACE: note}) == []


# --- blank spreadsheets


def test_blank_spreadsheet_asks_for_what_the_excel_one_asks_for() -> None:
    """A tab per table, lists and hints, an example; nothing forbids."""
    schemas = load_definitions().schemas
    blank = blank_spreadsheet([schemas[name] for name in tables_for("school")], org_type="school")
    titles = [sheet["properties"]["title"] for sheet in blank.sheets]
    assert titles == [schemas[name].title for name in tables_for("school")]
    rules = [request["setDataValidation"]["rule"] for request in blank.requests if "setDataValidation" in request]
    assert {rule["condition"]["type"] for rule in rules} >= {"ONE_OF_LIST", "DATE_IS_VALID", "NUMBER_BETWEEN"}
    assert not any(rule["strict"] for rule in rules)
    rows = next(request["updateCells"]["rows"] for request in blank.requests if "updateCells" in request)
    assert rows[0]["values"][0]["userEnteredValue"] == {"stringValue": "№ п/п"}
    assert rows[1]["values"][0]["userEnteredValue"] == {"stringValue": "Пример"}
    assert any(cell.get("note", "").endswith("Обязательно.") for cell in rows[0]["values"])
