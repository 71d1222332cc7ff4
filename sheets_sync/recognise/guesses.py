"""Which field a heading nobody settled most likely means: by its wording, by the cells below it, by its neighbours."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from sheets_sync.recognise.assign import Assignment, numbers_rows
from sheets_sync.recognise.contents import fits, looks_like_date, looks_like_name
from sheets_sync.recognise.headings import HeadingIndex, subject_of
from sheets_sync.recognise.words import KINDS, NEUTRAL, PERSONS, ROLES, weight, words_of
from sheets_sync.table import Value
from sheets_sync.table_schema.column import Reader
from sheets_sync.table_schema.model import Field, TableSchema
from sheets_sync.table_schema.types import ReadContext
from sheets_sync.table_schema.types.reading import says_age
from sheets_sync.text import heading_key, is_blank

SURE_GUESS = 0.6  # a guess surer than this is worth telling
MOST_GUESSED = 40  # columns of a table whose meaning is guessed at
LEAST_FITTING = 0.8  # share of the cells a field must be able to read to be meant at all
_LEAST_WORDING = 0.35  # below this the words have nothing to do with each other
_PLAUSIBLE_RATIO = 0.62  # letters in common by chance come to less than this
LONGEST_GUESSED = 120
_MOST_CELLS = 400  # distinct cells that are tried with a reader

# How much it says that every cell reads as a value of the type: dates are seldom anything else, any text is a text.
_TELLING: Mapping[str, float] = {
    "name": 1.0, "date": 1.0, "datetime": 1.0, "birth": 1.0, "email": 1.0, "url": 1.0, "inn": 1.0, "phone": 1.0,
    "enum": 1.0, "age_band": 1.0, "school_year": 1.0, "class": 0.9, "consent": 0.6, "boolean": 0.6, "deadline": 0.5,
    "experience": 0.5, "score": 0.5, "percent": 0.5, "integer": 0.4, "number": 0.4, "order_number": 0.3, "people": 0.3,
}  # fmt: skip

# Weights of the evidence; what speaks for a field adds up as independent witnesses do (1 − Π(1 − e)). Contents say more
# where no other field that is still free could take them.
BY_WORDING, BY_CONTENTS, BY_CONTENTS_ALONE, BY_PLACE, BY_NEED = 0.85, 0.35, 0.5, 0.22, 0.3
_OLDEST_EVENT = 2015  # no entry, order or meeting of a mentoring programme is older
_YOUNGEST = 3  # years of age of anybody in it


@dataclass(frozen=True, slots=True)
class Guess:
    """A field a heading may mean. ``confidence`` and ``wording`` 0–1; ``fits`` is the share of cells its reader takes,
    None where any text would do; ``beside`` names the known columns it stands between; ``needed``: no row without it.
    """

    field: str
    confidence: float
    wording: float = 0.0
    meant: str = ""  # the known heading the wording is nearest to
    fits: float | None = None
    beside: tuple[str, ...] = ()
    needed: bool = False


def together(*evidence: float) -> float:
    """How sure several independent witnesses make, each 0–1."""
    doubt = 1.0
    for one in evidence:
        doubt *= 1.0 - max(0.0, min(one, 0.99))
    return 1.0 - doubt


def guess_fields(
    heading: str,
    cells: Sequence[Value],
    schema: TableSchema,
    taken: Mapping[str, int],
    column: int,
    index: HeadingIndex,
    as_of: date | None = None,
    closed: Collection[str] = (),
) -> list[Guess]:
    """Fields of the table the column may feed, the likeliest first; never one that has a column, nor one whose reader
    cannot take the cells.

    ``taken`` is field → column of those already fed, ``closed`` are fields told otherwise. With ``as_of`` the cells are
    read as the check would read them, without it only looked at.
    """
    values = [value for value in cells if not is_blank(value)]
    if not values:
        return []
    free = [
        one
        for one in schema.fields
        if one.name not in taken and one.name not in closed and not one.stems and _of_same_person(heading, one, schema)
    ]
    if not says_age(heading):
        free = [one for one in free if one.type != "birth" or not all(map(_is_small, values))]
    shares = {one.name: share_read(values, one, as_of) for one in free}
    fitting = [one for one in free if (share := shares[one.name]) is None or share >= LEAST_FITTING]
    numbers = all(isinstance(one, float) or (isinstance(one, str) and one.strip().isdigit()) for one in values)
    tells = {one.name: _telling(one, numbers) for one in fitting}
    found = []
    for field in fitting:
        wording, meant = wording_likeness(heading, field, schema, index)
        share = shares[field.name]
        telling = tells[field.name]
        beside = _neighbours(field, schema, taken, column)
        needed = field.required != "no" and field.severity == "error"
        alone = telling >= 0.5 and all(tells[one.name] <= 0.7 * telling for one in fitting if one is not field)
        evidence = [
            BY_WORDING * wording,
            (BY_CONTENTS_ALONE if alone else BY_CONTENTS) * telling * (share or 0.0),
            BY_PLACE * len(beside) / 2 if wording or telling > 0.5 else 0.0,
            BY_NEED if needed and telling > 0.5 else 0.0,
        ]
        confidence = round(together(*evidence), 3)
        found.append(Guess(field.name, confidence, round(wording, 3), meant, share, beside, needed))
    return sorted(found, key=lambda one: (-one.confidence, one.field))


def _is_small(value: Value) -> bool:
    """A number that may be an age; where the heading does not ask for ages it is no birth."""
    if isinstance(value, str):
        return len(value.strip()) <= 2 and value.strip().isdecimal()
    return isinstance(value, int | float) and value < 100


def _of_same_person(heading: str, field: Field, schema: TableSchema) -> bool:
    """«Наставник» is no heading of a curator's name: a person the heading names, some known heading names too."""
    roles = (_meaningful(heading) & ROLES) - subject_of(schema)
    return not roles or any(roles & _meaningful(text) for text in (field.title, *field.aliases))


