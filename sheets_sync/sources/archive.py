"""Archive: the parts of a zipped workbook, inflated only within bounds.

The sizes a zip declares are checked before anything is inflated, and inflating stops where they were a lie.
"""

from __future__ import annotations

import io
import zipfile
import zlib

from sheets_sync.sources.bounds import STANDARD, Bounds
from sheets_sync.sources.refused import Refused

# An archive that expands to less may expand as many times as it likes.
RATIO_COUNTS_FROM = 32 * 1024 * 1024
MAX_PARTS = 20_000
DEFLATE_LIMIT = 1032  # deflate cannot expand more than this
_LOCAL_HEADER = 30


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
        inflater = zlib.decompressobj(-15)
        try:
            inflated = inflater.decompress(packed, entry.file_size + 1)
        except zlib.error as error:
            raise Refused("file-unreadable", "damaged") from error
        if len(inflated) > entry.file_size:
            raise Refused("file-too-large", "expands", size=megabytes(self._most))
        if len(inflated) < entry.file_size:
            raise Refused("file-unreadable", "truncated")
        return inflated

    def with_part(self, name: str, content: bytes) -> bytes:
        """A zip of the same parts but this one."""
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for one, entry in self._entries.items():
                archive.writestr(entry.filename, content if one == name.lower() else self.part(one))
        return file.getvalue()

    def verify(self, name: str) -> None:
        """Refuse a part that inflates to more than it declares; parts too small to do harm are not inflated."""
        entry = self._entries.get(name.lower())
        if entry is not None and entry.compress_size * DEFLATE_LIMIT > self._most // 8:
            self.part(name)


def megabytes(size: int) -> str:
    """A size in whole megabytes, rounded up, for messages."""
    return str(-(-size // (1024 * 1024)))
