"""Heading blocks: one to three rows of a sheet read as one line of headings, merged and grouped cells put together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from sheets_sync.table import CellError, Grid, Shown, Value
from sheets_sync.text import heading_key, squeeze

LONGEST_BLOCK = 3  # rows a heading may take


class Region(NamedTuple):
    """Part of a grid, as 0-based offsets into its rows; ``bottom`` and ``right`` are one past the end."""

    top: int
    bottom: int
    left: int
    right: int


class Merge(NamedTuple):
    """A merged range as 0-based offsets into the grid's rows, inclusive."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Heading:
    """One heading: the columns it stands over (several when a name is split), its text as typed, its parts from top to
    bottom."""

    columns: tuple[int, ...]
    text: str
    parts: tuple[str, ...]
    split: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of a heading block (offsets) and what stands in them, from left to right."""

    top: int
    bottom: int
    headings: tuple[Heading, ...]


class Merges:
    """The merged ranges of a grid, found by row."""

    def __init__(self, grid: Grid) -> None:
        self.by_row: dict[int, list[Merge]] = {}
        self.down: dict[int, list[Merge]] = {}  # first column → ranges of more than one row
        self.under: set[int] = set()  # rows that continue a range from above
        rows, columns = grid.first_row, grid.first_column
        for first_row, first_column, last_row, last_column in grid.merges:
            merge = Merge(first_row - rows, first_column - columns, last_row - rows, last_column - columns)
            if merge.bottom < 0 or merge.top >= len(grid.rows) or merge.top < 0:
                continue
            if merge.bottom > merge.top:
                self.down.setdefault(merge.left, []).append(merge)
                self.under.update(range(merge.top + 1, min(merge.bottom, len(grid.rows) - 1) + 1))
            for row in range(merge.top, min(merge.bottom, merge.top + LONGEST_BLOCK) + 1):
                self.by_row.setdefault(row, []).append(merge)

    def covers(self, row: int, column: int) -> bool:
        """Does the cell lie under a range merged down from above?"""
        return any(merge.top < row <= merge.bottom for merge in self.down.get(column, ()))

    def across(self, rows: Iterable[int]) -> list[Merge]:
        """Ranges touching any of the rows."""
        found: dict[Merge, None] = {}
        for row in rows:
            found.update(dict.fromkeys(self.by_row.get(row, ())))
        return list(found)


_HYPHENATED = re.compile(r"(?<=[а-яё])-[ \t]*\n\s*(?=[а-яё])")


def cell_text(value: Value) -> str:
    """A cell as a heading would show it; "" for dates, errors and blanks."""
    if type(value) is str:
        if "-\n" in value:
            value = _HYPHENATED.sub("", value)  # «настав-⏎ляемого»
        return squeeze(value) if value else ""
    if isinstance(value, CellError):
        return ""
    if isinstance(value, Shown):
        return value.text
    if isinstance(value, (int, float)):
        return str(int(value)) if abs(value) < 1e9 and float(value).is_integer() else str(value)
    if isinstance(value, (date, time, timedelta)):
        return ""
    return squeeze(str(value)) if isinstance(value, str) else ""


def compose(rows: Sequence[Sequence[Value]], merges: Merges, top: int, bottom: int, left: int, right: int) -> Block:
    """The headings of rows ``top``…``bottom`` between the columns.

    A merged cell, or a group heading with blank cells to its right over sub-headings, counts for every column it
    stands over.
    """
    if top == bottom and not merges.by_row.get(top):
        return Block(top, bottom, _one_row(left, tuple(rows[top][left:right])))
    height = bottom - top + 1
    texts = [[cell_text(value) for value in rows[row][left:right]] for row in range(top, bottom + 1)]
    covered: set[tuple[int, int]] = set()
    for merge in merges.across(range(top, bottom + 1)):
        first, last = max(merge.left, left), min(merge.right, right - 1)
        if merge.top < top or first > last:
            continue
        text = texts[merge.top - top][merge.left - left] if merge.left >= left else ""
        for row in range(merge.top, min(merge.bottom, bottom) + 1):
            for column in range(first, last + 1):
                covered.add((row - top, column - left))
                texts[row - top][column - left] = text if row == merge.top else ""
    for row in range(height - 1):
        spread_groups(texts, row, covered)
    return Block(top, bottom, _joined(texts, left))


def _joined(texts: Sequence[Sequence[str]], left: int) -> tuple[Heading, ...]:
    headings = []
    for column in range(len(texts[0])):
        parts: list[str] = []
        for line in texts:
            text = line[column]
            if text and text not in parts:
                parts.append(text)
        if parts:
            headings.append(Heading((column + left,), " ".join(parts), tuple(parts)))
    return tuple(join_split_names(headings))


@lru_cache(maxsize=2048)
def _one_row(left: int, cells: tuple[Value, ...]) -> tuple[Heading, ...]:
    """The plain case, one row without merged cells; remembered, for the same forms come again and again."""
    return _joined([[cell_text(value) for value in cells]], left)


def spread_groups(texts: list[list[str]], row: int, covered: set[tuple[int, int]]) -> None:
    """Without merges: a heading whose right neighbours are blank, all with sub-headings below, is their group's."""
    line, below = texts[row], texts[row + 1]
    column = 0
    while column < len(line):
        if line[column] and (row, column) not in covered and below[column]:
            after = column + 1
            while after < len(line) and not line[after] and (row, after) not in covered and below[after]:
                line[after] = line[column]
                after += 1
            column = after
        else:
            column += 1


