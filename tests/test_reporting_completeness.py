"""Completeness from contents: expected tables, required cells, meetings, when it was handed in, months copied."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheets_sync.errors import ConfigError
from sheets_sync.periods import Period, period_of
from sheets_sync.reporting.completeness import (
    Completeness,
    Expectations,
    Run,
    completeness,
    light_words,
    load_expectations,
    whole_months,
)
from sheets_sync.reporting.settings import ReportSettings
from sheets_sync.rules import make_relations
from sheets_sync.run.period_view import view_period
from tests.rule_rows import shipped_rules, store_of
from tests.small_district import AS_OF, set_up, sync

DECEMBER = period_of("2023-12")
PAIR = """
    pairs
    | pair_id | mentor | mentee | form | order_no | order_date | date_from | date_to | planned_meetings | status |
    | 1 | Зимина Анна Павловна | Орлов Пётр Ильич | teacher_pupil | 1 | 2023-09-01 | 2023-09-01 | {to} | {plan} | active |
"""
SOME = Expectations(tables=("mentees", "meetings"))


def drawn(
    drawing: str,
    period: Period = DECEMBER,
    *,
    changed: str = "2023-12-01",
    expectations: Expectations = SOME,
    settings: ReportSettings | None = None,
    due: Callable[[str, str], date] = lambda organisation, period_id: date(int(period_id[:4]), int(period_id[5:]), 20),
) -> Completeness:
    """Completeness of «school» by the tables drawn, its workbook last changed on a day."""
    with store_of(drawing) as store:
        moment = datetime.fromisoformat(changed).replace(tzinfo=UTC).timestamp() if changed else 0
        store.connection.execute("UPDATE main.workbooks SET mtime_ns = ?", [int(moment) * 1_000_000_000])
        make_relations(store, shipped_rules(), period.as_of)
        return completeness(
            store.connection, period, settings or ReportSettings(), ["school"], due, expectations=expectations
        )["school"]


# --- tables and cells ---


def test_required_cells_of_expected_tables() -> None:
    """Two of three cells required of mentees in two rows, and a journal that is missing: (4/6 + 0) / 2."""
    told = drawn("""
    mentees
    | full_name | request | date_in |
    | Орлов Пётр Ильич | математика | |
    | Белова Ия Львовна | физика | |
    """)
    mentees = next(one for one in told.tables if one.table == "mentees")
    assert (mentees.rows, mentees.required_cells, mentees.filled_cells) == (2, 6, 4)
    journal = next(one for one in told.tables if one.table == "meetings")
    assert (journal.expected, journal.present, journal.required_cells) == (True, False, 0)
    assert told.share == 33.3
    assert (told.read, told.accepted, told.rejected) == (2, 2, 0)
    assert (told.meetings_expected, told.meetings_held) == (None, None)


def test_what_cannot_be_used_is_not_filled() -> None:
    """A rejected row is read, counts among the records, and its lost cells are missing."""
    told = drawn(
        """
    mentees
    | full_name | request | date_in |
    | Орлов Пётр Ильич | математика | 2023-09-01 |
    | | физика | 2023-09-01 | !
    """,
        expectations=Expectations(tables=("mentees",)),
    )
    assert (told.read, told.accepted, told.rejected) == (2, 1, 1)
    assert told.share == 83.3


def test_expectations_depend_on_the_type() -> None:
    """The profile tells the type, the configuration wins; a kindergarten is not asked for pupils of ten."""
    expectations = Expectations(
        tables=("school_profile",),
        tables_of={"college": ("enterprises",)},
        needless={"kindergarten": ("school_profile.n_10_18", "school_profile.n_potential")},
    )
    drawing = """
    school_profile
    | org_name | org_type | school_year | as_of | n_pupils | n_teachers | n_young |
    | Родничок | kindergarten | 2023-2024 | 2023-09-01 | 90 | 12 | 1 |
    """
    assert drawn(drawing, expectations=expectations).share == 100
    as_school = ReportSettings(organisation_types={"school": "school"})
    assert drawn(drawing, expectations=expectations, settings=as_school).share == 77.8
    as_college = ReportSettings(organisation_types={"school": "college"})
    told = drawn(drawing, expectations=expectations, settings=as_college)
    assert [one.table for one in told.tables if one.expected] == ["school_profile", "enterprises"]


def test_a_table_told_by_columns_of_others() -> None:
    """Consents that stand in the base need no table of their own."""
    expectations = Expectations(tables=("mentees", "consents"), told_by={"consents": ("mentees.consent",)})
    with_column = drawn(
        "mentees\n| full_name | request | date_in | consent |\n| Орлов Пётр Ильич | физика | 2023-09-01 | true |",
        expectations=expectations,
    )
    assert with_column.share == 100
    without = drawn(
        "mentees\n| full_name | request | date_in |\n| Орлов Пётр Ильич | физика | 2023-09-01 |",
        expectations=expectations,
    )
    assert without.share == 50


def test_documents() -> None:
    """Known by the stems of kind or title: a link, «да», «нет»; one dated later is not there yet."""
    told = drawn(
        """
    documents
    | kind | number | date | title | url |
    | приказ о внедрении | 1 | 2023-09-01 | | https://school.example/1.pdf |
    | приказ | 2 | 2023-09-04 | О назначении координатора и кураторов | |
    | положение | 3 | 2024-02-01 | Положение о наставничестве | |
    roadmap
    | task | due |
    | Собрание | 2023-09-10 |
    """,
        expectations=load_expectations(),
    )
    documents = dict(told.documents)
    assert documents["Приказ о внедрении целевой модели"] == "https://school.example/1.pdf"
    assert documents["Приказ о назначении координатора и кураторов"] == "да"
    assert documents["Положение о наставничестве"] == "нет"
    assert documents["Дорожная карта"] == "да"


# --- meetings ---


def journal(*days: str, topic: str = "Тема", result: str = "") -> str:
    lines = "\n".join(f"    | {day} | 1 | regular | {topic} {day} | {result} |" for day in days)
    return f"    meetings\n    | date | pair_id | stage | topic | result |\n{lines}\n"


def test_meetings_expected_by_pair_and_month() -> None:
    """One for each whole month a pair has run, at most as many as expected of it: a busy pair makes up for no other."""
    told = drawn(PAIR.format(to="", plan="") + journal("2023-09-10", "2023-09-11", "2023-09-12", "2023-09-13"))
    assert (told.meetings_expected, told.meetings_held) == (3, 3)
    told = drawn(PAIR.format(to="", plan="") + journal("2023-09-10"))
    assert (told.meetings_expected, told.meetings_held) == (3, 1)


def test_a_plan_stated_is_spread_over_the_pair_s_months() -> None:
    """Eighteen over nine months: six by 20 December, when three months are over; all of them in June."""
    drawing = PAIR.format(to="2024-05-31", plan="18") + journal("2023-09-10")
    assert drawn(drawing).meetings_expected == 6
    june = drawn(drawing, period_of("2024-06"), changed="2024-06-01")
    assert june.meetings_expected == 18
    assert drawn(PAIR.format(to="2023-09-20", plan="4") + journal("2023-09-10")).meetings_expected == 4


@pytest.mark.parametrize(
    ("begins", "ends", "months"),
    [
        ("2023-09-01", "2024-05-31", 9),
        ("2023-09-20", "2023-12-20", 3),
        ("2023-09-21", "2023-12-19", 2),
        ("2023-12-10", "2023-12-20", 0),
        ("2024-01-31", "2024-02-29", 1),
        ("2024-05-15", "2024-08-20", 1),
        ("2023-09-01", "2024-08-31", 9),
    ],
)
def test_whole_months(begins: str, ends: str, months: int) -> None:
    """Both days inclusive; the summer does not count."""
    assert whole_months(date.fromisoformat(begins), date.fromisoformat(ends)) == months


@given(
    st.dates(date(2022, 1, 1), date(2024, 12, 31)),
    st.integers(0, 500),
    st.none() | st.integers(0, 60),
    st.dates(date(2022, 1, 1), date(2024, 12, 31)),
    st.integers(0, 300),
)
def test_never_more_than_planned(starts: date, days: int, planned: int | None, since: date, more: int) -> None:
    """From no day to no other is more expected than the plan says, nor less than nothing; a longer look expects more."""
    one = Run(starts, date.fromordinal(starts.toordinal() + days), planned)
    until = date.fromordinal(since.toordinal() + more)
    expected = one.expected(since, until)
    assert 0 <= expected <= (whole_months(one.starts, one.ends) + 1 if planned is None else planned)
    assert expected <= one.expected(since, date.fromordinal(until.toordinal() + 40))


def test_never_above_a_hundred_per_cent() -> None:
    """More tables, rows and meetings than expected make it whole, not more."""
    told = drawn(
        "mentees\n| full_name | request | date_in |\n| Орлов Пётр Ильич | физика | 2023-09-01 |\n"
        + PAIR.format(to="", plan="")
        + journal(*(f"2023-10-{day:02}" for day in range(1, 29)))
    )
    assert (told.share, told.light) == (100, "green")


# --- handed in ---

ROW = "mentees\n| full_name | request | date_in |\n| Орлов Пётр Ильич | физика | 2023-09-05 |"


@pytest.mark.parametrize(
    ("changed", "state", "handed_in", "untouched"),
    [
        ("2023-12-20", "handed_in", date(2023, 12, 20), None),
        ("2023-09-01", "handed_in", date(2023, 9, 1), None),
        ("2023-12-21", "late", date(2023, 12, 21), None),
        ("2023-08-31", "not_handed_in", None, date(2023, 8, 31)),
        ("2024-05-05", "handed_in", None, None),
        ("", "handed_in", None, None),
    ],
)
def test_when_it_was_handed_in(changed: str, state: str, handed_in: date | None, untouched: date | None) -> None:
    """By the workbook's time while it can tell, else by what is dated within the period."""
    told = drawn(ROW, changed=changed, expectations=Expectations(tables=("mentees",)))
    assert (told.state, told.handed_in, told.untouched_since) == (state, handed_in, untouched)
    assert told.light == {"handed_in": "green", "late": "yellow", "not_handed_in": "red"}[state]


