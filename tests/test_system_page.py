"""The page of a period in a real browser: on a phone, on a desk, on paper; contrast, keyboard, nothing fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sheets_sync.reporting.overview import overview
from sheets_sync.sinks.html import render_overview
from tests.chromium import PROGRAM, Chromium
from tests.html_tree import barriers, parse
from tests.page_given import REPORTS, given, names

pytestmark = [pytest.mark.system, pytest.mark.skipif(PROGRAM is None, reason="needs Chromium")]

WIDTHS = (360, 991, 1280)  # a phone, the narrowest window with real tables, a desk
A4_WITHIN_MARGINS = 680  # CSS pixels
# Long words and long names: what makes pages wider than they should be.
_LONG = {**names(7), "org-003": "Ж" * 60, "org-007": "М" * 35 + " «<script>» " + "«очень длинное название» " * 8}

# Every text that is seen: its colour, what lies behind it, its size.
_TEXTS = """(() => {
  const found = new Map(), walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode, words = node.data.trim(), inside = node.parentElement;
    if (!words || inside.closest('title, desc, .unseen, thead') && getComputedStyle(inside).clipPath !== 'none') continue;
    if (inside.closest('title, desc')) continue;
    const style = getComputedStyle(inside), drawn = inside instanceof SVGElement;
    let behind = inside;
    while (behind && getComputedStyle(behind).backgroundColor === 'rgba(0, 0, 0, 0)') behind = behind.parentElement;
    const back = behind ? getComputedStyle(behind).backgroundColor : 'rgb(255, 255, 255)';
    const colour = drawn ? style.fill : style.color;
    found.set(colour + back, {words, colour, back, size: parseFloat(style.fontSize)});
  }
  return [...found.values()];
})()"""
# What reaches beyond the page on the right, and cells whose words are cut.
_WIDER = """(() => {
  const wide = document.documentElement.clientWidth, found = [];
  for (const one of document.querySelectorAll('body *:not(svg *):not(.unseen):not(.skip)')) {
    if (one.closest('thead') && getComputedStyle(one.closest('thead')).clipPath !== 'none') continue;
    if (one.getBoundingClientRect().right > wide + 1) found.push(one.tagName + ' ' + one.textContent.slice(0, 60));
  }
  for (const cell of document.querySelectorAll('td, tbody th, td > div, .tiles > div, .cards li'))
    if (cell.scrollWidth > cell.clientWidth + 1) found.push('cut: ' + cell.textContent.trim().slice(0, 60));
  return found;
})()"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    with Chromium() as found:
        yield found


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    wanted = {
        "district": (given(), None),
        "school": (given(), "org-001"),
        "long": (given(called=_LONG), None),
        "many": (given(100), None),
        "bare": (given(2, bare=True), None),
    }
    found = {}
    for name, (of, organisation) in wanted.items():
        found[name] = folder / f"{name}.html"
        with found[name].open("wb") as file:
            render_overview(overview(of, organisation), file, [REPORTS])
    return found


PAGES = ("district", "school", "long", "many", "bare")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_nothing_scrolls_sideways(browser: Chromium, pages: dict[str, Path], name: str, width: int) -> None:
    """From a phone of 360 pixels to a desk: the page is as wide as its window, and no words are cut."""
    browser.open(pages[name], width=width)
    assert browser.ask("document.documentElement.scrollWidth <= window.innerWidth")
    assert browser.ask(_WIDER) == []
    assert browser.picture(pages[name].with_suffix(f".{width}.png")).stat().st_size > 10_000


@pytest.mark.parametrize("name", PAGES)
def test_paper(browser: Chromium, pages: dict[str, Path], name: str) -> None:
    """A4, nothing beyond the margins; headings of tables are repeated and no row is cut."""
    browser.open(pages[name], width=A4_WITHIN_MARGINS, media="print")
    assert browser.ask(_WIDER) == []
    styles = "[...document.querySelectorAll('%s')].every(one => getComputedStyle(one).%s === '%s')"
    assert browser.ask(styles % ("thead", "display", "table-header-group"))
    assert browser.ask(styles % ("tr, figure", "breakInside", "avoid"))
    assert browser.ask(styles % ("nav, .skip, td.links", "display", "none"))
    browser.open(pages[name], width=1280)
    printed = browser.paper(pages[name].with_suffix(".pdf")).read_bytes()
    boxes = {tuple(round(float(side)) for side in box.split()) for box in re.findall(rb"/MediaBox \[(.*?)\]", printed)}
    assert boxes in ({(0, 0, 595, 842)}, {(0, 0, 596, 842)})
    if name == "district":
        browser.open(pages[name], width=360)  # a phone's window prints the same page
        again = browser.paper(pages[name].with_suffix(".phone.pdf")).read_bytes()
        assert again.count(b"/MediaBox") == printed.count(b"/MediaBox")


