"""Folding makes Russian text comparable however it was typed, and changes nothing it should not."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheets_sync import text as text_module
from sheets_sync.text import fold, heading_key, is_blank, mend_lookalikes, squeeze

TYPED = st.text(
    st.sampled_from("абвгдеёжзАБВЕКМНОРСТХABCEHKMOPTXacekopxyzn 0129-–—«»\"'<>&;[]\u00a0\u00ad\u200b\n\t№.,()й")
)


PLAIN = st.text(st.sampled_from("абвгдеёжзАБВЁй 01-.,()№\n\u00a0/:;!?"))


@given(st.one_of(PLAIN, TYPED, st.text()))
def test_folding_what_is_plain_in_passing_is_folding_it_with_care(text: str) -> None:
    assert fold(text) == text_module._folded_with_care(text)


def test_every_sign_passed_by_in_folding_may_be() -> None:
    signs = [sign for sign in map(chr, range(sys.maxunicode + 1)) if not text_module._NEEDS_FOLDING.search(sign)]
    for sign in signs:
        for text in (sign, f"{sign}Ё {sign}-{sign}", f"1{sign}{sign}а"):
            assert fold(text) == text_module._folded_with_care(text)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Ёлка", "ЕЛКА"),
        ("ученик – ученик", "Ученик-ученик"),
        ("Педагог –педагог", "«педагог — педагог»"),
        ("Наименование\nэтапа", "наименование  этапа"),
        ("ФИО\u00a0наставника", "фио наставника"),
        ("настав\u00adник\u200b", "наставник"),
        ("Kозлов", "Козлов"),
        ("ШCH", "шсн"),
        ("c 1 сентября", "с 1 сентября"),
        ("приказ [bookmark: _GoBack]", "приказ"),
        ("<ul><li>Положение</li></ul>", "положение"),
        ("Мало&nbsp;– Еланская", "мало-еланская"),
        ("и\u0306од", "йод"),
    ],
)
def test_spellings_of_one_text_fold_alike(left: str, right: str) -> None:
    assert fold(left) == fold(right)


@pytest.mark.parametrize(("left", "right"), [("P-145", "Р-145"), ("Excel", "Ехсел"), ("7А", "7Б"), ("<5", "5")])
def test_different_texts_stay_different(left: str, right: str) -> None:
    assert fold(left) != fold(right)


@given(st.one_of(TYPED, st.text()))
def test_folding_settles_at_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert heading_key(fold(text)) == heading_key(text)
    assert squeeze(squeeze(text)) == squeeze(text)


@given(st.one_of(TYPED, st.text()))
def test_squeezed_text_has_single_spaces_and_nothing_invisible(text: str) -> None:
    shown = squeeze(text)
    assert shown == " ".join(shown.split())
    assert not set("\u00ad\u200b\ufeff") & set(shown)


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("Kозлов Андрей", "Козлов Андрей"),
        ("Exсel", "Excel"),
        ("Распоряжение № P-145", "Распоряжение № P-145"),
        ("7A класс", "7A класс"),
        ("Иванова Ольга", "Иванова Ольга"),
        ("Word и Power", "Word и Power"),
    ],
)
def test_only_words_of_mixed_letters_are_mended(text: str, mended: str) -> None:
    assert mend_lookalikes(text) == mended


def test_initials_typed_in_latin_are_mended_in_names() -> None:
    assert mend_lookalikes("Петрова O. B.", whole_words=True) == "Петрова О. В."
    assert mend_lookalikes("OTTO", whole_words=True) == "OTTO", "nothing Cyrillic beside it tells what was meant"


@pytest.mark.parametrize(
    ("heading", "key"),
    [
        ("№ п/п", "номер"),
        ("N п.п.", "номер"),
        ("Ф. И. О. наставника*", "фио наставника"),
        ("Класс/группа", "класс группа"),
        ("Приказ №, дата", "приказ номер дата"),
        ("1. Соответствие целям", "соответствие целям"),
        ("5", "5"),
        ("2023", "2023"),
    ],
)
def test_heading_keys(heading: str, key: str) -> None:
    assert heading_key(heading) == key


@pytest.mark.parametrize("value", [None, "", "  ", "\u00a0\u200b\n", "[bookmark: _GoBack]"])
def test_what_shows_nothing_is_blank(value: object) -> None:
    assert is_blank(value)


@pytest.mark.parametrize("value", ["0", "-", 0.0, "нет"])
def test_what_shows_something_is_not(value: object) -> None:
    assert not is_blank(value)


def test_what_needs_no_care_is_left_as_it_is() -> None:
    # squeeze and fold pass such texts by in one search: nothing in them may be invisible, residue or composable
    plain = [chr(code) for code in range(sys.maxunicode + 1) if not text_module._NEEDS_CARE.search(chr(code))]
    assert {"я", "Й", "ё", " ", "№", "A", "9"} <= set(plain)
    assert not set(plain) & (set(text_module._INVISIBLE) | set("<[&_"))
    assert all(unicodedata.is_normalized("NFC", one + other) for one in plain for other in plain)


@given(st.text(st.sampled_from("аЙ1 \u00a0\u0301\u0306\u115f\u200b\u034f<b>&;_x0D[]"), max_size=8))
def test_blank_is_what_squeezes_to_nothing(value: str) -> None:
    assert is_blank(value) == (squeeze(value) == "")
