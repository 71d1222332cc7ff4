"""What Excel is strict about in an .xlsx file and others forgive: order of elements, references, ranges, limits."""

from __future__ import annotations

import posixpath
import re
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO
from xml.etree import ElementTree

from sheets_sync.issues import column_letter

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
PR = "{http://schemas.openxmlformats.org/package/2006/relationships}"
CT = "{http://schemas.openxmlformats.org/package/2006/content-types}"

# ECMA-376 part 1: CT_Worksheet (§18.3.1.99), CT_Workbook (§18.2.27), CT_Stylesheet (§18.8.39) and their parts. The
# properties of a font may stand in any order.
ORDER = {
    name: words.split()
    for name, words in {
        "worksheet": (
            "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection "
            "protectedRanges scenarios autoFilter sortState dataConsolidate customSheetViews mergeCells "
            "phoneticPr conditionalFormatting dataValidations hyperlinks printOptions pageMargins pageSetup "
            "headerFooter rowBreaks colBreaks customProperties cellWatches ignoredErrors smartTags drawing "
            "legacyDrawing legacyDrawingHF drawingHF picture oleObjects controls webPublishItems tableParts "
            "extLst"
        ),
        "workbook": (
            "fileVersion fileSharing workbookPr workbookProtection bookViews sheets functionGroups "
            "externalReferences definedNames calcPr oleSize customWorkbookViews pivotCaches smartTagPr "
            "smartTagTypes webPublishing fileRecoveryPr webPublishObjects extLst"
        ),
        "styleSheet": ("numFmts fonts fills borders cellStyleXfs cellXfs cellStyles dxfs tableStyles colors extLst"),
        "sheetView": ("pane selection pivotSelection extLst"),
        "sheetPr": ("tabColor outlinePr pageSetUpPr"),
        "border": ("left right top bottom diagonal vertical horizontal"),
        "xf": ("alignment protection extLst"),
        "c": ("f v is extLst"),
        "dataValidation": ("formula1 formula2"),
        "cfRule": ("formula colorScale dataBar iconSet extLst"),
        "dataBar": ("cfvo color"),
        "dxf": ("font numFmt fill alignment border protection extLst"),
    }.items()
}
MAY_REPEAT = {"selection", "conditionalFormatting", "cfvo"}
# Charts and drawings: CT_ChartSpace, CT_Chart, CT_PlotArea, CT_BarChart, CT_BarSer, CT_CatAx, CT_ValAx … (§21.2.2),
# CT_OneCellAnchor and CT_GraphicalObjectFrame (§20.5.2), each by the namespace its parts stand in.
CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
_AXIS = (
    "axId scaling delete axPos majorGridlines minorGridlines title numFmt majorTickMark minorTickMark tickLblPos spPr "
    "txPr crossAx crosses crossesAt"
)
CHART_ORDER = {
    name: words.split()
    for name, words in {
        "chartSpace": (
            "date1904 lang roundedCorners style clrMapOvr pivotSource protection chart spPr txPr externalData "
            "printSettings userShapes extLst"
        ),
        "chart": (
            "title autoTitleDeleted pivotFmts view3D floor sideWall backWall plotArea legend plotVisOnly dispBlanksAs "
            "extLst"
        ),
        "title": "tx layout overlay spPr txPr extLst",
        "plotArea": "layout barChart catAx valAx dTable spPr extLst",
        "barChart": "barDir grouping varyColors ser dLbls gapWidth overlap serLines axId extLst",
        "ser": ("idx order tx spPr invertIfNegative pictureOptions dPt dLbls trendline errBars cat val shape extLst"),
        "dLbls": (
            "dLbl delete numFmt spPr txPr dLblPos showLegendKey showVal showCatName showSerName showPercent "
            "showBubbleSize separator showLeaderLines leaderLines extLst"
        ),
        "strRef": "f strCache extLst",
        "numRef": "f numCache extLst",
        "strCache": "ptCount pt extLst",
        "numCache": "formatCode ptCount pt extLst",
        "scaling": "logBase orientation max min extLst",
        "catAx": f"{_AXIS} auto lblAlgn lblOffset tickLblSkip tickMarkSkip noMultiLvlLbl extLst",
        "valAx": f"{_AXIS} crossBetween majorUnit minorUnit dispUnits extLst",
        "legend": "legendPos legendEntry layout overlay spPr txPr extLst",
    }.items()
}
DRAWING_ORDER = {
    "oneCellAnchor": ["from", "ext", "graphicFrame", "clientData"],
    "from": ["col", "colOff", "row", "rowOff"],
    "graphicFrame": ["nvGraphicFramePr", "xfrm"],  # a:graphic behind them is of another namespace
    "nvGraphicFramePr": ["cNvPr", "cNvGraphicFramePr"],
}
ORDERS = ((MAIN, ORDER), (CHART, CHART_ORDER), (DRAWING, DRAWING_ORDER))
MAY_REPEAT |= {"ser", "axId", "pt"}
CELL = re.compile(r"([A-Z]{1,3})([1-9][0-9]*)$")


