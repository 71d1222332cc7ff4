"""How cells look: the styles of an .xlsx file (ECMA-376 part 1, §18.8)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from sheets_sync.sinks.office_xml import DECLARATION, MAIN, escape


class Style(NamedTuple):
    """How a cell looks, in Arial, which every system has or imitates to the point.

    Colours are RRGGBB, "" meaning none; ``borders`` is "" | "thin" (all sides) | "total" (and a strong line above).
    """

    number_format: str = "General"
    bold: bool = False
    italic: bool = False
    underline: bool = False
    size: float = 10
    color: str = ""
    fill: str = ""
    borders: str = ""
    horizontal: str = ""
    indent: int = 0
    vertical: str = "top"
    wrap: bool = False


class Styles:
    """Styles in use, each known by its number in the file."""

    def __init__(self) -> None:
        self._numbers: dict[Style, int] = {Style(vertical=""): 0}
        self._conditional: dict[tuple[str, str, bool], int] = {}

    def number(self, style: Style) -> int:
        """Number of the style in ``cellXfs``."""
        return self._numbers.setdefault(style, len(self._numbers))

    def in_use(self) -> tuple[Style, ...]:
        """All that have a number, in the order of these."""
        return tuple(self._numbers)

    def conditional(self, color: str, fill: str, bold: bool) -> int:
        """Number in ``dxfs`` of what a conditional format changes of a cell's look."""
        return self._conditional.setdefault((color, fill, bold), len(self._conditional))

    def xml(self) -> str:
        """The whole ``styles.xml``."""
        return _styles_xml(tuple(self._numbers), tuple(self._conditional))


@lru_cache(maxsize=16)
def _styles_xml(styles: Sequence[Style], conditional: Sequence[tuple[str, str, bool]]) -> str:
    """Books of one kind have the same styles, and a run writes hundreds of them."""
    fonts: dict[str, int] = {}
    fills = {
        '<fill><patternFill patternType="none"/></fill>': 0,
        '<fill><patternFill patternType="gray125"/></fill>': 1,
    }
    borders: dict[str, int] = {}
    formats = {"General": 0, "0": 1, "0.00": 2}
    xfs = []
    for style in styles:
        font = fonts.setdefault(_font(style), len(fonts))
        fill = fills.setdefault(_fill(style), len(fills))
        border = borders.setdefault(_border(style), len(borders))
        number_format = formats.setdefault(style.number_format, 164 + len(formats))
        alignment = "".join(
            f' {name}="{value}"'
            for name, value in (
                ("horizontal", style.horizontal),
                ("vertical", style.vertical),
                ("wrapText", "1" if style.wrap else ""),
                ("indent", style.indent),
            )
            if value
        )
        xfs.append(
            f'<xf numFmtId="{number_format}" fontId="{font}" fillId="{fill}" borderId="{border}" xfId="0"'
            + (' applyNumberFormat="1"' if number_format else "")
            + (' applyFont="1"' if font else "")
            + (' applyFill="1"' if fill else "")
            + (' applyBorder="1"' if border else "")
            + (f' applyAlignment="1"><alignment{alignment}/></xf>' if alignment else "/>")
        )
    own = [(code, number) for code, number in formats.items() if number >= 164]
    number_formats = "".join(f'<numFmt numFmtId="{number}" formatCode="{escape(code)}"/>' for code, number in own)
    return "".join(
        (
            DECLARATION,
            f'<styleSheet xmlns="{MAIN}">',
            f'<numFmts count="{len(own)}">{number_formats}</numFmts>' if own else "",
            f'<fonts count="{len(fonts)}">{"".join(fonts)}</fonts>',
            f'<fills count="{len(fills)}">{"".join(fills)}</fills>',
            f'<borders count="{len(borders)}">{"".join(borders)}</borders>',
            '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>',
            f'<cellXfs count="{len(xfs)}">{"".join(xfs)}</cellXfs>',
            '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>',
            f'<dxfs count="{len(conditional)}">{"".join(map(_dxf, conditional))}</dxfs>'
            if conditional
            else '<dxfs count="0"/>',
            "</styleSheet>",
        )
    )


def _font(style: Style) -> str:
    return (
        "<font>"
        + ("<b/>" if style.bold else "")
        + ("<i/>" if style.italic else "")
        + ("<u/>" if style.underline else "")
        + f'<sz val="{style.size:g}"/><color rgb="FF{style.color or "000000"}"/><name val="Arial"/><family val="2"/>'
        + '<charset val="204"/></font>'
    )


def _fill(style: Style) -> str:
    if not style.fill:
        return '<fill><patternFill patternType="none"/></fill>'
    colors = f'<fgColor rgb="FF{style.fill}"/><bgColor indexed="64"/>'
    return f'<fill><patternFill patternType="solid">{colors}</patternFill></fill>'


def _dxf(look: tuple[str, str, bool]) -> str:
    color, fill, bold = look
    weight, letters = "<b/>" if bold else "", f'<color rgb="FF{color}"/>' if color else ""
    font = f"<font>{weight}{letters}</font>" if weight or letters else ""
    if fill:  # the colour of a solid fill stands in bgColor here, unlike in the fills of cells
        colors = f'<fgColor rgb="FF{fill}"/><bgColor rgb="FF{fill}"/>'
        fill = f'<fill><patternFill patternType="solid">{colors}</patternFill></fill>'
    return f"<dxf>{font}{fill}</dxf>"


def _border(style: Style) -> str:
    if not style.borders:
        return "<border><left/><right/><top/><bottom/><diagonal/></border>"
    line = '<color rgb="FFB7B7B7"/>'
    top = f'<top style="thin">{line}</top>'
    if style.borders == "total":
        top = '<top style="medium"><color rgb="FF404040"/></top>'
    return (
        f'<border><left style="thin">{line}</left><right style="thin">{line}</right>{top}'
        f'<bottom style="thin">{line}</bottom><diagonal/></border>'
    )
