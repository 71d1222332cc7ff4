"""Deadlines: the grammar reads every form the sources hold, and the combinations of its parts."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheets_sync.table_schema.column import Reader, json_value
from sheets_sync.table_schema.model import Field
from sheets_sync.table_schema.types import ReadContext
from sheets_sync.table_schema.types.deadline import deadline_of

NOMINATIVE = "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь".split()
GENITIVE = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split()
D = date.fromisoformat


def bounds(text: str, school_year: int | None = 2023) -> tuple[str, str | None, str | None]:
    due = deadline_of(text, school_year)
    start, end = (day.isoformat() if day else None for day in (due["start"], due["end"]))
    return due["kind"], start, end


@pytest.mark.parametrize(
    ("text", "kind", "start", "end"),
    [
        ("«29» сентября 2023 года", "date", "2023-09-29", "2023-09-29"),
        ("20 декабря 2023г.", "date", "2023-12-20", "2023-12-20"),
        ("01.09.23", "date", "2023-09-01", "2023-09-01"),
        ("до 15 сентября", "date", None, "2023-09-15"),
        ("до 15 марта", "date", None, "2024-03-15"),
        ("не позднее 20 декабря 2021", "date", None, "2021-12-20"),
        ("до конца октября", "date", None, "2023-10-31"),
        ("до конца учебного года", "date", None, "2024-05-31"),
        ("Октябрь 2023", "month", "2023-10-01", "2023-10-31"),
        ("Сентябрь 2023г.", "month", "2023-09-01", "2023-09-30"),
        ("сентябрь2023 г.", "month", "2023-09-01", "2023-09-30"),
        ("сентябрь 23 г.", "month", "2023-09-01", "2023-09-30"),
        ("январь", "month", "2024-01-01", "2024-01-31"),
        ("в течение октября 2023", "month", "2023-10-01", "2023-10-31"),
        ("Август – сентябрь 2023 года", "range", "2023-08-01", "2023-09-30"),
        ("август-сентябрь", "range", "2023-08-01", "2023-09-30"),
        ("ноябрь-декабрь 2020", "range", "2020-11-01", "2020-12-31"),
        ("Октябрь 2021 – май 2022", "range", "2021-10-01", "2022-05-31"),
        ("ноябрь – март 2024", "range", "2023-11-01", "2024-03-31"),
        ("с сентября по май", "range", "2023-09-01", "2024-05-31"),
        ("с 1 по 15 октября 2023 г.", "range", "2023-10-01", "2023-10-15"),
        ("1-15 октября 2023", "range", "2023-10-01", "2023-10-15"),
        ("с 15 сентября по 20 октября", "range", "2023-09-15", "2023-10-20"),
        ("15.09-20.10.2023", "range", "2023-09-15", "2023-10-20"),
        ("25.09.2023 – 24.05.2024", "range", "2023-09-25", "2024-05-24"),
        ("с сентября 2023", "range", "2023-09-01", None),
        ("первая неделя сентября", "range", "2023-09-01", "2023-09-07"),
        ("3 декада мая 2024", "range", "2024-05-21", "2024-05-31"),
        ("I квартал 2024", "range", "2024-01-01", "2024-03-31"),
        ("4 четверть", "range", "2024-04-01", "2024-05-31"),
        ("осень 2023", "range", "2023-09-01", "2023-11-30"),
        ("2020-2024", "range", "2020-01-01", "2024-12-31"),
        ("2023-2024 учебный год", "range", "2023-09-01", "2024-08-31"),
        ("2023 год", "range", "2023-01-01", "2023-12-31"),
        ("2 полугодие 2021", "half_year", "2021-07-01", "2021-12-31"),
        ("2 полугодие 2021-2022", "half_year", "2022-01-01", "2022-06-30"),
        ("I полугодие", "half_year", "2023-09-01", "2023-12-31"),
        ("постоянно", "ongoing", None, None),
        ("В течение года", "ongoing", None, None),
        ("В течении года", "ongoing", None, None),
        ("В течение всего периода", "ongoing", None, None),
        ("В течение 2023-2024 учебного года", "ongoing", "2023-09-01", "2024-08-31"),
        ("ежемесячно", "ongoing", None, None),
        ("По отдельному графику", "plan", None, None),
        ("По отдельному плану", "plan", None, None),
        ("По плану СКИРО ПК и ПРО", "plan", None, None),
        ("В соответствии с планом работы наставников", "plan", None, None),
        ("По мере реализации", "conditional", None, None),
        ("По завершению программ наставничества", "conditional", None, None),
        ("по запросу", "conditional", None, None),
        ("срок уточняется", "none", None, None),
    ],
)
def test_bounds_of_a_deadline(text: str, kind: str, start: str | None, end: str | None) -> None:
    assert bounds(text) == (kind, start, end)


@pytest.mark.parametrize(
    ("text", "kind", "months", "days", "recurring"),
    [
        ("ежегодно 20 декабря, 20 июня", "yearly", [], ["12-20", "06-20"], True),
        ("До 15 сентября ежегодно", "yearly", [], ["09-15"], True),
        ("Июль-август ежегодно", "yearly", ["07", "08"], [], True),
        ("Ежегодно, апрель", "yearly", ["04"], [], True),
        ("Ноябрь 2021, март 2022", "month", ["2021-11", "2022-03"], [], False),
        ("май\nиюнь", "month", ["2024-05", "2024-06"], [], False),
        ("20.12.2023\n20.06.2024", "date", [], ["12-20", "06-20"], False),
        ("сентябрь, декабрь, май 2023-2024 уч. года", "month", ["2023-09", "2023-12", "2024-05"], [], False),
        ("Октябрь 2023", "month", [], [], False),
    ],
)
def test_points_of_a_deadline(text: str, kind: str, months: list[str], days: list[str], recurring: bool) -> None:
    due = deadline_of(text, 2023)
    assert (due["kind"], due["months"], due["days"], due["recurring"]) == (kind, months, days, recurring)


@given(
    day=st.dates(date(2015, 1, 1), date(2035, 12, 31)), form=st.sampled_from(["{:%d.%m.%Y}", "{:%d.%m.%y} г.", "words"])
)
def test_single_dates(day: date, form: str) -> None:
    text = f"{day.day} {GENITIVE[day.month - 1]} {day.year} года" if form == "words" else form.format(day)
    assert bounds(text) == ("date", day.isoformat(), day.isoformat())
    assert bounds(f"до {text}") == ("date", None, day.isoformat())


@given(month=st.integers(1, 12), school_year=st.integers(2018, 2030))
def test_a_month_without_a_year_takes_it_from_the_school_year(month: int, school_year: int) -> None:
    due = deadline_of(NOMINATIVE[month - 1].capitalize(), school_year)
    assert due["start"] == date(school_year + (month < 9), month, 1)
    assert deadline_of(NOMINATIVE[month - 1], None)["start"] is None


@given(
    first=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    length=st.integers(40, 700),
    dash=st.sampled_from(["-", " – ", "—", " -\n"]),
)
def test_a_range_of_months_with_years(first: date, length: int, dash: str) -> None:
    last = first + timedelta(length)
    text = f"{NOMINATIVE[first.month - 1]} {first.year}{dash}{NOMINATIVE[last.month - 1]} {last.year} г."
    due = deadline_of(text, 2023)
    assert due["kind"] == "range"
    assert due["start"] == first.replace(day=1)
    assert due["end"] is not None
    assert (due["end"].year, due["end"].month, (due["end"] + timedelta(1)).day) == (last.year, last.month, 1)


def _read(value: object) -> tuple[object, str | None, str | None]:
    field = Field("due", "Сроки", "deadline")
    reader = Reader(field, ReadContext(date(2024, 6, 20), 2023))
    typed = reader[value]  # type: ignore[index]
    trouble = reader.troubles.get(value)  # type: ignore[call-overload]
    return json_value(field, typed), trouble and trouble.code, trouble and trouble.suggestion


def test_cells_that_are_no_text() -> None:
    due, code, _ = _read(date(2023, 9, 15))
    assert code is None
    assert due == {
        "kind": "date",
        "start": "2023-09-15",
        "end": "2023-09-15",
        "months": [],
        "days": [],
        "recurring": False,
        "text": "15.09.2023",
    }
    assert isinstance(due, dict)
    assert _read(45180.0)[0] == {**due, "start": "2023-09-11", "end": "2023-09-11", "text": "11.09.2023"}
    assert _read("-") == (None, None, None)


def test_a_text_without_a_deadline_keeps_its_words_and_warns() -> None:
    due, code, _ = _read("срок уточняется")
    assert isinstance(due, dict)
    assert (due["kind"], due["text"], code) == ("none", "срок уточняется", "cell-type")
    assert _read("до 31.11.2023")[1:] == ("cell-type", "30.11.2023")


@given(
    st.text(st.sampled_from("сентябрьмайдоконцапогдаежпв1234567890-–,. и\n/IVгодкартлувчейшы()"), max_size=40),
    st.sampled_from([None, 2023]),
)
def test_any_text_has_a_kind(text: str, school_year: int | None) -> None:
    due = deadline_of(text, school_year)
    assert due["kind"] in ("date", "month", "range", "half_year", "yearly", "ongoing", "conditional", "plan", "none")
