"""Waivers: read from plain text with the line of every mistake, hold until their day, and say when they meet nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from sheets_sync.errors import ConfigError
from sheets_sync.issues import At, Issue
from sheets_sync.table_schema.model import Field, TableSchema
from sheets_sync.waivers import Waivers, load_waivers, read_waivers

FILE = Path("waivers.toml")
NEEDED = 'organisation = "school-21"\ncode = "consent-missing"\nuntil = 2024-03-01\nby = "завуч Иванова"\n'
SCHEMAS = {"mentees": TableSchema("mentees", "Наставляемые", (Field("consent", "Согласие на обработку ПДн"),))}


def issue(row: int = 7, **more: str) -> Issue:
    at = At(
        more.get("organisation", "school-21"), "school-21/База.xlsx", "Наставляемые", "mentees", row, "F", "consent"
    )
    return Issue(more.get("code", "consent-missing"), "error", at, more.get("value", "нет сведений"))


def sorted_out(
    text: str, issues: list[Issue], on: date = date(2024, 2, 1), record: str = "Орлова Мария Петровна"
) -> tuple[int, int, int]:
    """How many findings stay open, are accepted, and are open with a waiver that has run out."""
    waivers = Waivers(read_waivers(f"[[waiver]]\n{NEEDED}{text}", FILE), on, SCHEMAS)
    told = waivers.sort("school-21", issues, lambda issue: record)
    return len(told.open), len(told.accepted), len(told.expired)


@pytest.mark.parametrize(
    ("day", "outcome"), [("2024-02-29", (0, 1, 0)), ("2024-03-01", (0, 1, 0)), ("2024-03-02", (1, 0, 1))]
)
def test_a_waiver_holds_to_the_end_of_its_day(day: str, outcome: tuple[int, int, int]) -> None:
    """«до 1 марта» includes 1 March; afterwards the finding is back, and the waiver is told with it."""
    assert sorted_out("", [issue()], date.fromisoformat(day)) == outcome


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("", True),
        ('record = "мария ОРЛОВА"', True),
        ('record = "Белов"', False),
        ('workbook = "База.xlsx"', True),
        ('workbook = "school-21/База.xlsx"', True),
        ('workbook = "Другой.xlsx"', False),
        ('sheet = "наставляемые"', True),
        ('sheet = "Лист2"', False),
        ('field = "consent"', True),
        ('field = "Согласие на обработку ПДн"', True),
        ('field = "birth"', False),
        ("row = 7", True),
        ("row = 8", False),
        ('value = "Нет  сведений"', True),
        ('value = "да"', False),
        ('record = "Орлова"\nrow = 8', False),
    ],
)
def test_what_a_waiver_fits(text: str, fits: bool) -> None:
    """Everything it names must fit; case, order of words and folders do not matter."""
    assert sorted_out(text, [issue()])[1] == fits


def test_other_codes_and_organisations_are_not_meant() -> None:
    """A waiver is of one code in one organisation."""
    assert sorted_out("", [issue(code="consent-late"), issue(organisation="school-4")]) == (2, 0, 0)


def test_a_waiver_that_holds_goes_before_one_run_out() -> None:
    """A renewed waiver may stand below the old one."""
    text = f"[[waiver]]\n{NEEDED}[[waiver]]\n{NEEDED.replace('2024-03-01', '2024-09-01')}"
    told = Waivers(read_waivers(text, FILE), date(2024, 5, 1)).sort("school-21", [issue()], lambda issue: "")
    assert [waiver.until for _, waiver in told.accepted] == [date(2024, 9, 1)]


def test_waivers_that_meet_nothing_are_told() -> None:
    """File, line and what to do; those that met a finding are not told, run out or not."""
    text = f'[[waiver]]\n{NEEDED}\n[[waiver]]\n{NEEDED}record = "Никто"\n[[waiver]]\n{NEEDED.replace("2024", "2023")}row = 1\n'
    waivers = Waivers(read_waivers(text, FILE), date(2024, 2, 1))
    waivers.sort("school-21", [issue()], lambda issue: "")
    first, second = waivers.unmatched()
    assert first == "waivers.toml:7: consent-missing of school-21 matches nothing — mended already, or misspelt?"
    assert "run out" in second


def test_days_are_read_in_every_form() -> None:
    """A date of TOML, a text in either order, a moment."""
    for day in ("2024-03-01", '"2024-03-01"', '"01.03.2024"', "2024-03-01T12:00:00"):
        (waiver,) = read_waivers(f"[[waiver]]\n{NEEDED.replace('2024-03-01', day)}", FILE)
        assert (waiver.until, waiver.line) == (date(2024, 3, 1), 1)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("[[waiver]]\norganisation = school", 2, "not valid TOML"),
        (f"[[waiver]]\n{NEEDED}untill = 3\n", 6, "did you mean until"),
        ("\n[[waiver]]\norganisation = \"ш\"\ncode = \"x-y\"\nby = \"я\"\n", 2, "needs until"),
        (f"[[waiver]]\n{NEEDED.replace('by =', 'reason =')}", 1, "needs by"),
        (f"# так\n[[waiver]]\n{NEEDED.replace('2024-03-01', '5')}", 5, "until must be a day"),
        (f"[[waiver]]\n{NEEDED.replace('2024-03-01', chr(34) + 'весной' + chr(34))}", 4, "until must be a day"),
        (f"[[waiver]]\n{NEEDED}row = \"7\"\n", 6, "row must be"),
        (f"[[waiver]]\n{NEEDED}sheet = 7\n", 6, "sheet must be a text"),
        (f"[waiver]\n{NEEDED}", 1, "[[waiver]]"),
        (f"[[waivers]]\n{NEEDED}", 1, "[[waiver]]"),
    ],
)  # fmt: skip
def test_a_bad_file_is_told_with_its_line(text: str, line: int, says: str) -> None:
    """One line: what, where, how to mend."""
    with pytest.raises(ConfigError) as caught:
        read_waivers(text, FILE)
    assert caught.value.line == line
    assert says in caught.value.one_line()


def test_files_that_are_not_there_or_not_utf8(tmp_path: Path) -> None:
    """No file, no waivers; another encoding is said."""
    assert load_waivers(tmp_path) == ()
    (tmp_path / "waivers.toml").write_bytes(f"[[waiver]]\n{NEEDED}".encode("cp1251"))
    with pytest.raises(ConfigError, match="UTF-8"):
        load_waivers(tmp_path)
    (tmp_path / "waivers.toml").write_text(f"\ufeff[[waiver]]\n{NEEDED}", encoding="utf-8")
    assert len(load_waivers(tmp_path)) == 1
