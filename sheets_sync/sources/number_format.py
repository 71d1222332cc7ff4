"""Number formats: which of them show a person something else than the number in the cell, and what they show.

A code such as ``0.0%``, ``000`` or ``"гр. "0`` is read once; rounding, grouping and colours do not count as showing
something else. Grammar: ECMA-376 part 1, 18.8.31.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import NamedTuple

Show = Callable[[float], str]

# Numbers of formats every spreadsheet program knows without a definition (18.8.30) and that matter here.
BUILT_IN: dict[int, str] = {9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??", 48: "##0.0E+0", 49: "@"}
BUILT_IN.update(dict.fromkeys((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)), "d"))

_TOKEN = re.compile(
    r"""
    "(?P<quoted>[^"]*)"? | \\(?P<escaped>.) | _(?P<skipped>.) | \*(?P<filled>.) | \[(?P<bracket>[^\]]*)\]
    | (?P<general>General) | (?P<digits>[0\#?]) | (?P<point>\.) | (?P<comma>,) | (?P<percent>%) | (?P<section>;)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_CURRENCY = re.compile(r"\$([^-]*)")
_MAX_SECTIONS = 4
_EXACT_DIGITS = 15  # a spreadsheet's numbers carry no more (18.17.5.2)


class _Section(NamedTuple):
    """One part of a format: the pieces before the decimal point, after it, and how the number is scaled."""

    whole: tuple[str, ...]  # "0", "#" or "?" for a place, anything else is shown as it is
    fraction: tuple[str, ...]
    percents: int
    thousands: int
    special: bool  # shows something else than the (rounded) number
    general: bool  # as many decimals as the number has


def _is_place(piece: str) -> bool:
    return piece in ("0", "#", "?")


def _sections(code: str) -> list[_Section] | None:
    """The sections of a numeric format; None for dates, fractions, exponents, conditions and text formats."""
    sections: list[_Section] = []
    whole: list[str] = []
    fraction: list[str] = []
    current, percents, commas, general = whole, 0, 0, False

    def close() -> _Section:
        literal = "".join(piece for piece in (*whole, *fraction) if not _is_place(piece))
        padded = whole.count("0") > 1
        special = padded or any(letter.isalnum() or letter in "%№#/\\_" for letter in literal)
        return _Section(tuple(whole), tuple(fraction), percents, commas, special, general)

    for token in _TOKEN.finditer(code):
        kind, text = token.lastgroup, token.group()
        if kind == "section":
            sections.append(close())
            if len(sections) == _MAX_SECTIONS:
                return None
            whole, fraction = [], []
            current, percents, commas, general = whole, 0, 0, False
        elif kind == "digits":
            current.append(text)
            commas = 0
        elif kind == "comma":
            commas += 1  # after the last digit: thousands; between digits: grouping, which is no change
        elif kind == "point":
            current = fraction
        elif kind == "percent":
            percents += 1
            current.append("%")
        elif kind in ("quoted", "escaped"):
            current.extend(token.group(kind))
        elif kind == "bracket":
            inside = token.group("bracket")
            currency = _CURRENCY.match(inside)
            if currency:
                current.extend(currency.group(1))
            elif re.match(r"[<>=hmsHMSчмс]", inside):
                return None  # a condition or a duration
        elif kind == "general":
            current.append("0")
            general = True
        elif kind == "other":
            if text.lower() in "dmyhsaeb/@ge":
                return None  # a date, an exponent, a fraction, a text
            current.append(text)
    sections.append(close())
    return sections


@lru_cache(maxsize=4096)
def show(code: str) -> Show | None:
    """What cells of this format show, where that is more or other than the number itself; else None."""
    sections = _sections(code)
    if not sections or not any(section.special for section in sections[:3]):
        return None
    if not any(map(_is_place, (*sections[0].whole, *sections[0].fraction))):
        return None  # a format that hides the number shows nothing we could trust

    def shown(number: float) -> str:
        section, sign = sections[0], "-" if number < 0 else ""
        if number < 0 and len(sections) > 1:
            section, sign = sections[1], ""
        elif number == 0 and len(sections) > 2:
            section = sections[2]
        if not any(map(_is_place, (*section.whole, *section.fraction))):
            return f"{number:.15g}".replace(".", ",")
        try:
            return sign + _fill(section, abs(number))
        except InvalidOperation:  # not a finite number, or too many digits to lay out
            return f"{number:.15g}".replace(".", ",")

    return shown


def is_date(code: str) -> bool:
    """Whether cells of this format show a calendar date or a time of day (not a duration such as ``[h]:mm``)."""
    bare = re.sub(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]', "", code)
    return (
        re.search(r"\[[hms]+\]", code, re.IGNORECASE) is None
        and re.search(r"[dmyhs]", bare.replace("General", ""), re.IGNORECASE) is not None
    )


def _fill(section: _Section, number: float) -> str:
    amount = Decimal(f"{number:.{_EXACT_DIGITS}g}") * 100**section.percents / 1000**section.thousands
    if section.general:
        whole_text, _, decimals = format(amount.normalize(), "f").partition(".")
        return _whole(section.whole, whole_text, "," + decimals if decimals else "")
    fraction = section.fraction
    places = sum(map(_is_place, fraction))
    rounded = format(amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP), "f")
    whole_text, _, decimals = rounded.partition(".")
    needed = max((i for i, place in enumerate(filter(_is_place, fraction)) if place == "0"), default=-1) + 1
    while len(decimals) > needed and decimals.endswith("0"):
        decimals = decimals[:-1]
    digits = iter(decimals)
    after = "".join(next(digits, "") if _is_place(piece) else piece for piece in fraction)
    return _whole(section.whole, whole_text) + ("," if decimals else "") + after


def _whole(pieces: tuple[str, ...], digits: str, decimals: str = "") -> str:
    """Digits put into the places before the point from the right; the first place takes all that are left."""
    left = list(digits.lstrip("0") or ("0" if decimals else ""))
    places = sum(map(_is_place, pieces))
    out: list[str] = []
    for piece in reversed(pieces):
        if not _is_place(piece):
            out.append(piece)
            continue
        places -= 1
        if left:
            out.append(("".join(left) if places == 0 else left.pop()) + decimals)
        elif piece == "0":
            out.append("0" + decimals)
        decimals = ""
    return "".join(reversed(out))
