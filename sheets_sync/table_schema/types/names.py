"""Names of people and organisations in cells."""

from __future__ import annotations

import re

from sheets_sync.people import display_name, is_post, split_people, split_responsible, usual_name
from sheets_sync.table import Value
from sheets_sync.table_schema.model import Field
from sheets_sync.table_schema.types.reading import Read, ReadContext, Reading, Trouble, cell_text, unreadable
from sheets_sync.text import mend_lookalikes

_LABEL = r"(?:педагог-)?(?:(?P<mentor>наставник)|(?P<mentee>наставляем|стаж[её]р))\w*\s*[:–—-]\s*"
_LABELLED = re.compile(
    _LABEL + r"(?P<who>.+?)(?=[\s,;]*(?:(?:педагог-)?(?:наставник|наставляем|стаж[её]р)\w*\s*[:–—-]|$))",
    re.IGNORECASE | re.DOTALL,
)
_BETWEEN = re.compile(r"\s*(?:\n|\s[-–—]+\s|[–—;→]|->|=>|\s/\s)\s*")
_HAS_LETTER = re.compile(r"[^\W\d_]")


def _read_one(text: str) -> Reading:
    if usual_name(text):
        return Reading(text)
    shown = display_name(text)
    if not _HAS_LETTER.search(shown):
        return unreadable("not-a-name")
    if is_post(shown):
        return unreadable("post")
    mended = mend_lookalikes(shown, whole_words=True)
    if mended != shown:
        return Reading(mended, Trouble("cell-lookalike-letters", "warning", mended, (("why", "latin-letter"),)))
    return Reading(shown)


def _halves(cell: str) -> tuple[str, str]:
    """Mentor and mentee of a cell that holds both; the mentor stands first unless the cell says otherwise."""
    labelled = {("mentor" if found["mentor"] else "mentee"): found["who"] for found in _LABELLED.finditer(cell)}
    if len(labelled) == 2:
        return labelled["mentor"], labelled["mentee"]
    halves = [half for half in _BETWEEN.split(cell) if half.strip()]
    if len(halves) > 2:
        # «Орлова М.П. – учитель химии – Белов А.И.»: a post after a dash is nobody else
        halves = [half for half in halves if not half.strip()[0].islower()]
    if len(halves) < 2:
        halves = split_people(cell) or [cell]
    return halves[0], halves[1] if len(halves) > 1 else halves[0]


def read_name(field: Field, context: ReadContext) -> Read:
    """Reader of a person's name as typed, spaces normalised; look-alike letters are mended and said so, a post is no
    name.

    A ``pattern`` of the field («a full name, not initials») is checked by the column's reader.
    """

    both = context.part == "pair"
    half = 1 if field.name == "mentee" else 0

    def one(value: Value) -> Reading:
        if not isinstance(value, str):
            return unreadable("not-a-name")
        if both:
            value = _halves(value)[half]
        return _read_one(value)

    def many(value: Value) -> Reading:
        if not isinstance(value, str):
            return unreadable("not-a-name")
        readings = [_read_one(name) for name in split_people(value)]
        names = [str(reading.value) for reading in readings if reading.value is not None]
        trouble = next((reading.trouble for reading in readings if reading.trouble), None)
        return Reading(names or None, trouble)

    return many if field.many else one


def read_people(field: Field, context: ReadContext) -> Read:
    """Reader of the responsible: persons or posts, each as typed."""

    def read(value: Value) -> Reading:
        people = split_responsible(value if isinstance(value, str) else cell_text(value))
        return Reading(people or None)

    return read


def read_organisation(field: Field, context: ReadContext) -> Read:
    """Reader of an organisation's name as typed."""

    def read(value: Value) -> Reading:
        return Reading(cell_text(value) or None)

    return read
