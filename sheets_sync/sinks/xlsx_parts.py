"""The small parts of an .xlsx file that tell of the others: the workbook, its properties, relationships, drawings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from sheets_sync.sinks.office_xml import (
    CHART,
    DECLARATION,
    DRAWING,
    DRAWING_MAIN,
    MAIN,
    PACKAGE_RELATIONS,
    RELATIONS,
    escape,
)
from sheets_sync.sinks.xlsx_frame import Drawn, SheetFrame
from sheets_sync.sinks.xlsx_names import quoted

ROOT_RELATIONS_XML = (
    f'{DECLARATION}<Relationships xmlns="{PACKAGE_RELATIONS}">'
    f'<Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/>'
    '<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/'
    'core-properties" Target="docProps/core.xml"/>'
    f'<Relationship Id="rId3" Type="{RELATIONS}/extended-properties" Target="docProps/app.xml"/>'
    "</Relationships>"
)


def workbook_xml(frames: Sequence[SheetFrame]) -> str:
    """The workbook: its sheets, the ranges they filter and the headings they repeat on every printed page."""
    sheets = "".join(
        f'<sheet name="{escape(frame.name)}" sheetId="{number}" r:id="rId{number}"/>'
        for number, frame in enumerate(frames, 1)
    )
    names = []
    for number, frame in enumerate(frames):
        if frame.filter_range:
            names.append(
                f'<definedName name="_xlnm._FilterDatabase" localSheetId="{number}" hidden="1">'
                f"{escape(quoted(frame.name))}!{_absolute(frame.filter_range)}</definedName>"
            )
    for number, frame in enumerate(frames):
        if frame.heading_row:
            names.append(
                f'<definedName name="_xlnm.Print_Titles" localSheetId="{number}">'
                f"{escape(quoted(frame.name))}!${frame.heading_row}:${frame.heading_row}</definedName>"
            )
    return "".join(
        (
            DECLARATION,
            f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><workbookPr/>',
            '<bookViews><workbookView xWindow="0" yWindow="0" windowWidth="24000" windowHeight="12000"/></bookViews>',
            f"<sheets>{sheets}</sheets>",
            f"<definedNames>{''.join(names)}</definedNames>" if names else "",
            "</workbook>",
        )
    )


def _absolute(cells: str) -> str:
    return re.sub(r"([A-Z]+)(\d+)", r"$\1$\2", cells)


def workbook_relations_xml(sheets: int) -> str:
    """Where the workbook's sheets and styles are."""
    relations = "".join(
        f'<Relationship Id="rId{number}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number in range(1, sheets + 1)
    )
    return (
        f'{DECLARATION}<Relationships xmlns="{PACKAGE_RELATIONS}">{relations}'
        f'<Relationship Id="rId{sheets + 1}" Type="{RELATIONS}/styles" Target="styles.xml"/>'
        "</Relationships>"
    )


def drawing_xml(charts: Sequence[Drawn]) -> str:
    """A drawing that holds charts one below the other (ECMA-376 part 1, §20.5)."""
    anchors = "".join(
        "<xdr:oneCellAnchor><xdr:from><xdr:col>0</xdr:col><xdr:colOff>0</xdr:colOff>"
        f"<xdr:row>{chart.row - 1}</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from>"
        f'<xdr:ext cx="{chart.width}" cy="{chart.height}"/>'
        f'<xdr:graphicFrame macro=""><xdr:nvGraphicFramePr><xdr:cNvPr id="{number + 1}" name="{escape(chart.name)}"'
        f' descr="{escape(chart.description)}"/><xdr:cNvGraphicFramePr/></xdr:nvGraphicFramePr>'
        '<xdr:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/></xdr:xfrm>'
        f'<a:graphic><a:graphicData uri="{CHART}"><c:chart xmlns:c="{CHART}" xmlns:r="{RELATIONS}" r:id="rId{number}"/>'
        "</a:graphicData></a:graphic></xdr:graphicFrame><xdr:clientData/></xdr:oneCellAnchor>"
        for number, chart in enumerate(charts, 1)
    )
    return f'{DECLARATION}<xdr:wsDr xmlns:xdr="{DRAWING}" xmlns:a="{DRAWING_MAIN}">{anchors}</xdr:wsDr>'


def drawing_relations_xml(charts: Iterable[int]) -> str:
    """Where the charts of a drawing are, by their numbers in the file."""
    relations = "".join(
        f'<Relationship Id="rId{place}" Type="{RELATIONS}/chart" Target="../charts/chart{number}.xml"/>'
        for place, number in enumerate(charts, 1)
    )
    return f'{DECLARATION}<Relationships xmlns="{PACKAGE_RELATIONS}">{relations}</Relationships>'


def core_xml(title: str, application: str, moment: datetime | None) -> str:
    """The title, the maker and, where it is told, the moment the file was made."""
    created = ""
    if moment is not None:
        stamp = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        created = "".join(
            f'<dcterms:{name} xsi:type="dcterms:W3CDTF">{stamp}</dcterms:{name}>' for name in ("created", "modified")
        )
    return (
        f"{DECLARATION}<cp:coreProperties"
        ' xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(title)}</dc:title><dc:creator>{escape(application)}</dc:creator>{created}"
        "</cp:coreProperties>"
    )


def app_xml(application: str) -> str:
    """The program that made the file."""
    return (
        f'{DECLARATION}<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
        f"<Application>{escape(application)}</Application></Properties>"
    )


def content_types_xml(sheets: int, drawings: int, charts: int) -> str:
    """What each part of the file is."""
    office = "application/vnd.openxmlformats-officedocument"
    kind = f"{office}.spreadsheetml"
    package = "application/vnd.openxmlformats-package"
    parts = "".join(
        f'<Override PartName="/xl/{place}{number}.xml" ContentType="{what}+xml"/>'
        for place, what, count in (
            ("worksheets/sheet", f"{kind}.worksheet", sheets),
            ("drawings/drawing", f"{office}.drawing", drawings),
            ("charts/chart", f"{office}.drawingml.chart", charts),
        )
        for number in range(1, count + 1)
    )
    return (
        f'{DECLARATION}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Default Extension="rels" ContentType="{package}.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>{parts}'
        f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/>'
        f'<Override PartName="/docProps/core.xml" ContentType="{package}.core-properties+xml"/>'
        '<Override PartName="/docProps/app.xml"'
        f' ContentType="{office}.extended-properties+xml"/></Types>'
    )
