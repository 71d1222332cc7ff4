"""Where workbooks come from: a :class:`Source` lists them and reads one at a time into grids.

Listing is cheap (names, sizes, times; nothing is opened); reading may happen in another process, so
references are plain values.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from sheets_sync.issues import Issue
from sheets_sync.table import Workbook


class WorkbookRef(NamedTuple):
    """One workbook that can be read: whose it is, how people call it, where it is, and what tells a change.

    ``path`` is as given on the command line plus what was found below it, with posix slashes; ``locator`` is what the
    source itself needs to find it (an absolute path, a spreadsheet's id).
    """

    organisation: str
    path: str
    locator: str
    size: int
    mtime_ns: int


class Skipped(NamedTuple):
    """A file passed over without a word to the school. ``why``: hidden | lock | ours | loop | not-a-workbook."""

    path: str
    why: str


class Listing(NamedTuple):
    """What a source holds, in the order of ``path``: the workbooks, what is worth telling, and what was passed over."""

    workbooks: list[WorkbookRef]
    issues: list[Issue]
    skipped: list[Skipped]


class Source(Protocol):
    """A place workbooks come from."""

    def list(self) -> Listing:
        """Every workbook there is. Raises SourceError if the place itself cannot be reached."""
        ...

    def read(self, ref: WorkbookRef) -> Workbook:
        """The grids of one workbook. Bad input is an issue of the workbook, never an exception."""
        ...
