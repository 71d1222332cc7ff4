"""What a full read showed of a spreadsheet besides its cells: its tabs, which of them are ours, what is protected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

OUR_KEY = "sheets-sync"  # of the developer metadata that mark a tab as ours


@dataclass(frozen=True, slots=True)
class SheetSeen:
    """One tab. ``metadata`` and ``protected`` as Google tells them: lists of developerMetadata and protectedRanges."""

    sheet_id: int
    title: str
    index: int = 0
    kind: str = "GRID"
    hidden: bool = False
    rows: int = 0
    columns: int = 0
    metadata: Sequence[Mapping[str, Any]] = ()
    protected: Sequence[Mapping[str, Any]] = ()

    @property
    def ours(self) -> bool:
        """Whether we made it: told by its metadata, whatever its title."""
        return any(str(one.get("metadataKey", "")).partition(":")[0] == OUR_KEY for one in self.metadata)


@dataclass(frozen=True, slots=True)
class SheetsSeen:
    """A spreadsheet's tabs in their order, as they were at the moment of the read."""

    spreadsheet_id: str
    title: str = ""
    locale: str = ""
    sheets: Sequence[SheetSeen] = ()
    metadata: Sequence[Mapping[str, Any]] = field(default=())  # of the spreadsheet as a whole

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> SheetsSeen:
        """From an answer of spreadsheets.get."""
        properties = answer.get("properties", {})
        return cls(
            str(answer.get("spreadsheetId", "")),
            str(properties.get("title", "")),
            str(properties.get("locale", "")),
            tuple(map(_sheet, answer.get("sheets", ()))),
            tuple(answer.get("developerMetadata", ())),
        )

    def id_of(self, title: str) -> int | None:
        """The sheetId of a tab by its title, for links; None when there is none."""
        return next((sheet.sheet_id for sheet in self.sheets if sheet.title == title), None)


def _sheet(told: Mapping[str, Any]) -> SheetSeen:
    properties = told.get("properties", {})
    grid = properties.get("gridProperties", {})
    return SheetSeen(
        int(properties.get("sheetId", 0)),
        str(properties.get("title", "")),
        int(properties.get("index", 0)),
        str(properties.get("sheetType", "GRID")),
        bool(properties.get("hidden", False)),
        int(grid.get("rowCount", 0)),
        int(grid.get("columnCount", 0)),
        tuple(told.get("developerMetadata", ())),
        tuple(told.get("protectedRanges", ())),
    )
