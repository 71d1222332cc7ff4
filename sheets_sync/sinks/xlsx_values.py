"""Values as the cells of an .xlsx file, each from behind the attribute that names its style.

Text is inline: no table of shared strings has to be held in memory.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sheets_sync.sinks.office_xml import ILLEGAL, escape

MAX_TEXT = 32_767  # UTF-16 code units in a cell (specifications and limits, Microsoft 365)
REMEMBERED_TEXTS = 20_000  # distinct texts kept in rendered form: about 6 MB

_TO_CARE_FOR = re.compile("[&<>\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_x[0-9A-Fa-f]{4}_|^\\s|\\s$")
_ENCODED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")  # Excel reads _x0041_ as «A»: a literal one has its underscore encoded
BLANK = "/>"  # a cell that holds nothing
_INLINE = re.compile(r' t="inlineStr"><is><t(?: xml:space="preserve")?>(.*)</t></is></c>', re.DOTALL)


def shortened(text: str, limit: int = MAX_TEXT) -> str:
    """The text as far as a cell of so many UTF-16 code units can hold it; what was cut is said at its end."""
    if len(text.encode("utf-16-le", "surrogatepass")) // 2 <= limit:
        return text
    note = f"… [показано не всё: в тексте {len(text)} знаков]"
    kept = text.encode("utf-16-le", "surrogatepass")[: 2 * (limit - len(note))]
    return kept.decode("utf-16-le", "ignore") + note


def _is_plain(text: str) -> bool:
    """Whether a text that is not empty is surely nothing to care for: quicker than to search it, and mostly so."""
    return (
        text.isprintable()
        and "&" not in text
        and "<" not in text
        and ">" not in text
        and "_x" not in text
        and text[0] != " "
        and text[-1] != " "
    )


def text_cell(text: str) -> str:
    """A text cell from behind its style: always text, whatever it begins with."""
    if len(text) > MAX_TEXT // 2:
        text = shortened(text)
    if not text or _is_plain(text) or not _TO_CARE_FOR.search(text):
        return f' t="inlineStr"><is><t>{text}</t></is></c>' if text else BLANK
    text = ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if not text:
        return BLANK
    text = _ENCODED.sub("_x005F_", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    space = ' xml:space="preserve"' if text[0].isspace() or text[-1].isspace() else ""
    return f' t="inlineStr"><is><t{space}>{text}</t></is></c>'


class TextCells(dict[str | None, bytes]):
    """Distinct text → cell from behind its style; forgets when it grows too large."""

    def __missing__(self, text: str | None) -> bytes:
        if len(self) > REMEMBERED_TEXTS:
            self.clear()
        cell = self[text] = (text_cell(text) if text else BLANK).encode()
        return cell


def serial(day: date) -> int:
    """Excel's number of a day on or after 01.03.1900 (before that its calendar has a day too many)."""
    return day.toordinal() - 693_594


def date_cell(day: date) -> str:
    """A date as a real date; one that Excel's calendar cannot hold is text."""
    number = serial(day)
    return f"><v>{number}</v></c>" if number >= 61 else text_cell(f"{day:%d.%m}.{day.year:04d}")


def datetime_cell(moment: datetime) -> str:
    """A moment to the second, as the clock on the wall showed it."""
    number = serial(moment)
    if number < 61:
        return text_cell(f"{moment:%d.%m}.{moment.year:04d} {moment:%H:%M:%S}")
    seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
    return f"><v>{number + round(seconds / 86_400, 10)!r}</v></c>"


def integer_cell(number: int) -> str:
    """Beyond 15 digits a spreadsheet would round it: such a number is text."""
    return f"><v>{number}</v></c>" if -(10**15) < number < 10**15 else text_cell(str(number))


def number_cell(number: float) -> str:
    """Not-a-number is an empty cell, infinity is text."""
    if number != number:
        return BLANK
    if number in (float("inf"), float("-inf")):
        return text_cell("∞" if number > 0 else "-∞")
    return f"><v>{number!r}</v></c>"


def percent_cell(number: float) -> str:
    """54.5 per cent is stored as 0.545, as spreadsheets do."""
    if number != number or number in (float("inf"), float("-inf")):
        return number_cell(number)
    return f"><v>{round(number / 100, 12)!r}</v></c>"


def formula_cell(text: str, cell: str) -> str:
    """A live formula with the value it has now, which ``cell`` is, from behind its style."""
    formula = f"<f>{escape(text)}</f>"
    if cell == BLANK:
        return f' t="str">{formula}<v></v></c>'
    if told := _INLINE.fullmatch(cell):
        return f' t="str">{formula}<v>{told[1]}</v></c>'
    return f">{formula}{cell[1:]}"


_BLANK = BLANK.encode()
_YES_NO = {True: text_cell("да").encode(), False: text_cell("нет").encode()}


class Cells:
    """Renders the values of a column, in UTF-8; a text is escaped once, since the files of a run say much the same."""

    _texts = TextCells()

    def __init__(self) -> None:
        self._dates: dict[date, bytes] = {}

    def text(self, values: Sequence[object]) -> list[bytes]:
        """Cells of a column known to hold only text and None."""
        return list(map(self._texts.__getitem__, values))  # type: ignore[arg-type]

    @staticmethod
    def pure(values: Sequence[Any], cell: Callable[[Any], str]) -> list[bytes]:
        """Cells of a column whose values are all fit for ``cell``, or None; repeated values are rendered once."""
        known: dict[Any, bytes] = {None: _BLANK}
        known.update((value, cell(value).encode()) for value in set(values) if value is not None)
        return list(map(known.__getitem__, values))

    def mixed(self, values: Sequence[object], *, percent: bool = False) -> list[bytes]:
        """Cells of any values, each by its own type; a percent column's numbers are per cents."""
        return [self.one(value, percent=percent) for value in values]

    def one(self, value: object, *, percent: bool = False) -> bytes:
        """One cell from behind its style."""
        if value is None or isinstance(value, str):
            return self._texts[str(value) if type(value) is not str and value is not None else value]
        if isinstance(value, bool):
            return _YES_NO[value]
        if value != value:  # not a number, not a time
            return _BLANK
        if isinstance(value, datetime):
            return datetime_cell(value).encode()
        if isinstance(value, date):
            cell = self._dates.get(value)
            if cell is None:
                cell = self._dates[value] = date_cell(value).encode()
            return cell
        if percent and isinstance(value, (int, float)):
            # An integer is divided as it is, as in a column of integers: one beyond 2⁵³ would be rounded twice.
            return percent_cell(value if type(value) is int else float(value)).encode()
        if isinstance(value, int):
            return integer_cell(int(value)).encode()
        if isinstance(value, float):
            return number_cell(float(value)).encode()
        if isinstance(value, tuple):  # a Link: its text; where it leads stands beside the rows
            return self._texts[str(value[0])]
        if isinstance(value, (time, timedelta)):
            return self._texts[str(value)]
        return self._foreign(value, percent)

    def _foreign(self, value: object, percent: bool) -> bytes:
        """Numbers and dates of other libraries (numpy, decimal), without importing them; anything else as its text."""
        plain = getattr(value, "item", None)
        if callable(plain):
            return self.one(plain(), percent=percent)
        try:
            return self.one(float(value), percent=percent)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            return self._texts[str(value)]
