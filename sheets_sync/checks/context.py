"""What the checks of one workbook need to know beside its cells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class CheckContext:
    """One workbook of one organisation, seen as of a date. ``school_year`` is the year its September falls in."""

    organisation: str
    workbook: str
    as_of: date
    school_year: int | None = None


def school_year_on(day: date) -> int:
    """First calendar year of the school year a day belongs to; it runs from 1 September to 31 August (domain.md §1)."""
    return day.year if day.month >= 9 else day.year - 1
