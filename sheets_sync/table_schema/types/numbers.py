"""Numbers as schools write them: decimal comma, NBSP thousands, «45 мин», «85 %», «1 год 6 мес.», «8/10», words
for digits.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from sheets_sync.table import Shown, Value
from sheets_sync.table_schema.model import Field
from sheets_sync.table_schema.types.reading import (
    Read,
    ReadContext,
    Reading,
    bare_number,
    inferred,
    is_percent_shown,
    out_of_range,
    unreadable,
)
from sheets_sync.text import fold

_WORDS_OF_NUMBERS = {
    0: "ноль нуль",
    1: "один одна одного одно",
    2: "два две двух",
    3: "три трех",
    4: "четыре четырех",
    5: "пять пяти",
    6: "шесть шести",
    7: "семь семи",
    8: "восемь восьми",
    9: "девять девяти",
    10: "десять десяти",
    11: "одиннадцать",
    12: "двенадцать",
    13: "тринадцать",
    14: "четырнадцать",
    15: "пятнадцать",
    16: "шестнадцать",
    17: "семнадцать",
    18: "восемнадцать",
    19: "девятнадцать",
    20: "двадцать",
    30: "тридцать",
    40: "сорок",
    50: "пятьдесят",
    60: "шестьдесят",
    70: "семьдесят",
    80: "восемьдесят",
    90: "девяносто",
    100: "сто",
    200: "двести",
    300: "триста",
}
_UNITS = {word: number for number, words in _WORDS_OF_NUMBERS.items() for word in words.split()}

_THOUSANDS = re.compile(r"(?<=\d)[ ](?=\d{3}(?!\d))")
_PLAIN = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
_ABOUT = re.compile(r"(?:≈|~|±|около|примерно|приблизительно|порядка|прим\.?|ок\.)\s*")
_AT_LEAST = re.compile(r"(?:не менее|более|свыше|больше|от|>=?|≥)\s*")
_AT_MOST = re.compile(r"(?:до|не более|менее|меньше|<=?|≤)\s*")
# A unit, or the number once more in words and brackets, adds nothing to the number.
_UNIT = re.compile(r"\s*(?:\([а-яё ]+\)\s*)?(?:[а-яa-z]{1,14}\.?(?:/[а-яa-z]{1,8}\.?)?){0,2}\s*(?:\([а-яё ]+\))?[.,;]?")


def number_word(text: str) -> int | None:
    """«двадцать пять» → 25; None if any word is not a number."""
    total, found = 0, False
    for word in fold(text).strip(" .").split():
        if word in ("лет", "год", "года", "баллов", "балла", "балл", "часов", "часа", "час", "минут", "раз", "раза"):
            continue
        if word not in _UNITS:
            return None
        total, found = total + _UNITS[word], True
    return total if found else None


def _number(digits: str) -> float:
    return float(digits.replace(",", "."))


def _from_calendar(value: Value) -> str | None:
    """What was typed before the spreadsheet took it for a date: «1,5» became 1 May, «8/10» 8 October."""
    return f"{value.day},{value.month}" if isinstance(value, date) else None


def plain_number(text: str) -> tuple[float | None, str | None, str]:
    """(number, why, rest) of a folded text: why tells what had to be inferred, rest is a reason for having no
    number.
    """
    text = _THOUSANDS.sub("", text).strip()
    why = None
    for pattern, slug in ((_ABOUT, "about"), (_AT_LEAST, "at-least"), (_AT_MOST, "at-most")):
        match = pattern.match(text)
        if match:
            text, why = text[match.end() :], slug
            break
    match = _PLAIN.match(text)
    if not match:
        return None, None, "not-a-number"
    rest = text[match.end() :]
    if rest and not _UNIT.fullmatch(rest):
        if rest.startswith("+") and len(rest) == 1:
            return _number(match.group()), "at-least", ""
        return None, None, "several-numbers" if re.search(r"\d", rest) else "not-a-number"
    return _number(match.group()), why, ""


def _minutes(value: Value) -> float | None:
    """Minutes of a duration: 45, «1 час 30 мин», «1,5 ч», 0:45."""
    if isinstance(value, timedelta):
        return value.total_seconds() / 60
    if isinstance(value, time):
        return value.hour * 60 + value.minute
    if not isinstance(value, str):
        return None
    text = fold(value)
    match = re.fullmatch(r"(?:(\d+(?:[.,]\d+)?)\s*ч(?:ас[а-я]*)?\.?)?\s*(?:(\d+)\s*м(?:ин[а-я]*)?\.?)?", text)
    if match and (match[1] or match[2]):
        return _number(match[1] or "0") * 60 + float(match[2] or 0)
    clock = re.fullmatch(r"(\d{1,2}):(\d\d)(?::00)?", text)
    return float(clock[1]) * 60 + float(clock[2]) if clock else None


def _to_number(value: Value) -> Reading:
    if isinstance(value, float | int):
        return Reading(float(value))
    if isinstance(value, datetime | date):
        return unreadable("date", _from_calendar(value))
    if isinstance(value, time | timedelta):
        return unreadable("time")
    text = fold(value)
    number, why, failure = plain_number(text)
    if number is None:
        word = number_word(text)
        return unreadable("word", str(word)) if word is not None else unreadable(failure)
    if why:
        return inferred(number, why, bare_number(number), severity="info" if why == "about" else "warning")
    return Reading(number)


def read_number(field: Field, context: ReadContext) -> Read:
    """Reader of any number."""
    return _to_number


_LARGEST = 2**53  # beyond it a number of a spreadsheet is no longer exact


def read_integer(field: Field, context: ReadContext) -> Read:
    """Reader of a whole number; durations in minutes (``*_min``) also from hours and clock times."""
    in_minutes = field.name.endswith("_min")

    def read(value: Value) -> Reading:
        if in_minutes and (minutes := _minutes(value)) is not None:
            value = minutes
        reading = _to_number(value)
        if not isinstance(reading.value, float):
            return reading
        if not reading.value.is_integer():
            return unreadable("fraction")
        if abs(reading.value) > _LARGEST:
            return unreadable("number")
        return Reading(int(reading.value), reading.trouble)

    return read


def read_percent(field: Field, context: ReadContext) -> Read:
    """Reader of a percentage, 85.0 for «85 %», for 0,85 shown as 85 %, and, said so, for a plain 0,85."""

    def read(value: Value) -> Reading:
        if is_percent_shown(value) and isinstance(value, float):
            return Reading(round(float(value) * 100, 6))
        has_sign = isinstance(value, str) and "%" in value
        of = re.fullmatch(r"(\d+)\s*(?:/|из)\s*(\d+)", fold(value)) if isinstance(value, str) else None
        if of and 0 < int(of[2]) >= int(of[1]):
            share = round(100 * int(of[1]) / int(of[2]), 1)
            return inferred(share, "share", bare_number(share))
        reading = _to_number(fold(value).replace("%", " ") if isinstance(value, str) else value)
        number = reading.value
        if isinstance(number, float) and not has_sign and 0 < number <= 1 and reading.trouble is None:
            return inferred(round(number * 100, 6), "fraction-of-one", f"{bare_number(number * 100)} %")
        return reading

    return read


_NO_EXPERIENCE = re.compile(
    r"(?:б|без)\s*[/\\.]?\s*(?:с|стажа|опыта)(?:\s+работы)?\.?|нет стажа|стажа нет|нет опыта|без педагогического стажа"
)
_YEARS = r"(?P<years>\d+(?:[.,]\d+)?)\s*-?(?:х|ти|и|м)?\s*(?:лет|года?|годов|г|л)\.?(?![а-я])"
_MONTHS = r"(?P<months>\d+(?:[.,]\d+)?)\s*(?:месяц[а-я]*|мес|м)\.?(?![а-я])"
_DAYS = r"(?:\d+)\s*(?:дн[а-я]*|день|д)\.?"
_TERM = re.compile(rf"(?:{_YEARS})?,?\s*(?:и\s*)?(?:{_MONTHS})?,?\s*(?:и\s*)?(?:{_DAYS})?")
_SINCE = re.compile(r"с\s*(?:\d{1,2}\.\d{1,2}\.)?((?:19|20)\d\d)\s*(?:г\.?|года)?")
_FIRST_YEAR_OF_WORK = re.compile(r"(?:первый|1-й|1-ый|1ый) год(?: работы)?")


def read_experience(field: Field, context: ReadContext) -> Read:
    """Reader of years of service: 1.5 for «1 год 6 мес.», 3 for «до 3 лет», 0 for «б/с» (tables.md)."""

    def term(text: str) -> float | None:
        match = _TERM.fullmatch(text.strip(" .,;"))
        if match and (match["years"] or match["months"]):
            return round(_number(match["years"] or "0") + _number(match["months"] or "0") / 12, 2)
        return _number(text) if _PLAIN.fullmatch(text) else None

    def read(value: Value) -> Reading:
        if isinstance(value, Shown):
            value = float(value)
        if not isinstance(value, str):
            reading = _to_number(value)
            number = reading.value
            if isinstance(number, float) and 1940 <= number <= context.as_of.year:
                return inferred(
                    context.as_of.year - number,
                    "since-year",
                    bare_number(context.as_of.year - number),
                    severity="warning",
                )
            return reading
        text = fold(value).strip(" .;")
        text = re.sub(r"(?<=\d) ?\([а-я ]+\)", "", text)  # «5 (пять) лет»
        text = re.sub(r"^(?:педагогический |пед\.? ?|общий )?стаж(?: работы)?:? *", "", text)
        if _NO_EXPERIENCE.fullmatch(text):
            return Reading(0.0)
        years = term(text)
        if years is not None:
            return Reading(years)
        if text in ("год", "один год"):
            return Reading(1.0)
        if text in ("полгода", "пол года"):
            return Reading(0.5)
        if text in ("полтора года", "полтора"):
            return Reading(1.5)
        for pattern, why in ((_AT_MOST, None), (_ABOUT, "about"), (_AT_LEAST, "at-least")):
            match = pattern.match(text)
            if match:
                rest = text[match.end() :]
                years = term(rest)
                if years is None and rest in ("года", "1 года", "одного года", "год"):
                    years = 1.0
                if years is None:
                    break
                # «до 3 лет», «менее года»: the upper bound, which is how schools name the young specialists.
                return Reading(years) if why is None else inferred(years, why, bare_number(years))
        if text.endswith("+") and (years := term(text[:-1].strip())) is not None:
            return inferred(years, "at-least", bare_number(years))
        if _FIRST_YEAR_OF_WORK.fullmatch(text):
            return inferred(1.0, "about", "1")
        since = _SINCE.fullmatch(text)
        if since:
            served = float(context.as_of.year - int(since[1]))
            return inferred(served, "since-year", bare_number(served))
        first = re.match(rf"(?:{_YEARS}\s*(?:{_MONTHS})?|\d{{1,2}}(?:[.,]\d)?)(?=\s*[,;(])", text)
        if first and first.group().strip() and (years := term(first.group())) is not None:
            return inferred(years, "first-of-several", bare_number(years), severity="warning")
        word = number_word(text)
        if word is not None:
            return unreadable("word", str(word))
        return unreadable("several-numbers" if re.search(r"\d", text) else "not-a-number")

    return read


_OUT_OF = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:б(?:алл[а-я]*)?\.?\s*)?(?:/|из|\\)\s*(\d+)(?:\s*балл[а-я]*)?\.?")


def read_score(field: Field, context: ReadContext) -> Read:
    """Reader of a mark on a scale, 1–10 unless the field's bounds say otherwise; a mark outside it counts as
    missing.
    """
    low = 1.0 if field.minimum is None else field.minimum
    high = 10.0 if field.maximum is None else field.maximum

    def beyond() -> Reading:
        why = "scale" if (low, high) == (1.0, 10.0) else "bounds"
        return out_of_range(None, "warning", bare_number(low), bare_number(high), why=why)

    def judged(number: float) -> Reading:
        if not low <= number <= high:
            return beyond()
        if not number.is_integer():
            return unreadable("fraction", severity="warning")
        return Reading(number)

    def read(value: Value) -> Reading:
        if isinstance(value, float | int):
            return judged(float(value))
        if isinstance(value, datetime | date):
            # «8/10» taken for 8 October by the spreadsheet.
            return unreadable("date", str(value.day) if value.month == high else None)
        if isinstance(value, time | timedelta):
            return unreadable("time")
        text = fold(value).rstrip("!. ")
        of = _OUT_OF.fullmatch(text)
        if of:
            if float(of[2]) == high:
                return judged(_number(of[1]))
            return beyond()
        number, why, failure = plain_number(text)
        if number is None:
            word = number_word(text)
            return unreadable("word", str(word)) if word is not None else unreadable(failure)
        reading = judged(number)
        if why and reading.value is not None:
            return inferred(reading.value, why, bare_number(number), severity="warning")
        return reading

    return read


__all__ = [
    "number_word",
    "plain_number",
    "read_experience",
    "read_integer",
    "read_number",
    "read_percent",
    "read_score",
]
