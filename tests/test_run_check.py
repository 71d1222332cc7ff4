"""`check`: its JSON contract whole, with every type of field; templates that check clean when filled in."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sheets_sync import run
from sheets_sync.errors import SourceError
from sheets_sync.sinks.template import EXAMPLE_MARK, NUMBER_HEADING, tables_for, template_workbook
from sheets_sync.table_schema.loading import load_definitions
from tests.every_type import SHEETS, write
from tests.program import command
from tests.small_district import AS_OF, school, tree, workbook

ISSUE_KEYS = [
    "code", "severity", "table", "sheet", "row", "field", "cell", "value", "message", "hint", "suggestion",
]  # fmt: skip
TABLE_KEYS = ["table", "sheet", "header_row", "rows_read", "rows_accepted", "rows_rejected", "columns"]


@pytest.fixture(scope="module")
def every_type(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("every-type")
    write(folder / "school-7" / "все.xlsx")
    return folder


@cache
def answer(folder: Path, *more: str) -> tuple[int, str]:
    """What `check` prints of the school, asked once for each way of asking."""
    done = command("check", "school-7", "--as-of", "2023-12-20", *more, cwd=folder)
    assert done.stderr == ""
    return done.returncode, done.stdout


def checked(folder: Path, *more: str) -> tuple[int, Any]:
    code, printed = answer(folder, "--format", "json", *more)
    return code, json.loads(printed)


def test_rows_of_every_type(every_type: Path, project: Path) -> None:
    """Tables, columns, counts and every accepted value in the forms of the contract."""
    code, told = checked(every_type, "--rows", "--show-values")
    assert code == 1
    assert list(told) == ["version", "workbooks", "issues"]
    assert told["version"] == 1
    (book,) = told["workbooks"]
    assert list(book) == ["path", "tables", "issues"]
    assert book["path"] == "school-7/все.xlsx"
    assert book["tables"] == json.loads((project / "tests/approved/check_rows.json").read_text(encoding="utf-8"))
    assert [list(table) for table in book["tables"]] == [[*TABLE_KEYS, "rows"]] * len(SHEETS)
    for table in book["tables"]:
        assert table["rows_read"] == table["rows_accepted"] + table["rows_rejected"]
        assert [row["row"] for row in table["rows"]] == list(range(3, 3 + table["rows_read"]))


def test_issues_of_the_contract(every_type: Path) -> None:
    """All keys, in order of sheet and row; what concerns the organisation stands in a list of its own."""
    _, told = checked(every_type)
    (book,) = told["workbooks"]
    assert all(list(table) == TABLE_KEYS for table in book["tables"])
    assert [list(issue) for issue in book["issues"]] == [ISSUE_KEYS] * len(book["issues"])
    assert {issue["severity"] for issue in book["issues"]} <= {"error", "warning", "info"}
    places = {(issue["code"], issue["sheet"], issue["row"], issue["cell"]) for issue in book["issues"]}
    assert ("ref-initials", "Пары", 3, "C3") in places
    assert ("pair-network-experience", "Сетевые", 3, "B3") in places
    assert [list(issue) for issue in told["issues"]] == [["organisation", *ISSUE_KEYS]]
    assert told["issues"][0]["organisation"] == "school-7"
    assert (told["issues"][0]["sheet"], told["issues"][0]["row"], told["issues"][0]["cell"]) == (None, None, None)


def test_personal_values_are_masked(every_type: Path) -> None:
    """Without --show-values no name, contact, birthday, class or answer is printed, in whatever form; the rest is."""
    _, shown = checked(every_type, "--rows", "--show-values")
    _, masked = checked(every_type, "--rows")
    text = json.dumps(masked, ensure_ascii=False)
    for secret in ("Лесная", "Анна", "Речной", "Пётр", "Садова", "Молодцов", "Полева", "Белова", "Зимин", "Орлов",
                   "914", "2010-05-14", "1980-02-14", "7А", "disability", "внимание"):  # fmt: skip
        assert secret not in text, secret
    for name in ("text", "csv", "md"):
        _, printed = answer(every_type, "--format", name)
        assert "Речной" not in printed
        assert "Лесная" not in printed
    pairs = [
        [table for table in told["workbooks"][0]["tables"] if table["table"] == "pairs"] for told in (masked, shown)
    ]
    for hidden, plain in zip(pairs[0][0]["rows"], pairs[1][0]["rows"], strict=True):
        assert {**hidden["values"], "mentor": "", "mentee": ""} == {**plain["values"], "mentor": "", "mentee": ""}
    for one, other in zip(masked["workbooks"][0]["tables"], shown["workbooks"][0]["tables"], strict=True):
        for hidden, plain in zip(one["rows"], other["rows"], strict=True):
            assert {key for key, value in hidden["values"].items() if value is None} == {
                key for key, value in plain["values"].items() if value is None
            }


def test_every_form_tells_the_same_issues(every_type: Path) -> None:
    """CSV has a line per issue, text and Markdown a code per issue."""
    _, told = checked(every_type)
    codes = sorted([one["code"] for one in told["workbooks"][0]["issues"]] + [one["code"] for one in told["issues"]])
    printed = {form: answer(every_type, "--format", form)[1] for form in ("text", "csv", "md")}
    lines = list(csv.DictReader(io.StringIO(printed["csv"])))
    assert sorted(line["code"] for line in lines) == codes
    for code in set(codes):
        assert printed["text"].count(f"[{code}]") == codes.count(code)
        assert printed["md"].count(f"`{code}`") == codes.count(code)


def test_paths_and_organisations(tmp_path: Path) -> None:
    """A path is as given plus what lies below; the organisation is the first folder beneath, or the file's own."""
    school(tmp_path / "inbox/school-a/2023")
    result = run.check([tmp_path / "inbox"], as_of=AS_OF)
    assert [(one.path, one.organisation) for one in result.workbooks] == [
        (f"{tmp_path}/inbox/school-a/2023/Наставничество.xlsx", "school-a")
    ]
    result = run.check([tmp_path / "inbox/school-a/2023/Наставничество.xlsx"], as_of=AS_OF)
    assert result.workbooks[0].organisation == "2023"
    twice = run.check([tmp_path / "inbox", tmp_path / "inbox/school-a"], as_of=AS_OF)
    assert len(twice.workbooks) == 1
    with pytest.raises(SourceError, match="no such file or folder"):
        run.check([tmp_path / "nowhere"], as_of=AS_OF)


