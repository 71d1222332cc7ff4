"""Dates as schools write them: typed, serial numbers, «29» сентября 2023 года, 01.09.23; birth, timestamps,
consents, school years.

Day first always; a two-digit year is 19xx from 70 on, else 20xx (domain.md §5).
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from sheets_sync.table import Value
from sheets_sync.table_schema.model import Field
from sheets_sync.table_schema.types.number_words import number_word, ordinal_word
from sheets_sync.table_schema.types.reading import (
    EMPTY,
    Read,
    ReadContext,
    Reading,
    cell_text,
    digits_meant,
    inferred,
    out_of_range,
    unreadable,
)
from sheets_sync.text import fold

_MONTHS = (
    "январь января январе январю янв jan january",
    "февраль февраля феврале февралю фев февр feb february",
    "март марта марте марту мар mar march",
    "апрель апреля апреле апрелю апр apr april",
    "май мая мае маю may",
    "июнь июня июне июню июн jun june",
    "июль июля июле июлю июл jul july",
    "август августа августе августу авг aug august",
    "сентябрь сентября сентябре сентябрю сен сент sep sept september",
    "октябрь октября октябре октябрю окт oct october",
    "ноябрь ноября ноябре ноябрю ноя нояб nov november",
    "декабрь декабря декабре декабрю дек dec december",
)
MONTH_OF = {form: number for number, forms in enumerate(_MONTHS, 1) for form in forms.split()}
_NO_MONTHS = frozenset(("марка", "марки", "марку"))
_ROMAN_MONTHS = dict(zip("i ii iii iv v vi vii viii ix x xi xii".split(), range(1, 13), strict=True))
MONTH_WORD = "|".join(sorted(MONTH_OF, key=len, reverse=True))

# Serial numbers taken for dates: 01.01.1930 … 31.12.2079, of events from 1990 on. Others are years, ages, counts.
_FIRST_SERIAL, _FIRST_SERIAL_OF_EVENTS, _LAST_SERIAL = 10959, 32874, 65745
_SERIAL_ZERO = date(1899, 12, 30)

_PLAIN_DATE = re.compile(r"(\d\d)\.(\d\d)\.(\d{4})")  # by far the most frequent form
# One kind of separator; spaces and commas only before a year in full: «1,8,15 сентября» is no date of 2015.
_NUMERIC = re.compile(
    r"(\d{1,2})(?:\s?([./-])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2}(?![.:/]\d))|(,\s?|\s)(\d{1,2})\5(\d{4}))(?!\d)"
)
_ISO = re.compile(r"(\d{4})([-./])(\d{1,2})\2(\d{1,2})(?!\d)")
_WORDED = re.compile(
    rf"(\d{{1,2}})(?:-?(?:го|ое|е))?[\s.,/-]*({MONTH_WORD})(?![а-яa-z])[\s.,/-]*(\d{{4}}|\d{{2}}(?!\d|[.:]\d))(?!\d)"
)
_ROMAN = re.compile(r"(\d{1,2})[./ -](x?i{1,3}|i?x|x|iv|vi{0,3}|xi{0,2})[./ -](\d{4}|\d{2})(?!\d)")
_WORD = re.compile("[а-яa-z]{3}")  # no month is shorter
_MONTH_FIRST = re.compile(rf"({MONTH_WORD})(?![а-яa-z])\.?\s+(\d{{1,2}})\s?,?\s+(\d{{4}})(?!\d)")
_YEAR_FIRST = re.compile(rf"(\d{{4}})\s*(?:г\.?|года?)?,?\s+(\d{{1,2}})\s+({MONTH_WORD})(?![а-яa-z])(?![\s.,]*\d{{4}})")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)|(\d\d)(\d\d)(\d{4})")
_COMPACT_SHORT = re.compile(r"(\d\d)(\d\d)(\d\d)")
_CLOCK = r"\d{1,2}(?:[:.]\d\d(?:[:.]\d\d(?:[.,]\d+)?)?|-\d\d(?!\d)|\s?ч\w*\.?\s?\d\d\s?м\w*\.?)(?:\s?(?:am|pm|ч))?"
# What may stand round a date and says nothing more: weekday, «от», «г.», «года», the hour.
_BEFORE = re.compile(
    r"^(?:(?:от|дата|на|с|c|в|(?:пн|вт|ср|чт|пт|сб|вс|понедельник|вторник|среда|среду|четверг|пятница|пятницу"
    r"|суббота|субботу|воскресенье))"
    r"[.,:]?\s+)+|^[^\w]+"
)
_AFTER = re.compile(
    rf"(?:[\s,.;)\]]|-?го(?![а-я])|[гr](?:\.|од[ау]?)?(?![а-яa-z])|\(?(?:пн|вт|ср|чт|пт|сб|вс|понедельник|вторник|среда|четверг"
    rf"|пятница|суббота|воскресенье)\)?"
    rf"|(?:[вс]\s|t)?{_CLOCK}(?:(?:\s?-\s?|\s(?:до|по)\s){_CLOCK})?|z|(?:gmt|utc|msk)?\s?[+-]?\d{{1,2}}:?(?:00|30)?$|гринвич)*$"
)
_REPEATED = re.compile(
    r"ежедн|еженед|ежемес|ежекварт|ежегод|постоян|регуляр|кажд\w+ (?:недел|день|месяц|понед|втор|сред|четв|пятн|субб)"
    r"|\bпо (?:понедельник|вторник|сред|четверг|пятниц|суббот|воскресен)\w*|\bраза? в |систематич|в течени[ие]"
)
# «1, 8 и 15 сентября 2023», «01.09., 08.09.2023»: further days beside the one date in full.
_ANOTHER_BEFORE = re.compile(
    r"(?:(?:с|от)\s+)?(?:\d{1,2}(?:\.\d{1,2}|\s+(?:" + MONTH_WORD + r"))?\.?\s*(?:,|;|/|-|\b(?:и|по|до)\b)\s*)+"
)
_ANOTHER_AFTER = re.compile(
    r"\s*(?:г(?:\.|ода)?)?\s*(?:,|;|/|-|\bи\b)\s*\d{1,2}(?:\.(?:0?[1-9]|1[0-2])\b|\s+(?:" + MONTH_WORD + r"))"
)
_OPEN_END = re.compile(r"н\.?\s?в\b|настоящ|сей день|бессрочн|не ограничен|действует")
_LEFT_OUT_YEAR = re.compile(r"учебн\w* год")
# One end of a period, or words that leave the day in doubt.
_BOUND = re.compile(r"(?:-|\b(?:по|до|к|после|не позднее|не позже|не ранее))$")
_DOUBT = re.compile(r"\?|около|примерно|ориентировочн|предположительн|предварительн|планиру|отмен|не состоя")
_MONTH_AND_YEAR = re.compile(rf"(?:\bв\s+)?({MONTH_WORD})(?![а-яa-z])[\s.,]*((?:19|20)\d\d)\s*(?:г\.?|года?|год)?\.?$")
# The same with the day left open («__.09.2023», «ХХ сентября», «09.2023») or the year in front.
_NO_DAY = re.compile(
    rf"(?:в\s+)?[\W_xх]*?(?:(?P<month>{MONTH_WORD})|(?P<number>0?[1-9]|1[0-2])(?=[./-]\s?\d{{4}}))(?![а-яa-z])"
    rf"[\s.,/-]*(?P<year>(?:19|20)\d\d)?\s*(?:г\.?|года?)?\.?"
    rf"|(?P<before>(?:19|20)\d\d)\s*(?:г\.?|года?)?[\s,]*(?P<after>{MONTH_WORD})\.?"
)
_BLANK_OF_FORM = re.compile(r"[\W_]*(?:(?:19|20)[\W_]*)?(?:г(?:ода?)?)?[\W_]*")
_TWO_YEARS = re.compile(r"(?:19|20)\d\d\s?[-/\\]\s?(?:(?:19|20)\d\d|\d\d)\s*г*\.*")
# What stands between the numbers of a mistyped date; «ю» is the full stop of the other keyboard layout.
_WRONG_SEPARATORS = re.compile(r"(?<=\d)\s*[./,\s:;*·•_ю\\|-]+\s*(?=\d)")
_WRONG_YEAR = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{3}|\d{5})(?:\s?г\.?)?")

FIRST_YEAR, LAST_YEAR = 1900, 2100
ONE_ROW_EACH = "отдельная строка на каждую дату"


def show(day: date) -> str:
    """«11.09.2023»."""
    return day.strftime("%d.%m.%Y") if day.year >= 1000 else f"{day.day:02}.{day.month:02}.{day.year:04}"


def full_year(year: str) -> int:
    """Year of two or four digits: 00–69 → 20xx."""
    number = int(year)
    return number if len(year) > 2 else number + (2000 if number < 70 else 1900)


def last_day(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def from_serial(number: float) -> date | None:
    """Day of an Excel serial number, None outside 1930–2079."""
    return _SERIAL_ZERO + timedelta(days=int(number)) if _FIRST_SERIAL <= number < _LAST_SERIAL + 1 else None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def nearest(year: int, month: int, day: int) -> date | None:
    """What was probably meant by a day that does not exist: the month's last day, or month and day the other way
    round.
    """
    if not 1900 <= year <= 2100:
        return None
    if 1 <= month <= 12 and monthrange(year, month)[1] < day <= 31:
        return last_day(year, month)
    if month > 12 and 1 <= day <= 12:
        return _day(year, day, month)
    return None


def year_meant(typed: str, years: range) -> int | None:
    """The one year among ``years`` a slip of one digit away from what was typed: «20233», «203», «2203» → 2023."""
    from rapidfuzz.distance import OSA

    near = [year for year in years if OSA.distance(typed, str(year), score_cutoff=1) <= 1]
    return near[0] if len(near) == 1 else None


def years_about(school_year: int | None) -> range:
    return range(0) if school_year is None else range(school_year - 2, school_year + 3)


def _found(text: str) -> Iterator[tuple[int, int, tuple[int, int, int]]]:
    """(start, end, (year, month, day)) of everything in a folded text that is written like a date, in order; days
    may not exist.
    """
    hits: list[tuple[int, int, tuple[int, int, int]]] = []
    for match in _ISO.finditer(text):
        hits.append((match.start(), match.end(), (int(match[1]), int(match[3]), int(match[4]))))
    for match in _NUMERIC.finditer(text):
        month, year = match[3] or match[6], match[4] or match[7]
        hits.append((match.start(), match.end(), (full_year(year), int(month), int(match[1]))))
    if _WORD.search(text):
        for match in _WORDED.finditer(text):
            hits.append((match.start(), match.end(), (full_year(match[3]), MONTH_OF[match[2]], int(match[1]))))
        for match in _MONTH_FIRST.finditer(text):
            hits.append((match.start(), match.end(), (int(match[3]), MONTH_OF[match[1]], int(match[2]))))
        for match in _YEAR_FIRST.finditer(text):
            hits.append((match.start(), match.end(), (int(match[1]), MONTH_OF[match[3]], int(match[2]))))
    for match in _ROMAN.finditer(text):
        hits.append((match.start(), match.end(), (full_year(match[3]), _ROMAN_MONTHS[match[2]], int(match[1]))))
    hits.sort()
    end = -1
    for hit in hits:
        if hit[0] >= end and (hit[0] == 0 or not text[hit[0] - 1].isalnum()):
            end = hit[1]
            yield hit


def find_dates(text: str) -> list[date]:
    """Every existing date written in a text, in order."""
    return [day for _, _, (year, month, number) in _found(fold(text)) if (day := _day(year, month, number)) is not None]


def text_date(text: str, school_year: int | None = None) -> Reading:
    """One date from a cell's text; whatever else it says is weighed: nothing is taken for a date silently."""
    folded = fold(text)
    found = list(_found(folded))
    if len(found) == 1:
        start, end, (year, month, number) = found[0]
        day = _day(year, month, number)
        if day is None:
            near = nearest(year, month, number)
            return unreadable("no-such-day", show(near) if near else None)
        if not FIRST_YEAR <= year <= LAST_YEAR:
            meant = 2000 + year if year < 100 else year_meant(str(year), years_about(school_year))
            near = _day(meant, month, number) if meant else None
            return unreadable("no-such-year", show(near) if near else None)
        before, after = _BEFORE.sub("", folded[:start]), folded[end:]
        if _ANOTHER_BEFORE.fullmatch(before) or _ANOTHER_AFTER.match(after):
            return unreadable("several-dates", ONE_ROW_EACH)
        if not before and _AFTER.match(after):
            return Reading(day)
        if _REPEATED.search(before + after):
            return unreadable("repeated", ONE_ROW_EACH)
        if _BOUND.search(before.rstrip()) or after.strip().startswith("-") or _DOUBT.search(before + after):
            return inferred(day, "open-range", show(day), severity="warning")
        return inferred(day, "date-in-text", show(day))
    if len(found) > 1:
        return unreadable("several-dates", ONE_ROW_EACH)
    return _no_date(folded, school_year)


