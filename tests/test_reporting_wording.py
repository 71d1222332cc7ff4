"""Russian words of reports."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheets_sync.reporting.wording import (
    NBSP,
    NOUNS,
    by_name,
    clause_closed,
    counted,
    decimal,
    deviation,
    including,
    listed,
    long_day,
    noun,
    noun_in,
    noun_object,
    noun_of,
    noun_to,
    past,
    percent,
    points,
    quoted,
    share,
    short_name,
    shortest,
    signed,
    signed_whole,
    span,
    unbreakable,
    whole,
    within_half,
    within_organisation,
)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0 пар"),
        (1, "1 пара"),
        (2, "2 пары"),
        (5, "5 пар"),
        (11, "11 пар"),
        (14, "14 пар"),
        (21, "21 пара"),
        (112, "112 пар"),
        (12345, "12 345 пар"),
    ],
)
def test_nouns_agree_with_their_number(number: int, words: str) -> None:
    """1 пара, 2 пары, 5 пар, 11 пар, 21 пара; the spaces do not break."""
    assert counted(number, "пара", "пары", "пар") == words.replace(" ", "\u00a0")


def test_halves_are_rounded_up_as_people_do() -> None:
    """13 of 16 is 81,3 %, though binary fractions say 81.2."""
    assert share(13, 16) == 81.3
    assert share(1, 3) == 33.3
    assert percent(54.45) == "54,5\u00a0%"
    assert decimal(-0.04) == "0,0"


def test_points_show_their_sign() -> None:
    """A deviation of nothing has no sign; a minus is a minus, not a hyphen."""
    assert [points(11.7), points(0), points(-0.5)] == ["+11,7\u00a0п.п.", "0,0\u00a0п.п.", "\u22120,5\u00a0п.п."]


def test_numbers_carry_no_needless_decimals() -> None:
    """55 %, 55,5 %; four digits stay together."""
    assert [shortest(55), shortest(55.0), shortest(55.5), whole(2680), whole(12680)] == [
        "55",
        "55",
        "55,5",
        "2680",
        "12\u00a0680",
    ]


def test_names_with_numbers_stand_in_the_order_of_the_numbers() -> None:
    """School 4 comes before school 21."""
    assert sorted(["СОШ № 21", "Ёлочка", "СОШ № 4", "ЕЖ"], key=by_name) == ["ЕЖ", "Ёлочка", "СОШ № 4", "СОШ № 21"]


def test_lists_end_with_and() -> None:
    """а; а и б; а, б и в."""
    assert [listed(["а"]), listed(["а", "б"]), listed(["а", "б", "в"])] == ["а", "а и б", "а, б и в"]


def spaced(text: str) -> str:
    return text.replace(NBSP, " ")


@given(n=st.integers(0, 10**6), name=st.sampled_from(sorted(NOUNS)))
def test_every_noun_follows_the_rule(n: int, name: str) -> None:
    """The rule told the long way round: only the last two digits matter, the teens are many, cases know one and more."""
    words = NOUNS[name]
    teen, last = n % 100 in (11, 12, 13, 14), n % 10
    is_one, is_few = last == 1 and not teen, last in (2, 3, 4) and not teen
    assert noun(n, name).endswith(NBSP + (words.one if is_one else words.few if is_few else words.many))
    assert noun_of(n, name).endswith(NBSP + ((words.of_one or words.few) if is_one else words.many))
    assert noun_in(n, name).endswith(NBSP + (words.within_one if is_one else words.within))
    assert noun_of(n, name).startswith(whole(n) + NBSP)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (noun(21, "наставническая пара"), "21 наставническая пара"),
        (noun(2, "наставляемый"), "2 наставляемых"),
        (noun_of(21, "наставник"), "21 наставника"),
        (noun_of(2, "наставник"), "2 наставников"),
        (noun_of(1, "наставническая пара"), "1 наставнической пары"),
        (noun_of(1, "наставляемый"), "1 наставляемого"),
        (noun_in(1, "организация"), "1 организации"),
        (noun_in(2, "организация"), "2 организациях"),
        (noun_in(11, "пара (группа)"), "11 парах (группах)"),
        (noun_to(1, "форма"), "1 форме"),
        (noun_to(4, "форма"), "4 формам"),
        (noun_object(1, "пара (группа)"), "1 пару (группу)"),
        (noun_object(3, "пара (группа)"), "3 пары (группы)"),
        (noun_object(21, "мероприятие"), "21 мероприятие"),
    ],
)
def test_nouns_in_their_cases(told: str, words: str) -> None:
    """из 21 наставника, в 1 организации, по 4 формам, закрепить 1 пару."""
    assert spaced(told) == words


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_days_are_written_out(one: date, other: date) -> None:
    """Day, month in the genitive, year; a year common to both ends of a span stands once."""
    assert spaced(long_day(date(2023, 12, 20))) == "20 декабря 2023 г."
    first, last = sorted((one, other))
    words = spaced(span(first, last))
    assert words.startswith(f"с {first.day} ")
    assert words.endswith(spaced(long_day(last)))
    assert words.count(" г.") == (1 if first.year == last.year else 2)
    assert " " not in long_day(one)


@pytest.mark.parametrize(
    ("verb", "title", "words"),
    [
        ("составил", "Доля учителей", "составила"),
        ("составил", "Уровень удовлетворённости", "составил"),
        ("составил", "Вовлечённость обучающихся", "составила"),
        ("составил", "Число пар", "составило"),
        ("составил", "Расходы на обучение", "составили"),
    ],
)
def test_verbs_agree_with_what_a_title_names(verb: str, title: str, words: str) -> None:
    """доля составила, уровень составил, число составило."""
    assert past(verb, title) == words


def test_a_participle_clause_is_closed() -> None:
    """«Доля педагогов, вошедших в программы, составила»; a title without such a clause stays."""
    assert clause_closed("Доля детей, вошедших в программы") == "Доля детей, вошедших в программы,"
    assert clause_closed("Доля предприятий (организаций), предоставивших своих наставников").endswith("наставников,")
    assert clause_closed("Вовлечённость обучающихся") == "Вовлечённость обучающихся"


@pytest.mark.parametrize(
    ("typed", "shown", "in_a_list"),
    [
        ("Соколова Анна Викторовна", "А. В. Соколова", "Соколова А. В."),
        ("Соколова А.В.", "А. В. Соколова", "Соколова А. В."),
        ("Соколова А. В.", "А. В. Соколова", "Соколова А. В."),
        ("Ким Юрий", "Ю. Ким", "Ким Ю."),
        ("Соколова", "Соколова", "Соколова"),
    ],
)
def test_names_of_those_who_sign(typed: str, shown: str, in_a_list: str) -> None:
    """Initials and surname, held together."""
    assert (spaced(short_name(typed)), spaced(short_name(typed, True))) == (shown, in_a_list)
    assert " " not in short_name(typed)


def test_organisations_are_not_declined() -> None:
    """An abbreviation stands after «в» as it is, any other name behind a general word."""
    assert within_organisation("МКОУ «СОШ № 4»") == "в МКОУ «СОШ № 4»"
    assert within_organisation("Лицей № 1") == "в образовательной организации «Лицей № 1»"
    assert within_organisation("Детский сад «Мак»") == "в образовательной организации Детский сад «Мак»"


def test_signs_halves_and_quotes() -> None:
    """отклонение – 0,5 п.п.; во II полугодии; quotes within quotes; в том числе."""
    assert [spaced(deviation(one)) for one in (-0.5, 11.7, 0.04)] == [
        "отклонение – 0,5 п.п.",
        "отклонение + 11,7 п.п.",
        "отклонения нет",
    ]
    assert [signed(0.8), signed(-0.5), signed(0), signed_whole(3), signed_whole(-2), signed_whole(0)] == [
        "+0,8", "\u22120,5", "0,0", "+3", "\u22122", "0",
    ]  # fmt: skip
    assert [spaced(within_half(half)) for half in ("I", "II")] == ["в I полугодии", "во II полугодии"]
    assert quoted("Об итогах") == quoted("«Об итогах»") == "«Об итогах»"
    assert quoted("О «Школе наставников»") == "«О „Школе наставников“»"
    assert including([("пары", 6), ("группы", 4)]) == "в том числе пары – 6, группы – 4"
    assert including([]) == ""


PIECES = "№ 69 5 пар 54,5 % – А. В. Соколова 20.12.2023 и | 345 п.п. г. 2023".split()


@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_typography_changes_spaces_only_and_once(words: list[str]) -> None:
    """A second time changes nothing."""
    text = " ".join(words)
    done = unbreakable(text)
    assert unbreakable(done) == done
    assert done.replace(NBSP, "").replace(" ", "") == text.replace(" ", "")


def test_what_is_held_together() -> None:
    """Number and noun, № and number, initials and surname, the dash and what is before it; dates and borders are not."""
    assert unbreakable("№ 69, 5 пар, 54,5 %") == f"№{NBSP}69, 5{NBSP}пар, 54,5{NBSP}%"
    assert unbreakable("А. В. Соколова – куратор") == f"А.{NBSP}В.{NBSP}Соколова{NBSP}– куратор"
    assert unbreakable("пары – 4, | – | 5 |") == f"пары{NBSP}–{NBSP}4, | – | 5 |"
    assert unbreakable("Соколова А. В.") == f"Соколова{NBSP}А.{NBSP}В."
    assert unbreakable("на 20.12.2023 собрано | 5 | – |") == "на 20.12.2023 собрано | 5 | – |"
