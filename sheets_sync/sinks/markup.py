"""A note's Markdown as blocks of plain values, which Word and HTML show each in its own way.

CommonMark with tables, and what a note needs besides:

* a block quote that begins with «**Черновик …:**» is a draft for people to edit;
* a paragraph «Таблица: …» right before a table is its caption, numbered here;
* lines «Подпись: должность | И. О. Фамилия» (in a fence of ``:::`` or without one) are the signature block;
* a line ``\\newpage`` begins a page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple, Union

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.tree import SyntaxTreeNode

DRAFT = "Черновик"
CAPTION = "Таблица:"
SIGNATURE = "Подпись:"
PAGE_BREAK = "\\newpage"
DEEPEST_HEADING = 3

Align = Literal["left", "center", "right"]


class Span(NamedTuple):
    """A stretch of text of one look; ``\\n`` in it ends a line."""

    text: str
    bold: bool = False
    italic: bool = False
    link: str = ""


Spans = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """Level 0 is the title of the whole note, 1 to 3 are its headings."""

    level: int
    spans: Spans


@dataclass(frozen=True, slots=True)
class Paragraph:
    """``subtitle``: it belongs to the title above it."""

    spans: Spans
    subtitle: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """Items, each of blocks; an ordered one counts from ``start``."""

    ordered: bool
    start: int
    items: tuple[tuple[Block, ...], ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """A block set apart; ``draft``: words people are asked to edit before they sign."""

    draft: bool
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """``caption`` comes with its number, or is empty; every row is as long as ``headings``."""

    caption: Spans
    headings: tuple[Spans, ...]
    aligns: tuple[Align, ...]
    rows: tuple[tuple[Spans, ...], ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signs: the post and the name, which may be empty."""

    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PageBreak:
    """What follows begins a page."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the page."""


Block = Union[Heading, Paragraph, Listing, Quote, Table, Signature, PageBreak, Rule]


@lru_cache(maxsize=1)  # the same note is wanted as a document and as a page
def parse(markdown: str) -> tuple[Block, ...]:
    """The blocks of a note, in its order; HTML comments vanish, other HTML stays as the text it is."""
    from markdown_it.tree import SyntaxTreeNode

    tree = SyntaxTreeNode(_parser().parse(markdown))
    blocks = list(_captioned(_joined(_blocks(tree.children))))
    return tuple(_titled(list(_numbered(blocks, [0]))))


def plain(spans: Iterable[Span]) -> str:
    """The text without its looks."""
    return "".join(span.text for span in spans)


# --- from tokens to blocks --------------------------------------------------------------------------------------------

_COMMENT = re.compile(r"<!--.*?-->", re.S)
_BREAK = re.compile(r"<br\s*/?>", re.I)


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("table")


def _blocks(nodes: Sequence[SyntaxTreeNode]) -> Iterator[Block]:
    for node in nodes:
        match node.type:
            case "heading":
                yield Heading(int(node.tag[1:]), _inline(node))
            case "paragraph":
                yield from _paragraph(_inline(node, soft="\n"), _inline(node))
            case "bullet_list" | "ordered_list":
                ordered = node.type == "ordered_list"
                start = int(node.attrs.get("start", 1)) if ordered else 1
                yield Listing(ordered, start, tuple(_inside(item) for item in node.children))
            case "blockquote":
                blocks = _inside(node)
                first = blocks[0] if blocks else None
                spans = first.spans if isinstance(first, Paragraph) else ()
                yield Quote(bool(spans) and spans[0].bold and spans[0].text.startswith(DRAFT), blocks)
            case "table":
                yield _table(node)
            case "hr":
                yield Rule()
            case "code_block" | "fence":
                yield Paragraph((Span(node.content.rstrip("\n")),))
            case "html_block":
                if text := _COMMENT.sub("", node.content).strip():
                    yield Paragraph((Span(text),))
            case _:
                yield from _blocks(node.children)


def _inside(node: SyntaxTreeNode) -> tuple[Block, ...]:
    return tuple(_captioned(_joined(_blocks(node.children))))


def _paragraph(by_lines: Spans, flowing: Spans) -> Iterator[Block]:
    """The special lines of a paragraph as what they stand for; a paragraph without any as it is."""
    lines = [line.strip() for line in plain(by_lines).split("\n")]
    special = [line for line in lines if line.startswith((":::", SIGNATURE)) or line == PAGE_BREAK]
    if not special:
        if plain(flowing).strip():
            yield Paragraph(flowing)
        return
    kept: list[Span] = []
    for line, spans in zip(lines, _split_lines(by_lines), strict=True):
        if line not in special:
            kept += [*spans, Span(" ")]
            continue
        if kept:
            yield Paragraph(_merged(kept))
            kept = []
        if line == PAGE_BREAK:
            yield PageBreak()
        elif line.startswith(SIGNATURE):
            post, _, name = line.removeprefix(SIGNATURE).partition("|")
            yield Signature(((post.strip(), name.strip()),))
    if kept:
        yield Paragraph(_merged(kept))


def _split_lines(spans: Spans) -> list[list[Span]]:
    lines: list[list[Span]] = [[]]
    for span in spans:
        first, *rest = span.text.split("\n")
        lines[-1].append(span._replace(text=first))
        lines += [[span._replace(text=text)] for text in rest]
    return lines


