"""A note as a page: self-contained, marked as ours, nothing from a cell becomes markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from sheets_sync.sinks.files import mark_of
from sheets_sync.sinks.note_html import note_html

VOID = {"meta", "br", "hr"}


class Tree(HTMLParser):
    """Opened and closed elements, in order; what is left open or closed twice is a fault."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.faults: list[str] = []
        self.feed(page)
        self.close()
        self.faults += self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)


def test_the_sample_as_a_page(project: Path, tmp_path: Path) -> None:
    """Russian, without script or network, recognised as ours; headings, captions and headings of columns are real."""
    page = note_html((project / "tests" / "note_school.md").read_text(encoding="utf-8"), "Справка «21»")
    tree = Tree(page)
    assert tree.faults == []
    assert '<html lang="ru">' in page
    assert not {"script", "link", "img", "iframe"} & set(tree.seen)
    assert re.findall(r"(?:src|@import|url\()", page) == []
    assert (tree.seen.count("h1"), tree.seen.count("h2")) == (1, 13)
    assert page.count("<caption>Таблица\u00a0") == 8
    assert page.count('<blockquote class="draft">') == 3
    assert '<div class="scroll"' in page
    assert "Подпись:" not in page
    path = tmp_path / "Справка.html"
    path.write_text(page, encoding="utf-8")
    assert mark_of(path) == "ours"


@given(st.lists(st.sampled_from(["<b>", "&", '"', "|", "a", "\n", '[x](y"z)', "`", "> ", "- ", "# ", "<script>"])))
def test_text_never_becomes_markup(pieces: list[str]) -> None:
    """Whatever stands in a cell or a line, the page is well formed and has no element of its own."""
    for text in ("".join(pieces), f"| а |\n|---|\n| {''.join(pieces)} |"):
        tree = Tree(note_html(text, "".join(pieces)))
        assert tree.faults == []
        assert not {"script", "b"} & set(tree.seen)
