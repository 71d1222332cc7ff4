"""Row checks: several people in a cell become several records; which rows are accepted; what a cell tells of others."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from itertools import repeat
from typing import TypeVar

from sheets_sync.checks.context import CheckContext
from sheets_sync.issues import Issue
from sheets_sync.people import age_on, split_people
from sheets_sync.table import Table, Value
from sheets_sync.table_schema.model import TableSchema

ADULT = 18
T = TypeVar("T")


def explode(table: Table, schema: TableSchema) -> tuple[Table, list[int]]:
    """The table with a record per person of its exploding field, and each record's part: 0 for the first of a cell."""
    for field in schema.fields:
        names = table.values.get(field.name) if field.explode else None
        if names is None or table.parts.get(field.name) == "pair":  # «наставник – наставляемый»: the reader parts them
            continue
        if not _SEVERAL.search("\0".join(name for name in set(names) if type(name) is str)):
            continue
        people = [_people(name) for name in names]
        if all(len(found) == 1 for found in people):
            continue
        times = [len(found) for found in people]
        values = {
            name: _spread(column, times) if name != field.name else [name for found in people for name in found]
            for name, column in table.values.items()
        }
        part = [index for count in times for index in range(count)]
        return replace(table, row_numbers=_spread(table.row_numbers, times), values=values), part
    return table, [0] * len(table.row_numbers)


_SEVERAL = re.compile("[\n,;]| и ")  # without any of these a cell names one person


def _people(name: Value) -> list[Value]:
    if type(name) is not str or not _SEVERAL.search(name):
        return [name]
    found = split_people(name)
    return list(found) if len(found) > 1 else [name]


def _spread(column: Sequence[T], times: Sequence[int]) -> list[T]:
    return [value for value, count in zip(column, times, strict=True) for value in repeat(value, count)]


def accepted_rows(table: Table, issues: Sequence[Issue]) -> list[bool]:
    """False for the rows with an error-level ``cell-*`` or ``row-*`` issue (tables.md, settled question 3).

    A transposed card is one record over many rows: any such issue rejects it.
    """
    rejected = {
        issue.at.row for issue in issues if issue.severity == "error" and issue.code.startswith(("cell-", "row-"))
    }
    if table.is_card or not rejected:
        return [not rejected] * len(table.row_numbers)
    return [row not in rejected for row in table.row_numbers]


Column = list[object]


def derive(table: str, values: dict[str, Column], count: int, context: CheckContext) -> None:
    """Fill what other cells of the row tell when nothing was typed: a participant's kind, a mentor's category."""
    rule = _DERIVED.get(table)
    if rule is not None and count:
        rule(values, count, context)


def _mentee_kind(values: dict[str, Column], count: int, context: CheckContext) -> None:
    """A class makes a pupil, a post or years of service a member of staff, else age decides (domain.md §3.4)."""
    typed = values.get("kind", [None] * count)
    classes, posts = values.get("class_group", [None] * count), values.get("position", [None] * count)
    years, births = values.get("experience_years", [None] * count), values.get("birth", [None] * count)
    values["kind"] = [
        kind or ("pupil" if group else "staff" if post or served is not None else _kind_by_age(birth, context.as_of))
        for kind, group, post, served, birth in zip(typed, classes, posts, years, births, strict=True)
    ]


def _kind_by_age(birth: object, as_of: date) -> str | None:
    if not isinstance(birth, (date, int)):
        return None
    return "pupil" if age_on(birth, as_of) < ADULT else "staff"


def _mentor_category(values: dict[str, Column], count: int, context: CheckContext) -> None:
    """A class makes a pupil, a named enterprise its employee, a post or years of service a teacher (domain.md §2)."""
    typed = values.get("category", [None] * count)
    classes, firms = values.get("class_group", [None] * count), values.get("enterprise_id", [None] * count)
    posts, years = values.get("position", [None] * count), values.get("experience_years", [None] * count)
    values["category"] = [
        category or ("pupil" if group else "enterprise" if firm else "teacher" if post or served is not None else None)
        for category, group, firm, post, served in zip(typed, classes, firms, posts, years, strict=True)
    ]


_DERIVED: dict[str, Callable[[dict[str, Column], int, CheckContext], None]] = {
    "mentees": _mentee_kind,
    "mentors": _mentor_category,
}