def give_fields(guesses: Mapping[int, Sequence[Guess]], least: float = 0.0) -> dict[int, Guess]:
    """Which of the columns (or whatever the numbers stand for) gets which field: the surest first, every field once."""
    ranked = sorted(
        ((guess, number) for number, ones in guesses.items() for guess in ones if guess.confidence >= least),
        key=lambda pair: (-pair[0].confidence, pair[1], pair[0].field),
    )
    given: dict[int, Guess] = {}
    fields: set[str] = set()
    for guess, number in ranked:
        if number not in given and guess.field not in fields:
            given[number] = guess
            fields.add(guess.field)
    return given


# What a guess must show to be taken without asking anybody: it is said so, with a word what to do if it is wrong.
_TAKEN, _TAKEN_WORDING, _TAKEN_TEXT, _TAKEN_FITS, _TAKEN_AHEAD = 0.62, 0.36, 0.55, 0.9, 0.08
LEAST_GUESSED_FROM = 3  # cells


def sure_guesses(
    assignment: Assignment, cells_below: Callable[[int], Sequence[Value]], index: HeadingIndex
) -> list[tuple[int, str, str]]:
    """Which of the headings left over plainly feed which field: (place among them, field, known heading meant).

    The wording must point to the field, the cells must be of its kind, and no other free field may come near.
    """
    schema = assignment.schema
    taken = {name: heading.columns[0] for name, (heading, _) in assignment.fields.items()}
    guesses: dict[int, Sequence[Guess]] = {}
    for place, heading in enumerate(assignment.left):
        if numbers_rows(heading.text) or len(heading.columns) > 1 or len(heading.text) > LONGEST_GUESSED:
            continue
        cells = cells_below(heading.columns[0])
        if len(cells) >= LEAST_GUESSED_FROM:
            guesses[place] = guess_fields(heading.text, cells, schema, taken, heading.columns[0], index)
    found = list(_persons_needed(assignment, guesses, cells_below))
    for place, guess in give_fields(guesses, _TAKEN).items():
        if found and place == found[0][0]:
            continue
        wording = _TAKEN_TEXT if guess.fits is None else _TAKEN_WORDING
        ahead = all(one.confidence <= guess.confidence - _TAKEN_AHEAD for one in guesses[place] if one is not guess)
        rivals = any(
            one.field == guess.field and one.confidence > guess.confidence - _TAKEN_AHEAD
            for other, ones in guesses.items()
            for one in ones
            if other != place
        )
        plain = guess.wording >= wording and (guess.fits is None or guess.fits >= _TAKEN_FITS)
        if schema.field(guess.field).type == "boolean":  # a day is no answer, though it may be read as «да»
            plain = plain and not any(map(looks_like_date, cells_below(assignment.left[place].columns[0])))
        plain = plain and _asks_alike(assignment.left[place].text, schema.field(guess.field))
        if plain and ahead and not rivals:
            found.append((place, guess.field, guess.meant))
    return found


def _persons_needed(
    assignment: Assignment, guesses: Mapping[int, Sequence[Guess]], cells_below: Callable[[int], Sequence[Value]]
) -> Iterator[tuple[int, str, str]]:
    """The one column left of names, where the table lacks the one person no row can do without: whatever its heading,
    unless that speaks of somebody else."""
    schema = assignment.schema
    lacking = [
        one.name
        for one in schema.fields
        if one.type == "name" and one.required != "no" and one.severity == "error" and one.name not in assignment.fields
    ]
    places = [place for place in guesses if _holds_names(cells_below(assignment.left[place].columns[0]))]
    if len(lacking) == 1 and len(places) == 1:
        for guess in guesses[places[0]]:
            if guess.field == lacking[0]:
                yield places[0], guess.field, guess.meant


def _holds_names(cells: Sequence[Value]) -> bool:
    return sum(map(looks_like_name, cells)) >= _TAKEN_FITS * len(cells)


