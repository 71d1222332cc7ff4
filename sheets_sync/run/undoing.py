"""`undo`: what the last sync or report replaced comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sheets_sync.errors import ConfigError, SourceError

if TYPE_CHECKING:
    from sheets_sync.config import Config
    from sheets_sync.run.google import GoogleSide
    from sheets_sync.sinks.files import Undone
    from sheets_sync.sinks.undo_journal import Change


@dataclass(slots=True)
class UndoOutcome:
    """What became of each file the last writing run had touched; ``files`` is empty when there is nothing to undo."""

    files: list[Undone] = field(default_factory=list)
    kept_in: Path | None = None  # where what that run had written is now

    @property
    def failed(self) -> bool:
        """Something was left as it is: exit code 1."""
        return any(one.state == "left" for one in self.files)


def undo(config: Config, *, now: datetime | None = None) -> UndoOutcome:
    """Put back the files the last sync or report replaced, and take away those it made; what people edited since stays.

    Tabs of ours at Google show again what they did before; those Google does not give just now are left for the next
    undo, notes on people's cells for the next sync. The store keeps what was read: the next sync writes its outputs
    again. A sealed period stays sealed. Raises LockHeld when another run is at work, SourceError when a file cannot be
    put back (calling again goes on from there).
    """
    from sheets_sync.lock import one_run
    from sheets_sync.sinks import files, undo_journal

    started = now or datetime.now()
    if not config.store.exists():
        return UndoOutcome()
    with one_run(config.store, "undo", started):
        # First: an undo that is cut short must not leave a record that takes the outputs for up to date.
        if (config.store / undo_journal.UNDO / undo_journal.JOURNAL).exists():
            _note(config.store, started)
        tabs = TabsAtGoogle(config)
        done = files.undo(config.store, tabs)
        tabs.remember()
        kept = any(one.kept for one in done)
        return UndoOutcome(done, config.store / files.UNDONE if kept else None)


class TabsAtGoogle:
    """Our tabs in Google spreadsheets, as `undo` deals with them; without such nothing is asked of Google."""

    def __init__(self, config: Config) -> None:
        self._config = config

    @cached_property
    def _google(self) -> GoogleSide:
        from sheets_sync.run.google import GoogleSide

        return GoogleSide.as_left(self._config)

    def address(self, change: Change) -> str:
        """Of the spreadsheet the tabs are in."""
        from sheets_sync.run.reading import spreadsheet_id
        from sheets_sync.sinks.google_sheets import address

        return address(spreadsheet_id(change.path))

    def undo(self, change: Change, kept: Path | None) -> Undone:
        """Make the tabs show what was kept, or take away what was created. Raises SourceError where that cannot be done
        just now."""
        from sheets_sync.run.reading import spreadsheet_id
        from sheets_sync.sinks.files import Undone
        from sheets_sync.sinks.google_kept import KeptTabs, kept_showing
        from sheets_sync.sinks.google_sheets import GoogleSheetsSink, links_between

        google, where, group = self._google, self.address(change), change.group
        one, tabs = spreadsheet_id(change.path), KeptTabs(self._config.store)
        before = kept_showing(kept) if kept is not None else None
        if change.was == "replaced" and (before is None or kept is None):
            return Undone(where, "left", "what the tabs showed before was not kept")
        now = before or tabs.now(change.path, group)
        google.forget_shown(change.path, group)
        try:
            sink = GoogleSheetsSink(google.client(google.source_called(now.account if now else "")))
        except ConfigError as error:
            raise SourceError(error.one_line()) from error
        if before is None or kept is None:
            sink.remove(one, group)
            tabs.forget(change.path, group)
            return Undone(where, "removed", "tabs of ours")
        sink.put(before.book, one, group, resolve=links_between(google.gids, one), label=before.label)
        tabs.put_back(change.path, group, kept)
        return Undone(where, "restored", "tabs of ours")

    def remember(self) -> None:
        """The record no longer says that the tabs show what the last run wrote."""
        from sheets_sync import state
        from sheets_sync.run.google import REMEMBERED

        known = state.load(self._config.store / "state.json")
        if "_google" in self.__dict__ and known is not None:
            known.more[REMEMBERED] = self._google.remembered
            state.save(known, self._config.store / "state.json")


def _note(store: Path, started: datetime) -> None:
    """Note the run for `status`; and that the outputs no longer say what the store does, so the next sync writes."""
    from sheets_sync import state

    known = state.load(store / "state.json")
    if known is not None:
        known.more.pop("store", None)
        moment = started.isoformat(timespec="seconds")
        known.finish_run({"verb": "undo", "started": moment, "finished": moment, "outcome": "done", "messages": []})
        state.save(known, store / "state.json")
