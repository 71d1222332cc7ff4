"""What `aliases` proposes: which heading, which field, for whom; and that the lines pasted do what they promise."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from sheets_sync.config import Config, load_config, read_config
from sheets_sync.errors import ConfigError
from sheets_sync.run.aliases import AliasesResult, Proposal, propose_aliases, quoted, toml_lines
from sheets_sync.run.checking import CheckResult, check

AS_OF = date(2024, 6, 20)
Rows = Sequence[Sequence[object]]  # of one sheet

MENTORS = ["Лесная Анна Павловна", "Полевая Ирина Олеговна", "Горный Пётр Ильич"]
PUPILS = ["Речной Артём Львович", "Озёрная Вера Павловна", "Морской Денис Олегович"]
CONFIG = '[[sources]]\nkind = "excel"\npath = "inbox"\n'


def mentors(*more: str) -> Rows:
    """A base of mentors; ``more`` are headings of the school's own over «101», «102»…"""
    heading = ["ФИО наставника", "Категория наставника", "Дата рождения", "Должность", "Стаж", *more]
    return [
        heading,
        *(
            [name, "педагог", "14.02.1980", "учитель", 20, *[f"{101 + i}"] * len(more)]
            for i, name in enumerate(MENTORS)
        ),
    ]


def mentees(birth: str = "Дата рождения") -> Rows:
    heading = ["ФИО наставляемого", birth, "Класс", "Запрос", "Категория наставляемого", "Дата вхождения"]
    return [heading, *([name, "14.05.2010", "7А", "математика", "ОВЗ", "13.09.2023"] for name in PUPILS)]


def pairs(mentor: str = "Наставник", mentee: str = "Наставляемый", form: str = "Форма") -> Rows:
    heading = [mentor, mentee, form, "Приказ №", "Дата приказа", "Дата начала", "Статус"]
    return [
        heading,
        *(
            [one, other, "учитель – ученик", "5", "15.09.2023", "20.09.2023", "действует"]
            for one, other in zip(MENTORS, PUPILS, strict=True)
        ),
    ]


def school(folder: Path, sheets: dict[str, Rows], name: str = "Наставничество.xlsx") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    book = openpyxl.Workbook()
    for title, rows in sheets.items():
        page = book.create_sheet(title)
        for row in rows:
            page.append(list(row))
    del book["Sheet"]
    book.save(folder / name)


def proposed(*paths: Path, config: Config | None = None) -> AliasesResult:
    return propose_aliases(paths, config=config, as_of=AS_OF)


def short(one: Proposal) -> tuple[str, str, str, str]:
    return one.organisation, one.table, one.heading, one.field


def district(folder: Path, more: str = "") -> Config:
    (folder / "config.toml").write_text(f"{CONFIG}{more}", encoding="utf-8")
    return load_config(folder / "config.toml")


def columns_of(result: CheckResult, organisation: str, table: str) -> set[str]:
    return {
        name
        for book in result.workbooks
        if book.organisation == organisation
        for typed in book.tables
        if typed.table.name == table
        for name in typed.table.columns
    }


def test_a_needed_column_is_known_by_its_people(tmp_path: Path) -> None:
    """Names that are in the base of mentees, the only ones left: it is the mentee, whatever the heading says."""
    school(tmp_path / "s1", {"Наставляемые": mentees(), "Пары": pairs(mentee="Зона внимания")})
    (one,) = proposed(tmp_path).proposals
    assert short(one) == ("s1", "pairs", "Зона внимания", "mentee")
    assert (one.status, one.cells, one.workbooks, one.level) == ("contents", 3, 1, "high")
    assert any("people are in mentees" in reason for reason in one.reasons)
    assert one.places[0].endswith("Пары!B1")


def test_a_heading_of_several_schools_is_settled_for_all(tmp_path: Path) -> None:
    """What two schools write is settled once, in [aliases.mentees]."""
    for name in ("s1", "s2"):
        school(tmp_path / name, {"Наставляемые": mentees("Появился на свет")})
    result = proposed(tmp_path)
    assert [short(one) for one in result.proposals] == [("", "mentees", "Появился на свет", "birth")]
    assert result.proposals[0].organisations == ("s1", "s2")
    assert tomllib.loads("\n".join(toml_lines(result))) == {"aliases": {"mentees": {"Появился на свет": "birth"}}}


def test_a_sheet_that_becomes_a_table(tmp_path: Path) -> None:
    """Two headings keep a sheet from being a list of pairs; who is in which base tells them apart."""
    sheets = {
        "Наставники": mentors(), "Наставляемые": mentees(),
        "Лист3": pairs("Старший товарищ", "Младший товарищ", "Форма наставничества"),
    }  # fmt: skip
    school(tmp_path / "s1", sheets)
    result = proposed(tmp_path)
    assert sorted(map(short, result.proposals)) == [
        ("s1", "pairs", "Младший товарищ", "mentee"),
        ("s1", "pairs", "Старший товарищ", "mentor"),
    ]
    assert {one.status for one in result.proposals} == {"sheet"}
    assert {one.cells for one in result.proposals} == {21}


