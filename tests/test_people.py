"""Names of one person give one key however typed; posts are no people; several people in a cell come apart."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sheets_sync.people import (
    age_on,
    compatible,
    display_name,
    enterprise_key,
    initials_of,
    is_initials,
    is_person_name,
    is_post,
    name_key,
    organisation_key,
    split_people,
    split_responsible,
    usual_name,
)
from sheets_sync.text import fold

SURNAMES = st.sampled_from(["Ёлкин", "Рябова", "Мастеров", "Цой", "Петрова-Лис", "Секретарёва", "Директоренко", "Ли"])
GIVEN = st.sampled_from(["Анна", "Пётр", "Юлия", "Игорь", "Алёна"])
PATRONYMICS = st.sampled_from(["Ильинична", "Сергеевич", "Олеговна", "Фомич", "Юрьевна"])


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("Рябова О. К.", "рябова о к"),
        ("Рябова О.К.", "рябова о к"),
        ("О.К. Рябова", "рябова о к"),
        ("РЯБОВА О.К.,", "рябова о к"),
        ("Рябова О К", "рябова о к"),
        ("Рябова Ольга К.", "рябова ольга к"),
        ("Ольга Константиновна Рябова", "рябова ольга константиновна"),
        ("РЯБОВА Ольга Константиновна", "рябова ольга константиновна"),
        ("рябова ольга константиновна", "рябова ольга константиновна"),
        ("Pябова Ольга Константиновна", "рябова ольга константиновна"),
        ("Рябова O. K.", "рябова о к"),
        ("1. Рябова О.К.", "рябова о к"),
        ("Директор Рябова О.К.", "рябова о к"),
        ("заместитель директора по УВР Рябова Ольга Константиновна", "рябова ольга константиновна"),
        ("Рябова О.К., учитель физики", "рябова о к"),
        ("Рябова (Белых) Ольга", "рябова ольга"),
        ("Рябов Иван, 7А", "рябов иван"),
        ("Рябов Иван 7 «А» класс", "рябов иван"),
        ("Лис - Рябова Анна", "лис-рябова анна"),
        ("Гасанов Али Вагиф оглы", "гасанов али вагиф оглы"),
        ("Ёлкина Алёна", "елкина алена"),
        ("ОО-014", "оо-014"),
        ("Участник 12", "участник 12"),
    ],
)
def test_name_keys(typed: str, key: str) -> None:
    assert name_key(typed) == key


@given(SURNAMES, GIVEN, PATRONYMICS)
def test_every_spelling_of_a_name_is_compatible_with_the_others(surname: str, given: str, patronymic: str) -> None:
    full = name_key(f"{surname} {given} {patronymic}")
    assert full == name_key(f"{surname.upper()}  {given.upper()} {patronymic.upper()}")
    assert full == name_key(f"{surname} {given}\n{patronymic}")
    short = name_key(f"{surname} {given[0]}.{patronymic[0]}.")
    assert short == name_key(f"{given[0]}. {patronymic[0]}. {surname}") == initials_of(full)
    assert is_initials(short)
    assert not is_initials(full)
    for other in (short, name_key(f"{surname} {given} {patronymic[0]}."), name_key(f"{surname} {given}")):
        assert compatible(full, other)
        assert compatible(other, full)


def test_incompatible_names() -> None:
    assert not compatible("рябова ольга к", "рябова ирина к")
    assert not compatible("рябова о к", "рябова о м")
    assert not compatible("рябова", "рябова о к"), "a surname alone may be anyone's"
    assert not compatible("рябова о к", "рябов о к")


@pytest.mark.parametrize(
    "text",
    ["Зам по УВР", "руководители ШМО", "Куратор", "педагог-психолог", "Классный руководитель 7А",
     "Педагог дополнительного образования",
     "администрация", "Директор школы", "учитель математики", "Координатор, кураторы"],
)  # fmt: skip
def test_posts_are_no_people(text: str) -> None:
    assert is_post(text)
    assert not is_person_name(text)


NAME_WORDS = st.one_of(SURNAMES, GIVEN, PATRONYMICS, st.sampled_from(["Директор", "Зам", "Е.", "Ё.К.", "Е. К.", "Е.К"]))


@given(st.lists(NAME_WORDS, min_size=1, max_size=4).map(" ".join), st.sampled_from(["", ",", ".", " "]))
@example("Ёлкин Директор Ильинична", "")
@example("Ёлкин Е.", " ")
@example("Ёлкин Е.К", " ")
def test_a_usual_name_is_what_reading_it_with_care_says(words: str, end: str) -> None:
    usual = usual_name(words + end)
    if usual:
        assert usual == fold(words + end).strip(" .")
        assert is_person_name(words + end)
        assert not is_post(words + end)
        assert display_name(words + end) == words + end
        assert name_key(words + end) == name_key("  " + words + end)  # no plain form: read word by word


@given(SURNAMES, GIVEN)
def test_surnames_that_begin_like_posts_are_people(surname: str, given: str) -> None:
    assert is_person_name(f"{surname} {given}")
    assert not is_post(f"{surname} {given}")


@pytest.mark.parametrize(
    ("cell", "people"),
    [
        ("Чижова Людмила Николаевна,\nТитов Пётр Андреевич,\nДрозд Евгения Олеговна",
         ["Чижова Людмила Николаевна", "Титов Пётр Андреевич", "Дрозд Евгения Олеговна"]),
        ("1. Чижова О.К. 2. Титов И.И.", ["Чижова О.К.", "Титов И.И."]),
        ("1) Титов Иван, 7А\n2) Чижов Пётр, 7Б", ["Титов Иван", "Чижов Пётр"]),
        ("Чижова О.К., Титов И.И. и др.", ["Чижова О.К.", "Титов И.И."]),
        ("Чижова О.К. и Титов И.И.", ["Чижова О.К.", "Титов И.И."]),
        ("Чижова О.К. Титов И.И.", ["Чижова О.К.", "Титов И.И."]),
        ("Чижова О.К./Титов И.И.", ["Чижова О.К.", "Титов И.И."]),
        ("Чижова Ольга Ильинична Титов Иван Иванович", ["Чижова Ольга Ильинична", "Титов Иван Иванович"]),
        ("Чижова\nОльга Ильинична", ["Чижова Ольга Ильинична"]),
        ("Чижова Ольга\nИльинична", ["Чижова Ольга Ильинична"]),
        ("Чижова О.\nИ.", ["Чижова О. И."]),
        ("Чижова Ульяна; Титов Пётр", ["Чижова Ульяна", "Титов Пётр"]),
        ("Чижова О.К., учитель физики", ["Чижова О.К."]),
        ("Рябков П.А.,", ["Рябков П.А."]),
        ("Чижова Анна Ивановна", ["Чижова Анна Ивановна"]),
    ],
)  # fmt: skip
def test_people_of_one_cell(cell: str, people: list[str]) -> None:
    assert split_people(cell) == people


@pytest.mark.parametrize(
    ("cell", "responsible"),
    [
        ("Директор,\nзаместитель директора", ["Директор", "заместитель директора"]),
        ("Директор, заместитель директора\n 15", ["Директор", "заместитель директора"]),
        ("Директор\nКоординатор", ["Директор", "Координатор"]),
        ("Директор, кураторы и наставники", ["Директор", "кураторы", "наставники"]),
        ("заместитель директора по учебной и воспитательной работе",
         ["заместитель директора по учебной и воспитательной работе"]),
        ("Чижова О.К., классные руководители", ["Чижова О.К.", "классные руководители"]),
    ],
)  # fmt: skip
def test_responsible_persons_and_posts(cell: str, responsible: list[str]) -> None:
    assert split_responsible(cell) == responsible


def test_display_keeps_what_was_typed() -> None:
    assert display_name(" Рябова \u00a0О. М.,") == "Рябова О. М."


@given(st.text())
def test_any_text_has_a_key_and_comes_apart(text: str) -> None:
    assert name_key(text) == name_key(text)
    assert all(part.strip() for part in split_people(text))
    organisation_key(text)
    enterprise_key(text)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("МОУ ИРМО «Мало – Липовская НШДС»", "МКОУ «Мало-Липовская НШДС»"),
        ("СОШ № 4 г. Ясногорска", "МБОУ «СОШ №4» г.Ясногорска"),
        ("Муниципальное бюджетное общеобразовательное учреждение «Средняя общеобразовательная школа № 4»",
         "МБОУ СОШ № 4"),
        ("МБДОУ «Детский сад № 12 «Росинка»", "Детский сад №12 «Росинка»"),
        ("МАУ ДО ЦДО «Орбита»", "ЦДО «Орбита»"),
    ],
)  # fmt: skip
def test_one_school_under_two_names(left: str, right: str) -> None:
    assert organisation_key(left) == organisation_key(right)


def test_schools_told_apart() -> None:
    assert organisation_key("МБОУ СОШ № 4") != organisation_key("МБОУ СОШ № 14")
    assert organisation_key("МОУ") == "моу"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("АО «Речной порт Ясногорск»", "порт речной ясногорск"),
        ("Заозёрские электросети, АО", "заозерские электросети"),
        ("ООО «Агрофирма «Заря»", "агрофирма заря"),
        ("Общество с ограниченной ответственностью «Агрофирма \"Заря\"»", "агрофирма заря"),
        ("ООО «ЭнергоМонтаж – Север»", "энергомонтаж-север"),
        ("ИП Нечаева Л.П.", "лп нечаева"),
        ("Индивидуальный предприниматель Нечаева Людмила Петровна", "лп нечаева"),
        ("ГБУЗ «Ясногорская районная больница»", "больница районная ясногорская"),
    ],
)  # fmt: skip
def test_enterprise_keys(name: str, key: str) -> None:
    assert enterprise_key(name) == key


def test_age_counts_the_birthday_itself_and_a_year_alone_the_whole_year() -> None:
    assert age_on(date(2013, 12, 20), date(2023, 12, 20)) == 10
    assert age_on(date(2013, 12, 21), date(2023, 12, 20)) == 9
    assert age_on(2013, date(2023, 1, 1)) == 10
