"""Ranges: A1 and R1C1 notation, the rectangles they mean, and how those move when rows or columns come and go."""

import re
from typing import Any, NamedTuple

from .errors import invalid

JsonObject = dict[str, Any]
_SIDE = re.compile(r"\$?([A-Za-z]{1,3})?\$?(\d{1,8})?")
_R1C1 = re.compile(r"R(\d+)C(\d+)")
_PLAIN_TITLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LIKE_A1 = re.compile(r"[A-Za-z]{1,3}\d+|[Rr]\d*[Cc]\d*|(?i:true|false)")


class Box(NamedTuple):
    """A rectangle of cells: zero-based, ends exclusive; None is an open end."""

    top: int
    bottom: int | None
    left: int
    right: int | None

    def within(self, rows: int, columns: int) -> "Area":
        """The part of it inside a grid."""
        bottom = rows if self.bottom is None else min(self.bottom, rows)
        right = columns if self.right is None else min(self.right, columns)
        return Area(self.top, max(bottom, self.top), self.left, max(right, self.left))


class Area(NamedTuple):
    """A rectangle with all four sides known."""

    top: int
    bottom: int
    left: int
    right: int

    def overlaps(self, other: "Area") -> bool:
        return (
            self.top < other.bottom and other.top < self.bottom and self.left < other.right and other.left < self.right
        )

    def covers(self, other: "Area") -> bool:
        return (
            self.top <= other.top
            and other.bottom <= self.bottom
            and self.left <= other.left
            and other.right <= self.right
        )

    @property
    def rows(self) -> int:
        return self.bottom - self.top

    @property
    def columns(self) -> int:
        return self.right - self.left

    def json(self) -> JsonObject:
        return {
            "startRowIndex": self.top,
            "endRowIndex": self.bottom,
            "startColumnIndex": self.left,
            "endColumnIndex": self.right,
        }


def letters(column: int) -> str:
    """0 → A, 26 → AA."""
    text = ""
    column += 1
    while column:
        column, digit = divmod(column - 1, 26)
        text = chr(65 + digit) + text
    return text


def column_number(text: str) -> int:
    """A → 0, AA → 26."""
    number = 0
    for letter in text.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def quoted(title: str) -> str:
    """A title as Google writes it before the exclamation mark."""
    if _PLAIN_TITLE.fullmatch(title) and not _LIKE_A1.fullmatch(title):
        return title
    return "'" + title.replace("'", "''") + "'"


def always_quoted(title: str) -> str:
    return "'" + title.replace("'", "''") + "'"


def in_a1(area: Area) -> str:
    """A1, or A1:B2 when there is more than one cell."""
    start = f"{letters(area.left)}{area.top + 1}"
    end = f"{letters(area.right - 1)}{area.bottom}"
    return start if start == end else f"{start}:{end}"


def split_title(text: str) -> tuple[str | None, str]:
    """`'My ''tab'''!A1` → (My 'tab', A1); a bare quoted title → (title, ""); no title at all → (None, text)."""
    if text.startswith("'"):
        found = re.match(r"'((?:[^']|'')*)'(?:!(.*))?$", text, re.DOTALL)
        if found:
            return found[1].replace("''", "'"), found[2] or ""
    title, mark, rest = text.rpartition("!")
    return (title, rest) if mark else (None, text)


def parse_cells(text: str) -> Box | None:
    """The rectangle of `A1`, `A1:B2`, `A:C`, `2:5`, `B3:C`, `A1:3`, `R1C1:R2C2`; None if it is nothing of the kind."""
    first, colon, second = text.partition(":")
    sides = [side.strip() for side in ((first, second) if colon else (first,))]
    absolute = [_R1C1.fullmatch(side.upper()) for side in sides]
    if all(absolute):
        points = [(int(m[1]) - 1, int(m[2]) - 1) for m in absolute if m]
        return _box([p[0] for p in points], [p[1] for p in points])
    rows: list[int] = []
    columns: list[int] = []
    for side in sides:
        found = _SIDE.fullmatch(side)
        if not found or not (found[1] or found[2]):
            return None
        if found[1]:
            columns.append(column_number(found[1]))
        if found[2]:
            if int(found[2]) < 1:
                return None
            rows.append(int(found[2]) - 1)
    if not colon:
        return _box(rows, columns) if rows and columns else None
    if len(rows) + len(columns) < 2:
        return None
    top = min(rows) if rows else 0
    left = min(columns) if columns else 0
    bottom = max(rows) + 1 if len(rows) == 2 else None
    right = max(columns) + 1 if len(columns) == 2 else None
    # `A2:2` is row 2 from A on, `B3:C` columns B and C from row 3 on
    if len(rows) == 2 and len(columns) == 1:
        left, right = columns[0], None
    if len(columns) == 2 and len(rows) == 1:
        top, bottom = rows[0], None
    return Box(top, bottom, left, right)


def _box(rows: list[int], columns: list[int]) -> Box:
    return Box(min(rows), max(rows) + 1, min(columns), max(columns) + 1)


def from_grid_range(grid_range: JsonObject) -> Box:
    """The rectangle of a GridRange; members left out are open ends."""
    top, left = grid_range.get("startRowIndex", 0), grid_range.get("startColumnIndex", 0)
    bottom, right = grid_range.get("endRowIndex"), grid_range.get("endColumnIndex")
    if top < 0 or left < 0 or (bottom is not None and bottom < top) or (right is not None and right < left):
        raise invalid("GridRange: startIndex must be less than or equal to endIndex")
    return Box(top, bottom, left, right)


def moved(grid_range: JsonObject, rows: bool, start: int, count: int) -> JsonObject | None:
    """A GridRange after `count` rows (or columns) came in at `start`, or went when negative; None when nothing is left."""
    first, last = ("startRowIndex", "endRowIndex") if rows else ("startColumnIndex", "endColumnIndex")
    found = dict(grid_range)
    shifted = shift_span(grid_range.get(first, 0), grid_range.get(last), start, count)
    if shifted is None:
        return None
    if first in found:
        found[first] = shifted[0]
    if shifted[1] is not None:
        found[last] = shifted[1]
    return found


def shift_span(first: int, last: int | None, start: int, count: int) -> tuple[int, int | None] | None:
    """A half-open span after an insertion (count > 0) or a deletion (count < 0) at `start`."""
    if count >= 0:
        moved_first = first + count if first >= start and first > 0 else first
        moved_last = None if last is None else last + count if last > start else last
        if first == 0 and start == 0 and last is not None:
            moved_first = count  # a closed range at the very edge moves as a whole
        return moved_first, moved_last
    end = start - count
    moved_first = first + count if first >= end else min(first, start)
    moved_last = None if last is None else last + count if last >= end else min(last, start)
    if moved_last is not None and moved_first >= moved_last:
        return None
    return moved_first, moved_last
