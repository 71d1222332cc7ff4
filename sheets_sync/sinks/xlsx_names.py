"""What sheets of an .xlsx file may be called, and how references spell it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sheets_sync.sinks.office_xml import ILLEGAL

MAX_SHEET_NAME = 31  # UTF-16 code units


def quoted(sheet_name: str) -> str:
    """A sheet's name as references spell it: 'Лист 1', with apostrophes doubled."""
    return "'" + sheet_name.replace("'", "''") + "'"


def sheet_name(wanted: str, taken: Iterable[str]) -> str:
    """A name Excel accepts, as near to the wanted one as can be, unlike the taken ones not in letters' case alone."""
    name = re.sub(r"\s+", " ", re.sub(r"[\[\]:*?/\\]", " ", ILLEGAL.sub("", wanted))).strip().strip("'").strip()
    name = _cut_units(name, MAX_SHEET_NAME).strip().rstrip("'") or "Лист"
    if name.casefold() == "history":
        name += "_"
    used = {other.casefold() for other in taken}
    unique, number = name, 1
    while unique.casefold() in used:
        number += 1
        ending = f" ({number})"
        unique = _cut_units(name, MAX_SHEET_NAME - len(ending)).rstrip() + ending
    return unique


def _cut_units(text: str, limit: int) -> str:
    return text.encode("utf-16-le")[: 2 * limit].decode("utf-16-le", "ignore")
