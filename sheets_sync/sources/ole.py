"""OLE2 compound files, as .xls and encrypted workbooks are: the names of their streams, and one stream's bytes.

Format: [MS-CFB]. Chains of sectors are followed no further than the file is long.
"""

from __future__ import annotations

import struct
from array import array
from sys import byteorder

from sheets_sync.sources.refused import Refused

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END_OF_CHAIN = 0xFFFFFFFA  # and above: free, end, FAT, DIFAT
_IN_HEADER = 109  # FAT sectors the header names
_ENTRY = 128


class Compound:
    """A compound file held in memory. Raises Refused (``file-unreadable``) for one that leads nowhere."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        try:
            shift, mini_shift = struct.unpack_from("<HH", content, 0x1E)
            first_directory = struct.unpack_from("<I", content, 0x30)[0]
            self._cutoff, mini_fat, _, difat, _ = struct.unpack_from("<5I", content, 0x38)
            if shift not in (9, 12) or mini_shift != 6:
                raise Refused("file-unreadable", "damaged")
            self._sector = 1 << shift
            self._fat = self._read_fat(difat)
            self._directory = self._entries(self._chain(first_directory))
            self._mini_fat = _numbers(self._chain(mini_fat))
        except (struct.error, IndexError) as error:
            raise Refused("file-unreadable", "truncated") from error
        root = next((entry for entry in self._directory.values() if entry[0] == 5), (5, _END_OF_CHAIN, 0))
        self._mini_stream = self._chain(root[1])

    def names(self) -> set[str]:
        """Names of all streams and storages."""
        return set(self._directory)

    def stream(self, name: str) -> bytes:
        """A stream's bytes; KeyError if there is none of that name."""
        _, start, size = self._directory[name]
        if size >= self._cutoff:
            return self._chain(start)[:size]
        mini, pieces, at = self._mini_stream, [], start
        for _ in range(len(self._mini_fat) + 1):
            if at >= len(self._mini_fat):
                break
            pieces.append(mini[at * 64 : at * 64 + 64])
            at = self._mini_fat[at]
        return b"".join(pieces)[:size]

    def _sector_at(self, number: int) -> bytes:
        return self._content[(number + 1) * self._sector : (number + 2) * self._sector]

    def _read_fat(self, difat: int) -> array[int]:
        numbers = list(struct.unpack_from(f"<{_IN_HEADER}I", self._content, 0x4C))
        for _ in range(len(self._content) // self._sector + 1):
            if difat >= _END_OF_CHAIN:
                break
            more = _numbers(self._sector_at(difat))
            if not more:
                break
            numbers += more[:-1]
            difat = more[-1]
        return _numbers(b"".join(self._sector_at(number) for number in numbers if number < _END_OF_CHAIN))

    def _chain(self, start: int) -> bytes:
        pieces, at = [], start
        for _ in range(len(self._fat) + 1):
            if at >= len(self._fat):
                break
            pieces.append(self._sector_at(at))
            at = self._fat[at]
        if sum(map(len, pieces)) > len(self._content):
            raise Refused("file-unreadable", "damaged")  # a chain that runs in a circle
        return b"".join(pieces)

    @staticmethod
    def _entries(directory: bytes) -> dict[str, tuple[int, int, int]]:
        """Name → (type, first sector, size)."""
        entries: dict[str, tuple[int, int, int]] = {}
        for at in range(0, len(directory) - _ENTRY + 1, _ENTRY):
            length, kind = struct.unpack_from("<HB", directory, at + 64)
            start, size = struct.unpack_from("<II", directory, at + 116)
            if kind:
                name = directory[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
                entries.setdefault(name, (kind, start, size))
        return entries


def _numbers(content: bytes) -> array[int]:
    """Little-endian 32-bit numbers."""
    numbers = array("I", content[: len(content) // 4 * 4])
    if byteorder == "big":
        numbers.byteswap()
    return numbers
