"""The Google source against the emulator, token and all: requests counted where they arrive, every fault met on the way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sheets_sync.google.client import GoogleClient
from sheets_sync.google.credentials import load_credentials
from sheets_sync.google.refusals import GoogleRefused, GoogleStopped, GoogleUnavailable
from sheets_sync.sources import Listing
from sheets_sync.sources.excel import read_workbook
from sheets_sync.sources.google_sheets import LARGE, GoogleSheets
from sheets_sync.table import Grid
from tests.google_emulator import OPERATOR, Emulator, FakeClock, Fault, faults
from tests.google_script import Time
from tests.odd_files import row_xml, sheet_xml, xlsx

ROWS = [["Наставник", "Наставляемый"], ["Орлова Мария Петровна", "Белов Артём Ильич"]]


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """google-auth waits by itself between three tries at the token endpoint."""
    monkeypatch.setattr("google.auth._exponential_backoff.time.sleep", lambda _: None)


def source_of(emulator: Emulator, *, time: Time | None = None, person: bool = False, **more: Any) -> GoogleSheets:
    info = emulator.person(OPERATOR) if person else emulator.service_account()
    access = load_credentials(None, {"SHEETS_SYNC_GOOGLE_CREDENTIALS": json.dumps(info)})
    time = time or Time()
    client = GoogleClient(
        access.credentials,
        base_url=emulator.url,
        email=access.email,
        clock=time.clock,
        sleep=time.sleep,
        random=lambda: 0.5,
    )
    return GoogleSheets(client, **more)


def district(emulator: Emulator, schools: int = 2, files: int = 1) -> str:
    root = emulator.folder("Район")
    for school in range(1, schools + 1):
        folder = emulator.folder(f"Школа {school}", root)
        for number in range(1, files + 1):
            emulator.spreadsheet(f"Книга {number}", {"Пары": ROWS}, parent=folder)
    return root


def paths(listing: Listing) -> list[str]:
    return [f"{ref.organisation}/{ref.path}" for ref in listing.workbooks]


def all_grids(source: GoogleSheets, listing: Listing, folder: Path) -> list[Grid]:
    return [
        grid
        for ref in listing.workbooks
        for grid in read_workbook(ref._replace(locator=str(source.fetch(ref, folder)))).grids
    ]


@pytest.mark.parametrize("person", [False, True], ids=["service account", "person"])
def test_a_district_is_listed_and_read(emulator: Emulator, tmp_path: Path, person: bool) -> None:
    """A request per spreadsheet; a second run, nothing changed, asks Drive once and Sheets never."""
    source = source_of(emulator, person=person, folders=[district(emulator)])
    listing = source.list()
    assert paths(listing) == ["Школа 1/Книга 1", "Школа 2/Книга 1"]
    assert [grid.rows for grid in all_grids(source, listing, tmp_path)] == [ROWS, ROWS]
    assert (emulator.count("read"), emulator.count("token")) == (2, 1)
    begun = len(emulator.log)
    remembered = json.loads(json.dumps(source.remembered))  # as the record beside the store keeps it
    again = source_of(emulator, folders=source.folders, remembered=remembered).list()
    assert again.workbooks == listing.workbooks
    assert (emulator.count("drive", since=begun), emulator.count("read", since=begun)) == (1, 0)


@pytest.mark.parametrize(("schools", "files"), [(5, 3), (120, 1), (30, 40)])
def test_nothing_changed_costs_one_listing_per_thousand(emulator: Emulator, schools: int, files: int) -> None:
    root = emulator.folder("Район")
    with emulator.service.lock:
        for school in range(schools):
            folder = emulator.folder(f"Школа {school}", root)
            for number in range(files):
                emulator.xlsx(f"Книга {number}.xlsx", b"PK", parent=folder)
    source = source_of(emulator, folders=[root])
    first = source.list()
    begun = len(emulator.log)
    again = source_of(emulator, folders=[root], remembered=source.remembered).list()
    assert again.workbooks == first.workbooks
    assert len(first.workbooks) == schools * files
    assert emulator.count("drive", since=begun) == -(-schools * files // 1000)
    assert emulator.count("read", since=begun) == 0


def test_an_edit_is_told_by_the_next_listing(emulator: Emulator) -> None:
    source = source_of(emulator, folders=[district(emulator, 3)])
    before = source.list().workbooks
    one = before[1].locator.removeprefix("google:")
    emulator.type(one, "A2", "Панов Глеб Олегович")
    after = source.list().workbooks
    changed = [old.locator for old, new in zip(before, after, strict=True) if old != new]
    assert changed == [before[1].locator]


def test_an_edit_listed_late_is_read_again_later(tmp_path: Path) -> None:
    """Drive tells of an edit minutes after it: what was listed before the read is compared, so the next run sees it."""
    clock = FakeClock()
    with Emulator(clock=clock) as emulator:
        root = district(emulator, 1)
        clock.advance(3600)
        emulator.drive.lag = 180
        source = source_of(emulator, folders=[root])
        (before,) = source.list().workbooks
        emulator.type(before.locator.removeprefix("google:"), "A2", "Панов")
        (during,) = source.list().workbooks
        assert during == before  # not told yet, but read
        assert all_grids(source, Listing([during], [], []), tmp_path)[0].rows[1][0] == "Панов"
        clock.advance(200)
        (after,) = source.list().workbooks
        assert after != during


def test_what_drive_holds_besides(emulator: Emulator, tmp_path: Path) -> None:
    """Trash, shortcuts, a shared drive, .xlsx as it is, letters and pictures, and short pages."""
    root = district(emulator, 1)
    school = emulator.folder("Школа 2", root)
    emulator.trash(emulator.spreadsheet("Старое", {"Пары": ROWS}, parent=school))
    elsewhere = emulator.spreadsheet("Где-то", {"Пары": ROWS})
    emulator.shortcut("По ссылке", elsewhere, school)
    emulator.shortcut("Круг", root, school)
    emulator.xlsx("База.xlsx", xlsx({"Лист": sheet_xml(row_xml("<c><v>5</v></c>"))}), parent=school)
    emulator.binary("Фото.jpg", b"x", "image/jpeg", parent=school)
    common = emulator.shared_drive("Общий диск")
    emulator.spreadsheet("На общем", {"Пары": ROWS}, parent=emulator.folder("Школа 3", common))
    emulator.drive.page_limit = 2
    source = source_of(emulator, folders=[root, common])
    listing = source.list()
    assert paths(listing) == ["Школа 1/Книга 1", "Школа 2/База.xlsx", "Школа 2/По ссылке", "Школа 3/На общем"]
    assert listing.issues == []
    assert sorted(listing.skipped) == [("Круг", "loop"), ("Фото.jpg", "not-a-workbook")]
    assert [grid.sheet for grid in all_grids(source, listing, tmp_path)] == ["Пары", "Лист", "Пары", "Пары"]


def test_a_removal_and_a_moved_folder(emulator: Emulator) -> None:
    root = district(emulator, 3)
    source = source_of(emulator, folders=[root])
    ids = {ref.organisation: ref.locator.removeprefix("google:") for ref in source.list().workbooks}
    folder = {name: emulator.file(one).parents[0] for name, one in ids.items()}
    emulator.delete(ids["Школа 1"])
    emulator.move(folder["Школа 2"], folder["Школа 3"])
    assert paths(source.list()) == ["Школа 3/Книга 1", "Школа 3/Школа 2/Книга 1"]
    emulator.delete(folder["Школа 3"])
    listing = source.list()
    assert (listing.workbooks, source.unlisted) == ([], [])


def test_an_incomplete_listing_lets_nothing_be_taken_for_gone(emulator: Emulator) -> None:
    emulator.drive.incomplete = True
    source = source_of(emulator, folders=[district(emulator)])
    source.list()
    assert [(one.organisation, one.path) for one in source.unlisted] == [("", "")]


def test_a_spreadsheet_no_longer_shared_is_the_schools_matter_alone(emulator: Emulator, tmp_path: Path) -> None:
    ids = [emulator.spreadsheet(f"Книга {number}", {"Пары": ROWS}) for number in range(2)]
    source = source_of(emulator, spreadsheets={"school-1": [ids[0]], "school-2": [ids[1]]})
    listing = source.list()
    emulator.unshare(ids[0])
    with pytest.raises(GoogleRefused, match=OPERATOR) as told:
        source.fetch(listing.workbooks[0], tmp_path)
    assert told.value.reason in ("no-access", "gone")
    assert all_grids(source, Listing(listing.workbooks[1:], [], []), tmp_path)[0].rows == ROWS
    listing = source.list()
    assert [(issue.at.organisation, issue.at.workbook) for issue in listing.issues] == [("school-1", "Книга 0")]


@pytest.mark.parametrize("large", [False, True], ids=["at once", "in two"])
@pytest.mark.parametrize(
    "title",
    ["A1", "R1C1", "Д'Артаньян", "Итог!", "7/А", "x:append", "Список 🎓", "'", "A1:B2", "values:batchGet", "%2F"],
)
def test_any_title_of_a_tab(emulator: Emulator, tmp_path: Path, title: str, large: bool) -> None:
    one = emulator.spreadsheet("Книга", {"Первый": [["не то"]], title: ROWS, "Пустой": []})
    emulator.chart_tab(one, "График")
    source = source_of(emulator, spreadsheets={"s": [one]}, remembered={"cells": {one: LARGE + 1}} if large else {})
    grids = all_grids(source, source.list(), tmp_path)
    assert [(grid.sheet, grid.rows) for grid in grids] == [("Первый", [["не то"]]), (title, ROWS), ("Пустой", [])]
    assert emulator.count("read") == (2 if large else 1)


def test_a_tab_of_ours_is_not_read_whatever_it_is_called(emulator: Emulator, tmp_path: Path) -> None:
    one = emulator.spreadsheet("Книга", {"Пары": ROWS, "Переименована": [["наше"]]})
    place = {"sheetId": emulator.sheet(one, "Переименована").id}
    mark = {"metadataKey": "sheets-sync", "metadataValue": "findings", "location": place, "visibility": "DOCUMENT"}
    emulator.batch(one, [{"createDeveloperMetadata": {"developerMetadata": mark}}], account=OPERATOR)
    source = source_of(emulator, spreadsheets={"s": [one]})
    assert [grid.sheet for grid in all_grids(source, source.list(), tmp_path)] == ["Пары"]
    assert [sheet.ours for sheet in source.seen[one].sheets] == [False, True]


def test_many_cells_are_read_in_two_requests_from_the_second_time_on(emulator: Emulator, tmp_path: Path) -> None:
    rows = [["да"] * 25 for _ in range(LARGE // 25 + 1)]
    one = emulator.spreadsheet("Большая", {"Журнал": rows})
    source = source_of(emulator, spreadsheets={"s": [one]})
    listing = source.list()
    assert all_grids(source, listing, tmp_path)[0].rows == rows
    assert emulator.count("read") == 1
    assert all_grids(source, listing, tmp_path)[0].rows == rows
    assert emulator.count("read") == 3


PASSING = [
    faults.too_many_requests(),
    faults.too_many_requests(7),
    faults.quota_403(),
    faults.quota_403("rateLimitExceeded"),
    *(faults.html(status) for status in (500, 502, 503, 504)),
    faults.error(500),
    faults.cut(),
    faults.lost_reply(),
    faults.truncated_json(),
    faults.truncated_gzip(),
    faults.revoked(),
]


@pytest.mark.parametrize("nth", [1, 2, 3])
@pytest.mark.parametrize("fault", PASSING, ids=lambda fault: fault.name)
def test_a_fault_on_the_way_makes_no_difference(emulator: Emulator, tmp_path: Path, fault: Fault, nth: int) -> None:
    """At the listing, at the next level, at a read: the same is read as without it."""
    source = source_of(emulator, folders=[district(emulator)])
    emulator.faults.add(fault, nth=nth)
    listing = source.list()
    assert paths(listing) == ["Школа 1/Книга 1", "Школа 2/Книга 1"]
    assert [grid.rows for grid in all_grids(source, listing, tmp_path)] == [ROWS, ROWS]
    assert len(emulator.faults) == 0


@pytest.mark.parametrize(
    "fault", [faults.html(503), faults.too_many_requests(), faults.cut()], ids=lambda fault: fault.name
)
def test_one_spreadsheet_that_is_given_up_leaves_the_others(emulator: Emulator, tmp_path: Path, fault: Fault) -> None:
    source = source_of(emulator, folders=[district(emulator)])
    first, second = source.list().workbooks
    emulator.faults.add(fault, times=6)
    with pytest.raises(GoogleUnavailable):
        source.fetch(first, tmp_path)
    assert read_workbook(second._replace(locator=str(source.fetch(second, tmp_path)))).grids[0].rows == ROWS


def test_a_key_withdrawn_stops_the_run(emulator: Emulator, tmp_path: Path) -> None:
    source = source_of(emulator, folders=[district(emulator)])
    ref = source.list().workbooks[0]
    emulator.withdraw()
    with pytest.raises(GoogleStopped, match="make a new key"):
        source.fetch(ref, tmp_path)


def test_the_emulators_own_quota_is_never_met(tmp_path: Path) -> None:
    """Sixty reads a minute and no more: the client's pace keeps below it, on the same clock."""
    clock = FakeClock()
    time = Time(clock())
    with Emulator(clock=lambda: time.now) as emulator:
        emulator.quota(60, 60)
        one = emulator.spreadsheet("Книга", {"Пары": ROWS})
        source = source_of(emulator, time=time, spreadsheets={"s": [one]})
        for _ in range(130):
            source.client.spreadsheet(one, "spreadsheetId")
        assert emulator.count("read", status=429) == 0
        assert emulator.count("read", status=200) == 130
