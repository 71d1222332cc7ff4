"""`aliases`, `check -v` and `schemas` as their users see them: lines to paste, JSON, explanations."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import openpyxl
import pytest

from sheets_sync.recognise import Recognised, recognise
from sheets_sync.table_schema.loading import load_definitions
from sheets_sync.table_schema.model import Definitions
from tests.program import command, process
from tests.sheets_drawn import drawn

DAY = ("--as-of", "2024-06-20")


def school(folder: Path) -> None:
    """Mentees under one heading nobody knows, one column of the school's own, a total, a sheet about something else."""
    folder.mkdir(parents=True)
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = "Наставляемые"
    names = ["Речной Артём Львович", "Озёрная Вера Павловна", "Морской Денис Олегович"]
    rows: list[list[object]] = [
        [
            "ФИО наставляемого",
            "Появился на свет",
            "Класс",
            "Запрос",
            "Категория наставляемого",
            "Дата вхождения",
            "Кабинет",
        ],
    ]
    rows += [
        [name, "14.05.2010", "7А", "математика", "ОВЗ", "13.09.2023", f"{101 + i}"] for i, name in enumerate(names)
    ]
    rows.append(["Всего: 3"])
    for row in rows:
        page.append(row)
    clubs = book.create_sheet("Кружки")
    clubs.append(["Кружок", "Руководитель", "День"])
    clubs.append(["шахматы", "Лесная Анна Павловна", "среда"])
    book.save(folder / "Наставничество.xlsx")


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one school."""
    folder = tmp_path_factory.mktemp("aliases") / "inbox"
    school(folder / "s1")
    return folder


def test_output_is_toml_and_nothing_else(inbox: Path) -> None:
    """What a pipe gets can be appended to config.toml as it is; counts go to stderr."""
    done = process("aliases", inbox, "-v", *DAY, cwd=inbox.parent)
    assert done.returncode == 0
    (organisation,) = tomllib.loads(done.stdout)["organisations"]
    assert organisation == {"id": "s1", "aliases": {"mentees": {"Появился на свет": "birth"}}}
    assert "# mentees «Кабинет» (s1; 3 cells)" in done.stdout
    assert "1 heading to settle" in done.stderr


def test_appended_lines_are_followed_by_check(inbox: Path, tmp_path: Path) -> None:
    """From a config with a source: append the lines, check again, the column is read; nothing is left to propose."""
    config = tmp_path / "config.toml"
    config.write_text(f'[[sources]]\nkind = "excel"\npath = {json.dumps(str(inbox))}\n', encoding="utf-8")
    lines = command("aliases", *DAY, cwd=tmp_path)
    config.write_text(config.read_text("utf-8") + lines.stdout, encoding="utf-8")
    for place in ({"cwd": tmp_path}, {"cwd": inbox.parent}):
        asked = ("--config", config) if place["cwd"] != tmp_path else ()
        checked = json.loads(command("check", inbox, "--format", "json", *DAY, *asked, **place).stdout)
        assert checked["workbooks"][0]["tables"][0]["columns"]["birth"] == "B"
    again = command("aliases", *DAY, cwd=tmp_path)
    assert (again.returncode, again.stdout) == (0, "")
    assert "no heading to settle" in again.stderr


def test_json_names_reasons_and_places(inbox: Path) -> None:
    """Every proposal with its confidence, reasons and cells; with -v what was left alone and why."""
    told = json.loads(command("aliases", inbox, "--format", "json", "-v", *DAY, cwd=inbox.parent).stdout)
    (one,) = told["proposals"]
    assert (one["table"], one["heading"], one["field"], one["organisation"]) == (
        "mentees", "Появился на свет", "birth", "s1",
    )  # fmt: skip
    assert one["cells"] == 3
    assert 0.6 <= one["confidence"] <= 1
    assert one["places"][0].endswith("Наставляемые!B1")
    assert one["reasons"]
    assert [left["heading"] for left in told["left_alone"]] == ["Кабинет"]
    assert tomllib.loads(told["toml"])


def test_what_cannot_be_read_is_said(inbox: Path, tmp_path: Path) -> None:
    """A damaged workbook is named and makes exit code 1; a path that is not there, exit code 2."""
    (tmp_path / "s2").mkdir()
    (tmp_path / "s2" / "Плохой.xlsx").write_bytes(b"PK\x03\x04 damaged")
    done = command("aliases", tmp_path / "s2", *DAY, cwd=tmp_path)
    assert done.returncode == 1
    assert "Плохой.xlsx" in done.stderr
    assert command("aliases", "nowhere", cwd=tmp_path).returncode == 2
    assert command("aliases", cwd=tmp_path).returncode == 2, "no config and no path"


def test_check_explains_itself(inbox: Path) -> None:
    """-v: how each heading was understood, what was ignored, which rows are no records, what other sheets are."""
    text = command("check", inbox, "-v", *DAY, cwd=inbox.parent).stdout
    for said in (
        "mentees ", "5 of 7 headings understood",
        "headings in row 1, records in 2–4", "A full_name", "ignored: B «Появился на свет», G «Кабинет»",
        "no records: total 5", "Кружки: no table; ",
    ):  # fmt: skip
        assert said in text
    assert "headings understood" not in command("check", inbox, *DAY, cwd=inbox.parent).stdout


def test_schemas_shows_fields_and_values(tmp_path: Path) -> None:
    """A table's fields with types and values; the spellings with -v."""
    brief, full = (
        command("schemas", "pairs", cwd=tmp_path).stdout,
        command("schemas", "pairs", "-v", cwd=tmp_path).stdout,
    )
    assert "teacher_pupil" in brief
    assert "for every row" in brief
    assert "Дата нач." not in brief
    assert "Дата нач." in full


