"""One heading block as one kind of table: which heading feeds which field, and how well the whole explains itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from itertools import takewhile

from sheets_sync.recognise.blocks import Heading
from sheets_sync.recognise.contents import fits, share_fitting
from sheets_sync.recognise.headings import HeadingIndex, Match, subject_of
from sheets_sync.recognise.words import KINDS, NEUTRAL, PERSONS, ROLES, words_of
from sheets_sync.table import Value
from sheets_sync.table_schema.model import Field, TableSchema
from sheets_sync.text import heading_key

_MENTORING = frozenset({"наставник", "наставляем", "наставничеств", "наставническ", "стажер"})
Sample = Callable[[int], Sequence[Value]]  # column → the first cells below the heading

# A heading of two rows that is understood by its lower row alone («Сведения / дата рожд.») counts a little less.
_LOWER_PART = 0.93
_LOWER_PART_ALONE = 0.72  # … and less where the upper row says something of its own («Приказ / дата»)
_LOWER_PART_EXACT = 0.02  # of meanings alike, that of the lower row to the letter
_GROUP_WORDS = (
    NEUTRAL | PERSONS | {"сведен", "информац", "общ", "личн", "показател", "критер", "характеристик", "данные"}
)
_DATE_IN = re.compile(r"\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{1,2}»?\s+[а-яё]{3,8}\s+\d{4}")
SURE_FOR_IDENTITY = 0.7
VOUCHING = 5  # fields understood so surely
_TWO_NAMES = re.compile(r"^[А-ЯЁ][^–—\n/-]{2,60}(?:-[А-ЯЁ][а-яё]+[^–—\n/]*)?\s*(?:\s[–—-]\s|[–—/\n])\s*[А-ЯЁ]")
_IN_BRACKETS = re.compile(r"\(([^()]+)\)\s*$")
_ROLE_OF = {"mentor": "mentor", "network_mentor": "mentor", "mentee": "mentee", "trainee": "mentee"}
_ROLE_OF_WORD = {"наставник": "mentor", "наставляем": "mentee", "стажер": "mentee"}
_TIE = 0.05  # matches closer than this are told apart by the cells below
_MOVE_COST = 0.3  # a heading may give way to another if its own second meaning is worse by no more than this


@dataclass(slots=True)
class Assignment:
    """How a block reads as a table: fields with the headings they come from, and what is left over."""

    schema: TableSchema
    fields: dict[str, tuple[Heading, Match]]
    parts: dict[str, str] = dataclass_field(default_factory=dict)
    left: list[Heading] = dataclass_field(default_factory=list)  # headings that feed nothing
    duplicates: list[tuple[Heading, str]] = dataclass_field(default_factory=list)  # a second column for a field
    unsure: list[tuple[Heading, str, str]] = dataclass_field(
        default_factory=list
    )  # heading, field taken, field also meant
    explained: float = 0.0  # share of the headings understood
    evidence: float = 0.0  # what they say for this table rather than another
    asks: bool = False  # the cells below have something to decide
    anchored: bool = False  # a heading understood speaks of mentors or mentees
    identified: bool = False
    plausible: bool = False  # identified, if headings understood less surely count as well
    score: float = 0.0


def is_row_number(heading: Heading) -> bool:
    """«№», «№ п/п», «N»: a running number."""
    return numbers_rows(heading.text)


def numbers_rows(text: str) -> bool:
    """Does the heading ask for a running number?"""
    return heading_key(text) in ("номер", "номер строки", "порядковый номер", "п п")


def _tells_by_itself(word: str) -> bool:
    """«ОВЗ», but not «дата» or «номер», which are always of something."""
    return word not in KINDS and word not in NEUTRAL and word not in PERSONS and not word.isdigit()


def _speaks_of_another(match: Match, heading: str) -> bool:
    """«Кто закреплён (наставник)» is no mentee, whatever the words before the bracket are like."""
    found = _IN_BRACKETS.search(heading)
    if found is None or match.field not in _ROLE_OF:
        return False
    said = {_ROLE_OF_WORD.get(word) for word in words_of(found[1])[0]} - {None}
    return bool(said) and _ROLE_OF[match.field] not in said


def options(heading: Heading, schema: TableSchema, index: HeadingIndex) -> list[Match]:
    """Fields of the table the heading may feed, best first."""
    found: dict[str, Match] = {
        match.field: match
        for match in index.match(heading.text).get(schema.name, ())
        if not _speaks_of_another(match, heading.text)
    }
    if len(heading.parts) > 1 and not heading.split:
        last = heading.parts[-1]
        above = set(words_of(" ".join(heading.parts[:-1]))[0])
        named = any(one.type == "name" for one in schema.fields)  # else it is a count of persons, whosoever
        foreign = (above & ROLES) - subject_of(schema) if named else frozenset()
        if not foreign:
            plain = above <= _GROUP_WORDS or any(map(_tells_by_itself, words_of(last)[0]))
            share = _LOWER_PART if plain else _LOWER_PART_ALONE
            for match in index.match(last).get(schema.name, ()):
                known = found.get(match.field)
                quality = min(match.quality, 1.0) * share  # settled for the lower row alone is not settled for both
                if known is None or known.quality < quality:
                    found[match.field] = match._replace(quality=quality)
                elif match.how == "exact" and known.how == "words":
                    found[match.field] = known._replace(quality=known.quality + _LOWER_PART_EXACT)
    return sorted(found.values(), key=lambda match: -match.quality)


def assign(
    headings: Sequence[Heading], schema: TableSchema, index: HeadingIndex, sample: Sample | None = None
) -> Assignment:
    """Give every heading the field it most likely feeds, each field one heading (the best reading of all together).

    Without ``sample`` the cells are not asked; ``asks`` tells whether they have something to decide.
    """
    meanings = [options(heading, schema, index) for heading in headings]
    numbers = [number for number, heading in enumerate(headings) if is_row_number(heading)]
    for number in numbers[:1] if len(numbers) > 1 else []:
        meanings[number] = [
            match._replace(quality=match.quality - 0.2) for match in meanings[number]
        ]  # «№ п/п», «Номер»
    asks = _ask_cells(headings, meanings, schema, sample)
    owner: dict[str, int] = {}
    taken: dict[int, Match] = {}

    def place(number: int, visited: set[str], worst: float) -> bool:
        for match in meanings[number]:
            # as good a meaning nobody claims comes before one that somebody would have to give up
            if match.quality < max(worst, meanings[number][0].quality - _TIE):
                break
            if match.field not in owner and match.field not in visited:
                owner[match.field] = number
                taken[number] = match
                return True
        for match in meanings[number]:
            if match.quality < worst or match.field in visited:
                continue
            visited.add(match.field)
            holder = owner.get(match.field)
            if holder is None or (
                taken[holder].quality < match.quality + 0.2
                and place(holder, visited, taken[holder].quality - _MOVE_COST)
            ):
                owner[match.field] = number
                taken[number] = match
                return True
        return False

    order = sorted(
        range(len(headings)), key=lambda n: (-meanings[n][0].quality if meanings[n] else 0.0, len(meanings[n]), n)
    )
    for number in order:
        if meanings[number]:
            place(number, set(), meanings[number][0].quality - _MOVE_COST)
    found = Assignment(schema, {match.field: (headings[number], match) for number, match in sorted(taken.items())})
    found.asks = _share_glued(found, headings, meanings, taken, schema, sample) or asks
    found.asks = _names_for_pair(found, schema, sample) or found.asks
    found.asks = _drop_stage_numbers(found, headings, sample) or found.asks
    feeding = {id(heading) for heading, _ in found.fields.values()}
    for number, heading in enumerate(headings):
        if id(heading) in feeding:
            continue
        best = meanings[number][0] if meanings[number] else None
        if best is not None and best.quality >= 0.95 and best.field in found.fields:
            first = found.fields[best.field][0]
            if heading_key(first.text) == heading_key(heading.text):
                found.duplicates.append((heading, best.field))
        found.left.append(heading)
    measure(found, headings, index)
    return found


def _ask_cells(
    headings: Sequence[Heading], meanings: list[list[Match]], schema: TableSchema, sample: Sample | None
) -> bool:
    """Reorder meanings that are as good as each other by what stands below; drop weak ones the cells speak against.

    Says whether there was anything to ask.
    """
    asked = False
    wanted = Counter(match.field for matches in meanings for match in matches)
    contested = {name for name, count in wanted.items() if count > 1 and schema.field(name).type == "enum"}
    for number, matches in enumerate(meanings):
        if not matches or matches[0].how == "config":
            continue
        if is_row_number(headings[number]) and schema.field(matches[0].field).type == "order_number":
            asked = True
            if sample is not None and is_running(sample(headings[number].columns[0])):
                meanings[number] = []
            continue
        close = {match.field for match in matches if matches[0].quality - match.quality < _TIE}
        if len(close) < 2 and matches[0].quality >= 0.9 and matches[0].field not in contested:
            continue
        if len(close) > 1 and any(close <= set(group) for group in schema.glued):
            continue
        asked = True
        values = sample(headings[number].columns[0]) if sample is not None else ()
        if not values:
            continue
        rivals = [schema.field(name) for name in close]
        if len(rivals) > 1 and all(one.type == "enum" for one in rivals):
            values = _before_strangers(values, rivals) or values
        judged = []
        for match in matches:
            share = share_fitting(values, schema.field(match.field))
            shift = 0.0 if share is None else (0.06 if share >= 0.5 else 0.3) * (share - 0.5)
            if share is not None and share < 0.2 and (match.quality < 0.9 or match.field in contested):
                shift = -0.35
            judged.append(match._replace(quality=match.quality + shift))
        meanings[number] = sorted((m for m in judged if m.quality >= 0.5), key=lambda match: -match.quality)
    return asked


def _before_strangers(values: Sequence[Value], rivals: Sequence[Field]) -> Sequence[Value]:
    """The cells up to one that stands for none of these fields: of few records a sample goes on into the next table."""
    return list(takewhile(lambda value: any(fits(value, one) for one in rivals), values))


def part_of(field: Field, together: Sequence[Field]) -> str:
    """Which part of a cell is the field's, where it stands there with others: pair | start | end | date | number."""
    if all(one.type == "name" for one in together):
        return "pair"
    if all(one.type in ("date", "datetime") for one in together):
        return "start" if field.name == together[0].name else "end"
    return "date" if field.type in ("date", "datetime") else "number"


