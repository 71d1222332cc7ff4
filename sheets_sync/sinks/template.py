"""Blank workbooks made from the schemas: what a school fills in is then what the checks expect.

One sheet per table: headings, a marked example row, drop-down lists, hints that appear when a cell is selected.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from sheets_sync.errors import SourceError
from sheets_sync.issues import column_letter
from sheets_sync.sinks import files, office
from sheets_sync.sinks.xlsx_names import sheet_name
from sheets_sync.table import EXAMPLE_MARK, LISTS_SHEET
from sheets_sync.table_schema.model import Field, TableSchema

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

NUMBER_HEADING = "№ п/п"
NUMBER_HINT = f"Номер по порядку. Строка «{EXAMPLE_MARK}» в отчёты не попадает, её можно удалить."
NUMBER_WIDTH = 9.0
NOT_LISTED = "Такого значения нет в списке. Лучше выбрать из списка."
NO_DATE = "Это не похоже на дату. Введите её как 20.12.2023."
NO_NUMBER = "Здесь ожидается число."
REQUIRED_FILL, OPTIONAL_FILL, EXAMPLE_COLOR = "C9D6E2", "E6ECF2", "7F7F7F"
LAST_ROW = 1_000  # rows with lists and hints; more can be copied down
LONGEST_INLINE_LIST = 255  # characters Excel allows for a list written into the rule itself

_SCHOOL = (
    "school_profile",
    "documents",
    "curators",
    "mentees",
    "mentors",
    "pairs",
    "plans",
    "evaluations",
    "meetings",
    "questionnaires",
    "roadmap",
    "consents",
    "training",
    "awards",
    "enterprises",
    "targets",
)
_TABLES = {
    "school": _SCHOOL,
    "college": _SCHOOL,
    "additional": _SCHOOL,
    "kindergarten": tuple(name for name in _SCHOOL if name not in {"enterprises", "targets"}),
    "district": ("network", "enterprises", "curators"),
}

# A date column shows dates our way; years and numbers need no format; text stays as typed («007», «7А», «+7…»).
FORMATS = {"date": "dd.mm.yyyy", "datetime": "dd.mm.yyyy hh:mm"} | dict.fromkeys(
    ("birth", "integer", "number", "percent", "score", "experience", "boolean", "consent"), "General"
)
NUMERIC = {"integer", "number", "percent", "score"}


def tables_for(org_type: str) -> list[str]:
    """Canonical names of the tables an organisation of that type keeps, in the order of its workbook.

    Types are those of ``school_profile.org_type`` and «district»; ValueError for another.
    """
    if org_type not in _TABLES:
        raise ValueError(f"unknown type of organisation {org_type!r}: {', '.join(_TABLES)}")
    return list(_TABLES[org_type])


def template_workbook(schemas: Sequence[TableSchema], path: Path, *, org_type: str = "") -> files.Written:
    """Write a blank workbook with a sheet per schema to ``path``, without the fields meant for other organisations.

    A file that somebody has filled in, or that is not ours, is never overwritten: SourceError.
    """
    if path.exists() and files.mark_of(path) != "ours":
        raise SourceError("already exists and may have been filled in; choose another name", path=path)
    return files.replace(path, lambda file: render_template(schemas, file, org_type=org_type))


def render_template(schemas: Sequence[TableSchema], file: BinaryIO, *, org_type: str = "") -> None:
    """Write the blank workbook to a binary file; same schemas, same bytes."""
    from openpyxl import Workbook

    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    workbook.properties.creator = files.APPLICATION
    workbook.properties.title = "Шаблон таблиц наставничества"
    names: list[str] = []
    lists = _Lists(workbook)
    for schema in schemas:
        names.append(sheet_name(schema.title, [*names, LISTS_SHEET]))
        _fill(workbook.create_sheet(names[-1]), fields_for(schema, org_type), lists)
    lists.hide()
    if not workbook.worksheets:
        workbook.create_sheet("Лист")
    content = io.BytesIO()
    workbook.save(content)
    office.repack(content, file, _marked)


def fields_for(schema: TableSchema, org_type: str) -> list[Field]:
    """The fields a blank table asks for, without those meant for other organisations."""
    # a table with running numbers of its own needs no second column of them
    return [item for item in schema.fields if _is_for(item, org_type) and item.title != NUMBER_HEADING]


def _is_for(item: Field, org_type: str) -> bool:
    """Roles name types of organisations or kinds of persons; only the former decide here."""
    types = [role for role in item.roles if role in _TABLES]
    return not (org_type and types) or org_type in types


class _Lists:
    """Words of drop-down lists too long to be written into the rule: columns of a hidden sheet."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._sheet: Worksheet | None = None
        self._ranges: dict[tuple[str, ...], str] = {}

    def formula(self, words: tuple[str, ...]) -> str:
        """What a list rule needs as its formula to offer these words."""
        inline = ",".join(words)
        if len(inline) + 2 <= LONGEST_INLINE_LIST and not any("," in word or '"' in word for word in words):
            return f'"{inline}"'
        if words not in self._ranges:
            if self._sheet is None:
                self._sheet = self._workbook.create_sheet(LISTS_SHEET)
            column = len(self._ranges) + 1
            for row, word in enumerate(words, 1):
                self._sheet.cell(row, column, word)
            letter = column_letter(column)
            self._ranges[words] = f"{LISTS_SHEET}!${letter}$1:${letter}${len(words)}"
        return self._ranges[words]

    def hide(self) -> None:
        """Put the lists last and out of sight."""
        if self._sheet is not None:
            self._workbook.move_sheet(self._sheet, len(self._workbook.worksheets))
            self._sheet.sheet_state = "hidden"


