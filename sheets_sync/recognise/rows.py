"""Which rows below a heading block are records, and what the others are: totals, sections, repeated headings, notes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from itertools import compress, count, islice

from sheets_sync.recognise.assign import Assignment, is_row_number
from sheets_sync.recognise.blocks import Heading, Merges, begins_word, cell_text, is_column_numbers
from sheets_sync.recognise.contents import DITTO, fits, looks_like_date, looks_like_name, odd_names, odd_texts
from sheets_sync.recognise.context import Speech
from sheets_sync.recognise.criteria import CRITERION
from sheets_sync.recognise.headings import tells_nothing
from sheets_sync.table import EXAMPLE_MARK, Value
from sheets_sync.text import heading_key, is_blank

FIRST_ROWS = 500  # of a table looked at at once; then eight times as many, and so on

_TOTAL = re.compile(
    r"^\W*(?:итого\b|итог\b|всего\b|общий итог|общее (?:кол|числ)|в том числе|из них\b|средн(?:ее|ий|яя)\b|сумма\b"
    r"|кол-?во\b|количество\b)",
    re.I,
)
_TOTAL_WORD = re.compile(r"итого|всего|общий итог|из них|в том числе|средн", re.I)
_PLACEHOLDER = re.compile(r"^[\s_.…·\-–—*/\\|]*$")
_UNDERLINE = re.compile(r"_{3,}|\.{5,}|…{2,}")
_SIGNED = re.compile(
    r"^\W*(?:директор|и\.?\s?о\.?\s|зам(?:еститель|\.)|заведующ|руководител|координатор|куратор|наставник|исполнител|ответственн|состав(?:ил|ител)|"
    r"подпис|председател|секретар|согласован|утвержд|провер(?:ил|ен)|ознаком|дата\b|м\.?\s?п\b|главн|начальник|методист|специалист|психолог)",
    re.I,
)
_NOTE = re.compile(r"^\W*(?:примечани|\*|сноска|пояснени|условные обозначени|обозначения|легенда)", re.I)
_PATRONYMIC = re.compile(r"^\s*[А-ЯЁ][а-яё]+(?:вич|вна|ична|инична|ич)\s*$")
_SENTENCE_END = ".!?;:»)"


def _holding(kind: str) -> str:
    if kind == "name":
        return "name"
    if kind in ("date", "datetime"):
        return "date"
    return "text" if kind in ("text", "people", "organisation", "url", "deadline") else "other"


def is_ordinal(value: Value) -> bool:
    """Is the cell a running number: 5, «5.», «5)»?"""
    return not isinstance(value, str) or value.strip(" .)№").replace(".", "").isdigit()


def is_next(value: Value, before: Value) -> bool:
    """Does one running number follow the other?"""
    try:
        return float(str(value).strip(" .)")) == float(str(before).strip(" .)")) + 1
    except ValueError:
        return False


@dataclass(slots=True)
class Body:
    """What stands below the headings, as offsets into the grid's rows; ``end`` is one past the last row of the
    table."""

    records: list[int]
    other: dict[int, str] = dataclass_field(default_factory=dict)  # row → kind of a row that is no record
    continued: dict[int, int] = dataclass_field(default_factory=dict)  # second row of a split record → its first
    turn_row: int = 0
    turn: str = ""  # the table whose records follow under the same headings («Наставляемые» amid the mentors)
    end: int = 0


class BodyReader:
    """Reads the rows below one heading block of one table."""

    def __init__(
        self,
        rows: Sequence[Sequence[Value]],
        turned: Sequence[Sequence[Value]],
        merges: Merges,
        block_bottom: int,
        bottom: int,
        headings: Sequence[Heading],
        heading_rows: range,
        assignment: Assignment,
        speech: Speech,
        left: int,
        right: int,
        reopens: Callable[[int], str],
        turns: Callable[[str], str],
    ) -> None:
        self.reopens, self.turns = reopens, turns
        self.rows, self.merges, self.speech, self.assignment = rows, merges, speech, assignment
        self.turned = turned  # the same cells, column by column
        self.index = speech.index
        self.top, self.bottom = block_bottom + 1, bottom
        self.continued: dict[int, int] = {}
        self.columns = sorted({column for heading in headings for column in heading.columns})
        self.left, self.right = left, right
        self.headings = headings
        schema = assignment.schema
        self.number = next((heading.columns[0] for heading in headings if is_row_number(heading)), None)
        fields = {name: heading for name, (heading, _) in assignment.fields.items()}
        identifying = [name for names in schema.identify for name in names if name in fields]
        required = [
            one.name for one in schema.fields if one.required != "no" and one.severity == "error" and one.name in fields
        ]
        keys = list(dict.fromkeys((*required, *identifying)))[:2] or list(fields)[:2]
        self.keys = [fields[name].columns[0] for name in keys]
        # a criterion nobody has marked is still a criterion
        self.criterion = (
            fields["indicator"].columns[0] if "criteria" in schema.layouts and "indicator" in fields else None
        )
        self.names = [fields[one.name].columns[0] for one in schema.fields if one.type == "name" and one.name in keys]
        # Columns whose cells tell odd rows from records, and what they hold: name | date | number | text | other.
        self.watched = {fields[name].columns[0]: _holding(schema.field(name).type) for name in keys}
        if self.number is not None:
            self.watched[self.number] = "number"
        self.wordless = not {"name", "date", "number"} & set(self.watched.values())
        self.typed = [
            (fields[one.name].columns[0], one)
            for one in schema.fields
            if one.name in fields
            and one.type
            in (
                "date",
                "datetime",
                "deadline",
                "enum",
                "integer",
                "number",
                "score",
                "experience",
                "birth",
                "percent",
                "consent",
                "boolean",
            )
        ]
        self.own = {
            column: {
                heading_key(part)
                for part in (*heading.parts, heading.text, *(cell_text(rows[row][column]) for row in heading_rows))
            }
            - {""}
            for heading in headings
            for column in heading.columns
        }
        self.headed = frozenset[str]().union(*self.own.values())

    def read(self) -> Body:
        """Find the table's end and sort its rows; a heading of another table, notes or signatures end it."""
        body = Body([], end=self.bottom)
        self.continued = body.continued
        records = body.records
        pending: list[tuple[int, str]] = []  # rows since the last record that are none
        titles: list[tuple[int, str]] = []  # of them, blank rows and lines of text since the last repeated heading
        done = self.top  # rows above this one are sorted

        def take(rows: Iterable[int]) -> None:
            records.extend(rows)
            body.other.update(pending)
            pending.clear()
            titles.clear()

        for row in self._odd_rows():
            if row < done:
                continue
            if row > done:
                if titles and not self._goes_on(done, records):
                    body.end = done
                    break
                take(range(done, row))
            kind = self._kind(row, records) if row < self.bottom else "end"
            if kind == "section":
                body.turn = self.turns(self._line(row))
                if body.turn:
                    body.turn_row = body.end = row
                    break
            done = row + 1
            if kind == "repeated-header" and self._another_named(titles):
                kind = "heading"
            if kind in ("end", "heading"):
                body.end = row
                break
            if kind == "record":
                if titles and not self._goes_on(row, records):
                    body.end = row
                    break
                take((row,))
            elif kind == "continuation" and records and not titles:
                body.other[row] = kind
                body.continued[row] = records[-1]
            else:
                pending.append((row, kind))
                if kind == "repeated-header":
                    titles.clear()
                elif kind in ("blank", "section"):
                    titles.append((row, kind))
        self._keep_tail(body, pending)
        return body

    def _keep_tail(self, body: Body, pending: Sequence[tuple[int, str]]) -> None:
        """What trails the last record belongs to the table only if it is plainly its own: a total, prepared rows."""
        own = ("total", "placeholder", "column-numbers", "repeated-header", "example")
        kept: list[tuple[int, str]] = []
        for place, (_, kind) in enumerate(pending):
            if kind == "section":
                break
            if kind in own:
                kept = list(pending[: place + 1])
        body.other.update(kept)
        last = max([body.records[-1] if body.records else self.top - 1, *body.other, *body.continued])
        body.end = min(body.end, last + 1)

    def _odd_rows(self) -> Iterator[int]:
        """Rows worth a closer look, ascending, then the row after the last; found by columns, a few thousand rows at a
        time."""
        top, step = self.top, FIRST_ROWS
        while top < self.bottom:
            bottom = min(top + step, self.bottom)
            yield from sorted(self._odd_among(top, bottom))
            top, step = bottom, step * 8
        yield self.bottom

    def _odd_among(self, top: int, bottom: int) -> set[int]:
        """Few cells filled, a key cell blank, or a telling word in a key column."""
        odd = set(self._nearly_blank(top, bottom))
        if top == self.top:
            # right below the headings, where column numbers look like the records of a table of numbers
            odd.update(row for row in range(top, min(top + 2, bottom)) if self._is_numbering(row))
            if top < bottom and self._explains(top):
                odd.add(top)
        often = max(6, (bottom - top) // 20)
        for column, kind in self.watched.items():
            cells = self.turned[column][top:bottom]
            strange = set(self._strange(set(cells), kind))
            if kind == "number" and 0 < cells.count("") <= often:
                strange.add("")  # nearly all rows are numbered: those that are not are perhaps no records
            if kind == "text":
                # known as a heading somewhere, yet it fills the column: it is what the column holds
                own = self.own.get(column, set())
                strange = {
                    value
                    for value in strange
                    if not isinstance(value, str)
                    or not value.strip()
                    or _TOTAL_WORD.search(value)
                    or heading_key(value) in own
                    or cells.count(value) <= often
                }
            if strange:
                odd.update(compress(count(top), map(strange.__contains__, cells)))
        return odd

    def _nearly_blank(self, top: int, bottom: int) -> list[int]:
        """Rows with few cells filled."""
        left, right = self.left, self.right
        few = max(1, min(3, len(self.columns) // 3))
        full = (column for column in range(left, right) if "" not in self.turned[column][top:bottom])
        if len(list(islice(full, few + 1))) > few:
            return []  # so many columns without a blank cell leave no such row
        rows = self.rows[top:bottom]
        if left > 0 or right < len(rows[0]):
            rows = [row[left:right] for row in rows]
        least = right - left - few
        return [top + place for place, row in enumerate(rows) if row.count("") >= least]

    def _strange(self, values: set[Value], kind: str) -> list[Value]:
        """Blanks, placeholders, totals, headings: key cells that make their row worth a closer look."""
        texts = [value for value in values if value.__class__ is str]
        found: list[Value] = []
        if kind != "number" and len(texts) < len(values):
            # «2» under ФИО is a column's number; under Дата it may be a serial number of a day
            found += [
                value
                for value in values
                if isinstance(value, (int, float)) and (kind == "name" or (kind != "other" and value < 1000))
            ]
        if len(texts) > 8 and kind in ("name", "text") and not (kind == "text" and self.wordless):
            # one pass over all texts: only those that may be odd are looked at
            odd = odd_names if kind == "name" else odd_texts
            blank = [""] if "" in values else []
            many = [text for text in texts if "\n" in text]
            plain = [text for text in texts if "\n" not in text] if many else texts
            texts = [*blank, *many, *odd(plain)]
        return found + [text for text in texts if self._telling(text, kind)]

    def _telling(self, text: str, kind: str) -> bool:
        if not text:
            return kind != "number"
        if kind == "name":
            return not looks_like_name(text)
        if kind == "number":
            return not text.strip()[:1].isdigit()
        if kind == "date":
            return not looks_like_date(text)
        if _PLACEHOLDER.match(text) or _TOTAL_WORD.search(text) or _UNDERLINE.search(text):
            return True
        return self.wordless and (self.index.is_known(text) or heading_key(text) in self.headed)

    def _cells(self, row: int) -> list[tuple[int, Value]]:
        line = self.rows[row]
        cells = zip(range(self.left, self.right), line[self.left : self.right], strict=True)
        return [(column, value) for column, value in cells if value != "" and not is_blank(value)]

    def _is_numbering(self, row: int) -> bool:
        line = self.rows[row]
        cells = [line[column] for column in self.columns]
        return (
            not any(map(begins_word, cells))
            and is_column_numbers(list(map(cell_text, cells)))
            and not any(looks_like_name(line[column]) or looks_like_date(line[column]) for column in self.keys)
        )

    def _explains(self, row: int) -> bool:
        """«полностью, без сокращений | число, месяц, год | из перечня» below the headings: texts that are none of the
        values asked for, before column numbers or values that are."""
        cells = self._cells(row)
        if len(cells) < 2 or not all(isinstance(value, str) for _, value in cells):
            return False
        good, bad = self._verdicts(row)
        if good * 3 >= bad or row + 1 >= self.bottom:
            return False
        if self._is_numbering(row + 1):
            return True
        after, wrong = self._verdicts(row + 1)
        return bad > 1 and after > wrong

    def _verdicts(self, row: int) -> tuple[int, int]:
        """How many cells of typed columns and names are such values, and how many are not."""
        line = self.rows[row]
        told = [fits(line[column], one) for column, one in self.typed if not is_blank(line[column])]
        told += [looks_like_name(line[column]) for column in self.names if not is_blank(line[column])]
        return told.count(True), told.count(False)

    def _kind(self, row: int, records: Sequence[int]) -> str:
        """record | blank | section | total | repeated-header | column-numbers | explanation | placeholder | example |
        continuation | heading | end."""
        cells = self._cells(row)
        if not cells:
            return "blank"
        line = self.rows[row]
        texts = {column: cell_text(value) for column, value in cells}
        if self._is_numbering(row):
            return "column-numbers"
        if row == self.top and self._explains(row):
            return "explanation"
        if self.number is not None and texts.get(self.number, "").strip().casefold() == EXAMPLE_MARK.casefold():
            return "example"
        if self._repeats_headings(row, texts):
            return "repeated-header"
        known = [text for text in texts.values() if text and self.index.is_known(text)]
        like_headings = len(known) >= 2 and len(known) * 2 > len(cells) and not all(map(tells_nothing, known))
        if like_headings and not self._counts_on(line, records) and not self._dated_here(line):
            opened = self.reopens(row)
            if opened:
                return opened
        if self.number in texts and len(texts) > 2 and heading_key(texts[self.number]) == "номер":
            return self.reopens(row) or "heading"  # «№» again, over other columns: another table, known or not
        words = [text for text in texts.values() if text]
        first = words[0] if words else ""
        if any(_TOTAL.match(text) for text in words) and not any(
            looks_like_name(line[column]) for column in self.names
        ):
            # beside the word stand sums; «Всего» with a deadline and people in charge is a task
            rest = [value for column, value in cells if not _TOTAL.match(texts[column]) and column != self.number]
            sums = all(not isinstance(value, str) or any(map(str.isdigit, value)) or len(value) < 4 for value in rest)
            few = len(cells) <= max(3, len(self.columns) // 2)
            # «Средний балл | 8,6 | 8,5 | …»: as many figures as there are columns, and no other word
            figures = len(rest) > 2 and all(map(is_ordinal, rest))
            if sums and (few or figures) and not any(looks_like_date(value) for value in rest):
                return "total"
        if all(
            (isinstance(value, str) and value not in DITTO and bool(_PLACEHOLDER.match(value)))
            or (column == self.number and is_ordinal(value))
            for column, value in cells
        ):
            return "placeholder"
        if (
            any(_UNDERLINE.search(text) for text in words)
            and len(cells) <= 4
            and self._blank_keys(line) + len(self.keys) > 0
        ):
            if _SIGNED.match(first) or (len(words) <= 3 and not self._typed_here(line)):
                if any(not _PLACEHOLDER.match(text) for text in words):
                    return "end"
        if (
            (_SIGNED.match(first) or _NOTE.match(first))
            and len(cells) <= 3
            and not self._typed_here(line)
            and self._nothing_follows(row)
        ):
            if not any(looks_like_name(line[column]) for column in self.names):
                return "end"
        continuation = self._continues(row, line, cells, records)
        if continuation:
            return "continuation"
        if len(set(texts.values())) == 1 and len(self.columns) > 1:
            column, value = cells[0]
            if (column in self.names and looks_like_name(value)) or (len(cells) == 1 and column == self.criterion):
                return "record"
            return "section"
        if len(cells) == 2 and len(self.columns) > 3 and cells[0][0] == self.number and isinstance(cells[1][1], str):
            if cells[1][0] in self.names:
                named = looks_like_name(cells[1][1])
                return "record" if named or self._counts_on(line, records) else "section"
            # a criterion nobody has marked, not the title of a group of them
            if cells[1][0] == self.criterion and (self._is_criterion(cells[1][1]) or self._counts_on(line, records)):
                return "record"
            if cells[1][0] in self.keys and not self._typed_here(line):
                return "section"
        return "record"

    def _is_criterion(self, text: Value) -> bool:
        """Is the text worded as one of the criteria?"""
        table = self.assignment.schema.name
        return any(CRITERION.fullmatch(one.field) for one in self.index.match(str(text)).get(table, ())[:1])

    def _line(self, row: int) -> str:
        """The row's text, as a title says it."""
        return " ".join(dict.fromkeys(cell_text(value) for _, value in self._cells(row)))

    def _blank_keys(self, line: Sequence[Value]) -> int:
        return sum(1 for column in self.keys if is_blank(line[column]))

    def _typed_here(self, line: Sequence[Value]) -> bool:
        """Does any dated, numbered or enumerated column hold a value it should?"""
        return any(not is_blank(line[column]) and fits(line[column], one) is not False for column, one in self.typed)

    def _dated_here(self, line: Sequence[Value]) -> bool:
        """Does a column of days or deadlines hold one?"""
        return any(
            one.type in ("date", "datetime", "deadline")
            and not is_blank(line[column])
            and fits(line[column], one) is True
            for column, one in self.typed
        )

    def _counts_on(self, line: Sequence[Value], records: Sequence[int]) -> bool:
        """Does the row's number follow that of the last record?"""
        if self.number is None or not records:
            return False
        return is_next(line[self.number], self.rows[records[-1]][self.number])

    def _nothing_follows(self, row: int) -> bool:
        """Are the next rows without anything a record must have?"""
        for after in range(row + 1, min(row + 6, self.bottom)):
            line = self.rows[after]
            if not any(is_blank(line[column]) for column in self.keys):
                return False
        return True

    def _continues(
        self, row: int, line: Sequence[Value], cells: Sequence[tuple[int, Value]], records: Sequence[int]
    ) -> bool:
        """Is the row the rest of the record above (page break)? No number, no date, only ends of texts."""
        if not records or (records[-1] != row - 1 and row - 1 not in self.continued):
            return False
        if row in self.merges.under:
            # one record drawn over several rows: the day and the persons it is known by are merged down
            known_by = [column for column, kind in self.watched.items() if kind in ("name", "date")]
            return bool(known_by) and all(self.merges.covers(row, column) for column in (*known_by, *self.names))
        if any(not isinstance(value, str) for _, value in cells) or any(looks_like_date(value) for _, value in cells):
            return False
        if self.number is not None and not is_blank(line[self.number]):
            return False
        if any(not is_blank(line[column]) for column, one in self.typed if one.type not in ("boolean", "consent")):
            return False
        above = self.rows[records[-1]]
        signs = 0
        for column, value in cells:
            begun, text = above[column], str(value).lstrip()
            if column in self.names:
                if not (_PATRONYMIC.match(text) and isinstance(begun, str) and len(begun.split()) == 2):
                    return False
                signs += 2
            elif column not in self.columns or not isinstance(begun, str) or is_blank(begun):
                signs -= 1
            else:
                signs += 1 if text[:1].islower() or text[:1] in ",;)»" or begun.rstrip()[-1:] in ",-–(" else -1
                signs += self.number is not None and begun.rstrip()[-1:] not in _SENTENCE_END
        return signs > 0

    def _repeats_headings(self, row: int, texts: Mapping[int, str]) -> bool:
        """Do most cells, and all key cells filled, say what heads their columns?"""
        same = {column for column, text in texts.items() if text and heading_key(text) in self.own.get(column, ())}
        most = len(same) * 2 > len(texts) and all(column in same for column in self.keys if column in texts)
        return most and (len(same) > 1 or row == self.top)

    def _another_named(self, pending: Sequence[tuple[int, str]]) -> bool:
        """Do repeated headings open a new table: after a blank row and a title, or under a title that names another
        table?"""
        titles = [row for row, kind in pending if kind == "section"]
        if titles and any(kind == "blank" and row < titles[-1] for row, kind in pending):
            return True
        for row in titles:
            told = self.speech.told(self._line(row))
            if told and self.assignment.schema.name not in told:
                return True
        return False

    def _goes_on(self, row: int, records: Sequence[int]) -> bool:
        """After a gap: is the row still a record of this table, judged by its number and by what its key cells hold?"""
        if self._counts_on(self.rows[row], records):
            return True
        good = bad = 0
        for after in range(row, min(row + 3, self.bottom)):
            line = self.rows[after]
            cells = self._cells(after)
            if not cells:
                break
            if self._repeats_headings(after, {column: cell_text(value) for column, value in cells}):
                continue  # the headings once more speak neither for nor against
            fitting, strange = self._verdicts(after)
            good, bad = good + fitting, bad + strange
            filled = sum(1 for column in self.keys if not is_blank(line[column]))
            good += filled > 0
            bad += filled == 0
        return good > bad
