"""What our tabs at Google show, kept in ``<state>/google``, so that `undo` can make them show what they did before.

Google keeps no earlier state of a tab that a program could put back. Only what is there when a run comes to replace it
goes into the journal; notes on people's cells are not kept.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path
from typing import Literal, NamedTuple

from sheets_sync.errors import SourceError
from sheets_sync.reporting.page import Book
from sheets_sync.sinks import files
from sheets_sync.sinks.book_text import book_of, lines_of
from sheets_sync.sinks.undo_journal import Change, UndoJournal

FOLDER = "google"
_SUFFIX = ".tabs"


class Showing(NamedTuple):
    """A book in tabs of ours: ``label`` is what their titles got, ``account`` tells whose account wrote them."""

    book: Book
    label: str
    account: str


class KeptTabs:
    """What the tabs show by spreadsheet (its locator) and group."""

    def __init__(self, state: Path) -> None:
        self._folder = state / FOLDER

    def replaced(self, journal: UndoJournal, locator: str, group: str, was: Literal["created", "replaced"]) -> None:
        """They are about to be written: noted in the run's journal. Raises SourceError when that cannot be."""
        keep = journal.next_kept(_SUFFIX)
        place = self._place(locator, group)
        if was == "replaced" and place.exists():
            try:
                files.keep_beside(place, keep)
            except OSError as error:
                message = f"cannot keep what was replaced: {error.strerror or error}"
                raise SourceError(message, path=keep) from error
        journal.note(Change(locator, was, "", "", group), keep)

    def holds(self, locator: str, group: str) -> bool:
        """Is it kept what they show?"""
        return self._place(locator, group).exists()

    def show(self, locator: str, group: str, book: Book, label: str, account: str) -> None:
        """They show this book now, which holds its rows. Raises SourceError when that cannot be kept."""
        head = json.dumps({"locator": locator, "group": group, "label": label, "account": account})
        lines = (head, *lines_of(book))
        content = gzip.compress("\n".join(lines).encode("utf-8", "surrogatepass"), 1, mtime=0)
        files.replace(self._place(locator, group), lambda file: file.write(content))

    def put_back(self, locator: str, group: str, kept: Path) -> None:
        """They show again what was kept; done last, so that an undo cut short finds it where it was. Raises OSError."""
        kept.replace(self._place(locator, group))

    def forget(self, locator: str, group: str) -> None:
        """They are no more."""
        self._place(locator, group).unlink(missing_ok=True)

    def now(self, locator: str, group: str) -> Showing | None:
        """What they show; None where it was not kept."""
        return kept_showing(self._place(locator, group))

    def _place(self, locator: str, group: str) -> Path:
        name = hashlib.sha256(f"{locator}\0{group}".encode()).hexdigest()[:32]
        return self._folder / f"{name}{_SUFFIX}"


def kept_showing(place: Path) -> Showing | None:
    """What a file of ours says that tabs show; None when it is missing or not to be understood."""
    try:
        head, *lines = gzip.decompress(place.read_bytes()).decode("utf-8", "surrogatepass").split("\n")
        told = json.loads(head)
        return Showing(book_of(lines), told["label"], told["account"])
    except (OSError, EOFError, ValueError, KeyError):
        return None
