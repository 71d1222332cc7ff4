"""«Мониторинг.xlsx»: its sheets, its live formulas, its charts, and what it keeps to itself."""

from __future__ import annotations

import io
import re
import runpy
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sheets_sync.consolidate import PupilCodes, people_named, people_shown
from sheets_sync.periods import period_of
from sheets_sync.reporting.completeness import Completeness, TableState
from sheets_sync.reporting.counters import count_process
from sheets_sync.reporting.figures import BehindRow, all_rows_behind, compute, enterprise_names
from sheets_sync.reporting.freeze import Frozen, Restatement
from sheets_sync.reporting.indicator import load_indicators
from sheets_sync.reporting.monitoring import Compared, CriteriaLevels, ItemMean, Monitoring, Responses, SwotEntry
from sheets_sync.reporting.monitoring_book import monitoring_book, places_from
from sheets_sync.reporting.note import NoteInput
from sheets_sync.reporting.page import Book, Formula, Link
from sheets_sync.reporting.restated import Standing
from sheets_sync.reporting.roadmap import Execution, Task
from sheets_sync.reporting.settings import ReportSettings
from sheets_sync.reporting.small_counts import hidden
from sheets_sync.sinks.excel import render_book
from tests.formulas import same, worked_out
from tests.rule_rows import relations_of
from tests.test_reporting_summary import DRAWING

faults = runpy.run_path(str(Path(__file__).with_name("xlsx_order.py")))["faults"]
REPORTS = Path(__file__).parent.parent / "reports"
APPROVED = Path(__file__).parent / "approved" / "monitoring_book.txt"
PUPILS = ("Белкин", "Стрелкина", "Галкин", "Одинокий", "Ветров")
NAMES = {"school": "СОШ № 4", "garden": "Сад * «Ромашка»"}


def monitored(name: str | None, n: int) -> Monitoring:
    items = tuple(
        ItemMean("q_comfort", "Комфорт общения", "mentee", "after", form, count, mean)
        for form, count, mean in ((None, n, 8.7), ("pupil_pupil", n - 2, 9.5), ("teacher_pupil", 2, 5.0))
    )
    return Monitoring(
        name,
        (Responses("mentee", "after", 8, 6, 75.0), Responses("mentor", "after", 0, 0, None)),
        items,
        (SwotEntry("strength", "Комфорт общения – 8,7 (наставляемые)"), SwotEntry("weakness", "Поддержка – 4,8")),
        CriteriaLevels({"optimal": 2, "acceptable": 1}, "pair", 14.3, "c4", "Соответствие условий", 1.2),
        (
            Compared("q_comfort", "Комфорт общения", "mentee", 6, 7.5, 8.7, 1.2, 50.0, 33.3, 16.7),
            Compared("q_help", "Полезность помощи", "mentee", 3, 6.0, 9.0, None, 66.7, 33.3, 0.0),
        ),
        True,
    )


def executed(name: str | None) -> Execution:
    task = Task(
        "school", "Книга.xlsx", "roadmap", 7, "2.1", "Обучение", "Обучить наставников", "до 15 октября 2023",
        date(2023, 10, 15), "координатор", "overdue", None, "болезнь",
    )  # fmt: skip
    late = replace(task, row=9, status="done_late", done_on=date(2023, 11, 1))
    return Execution(name, 4, 3, 1, 75.0, (late,), (task,), 1, 1, 1, 0, 2, (("Обучение", 1, 2), ("Отбор", 2, 2)))


def complete(name: str) -> Completeness:
    return Completeness(
        name, 2, date(2024, 6, 10),
        (TableState("pairs", "Пары", True, True, 5, 20, 19), TableState("plans", "Планы", True, False, 0, 0, 0)),
        40, 38, 2, 3, 5, (("Приказ", "да"), ("Положение", "нет"), ("План", "https://school.example/plan")),
        20, 18, date(2024, 6, 20), date(2024, 6, 19), "handed_in", None, ("март повторяет февраль",), 94.7, "yellow",
    )  # fmt: skip


