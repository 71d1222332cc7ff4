"""The zip archive an .xlsx file is: entries streamed one after another, in pieces that can be taken into another file.

Same input, same bytes: the archive has no clock.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from functools import lru_cache
from typing import BinaryIO, NamedTuple

from sheets_sync.errors import SourceError
from sheets_sync.sinks import crc32

COMPRESSED_AT_ONCE = 65_536  # bytes of a sheet
SMALL_PART = 4_096  # bytes of a part that is hardly larger than a page of memory

# Bits of the window and level of memory: what Deflate allocates it also clears, and tables that are not too large for
# the processor's cache are the quicker ones.
_MANY_BYTES, _FEW_BYTES = (-zlib.MAX_WBITS, 7), (-12, 5)


@lru_cache(maxsize=64)
def _small_part(raw: bytes, level: int) -> tuple[int, bytes]:
    """Checksum and compressed bytes of a part, many of which are the same in all books of a run."""
    press = zlib.compressobj(level, zlib.DEFLATED, *_FEW_BYTES)
    return zlib.crc32(raw), press.compress(raw) + press.flush()


class Piece(NamedTuple):
    """A part of an entry compressed by itself: its bytes, their CRC-32, and how many they are compressed."""

    size: int
    crc: int
    packed: int

    def joined(self, other: Piece) -> Piece:
        """The two, one behind the other."""
        crc = crc32.joined(self.crc, other.crc, other.size)
        return Piece(self.size + other.size, crc, self.packed + other.packed)


class Archive:
    """A zip file without clock or owner: entries one after another, sheets streamed, what is small written at once."""

    _LOCAL = struct.Struct("<IHHHHHIIIHH")
    _CENTRAL = struct.Struct("<IHHHHHHIIIHHHHHII")
    _END = struct.Struct("<IHHHHIIH")
    _DAY = 0x0021  # 01.01.1980, the earliest a zip file knows

    def __init__(self, file: BinaryIO, level: int) -> None:
        self._file, self._level = file, level
        self._start = file.tell()
        self._entries: list[tuple[bytes, int, int, int, int]] = []  # name, crc, packed, size, offset
        self._name = b""
        self._offset = 0
        self._told = Piece(0, 0, 0)  # the entry's bytes up to the last cut
        self._size = self._crc = self._packed = 0  # of those behind it
        self._press: zlib._Compress | None = None  # none before the first byte behind the cut
        self._waiting: list[bytes] = []  # to be compressed with what comes next
        self._waiting_size = 0
        self.also: Callable[[bytes], object] | None = None  # takes the compressed bytes too

    def begin(self, name: str) -> None:
        """Begin an entry; what it holds is written to it until :meth:`end`."""
        self._name = name.encode("ascii")
        self._offset = self._file.tell() - self._start
        self._told = Piece(0, 0, 0)
        self._file.write(bytes(self._LOCAL.size) + self._name)  # filled in by end()

    def write(self, text: str | bytes) -> None:
        """Add to the entry begun last."""
        raw = text.encode() if isinstance(text, str) else text
        self._waiting.append(raw)
        self._waiting_size += len(raw)
        if self._waiting_size >= COMPRESSED_AT_ONCE:
            self._compress(self._waiting_size - self._waiting_size % COMPRESSED_AT_ONCE)

    def _compress(self, size: int) -> None:
        """Compress so many of the bytes that wait, always as many at once: the result must not show how they came."""
        raw = b"".join(self._waiting)
        bytes_now = memoryview(raw)[:size]
        press = self._press = self._press or zlib.compressobj(self._level, zlib.DEFLATED, *_MANY_BYTES)
        for start in range(0, size, COMPRESSED_AT_ONCE):
            self._put(press.compress(bytes_now[start : start + COMPRESSED_AT_ONCE]))
        self._crc = zlib.crc32(bytes_now, self._crc)
        self._size += size
        self._waiting = [raw[size:]] if size < len(raw) else []
        self._waiting_size -= size

    def _put(self, packed: bytes) -> None:
        self._packed += len(packed)
        self._file.write(packed)
        if self.also is not None:
            self.also(packed)

    def cut(self, how: int = zlib.Z_FULL_FLUSH) -> Piece:
        """What was written since the last cut has been compressed without looking further back, and so is what comes.

        The compressed bytes on either side of a cut are the same whatever stands on the other.
        """
        if self._waiting or how == zlib.Z_FINISH:
            self._compress(self._waiting_size)
        if self._press is not None:
            self._put(self._press.flush(how))
        piece = Piece(self._size, self._crc, self._packed)
        self._told = self._told.joined(piece)
        self._size = self._crc = self._packed = 0
        self._press = None
        return piece

    def add_piece(self, piece: Piece, packed: bytes) -> None:
        """Add to it a piece compressed before."""
        self.cut()
        self._file.write(packed)
        self._told = self._told.joined(piece)

    def end(self) -> None:
        """The entry begun last is whole."""
        self.cut(zlib.Z_FINISH)
        end = self._file.tell()
        size, crc, packed = self._told
        header = self._entered(self._name, crc, packed, size, self._offset, end)
        self._file.seek(self._start + self._offset)
        self._file.write(header)
        self._file.seek(end)

    def add(self, name: str, text: str) -> None:
        """An entry that is at hand as a whole."""
        raw, called = text.encode(), name.encode("ascii")
        if len(raw) <= SMALL_PART:
            crc, packed = _small_part(raw, self._level)
        else:
            press = zlib.compressobj(self._level, zlib.DEFLATED, *_MANY_BYTES)
            crc, packed = zlib.crc32(raw), press.compress(raw) + press.flush()
        offset = self._file.tell() - self._start
        header = self._entered(called, crc, len(packed), len(raw), offset, offset + len(packed))
        self._file.write(header + called + packed)

    def _entered(self, name: bytes, crc: int, packed: int, size: int, offset: int, end: int) -> bytes:
        """Note an entry for the directory; returns what stands before its name."""
        if max(size, end) > 0xFFFFFFFF:
            raise SourceError("the workbook is larger than 4 GB, which no spreadsheet program opens")
        self._entries.append((name, crc, packed, size, offset))
        return self._LOCAL.pack(0x04034B50, 20, 0, 8, 0, self._DAY, crc, packed, size, len(name), 0)

    def close(self) -> None:
        """Write the directory of all entries."""
        start = self._file.tell() - self._start
        for name, crc, packed, size, offset in self._entries:
            self._file.write(
                self._CENTRAL.pack(
                    0x02014B50, 20, 20, 0, 8, 0, self._DAY, crc, packed, size, len(name), 0, 0, 0, 0, 0, offset
                )
                + name
            )
        count, length = len(self._entries), self._file.tell() - self._start - start
        self._file.write(self._END.pack(0x06054B50, 0, 0, count, count, length, start, 0))
