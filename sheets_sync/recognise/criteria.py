"""The nine-criteria sheet with a row per criterion and the score as the ticked column (domain.md §3.7): nine rows, one
record."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from sheets_sync.recognise.headings import HeadingIndex
from sheets_sync.table import Value, display
from sheets_sync.text import fold, is_blank

SCORES = ("score_2", "score_1", "score_0")
_NO_MARK = re.compile(r"^[\s_.…·\-–—]*$|^(?:нет|н/д|no)$")
_SURE_ENOUGH = 0.8
CRITERION = re.compile(r"c(\d+)")


class Criterion(NamedTuple):
    """One criterion: its field c1…c9, its row, the score(s) ticked and the column of the (first) tick, offsets into
    the grid."""

    field: str
    row: int
    value: Value
    column: int | None


def criteria_named(cells: Sequence[Value], table: str, index: HeadingIndex) -> int:
    """How many cells name a criterion in words we know."""
    return sum(_worded(display(value), table, index) is not None for value in cells)


def _worded(text: str, table: str, index: HeadingIndex, taken: Collection[str] = ()) -> str | None:
    """The criterion of that wording that is not taken."""
    for match in index.match(text).get(table, ()):
        if CRITERION.fullmatch(match.field) and match.field not in taken and match.quality >= _SURE_ENOUGH:
            return match.field
    return None


def read_criteria(
    rows: Sequence[Sequence[Value]],
    records: Sequence[int],
    columns: dict[str, int],
    table: str,
    fields: Sequence[str],
    index: HeadingIndex,
) -> list[Criterion]:
    """Criteria of the rows: by their wording, else in their order. One tick is a number; two are «2;1», none is blank,
    a dash «-».

    ``columns`` gives the column of ``indicator`` and of the score columns present.
    """
    wanted = [name for name in fields if CRITERION.fullmatch(name)]
    named: list[tuple[int, str | None]] = []
    taken: set[str] = set()
    for row in records:
        text = display(rows[row][columns["indicator"]]) if "indicator" in columns else ""
        name = _worded(text, table, index, taken)
        if name is not None:
            taken.add(name)
        named.append((row, name))
    free = [name for name in wanted if name not in taken]
    by_order = len(records) == len(wanted) and not taken
    found: list[Criterion] = []
    for row, name in named:
        if name is None and free:
            place = len(found)
            name = wanted[place] if (by_order or len(records) == len(wanted)) and wanted[place] in free else free[0]
            free.remove(name)
        if name is None:
            continue
        value, column = ticked(rows[row], columns)
        found.append(Criterion(name, row, value, column))
    return found


def ticked(line: Sequence[Value], columns: dict[str, int]) -> tuple[Value, int | None]:
    """The score of a row: that of its one ticked column, or the digit typed; «2;1» when two are ticked, "" when
    none, «-» when a dash says that there is nothing to mark."""
    marks: list[tuple[str, int]] = []
    dash = False
    for name in SCORES:
        column = columns.get(name)
        if column is None or is_blank(line[column]):
            continue
        value = line[column]
        score = name[-1]
        text = fold(display(value))
        if _NO_MARK.match(text):
            dash = True
            continue
        if text == "0" and score != "0":
            continue  # «0» under another score says: not this one
        marks.append((score, column))
    if not marks:
        return "-" if dash else "", None
    if len(marks) == 1:
        return float(marks[0][0]), marks[0][1]
    return ";".join(score for score, _ in marks), marks[0][1]
