"""Which rows are one block of headings: those that merged cells hold together, or that group headings stand over."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from sheets_sync.recognise.blocks import LONGEST_BLOCK, Merges, Region, begins_word, cell_text, is_column_numbers
from sheets_sync.recognise.contents import looks_like_name
from sheets_sync.table import Value
from sheets_sync.text import is_blank

_REMARK = re.compile(
    r"^\s*(?:\(.*\)|\[.*\]|дд?\.мм?\.г{2,4}|(?:чел|мин|час|шт|руб|лет|балл[а-я]*)\.?|%)\s*$", re.IGNORECASE | re.DOTALL
)


class Extents:
    """How far up and down the headings of a sheet's rows may reach, by their cells alone: no heading is read."""

    def __init__(self, rows: Sequence[Sequence[Value]], merges: Merges) -> None:
        self.rows, self.merges = rows, merges

    def of(self, row: int, region: Region) -> list[tuple[int, int]]:
        """Blocks of one to three rows that hold the row: those a merged cell forces, or grouped headings allow."""
        tops = [row]
        while len(tops) < LONGEST_BLOCK and tops[-1] > region.top and self._may_stand_above(tops[-1] - 1, region):
            tops.append(tops[-1] - 1)
        extents: dict[tuple[int, int], None] = {}
        for top in tops:
            bottom = self._forced_bottom(top, row, region)
            while (
                bottom + 1 < region.bottom
                and bottom - top + 1 < LONGEST_BLOCK
                and self._only_remarks(bottom + 1, region)
            ):
                bottom += 1
            extents[(top, bottom)] = None
            while (
                bottom + 1 < region.bottom
                and bottom - top + 1 < LONGEST_BLOCK
                and self._may_stand_below(bottom + 1, top, region)
            ):
                bottom += 1
                extents[(top, bottom)] = None
        return list(extents)

    def runs_on_from_above(self, row: int, region: Region) -> bool:
        """Do several cells with text reach down into this row from the rows above?"""
        reaching = sum(
            merge.top < row <= merge.bottom
            and region.left <= merge.left < region.right
            and not is_blank(self.rows[merge.top][merge.left])
            for merge in self.merges.across((row,))
        )
        return reaching > 1

    def runs_on_below(self, row: int, region: Region) -> bool:
        """Is the next row plainly a part of the same heading: sub-headings, or cells merged into it?"""
        if any(merge.top <= row < merge.bottom for merge in self.merges.across((row,))):
            return True
        return self.stands_under_groups(row + 1, region)

    def stands_under_groups(self, row: int, region: Region) -> bool:
        """Is the row nothing but sub-headings: texts only where the row above groups columns or leaves them blank?"""
        line = [cell_text(value) for value in self.rows[row][region.left : region.right]]
        above = [cell_text(value) for value in self.rows[row - 1][region.left : region.right]]
        grouped = {
            column - region.left
            for merge in self.merges.across((row - 1,))
            if merge.right > merge.left and merge.bottom < row
            for column in range(merge.left, merge.right + 1)
        }
        filled = [place for place, text in enumerate(line) if text]
        if len(filled) < 2 or any(not isinstance(self.rows[row][region.left + place], str) for place in filled):
            return False
        blank_over = [place for place in filled if not above[place]]
        beside = all(
            place in grouped
            or not above[place]
            or (place + 1 < len(above) and not above[place + 1] and line[place + 1])
            for place in filled
        )
        return (
            beside and (bool(grouped.intersection(filled)) or bool(blank_over)) and len(blank_over) < len(filled)
        ) or (bool(filled) and all(place in grouped for place in filled))

    def _only_remarks(self, row: int, region: Region) -> bool:
        """«(дд.мм.гггг) | (ФИО) | (мин)»: a row that only explains the headings above it."""
        texts = [value for value in self.rows[row][region.left : region.right] if not is_blank(value)]
        return bool(texts) and all(isinstance(text, str) and _REMARK.match(text) for text in texts)

    def _forced_bottom(self, top: int, row: int, region: Region) -> int:
        bottom = row
        for merge in self.merges.across(range(top, row + 1)):
            if (
                merge.top >= top
                and row < merge.bottom < top + LONGEST_BLOCK
                and region.left <= merge.left < region.right
            ):
                if not is_blank(self.rows[merge.top][merge.left]) and merge.bottom < region.bottom:
                    bottom = max(bottom, merge.bottom)
        return bottom

    def _may_stand_above(self, row: int, region: Region) -> bool:
        """Could the row hold group headings: a few texts, or one that does not stand over everything?"""
        line = self.rows[row][region.left : region.right]
        texts = [value for value in line if not is_blank(value)]
        if not texts or any(not isinstance(value, str) for value in texts):
            return False
        if len(texts) > 1:
            return not any(looks_like_name(value) for value in texts)
        wide = [merge for merge in self.merges.across((row,)) if merge.top == row]
        filled = sum(1 for value in self.rows[row + 1][region.left : region.right] if not is_blank(value))
        return bool(wide) and wide[0].right - wide[0].left + 1 < filled and wide[0].left > region.left

    def _may_stand_below(self, row: int, top: int, region: Region) -> bool:
        """Could the row hold sub-headings: texts (or small numbers), at least one under a blank or a group heading?"""
        line = self.rows[row][region.left : region.right]
        above = self.rows[row - 1][region.left : region.right]
        if not any(map(begins_word, line)) and is_column_numbers(
            [cell_text(value) for value in line if not is_blank(value)]
        ):
            headed = [
                any(not is_blank(self.rows[one][region.left + place]) for one in range(top, row))
                for place, value in enumerate(line)
                if not is_blank(value)
            ]
            if sum(headed) * 2 > len(headed):
                return False  # the row of column numbers of an official form
        if self._is_title(row, region):
            return False
        texts = 0
        under = 0
        for value, over in zip(line, above, strict=True):
            if is_blank(value):
                continue
            if isinstance(value, date) or (isinstance(value, str) and (looks_like_name(value) or len(value) > 200)):
                return False
            texts += isinstance(value, str)
            under += is_blank(over)
        if not texts and not under:
            return False
        return (
            under > 0
            or bool([merge for merge in self.merges.across((row - 1,)) if merge.right > merge.left])
            or texts == sum(not is_blank(value) for value in line)
        )

    def _is_title(self, row: int, region: Region) -> bool:
        """One text drawn over most of the columns: a section of the table, no sub-heading."""
        filled = [value for value in self.rows[row][region.left : region.right] if not is_blank(value)]
        wide = max(
            (merge.right - merge.left + 1 for merge in self.merges.across((row,)) if merge.top == row), default=1
        )
        headed = sum(not is_blank(value) for value in self.rows[row - 1][region.left : region.right])
        return len(filled) == 1 and wide > 2 and wide * 2 > headed
