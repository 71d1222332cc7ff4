"""A page as a tree of elements, and what must hold for everybody to be able to read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise

VOID = {"meta", "link", "br", "hr", "img", "input", "area", "base", "col", "embed", "source", "track", "wbr"}


@dataclass
class Element:
    """One element: its attributes, and elements and texts in it."""

    tag: str
    attributes: dict[str, str]
    inside: list[Element | str] = field(default_factory=list)

    def all(self, *tags: str) -> list[Element]:
        """Every element of these tags in it, in order; of every tag without one."""
        return [one for one in self._walk() if not tags or one.tag in tags]

    def _walk(self) -> Iterator[Element]:
        for one in self.inside:
            if isinstance(one, Element):
                yield one
                yield from one._walk()

    @property
    def children(self) -> list[Element]:
        return [one for one in self.inside if isinstance(one, Element)]

    @property
    def text(self) -> str:
        """The words in it, spaces made one; styles are no words."""
        if self.tag in ("style", "script"):
            return ""
        words = (one if isinstance(one, str) else f" {one.text} " for one in self.inside)
        return " ".join("".join(words).replace("\u00ad", "").split())

    def get(self, name: str) -> str:
        return self.attributes.get(name, "")


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"<{tag}> has an attribute twice"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].inside.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)


def parse(text: str) -> Element:
    """The tree of a page; every element that is opened must be closed."""
    builder = _Builder()
    builder.feed(text)
    builder.close()
    assert len(builder.open) == 1, f"<{builder.open[-1].tag}> is not closed"
    return builder.open[0]


def barriers(page: Element) -> list[str]:
    """What stands in somebody's way, by structure alone: an empty list when nothing does."""
    found: list[str] = []
    (html,) = page.all("html")
    if html.get("lang") != "ru":
        found.append("no language")
    if not page.all("title")[0].text:
        found.append("no title")
    levels = [int(one.tag[1]) for one in page.all("h1", "h2", "h3", "h4", "h5", "h6")]
    if levels.count(1) != 1 or levels[0] != 1:
        found.append(f"{levels.count(1)} main headings")
    found += [f"h{after} after h{before}" for before, after in pairwise(levels) if after > before + 1]
    found += [
        f"an empty {one.tag}" for one in page.all("h1", "h2", "h3", "a", "caption", "dt", "dd", "li") if not one.text
    ]
    for landmark in ("header", "nav", "main", "footer"):
        if len(page.all(landmark)) != 1:
            found.append(f"{len(page.all(landmark))} × {landmark}")
    ids = [one.get("id") for one in page.all() if one.get("id")]
    found += [f"id {one} twice" for one in sorted({one for one in ids if ids.count(one) > 1})]
    for one in page.all():
        for name in ("aria-labelledby", "aria-describedby"):
            found += [f"{name} leads to no {target}" for target in one.get(name).split() if target not in ids]
        target = one.get("href")
        if target.startswith("#") and target[1:] not in ids:
            found.append(f"link to no {target}")
    links: dict[str, str] = {}
    for one in page.all("a"):
        if links.setdefault(one.text, one.get("href")) != one.get("href"):
            found.append(f"two links called {one.text!r}")
    for one in page.all("svg"):
        hidden = one.get("aria-hidden") == "true"
        if not hidden and one.get("role") == "img" and not (one.all("title") and one.all("desc")):
            found.append("a picture without a name")
    for table in page.all("table"):
        found += _table_barriers(table)
    return found


def _table_barriers(table: Element) -> list[str]:
    found = []
    if not table.all("caption"):
        found.append("a table without a caption")
    heads = table.all("thead")[0].all("th")
    if any(one.get("scope") != "col" or not one.text for one in heads):
        found.append("a column without a heading")
    for row in table.all("tbody")[0].all("tr"):
        cells = row.children
        if len(cells) != len(heads):
            found.append(f"{len(cells)} cells under {len(heads)} headings: {row.text}")
        if cells[0].tag != "th" or cells[0].get("scope") != "row" or not cells[0].text:
            found.append(f"a row without a heading: {row.text}")
        if any(one.tag != "td" or not one.text for one in cells[1:]):
            found.append(f"an empty cell: {row.text}")
    return found