def _no_date(folded: str, school_year: int | None = None) -> Reading:
    if _REPEATED.search(folded):
        return unreadable("repeated", ONE_ROW_EACH)
    if "_" in folded and _BLANK_OF_FORM.fullmatch(folded):
        return EMPTY
    compact = _COMPACT.fullmatch(folded)
    if compact:
        parts = compact.groups()
        day = (
            _day(int(parts[0]), int(parts[1]), int(parts[2]))
            if parts[0]
            else _day(int(parts[5]), int(parts[4]), int(parts[3]))
        )
        if day is not None and 1900 <= day.year <= 2100:
            return inferred(day, "no-separators", show(day))
        if parts[0] is not None:
            day = _day(int(folded[4:]), int(folded[2:4]), int(folded[:2]))
            if day is not None and 1900 <= day.year <= 2100:
                return inferred(day, "no-separators", show(day))
    short = _COMPACT_SHORT.fullmatch(folded)
    if short:
        day = _day(full_year(short[3]), int(short[2]), int(short[1]))
        return unreadable("mistyped", show(day)) if day else unreadable("number")
    no_day = _NO_DAY.fullmatch(folded)
    if no_day:
        word = no_day["month"] or no_day["after"]
        number = MONTH_OF[word] if word else int(no_day["number"])
        year = no_day["year"] or no_day["before"]
        if year is None and school_year is not None:
            year = str(school_year + (number < 9))
        return unreadable("no-day", f"дата с числом: ДД.{number:02}.{year or 'ГГГГ'}")
    if _TWO_YEARS.fullmatch(folded):
        return unreadable("not-a-date")
    wrong_year = _WRONG_YEAR.fullmatch(folded)
    if wrong_year:
        meant = year_meant(wrong_year[3], years_about(school_year))
        day = _day(meant, int(wrong_year[2]), int(wrong_year[1])) if meant else None
        return unreadable("no-such-year", show(day) if day else None)
    mended = _WRONG_SEPARATORS.sub(".", digits_meant(folded))
    mended = re.sub(r"^(\d\d)(\d\d)[./](\d{4})", r"\1.\2.\3", re.sub(r"^(\d\d[./]\d\d)(\d{4})", r"\1.\2", mended))
    if mended != folded:
        for _, _, (year, number, day_number) in _found(mended):
            day = _day(year, number, day_number)
            if day is not None and FIRST_YEAR <= year <= LAST_YEAR and re.fullmatch(r"[\d.]+(?:г\.?)?", mended):
                return unreadable("mistyped", show(day))
    worded = re.match(r"(\d{1,2})\s*([а-я]{3,9})\.?\s*(\d{4})", folded)
    if worded:
        likely = month_meant(worded[2])
        day = _day(int(worded[3]), likely, int(worded[1])) if likely else None
        if day is not None:
            return unreadable("mistyped", show(day))
    spelled = re.fullmatch(rf"([а-я]+(?: [а-я]+)?)\s+({MONTH_WORD})[\s.,]+(\d{{4}})\s*(?:г\.?|года?)?", folded)
    ordinal = ordinal_word(spelled[1]) if spelled else None
    if spelled and ordinal:
        day = _day(int(spelled[3]), MONTH_OF[spelled[2]], ordinal)
        return unreadable("word", show(day) if day else None)
    months = list(re.finditer(rf"(?<![а-я])(?:{MONTH_WORD})(?![а-я])", folded))
    if len(months) > 1 and re.search(r"[-,]|\bи\b|\bпо\b", folded[months[0].end() : months[-1].start()]):
        return unreadable("several-dates", ONE_ROW_EACH)
    return unreadable("not-a-date")


