"""`trace`: every figure down to its rows and cells, with totals that agree and nobody named for the district."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sheets_sync import run
from sheets_sync.cli import trace as verb
from sheets_sync.config import Config, load_config
from sheets_sync.errors import ConfigError
from sheets_sync.reporting.figures import Part
from sheets_sync.reporting.trace import EMPTY, HIDDEN, shown_value
from tests.program import command
from tests.rule_rows import definitions
from tests.small_district import NOW, set_up, sync, tree

NAMES = ("Речной", "Лесная")
PARTS: tuple[Part, ...] = ("numerator", "denominator", "respondents")


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """Two schools read as of the day of the June report."""
    config = set_up(tmp_path_factory.mktemp("trace"), "school-a", "school-b")
    assert not sync(config, as_of=date(2024, 6, 20)).failed
    return config


def traced(config: Config, indicator: str, **options: Any) -> run.TraceOutcome:
    return run.trace(config, indicator, **{"period": "2023-12", "now": NOW, **options})


def test_cells_of_one_organisation(district: Config) -> None:
    """The row of the base with its letters, and the pair's row beside it; names are its own to see."""
    found = traced(district, "i1", organisation="school-a").trace
    assert (found.told, found.total, found.agrees) == (1, 1, True)
    (row,) = found.rows
    assert (row.workbook, row.sheet, row.row) == ("school-a/Наставничество.xlsx", "Наставляемые", 2)
    assert row.table == "mentees"
    cells = {cell.field: (cell.cell, cell.value) for cell in row.cells}
    assert cells == {
        "full_name": ("A2", "Речной Пётр Олегович"),
        "birth": ("B2", "14.05.2010"),
        "class_group": ("C2", "7А"),
    }
    assert row.through is not None
    assert (row.through.sheet, row.through.row) == ("Пары", 2)
    assert {cell.field: (cell.cell, cell.value) for cell in row.through.cells} == {
        "mentee": ("C2", "Речной Пётр Олегович"),
        "order_no": ("E2", "5"),
        "order_date": ("F2", "15.09.2023"),
        "date_from": ("G2", "20.09.2023"),
        "status": ("H2", "действует"),
    }
    (profile,) = traced(district, "I1", organisation="school-a", part="denominator").trace.rows
    assert (profile.value, profile.cells[0].cell, profile.cells[0].value) == (40, "H2", "40")


@pytest.mark.system
def test_nobody_is_named_for_the_district(district: Config) -> None:
    """In no form, until the configuration says so."""
    for form in ("text", "json", "csv"):
        answer = command("trace", "I1", "--period", "2023-12", "--format", form, cwd=district.folder)
        assert (answer.returncode, answer.stderr) == (0, "")
        assert not any(name in answer.stdout for name in NAMES)
        assert HIDDEN in answer.stdout
    path = district.folder / "names.toml"
    text = (district.folder / "config.toml").read_text(encoding="utf-8")
    path.write_text(text + "[privacy]\npupil_names = true\n", encoding="utf-8")
    named = traced(load_config(path), "I1").trace
    assert named.rows[0].cells[0].value == "Речной Пётр Олегович"


@pytest.mark.system  # each figure is traced by a run of its own
def test_every_figure_agrees(district: Config) -> None:
    """All indicators, all parts, the district and each organisation: rows add up to the number told."""
    for organisation in (None, "school-a"):
        for indicator in ("I1", "I2", "I3", "I4", "I5", "I6", "I7"):
            for part in PARTS:
                if part == "respondents" and indicator not in ("I5", "I6"):
                    continue
                found = traced(district, indicator, organisation=organisation, part=part).trace
                assert found.agrees, (indicator, part, organisation)
                assert all(row.cells for row in found.rows if row.row is not None)