def _share_glued(
    found: Assignment,
    headings: Sequence[Heading],
    meanings: Sequence[Sequence[Match]],
    taken: Mapping[int, Match],
    schema: TableSchema,
    sample: Sample | None,
) -> bool:
    """One column for several fields: its heading names both, or its cells hold both («Приказ» over «№ 69 от
    01.09.2022»).

    Says whether the cells had to be, or have to be, asked.
    """
    asked = False
    for number, match in taken.items():
        for group in schema.glued:
            others = [name for name in group if name not in found.fields] if match.field in group else []
            if not others:
                continue
            meant = {one.field: one for one in meanings[number] if one.quality >= match.quality - 0.3}
            shared = [name for name in others if name in meant]
            if shared and meant[shared[0]].how == "words":
                # «Дата начала» shares words with «Дата начала и окончания»: the cells tell whether both stand there
                asked = True
                values = sample(headings[number].columns[0]) if sample is not None else ()
                fields = [schema.field(name) for name in group]
                if values and _of_dates(fields) and not holds_all(values, fields):
                    continue
            if not shared:
                asked = True
                values = sample(headings[number].columns[0]) if sample is not None else ()
                both = [schema.field(name) for name in group]
                if not (holds_all(values, both) or (match.how == "config" and _names_two(values, both))):
                    continue
                shared = others
            together = [schema.field(name) for name in group if name in (match.field, *shared)]
            for name in shared:
                found.fields[name] = (headings[number], meant.get(name, match)._replace(field=name))
            for one in together:
                found.parts[one.name] = part_of(one, together)
    return asked