def month_meant(word: str) -> int | None:
    """The month a misspelt word was meant to be: «сентебря» → 9."""
    from rapidfuzz.distance import OSA

    if not 5 <= len(word) <= 9 or word in _NO_MONTHS:
        return None
    slips = 1 if len(word) < 7 else 2
    near = {
        month
        for form, month in MONTH_OF.items()
        if form[0] == word[0]
        and abs(len(form) - len(word)) < 2
        and OSA.distance(form, word, score_cutoff=slips) <= slips
    }
    return near.pop() if len(near) == 1 else None


def _without_year(text: str, school_year: int | None) -> Reading | None:
    """«01.09», «1 сентября»: the year is missing; the plan's school year suggests one."""
    match = re.fullmatch(rf"(\d{{1,2}})(?:\.|\s*)(?:(\d{{1,2}})|({MONTH_WORD}))\.?", fold(text))
    if not match:
        return None
    month = int(match[2]) if match[2] else MONTH_OF[match[3]]
    if not 1 <= month <= 12 or school_year is None:
        return unreadable("no-year")
    year, number = school_year + (month < 9), int(match[1])
    day = _day(year, month, number) or nearest(year, month, number)
    return unreadable("no-year", show(day) if day else None)


def number_date(number: float, school_year: int | None, *, of_birth: bool = False) -> Reading:
    """A date typed as a number: a serial, or eight digits."""
    if not abs(number) < 1e15:
        return unreadable("number")
    day = from_serial(number)
    if day is not None and (of_birth or number >= _FIRST_SERIAL_OF_EVENTS):
        return Reading(day)
    if number == int(number):
        digits = str(int(number))
        if len(digits) in (6, 7, 8) and number > 0:
            return _no_date(digits if len(digits) == 6 else digits.rjust(8, "0"))
        return unreadable("number")
    return _without_year(f"{number:.2f}", school_year) or unreadable("number")


