"""Our own notes on the cells a person is to mend; never over a person's note, and gone once the cell is mended."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sheets_sync.sinks.google_tab import Request

FIRST_LINE = "Проверка sheets-sync:"
_LAST_LINE = "Заметка исчезнет, когда ячейка будет исправлена. № "
LONGEST = 2_000
NOTE_FIELDS = "sheets(properties(sheetId),data(startRow,startColumn,rowData(values(note))))"


class CellNote(NamedTuple):
    """What is to be said at a cell of a person's tab; row and column are 1-based."""

    sheet_id: int
    row: int
    column: int
    text: str


def notes_of(answer: Mapping[str, Any]) -> dict[tuple[int, int, int], str]:
    """All notes of a spreadsheet by (sheetId, row, column), from an answer to :data:`NOTE_FIELDS`."""
    notes = {}
    for sheet in answer.get("sheets", ()):
        sheet_id = sheet["properties"].get("sheetId", 0)
        for grid in sheet.get("data", ()):
            top, left = grid.get("startRow", 0) + 1, grid.get("startColumn", 0) + 1
            for row, cells in enumerate(grid.get("rowData", ()), top):
                for column, cell in enumerate(cells.get("values", ()), left):
                    if note := cell.get("note"):
                        notes[sheet_id, row, column] = note
    return notes


def note_requests(findings: Iterable[CellNote], notes_seen: Mapping[tuple[int, int, int], str]) -> list[Request]:
    """Requests that make our notes say what was found: several findings of a cell in one note, none where all is well.

    ``notes_seen`` are all notes there are, by (sheetId, row, column). A person's note stays, and so does a note of ours
    in which a person has written.
    """
    wanted: dict[tuple[int, int, int], list[str]] = {}
    for note in findings:
        lines = wanted.setdefault((note.sheet_id, note.row, note.column), [])
        if note.text not in lines:
            lines.append(note.text)
    requests = []
    for place in sorted({*wanted, *(place for place, note in notes_seen.items() if is_ours(note))}):
        seen = notes_seen.get(place, "")
        text = note_text(wanted[place]) if place in wanted else ""
        if text != seen and (not seen.strip() or is_ours(seen)):
            requests.append(_note(place, text))
    return requests


def note_text(lines: Iterable[str]) -> str:
    """The note that says this; its number tells whether a person has changed it since."""
    said = "\n".join((FIRST_LINE, *lines))
    if len(said) > LONGEST:
        said = said[: LONGEST - 1] + "…"
    return f"{said}\n{_LAST_LINE}{_seal(said)}"


def is_ours(note: str) -> bool:
    """Whether we wrote the note, and nobody has changed it since."""
    said, mark, seal = note.rpartition(f"\n{_LAST_LINE}")
    return bool(mark) and said.startswith(FIRST_LINE) and seal.strip() == _seal(said)


def _seal(said: str) -> str:
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:6]


def _note(place: tuple[int, int, int], text: str) -> Request:
    sheet_id, row, column = place
    cell = {
        "sheetId": sheet_id,
        "startRowIndex": row - 1,
        "endRowIndex": row,
        "startColumnIndex": column - 1,
        "endColumnIndex": column,
    }
    return {"updateCells": {"range": cell, "rows": [{"values": [{"note": text} if text else {}]}], "fields": "note"}}
