"""Builders of workbooks no well-behaved program writes: by hand, as zipped XML, OpenDocument, BIFF12 records."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE_LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"

# style numbers of cells in xlsx(): what they show
GENERAL, DATE, PERCENT, ZEROS, DURATION, TIME, YEARS, CLASS = range(8)
FORMATS = {164: "000", 165: "[h]:mm", 166: '0" лет"', 167: '0"А"', 168: "dd.mm.yyyy"}
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts count="5">'
    + "".join(f'<numFmt numFmtId="{n}" formatCode="{code.replace(chr(34), "&quot;")}"/>' for n, code in FORMATS.items())
    + '</numFmts><cellXfs count="8">'
    + "".join(f'<xf numFmtId="{n}" xfId="0"/>' for n in (0, 168, 9, 164, 165, 20, 166, 167))
    + "</cellXfs></styleSheet>"
)


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    """A zip of these parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return file.getvalue()


def sheet_xml(rows: str, *, before: str = "", after: str = "") -> str:
    """A worksheet part around its rows."""
    return f'<?xml version="1.0"?><worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def row_xml(*cells: str, number: int = 1) -> str:
    """A row of cells given without addresses, addressed from A."""
    put = "".join(cell.replace("<c", f'<c r="{chr(65 + i)}{number}"', 1) for i, cell in enumerate(cells))
    return f'<row r="{number}">{put}</row>'


def xlsx(
    sheets: Mapping[str, str | bytes],
    *,
    states: Mapping[str, str] | None = None,
    properties: str = "",
    more: Mapping[str, str | bytes] | None = None,
    styles: str = STYLES,
    strings: Sequence[str] = (),
) -> bytes:
    """An .xlsx of worksheet parts by sheet name."""
    states = states or {}
    names = list(sheets)
    listed = "".join(
        f'<sheet name="{name}" sheetId="{i}" r:id="rId{i}"'
        + (f' state="{states[name]}"' if name in states else "")
        + "/>"
        for i, name in enumerate(names, 1)
    )
    links = "".join(
        f'<Relationship Id="rId{i}" Type="{LINKS}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in range(1, len(names) + 1)
    )
    links += f'<Relationship Id="rIdS" Type="{LINKS}/styles" Target="styles.xml"/>'
    links += f'<Relationship Id="rIdT" Type="{LINKS}/sharedStrings" Target="sharedStrings.xml"/>'
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE_LINKS}"><Relationship Id="rId1" '
        f'Type="{LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}">{properties}<sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE_LINKS}">{links}</Relationships>',
        "xl/styles.xml": styles,
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">' + "".join(f"<si><t>{s}</t></si>" for s in strings) + "</sst>",
    }
    parts |= {f"xl/worksheets/sheet{i}.xml": part for i, part in enumerate(sheets.values(), 1)}
    return zipped(parts | dict(more or {}))


ODS_NAMES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" '
    'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
)
HIDDEN_TABLE = (
    '<office:automatic-styles><style:style style:name="ta2" style:family="table">'
    '<style:table-properties table:display="false"/></style:style></office:automatic-styles>'
)


def ods(tables: str, *, more: Mapping[str, str | bytes] | None = None) -> bytes:
    """An .ods of ``table:table`` elements; the table style ta2 is hidden."""
    content = (
        f'<?xml version="1.0"?><office:document-content {ODS_NAMES}>{HIDDEN_TABLE}'
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    return zipped(
        {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content} | dict(more or {})
    )


def ods_cell(kind: str = "", value: str = "", shown: str | None = None, **more: str) -> str:
    """One cell: its value type, its value, the text shown, and further attributes with _ for a colon."""
    named = {"date": "date-value", "time": "time-value", "boolean": "boolean-value", "string": "string-value"}
    attributes = f' office:value-type="{kind}"' if kind else ""
    if value:
        attributes += f' office:{named.get(kind, "value")}="{value}"'
    for name, text in more.items():
        attributes += f' {name.replace("__", ":").replace("_", "-")}="{text}"'
    inside = "".join(f"<text:p>{line}</text:p>" for line in shown.split("\n")) if shown is not None else ""
    return f"<table:table-cell{attributes}>{inside}</table:table-cell>"


def record(kind: int, body: bytes = b"") -> bytes:
    """A BIFF12 record."""
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    length, size = len(body), b""
    while True:
        size += bytes([length & 0x7F | (0x80 if length > 0x7F else 0)])
        length >>= 7
        if not length:
            return head + size + body


def wide(text: str) -> bytes:
    """A BIFF12 string."""
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb(sheet: bytes, *, formats: Sequence[int] = (0, 9, 14)) -> bytes:
    """An .xlsb with one sheet «Лист» of these records between BrtBeginSheetData and BrtEndSheetData."""
    workbook = record(131) + record(143) + record(156, struct.pack("<II", 0, 1) + wide("rId1") + wide("Лист"))
    workbook += record(144) + record(132)
    styles = record(278) + record(617, struct.pack("<I", len(formats)))
    styles += b"".join(record(47, struct.pack("<HH", 0xFFFF, number) + bytes(12)) for number in formats)
    styles += record(618) + record(279)
    links = (
        f'<Relationships xmlns="{PACKAGE_LINKS}"><Relationship Id="rId1" Type="{LINKS}/worksheet" '
        f'Target="worksheets/sheet1.bin"/></Relationships>'
    )
    dimension = record(148, struct.pack("<4I", 0, 100, 0, 20))
    return zipped(
        {
            "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
            "xl/workbook.bin": workbook,
            "xl/_rels/workbook.bin.rels": links,
            "xl/styles.bin": styles,
            "xl/worksheets/sheet1.bin": record(129) + dimension + record(145) + sheet + record(146) + record(130),
        }
    )


def compound(streams: Mapping[str, bytes]) -> bytes:
    """An OLE2 file of these streams, each as large as 4096 bytes at least so that it lies in ordinary sectors."""
    sector = 512
    body, fat, entries = b"", [], []
    for name, stream in streams.items():
        padded = stream.ljust(4096, b"\0")
        padded += b"\0" * (-len(padded) % sector)
        start, count = len(fat), len(padded) // sector
        fat += [*range(start + 1, start + count), 0xFFFFFFFE]
        entries.append((name, 2, start, max(len(stream), 4096)))
        body += padded
    directory_start = len(fat)
    directory = b""
    for name, kind, start, size in [("Root Entry", 5, 0xFFFFFFFE, 0), *entries]:
        spelled = name.encode("utf-16-le") + b"\0\0"
        directory += spelled.ljust(64, b"\0") + struct.pack("<HBB3I", len(spelled), kind, 1, *[0xFFFFFFFF] * 3)
        directory += bytes(36) + struct.pack("<IQ", start, size)
    directory += b"\0" * (-len(directory) % sector)
    count = len(directory) // sector
    fat += [*range(directory_start + 1, directory_start + count), 0xFFFFFFFE]
    fat_start = len(fat)
    fat.append(0xFFFFFFFD)
    assert len(fat) <= sector // 4
    table = struct.pack(f"<{sector // 4}I", *fat, *[0xFFFFFFFF] * (sector // 4 - len(fat)))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<9I", 0, 1, directory_start, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109I", fat_start, *[0xFFFFFFFF] * 108)
    return header + body + directory + table
