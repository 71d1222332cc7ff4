"""What was written of a book's grouped sheets, so that the next file takes the rows of most groups as they are.

Rows of a group are a piece of the sheet's XML that does not know where it stands, compressed by itself. Beside it is
told where its links lead, since these stand at the sheet's end, with the numbers of their rows. All is in one file:
the compressed pieces, an index of them, and at the end the index's length and hash, so that half a file is none.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, BinaryIO, NamedTuple

from sheets_sync import __version__
from sheets_sync.sinks.links import Lead
from sheets_sync.sinks.xlsx_archive import Piece

# Rows written by another program may look otherwise, and another zlib may compress them otherwise.
_VERSION = f"1 {__version__} {zlib.ZLIB_RUNTIME_VERSION}"
_END = struct.Struct("<QQ32s")  # where the index before it starts, its length and hash


class RowsNotKept(Exception):
    """Rows asked for as they were written cannot be had so: the book has to be told in full."""


class LinkRun(NamedTuple):
    """Links one below the other in a column (counted from 1) that lead to cells of one place.

    ``rows``: the row of each, counted from the first of the piece; ``cells``: where each ends, parted by spaces.
    """

    column: int
    lead: Lead
    rows: Sequence[int]
    cells: str


class Rows(NamedTuple):
    """The rows of a group, as they were written."""

    number: int
    piece: Piece
    links: Sequence[LinkRun]

    @property
    def link_count(self) -> int:
        """How many links they hold."""
        return sum(len(run.rows) for run in self.links)


class _Place(NamedTuple):
    """Where in the file the compressed bytes of some rows are, and their CRC-32: a file system may lose them."""

    start: int
    crc: int


_NOWHERE = _Place(0, 0)
_NO_ROWS = Rows(0, Piece(0, 0, 0), ())


class KeptRows:
    """The rows that are kept in a file, by sheet and group; those of a book take their place when it is written.

    Use: :meth:`load`, ``render_book(…, kept=kept)``, and :meth:`save` once the book stands where it belongs. Leave it
    by :meth:`close`, or as a context manager. What cannot be kept is not: the book is written all the same.
    """

    def __init__(self, path: Path) -> None:
        self.stamp = ""  # what the caller said of the rows as they were saved
        self._path = path
        self._file: BinaryIO | None = None
        self._was: dict[str, dict[str, Any]] = {}
        self._now: dict[str, tuple[str, Shelf]] = {}  # layout and rows of each sheet of the book written last
        self._spool: _Spool | None = None

    @classmethod
    def load(cls, path: Path) -> KeptRows:
        """What is kept there; nothing where there is no such file, or none that this program wrote whole."""
        kept = cls(path)
        try:
            kept._file = path.open("rb")
            index = _index_of(kept._file)
            if index is not None and index["version"] == _VERSION:
                kept.stamp, kept._was = index["stamp"], index["sheets"]
        except (OSError, ValueError, KeyError):
            pass
        return kept

    def has(self, title: str, groups: Iterable[str]) -> bool:
        """Whether the rows of all these groups are kept of a sheet; those of a group that had none are.

        That the sheet is laid out as it was is seen when it is written.
        """
        sheet = self._was.get(title)
        return sheet is not None and sheet["groups"].keys() >= set(groups)

    def most_rows(self) -> int:
        """How many rows are kept of the sheet that has most."""
        numbers = (sum(told[0] for told in sheet["groups"].values()) for sheet in self._was.values())
        return max(numbers, default=0)

    def begin(self) -> None:
        """A book is about to be written, from its first sheet on."""
        self._forget_spool()
        self._now = {}
        self._spool = _Spool(_beside(self._path))

    def sheet(self, title: str, layout: str) -> Shelf:
        """Where rows of a sheet are taken from and put. ``layout``: all that the look of a row goes by but its values.

        Rows of another layout are not kept. Raises ValueError for a title that another sheet of the book has.
        """
        assert self._spool is not None, "begin() comes first"
        if title in self._now:
            raise ValueError(f"two sheets {title!r} whose rows are to be kept")
        was = self._was.get(title)
        groups = was["groups"] if was is not None and was["layout"] == layout else {}
        shelf = Shelf(self._file, groups, self._spool)
        self._now[title] = layout, shelf
        return shelf

    def save(self, stamp: str = "") -> None:
        """Keep the rows of the book written last for :meth:`load`, in place of what the file held. ``stamp``: what they
        were made from, for the caller to know them by."""
        spool, self._spool = self._spool, None
        self.close()
        if spool is None:
            return
        sheets = {
            title: {"layout": layout, "groups": shelf.told}
            for title, (layout, shelf) in self._now.items()
            if shelf.told is not None
        }
        if not spool.end({"version": _VERSION, "stamp": stamp, "sheets": sheets}, self._path):
            spool.discard()

    def close(self) -> None:
        """Leave the file as it is."""
        self._forget_spool()
        if self._file is not None:
            self._file.close()
            self._file = None

    def _forget_spool(self) -> None:
        if self._spool is not None:
            self._spool.discard()
            self._spool = None

    def __enter__(self) -> KeptRows:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Shelf:
    """The rows of one sheet: those of last time are taken, those of this time put, one group after another.

    Without arguments: nothing is kept, nor will be.
    """

    def __init__(
        self,
        file: BinaryIO | None = None,
        was: Mapping[str, list[Any]] = MappingProxyType({}),
        spool: _Spool | None = None,
    ) -> None:
        self._file, self._was = file, was
        self._spool = spool
        # The rows put, as the index tells of them; None: nothing is to be kept of this sheet.
        self.told: dict[str, list[Any]] | None = None if spool is None else {}
        self._begun: _Place | None = None  # of the rows that are put next, from their first byte on
        self._taken = False  # whether any were

    def take(self, group: str) -> tuple[Rows, bytes]:
        """Rows of last time, and their bytes, compressed. Raises RowsNotKept where they are not kept, or not intact."""
        told = self._was.get(group)
        if told is None:
            raise RowsNotKept(f"no rows are kept of the group {group!r}")
        rows, place = _rows_of(told)
        self._taken = True
        if not rows.number:
            return rows, b""
        packed = b""
        try:
            if self._file is not None:
                self._file.seek(place.start)
                packed = self._file.read(rows.piece.packed)
        except OSError:
            pass
        if len(packed) != rows.piece.packed or zlib.crc32(packed) != place.crc:
            raise RowsNotKept(f"the rows kept of the group {group!r} are damaged")
        return rows, packed

    def write(self, packed: bytes) -> None:
        """Compressed bytes of the rows that are put next."""
        if self._spool is not None:
            begun = self._begun or _Place(self._spool.size, 0)
            self._begun = _Place(begun.start, zlib.crc32(packed, begun.crc))
            self._spool.write(packed)

    def put(self, group: str, rows: Rows) -> None:
        """These are the rows of the group, their bytes written since the last ones."""
        if self.told is not None and group in self.told:
            self.drop()
        if self.told is not None:
            self.told[group] = _told_of(rows, self._begun or _NOWHERE)
            self._begun = None

    def put_none(self, groups: Iterable[str]) -> None:
        """Those of these groups that no rows were put of have none."""
        if self.told is not None:
            for group in groups:
                self.told.setdefault(group, _told_of(_NO_ROWS, _NOWHERE))

    def drop(self) -> None:
        """Nothing of this sheet is kept any more: how its rows look goes by where they stand. Raises RowsNotKept when
        rows were taken, which look as they did where they stood."""
        if self._taken:
            raise RowsNotKept("a sheet with rows taken as they were has more than it can hold, or a group twice")
        self._spool, self._was, self.told = None, {}, None


class _Spool:
    """The file to be, beside the one it will replace, for this account alone; once it cannot be written it is none."""

    def __init__(self, path: Path) -> None:
        self.size = 0
        self._path = path
        self._file: BinaryIO | None = None
        try:
            path.unlink(missing_ok=True)
            self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        except OSError:
            pass

    def write(self, content: bytes) -> None:
        if self._file is None:
            return
        try:
            self._file.write(content)
            self.size += len(content)
        except OSError:
            self.discard()

    def end(self, index: dict[str, Any], path: Path) -> bool:
        """Write the index and put the file in its place; whether that could be done."""
        told = json.dumps(index, separators=(",", ":")).encode()
        end = _END.pack(self.size, len(told), hashlib.sha256(told).digest())
        self.write(told + end)
        if self._file is None:
            return False
        try:
            self._file.close()
            self._path.replace(path)
        except OSError:
            return False
        return True

    def discard(self) -> None:
        """Take the file away."""
        try:
            if self._file is not None:
                self._file.close()
        except OSError:
            pass
        try:
            self._path.unlink(missing_ok=True)
        except OSError:
            pass
        self._file = None


def _beside(path: Path) -> Path:
    return path.with_name(path.name + ".new")


def _index_of(file: BinaryIO) -> dict[str, Any] | None:
    """The index at a file's end; None where it does not end with one. Raises OSError, ValueError."""
    end = file.seek(0, os.SEEK_END) - _END.size
    if end < 0:
        return None
    file.seek(end)
    start, length, digest = _END.unpack(file.read(_END.size))
    if start + length != end:
        return None
    file.seek(start)
    told = file.read(length)
    if hashlib.sha256(told).digest() != digest:
        return None
    index: dict[str, Any] = json.loads(told)
    return index


def _told_of(rows: Rows, place: _Place) -> list[Any]:
    """Rows as the index tells of them."""
    links = [
        [run.column, *run.lead, run.rows.start if isinstance(run.rows, range) else run.rows, run.cells]
        for run in rows.links
    ]
    return [rows.number, *rows.piece, *place, links]


def _rows_of(told: list[Any]) -> tuple[Rows, _Place]:
    """Rows as the index tells of them."""
    number, size, crc, packed, start, packed_crc, links = told
    runs = [
        LinkRun(column, Lead(target, place), _run_rows(rows, cells), cells)
        for column, target, place, rows, cells in links
    ]
    return Rows(number, Piece(size, crc, packed), runs), _Place(start, packed_crc)


def _run_rows(told: int | list[int], cells: str) -> Sequence[int]:
    return range(told, told + cells.count(" ") + 1) if isinstance(told, int) else told
