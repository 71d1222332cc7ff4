"""Reporting periods: ids, due days, the period meant today."""

from __future__ import annotations

from datetime import date

import pytest

from sheets_sync.errors import ConfigError
from sheets_sync.periods import as_of, current_period, period_of, resolve_period, school_year


def test_december_is_the_first_half_of_a_school_year() -> None:
    """2023-12 is seen from 20 December and compared with the year 2023."""
    period = period_of("2023-12")
    assert (period.as_of, period.year, period.start_of_year) == (date(2023, 12, 20), 2023, date(2023, 1, 1))
    assert period.title_ru == "I полугодие 2023-2024 учебного года (по состоянию на 20.12.2023)"


def test_june_and_august_belong_to_the_school_year_that_ends() -> None:
    """The second half and the whole year carry the name of the school year they close."""
    assert period_of("2024-06").title_ru == "II полугодие 2023-2024 учебного года (по состоянию на 20.06.2024)"
    assert period_of("2024-08").title_ru == "2023-2024 учебный год (по состоянию на 20.08.2024)"


def test_due_days_are_configuration() -> None:
    """A district that reports on 31 May sees June from that day."""
    assert period_of("2024-06", lambda _: date(2024, 5, 31)).as_of == date(2024, 5, 31)


@pytest.mark.parametrize("text", ["2024", "2024-07", "24-06", "", "2024-06 ", "june"])
def test_an_unknown_period_says_what_to_write(text: str) -> None:
    """Anything else is refused with the forms that are understood."""
    with pytest.raises(ConfigError, match="2023-12"):
        period_of(text)


@pytest.mark.parametrize(
    ("today", "meant"),
    [
        (date(2024, 1, 10), "2023-12"),
        (date(2024, 5, 19), "2023-12"),
        (date(2024, 5, 20), "2024-06"),
        (date(2024, 6, 20), "2024-06"),
        (date(2024, 10, 1), "2024-06"),
        (date(2024, 11, 19), "2024-12"),
        (date(2024, 12, 31), "2024-12"),
    ],
)
def test_auto_is_the_period_due_within_a_month_else_the_last(today: date, meant: str) -> None:
    """People prepare a set before it is due."""
    assert current_period(today).id == meant
    assert resolve_period("auto", today).id == meant


def test_another_day_is_honoured_while_the_period_lasts() -> None:
    """A preliminary June on 1 June; on a later day June stays as of its due day; before January there is no June."""
    june = period_of("2024-06")
    assert as_of(june, date(2024, 6, 1)).as_of == date(2024, 6, 1)
    assert as_of(june, date(2024, 12, 20)).as_of == date(2024, 6, 20)
    assert as_of(period_of("2023-12"), date(2024, 6, 20)).as_of == date(2023, 12, 20)
    with pytest.raises(ConfigError, match="not begun"):
        as_of(june, date(2023, 12, 20))


def test_school_year_begins_in_september() -> None:
    """31 August still belongs to the year that ends."""
    assert school_year(date(2024, 8, 31)) == "2023-2024"
    assert school_year(date(2024, 9, 1)) == "2024-2025"
