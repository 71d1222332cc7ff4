"""A native chart of an .xlsx file: bars side by side, as DrawingML (ECMA-376 part 1, §21.2), in the schema's order.

The values a chart shows are cells of the book, so it follows when somebody changes them; what they are now stands
beside the references, for programs that do not calculate. What is planned is white with an outline, what is reached is
dark: a black-and-white print tells them apart, and every bar has its number.
"""

from __future__ import annotations

from collections.abc import Callable

from sheets_sync.reporting.page import Chart, Series, Span
from sheets_sync.sinks.office_xml import CHART, DECLARATION, DRAWING_MAIN, RELATIONS, escape

_INK, _LINE = "1F3B57", "8A97A5"
_FILLS = {"plan": "FFFFFF", "fact": "3F6E9E"}


def chart_xml(chart: Chart, reference: Callable[[Span], str]) -> str:
    """The whole part ``chartN.xml``; ``reference`` spells where a span's cells are: ``'Лист'!$A$2:$A$8``."""
    series = "".join(_series(number, one, chart, reference) for number, one in enumerate(chart.series))
    bars, categories, values = ("bar", "l", "b") if chart.lying else ("col", "b", "l")
    # The first category of lying bars is to be on top, and the values' axis at the bottom all the same.
    orientation, crosses = ("maxMin", "max") if chart.lying else ("minMax", "autoZero")
    return "".join(
        (
            DECLARATION,
            f'<c:chartSpace xmlns:c="{CHART}" xmlns:a="{DRAWING_MAIN}" xmlns:r="{RELATIONS}">',
            '<c:date1904 val="0"/><c:lang val="ru-RU"/><c:roundedCorners val="0"/><c:chart>',
            _title(chart.title, 1200),
            '<c:autoTitleDeleted val="0"/><c:plotArea><c:layout/>',
            f'<c:barChart><c:barDir val="{bars}"/><c:grouping val="clustered"/><c:varyColors val="0"/>{series}',
            '<c:gapWidth val="60"/><c:overlap val="0"/><c:axId val="1001"/><c:axId val="1002"/></c:barChart>',
            f'<c:catAx><c:axId val="1001"/><c:scaling><c:orientation val="{orientation}"/></c:scaling>',
            f'<c:delete val="0"/><c:axPos val="{categories}"/>{_title(chart.category_title, 900)}',
            '<c:numFmt formatCode="General" sourceLinked="0"/>',
            '<c:majorTickMark val="none"/><c:minorTickMark val="none"/>',
            f'<c:tickLblPos val="low"/>{_outline(_LINE)}{_text(900)}<c:crossAx val="1002"/><c:crosses val="autoZero"/>',
            '<c:auto val="0"/><c:lblAlgn val="ctr"/><c:lblOffset val="100"/><c:noMultiLvlLbl val="1"/></c:catAx>',
            '<c:valAx><c:axId val="1002"/><c:scaling><c:orientation val="minMax"/><c:min val="0"/></c:scaling>',
            f'<c:delete val="0"/><c:axPos val="{values}"/><c:majorGridlines>{_outline("D9DEE4")}</c:majorGridlines>',
            f'{_title(chart.value_title, 900, upright=not chart.lying)}<c:numFmt formatCode="0" sourceLinked="0"/>',
            '<c:majorTickMark val="out"/><c:minorTickMark val="none"/><c:tickLblPos val="nextTo"/>',
            f'{_outline(_LINE)}{_text(900)}<c:crossAx val="1001"/><c:crosses val="{crosses}"/>',
            '<c:crossBetween val="between"/></c:valAx></c:plotArea>',
            f'<c:legend><c:legendPos val="t"/><c:overlay val="0"/>{_text(900)}</c:legend>',
            '<c:plotVisOnly val="0"/><c:dispBlanksAs val="gap"/></c:chart>',
            '<c:spPr><a:solidFill><a:srgbClr val="FFFFFF"/></a:solidFill><a:ln><a:noFill/></a:ln></c:spPr>',
            "</c:chartSpace>",
        )
    )


def _series(number: int, series: Series, chart: Chart, reference: Callable[[Span], str]) -> str:
    return "".join(
        (
            f'<c:ser><c:idx val="{number}"/><c:order val="{number}"/><c:tx><c:v>{escape(series.title)}</c:v></c:tx>',
            f'<c:spPr>{_fill(series.look)}</c:spPr><c:invertIfNegative val="0"/>',
            f'<c:dLbls><c:numFmt formatCode="{escape(chart.format)}" sourceLinked="0"/>{_text(800)}',
            '<c:dLblPos val="outEnd"/><c:showLegendKey val="0"/><c:showVal val="1"/><c:showCatName val="0"/>',
            '<c:showSerName val="0"/><c:showPercent val="0"/><c:showBubbleSize val="0"/></c:dLbls>',
            f"<c:cat><c:strRef><c:f>{escape(reference(chart.categories))}</c:f>",
            f"<c:strCache>{_points(chart.categories)}</c:strCache></c:strRef></c:cat>",
            f"<c:val><c:numRef><c:f>{escape(reference(series.values))}</c:f>",
            f"<c:numCache><c:formatCode>{escape(chart.format)}</c:formatCode>{_points(series.values)}</c:numCache>",
            "</c:numRef></c:val></c:ser>",
        )
    )


def _fill(look: str) -> str:
    line = f'<a:ln w="12700"><a:solidFill><a:srgbClr val="{_INK}"/></a:solidFill></a:ln>'
    return f'<a:solidFill><a:srgbClr val="{_FILLS[look]}"/></a:solidFill>{line}'


def _points(span: Span) -> str:
    points = "".join(
        f'<c:pt idx="{index}"><c:v>{escape(str(value))}</c:v></c:pt>'
        for index, value in enumerate(span.values)
        if value is not None and value != ""
    )
    return f'<c:ptCount val="{len(span.values)}"/>{points}'


def _properties(size: int, *, bold: bool = False) -> str:
    weight = ' b="1"' if bold else ' b="0"'
    letters = f'<a:solidFill><a:srgbClr val="{_INK}"/></a:solidFill><a:latin typeface="Arial"/><a:cs typeface="Arial"/>'
    return f'sz="{size}"{weight}>{letters}'


def _text(size: int) -> str:
    """How letters look: size in hundredths of a point."""
    look = f"<a:defRPr {_properties(size)}</a:defRPr>"
    return f'<c:txPr><a:bodyPr/><a:lstStyle/><a:p><a:pPr>{look}</a:pPr><a:endParaRPr lang="ru-RU"/></a:p></c:txPr>'


def _title(text: str, size: int, *, upright: bool = False) -> str:
    """A title of the chart or of an axis; ``upright``: read from below, along the axis."""
    turned = ' rot="-5400000" vert="horz"' if upright else ""
    bold = size > 1000
    return (
        f"<c:title><c:tx><c:rich><a:bodyPr{turned}/><a:lstStyle/><a:p><a:pPr><a:defRPr {_properties(size, bold=bold)}"
        f'</a:defRPr></a:pPr><a:r><a:rPr lang="ru-RU" {_properties(size, bold=bold)}</a:rPr>'
        f'<a:t>{escape(text)}</a:t></a:r></a:p></c:rich></c:tx><c:overlay val="0"/></c:title>'
    )


def _outline(color: str) -> str:
    return f'<c:spPr><a:ln w="6350"><a:solidFill><a:srgbClr val="{color}"/></a:solidFill></a:ln></c:spPr>'
