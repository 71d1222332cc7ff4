"""Russian words of reports."""

from __future__ import annotations

import pytest

from sheets_sync.reporting.wording import by_name, counted, decimal, listed, percent, points, share, shortest, whole


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
