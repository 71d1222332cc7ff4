"""The same workbook as .xlsx and as a Google spreadsheet: identical grids, issues and rows, read in one request or two."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sheets_sync.catalog import Catalog
from sheets_sync.config import Config
from sheets_sync.demo import write_district
from sheets_sync.google.client import GoogleClient
from sheets_sync.google.credentials import load_credentials
from sheets_sync.run.reading import ReadingPlan, definitions_of, prepare_reading, read_and_check
from sheets_sync.sources import WorkbookRef
from sheets_sync.sources.excel import read_workbook
from sheets_sync.sources.google_sheets import LARGE, GoogleSheets
from sheets_sync.table import Grid
from tests.google_emulator import Emulator
from tests.google_script import Time


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        running.quota(None, None)
        yield running


def client_of(emulator: Emulator) -> GoogleClient:
    key = {"SHEETS_SYNC_GOOGLE_CREDENTIALS": json.dumps(emulator.service_account())}
    time = Time()
    return GoogleClient(
        load_credentials(None, key).credentials, base_url=emulator.url, clock=time.clock, sleep=time.sleep
    )


def odd(path: Path) -> None:
    """Cells that are read in a way of their own, and a sheet's shape."""
    import xlsxwriter

    with xlsxwriter.Workbook(path) as book:
        formats = {code: book.add_format({"num_format": code}) for code in
                   ("dd.mm.yyyy", "dd.mm.yyyy hh:mm", "hh:mm", "[h]:mm:ss", "0%", "0.0%", "000", '0"А"', '0 "лет"', "#,##0.00", "@")}  # fmt: skip
        sheet = book.add_worksheet("Разное")
        numbers: list[tuple[float, str]] = [
            (45170, "dd.mm.yyyy"), (45170.4375, "dd.mm.yyyy hh:mm"), (45170, "dd.mm.yyyy hh:mm"), (0.5625, "hh:mm"), (61, "dd.mm.yyyy"),
            (1.5, "[h]:mm:ss"), (0.85, "0%"), (0.855, "0.0%"), (7, "000"), (7, '0"А"'), (12, '0 "лет"'), (1234.5, "#,##0.00"), (7, "@"),
        ]  # fmt: skip
        for row, (number, code) in enumerate(numbers, 3):
            sheet.write_number(row, 2, number, formats[code])
        for row, text in enumerate(
            (
                "007",
                "1,5",
                " Орлова  Мария ",
                "=1+1",
                "+7 914",
                "-",
                "@школа",
                "'тут",
                "ИСТИНА",
                "#N/A по плану",
                "строка\nвторая",
                "🎓",
            ),
            3,
        ):
            sheet.write_string(row, 3, text)
        for row, error in enumerate(("#REF!", "#N/A", "#DIV/0!", "#NAME?", "#VALUE!", "#NUM!"), 3):
            sheet.write_formula(row, 4, "=A1", None, error)
        sheet.write_boolean(3, 5, True)
        sheet.write_boolean(4, 5, False)
        sheet.write_formula(5, 5, "=1>0", None, True)
        sheet.write_number(6, 5, 0.1 + 0.2)
        sheet.write_number(7, 5, 999_999_999_999_999)
        sheet.merge_range(0, 1, 0, 4, "База наставников")
        sheet.merge_range(1, 1, 2, 1, "№")
        sheet.set_row(4, None, None, {"hidden": True})
        sheet.set_row(9, None, None, {"hidden": True})
        book.add_worksheet("Черновик").hide()
        hidden = book.add_worksheet("Старое")
        hidden.write(0, 0, "Наставник")
        hidden.hide()
        book.add_worksheet("Пустой")


@cache
def demo(folder: Path) -> list[Path]:
    write_district(folder)
    return sorted(folder.rglob("*.xlsx"))


def fetched(emulator: Emulator, path: Path, folder: Path, *, large: bool = False) -> WorkbookRef:
    """The .xlsx put on Drive as a Google spreadsheet, and fetched from there."""
    one = emulator.spreadsheet(path.stem, path)
    source = GoogleSheets(client_of(emulator), remembered={"cells": {one: LARGE + 1}} if large else {})
    begun = len(emulator.log)
    ref = WorkbookRef(path.parent.name, path.name, f"google:{one}", 1, 1)
    local = ref._replace(locator=str(source.fetch(ref, folder)))
    assert emulator.count("read", since=begun) == (2 if large else 1)
    return local


def as_told(grid: Grid) -> Any:
    """All of it, with the types of values: 1.0 and «ИСТИНА» are not to be taken for one another."""
    return grid.sheet, grid.visible, grid.first_row, grid.first_column, grid.hidden_rows, sorted(grid.merges), [
        [(type(value), value) for value in row] for row in grid.rows
    ]  # fmt: skip


@pytest.mark.parametrize("large", [False, True], ids=["at once", "in two"])
def test_cells_of_every_kind(emulator: Emulator, tmp_path: Path, large: bool) -> None:
    path = tmp_path / "Книга.xlsx"
    odd(path)
    there = read_workbook(WorkbookRef(tmp_path.name, "Книга.xlsx", str(path), 1, 1))
    here = read_workbook(fetched(emulator, path, tmp_path, large=large))
    assert [as_told(grid) for grid in here.grids] == [as_told(grid) for grid in there.grids]
    assert here.issues == there.issues
    kinds = {type(value).__name__ for row in here.grids[0].rows for value in row}
    assert kinds == {"str", "float", "Shown", "date", "datetime", "time", "timedelta", "CellError"}
    assert here.grids[0].value(5, 3) == datetime(2023, 9, 1, 10, 30)
    assert here.grids[0].value(7, 3) == time(13, 30)


@pytest.mark.parametrize("large", [False, True], ids=["at once", "in two"])
def test_a_district_with_troubles_has_the_same_issues_and_rows(
    emulator: Emulator, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, large: bool
) -> None:
    """Every workbook of the demo, troubles and all."""
    paths = demo(tmp_path_factory.getbasetemp() / "agree")
    definitions = definitions_of(Config(), Catalog())
    prepare_reading(ReadingPlan(definitions, date(2023, 12, 20), str(tmp_path), keep_rows=True))
    said = rows = 0
    for path in paths:
        there = read_and_check((WorkbookRef(path.parent.name, path.name, str(path), 1, 1), ""))
        here = read_and_check((fetched(emulator, path, tmp_path, large=large), ""))
        assert here.issues == there.issues
        assert here.tables == there.tables
        said, rows = said + len(here.issues), rows + sum(table.rows_read for table in here.tables)
    assert said > 10
    assert rows > 100
