"""Spreadsheets about something else, and odd files: no crash, no false tables, and about as long as a plain reading."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from sheets_sync import run
from sheets_sync.sinks.text import CheckedWorkbook

AS_OF = date(2024, 6, 20)
QUIET = {"sheet-unrecognised", "sheet-near-miss", "sheet-hidden"}
Rows = list[list[Any]]

NAMES = ["Белов Артём Ильич", "Рогова Полина Олеговна", "Лаптев Иван Петрович", "Зимина Алла Юрьевна"]

# What else lies in a school's folder. None of it is about mentoring.
FOREIGN: dict[str, Rows] = {
    "timetable": [
        ["Расписание уроков 5-х классов"], ["День", "№ урока", "5А", "5Б", "5В"],
        ["Понедельник", 1, "Математика", "Русский язык", "История"], ["", 2, "Литература", "Математика", "Физкультура"],
        ["Вторник", 1, "Математика", "Русский язык", "История"],
    ],
    "class list": [["Список 7А класса"], ["№", "ФИО", "Дата рождения", "Адрес"], *[[n, name, "12.03.2010", "ул. Лесная"] for n, name in enumerate(NAMES, 1)]],
    "names alone": [["ФИО"], *[[name] for name in NAMES]],
    "names and classes": [["№", "ФИО", "Класс"], *[[n, name, "7А"] for n, name in enumerate(NAMES, 1)]],
    "register": [["ФИО", "01.09", "02.09", "03.09", "04.09"], *[[name, 5, "", "н", 4] for name in NAMES]],
    "quarters": [["№", "Фамилия, имя", "1 четверть", "2 четверть", "3 четверть", "Год"], *[[n, name, 5, 4, 4, 5] for n, name in enumerate(NAMES, 1)]],
    "timesheet": [["Табель учёта рабочего времени"], ["ФИО", "Должность", *range(1, 31)], *[[name, "учитель", *[8] * 30] for name in NAMES]],
    "staffing": [["ФИО учителя", "Должность", "Категория", "Стаж", "Нагрузка, ч", "Оклад"], *[[name, "учитель", "высшая", 12, 18, 20000] for name in NAMES]],
    "meals": [["Класс", "Кол-во детей", "Завтрак", "Обед", "Сумма, руб."], ["5А", 25, 20, 15, 3500]],
    "clubs": [["Название кружка", "Руководитель", "Дни занятий", "Время"], ["Шахматы", "Петров С.И.", "пн, ср", "15:00"]],
    "olympiad": [["Фамилия", "Имя", "Отчество", "Класс", "Предмет", "Балл"], ["Белов", "Артём", "Ильич", "7А", "Физика", 32]],
    "exam": [["Класс", "Предмет", "Писали", "5", "4", "3", "2"], ["5А", "Математика", 24, 5, 10, 8, 1]],
    "minutes": [["Протокол № 1 родительского собрания"], ["Присутствовало: 22"], ["Повестка:"], ["1. Итоги четверти"]],
    "budget": [["Статья", "План, руб.", "Факт, руб.", "Отклонение"], ["Канцтовары", 12000, 11500, -500], ["Итого", 12000, 11500, -500]],
    "English": [["Name", "Department", "Start date", "Salary", "Manager"], ["John Smith", "Sales", date(2020, 1, 5), 5000, "Ann Lee"], ["Ann Lee", "Sales", date(2019, 1, 5), 7000, ""]],
    "pivot": [["Названия строк", "Сумма по полю Часы", "Количество по полю Ученик"], ["5А", 34, 25], ["Общий итог", 34, 25]],
    "model": [["", 2021, 2022, 2023, 2024], ["Revenue", 100, 110, 121, 133.1], ["Costs", 80, 85, 90, 95], ["EBITDA", 20, 25, 31, 38.1]],
    "numbers as headings": [[1, 2, 3, 4, 5, 6, 7, 8, 9], [5, 4, 3, 5, 4, 3, 5, 4, 3]],
    "one row": [["ФИО наставника, год рождения, должность"]],
    "one column": [[text] for text in ("Список", *NAMES)],
}  # fmt: skip


def save(path: Path, sheets: dict[str, Rows]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name[:31])
        for row in rows:
            sheet.append(row)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path


def check(path: Path) -> run.CheckResult:
    return run.check([path], as_of=AS_OF)


def test_other_sheets_of_a_school_are_no_tables_of_ours(tmp_path: Path) -> None:
    """A register, a timesheet or a staffing table is named as not understood; nothing in it is called wrong."""
    path = save(tmp_path / "school" / "Разное.xlsx", FOREIGN)
    (workbook,) = check(path).workbooks
    assert [(one.table.name, one.table.sheet) for one in workbook.tables] == []
    assert {issue.code for issue in workbook.issues} <= QUIET
    assert [issue for issue in workbook.issues if issue.severity != "info"] == []


FIGURES = {
    "countries": "id,neighbour_id,name,population\n1,Ireland,Britain,67\n2,3,France,n/a\n3,22,Germany,83\n4,,Italy,60\n5,4,Spain,47\n",
    "growing": "1,,,,,,,\n1,2,,,,,,\n1,2,3,,,,,\n1,2,3,4,,,,\n1,2,3,4,5,,,\n1,2,3,4,5,6,,\n",
    "numbered": "#,4,RT\n" + "".join(f"No,{row % 9 + 1},N,<{row % 9 + 1},#{row % 9 + 1}\n" for row in range(60)),
    "states": "State Name,State,Amount\n"
    + "".join(f"STATE {row},{row},{row},No,{row % 9 + 1}\n" for row in range(1, 40)),
}


def test_figures_of_a_text_file_are_no_criteria(tmp_path: Path) -> None:
    """There «1», «2», «№» are texts; they head the nine criteria only beside a word that does, as a pair's number."""
    texts = FIGURES | {
        "Оценка эффективности": "№ пары;1;2;3;4;5;6;7;8;9;Итого\nП-01;2;2;2;2;1;2;2;2;1;16\n",
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    workbooks = {Path(one.path).stem: one for one in check(tmp_path).workbooks}
    criteria = workbooks.pop("Оценка эффективности")
    assert [(one.table.name, one.rows_accepted) for one in criteria.tables] == [("evaluations", 1)]
    assert workbooks.keys() == FIGURES.keys()
    for name, workbook in workbooks.items():
        assert workbook.tables == [], name
        assert [issue.code for issue in workbook.issues] == ["sheet-unrecognised"], name


def wide_and_empty(path: Path) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Лист1")
    for row in range(10_000):
        sheet.append([*[None] * (row % 500), "x"])
    book.save(path)


def claims_a_million_rows(path: Path) -> None:
    save(path, {"Лист1": [["Название", "Число"], ["а", 1]]})
    patch(path, "xl/worksheets/sheet1.xml", lambda text: text.replace('ref="A1:B2"', 'ref="A1:XFD1048576"'))


def counts_from_1904(path: Path) -> None:
    save(path, {"Лист1": [["Событие", "Когда было"], ["а", date(2024, 1, 9)]]})
    patch(path, "xl/workbook.xml", lambda text: text.replace("<workbookPr", '<workbookPr date1904="1"'))


def lone_surrogates(path: Path) -> None:
    save(path, {"Лист1": [["ЗНАК", "Смайлик 🎓"], ["ЗНАК", "🙂"]]})
    patch(path, ".xml", lambda text: text.replace("ЗНАК", "&#xD800;"))


def chart_sheet(path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["а", 1])
    chart = openpyxl.chart.BarChart()
    chart.add_data(openpyxl.chart.Reference(book.active, min_col=2, min_row=1, max_row=1))
    book.create_chartsheet("Диаграмма").add_chart(chart)
    book.save(path)


def very_long_cells(path: Path) -> None:
    save(path, {"Лист1": [["наставник " * 3000, "ФИО " * 8000], ["а" * 32_000, "1. " * 10_000]]})


def many_sheets(path: Path) -> None:
    save(path, {f"Лист {number}": [["Название", "Число"], ["а", 1]] for number in range(300)})


def formulas_everywhere(path: Path) -> None:
    save(path, {"Лист1": [["A", "B", "C"], *[[row, f"=A{row}*2", f"=SUM(A1:B{row})"] for row in range(2, 400)]]})


def merges_over_everything(path: Path) -> None:
    save(path, {"Лист1": [["Название", "Число"], ["а", 1]]})
    refs = ["A1:XFD1048576", "A1:A1048576", *(f"A{row}:F{row + 3}" for row in range(1, 4000))]
    merges = "<mergeCells>" + "".join(f'<mergeCell ref="{ref}"/>' for ref in refs) + "</mergeCells>"
    patch(path, "xl/worksheets/sheet1.xml", lambda text: text.replace("</sheetData>", "</sheetData>" + merges))


def one_cell_at_the_very_end(path: Path) -> None:
    save(path, {"Лист1": [["Название", "Число"], ["а", 1]], "Лист2": [["Название", "Число"]]})
    last = '<row r="1048576"><c s="0" r="XFD1048576"><v>1</v></c></row></sheetData>'
    patch(path, "xl/worksheets/sheet1.xml", lambda text: text.replace("</sheetData>", last))


def patch(path: Path, inside: str, change: Callable[[str], str]) -> None:
    """Rewrite the parts of a workbook whose names end so."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts = {name: change(part.decode()).encode() if name.endswith(inside) else part for name, part in parts.items()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


ODD = (
    wide_and_empty, claims_a_million_rows, counts_from_1904, lone_surrogates, chart_sheet, very_long_cells, many_sheets,
    formulas_everywhere, merges_over_everything, one_cell_at_the_very_end,
)  # fmt: skip


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> dict[str, CheckedWorkbook]:
    """What is said of each, read in one check."""
    folder = tmp_path_factory.mktemp("odd")
    for write in ODD:
        (folder / write.__name__).mkdir()
        write(folder / write.__name__ / "Книга.xlsx")
    return {one.organisation: one for one in check(folder).workbooks}


@pytest.mark.parametrize("name", [write.__name__ for write in ODD])
def test_odd_files(odd: dict[str, CheckedWorkbook], name: str) -> None:
    """Read or refused in words; no table is seen, no cell is called wrong."""
    workbook = odd[name]
    assert workbook.tables == []
    assert {issue.code for issue in workbook.issues if not issue.code.startswith("file-")} <= QUIET
    assert not any("Traceback" in str(issue) for issue in workbook.issues)


@pytest.mark.system  # compares times: no business of a loaded machine
def test_foreign_sheet_takes_no_longer_than_a_few_plain_readings(tmp_path: Path) -> None:
    """Measured against python-calamine on the same file in the same process, generously: nothing grows out of bounds."""
    from sheets_sync.catalog import Catalog
    from sheets_sync.recognise import recognise
    from sheets_sync.sources.excel import Excel, read_workbook
    from sheets_sync.table_schema.loading import load_definitions

    words = ["Белов", "учитель", "пара", "Итого", "план", "встреча", "дата", "наставник", "—"]
    rows: Rows = [
        [words[(row * 7 + column * 3) % 9] + str(row * column % 50) for column in range(30)] for row in range(800)
    ]
    path = save(tmp_path / "school" / "Большая.xlsx", {"Лист1": rows})
    definitions = load_definitions(Catalog().folders("schemas"))
    recognise(read_workbook(Excel(path).list().workbooks[0]).grids[0], definitions)  # what is compiled once

    def plain() -> None:
        CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()

    def ours() -> None:
        for grid in read_workbook(Excel(path).list().workbooks[0]).grids:
            recognise(grid, definitions)

    assert shortest(ours) < 25 * shortest(plain)


def shortest(work: Callable[[], None]) -> float:
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times)
