"""The Google half of a run: one client per account, what its sources hold, and the tabs we keep in spreadsheets.

All requests of a run go through here, in the parent process; what was learnt stands in the record beside the store.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sheets_sync.errors import ConfigError, SourceError
from sheets_sync.google.refusals import GoogleStopped, GoogleUnavailable
from sheets_sync.run.reading import is_google, spreadsheet_id

if TYPE_CHECKING:
    from sheets_sync.config import Config, GoogleSource
    from sheets_sync.engine import Workers
    from sheets_sync.google.client import Budget, GoogleClient
    from sheets_sync.google.credentials import Access
    from sheets_sync.google.seen import SheetsSeen
    from sheets_sync.reporting.page import Book
    from sheets_sync.run.progress import Progress
    from sheets_sync.run.reading import Read
    from sheets_sync.sinks.google_kept import KeptTabs
    from sheets_sync.sinks.google_notes import CellNote
    from sheets_sync.sinks.google_sheets import GoogleSheetsSink
    from sheets_sync.sinks.layout import Resolve
    from sheets_sync.sinks.undo_journal import UndoJournal
    from sheets_sync.sources import Listing, WorkbookRef
    from sheets_sync.sources.bounds import Bounds
    from sheets_sync.sources.google_sheets import GoogleSheets

FINDINGS_GROUP, ROSTER_GROUP = "findings", "roster"
REMEMBERED = "google"  # in the record beside the store
# What formulas take from other spreadsheets may change without a trace in the listing. A little less than half a day:
# the daily sync of the morning and that of a due day's evening each read what is there.
REREAD_AFTER = timedelta(hours=11)
LEFT_OVER = "left_over"  # in what is remembered: locators of workbooks that could not be had


def connect(source: GoogleSource, access: Access) -> GoogleClient:
    """The client of an account."""
    from sheets_sync.google.client import GoogleClient

    return GoogleClient(access.credentials, base_url=source.base_url or None, email=access.email)


def account(source: GoogleSource) -> Access:
    """The account a source is read with. Raises ConfigError where there are no usable credentials."""
    from sheets_sync.google.credentials import load_credentials

    return load_credentials(source.credentials, os.environ)


def writing_source(config: Config) -> GoogleSource | None:
    """Whose account the district's own spreadsheet is written with: that of the first Google source, else whatever
    the environment gives; None when nothing at Google is configured."""
    from sheets_sync.config import GoogleSource

    own = next((source for source in config.sources if isinstance(source, GoogleSource)), None)
    return own or (GoogleSource() if config.outputs.google_spreadsheet else None)


@dataclass(slots=True)
class Shown:
    """What became of the books put: addresses with something new, lines for the operator, whether all went well."""

    written: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    whole: bool = True


class Recorder:
    """Stands between the sink and a client in a rehearsal: looks are made, writes are counted and go nowhere."""

    def __init__(self) -> None:
        self.writes: dict[str, int] = {}  # spreadsheet → requests that would write to it
        self.cells: dict[str, int] = {}  # spreadsheet → cells they would fill
        self._client: GoogleClient | None = None

    def before(self, client: GoogleClient) -> Recorder:
        """The recorder, looking through this client."""
        self._client = client
        return self

    def spreadsheet(self, spreadsheet_id: str, fields: str, ranges: Sequence[str] = ()) -> dict[str, Any]:
        """The spreadsheet as far as ``fields`` reach."""
        assert self._client is not None
        return self._client.spreadsheet(spreadsheet_id, fields, ranges)

    def update(
        self, spreadsheet_id: str, requests: Sequence[Mapping[str, Any]], done: Callable[[], bool]
    ) -> dict[str, Any]:
        """One batch that would be sent."""
        self.writes[spreadsheet_id] = self.writes.get(spreadsheet_id, 0) + 1
        filled = sum(
            1
            for request in requests
            for row in request.get("updateCells", {}).get("rows", ())
            for cell in row.get("values", ())
            if "userEnteredValue" in cell
        )
        self.cells[spreadsheet_id] = self.cells.get(spreadsheet_id, 0) + filled
        return {}


class GoogleSide:
    """Google as one run sees it. ``remembered`` is what an earlier run left (:attr:`remembered` after it)."""

    def __init__(self, config: Config, bounds: Bounds, remembered: Mapping[str, Any] | None = None) -> None:
        self.rehearsal: Recorder | None = None  # takes what would be written, where nothing is to be
        self.journal: UndoJournal | None = None  # of the run: what the tabs show is then kept for `undo`
        self.remembered: dict[str, Any] = {"listed": {}, "gids": {}, "shown": {}, "read": {}, **(remembered or {})}
        self.notices: list[str] = []
        self.stopped: GoogleStopped | None = None  # after it nothing more is asked in this run
        self._config, self._bounds = config, bounds
        self._clients: dict[tuple[str, str], GoogleClient] = {}
        self._sources: dict[str, GoogleSheets] = {}  # by what the config says of it
        self._source_of: dict[str, GoogleSheets] = {}  # by locator
        self._noted: set[str] = set()  # locators of what is to bear notes
        self._read_only: set[str] = set()  # locators of what nothing is written to
        self._reread: set[str] = set()  # locators of what is read anew from time to time

    @classmethod
    def as_left(cls, config: Config) -> GoogleSide:
        """Google as the last run of a district left it."""
        from sheets_sync import state
        from sheets_sync.run.reading import bounds_of

        known = state.load(config.store / "state.json")
        return cls(config, bounds_of(config.limits), known.more.get(REMEMBERED) if known else None)

    # reading

    def list_source(self, source: GoogleSource) -> Listing:
        """The workbooks of a source, by paths that begin with the organisation. Raises SourceError, ConfigError."""
        from sheets_sync.issues import At
        from sheets_sync.sources import Listing
        from sheets_sync.sources.google_sheets import GoogleSheets

        key = _key(source)
        own = self._config.outputs.google_spreadsheet
        reader = GoogleSheets(
            self.client(source),
            folders=source.folders,
            spreadsheets=source.spreadsheets,
            remembered=self.remembered["listed"].get(key),
            ignore=[own] if own else [],
            bounds=self._bounds,
        )
        listing = reader.list()
        self.remembered["listed"][key] = reader.remembered
        self._sources[key] = reader
        refs = [ref._replace(path=f"{ref.organisation}/{ref.path}") for ref in listing.workbooks]
        self._source_of |= dict.fromkeys((ref.locator for ref in refs), reader)
        if not source.write_back:
            self._read_only.update(ref.locator for ref in refs)
        if source.reread:
            self._reread.update(ref.locator for ref in refs)
        if source.notes:
            self._noted.update(ref.locator for ref in refs)
        issues = [
            issue._replace(at=At(issue.at.organisation, f"{issue.at.organisation}/{issue.at.workbook}"))
            for issue in listing.issues
        ]
        return Listing(refs, issues, listing.skipped)

    def unlisted(self, source: GoogleSource) -> Sequence[tuple[str, str]]:
        """(organisation, path) of what could not be listed and may still be there; path "" is all of an organisation,
        organisation "" all of the source."""
        reader = self._sources[_key(source)]
        return [(one.organisation, f"{one.organisation}/{one.path}" if one.path else "") for one in reader.unlisted]

    def why_unlisted(self, source: GoogleSource) -> list[str]:
        """Lines for the operator about what could not be listed."""
        return [str(one.why) for one in self._sources[_key(source)].unlisted]

    def is_aged(self, locator: str, now: datetime) -> bool:
        """Was a spreadsheet read so long ago that its formulas may show something else by now, without a change that
        Google would tell of? A file on Drive stays as it is."""
        if locator not in self._reread or spreadsheet_id(locator) not in self.gids:
            return False
        try:
            return not timedelta(0) <= now - datetime.fromisoformat(self.remembered["read"][locator]) < REREAD_AFTER
        except (KeyError, TypeError, ValueError):
            return True

    def note_read(self, locator: str, now: datetime, *, as_before: bool) -> None:
        """A workbook was read; ``as_before``: nothing in it had changed, nor had Google told of any change, so its tabs
        are as we left them."""
        self.remembered["read"][locator] = now.isoformat(timespec="seconds")
        if as_before:
            self.forget_seen(locator)

    def fetch(self, ref: WorkbookRef, folder: Path) -> Path:
        """The workbook as a file in the folder. Raises GoogleRefused; after a GoogleStopped nothing more is asked."""
        if self.stopped is not None:
            raise self.stopped
        try:
            path = self._source_of[ref.locator].fetch(ref, folder)
        except GoogleStopped as error:
            self.stopped = error
            raise
        except OSError as error:
            raise SourceError(f"{ref.path} could not be kept while it is read: {error.strerror or error}") from None
        seen = self.seen(ref.locator)
        if seen is not None:
            self.remembered["gids"][seen.spreadsheet_id] = {one.title: one.sheet_id for one in seen.sheets}
        return path

    def seen(self, locator: str) -> SheetsSeen | None:
        """What this run's reading showed of a spreadsheet's tabs; None if it was not read or is no spreadsheet."""
        reader = self._source_of.get(locator)
        return reader.seen.get(spreadsheet_id(locator)) if reader else None

    def forget_seen(self, locator: str) -> None:
        """What was seen of the tabs holds no longer, or tells nothing that was not known."""
        reader = self._source_of.get(locator)
        if reader is not None:
            reader.seen.pop(spreadsheet_id(locator), None)

    def takes_tabs(self, locator: str) -> bool:
        """Is it a spreadsheet of Google's own, in which we may keep tabs? Known once it was read."""
        return locator not in self._read_only and spreadsheet_id(locator) in self.remembered["gids"]

    def source_called(self, account: str) -> GoogleSource:
        """The source :meth:`_account_of` told of; the district's own where the config no longer has it. Raises
        ConfigError where nothing at Google is configured."""
        from sheets_sync.config import GoogleSource

        sources = (one for one in self._config.sources if isinstance(one, GoogleSource) and _key(one) == account)
        source = next(sources, None) or writing_source(self._config)
        if source is None:
            raise ConfigError("nothing at Google is configured any more", mend="put the source back into the config")
        return source

    @property
    def gids(self) -> dict[str, dict[str, int]]:
        """sheetId by title, by spreadsheet, as last read."""
        gids: dict[str, dict[str, int]] = self.remembered["gids"]
        return gids

    @property
    def resolve(self) -> Resolve | None:
        """Addresses of the spreadsheets that links of a file lead to; None where there are none."""
        from sheets_sync.sinks.google_sheets import links_between

        return links_between(self.gids) if self.gids else None

    # writing

    def shows(self, locator: str, group: str, print_: str) -> bool:
        """Do our tabs of a group show what has this print, as far as is known without a request? A spreadsheet read in
        this run is to be looked at: somebody changed it."""
        known = self.remembered["shown"].get(spreadsheet_id(locator), {})
        return self.seen(locator) is None and known.get(group) == print_

    def forget_shown(self, locator: str, group: str) -> dict[str, str]:
        """It is no longer known what our tabs of a group show; returns what is known of the other groups."""
        known: dict[str, str] = self.remembered["shown"].setdefault(spreadsheet_id(locator), {})
        known.pop(group, None)
        return known

    def keeps_notes(self, locator: str) -> bool:
        """Are there to be notes of ours on the cells of a spreadsheet?"""
        return locator in self._noted

    def show(
        self,
        shown: Shown,
        book: Book,
        locator: str,
        group: str,
        print_: str = "",
        label: str = "",
        notes: Sequence[CellNote] | None = None,
    ) -> None:
        """Make our tabs of a group show the book; trouble is told in ``shown`` and the others go on.

        ``notes`` are those our notes on people's cells are to be; None leaves all notes alone.
        ``print_`` (of what the book is made of) is remembered for :meth:`shows`; ``label`` stands in the tabs' titles.
        """
        from sheets_sync.sinks.google_sheets import address, links_between

        one = spreadsheet_id(locator)
        known = self.forget_shown(locator, group)
        if self.stopped is not None:
            shown.whole = False
            return
        kept = self._kept_tabs()
        if kept is not None:
            book.keep_rows()
        try:
            put = self._sink(locator).put(
                book,
                one,
                group,
                self.seen(locator),
                resolve=links_between(self.gids, one),
                extra=() if notes is None else self._note_requests(locator, notes),
                label=label,
                before=partial(kept.replaced, self.journal, locator, group) if kept and self.journal else None,
            )
        except SourceError as error:
            shown.whole = False
            shown.messages.append(f"{address(one)}: {error}")
            if isinstance(error, GoogleStopped):
                self.stopped = error
            return
        if print_:
            known[group] = print_
        shown.messages += [f"{address(one)}: {notice}" for notice in put.notices]
        if put.state != "unchanged":
            shown.written.append(address(one))
            self.forget_seen(locator)
        if kept is not None and (put.state != "unchanged" or not kept.holds(locator, group)):
            try:
                kept.show(locator, group, book, label, self._account_of(locator))
            except SourceError as error:
                shown.messages.append(f"{error}: `undo` will not be able to put these tabs back")

    def _kept_tabs(self) -> KeptTabs | None:
        from sheets_sync.sinks.google_kept import KeptTabs

        if self.journal is None or self.rehearsal is not None:
            return None
        return KeptTabs(self._config.store)

    def _account_of(self, locator: str) -> str:
        """Which source's account writes to a spreadsheet; "" where it is the district's own."""
        reader = self._source_of.get(locator)
        return next((key for key, one in self._sources.items() if one is reader), "")

    def _note_requests(self, locator: str, notes: Sequence[CellNote]) -> list[dict[str, Any]]:
        from sheets_sync.sinks.google_notes import NOTE_FIELDS, note_requests, notes_of

        client = self._source_of[locator].client
        return note_requests(notes, notes_of(client.spreadsheet(spreadsheet_id(locator), NOTE_FIELDS)))

    def _sink(self, locator: str) -> GoogleSheetsSink:
        from sheets_sync.sinks.google_sheets import GoogleSheetsSink

        reader = self._source_of.get(locator)
        if reader is not None:
            client = reader.client
        else:
            source = writing_source(self._config)
            assert source is not None, "nothing is written at Google unless the config names it"
            client = self.client(source)
        return GoogleSheetsSink(client if self.rehearsal is None else self.rehearsal.before(client))

    def client(self, source: GoogleSource) -> GoogleClient:
        """The client of a source's account: one per account, so that its quotas are kept. Raises ConfigError."""
        key = (str(source.credentials or ""), source.base_url)
        if key not in self._clients:
            access = account(source)
            self.notices += access.notices
            self._clients[key] = connect(source, access)
        return self._clients[key]

    # what it cost

    @property
    def in_use(self) -> bool:
        """Was anything asked of Google, or could it have been?"""
        return bool(self._clients)

    @property
    def budget(self) -> Budget:
        """Requests of the run, all accounts together."""
        from sheets_sync.google.client import Budget

        spent = [client.budget for client in self._clients.values()]
        return Budget(
            sum(one.reads for one in spent),
            sum(one.writes for one in spent),
            sum(one.drive for one in spent),
            sum(one.retries for one in spent),
            sum(one.waited for one in spent),
        )


