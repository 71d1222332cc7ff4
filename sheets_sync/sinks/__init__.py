"""Where pages go: a sink turns a :class:`~sheets_sync.reporting.page.Book` into something a person opens."""

from __future__ import annotations

from typing import Protocol

from sheets_sync.reporting.page import Book
from sheets_sync.sinks.files import Written


class Sink(Protocol):
    """A place for books: a folder of files, or a spreadsheet service."""

    def put(self, book: Book, place: str) -> Written:
        """Make ``place`` («school-4/Проверка.xlsx») show the book; leave it alone when it already does.

        Raises :class:`~sheets_sync.errors.SourceError` when the place cannot be written; the old content then stays.
        """
        ...
