"""One sheet from the top: heading blocks found, their rows read, tables and cards cut out."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as dataclass_field

from sheets_sync.issues import Issue
from sheets_sync.recognise.assign import readings
from sheets_sync.recognise.beside import parts_apart, sides_of
from sheets_sync.recognise.best_reading import HeadingReader
from sheets_sync.recognise.blocks import Region
from sheets_sync.recognise.candidate import Candidate, complete
from sheets_sync.recognise.cards import LEAST_FIELDS, find_cards
from sheets_sync.recognise.finding import HeadingFinder
from sheets_sync.recognise.headings import HeadingIndex, heading_index
from sheets_sync.recognise.leftovers import take_leftovers
from sheets_sync.recognise.nearest import Nearest, issue_of_no_table, nearest_tables
from sheets_sync.recognise.noticed import heading_issues, missing_headings, near_misses, row_issues
from sheets_sync.recognise.rows import Body, BodyReader
from sheets_sync.recognise.tables import table_of, table_of_card
from sheets_sync.recognise.view import SheetView
from sheets_sync.table import Grid, Table, Value
from sheets_sync.table_schema.model import Definitions
from sheets_sync.text import is_blank

MOST_TABLES = 300  # in one sheet


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


def recognise(grid: Grid, definitions: Definitions, organisation: str = "", workbook: str = "") -> Recognised:
    """The tables of a sheet and the issues of its headings and rows; no cell values are judged here.

    Never raises for what a sheet holds; time is bounded by the cells of the tables found and a fixed number of close
    looks.
    """
    return SheetReader(grid, heading_index(definitions, organisation), organisation, workbook).read()


class SheetReader:
    """Reads one sheet, once."""

    def __init__(self, grid: Grid, index: HeadingIndex, organisation: str, workbook: str) -> None:
        self.view = SheetView(grid, index, organisation, workbook)
        self.found = Recognised()
        self.headings = HeadingReader(self.view, self.found.tables)
        self.finder = HeadingFinder(self.view, self.headings)
        self.reopened: dict[tuple[Value, ...], tuple[Candidate, str]] = {}
        self.done = 0  # rows above this one belong to tables already cut out

    def read(self) -> Recognised:
        grid, found = self.view.grid, self.found
        if not grid.rows or not grid.width:
            return found
        whole = Region(0, len(grid.rows), 0, grid.width)
        for part in self._parts_of(whole):
            self._read_region(part)
        found.tables.sort(
            key=lambda table: (
                table.header_rows[0],
                min((c for cs in table.columns.values() for c in cs), default=0),
            )
        )
        days = self.headings.days
        if days is not None:
            at = self.view.at(days.block.bottom, None, "meetings")
            found.issues.append(Issue("sheet-days-across", "warning", at))
        elif not found.tables and self._says_something():
            found.near = nearest_tables(self.view, self.headings.nearest)
            found.issues.append(issue_of_no_table(self.view, found.nearest))
        return found

    def _says_something(self) -> bool:
        """Does the sheet hold anything? That a hidden one is hidden is said elsewhere, which is enough."""
        grid = self.view.grid
        return grid.visible and not all(is_blank(value) for line in grid.rows for value in line)

    def _parts_of(self, whole: Region) -> list[Region]:
        """The sheet's parts that are tables of their own, each with headings in a row of its own, or the whole sheet.

        They are only tried here, and read again.
        """
        parts = parts_apart(self.view.turned, whole)
        days = self.headings.days
        with self.headings.on_trial():
            tables = [any(one.complete for one in self.finder.find(part, whole.top)) for part in parts]
        self.headings.days = days
        # beside a table a card is as good as one
        cards = [
            part for part, table in zip(parts, tables, strict=True) if any(tables) and not table and self._is_card(part)
        ]
        return parts if sum(tables) + len(cards) > 1 else [whole]

    def _is_card(self, part: Region) -> bool:
        view = self.view
        return bool(find_cards(view.rows, view.merges, part, view.index))

    def _read_region(self, region: Region, until: int | None = None) -> int:
        """Tables of the region from top to bottom; what lies between them may be a card.

        Stops at tables that begin at row ``until`` or below. Gives the row after the last table.
        """
        top = region.top
        while top < region.bottom and len(self.found.tables) < MOST_TABLES:
            self.done = top
            rest = region._replace(top=top)
            candidates = self.finder.find(rest, top)
            if not candidates or (until is not None and candidates[0].block.top >= until):
                break
            if until is None:
                self._read_cards(rest._replace(bottom=candidates[0].block.top))
            end = top
            sides = sides_of(candidates[0], rest, self.view.rows) if len(candidates) == 1 else []
            for candidate in candidates:
                body = self._cut_out(candidate, region, bool(sides) or len(candidates) > 1)
                end = max(end, body.end, candidate.block.bottom + 1)
            for side in sides:
                end = max(end, self._read_region(side, end))
            top = end
        if until is None:
            self._read_cards(region._replace(top=top))
        return top

    def _read_cards(self, region: Region) -> None:
        """Transposed cards in a part of the sheet where no table was found."""
        if (
            sum(
                1
                for row in range(region.top, min(region.bottom, region.top + 60))
                if any(map(str, self.view.rows[row][region.left : region.right]))
            )
            < LEAST_FIELDS
        ):
            return
        for card in find_cards(self.view.rows, self.view.merges, region, self.view.index):
            table = table_of_card(self.view, card, region)
            self.found.tables.append(table)
            self.found.issues += missing_headings(self.view, card.schema, table, card.top)

    # One block of headings, and what stands below it

    def _cut_out(self, candidate: Candidate, region: Region, beside: bool) -> Body:
        """The table below a block, and those that follow under the same headings, told apart by lines of text."""
        view, found = self.view, self.found
        start = candidate.block.bottom
        while True:
            take_leftovers(candidate.assignment, view.cells_below(start), view.index)
            found.issues += near_misses(view, candidate)
            reader = self._body_reader(candidate, start, region, beside)
            body = reader.read()
            if start != candidate.block.bottom and not body.records and not body.turn:
                body.end = start  # the line named a table that has headings of its own below
            elif body.records or not body.turn:
                table, noticed = table_of(view, candidate, body, region, self.done)
                found.tables.append(table)
                found.issues += noticed
                found.issues += heading_issues(view, candidate, table)
                found.issues += row_issues(view, table, body, reader)
            if not body.turn:
                return body
            candidate = candidate.read_as(body.turn, view.index)
            start = body.turn_row

    def _body_reader(self, candidate: Candidate, start: int, region: Region, beside: bool) -> BodyReader:
        view, headings = self.view, candidate.headings
        left, right = headings[0].columns[0], headings[-1].columns[-1] + 1
        return BodyReader(
            view.rows,
            view.turned,
            view.merges,
            start,
            region.bottom,
            headings,
            range(candidate.block.top, candidate.block.bottom + 1),
            candidate.assignment,
            view.speech,
            left if beside else region.left,
            right if beside else region.right,
            lambda row: self._reopens(row, region, candidate),
            lambda text: self._turns(text, candidate),
        )

    def _turns(self, text: str, candidate: Candidate) -> str:
        """The other table a line amid the records names, if the headings are that table's as well («Наставляемые»)."""
        told = self.view.speech.told(text)
        if not told or candidate.assignment.schema.name in told or len(text) > 80:
            return ""
        for name in sorted(told, key=lambda name: -told[name]):
            found = readings(candidate.headings, self.view.index).get(name)
            if found is not None and complete(found) and found.explained >= candidate.assignment.explained - 0.1:
                return name
        return ""

    def _reopens(self, row: int, region: Region, candidate: Candidate) -> str:
        """A row of headings below a table: "repeated-header" when it says the same of the same columns, "heading" of
        another."""
        said = tuple(self.view.rows[row][region.left : region.right])
        known = self.reopened.get(said)
        if known is not None and known[0] is candidate:
            return known[1]
        with self.headings.on_trial():
            found = self.headings.at(row, region._replace(top=row), candidate.block.bottom + 1)
        verdict = ""
        if found:
            mine, other = candidate.assignment, found[0].assignment
            same = mine.schema is other.schema and all(
                name in mine.fields and mine.fields[name][0].columns == heading.columns
                for name, (heading, _) in other.fields.items()
            )
            verdict = "repeated-header" if same and found[0].block.bottom == row else "heading"
        self.reopened[said] = (candidate, verdict)
        return verdict
