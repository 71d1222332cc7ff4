"""Transposed cards: field names down one column, values beside them («паспорт ОО», an individual programme).

A card is one record. Its ``row_numbers`` and ``header_rows`` hold the row of its first field; where each field stands
is in ``cells``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field

from sheets_sync.recognise.blocks import Merges, Region, cell_text
from sheets_sync.recognise.contents import fits, looks_like_date
from sheets_sync.recognise.criteria import SCORES
from sheets_sync.recognise.headings import HeadingIndex, Match, tells_nothing
from sheets_sync.table import Value
from sheets_sync.table_schema.model import TableSchema
from sheets_sync.text import is_blank, squeeze

LABEL_ROWS = 250  # of a region looked at for labels
LABEL_COLUMNS = 8
LEAST_FIELDS = 3
SURE_ENOUGH = 0.74  # a label read less surely is none
_OVER_CRITERIA = frozenset({"group", "indicator", *SCORES})  # headings of criteria in rows: no labels of a card
_LABEL_AND_VALUE = re.compile(r"^\s*([^:_]{2,120}?)\s*:\s*(.*)$", re.DOTALL)
_LABEL_AND_QUOTED = re.compile(
    r"^\s*((?:Форма|Класс|Группа|Пара)[^«»\"]{0,40}?)\s+[«\"](.+)[»\"]\s*$", re.IGNORECASE | re.DOTALL
)
_BLANK_LINE = re.compile(r"^[\s_.…]*$")


Labels = dict[str, tuple[int, int, Match]]  # field → row and column of its label, and how it was understood


@dataclass(slots=True)
class Card:
    """One card: field → (row, column, value, label), offsets into the grid."""

    schema: TableSchema
    fields: dict[str, tuple[int, int, Value, str]] = dataclass_field(default_factory=dict)
    how: dict[str, Match] = dataclass_field(default_factory=dict)

    @property
    def top(self) -> int:
        return min(row for row, *_ in self.fields.values())

    @property
    def bottom(self) -> int:
        return max(row for row, *_ in self.fields.values())


def find_cards(rows: Sequence[Sequence[Value]], merges: Merges, region: Region, index: HeadingIndex) -> list[Card]:
    """Cards in the region, one per column of values, and one below another where the same labels come again; none
    unless a label column names enough fields of one table."""
    schemas = {
        name: schema for name, schema in index.definitions.schemas.items() if {"card", "criteria"} & set(schema.layouts)
    }
    best: tuple[float, TableSchema, list[Labels]] | None = None
    columns = [
        c
        for c in range(region.left, region.right)
        if any(not is_blank(rows[r][c]) for r in range(region.top, min(region.bottom, region.top + LABEL_ROWS)))
    ]
    for column in columns[:LABEL_COLUMNS]:
        named: dict[str, list[Labels]] = {}
        bare: set[int] = set()
        for row in range(region.top, min(region.bottom, region.top + LABEL_ROWS)):
            value = rows[row][column]
            if not isinstance(value, str) or is_blank(value):
                continue
            label, own = split_label(value)
            if not own and all(map(is_blank, rows[row][column + 1 : region.right])):
                bare.add(row)
            if len(label) > 200 or tells_nothing(label):
                continue
            for name, told in index.match(label).items():
                matches = [match for match in told if match.field not in _OVER_CRITERIA]
                if name in schemas and matches:
                    groups = named.setdefault(name, [{}])
                    if _comes_again(rows, groups[-1], label):
                        groups.append({})
                    _take_label(groups[-1], row, column, matches, bare)
        for name, groups in named.items():
            groups = [group for group in groups if _is_card(schemas[name], group, bare)]
            score = sum(match.quality for group in groups for _, _, match in group.values())
            if groups and (best is None or score > best[0]):
                best = (score, schemas[name], groups)
    if best is None:
        return []
    return [card for labels in best[2] for card in _with_values(rows, merges, region, best[1], labels)]


def _comes_again(rows: Sequence[Sequence[Value]], labels: Labels, label: str) -> bool:
    """Does the card begun last have this very label already? Then another begins."""
    return len(labels) >= LEAST_FIELDS and any(
        split_label(str(rows[row][column]))[0] == label for row, column, _ in labels.values()
    )


def _take_label(labels: Labels, row: int, column: int, matches: Sequence[Match], bare: Collection[int]) -> None:
    """Give the label the first field it says better than the label before it; where one of them has nothing beside it
    (``bare`` rows), being a title of those below («ДЕТИ»), the other does."""
    for match in matches:
        held = labels.get(match.field)
        if held is None or (held[0] in bare, -held[2].quality) > (row in bare, -match.quality):
            labels[match.field] = (row, column, match)
            return


def _is_card(schema: TableSchema, labels: Labels, bare: Collection[int]) -> bool:
    """Do the labels that are sure make a card? Others stand by them, if they stand among them; a title above it all
    that resembles one («Карточка пары») does not."""
    sure = {name: row for name, (row, _, match) in labels.items() if match.quality >= SURE_ENOUGH}
    if len(sure) < LEAST_FIELDS or not any(all(one in sure for one in names) for names in schema.identify):
        return False
    first, last = min(sure.values()), max(sure.values())
    filled = min((row for row, *_ in labels.values() if row not in bare), default=0)
    for name, (row, _, match) in list(labels.items()):
        if not first - 2 <= row <= last + 3 or (row < filled and match.how != "exact"):
            del labels[name]
    return True


def split_label(text: str) -> tuple[str, str]:
    """«Наставник: Иванова О.К.» → («Наставник», «Иванова О.К.»); without a colon the whole text is the label."""
    found = _LABEL_AND_VALUE.match(text) or _LABEL_AND_QUOTED.match(text)
    if found is None:
        return squeeze(text), ""
    value = squeeze(found[2])
    return squeeze(found[1]), "" if _BLANK_LINE.match(value) else value


def _with_values(
    rows: Sequence[Sequence[Value]],
    merges: Merges,
    region: Region,
    schema: TableSchema,
    labels: Labels,
) -> list[Card]:
    """Beside the labels, every column filled in at least half as many rows as the fullest is a card's values."""
    column = next(iter(labels.values()))[1]
    own = {name: split_label(str(rows[row][column]))[1] for name, (row, _, _) in labels.items()}
    counts: dict[int, int] = {}
    for row, _, _ in labels.values():
        for place in range(column + 1, region.right):
            if not is_blank(rows[row][place]):
                counts[place] = counts.get(place, 0) + 1
    inside = sum(1 for value in own.values() if value)
    if not counts and not inside:
        return []
    cards: list[Card] = []
    fullest = max(counts.values(), default=0)
    if inside > fullest:
        card = Card(schema)
        for name, (row, _, match) in labels.items():
            card.fields[name] = (row, column, own[name], split_label(str(rows[row][column]))[0])
            card.how[name] = match
        return [card]
    typed = [schema.field(name) for name in labels]
    for place, count in sorted(counts.items()):
        if count * 2 < fullest:
            continue
        fitting = [
            fits(rows[labels[one.name][0]][place], one)
            for one in typed
            if not is_blank(rows[labels[one.name][0]][place])
        ]
        judged = [verdict for verdict in fitting if verdict is not None]
        if judged and sum(judged) * 2 < len(judged):
            continue  # a column of notes or units
        card = Card(schema)
        for name, (row, _, match) in labels.items():
            card.fields[name] = (
                row,
                place,
                rows[row][place] if not is_blank(rows[row][place]) else own[name],
                split_label(str(rows[row][column]))[0],
            )
            card.how[name] = match
        cards.append(card)
    if len(cards) > 1 and "as_of" not in labels and any(one.name == "as_of" for one in schema.fields):
        for card in cards:
            _date_from_heading(rows, card, region)
    if len(cards) > 1 and not all("as_of" in card.fields for card in cards):
        cards = cards[:1]  # without dates a second column of figures is a comparison, not a record
    return cards


