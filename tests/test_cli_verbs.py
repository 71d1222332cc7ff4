"""What the verbs print and leave behind, on a district of two schools: the contract other programs rely on."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import openpyxl
import pytest

from tests.program import ENVIRONMENT, command, heeding_interrupts, process


def school(folder: Path, meeting: str = "10.10.2023") -> None:
    """A small school: one mentor, one mentee, their pair and a meeting."""
    book = openpyxl.Workbook()
    sheets = {
        "Наставники": [
            [
                "ФИО наставника",
                "Категория наставника",
                "Дата рождения",
                "Должность",
                "Стаж",
                "Контакт",
                "Согласие на ПДн",
            ],
            ["Лесная Анна Павловна", "педагог", "14.02.1980", "учитель", 20, "+7 900 000-00-01", "да"],
        ],
        "Наставляемые": [
            [
                "ФИО наставляемого",
                "Дата рождения",
                "Класс",
                "Запрос",
                "Категория наставляемого",
                "Дата вхождения",
                "Согласие",
            ],
            ["Речной Пётр Олегович", "14.05.2010", "7А", "математика", "ОВЗ", "13.09.2023", "да"],
        ],
        "Пары": [
            ["№ пары", "Наставник", "Наставляемый", "Форма", "Приказ №", "Дата приказа", "Дата начала", "Статус"],
            [
                "П-1",
                "Лесная Анна Павловна",
                "Речной Пётр Олегович",
                "учитель – ученик",
                "5",
                "15.09.2023",
                "20.09.2023",
                "действует",
            ],
        ],
        "Встречи": [
            ["Дата", "№ пары", "Этап встречи", "Тема"],
            [meeting, "П-1", "первая, организационная", "Знакомство"],
        ],
    }
    del book["Sheet"]
    for title, rows in sheets.items():
        page = book.create_sheet(title)
        for row in rows:
            page.append(row)
    folder.mkdir(parents=True)
    book.save(folder / "Наставничество.xlsx")


@pytest.fixture
def district(tmp_path: Path) -> Path:
    """A set-up with two schools, one of them with an impossible date."""
    school(tmp_path / "inbox" / "school-a")
    school(tmp_path / "inbox" / "school-b", meeting="31.11.2023")
    (tmp_path / "config.toml").write_text(
        '[district]\nname = "Район"\n[[sources]]\npath = "inbox"\n[outputs]\nfolder = "outbox"\n', encoding="utf-8"
    )
    return tmp_path


def test_check_json(district: Path) -> None:
    """The JSON contract: paths as given, tables with their columns, issues with cell and suggestion, exit code 1."""
    answer = process("check", "inbox", "--as-of", "2023-12-20", "--format", "json", cwd=district)
    assert answer.returncode == 1, answer.stderr
    told = json.loads(answer.stdout)
    assert told["version"] == 1
    paths = [workbook["path"] for workbook in told["workbooks"]]
    assert paths == ["inbox/school-a/Наставничество.xlsx", "inbox/school-b/Наставничество.xlsx"]
    tables = {table["table"]: table for table in told["workbooks"][1]["tables"]}
    assert set(tables) == {"mentors", "mentees", "pairs", "meetings"}
    assert tables["meetings"]["columns"] == {"date": "A", "pair_id": "B", "stage": "C", "topic": "D"}
    assert (tables["meetings"]["rows_read"], tables["meetings"]["rows_rejected"]) == (1, 1)
    (wrong,) = [issue for issue in told["workbooks"][1]["issues"] if issue["severity"] == "error"]
    assert (wrong["code"], wrong["sheet"], wrong["row"], wrong["cell"]) == ("cell-type", "Встречи", 2, "A2")
    assert set(wrong) == {
        "code", "severity", "table", "sheet", "row", "field", "cell", "value", "message", "hint", "suggestion",
    }  # fmt: skip


def test_check_rows_are_masked_unless_asked(district: Path) -> None:
    """--rows adds the accepted rows; names appear with --show-values only."""
    arguments = ["check", "inbox/school-a", "--as-of", "2023-12-20", "--format", "json", "--rows"]
    masked = command(*arguments, cwd=district)
    assert masked.returncode == 0, masked.stdout
    assert "Лесная Анна" not in masked.stdout
    shown = json.loads(command(*arguments, "--show-values", cwd=district).stdout)
    (mentors,) = [table for table in shown["workbooks"][0]["tables"] if table["table"] == "mentors"]
    assert mentors["rows"][0]["row"] == 2
    assert mentors["rows"][0]["values"]["full_name"] == "Лесная Анна Павловна"
    assert mentors["rows"][0]["values"]["birth"] == "1980-02-14"


@pytest.mark.system
def test_check_in_other_forms(district: Path) -> None:
    """Text, CSV and Markdown tell of the same trouble; nothing but results on stdout."""
    text = command("check", "inbox", "--as-of", "2023-12-20", cwd=district)
    assert "Встречи!A2" in text.stdout
    assert text.stderr == ""
    lines = list(csv.DictReader(io.StringIO(command("check", "inbox", "--format", "csv", cwd=district).stdout)))
    assert [line["cell"] for line in lines if line["code"] == "cell-type"] == ["A2"]
    assert "`cell-type`" in command("check", "inbox", "--format", "md", cwd=district).stdout
    english = command("check", "inbox", "--language", "en", cwd=district)
    assert "Errors: 1" in english.stdout


def test_check_writes_nothing(district: Path) -> None:
    """Not beside the workbooks, not in the folder it is run from."""
    before = {path: path.stat().st_mtime_ns for path in district.rglob("*")}
    command("check", "inbox", cwd=district)
    assert {path: path.stat().st_mtime_ns for path in district.rglob("*")} == before


def test_sync_report_status(district: Path) -> None:
    """The whole round: outputs written, nothing read the second time, figures printed, status in order."""
    first = process("sync", "--as-of", "2023-12-20", "--format", "json", cwd=district)
    assert first.returncode == 0, first.stderr
    told = json.loads(first.stdout)
    assert len(told["changed"]) == 2
    assert told["issues"]["error"] == 1
    for written in ("school-a/Проверка.xlsx", "school-b/Проверка.xlsx", "district/Сводный реестр.xlsx"):
        assert (district / "outbox" / written).is_file()
    second = json.loads(process("sync", "--as-of", "2023-12-20", "--format", "json", cwd=district).stdout)
    assert second["changed"] == []
    report = process("report", "--period", "2023-12", "--format", "json", "-o", "-", cwd=district)
    assert report.returncode == 0, report.stderr
    figures = json.loads(report.stdout)
    assert (figures["version"], figures["period"], figures["as_of"]) == (1, "2023-12", "2023-12-20")
    assert [one["id"] for one in figures["organisations"]] == ["school-a", "school-b"]
    assert figures["organisations"][0]["counts"]["pairs_counted"] == 1
    assert {"I1", "I2", "I3", "I4"} <= {one["id"] for one in figures["district"]["indicators"]}
    status = process("status", cwd=district)
    assert status.returncode == 0, status.stdout
    assert "school-a" in status.stdout
    assert json.loads(process("status", "--format", "json", cwd=district).stdout)["version"] == 1


@pytest.mark.system
def test_report_writes_where_asked(district: Path) -> None:
    """--format chooses the files, -o the folder, --district leaves the schools out."""
    command("sync", "-q", "--as-of", "2023-12-20", cwd=district)
    answer = command(
        "report", "--period", "2023-12", "--district", "--format", "md,json", "-o", "elsewhere", cwd=district
    )
    assert answer.returncode == 0, answer.stderr
    made = sorted(path.relative_to(district / "elsewhere").as_posix() for path in (district / "elsewhere").rglob("*.*"))
    assert [Path(name).suffix for name in made] == [".json", ".md", ".md"]
    assert {name.split("/")[0] for name in made} == {"district"}


def test_report_before_sync_says_what_to_do(district: Path) -> None:
    """One line, exit code 2."""
    answer = command("report", "--period", "2023-12", cwd=district)
    assert answer.returncode == 2
    assert "sheets-sync sync" in answer.stderr


def test_sync_goes_on_past_an_unreadable_workbook(district: Path) -> None:
    """A picture renamed .xlsx: named, exit code 1, the others are read."""
    (district / "inbox" / "school-a" / "Фото.xlsx").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    answer = command("sync", "--as-of", "2023-12-20", "--format", "json", cwd=district)
    told = json.loads(answer.stdout)
    assert answer.returncode == 1
    assert len(told["unreadable"]) == 1
    assert "Фото.xlsx" in told["unreadable"][0]
    assert (district / "outbox" / "school-b" / "Проверка.xlsx").is_file()
    assert command("status", cwd=district).returncode == 1


def test_dry_run_writes_nothing(district: Path) -> None:
    """Neither outbox nor store appear."""
    answer = command("sync", "--dry-run", "--as-of", "2023-12-20", cwd=district)
    assert answer.returncode == 0, answer.stderr
    assert not (district / "outbox").exists()
    assert not (district / ".sheets-sync").exists()


def test_status_tells_who_has_not_handed_in(district: Path) -> None:
    """A folder without workbooks is somebody who is awaited."""
    (district / "inbox" / "school-c").mkdir()
    command("sync", "-q", "--as-of", "2023-12-20", cwd=district)
    told = json.loads(command("status", "--format", "json", cwd=district).stdout)
    assert told["not_handed_in"] == ["school-c"]


def test_explain(tmp_path: Path) -> None:
    """A code in both languages, the list of codes, and the nearest one for a slip."""
    assert "Пример" in command("explain", "cell-type", cwd=tmp_path).stdout
    assert "Example" in command("explain", "cell-type", "--language", "en", cwd=tmp_path).stdout
    codes = {one["code"] for one in json.loads(command("explain", "--format", "json", cwd=tmp_path).stdout)}
    assert {"cell-type", "ref-unknown", "heading-missing"} <= codes
    slip = command("explain", "cel-type", cwd=tmp_path)
    assert slip.returncode == 2
    assert "cell-type" in slip.stderr


@pytest.mark.skipif(os.name == "nt", reason="no SIGINT to a child there")
def test_ctrl_c_ends_with_one_line(district: Path) -> None:
    """Stopped by the user: exit code 130, no traceback, no half-written outputs, and the next run goes through."""
    for number in range(12):
        school(district / "inbox" / f"more-{number:02d}")
    line = [sys.executable, "-m", "sheets_sync", "sync", "--as-of", "2023-12-20"]
    with heeding_interrupts():
        running = subprocess.Popen(
            line,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=district,
            env=ENVIRONMENT,
            process_group=0,
        )
    while not (district / ".sheets-sync" / "lock").exists() and running.poll() is None:
        time.sleep(0.01)
    os.killpg(running.pid, signal.SIGINT)
    _, said = running.communicate()
    assert running.returncode == 130, said
    assert said.splitlines()[-1].startswith("sheets-sync: stopped")
    assert "Traceback" not in said
    assert list(district.rglob("*.tmp*")) == []
    assert process("sync", "--as-of", "2023-12-20", cwd=district).returncode == 0
