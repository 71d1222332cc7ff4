"""What a cell of an .xlsx sheet holds, told from its spelling: `` s="3" t="s"><v>12</v></c>`` is a text.

Only spellings whose meaning is certain are understood; anything else is :class:`Irregular`, and python-calamine with
the scan reads it. Cells are spelt alike over and over, so each spelling is read once: a sheet is looked up, not parsed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from itertools import chain
from math import floor

from sheets_sync.sources import number_format
from sheets_sync.sources.xlsx_scan import FALSE, TRUE, Styles
from sheets_sync.table import UNCALCULATED, CellError, Shown, Value

NUMBER, MOMENT, DURATION = "number", "moment", "duration"

# How the rest of a cell after its attributes may be spelt. A formula's text is of no interest: ``<f/>`` stands for it.
SPELLINGS = (
    rb"><v>[^<]*</v></c>",
    rb"/>",
    rb"><f/>(?:<v>[^<]*</v>|<v ?/>)?</c>",
    rb'><is><t(?: xml:space="preserve")?>[^<]*</t></is></c>',
    rb">(?:<v ?/>)?</c>",
)
MOST_SPELLINGS = 60_000  # kept at a time by one workbook
MOST_RECURRING, MOST_NUMBERED = 20_000, 8_192  # and by the process

_ATTRIBUTES = re.compile(
    rb'(?: t="(n|s|str|b|e|inlineStr)")?(?: s="(0|[1-9][0-9]{0,4})")?(?: t="(n|s|str|b|e|inlineStr)")?'
)
_NUMBER = re.compile(rb"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
_PLAIN = b"0123456789."  # of these alone either a number is made, or nothing float would take for one
_LONG_INTEGER = re.compile(rb"-?[0-9]{16,}")
_SURE_DIGITS = 15
_SERIAL_60 = re.compile(rb"60(?:\.[^<]*)?")
_ERRORS = frozenset({b"#REF!", b"#N/A", b"#DIV/0!", b"#NAME?", b"#NULL!", b"#NUM!", b"#VALUE!"})
_LOGICAL = {b"1": TRUE, b"0": FALSE}
_FORMULA, _VALUE, _VALUE_END, _NO_VALUES = b"<f/>", b"<v>", b"</v></c>", (b"<v/></c>", b"<v /></c>")
_BEFORE, _AFTER = len(_VALUE), -len(_VALUE_END)
_INLINE, _INLINE_KEPT, _INLINE_END = b"<is><t>", b'<is><t xml:space="preserve">', b"</t></is></c>"

BLANKS = " \t\r\n"
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_REFERENCE = re.compile("&(?:(amp|lt|gt|quot|apos)|#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6}));|&")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}

_EPOCH = datetime(1899, 12, 30)
_DAYS_1904 = 1462
_LEAP_DAY_1900 = 60  # the day that never was: serials below it are a day behind
_DAY = 86_400_000  # in milliseconds, to which serials are rounded
# Numbers that python-calamine takes for what they mean, or for numbers; beyond, it may fail.
_LIMITS = {NUMBER: float("inf"), MOMENT: 1e10, DURATION: 2_958_466.0}

_Reader = Callable[[bytes], Value | None]


class Irregular(Exception):
    """Not spelt the way known programs spell it: what it means is left to the careful way of reading."""


class Spellings(dict[bytes | None, Value]):
    """Spelling of a cell, from after its address to its end → its value. Raises Irregular for one not understood.

    ``blank`` are the spellings met of cells that hold nothing, None among them: a cell that is not there. An empty text
    is not nothing: it counts in the rectangle a sheet's values span. ``formats`` tells by style number what a number of
    that style is: NUMBER, MOMENT or DURATION.
    """

    def __init__(self, texts: Sequence[str], styles: Styles, formats: Sequence[str], *, date_1904: bool) -> None:
        super().__init__({None: ""})
        self.blank: set[bytes | None] = {None}
        self._texts, self._styles, self._formats, self._date_1904 = texts, styles, formats, date_1904
        self._readers: dict[bytes, _Reader] = {}

    def __missing__(self, spelled: bytes) -> Value:  # None is always there
        attributes, _, inside = spelled.partition(b">")
        reader = self._readers.get(attributes)
        if reader is None:
            reader = self._readers[attributes] = self._reader(attributes)
        value = reader(inside)
        if value is None:
            self.blank.add(spelled)
            value = ""
        self[spelled] = value
        return value

    def trim(self) -> None:
        """Forget spellings when there are too many; call it between two lookings-up."""
        if len(self) > MOST_SPELLINGS:
            self.clear()
            self[None] = ""
            self.blank.clear()
            self.blank.add(None)

    def _reader(self, attributes: bytes) -> _Reader:
        """How to read what follows these attributes."""
        if attributes.endswith(b"/"):
            self._reader(attributes[:-1].rstrip(b" "))
            return _nothing
        found = _ATTRIBUTES.fullmatch(attributes)
        if found is None or (found.group(1) and found.group(3)):
            raise Irregular("attributes")
        style = found.group(2)
        kind = found.group(1) or found.group(3) or b"n"
        if style is not None and int(style) >= len(self._formats):
            raise Irregular("style")
        if kind == b"s":
            if attributes == b' t="s"' and len(self._texts) < MOST_SPELLINGS // 2:  # mostly all of them are used so
                self.update(_numbered(b' t="s"><v>%d</v></c>', self._texts))
            return self._text
        if kind == b"n":
            return self._numbers(style)
        return {b"str": _text, b"b": _logical, b"e": _error, b"inlineStr": _inline}[kind]

    def _text(self, inside: bytes) -> Value | None:
        return self._text_by_number[inside]

    @cached_property
    def _text_by_number(self) -> _Texts:
        return _Texts(_numbered(b"<v>%d</v></c>", self._texts))

    def _numbers(self, style: bytes | None) -> _Reader:
        """Reader of the numbers of a style."""
        styled, dates = style or b"0", self._styles.dates  # what is told of style 0 holds for no style only in part
        meaning = self._formats[int(style)] if style is not None else NUMBER
        read = _numbers(meaning, is_date=style in dates, keeps_digits=styled not in dates, date_1904=self._date_1904)
        show = self._styles.shown.get(style) if style is not None else None
        if show is None:
            return read
        if meaning != NUMBER:
            raise Irregular("format")
        return lambda inside: _as_shown(read(inside), show)


def _numbered(spelling: bytes, texts: Sequence[str]) -> Iterable[tuple[bytes, str]]:
    """The texts, each with the spelling of its number; spellings, and so their hashes, are kept from one workbook to
    the next."""
    kept = _NUMBERED.setdefault(spelling, [])
    kept += [spelling % i for i in range(len(kept), min(len(texts), MOST_NUMBERED))]
    more = [spelling % i for i in range(MOST_NUMBERED, len(texts))]
    return zip(chain(kept, more), texts, strict=False)


_NUMBERED: dict[bytes, list[bytes]] = {}


class _Texts(dict[bytes, Value | None]):
    """What follows a cell's attributes → the text it names by its number."""

    def __missing__(self, inside: bytes) -> Value | None:
        formula, number = _result(inside)
        if number:  # as with leading zeros
            known = (
                self.get(b"<v>%d</v></c>" % int(number)) if number.isdigit() and len(number) <= _SURE_DIGITS else None
            )
            if known is None:
                raise Irregular("text")
            return known
        return UNCALCULATED if formula else None