def _names_for_pair(found: Assignment, schema: TableSchema, sample: Sample | None) -> bool:
    """«Пара» over «Орлова М.П. – Белов А.И.» names both, and is no pair's number. Says whether the cells have to be
    asked."""
    held = found.fields.get("pair_id")
    if held is None or held[1].how == "config" or ("mentor", "mentee") not in schema.glued:
        return False
    if "mentor" in found.fields or "mentee" in found.fields:
        return False
    values = sample(held[0].columns[0]) if sample is not None else ()
    if _names_two(values, [schema.field(name) for name in ("mentor", "mentee")]):
        del found.fields["pair_id"]
        for name in ("mentor", "mentee"):
            found.fields[name] = (held[0], held[1]._replace(field=name, how="contents"))
            found.parts[name] = "pair"
    return True


def _names_two(values: Sequence[Value], fields: Sequence[Field]) -> bool:
    """Do most of the cells name two persons, «Орлова М.П. – Белов А.И.»?"""
    two = sum(1 for value in values if isinstance(value, str) and _TWO_NAMES.match(value))
    return all(one.type == "name" for one in fields) and two * 2 > len(values)


def is_running(values: Sequence[Value]) -> bool:
    """1, 2, 3…: the rows' own numbers, no document's."""
    shown = [str(int(value)) if isinstance(value, float) and value.is_integer() else str(value) for value in values]
    return bool(shown) and [text.strip(" .") for text in shown] == [str(place) for place in range(1, len(shown) + 1)]


