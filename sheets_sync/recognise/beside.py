"""Tables side by side: the parts of a region that may hold tables of their own, told by blank columns and headings."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from sheets_sync.recognise.blocks import Region
from sheets_sync.recognise.candidate import Candidate
from sheets_sync.table import Value
from sheets_sync.text import is_blank

_NARROWEST, _MOST_BESIDE = 2, 6  # columns of a table beside another, tables side by side


def parts_apart(turned: Sequence[Sequence[Value]], region: Region) -> list[Region]:
    """The parts of the region that blank columns keep apart for its whole height; none unless there are two.

    ``turned`` are the sheet's cells column by column.
    """
    filled = [
        not all(map(is_blank, islice(column, region.top, region.bottom)))
        for column in turned[region.left : region.right]
    ]
    parts: list[Region] = []
    left = region.left
    for column in range(region.left, region.right + 1):
        if column == region.right or not filled[column - region.left]:
            if column - left >= _NARROWEST:
                parts.append(region._replace(left=left, right=column))
            left = column + 1
    return parts if 2 <= len(parts) <= _MOST_BESIDE else []


def sides_of(candidate: Candidate, region: Region, rows: Sequence[Sequence[Value]]) -> list[Region]:
    """Parts of the region left and right of a table, beyond a column without a heading, where something else stands."""
    used = {column for heading, _ in candidate.assignment.fields.values() for column in heading.columns}
    headed = {column for heading in candidate.headings for column in heading.columns}
    first, last = min(used), max(used)
    while first - 1 in headed:
        first -= 1
    while last + 1 in headed:
        last += 1
    sides = [region._replace(right=first - 1), region._replace(left=last + 2)]
    return [
        side
        for side in sides
        if side.right - side.left >= _NARROWEST and _holds_something(rows, side, candidate.block.top)
    ]


def _holds_something(rows: Sequence[Sequence[Value]], region: Region, row: int) -> bool:
    lines = rows[region.top : min(region.bottom, row + 40)]
    return sum(region.right - region.left - line[region.left : region.right].count("") for line in lines) >= 4
