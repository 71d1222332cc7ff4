"""Blank workbooks: headings the program knows, an example, lists and hints."""

from __future__ import annotations

import runpy
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from sheets_sync.errors import SourceError
from sheets_sync.sinks.template import EXAMPLE_MARK, LISTS_SHEET, NUMBER_HEADING, tables_for, template_workbook
from sheets_sync.table_schema.model import EnumValue, Field, TableSchema

faults = runpy.run_path(str(Path(__file__).with_name("xlsx_order.py")))["faults"]
FORMS = tuple(EnumValue(f"f{n}", f"форма наставничества номер {n}") for n in range(20))
PAIRS = TableSchema("pairs", "Пары", (
    Field("mentor", "ФИО наставника", "name", required="value", hint="Полностью", example="Орлова Мария Петровна"),
    Field("form", "Форма", "enum", enum=FORMS, example="форма наставничества номер 1"),
    Field("status", "Статус", "enum", enum=(EnumValue("active", "действует"), EnumValue("finished", "завершена"))),
    Field("date_from", "Дата начала", "date", example="01.09.2023"),
    Field("planned", "Количество встреч", "integer", minimum=0, maximum=100, example="12"),
    Field("consent", "Согласие", "boolean"),
    Field("n_15_18", "Обучающиеся от 15 до 18 лет", "integer", roles=("school",)),
))  # fmt: skip


def opened(path: Path) -> Any:
    import openpyxl

    return openpyxl.load_workbook(path)


def test_headings_example_and_rules(tmp_path: Path) -> None:
    """Headings as the schema says, typed example row marked as such, lists, dates and hints."""
    template_workbook([PAIRS], tmp_path / "ш.xlsx", org_type="school")
    assert faults(tmp_path / "ш.xlsx") == []
    sheet = opened(tmp_path / "ш.xlsx")["Пары"]
    assert [cell.value for cell in sheet[1]] == [NUMBER_HEADING, *(field.title for field in PAIRS.fields)]
    assert [cell.value for cell in sheet[2]][:6] == [
        EXAMPLE_MARK, "Орлова Мария Петровна", "форма наставничества номер 1", None, datetime(2023, 9, 1), 12,
    ]  # fmt: skip
    assert sheet["E2"].number_format == "dd.mm.yyyy"
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    assert rules["D2:D1000"].formula1 == '"действует,завершена"'
    assert rules["G2:G1000"].formula1 == '"да,нет"'
    assert rules["C2:C1000"].formula1 == f"{LISTS_SHEET}!$A$1:$A$20"
    assert rules["E2:E1000"].type == "date"
    assert rules["B2:B1000"].prompt == "Полностью. Обязательно."
    assert (sheet.freeze_panes, sheet.print_title_rows, sheet.page_setup.orientation) == ("C2", "$1:$1", "landscape")
    lists = opened(tmp_path / "ш.xlsx")[LISTS_SHEET]
    assert lists.sheet_state == "hidden"
    assert lists["A20"].value == "форма наставничества номер 19"


def test_fields_for_other_organisations_are_left_out(tmp_path: Path) -> None:
    """A kindergarten is not asked for its 15-year-olds."""
    template_workbook([PAIRS], tmp_path / "д.xlsx", org_type="kindergarten")
    assert "Обучающиеся от 15 до 18 лет" not in [cell.value for cell in opened(tmp_path / "д.xlsx")["Пары"][1]]


def test_a_filled_in_template_is_never_overwritten(tmp_path: Path) -> None:
    """Blank over blank is nothing; over a workbook somebody saved it is refused."""
    path = tmp_path / "ш.xlsx"
    assert template_workbook([PAIRS], path).state == "created"
    assert template_workbook([PAIRS], path).state == "unchanged"
    workbook = opened(path)
    workbook["Пары"]["B3"] = "Громов Олег"
    workbook.save(path)
    with pytest.raises(SourceError, match="filled in"):
        template_workbook([PAIRS], path)


def test_tables_by_type_of_organisation() -> None:
    """Each type has its tables; an unknown type is said, not guessed."""
    assert tables_for("school")[0] == "school_profile"
    assert "network" in tables_for("district")
    assert "enterprises" not in tables_for("kindergarten")
    with pytest.raises(ValueError, match="лицей"):
        tables_for("лицей")