@lru_cache(maxsize=16384)
def _range_of(text: str, school_year: int | None) -> tuple[date | None, date | None, str]:
    """(start, end, why): both ends of «02.10.23 - 31.05.24», «с 1 октября», «сентябрь – май»; why is "" when
    spelled out in full.
    """
    folded = fold(text)
    found = [(hit, _day(*hit[2])) for hit in _found(folded)]
    if any(day is None for _, day in found):
        return None, None, "no-such-day"
    days = [day for _, day in found if day is not None]
    if len(days) == 2:
        return days[0], days[1], ""
    if not days and _OPEN_END.search(folded):
        return None, None, ""
    if school_year is not None and _LEFT_OUT_YEAR.search(folded) and not re.search(r"\d", folded):
        return date(school_year, 9, 1), date(school_year + 1, 5, 31), "words"
    from sheets_sync.table_schema.types.deadline import deadline_of

    due = deadline_of(text, school_year)
    start, end = due["start"], due["end"]
    start_day = start if isinstance(start, date) else None
    end_day = end if isinstance(end, date) else None
    if (
        due["recurring"]
        or due["kind"] not in ("range", "date", "month", "half_year", "ongoing")
        or (not start_day and not end_day)
    ):
        return None, None, "not-a-range"
    if len(days) == 1 and start_day == end_day:
        return (None, days[0], "") if folded.startswith("-") else (days[0], None, "")
    whole_year = re.search(r"уч", folded) or re.fullmatch(r"\s*20\d\d\s*[-/]\s*(?:20)?\d\d\D*", folded)
    if whole_year and end_day and (end_day.month, end_day.day) == (8, 31):
        end_day = date(end_day.year, 5, 31)  # lessons end in May: the default end of a pair (domain.md §3.6, R4)
    return start_day, end_day, "" if len(days) == 1 else "words"