def test_check_writes_nothing_and_needs_nothing(tmp_path: Path) -> None:
    """No config, no trace beside the files, an empty folder is in order; exit codes 0 and 1."""
    (tmp_path / "empty").mkdir()
    school(tmp_path / "inbox/school-a")
    before = tree(tmp_path)
    assert command("check", "empty", cwd=tmp_path).returncode == 0
    assert command("check", "inbox", "--as-of", "2023-12-20", cwd=tmp_path).returncode == 0
    assert tree(tmp_path) == before


def filled(path: Path, tables: list[str], rows: dict[str, list[dict[str, Any]]], org_type: str) -> Path:
    """A template with these rows typed below the example, numbered."""
    schemas = load_definitions().schemas
    template_workbook([schemas[name] for name in tables], path, org_type=org_type)
    book = openpyxl.load_workbook(path)
    for name, records in rows.items():
        page = book[schemas[name].title]
        headings = {str(cell.value): cell.column for cell in page[1]}
        for number, record in enumerate(records, 1):
            page.cell(2 + number, headings[NUMBER_HEADING], record.get("number", number))
            for field, value in record.items():
                if field != "number":
                    page.cell(2 + number, headings[schemas[name].field(field).title], value)
    book.save(path)
    return path


PEOPLE = ["Лесная Анна Павловна", "Речной Пётр Олегович", "Садова Ия Ильинична", "Горный Олег Ильич"]
ROWS: dict[str, list[dict[str, Any]]] = {
    "school_profile": [
        {"org_id": "3800000007", "org_name": "МКОУ «СОШ № 7»", "org_type": "школа", "school_year": "2023-2024",
         "as_of": date(2023, 12, 1), "n_pupils": 420, "n_10_18": 260, "n_potential": 110, "n_gifted": 30,
         "n_low_results": 28, "n_disability": 14, "n_hardship": 18, "n_behaviour": 12, "n_isolated": 16, "n_15_18": 90,
         "n_teachers": 38, "n_young": 5}
    ],
    "documents": [
        {"kind": "приказ о внедрении", "date": date(2023, 9, 1), "title": "О внедрении"},
        {"kind": "положение", "date": date(2023, 9, 1), "title": "О наставничестве"},
    ],
    "curators": [
        {"full_name": PEOPLE[3], "position": "заместитель директора", "role": "куратор", "form": "учитель – ученик", "order_no": "70-ОД",
         "order_date": date(2023, 9, 1), "phone": "8 (914) 000-00-01", "email": "gorny@school.example"}
    ],
    "mentees": [
        {"full_name": PEOPLE[1], "kind": "обучающийся", "birth": date(2010, 5, 14), "class_group": "7А",
         "contact": "8 (914) 000-00-02", "categories": "проявившие выдающиеся способности", "request": "физика",
         "date_in": date(2023, 9, 13), "consent": date(2023, 9, 1), "status": "в паре"},
        {"full_name": PEOPLE[2], "kind": "обучающийся", "birth": date(2011, 6, 1), "class_group": "6Б",
         "contact": "8 (914) 000-00-03", "categories": "проявившие выдающиеся способности", "request": "химия",
         "date_in": date(2023, 9, 13), "consent": date(2023, 9, 1), "status": "в поиске наставника"},
    ],
    "mentors": [
        {"full_name": PEOPLE[0], "category": "педагог", "birth": 1980, "position": "учитель", "experience_years": 20,
         "contact": "8 (914) 000-00-04", "competence": "олимпиады", "date_in": date(2023, 9, 1),
         "form": "учитель – ученик", "consent": date(2023, 9, 1)}
    ],
    "pairs": [
        {"pair_id": "П-07", "mentor": PEOPLE[0], "mentee": PEOPLE[1], "form": "учитель – ученик", "order_no": "71-ОД",
         "order_date": date(2023, 9, 15), "date_from": date(2023, 9, 20), "date_to": date(2024, 5, 31),
         "planned_meetings": 8, "status": "действует"}
    ],
    "plans": [
        {"pair_id": "П-07", "mentor": PEOPLE[0], "mentee": PEOPLE[1], "problem": "олимпиада", "form": "учитель – ученик",
         "goal": "победа", "tasks": "задачи", "expected_results": "диплом", "term": "сентябрь 2023 – май 2024"}
    ],
    "meetings": [
        {"date": date(2023, 9, 21), "pair_id": "П-07", "mentor": PEOPLE[0], "mentee": PEOPLE[1],
         "stage": "первая, организационная", "topic": "Знакомство", "mode": "очно", "duration_min": 45, "result": "цель"},
        {"date": date(2023, 10, 21), "pair_id": "П-07", "mentor": PEOPLE[0], "mentee": PEOPLE[1],
         "stage": "вторая, пробная рабочая", "topic": "Проба", "mode": "очно", "duration_min": 45, "result": "план"},
        {"date": date(2023, 12, 1), "pair_id": "П-07", "mentor": PEOPLE[0], "mentee": PEOPLE[1],
         "stage": "встреча-планирование", "topic": "План", "mode": "очно", "duration_min": 45, "result": "план"},
    ],
    "roadmap": [
        {"number": "1.1", "stage": "Подготовка", "task": "Приказ", "due": "до 15 сентября 2023",
         "responsible": "Директор", "status": "выполнено", "done_on": date(2023, 9, 5), "document": "Приказ № 69-ОД"},
        {"number": "1.2", "stage": "Работа", "task": "Встречи", "due": "октябрь 2023 – май 2024",
         "responsible": "Наставники", "status": "в работе"},
    ],
    "consents": [
        {"full_name": name, "role": "наставляемый", "kind": "ПДн", "signed_by": "родитель (законный представитель)",
         "date": date(2023, 9, 1), "stored_at": "каб. 12"}
        for name in PEOPLE[1:3]
    ],
    "training": [
        {"full_name": PEOPLE[0], "programme": "«Школа наставников»", "hours": 16, "date": date(2023, 10, 20),
         "document": "сертификат № 1"}
    ],
    "awards": [{"full_name": PEOPLE[0], "kind": "грамота", "level": "школьный", "order_no": "80-ОД",
                "order_date": date(2023, 12, 1)}],
    "targets": [{"indicator": "I1", "y2023": 55, "y2024": 70}, {"indicator": "I3", "y2023": 40}],
}  # fmt: skip


