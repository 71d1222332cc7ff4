"""What Word is strict about in a .docx file and others forgive: order of elements, references, the shape of tables."""

from __future__ import annotations

import runpy
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO
from xml.etree import ElementTree

package = runpy.run_path(str(Path(__file__).with_name("xlsx_order.py")))

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"

# ECMA-376 part 1 (transitional): CT_PPr, CT_RPr, CT_TblPr, CT_TcPr, CT_SectPr, CT_Style, CT_Lvl, CT_AbstractNum,
# CT_Settings … without the elements nobody writes any more. The properties of a row may stand in any order.
ORDER = {
    name: words.split()
    for name, words in {
        "document": "background body",
        "pPr": (
            "pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr suppressLineNumbers pBdr shd tabs "
            "suppressAutoHyphens kinsoku wordWrap overflowPunct topLinePunct autoSpaceDE autoSpaceDN bidi "
            "adjustRightInd snapToGrid spacing ind contextualSpacing mirrorIndents suppressOverlap jc textDirection "
            "textAlignment textboxTightWrap outlineLvl divId cnfStyle rPr sectPr pPrChange"
        ),
        "rPr": (
            "rStyle rFonts b bCs i iCs caps smallCaps strike dstrike outline shadow emboss imprint noProof snapToGrid "
            "vanish webHidden color spacing w kern position sz szCs highlight u effect bdr shd fitText vertAlign rtl "
            "cs em lang eastAsianLayout specVanish oMath"
        ),
        "numPr": "ilvl numId",
        "pBdr": "top left bottom right between bar",
        "tbl": "tblPr tblGrid tr",
        "tblPr": (
            "tblStyle tblpPr tblOverlap bidiVisual tblStyleRowBandSize tblStyleColBandSize tblW jc tblCellSpacing "
            "tblInd tblBorders shd tblLayout tblCellMar tblLook tblCaption tblDescription"
        ),
        "tblBorders": "top left bottom right insideH insideV",
        "tblCellMar": "top left bottom right",
        "tblGrid": "gridCol",
        "tr": "tblPrEx trPr tc",
        "tcPr": (
            "cnfStyle tcW gridSpan hMerge vMerge tcBorders shd noWrap tcMar textDirection tcFitText vAlign hideMark"
        ),
        "sectPr": (
            "headerReference footerReference footnotePr endnotePr type pgSz pgMar paperSrc pgBorders lnNumType "
            "pgNumType cols formProt vAlign noEndnote titlePg textDirection bidi rtlGutter docGrid"
        ),
        "styles": "docDefaults latentStyles style",
        "docDefaults": "rPrDefault pPrDefault",
        "style": (
            "name aliases basedOn next link autoRedefine hidden uiPriority semiHidden unhideWhenUsed qFormat locked "
            "personal personalCompose personalReply rsid pPr rPr tblPr trPr tcPr tblStylePr"
        ),
        "numbering": "numPicBullet abstractNum num numIdMacAtCleanup",
        "abstractNum": "nsid multiLevelType tmpl name styleLink numStyleLink lvl",
        "lvl": "start numFmt lvlRestart pStyle isLgl suff lvlText lvlPicBulletId legacy lvlJc pPr rPr",
        "num": "abstractNumId lvlOverride",
        "lvlOverride": "startOverride lvl",
        "settings": (
            "writeProtection view zoom removePersonalInformation defaultTabStop autoHyphenation "
            "characterSpacingControl footnotePr endnotePr compat docVars rsids themeFontLang clrSchemeMapping "
            "decimalSymbol listSeparator"
        ),
    }.items()
}
MAY_REPEAT = {"tr", "tc", "gridCol", "style", "abstractNum", "num", "lvl", "lvlOverride", "footerReference"}


