"""A :class:`~sheets_sync.reporting.page.Book` as tabs of a Google spreadsheet, beside the tabs people keep in it.

A tab is ours by the developer metadata it bears, whatever it is called and wherever it stands: a person may rename or
move it, and one a person deleted is made again. What bears no mark of ours, or the mark of another tab (a copy), is a
person's and is left alone; a title of theirs makes ours «Проверка (2)».

All of a book goes in one atomic ``batchUpdate``; a large one in several, the first of which marks the tabs as being
written and the last as done, so that a run cut short is repaired by the next. The mark holds a hash of what the book
says: equal hash, no request. Every batch counts the mark's ``write`` up by one: after a reply was lost, one look at it
tells whether the batch was taken.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Literal, NamedTuple, Protocol
from urllib.parse import quote

from sheets_sync.google.refusals import GoogleRefused
from sheets_sync.google.seen import OUR_KEY, SheetSeen, SheetsSeen
from sheets_sync.reporting.page import Book, Link, Sheet
from sheets_sync.sinks.google_tab import Request, Tab, Target, color, place_of
from sheets_sync.sinks.layout import PLACE, Resolve

LAYOUT = "1"  # counted up when the same book is to look otherwise: all tabs are then written anew
LONGEST_TITLE = 100
LARGEST = 2**31 - 2  # of the numbers we choose
BATCH_BYTES, BATCH_CELLS = 1_500_000, 20_000
TAB_COLOR = "3F6E9E"
PROTECTION = "Этот лист заполняет программа проверки: написанное здесь заменяется при следующей проверке."
SEEN_FIELDS = (
    "sheets(properties(sheetId,title,sheetType,gridProperties(rowCount,columnCount)),"
    "developerMetadata(metadataId,metadataKey,metadataValue),protectedRanges(protectedRangeId),"
    "conditionalFormats(ranges),charts(chartId))"
)
MARK_FIELDS = "sheets(properties(sheetId),developerMetadata(metadataId,metadataKey,metadataValue))"


Before = Callable[[Literal["created", "replaced"]], None]  # what is to be done before tabs are made or written anew


class Client(Protocol):
    """What the sink asks of :class:`sheets_sync.google.client.GoogleClient`."""

    def spreadsheet(self, spreadsheet_id: str, fields: str, ranges: Sequence[str] = ()) -> dict[str, Any]:
        """The spreadsheet as far as ``fields`` reach."""

    def update(
        self, spreadsheet_id: str, requests: Sequence[Mapping[str, Any]], done: Callable[[], bool]
    ) -> dict[str, Any] | None:
        """One batch; ``done`` tells after a lost reply whether it was taken."""


class Mark(NamedTuple):
    """What a tab of ours bears: which tab it is, what it shows, whether all of it was written."""

    group: str
    tab: str
    sheet: int  # of the tab it was made for: a copy bears the same words under another number
    hash: str
    state: Literal["writing", "done"]
    write: int  # batches written to this group so far
    rules: int  # conditional formats it has
    charts: tuple[int, ...]

    def text(self) -> str:
        """The metadata's value."""
        return json.dumps(self._asdict(), ensure_ascii=False, separators=(",", ":"))


def mark_of(sheet: SheetSeen) -> tuple[int, Mark] | None:
    """(metadataId, mark) of a tab of ours; None for a person's."""
    for metadata in sheet.metadata:
        if metadata.get("metadataKey") != OUR_KEY:
            continue
        try:
            told = json.loads(metadata["metadataValue"])
            mark = Mark(*(told[name] for name in Mark._fields))
        except (ValueError, KeyError, TypeError):
            continue
        if mark.sheet == sheet.sheet_id:
            return int(metadata["metadataId"]), mark._replace(charts=tuple(mark.charts))
    return None


class _There(NamedTuple):
    """A tab of the spreadsheet, a person's or ours, before we write."""

    sheet_id: int
    title: str
    rows: int
    columns: int
    metadata_id: int
    mark: Mark | None
    rules: int  # conditional formats
    charts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Seen:
    """The tabs of a spreadsheet; ``fresh``: as they are now, told by a read of our own."""

    tabs: tuple[_There, ...]
    taken: frozenset[int]  # numbers of charts, protections and metadata in use
    fresh: bool

    @classmethod
    def of(cls, seen: SheetsSeen, answer: Mapping[str, Any] | None = None) -> _Seen:
        """From what a read of the run showed, which tells nothing of rules and charts: there the marks are believed.
        ``answer`` is what Google said when it was asked for :data:`SEEN_FIELDS`.
        """
        more = answer.get("sheets", ()) if answer is not None else ({},) * len(seen.sheets)
        tabs, taken = [], set[int]()
        for sheet, told in zip(seen.sheets, more, strict=True):
            metadata_id, mark = mark_of(sheet) or (0, None)
            rules, charts = (mark.rules, mark.charts) if mark else (0, ())
            if answer is not None:
                rules = len(told.get("conditionalFormats", ()))
                charts = tuple(chart["chartId"] for chart in told.get("charts", ()))
            taken.update(charts)
            taken.update(int(one["protectedRangeId"]) for one in sheet.protected if "protectedRangeId" in one)
            taken.update(int(one["metadataId"]) for one in sheet.metadata if "metadataId" in one)
            tabs.append(
                _There(sheet.sheet_id, sheet.title, sheet.rows, sheet.columns, metadata_id, mark, rules, charts)
            )
        return cls(tuple(tabs), frozenset(taken), answer is not None)

    def ours(self, group: str) -> dict[str, _There]:
        """Our tabs of a group, by what they are in the book."""
        return {tab.mark.tab: tab for tab in self.tabs if tab.mark is not None and tab.mark.group == group}