def test_a_misspelt_heading_is_settled_though_it_is_read(tmp_path: Path) -> None:
    """A near miss is read; settling it makes it certain."""
    school(tmp_path / "s1", {"Наставляемые": mentees("Дата раждения")})
    (one,) = proposed(tmp_path).proposals
    assert (short(one), one.status) == (("s1", "mentees", "Дата раждения", "birth"), "near")


def test_a_columns_own_is_left_alone(tmp_path: Path) -> None:
    """«Кабинет» is the school's own: listed apart, never proposed."""
    school(tmp_path / "s1", {"Наставники": mentors("Кабинет")})
    result = proposed(tmp_path)
    assert result.proposals == []
    assert [(one.table, one.heading, one.cells) for one in result.own] == [("mentors", "Кабинет", 3)]


def test_a_field_with_a_column_is_never_proposed(tmp_path: Path) -> None:
    """The table has its date of birth; a second column of such dates means something else."""
    rows: Rows = [[*row, "14.05.2010" if place else "Появился на свет"] for place, row in enumerate(mentees())]
    school(tmp_path / "s1", {"Наставляемые": rows})
    assert "birth" not in {one.field for one in proposed(tmp_path).proposals}


def test_what_another_table_of_the_school_feeds_is_not_taken_from_it(tmp_path: Path) -> None:
    """An alias holds for all of a school's tables: not proposed where one of them has that column and this heading."""
    both: Rows = [[*row, "14.05.2010" if place else "Появился на свет"] for place, row in enumerate(mentees())]
    school(tmp_path / "s1", {"Наставляемые": mentees("Появился на свет"), "Наставляемые 2": both})
    assert proposed(tmp_path).proposals == []


@pytest.mark.parametrize("heading", ["Дата рождения ребёнка полностью и место", "Родился"])
def test_cells_that_do_not_fit_are_no_birth(tmp_path: Path, heading: str) -> None:
    """However it is called, a column of words is no date."""
    rows = [list(row) for row in mentees(heading)]
    for row in rows[1:]:
        row[1] = "по запросу классного руководителя"
    school(tmp_path / "s1", {"Наставляемые": rows})
    assert "birth" not in {one.field for one in proposed(tmp_path).proposals}


def test_a_foreign_sheet_gets_no_proposal(tmp_path: Path) -> None:
    """A timetable and a list of clubs are none of our tables."""
    timetable = [["Время", "Понедельник", "Вторник", "Класс"], ["8:00", "физика", "химия", "7А"]]
    clubs: Rows = [["№", "Кружок", "Руководитель", "День", "Кабинет"], [1, "шахматы", MENTORS[0], "среда", 12]]
    school(tmp_path / "s1", {"Расписание": timetable, "Кружки": clubs})
    assert proposed(tmp_path).proposals == []


def test_lines_pasted_are_read(tmp_path: Path) -> None:
    """The lines at the end of config.toml: the next check reads those columns, and nothing is left to settle."""
    sheets = {
        "Наставники": mentors(), "Наставляемые": mentees("Появился на свет"),
        "Пары": pairs(mentee='Зона "внимания"'), "Лист4": pairs("Старший", "Младший", "Форма наставничества"),
    }  # fmt: skip
    school(tmp_path / "inbox" / "s1", sheets)
    school(tmp_path / "inbox" / "s2", {"Наставляемые": mentees("Появился на свет")})
    config = district(tmp_path, '[[organisations]]\nid = "s1"\nname = "Школа 1"\n')
    before = check([tmp_path / "inbox"], config=config, as_of=AS_OF)
    assert {"birth"}.isdisjoint(columns_of(before, "s1", "mentees"))
    result = proposed(config=config)
    config = district(
        tmp_path, '[[organisations]]\nid = "s1"\nname = "Школа 1"\n' + "\n".join(toml_lines(result, config))
    )
    after = check([tmp_path / "inbox"], config=config, as_of=AS_OF)
    assert config.organisation("s1").name == "Школа 1"
    assert "birth" in columns_of(after, "s1", "mentees") & columns_of(after, "s2", "mentees")
    tables = [typed for book in after.workbooks for typed in book.tables if typed.table.name == "pairs"]
    assert [(len(typed.accepted), all(typed.accepted)) for typed in tables] == [(3, True), (3, True)]
    assert all(typed.table.how["mentee"][0] == "config" for typed in tables)
    assert proposed(config=config).proposals == []


