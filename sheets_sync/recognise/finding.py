"""Where in a region the first headings stand that surely open a table: a search from the top, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sheets_sync.recognise.best_reading import HeadingReader
from sheets_sync.recognise.blocks import Region
from sheets_sync.recognise.candidate import Candidate
from sheets_sync.recognise.cards import LABEL_ROWS, find_cards
from sheets_sync.recognise.contents import looks_like_name
from sheets_sync.recognise.headings import tells_nothing
from sheets_sync.recognise.view import SheetView
from sheets_sync.table import Value

WIDEST_ROW = 300  # a row with more texts holds no headings
YEARS = range(2015, 2050)  # numbers that may be headings: columns of values by year
_CARD_COLUMNS = 3  # a label, its value, a remark


class HeadingFinder:
    """Finds the rows of one sheet that are worth being read as headings."""

    def __init__(self, view: SheetView, reader: HeadingReader) -> None:
        self.view, self.reader = view, reader

    def find(self, region: Region, floor: int) -> list[Candidate]:
        """The first heading block of the region that surely opens a table; several candidates when tables stand side
        by side."""
        rows, left, right = self.view.rows, region.left, region.right
        index, reader = self.view.index, self.reader
        extents, known = reader.extents, index.is_known
        for row in range(region.top, region.bottom):
            line = rows[row] if left == 0 and right == len(rows[row]) else rows[row][left:right]
            texts = [value for value in line if value.__class__ is str and value]
            if len(texts) < 2:
                if len(texts) == 1:
                    texts += [str(int(value)) for value in line if isinstance(value, (int, float)) and value in YEARS]
                if len(texts) < 2:
                    continue
            if len(texts) > WIDEST_ROW:
                continue
            if extents.runs_on_from_above(row, region):
                continue  # the lower row of a heading: read with the upper one or not at all
            hits = sum(map(known, texts))
            if hits >= 2 and not any(known(text) and not tells_nothing(text) for text in texts):
                hits = 1  # «1 | 2 | 3» heads criteria beside a word; alone it is figures, as a text file holds them
            if hits >= 2 and any(map(self._names_somebody, texts[:12])):
                continue  # «Ф.И.О. наставника | Орлова Мария Петровна | Должность»: a card, no heading
            if hits < 2:
                if reader.looks <= 0 or not self._like_headings(line, texts):
                    continue
                reader.looks -= len(texts)
                hits += sum(1 for text in texts if not known(text) and len(text) < 300 and index.match(text))
                if hits < 2:
                    continue
            found = reader.at(row, region, floor)
            first = row
            while found and found[0].block.bottom > first and not extents.runs_on_below(first, region):
                # the next row may open the table better without this one («Задачи | …» above a heading)
                first += 1
                better = reader.at(first, region._replace(top=first), floor)
                if not better or reader.worth(better, region) <= reader.worth(found, region):
                    break
                found = better
            if found and not (
                len({one.text for one in found[0].headings}) <= _CARD_COLUMNS and self._in_card(row, region)
            ):
                return found
        return []

    def _in_card(self, row: int, region: Region) -> bool:
        """«Форма | учитель – ученик», amid a card, is a label and its value, no headings."""
        around = region._replace(
            top=max(region.top, row - LABEL_ROWS // 10), bottom=min(region.bottom, row + LABEL_ROWS // 10)
        )
        cards = find_cards(self.view.rows, self.view.merges, around, self.view.index)
        return any(card.top <= row <= card.bottom for card in cards)

    def _like_headings(self, line: Sequence[Value], texts: Sequence[str]) -> bool:
        """Could the row be headings: texts only, none of them a person's name?"""
        if len(set(texts)) < 2 or any(isinstance(value, date) for value in line):
            return False
        numbers = sum(isinstance(value, (int, float)) for value in line)
        return numbers * 3 <= len(texts) and not any(map(self._names_somebody, texts[:12]))

    def _names_somebody(self, text: str) -> bool:
        """«Орлова Мария Петровна», but not «Дата Рождения»."""
        index = self.view.index
        return looks_like_name(text) and not index.is_known(text) and not index.match(text)