def faults(file: Path | BinaryIO) -> list[str]:
    """Everything wrong with the file, one line each; an empty list when Word should open it without a word."""
    with zipfile.ZipFile(file) as archive:
        if (bad := archive.testzip()) is not None:
            return [f"{bad} is damaged"]
        names = archive.namelist()
        trees = {name: ElementTree.fromstring(archive.read(name)) for name in names}
    found = [] if len(set(names)) == len(names) else ["a part appears twice"]
    found += package["_content_types"](trees, names)
    for name, tree in trees.items():
        if name.endswith(".rels"):
            found += package["_relations"](name, tree, names)
            continue
        for element in tree.iter():
            order = ORDER.get(element.tag.removeprefix(W))
            if order is not None and element.tag.startswith(W):
                found += [f"{name}: {trouble}" for trouble in _in_order(element, order)]
    document, styles, numbering = (trees[f"word/{name}.xml"] for name in ("document", "styles", "numbering"))
    relations = {item.get("Id") for item in trees["word/_rels/document.xml.rels"]}
    found += [f"no relation {i}" for i in _values(document, f"{R}id") - relations]
    kinds = {
        kind: _values(styles, f"{W}styleId", f"style[@{W}type='{kind}']")
        for kind in ("paragraph", "table", "character")
    }
    for tree in (document, styles, numbering, trees["word/footer.xml"]):
        for element, kind in (("pStyle", "paragraph"), ("tblStyle", "table"), ("rStyle", "character")):
            found += [f"no {kind} style {name}" for name in _values(tree, f"{W}val", element) - kinds[kind]]
    every = set().union(*kinds.values())
    found += [f"no style {name}" for word in ("basedOn", "next") for name in _values(styles, f"{W}val", word) - every]
    abstract = _values(numbering, f"{W}abstractNumId", "abstractNum")
    found += [f"no list {i}" for i in _values(numbering, f"{W}val", "abstractNumId") - abstract]
    lists = [item.get(f"{W}numId") for item in numbering.iter(f"{W}num")]
    if len(set(lists)) != len(lists):
        found.append("two lists have one number")
    for tree in (document, styles):
        found += [f"no list {i}" for i in _values(tree, f"{W}val", "numId") - set(lists)]
    return found + _body(document)


def _values(tree: ElementTree.Element, attribute: str, element: str = "") -> set[str]:
    if "[" in element:
        items = tree.findall(f".//{W}{element}")
    else:
        items = list(tree.iter(f"{W}{element}" if element else None))
    return {value for item in items if (value := item.get(attribute)) is not None}


def _in_order(element: ElementTree.Element, order: list[str]) -> list[str]:
    found, last = [], -1
    for child in element:
        name = child.tag.removeprefix(W)
        if name not in order:
            found.append(f"<{name}> does not belong in <{element.tag.removeprefix(W)}>")
            continue
        place = order.index(name)
        if place < last or (place == last and name not in MAY_REPEAT):
            found.append(f"<{name}> stands behind <{order[last]}> in <{element.tag.removeprefix(W)}>")
        last = max(last, place)
    return found


def _body(document: ElementTree.Element) -> list[str]:
    found = []
    (body,) = document
    kinds = [child.tag.removeprefix(W) for child in body]
    if kinds[-1:] != ["sectPr"] or kinds[-2:-1] != ["p"] or set(kinds[:-1]) - {"p", "tbl"}:
        found.append("the body does not end in a paragraph and its section")
    if any(pair == ("tbl", "tbl") for pair in pairwise(kinds)):
        found.append("two tables without a paragraph between them are one to Word")
    for table in document.iter(f"{W}tbl"):
        widths = [int(column.get(f"{W}w") or 0) for column in table.iter(f"{W}gridCol")]
        whole = table.find(f"{W}tblPr/{W}tblW")
        if min(widths, default=0) <= 0 or whole is None or sum(widths) != int(whole.get(f"{W}w") or 0):
            found.append(f"the columns {widths} do not make up the table")
        for row in table.iter(f"{W}tr"):
            cells = [[child.tag.removeprefix(W) for child in cell] for cell in row.iter(f"{W}tc")]
            if len(cells) != len(widths) or any(cell[-1:] != ["p"] for cell in cells):
                found.append("a row has other cells than its table columns, or one that does not end in a paragraph")
    return found
