"""What all sheets of the roster are made from, and how organisations, persons, marks and places are shown in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sheets_sync.consolidate.access import shown
from sheets_sync.consolidate.organisations import Organisation
from sheets_sync.consolidate.pupil_codes import PupilCodes
from sheets_sync.reporting.findings import path_between, place_link
from sheets_sync.reporting.page import Link, Links, PlainValue

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FETCHED_AT_ONCE = 2000


class Places:
    """Where rows stand: file, sheet and a link to the row.

    ``locators``: (organisation, workbook) → its file, linked to as seen from ``folder``.
    """

    def __init__(self, locators: Mapping[tuple[str, str], str | Path], folder: Path) -> None:
        self._files = {key: path_between(folder, Path(path)) for key, path in locators.items()}
        self._leads: dict[tuple[str, str, str], str] = {}  # sheet of a workbook → where it leads

    def of_row(self, organisation: str, workbook: str, sheet: str, row: int | None) -> tuple[PlainValue, ...]:
        """The place of a row, of its sheet where there is none."""
        lead = self._lead(organisation, workbook, sheet)
        if row is None or not lead:
            return (workbook, sheet, row)
        return (workbook, sheet, _row_link(lead, row))

    def of_rows(
        self, organisations: Sequence[str], workbooks: Sequence[str], sheets: Sequence[str], rows: Sequence[int]
    ) -> tuple[Sequence[PlainValue], ...]:
        """The places of some rows: a column of files, one of sheets, one of links."""
        places = list(zip(organisations, workbooks, sheets, strict=True))
        leads = {place: self._lead(*place) for place in set(places)}
        links: Sequence[PlainValue]
        if all(lead.endswith("!A") for lead in leads.values()):
            numbers = list(map(str, rows))
            to_sheets = {place: lead.removesuffix("A") for place, lead in leads.items()}
            links = Links(numbers, list(map(to_sheets.__getitem__, places)), [f"A{row}" for row in numbers])
        else:
            links = [
                _row_link(leads[place], row) if leads[place] else row for place, row in zip(places, rows, strict=True)
            ]
        return (workbooks, sheets, links)

    def _lead(self, organisation: str, workbook: str, sheet: str) -> str:
        """Where a link to a row leads, but for the row's number after «!A»; "" when the file cannot be linked to."""
        key = (organisation, workbook, sheet)
        lead = self._leads.get(key)
        if lead is None:
            file = self._files.get((organisation, workbook), "")
            is_text = file.casefold().endswith(".csv")  # has no sheets to lead to
            link = place_link("?", file, None if is_text else sheet, "A")
            lead = self._leads[key] = link.target if isinstance(link, Link) else ""
        return lead


def _row_link(lead: str, row: int) -> Link:
    """A link to a row by where its sheet's links lead (:class:`Places`)."""
    return Link(str(row), f"{lead}{row}" if lead.endswith("!A") else lead)


@dataclass(frozen=True, slots=True)
class Context:
    """What a roster is made from. ``asked``: the organisations whose rows are made anew, None: all."""

    connection: DuckDBPyConnection
    organisations: Mapping[str, Organisation]
    codes: PupilCodes
    places: Places
    issue_titles: Mapping[str, str]  # code of an issue → its words
    as_of: date
    district_name: str
    zone: tzinfo  # of files' times
    asked: frozenset[str] | None = None

    def columns(self, sql: str) -> Iterator[list[tuple[Any, ...]]]:
        """Rows of a query column by column, some at a time, fetched as they are asked for."""
        self.connection.execute(sql)
        while batch := self.connection.fetchmany(FETCHED_AT_ONCE):
            yield list(zip(*batch, strict=True))

    def single(self, sql: str) -> int:
        """The one number a query gives."""
        line = self.connection.execute(sql).fetchone()
        return int(line[0]) if line else 0

    def of_the_asked(self, rows: str) -> str:
        """The condition that ``rows`` of a query are of an organisation asked."""
        return "true" if self.asked is None else f"{rows}.organisation IN (FROM roster_asked)"

    def organisation(self, identifier: str) -> str:
        """What an organisation is called."""
        found = self.organisations.get(identifier)
        return found.shown if found else identifier

    def organisations_of(self, identifiers: Sequence[str]) -> list[PlainValue]:
        """What the organisations of some rows are called."""
        names = {identifier: self.organisation(identifier) for identifier in set(identifiers)}
        return list(map(names.__getitem__, identifiers))

    def person(self, person_key: str | None, name: str | None, access: str | None) -> PlainValue:
        """How a person is shown: by name, by code or not at all. ``access``: name | code | none."""
        return shown(self.codes, person_key, name, access)

    def persons(
        self, keys: Sequence[str | None], names: Sequence[str | None], access: Sequence[str | None]
    ) -> list[PlainValue]:
        """How the persons of some rows are shown."""
        codes = self.codes
        return [
            name if how == "name" else shown(codes, key, name, how)
            for key, name, how in zip(keys, names, access, strict=True)
        ]

    def marks_of(self, found: Sequence[Sequence[str] | None]) -> list[PlainValue]:
        """What is wrong with each of some rows, in words, by the codes of their issues."""
        marks = self._marks
        return [marks(codes) if codes else "" for codes in found]

    def _marks(self, codes: Sequence[str]) -> str:
        return "; ".join(dict.fromkeys(self.issue_titles.get(code, code) for code in sorted(codes)))
