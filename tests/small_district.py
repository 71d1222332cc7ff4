"""A district of a few tiny workbooks, and what its folders hold: for the tests of whole runs."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl

from sheets_sync import run
from sheets_sync.config import Config, load_config

AS_OF = date(2023, 12, 20)
NOW = datetime(2023, 12, 20, 9, 0)
MENTORS = "ФИО наставника|Категория наставника|Дата рождения|Должность|Стаж|Контакт|Согласие на ПДн".split("|")
MENTEES = "ФИО наставляемого|Дата рождения|Класс|Запрос|Категория наставляемого|Дата вхождения|Согласие".split("|")
PAIRS = "№ пары|Наставник|Наставляемый|Форма|Приказ №|Дата приказа|Дата начала|Статус".split("|")
MEETINGS = "Дата|№ пары|Этап встречи|Тема".split("|")
PROFILE = [
    *("Код ОО", "Наименование ОО", "Тип ОО", "Учебный год", "На дату", "Всего обучающихся", "Обучающиеся 10–18 лет"),
    *("Потенциальные наставляемые", "Педагогические работники", "Молодые специалисты"),
]


def workbook(path: Path, sheets: Mapping[str, Sequence[Sequence[Any]]]) -> Path:
    """An .xlsx with these sheets, row by row from A1."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        page = book.create_sheet(title)
        for row in rows:
            page.append(list(row))
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path


def school(
    folder: Path,
    mentor: str = "Лесная Анна Павловна",
    meeting: str = "10.10.2023",
    mentee: str = "Речной Пётр Олегович",
) -> Path:
    """A tidy school in one workbook: a mentor, a mentee, their pair and a meeting; returns the workbook's path."""
    return workbook(
        folder / "Наставничество.xlsx",
        {
            "Паспорт": [PROFILE, ["10", f"МКОУ {folder.name}", "школа", "2023-2024", "01.09.2023", 120, 60, 40, 20, 0]],
            "Наставники": [MENTORS, [mentor, "педагог", "14.02.1980", "учитель", 20, "+7 900 000-00-01", "да"]],
            "Наставляемые": [MENTEES, [mentee, "14.05.2010", "7А", "математика", "ОВЗ", "13.09.2023", "да"]],
            "Пары": [PAIRS, ["П-1", mentor, mentee, "учитель – ученик", "5", "15.09.2023", "20.09.2023", "действует"]],
            "Встречи": [MEETINGS, [meeting, "П-1", "первая, организационная", "Знакомство"]],
        },
    )


def set_up(folder: Path, *schools: str, more: str = "") -> Config:
    """A district with a workbook per school and its configuration; reads in one process."""
    for name in schools:
        school(folder / "inbox" / name)
    (folder / "inbox").mkdir(parents=True, exist_ok=True)
    text = '[district]\nname = "Район"\n[[sources]]\npath = "inbox"\n[engine]\nworkers = 1\n' + more
    (folder / "config.toml").write_text(text, encoding="utf-8")
    return load_config(folder / "config.toml")


def sync(config: Config, **options: Any) -> run.SyncOutcome:
    """A sync as of one day, whatever today is."""
    return run.sync(config, **{"as_of": AS_OF, "now": NOW, **options})


@cache
def _homes(schools: tuple[str, ...], more: str) -> tuple[tempfile.TemporaryDirectory[str], Path, Path]:
    """A district synced once, and a copy of it as it was then."""
    owner = tempfile.TemporaryDirectory(prefix="synced-")
    home, kept = Path(owner.name).resolve() / "home", Path(owner.name) / "kept"
    sync(set_up(home, *schools, more=more))
    shutil.copytree(home, kept)
    return owner, home, kept


def synced(*schools: str, more: str = "") -> Config:
    """What :func:`set_up` makes, in a folder of its own, as its first :func:`sync` leaves it.

    That sync is run once; every further call puts all files back, with their times, where they were then.
    """
    _, home, kept = _homes(schools, more)
    shutil.rmtree(home)
    shutil.copytree(kept, home)
    return load_config(home / "config.toml")


def outbox(folder: Path) -> dict[str, bytes]:
    """Every output by its place."""
    root = folder / "outbox"
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def tree(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file below a folder but the log, which grows by every run: its time and its bytes."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".jsonl"
    }


def text_of(path: Path) -> str:
    """Everything an output says, sheet by sheet."""
    book = openpyxl.load_workbook(path)
    return "\n".join(
        " | ".join(str(cell) for cell in row if cell is not None)
        for page in book.worksheets
        for row in page.iter_rows(values_only=True)
    )


def cells(path: Path, sheet: str | None = None) -> list[list[Any]]:
    """The rows of one sheet of an output."""
    book = openpyxl.load_workbook(path)
    page = book[sheet] if sheet else book.worksheets[0]
    return [list(row) for row in page.iter_rows(values_only=True)]
