"""Recognition: which block of a sheet is which table, by its headings wherever they stand.

:func:`recognise` is the room's only door. A sheet is read from the top: the first rows that read as the headings of a
known table open it, its records run to the next heading, note or signature, and what is left is read the same way.

``sheet`` goes over a sheet (``view``) and joins what answers its questions:

- Where do headings stand? ``beside`` parts tables side by side, ``finding`` searches the rows, ``best_reading`` weighs
  what the headings at a row may be (``candidate``): of which rows (``extents``, ``blocks``), as which table
  (``assign``), with which titles (``context``), and with what columns nobody foresaw (``leftovers``).
- What belongs to them? ``rows`` tells records from the rest, ``records`` gives their cells, ``tables`` makes the Table;
  ``cards`` and ``criteria`` read what stands down the sheet.
- What is to be said? ``noticed`` of a table's headings and rows, ``nearest`` of a sheet without a table, ``unsettled``
  of headings that could be settled.

Below them all: ``headings`` and ``words`` know what a heading means, ``contents`` what cells look like; ``guesses`` and
``by_contents`` join the two.
"""

from __future__ import annotations

from sheets_sync.recognise.headings import HeadingIndex, heading_index
from sheets_sync.recognise.nearest import Nearest
from sheets_sync.recognise.sheet import Recognised, recognise

__all__ = ["HeadingIndex", "Nearest", "Recognised", "heading_index", "recognise"]