def test_a_section_that_is_there_is_named_by_its_line(tmp_path: Path) -> None:
    """TOML allows no second [aliases.mentees]: the lines come as comments with the place they belong to."""
    for name in ("s1", "s2"):
        school(tmp_path / "inbox" / name, {"Наставляемые": mentees("Появился на свет")})
    config = district(tmp_path, '[aliases.mentees]\n"Ребёнок" = "full_name"\n')
    lines = toml_lines(proposed(config=config), config)
    assert "line 4" in lines[0]
    assert lines[1].startswith('# "Появился на свет" = "birth"')
    assert tomllib.loads("\n".join(lines)) == {}


def test_settled_headings_win_and_do_not_leak(tmp_path: Path) -> None:
    """A heading known to all means something else where a school says so, and only there."""
    for name in ("s1", "s2"):
        school(tmp_path / "inbox" / name, {"Пары": pairs()})
    config = district(
        tmp_path, '[[organisations]]\nid = "s1"\n[organisations.aliases.pairs]\n"Дата начала" = "date_to"\n'
    )
    result = check([tmp_path / "inbox"], config=config, as_of=AS_OF)
    assert columns_of(result, "s1", "pairs") >= {"date_to"}
    assert "date_from" not in columns_of(result, "s1", "pairs")
    assert "date_to" not in columns_of(result, "s2", "pairs")
    assert "date_from" in columns_of(result, "s2", "pairs")


def test_a_settled_column_of_pairs_feeds_both(tmp_path: Path) -> None:
    """One column naming mentor and mentee, settled as the mentor's: the cells tell that it is both."""
    rows: Rows = [["Дата встречи", "Кто с кем виделся", "Тема", "Этап"]] + [
        ["10.10.2023", f"{one} – {other}", "знакомство", "первая, организационная"]
        for one, other in zip(MENTORS, PUPILS, strict=True)
    ]
    school(tmp_path / "inbox" / "s1", {"Встречи": rows})
    config = district(tmp_path, '[aliases.meetings]\n"Кто с кем виделся" = "mentor"\n')
    result = check([tmp_path / "inbox"], config=config, as_of=AS_OF)
    assert columns_of(result, "s1", "meetings") >= {"date", "mentor", "mentee"}


def test_what_one_school_settled_speaks_for_another(tmp_path: Path) -> None:
    """The same heading, settled for one school, is proposed for the other with that reason."""
    for name in ("s1", "s2"):
        rows: Rows = [[*row, "да" if place else "Мама разрешила"] for place, row in enumerate(mentees())]
        school(tmp_path / "inbox" / name, {"Наставляемые": rows})
    config = district(
        tmp_path, '[[organisations]]\nid = "s1"\n[organisations.aliases.mentees]\n"Мама разрешила" = "consent"\n'
    )
    (one,) = proposed(config=config).proposals
    assert short(one) == ("s2", "mentees", "Мама разрешила", "consent")
    assert "settled so for s1" in one.reasons


@pytest.mark.parametrize(
    ("settled", "line", "told"),
    [
        ('[aliases.mentes]\n"Дитя" = "full_name"', 4, "mentees"),
        ('[aliases.mentees]\n"Дитя" = "fullname"', 5, "full_name"),
        ('[[organisations]]\nid = "a"\n[organisations.aliases.pairs]\n"Кто" = "mentr"', 7, "mentor"),
    ],
)
def test_a_wrong_name_is_told_by_line(tmp_path: Path, settled: str, line: int, told: str) -> None:
    """A table or field that does not exist is a ConfigError at its line, with the name that was meant."""
    (tmp_path / "inbox").mkdir()
    config = district(tmp_path, settled)
    with pytest.raises(ConfigError) as wrong:
        check([tmp_path / "inbox"], config=config, as_of=AS_OF)
    assert (Path(wrong.value.path or ""), wrong.value.line) == (tmp_path / "config.toml", line)
    assert told in wrong.value.one_line()


def test_one_heading_settled_twice_is_told() -> None:
    """Two entries of an organisation that disagree about a heading: told with the second's line."""
    entry = '[[organisations]]\nid = "a"\n[organisations.aliases.pairs]\n"Кто" = "{}"\n'
    with pytest.raises(ConfigError, match="settled twice") as wrong:
        read_config(CONFIG + entry.format("mentor") + entry.format("mentee"), Path("config.toml"))
    assert wrong.value.line == 11


@pytest.mark.parametrize("text", ["Дата", 'Школа "Луч"', "C:\\папка", "и ' и \"", "Дата\nначала", "знак\u200bв"])
def test_any_heading_is_quoted_as_toml(text: str) -> None:
    """A heading of any characters comes back as typed, line breaks as spaces."""
    assert tomllib.loads(f"{quoted(text)} = 1") == {" ".join(text.split()): 1}