def test_the_forms_it_is_printed_in(district: Config) -> None:
    """Plain text in a pipe with the total, one line of CSV a row, JSON to a fixed shape; nothing is written."""
    before = tree(district.folder)
    options = ("--organisation", "school-a", "--period", "2023-12")
    answer = command("trace", "I1", *options, cwd=district.folder)
    lines = answer.stdout.splitlines()
    assert lines[0].startswith("I1. Доля обучающихся")
    assert lines[2].startswith("2,5\u00a0% (1 из 40)")
    assert "A2 ФИО наставляемого: Речной Пётр Олегович" in answer.stdout
    assert "лист «Пары», строка 2: C2 ФИО наставляемого" in answer.stdout
    assert lines[-1] == "1\u00a0строка; вместе 1, как и в показателе."
    answer = command("trace", "I1", *options, "--format", "csv", cwd=district.folder)
    heads, *rows = csv.reader(io.StringIO(answer.stdout))
    assert tuple(heads) == verb.CSV_COLUMNS
    assert [row[:6] for row in rows] == [
        ["1", "school-a", "school-a/Наставничество.xlsx", "Наставляемые", "2", "mentees"]
    ]
    answer = command("trace", "I1", *options, "--format", "json", cwd=district.folder)
    told = json.loads(answer.stdout)
    assert list(told) == [
        "version", "indicator", "title", "period", "as_of", "organisation", "part", "figure", "told", "total", "agrees",
        "rows",
    ]  # fmt: skip
    assert told["figure"]["numerator"] == told["total"] == len(told["rows"])
    assert told["rows"][0]["through"]["row"] == 2
    changed = {name for name, content in tree(district.folder).items() if before.get(name) != content}
    assert {name for name in changed if not name.startswith(".sheets-sync/")} == set()


def test_a_number_without_rows(district: Config) -> None:
    """No exit questionnaires, no number: said in words."""
    answer = command("trace", "I5", "--period", "2023-12", cwd=district.folder)
    assert answer.returncode == 0
    assert answer.stdout.splitlines()[-1] == "Числа у этого показателя нет, поэтому нет и строк."


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("I9",), "no such indicator: I9 — one of I1, I2"),
        (("II1",), "did you mean “I1”?"),
        (("I1", "--organisation", "shcool-a"), "no such organisation: shcool-a — did you mean “school-a”?"),
        (("I1", "--part", "respondents"), "I1 has no respondents"),
        (("I1", "--period", "2023-11"), "no such period"),
    ],
)
def test_what_cannot_be_traced(district: Config, arguments: tuple[str, ...], told: str) -> None:
    """Exit code 2, one line with the mend."""
    answer = command("trace", *arguments, cwd=district.folder)
    assert (answer.returncode, answer.stdout, answer.stderr.count("\n")) == (2, "", 1)
    assert told in answer.stderr


def test_nothing_read_yet(tmp_path: Path) -> None:
    """Says to sync first."""
    config = set_up(tmp_path, "school-a")
    with pytest.raises(ConfigError, match="nothing has been read yet"):
        traced(config, "I1")


@pytest.mark.system
def test_a_district_s_own_indicator(tmp_path: Path) -> None:
    """Without `cells` the table's required fields are shown; a cell that no table has is named with the file."""
    config = set_up(tmp_path, "school-a")
    folder = tmp_path / "reports" / "indicators"
    folder.mkdir(parents=True)
    (folder / "D1.toml").write_text('id = "D1"\ntitle_ru = "Свой"\n', encoding="utf-8")
    rows = 'SELECT organisation, mentor_person AS person_key, workbook, sheet, "row" FROM counted_pairs'
    for part in ("numerator", "denominator"):
        (folder / f"D1.{part}.sql").write_text(rows, encoding="utf-8")
    sync(config)
    (row,) = traced(config, "D1", organisation="school-a").trace.rows
    assert row.table == "pairs"
    assert [cell.cell for cell in row.cells] == ["B2", "C2", "D2", "G2", "H2"]
    assert row.through is None
    (folder / "D1.toml").write_text('id = "D1"\ntitle_ru = "Свой"\ncells = ["pairs.mentr"]\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"D1\.toml.*pairs\.mentr"):
        traced(config, "D1")


def test_values_as_people_read_them() -> None:
    """Days, words of enumerations, lists, years, «да» and «нет»."""
    mentees = definitions().schemas["mentees"]
    categories, birth, consent = (mentees.field(name) for name in ("categories", "birth", "consent"))
    assert shown_value(None, birth) == shown_value([], categories) == EMPTY
    assert shown_value("2010-05-14", birth) == "14.05.2010"
    assert shown_value("2010", birth) == "2010"
    assert (shown_value("true", consent), shown_value(False, consent)) == ("да", "нет")
    assert shown_value("2023-09-04", consent) == "04.09.2023"
    assert shown_value(["disability", "hardship"], categories) == "; ".join(
        next(one.title for one in categories.enum if one.code == code) for code in ("disability", "hardship")
    )
    assert shown_value(2.5, mentees.field("experience_years")) == "2,5"
