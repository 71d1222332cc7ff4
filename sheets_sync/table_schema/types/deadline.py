"""Deadlines of plans and roadmaps: «ежегодно 20 декабря, 20 июня», «Октябрь 2021 – май 2022», «В течении года».

A small grammar, not a list: the text is cut into days, months, years, spans and connectors, and points are put together
from them. A month without a year takes it from the plan's school year: September–December the first, January–August the
second (domain.md §5).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple, TypedDict

from sheets_sync.table import Value
from sheets_sync.table_schema.model import Field
from sheets_sync.table_schema.types.dates import (
    MONTH_OF,
    MONTH_WORD,
    from_serial,
    full_year,
    last_day,
    month_meant,
    nearest,
    show,
    year_meant,
    years_about,
)
from sheets_sync.table_schema.types.reading import (
    Read,
    ReadContext,
    Reading,
    Trouble,
    cell_text,
    digits_meant,
    unreadable,
)
from sheets_sync.text import fold, squeeze


class Deadline(TypedDict):
    """tables.md: kind is date | month | range | half_year | yearly | ongoing | conditional | plan | none.

    ``start`` and ``end`` are the first and last day («до 15 сентября»: start None); ``months`` («2021-11», or «11»)
    and ``days`` («12-20») are the separate points; ``text`` is what was typed.
    """

    kind: str
    start: date | None
    end: date | None
    months: list[str]
    days: list[str]
    recurring: bool
    text: str


def _deadline(
    kind: str,
    text: str,
    start: date | None = None,
    end: date | None = None,
    months: list[str] | None = None,
    days: list[str] | None = None,
    recurring: bool = False,
) -> Deadline:
    return Deadline(
        kind=kind, start=start, end=end, months=months or [], days=days or [], recurring=recurring, text=squeeze(text)
    )


class _Token(NamedTuple):
    # date | day_month | month_year | month | number | year | years | link | from | until | part | span | edge | gap
    kind: str
    value: tuple[int, ...] = ()


_ORDINALS = {"перв": 1, "втор": 2, "трет": 3, "четверт": 4, "последн": 9}
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_ORDINAL = r"(?P<{0}>\d|i{{1,3}}|iv|перв|втор|трет|четверт|последн)(?:-?(?:[а-я]{{1,3}}))?"
_WITHIN = re.compile(
    _ORDINAL.format("nth") + r"\s*(?P<unit>недел|декад|половин)[а-я]*"
    r"|(?P<edge>начал|середин|кон[ец]ц?)[а-я]*(?=\s+(?:месяца\s+)?(?:" + MONTH_WORD + r")(?![а-яa-z]))"
)
_SPAN = re.compile(
    _ORDINAL.format("nth")
    + r"\s*(?P<unit>полугод|п/г|квартал|кв(?![а-я])|четверт[ьи]|учебной четверт|триместр|семестр)[а-я.]*"
)
_SEASON = re.compile(
    r"(?<![а-я])(?:осен[а-я]*|зим[а-я]*|весн[а-я]*|весенн[а-я]*|лет(?:о|ом|ний|него|нее)"
    r"|летн[а-я]*)(?![а-я])(?!\s*каникул)"
)
_TOKENS = re.compile(
    r"(?P<iso>(?P<iy>\d{4})(?P<is>[-./])(?P<im>\d\d)(?P=is)(?P<id>\d\d)(?!\d))"
    r"|(?P<date>(?<![\d.])(?P<dd>\d{1,2})\s?(?P<ds>[./,-])\s?(?P<dm>\d{1,2})\s?(?P=ds)\s?(?P<dy>\d{4}|\d\d)(?!\d))"
    r"|(?P<month_year>(?<![\d.,/])(?P<nm>0?[1-9]|1[0-2])[./](?P<ny>20\d\d|1[3-9]|[2-6]\d)(?![\d/]|\.\d))"
    r"|(?P<years>(?<!\d)(?P<y1>20\d\d)\s*(?:г(?:од|\.)?)?\s*[-/\\]\s*(?P<y2>20\d\d|\d\d)(?![\d.]))"
    r"|(?P<year>(?<!\d)(?P<yy>(?:19|20)\d\d)(?!\d)|(?<![\d.])(?P<y>\d\d)\s?г(?:од[ау]?|\.)?(?![а-я]))"
    r"|(?P<day_month>(?<![\d.])(?P<md>\d{1,2})\.(?P<mm>\d\d)(?![\d.]?\d))"
    r"|(?P<within>" + _WITHIN.pattern + r")"
    r"|(?P<span>" + _SPAN.pattern.replace("(?P<nth>", "(?P<snth>").replace("(?P<unit>", "(?P<sunit>") + r")"
    rf"|(?P<month>(?<![а-яa-z])(?:{MONTH_WORD})(?![а-яa-z]))"
    r"|(?P<season>" + _SEASON.pattern + r")"
    r"|(?P<number>(?<![\d.№])(?<!№ )\d{1,2}(?:-?(?:го|е|ое)|\s+числа)?(?![\d.]?\d))"
    r"|(?P<until>(?<![а-я])(?:не позднее|не позже|(?:до|к)(?=\s*(?:\d|кон|сер|нач|" + MONTH_WORD + r")))(?![а-я]))"
    r"|(?P<through>(?<![а-я])по(?=\s*(?:\d|кон|" + MONTH_WORD + r")))"
    r"|(?P<since>(?<![а-я])(?:начиная с|(?:с|со|от)(?=\s*(?:\d|нач|" + MONTH_WORD + r"))))"
    r"|(?P<dash>-)"
    r"|(?P<comma>[,;/]|(?<![а-я])и(?![а-я]))"
)
_SEASONS = {"осен": (9, 11), "зим": (12, 2), "весн": (3, 5), "весе": (3, 5), "лет": (6, 8)}

# «в теч. уч. года», «в течние», «втечение»: what follows is what matters.
_ABBREVIATED = (
    (re.compile(r"(?<![а-я])в\s?теч(?:\.|е?н[а-я]+)"), "в течение "),
    (re.compile(r"(?<![а-я])уч\.\s*(?=год)"), "учебного "),
)
_COUNT = r"(?:(?<!\d)(?:\d{1,3}|од[ин][а-я]*|дв[ае]|три|нескольк[а-я]+)(?:\s?-\s?\d{1,3})?\s*)"
_WEEKDAY = r"(?:понедельник|вторник|сред|четверг|пятниц|суббот|воскресен)"
# How often: not one of its numbers is a day of a month.
_FREQUENCY = re.compile(
    rf"(?:не (?:реже|менее|чаще)\s+)?{_COUNT}?(?:раза?|р\.?)\s*(?:в|/|на)\s*(?:\d{1, 2}\s?|две\s|три\s|кажд\w+\s)?"
    r"(?P<per>(?:учебный\s+)?год|мес|нед|четверт|квартал|полугод|триместр|семестр|ден|сут|дв[ае]|рабоч)[а-я]*\.?"
    r"|(?P<every>еже(?:годн|дневн|недельн|декадн|месячн|квартальн))[а-я]*(?:,?\s+(?:до|к)\s+\d{1,2}(?:-?го)?\s+числа)?"
    rf"|(?:до\s+)?(?:\d{{1,2}}(?:-?(?:е|го))?\s+числ[оа]\s+)?кажд[а-я]+\s+"
    rf"(?P<each>(?:учебн[а-я]+\s+)?год|месяц|недел|четверт|квартал|полугод|ден|дн|{_WEEKDAY}|перв|втор|трет|последн)[а-я]*"
    rf"|(?:(?:\d|перв|втор|трет|четверт|последн)[-а-я]*\s+)?{_WEEKDAY}[а-я]*\s+(?:каждого\s+)?месяца"
    rf"|(?<![а-я])по\s+{_WEEKDAY}(?:ам|ям)"
)
_ONGOING = re.compile(
    r"постоянн|систематич|регулярн|непрерывн|круглый год|круглогодичн|в рабочем порядке"
    r"|(?:в|на|за) ?(?:течени[ие]|протяжени[ие]|период[ае]?) (?:всего |всей |реализации|учебн|календарн|текущ"
    r"|\d+(?!\d|\s*(?:-\s*(?:х|ти)\s*)?(?:раб|календ|дн|ден|час|сут|недел))|год|программ|период|срок|действия|работы|i|полугод)"
    r"|вес(?:ь|го) (?:период|год|срок|учебный)|по плану работы пары и далее|на период действия"
)
_CONDITIONAL = re.compile(
    r"по мере|по завершени|по окончани|по итогам|по результатам|по необходимости|при необходимости|по запрос"
    r"|по факту|по требовани|при наличии"
    r"|при поступлени|после |в случае|по согласовани|со дня|с момента|за \d+ (?:дн|недел|месяц)|перед "
    r"|начал[оеу] (?:нового )?(?:учебного )?года"
    r"|до начала|к началу|каникул|по готовности|при приеме|при возникновении|одновременно с|во время|накануне"
    r"|в течение \d+|за (?:недел|месяц|день|дн)"
)
# What remains when it is no date, no plan and nothing lasting: «по договорённости», «в день проведения», «на этапе …».
_ON_OCCASION = re.compile(r"(?:по|после|при|перед|в день|в ходе|на этапе|по истечении)\s+[а-я]{3}")
_PLAN = re.compile(
    r"(?:по|согласно|в соответствии с?о?|в рамках|на основании)\s+(?:[а-я.]+\s+){0,4}?(?:план|график"
    r"|расписани|программ|циклограмм|положени|приказ|дорожн)"
    r"|план(?:ом|у|а) работы|по план|по график|согласно план|согласно график|в сроки"
)
_END_OF_SCHOOL_YEAR = re.compile(
    r"(до|к|в)?\s*(?:кон(?:ец|ц[ауе])|окончани[яюе])\s+(?:\d{4}\s*-\s*\d{2,4}\s+)?(?:уч\.?|учебного)\s*г"
)
_END_OF_YEAR = re.compile(r"(?:до|к|в)?\s*конц[ауе]\s+(?:календарного\s+)?(?:(20\d\d)\s*г|года)")
_SCHOOL_YEAR_WORD = re.compile(r"уч(?:\.|ебн\w*)?\s*\.?\s*г|учебн\w+ год|уч\. ?год")
_NOTHING = re.compile(r"[\s\-_.…]*|нет|н/д|не определен[оы]?|не установлен\w*|без срока")
_LINE_NUMBERS = re.compile(r"(?m)^\s*\d{1,2}[.)]\s+(?=\D)")


@dataclass(frozen=True)
class _Point:
    """A day, a month or a stretch of a month; ``linked``: it ends the range its predecessor began."""

    month: int
    day: int | None = None
    year: int | None = None
    linked: bool = False
    first: int | None = None  # stretch within the month
    last: int | None = None
    until: bool = False

    def start(self) -> date | None:
        if self.year is None:
            return None
        return _safe(self.year, self.month, self.day or self.first or 1)

    def end(self) -> date | None:
        if self.year is None:
            return None
        if self.day or self.last:
            return _safe(self.year, self.month, self.day or self.last or 1)
        return last_day(self.year, self.month)


def _safe(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return last_day(year, month) if 1 <= month <= 12 and 1 <= year <= 9999 else None


def _ordinal(text: str) -> int:
    return _ROMAN.get(text) or _ORDINALS.get(text) or int(text)


# Letters that may stand between the parts of one date or period.
_WITHIN_A_DATE = re.compile(
    r"г(?:г|од[ау]?|ода)?|числ[оа]|включительно|уч|учебн[а-я]+|месяц[а-я]*|у|(?:текущ|следующ|тек|след)[а-я]*|эт(?:ого|ом)"
)


def _tokens(text: str) -> Iterator[_Token]:
    end = 0
    for match in _TOKENS.finditer(text):
        kind = match.lastgroup or ""
        if not all(map(_WITHIN_A_DATE.fullmatch, re.findall("[а-яa-z]+", text[end : match.start()]))):
            yield _Token("gap")
        end = match.end()
        if match["iso"]:
            yield _Token("date", (int(match["iy"]), int(match["im"]), int(match["id"])))
        elif match["date"]:
            yield _Token("date", (full_year(match["dy"]), int(match["dm"]), int(match["dd"])))
        elif match["month_year"]:
            yield _Token("month_year", (full_year(match["ny"]), int(match["nm"])))
        elif match["years"]:
            first, second = int(match["y1"]), int(match["y2"])
            yield _Token("years", (first, second if second > 100 else first // 100 * 100 + second))
        elif match["year"]:
            yield _Token("year", (int(match["yy"]) if match["yy"] else full_year(match["y"]),))
        elif match["day_month"]:
            if 1 <= int(match["mm"]) <= 12 and 1 <= int(match["md"]) <= 31:
                yield _Token("day_month", (int(match["mm"]), int(match["md"])))
        elif match["within"]:
            if match["edge"]:
                yield _Token("edge", ({"нач": 1, "сер": 2, "кон": 3}[match["edge"][:3]],))
            else:
                yield _Token("part", (_ordinal(match["nth"]), "ндп".index(match["unit"][0])))
        elif match["span"]:
            unit = match["sunit"]
            size = 2 if unit[0] == "п" or unit[0] == "с" else 3 if unit[0] == "т" else 4 if unit.startswith("кв") else 5
            yield _Token("span", (_ordinal(match["snth"]), size))
        elif match["month"]:
            yield _Token("month", (MONTH_OF[match["month"]],))
        elif match["season"]:
            word = match["season"]
            yield _Token("season", _SEASONS[word[:3] if word[:3] in _SEASONS else word[:4]])
        elif match["number"]:
            yield _Token("number", (int(re.match(r"\d+", match["number"])[0]),))  # type: ignore[index]
        elif match["dash"] or match["through"]:
            yield _Token("link", (1 if match["through"] else 0,))
        else:
            yield _Token(
                "until" if match["until"] else "from" if match["since"] else "comma" if match["comma"] else kind
            )


def _stretch(nth: int, unit: int, year: int | None, month: int) -> tuple[int, int]:
    """First and last day of the n-th week, ten days or half of a month; 9 is the last one."""
    length = last_day(year or 2023, month).day
    if unit == 0:
        return (length - 6, length) if nth == 9 or nth > 4 else (7 * nth - 6, 7 * nth)
    if unit == 1:
        return (21, length) if nth >= 3 else (10 * nth - 9, 10 * nth)
    return (1, 15) if nth == 1 else (16, length)


class _Parsed(NamedTuple):
    points: list[_Point]
    years: tuple[int, ...]
    spans: list[tuple[int, int]]
    since: bool
    school_year: int | None
    until: bool = False  # «до конца I полугодия»


@lru_cache(maxsize=8192)
def _points(text: str, school_year: int | None) -> _Parsed:
    """Points of a folded text, in order, with the years that can be told."""
    points: list[_Point] = []
    days: list[tuple[int, bool, bool]] = []  # numbers waiting for their month: (day, linked, until)
    years: list[int] = []
    spans: list[tuple[int, int]] = []
    stretch: tuple[int, int] | None = None
    stretch_from = 0
    edge = 0
    linked = until = since = spans_until = after_words = after_comma = False
    told = bool(_SCHOOL_YEAR_WORD.search(text))
    for kind, value in _tokens(_FREQUENCY.sub(" ; ", text)):
        if kind == "link":
            if value[0] and not points and not days:
                until = True  # «по 31 мая»
            elif (value[0] or not after_words) and (points or days or spans or years):
                linked = True
            continue
        if kind == "comma":
            after_words, after_comma = False, True
            continue
        if kind == "gap":
            after_words = True
            # Words between: a number before them is no day, a dash no range («май – итоговый, 2 этап – июнь»).
            days, linked = [], False
            continue
        if kind == "until":
            until = True
            continue
        if kind == "from":
            since = since or not points
            continue
        if kind == "number":
            if 1 <= value[0] <= 31:
                days.append((value[0], linked, until))
                linked = until = after_comma = False
            continue
        if kind == "part":
            stretch = (value[0], value[1])
            stretch_from = days.pop()[0] if days and linked else value[0]  # «2-3 неделя сентября»
            continue
        if kind == "edge":
            edge = value[0]
            continue
        if kind == "span":
            spans.append((value[0], value[1]))
            spans_until = spans_until or until
        elif kind == "years":
            if told or value[1] == value[0] + 1:
                school_year = value[0]
            years.extend(value)
        elif kind == "year":
            years.append(value[0])
            index = len(points) - 1
            while (
                index >= 0
                and points[index].year is None
                and (index == len(points) - 1 or points[index].month == points[index + 1].month)
            ):
                points[index] = replace(points[index], year=value[0])
                index -= 1
        elif kind == "season":
            points.append(_Point(value[0], linked=linked))
            points.append(_Point(value[1], linked=True))
        elif kind == "month":
            if days and after_comma:
                days = []  # «занятие 1, август»
            if days:
                points.extend(_Point(value[0], day=day, linked=link, until=limit) for day, link, limit in days)
                days = []
            elif stretch:
                first, last = _stretch(stretch[0], stretch[1], None, value[0])
                first = min(first, _stretch(stretch_from, stretch[1], None, value[0])[0])
                points.append(_Point(value[0], first=first, last=last, linked=linked, until=until))
            elif edge in (1, 2):
                points.append(
                    _Point(
                        value[0], first=1 if edge == 1 else 11, last=10 if edge == 1 else 20, linked=linked, until=until
                    )
                )
            elif edge == 3:
                points.append(_Point(value[0], linked=linked, until=True))
            else:
                points.append(_Point(value[0], linked=linked, until=until))
            stretch, edge = None, 0
        elif kind == "month_year":
            points.append(_Point(value[1], year=value[0], linked=linked, until=until))
        elif kind == "day_month":
            points.extend(_Point(value[0], day=day, linked=link, until=limit) for day, link, limit in days)
            days = []
            points.append(_Point(value[0], day=value[1], linked=linked, until=until))
        elif kind == "date":
            points.extend(
                _Point(value[1], day=day, year=value[0], linked=link, until=limit) for day, link, limit in days
            )
            days = []
            points.append(_Point(value[1], day=value[2], year=value[0], linked=linked, until=until))
        linked = until = after_words = after_comma = False
    return _Parsed(_with_years(points, school_year), tuple(years), spans, since, school_year, spans_until)


def _with_years(points: list[_Point], school_year: int | None) -> list[_Point]:
    """Years left out are taken from the neighbour they belong to, else from the school year."""
    if school_year is not None and not any(point.year for point in points):
        dated = [replace(point, year=school_year + (point.month < 9)) for point in points]
        if len(dated) == 2 and dated[1].linked and dated[0].month < 9 <= dated[1].month:
            dated[0] = replace(dated[0], year=school_year)  # «август – сентябрь»: the August before the school year
        return dated
    for index in range(len(points) - 2, -1, -1):
        year, after = points[index].year, points[index + 1]
        if year is None and after.year is not None:
            points[index] = replace(points[index], year=after.year - (points[index].month > after.month))
    for index in range(1, len(points)):
        before, year = points[index - 1], points[index].year
        if year is None and before.year is not None:
            points[index] = replace(points[index], year=before.year + (points[index].month < before.month))
    return points


def _span(nth: int, size: int, parsed: _Parsed) -> tuple[str, date | None, date | None]:
    """(kind, first day, last day) of the n-th half-year, quarter, school quarter or trimester."""
    calendar = (
        None
        if parsed.school_year is not None and len(parsed.years) != 1
        else (parsed.years[0] if parsed.years else None)
    )
    school = parsed.school_year
    if size == 2:
        if calendar is not None:
            return "half_year", *(
                (date(calendar, 1, 1), date(calendar, 6, 30))
                if nth == 1
                else (date(calendar, 7, 1), date(calendar, 12, 31))
            )
        if school is None:
            return "half_year", None, None
        return "half_year", *(
            (date(school, 9, 1), date(school, 12, 31))
            if nth == 1
            else (date(school + 1, 1, 1), date(school + 1, 6, 30))
        )
    if size == 4:
        year = calendar if calendar is not None else None if school is None else school + (nth < 4)
        return ("range", None, None) if year is None else ("range", date(year, 3 * nth - 2, 1), last_day(year, 3 * nth))
    bounds = {5: ((9, 10), (11, 12), (1, 3), (4, 5)), 3: ((9, 11), (12, 2), (3, 5))}[size]
    first, last = bounds[min(nth, len(bounds)) - 1]
    if school is None:
        if calendar is None:
            return "range", None, None
        school = calendar if first >= 9 else calendar - 1
    return "range", date(school + (first < 9), first, 1), last_day(school + (last < 9), last)


def _month_name(point: _Point, recurring: bool) -> str:
    return f"{point.month:02}" if recurring or point.year is None else f"{point.year:04}-{point.month:02}"


def _months_between(first: _Point, last: _Point) -> list[_Point]:
    months, month, year = [first], first.month, first.year
    while month != last.month and len(months) < 12:
        month, year = (1, None if year is None else year + 1) if month == 12 else (month + 1, year)
        months.append(_Point(month, year=year))
    return months


def _from_points(parsed: _Parsed, text: str, recurring: bool) -> Deadline:
    points = parsed.points
    ranges = any(point.linked for point in points[1:])
    named = [f"{point.month:02}-{point.day:02}" for point in points if point.day]
    start, end = points[0].start(), points[-1].end()
    if recurring:
        months = [point for point in points if not point.day]
        if ranges and len(months) == 2:
            months = _months_between(months[0], months[1])
        if points[0].until and len(points) == 1:
            start = None
        return _deadline("yearly", text, start, end, [_month_name(point, True) for point in months], named, True)
    if len(points) == 1:
        point = points[0]
        if point.until:
            return _deadline("date", text, None, end)
        if parsed.since:
            return _deadline("range", text, start, None)
        kind = "date" if point.day else "range" if point.first else "month"
        return _deadline(kind, text, start, end)
    if parsed.since or (ranges and all(point.linked for point in points[1:])):
        return _deadline("range", text, start, end)
    months = []
    for index, point in enumerate(points):
        if point.linked and not point.day and not points[index - 1].day:
            months.extend(_months_between(points[index - 1], point)[1:])  # «сентябрь-октябрь, март»
        elif not point.day:
            months.append(point)
    starts = [day for point in points if (day := point.start())]
    ends = [day for point in points if (day := point.end())]
    if points[0].until:
        start = None
    else:
        start = min(starts) if starts else None
    return _deadline(
        "date" if named else "month",
        text,
        start,
        max(ends) if ends else None,
        [_month_name(point, False) for point in months],
        named,
    )


@lru_cache(maxsize=8192)
def _comparable(text: str) -> str:
    folded = fold(_LINE_NUMBERS.sub("", text).replace("\n", " ; "))
    for pattern, full in _ABBREVIATED:
        folded = pattern.sub(full, folded)
    return squeeze(folded)


def _is_yearly(frequency: re.Match[str]) -> bool:
    """«ежегодно», «каждый год», «1 раз в год»; twice a year is yearly only where it is told when."""
    told = frequency["every"] or (frequency["each"] or "").removeprefix("полугод")
    once = re.match(r"(?:не \w+\s+)?(?:(?:1|од[а-я]+)\s*)?(?:раз|р\.?)(?!а)", frequency.group())
    return "год" in told or bool(once and _of_a_year(frequency))


def _of_a_year(frequency: re.Match[str]) -> bool:
    return frequency["per"] is not None and frequency["per"].split()[-1] == "год"


@lru_cache(maxsize=8192)
def deadline_of(text: str, school_year: int | None) -> Deadline:
    """The deadline a text tells; kind «none» when it tells none."""
    shown = squeeze(text)
    folded = _comparable(text)
    if _NOTHING.fullmatch(folded):
        return _deadline("none", shown)
    frequency = list(_FREQUENCY.finditer(folded))
    yearly = any(map(_is_yearly, frequency))
    parsed = _points(folded, school_year)
    recurring = bool(frequency)
    yearly = yearly or (any(map(_of_a_year, frequency)) and bool(parsed.points))
    year_end = _END_OF_SCHOOL_YEAR.search(folded)
    if year_end and not parsed.points and parsed.school_year is not None:
        may = date(parsed.school_year + 1, 5, 31)
        return (
            _deadline("date", shown, None, may)
            if year_end[1] != "в"
            else _deadline("month", shown, date(may.year, 5, 1), may)
        )
    if not parsed.points and (found := _END_OF_YEAR.search(folded)) and (found[1] or parsed.school_year is not None):
        return _deadline("date", shown, None, date(int(found[1]) if found[1] else parsed.school_year or 0, 12, 31))
    ongoing = (recurring and not yearly) or _ONGOING.search(folded) is not None
    if parsed.points and not (ongoing and not yearly):
        return _from_points(parsed, shown, yearly)
    if parsed.spans and not parsed.points:
        bounds = [_span(nth, size, parsed) for nth, size in parsed.spans]
        starts = [start for _, start, _ in bounds if start]
        ends = [end for _, _, end in bounds if end]
        if parsed.until and not yearly:
            return _deadline("date", shown, None, max(ends, default=None))
        kind = "yearly" if yearly else bounds[0][0] if len(bounds) == 1 else "range"
        return _deadline(kind, shown, min(starts, default=None), max(ends, default=None), recurring=kind == "yearly")
    if yearly:
        return _deadline("yearly", shown, recurring=True)
    start, end = _of_years(parsed, folded)
    if ongoing:
        if parsed.points:
            first, last = parsed.points[0], parsed.points[-1]
            start, end = first.start(), last.end()
            if first is last:  # «сентябрь, далее постоянно» begins then, «до мая постоянно» ends
                start, end = (None, None if "далее" in folded else end) if first.until else (start, None)
        return _deadline("ongoing", shown, start, end, recurring=recurring)
    if _CONDITIONAL.search(folded):
        return _deadline("conditional", shown)
    if _PLAN.search(folded):
        return _deadline("plan", shown, start, end)
    if _ON_OCCASION.match(folded):
        return _deadline("conditional", shown)
    if start:
        if re.search(r"\bдо\b|\bк\b", folded.split(str(start.year))[0]):
            return _deadline("date", shown, None, end)
        return _deadline("range", shown, start, end)
    return _deadline("none", shown)


def _of_years(parsed: _Parsed, folded: str) -> tuple[date | None, date | None]:
    if not parsed.years:
        return None, None
    first, last = parsed.years[0], parsed.years[-1]
    if _SCHOOL_YEAR_WORD.search(folded) or (len(parsed.years) == 2 and last == first + 1):
        last = last if last > first else first + 1
        return date(first, 9, 1), date(last, 8, 31)
    return date(first, 1, 1), date(max(first, last), 12, 31)


def read_deadline(field: Field, context: ReadContext) -> Read:
    """Reader of a deadline; a text that tells none keeps its words under kind «none», with a warning."""
    school_year = context.school_year

    def read(value: Value) -> Reading:
        if isinstance(value, datetime):
            value = value.date()
        if isinstance(value, date):
            return Reading(_deadline("date", show(value), value, value))
        if isinstance(value, time | timedelta):
            return unreadable("time")
        if isinstance(value, float | int):
            day = from_serial(value)
            if day is not None:
                return Reading(_deadline("date", show(day), day, day))
            if value == int(value) and 1990 <= value <= 2100:
                year = int(value)
                return Reading(_deadline("range", str(year), date(year, 1, 1), date(year, 12, 31)))
            value = cell_text(value)
        return _of_text(value, school_year)

    return read


def _of_text(text: str, school_year: int | None) -> Reading:
    due = deadline_of(text, school_year)
    folded = _comparable(text)
    mended, why = _mended(folded, school_year)
    if mended == "":
        return Reading(due, Trouble("cell-type", "warning", None, (("why", why),)))
    if mended is not None:
        meant = deadline_of(mended, school_year).copy()
        meant["text"] = due["text"]
        return Reading(meant, Trouble("cell-type", "warning", mended, (("why", why),)))
    wrong = _impossible(folded, school_year)
    if wrong is not None:
        return Reading(due, Trouble("cell-type", "warning", wrong or None, (("why", "no-such-day"),)))
    if due["kind"] == "none" and not _NOTHING.fullmatch(folded):
        return Reading(due, Trouble("cell-type", "warning", None, (("why", "no-deadline"),)))
    return Reading(due)


_YEAR_OF_MONTH = re.compile(rf"(?<![а-яa-z])(?:{MONTH_WORD})\.?\s+(\d{{3}}|\d{{5}})(?!\d)")
NOMINATIVE = "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь".split()
GENITIVE = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split()
_LIKE_A_MONTH = re.compile(r"(?<![а-я])[яфмаисонд][а-я]{4,8}(?![а-я])")


def _mended(folded: str, school_year: int | None) -> tuple[str | None, str]:
    """The text without its slip («» where it cannot be mended, None where there is none), and the kind of slip."""
    digits = digits_meant(folded)
    if digits != folded:
        return digits, "mistyped"
    year = _YEAR_OF_MONTH.search(folded)
    meant = year_meant(year[1], years_about(school_year)) if year else None
    if year and not meant:
        return "", "no-such-year"
    if year and meant:
        return folded[: year.start(1)] + str(meant) + folded[year.end(1) :], "no-such-year"
    for word in _LIKE_A_MONTH.findall(folded):
        month = None if word in MONTH_OF else month_meant(word)
        if month:
            day_before = re.search(rf"\d\s+{word}", folded)
            return folded.replace(word, (GENITIVE if day_before else NOMINATIVE)[month - 1], 1), "misspelt-month"
    return None, ""


def _impossible(folded: str, school_year: int | None) -> str | None:
    """Suggestion («» if none) for a day in the text that does not exist; None when all do."""
    for point in _points(folded, school_year).points:
        if point.day is None:
            continue
        year = point.year or 2024  # of an unknown year, one with a 29 February
        try:
            date(year, point.month, point.day)
        except ValueError:
            near = nearest(year, point.month, point.day)
            return show(near) if near and point.year else ""
    return None
