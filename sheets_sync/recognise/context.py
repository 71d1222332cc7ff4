"""What a sheet says of itself outside its tables: its name, the file's name, the lines above a heading."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from sheets_sync.recognise.blocks import cell_text
from sheets_sync.recognise.headings import HeadingIndex
from sheets_sync.recognise.words import words_of
from sheets_sync.table import Value
from sheets_sync.table_schema.model import TableSchema
from sheets_sync.text import fold

TITLE_ROWS = 14  # how far above a heading its title may stand
TITLE_LINES = 8

_STAGES = (
    ("middle", re.compile(r"промежут|середин|в ходе|текущ")),
    (
        "after",
        re.compile(
            r"\bпосле\b|на выход|выходн|итогов|заключит|завершающ|повторн|\bвыход\b|по завершени|\bитог\b|финальн"
            r"|\bконец\b|\bконце\b"
        ),
    ),
    (
        "before",
        re.compile(
            r"\bдо\b(?!\s*\d)|на вход|входн|первичн|начальн|стартов|\bвход\b|\bперед\b|в начале|\bначало\b|предварит"
        ),
    ),
)

_STATE_OF = re.compile(
    r"(?<!\w)(?:на|дата(?: среза)?:?)\s+(\d{1,2}[./]\d{1,2}[./](?:20)?\d\d(?!\d)|\d{1,2}\s+[а-яё]{3,8}\s+20\d\d)",
    re.IGNORECASE,
)


def lines_above(rows: Sequence[Sequence[Value]], row: int, top: int, left: int, right: int) -> list[str]:
    """Lines of text above a heading row, the nearest first; a line is what its row says within the columns."""
    lines: list[str] = []
    for above in range(row - 1, max(top, row - TITLE_ROWS) - 1, -1):
        said: list[str] = []
        for value in rows[above][left:right]:
            text = cell_text(value) if value != "" else ""
            if text and text not in said:
                said.append(text)
        if said:
            lines.append(" ".join(said))
            if len(lines) == TITLE_LINES:
                break
    return lines


class Speech:
    """What names and titles say for each table."""

    def __init__(self, index: HeadingIndex, sheet: str, workbook: str) -> None:
        self.index = index
        self.sheet = sheet
        name = workbook.replace("\\", "/").rpartition("/")[2]
        self.file = name.rpartition(".")[0] or name

    def told(self, text: str) -> dict[str, float]:
        """Table → how strongly the text names it (0 unless it does; longer phrases and the text's end say more)."""
        found = self.index.told.get(text)
        if found is None:
            if len(self.index.told) > 20_000:
                self.index.told.clear()
            found = self.index.told[text] = {}
            stems = frozenset(words_of(text[:300])[0])
            for name, phrases in phrases_of(self.index).items():
                said = [len(phrase) for phrase in phrases if phrase <= stems]
                if said:
                    found[name] = 1.0 + 0.12 * (max(said) - 1)
        return found

    def heard(self, lines: Sequence[str]) -> list[Mapping[str, float]]:
        """What each of the lines tells."""
        return [self.told(line) for line in lines]

    def support(self, schema: TableSchema, lines: Sequence[Mapping[str, float]], again: bool = False) -> float:
        """What the nearest title line, the other lines (:meth:`heard`), the sheet's and the file's names add to a
        table's score.

        ``again``: the sheet holds such a table already, and a title may well open another («ДК»: a road map, and the
        list of orders below it).
        """
        name = schema.name
        score = 0.0
        for place, told in enumerate(lines):
            if name in told:
                score += (0.6 if place == 0 else 0.3) * told[name]
                break
        named = self._named_by_sheet.get(name, 0.0)
        if again and lines and lines[0] and name not in lines[0]:
            named *= 0.3
        score += named
        return score + 0.12 * self.told(self.file).get(name, 0.0)

    @cached_property
    def _named_by_sheet(self) -> Mapping[str, float]:
        """Table → what the sheet's name adds to its score; more, where it is named just so."""
        words = frozenset(words_of(self.sheet)[0])
        phrases = phrases_of(self.index)
        return {
            name: 0.45 * said + (0.5 if words in phrases[name] else 0.0) for name, said in self.told(self.sheet).items()
        }


_PHRASES: dict[int, tuple[HeadingIndex, dict[str, tuple[frozenset[str], ...]]]] = {}


def phrases_of(index: HeadingIndex) -> dict[str, tuple[frozenset[str], ...]]:
    """Stems of the words that speak for each table in a sheet's name or title."""
    kept = _PHRASES.get(id(index))
    if kept is None or kept[0] is not index:
        if len(_PHRASES) > 64:
            _PHRASES.clear()
        phrases = {
            name: tuple(
                {frozenset(words_of(text)[0]) for text in (schema.title, *schema.sheet_names) if words_of(text)[0]}
            )
            for name, schema in index.definitions.schemas.items()
        }
        kept = _PHRASES[id(index)] = (index, phrases)
    return kept[1]


def role_told(texts: Iterable[str]) -> str | None:
    """mentor or mentee, by the first text that names just one of them."""
    for text in texts:
        stems = set(words_of(text)[0])
        mentor, mentee = "наставник" in stems, bool(stems & {"наставляем", "стажер"})
        if mentor != mentee:
            return "mentor" if mentor else "mentee"
    return None


def stage_told(texts: Iterable[str]) -> str | None:
    """before, middle or after, by the first text that names a stage of a survey."""
    for text in texts:
        folded = re.sub(r"[_()\[\].,-]+", " ", fold(text))
        for stage, pattern in _STAGES:
            if pattern.search(folded):
                return stage
    return None


def day_of_state(text: str) -> str:
    """The day a title says its figures are true for: «(по состоянию на 20.12.2023)», «на 20 декабря 2023 года»."""
    found = _STATE_OF.search(text)
    return found[1] if found else ""