def _fill(sheet: Worksheet, fields: Sequence[Field], lists: _Lists) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.worksheet.datavalidation import DataValidation
    from openpyxl.worksheet.properties import PageSetupProperties

    line = Side(style="thin", color="FFB7B7B7")
    border = Border(left=line, right=line, top=line, bottom=line)
    heading = {
        "font": Font(name="Arial", size=10, bold=True),
        "border": border,
        "alignment": Alignment(horizontal="center", vertical="center", wrap_text=True),
    }
    example_font = Font(name="Arial", size=10, italic=True, color=f"FF{EXAMPLE_COLOR}")
    plain_font = Font(name="Arial", size=10)
    top = Alignment(vertical="top", wrap_text=True)
    tallest = 1
    for column, item in enumerate((None, *fields), 1):
        letter = column_letter(column)
        title = item.title if item else NUMBER_HEADING
        required = item is not None and item.required != "no"
        cell = sheet.cell(1, column, title)
        cell.fill = PatternFill("solid", fgColor=f"FF{REQUIRED_FILL if required else OPTIONAL_FILL}")
        _dress(cell, heading)
        value = example(item) if item else EXAMPLE_MARK
        sample = sheet.cell(2, column, value)
        if isinstance(value, str):
            sample.data_type = "s"  # never a formula
        _dress(sample, {"font": example_font, "border": border, "alignment": top})
        width = NUMBER_WIDTH if item is None else width_of(item, value)
        tallest = max(tallest, -(-len(title) * 12 // int(width * 9)), max(map(len, title.split())) > width and 2)
        dimension = sheet.column_dimensions[letter]
        dimension.width = width
        dimension.font = plain_font
        dimension.alignment = top
        number_format = "@" if item is None else FORMATS.get(item.type, "@")
        dimension.number_format = number_format
        sample.number_format = number_format
        rule = DataValidation(allow_blank=True, showInputMessage=True)
        if item is None:
            rule.promptTitle = NUMBER_HEADING
            rule.prompt = NUMBER_HINT
        else:
            _rule(rule, item, lists)
        if rule.type or rule.prompt:
            rule.add(f"{letter}2:{letter}{LAST_ROW}")
            sheet.add_data_validation(rule)
    sheet.row_dimensions[1].height = 13.5 * min(tallest, 5) + 6
    sheet.freeze_panes = "B2" if len(fields) < 3 else "C2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    margins = sheet.page_margins
    margins.left = margins.right = 0.4
    margins.top, margins.bottom = 0.5, 0.6
    footer: Any = sheet.oddFooter
    footer.left.text = sheet.title.replace("&", "&&")
    footer.right.text = "Лист &P из &N"


def _dress(cell: Any, look: dict[str, Any]) -> None:
    for name, value in look.items():
        setattr(cell, name, value)


def _rule(rule: Any, item: Field, lists: _Lists) -> None:
    """Lists and hints guide; none of them forbids: what a school has to say must fit in."""
    rule.promptTitle = item.title[:32]
    rule.prompt = hint_of(item)[:255] or None
    if words := words_of(item):
        rule.type = "list"
        rule.formula1 = lists.formula(words)
        rule.showErrorMessage = not item.many
        rule.errorStyle = "warning"
        rule.errorTitle, rule.error = item.title[:32], NOT_LISTED
    elif item.type == "date":
        rule.type, rule.operator, rule.formula1 = "date", "greaterThan", "32874"  # 01.01.1990
        rule.showErrorMessage, rule.errorStyle = True, "warning"
        rule.errorTitle, rule.error = item.title[:32], NO_DATE
    elif item.type in NUMERIC:
        rule.type, rule.operator, rule.formula1 = "decimal", "greaterThanOrEqual", f"{item.minimum or 0:g}"
        if item.maximum is not None:
            rule.operator, rule.formula2 = "between", f"{item.maximum:g}"
        rule.showErrorMessage, rule.errorStyle = True, "warning"
        rule.errorTitle, rule.error = item.title[:32], NO_NUMBER


def hint_of(item: Field) -> str:
    """What a person filling the column in should know."""
    hint = item.hint.strip()
    if item.required != "no":
        hint = f"{hint.rstrip('.')}. Обязательно." if hint else "Обязательно."
    return hint


def words_of(item: Field) -> tuple[str, ...]:
    """What the column's drop-down list offers; () for none."""
    if item.type == "enum":
        return tuple(value.title for value in item.enum)
    return ("да", "нет") if item.type == "boolean" else ()


def example(item: Field) -> Any:
    """The example as the kind of value the column holds; None when the schema gives none."""
    text = item.example.strip()
    if not text:
        return None
    if item.type in {"date", "datetime"}:
        for form in ("%d.%m.%Y %H:%M", "%d.%m.%Y"):
            try:
                return datetime.strptime(text, form)
            except ValueError:
                continue
    if item.type in NUMERIC or item.type in {"birth", "experience"}:
        try:
            number = float(text.replace(",", "."))
        except ValueError:
            return text
        return int(number) if number.is_integer() else number
    return text


def width_of(item: Field, shown: Any) -> float:
    """Width of a field's column in characters, for headings and the example."""
    if item.type in {"date", "birth"}:
        return 13.0
    if item.type in NUMERIC or item.type in {"boolean", "experience", "class"}:
        return max(11.0, max(map(len, item.title.split())) * 1.25 + 1)
    words = [len(str(shown or ""))] + [len(value.title) for value in item.enum]
    longest_word = max(map(len, item.title.split()), default=0) * 1.25 + 1
    return round(min(max(14.0, longest_word, min(max(words) * 1.1 + 2, 26.0)), 30.0), 1)


_STAMP = re.compile(rb"<dcterms:(created|modified)[^>]*>[^<]*</dcterms:\1>")

_APPLICATION = re.compile(rb"<Application>[^<]*</Application>")


def _marked(name: str, part: bytes) -> bytes:
    """A part without clock, and as ours."""
    if name == "docProps/core.xml":
        return _STAMP.sub(b"", part)
    if name == "docProps/app.xml":
        return _APPLICATION.sub(f"<Application>{files.APPLICATION}</Application>".encode(), part)
    return part