_NAME_PART = re.compile(r"(?<!\w)(фамилия|имя|отчество)(?!\w)")


def join_split_names(headings: Sequence[Heading]) -> list[Heading]:
    """Фамилия | Имя | Отчество (of one person) become one heading «ФИО» over several columns."""
    joined: list[Heading] = []
    run: list[Heading] = []
    seen: list[str] = []
    whose = ""

    def close() -> None:
        if len(run) > 1:
            columns = tuple(column for heading in run for column in heading.columns)
            joined.append(Heading(columns, f"ФИО {whose}".strip(), tuple(heading.text for heading in run), True))
        else:
            joined.extend(run)
        run.clear()
        seen.clear()

    for heading in headings:
        key = heading_key(heading.text)
        parts = _NAME_PART.findall(key) if len(key) < 80 else []
        rest = " ".join(word for word in _NAME_PART.sub(" ", key).split() if word not in ("и", "при", "наличии"))
        if not parts or len(set(parts)) == 3 or len(rest.split()) > 2:
            close()
            joined.append(heading)
            continue
        if run and ((rest != whose and rest and whose) or set(parts) & set(seen)):
            close()
        if not run or not whose:
            whose = rest
        run.append(heading)
        seen.extend(parts)
    close()
    return joined


def begins_word(value: Value) -> bool:
    """Does the cell begin with two letters of ours? Then its row is none of column numbers, whatever else it holds."""
    return type(value) is str and len(value) > 1 and max(value[:2]) < "\u0530" and value[:2].isalpha()


def is_column_numbers(cells: Sequence[str]) -> bool:
    """Is it the row «1 2 3 4 5» that official forms have under their headings? ``cells`` are those under the headings.

    Also with letters before («А 1 2 3») and with cells left blank.
    """
    shown = [(place, text.strip(" .()")) for place, text in enumerate(cells) if text]
    if len(shown) < 3:
        return len(shown) == 2 == len(cells) and [text for _, text in shown] == ["1", "2"]
    numbers = [(place, int(text)) for place, text in shown if text.isdigit() and len(text) < 3]
    letters = len(shown) - len(numbers)
    if letters > 1 or (letters == 1 and shown[0][1].lower() not in ("а", "a", "б")):
        return False
    if len(numbers) < max(2, 0.6 * len(cells) - 1):
        return False
    steps = [after[1] - before[1] for before, after in pairwise(numbers)]
    gaps = [after[0] - before[0] for before, after in pairwise(numbers)]
    return numbers[0][1] in (1, 2) and all(1 <= step <= gap or step == 1 for step, gap in zip(steps, gaps, strict=True))