def _end_of_range(value: str, context: ReadContext) -> Reading:
    start, end, why = _range_of(value, context.school_year)
    if why in ("no-such-day", "not-a-range"):
        if why == "no-such-day":
            typed = [hit[2] for hit in _found(fold(value))]
            wanted = typed[context.part == "end"] if len(typed) == 2 else None
            if wanted and (day := _day(*wanted)):
                return Reading(day)  # only the other end does not exist
            for year, month, number in [wanted] if wanted else typed:
                if _day(year, month, number) is None:
                    near = nearest(year, month, number)
                    return unreadable(why, show(near) if near else None)
        return unreadable(why)
    day = start if context.part == "start" else end
    if day is None:
        return EMPTY
    spelled_out = not why and re.search(rf"(?<!\d)0?{day.day}(?!\d)", value)
    return Reading(day) if spelled_out else inferred(day, "period-in-words", show(day))


def _date_of_order(text: str) -> Reading:
    """The date of «Приказ № 69 от 01.09.2022 г.»; of several orders the first, said so; none when only a number
    stands there.
    """
    folded = fold(text)
    hits = list(_found(folded))
    # «№ 12-05-23 от …»: what follows «от» is the date, what follows «№» is not.
    found = [hit[2] for hit in hits if folded[: hit[0]].rstrip().endswith("от")]
    if not found:
        found = [hit[2] for hit in hits if not folded[: hit[0]].rstrip().endswith("№")]
    if not found:
        only_number = re.search(r"\d|№|приказ|б/н", folded) and not _REPEATED.search(folded)
        return EMPTY if only_number else unreadable("not-a-date")
    day = _day(*found[0])
    if day is None:
        near = nearest(*found[0])
        return unreadable("no-such-day", show(near) if near else None)
    if len(found) > 1 and found[1] != found[0]:
        return inferred(day, "first-of-several", show(day))
    return Reading(day)


def read_date(field: Field, context: ReadContext) -> Read:
    """Reader of a calendar day; one outside 1950–2099 is kept, with a warning."""
    return _day_reader(context)


def _day_reader(context: ReadContext, *, of_birth: bool = False) -> Read:
    part, school_year = context.part, context.school_year

    def read(value: Value) -> Reading:
        if isinstance(value, datetime):
            return _typed(value.date())
        if isinstance(value, date):
            return _typed(value)
        if isinstance(value, float | int):
            reading = number_date(value, school_year, of_birth=of_birth)
            return _typed(reading.value) if isinstance(reading.value, date) and reading.trouble is None else reading
        if isinstance(value, time | timedelta):
            return unreadable("time")
        plain = _PLAIN_DATE.fullmatch(value)
        if plain and plain[3] >= "1900" and (day := _day(int(plain[3]), int(plain[2]), int(plain[1]))):
            return _typed(day)
        if part in ("start", "end"):
            return _end_of_range(value, context)
        if part in ("date", "number"):
            return _date_of_order(value)
        typed_number = value.strip()
        if typed_number.isdecimal():
            if len(typed_number) == 6 and typed_number[0] == "0":
                return _no_date(typed_number)
            return number_date(float(typed_number), school_year, of_birth=of_birth)
        reading = text_date(value, school_year)
        if isinstance(reading.value, date) and reading.trouble is None:
            return _typed(reading.value)
        if reading.value is None and reading.trouble is not None and reading.trouble.suggestion is None:
            return _without_year(value, school_year) or reading
        return reading

    def _typed(day: date) -> Reading:
        if part == "end":
            return EMPTY  # a period given as one day is its beginning
        if not of_birth and not 1950 <= day.year < 2100:
            meant = year_meant(str(day.year), years_about(school_year))
            near = _day(meant, day.month, day.day) if meant else None
            return out_of_range(day, "warning", "01.01.1950", "31.12.2099", show(near) if near else None)
        return Reading(day)

    return read


