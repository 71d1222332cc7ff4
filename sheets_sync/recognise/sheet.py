"""One sheet from the top: heading blocks found, the best reading of each chosen, tables cut out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from datetime import date
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from sheets_sync.issues import At, Issue, column_letter
from sheets_sync.recognise.assign import (
    SURE_FOR_IDENTITY,
    VOUCHING,
    Assignment,
    assign,
    is_row_number,
    measure,
    numbers_rows,
    readings,
)
from sheets_sync.recognise.blocks import (
    LONGEST_BLOCK,
    Block,
    Heading,
    Merges,
    Region,
    begins_word,
    cell_text,
    compose,
    is_column_numbers,
)
from sheets_sync.recognise.by_contents import take_by_contents
from sheets_sync.recognise.cards import LABEL_ROWS, LEAST_FIELDS, find_cards, told_above
from sheets_sync.recognise.contents import DITTO, looks_like_name, sample
from sheets_sync.recognise.context import TITLE_ROWS, Speech, lines_above, role_told, stage_told
from sheets_sync.recognise.criteria import SCORES, read_criteria
from sheets_sync.recognise.headings import HeadingIndex, Match, heading_index, tells_nothing
from sheets_sync.recognise.rows import Body, BodyReader
from sheets_sync.table import Grid, Table, Value, display
from sheets_sync.table_schema.model import Definitions, TableSchema
from sheets_sync.text import fold, heading_key, is_blank

if TYPE_CHECKING:
    from sheets_sync.recognise.guesses import Guess

# A sheet nobody foresaw must not take longer than one that is read: so many texts are compared by their words in
# search of
# headings that are not spelt as known.
CLOSE_LOOKS = 600
_CLOSE_SCORE = 0.7  # readings this close to the best are judged by the cells below, too
WIDEST_ROW = 300  # a row with more texts holds no headings
YEARS = range(2015, 2050)  # numbers that may be headings: columns of values by year
MOST_TABLES = 300  # in one sheet
_CARD_COLUMNS = 3  # a label, its value, a remark
_NARROWEST, _MOST_BESIDE = 2, 6  # columns of a table beside another, tables side by side
DATES_ACROSS = 3  # so many dates or months among the headings make a grid of days

# What any list of people may hold: a staffing table or a class register is no base of mentors or mentees.
_ANYBODY = frozenset(
    "full_name birth class_group position experience_years contact category categories kind workplace result "
    "consent".split()
)
_DAY_OR_MONTH = re.compile(
    r"\s*(?:\d{1,2}[./]\d{1,2}(?:[./]\d{2,4})?\.?|янв\w*|фев\w*|март\w*|апр\w*|ма[йя]|июн\w*|июл\w*|авг\w*"
    r"|сент?\w*|окт\w*|ноя\w*|дек\w*)\.?\s*",
    re.IGNORECASE,
)


_TOLD_PLAINLY = 0.3  # support of a title or a sheet's name that names the table
SURE_GUESS = 0.6  # a guess surer than this is worth telling
MOST_GUESSED = 40  # columns of a table whose meaning is guessed at
_LIKELY_GUESS = 0.5
_AS_LIKELY = 0.05
_NEAR_SCORE = 1.0  # tables a sheet may be near to, besides the nearest, score no worse than this

_REMARK = re.compile(
    r"^\s*(?:\(.*\)|\[.*\]|дд?\.мм?\.г{2,4}|(?:чел|мин|час|шт|руб|лет|балл[а-я]*)\.?|%)\s*$", re.IGNORECASE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Nearest:
    """What a sheet without a table comes nearest to. Rows and columns are the sheet's own numbers.

    ``columns`` are the fields understood, ``headings`` all headings of the block by their first column, ``missing`` the
    fields the table would need to be known. ``mentoring``: headings or titles do speak of mentors or mentees.
    """

    table: str
    sheet: str
    header_row: int
    columns: Mapping[str, int]
    headings: Mapping[int, str]
    missing: tuple[str, ...]
    score: float
    explained: float
    mentoring: bool

    @property
    def why(self) -> str:
        """What was understood and what is missing, one line, for `check -v`."""
        lacking = f"missing {', '.join(self.missing)}" if self.missing else "nothing says it is about mentoring"
        return (
            f"nearest is {self.table} {self.score:.2f} by the headings of row {self.header_row}: "
            f"{len(self.columns)} of {len(self.headings)} understood ({', '.join(self.columns)}); {lacking}"
        )

    @property
    def is_near(self) -> bool:
        """Would a heading or two make it the table? Never so of sheets about something else."""
        known = len(self.columns)
        return self.mentoring and ((known >= 3 and self.explained >= 0.5) or (known == 2 and self.explained >= 0.6))


@dataclass(slots=True)
class Recognised:
    """The tables of one sheet, from top to bottom, and what was noticed about its headings and rows; where there is no
    table, what it comes near to, the nearest first."""

    tables: list[Table] = dataclass_field(default_factory=list)
    issues: list[Issue] = dataclass_field(default_factory=list)
    near: list[Nearest] = dataclass_field(default_factory=list)

    @property
    def nearest(self) -> Nearest | None:
        return self.near[0] if self.near else None


def complete(found: Assignment) -> bool:
    """Are the columns there without which no row could be used, and most headings understood?"""
    needed = [one.name for one in found.schema.fields if one.required != "no" and one.severity == "error"]
    enough = found.explained >= 0.6 and len(found.fields) > 1
    return enough and bool(needed) and all(name in found.fields for name in needed)


@dataclass(slots=True)
class Candidate:
    """A block of headings read as a table."""

    block: Block
    headings: tuple[Heading, ...]
    assignment: Assignment
    lines: list[str]
    support: float
    score: float
    rival: str = ""

    @property
    def complete(self) -> bool:
        return complete(self.assignment)

    @property
    def named(self) -> bool:
        """Does the title name the table, and is it complete («Наставники: ФИО, стаж»)? Or the sheet, if hardly a
        heading is foreign."""
        found = self.assignment
        return (self.support >= 0.55 and self.complete) or (
            self.support >= 0.7 and found.explained >= 0.75 and len(found.fields) > 2 and found.anchored
        )

    @property
    def anchored(self) -> bool:
        """Beside another table the headings alone must do: complete, and speaking of mentors or mentees."""
        return self.assignment.anchored and self.complete

    @property
    def sure(self) -> bool:
        found = self.assignment
        if self.named:
            return True
        # where the title or the sheet's name names the table, headings need not be as certain
        known = found.plausible if self.support >= _TOLD_PLAINLY else found.identified
        if not known or len(found.fields) < 2 or found.explained < 0.3:
            return False
        if self.support < 0.1 and sum(heading.text.isdigit() for heading, _ in found.fields.values()) > 2:
            return False  # «1 | 2 | 3» under no title: days of a timesheet as well as criteria
        if found.anchored or self.support >= 0.1:
            return True
        surely = {name for name, (_, match) in found.fields.items() if match.quality >= SURE_FOR_IDENTITY}
        told = found.schema.name not in ("mentors", "mentees") or not _ANYBODY.issuperset(surely)
        plain = found.explained >= 0.9 and len(found.fields) > 2
        return told and found.explained >= 0.5 and (found.evidence >= 1.0 or plain)


def recognise(grid: Grid, definitions: Definitions, organisation: str = "", workbook: str = "") -> Recognised:
    """The tables of a sheet and the issues of its headings and rows; no cell values are judged here.

    Never raises for what a sheet holds; time is bounded by the cells of the tables found and a fixed number of close
    looks.
    """
    return SheetReader(grid, heading_index(definitions, organisation), organisation, workbook).read()


def _at_places(cells: list[Value], places: Sequence[int]) -> list[Value]:
    """The cells in these places, ascending; mostly they follow one another."""
    if places and places[-1] - places[0] == len(places) - 1:
        return cells[places[0] : places[-1] + 1]
    return [cells[place] for place in places]


class SheetReader:
    """Reads one sheet."""

    def __init__(self, grid: Grid, index: HeadingIndex, organisation: str, workbook: str) -> None:
        self.grid, self.index = grid, index
        self.organisation, self.workbook = organisation, workbook
        self.rows: list[list[Value]] = grid.rows
        self.merges = Merges(grid)
        self.speech = Speech(index, grid.sheet, workbook)
        self.found = Recognised()
        self.looks = CLOSE_LOOKS
        self.nearest: Candidate | None = None
        self.days: Candidate | None = None  # pairs with days across: a grid of meetings, which is not read
        self.reopened: dict[tuple[Value, ...], tuple[Candidate, str]] = {}
        self.done = 0  # rows above this one belong to tables already cut out

    @cached_property
    def turned(self) -> list[list[Value]]:
        """The cells column by column."""
        return self.grid.columns or list(map(list, zip(*self.rows, strict=True)))

    def read(self) -> Recognised:
        if self.rows and self.grid.width:
            whole = Region(0, len(self.rows), 0, self.grid.width)
            for part in self._beside(whole) or [whole]:
                self._read_region(part)
            self.found.tables.sort(
                key=lambda table: (
                    table.header_rows[0],
                    min((c for cs in table.columns.values() for c in cs), default=0),
                )
            )
            if self.days is not None:
                at = self._at(self.days.block.bottom, None, "meetings")
                self.found.issues.append(Issue("sheet-days-across", "warning", at))
            elif not self.found.tables:
                self._nothing_found()
        return self.found

    # Finding headings

    def _read_region(self, region: Region, until: int | None = None) -> int:
        """Tables of the region from top to bottom; what lies between them may be a card.

        Stops at tables that begin at row ``until`` or below. Gives the row after the last table.
        """
        top = region.top
        while top < region.bottom and len(self.found.tables) < MOST_TABLES:
            self.done = top
            candidates = self._find(region._replace(top=top), top)
            if not candidates or (until is not None and candidates[0].block.top >= until):
                break
            if until is None:
                self._read_cards(region._replace(top=top, bottom=candidates[0].block.top))
            end = top
            sides = self._sides(candidates[0], region._replace(top=top)) if len(candidates) == 1 else []
            for candidate in candidates:
                body = self._cut_out(candidate, region, bool(sides) or len(candidates) > 1)
                end = max(end, body.end, candidate.block.bottom + 1)
            for side in sides:
                end = max(end, self._read_region(side, end))
            top = end
        if until is None:
            self._read_cards(region._replace(top=top))
        return top

    def _beside(self, region: Region) -> list[Region]:
        """The parts of the region that stand apart for its whole height and are tables of their own, each with headings
        in a row of its own; none unless there are two."""
        filled = [
            not all(map(is_blank, islice(column, region.top, region.bottom)))
            for column in self.turned[region.left : region.right]
        ]
        parts: list[Region] = []
        left = region.left
        for column in range(region.left, region.right + 1):
            if column == region.right or not filled[column - region.left]:
                if column - left >= _NARROWEST:
                    parts.append(region._replace(left=left, right=column))
                left = column + 1
        if not 2 <= len(parts) <= _MOST_BESIDE:
            return []
        looks, nearest, days = self.looks, self.nearest, self.days
        opened = [any(one.complete for one in self._find(part, region.top)) for part in parts]
        self.looks, self.nearest, self.days = looks, nearest, days
        return parts if sum(opened) > 1 else []

    def _sides(self, candidate: Candidate, region: Region) -> list[Region]:
        """Parts of the region left and right of a table, beyond a column without a heading, where something else
        stands."""
        used = {column for heading, _ in candidate.assignment.fields.values() for column in heading.columns}
        headed = {column for heading in candidate.headings for column in heading.columns}
        first, last = min(used), max(used)
        while first - 1 in headed:
            first -= 1
        while last + 1 in headed:
            last += 1
        sides = [region._replace(right=first - 1), region._replace(left=last + 2)]
        return [
            side for side in sides if side.right - side.left >= 2 and self._holds_something(side, candidate.block.top)
        ]

    def _holds_something(self, region: Region, row: int) -> bool:
        rows = self.rows[region.top : min(region.bottom, row + 40)]
        return sum(region.right - region.left - line[region.left : region.right].count("") for line in rows) >= 4

    def _find(self, region: Region, floor: int) -> list[Candidate]:
        """The first heading block of the region that surely opens a table; several candidates when tables stand side
        by side."""
        rows, left, right = self.rows, region.left, region.right
        known = self.index.is_known
        for row in range(region.top, region.bottom):
            line = rows[row] if left == 0 and right == len(rows[row]) else rows[row][left:right]
            texts = [value for value in line if value.__class__ is str and value]
            if len(texts) < 2:
                if len(texts) == 1:
                    texts += [str(int(value)) for value in line if isinstance(value, (int, float)) and value in YEARS]
                if len(texts) < 2:
                    continue
            if len(texts) > WIDEST_ROW:
                continue
            if self._runs_on_from_above(row, region):
                continue  # the lower row of a heading: read with the upper one or not at all
            hits = sum(map(known, texts))
            if hits >= 2 and not any(known(text) and not tells_nothing(text) for text in texts):
                hits = 1  # «1 | 2 | 3» heads criteria beside a word; alone it is figures, as a text file holds them
            if hits >= 2 and any(map(self._names_somebody, texts[:12])):
                continue  # «Ф.И.О. наставника | Орлова Мария Петровна | Должность»: a card, no heading
            if hits < 2:
                if self.looks <= 0 or not self._like_headings(line, texts):
                    continue
                self.looks -= len(texts)
                hits += sum(1 for text in texts if not known(text) and len(text) < 300 and self.index.match(text))
                if hits < 2:
                    continue
            found = self._best_at(row, region, floor)
            first = row
            while found and found[0].block.bottom > first and not self._belongs_below(first, region):
                # the next row may open the table better without this one («Задачи | …» above a heading)
                first += 1
                better = self._best_at(first, region._replace(top=first), floor)
                if not better or self._worth(better, region) <= self._worth(found, region):
                    break
                found = better
            if found and not (len(found[0].headings) <= _CARD_COLUMNS and self._in_card(row, region)):
                return found
        return []

    def _in_card(self, row: int, region: Region) -> bool:
        """«Форма | учитель – ученик», amid a card, is a label and its value, no headings."""
        around = region._replace(
            top=max(region.top, row - LABEL_ROWS // 10), bottom=min(region.bottom, row + LABEL_ROWS // 10)
        )
        return any(card.top <= row <= card.bottom for card in find_cards(self.rows, self.merges, around, self.index))

    def _runs_on_from_above(self, row: int, region: Region) -> bool:
        """Do several cells with text reach down into this row from the rows above?"""
        reaching = sum(
            merge.top < row <= merge.bottom
            and region.left <= merge.left < region.right
            and not is_blank(self.rows[merge.top][merge.left])
            for merge in self.merges.across((row,))
        )
        return reaching > 1

    def _names_somebody(self, text: str) -> bool:
        """«Орлова Мария Петровна», but not «Дата Рождения»."""
        return looks_like_name(text) and not self.index.is_known(text) and not self.index.match(text)

    def _like_headings(self, line: Sequence[Value], texts: Sequence[str]) -> bool:
        """Could the row be headings: texts only, none of them a person's name?"""
        if len(set(texts)) < 2 or any(isinstance(value, date) for value in line):
            return False
        numbers = sum(isinstance(value, (int, float)) for value in line)
        return numbers * 3 <= len(texts) and not any(map(self._names_somebody, texts[:12]))

    def _best_at(self, row: int, region: Region, floor: int) -> list[Candidate]:
        best: list[Candidate] = []
        best_score = 0.0
        for top, bottom in self._extents(row, region):
            block = compose(self.rows, self.merges, top, bottom, region.left, region.right)
            found = self._read_block(block, region, floor)
            if not found:
                continue
            score = self._worth(found, region)
            if score > best_score:
                best, best_score = found, score
        return best

    def _belongs_below(self, row: int, region: Region) -> bool:
        """Is the next row plainly a part of the same heading: sub-headings, or cells merged into it?"""
        if any(merge.top <= row < merge.bottom for merge in self.merges.across((row,))):
            return True
        return self._stands_under_groups(row + 1, row, region)

    def _worth(self, found: Sequence[Candidate], region: Region) -> float:
        """Score of a block; a row more must plainly be a row of the heading, or make the headings much better
        understood."""
        block = found[0].block
        score = max(one.score for one in found) + 0.5 * (len(found) - 1)
        for line in range(block.top + 1, block.bottom + 1):
            score += 0.4 if self._stands_under_groups(line, block.top, region) else -0.4
        return score

    def _stands_under_groups(self, row: int, top: int, region: Region) -> bool:
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

    def _extents(self, row: int, region: Region) -> list[tuple[int, int]]:
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

    # Reading one block

    def _read_block(self, block: Block, region: Region, floor: int) -> list[Candidate]:
        headings = block.headings
        if not headings:  # a row that turned out to hold nothing but remarks or numbers
            return []
        whole = self._best_table(block, headings, region, floor)
        pieces = self._side_by_side(headings)
        if len(pieces) > 1:
            split = [self._best_table(block, piece, region, floor) for piece in pieces]
            split = [self._completed(one) if one is not None else None for one in split]
            sure = [one for one in split if one is not None and (one.sure or one.anchored)]
            if len(sure) > 1 and (whole is None or not whole.sure or self._tells_more(sure, whole)):
                return sure
            if whole is None or not whole.sure:
                return sure
        elif whole is not None and not whole.sure:
            whole = self._completed(whole)
        if whole is not None and whole.sure:
            if self._is_grid_of_days(whole):
                self.days = self.days or whole
                return []
            return [whole]
        if whole is not None and (self.nearest is None or whole.score > self.nearest.score):
            self.nearest = whole
        return []

    def _is_grid_of_days(self, candidate: Candidate) -> bool:
        """Mentors and mentees with days or months across: who met when, a mark in each cell."""
        found, block = candidate.assignment, candidate.block
        plain = {"mentor", "mentee", "pair_id"}.issuperset(found.fields)
        if found.schema.name not in ("pairs", "meetings") or not plain:
            return False
        cells = [value for line in self.rows[block.top : block.bottom + 1] for value in line]
        days = sum(
            isinstance(value, date) or (isinstance(value, str) and bool(_DAY_OR_MONTH.fullmatch(value)))
            for value in cells
        )
        return days >= DATES_ACROSS

    @staticmethod
    def _tells_more(pieces: Sequence[Candidate], whole: Candidate) -> bool:
        def understood(one: Candidate) -> int:
            return len({id(heading) for heading, _ in one.assignment.fields.values()})

        together = sum(map(understood, pieces))
        numbers = [heading for heading in whole.headings if is_row_number(heading)]
        twice = [heading for heading, _ in whole.assignment.duplicates if not is_row_number(heading)]
        return together > understood(whole) or (together == understood(whole) and (len(numbers) > 1 or bool(twice)))

    @staticmethod
    def _side_by_side(headings: Sequence[Heading]) -> list[tuple[Heading, ...]]:
        """The headings cut where a blank column or a repeated heading suggests that another table begins."""
        pieces: list[list[Heading]] = []
        seen: set[str] = set()
        for heading in headings:
            gap = pieces and heading.columns[0] > pieces[-1][-1].columns[-1] + 1
            again = fold(heading.text) in seen and is_row_number(heading)
            if not pieces or gap or again or heading.text == pieces[-1][0].text:
                pieces.append([])
                seen = set()
            pieces[-1].append(heading)
            seen.add(fold(heading.text))
        return [tuple(piece) for piece in pieces]

    def _best_table(self, block: Block, headings: tuple[Heading, ...], region: Region, floor: int) -> Candidate | None:
        """The table that explains the headings best, with what names and titles say; None when no table has two of
        them."""
        read = readings(headings, self.index)
        if not read:
            return None
        left, right = headings[0].columns[0], headings[-1].columns[-1] + 1
        narrow = right - left < (region.right - region.left) - 1
        lines = lines_above(self.rows, block.top, floor, left, right) if narrow else []
        lines = lines or lines_above(self.rows, block.top, floor, region.left, region.right)

        told = self.speech.heard(lines)
        cells_below = self._cells_below(block.bottom)
        ranked: list[Candidate] = []
        for assignment in read.values():
            if assignment.schema.layouts != ("card",):
                again = any(table.name == assignment.schema.name for table in self.found.tables)
                support = self.speech.support(assignment.schema, told, again)
                ranked.append(Candidate(block, headings, assignment, lines, support, assignment.score + support))
        if not ranked:
            return None
        best_score = max(one.score for one in ranked)
        for one in ranked:
            if one.score > best_score - _CLOSE_SCORE:
                found = one.assignment
                if found.asks:
                    one.assignment = assign(headings, found.schema, self.index, cells_below)
                    one.score = one.assignment.score + one.support
                else:
                    one.assignment = replace(found, fields=dict(found.fields), left=list(found.left))
        ranked = [self._completed(one) if one.support >= _TOLD_PLAINLY and not one.complete else one for one in ranked]
        order = list(self.index.definitions.schemas)
        ranked.sort(key=lambda one: (not one.sure, -round(one.score, 6), order.index(one.assignment.schema.name)))
        best = ranked[0]
        if len(ranked) > 1:
            best.rival = f"{ranked[1].assignment.schema.name} {ranked[1].score:.2f}"
        return best

    # Cutting out a table

    def _cut_out(self, candidate: Candidate, region: Region, beside: bool) -> Body:
        """The table below a block, and those that follow under the same headings, told apart by lines of text."""
        start = candidate.block.bottom
        while True:
            self._take_leftovers(candidate, start)
            body, reader = self._body(candidate, start, region, beside)
            if start != candidate.block.bottom and not body.records and not body.turn:
                body.end = start  # the line named a table that has headings of its own below
            elif body.records or not body.turn:
                table = self._table(candidate, body)
                columns = set(table.columns)
                if (
                    "criteria" in candidate.assignment.schema.layouts
                    and "indicator" in columns
                    and columns & set(SCORES)
                ):
                    self._read_criteria(table, candidate, body)
                elif body.records:
                    self._take_told(table, candidate, region)
                self.found.tables.append(table)
                self._heading_issues(candidate, table)
                self._row_issues(table, body, reader)
            if not body.turn:
                return body
            candidate = self._turned(candidate, body.turn)
            start = body.turn_row

    def _body(self, candidate: Candidate, start: int, region: Region, beside: bool) -> tuple[Body, BodyReader]:
        headings = candidate.headings
        left, right = headings[0].columns[0], headings[-1].columns[-1] + 1
        reader = BodyReader(
            self.rows,
            self.turned,
            self.merges,
            start,
            region.bottom,
            headings,
            candidate.assignment,
            self.speech,
            left if beside else region.left,
            right if beside else region.right,
            lambda row: self._reopens(row, region, candidate),
            lambda text: self._turn(text, candidate),
        )
        return reader.read(), reader

    def _turn(self, text: str, candidate: Candidate) -> str:
        """The other table a line amid the records names, if the headings are that table's as well («Наставляемые»)."""
        told = self.speech.told(text)
        if not told or candidate.assignment.schema.name in told or len(text) > 80:
            return ""
        for name in sorted(told, key=lambda name: -told[name]):
            found = readings(candidate.headings, self.index).get(name)
            if found is not None and complete(found) and found.explained >= candidate.assignment.explained - 0.1:
                return name
        return ""

    def _turned(self, candidate: Candidate, name: str) -> Candidate:
        found = readings(candidate.headings, self.index)[name]
        assignment = replace(found, fields=dict(found.fields), left=list(found.left), duplicates=[])
        return replace(candidate, assignment=assignment, rival=candidate.assignment.schema.name)

    def _reopens(self, row: int, region: Region, candidate: Candidate) -> str:
        """A row of headings below a table: "repeated-header" when it says the same of the same columns, "heading" of
        another."""
        said = tuple(self.rows[row][region.left : region.right])
        known = self.reopened.get(said)
        if known is not None and known[0] is candidate:
            return known[1]
        looks, nearest = self.looks, self.nearest
        found = self._best_at(row, region._replace(top=row), candidate.block.bottom + 1)
        self.looks, self.nearest = looks, nearest
        if not found:
            self.reopened[said] = (candidate, "")
            return ""
        mine, other = candidate.assignment, found[0].assignment
        same = mine.schema is other.schema and all(
            name in mine.fields and mine.fields[name][0].columns == heading.columns
            for name, (heading, _) in other.fields.items()
        )
        verdict = "repeated-header" if same and found[0].block.bottom == row else "heading"
        self.reopened[said] = (candidate, verdict)
        return verdict

    def _take_leftovers(self, candidate: Candidate, start: int) -> None:
        """Headings left over in a table that is certain: taken where a misspelling, or the cells below, leave one field
        only; every such reading is said."""
        assignment = candidate.assignment
        for heading in list(assignment.left):
            if is_row_number(heading) or any(heading is one for one, _ in assignment.duplicates):
                continue
            near = self.index.near(heading.text, assignment.schema.name, assignment.fields)
            if near is not None:
                assignment.fields[near[0]] = (heading, Match(near[0], 0.9, "near", near[1]))
                assignment.left.remove(heading)
        cells_below = self._cells_below(start)
        take_by_contents(assignment, cells_below)
        self._take_guesses(assignment, cells_below)
        for name, (heading, match) in assignment.fields.items():
            if match.how not in ("near", "contents") or name in assignment.parts:
                continue
            near_miss = match.how == "near"
            meant = match.meant if near_miss else assignment.schema.field(name).title
            params = (("heading", heading.text), ("taken", "yes" if near_miss else "contents"))
            at = self._at_heading(candidate.block, heading.columns[0], assignment.schema.name, name)
            self.found.issues.append(Issue("heading-near-miss", "info", at, heading.text, meant, params))

    def _cells_below(self, row: int) -> Callable[[int], Sequence[Value]]:
        """The first cells of a column that hold something, in the rows after this one; each column looked at once."""
        samples: dict[int, Sequence[Value]] = {}

        def cells_below(column: int) -> Sequence[Value]:
            if column not in samples:
                samples[column] = sample([line[column] for line in self.rows[row + 1 : row + 60]])
            return samples[column]

        return cells_below

    def _take_guesses(self, assignment: Assignment, cells_below: Callable[[int], Sequence[Value]]) -> bool:
        """Headings no definition knows, where wording, cells and neighbours together leave one field only. Says whether
        there were any."""
        if not assignment.left:
            return False
        from sheets_sync.recognise.guesses import sure_guesses

        taken = []
        for place, name, meant in sure_guesses(assignment, cells_below, self.index):
            taken.append(assignment.left[place])
            assignment.fields[name] = (taken[-1], Match(name, SURE_FOR_IDENTITY, "contents", meant))
        assignment.left = [heading for heading in assignment.left if not any(heading is one for one in taken)]
        return bool(taken)

    def _completed(self, candidate: Candidate) -> Candidate:
        """A block about mentoring that is nearly a table, made one by columns that plainly are there under headings
        nobody foresaw; as it is, where there are none."""
        if candidate.complete and candidate.sure:
            return candidate
        found = candidate.assignment
        told = found.anchored or candidate.support >= _TOLD_PLAINLY or len(found.fields) >= VOUCHING
        if not told or len(found.fields) < 2 or self.looks <= 0:
            return candidate
        self.looks -= len(candidate.headings)
        tried = replace(found, fields=dict(found.fields), parts=dict(found.parts), left=list(found.left))
        if not self._take_guesses(tried, self._cells_below(candidate.block.bottom)):
            return candidate
        measure(tried, candidate.headings, self.index)
        completed = replace(candidate, assignment=tried, score=tried.score + candidate.support)
        return completed if completed.sure and completed.complete else candidate

    def _table(self, candidate: Candidate, body: Body) -> Table:
        grid, block, assignment = self.grid, candidate.block, candidate.assignment
        shift = grid.first_column
        records = body.records
        columns: dict[str, tuple[int, ...]] = {}
        names: dict[str, str] = {}
        values: dict[str, list[Value]] = {}
        read: dict[int, list[Value]] = {}
        for item in assignment.schema.fields:
            if item.name not in assignment.fields:
                continue
            heading = assignment.fields[item.name][0]
            columns[item.name] = tuple(column + shift for column in heading.columns)
            names[item.name] = " ".join(heading.parts) if heading.split else heading.text
            key = heading.columns[0]
            if key not in read:
                between = " " if item.type == "name" else "\n"
                read[key] = self._column(heading.columns, records, body, between)
                if item.type not in ("integer", "number", "score", "percent"):  # «//» among marks is no repetition
                    self._repeat(read[key], key, records, assignment.schema.name, item.name)
            values[item.name] = read[key]
        fed = {column for heading, _ in assignment.fields.values() for column in heading.columns}
        ignored = {
            column + shift: heading.text
            for heading in candidate.headings
            for column in heading.columns
            if column not in fed
        }
        table = Table(
            assignment.schema.name,
            grid.sheet,
            tuple(range(grid.first_row + block.top, grid.first_row + block.bottom + 1)),
            columns,
            names,
            list(map(grid.first_row.__add__, records)),
            values,
            parts=dict(assignment.parts),
            ignored=ignored,
            non_data=sorted((grid.first_row + row, kind) for row, kind in body.other.items()),
            score=round(candidate.score, 3),
        )
        table.title = "\n".join(reversed(candidate.lines))
        table.constants = self._constants(candidate, table)
        table.why = self._why(candidate)
        table.how = {
            name: (match.how, min(match.quality, 1.0), match.meant) for name, (_, match) in assignment.fields.items()
        }
        return table

    def _column(
        self,
        columns: tuple[int, ...],
        records: Sequence[int],
        body: Body,
        between: str,
    ) -> list[Value]:
        """Cells of the records in one column (or in several, joined): merged cells filled down, split records joined.

        ``between`` joins a split record.
        """
        rows = self.rows
        parts = [_at_places(self.turned[column], records) for column in columns]
        for place, column in enumerate(columns):
            self._fill_down(parts[place], column, records)
        cells: list[Value]
        if len(parts) == 1:
            cells = parts[0]
        else:
            cells = [" ".join(text for text in map(display, line) if text.strip()) for line in zip(*parts, strict=True)]
        if body.continued:
            place_of = {row: place for place, row in enumerate(records)}
            for second, first in sorted(body.continued.items()):
                more = " ".join(display(rows[second][column]) for column in columns).strip()
                if more:
                    begun = display(cells[place_of[first]])
                    cells[place_of[first]] = f"{begun}{between if len(columns) == 1 else ' '}{more}" if begun else more
        return cells

    def _repeat(self, cells: list[Value], column: int, records: Sequence[int], table: str, name: str) -> None:
        """Put in place of «-//-» what the record above says; one note for the column."""
        if DITTO.isdisjoint(cells):
            return
        repeated = [place for place in range(1, len(cells)) if cells[place] in DITTO]
        first = display(cells[repeated[0]]) if repeated else ""
        for place in repeated:
            cells[place] = cells[place - 1]
        if repeated:
            params = (("count", str(len(repeated))),)
            at = self._at(records[repeated[0]], column, table, name)
            self.found.issues.append(Issue("cell-ditto", "info", at, first, display(cells[repeated[0]]), params))

    def _fill_down(self, cells: list[Value], column: int, records: Sequence[int]) -> None:
        merges = self.merges.down.get(column)
        if not merges or not records:
            return
        place_of = {row: place for place, row in enumerate(records)}
        for merge in merges:
            value = self.rows[merge.top][column]
            for row in range(merge.top + 1, min(merge.bottom, records[-1]) + 1):
                place = place_of.get(row)
                if place is not None:
                    cells[place] = value

    def _read_criteria(self, table: Table, candidate: Candidate, body: Body) -> None:
        """Nine rows become the one record they are."""
        columns = {name: heading.columns[0] for name, (heading, _) in candidate.assignment.fields.items()}
        names = [item.name for item in candidate.assignment.schema.fields]
        found = read_criteria(self.rows, body.records, columns, table.name, names, self.index)
        if not found:
            return
        table.row_numbers = table.row_numbers[:1]
        table.values = {one.field: [one.value] for one in found}
        table.headings |= {one.field: display(self.rows[one.row][columns["indicator"]]) for one in found}
        for one in found:
            column = one.column if one.column is not None else columns["indicator"]
            table.cells[one.field] = f"{column_letter(self.grid.first_column + column)}{self.grid.first_row + one.row}"
        self._take_told(table, candidate, Region(0, 0, 0, self.grid.width))
        table.constants["scope"] = "pair" if {"mentor", "mentee", "pair_id"} & set(table.values) else "school"

    def _take_told(self, table: Table, candidate: Candidate, region: Region) -> None:
        """What the lines above the table tell once for all its records."""
        schema, block = candidate.assignment.schema, candidate.block
        missing = [
            item.name for item in schema.fields if item.name not in table.columns and item.name not in table.constants
        ]
        top = max(self.done, block.top - len(candidate.lines) - TITLE_ROWS, 0)
        told = told_above(self.rows, top, block.top, region.left, region.right, schema, missing, self.index)
        for name, (row, column, value, label) in told.items():
            table.values[name] = [value] * len(table.row_numbers)
            table.cells[name] = f"{column_letter(self.grid.first_column + column)}{self.grid.first_row + row}"
            table.headings[name] = label
        if table.name == "evaluations" and {"mentor", "mentee", "pair_id"} & set(told):
            table.constants["scope"] = "pair"

    # Cards

    def _read_cards(self, region: Region) -> None:
        """Transposed cards in a part of the sheet where no table was found."""
        if (
            sum(
                1
                for row in range(region.top, min(region.bottom, region.top + 60))
                if any(map(str, self.rows[row][region.left : region.right]))
            )
            < LEAST_FIELDS
        ):
            return
        for card in find_cards(self.rows, self.merges, region, self.index):
            grid = self.grid
            row = grid.first_row + card.top
            table = Table(card.schema.name, grid.sheet, (row,), {}, {}, [row], {})
            for name in ("group", "indicator", *SCORES):
                card.fields.pop(name, None)  # headings of the criteria, no values
            if table.name == "evaluations":
                table.constants["scope"] = "pair" if {"mentor", "mentee", "pair_id"} & set(card.fields) else "school"
            for item in card.schema.fields:
                if item.name in card.fields:
                    at_row, column, value, label = card.fields[item.name]
                    table.values[item.name] = [value]
                    table.headings[item.name] = label
                    table.cells[item.name] = f"{column_letter(grid.first_column + column)}{grid.first_row + at_row}"
            table.title = "\n".join(reversed(lines_above(self.rows, card.top, region.top, region.left, region.right)))
            table.score = round(sum(match.quality for match in card.how.values()), 3)
            table.why = f"{card.schema.name}: a card of {len(card.fields)} fields"
            self.found.tables.append(table)
            self._missing_headings(card.schema, table, card.top)

    def _constants(self, candidate: Candidate, table: Table) -> dict[str, str]:
        """Codes told by the names of sheet and file: a survey's role and stage, the scope of an evaluation."""
        constants: dict[str, str] = {}
        texts = (self.grid.sheet, *candidate.lines, self.speech.file)
        if table.name == "questionnaires":
            role, stage = role_told(texts), stage_told(texts)
            if role and "role" not in table.columns:
                constants["role"] = role
            if stage and "stage" not in table.columns:
                constants["stage"] = stage
        if table.name == "evaluations" and "scope" not in table.columns:
            constants["scope"] = "pair" if {"mentor", "mentee", "pair_id"} & set(table.columns) else "school"
        return constants

    def _why(self, candidate: Candidate) -> str:
        found = candidate.assignment
        told = f", names and titles add {candidate.support:.2f}" if candidate.support else ""
        rival = f"; next best {candidate.rival}" if candidate.rival else ""
        understood = len({id(heading) for heading, _ in found.fields.values()})
        return (
            f"{found.schema.name} {candidate.score:.2f}: {understood} of {len(candidate.headings)} headings "
            f"understood, evidence {found.evidence:.2f}{told}{rival}"
        )

    # Issues

    def _at_heading(self, block: Block, column: int, table: str, name: str | None = None) -> At:
        """A heading where it is seen: in the lowest row of its block that says something over the column."""
        row = block.bottom
        while row > block.top and is_blank(self.rows[row][column]):
            row -= 1
        return self._at(row, column, table, name)

    def _at(self, row: int | None, column: int | None, table: str | None = None, name: str | None = None) -> At:
        grid = self.grid
        return At(
            self.organisation,
            self.workbook,
            grid.sheet,
            table,
            None if row is None else grid.first_row + row,
            None if column is None else column_letter(grid.first_column + column),
            name,
        )

    def _heading_issues(self, candidate: Candidate, table: Table) -> None:
        assignment, bottom = candidate.assignment, candidate.block.bottom
        schema, issues = assignment.schema, self.found.issues
        seen: dict[str, Heading] = {}
        for heading in candidate.headings:
            key = heading_key(heading.text)
            first = seen.setdefault(key, heading)
            if first is not heading and not is_row_number(heading) and key:
                params = (
                    ("heading", heading.text),
                    ("first", column_letter(self.grid.first_column + first.columns[0])),
                )
                issues.append(
                    Issue(
                        "heading-duplicate",
                        "warning",
                        self._at_heading(candidate.block, heading.columns[0], schema.name),
                        heading.text,
                        None,
                        params,
                    )
                )
        issues += self._unsure_headings(assignment, table, bottom)
        self._missing_headings(schema, table, bottom)

    def _missing_headings(self, schema: TableSchema, table: Table, row: int) -> None:
        """Columns a table must have (domain.md §3, R): one issue each, at the headings; an error where no row can be
        used without it, or without one of several."""
        for item in schema.fields:
            if item.required in ("column", "value"):
                if item.name not in table.values and item.name not in table.constants:
                    at = self._at(row, None, schema.name, item.name)
                    perhaps = self._perhaps(item.name, schema, table)
                    params = (("heading", item.title), ("perhaps", perhaps), ("use", item.severity))
                    self.found.issues.append(Issue("heading-missing", item.severity, at, None, item.title, params))
        for group in schema.lacking(table.values.keys() | table.constants.keys()):
            if len(group) > 1 and table.row_numbers:
                at = self._at(row, None, schema.name, group[0].name)
                titles = ", ".join(f"«{item.title}»" for item in group)
                found = (self._perhaps(item.name, schema, table) for item in group)
                told = (("heading", titles), ("perhaps", next(filter(None, found), "")), ("use", "one-of"))
                self.found.issues.append(Issue("heading-missing", "error", at, None, group[0].title, told))

    def _unsure_headings(self, assignment: Assignment, table: Table, row: int) -> list[Issue]:
        """«Дата» where the table has several dates to tell apart; columns left out that most likely feed a field."""
        schema, issues = assignment.schema, []
        for name, (heading, match) in assignment.fields.items():
            own = schema.field(name)
            if match.how != "words" or own.type != "date" or heading_key(heading.text) != "дата":
                continue
            free = [item.title for item in schema.fields if item.type == "date" and item.name not in assignment.fields]
            if free:
                choices = " или ".join(f"«{title}»" for title in (own.title, *free))
                at = self._at(row, heading.columns[0], schema.name, name)
                params = (("heading", heading.text), ("choices", choices))
                issues.append(Issue("heading-ambiguous", "info", at, heading.text, own.title, params))
        if table.row_numbers and not self._lacks_columns(schema, table):  # what a missing column may be is said there
            for column, guess in sorted(self._guessed(schema, table).items()):
                heading_text = table.ignored[column]
                at = self._at(row, column - self.grid.first_column, schema.name, guess.field)
                title = schema.field(guess.field).title
                issues.append(Issue("heading-unknown", "info", at, heading_text, title, (("heading", heading_text),)))
        return issues

    def _lacks_columns(self, schema: TableSchema, table: Table) -> bool:
        return bool(schema.lacking(table.values.keys() | table.constants.keys()))

    def _guessed(self, schema: TableSchema, table: Table) -> dict[int, Guess]:
        """Ignored columns by their number that very likely feed a field no column feeds, every field once."""
        from sheets_sync.recognise.guesses import give_fields, guess_fields

        taken = {field: columns[0] for field, columns in table.columns.items()}
        closed = table.values.keys() | table.constants.keys()
        guesses: dict[int, Sequence[Guess]] = {}
        for column, heading in list(table.ignored.items())[:MOST_GUESSED]:
            if not numbers_rows(heading) and heading.strip():
                cells = [self.grid.value(row, column) for row in table.row_numbers[:60]]
                guesses[column] = guess_fields(heading, sample(cells), schema, taken, column, self.index, closed=closed)
        return give_fields(guesses, SURE_GUESS)

    def _perhaps(self, name: str, schema: TableSchema, table: Table) -> str:
        """The ignored column that most likely is the one missing, «B «За кем следит»»; "" if none plainly is."""
        from sheets_sync.recognise.guesses import guess_fields

        taken = {field: columns[0] for field, columns in table.columns.items()}
        found: list[tuple[float, int, str]] = []
        for column, heading in list(table.ignored.items())[:MOST_GUESSED]:
            if not numbers_rows(heading):
                cells = [self.grid.value(row, column) for row in table.row_numbers[:60]]
                guesses = guess_fields(heading, sample(cells), schema, taken, column, self.index)
                if guesses and guesses[0].field == name and guesses[0].confidence >= SURE_GUESS:
                    found.append((guesses[0].confidence, column, heading))
        if not found or sum(one[0] == max(found)[0] for one in found) > 1:
            return ""
        _, column, heading = max(found)
        return f"{column_letter(column)} «{heading}»"

    def _row_issues(self, table: Table, body: Body, reader: BodyReader) -> None:
        issues, name = self.found.issues, table.name
        last = body.records[-1] if body.records else -1
        for row, kind in sorted(body.other.items()):
            line = self.rows[row]
            first = next((column for column in range(reader.left, reader.right) if not is_blank(line[column])), None)
            if kind == "blank" and row < last:
                issues.append(Issue("row-blank-inside", "info", self._at(row, None, name)))
            elif kind in ("total", "placeholder") and first is not None:
                issues.append(Issue(f"row-{kind}", "info", self._at(row, first, name), display(line[first])))
        for second, begun in body.continued.items():
            if second in self.merges.under:
                continue  # drawn over several rows on purpose
            column = reader.number if reader.number is not None else reader.keys[0] if reader.keys else None
            value = "" if column is None else display(self.rows[begun][column])
            params = (("second", str(self.grid.first_row + second)),)
            issues.append(Issue("row-split", "info", self._at(begun, column, name), value, None, params))

    def _nothing_found(self) -> None:
        if not self.grid.visible or all(is_blank(value) for line in self.rows for value in line):
            return  # a hidden sheet is said to be hidden, which is enough
        self.found.near = self._near()
        nearest = self.found.nearest
        if nearest is None or not nearest.is_near:
            self.found.issues.append(Issue("sheet-unrecognised", "info", self._at(None, None)))
            return
        schema = self.index.definitions.schemas[nearest.table]
        renamed = self._to_rename(nearest, SURE_GUESS)
        missing = [name for name in nearest.missing if name not in renamed]
        params = [
            ("table", schema.title),
            ("missing", ", ".join(f"«{schema.field(name).title}»" for name in missing)),
            ("count", str(len(missing))),
        ]
        row = nearest.header_row - self.grid.first_row
        if not renamed:
            at = self._at(row, None, schema.name)
            self.found.issues.append(Issue("sheet-near-miss", "info", at, None, None, tuple(params)))
            return
        # one cause, one issue: it stands at the first heading to mend and names the others
        (name, column), *others = renamed.items()
        more = ", ".join(f"«{nearest.headings[one]}» – «{schema.field(field).title}»" for field, one in others)
        params += [("heading", nearest.headings[column]), ("others", more), ("mend", "rename")]
        at = self._at(row, column - self.grid.first_column, schema.name, name)
        title = schema.field(name).title
        heading = nearest.headings[column]
        self.found.issues.append(Issue("sheet-near-miss", "warning", at, heading, title, tuple(params)))

    def _near(self) -> list[Nearest]:
        """The tables the best block of headings comes near to: first those whose missing columns may well be there."""
        near = self.nearest
        if near is None:
            return []
        found = []
        told = self.speech.heard(near.lines)
        for assignment in readings(near.headings, self.index).values():
            if assignment.schema is near.assignment.schema:
                assignment = near.assignment
            support = self.speech.support(assignment.schema, told)
            if assignment.schema.layouts != ("card",) and assignment.score + support > near.score - _NEAR_SCORE:
                found.append(self._nearest_as(near, assignment, support))
        there = {one.table: len(self._to_rename(one, _LIKELY_GUESS)) for one in found if one.is_near}
        return sorted(found, key=lambda one: (not one.is_near, -there.get(one.table, 0), -one.score))

    def _nearest_as(self, near: Candidate, found: Assignment, support: float) -> Nearest:
        shift = self.grid.first_column
        needed = [one.name for one in found.schema.fields if one.required != "no" and one.severity == "error"]
        sets = [[name for name in (*names, *needed) if name not in found.fields] for names in found.schema.identify]
        missing = min(sets, key=lambda names: len(set(names)), default=needed)
        return Nearest(
            found.schema.name,
            self.grid.sheet,
            self.grid.first_row + near.block.bottom,
            {name: heading.columns[0] + shift for name, (heading, _) in found.fields.items()},
            {heading.columns[0] + shift: heading.text for heading in near.headings},
            tuple(dict.fromkeys(missing)),
            round(found.score + support, 2),
            round(found.explained, 2),
            found.anchored or support >= 0.3,
        )

    def _to_rename(self, nearest: Nearest, least: float) -> dict[str, int]:
        """Missing fields whose column plainly is there under another heading: field → sheet column."""
        from sheets_sync.recognise.guesses import give_fields, guess_fields

        schema = self.index.definitions.schemas[nearest.table]
        top = nearest.header_row - self.grid.first_row + 1
        fed = set(nearest.columns.values())
        guesses: dict[int, Sequence[Guess]] = {}
        for column, heading in nearest.headings.items():
            if column not in fed and not numbers_rows(heading) and len(guesses) < MOST_GUESSED:
                cells = [line[column - self.grid.first_column] for line in self.rows[top : top + 60]]
                guesses[column] = guess_fields(heading, sample(cells), schema, nearest.columns, column, self.index)
        given = give_fields(guesses, least)
        found: dict[str, int] = {}
        for column, guess in given.items():
            rivals = [  # another column that may as well be it
                one
                for other, ones in guesses.items()
                for one in ones
                if one.field == guess.field and other != column and one.confidence > guess.confidence - _AS_LIKELY
            ]
            if guess.field in nearest.missing and (not rivals or least < SURE_GUESS):
                found[guess.field] = column
        return found