class Put(NamedTuple):
    """What became of a book: ``tabs`` are the tabs that show it, by the titles of its sheets."""

    spreadsheet_id: str
    group: str
    state: Literal["created", "replaced", "unchanged"]
    tabs: dict[str, Target]
    batches: int = 0
    notices: tuple[str, ...] = ()  # English lines for the operator


class GoogleSheetsSink:
    """The sink of Google spreadsheets; all requests go through the client given."""

    def __init__(self, client: Client, version: str = LAYOUT) -> None:
        self._client = client
        self._version = version

    def put(
        self,
        book: Book,
        spreadsheet_id: str,
        group: str,
        known: SheetsSeen | None = None,
        *,
        resolve: Resolve | None = None,
        extra: Sequence[Request] = (),
        label: str = "",
        before: Before | None = None,
    ) -> Put:
        """Make the tabs of ``group`` show the book, and no others; nothing is asked of Google when they do already.

        ``known`` is what this run has already seen of the spreadsheet, ``resolve`` gives the addresses of links that
        lead out of it, ``extra`` are requests that go into the same batch (:func:`note_requests`); ``label`` tells new
        tabs from those of a like book, «Показатели 2023-12»; ``before`` is called when the tabs are about to be made or
        written anew. Raises SourceError as the client does; of a book that fits into one batch nothing is then written.
        """
        tabs = _tabs(book, resolve)
        told = self._hash(tabs)
        seen = _Seen.of(known) if known is not None else self._look(spreadsheet_id)
        try:
            return self._show(_Plan(seen, spreadsheet_id, group, tabs, told, label), extra, before)
        except GoogleRefused as error:
            if error.status != 400 or (seen.fresh and not extra):
                raise
        # Somebody changed the tabs since they were seen. The notes were meant for cells as they were: not this time.
        put = self._show(_Plan(self._look(spreadsheet_id), spreadsheet_id, group, tabs, told, label), (), before)
        left_out = ("notes on cells were left for the next run: the spreadsheet had changed",) if extra else ()
        return put._replace(notices=(*put.notices, *left_out))

    def _look(self, spreadsheet_id: str) -> _Seen:
        answer = self._client.spreadsheet(spreadsheet_id, SEEN_FIELDS)
        return _Seen.of(SheetsSeen.of(answer), answer)

    def _hash(self, tabs: Sequence[Tab]) -> str:
        digest = hashlib.sha256(self._version.encode())
        for tab in tabs:
            for part in tab.content():
                digest.update(part.encode("utf-8", "surrogatepass") + b"\0")
        return digest.hexdigest()[:32]

    def remove(self, spreadsheet_id: str, group: str) -> bool:
        """Take the tabs of ``group`` away, all at once; False when there are none. Raises SourceError."""
        ours = self._look(spreadsheet_id).ours(group)
        if not ours:
            return False
        gone: list[Request] = [{"deleteSheet": {"sheetId": tab.sheet_id}} for tab in ours.values()]
        self._client.update(spreadsheet_id, gone, lambda: not self._look(spreadsheet_id).ours(group))
        return True

    def _show(self, plan: _Plan, extra: Sequence[Request], before: Before | None) -> Put:
        state: Literal["created", "replaced", "unchanged"]
        state = "unchanged" if plan.shown else "replaced" if plan.there else "created"
        if state != "unchanged" and before is not None:
            before(state)
        number = 0
        for number, (batch, last) in enumerate(_batches(chain(() if plan.shown else plan.content(), extra)), 1):
            write = plan.write + number
            begin = plan.begin() if number == 1 and not plan.shown else ()
            marked = plan.marked("done" if last else "writing", write, every=last or number == 1)
            self._client.update(plan.spreadsheet_id, [*begin, *marked, *batch], self._taken(plan, write))
        return Put(plan.spreadsheet_id, plan.group, state, plan.targets, number, plan.notices())

    def _taken(self, plan: _Plan, write: int) -> Callable[[], bool]:
        """Whether the batch of this number was taken: told by the mark of the book's first tab."""

        def done() -> bool:
            seen = SheetsSeen.of(self._client.spreadsheet(plan.spreadsheet_id, MARK_FIELDS))
            there = _Seen.of(seen).ours(plan.group).get(plan.tabs[0].key)
            mark = there.mark if there else None
            return mark is not None and (mark.hash, mark.write) == (plan.hash, write)

        return done