def _of_dates(fields: Sequence[Field]) -> bool:
    return all(one.type in ("date", "datetime") for one in fields)


def holds_all(values: Sequence[Value], fields: Sequence[Field]) -> bool:
    """Do most of the cells hold a number and a date, or two dates, at once?"""
    dates = sum(1 for one in fields if one.type in ("date", "datetime"))
    if not dates or not values or any(one.type == "name" for one in fields):
        return False
    text = [value for value in values if isinstance(value, str)]
    if dates > 1:
        return len(text) * 2 > len(values) and sum(len(_DATE_IN.findall(value)) > 1 for value in text) * 2 > len(values)
    return sum(bool(re.search(r"\d.*\bот\b", value) and _DATE_IN.search(value)) for value in text) * 2 > len(values)


def _drop_stage_numbers(found: Assignment, headings: Sequence[Heading], sample: Sample | None) -> bool:
    """«№» right before a column of stages numbers the stages, not the records (roadmap layout A of domain.md §3.10),
    unless as many cells are numbered as there are tasks. Says whether the cells have to be asked."""
    number, stage, task = (found.fields.get(name) for name in ("number", "stage", "task"))
    if number is None or stage is None or not is_row_number(number[0]):
        return False
    order = [id(heading) for heading in headings]
    if order.index(id(stage[0])) != order.index(id(number[0])) + 1:
        return False
    if sample is not None and task is not None:
        numbers, tasks = sample(number[0].columns[0]), sample(task[0].columns[0])
        if len(tasks) > 2 and len(numbers) >= len(tasks):
            return True
    del found.fields["number"]
    return True


def readings(headings: tuple[Heading, ...], index: HeadingIndex) -> dict[str, Assignment]:
    """What :func:`assign` makes of the headings alone, for every table that knows two of them. Not to be changed.

    Remembered, for schools use one another's forms.
    """
    known = index.readings.get(headings)
    if known is None:
        if len(index.readings) > 2000:
            index.readings.clear()
        counts: Counter[str] = Counter()
        for heading in headings:
            counts.update(index.match(heading.text).keys() | index.match(heading.parts[-1]).keys())
        schemas = index.definitions.schemas
        read = {name: assign(headings, schemas[name], index) for name, count in counts.items() if count > 1}
        known = index.readings[headings] = {name: one for name, one in read.items() if one.fields}
    return known  # type: ignore[return-value]


def measure(found: Assignment, headings: Sequence[Heading], index: HeadingIndex) -> None:
    """Fill in the shares and the evidence of an assignment; names and titles are the caller's to add."""
    schema = found.schema
    counted = [heading for heading in headings if not is_row_number(heading)]
    understood = evidence = 0.0
    seen: set[int] = set()
    for heading, match in found.fields.values():
        if id(heading) in seen:
            continue
        seen.add(id(heading))
        if is_row_number(heading):
            continue
        quality = min(match.quality, 1.0)
        understood += quality if quality >= 0.9 else quality**3
        found.anchored = found.anchored or bool(_MENTORING.intersection(words_of(match.meant or heading.text)[0]))
        rivals = sum(
            1
            for table, matches in index.match(heading.text).items()
            if table != schema.name and matches[0].quality > match.quality - 0.1
        )
        if len(heading.parts) > 1 and rivals == 0 and match.quality < 0.95:
            last = index.match(heading.parts[-1])
            rivals = sum(1 for table, matches in last.items() if table != schema.name and matches[0].quality > 0.9)
        evidence += quality / (1 + rivals)
    found.explained = understood / len(counted) if counted else 0.0
    found.evidence = evidence
    found.identified = identified(schema, found.fields)
    found.plausible = found.identified or any(found.fields.keys() >= set(names) for names in schema.identify)
    missing = sum(
        1
        for one in schema.fields
        if one.required in ("column", "value") and one.severity == "error" and one.name not in found.fields
    )
    telling = {name for names in schema.identify if all(one in found.fields for one in names) for name in names}
    found.score = (
        2.0 * found.explained
        + 0.35 * evidence
        + (0.6 if found.identified else 0.0)
        + 0.1 * min(len(telling), 8)
        - 0.3 * missing
    )


def identified(schema: TableSchema, fields: dict[str, tuple[Heading, Match]]) -> bool:
    """Does the block show all fields of at least one identifying set? Many fields understood vouch for one another."""
    sure = {name for name, (_, match) in fields.items() if match.quality >= SURE_FOR_IDENTITY}
    if len(sure) >= VOUCHING:
        sure = set(fields)
    return any(sure.issuperset(names) for names in schema.identify)