def test_nothing_of_the_period_in_a_file_changed_later() -> None:
    """Changed in May, and nothing in it is of the autumn: not handed in."""
    told = drawn(ROW.replace("2023-09-05", "2023-02-05"), changed="2024-05-05")
    assert told.state == "not_handed_in"


def test_a_file_without_records_is_empty() -> None:
    """Whatever its time."""
    told = drawn("mentees\n| full_name | request | date_in |")
    assert (told.state, told.light, told.share, told.files) == ("empty", "red", 0, 1)


def test_an_own_due_day() -> None:
    """What comes in a day after the organisation's own due day is late."""
    told = drawn(ROW, changed="2023-12-11", due=lambda organisation, period_id: date(2023, 12, 10))
    assert (told.due_on, told.state) == (date(2023, 12, 10), "late")


# --- copied ---


def month(number: int, *topics: str, pair: str = "1") -> str:
    return "".join(
        f"| 2023-{number:02}-{day:02} | {pair} | {topic} | сделано |\n" for day, topic in enumerate(topics, 3)
    )


def test_a_month_copied_from_the_one_before() -> None:
    """Same pairs, topics and results are said in words; one topic typed otherwise, or too few meetings, are not."""
    head = PAIR.format(to="", plan="") + "meetings\n| date | pair_id | topic | result |\n"
    same = head + month(9, "Знакомство", "План", "Задачи") + month(10, "План", "знакомство", "Задачи ")
    assert drawn(same).copied == (
        "октябрь 2023\u00a0г.: те же пары, темы и результаты, что в сентябре (3\u00a0встречи)",
    )
    assert (
        drawn(head + month(9, "Знакомство", "План", "Задачи") + month(10, "Знакомство", "План", "Итоги")).copied == ()
    )
    assert drawn(head + month(9, "План", "Беседа") + month(10, "План", "Беседа")).copied == ()
    assert drawn(head + month(9, "а", "б", "в") + month(11, "а", "б", "в")).copied == ()


