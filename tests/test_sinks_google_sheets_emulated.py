"""The Google sink against the emulator: what a person has is kept, what is ours converges, whatever fails on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from google.oauth2.credentials import Credentials

from sheets_sync.google.client import GoogleClient
from sheets_sync.google.refusals import GoogleRefused
from sheets_sync.google.seen import SheetsSeen
from sheets_sync.reporting.page import Book, Cell, Chart, Column, Formula, Link, Series, Sheet, Span, When
from sheets_sync.sinks import google_sheets, google_tab
from sheets_sync.sinks.google_notes import NOTE_FIELDS, CellNote, note_requests, note_text, notes_of
from sheets_sync.sinks.google_sheets import GoogleSheetsSink, Put, address, links_between
from sheets_sync.sinks.google_template import blank_spreadsheet
from sheets_sync.table_schema.loading import load_definitions
from tests.google_emulator import Emulator, FakeClock, faults

GROUP = "findings"
EVERYTHING = (
    "sheets(properties,merges,conditionalFormats,protectedRanges,basicFilter,charts,developerMetadata,"
    "data(rowData(values(userEnteredValue,effectiveValue,note,userEnteredFormat))))"
)


class Cloud:
    """A spreadsheet at the emulator, our client to it, and a person who works in it too."""

    def __init__(self, emulator: Any, spreadsheet_id: str, client: GoogleClient) -> None:
        self.emulator, self.id, self.client = emulator, spreadsheet_id, client
        self.sink = GoogleSheetsSink(client)

    def put(self, book: Book, *, known: bool = True, **more: Any) -> Put:
        return self.sink.put(book, self.id, GROUP, self.seen() if known else None, **more)

    def person(self, *requests: dict[str, Any]) -> None:
        """What a person does to the spreadsheet."""
        self.client.update(self.id, requests, lambda: False)

    def seen(self) -> SheetsSeen:
        """What the full read of a run tells."""
        fields = "sheets(properties(sheetId,title,gridProperties),developerMetadata,protectedRanges(protectedRangeId))"
        return SheetsSeen.of(self.client.spreadsheet(self.id, fields))

    def sheets(self) -> dict[str, dict[str, Any]]:
        answer = self.client.spreadsheet(self.id, EVERYTHING)
        return {sheet["properties"]["title"]: sheet for sheet in answer["sheets"]}

    def values(self, title: str, what: str = "userEnteredValue") -> list[list[Any]]:
        rows = self.sheets()[title]["data"][0].get("rowData", [])
        return [[next(iter(cell.get(what, {}).values()), None) for cell in row.get("values", ())] for row in rows]

    def state(self) -> Any:
        """Everything of the spreadsheet that must not depend on what failed on the way."""
        sheets = self.sheets()
        for sheet in sheets.values():
            sheet.pop("developerMetadata", None)
            sheet["properties"].pop("index")
        return sheets


@pytest.fixture
def new_cloud() -> Iterator[Callable[[], Cloud]]:
    """Makes spreadsheets with one tab of a person's, each at an emulator of its own address; time passes at once."""
    with Emulator(clock=FakeClock()) as emulator:
        emulator.accept("token")

        def made() -> Cloud:
            spreadsheet = emulator.spreadsheet("Школа 4", {"Лист": []})
            clock = emulator.clock
            client = GoogleClient(
                Credentials("token"), base_url=emulator.url, clock=clock, sleep=clock.sleep, random=lambda: 0.5
            )
            return Cloud(emulator, spreadsheet, client)

        yield made


@pytest.fixture
def cloud(new_cloud: Callable[[], Cloud]) -> Cloud:
    return new_cloud()


FAULTS = {
    "lost request": faults.cut(),
    "lost reply": faults.lost_reply(),
    "502": faults.html(502),
    "502, yet applied": faults.html(502).though_applied(),
    "half a reply": faults.truncated_json(),
    "429": faults.too_many_requests(),
}


def fail(cloud: Cloud, fault: str, number: int) -> None:
    """Let the batch of this number from now on fail so."""
    if fault == "killed":
        update, sent = cloud.client.update, 0

        def killed(*arguments: Any) -> Any:
            nonlocal sent
            sent += 1
            if sent == number:
                raise KeyboardInterrupt
            return update(*arguments)

        cloud.client.update = killed  # type: ignore[method-assign]
    else:
        cloud.emulator.faults.add(FAULTS[fault], nth=number, path="batchUpdate")


