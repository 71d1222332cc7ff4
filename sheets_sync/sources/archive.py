"""Archive: the parts of a zipped workbook, inflated only within bounds.

The sizes a zip declares are checked before anything is inflated, and inflating stops where they were a lie.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from sheets_sync.sources.bounds import STANDARD, Bounds
from sheets_sync.sources.refused import Refused

# An archive that expands to less may expand as many times as it likes.
RATIO_COUNTS_FROM = 32 * 1024 * 1024
MAX_PARTS = 20_000
DEFLATE_LIMIT = 1032  # deflate cannot expand more than this
_LOCAL_HEADER, _LOCAL_MARK = 30, b"PK\3\4"
_ENTRY = struct.Struct("<28x3H12x")  # of the directory: the lengths of its name and of what follows
_END, _END_SPAN = struct.Struct("<4s4H2LH"), struct.Struct("<12x2L2x")  # the latter: how large the directory is, where


class Archive:
    """A zip held in memory. Raises Refused: ``file-unreadable``, ``file-encrypted`` or ``file-too-large``."""

    def __init__(self, content: bytes, bounds: Bounds = STANDARD) -> None:
        self._content = content
        self._most = bounds.unpacked_bytes
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                entries = archive.infolist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError) as error:
            raise Refused("file-unreadable", "truncated" if content[:2] == b"PK" else "damaged") from error
        self._entries = {entry.filename.replace("\\", "/").lower(): entry for entry in entries}
        self._is_tidy = len(self._entries) == len(entries) and _is_tidy(content, len(entries))
        packed = sum(entry.compress_size for entry in entries)
        expanded = sum(entry.file_size for entry in entries)
        if len(entries) > MAX_PARTS or packed > len(content):
            raise Refused("file-unreadable", "damaged")
        if expanded > self._most or (expanded > RATIO_COUNTS_FROM and expanded > packed * bounds.expansion):
            raise Refused("file-too-large", "expands", size=megabytes(expanded))
        if any(entry.flag_bits & 1 for entry in entries):
            raise Refused("file-encrypted")

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._entries

    def names(self) -> list[str]:
        """Names of all parts, in lower case, with forward slashes."""
        return list(self._entries)

    def part(self, name: str) -> bytes:
        """One part, inflated; KeyError if there is none of that name."""
        entry = self._entries[name.lower()]
        header = entry.header_offset
        lengths = self._content[header + 26 : header + _LOCAL_HEADER]
        start = header + _LOCAL_HEADER + int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little")
        packed = self._content[start : start + entry.compress_size]
        if entry.compress_type == zipfile.ZIP_STORED:
            return packed
        if entry.compress_type != zipfile.ZIP_DEFLATED:
            raise Refused("file-unreadable", "damaged")
        try:
            if self._is_harmless(entry):
                inflated = zlib.decompress(packed, -15, entry.file_size)  # the quicker way knows no limit
            else:
                inflated = zlib.decompressobj(-15).decompress(packed, entry.file_size + 1)
        except zlib.error as error:
            raise Refused("file-unreadable", "damaged") from error
        if len(inflated) > entry.file_size:
            raise Refused("file-too-large", "expands", size=megabytes(self._most))
        if len(inflated) < entry.file_size:
            raise Refused("file-unreadable", "truncated")
        return inflated

    def sound_part(self, name: str) -> bytes | None:
        """One part, inflated, if it is surely what every program would find under this name; else None."""
        entry = self._entries.get(name.lower())
        if not self._is_tidy or entry is None or entry.filename != name:
            return None
        if self._content[entry.header_offset : entry.header_offset + 4] != _LOCAL_MARK:
            return None
        try:
            part = self.part(name)
        except Refused:
            return None
        return part if zlib.crc32(part) == entry.CRC else None

    def with_part(self, name: str, content: bytes) -> bytes:
        """A zip of the same parts but this one; what has no name is no part."""
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for one, entry in self._entries.items():
                if not one:
                    continue
                archive.writestr(entry.filename, content if one == name.lower() else self.part(one))
        return file.getvalue()

    def verify(self, name: str) -> None:
        """Refuse a part that inflates to more than it declares; parts too small to do harm are not inflated."""
        entry = self._entries.get(name.lower())
        if entry is not None and not self._is_harmless(entry):
            self.part(name)

    def _is_harmless(self, entry: zipfile.ZipInfo) -> bool:
        """Whether it is too small to expand to much, whatever it declares."""
        return entry.compress_size * DEFLATE_LIMIT <= self._most // 8


def _is_tidy(content: bytes, count: int) -> bool:
    """Whether the archive is of one piece, and a directory of so many entries is all that stands at its end."""
    end = len(content) - _END.size
    size, start = _END_SPAN.unpack_from(content, end)
    if _END.pack(b"PK\5\6", 0, 0, count, count, size, start, 0) != content[end:] or start + size != end:
        return False
    for _ in range(count):
        if start + _ENTRY.size > end:
            return False
        start += _ENTRY.size + sum(_ENTRY.unpack_from(content, start))
    return bool(start == end)


def megabytes(size: int) -> str:
    """A size in whole megabytes, rounded up, for messages."""
    return str(-(-size // (1024 * 1024)))
