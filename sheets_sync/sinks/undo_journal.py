"""What a run replaced, kept in ``<state>/undo`` until the next run that replaces something."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from sheets_sync.errors import SourceError

UNDO = "undo"
JOURNAL = "changes.jsonl"


class Change(NamedTuple):
    """One change a run made: to the file at ``path``, or to our tabs of a ``group`` in the spreadsheet of that locator.

    ``was``: «created» or «replaced»; ``sha256`` of the file written; ``kept``: what stood there before, a name here.
    """

    path: str
    was: str
    sha256: str
    kept: str
    group: str = ""


class UndoJournal:
    """The changes of one run, each noted before the next one is made: a run cut short can be undone too."""

    def __init__(self, state: Path) -> None:
        self.folder = state / UNDO
        self._next: int | None = None
        self._started = False

    def next_kept(self, suffix: str) -> Path:
        """Name for a copy of what is about to be replaced, unlike any of the run before (needed should we fail)."""
        if self._next is None:
            kept = [int(name.stem) for name in self.folder.glob("*") if name.stem.isdigit()]
            self._next = max(kept, default=0)
        self._next += 1
        return self.folder / f"{self._next:06d}{suffix}"

    def note(self, change: Change, keep: Path) -> None:
        """Note a change; with the first one of a run, the run before can no longer be undone.

        ``keep`` is where the copy is, if there is one. Raises SourceError when it cannot be noted.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if not self._started:
                for old in self.folder.iterdir():
                    if old != keep:
                        old.unlink()
                self._started = True
            if change.was == "replaced" and keep.exists():
                change = change._replace(kept=keep.name)
            with (self.folder / JOURNAL).open("a", encoding="utf-8") as journal:
                journal.write(_line(change))
        except OSError as error:
            message = f"cannot keep what was replaced: {error.strerror or error}"
            raise SourceError(message, path=self.folder) from error


def changes(folder: Path) -> list[Change]:
    """What the last writing run changed, in its order; the line a killed run did not finish is left out."""
    found: list[Change] = []
    try:
        lines = (folder / JOURNAL).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return found
    for line in lines:
        try:
            found.append(Change(**json.loads(line)))
        except (ValueError, TypeError):
            continue
    return found


def leave_only(folder: Path, left: list[Change]) -> None:
    """These changes alone are still to be undone. Raises OSError."""
    draft = folder / f"{JOURNAL}.new"
    draft.write_text("".join(map(_line, left)), encoding="utf-8")
    draft.replace(folder / JOURNAL)


def _line(change: Change) -> str:
    return json.dumps(change._asdict(), ensure_ascii=False) + "\n"