def book(count: int = 3, *more: Sheet) -> Book:
    """A book whose first sheet has so many rows."""
    rows = [(f"Орлова Мария {n}", n - 1, date(2023, 9, 1), "=1+1") for n in range(count)]
    columns = (
        Column("ФИО", wrap=True, note="Как в приказе"),
        Column("Число", "integer", when=(When("<0", "bad"),)),
        Column("Дата", "date"),
        Column("Записано"),
    )
    above, below = ("Проверка: школа 4", "Найдено: 1 ошибка"), ("Показано не всё.",)
    first = Sheet("Проверка", columns, rows, above=above, below=below, tones={0: "total"}, cell_tones={(0, 1): "bad"})
    return Book("Проверка", [first, *more])


def second(*texts: str) -> Sheet:
    return Sheet("Подсказки", (Column("Текст"),), [[text] for text in texts])


def test_a_second_run_writes_nothing(cloud: Cloud) -> None:
    """One batch, then none: told by what the run has read, or by one look."""
    assert cloud.put(book()).state == "created"
    writes = cloud.client.budget.writes
    reads = cloud.client.budget.reads
    seen = cloud.seen()
    assert cloud.sink.put(book(), cloud.id, GROUP, seen).state == "unchanged"
    assert cloud.sink.put(book(), cloud.id, GROUP).state == "unchanged"
    assert (cloud.client.budget.writes - writes, cloud.client.budget.reads - reads) == (0, 2)


def test_what_a_tab_shows(cloud: Cloud) -> None:
    """Lines, heading, rows, dates as dates, text as text; a frozen heading, a filter, a rule, a warning."""
    cloud.put(book(2))
    assert cloud.values("Проверка")[:6] == [
        ["Проверка: школа 4"],
        ["Найдено: 1 ошибка"],
        [],
        ["ФИО", "Число", "Дата", "Записано"],
        ["Орлова Мария 0", -1, 45170, "=1+1"],
        ["Орлова Мария 1", 0, 45170, "=1+1"],
    ]
    sheet = cloud.sheets()["Проверка"]
    cells = sheet["data"][0]["rowData"]
    assert cells[4]["values"][3]["userEnteredValue"] == {"stringValue": "=1+1"}
    assert cells[4]["values"][2]["userEnteredFormat"]["numberFormat"] == {"type": "DATE", "pattern": "dd.mm.yyyy"}
    assert cells[3]["values"][0]["note"] == "Как в приказе"
    assert sheet["properties"]["gridProperties"] | {"hideGridlines": True} == {
        "rowCount": 8, "columnCount": 4, "frozenRowCount": 4, "hideGridlines": True,
    }  # fmt: skip
    assert sheet["basicFilter"]["range"]["startRowIndex"] == 3
    assert [
        rule["booleanRule"]["condition"]["values"][0]["userEnteredValue"] for rule in sheet["conditionalFormats"]
    ] == ["=AND(ISNUMBER(B5);B5<0)"]
    assert [one["warningOnly"] for one in sheet["protectedRanges"]] == [True]


def test_a_book_shrinks_and_grows(cloud: Cloud) -> None:
    """Nothing of the longer one is left, and rules, filter and protection are there once."""
    cloud.put(book(40))
    cloud.put(book(1))
    small = cloud.state()
    assert small["Проверка"]["properties"]["gridProperties"]["rowCount"] == 7
    cloud.put(book(40))
    cloud.put(book(1))
    assert cloud.state() == small


def test_tabs_come_and_go_with_the_book(cloud: Cloud) -> None:
    """A tab the book no longer has is deleted; a person's stays."""
    (own,) = cloud.sheets()
    cloud.put(book(1, second("а")))
    assert list(cloud.sheets()) == [own, "Проверка", "Подсказки"]
    cloud.put(book(1))
    assert list(cloud.sheets()) == [own, "Проверка"]


def test_a_persons_tab_keeps_its_title(cloud: Cloud) -> None:
    """Ours is «Проверка (2)», and stays it; theirs is not touched."""
    cloud.person({"addSheet": {"properties": {"sheetId": 5, "title": "проверка"}}})
    theirs = cloud.state()["проверка"]
    for count in (1, 2):
        assert cloud.put(book(count)).tabs["Проверка"].title == "Проверка (2)"
    assert cloud.state()["проверка"] == theirs


def test_our_tab_stays_ours_renamed_and_moved(cloud: Cloud) -> None:
    """Known by its mark: it is written where it is, under the name a person gave it."""
    number = cloud.put(book(1)).tabs["Проверка"].sheet_id
    properties = {"sheetId": number, "title": "Замечания", "index": 0}
    cloud.person({"updateSheetProperties": {"properties": properties, "fields": "title,index"}})
    assert cloud.put(book(1)).state == "unchanged"
    assert cloud.put(book(2)).tabs["Проверка"] == (number, "Замечания")
    assert next(iter(cloud.sheets())) == "Замечания"
    assert len(cloud.sheets()) == 2


