"""Google spreadsheets and workbooks on Drive: listed, fetched one at a time into a folder, and read from there.

A fetch leaves a file that ``read_workbook`` takes like any other, so that readers need no network.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sheets_sync.google.client import GoogleClient, quoted
from sheets_sync.google.files import Located, Unlisted, list_drive
from sheets_sync.google.refusals import GoogleRefused, GoogleUnavailable
from sheets_sync.google.seen import SheetsSeen
from sheets_sync.issues import At, Issue
from sheets_sync.sources import Listing, Skipped, WorkbookRef
from sheets_sync.sources.bounds import STANDARD, Bounds
from sheets_sync.sources.excel import read_workbook
from sheets_sync.sources.google_grid import SUFFIX, envelope, used_cells
from sheets_sync.table import Workbook

SCHEME = "google:"
LARGE = 20_000  # used cells from which two requests are lighter than one
_TABS = (
    "sheets(properties(sheetId,title,index,sheetType,hidden,gridProperties(rowCount,columnCount)),merges,"
    "developerMetadata,protectedRanges(protectedRangeId,description),"
    "data(startRow,startColumn,rowMetadata(hiddenByUser,hiddenByFilter),rowData(values({cell}))))"
)
_HEAD = "spreadsheetId,properties(title,locale,timeZone),developerMetadata,"
WHOLE = _HEAD + _TABS.format(cell="effectiveValue,effectiveFormat.numberFormat")
BONES = _HEAD + _TABS.format(cell="effectiveValue.errorValue.type,effectiveFormat.numberFormat")
_LONGEST_QUERY = 6000  # bytes of an address that every proxy on the way takes
_NOT_IN_NAMES = re.compile(r'[<>:"/\\|?*\x00-\x1f]')


class GoogleSheets:
    """Workbooks in Drive folders (a sub-folder per organisation) and single ones by organisation.

    ``remembered`` is what this attribute held after an earlier run ({} if none): plain values for JSON. ``unlisted``
    tells after ``list()`` of what nothing may be taken for gone; ``seen`` what each fetch saw of a spreadsheet's tabs,
    by its id. ``ignore``: ids passed over, such as the district's own.
    """

    def __init__(
        self,
        client: GoogleClient,
        *,
        folders: Sequence[str] = (),
        spreadsheets: Mapping[str, Sequence[str]] | None = None,
        remembered: Mapping[str, Any] | None = None,
        ignore: Collection[str] = (),
        bounds: Bounds = STANDARD,
    ) -> None:
        self.client, self.bounds = client, bounds
        self.folders, self.spreadsheets, self.ignore = folders, dict(spreadsheets or {}), ignore
        self.remembered: dict[str, Any] = dict(remembered or {})
        self.unlisted: list[Unlisted] = []
        self.seen: dict[str, SheetsSeen] = {}
        self._located: dict[str, Located] = {}

    def list(self) -> Listing:
        """Every workbook there is, sorted by organisation and path. Raises GoogleUnavailable or GoogleStopped."""
        found = list_drive(self.client, self.folders, self.spreadsheets, self.remembered, self.ignore)
        cells = {str(one): count for one, count in self.remembered.get("cells", {}).items()}
        self._located = {one.file["id"]: one for one in found.workbooks}
        self.unlisted = found.unlisted
        self.remembered = {**found.remembered, "cells": {one: cells[one] for one in self._located if one in cells}}
        issues = [one.why.issue(At(one.organisation, one.path)) for one in found.unlisted if one.organisation]
        return Listing(
            [_ref(one) for one in found.workbooks],
            sorted(issues, key=Issue.sort_key),
            [Skipped(path, why) for path, why in found.skipped],
        )

    def fetch(self, ref: WorkbookRef, folder: Path) -> Path:
        """The workbook as a file of its own in the folder, for ``read_workbook``: one request, two if it is large.

        Raises GoogleRefused when this one cannot be had, GoogleUnavailable, GoogleStopped; OSError.
        """
        one = ref.locator.removeprefix(SCHEME)
        place = folder / one
        place.mkdir(parents=True, exist_ok=True)
        located = self._located.get(one)
        try:
            if located is not None and located.suffix:
                return self._download(located, place)
            path = place / (_file_name(ref.path) + SUFFIX)
            path.write_bytes(self._spreadsheet(one))
        except GoogleRefused as refusal:
            if refusal.reason == "office-file":  # Drive calls it a spreadsheet, Sheets says it is an .xlsx
                return self._write(place, _file_name(ref.path), ".xlsx", self._bytes(one))
            refusal.named(f"“{ref.path}”")
            raise
        return path

    def requests(self, refs: Iterable[WorkbookRef]) -> tuple[int, int]:
        """How many requests fetching these takes, as far as is known before: (Sheets reads, downloads from Drive)."""
        cells = self.remembered.get("cells", {})
        reads = downloads = 0
        for one in (ref.locator.removeprefix(SCHEME) for ref in refs):
            located = self._located.get(one)
            if located is not None and located.suffix:
                downloads += 1
            else:
                reads += 2 if cells.get(one, 0) > LARGE else 1
        return reads, downloads

    def read(self, ref: WorkbookRef) -> Workbook:
        """The grids of one workbook, fetched and read; what Google refuses is an issue."""
        try:
            with tempfile.TemporaryDirectory(prefix="sheets-sync-") as folder:
                return read_workbook(ref._replace(locator=str(self.fetch(ref, Path(folder)))), self.bounds)
        except GoogleRefused as refusal:
            return Workbook(ref.path, [], [refusal.issue(At(ref.organisation, ref.path))])

    # one workbook

    def _download(self, located: Located, place: Path) -> Path:
        size = int(located.file.get("size", 0))
        if size > self.bounds.file_bytes:
            raise GoogleRefused("too-large", what=located.path, email=self.client.email)
        content = self._bytes(located.file["id"])
        return self._write(place, _file_name(located.path), located.suffix, content)

    def _bytes(self, one: str) -> bytes:
        return self.client.download(one, self.bounds.file_bytes)

    def _write(self, place: Path, name: str, suffix: str, content: bytes) -> Path:
        path = place / (name if name.lower().endswith(suffix) else name + suffix)
        path.write_bytes(content)
        return path

    def _spreadsheet(self, one: str) -> bytes:
        large = self.remembered.get("cells", {}).get(one, 0) > LARGE
        try:
            return self._in_two(one) if large else self._at_once(one)
        except GoogleRefused as refusal:
            if not large or refusal.reason != "range-gone":
                raise
            return self._at_once(one)  # a tab was renamed between the two requests

    def _at_once(self, one: str) -> bytes:
        return self._kept(one, self._tabs(one, self.client.spreadsheet(one, WHOLE)), None)

    def _in_two(self, one: str) -> bytes:
        """Number formats and errors, then bare values: for text, most of a large one, a fraction of the bytes."""
        tabs = self._tabs(one, self.client.spreadsheet(one, BONES))
        ranges = [quoted(tab["properties"]["title"]) for tab in tabs]
        if sum(len(quote(one, safe="")) + 8 for one in ranges) > _LONGEST_QUERY:
            return self._at_once(one)
        values = [told.get("values", []) for told in self.client.values(one, ranges)] if ranges else []
        if len(values) != len(ranges):
            raise GoogleUnavailable("not-json", what=one, email=self.client.email)
        return self._kept(one, tabs, values)

    def _tabs(self, one: str, answer: Mapping[str, Any]) -> Sequence[dict[str, Any]]:
        """The tabs to be read, without what is no cell's: not charts, not those we made."""
        self.seen[one] = seen = SheetsSeen.of(answer)
        return [
            {name: tab[name] for name in ("properties", "merges", "data") if name in tab}
            for tab, known in zip(answer.get("sheets", ()), seen.sheets, strict=True)
            if known.kind == "GRID" and not known.ours
        ]

    def _kept(self, one: str, tabs: Sequence[dict[str, Any]], values: Sequence[Sequence[Any]] | None) -> bytes:
        self.remembered.setdefault("cells", {})[one] = used_cells(tabs, values)
        for tab in tabs:  # what is about the place of the tab, not about its cells, would make it another content
            tab["properties"] = {
                name: tab["properties"][name] for name in ("title", "hidden") if name in tab["properties"]
            }
        return envelope(tabs, values)


def _ref(one: Located) -> WorkbookRef:
    version = str(one.file.get("version", "0"))
    return WorkbookRef(
        one.organisation,
        one.path,
        SCHEME + one.file["id"],
        int(version) if version.isascii() and version.isdigit() else 0,
        _nanoseconds(str(one.file.get("modifiedTime", ""))),
    )


def _nanoseconds(moment: str) -> int:
    """An RFC 3339 time in nanoseconds since 1970; 0 for none."""
    try:
        told = datetime.fromisoformat(moment)
    except ValueError:
        return 0
    since = told.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000_000 + since.microseconds * 1000


def _file_name(path: str) -> str:
    """The last part of a path as a file's name on any system."""
    return _NOT_IN_NAMES.sub("_", path.rpartition("/")[2]).strip(" .")[:80] or "_"