def faults(file: Path | BinaryIO) -> list[str]:
    """Everything wrong with the file, one line each; an empty list when Excel should open it without a word."""
    found: list[str] = []
    with zipfile.ZipFile(file) as archive:
        if (bad := archive.testzip()) is not None:
            return [f"{bad} is damaged"]
        names = archive.namelist()
        parts = {name: archive.read(name) for name in names}
    if len(set(names)) != len(names):
        found.append("a part appears twice")
    trees = {}
    for name, content in parts.items():
        try:
            trees[name] = ElementTree.fromstring(content)
        except ElementTree.ParseError as error:
            found.append(f"{name}: {error}")
    if found:
        return found
    found += _content_types(trees, names)
    for name, tree in trees.items():
        if name.endswith(".rels"):
            found += _relations(name, tree, names)
            continue
        for element in tree.iter():
            for namespace, orders in ORDERS:
                order = orders.get(element.tag.removeprefix(namespace))
                if order is not None and element.tag.startswith(namespace):
                    found += [f"{name}: {trouble}" for trouble in _in_order(element, order, namespace)]
    styles = trees["xl/styles.xml"]
    found += _styles(styles)
    cell_formats = len(styles.find(f"{MAIN}cellXfs") or ())
    workbook = trees["xl/workbook.xml"]
    titles = [sheet.get("name") or "" for sheet in workbook.iter(f"{MAIN}sheet")]
    found += _titles(titles)
    for defined in workbook.iter(f"{MAIN}definedName"):
        title = titles[int(defined.get("localSheetId") or 0)]
        expected = "'" + title.replace("'", "''") + "'!"
        if not (defined.text or "").startswith(expected):
            found.append(f"defined name {defined.get('name')} points to {defined.text}, not into {title}")
    for name, tree in trees.items():
        if name.startswith("xl/worksheets/sheet"):
            relations = trees.get(f"xl/worksheets/_rels/{name.rsplit('/', 1)[1]}.rels")
            found += [f"{name}: {trouble}" for trouble in _sheet(tree, relations, cell_formats)]
            conditional = len(styles.find(f"{MAIN}dxfs") or ())
            found += [f"{name}: {trouble}" for trouble in _conditions(tree, conditional)]
        if name.startswith("xl/charts/"):
            found += [f"{name}: {trouble}" for trouble in _chart(tree, titles)]
    return found


def _conditions(sheet: ElementTree.Element, looks: int) -> list[str]:
    """Conditional formats: each range once, priorities all different, looks that there are."""
    found = []
    rules = list(sheet.iter(f"{MAIN}cfRule"))
    priorities = [rule.get("priority") for rule in rules]
    if len(set(priorities)) != len(priorities):
        found.append("two conditional formats have one priority")
    for rule in rules:
        kind, formulas = rule.get("type"), rule.findall(f"{MAIN}formula")
        if kind == "expression" and (len(formulas) != 1 or int(rule.get("dxfId") or -1) not in range(looks)):
            found.append(f"conditional format {rule.get('priority')} has no formula or no look")
    areas = [item.get("sqref") or "" for item in sheet.iter(f"{MAIN}conditionalFormatting")]
    for area in areas:
        _range(area)
    return found