_OF_BIRTH = r"(?:г\.?\s*[/.]?\s*р(?:\.|ожд\w*\.?)?|год\w*(?:\s*рожд\w*\.?)?|р\.?)"
_BEFORE_BIRTH = re.compile(rf"(?:{_OF_BIRTH}|род(?:ил[а-я]+|\.)?|дата рожд\w*\.?|д\.?\s?р\.?)\s*:?\s*(?=\d)")
_AFTER_BIRTH = re.compile(r"(?<=\d)\s*г?\.?\s*[/.]?\s*р(?:\.|ожд\w*\.?)?$|(?<=\d)\s*год\w* рожд\w*\.?$")
_BIRTH_YEAR = re.compile(rf"((?:19|20)\d\d)(?:-?[йм])?\s*(?:{_OF_BIRTH}|г)?\.?")
_SHORT_BIRTH_YEAR = re.compile(r"(\d\d)\s*г\.?\s*[/.]?\s*р(?:\.|ожд\w*\.?)?")
_MONTH_OF_BIRTH = re.compile(r"\d{1,2}[./]((?:19|20)\d\d)")
_YEARS_OLD = r"(?:(?:полных|исполнилось|возраст:?|около|~|≈)\s*)*(\d{1,2})(?:[.,]\d)?\s*(?:полных\s*)?"
_AGE = re.compile(
    rf"{_YEARS_OLD}(?:лет|год\w*|л\.?|г\.?)(?:\s*(?:и\s*)?\d{{1,2}}\s*мес\w*\.?)?|возраст:?\s*(\d{{1,2}})"
)
_AGE_BESIDE = re.compile(
    rf"[\s,;]*(?:\({_YEARS_OLD}(?:лет|год[а-я]*|л\.?)?\)|[,;]\s+{_YEARS_OLD}(?:лет|год[а-я]*|л\.?))$"
)
_TRANSPOSED = re.compile(r"(\d)(\d)$")
_SLIP = re.compile(r"\d{3,5}")


def read_birth(field: Field, context: ReadContext) -> Read:
    """Reader of a birth date, or of the year alone; an age is turned into a year, and said so."""
    as_of = context.as_of
    day_reader = _day_reader(ReadContext(as_of), of_birth=True)

    def from_age(age: int) -> Reading:
        year = as_of.year - age
        return inferred(year, "age", str(year), severity="warning")

    def plausible(value: date | int) -> Reading:
        year = value if isinstance(value, int) else value.year
        future = value > as_of if isinstance(value, date) else year > as_of.year
        if not future and year >= as_of.year - 110:
            return Reading(value)
        # Digits of the year the other way round («2041» for «2014», «1897» for «1987») are the usual slip.
        slips = (_TRANSPOSED.sub(r"\2\1", str(year)), re.sub(r"^(\d)(\d)(\d)", r"\1\3\2", str(year)))
        likely = [int(slip) for slip in slips if slip != str(year) and 2 <= as_of.year - int(slip) <= 100]
        turned = likely[0] if likely else year_meant(str(year), range(as_of.year - 90, as_of.year - 3))
        suggestion = None
        if turned is not None:
            day = _day(turned, value.month, value.day) if isinstance(value, date) else None
            suggestion = show(day) if day else str(turned) if isinstance(value, int) else None
        elif isinstance(value, date) and future:
            # «12.05.68» is 2068 to the rule for two digits.
            day = _day(year - 100, value.month, value.day)
            suggestion = show(day) if day and year - 100 >= as_of.year - 100 else None
        why = "future-birth" if future else "bounds"
        return out_of_range(value, "warning", "", show(as_of), suggestion, why=why)

    def with_age(text: str, age: int) -> Reading:
        """A birth with the age beside it: the age says nothing more, unless the two disagree."""
        reading = read(text)
        born = reading.value.year if isinstance(reading.value, date) else reading.value
        if reading.trouble or not isinstance(born, int) or 0 <= as_of.year - born - age <= 1:
            return reading
        shown = show(reading.value) if isinstance(reading.value, date) else str(born)
        return inferred(reading.value, "age-disagrees", shown, severity="warning")

    def read(value: Value) -> Reading:
        if isinstance(value, float | int):
            number = float(value)
            if number == int(number) and 1700 <= number <= 2100:
                return plausible(int(number))
            if number == int(number) and 0 < number < 100:
                return (
                    from_age(int(number))
                    if context.heading_says_age
                    else unreadable("age", str(as_of.year - int(number)))
                )
        elif isinstance(value, str):
            folded = fold(value)
            beside = _AGE_BESIDE.search(folded)
            if beside:
                return with_age(folded[: beside.start()], int(beside[1] or beside[2]))
            folded = _BEFORE_BIRTH.sub("", folded)
            year = _BIRTH_YEAR.fullmatch(folded)
            if year:
                return plausible(int(year[1]))
            if folded.isdecimal() and len(folded) <= 2:
                return (
                    from_age(int(folded))
                    if context.heading_says_age
                    else unreadable("age", str(as_of.year - int(folded)))
                )
            age = _AGE.fullmatch(folded)
            if age:
                return from_age(int(age[1] or age[2]))
            spelled = re.fullmatch(r"([а-я]+(?: [а-я]+)?) (?:лет|года?)", folded)
            if spelled and (told := number_word(spelled[1])):
                return from_age(told)
            short = _SHORT_BIRTH_YEAR.fullmatch(folded)
            if short:
                born = full_year(short[1])
                born -= 100 * (born > as_of.year)
                return inferred(born, "short-year", str(born), severity="warning")
            month = _MONTH_AND_YEAR.match(folded)
            if month:
                return inferred(int(month[2]), "no-day", month[2])
            month = _MONTH_OF_BIRTH.fullmatch(folded)
            if month:
                return inferred(int(month[1]), "no-day", month[1])
            if _TWO_YEARS.fullmatch(folded):
                return unreadable("several-numbers")
            digits = digits_meant(folded).replace(" ", "")
            if digits != folded and _BIRTH_YEAR.fullmatch(digits):
                return unreadable("mistyped", _BIRTH_YEAR.fullmatch(digits)[1])  # type: ignore[index]
            if re.fullmatch(r"1[789]\d\d", folded):
                return plausible(int(folded))  # a year nobody living was born in
            if _SLIP.fullmatch(folded) and (len(folded) < 5 or folded[:2] in ("19", "20")):
                # a year with a digit wrong, missing or too many, not a serial number
                meant = year_meant(folded, range(as_of.year - 90, as_of.year - 3))
                return unreadable("number", str(meant) if meant else None)
            wrong = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(1[0-8]\d\d|2[1-9]\d\d)", folded)
            if wrong and "17" <= wrong[3][:2] < "19" and (day := _day(int(wrong[3]), int(wrong[2]), int(wrong[1]))):
                return plausible(day)
            meant = year_meant(wrong[3], range(as_of.year - 90, as_of.year - 3)) if wrong else None
            if wrong and meant and (day := _day(meant, int(wrong[2]), int(wrong[1]))):
                return unreadable("no-such-year", show(day))
            value = _AFTER_BIRTH.sub("", folded)
        reading = day_reader(value)
        if isinstance(reading.value, date):
            checked = plausible(reading.value)
            return checked if checked.trouble else reading
        return reading

    return read


