"""Columns whose heading says nothing known, but whose cells can hold only one field of the table found."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from sheets_sync.recognise.assign import Assignment, holds_all, is_row_number, part_of
from sheets_sync.recognise.blocks import Heading
from sheets_sync.recognise.contents import fits
from sheets_sync.recognise.headings import Match, subject_of
from sheets_sync.recognise.words import ROLES, words_of
from sheets_sync.table import Value, display
from sheets_sync.table_schema.model import Field

LEAST_CELLS = 3
_CODE = re.compile(r"\s*[^\W\d_]{1,10}[\s./–—-]*\d{1,5}(?:[./-]\d{1,4})?\s*")
_NUMBER_OR_CODE = re.compile(rf"{_CODE.pattern}|\s*\d{{1,4}}(?:[.,/-]\d{{1,4}})?\s*")
_OF_PAIRS = {"пар", "групп", "дуэт", "экипаж"}
_ONE_SLIP_IN = 8
_CLASS = re.compile(r"\s*(?:[1-9]|1[01])\s*[-–—]?\s*[«\"“]?\s*[А-ЯЁа-яё]\s*[»\"”]?\s*(?:кл(?:асс)?\.?)?\s*")


def take_by_contents(assignment: Assignment, cells_below: Callable[[int], Sequence[Value]]) -> None:
    """Give headings left over the one missing field whose values stand below them.

    Only fields with values of their own kind are given so: listed words, classes, addresses of e-mail, ИНН. A heading
    that speaks of another person, or cells that suit two fields, stay unread.
    """
    schema = assignment.schema
    _take_codes(assignment, cells_below)
    _take_spans(assignment, cells_below)
    free = [
        item
        for item in schema.fields
        if item.type in ("enum", "class", "email", "inn") and item.name not in assignment.fields
    ]
    wanted: dict[str, list[Heading]] = {}
    for heading in assignment.left if free else ():
        if is_row_number(heading) or len(heading.columns) > 1:
            continue
        if (set(words_of(heading.text)[0]) & ROLES) - subject_of(schema):
            continue
        values = cells_below(heading.columns[0])
        if len(values) >= LEAST_CELLS:
            suited = [item for item in free if _mostly(values, item)]
            if len(suited) == 1:
                wanted.setdefault(suited[0].name, []).append(heading)
    for name, headings in wanted.items():
        if len(headings) == 1:
            assignment.fields[name] = (headings[0], Match(name, 0.7, "contents"))
            assignment.left.remove(headings[0])


def _take_codes(assignment: Assignment, cells_below: Callable[[int], Sequence[Value]]) -> None:
    """«Номер» or «№» over «П-01, П-02» numbers no rows: these are pairs, where the table has a column for them; so are
    «1.1, 1.2» under «Пара»."""
    schema = assignment.schema
    if "pair_id" in assignment.fields or not any(item.name == "pair_id" for item in schema.fields):
        return
    for heading in assignment.left:
        of_pair = set(words_of(heading.text)[0]) & _OF_PAIRS
        if (of_pair or is_row_number(heading)) and len(heading.columns) == 1:
            values = cells_below(heading.columns[0])
            pattern = _NUMBER_OR_CODE if of_pair else _CODE
            codes = sum(bool(pattern.fullmatch(display(value))) for value in values)
            if len(values) >= LEAST_CELLS and codes * 4 >= len(values) * 3:
                assignment.fields["pair_id"] = (heading, Match("pair_id", 0.7, "contents"))
                assignment.left.remove(heading)
                return


def _take_spans(assignment: Assignment, cells_below: Callable[[int], Sequence[Value]]) -> None:
    """The one column left whose cells hold two dates each, «с 18.09.2024 по 31.05.2025»: the span the table lacks."""
    schema = assignment.schema
    for group in schema.glued:
        fields = [schema.field(name) for name in group]
        if len(fields) != 2 or any(one.type != "date" or one.name in assignment.fields for one in fields):
            continue
        spans = [
            heading
            for heading in assignment.left
            if len(heading.columns) == 1
            and len(values := cells_below(heading.columns[0])) >= LEAST_CELLS
            and holds_all(values, fields)
        ]
        if len(spans) == 1:
            for one in fields:
                assignment.fields[one.name] = (spans[0], Match(one.name, 0.7, "contents"))
                assignment.parts[one.name] = part_of(one, fields)
            assignment.left.remove(spans[0])


def _mostly(values: Sequence[Value], item: Field) -> bool:
    """Do the cells hold values of the field, but for a slip among many?"""
    return sum(_holds(value, item) for value in values) >= len(values) - len(values) // _ONE_SLIP_IN


def _holds(value: Value, item: Field) -> bool:
    if item.type == "class":
        return isinstance(value, str) and bool(_CLASS.fullmatch(value))
    if item.type == "enum":
        return isinstance(value, str) and len(value.strip()) > 2 and bool(fits(value, item))
    return bool(fits(value, item))