def _table(node: SyntaxTreeNode) -> Table:
    rows: list[tuple[Spans, ...]] = []
    asked: list[str] = []
    for part in node.children:
        for row in part.children:
            rows.append(tuple(_inline(cell) for cell in row.children))
            if not asked:
                asked = [str(cell.attrs.get("style", "")).removeprefix("text-align:") for cell in row.children]
    headings, *body = rows
    aligns = tuple(
        _align(wanted, plain(heading), [plain(row[column]) for row in body])
        for column, (wanted, heading) in enumerate(zip(asked, headings, strict=True))
    )
    return Table((), headings, aligns, tuple(body))


_NUMBER = re.compile(r"[+\-−–]?\d[\d\s]*(,\d+)?\s*(%|п\.\s?п\.|из \d[\d\s]*)?$")
_NOTHING = {"", "-", "–", "—", "−", "×", "х"}


def _align(asked: str, heading: str, cells: Sequence[str]) -> Align:
    """As the table asks; else numbers to the right, running numbers and dashes in the middle, words to the left."""
    if asked in ("left", "center", "right"):
        return asked  # type: ignore[return-value]
    if heading.strip().startswith("№"):
        return "center"
    told = [cell for text in cells if (cell := text.strip()) not in _NOTHING]
    if not told:
        return "center"
    numbers = sum(bool(_NUMBER.match(cell)) for cell in told)
    return "right" if numbers and 2 * numbers >= len(told) else "left"


# --- text inside a block ----------------------------------------------------------------------------------------------


def _inline(node: SyntaxTreeNode, soft: str = " ") -> Spans:
    return _merged(span for child in node.children for span in _spans(child, Span(""), soft))


def _spans(node: SyntaxTreeNode, look: Span, soft: str) -> Iterator[Span]:
    match node.type:
        case "text" | "code_inline":
            yield look._replace(text=node.content)
        case "softbreak":
            yield look._replace(text=soft)
        case "hardbreak":
            yield look._replace(text="\n")
        case "html_inline":
            yield look._replace(text=_BREAK.sub("\n", _COMMENT.sub("", node.content)))
        case "image":
            yield look._replace(text=node.content)
        case "strong":
            look = look._replace(bold=True)
        case "em":
            look = look._replace(italic=True)
        case "link":
            look = look._replace(link=str(node.attrs.get("href", "")))
    if node.type != "image":
        for child in node.children:
            yield from _spans(child, look, soft)


def _merged(spans: Iterable[Span]) -> Spans:
    """Neighbours of one look as one, without blanks at the ends."""
    joined: list[Span] = []
    for span in spans:
        if joined and joined[-1][1:] == span[1:]:
            joined[-1] = span._replace(text=joined[-1].text + span.text)
        elif span.text:
            joined.append(span)
    if joined:
        joined[0] = joined[0]._replace(text=joined[0].text.lstrip(" \t\n"))
        joined[-1] = joined[-1]._replace(text=joined[-1].text.rstrip(" \t\n"))
    return tuple(span for span in joined if span.text)


# --- blocks that belong together --------------------------------------------------------------------------------------


def _joined(blocks: Iterable[Block]) -> Iterator[Block]:
    """Signatures one under another are one block."""
    last: Signature | None = None
    for block in blocks:
        if isinstance(block, Signature):
            last = Signature((*last.lines, *block.lines)) if last else block
            continue
        if last:
            yield last
            last = None
        yield block
    if last:
        yield last


def _captioned(blocks: Iterable[Block]) -> Iterator[Block]:
    """Captions inside their tables, still without number."""
    pending: Paragraph | None = None
    for block in blocks:
        if pending is not None:
            if isinstance(block, Table):
                first, *rest = pending.spans
                caption = (first._replace(text=first.text.removeprefix(CAPTION).lstrip()), *rest)
                block = Table(caption, block.headings, block.aligns, block.rows)
            else:
                yield pending
            pending = None
        if isinstance(block, Paragraph) and block.spans[0].text.startswith(CAPTION):
            pending = block
        else:
            yield block
    if pending is not None:
        yield pending


def _numbered(blocks: Iterable[Block], count: list[int]) -> Iterator[Block]:
    """Captions with their numbers, counted through the whole note."""
    for block in blocks:
        if isinstance(block, Table) and block.caption:
            count[0] += 1
            number = Span(f"Таблица\u00a0{count[0]}. ")
            yield Table(_merged((number, *block.caption)), block.headings, block.aligns, block.rows)
        elif isinstance(block, Quote):
            yield Quote(block.draft, tuple(_numbered(block.blocks, count)))
        elif isinstance(block, Listing):
            items = tuple(tuple(_numbered(item, count)) for item in block.items)
            yield Listing(block.ordered, block.start, items)
        else:
            yield block


def _titled(blocks: Sequence[Block]) -> Iterator[Block]:
    """The first heading, where it is of the first level, is the title; bold paragraphs right beneath belong to it."""
    headings = [block for block in blocks if isinstance(block, Heading)]
    title = headings[0] if headings and headings[0].level == 1 else None
    lone = title is not None and sum(heading.level == 1 for heading in headings) == 1
    under_title = False
    for block in blocks:
        if isinstance(block, Heading):
            yield Heading(0 if block is title else min(max(block.level - lone, 1), DEEPEST_HEADING), block.spans)
            under_title = block is title
        elif under_title and isinstance(block, Paragraph) and all(span.bold for span in block.spans):
            yield Paragraph(block.spans, subtitle=True)
        else:
            yield block
            under_title = False