_CLOCK_PARTS = re.compile(
    r"(\d{1,2}):(\d\d)(?::(\d\d))?(?:[.,]\d+)?\s*([ap]\.?m)?"
    r"|\bв?\s?(\d{1,2})(?:[.-](\d\d)(?:\s*ч)?$|\s?ч\w*\.?\s?(\d\d)\s?м)",
    re.IGNORECASE,
)


def read_datetime(field: Field, context: ReadContext) -> Read:
    """Reader of a timestamp; the zone is left out, a day alone is its midnight."""

    def read(value: Value) -> Reading:
        if isinstance(value, datetime):
            return Reading(value.replace(tzinfo=None))
        if isinstance(value, date):
            return Reading(datetime(value.year, value.month, value.day))
        if isinstance(value, float | int):
            day = from_serial(value)
            if day is None:
                return unreadable("number")
            seconds = round((value - int(value)) * 86400)
            return Reading(datetime(day.year, day.month, day.day) + timedelta(seconds=seconds))
        if isinstance(value, time | timedelta):
            return unreadable("time")
        folded = fold(value)
        found = list(_found(folded))
        if len(found) != 1:
            return text_date(value) if not found else unreadable("several-dates")
        begin, end, (year, month, number) = found[0]
        day = _day(year, month, number)
        clock = _CLOCK_PARTS.search(folded, end) or _CLOCK_PARTS.search(folded[:begin].rstrip(" ,"))
        if day is None:
            near = nearest(year, month, number)
            hour_too = f" {clock[1]}:{clock[2]}" if clock and clock[1] else ""
            return unreadable("no-such-day", show(near) + hour_too if near else None)
        hour = minute = second = 0
        if clock:
            hour, minute = int(clock[1] or clock[5]), int(clock[2] or clock[6] or clock[7])
            second = int(clock[3] or 0)
            if clock[4] and clock[4][0] == "p" and hour < 12:
                hour += 12
            elif clock[4] and clock[4][0] == "a" and hour == 12:
                hour = 0
        if hour > 23 or minute > 59 or second > 59:
            return unreadable("no-such-time", show(day))
        return Reading(datetime(day.year, day.month, day.day, hour, minute, second))

    return read


_AGREED = re.compile(
    r"(?:да|есть|имеется|имеются|получено|получены|подписано|подписан|сдано|дано|в наличии|в личном деле"
    r"|согласен|согласна|согласие|оформлено"
    r"|предоставлено|представлено|подписал[аи]?|взято|собрано|в папке|заполнено|приложено|прилагается|хранится"
    r"|истина|true|yes|верно|действует|\+)(?![а-я])|(?:v|✓|✔|√|☑|✅|1|х|x)$"
)
_REFUSED = re.compile(
    r"(?:нет|ложь|false|no)(?![а-яa-z])|0$"
    r"|(?:.*\b)?(?:отказ(?!ов? нет)\w*|не ?соглас\w+|против"
    r"|не да(?:ют|ет|л|ла|ли)(?: (?:свое|письменное))?(?: согласи[ея])?)"
    r"(?![а-яa-z])"
)
# Both answers at once are none.
YES_OR_NO = re.compile(
    r"(?:да|есть|\+)\s*(?:[/\\|,-]|или)\s*(?:нет|-)(?![а-я])|нет\s*(?:[/\\|]|или)\s*(?:да|есть)(?![а-я])"
)
_VALID_UNTIL = re.compile(r"\s*(?:\b(?:(?:действительно|действует|срок)\s+)?(?:до|по)\s+|(?<=[\dг.])\s*-\s*)(?=\d|«)")
_ABSENT = re.compile(r"(?:отсутствует|нет данных|н/д|не требуется)\.?")
_NOT_GIVEN = re.compile(r"\bне (?:дано|дан|получ|подпис|сдан|предоставл|представл|оформл|принес|вернул)")
_REVOKED = re.compile(r"отозва|отзыв")
_PENDING = re.compile(
    r"на подпис|ожида|в процессе|готов|будет|запрошен|передан|в работе|на оформлен|\bпока\b|\bскоро\b|позже|позднее"
    r"|принесет|отправлен|уточня|частично|\bустн|на руках"
)