def test_a_filled_in_template_checks_clean(tmp_path: Path) -> None:
    """Exactly the rows typed are counted: the example is none; nothing is complained of, the lists' sheet neither."""
    filled(tmp_path / "school-7/Школа.xlsx", tables_for("school"), ROWS, "school")
    result = run.check([tmp_path / "school-7"], as_of=AS_OF)
    (book,) = result.workbooks
    assert [
        (issue.code, issue.at.sheet, issue.at.cell or issue.at.row) for issue in [*book.issues, *result.issues]
    ] == []
    counted = {table.table.name: (table.rows_read, table.rows_accepted) for table in book.tables}
    assert counted == {name: (len(ROWS.get(name, ())),) * 2 for name in tables_for("school")}


def test_an_untouched_template_holds_nothing(tmp_path: Path) -> None:
    """Every table is found, no row is counted, nothing is said; for every type of organisation."""
    schemas = load_definitions().schemas
    org_types = ["additional", "college", "district", "kindergarten", "school"]
    for org_type in org_types:
        (tmp_path / org_type).mkdir()
        tables = [schemas[name] for name in tables_for(org_type)]
        template_workbook(tables, tmp_path / org_type / "ш.xlsx", org_type=org_type)
    result = run.check([tmp_path], as_of=AS_OF)
    assert [book.organisation for book in result.workbooks] == org_types
    for book in result.workbooks:
        assert [table.table.name for table in book.tables] == tables_for(book.organisation)
        assert {table.rows_read for table in book.tables} == {0}
        assert book.issues == []
    assert result.issues == []