def budget_words(budget: Budget) -> str:
    """One line for the operator: what a run asked of Google."""
    retries = f", {budget.retries} of them again" if budget.retries else ""
    return (
        f"Google: {budget.drive} listing and file requests, {budget.reads} reads, {budget.writes} writes{retries}; "
        f"waited {budget.waited:.0f} s for the quotas"
    )


def _key(source: GoogleSource) -> str:
    ids = [one for name in sorted(source.spreadsheets) for one in (name, *source.spreadsheets[name])]
    return " ".join([*source.folders, *ids])


def fetch_all(
    refs: Sequence[WorkbookRef], google: GoogleSide, folder: Path, progress: Progress
) -> dict[str, Path | SourceError]:
    """The files in ``folder`` of what lies at Google, by locator; or why one could not be had.

    What an earlier run left is fetched before all else.
    """
    fetched: dict[str, Path | SourceError] = {}
    wanted = [ref for ref in refs if is_google(ref.locator)]
    before = frozenset(google.remembered.get(LEFT_OVER, ()))
    for done, ref in enumerate(sorted(wanted, key=lambda ref: ref.locator not in before), 1):
        try:
            fetched[ref.locator] = google.fetch(ref, folder)
        except SourceError as error:
            fetched[ref.locator] = error
        progress("fetching", done, len(wanted))
    return fetched