def _tabs(book: Book, resolve: Resolve | None) -> list[Tab]:
    tabs: dict[str, Tab] = {}
    for sheet in book.sheets or [Sheet("Лист", (), ())]:
        key = sheet.title if sheet.title not in tabs else _unlike(sheet.title, tabs)
        tabs[key] = Tab(sheet, key, resolve)
    return list(tabs.values())


class _Plan:
    """How the tabs of a group come to show a book, given what there is."""

    def __init__(
        self, seen: _Seen, spreadsheet_id: str, group: str, tabs: Sequence[Tab], told: str, label: str
    ) -> None:
        self.spreadsheet_id, self.group, self.tabs, self.hash = spreadsheet_id, group, tabs, told
        there = seen.ours(group)
        self.shown = set(there) == {tab.key for tab in tabs} and all(
            tab.mark is not None and (tab.mark.hash, tab.mark.state) == (told, "done") for tab in there.values()
        )
        self.there = {tab.key: there[tab.key] for tab in tabs if tab.key in there}
        self.gone = [tab for key, tab in there.items() if key not in self.there]
        self.write = max((tab.mark.write for tab in there.values() if tab.mark), default=0)
        self.by_key = {tab.key: tab for tab in tabs}
        self.targets: dict[str, Target] = {}
        sheets, titles = {tab.sheet_id for tab in seen.tabs}, [tab.title for tab in seen.tabs]
        self._marks: dict[str, int] = {}
        self._protections: dict[str, int] = {}
        self.charts: dict[str, list[int]] = {}
        taken = set(seen.taken)
        for tab in tabs:
            found = self.there.get(tab.key)
            if found is None:
                title = _unlike(f"{tab.key} {label}".rstrip(), titles)
                target = Target(_number(sheets, group, tab.key), title)
                titles.append(title)
            else:
                target = Target(found.sheet_id, found.title)
            self.targets[tab.key] = target
            own = found.mark.charts if found and found.mark else ()
            self.charts[tab.key] = [
                own[n] if n < len(own) else _number(taken, group, tab.key, f"chart {n}")
                for n in range(len(tab.sheet.charts))
            ]
            self._marks[tab.key] = found.metadata_id if found else _number(taken, group, tab.key, "mark")
            if found is None:
                self._protections[tab.key] = _number(taken, group, tab.key, "protection")

    def begin(self) -> Iterator[Request]:
        """Tabs with room for what they are to show."""
        for tab in self.tabs:
            target, found = self.targets[tab.key], self.there.get(tab.key)
            properties: dict[str, Any] = {"sheetId": target.sheet_id}
            if found is None:
                properties |= {
                    "title": target.title,
                    "gridProperties": tab.properties(),
                    "tabColorStyle": color(TAB_COLOR),
                }
                yield {"addSheet": {"properties": properties}}
                protected = {
                    "protectedRangeId": self._protections[tab.key],
                    "range": {"sheetId": target.sheet_id},
                    "description": PROTECTION,
                    "warningOnly": True,
                }
                yield {"addProtectedRange": {"protectedRange": protected}}
                continue
            room = {
                "rowCount": max(tab.row_count, found.rows),
                "columnCount": max(tab.column_count, found.columns),
                "frozenRowCount": 0,
                "frozenColumnCount": 0,
            }
            yield _grid(target.sheet_id, room)
            for _ in range(found.rules):
                yield {"deleteConditionalFormatRule": {"sheetId": target.sheet_id, "index": 0}}
            own = found.mark.charts if found.mark else ()
            for number in sorted(set(own) & set(found.charts) - set(self.charts[tab.key])):
                yield {"deleteEmbeddedObject": {"objectId": number}}

    def marked(self, state: Literal["writing", "done"], write: int, *, every: bool) -> Iterator[Request]:
        """The marks of the tabs; of the first alone when nothing else changes."""
        for tab in self.tabs if every else self.tabs[:1]:
            target, number = self.targets[tab.key], self._marks[tab.key]
            charts = tuple(self.charts[tab.key])
            mark = Mark(self.group, tab.key, target.sheet_id, self.hash, state, write, tab.rules(), charts).text()
            if tab.key in self.there or write > self.write + 1:
                by = {"developerMetadataLookup": {"metadataId": number}}
                changed = {"dataFilters": [by], "developerMetadata": {"metadataValue": mark}}
                yield {"updateDeveloperMetadata": {**changed, "fields": "metadataValue"}}
            else:
                metadata = {
                    "metadataId": number,
                    "metadataKey": OUR_KEY,
                    "metadataValue": mark,
                    "location": {"sheetId": target.sheet_id},
                    "visibility": "DOCUMENT",
                }
                yield {"createDeveloperMetadata": {"developerMetadata": metadata}}

    def content(self) -> Iterator[Request]:
        """What the tabs show; then the room left over goes, and tabs the book no longer has."""
        for tab in self.tabs:
            yield from tab.requests(self.targets, self.by_key)
        for tab in self.tabs:
            found = self.there.get(tab.key)
            there = found.charts if found else ()
            yield from tab.charts(self.charts[tab.key], there, self.targets, self.by_key)
            if found:
                yield _grid(self.targets[tab.key].sheet_id, tab.properties())
        for gone in self.gone:
            yield {"deleteSheet": {"sheetId": gone.sheet_id}}

    def notices(self) -> tuple[str, ...]:
        """What the operator should know."""
        return tuple(notice for tab in self.tabs for notice in dict.fromkeys(tab.notices))