def _chart(chart: ElementTree.Element, titles: list[str]) -> list[str]:
    """A chart: as many cached points as its range has cells, a range that is in the book, axes that cross."""
    found = []
    for reference in [*chart.iter(f"{CHART}strRef"), *chart.iter(f"{CHART}numRef")]:
        title, _, cells = (reference.findtext(f"{CHART}f") or "").rpartition("!")
        if title.strip("'").replace("''", "'") not in titles:
            found.append(f"refers to the sheet {title}, which is not there")
            continue
        first_column, first, last_column, last = _range(cells.replace("$", ""))
        count = next(reference.iter(f"{CHART}ptCount")).get("val")
        if first_column != last_column or str(last - first + 1) != count:
            found.append(f"{cells} holds {last - first + 1} cells, the chart {count}")
        for point in reference.iter(f"{CHART}pt"):
            if int(point.get("idx") or 0) >= int(count or 0):
                found.append(f"{cells}: a point beyond the range")
            if reference.tag == f"{CHART}numRef":
                float(point.findtext(f"{CHART}v") or "")
    axes = [axis.get("val") for axis in chart.iter(f"{CHART}axId")]
    crossing = [axis.get("val") for axis in chart.iter(f"{CHART}crossAx")]
    if sorted(set(axes)) != sorted(crossing):
        found.append("axes do not cross one another")
    return found


def _in_order(element: ElementTree.Element, order: list[str], namespace: str) -> list[str]:
    found, last = [], -1
    for child in element:
        name = child.tag.removeprefix(namespace)
        if name not in order:
            if child.tag.startswith(namespace):
                found.append(f"<{name}> does not belong in <{element.tag.removeprefix(namespace)}>")
            continue
        place = order.index(name)
        if place < last or (place == last and name not in MAY_REPEAT):
            found.append(f"<{name}> stands behind <{order[last]}>")
        last = max(last, place)
    return found


def _content_types(trees: dict[str, ElementTree.Element], names: list[str]) -> list[str]:
    types = trees["[Content_Types].xml"]
    overrides = {(item.get("PartName") or "").lstrip("/") for item in types.iter(f"{CT}Override")}
    defaults = {item.get("Extension") for item in types.iter(f"{CT}Default")}
    found = [f"content type of {name}, which is not there" for name in overrides - set(names)]
    for name in names:
        if name != "[Content_Types].xml" and name not in overrides and name.rsplit(".", 1)[-1] not in defaults:
            found.append(f"{name} has no content type")
    return found


def _relations(name: str, tree: ElementTree.Element, names: list[str]) -> list[str]:
    found = []
    identities = [item.get("Id") for item in tree.iter(f"{PR}Relationship")]
    if len(set(identities)) != len(identities):
        found.append(f"{name}: an Id appears twice")
    folder = name.split("_rels/")[0]
    for item in tree.iter(f"{PR}Relationship"):
        target = item.get("Target") or ""
        if item.get("TargetMode") == "External":
            if not target or " " in target or len(target) > 2079:
                found.append(f"{name}: bad external target {target!r}")
        elif (target[1:] if target.startswith("/") else posixpath.normpath(folder + target)) not in names:
            found.append(f"{name}: {target} is not there")
    return found


def _styles(styles: ElementTree.Element) -> list[str]:
    found = []
    counts = {part: len(styles.find(f"{MAIN}{part}") or ()) for part in ("fonts", "fills", "borders", "cellStyleXfs")}
    for part in styles:
        if part.get("count") is not None and int(part.get("count") or 0) != len(part):
            found.append(f"styles: {part.tag.removeprefix(MAIN)} count is not the number of its elements")
    for xf in styles.iter(f"{MAIN}xf"):
        for attribute, part in (("fontId", "fonts"), ("fillId", "fills"), ("borderId", "borders")):
            if int(xf.get(attribute) or 0) >= counts[part]:
                found.append(f"styles: {attribute} {xf.get(attribute)} is out of range")
    if len(list(styles.iter(f"{MAIN}fill"))) < 2:
        found.append("styles: the two reserved fills are missing")
    return found


