"""Numbers as schools write them: decimal comma, NBSP thousands, «45 мин», «85 %», «1 год 6 мес.», «8/10», words
for digits.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from sheets_sync.issues import Severity
from sheets_sync.table import Shown, Value
from sheets_sync.table_schema.model import Field
from sheets_sync.table_schema.types.number_words import number_word
from sheets_sync.table_schema.types.reading import (
    Read,
    ReadContext,
    Reading,
    bare_number,
    digits_meant,
    inferred,
    is_percent_shown,
    out_of_range,
    unreadable,
)
from sheets_sync.text import fold

_THOUSANDS = re.compile(r"(?<=\d)[ ](?=\d{3}(?!\d))")
_PLAIN = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
_ABOUT = re.compile(r"(?:≈|~|±|около|примерно|приблизительно|порядка|прим\.?|ок\.)\s*")
_AT_LEAST = re.compile(r"(?:не менее|более|свыше|больше|от|>=?|≥)\s*")
_AT_MOST = re.compile(r"(?:до|не более|менее|меньше|<=?|≤)\s*")
# A unit, or the number once more in words and brackets, adds nothing to the number.
_BEFORE_NUMBER = re.compile(r"(?:(?:всего|итого|количество|кол-во|оценка|балл|на|№)\s*:?\s*)+(?=\d)")
_AND_MORE = re.compile(r"\s*(?:[а-я%]{1,8}\.?\s+)?и\s+(?:более|больше|выше|свыше)")
_MONTH_SHORT = "янв фев мар апр май июн июл авг сен окт ноя дек".split()
_SHOWN_AS_DATE = re.compile(r"(\d{1,2})[.-](янв|фев|мар|апр|май|июн|июл|авг|сен|окт|ноя|дек)")
_LATIN_OR_LIKE_A_DIGIT = re.compile(r"\d[oоlіi](?![а-яa-z])|(?<![а-яa-z])[oоlіiз]\d")
_UNIT = re.compile(r"\s*(?:\([а-яё ]+\)\s*)?(?:[а-яa-z]{1,14}\.?(?:/[а-яa-z]{1,8}\.?)?){0,2}\s*(?:\([а-яё ]+\))?[.,;]?")


# «118 (из них 3 с ОВЗ)»: what stands in brackets after the number is about a part of it.
_BESIDE = re.compile(r"\s*(?:[а-яa-z]{1,14}\.?)?\s*\([^()]*\)")


def _number(digits: str) -> float:
    return float(digits.replace(",", "."))


def _from_calendar(value: Value) -> str | None:
    """What was typed before the spreadsheet took it for a date: «1,5» became 1 May, «8/10» 8 October."""
    return f"{value.day},{value.month}" if isinstance(value, date) else None


def plain_number(text: str) -> tuple[float | None, str | None, str]:
    """(number, why, rest) of a folded text: why tells what had to be inferred, rest is a reason for having no
    number.
    """
    text = _BEFORE_NUMBER.sub("", _THOUSANDS.sub("", text).strip())
    if _LATIN_OR_LIKE_A_DIGIT.search(text):
        return None, None, "mistyped-number"
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
        if _AND_MORE.fullmatch(rest):
            return _number(match.group()), "at-least", ""
        beside = _BESIDE.fullmatch(rest)
        if beside:
            return _number(match.group()), "first-of-several", ""
        return None, None, "several-numbers" if re.search(r"\d", rest) else "not-a-number"
    return _number(match.group()), why, ""


def _mistyped(text: str) -> str | None:
    """The number meant by «1O», «l2»: None when it is none even then."""
    number, _, failure = plain_number(digits_meant(text))
    return None if number is None or failure else bare_number(number)


_CLOCK_RANGE = re.compile(r"(?:с\s)?(\d{1,2})[:.](\d\d)\s?(?:-|\sдо\s|\sпо\s)\s?(\d{1,2})[:.](\d\d)")
_WORDED_MINUTES = {"час": 60.0, "один час": 60.0, "полчаса": 30.0, "пол часа": 30.0, "полтора часа": 90.0}
_OTHER_UNIT = re.compile(r"урок|ак\.|акад|пар[аы]|занят|раз|\bдн|день")


def _minutes(value: Value) -> float | None:
    """Minutes of a duration: 45, «1 час 30 мин», «1,5 ч», 0:45."""
    if isinstance(value, timedelta):
        return value.total_seconds() / 60
    if isinstance(value, time):
        return value.hour * 60 + value.minute
    if not isinstance(value, str):
        return None
    text = re.sub(r"\s*\([^()]*\)$", "", fold(value))
    if text in _WORDED_MINUTES:
        return _WORDED_MINUTES[text]
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
    return _told(number, why) if number is not None else _no_number(text, failure)


def _told(number: float, why: str | None) -> Reading:
    if why:
        return inferred(number, why, bare_number(number), severity="info" if why == "about" else "warning")
    return Reading(number)


def _no_number(text: str, failure: str) -> Reading:
    if failure == "mistyped-number":
        return unreadable(failure, _mistyped(text))
    word = number_word(text)
    if word is not None:
        return unreadable("word", str(word))
    return unreadable("word", "1,5") if text == "полтора" else unreadable(failure)


def read_number(field: Field, context: ReadContext) -> Read:
    """Reader of any number."""
    return _to_number


_LARGEST = 2**53  # beyond it a number of a spreadsheet is no longer exact


def read_integer(field: Field, context: ReadContext) -> Read:
    """Reader of a whole number; durations in minutes (``*_min``) also from hours and clock times."""
    in_minutes = field.name.endswith("_min")

    def read(value: Value) -> Reading:
        if in_minutes:
            minutes = _minutes(value)
            if minutes is None and isinstance(value, str):
                clock = _CLOCK_RANGE.fullmatch(fold(value))
                lasted = clock and 60 * (int(clock[3]) - int(clock[1])) + int(clock[4]) - int(clock[2])
                if lasted and lasted > 0:
                    return inferred(lasted, "from-to", str(lasted))
                if _OTHER_UNIT.search(fold(value)):
                    return unreadable("not-minutes")
            value = value if minutes is None else minutes
        reading = _to_number(value)
        if not isinstance(reading.value, float):
            return reading
        if not reading.value.is_integer():
            grouped = isinstance(value, str) and re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", value.strip())
            return unreadable("fraction", re.sub(r"\D", "", value) if grouped and isinstance(value, str) else None)
        if abs(reading.value) > _LARGEST:
            return unreadable("number")
        return Reading(int(reading.value), reading.trouble)

    return read


_PERCENT_SIGNS = str.maketrans("％﹪", "%%")
_SIGNED = re.compile(r"(?<![\w.,])(\d+(?:[.,]\d+)?)\s?%")
_ALL_DONE = re.compile(r"(?:выполнен[аоы]?\s*)?(?:полностью|в полном об[ъь]еме|целиком)|выполнен[аоы]?")


def read_percent(field: Field, context: ReadContext) -> Read:
    """Reader of a percentage, 85.0 for «85 %», for 0,85 shown as 85 %, and, said so, for a plain 0,85."""

    def read(value: Value) -> Reading:
        if is_percent_shown(value) and isinstance(value, float):
            return Reading(round(float(value) * 100, 6))
        text = fold(value).translate(_PERCENT_SIGNS) if isinstance(value, str) else ""
        signed = _SIGNED.findall(text)
        has_sign = "%" in text
        of = re.fullmatch(r"(\d+)\s*(?:/|из)\s*(\d+)", text)
        if of and 0 < int(of[2]) >= int(of[1]):
            share = round(100 * int(of[1]) / int(of[2]), 1)
            return inferred(share, "share", bare_number(share))
        if _ALL_DONE.fullmatch(text):
            return unreadable("word", "100 %")
        reading = _to_number(text.replace("%", " ") if isinstance(value, str) else value)
        number = reading.value
        if isinstance(number, float) and not has_sign and 0 < number <= 1 and reading.trouble is None:
            # A bare 1 is as often one percent as it is all of it.
            severity: Severity = "warning" if number == 1 else "info"
            return inferred(
                round(number * 100, 6), "fraction-of-one", f"{bare_number(number * 100)} %", severity=severity
            )
        first = reading.trouble is not None and ("why", "first-of-several") in reading.trouble.params
        if len(signed) == 1 and (number is None or first) and not re.search(r"\d-\d", text):
            share = _number(signed[0])
            return inferred(share, "number-in-text", f"{bare_number(share)} %")
        return reading

    return read


_NO_EXPERIENCE = re.compile(
    r"(?:б|без)\s*[/\\.]?\s*(?:с|стажа|опыта)(?:\s+работы)?\.?|нет стажа|стажа нет|нет опыта|без педагогического стажа"
)
_YEARS = r"(?P<years>\d+(?:[.,]\d+)?)\s*-?(?:х|ти|и|м)?\s*(?:лет|года?|годов|г|л)\.?(?![а-я])"
_MONTHS = r"(?P<months>\d+(?:[.,]\d+)?)\s*(?:месяц[а-я]*|мес|м)\.?(?![а-я])"
_DAYS = r"(?P<days>\d+)\s*(?P<unit>дн[а-я]*|день|д|недел[а-я]*|нед)\.?"
_TERM = re.compile(rf"(?:{_YEARS})?,?\s*(?:и\s*)?(?:{_MONTHS})?,?\s*(?:и\s*)?(?:{_DAYS})?")
# Words beside a term that only say what it is a term of.
_OF_SERVICE = re.compile(
    r"\s*(?:полных|полные)(?=\s)|(?<=[а-я.\d])\s+(?:(?:педагогическ|трудов|общ)[а-я]+\s+)?(?:стажа|работы)$"
)
_BEFORE_SERVICE = re.compile(
    r"(?:(?:педагогический|пед\.?|общий|трудовой|опыт|стаж|педстаж|работы)\s*[-.:]*\s*)+(?=[\dбн])"
)
# The total and the pedagogical part: the second decides who is a young specialist.
_PEDAGOGICAL = re.compile(
    r"(?:.*[^а-я])?пед[а-я]*\.?\s*(?:стаж)?\s*[-:]?\s*(?P<term>\d.*?)\)?|(?P<before>\d[^,;/(]*?)\s*\(?пед[а-я.]*\)?[,;/].*"
)
_TWO_SERVICES = re.compile(r"(\d{1,2})(?:\s*лет|\s*года?)?\s*/\s*(\d{1,2})(?:\s*лет|\s*года?)?")
_SERVICE_RANGE = re.compile(r"(?:от\s*)?(\d{1,2})\s*(?:-|до|\sпо)\s*(\d{1,2})\s*(?:-?х)?\s*(?:лет|года?)?")
_SINCE = re.compile(r"с\s*(?:\d{1,2}\.\d{1,2}\.)?((?:19|20)\d\d)\s*(?:г\.?|года)?")
_FIRST_YEAR_OF_WORK = re.compile(r"(?:первый|1-й|1-ый|1ый) год(?: работы)?")


def read_experience(field: Field, context: ReadContext) -> Read:
    """Reader of years of service: 1.5 for «1 год 6 мес.», 3 for «до 3 лет», 0 for «б/с» (tables.md)."""

    def term(text: str) -> float | None:
        match = _TERM.fullmatch(text.strip(" .,;"))
        if match and (match["years"] or match["months"]):
            return round(_number(match["years"] or "0") + _number(match["months"] or "0") / 12, 2)
        if match and match["days"]:
            return round(int(match["days"]) * (7 if match["unit"].startswith("нед") else 1) / 365, 2)
        return _number(text) if _PLAIN.fullmatch(text) else None

    def since_year(number: object) -> Reading | None:
        if not isinstance(number, float) or not 1940 <= number <= context.as_of.year:
            return None
        served = context.as_of.year - number
        return inferred(served, "since-year", bare_number(served), severity="warning")

    def read(value: Value) -> Reading:
        if isinstance(value, Shown):
            value = float(value)
        if not isinstance(value, str):
            reading = _to_number(value)
            return since_year(reading.value) or reading
        text = fold(value).strip(" .;")
        plain = term(text)
        if plain is not None:
            return since_year(plain) or Reading(plain)
        text = re.sub(r"(?<=\d) ?\([а-я ]+\)", "", text)  # «5 (пять) лет»
        both = _PEDAGOGICAL.fullmatch(text) if "пед" in text and len(re.findall(r"\d+", text)) > 1 else None
        served = term(_OF_SERVICE.sub("", both["term"] or both["before"])) if both else None
        if served is not None:
            return inferred(served, "pedagogical", bare_number(served))
        text = _BEFORE_SERVICE.sub("", text)
        if _NO_EXPERIENCE.fullmatch(text):
            return Reading(0.0)
        text = _OF_SERVICE.sub("", text)
        years = term(text)
        if years is not None:
            return since_year(years) or Reading(years)
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
        two = _TWO_SERVICES.fullmatch(text)
        if two and int(two[2]) <= int(two[1]):
            return inferred(float(two[2]), "pedagogical", two[2], severity="warning")
        span = _SERVICE_RANGE.fullmatch(text)
        if span and int(span[1]) < int(span[2]):
            return inferred(float(span[2]), "at-most", str(int(span[2])), severity="warning")
        more = _AND_MORE.search(text)
        text = f"{text[: more.start()]}+" if more else text
        if text.endswith("+") and (years := term(text[:-1].strip())) is not None:
            return inferred(years, "at-least", bare_number(years))
        if _FIRST_YEAR_OF_WORK.fullmatch(text):
            return inferred(1.0, "about", "1")
        since = _SINCE.fullmatch(text)
        if since:
            served = float(context.as_of.year - int(since[1]))
            return inferred(served, "since-year", bare_number(served))
        first = re.match(rf"(?:{_YEARS}\s*(?:{_MONTHS})?|\d{{1,2}}(?:[.,]\d)?)(?=\s*(?:[;(]|,(?!\d)))", text)
        if first and first.group().strip() and (years := term(first.group())) is not None:
            return inferred(years, "first-of-several", bare_number(years), severity="warning")
        if _LATIN_OR_LIKE_A_DIGIT.search(text):
            return _no_number(text, "mistyped-number")
        return _no_number(text, "several-numbers" if re.search(r"\d", text) else "not-a-number")

    return read


_OUT_OF = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:б(?:алл[а-я]*)?\.?\s*)?\(?(?:/|из|\\)\s*(\d+)(?:\s*балл[а-я]*)?\.?\)?")
# «8 – хорошо», «10 (очень доволен)», «8 по 10-балльной шкале»: words after a mark.
_SAID_BESIDE = re.compile(r"(?<=\d)(?:\s*-\s*(?=[а-я])[а-я ,]+|\s*\([а-я ,]+\)|\s+по\s+\S+\s+(?:системе|шкале))$")


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
            # «8/10» taken for 8 October by the spreadsheet, or for 10 August by an American one.
            mark = value.day if value.month == high else value.month if value.day == high else None
            return unreadable("date", None if mark is None else str(mark))
        if isinstance(value, time | timedelta):
            return unreadable("time")
        text = _BEFORE_NUMBER.sub("", fold(value).rstrip("!. "))
        shown = _SHOWN_AS_DATE.fullmatch(text)
        if shown and _MONTH_SHORT.index(shown[2]) + 1 == high:
            return unreadable("date", str(int(shown[1])))
        text = _SAID_BESIDE.sub("", text).strip()
        of = _OUT_OF.fullmatch(text)
        if of:
            if float(of[2]) == high:
                return judged(_number(of[1]))
            return beyond()
        if _LATIN_OR_LIKE_A_DIGIT.search(text):
            mended = digits_meant(text)
            meant = read(mended).value if mended != text else None
            return unreadable("mistyped-number", bare_number(meant) if isinstance(meant, float) else None)
        number, why, failure = plain_number(text)
        if number is None:
            return _no_number(text, failure)
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
