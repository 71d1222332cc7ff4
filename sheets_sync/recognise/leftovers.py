"""Headings left over in a table: given the one field that a misspelling, the cells below or all evidence together
leave them."""

from __future__ import annotations

from sheets_sync.recognise.assign import SURE_FOR_IDENTITY, Assignment, Sample, is_row_number
from sheets_sync.recognise.by_contents import take_by_contents
from sheets_sync.recognise.criteria import SCORES, criteria_named
from sheets_sync.recognise.guesses import sure_guesses
from sheets_sync.recognise.headings import HeadingIndex, Match

_CRITERIA_ENOUGH = 3  # cells that name one, for a column to hold them


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
    if "criteria" in assignment.schema.layouts:
        _take_criteria(assignment, cells_below, index)


def _take_criteria(assignment: Assignment, cells_below: Sample, index: HeadingIndex) -> None:
    """The column that names the criteria, where no heading says so: «Критерий» alone groups nothing, it names them."""
    fields = assignment.fields
    if "indicator" in fields or fields.keys().isdisjoint(SCORES):
        return
    groups = fields.get("group")
    offered = [*([groups[0]] if groups else []), *assignment.left]
    if not offered:
        return
    named = {id(one): criteria_named(cells_below(one.columns[0]), assignment.schema.name, index) for one in offered}
    naming = max(offered, key=lambda one: named[id(one)])  # the groups', where none is worded as we know it
    if groups and naming is groups[0]:
        del fields["group"]
        fields["indicator"] = (naming, groups[1]._replace(field="indicator"))
    elif named[id(naming)] >= _CRITERIA_ENOUGH:
        assignment.left.remove(naming)
        fields["indicator"] = (naming, Match("indicator", SURE_FOR_IDENTITY, "contents", ""))


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