# --- sheets that are nearly tables ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def definitions() -> Definitions:
    return load_definitions()


def near(definitions: Definitions, text: str, sheet: str = "Лист1") -> Recognised:
    return recognise(drawn(text, sheet), definitions, "s1", "s1/Книга.xlsx")


def test_the_heading_to_rename_is_named(definitions: Definitions) -> None:
    """One heading keeps the sheet from being a list of pairs: one warning, at its cell, with the name to give."""
    found = near(
        definitions,
        """
        | № | Наставник | Кого опекает сейчас | Форма наставничества | Приказ № | Дата приказа |
        | 1 | Лесная Анна Павловна | Речной Артём Львович | учитель – ученик | 5 | 01.09.2023 |
        | 2 | Полевая Ирина Олеговна | Морской Денис Олегович | учитель – ученик | 5 | 01.09.2023 |
        """,
    )
    if found.tables:  # read by then, on the strength of the other headings: the column missing is told just as well
        (issue,) = [one for one in found.issues if one.code == "heading-missing"]
        assert "Кого опекает сейчас" in dict(issue.params)["perhaps"]
        return
    (issue,) = found.issues
    assert (issue.code, issue.severity, issue.at.cell) == ("sheet-near-miss", "warning", "C1")
    assert (issue.value, issue.suggestion) == ("Кого опекает сейчас", "ФИО наставляемого")


def test_the_column_to_add_is_named(definitions: Definitions) -> None:
    """No column could be the mentee: what is missing is told, nothing is renamed."""
    found = near(
        definitions,
        """
        | Наставник | Форма наставничества | Приказ № | Дата приказа |
        | Лесная Анна Павловна | учитель – ученик | 5 | 01.09.2023 |
        """,
    )
    (issue,) = found.issues
    assert (issue.code, issue.severity) == ("sheet-near-miss", "info")
    assert dict(issue.params)["missing"] == "«ФИО наставляемого»"


@pytest.mark.parametrize(
    ("sheet", "text"),
    [
        ("7А", "| № | ФИО | Дата рождения | Телефон |\n| 1 | Речной Артём Львович | 14.05.2010 | 89000000001 |"),
        ("Расписание", "| Время | Понедельник | Вторник | Класс |\n| 8:00 | физика | химия | 7А |"),
        ("Кружки", "| Кружок | Руководитель | День | Кабинет |\n| шахматы | Лесная Анна Павловна | среда | 12 |"),
        ("Штат", "| ФИО | Должность | Ставка | Оклад |\n| Лесная Анна Павловна | учитель | 1 | 100 |"),
        ("Склад", "| Наименование | Количество | Цена | Сумма |\n| мел | 10 | 5 | 50 |"),
        ("Договоры", "| Контрагент | Договор | Дата | Срок | Сумма |\n| ООО «Свет» | 5 | 01.09.2023 | 2024 | 10 |"),
    ],
)
def test_foreign_sheets_are_no_near_misses(definitions: Definitions, sheet: str, text: str) -> None:
    """Timetables, class lists, stock: at most «no known table», never «nearly one»."""
    found = near(definitions, text, sheet)
    assert found.tables == []
    assert [issue.code for issue in found.issues] == ["sheet-unrecognised"]
