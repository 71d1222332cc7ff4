"""Numbers spelled out: «двадцать пять», «первое», «VIII»."""

from __future__ import annotations

import re

from sheets_sync.text import fold

_WORDS_OF_NUMBERS = {
    0: "ноль нуль",
    1: "один одна одного одно",
    2: "два две двух",
    3: "три трех",
    4: "четыре четырех",
    5: "пять пяти",
    6: "шесть шести",
    7: "семь семи",
    8: "восемь восьми",
    9: "девять девяти",
    10: "десять десяти",
    11: "одиннадцать",
    12: "двенадцать",
    13: "тринадцать",
    14: "четырнадцать",
    15: "пятнадцать",
    16: "шестнадцать",
    17: "семнадцать",
    18: "восемнадцать",
    19: "девятнадцать",
    20: "двадцать",
    30: "тридцать",
    40: "сорок",
    50: "пятьдесят",
    60: "шестьдесят",
    70: "семьдесят",
    80: "восемьдесят",
    90: "девяносто",
    100: "сто",
    200: "двести",
    300: "триста",
}
_UNITS = {word: number for number, words in _WORDS_OF_NUMBERS.items() for word in words.split()}
_BESIDE = frozenset("лет год года баллов балла балл часов часа час минут раз раза процентов процента процент".split())
_ROMAN = dict(zip("ii iii iv vi vii viii ix xi xii".split(), (2, 3, 4, 6, 7, 8, 9, 11, 12), strict=True))


def number_word(text: str) -> int | None:
    """25 of «двадцать пять», 8 of «VIII» (of «V» and «X», which are ticks, None); None if any word is not a number."""
    words = fold(text).strip(" .").split()
    if len(words) == 1 and words[0] in _ROMAN:
        return _ROMAN[words[0]]
    total, found = 0, False
    for word in words:
        if word in _BESIDE:
            continue
        if word not in _UNITS:
            return None
        total, found = total + _UNITS[word], True
    return total if found else None


_ORDINAL_STEMS = (
    "перв втор трет четверт пят шест седьм восьм девят десят одиннадцат двенадцат тринадцат четырнадцат пятнадцат "
    "шестнадцат семнадцат восемнадцат девятнадцат двадцат"
).split()
_ORDINAL_WORD = re.compile(
    r"(?:(?P<tens>двадцать|тридцать) )?(?P<stem>"
    + "|".join(sorted(_ORDINAL_STEMS, key=len, reverse=True))
    + r"|тридцат)"
    r"(?:ый|ой|ий|ая|ое|ье|ья|ого|ьего|ом|ьем)"
)


def ordinal_word(word: str) -> int | None:
    """1 … 31 of «первое», «двадцать пятого»."""
    match = _ORDINAL_WORD.fullmatch(word)
    if not match:
        return None
    number = 30 if match["stem"] == "тридцат" else _ORDINAL_STEMS.index(match["stem"]) + 1
    tens = {"двадцать": 20, "тридцать": 30}.get(match["tens"] or "", 0)
    return None if tens and number > 9 else tens + number