# A setting of LibreOffice: files of Excel's kind are worked out anew when they are opened, whatever values they keep.
ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>"""


class World:
    """A small district in June 2024, with everything a book can say."""

    def __init__(self, drawing: str = DRAWING, pupil_names: bool = False, n: int = 12) -> None:
        period = period_of("2024-06")
        indicators = load_indicators([REPORTS])
        settings = ReportSettings(
            district_name="Лесной район", enterprises={2024: 20}, pupil_names=pupil_names, targets={"I7": {2024: 1.5}}
        )
        with relations_of(drawing, period.as_of) as store:
            figures = compute(store.connection, indicators, period, settings)
            counters = count_process(store.connection, list(figures.organisations))
            self.behind = all_rows_behind(store.connection, indicators, period, settings)
            enterprises = enterprise_names(store.connection, indicators)
            self.outside = enterprises | people_shown(store.connection, settings, period.as_of, PupilCodes())
            self.inside = enterprises | people_named(store.connection)
        ids = list(figures.organisations)
        line = BehindRow("school", "school|белкин", "Книга.xlsx", "mentees", 2)
        gone = BehindRow("school", "school|старый", "Книга.xlsx", "mentees", 12)
        self.given = NoteInput(
            period, figures, indicators, counters, settings, {name: NAMES.get(name, name) for name in ids},
            {None: monitored(None, n), **{name: monitored(name, n) for name in ids}},
            {None: executed(None), "school": executed("school")},
            {name: complete(name) for name in ids},
            {
                "period": "2023-12",
                "as_of": "2023-12-20",
                "district": {"indicators": [{"id": "I2", "value": 1.2}]},
                "organisations": [],
            },
            True,
            (Restatement("I1", "school", "numerator", 2, 3, (line,), (gone,), "было 2, стало 3: добавилась строка 2"),),
            {},
        )  # fmt: skip
        day = period.as_of
        self.standing = Standing(Frozen(period.id, day, day, "", {}, {}, {}, {}), self.given.restated)
        self.places = places_from(
            Path("/d/outbox/district/2024-06"),
            {(name, "Книга.xlsx"): Path(f"/d/inbox/{name}/Книга.xlsx") for name in ids},
        )

    def book(self, organisation: str | None = None) -> Book:
        people = self.outside if organisation is None else self.inside
        return monitoring_book(self.given, organisation, self.behind, self.places, people, self.standing)


@pytest.fixture(scope="module")
def world() -> World:
    return World()


def rendered(book: Book) -> io.BytesIO:
    file = io.BytesIO()
    render_book(book, file)
    file.seek(0)
    return file


def table_of(book: Book, title: str) -> list[tuple[Any, ...]]:
    """Rows of a sheet, formulas by their values, links by their text, short rows filled up."""
    sheet = next(sheet for sheet in book.sheets if sheet.title == title)
    width = len(sheet.columns)
    plain = []
    for row in sheet.rows:
        cells = [
            cell.value if isinstance(cell, Formula) else cell.text if isinstance(cell, Link) else cell for cell in row
        ]
        plain.append((*cells, *[None] * (width - len(cells))))
    return plain


def told(book: Book) -> str:
    return "\n".join(
        str(cell)
        for sheet in book.sheets
        for row in [*([line] for line in (*sheet.above, *sheet.below)), *sheet.rows]
        for cell in row
    )


def dump(file: io.BytesIO) -> str:
    """The workbook as text: of every sheet its cells, formulas with the values they have, links with their targets."""
    kept = openpyxl.load_workbook(file, data_only=True)
    file.seek(0)
    lines = []
    for sheet in openpyxl.load_workbook(file):
        lines.append(f"== {sheet.title}")
        for row in sheet.iter_rows():
            cells = []
            for cell in row:
                if cell.value is None:
                    continue
                text = str(cell.value).replace("\n", "⏎")
                if cell.data_type == "f":
                    text = f"{text} → {kept[sheet.title][cell.coordinate].value}"
                if cell.hyperlink:
                    text += f" <{cell.hyperlink.target or ''}#{cell.hyperlink.location or ''}>"
                cells.append(f"{cell.coordinate}: {text}")
            if cells:
                lines.append(" | ".join(cells))
        for chart in sheet._charts:
            lines.append(f"-- chart: {[one.val.numRef.f for one in chart.series]}")
    return "\n".join(lines) + "\n"


def test_the_districts_book_is_the_approved_one(world: World, tmp_path: Path) -> None:
    """Every cell, formula, link and chart; after a deliberate change approve the text made by copying it over."""
    made = tmp_path / APPROVED.name
    made.write_text(dump(rendered(world.book())), encoding="utf-8")
    assert made.read_text(encoding="utf-8") == APPROVED.read_text(encoding="utf-8"), f"cp {made} {APPROVED}"


@pytest.mark.parametrize("organisation", [None, "school", "garden"])
def test_every_formula_comes_to_the_value_beside_it(world: World, organisation: str | None) -> None:
    """Worked out again from the cells, each live formula gives what readers without a calculator see."""
    file = rendered(world.book(organisation))
    assert faults(file) == []
    file.seek(0)
    formulas = worked_out(file)
    assert len(formulas) > 20
    wrong = {at: line for at, line in formulas.items() if not same(line[1], line[2])}
    assert wrong == {}


def test_the_district_adds_up_the_column_above_it(world: World) -> None:
    """Numerator and denominator are sums over the organisations counted; those left out stand beneath; I4 is apart."""
    sheet = openpyxl.load_workbook(rendered(world.book()))["Показатели"]
    rows = {(row[0].value, row[1].value): row for row in sheet.iter_rows(min_row=5)}
    district = next(row for (code, who), row in rows.items() if code == "I2" and str(who).startswith("Район"))
    counted, left_out = rows["I2", "СОШ № 4"], rows["I2", "Сад * «Ромашка»"]
    first = counted[2].coordinate
    assert district[2].value == f"=SUM({first}:{first})"
    assert district[3].value == f"=SUM({counted[3].coordinate}:{counted[3].coordinate})"
    assert left_out[0].row > district[0].row > counted[0].row
    enterprises = rows["I4", "Район"]
    assert enterprises[2].value == 1
    assert "не сумма столбца" in enterprises[8].value


def test_words_and_symbols_stand_beside_the_colours(world: World) -> None:
    """A black-and-white print still tells what is reached, what is not and what is unknown."""
    statuses = {row[7] for row in table_of(world.book(), "Показатели") if row[7]}
    assert {"▼ не достигнут", "▲ достигнут, требует проверки", "● не применимо", "● нет данных"} <= statuses
    assert all(status[0] in "▲▼●" for status in statuses)
    sheet = openpyxl.load_workbook(rendered(world.book()))["Показатели"]
    rules = [rule.formula[0] for area in sheet.conditional_formatting for rule in area.rules]
    assert 'LEFT(H6,1)="▲"' in rules


def test_the_rows_behind_add_up_to_the_figure(world: World) -> None:
    """Of each indicator the sheet's totals are its numerator and denominator, in the district and in a school."""
    for organisation in (None, "school", "garden"):
        book = world.book(organisation)
        for indicator in world.given.indicators.all:
            figure = world.given.figures.of(organisation, indicator.id)
            totals = [row[-2] for row in table_of(book, indicator.id) if row[0] == "Итого"]
            expected = [figure.numerator, *([figure.respondents] if indicator.respondents else []), figure.denominator]
            assert list(filter(None, totals)) == list(filter(None, expected)), indicator.id


