"""The page of a period as one self-contained HTML file: styles and plots inside, no script, nothing fetched.

Words, order and style stand in ``reports/index.html.j2``; the plots are drawn here, as SVG whose bars stretch with the
page while its letters keep their size. Every plot has a title and a description with its numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from sheets_sync.reporting.overview.shapes import Bar, Card, Change, Overview
from sheets_sync.reporting.template import render
from sheets_sync.reporting.wording import shortest
from sheets_sync.sinks.files import APPLICATION

if TYPE_CHECKING:
    from markupsafe import Markup

TEMPLATE = "index.html.j2"
# SVG presentation of marks; «bad» is hatched, so that it reads in black and white (patterns: the template's first SVG)
_CLASSES = {"good": "good", "bad": "bad", "warn": "warn"}


def render_overview(overview: Overview, file: BinaryIO, folders: Sequence[Path]) -> None:
    """Write the page; equal input gives equal bytes. Raises ConfigError for a template that does not work."""
    context = {"page": overview, "plots": Plots(), "application": APPLICATION}
    file.write(render(TEMPLATE, folders, context, {"small_bar": small_bar}, escape=True).encode())


def small_bar(share: float) -> Markup:
    """A bar beside a number that is told in words: nothing for those who cannot see it."""
    width = f"{min(max(share, 0.0), 100.0):g}%"
    return _format(
        '<svg class="small" aria-hidden="true" focusable="false"><rect class="track" width="100%" height="100%"/>'
        '<rect class="plain" width="{}" height="100%"/></svg>',
        width,
    )


class Plots:
    """Draws the plots of one page, numbering them: a name must be unique in it."""

    def __init__(self) -> None:
        self._number = 0

    def bar(self, bar: Bar) -> Markup:
        """One value on its scale, with the mark of the target."""
        drawn = _frame(bar.scale, bar.unit)
        top = 0
        if bar.value is not None:
            drawn += _value(bar, y=0, height=18)
        if bar.target is not None:
            top = 17
            drawn += _target(bar.target / bar.scale, f"цель {shortest(bar.target)}{bar.unit}")
        parts = [bar.shown, *bar.told, "" if bar.value is None else bar.status]
        return self._plot("bar", top + 34, bar.title, f"{'; '.join(part for part in parts if part)}.", drawn, top)

    def change(self, change: Change) -> Markup:
        """Then, a ring, and now, a dot, joined by a line."""
        before, now = _percent(change.before / change.scale), _percent(change.now / change.scale)
        drawn = _frame(change.scale, "\u00a0%") + _format(
            '<line class="path" x1="{}" x2="{}" y1="9" y2="9"/><circle class="then" cx="{}" cy="9" r="6"/>'
            '<circle class="now" cx="{}" cy="9" r="6"/>',
            before,
            now,
            before,
            now,
        )
        return self._plot("bar", 34, change.title, f"{change.told}.", drawn)

    def card(self, card: Card) -> Markup:
        """The bars of one organisation, a line each: code, bar with target mark, value."""
        drawn = _format("")
        for number, bar in enumerate(card.bars):
            drawn += _format('<g transform="translate(0 {})">{}</g>', number * 22, _line(bar))
        told = "; ".join(_card_words(bar) for bar in card.bars)
        return self._plot("card", len(card.bars) * 22, card.name, f"{told}.", drawn)

    def _plot(self, kind: str, height: int, title: str, told: str, drawn: Markup, top: int = 0) -> Markup:
        self._number += 1
        name = f"plot-{self._number}"
        return _format(
            '<svg class="plot {kind}" role="img" aria-labelledby="{name}-t {name}-d" focusable="false" width="100%" '
            'height="{height}"><title id="{name}-t">{title}</title><desc id="{name}-d">{told}</desc>'
            '<g transform="translate(0 {top})">{drawn}</g></svg>',
            kind=kind,
            name=name,
            height=height,
            title=title,
            told=told,
            top=top,
            drawn=drawn,
        )


def _frame(scale: float, unit: str) -> Markup:
    """The track and its scale: 0, the middle, the end."""
    return _format(
        '<rect class="track" width="100%" height="18"/><line class="tick" x1="50%" x2="50%" y1="0" y2="21"/>'
        '<text class="axis" x="0" y="32">0</text>'
        '<text class="axis" x="50%" y="32" text-anchor="middle">{}</text>'
        '<text class="axis" x="100%" y="32" text-anchor="end">{}</text>',
        f"{shortest(scale / 2)}{unit}",
        f"{shortest(scale)}{unit}",
    )


def _value(bar: Bar, *, y: int, height: int) -> Markup:
    part = (bar.value or 0) / bar.scale
    return _format(
        '<rect class="{}" y="{}" width="{}" height="{}"/>',
        _CLASSES.get(bar.mark, "plain"),
        y,
        _percent(part),
        height,
    )


def _target(part: float, words: str) -> Markup:
    """A line across the bar under a triangle and its words, which lean inwards near the ends of the scale."""
    anchor = "start" if part < 0.25 else "end" if part > 0.75 else "middle"
    shift = {"start": 8, "end": -8, "middle": 0}[anchor]
    return _format(
        '<svg x="{at}" overflow="visible"><path class="aim" d="M-5 -5H5L0 1Z"/><line class="aim" y1="0" y2="21"/>'
        '<text class="aim-words" x="{shift}" y="{y}" text-anchor="{anchor}">{words}</text></svg>',
        at=_percent(part),
        shift=shift,
        y=-8 if anchor == "middle" else -6,
        anchor=anchor,
        words=words,
    )


def _line(bar: Bar) -> Markup:
    """One line of a card. The bar's own drawing area is nested, so that its shares are of that area."""
    code = _format('<text class="code" y="15">{}</text>', bar.id)
    if bar.value is None:
        return code + _format('<text class="axis" x="34" y="15">{}</text>', bar.shown)
    aim = _format("")
    if bar.target is not None:
        at = _percent(bar.target / bar.scale)
        aim = _format('<line class="aim" x1="{}" x2="{}" y1="1" y2="21"/>', at, at)
    return code + _format(
        '<svg x="34" width="58%" height="22" overflow="visible"><rect class="track" y="5" width="100%" height="12"/>'
        '{}{}</svg><text class="value" x="100%" y="15" text-anchor="end">{}</text>',
        _value(bar, y=5, height=12),
        aim,
        bar.shown,
    )


def _card_words(bar: Bar) -> str:
    if bar.value is None:
        return f"{bar.id} – {bar.shown}"
    aim = "" if bar.target is None else f", цель {shortest(bar.target)}{bar.unit}"
    return f"{bar.id} – {bar.shown}{aim}, {bar.status}"


def _percent(part: float) -> str:
    return f"{round(min(max(part, 0.0), 1.0) * 100, 2):g}%"


def _format(text: str, *values: object, **named: object) -> Markup:
    """Markup with the values put in as text."""
    from markupsafe import Markup

    return Markup(text).format(*values, **named)  # noqa: S704 - the text is ours, the values are escaped
