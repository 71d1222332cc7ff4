"""Russian words of reports: numbers with the right form of the noun, per cents, points, statuses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

NBSP = "\u00a0"
MINUS = "\u2212"

STATUS_WORDS = {
    "met": "достигнут",
    "not_met": "не достигнут",
    "no_target": "целевое значение не установлено",
    "no_data": "нет данных",
    "not_applicable": "не применимо",
    "data_error": "ошибка данных",
}
FLAG_WORDS = {"check": "требует проверки"}

FORM_WORDS = {
    "pupil_pupil": "ученик – ученик",
    "teacher_teacher": "учитель – учитель",
    "teacher_pupil": "учитель – ученик",
    "student_pupil": "студент – ученик",
    "employer_pupil": "работодатель – ученик",
    "employer_student": "работодатель – студент",
    "student_student": "студент – студент",
    "teacher_student": "педагог/мастер – студент",
    "head_teacher": "руководитель – педагог",
    "head_head": "руководитель – руководитель",
    "network": "сетевое наставничество",
    "other": "иная",
    "": "не указана",
}
PAIR_STATUS_PLURAL = {
    "active": "действуют",
    "finished": "завершены",
    "broken": "расторгнуты",
    "suspended": "приостановлены",
}
PAIR_STATUS_WORDS = {
    "active": "действует",
    "finished": "завершена",
    "broken": "расторгнута",
    "suspended": "приостановлена",
}
ORGANISATION_TYPE_WORDS = {
    "school": "школа",
    "kindergarten": "детский сад",
    "additional": "дополнительное образование",
    "college": "колледж",
}


def half_up(number: Decimal | float | int, digits: int = 1) -> Decimal:
    """The number rounded half away from zero, as people round: 81.25 → 81.3."""
    exact = number if isinstance(number, Decimal) else Decimal(str(number))
    rounded = exact.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    return abs(rounded) if rounded == 0 else rounded


def share(numerator: int, denominator: int | float) -> float:
    """Per cents with one decimal, half-up. ``denominator`` is not 0."""
    return float(half_up(Decimal(numerator) * 100 / Decimal(str(denominator))))


def decimal(number: float | int, digits: int = 1) -> str:
    """A number with decimals as Russians write it: «54,5», «−0,5»."""
    return f"{half_up(number, digits)}".replace("-", MINUS).replace(".", ",")


def shortest(number: float | int) -> str:
    """A number without needless decimals: «55», «55,5»."""
    return decimal(number, 0) if float(number).is_integer() else decimal(number, 1)


def whole(number: int | float) -> str:
    """A count with its thousands apart: «12 345» (four digits stay together)."""
    if isinstance(number, float) and not number.is_integer():
        return decimal(number)
    text = str(abs(int(number)))
    if len(text) > 4:
        text = f"{int(text):,}".replace(",", NBSP)
    return (MINUS if number < 0 else "") + text


def percent(value: float) -> str:
    """«54,5 %», the space unbreakable."""
    return f"{decimal(value)}{NBSP}%"


def points(value: float) -> str:
    """«+11,7 п.п.», «−0,5 п.п.»."""
    sign = "+" if half_up(value) > 0 else ""
    return f"{sign}{decimal(value)}{NBSP}п.п."


def form_of(number: int, one: str, few: str, many: str) -> str:
    """The form of a noun a number asks for: 1 пара, 2 пары, 5 пар, 11 пар, 21 пара."""
    last_two, last = abs(number) % 100, abs(number) % 10
    if 11 <= last_two <= 14:
        return many
    if last == 1:
        return one
    return few if 2 <= last <= 4 else many


def counted(number: int, one: str, few: str, many: str) -> str:
    """Number and noun: «2 пары», the space unbreakable."""
    return f"{whole(number)}{NBSP}{form_of(number, one, few, many)}"


def by_name(name: str) -> tuple[tuple[int, int | str], ...]:
    """Sort key of names people read: case does not matter, «СОШ № 4» stands before «СОШ № 21»."""
    parts = re.findall(r"\d+|[^\W\d_]+", name.casefold().replace("ё", "е"))
    return tuple((0, int(part)) if part.isdigit() else (1, part) for part in parts)


def day(value: date) -> str:
    """«20.12.2023»."""
    return f"{value:%d.%m.%Y}"


def listed(words: Sequence[str]) -> str:
    """«а, б и в»."""
    return " и ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