@pytest.mark.parametrize("known", [True, False])
def test_our_tab_is_made_again_when_a_person_deleted_it(cloud: Cloud, known: bool) -> None:
    """Also when that was after the run had looked; with the same number, so that links to it hold."""
    number = cloud.put(book(1)).tabs["Проверка"].sheet_id
    state, seen = cloud.state(), cloud.seen()
    cloud.person({"deleteSheet": {"sheetId": number}})
    if known:
        cloud.put(book(2))
        cloud.person({"deleteSheet": {"sheetId": number}})
        assert cloud.sink.put(book(2), cloud.id, GROUP, seen).state == "created"
    assert cloud.put(book(1), known=known).tabs["Проверка"].sheet_id == number
    assert cloud.state() == state


def test_a_copy_of_our_tab_is_a_persons(cloud: Cloud) -> None:
    """Somebody keeps last week's findings: neither written nor deleted."""
    number = cloud.put(book(1)).tabs["Проверка"].sheet_id
    copy = {"sourceSheetId": number, "newSheetId": 77, "newSheetName": "Прошлая неделя"}
    cloud.person({"duplicateSheet": copy})
    theirs = cloud.values("Прошлая неделя")
    assert cloud.put(book(1)).state == "unchanged"
    cloud.put(book(9))
    cloud.put(Book("", [second("а")]))
    assert cloud.values("Прошлая неделя") == theirs


def test_what_a_person_typed_is_never_touched(cloud: Cloud) -> None:
    """Their tab is the same to the last format after any number of runs."""
    cell = {
        "userEnteredValue": {"stringValue": "Орлова"},
        "note": "уточнить",
        "userEnteredFormat": {"wrapStrategy": "CLIP"},
    }
    start = {"sheetId": 0, "rowIndex": 3, "columnIndex": 2}
    cloud.person({"updateCells": {"start": start, "rows": [{"values": [cell]}], "fields": "*"}})
    (title,) = cloud.sheets()
    theirs = cloud.state()[title]
    for count in (3, 1, 30):
        cloud.put(book(count))
    assert cloud.state()[title] == theirs


@pytest.mark.parametrize("title", ["A1", "R1C1", "Школа «1»", "It's", "а!б", "а/б:append", "🙂", "x" * 120])
def test_titles_of_all_kinds(cloud: Cloud, title: str) -> None:
    """Formulas of another tab find it, and a second run finds it too."""
    data = Sheet(title, (Column("Ч", "integer"),), [[1], [2]])
    formula = Formula("SUM({0}:{1})", 3, (Cell(0, 0, title), Cell(1, 0, title)))
    made = Book(
        "", [Sheet("Итог", (Column("Ф", "integer"),), [[formula], [Formula("ROUND({0},1)", 3, (Cell(0, 0),))]]), data]
    )
    put = cloud.put(made)
    assert put.tabs[title].title == title[:100]
    assert cloud.values("Итог", "effectiveValue") == [["Ф"], [3], [3]]
    assert cloud.put(made).state == "unchanged"


def test_links_lead_to_cells(cloud: Cloud) -> None:
    """Of this spreadsheet without its address, of another one with it, within the book to our own tab."""
    rows = [
        [Link("F7", f"google:{cloud.id}#'Лист'!F7")],
        [Link("F8", "google:other#'База'!F8")],
        [Link("сюда", "#'Проверка'!A1")],
        [Link("файл", "../База.xlsx")],
    ]
    links = Book("", [Sheet("Проверка", (Column("Ячейка", "link"),), rows)])
    put = cloud.put(links, resolve=links_between({cloud.id: {"Лист": 0}, "other": {"База": 8}}, cloud.id))
    cells = cloud.sheets()["Проверка"]["data"][0]["rowData"][1:]
    formats = [row["values"][0]["userEnteredFormat"]["textFormat"].get("link", {}).get("uri") for row in cells]
    own = put.tabs["Проверка"].sheet_id
    assert formats == ["#gid=0&range=F7", address("other", 8, "F8"), f"#gid={own}&range=A1", None]


# --- failing on the way


def test_a_refused_batch_leaves_nothing(cloud: Cloud) -> None:
    """All or nothing: the tab is not half there."""
    state = cloud.state()
    bad = {"deleteSheet": {"sheetId": 12345}}
    with pytest.raises(GoogleRefused):
        cloud.person(*({"addSheet": {"properties": {"title": "X"}}}, bad))
    assert cloud.state() == state
    put = cloud.put(book(1), extra=[bad])  # what was asked for besides is given up, the findings are not
    assert put.state == "created"
    assert put.notices


def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(google_sheets, "BATCH_CELLS", 40)
    monkeypatch.setattr(google_tab, "BLOCK_SIZE", 500)


