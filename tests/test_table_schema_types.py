"""Every type reads what schools type; what it cannot read is a named trouble, with a suggestion where one is near."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheets_sync.table import UNCALCULATED, CellError, Shown, Value
from sheets_sync.table_schema.column import Reader
from sheets_sync.table_schema.model import EnumValue, Field
from sheets_sync.table_schema.types import TYPES, ReadContext, Trouble

AS_OF = date(2024, 6, 20)
MONTHS = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split()


def read(
    kind: str, value: Value, *, part: str | None = None, age: bool = False, **constraints: Any
) -> tuple[object, Trouble | None]:
    """Typed value and trouble of one cell."""
    name = constraints.pop("name", "field")
    reader = Reader(Field(name, "Столбец", kind, **constraints), ReadContext(AS_OF, 2023, part, age))
    return reader[value], reader.troubles.get(value)


def value_of(kind: str, value: Value, **more: Any) -> object:
    """Typed value of a cell that has no trouble."""
    typed, trouble = read(kind, value, **more)
    assert trouble is None, trouble
    return typed


def trouble_of(kind: str, value: Value, **more: Any) -> tuple[object, str, str | None]:
    """(typed value, code, suggestion) of a cell in trouble."""
    typed, trouble = read(kind, value, **more)
    assert trouble is not None, typed
    return typed, trouble.code, trouble.suggestion


WRITTEN_DATES: dict[str, Callable[[date], Value]] = {
    "dd.mm.yyyy": lambda d: f"{d:%d.%m.%Y}",
    "dd.mm.yyyy г.": lambda d: f"{d:%d.%m.%Y} г.",
    "dd.mm.yy": lambda d: f"{d:%d.%m.%y}",
    "d/m/yyyy": lambda d: f"{d.day}/{d.month}/{d.year}",
    "dd-mm-yyyy": lambda d: f"{d:%d-%m-%Y}",
    "dd,mm,yyyy": lambda d: f"{d:%d,%m,%Y}",
    "iso": lambda d: d.isoformat(),
    "iso datetime": lambda d: f"{d.isoformat()}T09:30:00",
    "with hour": lambda d: f"{d:%d.%m.%Y} 14:05",
    "words": lambda d: f"{d.day} {MONTHS[d.month - 1]} {d.year} года",
    "words, no space": lambda d: f"{d.day} {MONTHS[d.month - 1]} {d.year}г.",
    "quoted day": lambda d: f"«{d.day:02}» {MONTHS[d.month - 1]} {d.year} года",
    "short month": lambda d: f"{d.day} {MONTHS[d.month - 1][:3]}. {d.year}",
    "capitals": lambda d: f"{d.day} {MONTHS[d.month - 1].upper()} {d.year}",
    "no-break space": lambda d: f"\u00a0{d:%d.%m.%Y}\u00a0г.",
    "typed": lambda d: d,
    "typed with time": lambda d: datetime(d.year, d.month, d.day, 10, 0),
    "serial": lambda d: float((d - date(1899, 12, 30)).days),
    "serial as text": lambda d: str((d - date(1899, 12, 30)).days),
}


@pytest.mark.parametrize("form", WRITTEN_DATES)
@given(day=st.dates(date(1990, 1, 1), date(2069, 12, 31)))
def test_every_way_to_write_a_date_reads_back(form: str, day: date) -> None:
    assert value_of("date", WRITTEN_DATES[form](day)) == day


@given(first=st.dates(date(2000, 1, 1), date(2060, 1, 1)), length=st.integers(1, 900))
@pytest.mark.parametrize(
    "form",
    [
        "{:%d.%m.%y} - {:%d.%m.%y}",
        "с {:%d.%m.%Y} по {:%d.%m.%Y}",
        "{:%d.%m.%Y}–{:%d.%m.%Y} гг.",
        "{:%d.%m.%Y}\nпо\n{:%d.%m.%Y}",
    ],
)
def test_both_ends_of_a_period_in_one_cell(form: str, first: date, length: int) -> None:
    last = first + timedelta(length)
    cell = form.format(first, last)
    assert value_of("date", cell, part="start") == first
    assert value_of("date", cell, part="end") == last


@pytest.mark.parametrize(
    ("cell", "suggestion"),
    [
        ("31.11.2023", "30.11.2023"),
        ("29.02.2023", "28.02.2023"),
        ("09.15.2023", "15.09.2023"),
        ("15.19.2023", None),
        ("еженедельно по вторникам", "отдельная строка на каждую дату"),
        ("02.10.23 - 31.05.24", "отдельная строка на каждую дату"),
        ("05.09.2023, 12.09.2023", "отдельная строка на каждую дату"),
        ("Октябрь 2023", "дата с числом: ДД.10.2023"),
        ("12 сентября", "12.09.2023"),
        ("12 марта", "12.03.2024"),
        ("О1.09.2023", "01.09.2023"),
        ("01..09.2023", "01.09.2023"),
        ("1 сентебря 2023", "01.09.2023"),
        ("01.09.12025", "01.09.2025"),
        ("01.09.0023", "01.09.2023"),
        ("1, 8 и 15 сентября 2023", "отдельная строка на каждую дату"),
        ("01.09., 08.09.2023", "отдельная строка на каждую дату"),
        ("0", None),
        ("2023", None),
        (0.0, None),
        (-5.0, None),
        (3698175.0, None),
        (time(13, 30), None),
        (timedelta(hours=30), None),
        ("на следующей неделе", None),
    ],
)
def test_what_is_no_date_is_named(cell: Value, suggestion: str | None) -> None:
    assert trouble_of("date", cell) == (None, "cell-type", suggestion)


@pytest.mark.parametrize(
    ("cell", "severity"), [("приказ от 01.09.2023", "info"), ("01092023", "info"), ("до 01.09.2023", "warning")]
)
def test_a_date_among_words_is_read_and_said_so(cell: str, severity: str) -> None:
    typed, trouble = read("date", cell)
    assert typed == date(2023, 9, 1)
    assert trouble is not None
    assert (trouble.code, trouble.severity) == ("cell-inferred", severity)


@pytest.mark.parametrize(
    ("cell", "number", "day"),
    [
        ("Приказ № 69 от 01.09.2022 г.", "69", date(2022, 9, 1)),
        ("31/ДС от 29.09.23", "31/ДС", date(2023, 9, 29)),
        ("№ 12-од, 01.09.2023", "12-од", date(2023, 9, 1)),
        ("Приказ № 63/1-ОД от 22 сентября 2023г.", "63/1-ОД", date(2023, 9, 22)),
        ("№ 69", "69", None),
        ("приказ 47-ОД", "47-ОД", None),
        ("01.09.2023", None, date(2023, 9, 1)),
        (date(2023, 9, 1), None, date(2023, 9, 1)),
        ("без приказа", None, None),
        ("б/н от 01.09.2023", "б/н", date(2023, 9, 1)),
        ("№ 12-05-23 от 15.05.2023", "12-05-23", date(2023, 5, 15)),
        ("01-05/69 от 01.09.2023", "01-05/69", date(2023, 9, 1)),
        ("69\n01.09.2023", "69", date(2023, 9, 1)),
        ("Приказ МБОУ СОШ № 4 от 01.09.2023 № 69", "69", date(2023, 9, 1)),
    ],
)
def test_number_and_date_of_an_order_in_one_cell(cell: Value, number: str | None, day: date | None) -> None:
    assert value_of("order_number", cell, part="number") == number
    assert value_of("date", cell, part="date") == day


def test_two_orders_in_a_cell_give_both_numbers_and_the_first_date() -> None:
    cell = "Приказ № 69 от 01.09.2022 г., № 8 от 11.01.2024"
    assert value_of("order_number", cell, part="number") == "69, 8"
    assert trouble_of("date", cell, part="date") == (date(2022, 9, 1), "cell-inferred", "01.09.2022")


@pytest.mark.parametrize(
    ("cell", "number"),
    [("47-ОД", "47-ОД"), (69.0, "69"), ("256/2020-О", "256/2020-О"), ("Приказ директора", "Приказ директора")],
)
def test_order_numbers_alone(cell: Value, number: str) -> None:
    assert value_of("order_number", cell) == number


@pytest.mark.parametrize(
    ("cell", "start", "end"),
    [
        ("с 01.10.2023", date(2023, 10, 1), None),
        ("по 31.05.2024", None, date(2024, 5, 31)),
        ("01.10-31.05.2024", date(2023, 10, 1), date(2024, 5, 31)),
        ("01.10.2023", date(2023, 10, 1), None),
        (date(2023, 10, 1), date(2023, 10, 1), None),
        ("с 1 октября 2023 по 31 мая 2024", date(2023, 10, 1), date(2024, 5, 31)),
    ],
)
def test_open_and_worded_periods(cell: Value, start: date | None, end: date | None) -> None:
    assert value_of("date", cell, part="start") == start
    assert value_of("date", cell, part="end") == end


def test_a_period_in_months_or_a_school_year_is_inferred() -> None:
    assert trouble_of("date", "сентябрь 2023 – май 2024", part="end") == (
        date(2024, 5, 31),
        "cell-inferred",
        "31.05.2024",
    )
    assert trouble_of("date", "2023-2024 учебный год", part="start") == (
        date(2023, 9, 1),
        "cell-inferred",
        "01.09.2023",
    )
    assert trouble_of("date", "31.11.2023-31.05.2024", part="start") == (None, "cell-type", "30.11.2023")


@pytest.mark.parametrize(
    ("cell", "birth"),
    [(2010.0, 2010), ("2010", 2010), ("2010 г.р.", 2010), ("2010г.", 2010), ("03.06.1998", date(1998, 6, 3)),
     (date(2010, 1, 5), date(2010, 1, 5)), (40000.0, date(2009, 7, 6)), ("12.05.2010 г.р.", date(2010, 5, 12))],
)  # fmt: skip
def test_births(cell: Value, birth: object) -> None:
    assert value_of("birth", cell) == birth


def test_an_age_becomes_a_year_only_where_the_heading_or_the_word_says_age() -> None:
    assert trouble_of("birth", 31.0, age=True) == (1993, "cell-inferred", "1993")
    assert trouble_of("birth", "12 лет") == (2012, "cell-inferred", "2012")
    assert trouble_of("birth", 12.0) == (None, "cell-type", "2012")


def test_a_birth_in_the_future_is_out_of_range_with_the_digits_turned_round() -> None:
    assert trouble_of("birth", "27.02.2041") == (date(2041, 2, 27), "cell-range", "27.02.2014")


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("25.05.2024 11:01:27", datetime(2024, 5, 25, 11, 1, 27)),
        ("2024/05/25 1:01:27 PM GMT+9", datetime(2024, 5, 25, 13, 1, 27)),
        ("2024/05/25 12:01:27 AM GMT+9", datetime(2024, 5, 25, 0, 1, 27)),
        ("2024-05-25T11:01:27Z", datetime(2024, 5, 25, 11, 1, 27)),
        ("25 мая 2024 г., 11:01", datetime(2024, 5, 25, 11, 1)),
        ("25.05.2024", datetime(2024, 5, 25)),
        (45000.5, datetime(2023, 3, 15, 12)),
    ],
)
def test_timestamps(cell: Value, moment: datetime) -> None:
    assert value_of("datetime", cell) == moment


@pytest.mark.parametrize(
    ("cell", "consent"),
    [
        (date(2023, 9, 1), date(2023, 9, 1)),
        ("4 сентября 2023г.", date(2023, 9, 4)),
        ("да, 01.09.2023", date(2023, 9, 1)),
        ("имеется", True),
        ("+", True),
        ("✓", True),
        (1.0, True),
        ("нет", False),
        ("отказ родителя", False),
        ("-", None),
        ("согласие не получено", None),
        ("родитель отказался", False),
        ("Согласие получено 04.09.2023", date(2023, 9, 4)),
        ("", None),
    ],
)
def test_consents(cell: Value, consent: object) -> None:
    assert value_of("consent", cell) == consent


def test_a_consent_dated_early_in_the_month_is_a_date_not_a_refusal() -> None:
    """A day that begins with a nought is no «0»."""
    assert value_of("consent", "06.09.2023") == date(2023, 9, 6)
    assert value_of("consent", "0") is False


def test_a_consent_on_its_way_is_a_warning_not_a_yes() -> None:
    typed, trouble = read("consent", "на подписи")
    assert typed is None
    assert trouble is not None
    assert (trouble.code, trouble.severity) == ("cell-type", "warning")
    assert trouble_of("consent", "31.11.2023") == (None, "cell-type", "30.11.2023")


@pytest.mark.parametrize(
    ("cell", "answer"),
    [("да", True), ("Нет", False), ("+", True), ("-", False), ("V", True), ("✓", True), (1.0, True), (0.0, False),
     ("ИСТИНА", True), ("ЛОЖЬ", False), ("имеется", True), ("отсутствует", False), ("не завершил", False), ("", None)],
)  # fmt: skip
def test_yes_and_no(cell: Value, answer: bool | None) -> None:
    assert value_of("boolean", cell) == answer


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        (7.0, 7),
        ("118", 118),
        ("1\u00a0180", 1180),
        ("1 180", 1180),
        ("45 мин", 45),
        ("12 (двенадцать)", 12),
        ("36 ч.", 36),
        (Shown(7.0, "007"), 7),
    ],
)
def test_whole_numbers(cell: Value, number: int) -> None:
    assert value_of("integer", cell) == number


@pytest.mark.parametrize(
    ("cell", "suggestion"),
    [
        ("пять", "5"),
        ("двадцать пять", "25"),
        ("8-10", None),
        ("2,5", None),
        (2.5, None),
        ("много", None),
        (date(2024, 5, 1), "1,5"),
    ],
)
def test_what_is_no_whole_number(cell: Value, suggestion: str | None) -> None:
    assert trouble_of("integer", cell) == (None, "cell-type", suggestion)


def test_bounds_are_a_finding_and_keep_the_number() -> None:
    assert trouble_of("integer", -3.0, minimum=0) == (-3, "cell-range", None)
    assert trouble_of("percent", "120 %", maximum=100) == (120.0, "cell-range", None)
    assert trouble_of("integer", "≈10") == (10, "cell-inferred", "10")


@pytest.mark.parametrize(
    ("cell", "minutes"),
    [
        ("1 час 30 мин", 90),
        ("1,5 ч", 90),
        (time(0, 45), 45),
        (timedelta(minutes=90), 90),
        ("0:45", 45),
        (60.0, 60),
        ("40 минут", 40),
    ],
)
def test_durations_in_minutes(cell: Value, minutes: int) -> None:
    assert value_of("integer", cell, name="duration_min") == minutes


@pytest.mark.parametrize(
    ("cell", "percent"),
    [("85 %", 85.0), ("85", 85.0), (85.0, 85.0), (Shown(0.85, "85 %"), 85.0), ("0,55%", 0.55), (0.0, 0.0)],
)
def test_percent(cell: Value, percent: float) -> None:
    assert value_of("percent", cell) == percent


def test_a_fraction_in_a_percent_column_is_read_and_said_so() -> None:
    assert trouble_of("percent", "0,9") == (90.0, "cell-inferred", "90 %")
    assert trouble_of("percent", 0.85) == (85.0, "cell-inferred", "85 %")


@given(st.integers(0, 60), st.integers(0, 11))
def test_experience_in_years_and_months(years: int, months: int) -> None:
    expected = round(years + months / 12, 2)
    for form in ("{} лет {} месяцев", "{} г. {} мес.", "{} год {} мес", "{}г {}м"):
        assert value_of("experience", form.format(years, months)) == expected


@pytest.mark.parametrize(
    ("cell", "years"),
    [("1,5", 1.5), ("до 3 лет", 3.0), ("б/с", 0.0), ("без стажа", 0.0), ("5 лет", 5.0), ("6 мес", 0.5), (3.0, 3.0),
     ("менее 3-х лет", 3.0), ("менее года", 1.0), ("полгода", 0.5), ("2,0", 2.0), ("0", 0.0)],
)  # fmt: skip
def test_experience(cell: Value, years: float) -> None:
    assert value_of("experience", cell) == years


def test_experience_that_cannot_be_read() -> None:
    assert trouble_of("experience", "пять") == (None, "cell-type", "5")
    assert trouble_of("experience", date(2024, 5, 1)) == (None, "cell-type", "1,5")
    assert trouble_of("experience", "с 2015 года") == (9.0, "cell-inferred", "9")


@pytest.mark.parametrize("cell", [8.0, "8", "8/10", "8 из 10", "8 баллов", "8 (восемь)", " 8 "])
def test_marks(cell: Value) -> None:
    assert value_of("score", cell) == 8.0


@pytest.mark.parametrize("cell", [0.0, 11.0, "11", "0", "4/5"])
def test_a_mark_outside_the_scale_counts_as_missing(cell: Value) -> None:
    assert trouble_of("score", cell) == (None, "cell-range", None)


def test_marks_in_words_and_halves() -> None:
    assert trouble_of("score", "восемь") == (None, "cell-type", "8")
    assert trouble_of("score", "8,5") == (None, "cell-type", None)
    assert trouble_of("score", date(2024, 10, 8)) == (None, "cell-type", "8")
    assert value_of("score", 2.0, minimum=0, maximum=2) == 2.0
    assert trouble_of("score", 3.0, minimum=0, maximum=2) == (None, "cell-range", None)


@pytest.mark.parametrize("cell", ["7А", "7 «А»", "7-а", "7a", "7A", "7 А класс", "класс 7А", '7 "А"', "7 – А"])
def test_one_class_however_typed(cell: str) -> None:
    assert value_of("class", cell) == "7А"


@pytest.mark.parametrize(
    ("cell", "group"),
    [(7.0, "7"), ("10 класс", "10"), ("ПК-23", "ПК-23"), ("1 курс", "1 курс"), ("старшая группа", "старшая группа")],
)
def test_groups_stay_as_typed(cell: Value, group: str) -> None:
    assert value_of("class", cell) == group


@pytest.mark.parametrize(
    ("cell", "band"),
    [
        ("10-14", "10-14"),
        ("10 – 14 лет", "10-14"),
        ("от 10 до 14", "10-14"),
        ("любой", "любой"),
        ("12+", "12+"),
        ("до 14 лет", "до 14"),
    ],
)
def test_age_bands(cell: str, band: str) -> None:
    assert value_of("age_band", cell) == band


def test_an_age_band_taken_for_a_date() -> None:
    assert trouble_of("age_band", date(2024, 12, 10)) == (None, "cell-type", "10-12")


@given(st.from_regex(r"9[0-9]{9}", fullmatch=True))
def test_a_telephone_however_typed(digits: str) -> None:
    code, rest = digits[:3], digits[3:]
    parted = f"{rest[:3]}-{rest[3:5]}-{rest[5:]}"
    for typed in (
        f"8 ({code}) {parted}",
        f"+7{digits}",
        f"8{digits}",
        digits,
        f"8-{code}-{parted}",
        float("8" + digits),
        f"{code} {parted}",
    ):
        assert value_of("phone", typed) == f"+7{digits}"


def test_several_telephones_and_malformed_ones() -> None:
    assert value_of("phone", "+7 914 000 12 35, 8(914)000-12-36") == "+79140001235, +79140001236"
    assert value_of("phone", "89140001234 мама") == "+79140001234"
    assert trouble_of("phone", "23-45-67") == ("23-45-67", "cell-pattern", None)
    assert trouble_of("phone", "+7 914 000-1") == ("+7 914 000-1", "cell-pattern", None)
    assert trouble_of("contacts", "+7914000") == ("+7914000", "cell-pattern", None)
    assert value_of("phone", "+7 701 123-45-67") == "+77011234567"


@pytest.mark.parametrize(
    ("typed", "suggestion"),
    [
        ("kurator.school.example", "kurator@school.example"),
        ("kurator @school.example", "kurator@school.example"),
        ("kurator@school,example", "kurator@school.example"),
        ("kurator@@school.example", "kurator@school.example"),
        ("куратор", None),
    ],
)
def test_malformed_email_is_kept_with_a_suggestion(typed: str, suggestion: str | None) -> None:
    assert trouble_of("email", typed) == (typed, "cell-pattern", suggestion)


def test_email_and_links() -> None:
    assert value_of("email", "a@b.example; c@d.example") == "a@b.example, c@d.example"
    assert value_of("url", "https://x.example/1") == "https://x.example/1"
    assert value_of("url", "x.example/page") == "x.example/page"
    assert trouble_of("url", "https:/x.example") == ("https:/x.example", "cell-pattern", "https://x.example")
    assert trouble_of("url", "https://x .example/1")[1:] == ("cell-pattern", "https://x.example/1")
    assert value_of("url", "размещено на сайте") == "размещено на сайте"
    assert trouble_of("url", "размещено на www") == ("размещено на www", "cell-pattern", None)


def _with_check_digit(nine: str) -> str:
    weights = (2, 4, 10, 3, 5, 9, 4, 6, 8)
    return nine + str(sum(w * int(d) for w, d in zip(weights, nine, strict=True)) % 11 % 10)


@given(st.from_regex(r"0[1-9][0-9]{7}", fullmatch=True))
def test_inn_and_its_lost_zero(nine: str) -> None:
    inn = _with_check_digit(nine)
    assert value_of("inn", inn) == inn
    assert trouble_of("inn", float(inn)) == (inn, "cell-text-number", inn)
    wrong = inn[:-1] + str((int(inn[-1]) + 1) % 10)
    assert trouble_of("inn", wrong) == (wrong, "cell-pattern", None)


FORMS = (
    EnumValue("pupil_pupil", "ученик – ученик", ("обучающийся – обучающийся",)),
    EnumValue("teacher_teacher", "учитель – учитель", ("педагог – педагог",)),
    EnumValue("head_teacher", "руководитель – педагог"),
)
CATEGORIES = (
    EnumValue("gifted", "проявившие выдающиеся способности", ("одарённые",)),
    EnumValue(
        "isolated", "не принимающие участие в жизни школы, отстраненные от коллектива", ("отстраненные от коллектива",)
    ),
    EnumValue("disability", "с ограниченными возможностями здоровья", ("ОВЗ",)),
    EnumValue("teacher", "педагог/специалист"),
)
STATUSES = (EnumValue("active", "действует"), EnumValue("finished", "завершена"), EnumValue("broken", "расторгнута"))


@pytest.mark.parametrize(
    "cell",
    [
        "педагог – педагог",
        "Педагог –педагог",
        "«педагог-педагог»",
        "учитель → учитель",
        "УЧИТЕЛЬ - УЧИТЕЛЬ",
        "педагоги – педагоги",
        "teacher_teacher",
    ],
)
def test_one_value_of_a_list_however_typed(cell: str) -> None:
    assert value_of("enum", cell, enum=FORMS) == "teacher_teacher"


def test_a_value_not_listed_is_named_with_the_nearest() -> None:
    assert trouble_of("enum", "педагог – педогог", enum=FORMS) == (None, "cell-enum", "педагог – педагог")
    assert trouble_of("enum", "что-то своё", enum=FORMS) == (None, "cell-enum", None)
    assert trouble_of("enum", "расторгнута в связи с переездом", enum=STATUSES) == (
        "broken",
        "cell-inferred",
        "расторгнута",
    )
    assert trouble_of("enum", "форма «ученик – ученик»", enum=FORMS) == (
        "pupil_pupil",
        "cell-inferred",
        "ученик – ученик",
    )
    assert trouble_of("enum", "не завершена", enum=STATUSES)[:2] == (None, "cell-enum")
    assert trouble_of("enum", "завершена частично", enum=STATUSES)[:2] == (None, "cell-enum")
    typed, trouble = read("enum", "что-то своё", enum=(*FORMS, EnumValue("other", "иная")))
    assert typed == "other"
    assert trouble is not None
    assert trouble.code == "cell-enum"


@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        ("ОВЗ", ["disability"]),
        ("одаренные\nОВЗ", ["gifted", "disability"]),
        ("отстраненные от коллектива, одарённые", ["isolated", "gifted"]),
        ("не принимающие участие в жизни школы, отстраненные от коллектива", ["isolated"]),
        ("не принимающие участие в жизни школы, отстраненные от коллектива; ОВЗ", ["isolated", "disability"]),
        ("ОВЗ и одарённые", ["disability", "gifted"]),
        ("ОВЗ/одарённые", ["disability", "gifted"]),
        ("педагог/специалист", ["teacher"]),
        ("1. ОВЗ\n2. одаренные", ["disability", "gifted"]),
        ("ОВЗ, ОВЗ", ["disability"]),
    ],
)
def test_several_values_in_a_cell(cell: str, codes: list[str]) -> None:
    assert value_of("enum", cell, enum=CATEGORIES, many=True) == codes


def test_the_known_values_of_a_cell_are_kept() -> None:
    assert trouble_of("enum", "ОВЗ, рыжие", enum=CATEGORIES, many=True) == (["disability"], "cell-enum", None)


@pytest.mark.parametrize("cell", ["2023-2024", "2023-2024 учебный год", "2023/24", "2023–2024 уч. год", "23/24"])
def test_school_years(cell: str) -> None:
    assert value_of("school_year", cell) == "2023-2024"


def test_names_keep_their_form_and_mended_letters_are_said() -> None:
    assert value_of("name", " Рябова  Ольга\u00a0Ильинична,") == "Рябова Ольга Ильинична"
    assert value_of("name", "Рябова О. И.") == "Рябова О. И."
    assert trouble_of("name", "Pябова Ольга Ильинична") == (
        "Рябова Ольга Ильинична",
        "cell-lookalike-letters",
        "Рябова Ольга Ильинична",
    )
    assert trouble_of("name", "Зам по УВР") == (None, "cell-type", None)
    assert trouble_of("name", 12.0) == (None, "cell-type", None)
    assert trouble_of("name", "Рябова О.И.", pattern=r"[^\W\d_]{2,}\S* [^\W\d_]{2,}.*") == (
        "Рябова О.И.",
        "cell-pattern",
        None,
    )
    assert value_of("people", "Директор,\nкоординатор") == ["Директор", "координатор"]
    assert value_of("name", "Рябова О.И., Чижов П.П.", many=True) == ["Рябова О.И.", "Чижов П.П."]


def test_text_is_what_the_person_sees() -> None:
    assert value_of("text", 7.0) == "7"
    assert value_of("text", Shown(7.0, "007")) == "007"
    assert value_of("text", date(2023, 9, 1)) == "01.09.2023"
    assert value_of("text", "две\nстроки") == "две строки"
    assert trouble_of("text", 12345678901234568.0)[1] == "cell-text-number"


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize(
    "error",
    ["#ССЫЛКА!", "#REF!", "#Н/Д", "#N/A", "#ДЕЛ/0!", "#ЗНАЧ!", "#ИМЯ?", "#ЧИСЛО!", "#ПУСТО!", CellError("#VALUE!")],
)
def test_formula_errors_come_first_in_every_type(kind: str, error: str) -> None:
    assert trouble_of(kind, error) == (None, "cell-formula-error", None)
    assert trouble_of(kind, UNCALCULATED) == (None, "cell-formula-no-value", None)


@pytest.mark.parametrize("kind", TYPES)
def test_missing_words_of_the_column_are_empty(kind: str) -> None:
    for cell in ("", "  ", "\u00a0", "—", "Н/Д.", "нет данных") if kind != "boolean" else ("", " ", "Н/Д."):
        assert value_of(kind, cell, missing_values=("н/д", "нет данных")) is None


ANY_TEXT = st.one_of(
    st.text(max_size=40),
    st.text(st.sampled_from("0123456789²٣.,-–/ :№%сдомартлябжюйгиыпе«»()+@xAOК\n"), max_size=30),
)
ANY_NUMBER = st.floats(allow_nan=False, allow_infinity=False)
ANY_VALUE = st.one_of(
    ANY_TEXT, ANY_NUMBER, st.integers(-10, 60000).map(float), st.dates(), st.datetimes(), st.times(), st.timedeltas(),
    st.builds(Shown, ANY_NUMBER, ANY_TEXT),
)  # fmt: skip


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("part", [None, "number", "date", "start", "end"])
@given(value=ANY_VALUE)
def test_no_value_raises(kind: str, part: str | None, value: Value) -> None:
    typed, trouble = read(kind, value, part=part, enum=FORMS)
    if trouble is not None:
        assert trouble.code.startswith("cell-")
    if typed == "":
        pytest.fail("an empty text is None")


@pytest.mark.parametrize("kind", ["birth", "date", "name", "enum", "phone"])
@given(value=ANY_VALUE)
def test_no_value_raises_in_special_columns(kind: str, value: Value) -> None:
    read(kind, value, age=True, many=True, enum=CATEGORIES)


@pytest.mark.parametrize(
    "cell",
    [
        "Рябова О.И. – Чижов П.П.",
        "Рябова О.И./Чижов П.П.",
        "Рябова О.И.\nЧижов П.П.",
        "Рябова О.И., Чижов П.П.",
        "наставник: Рябова О.И., наставляемый: Чижов П.П.",
        "Наставляемый – Чижов П.П.; наставник – Рябова О.И.",
    ],
)
def test_mentor_and_mentee_in_one_cell(cell: str) -> None:
    assert value_of("name", cell, name="mentor", part="pair") == "Рябова О.И."
    assert value_of("name", cell, name="mentee", part="pair") == "Чижов П.П."


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("piece", ["9", " ", "и ", "сентябрь, ", "Рябова О.И., ", "11.11.", "а@", "№ 1 "])
def test_a_cell_as_long_as_excel_allows_is_read_at_once(kind: str, piece: str) -> None:
    """No grammar may run away: the time of such a cell is of no account, that it comes to an end is."""
    cell = piece * (32_000 // len(piece))
    read(kind, cell, enum=FORMS)
    read(kind, cell, enum=CATEGORIES, many=True)