def _asks_alike(heading: str, field: Field) -> bool:
    """Does the heading ask for nothing of another kind? «Приказ, дата» is no date of birth, date as it is."""
    return (_meaningful(heading) & KINDS) <= {
        word for text in (field.title, *field.aliases) for word in _meaningful(text)
    }


def _telling(field: Field, numbers: bool) -> float:
    """How much it says that the cells read as the field; numbers alone may be anything that is counted."""
    told = _TELLING.get(field.type, 0.0)
    return told if not numbers or field.type in ("inn", "phone") else min(told, 0.6 if field.type == "birth" else 0.3)


def share_read(values: Sequence[Value], field: Field, as_of: date | None) -> float | None:
    """Share of the cells that are values of the field; None where any text would do."""
    names = sum(map(looks_like_name, values)) * 10 >= 6 * len(values)
    if names and field.type in ("text", "contacts", "organisation", "order_number", "deadline"):
        return 1.0 if field.personal != "none" and field.type == "text" else 0.0
    looked = [verdict for verdict in (_suits(value, field, as_of) for value in values) if verdict is not None]
    share = sum(looked) / len(looked) if looked else None
    if as_of is None or (share is not None and share < LEAST_FITTING):
        return share
    reader = Reader(field, ReadContext(as_of, as_of.year if as_of.month >= 9 else as_of.year - 1))
    distinct = dict.fromkeys(values)
    tried = list(distinct)[:_MOST_CELLS]
    good = 0
    for value in tried:
        read = reader[value]
        trouble = reader.troubles.get(value)
        good += read is not None and (trouble is None or trouble.severity == "info")
    by_reader = good / len(tried)
    if field.type not in _TELLING:
        return None if by_reader >= LEAST_FITTING and share is None else by_reader
    return by_reader if share is None else min(share, by_reader)


def _suits(value: Value, field: Field, as_of: date | None) -> bool | None:
    """As :func:`fits`, and of its time: a year of birth is no date of entry, nor the other way round."""
    verdict = fits(value, field)
    if not verdict or as_of is None or field.type not in ("date", "datetime", "birth"):
        return verdict
    year = _year(value)
    if year is None:
        return verdict
    return year <= as_of.year - _YOUNGEST if field.type == "birth" else _OLDEST_EVENT <= year <= as_of.year + 5


_A_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


def _year(value: Value) -> int | None:
    if isinstance(value, date):
        return value.year
    found = _A_YEAR.search(value) if isinstance(value, str) else None
    return int(found.group()) if found else None


def wording_likeness(heading: str, field: Field, schema: TableSchema, index: HeadingIndex) -> tuple[float, str]:
    """How alike a heading and the known headings of a field are, 0–1, and the one nearest to it; 0 where they speak of
    different persons."""
    from rapidfuzz import fuzz

    for match in index.match(heading).get(schema.name, ()):
        if match.field == field.name:
            return min(match.quality, 1.0), match.meant or field.title
    key = heading_key(heading)
    stems = _meaningful(heading)
    subject = subject_of(schema)
    roles = (stems & ROLES) - subject
    best, meant = 0.0, ""
    for alias in (field.title, *field.aliases):
        words = _meaningful(alias)
        if roles != (words & ROLES) - subject and (roles or words & ROLES & (PERSONS - subject)):
            continue
        ratio = fuzz.ratio(key, heading_key(alias)) / 100
        likeness = ratio if ratio >= _PLAUSIBLE_RATIO else 0.0
        shared = sum(weight(word) for word in stems & words)
        apart = sum(weight(word) for word in stems ^ words)
        if shared:
            likeness = max(likeness, shared / (shared + 0.6 * apart))
        kinds, asked = stems & KINDS, words & KINDS
        if kinds and not kinds & asked:
            likeness *= 0.5  # «Дата приказа» is not «Номер приказа», alike as they look
        if likeness > best:
            best, meant = likeness, alias
    return (best, meant) if best >= _LEAST_WORDING else (0.0, "")


@lru_cache(maxsize=16384)
def _meaningful(text: str) -> frozenset[str]:
    return frozenset(word for word in words_of(text)[0] if word not in NEUTRAL)


def _neighbours(field: Field, schema: TableSchema, taken: Mapping[str, int], column: int) -> tuple[str, ...]:
    """The known columns right before and after, as far as the field's place in the definition agrees with them."""
    order = {one.name: place for place, one in enumerate(schema.fields)}
    place = order[field.name]
    before = max((one for one in taken if taken[one] < column), key=lambda one: taken[one], default=None)
    after = min((one for one in taken if taken[one] > column), key=lambda one: taken[one], default=None)
    beside = []
    if before is not None and 0 < place - order[before] <= 2:
        beside.append(before)
    if after is not None and 0 < order[after] - place <= 2:
        beside.append(after)
    return tuple(beside)