def read_consent(field: Field, context: ReadContext) -> Read:
    """Reader of a consent: its date, or True, or False for an explicit refusal («нет» is an answer, domain.md §5)."""
    day_reader = _day_reader(ReadContext(context.as_of, context.school_year))

    def neither(folded: str) -> Reading:
        return unreadable(
            "neither-date-nor-yes", answer_meant(folded) or "дата согласия, «да» или «нет»", severity="warning"
        )

    def read(value: Value) -> Reading:
        if isinstance(value, float | int) and value in (0, 1):
            return Reading(value == 1)
        if not isinstance(value, str):
            return day_reader(value)
        folded = fold(value).strip(" .,;")
        if _REVOKED.search(folded):
            return inferred(False, "revoked", "нет", severity="warning")
        if _PENDING.search(folded):
            return unreadable("pending", severity="warning")
        if YES_OR_NO.match(folded):
            return neither(folded)
        if _NOT_GIVEN.search(folded) or _ABSENT.fullmatch(folded) or not folded.strip("-_"):
            return EMPTY
        if _REFUSED.match(folded):
            return Reading(False)
        given = folded[: until.start()] if (until := _VALID_UNTIL.search(folded)) and find_dates(folded) else folded
        days = find_dates(given)
        if given != folded and not (days and not _AGREED.match(folded)):
            # how long it holds is no date of signing
            return Reading(days[0] if days else True) if _AGREED.match(folded) else inferred(True, "valid-until", "да")
        if given != folded and len(days) == 1:
            return inferred(days[0], "date-in-text", show(days[0]))
        if len(days) == 1 and (_AGREED.match(folded) or folded.startswith(("от ", "согласие"))):
            return Reading(days[0])
        if _AGREED.match(folded):
            return Reading(True)
        reading = day_reader(value)
        if reading.value is None and reading.trouble and reading.trouble.params == (("why", "not-a-date"),):
            return neither(folded)
        return reading

    return read


_OTHER_LAYOUT = str.maketrans("lfytn", "данет")


def answer_meant(folded: str) -> str | None:
    """«да» or «нет» of a slip: the other keyboard layout («lf»), one wrong letter («неи»)."""
    from rapidfuzz.distance import OSA

    if not 2 <= len(folded) <= 4:
        return None
    typed = folded.translate(_OTHER_LAYOUT)
    near = [word for word in ("да", "нет") if OSA.distance(typed, word, score_cutoff=1) <= 1]
    return near[0] if len(near) == 1 else None


_SCHOOL_YEAR = re.compile(
    r"(?<![^\W_])(?:(20\d\d)\s*(?:г\.?|года?)?\s*(?:[-/\\]|\bпо\b|\s)\s*(20\d\d|\d\d)|(\d\d)\s?[-/\\]\s?(\d\d))(?![^\W_а-я])"
)


def read_school_year(field: Field, context: ReadContext) -> Read:
    """Reader of a school year, typed «2023-2024»."""

    def read(value: Value) -> Reading:
        text = fold(cell_text(value))
        match = _SCHOOL_YEAR.search(text)
        if match is None and (mended := _SCHOOL_YEAR.search(digits_meant(text))):
            first = full_year(mended[1] or mended[3])
            return unreadable("one-year", f"{first}-{first + 1}")
        if match:
            first, second = full_year(match[1] or match[3]), full_year(match[2] or match[4])
            if second == first + 1 and not re.search(r"20\d\d", text[match.end() :]):
                return Reading(f"{first}-{second}")
            return unreadable("not-one-year", f"{first - 1}-{first}" if second == first - 1 else f"{first}-{first + 1}")
        year = re.fullmatch(r"(20\d\d)\s*(?:г\.?|год)?", text)
        return unreadable("one-year", f"{year[1]}-{int(year[1]) + 1}" if year else None)

    return read


_SCHOOL_YEAR_TOLD = re.compile(r"(?<!\d)20(\d\d)\s*[-–—/]\s*(?:20)?(\d\d)(?!\d)")


def school_year_told(texts: Iterable[str]) -> int | None:
    """The school year named by the first of the texts that names one: «2023-2024 учебный год», «2023-24», «2023/24».

    A span of more than one year («2020-2024») is a plan's term and names no school year.
    """
    for text in texts:
        for first, second in _SCHOOL_YEAR_TOLD.findall(text):
            if int(second) == (int(first) + 1) % 100:
                return 2000 + int(first)
    return None
