"""Parts of a name in another order than surname, first name, patronymic."""

from __future__ import annotations

import pytest

from sheets_sync.name_order import reordered, usual_order
from sheets_sync.people import name_key


@pytest.mark.parametrize(
    ("typed", "suggested"),
    [
        ("Анна Орлова Петровна", "Орлова Анна Петровна"),
        ("Иван Воробьёв", "Воробьёв Иван"),
        ("ПЁТР СИНИЦЫН", "СИНИЦЫН ПЁТР"),
        ("Львович Галкин Олег", "Галкин Олег Львович"),
        ("Жанна Вишневская", "Вишневская Жанна"),
        ("Любовь Соколова", "Соколова Любовь"),
    ],
)
def test_a_turned_name_is_put_right(typed: str, suggested: str) -> None:
    """The suggestion holds the words as typed."""
    turned = usual_order(name_key(typed))
    assert turned is not None
    assert reordered(typed, turned) == suggested


@pytest.mark.parametrize(
    "typed",
    [
        "Орлова Анна Петровна",
        "Воробьёв Иван",
        "Шевченко Марина Петровна",
        "Шевченко Марина",
        "Лебедь Константин Львович",
        "Абрамович Роман Львович",
        "Мартин Марина",
        "Орлова А.П.",
        "Роман Лев Ильич",
        "Иванова Полина",
        "Алиева Айгуль Рустам кызы",
        "Участник 12",
        "Мария",
        "",
    ],
)
def test_a_name_in_order_or_in_doubt_is_left_alone(typed: str) -> None:
    """Endings alone do not decide: the first part must be a first name, the other a surname."""
    assert usual_order(name_key(typed)) is None


def test_first_names_of_others_tell_too() -> None:
    """A rare first name is known from the people of the district; a surname of that ending is none."""
    assert usual_order("дарима орлова") is None
    assert usual_order("дарима орлова", {"дарима"}) == "орлова дарима"
    assert usual_order("дарима орлова", {"дарима", "орлова"}) is None
