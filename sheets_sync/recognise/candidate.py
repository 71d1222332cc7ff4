"""A block of headings read as one table: how well it fits, and whether that is enough to open the table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sheets_sync.recognise.assign import SURE_FOR_IDENTITY, Assignment, readings
from sheets_sync.recognise.blocks import Block, Heading
from sheets_sync.recognise.headings import HeadingIndex
from sheets_sync.table import Value

TOLD_PLAINLY = 0.3  # support of a title or a sheet's name that names the table
_DATES_ACROSS = 3  # so many dates or months among the headings make a grid of days

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


def complete(found: Assignment) -> bool:
    """Are the columns there without which no row could be used, and most headings understood?"""
    needed = [one.name for one in found.schema.fields if one.required != "no" and one.severity == "error"]
    enough = found.explained >= 0.6 and len(found.fields) > 1
    return enough and bool(needed) and all(name in found.fields for name in needed)


@dataclass(slots=True)
class Candidate:
    """A block of headings, or some of its headings, read as a table. ``lines`` are those above it, ``support`` is what
    they and the names of sheet and file add to the ``score``, ``rival`` tells the next best table."""

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
        known = found.plausible if self.support >= TOLD_PLAINLY else found.identified
        if not known or len(found.fields) < 2 or found.explained < 0.3:
            return False
        if self.support < 0.1 and sum(heading.text.isdigit() for heading, _ in found.fields.values()) > 2:
            return False  # «1 | 2 | 3» under no title: days of a timesheet as well as criteria
        if found.anchored or self.support >= 0.1:
            return True
        surely = {name for name, (_, match) in found.fields.items() if match.quality >= SURE_FOR_IDENTITY}
        if found.schema.lacking(found.fields):
            return False  # «Дата | Вопрос | Докладчик» under no title: of whom it speaks nobody says
        told = found.schema.name not in ("mentors", "mentees") or not _ANYBODY.issuperset(surely)
        plain = found.explained >= 0.9 and len(found.fields) > 2
        return told and found.explained >= 0.5 and (found.evidence >= 1.0 or plain)

    @property
    def understood(self) -> int:
        """How many of the headings feed a field."""
        return len({id(heading) for heading, _ in self.assignment.fields.values()})

    @property
    def why(self) -> str:
        """Why it is this table, one line, for `check -v`."""
        found = self.assignment
        told = f", names and titles add {self.support:.2f}" if self.support else ""
        rival = f"; next best {self.rival}" if self.rival else ""
        return (
            f"{found.schema.name} {self.score:.2f}: {self.understood} of {len(self.headings)} headings "
            f"understood, evidence {found.evidence:.2f}{told}{rival}"
        )

    def read_as(self, table: str, index: HeadingIndex) -> Candidate:
        """The same headings as those of another table that knows them."""
        found = readings(self.headings, index)[table]
        assignment = replace(found, fields=dict(found.fields), left=list(found.left), duplicates=[])
        return replace(self, assignment=assignment, rival=self.assignment.schema.name)

    def is_grid_of_days(self, rows: Sequence[Sequence[Value]]) -> bool:
        """Mentors and mentees with days or months across: who met when, a mark in each cell."""
        found, block = self.assignment, self.block
        plain = {"mentor", "mentee", "pair_id"}.issuperset(found.fields)
        if found.schema.name not in ("pairs", "meetings") or not plain:
            return False
        cells = [value for line in rows[block.top : block.bottom + 1] for value in line]
        days = sum(
            isinstance(value, date) or (isinstance(value, str) and bool(_DAY_OR_MONTH.fullmatch(value)))
            for value in cells
        )
        return days >= _DATES_ACROSS
