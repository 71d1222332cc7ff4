"""A field's reader as a dict from raw to typed value: a column costs one C-level pass, each distinct cell is read
once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime
from itertools import filterfalse
from math import isfinite

from sheets_sync.table import UNCALCULATED, CellError, Shown, Value
from sheets_sync.table_schema.model import Field
from sheets_sync.table_schema.types import AS_TYPED, DEPENDS_ON, ReadContext, Trouble, build
from sheets_sync.table_schema.types.reading import FORMULA_ERROR, bare_number
from sheets_sync.text import fold, is_blank

MEMO_LIMIT = 16_384  # cells; names and telephones of one school are of no use in the next
# Dashes, dots and underscores alone show that there is nothing to tell; «-» answers where yes and no are asked for.
_NOTHING = frozenset(" \t\n\r\v\f\xa0\u200b\ufeff-‐‑‒–—―−_.…·/\\")
_DASH_ANSWERS = frozenset(("boolean",))
_SHORT = frozenset(("integer", "number", "percent", "experience", "score"))
_LONGEST_NUMBER = 200  # characters of a cell that may hold a number
_NUMERIC = frozenset(("integer", "number", "percent", "experience"))


class Reader(dict[Value, object]):
    """Raw → typed value (:meth:`column` for all cells of one); ``troubles`` says of which cells to complain."""

    def __init__(self, field: Field, context: ReadContext) -> None:
        super().__init__()
        self.field = field
        self.troubles: dict[Value, Trouble] = {}
        self._read = build(field, context)
        self._missing = frozenset(fold(word) for word in field.missing_values)
        self._pattern = re.compile(field.pattern) if field.pattern else None
        self._bounded = field.type in _NUMERIC and (field.minimum is not None or field.maximum is not None)
        self._short = field.type in _SHORT
        self._dash_answers = field.type in _DASH_ANSWERS
        self._as_typed = None if field.many or context.part else AS_TYPED.get(field.type)

    def __missing__(self, raw: Value) -> object:
        if len(self) >= MEMO_LIMIT:
            self.clear()
        value, trouble = self._typed(raw)
        self[raw] = value
        if trouble is not None:
            self.troubles[raw] = trouble
        return value

    def column(self, raw: Sequence[Value]) -> list[object]:
        """The typed values of a column."""
        if self._as_typed is not None:
            self._take_as_typed(set(raw), self._as_typed)
        return list(map(self.__getitem__, raw))

    def _take_as_typed(self, values: Collection[Value], folded_of: Callable[[str], str]) -> None:
        """Read cells that are plainly one value just as they stand, with fewer steps than one by one."""
        if len(self) + len(values) > MEMO_LIMIT:
            return
        missing, pattern = self._missing, self._pattern
        for value in filterfalse(self.__contains__, values):
            if type(value) is str:
                folded = folded_of(value)
                if folded and folded not in missing and (pattern is None or pattern.fullmatch(value)):
                    self[value] = value

    def forget(self) -> None:
        """Drop what was read, troubles too: between columns, never within one."""
        self.clear()
        self.troubles.clear()

    def _typed(self, raw: Value) -> tuple[object, Trouble | None]:
        if isinstance(raw, str):
            if not raw:
                return None, None
            if raw[0] == "#" or raw[:3] in ("Err", "Ош:", "Оши"):
                if raw == UNCALCULATED:
                    return None, Trouble("cell-formula-no-value", "error")
                if isinstance(raw, CellError) or FORMULA_ERROR.fullmatch(raw.strip()):
                    return None, Trouble("cell-formula-error", "error")
            if _NOTHING.issuperset(raw) and not (self._dash_answers and "-" in fold(raw)):
                return None, None
            if self._missing and fold(raw).strip(" .") in self._missing:
                return None, None
            if len(raw) > _LONGEST_NUMBER and self._short:
                return None, Trouble("cell-type", None, None, (("why", "not-a-number"),))
            if not fold(raw):
                return None, None
        elif isinstance(raw, float) and not isfinite(raw):
            return None, Trouble("cell-type", None, None, (("why", "number"),))
        elif type(raw) is Shown and is_blank(raw.text):
            raw = float(raw)  # a format that hides the number: the cell still holds it
        value, trouble = self._read(raw)
        if value is not None and (trouble is None or trouble.severity == "info"):
            trouble = self._constraint(value) or trouble
        return value, trouble

    def _constraint(self, value: object) -> Trouble | None:
        field = self.field
        if self._bounded and isinstance(value, float | int):
            low, high = field.minimum, field.maximum
            if (low is not None and value < low) or (high is not None and value > high):
                bounds = (
                    ("why", "bounds"),
                    ("minimum", "" if low is None else bare_number(low)),
                    ("maximum", "" if high is None else bare_number(high)),
                )
                return Trouble("cell-range", field.range_severity, None, bounds)
        if self._pattern and isinstance(value, str) and not self._pattern.fullmatch(value):
            return Trouble("cell-pattern", "warning", None, (("why", "pattern"),))
        return None


# Fields that read alike share a number, and columns of one number and like context share a reader: a name met among the
# mentees is not read again among the pairs. Fields are held beside the number so that their ids stay their own.
_LIKENESS: dict[int, tuple[Field, int]] = {}
_NUMBERS: dict[tuple[object, ...], int] = {}
_READERS: dict[tuple[object, ...], Reader] = {}
_READERS_LIMIT = 2_000


def _likeness(field: Field) -> int:
    known = _LIKENESS.get(id(field))
    if known is None:
        told_by_name = field.name.endswith("_min") if field.type == "integer" else field.name == "mentee"
        alike = (
            *(field.type, field.many, field.enum, field.missing_values, field.pattern),
            *(field.minimum, field.maximum, field.range_severity, told_by_name and field.type in ("integer", "name")),
        )
        known = _LIKENESS[id(field)] = (field, _NUMBERS.setdefault(alike, len(_NUMBERS)))
    return known[1]


def reader_for(field: Field, context: ReadContext) -> Reader:
    """The reader of a column, shared by all columns of the process that read alike. Ask for it before every column."""
    depends = DEPENDS_ON.get(field.type, ())
    if len(_LIKENESS) >= _READERS_LIMIT or len(_READERS) >= _READERS_LIMIT:
        _LIKENESS.clear()
        _NUMBERS.clear()
        _READERS.clear()
    key = (
        _likeness(field),
        context.part,
        context.as_of if "as_of" in depends else None,
        context.school_year if "school_year" in depends else None,
        "heading_says_age" in depends and context.heading_says_age,
    )
    reader = _READERS.get(key)
    if reader is None:
        reader = _READERS[key] = Reader(field, context)
    elif len(reader) > MEMO_LIMIT // 2 or len(reader.troubles) > MEMO_LIMIT // 2:
        reader.forget()
    return reader


def _iso(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat(sep="T", timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def json_value(field: Field, typed: object) -> object:
    """A typed value as ``check --rows`` shows it (tables.md): ISO dates, lists, numbers without «.0», null for
    empty.
    """
    if typed is None:
        return None
    if isinstance(typed, dict):
        return {name: _iso(part) for name, part in typed.items()}
    if isinstance(typed, list | tuple):
        return [_iso(part) for part in typed]
    return _whole(_iso(typed))
