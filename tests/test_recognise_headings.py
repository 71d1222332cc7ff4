"""Headings matched by meaning: word forms, abbreviations, word order, brackets, slips; and what must not be taken for alike."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheets_sync.recognise import HeadingIndex, heading_index
from sheets_sync.recognise.words import NEUTRAL, stem, weight, words_of
from sheets_sync.table_schema.loading import load_definitions


@pytest.fixture(scope="module")
def index() -> HeadingIndex:
    return heading_index(load_definitions())


MEANT = {
    "mentees": {
        "Ф.И.О. наставляемого обучающегося (полностью)": "full_name",
        "Имя, фамилия обучающегося": "full_name",
        "Число, месяц, год рожд.": "birth",
        "Возраст (полных лет)": "birth",
        "Тел. законного представителя": "contact",
        "Категория (ОВЗ, ТЖС, одарённые)": "categories",
        "Дата выхода ребёнка из программы": "date_out",
        "Ф.И.О. закреплённого за ребёнком наставника": "mentor",
        "Согласие родителей на обр. перс. данных (дата)": "consent",
    },
    "mentors": {
        "ФИО педагога – наставника, полностью": "full_name",
        "Стаж пед. работы (лет)": "experience_years",
        "Желаемый возраст наставляемого": "wanted_age",
        "Договор о сотрудничестве, № и дата": "contract",
    },
    "pairs": {
        "Наставник (Ф.И.О. полностью)": "mentor",
        "Форма наст-ва": "form",
        "Дата нач. работы пары": "date_from",
        "Дата оконч. работы пары": "date_to",
        "Планир. кол-во встреч": "planned_meetings",
    },
    "meetings": {
        "Дата и время проведения встречи": "date",
        "Длит., мин": "duration_min",
        "Форма встречи (очно/дистанционно)": "mode",
        "Тема и содержание встречи": "topic",
    },
    "roadmap": {
        "Ответств. исполнитель": "responsible",
        "Срок исполнения мероприятия": "due",
        "Факт. дата исполнения": "done_on",
    },
    "consents": {"Кем подписано (сам / родитель)": "signed_by", "Дата отзыва согласия": "revoked_on"},
    "school_profile": {
        "Всего обучающихся в ОО, чел.": "n_pupils",
        "Обучающихся 15–18 лет": "n_15_18",
        "Молодых педагогов (стаж до 3 лет)": "n_young",
    },
    "network": {"Ф.И.О. сетевого наставника": "network_mentor", "Организация стажёра": "trainee_org"},
}


@pytest.mark.parametrize(
    ("table", "heading", "field"), [(t, h, f) for t, pairs in MEANT.items() for h, f in pairs.items()]
)
def test_meaning(index: HeadingIndex, table: str, heading: str, field: str) -> None:
    """A heading nobody listed is understood."""
    assert index.match(heading)[table][0].field == field


@pytest.mark.parametrize(
    ("table", "heading"),
    [
        ("pairs", "Должность наставника"),
        ("pairs", "Дата рождения наставляемого"),
        ("mentees", "Дата рождения наставника"),
        ("pairs", "Класс наставляемого"),
        ("meetings", "Дата рождения"),
        ("curators", "ФИО наставника"),
        ("pairs", "№"),
        ("meetings", "№ п/п"),
        ("mentees", "Кабинет"),
        ("pairs", "Примечание"),
    ],
)
def test_what_is_something_else(index: HeadingIndex, table: str, heading: str) -> None:
    """A word in common does not make the same heading: whom it is about and what kind of thing it asks for matter."""
    assert not index.match(heading).get(table)


def test_look_alike_letters_case_and_spaces(index: HeadingIndex) -> None:
    """«ФИО  HACTABHИKA» with Latin letters, line breaks and double spaces is the plain heading."""
    for typed in (
        "ФИO HACTABHИKA",
        "Ф.И.О.\nнаставника",
        "  фио   наставника: ",
        "ФИО\u00a0наставника*",
        "ФИО наста\u00adвника",
    ):
        assert index.match(typed)["pairs"][0].field == "mentor", typed


def test_stems_and_concepts() -> None:
    """Endings do not matter, and words schools use alike are one."""
    assert stem("наставляемого") == stem("наставляемых") == stem("наставляемый")
    assert stem("наставника") == stem("наставники")
    assert stem("учащихся") == stem("обучающиеся") == stem("ученик")
    assert stem("наставник") != stem("наставляемый")
    assert words_of("Дата нач. работы")[1] == frozenset({"нач"})


def test_compiled_once() -> None:
    """The index is made once per set of definitions."""
    definitions = load_definitions()
    assert heading_index(definitions) is heading_index(definitions, "school-1")


@given(st.data())
def test_aliases_that_share_enough_are_found_by_their_rare_words(index: HeadingIndex, data: st.DataObject) -> None:
    """Left out are those alone that share less: as if all words of the heading were looked up."""
    word = st.sampled_from(sorted(index._by_stem))
    meant = data.draw(st.lists(st.frozensets(word, min_size=1, max_size=3), max_size=8))
    least = data.draw(st.floats(0.0, 5.0))
    shared: dict[int, float] = defaultdict(float)
    for one in (one for meanings in meant for one in meanings if one not in NEUTRAL):
        for number in index._by_stem[one]:
            shared[number] += weight(one)
    expected = {number: pytest.approx(says) for number, says in shared.items() if says >= least + 1e-6}
    found = dict(index._sharing(meant, least))
    assert {number: found[number] for number in expected} == expected
    assert all(shared[number] >= least - 1e-6 for number in found)
