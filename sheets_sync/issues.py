"""Issue: one thing to look at in a school's data, with the exact place where a person finds it."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, NamedTuple

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


@lru_cache(maxsize=1024)
def column_letter(column: int) -> str:
    """Letter of a 1-based column number: 1 → A, 27 → AA."""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@lru_cache(maxsize=1024)
def column_number(letters: str) -> int:
    """1-based column number of a letter: A → 1, AA → 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


class At(NamedTuple):
    """Where, as the spreadsheet shows it: ``row`` counts from 1, ``column`` is a letter; None: does not apply."""

    organisation: str = ""
    workbook: str = ""
    sheet: str | None = None
    table: str | None = None
    row: int | None = None
    column: str | None = None
    field: str | None = None

    @property
    def cell(self) -> str | None:
        """Address such as «F17», or None when the issue is not about one cell."""
        return f"{self.column}{self.row}" if self.column and self.row else None


class Issue(NamedTuple):
    """A finding. Its words live in ``schemas/messages/<language>.toml`` under ``code``; ``params`` fill the template.

    ``value`` is what was typed (unmasked: masking happens on output), ``suggestion`` what to type instead, verbatim.
    """

    code: str
    severity: Severity
    at: At
    value: str | None = None
    suggestion: str | None = None
    params: tuple[tuple[str, str], ...] = ()

    def sort_key(self) -> tuple[str, str, int, int, str]:
        """Order of every listing: workbook, sheet, row, column, code. Issues of a whole sheet come first."""
        _, workbook, sheet, _, row, column, _ = self.at
        return (workbook, sheet or "", row or 0, column_number(column) if column else 0, self.code)
