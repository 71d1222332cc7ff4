"""Reporting periods: the half-years that end on 20 December and 20 June, and the district's year that ends in August.

A period is seen *as of* its last day: only what is dated on or before it counts (tables.md, question 9). Due days are
configuration; the functions here take one as ``due_on``, which tells the due day of a period id.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from sheets_sync.errors import ConfigError

DueOn = Callable[[str], date]

_ID = re.compile(r"(20\d\d)-(06|08|12)")
_STANDARD_DUE = {6: (6, 20), 8: (8, 20), 12: (12, 20)}  # domain.md §1
# People prepare a set before it is due: a month ahead it is the one they mean.
_PREPARED_AHEAD = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Period:
    """One reporting period.

    ``year`` is the calendar year whose targets it is compared with and ``start_of_year`` its 1 January, from which
    persons count as entered; ``school_year`` is «2023-2024»; ``title_ru`` reads on after «за».
    """

    id: str
    as_of: date
    year: int
    start_of_year: date
    school_year: str
    title_ru: str

    @property
    def kind(self) -> str:
        """december | june | august."""
        return {"12": "december", "06": "june"}.get(self.id[5:], "august")


def school_year(day: date) -> str:
    """School year (1 September – 31 August) that a day belongs to: «2023-2024»."""
    first = day.year if day.month >= 9 else day.year - 1
    return f"{first}-{first + 1}"


def standard_due(period_id: str) -> date:
    """Due day of a period when the configuration says nothing: 20 December, 20 June, 20 August."""
    year, month = _parts(period_id)
    return date(year, *_STANDARD_DUE[month])


def period_of(period_id: str, due_on: DueOn = standard_due) -> Period:
    """The period «2023-12», «2024-06» or «2024-08». Raises ConfigError for anything else."""
    year, _ = _parts(period_id)
    due = due_on(period_id)
    if due.year != year:
        raise ConfigError(f"the due day of {period_id} is {due.isoformat()}, in another year")
    return _described(period_id, year, due)


def as_of(period: Period, day: date) -> Period:
    """The period seen on another day: the day itself while the period lasts, its own due day once it is over.

    So one ``--as-of`` may stand for today whichever period is asked for. Raises ConfigError when the period has not
    begun.
    """
    year = period.year
    first, last = {
        "june": (date(year, 1, 1), date(year, 8, 31)),
        "december": (date(year, 9, 1), date(year, 12, 31)),
    }.get(period.kind, (date(year, 1, 1), date(year, 12, 31)))
    if day < first:
        raise ConfigError(f"period {period.id} has not begun on {day.isoformat()}", mend="choose an earlier period")
    return _described(period.id, year, day) if day <= last else period


def current_period(today: date, due_on: DueOn = standard_due) -> Period:
    """The period meant on a day without naming one: the one due within a month, else the last that came due.

    August is the district's yearly report and is only made when asked for.
    """
    ids = [f"{year}-{month}" for year in (today.year - 1, today.year, today.year + 1) for month in ("06", "12")]
    due = [(due_on(period_id), period_id) for period_id in ids]
    started = [period_id for day, period_id in sorted(due) if day - _PREPARED_AHEAD <= today]
    return period_of(started[-1], due_on)


def begin_of(period: Period) -> date:
    """First day of what a period reports on: 1 September, 1 January; of August's year the September before."""
    if period.kind == "june":
        return period.start_of_year
    return date(int(period.school_year[:4]), 9, 1)


def resolve_period(asked: str, today: date, due_on: DueOn = standard_due) -> Period:
    """The period of `report --period`: an id, or «auto» for :func:`current_period`. Raises ConfigError."""
    return current_period(today, due_on) if asked == "auto" else period_of(asked, due_on)


def _parts(period_id: str) -> tuple[int, int]:
    told = _ID.fullmatch(period_id)
    if not told:
        raise ConfigError(
            f"no such period: {period_id!r}", mend="write the year and 12, 06 or 08: 2023-12, 2024-06, 2024-08; or auto"
        )
    return int(told[1]), int(told[2])


def _described(period_id: str, year: int, day: date) -> Period:
    named = school_year(date(year, int(period_id[5:]), 1))
    half = {"12": "I полугодие ", "06": "II полугодие "}.get(period_id[5:])
    span = f"{half}{named} учебного года" if half else f"{named} учебный год"
    return Period(period_id, day, year, date(year, 1, 1), named, f"{span} (по состоянию на {day:%d.%m.%Y})")
