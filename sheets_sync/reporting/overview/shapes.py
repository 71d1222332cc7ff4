"""What a page is made of: tables, headline figures, bars; plain values, numbers already words except where a plot draws
them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sheets_sync.reporting.page import Link
from sheets_sync.reporting.wording import NBSP

# How a thing stands. Every mark has a shape of its own: colour is never the only sign.
Mark = Literal["", "good", "warn", "bad", "plain", "none", "up", "down"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its words, how it stands (``said`` are the mark's words where ``text`` does not tell), a share drawn as
    a small bar, links in place of words."""

    text: str = ""
    mark: Mark = ""
    said: str = ""
    share: float | None = None
    links: tuple[Link, ...] = ()


Row = tuple[Cell, ...]  # the first cell names the row


@dataclass(frozen=True, slots=True)
class Heading:
    """Heading of a column: cells are short, or numbers, or free text, or links (of no use on paper)."""

    title: str
    kind: Literal["short", "number", "text", "links"] = "short"
    note: str = ""  # the title in full where it is a code


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose first cell names its row; with ``total`` the last row adds up the others."""

    caption: str
    columns: tuple[Heading, ...]
    rows: tuple[Row, ...]
    total: bool = False


@dataclass(frozen=True, slots=True)
class Tile:
    """One headline figure."""

    label: str
    value: str
    note: str = ""
    mark: Mark = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One value on a scale from 0, with the mark of its target; ``value`` None: nothing to draw, ``shown`` says why."""

    id: str
    title: str
    value: float | None
    target: float | None
    scale: float
    mark: Mark
    shown: str  # «54,5 %»
    status: str  # «не достигнут»
    told: tuple[str, ...] = ()  # «60 из 110; цель – 55 %, отклонение −0,5 п.п.»
    unit: str = f"{NBSP}%"


@dataclass(frozen=True, slots=True)
class Card:
    """The bars of one organisation."""

    name: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One value then and now."""

    id: str
    title: str
    before: float
    now: float
    scale: float
    mark: Mark
    told: str  # «55,0 % → 54,5 %, −0,5 п.п.»


@dataclass(frozen=True, slots=True)
class Point:
    """Something to attend to, and the section of the page that tells more."""

    text: str
    section: str


@dataclass(frozen=True, slots=True)
class HandIn:
    """Who has handed in, in one sentence or two, and in a table."""

    words: tuple[str, ...]
    table: Table


@dataclass(frozen=True, slots=True)
class Dynamics:
    """The period beside an earlier one; ``caveats`` say what the comparison does not mean."""

    before: str
    caveats: tuple[str, ...]
    changes: tuple[Change, ...]
    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class Survey:
    """What the questionnaires tell."""

    words: tuple[str, ...]
    items: tuple[Bar, ...]
    items_stage: str
    tables: tuple[Table, ...]
    compared: Table | None
    criteria: Table | None
    criteria_words: str


@dataclass(frozen=True, slots=True)
class RoadMap:
    """How far the road maps are done."""

    words: tuple[str, ...]
    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class Quality:
    """What was read, what was found in it, and what is not there."""

    words: tuple[str, ...]
    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything the page says. ``organisation`` None: the district's."""

    organisation: str | None
    title: str
    period: str
    as_of: str
    whose: str
    tiles: tuple[Tile, ...]
    attention: tuple[Point, ...]
    handed_in: HandIn | None
    indicators: tuple[Bar, ...]
    aim_note: str
    indicator_table: Table
    cards: tuple[Card, ...]
    scales: str
    matrix: Table | None
    dynamics: Dynamics | None
    taking_part: tuple[Table, ...]
    survey: Survey | None
    roadmap: RoadMap | None
    quality: Quality | None
    restated: Table | None
    missing: Table | None
    explanations: tuple[str, ...]
    definitions: Table
    files: tuple[Link, ...]
