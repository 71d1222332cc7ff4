"""What the checks of one workbook need to know beside its cells."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

_SCHOOL_YEAR = re.compile(r"(?<!\d)20(\d\d)\s*[-–—/]\s*(?:20)?(\d\d)(?!\d)")


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


def school_year_told(texts: Iterable[str]) -> int | None:
    """The school year named by the first of the texts that names one: «2023-2024 учебный год», «2023-24», «2023/24».

    A span of more than one year («2020-2024») is a plan's term and names no school year.
    """
    for text in texts:
        for first, second in _SCHOOL_YEAR.findall(text):
            if int(second) == (int(first) + 1) % 100:
                return 2000 + int(first)
    return None