def _grid(sheet_id: int, grid: Mapping[str, Any]) -> Request:
    properties = {"sheetId": sheet_id, "gridProperties": dict(grid)}
    fields = ",".join(f"gridProperties.{name}" for name in grid)
    return {"updateSheetProperties": {"properties": properties, "fields": fields}}


def _batches(requests: Iterable[Request]) -> Iterator[tuple[list[Request], bool]]:
    """The requests in as many batches as Google takes in at a time, made as they are sent; of each whether it is the
    last.
    """
    batch: list[Request] = []
    size = cells = 0
    for request in requests:
        bytes_more = len(json.dumps(request, ensure_ascii=False).encode("utf-8", "replace"))
        cells_more = sum(len(row["values"]) for row in request.get("updateCells", {}).get("rows", ()))
        if batch and (size + bytes_more > BATCH_BYTES or cells + cells_more > BATCH_CELLS):
            yield batch, False
            batch, size, cells = [], 0, 0
        batch.append(request)
        size, cells = size + bytes_more, cells + cells_more
    if batch:
        yield batch, True


def _number(taken: set[int], *of: str) -> int:
    """A positive number of what is named, the same in every run; the next one when it is taken. Takes it."""
    name = "\0".join(of).encode("utf-8", "replace")
    number = int.from_bytes(hashlib.sha256(name).digest()[:4], "big") % LARGEST + 1
    while number in taken:
        number = number % LARGEST + 1
    taken.add(number)
    return number


def _unlike(title: str, taken: Iterable[str]) -> str:
    """The title, or «Title (2)» …: Google holds titles that differ in letters' case alone for the same."""
    wanted = " ".join(title.split())[:LONGEST_TITLE].strip() or "Лист"
    used = {other.casefold() for other in taken}
    unique, number = wanted, 1
    while unique.casefold() in used:
        number += 1
        ending = f" ({number})"
        unique = wanted[: LONGEST_TITLE - len(ending)].rstrip() + ending
    return unique


# --- links ------------------------------------------------------------------------------------------------------------


def address(spreadsheet_id: str, sheet_id: int | None = None, cell: str = "") -> str:
    """Address of a spreadsheet, of a tab of it, of cells in that."""
    place = "" if sheet_id is None else f"#gid={sheet_id}" + (f"&range={cell}" if cell else "")
    return f"https://docs.google.com/spreadsheets/d/{quote(spreadsheet_id, safe='')}/edit{place}"


def links_between(gids: Mapping[str, Mapping[str, int]], here: str = "") -> Resolve:
    """A ``resolve`` for links to Google workbooks, whose targets read «google:ID#'Лист'!F17».

    ``gids`` gives the sheetId by title of the spreadsheets known; ``here`` is the one the book goes to: within it links
    do not open another window. A sheet that is not known leads to the spreadsheet.
    """

    def resolve(link: Link) -> str | None:
        if not link.target.startswith("google:"):
            return None
        found = PLACE.search(link.target)
        spreadsheet_id = (link.target[: found.start()] if found else link.target)[len("google:") :]
        if found is None:
            return address(spreadsheet_id)
        title, cell = place_of(found.group(1))
        gid = gids.get(spreadsheet_id, {}).get(title)
        if gid is not None and spreadsheet_id == here:
            return f"#gid={gid}&range={cell}"
        return address(spreadsheet_id, gid, cell)

    return resolve