@pytest.mark.parametrize("media", ["", "print"])
@pytest.mark.parametrize("name", ["district", "school"])
@pytest.mark.parametrize("width", [360, 1280])
def test_contrast(browser: Chromium, pages: dict[str, Path], name: str, width: int, media: str) -> None:
    """Every word against what lies behind it: at least 4.5 to 1; no word smaller than a reader can bear."""
    browser.open(pages[name], width=width, media=media)
    texts: list[dict[str, Any]] = browser.ask(_TEXTS)
    assert len(texts) > 3
    assert [one for one in texts if contrast(one["colour"], one["back"]) < 4.5] == []
    assert [one for one in texts if one["size"] < (10 if media else 12.9)] == []


@pytest.mark.parametrize("media", ["", "print"])
def test_shapes_stand_out(browser: Chromium, pages: dict[str, Path], media: str) -> None:
    """Bars, marks and targets against their ground: at least 3 to 1."""
    browser.open(pages["district"], width=1280, media=media)
    fills = browser.ask(
        "['rect.good', 'rect.plain', 'path.aim', '.now'].map(one => getComputedStyle(document.querySelector(one)).fill)"
    )
    edges = browser.ask(
        "['rect.bad', 'rect.warn', '.then'].map(one => getComputedStyle(document.querySelector(one)).stroke)"
    )
    marks = browser.ask("[...document.querySelectorAll('.mark')].map(one => getComputedStyle(one).color)")
    track = browser.ask("getComputedStyle(document.querySelector('.track')).fill")
    assert [one for one in [*fills, *edges, *set(marks)] if contrast(one, "rgb(255, 255, 255)") < 3] == []
    assert [one for one in [*fills, *edges] if contrast(one, track) < 3] == []


def test_keyboard(browser: Chromium, pages: dict[str, Path]) -> None:
    """The first Tab shows the link past the contents; whatever has the focus shows it."""
    browser.open(pages["district"], width=1280)
    seen = []
    for _ in range(6):
        for kind in ("keyDown", "keyUp"):
            browser.call("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)
        seen.append(
            browser.ask(
                "(() => { const one = document.activeElement, box = one.getBoundingClientRect();"
                "return [one.textContent, getComputedStyle(one).outlineStyle, parseFloat(getComputedStyle(one).outlineWidth),"
                "box.left >= 0 && box.top >= 0]; })()"
            )
        )
    assert seen[0][0] == "Перейти к содержанию"
    assert [one for one in seen if one[1] != "solid" or one[2] < 2 or not one[3]] == []


def test_quiet_where_motion_disturbs(browser: Chromium, pages: dict[str, Path]) -> None:
    """Nothing glides for those who asked for less motion; nothing moves by itself for anybody."""
    browser.open(pages["district"], width=1280)
    ask = "getComputedStyle(document.documentElement).scrollBehavior"
    assert browser.ask(ask) == "smooth"
    browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-reduced-motion", "value": "reduce"}])
    assert browser.ask(ask) == "auto"
    assert browser.ask("document.getAnimations().length") == 0


def test_roles_survive_the_phones_layout(browser: Chromium, pages: dict[str, Path]) -> None:
    """Rows become cards on a phone; to a screen reader tables stay tables, and pictures have names."""
    browser.open(pages["district"], width=360)
    nodes = browser.call("Accessibility.getFullAXTree")["nodes"]
    shown = [one for one in nodes if not one.get("ignored")]
    counts: dict[str, int] = {}
    for one in shown:
        role = one["role"]["value"]
        counts[role] = counts.get(role, 0) + 1
        if role in ("image", "img", "link", "heading", "table", "rowheader", "columnheader"):
            assert one["name"]["value"].strip(), f"a {role} without a name"
    tables = browser.ask("document.querySelectorAll('table').length")
    assert counts["table"] == tables
    assert counts["rowheader"] == browser.ask("document.querySelectorAll('tbody tr').length")
    assert counts["columnheader"] >= 3 * tables
    assert {"main", "navigation", "banner", "contentinfo"} <= counts.keys()


def test_the_browser_sees_what_we_wrote(browser: Chromium, pages: dict[str, Path]) -> None:
    """The tree a browser builds is as sound as the file, and nothing but the file was asked for."""
    browser.requests.clear()
    for name in PAGES:
        browser.open(pages[name], width=1280)
        assert barriers(parse(browser.ask("document.documentElement.outerHTML"))) == []
        assert browser.ask("document.scripts.length") == 0
    assert set(browser.requests) == {pages[name].as_uri() for name in PAGES}


def contrast(one: str, other: str) -> float:
    """Contrast of two colours «rgb(…)» as WCAG counts it."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    told = re.fullmatch(r"rgb\((\d+), (\d+), (\d+)\)", colour)
    assert told, f"a colour that is not plain: {colour}"
    channels = [int(part) / 255 for part in told.groups()]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