def _titles(titles: list[str]) -> list[str]:
    found = [] if titles else ["no sheets"]
    for title in titles:
        bad = re.search(r"[\[\]:*?/\\]", title) or title.strip("'") != title
        if not title or bad or len(title.encode("utf-16-le")) > 62:
            found.append(f"sheet name {title!r} is not allowed")
    if len({title.casefold() for title in titles}) != len(titles):
        found.append("two sheets have one name")
    return found


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _range(text: str) -> tuple[int, int, int, int]:
    first, _, last = text.partition(":")
    (c1, r1), (c2, r2) = (CELL.match(part).groups() for part in (first, last or first))  # type: ignore[union-attr]
    return _column(c1), int(r1), _column(c2), int(r2)


def _sheet(sheet: ElementTree.Element, relations: ElementTree.Element | None, cell_formats: int) -> list[str]:
    found: list[str] = []
    last_row, seen = 0, set()
    for row in sheet.iter(f"{MAIN}row"):
        number = int(row.get("r") or last_row + 1)  # both numbers may be left out: what follows is counted on
        if not last_row < number <= 1_048_576:
            found.append(f"row {number} after row {last_row}")
        last_row, last_column = number, 0
        for cell in row:
            place = cell.get("r") or f"{column_letter(last_column + 1)}{number}"
            match = CELL.match(place)
            if match is None or int(match[2]) != number or not last_column < _column(match[1]) <= 16_384:
                found.append(f"cell {place} is out of place in row {number}")
                continue
            last_column = _column(match[1])
            seen.add(place)
            if int(cell.get("s") or 0) >= cell_formats:
                found.append(f"cell {place}: style {cell.get('s')} is out of range")
            kinds = [child.tag.removeprefix(MAIN) for child in cell]
            if cell.get("t") == "inlineStr":
                text = "".join(item.text or "" for item in cell.iter(f"{MAIN}t"))
                if kinds != ["is"] or len(text.encode("utf-16-le")) > 65_534:
                    found.append(f"cell {place}: bad inline text")
            elif kinds in (["v"], ["f", "v"]):
                if cell.get("t") == "str" and kinds == ["f", "v"]:
                    continue
                float(cell[-1].text or "")
            elif kinds:
                found.append(f"cell {place} holds {kinds}")
    widths = [(int(item.get("min") or 0), int(item.get("max") or 0)) for item in sheet.iter(f"{MAIN}col")]
    if any(a[1] >= b[0] for a, b in pairwise(widths)):
        found.append("columns overlap")
    areas: list[tuple[int, int, int, int]] = []
    for item in sheet.iter(f"{MAIN}mergeCell"):
        area = _range(item.get("ref") or "")
        if area[:2] == area[2:] or any(
            area[0] <= other[2] and other[0] <= area[2] and area[1] <= other[3] and other[1] <= area[3]
            for other in areas
        ):
            found.append(f"merge {item.get('ref')} overlaps or is a single cell")
        areas.append(area)
    known = {item.get("Id") for item in relations.iter(f"{PR}Relationship")} if relations is not None else set()
    links = list(sheet.iter(f"{MAIN}hyperlink"))
    if not links and sheet.find(f"{MAIN}hyperlinks") is not None:
        found.append("a list of hyperlinks without any")
    if len(links) > 65_530:
        found.append("more hyperlinks than Excel holds")
    for link in links:
        if link.get(f"{R}id") is not None and link.get(f"{R}id") not in known:
            found.append(f"hyperlink {link.get('ref')} has no relationship")
        if link.get(f"{R}id") is None and not link.get("location"):
            found.append(f"hyperlink {link.get('ref')} leads nowhere")
        if link.get("ref") not in seen:
            found.append(f"hyperlink {link.get('ref')} hangs on no cell")
    for item in sheet.iter(f"{MAIN}drawing"):
        if item.get(f"{R}id") not in known:
            found.append("the drawing has no relationship")
    for item in sheet.iter(f"{MAIN}dataValidation"):
        if len(item.get("promptTitle") or "") > 32 or len(item.get("prompt") or "") > 255:
            found.append("a prompt is too long")
    for item in sheet.iter(f"{MAIN}oddFooter"):
        if len(item.text or "") > 255:
            found.append("the footer is too long")
    return found
