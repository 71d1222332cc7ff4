"""Headings left over in a table: given the one field that a misspelling, the cells below or all evidence together
leave them."""

from __future__ import annotations

from sheets_sync.recognise.assign import SURE_FOR_IDENTITY, Assignment, Sample, is_row_number
from sheets_sync.recognise.by_contents import take_by_contents
from sheets_sync.recognise.guesses import sure_guesses
from sheets_sync.recognise.headings import HeadingIndex, Match


def take_leftovers(assignment: Assignment, cells_below: Sample, index: HeadingIndex) -> None:
    """Give the headings left over in a table that is certain the fields that are plainly theirs.

    Every such reading is to be said: how a heading was understood (``near``, ``contents``) stands in its match.
    """
    for heading in list(assignment.left):
        if is_row_number(heading) or any(heading is one for one, _ in assignment.duplicates):
            continue
        near = index.near(heading.text, assignment.schema.name, assignment.fields)
        if near is not None:
            assignment.fields[near[0]] = (heading, Match(near[0], 0.9, "near", near[1]))
            assignment.left.remove(heading)
    take_by_contents(assignment, cells_below)
    take_guesses(assignment, cells_below, index)


def take_guesses(assignment: Assignment, cells_below: Sample, index: HeadingIndex) -> bool:
    """Headings no definition knows, where wording, cells and neighbours together leave one field only. Says whether
    there were any."""
    if not assignment.left:
        return False
    taken = []
    for place, name, meant in sure_guesses(assignment, cells_below, index):
        taken.append(assignment.left[place])
        assignment.fields[name] = (taken[-1], Match(name, SURE_FOR_IDENTITY, "contents", meant))
    assignment.left = [heading for heading in assignment.left if not any(heading is one for one in taken)]
    return bool(taken)
