"""What a sheet without a table comes nearest to, and what is said of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sheets_sync.issues import Issue
from sheets_sync.recognise.assign import Assignment, numbers_rows, readings
from sheets_sync.recognise.candidate import TOLD_PLAINLY, Candidate
from sheets_sync.recognise.contents import sample
from sheets_sync.recognise.guesses import MOST_GUESSED, SURE_GUESS, Guess, give_fields, guess_fields
from sheets_sync.recognise.view import SAMPLED_ROWS, SheetView

_LIKELY_GUESS = 0.5
_AS_LIKELY = 0.05
_NEAR_SCORE = 1.0  # tables a sheet may be near to, besides the nearest, score no worse than this


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


def nearest_tables(view: SheetView, near: Candidate | None) -> list[Nearest]:
    """The tables the best block of headings comes near to: first those whose missing columns may well be there."""
    if near is None:
        return []
    found = []
    told = view.speech.heard(near.lines)
    for assignment in readings(near.headings, view.index).values():
        if assignment.schema is near.assignment.schema:
            assignment = near.assignment
        support = view.speech.support(assignment.schema, told)
        if assignment.schema.layouts != ("card",) and assignment.score + support > near.score - _NEAR_SCORE:
            found.append(_nearest_as(view, near, assignment, support))
    there = {one.table: len(_to_rename(view, one, _LIKELY_GUESS)) for one in found if one.is_near}
    return sorted(found, key=lambda one: (not one.is_near, -there.get(one.table, 0), -one.score))


def _nearest_as(view: SheetView, near: Candidate, found: Assignment, support: float) -> Nearest:
    shift = view.grid.first_column
    needed = [one.name for one in found.schema.fields if one.required != "no" and one.severity == "error"]
    sets = [[name for name in (*names, *needed) if name not in found.fields] for names in found.schema.identify]
    missing = min(sets, key=lambda names: len(set(names)), default=needed)
    return Nearest(
        found.schema.name,
        view.grid.sheet,
        view.grid.first_row + near.block.bottom,
        {name: heading.columns[0] + shift for name, (heading, _) in found.fields.items()},
        {heading.columns[0] + shift: heading.text for heading in near.headings},
        tuple(dict.fromkeys(missing)),
        round(found.score + support, 2),
        round(found.explained, 2),
        found.anchored or support >= TOLD_PLAINLY,
    )


def issue_of_no_table(view: SheetView, nearest: Nearest | None) -> Issue:
    """That the sheet is no table; where a heading or two would make it one, which."""
    if nearest is None or not nearest.is_near:
        return Issue("sheet-unrecognised", "info", view.at(None, None))
    schema = view.index.definitions.schemas[nearest.table]
    renamed = _to_rename(view, nearest, SURE_GUESS)
    missing = [name for name in nearest.missing if name not in renamed]
    params = [
        ("table", schema.title),
        ("missing", ", ".join(f"«{schema.field(name).title}»" for name in missing)),
        ("count", str(len(missing))),
    ]
    row = nearest.header_row - view.grid.first_row
    if not renamed:
        at = view.at(row, None, schema.name)
        return Issue("sheet-near-miss", "info", at, None, None, tuple(params))
    # one cause, one issue: it stands at the first heading to mend and names the others
    (name, column), *others = renamed.items()
    more = ", ".join(f"«{nearest.headings[one]}» – «{schema.field(field).title}»" for field, one in others)
    params += [("heading", nearest.headings[column]), ("others", more), ("mend", "rename")]
    at = view.at(row, column - view.grid.first_column, schema.name, name)
    title = schema.field(name).title
    heading = nearest.headings[column]
    return Issue("sheet-near-miss", "warning", at, heading, title, tuple(params))


def _to_rename(view: SheetView, nearest: Nearest, least: float) -> dict[str, int]:
    """Missing fields whose column plainly is there under another heading: field → sheet column."""
    schema = view.index.definitions.schemas[nearest.table]
    top = nearest.header_row - view.grid.first_row + 1
    fed = set(nearest.columns.values())
    guesses: dict[int, Sequence[Guess]] = {}
    for column, heading in nearest.headings.items():
        if column not in fed and not numbers_rows(heading) and len(guesses) < MOST_GUESSED:
            cells = [line[column - view.grid.first_column] for line in view.rows[top : top + SAMPLED_ROWS]]
            guesses[column] = guess_fields(heading, sample(cells), schema, nearest.columns, column, view.index)
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