def test_only_the_mark_makes_an_example(tmp_path: Path) -> None:
    """«Пример» elsewhere than in the column of numbers is what somebody wrote."""
    headings = ["№", "Дата", "№ пары", "Этап встречи", "Тема"]
    rows = [[EXAMPLE_MARK.upper() + " ", "01.09.2023", "П-1", "регулярная", "тема"],
            [1, "21.09.2023", "П-1", "регулярная", "Пример"]]  # fmt: skip
    workbook(tmp_path / "в.xlsx", {"Встречи": [headings, *rows]})
    (book,) = run.check([tmp_path], as_of=AS_OF, rows=True).workbooks
    (table,) = book.tables
    assert table.row_numbers == [3]
    assert table.values["topic"] == ["Пример"]


def test_lists_of_ones_own_are_no_part_of_our_template(tmp_path: Path) -> None:
    """A hidden sheet «Списки» is told, unless it holds nothing but the values of our drop-downs."""
    for words, told in ((["учитель – ученик", "ученик – ученик"], []), (["форма", "ученик – ученик"], ["Списки"])):
        path = school(tmp_path / "school-7")
        book = openpyxl.load_workbook(path)
        for word in words:
            book["Списки"].append([word]) if "Списки" in book.sheetnames else book.create_sheet("Списки").append([word])
        book["Списки"].sheet_state = "hidden"
        book.save(path)
        (found,) = run.check([path], as_of=AS_OF).workbooks
        assert [issue.at.sheet for issue in found.issues if issue.code == "sheet-hidden"] == told


def test_a_hidden_sheet_with_records_is_told(tmp_path: Path) -> None:
    """Read like any other, and said so."""
    path = school(tmp_path / "school-7")
    book = openpyxl.load_workbook(path)
    book["Встречи"].sheet_state = "hidden"
    book.save(path)
    (found,) = run.check([path], as_of=AS_OF).workbooks
    assert [(issue.code, issue.at.sheet) for issue in found.issues if issue.code.startswith("sheet")] == [
        ("sheet-hidden", "Встречи")
    ]
    assert "meetings" in [table.table.name for table in found.tables]