def read_everything(
    asked: Sequence[tuple[WorkbookRef, str]],
    google: GoogleSide,
    folder: Path,
    engine: Workers,
    progress: Progress,
    meanwhile: Callable[[], object] | None = None,
) -> tuple[list[Read], list[tuple[WorkbookRef, SourceError]]]:
    """As :func:`~sheets_sync.run.reading.read_all`, what lies at Google being fetched into ``folder`` first; and what
    was left for the next run because Google, the network or the account was away.

    One that Google refuses is unreadable, the others go on.
    """
    from sheets_sync.run.reading import read_all

    fetched = fetch_all([ref for ref, _ in asked], google, folder, progress)
    files = [
        (ref if place is None else ref._replace(locator=str(place), size=place.stat().st_size), known)
        for ref, known in asked
        if isinstance(place := fetched.get(ref.locator), Path | None)
    ]
    read = iter(read_all(files, engine, progress, meanwhile))
    reads: list[Read] = []
    left: list[tuple[WorkbookRef, SourceError]] = []
    for ref, _ in asked:
        had = fetched.get(ref.locator)
        if isinstance(had, GoogleUnavailable | GoogleStopped):
            left.append((ref, had))  # nothing the school could mend, and nothing to tell it
        elif isinstance(had, SourceError):
            reads.append(_refused(ref, had))
        else:
            reads.append(next(read)._replace(ref=ref))
    google.remembered[LEFT_OVER] = [ref.locator for ref, _ in left]
    return reads, left


def _refused(ref: WorkbookRef, error: SourceError) -> Read:
    from sheets_sync.google.refusals import GoogleRefused
    from sheets_sync.issues import At, Issue
    from sheets_sync.run.reading import Read

    at = At(ref.organisation, ref.path)
    issue = error.issue(at) if isinstance(error, GoogleRefused) else Issue("file-unreadable", "error", at)
    return Read(ref, False, "", [], [issue], passing=True, lost=True)
