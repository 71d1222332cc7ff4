"""The best reading of the headings at a row: of which rows with it, as which table, or as which tables side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from sheets_sync.recognise.assign import VOUCHING, Assignment, Sample, assign, is_row_number, measure, readings
from sheets_sync.recognise.blocks import Block, Heading, Region, compose
from sheets_sync.recognise.candidate import TOLD_PLAINLY, Candidate
from sheets_sync.recognise.context import lines_above
from sheets_sync.recognise.extents import Extents
from sheets_sync.recognise.leftovers import take_guesses
from sheets_sync.recognise.view import SheetView
from sheets_sync.table import Table
from sheets_sync.text import fold

# A sheet nobody foresaw must not take longer than one that is read: so many texts are compared by their words in search
# of headings that are not spelt as known.
CLOSE_LOOKS = 600
_CLOSE_SCORE = 0.7  # readings this close to the best are judged by the cells below, too


class HeadingReader:
    """Reads the headings of one sheet, wherever it is asked to.

    ``tables`` are those cut out of the sheet so far: the list grows while it is read. ``looks`` are the close looks
    left. What opened no table is kept: the ``nearest`` to one, and a grid of ``days``.
    """

    def __init__(self, view: SheetView, tables: Sequence[Table]) -> None:
        self.view, self.tables = view, tables
        self.extents = Extents(view.rows, view.merges)
        self.looks = CLOSE_LOOKS
        self.nearest: Candidate | None = None
        self.days: Candidate | None = None  # pairs with days across: a grid of meetings, which is not read

    @contextmanager
    def on_trial(self) -> Iterator[None]:
        """What is read meanwhile costs no looks and is no table the sheet comes near to; a grid of days stays found."""
        looks, nearest = self.looks, self.nearest
        try:
            yield
        finally:
            self.looks, self.nearest = looks, nearest

    def at(self, row: int, region: Region, floor: int) -> list[Candidate]:
        """What the blocks that hold the row are best read as: the table they surely open, several where tables stand
        side by side, or nothing.

        ``floor`` is the row from which on lines above the headings may be their titles.
        """
        best: list[Candidate] = []
        best_score = 0.0
        view = self.view
        for top, bottom in self.extents.of(row, region):
            block = compose(view.rows, view.merges, top, bottom, region.left, region.right)
            found = self._read_block(block, region, floor)
            if not found:
                continue
            score = self.worth(found, region)
            if score > best_score:
                best, best_score = found, score
        return best

    def worth(self, found: Sequence[Candidate], region: Region) -> float:
        """Score of a block; a row more must plainly be a row of the heading, or make the headings much better
        understood."""
        block = found[0].block
        score = max(one.score for one in found) + 0.5 * (len(found) - 1)
        for line in range(block.top + 1, block.bottom + 1):
            score += 0.4 if self.extents.stands_under_groups(line, region) else -0.4
        return score

    def _read_block(self, block: Block, region: Region, floor: int) -> list[Candidate]:
        headings = block.headings
        if not headings:  # a row that turned out to hold nothing but remarks or numbers
            return []
        whole = self._best_table(block, headings, region, floor)
        pieces = _side_by_side(headings)
        if len(pieces) > 1:
            split = [self._best_table(block, piece, region, floor) for piece in pieces]
            split = [self._completed(one) if one is not None else None for one in split]
            sure = [one for one in split if one is not None and (one.sure or one.anchored)]
            if len(sure) > 1 and (whole is None or not whole.sure or _tells_more(sure, whole)):
                return sure
            if whole is None or not whole.sure:
                return sure
        elif whole is not None and not whole.sure:
            whole = self._completed(whole)
        if whole is not None and whole.sure:
            if whole.is_grid_of_days(self.view.rows):
                self.days = self.days or whole
                return []
            return [whole]
        if whole is not None and (self.nearest is None or whole.score > self.nearest.score):
            self.nearest = whole
        return []

    def _best_table(self, block: Block, headings: tuple[Heading, ...], region: Region, floor: int) -> Candidate | None:
        """The table that explains the headings best, with what names and titles say; None when no table has two of
        them."""
        view = self.view
        read = readings(headings, view.index)
        if not read:
            return None
        left, right = headings[0].columns[0], headings[-1].columns[-1] + 1
        narrow = right - left < (region.right - region.left) - 1
        lines = lines_above(view.rows, block.top, floor, left, right) if narrow else []
        lines = lines or lines_above(view.rows, block.top, floor, region.left, region.right)

        told = view.speech.heard(lines)
        cells_below = view.cells_below(block.bottom)
        ranked: list[Candidate] = []
        for assignment in read.values():
            if assignment.schema.layouts != ("card",):
                again = any(table.name == assignment.schema.name for table in self.tables)
                support = view.speech.support(assignment.schema, told, again)
                ranked.append(Candidate(block, headings, assignment, lines, support, assignment.score + support))
        if not ranked:
            return None
        best_score = max(one.score for one in ranked)
        for one in ranked:
            if one.score > best_score - _CLOSE_SCORE:
                found = one.assignment
                if found.asks:
                    one.assignment = assign(headings, found.schema, view.index, cells_below)
                    one.score = one.assignment.score + one.support
                else:
                    one.assignment = replace(found, fields=dict(found.fields), left=list(found.left))
        ranked = [one for one in ranked if not (one.sure and _names_are_numbers(one.assignment, cells_below))]
        if not ranked:
            return None
        ranked = [self._completed(one) if one.support >= TOLD_PLAINLY and not one.complete else one for one in ranked]
        order = list(view.index.definitions.schemas)
        ranked.sort(key=lambda one: (not one.sure, -round(one.score, 6), order.index(one.assignment.schema.name)))
        best = ranked[0]
        if len(ranked) > 1:
            best.rival = f"{ranked[1].assignment.schema.name} {ranked[1].score:.2f}"
        return best

    def _completed(self, candidate: Candidate) -> Candidate:
        """A block about mentoring that is nearly a table, made one by columns that plainly are there under headings
        nobody foresaw; as it is, where there are none."""
        if candidate.complete and candidate.sure:
            return candidate
        found = candidate.assignment
        told = found.anchored or candidate.support >= TOLD_PLAINLY or len(found.fields) >= VOUCHING
        if not told or len(found.fields) < 2 or self.looks <= 0:
            return candidate
        self.looks -= len(candidate.headings)
        tried = replace(found, fields=dict(found.fields), parts=dict(found.parts), left=list(found.left))
        if not take_guesses(tried, self.view.cells_below(candidate.block.bottom), self.view.index):
            return candidate
        measure(tried, candidate.headings, self.view.index)
        completed = replace(candidate, assignment=tried, score=tried.score + candidate.support)
        return completed if completed.sure and completed.complete else candidate


def _names_are_numbers(assignment: Assignment, cells_below: Sample) -> bool:
    """«Пара | Начало | Конец» over «1 | 08:30 | 10:00», «наставников | пар» over counts: where persons should be named,
    no cell has a letter."""
    schema = assignment.schema
    for name, (heading, _) in assignment.fields.items():
        if schema.field(name).type == "name":
            values = cells_below(heading.columns[0])
            if len(values) > 1 and not any(isinstance(value, str) and any(map(str.isalpha, value)) for value in values):
                return True
    return False


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


def _tells_more(pieces: Sequence[Candidate], whole: Candidate) -> bool:
    """Are the headings better understood as those of several tables?"""
    together = sum(one.understood for one in pieces)
    numbers = [heading for heading in whole.headings if is_row_number(heading)]
    twice = [heading for heading, _ in whole.assignment.duplicates if not is_row_number(heading)]
    return together > whole.understood or (together == whole.understood and (len(numbers) > 1 or bool(twice)))