def _as_shown(value: Value | None, show: number_format.Show) -> Value | None:
    return Shown(value, show(value)) if type(value) is float else value


@dataclass(frozen=True, slots=True)
class _Numbers:
    """Numbers of one kind: what they mean, and whether the scan takes them for dates or for digits to be kept."""

    meaning: str
    is_date: bool
    keeps_digits: bool
    date_1904: bool

    def read(self, inside: bytes) -> Value | None:
        """The value of a cell from what follows its attributes."""
        formula, text = (False, inside[_BEFORE:_AFTER]) if inside.startswith(_VALUE) else _result(inside)
        if not text:
            return UNCALCULATED if formula else None
        if text.translate(None, _PLAIN) and not _NUMBER.fullmatch(text):
            raise Irregular("number")
        try:
            number = float(text)
        except ValueError as error:
            raise Irregular("number") from error
        if not abs(number) < _LIMITS[self.meaning]:
            raise Irregular("number")
        if self.keeps_digits and len(text) > _SURE_DIGITS and b"." not in text and _LONG_INTEGER.fullmatch(text):
            return Shown(number, text.decode())
        if self.is_date and text.startswith(b"-"):
            return number
        if self.is_date and not self.date_1904 and _SERIAL_60.fullmatch(text):
            return "29.02.1900"
        return number if self.meaning == NUMBER else _since_epoch(number, self.meaning, self.date_1904)


