"""Recognition: which block of a sheet is which table, by its headings wherever they stand.

:func:`recognise` is the room's only door. A sheet is read from the top: the first rows that read as the headings of a
known table open it, its records run to the next heading, note or signature, and what is left is read the same way.
"""

from __future__ import annotations

from sheets_sync.recognise.headings import HeadingIndex, heading_index
from sheets_sync.recognise.sheet import Nearest, Recognised, recognise

__all__ = ["HeadingIndex", "Nearest", "Recognised", "heading_index", "recognise"]
