"""What a reader gives back for one cell, and what it may know besides the cell."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sheets_sync.issues import Severity
from sheets_sync.table import Shown, Value, display
from sheets_sync.text import fold, squeeze


@dataclass(frozen=True, slots=True)
class ReadContext:
    """``school_year`` is the calendar year its September falls in; ``part`` says which piece of a glued cell is
    meant.
    """

    as_of: date
    school_year: int | None = None
    part: str | None = None  # number | date | start | end | pair
    heading_says_age: bool = False  # a birth column headed «Возраст»
    organisation_type: str = ""  # school | kindergarten | additional | college


def says_age(heading: str) -> bool:
    """Does the heading of a birth column ask for ages («Возраст»)?"""
    return "возраст" in fold(heading)


class Trouble(NamedTuple):
    """What is wrong with a value: an issue without its place.

    ``severity`` None is the field's ``bad_severity``; ``suggestion`` is what to type instead; ``params`` hold at least
    ``why``, a slug that tells the cause apart («no-such-day», «range», «word»).
    """

    code: str
    severity: Severity | None = None
    suggestion: str | None = None
    params: tuple[tuple[str, str], ...] = ()


class Reading(NamedTuple):
    """A typed value (None: empty or unreadable) and what is to be said about it."""

    value: object
    trouble: Trouble | None = None


Read = Callable[[Value], Reading]

EMPTY = Reading(None)


def unreadable(why: str, suggestion: str | None = None, *, severity: Severity | None = None) -> Reading:
    """No value: ``cell-type``, as grave as the field says."""
    return Reading(None, Trouble("cell-type", severity, suggestion, (("why", why),)))


def inferred(value: object, why: str, suggestion: str | None = None, *, severity: Severity = "info") -> Reading:
    """A value the cell does not spell out: ``cell-inferred``, info, or warning when it may be otherwise."""
    return Reading(value, Trouble("cell-inferred", severity, suggestion, (("why", why),)))


def malformed(value: object, why: str, suggestion: str | None = None) -> Reading:
    """A value kept although its form is wrong: ``cell-pattern``, a warning (tables.md, settled question 10)."""
    return Reading(value, Trouble("cell-pattern", "warning", suggestion, (("why", why),)))


def out_of_range(
    value: object, severity: Severity, minimum: str, maximum: str, suggestion: str | None = None, *, why: str = "bounds"
) -> Reading:
    """``cell-range``, naming the bounds («» where there is none)."""
    params = (("why", why), ("minimum", minimum), ("maximum", maximum))
    return Reading(value, Trouble("cell-range", severity, suggestion, params))


def cell_text(value: Value) -> str:
    """The cell as the person sees it, on one line."""
    return squeeze(value if type(value) is str else display(value))


def is_percent_shown(value: Value) -> bool:
    return type(value) is Shown and "%" in value.text


FORMULA_ERROR = re.compile(
    r"#(?:ССЫЛКА|REF|Н/Д|N/A|НД|ДЕЛ/0|DIV/0|ЗНАЧ|VALUE|ИМЯ|NAME|ЧИСЛО|NUM|ПУСТО|NULL|ПЕРЕНОС|SPILL|ВЫЧИСЛ"
    r"|CALC|ОШИБКА|ERROR"
    r"|ПОЛЕ|FIELD|GETTING_DATA)[!?]*|(?:Err|Ошибка|Ош):\d{3}",
    re.IGNORECASE,
)


_LIKE_DIGITS = str.maketrans("оoзlіi|", "0031111")
_MAY_BE_NUMBER = re.compile(r"(?<![^\W_])[\dоoзlіi|]*\d[\dоoзlіi|]*(?![^\W_])")


def digits_meant(folded: str) -> str:
    """A folded text with letters typed for digits put right, in words of digits and such letters: «2о10» → «2010»."""
    return _MAY_BE_NUMBER.sub(lambda word: word.group().translate(_LIKE_DIGITS), folded)


def bare_number(number: float) -> str:
    """A number as one types it in a Russian sheet: «7», «1,5»."""
    if number == int(number) and abs(number) < 1e15:
        return str(int(number))
    return repr(round(number, 10)).replace(".", ",")