def test_rows_behind_lead_to_their_source(world: World) -> None:
    """A click on the row's number opens the file at it, seen from the book's folder."""
    sheet = openpyxl.load_workbook(rendered(world.book()))["I2"]
    link = next(cell.hyperlink for row in sheet.iter_rows() for cell in row if cell.hyperlink and cell.column == 5)
    assert link.target == "../../../inbox/school/Книга.xlsx"
    assert re.fullmatch(r"'mentors'!A\d+", link.location)
    assert places_from(Path("/a"), {("o", "а.csv"): Path("/b/а.csv")})(BehindRow("o", "", "а.csv", "а", 3)) == Link(
        "3", "../b/а.csv"
    )
    assert places_from(Path("/a"), {})(BehindRow("o", "", "а.xlsx", "а", 3)) == "3"


def test_a_person_in_two_rows_counts_once_and_it_is_said(world: World) -> None:
    """The second row adds nothing and says where the first is."""
    behind = {key: list(rows) for key, rows in world.behind.items()}
    again = behind["I2", "numerator"][0]._replace(row=77)
    behind["I2", "numerator"].append(again)
    book = monitoring_book(world.given, None, behind, world.places, world.outside)
    line = next(row for row in table_of(book, "I2") if row[4] == "77")
    assert line[5:] == (0, f"Учтено выше: строка {behind['I2', 'numerator'][0].row}.")


def test_no_pupil_is_named_in_the_district(world: World) -> None:
    """Pupils by code, whose answers stand behind I5 untold; a school's own book names its people."""
    text = told(world.book())
    assert not [name for name in PUPILS if name in text]
    assert "school|" not in text
    own = told(world.book("school"))
    assert "Белкин Олег Ильич" in own
    assert "Ромашка" not in own
    answers = table_of(world.book(), "I5")
    start = next(index for index, row in enumerate(answers) if str(row[0]).startswith("Знаменатель"))
    assert not any(row[1] for row in answers[:start])