def _date_from_heading(rows: Sequence[Sequence[Value]], card: Card, region: Region) -> None:
    """The date over a column of figures («на 20.12.2023») dates its card."""
    place = next(iter(card.fields.values()))[1]
    for row in range(card.top - 1, max(region.top, card.top - 4) - 1, -1):
        value = rows[row][place]
        if not is_blank(value) and looks_like_date(value):
            found = re.search(r"\d{1,2}[./]\d{1,2}[./]\d{2,4}", value) if isinstance(value, str) else None
            card.fields["as_of"] = (row, place, found[0] if found else value, cell_text(value))
            return


def told_above(
    rows: Sequence[Sequence[Value]],
    top: int,
    bottom: int,
    left: int,
    right: int,
    schema: TableSchema,
    missing: Sequence[str],
    index: HeadingIndex,
) -> dict[str, tuple[int, int, Value, str]]:
    """Fields without a column that the lines above the table tell once («Наставник: Иванова О.К.», «Класс | 3А»).

    Only whom the table is about (names, a pair's number, a class, a form): field → (row, column, value, label).
    """
    wanted = {name for name in missing if schema.field(name).type in ("name", "class") or name in ("pair_id", "form")}
    told: dict[str, tuple[int, int, Value, str]] = {}
    if not wanted:
        return told
    for row in range(top, bottom):
        line = rows[row]
        for column in range(left, right):
            value = line[column]
            if not isinstance(value, str) or is_blank(value) or len(value) > 200:
                continue
            for piece in re.split(r"[;\n]", value):
                label, own = split_label(piece)
                beside: Value = own
                place = column
                if not own:
                    for after in range(column + 1, right):
                        if not is_blank(line[after]):
                            beside, place = line[after], after
                            break
                if is_blank(beside):
                    continue  # a title, as most lines are
                field = _meant(label, schema.name, wanted, index)
                if field is None or field in told:
                    continue
                if fits(beside, schema.field(field)) is not False:
                    told[field] = (row, place, beside, label)
    return told


def _meant(label: str, table: str, wanted: set[str], index: HeadingIndex) -> str | None:
    for match in index.match(label).get(table, ()):
        if match.field in wanted and match.quality >= SURE_ENOUGH:
            return match.field
    return None
