"""Any figure down to its cells: the rows behind it and, in each, the cells that make it count.

A person is counted for a row of a base; the pair through which the person takes part stands beside it. What a row's
cells say is personal: within an organisation it is shown, for the district only the places are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sheets_sync.errors import ConfigError
from sheets_sync.periods import Period
from sheets_sync.reporting.figures import BehindRow, Figure, Figures, Part, in_order, rows_behind
from sheets_sync.reporting.indicator import Indicator, Indicators
from sheets_sync.reporting.report_json import figure_object
from sheets_sync.reporting.settings import ReportSettings
from sheets_sync.reporting.wording import day, shortest
from sheets_sync.store import quoted
from sheets_sync.table_schema.model import POSITION_COLUMNS, Definitions, Field, TableSchema

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

VERSION = 1
HIDDEN = "скрыто"
EMPTY = "пусто"
# which base a role's persons stand in
BASES = {"mentor": "mentors", "mentee": "mentees", "curator": "curators"}

_Place = tuple[str, str, str, int]  # organisation, workbook, sheet, row


@dataclass(frozen=True, slots=True)
class TracedCell:
    """One cell of a row: ``cell`` as the sheet calls it («F17», «B3, C3» for one in several); ``value`` as shown."""

    field: str
    title: str
    cell: str
    value: str


@dataclass(frozen=True, slots=True)
class TracedRow:
    """One row behind a figure. ``number`` counts what the figure counts: rows of one person share theirs.

    ``row`` is None for a number of the district's settings; ``through`` is the row of the pair a person counts by.
    """

    number: int
    organisation: str
    workbook: str
    sheet: str
    row: int | None
    table: str
    value: float | None
    cells: tuple[TracedCell, ...]
    through: TracedRow | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """A figure and the rows behind one part of it.

    ``told`` is that part in the figure, ``total`` what the rows add up to.
    """

    indicator: Indicator
    figure: Figure
    period: Period
    organisation: str | None
    part: Part
    told: float | None
    total: float | None
    rows: tuple[TracedRow, ...]

    @property
    def agrees(self) -> bool:
        """Do the rows add up to the figure?"""
        return self.told == self.total


def trace(
    connection: DuckDBPyConnection,
    definitions: Definitions,
    indicators: Indicators,
    figures: Figures,
    settings: ReportSettings,
    identifier: str,
    part: Part = "numerator",
    organisation: str | None = None,
) -> Trace:
    """The rows behind a figure of an organisation, of the district for None, on the connection it was computed on.

    Of a district's sum the organisations left out of it have no rows here. Raises ConfigError for an unknown indicator,
    or one without that part.
    """
    indicator = indicators.by_id(identifier)
    if getattr(indicator, part) is None:
        raise ConfigError(f"{indicator.id} has no {part}", mend="only what is asked by questionnaire has respondents")
    figure = figures.of(organisation, indicator.id)
    told = getattr(figure, part)
    behind = in_order(rows_behind(connection, indicators, figures.period, settings, indicator.id, part, organisation))
    if organisation is None and figure.counted is not None:
        behind = [row for row in behind if not row.organisation or row.organisation in figure.counted]
    if told is None:
        behind = []  # a number that is not told is counted from nothing
    by_value = all(row.person_key is None for row in behind)
    numbers: dict[object, int] = {}
    for row in behind:
        numbers.setdefault(_counted_as(indicator, row, by_value), len(numbers) + 1)
    total: float | None = None
    if told is not None:
        total = sum(row.value or 0 for row in behind) if by_value and behind else len(numbers)
    hide = organisation is None
    cells = _Cells(connection, definitions, indicator, hide_names=hide and not settings.pupil_names, hide_special=hide)
    found = cells.of([(row, numbers[_counted_as(indicator, row, by_value)]) for row in behind])
    return Trace(indicator, figure, figures.period, organisation, part, told, total, tuple(found))


def _counted_as(indicator: Indicator, row: BehindRow, by_value: bool) -> object:
    if by_value:
        return row
    return row.person_key if indicator.scope == "district" else (row.organisation, row.person_key)


def trace_object(found: Trace, names: Mapping[str, str]) -> dict[str, Any]:
    """The trace as plain values in a fixed order of keys."""
    return {
        "version": VERSION,
        "indicator": found.indicator.id,
        "title": found.indicator.title_ru,
        "period": found.period.id,
        "as_of": found.period.as_of.isoformat(),
        "organisation": found.organisation,
        "part": found.part,
        "figure": figure_object(found.figure),
        "told": found.told,
        "total": found.total,
        "agrees": found.agrees,
        "rows": [
            {"organisation_name": names.get(row.organisation) or row.organisation, **_row_object(row)}
            for row in found.rows
        ],
    }


def _row_object(row: TracedRow) -> dict[str, Any]:
    told: dict[str, Any] = {
        "number": row.number,
        "organisation": row.organisation,
        "workbook": row.workbook,
        "sheet": row.sheet,
        "row": row.row,
        "table": row.table,
        "value": row.value,
        "cells": [
            {"field": cell.field, "title": cell.title, "cell": cell.cell, "value": cell.value} for cell in row.cells
        ],
    }
    if row.through is not None:
        told["through"] = _row_object(row.through)
        del told["through"]["number"], told["through"]["organisation"], told["through"]["value"]
    return told


class _Cells:
    """Finds the cells of rows: which table a row is of, in which columns its fields stand, what they say."""

    def __init__(
        self,
        connection: DuckDBPyConnection,
        definitions: Definitions,
        indicator: Indicator,
        *,
        hide_names: bool,
        hide_special: bool,
    ) -> None:
        self.connection = connection
        self.schemas = definitions.schemas
        self.hidden = {"personal"} if hide_names else set()
        self.hidden |= {"special"} if hide_special else set()
        self.wanted: dict[str, list[Field]] = {}
        for table, name in indicator.cells:
            self.wanted.setdefault(table, []).append(self._field(indicator, table, name))

    def _field(self, indicator: Indicator, table: str, name: str) -> Field:
        try:
            return self.schemas[table].field(name)
        except KeyError:
            raise ConfigError(f"cells: there is no {table}.{name}", path=indicator.path or None) from None

    def fields_of(self, table: str) -> list[Field]:
        """The fields shown of a table: those the indicator names, else what the table cannot do without."""
        if table in self.wanted:
            return self.wanted[table]
        schema = self.schemas[table]
        return [item for item in schema.fields if item.name in schema.primary_key or item.required == "value"]

    def of(self, behind: Sequence[tuple[BehindRow, int]]) -> list[TracedRow]:
        """Each row with its table and cells, and the row of the pair beside it."""
        self._ask([_place(row) for row, _ in behind if row.row is not None])
        persons = self._persons()
        through = self._through()
        self._ask([*{place for place, _ in through.values()}, *[_place(r) for r, _ in behind if r.row is not None]])
        told = {name: self._told(schema) for name, schema in self.schemas.items()}
        columns = self._columns()
        found = []
        for row, number in behind:
            if row.row is None:
                found.append(TracedRow(number, "", "", "", None, "", row.value, ()))
                continue
            place = _place(row)
            role, part = persons.get((place, row.person_key), persons.get((place, None), ("", None)))
            table = self._table(place, role, told)
            by = through.get((place, row.person_key)) or through.get((place, None))
            beside = None
            if by is not None and by[0] != place and by[0] in told["pairs"]:
                pair, pair_part = by
                cells = self._cells("pairs", pair, pair_part, told, columns)
                beside = TracedRow(number, *pair, "pairs", None, cells)
            cells = self._cells(table, place, part, told, columns) if table else ()
            found.append(TracedRow(number, *place, table, row.value, cells, beside))
        return found

    def _ask(self, places: Sequence[_Place]) -> None:
        self.connection.execute(
            'CREATE OR REPLACE TEMP TABLE traced (organisation VARCHAR, workbook VARCHAR, sheet VARCHAR, "row" INTEGER)'
        )
        if places:
            self.connection.execute(
                "INSERT INTO traced SELECT DISTINCT unnest($1::VARCHAR[]), unnest($2::VARCHAR[]), "
                "unnest($3::VARCHAR[]), unnest($4::INTEGER[])",
                [list(column) for column in zip(*places, strict=True)],
            )

    def _persons(self) -> dict[tuple[_Place, str | None], tuple[str, int | None]]:
        """Whom a row of a base is about: (place, person) → role and part of the row; under None whoever comes first."""
        lines = self.connection.execute(
            'SELECT organisation, workbook, sheet, "row", person_key, role, part FROM base '
            'JOIN traced USING (organisation, workbook, sheet, "row") ORDER BY ALL'
        ).fetchall()
        found: dict[tuple[_Place, str | None], tuple[str, int | None]] = {}
        for organisation, workbook, sheet, row, person, role, part in lines:
            for key in (person, None):
                found.setdefault(((organisation, workbook, sheet, row), key), (role, part))
        return found

    def _through(self) -> dict[tuple[_Place, str | None], tuple[_Place, int]]:
        """The row of a pair through which the person of a base's row takes part: (place, person) → place and part."""
        lines = self.connection.execute(
            'SELECT e.organisation, e.workbook, e.sheet, e."row", e.person_key, '
            "e.pair_workbook, e.pair_sheet, e.pair_row, min(r.part) "
            "FROM entered AS e "
            "JOIN traced AS t ON t.organisation = e.organisation AND t.workbook = e.workbook AND t.sheet = e.sheet "
            'AND t."row" = e."row" '
            "JOIN pairs_resolved AS r ON r.organisation = e.organisation AND r.workbook = e.pair_workbook "
            'AND r.sheet = e.pair_sheet AND r."row" = e.pair_row '
            "AND e.person_key = CASE e.role WHEN 'mentor' THEN r.mentor_person ELSE r.mentee_person END "
            "GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        found: dict[tuple[_Place, str | None], tuple[_Place, int]] = {}
        for organisation, workbook, sheet, row, person, pair_workbook, pair_sheet, pair_row, part in lines:
            pair = ((organisation, pair_workbook, pair_sheet, pair_row), part)
            for key in (person, None):
                found.setdefault(((organisation, workbook, sheet, row), key), pair)
        return found

    def _told(self, schema: TableSchema) -> dict[_Place, dict[int, dict[str, Any]]]:
        """What the rows asked for say, of one table: place → part → field → value."""
        shown = self.fields_of(schema.name)
        columns: list[str] = []
        for item in shown:
            name = f"{item.name}_" if item.name in POSITION_COLUMNS else item.name
            # a birth of which only the year is known, a consent of which only the day
            more = {"birth": f"{name}_year", "consent": f"{name}_date"}.get(item.type)
            if item.type == "birth":
                columns.append(f"coalesce({quoted(name)}::VARCHAR, {quoted(str(more))}::VARCHAR)")
            elif item.type == "consent":
                columns.append(f"coalesce({quoted(str(more))}::VARCHAR, {quoted(name)}::VARCHAR)")
            else:
                columns.append(quoted(name))
        lines = self.connection.execute(
            f'SELECT organisation, workbook, sheet, "row", part{"".join(f", {column}" for column in columns)} '
            f'FROM {quoted(schema.name)} JOIN traced USING (organisation, workbook, sheet, "row") '
            'ORDER BY organisation, workbook, sheet, "row", part'
        ).fetchall()
        found: dict[_Place, dict[int, dict[str, Any]]] = {}
        for organisation, workbook, sheet, row, part, *values in lines:
            parts = found.setdefault((organisation, workbook, sheet, row), {})
            parts[part] = dict(zip((item.name for item in shown), values, strict=True))
        return found

    def _columns(self) -> dict[tuple[_Place, str], dict[str, Any]]:
        """Where fields stand: (place, table) → field → letters, or cells of a card."""
        lines = self.connection.execute(
            'SELECT t.organisation, t.workbook, t.sheet, t."row", b."table", b.columns FROM traced AS t '
            "JOIN blocks AS b ON b.organisation = t.organisation AND b.workbook = t.workbook AND b.sheet = t.sheet "
            'WHERE b.header_row IS NULL OR (t."row" >= b.header_row AND t."row" < b.next_header_row) '
            'ORDER BY t.organisation, t.workbook, t.sheet, t."row", b."table", b.header_row'
        ).fetchall()
        return {
            ((organisation, workbook, sheet, row), table): json.loads(columns)
            for organisation, workbook, sheet, row, table, columns in lines
        }

    def _table(self, place: _Place, role: str, told: Mapping[str, Mapping[_Place, object]]) -> str:
        """Which table the row is of: the base of the person counted, else the first the indicator names, else any."""
        order = [BASES.get(role, ""), *self.wanted, *self.schemas]
        return next((name for name in order if place in told.get(name, {})), "")

    def _cells(
        self,
        table: str,
        place: _Place,
        part: int | None,
        told: Mapping[str, Mapping[_Place, Mapping[int, Mapping[str, Any]]]],
        columns: Mapping[tuple[_Place, str], Mapping[str, Any]],
    ) -> tuple[TracedCell, ...]:
        parts = told[table].get(place, {})
        values = parts.get(part if part is not None else -1) or next(iter(parts.values()), {})
        letters = columns.get((place, table), {})
        return tuple(
            TracedCell(item.name, item.title, _cell(letters[item.name], place[3]), self._shown(item, values))
            for item in self.fields_of(table)
            if item.name in letters
        )

    def _shown(self, item: Field, values: Mapping[str, Any]) -> str:
        value = values.get(item.name)
        if item.personal in self.hidden and value is not None:
            return HIDDEN
        return shown_value(value, item)


def _place(row: BehindRow) -> _Place:
    return row.organisation, row.workbook, row.sheet, row.row


def _cell(letters: str | Sequence[str], row: int) -> str:
    """«F17» of a column, «B3» of a card as it is."""
    if not isinstance(letters, str):
        return ", ".join(_cell(one, row) for one in letters)
    return letters if letters[-1:].isdigit() else f"{letters}{row}"


def shown_value(value: Any, item: Field) -> str:
    """A value of the store as a person reads it: days, «да» and «нет», the words of an enumeration."""
    if value is None or value == []:
        return EMPTY
    if isinstance(value, list):
        return "; ".join(shown_value(one, item) for one in value)
    if isinstance(value, bool):
        return "да" if value else "нет"
    if isinstance(value, datetime):
        return f"{value:%d.%m.%Y %H:%M}"
    if isinstance(value, date):
        return day(value)
    if isinstance(value, (int, float)):
        return shortest(value)
    text = str(value)
    if item.type in ("birth", "consent"):
        if text in ("true", "false"):
            return "да" if text == "true" else "нет"
        return day(date.fromisoformat(text)) if len(text) == 10 else text
    return next((one.title for one in item.enum if one.code == text), text)