@pytest.mark.system
def test_pupils_named_only_when_the_district_chose_so() -> None:
    """`privacy.pupil_names` puts names where codes were, for those who consented."""
    consents = "\nconsents @ school\n| full_name | role | kind | signed_by | date |\n"
    consents += "| Белкин Олег Ильич | mentee | personal_data | parent | 2023-09-01 |\n"
    assert "Белкин" not in told(World(DRAWING + consents).book())
    assert "ОО-001" in told(World(DRAWING + consents).book())
    assert "Белкин" in told(World(DRAWING + consents, pupil_names=True).book())


def test_means_of_few_are_hidden_with_what_gives_them_away(world: World) -> None:
    """In the district two answers of a form are hidden, and the only other form with them; a school sees all."""
    district = table_of(world.book(), "Средние баллы")
    assert [row[4:] for row in district] == [(12, 8.7), ("скрыто", "скрыто"), ("скрыто", "скрыто")]
    assert [row[4] for row in table_of(world.book("school"), "Средние баллы")] == [12, 10, 2]
    few = World(n=4)
    assert {row[4:] for row in table_of(few.book(), "Средние баллы")} == {("скрыто", "скрыто")}
    compared = table_of(world.book(), "Вход и выход")
    assert compared[0][2:] == (6, 7.5, 8.7, 1.2, 50.0, 33.3, 16.7)
    assert compared[1][2:] == ("скрыто", "скрыто", "скрыто", "меньше 5 ответов", "скрыто", "скрыто", "скрыто")
    assert table_of(world.book("school"), "Вход и выход")[1][5] == "мало ответов"


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"а": 10, "б": 3}, {"а", "б"}),
        ({"а": 10, "б": 3, "в": 7}, {"б", "в"}),
        ({"а": 10, "б": 3, "в": 4}, {"б", "в"}),
        ({"а": 10, "б": 1, "в": 2, "г": 6}, {"б", "в", "г"}),
        ({"а": 10, "б": 0}, set()),
        ({"а": 5, "б": 50}, set()),
        ({"а": 2}, {"а"}),
    ],
)
def test_small_counts_and_their_complement(counts: Mapping[str, int], expected: set[str]) -> None:
    """What could be found by subtraction is hidden too, and no more than that."""
    assert hidden(counts, 5) == expected


def test_comparison_says_what_it_is_not(world: World) -> None:
    """Expectation against experience is not growth; the caveat stands above the numbers."""
    sheet = next(sheet for sheet in world.book("school").sheets if sheet.title == "Вход и выход")
    assert any("не личностный рост" in str(line) for line in sheet.above)


def test_nothing_to_say_makes_no_sheet(world: World) -> None:
    """No empty section: without questionnaires, road maps and the rest their sheets are not there."""
    bare = replace(world.given, monitoring={}, roadmap={}, completeness={}, earlier=None, restated=())
    book = monitoring_book(bare, None, world.behind, world.places)
    assert [sheet.title for sheet in book.sheets] == [
        "Показатели", "По организациям", "Диаграммы", "Участники", "Формы", "Статусы и этапы", "Встречи и планы",
        "Нет данных", "I1", "I2", "I3", "I4", "I5", "I6", "I7", "Как посчитано",
    ]  # fmt: skip
    assert all(list(sheet.rows) for sheet in book.sheets)


def test_charts_are_native_and_follow_their_cells(world: World) -> None:
    """Plan against fact by indicator; of the district by organisation where two have a value; openpyxl reads them."""
    file = rendered(world.book())
    sheet = openpyxl.load_workbook(file)["Диаграммы"]
    by_indicator, *by_organisation = sheet._charts
    assert [series.val.numRef.f for series in by_indicator.series] == [
        "'Диаграммы'!$C$5:$C$10",
        "'Диаграммы'!$D$5:$D$10",
    ]
    assert all("'Показатели'!" in series.val.numRef.f for chart in by_organisation for series in chart.series)
    with zipfile.ZipFile(file) as archive:
        xml = archive.read("xl/charts/chart1.xml").decode()
    assert 'val="ru-RU"' in xml
    assert "<a:t>Доля, %</a:t>" in xml
    own = openpyxl.load_workbook(rendered(world.book("school")))["Диаграммы"]
    assert len(own._charts) == 1