def test_many_cells_go_in_several_batches(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tabs show the same as when all went in one."""
    cloud.put(book(60))
    whole = cloud.state()
    cloud.put(book(1))
    small_batches(monkeypatch)
    assert cloud.put(book(60)).batches > 3
    assert cloud.state() == whole
    assert cloud.put(book(60)).batches == 0


@pytest.mark.system
def test_whatever_fails_it_converges(new_cloud: Callable[[], Cloud], monkeypatch: pytest.MonkeyPatch) -> None:
    """Every batch in turn fails in every way, carried out or not: the same tabs in the end, nothing twice."""
    small_batches(monkeypatch)
    for before in (0, 7):
        clean = new_cloud()
        if before:
            clean.put(book(before))
        batches = clean.put(book(40)).batches
        expected = clean.state()
        for number in range(1, batches + 1):
            for fault in ("killed", *FAULTS):
                cloud = new_cloud()
                if before:
                    cloud.put(book(before))
                fail(cloud, fault, number)
                try:
                    cloud.put(book(40))
                except KeyboardInterrupt:
                    assert fault == "killed"
                    cloud.put(book(40))
                assert cloud.state() == expected, (before, number, fault)
                assert cloud.put(book(40)).batches == 0


@pytest.mark.system
def test_blank_spreadsheet(cloud: Cloud) -> None:
    """Made twice over it is the same; its tabs are a school's, not ours."""
    schemas = load_definitions().schemas
    asked = [schemas[name] for name in ("curators", "awards")]
    blank = blank_spreadsheet(asked, org_type="school")
    cloud.id = cloud.client.create("Школа", sheets=blank.sheets)["spreadsheetId"]
    cloud.person(*blank.requests)
    state = cloud.state()
    cloud.person(*blank.requests)
    assert cloud.state() == state
    assert list(state) == [schema.title for schema in asked]
    assert not any(sheet.ours for sheet in cloud.seen().sheets)


def test_notes_go_with_the_findings(cloud: Cloud) -> None:
    """In the same batch; nothing but notes when only they change; a person's stay."""

    def seen() -> dict[tuple[int, int, int], str]:
        found = notes_of(cloud.client.spreadsheet(cloud.id, NOTE_FIELDS))
        return {place: note for place, note in found.items() if place[0] == 0}

    cloud.emulator.note(cloud.id, "C5", "Уточнить")
    findings = [CellNote(0, 5, 2, "Дата в будущем."), CellNote(0, 5, 3, "Нет такого класса.")]
    assert cloud.put(book(1), extra=note_requests(findings, seen())).batches == 1
    assert seen() == {(0, 5, 2): note_text(["Дата в будущем."]), (0, 5, 3): "Уточнить"}
    put = cloud.put(book(1), extra=note_requests([], seen()))
    assert (put.state, put.batches) == ("unchanged", 1)
    assert seen() == {(0, 5, 3): "Уточнить"}
    assert cloud.put(book(1), extra=note_requests([], seen())).batches == 0


def test_charts_are_changed_not_doubled(cloud: Cloud) -> None:
    """One chart whatever the number of runs; gone with the sheet's."""

    def drawn(count: int, charts: int) -> Book:
        span = [Span(Cell(0, column), Cell(count - 1, column), ()) for column in (0, 1)]
        chart = Chart("План и факт", span[0], (Series("План", span[1], "plan"),), "Показатель", "%")
        rows = [[f"П{n}", n] for n in range(count)]
        return Book("", [Sheet("Диаграммы", (Column("Код"), Column("План", "number")), rows, charts=(chart,) * charts)])

    for count in (3, 5):
        cloud.put(drawn(count, 2))
        assert len(cloud.sheets()["Диаграммы"]["charts"]) == 2
    cloud.put(drawn(5, 1))
    (chart,) = cloud.sheets()["Диаграммы"]["charts"]
    assert chart["spec"]["basicChart"]["domains"][0]["domain"]["sourceRange"]["sources"][0]["endRowIndex"] == 6


def test_formulas_come_to_what_the_book_says(cloud: Cloud) -> None:
    """In a Russian spreadsheet, where a comma is the decimal sign; blank cells count as no value."""
    share = Formula('IF(N({1})>0,ROUND(100*{0}/{1},1),"")', 33.3, (Cell(0, 0), Cell(0, 1)))
    status = Formula('IF(OR({0}="",{1}<0.5),"нет, не сдано","да")', "нет, не сдано", (Cell(0, 3), Cell(0, 1)))
    columns = (Column("Ч", "integer"), Column("З", "integer"), Column("%", "number"), Column(""), Column("Статус"))
    cloud.put(Book("", [Sheet("Показатели", columns, [[1, 3, share, None, status]])]))
    assert cloud.values("Показатели", "effectiveValue")[1] == [1, 3, 33.3, None, "нет, не сдано"]
