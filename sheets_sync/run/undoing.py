"""`undo`: what the last sync or report replaced comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sheets_sync.config import Config
    from sheets_sync.sinks.files import Undone


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

    The store keeps what was read: the next sync writes its outputs again. A sealed period stays sealed. Raises LockHeld
    when another run is at work, SourceError when a file cannot be put back (calling again goes on from there).
    """
    from sheets_sync.lock import one_run
    from sheets_sync.sinks import files

    started = now or datetime.now()
    if not config.store.exists():
        return UndoOutcome()
    with one_run(config.store, "undo", started):
        # First: an undo that is cut short must not leave a record that takes the outputs for up to date.
        if (config.store / files.UNDO / files.JOURNAL).exists():
            _note(config.store, started)
        done = files.undo(config.store)
        kept = any(one.kept for one in done)
        return UndoOutcome(done, config.store / files.UNDONE if kept else None)


def _note(store: Path, started: datetime) -> None:
    """Note the run for `status`; and that the outputs no longer say what the store does, so the next sync writes."""
    from sheets_sync import state

    known = state.load(store / "state.json")
    if known is not None:
        known.more.pop("store", None)
        moment = started.isoformat(timespec="seconds")
        known.finish_run({"verb": "undo", "started": moment, "finished": moment, "outcome": "done", "messages": []})
        state.save(known, store / "state.json")