def test_many_organisations_go_on_in_further_charts() -> None:
    """Forty schools: no chart is higher than a page, no page break cuts one, and no school is lost."""
    profile = "school_profile @ s{0}\n| as_of | n_pupils | n_teachers |\n| 2024-06-20 | 400 | {1} |\n"
    many = World("".join(profile.format(number, number + 10) for number in range(40)))
    bare = replace(many.given, monitoring={}, roadmap={}, completeness={}, restated=())
    book = monitoring_book(bare, None, many.behind, many.places)
    charts = next(sheet for sheet in book.sheets if sheet.title == "Диаграммы").charts
    lying = [chart for chart in charts if chart.lying]
    assert sum(len(chart.categories.values) for chart in lying) == 40
    assert max(len(chart.categories.values) for chart in lying) <= 18
    file = rendered(book)
    assert faults(file) == []
    file.seek(0)
    breaks = openpyxl.load_workbook(file)["Диаграммы"].row_breaks.brk
    assert len(breaks) >= len(lying) - 1


def test_equal_input_gives_equal_bytes(world: World) -> None:
    """Neither clock nor order of a set gets into the file."""
    assert rendered(world.book()).getvalue() == rendered(World().book()).getvalue()


def test_calamine_reads_the_values(world: World) -> None:
    """A reader that does not calculate sees the figures."""
    from python_calamine import CalamineWorkbook

    sheet = CalamineWorkbook.from_filelike(rendered(world.book())).get_sheet_by_name("Показатели")
    row = next(row for row in sheet.to_python() if row[0] == "I2" and row[1] == "СОШ № 4")
    assert row[2:8] == [1.0, 40.0, 10.0, 2.5, -7.5, "▼ не достигнут"]


@pytest.mark.system
def test_libreoffice_comes_to_the_same_values(world: World, tmp_path: Path) -> None:
    """With every kept value spoilt LibreOffice works the book out anew, and comes to what we had written."""
    assert shutil.which("soffice"), "LibreOffice is needed"
    good, spoilt = tmp_path / "верно.xlsx", tmp_path / "испорчено.xlsx"
    good.write_bytes(rendered(world.book()).getvalue())
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(spoilt, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name.startswith("xl/worksheets/sheet"):
                content = re.sub(rb"(</f><v>)[^<]*(</v>)", rb"\g<1>77777\g<2>", content)
            target.writestr(name, content)
    user = tmp_path / "profile" / "user"
    user.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_text(ALWAYS_RECALCULATE, encoding="utf-8")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(tmp_path / "out"), str(spoilt)]
    subprocess.run(command, check=True, timeout=180, capture_output=True)
    ours = openpyxl.load_workbook(good, data_only=True)
    theirs = openpyxl.load_workbook(tmp_path / "out" / spoilt.name, data_only=True)
    formulas = openpyxl.load_workbook(good)
    differing = [
        (sheet.title, cell.coordinate, cell.value, ours[sheet.title][cell.coordinate].value, found)
        for sheet in formulas
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
        and not same(ours[sheet.title][cell.coordinate].value, found := theirs[sheet.title][cell.coordinate].value)
    ]
    assert differing == []


@pytest.mark.system
@pytest.mark.parametrize("organisation", [None, "school"])
def test_what_is_printed_fits(world: World, tmp_path: Path, organisation: str | None) -> None:
    """As LibreOffice prints it: every page A4 across, numbered, none empty, no number too wide for its cell."""
    assert shutil.which("soffice"), "LibreOffice is needed"
    assert shutil.which("pdftotext"), "poppler is needed"
    (tmp_path / "книга.xlsx").write_bytes(rendered(world.book(organisation)).getvalue())
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
    subprocess.run([*command, str(tmp_path / "книга.xlsx")], check=True, timeout=180, capture_output=True)
    pdf = str(tmp_path / "книга.pdf")
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], check=True, capture_output=True, text=True).stdout
    assert "##" not in text
    pages = text.split("\f")[:-1]
    for number, page in enumerate(pages, 1):
        assert f"Лист {number} из {len(pages)}" in page
        assert len([line for line in page.splitlines() if line.strip()]) > 2, f"page {number} is empty"
    sizes = subprocess.run(["pdfinfo", "-l", str(len(pages)), pdf], check=True, capture_output=True, text=True).stdout
    assert set(re.findall(r"size:\s+(\d+)[.\d]* x (\d+)", sizes)) <= {("841", "595"), ("842", "595")}
