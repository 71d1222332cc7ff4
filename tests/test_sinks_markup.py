"""Markdown of notes: what its blocks mean."""

from __future__ import annotations

import pytest

from sheets_sync.sinks.markup import (
    Heading,
    Listing,
    PageBreak,
    Paragraph,
    Quote,
    Signature,
    Span,
    Table,
    parse,
    plain,
)


def words(markdown: str) -> list[str]:
    """Kind and text of every block, short."""
    told = []
    for block in parse(markdown):
        name = type(block).__name__
        if isinstance(block, Heading):
            name += str(block.level)
        told.append(f"{name}: {plain(block.spans)}" if isinstance(block, (Heading, Paragraph)) else name)
    return told


def the_table(markdown: str) -> Table:
    (table,) = (block for block in parse(markdown) if isinstance(block, Table))
    return table


def test_the_lone_first_heading_is_the_title() -> None:
    """The headings of the sections are then the first level of navigation; bold lines under the title belong to it."""
    assert words("# Справка\n\n**о школе**\n\n## 1. Введение\n\n### 1.1. Цель\n\n##### Мелко") == [
        "Heading0: Справка",
        "Paragraph: о школе",
        "Heading1: 1. Введение",
        "Heading2: 1.1. Цель",
        "Heading3: Мелко",
    ]
    subtitles = [block.subtitle for block in parse("# А\n\n**б**\n\nв\n\n**г**") if isinstance(block, Paragraph)]
    assert subtitles == [True, False, False]


def test_several_headings_of_the_first_level() -> None:
    """The first is the title all the same, the others are sections."""
    assert words("# А\n\n# Б\n\n## В") == ["Heading0: А", "Heading1: Б", "Heading2: В"]
    assert words("## А\n\n# Б") == ["Heading2: А", "Heading1: Б"]


def test_a_caption_goes_into_its_table_with_a_number() -> None:
    """Only what stands right before a table is one; they are counted through quotations too."""
    text = "Таблица: Пары\n\n| а |\n|---|\n| 1 |\n\n> Таблица: Встречи\n> | б |\n> |---|\n> | 2 |\n\nТаблица: ничья"
    first, quote, last = parse(text)
    assert isinstance(first, Table)
    assert plain(first.caption) == "Таблица\u00a01. Пары"
    assert isinstance(quote, Quote)
    (second,) = quote.blocks
    assert isinstance(second, Table)
    assert plain(second.caption) == "Таблица\u00a02. Встречи"
    assert last == Paragraph((Span("Таблица: ничья"),))


def test_numbers_stand_to_the_right() -> None:
    """Unless the table asks otherwise: numbers right, running numbers and dashes in the middle, words left."""
    table = the_table(
        "| № | Имя | Доля | Факт | Пусто | Всего | Просили |\n|---|---|---|---|---|---|:--|\n"
        "| 1 | Пары | 54,5 % | −0,5 | – | 60 из 110 | 5 |\n| 2 | 7 пар | нет данных | – | – | 1 200 | 6 |"
    )
    assert table.aligns == ("center", "left", "right", "right", "center", "right", "left")


@pytest.mark.parametrize(
    "text",
    [
        "::: подпись\nПодпись: Куратор | Е.В. Соколова\nПодпись: Директор |\n:::",
        ":::\n\nПодпись: Куратор | Е.В. Соколова\n\nПодпись: Директор\n\n:::",
        "Подпись: Куратор | Е.В. Соколова  \nПодпись: Директор \\|",
    ],
)
def test_signatures(text: str) -> None:
    """With a fence or without, in one paragraph or several: one block; a name may be missing."""
    assert parse(text) == (Signature((("Куратор", "Е.В. Соколова"), ("Директор", ""))),)


def test_drafts_page_breaks_and_lists() -> None:
    """A draft is told from other quotations by its first word; a comment is nothing."""
    text = (
        "> **Черновик, отредактируйте:** вывод\n\n> цитата\n\n\\newpage\n\n3. а\n4. б\n    - в\n\n<!-- sheets-sync -->"
    )
    draft, quote, page, numbered = parse(text)
    assert isinstance(draft, Quote)
    assert isinstance(quote, Quote)
    assert (draft.draft, quote.draft) == (True, False)
    assert page == PageBreak()
    assert isinstance(numbered, Listing)
    assert (numbered.ordered, numbered.start, len(numbered.items)) == (True, 3, 2)
    assert isinstance(numbered.items[1][1], Listing)


def test_looks_within_a_line() -> None:
    """Bold, slanted, linked, broken; other HTML is the text it is; a script is no link."""
    text = "а **б *в*** [г](https://x.example)<br>д <i>\n[е](javascript:alert(1))"
    assert parse(text) == (
        Paragraph(
            (
                Span("а "),
                Span("б ", bold=True),
                Span("в", bold=True, italic=True),
                Span(" "),
                Span("г", link="https://x.example"),
                Span("\nд <i> [е](javascript:alert(1))"),
            )
        ),
    )