class _Recurring(dict[bytes, Value | None]):
    """What follows the attributes of dates and numbers → these, which come in every workbook; moments do not."""

    def __init__(self, read: _Reader) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, inside: bytes) -> Value | None:
        value = self._read(inside)
        if type(value) in (date, float):
            if len(self) >= MOST_RECURRING:
                self.clear()
            self[inside] = value
        return value


@lru_cache(maxsize=32)
def _numbers(meaning: str, *, is_date: bool, keeps_digits: bool, date_1904: bool) -> _Reader:
    """Reader of the numbers of a kind, the same one for every workbook."""
    return _Recurring(_Numbers(meaning, is_date, keeps_digits, date_1904).read).__getitem__


def _result(inside: bytes) -> tuple[bool, bytes | None]:
    """Whether there is a formula, and the text of the value; None for no value at all."""
    if inside.startswith(_VALUE):
        return False, inside[_BEFORE:_AFTER]
    formula = inside.startswith(_FORMULA)
    if formula:
        inside = inside[len(_FORMULA) :]
    if inside.startswith(_VALUE):
        return formula, inside[_BEFORE:_AFTER]
    if inside in _NO_VALUES:
        return formula, b""
    if inside == b"</c>":
        return formula, None
    raise Irregular("value")


def _since_epoch(serial: float, meaning: str, date_1904: bool) -> Value:
    """The day, moment, time of day or duration a serial number stands for; the number itself beyond the last day."""
    if serial < 0:
        raise Irregular("serial")
    if meaning == DURATION:
        return _milliseconds(serial)
    days = serial + _DAYS_1904 if date_1904 else serial
    if days < _LEAP_DAY_1900:
        days += 1
    try:
        moment = _EPOCH + _milliseconds(days)
    except OverflowError:
        return serial
    if serial < 1:
        return moment.time()
    return moment.date() if serial.is_integer() else moment


def _milliseconds(days: float) -> timedelta:
    """So many days, rounded to milliseconds."""
    whole, rest = divmod(floor(days * _DAY + 0.5), _DAY)
    return timedelta(whole, 0, rest * 1000)


def _nothing(_: bytes) -> None:
    return None


def _text(inside: bytes) -> Value | None:
    text = _result(inside)[1]
    return None if text is None else text_of(text)


def _logical(inside: bytes) -> Value | None:
    formula, text = _result(inside)
    if not text:
        return UNCALCULATED if formula else None
    if text not in _LOGICAL:
        raise Irregular("logical value")
    return _LOGICAL[text]


def _error(inside: bytes) -> Value | None:
    text = _result(inside)[1]
    if text not in _ERRORS:
        raise Irregular("error")
    return CellError(text.decode())


def _inline(inside: bytes) -> Value | None:
    if inside == b"</c>":
        return None
    if not inside.endswith(_INLINE_END):
        raise Irregular("inline text")
    if inside.startswith(_INLINE):
        return text_of(inside[len(_INLINE) : -len(_INLINE_END)], trimmed=True)
    return text_of(inside[len(_INLINE_KEPT) : -len(_INLINE_END)])


def text_of(spelled: bytes, *, trimmed: bool = False) -> str:
    """The text an element's contents spell. ``trimmed``: blanks around it are only the writer's layout."""
    try:
        text = spelled.decode()
    except UnicodeDecodeError as error:
        raise Irregular("encoding") from error
    text = resolved(text)
    return unescaped(text.strip(BLANKS) if trimmed else text)


def resolved(text: str) -> str:
    """Line ends and references to characters as XML means them."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _REFERENCE.sub(_character, text) if "&" in text else text


def _character(found: re.Match[str]) -> str:
    name, in_tens, in_hex = found.groups()
    if name:
        return _NAMED[name]
    code = int(in_tens) if in_tens else int(in_hex, 16) if in_hex else 0
    if not (0 < code < 0xD800 or 0xE000 <= code < 0x110000):
        raise Irregular("reference")
    return chr(code)


def unescaped(text: str) -> str:
    """``_x000D_`` as the character it stands for (ECMA-376 22.4.2.4)."""
    return _ESCAPED.sub(_escaped_character, text) if "_x" in text else text


def _escaped_character(found: re.Match[str]) -> str:
    code = int(found.group(1), 16)
    if 0xD800 <= code < 0xE000 or code >= 0xFFFE:
        raise Irregular("escape")
    return chr(code)
