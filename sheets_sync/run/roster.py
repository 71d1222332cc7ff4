"""The roster of a sync: made from the store, written with the rows of whoever is as before taken as they were."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING

from sheets_sync.errors import SourceError
from sheets_sync.run.changes import print_of
from sheets_sync.run.reports import report_settings
from sheets_sync.run.sync_run import ROSTER

if TYPE_CHECKING:
    from collections.abc import Collection

    from sheets_sync.memory import Connection
    from sheets_sync.reporting.page import Book
    from sheets_sync.run.sync_run import SyncRun
    from sheets_sync.run.telling import ToTell
    from sheets_sync.sinks.files import Outputs
    from sheets_sync.sinks.kept_rows import KeptRows

ROSTER_ROWS = "roster.rows"  # beside the store: the roster's rows as they were written


class DistrictRoster:
    """The roster of one sync."""

    def __init__(self, run: SyncRun) -> None:
        self.run = run

    @cached_property
    def kept(self) -> KeptRows:
        """The roster's rows as they were written last."""
        from sheets_sync.sinks.kept_rows import KeptRows

        return KeptRows.load(self.run.home / ROSTER_ROWS)

    def is_kept(self) -> bool:
        """Whether its rows are there as the last run wrote them, of everybody, by the codes there are."""
        from sheets_sync.consolidate import LONG_SHEETS

        stamp, everybody = self.run.state.more.get("roster"), self.run.state.workbooks
        if self.run.state.more.get("codes") != print_of(self.run.codes_path):
            return False
        return (
            bool(stamp) and self.kept.stamp == stamp and all(self.kept.has(title, everybody) for title in LONG_SHEETS)
        )

    def make(self, cursor: Connection, told: ToTell, asked: Collection[str] | None) -> Book:
        """The roster, whose rows are read from the cursor as they are written; ``asked``: organisations whose rows may
        be others than those kept (None: all)."""
        from sheets_sync.consolidate import PupilCodes, roster_book
        from sheets_sync.ledger import entries_text, possible_matches

        codes = PupilCodes.load(self.run.codes_path)
        doubts = possible_matches(cursor, asked)
        self._keep_entries(entries_text(doubts[0]))
        roster = roster_book(
            cursor,
            self.run.definitions,
            report_settings(self.run.config),
            self.run.as_of,
            told.locators,
            (self.run.config.outputs.folder or self.run.config.folder) / "district",
            organisations=told.organisations,
            codes=codes,
            issue_titles={code: entry.title for code, entry in told.texts.entries.items()},
            doubts=doubts,
            asked=asked,
        )
        codes.save(self.run.codes_path)  # before anyone sees them: a code given is given
        twice = self.run.config.outputs.google_spreadsheet and self.run.config.outputs.folder
        return roster.keep_rows() if twice else roster

    def _keep_entries(self, text: str) -> None:
        """Entries for the people ledger, with names: they stay beside the store."""
        from sheets_sync.consolidate import MATCHES_FILE

        path = self.run.home / MATCHES_FILE
        beside = path.with_name(f"{path.name}.new")
        try:
            beside.write_text(text, encoding="utf-8")
            beside.replace(path)
        except OSError as error:
            self.run.outcome.messages.append(f"{path} cannot be written: {error.strerror}")
            self.run.outcome.failed = True

    def put(self, outputs: Outputs, book: Book) -> None:
        """Write it, and keep its rows as they are now."""
        from sheets_sync.sinks.excel import render_book
        from sheets_sync.sinks.kept_rows import RowsNotKept

        rendered = partial(render_book, book, resolve=self.run.google.resolve, kept=self.kept)
        try:
            written = self.run.put(outputs.write, ROSTER, rendered)
        except RowsNotKept as error:
            written = None
            self.run.tell_unwritten(
                SourceError(f"not made: {error}; the next sync makes all of it anew", path=outputs.root / ROSTER)
            )
        if written is not None:
            self.run.state.more["roster"] = stamp = f"{self.run.started.isoformat()} {written.known.sha256}"
            self.kept.save(stamp)