# --- definitions ---


def test_what_ships_and_what_a_district_puts_in_its_place(tmp_path: Path) -> None:
    """Thresholds are named in words; a district's own file wins; a mistake is named with the file."""
    assert light_words(load_expectations()).startswith("Зелёный – сдано в срок и заполнено не меньше 90\u00a0%")
    (tmp_path / "completeness.toml").write_text('tables = ["pairs"]\n[lights]\ngreen = 75\n', encoding="utf-8")
    own = load_expectations([tmp_path])
    assert (own.tables, own.green, own.yellow) == (("pairs",), 75, 60)
    with pytest.raises(ConfigError, match=r"no table pears.*pairs"):
        drawn(ROW, expectations=replace(own, tables=("pears",)))
    for text, told in (
        ("tables = [", "not valid TOML"),
        ("tabels = []", "unknown key.*tables"),
        ("", "cannot be used"),
    ):
        (tmp_path / "completeness.toml").write_text(text, encoding="utf-8")
        with pytest.raises(ConfigError, match=told):
            load_expectations([tmp_path])


def test_through_a_real_store(tmp_path: Path) -> None:
    """A district as it is read: files, times, findings, the type of the profile."""
    config = set_up(tmp_path, "school-a", "school-b")
    for name, day in (("school-a", 1), ("school-b", 25)):
        moment = datetime(2023, 12, day, 12, tzinfo=UTC).timestamp()
        os.utime(tmp_path / "inbox" / name / "Наставничество.xlsx", (moment, moment))
    sync(config)
    with view_period(config, "2023-12", None, AS_OF) as view:
        told = completeness(
            view.store.connection,
            view.period,
            view.settings,
            [*view.organisations, "school-x"],
            lambda organisation, period_id: config.due_of(organisation).on(period_id),
            definitions=view.definitions,
        )
    first, second, absent = told["school-a"], told["school-b"], told["school-x"]
    assert (first.files, first.last_change, first.state) == (1, date(2023, 12, 1), "handed_in")
    assert (second.last_change, second.state, second.handed_in) == (date(2023, 12, 25), "late", date(2023, 12, 25))
    assert (absent.files, absent.state, absent.light, absent.share) == (0, "not_handed_in", "red", 0)
    assert (first.read, first.accepted, first.rejected) == (5, 5, 0)
    assert first.warnings > 0
    assert (first.meetings_expected, first.meetings_held) == (3, 1)
    assert 0 < first.share < 100
    missing = [one.title for one in first.tables if one.expected and not one.present]
    assert "Кураторы" in missing
