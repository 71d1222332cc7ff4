"""What was found in one organisation's workbooks, as the book «Проверка» its curator opens.

First what matters most, then every finding with a link to its cell and what to type there, then how the sheets were
read.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path, PurePosixPath
from typing import NamedTuple, Protocol

from sheets_sync.issues import Issue, Severity
from sheets_sync.reporting.page import Book, Column, Link, PlainValue, Sheet, Tone
from sheets_sync.reporting.wording import counted, day
from sheets_sync.table_schema.model import TableSchema

AT_MOST = 200  # findings of one code that are listed, unless the configuration says otherwise
LONGEST_VALUE = 300  # characters of what was typed that are shown

SEVERITY_WORDS: Mapping[Severity, str] = {"error": "Ошибка", "warning": "Замечание", "info": "Подсказка"}
SEVERITY_FORMS: Mapping[Severity, tuple[str, str, str]] = {
    "error": ("ошибка", "ошибки", "ошибок"),
    "warning": ("замечание", "замечания", "замечаний"),
    "info": ("подсказка", "подсказки", "подсказок"),
}
_TONES: Mapping[Severity, Tone] = {"error": "bad", "warning": "warn", "info": "info"}


class Said(Protocol):
    """The words of one issue."""

    @property
    def title(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def hint(self) -> str: ...


class Messages(Protocol):
    """The texts of issues in the language of the school."""

    def render(self, issue: Issue, /, *, heading: str | None = None) -> Said: ...


class FoundTable(Protocol):
    """A table as it was found and counted (``store.TableLine``)."""

    @property
    def workbook(self) -> str: ...
    @property
    def sheet(self) -> str: ...
    @property
    def table(self) -> str: ...
    @property
    def header_row(self) -> int: ...
    @property
    def rows_read(self) -> int: ...
    @property
    def rows_accepted(self) -> int: ...
    @property
    def rows_rejected(self) -> int: ...
    @property
    def columns(self) -> Mapping[str, str | list[str]]: ...
    @property
    def headings(self) -> Mapping[str, str]: ...


def path_between(folder: Path, file: Path) -> str:
    """Relative path of a file seen from a folder, with «/»; a «file:» address when there is none (another drive)."""
    try:
        return Path(os.path.relpath(file, folder)).as_posix()
    except ValueError:
        return file.absolute().as_uri()


def place_link(text: str, file: str | None, sheet: str | None, cell: str) -> Link | str:
    """A link to a cell of a file (seen from the folder of the book); plain text when the file cannot be linked to."""
    if not file:
        return text
    return Link(text, f"{file}#'{sheet.replace(chr(39), chr(39) * 2)}'!{cell}" if sheet else file)


def findings_book(
    organisation: str,
    issues: Iterable[Issue],
    tables: Sequence[FoundTable],
    messages: Messages,
    schemas: Mapping[str, TableSchema],
    *,
    as_of: date,
    file_of: Callable[[str], str | None] = lambda workbook: None,
    created: datetime | None = None,
    at_most: int = AT_MOST,
) -> Book:
    """The book «Проверка» of one organisation.

    ``organisation`` is its name as people know it; of each code ``at_most`` findings are listed, the others counted; ``file_of`` gives a workbook's path seen from the book's folder (see
    :func:`path_between`), or None if it cannot be opened from there. Values are shown as typed: the book goes to the
    school they came from.
    """
    found = sorted(issues, key=Issue.sort_key)
    headings = _Headings(tables, schemas)
    file_of = cache(file_of)
    names = _file_names([*(issue.at.workbook for issue in found), *(table.workbook for table in tables)])
    rows, tones, more = _issue_rows(found, messages, headings, names, file_of, at_most)
    above: list[PlainValue] = [f"Проверка: {organisation}", _summary(found, tables, as_of)]
    fixes = first_fixes(found)
    if fixes:
        above += [
            "Ошибки не дают учесть строку в показателях. Замечания учтены, но важны. Подсказки – для сведения.",
            "Что исправить в первую очередь:",
            *(_fix_line(number, fix, messages, headings, names, file_of) for number, fix in enumerate(fixes, 1)),
        ]
    below: list[PlainValue] = [
        f"Показаны первые {at_most} «{title}» из {at_most + count}: исправьте их, и здесь появятся остальные."
        for title, count in more
    ]
    sheets = []
    findings = Sheet("Проверка", FINDING_COLUMNS if rows else (), rows, above=above, below=below, cell_tones=tones)
    sheets.append(findings)
    sheets.append(_read_sheet(tables, schemas, names, file_of))
    sheets.append(_column_sheet(tables, schemas, names))
    return Book(f"Проверка: {organisation}", sheets, created)


FINDING_COLUMNS = (
    Column("Важность", width=11.5, wrap=True),
    Column("Файл", width=20, wrap=True),
    Column("Лист", width=14.5, wrap=True),
    Column("Ячейка", "link", width=10, wrap=True, note="Щёлкните, чтобы открыть файл на этой ячейке"),
    Column("Столбец", width=17, wrap=True),
    Column("Что записано", width=18, wrap=True),
    Column("Что не так", width=36, wrap=True),
    Column("Что сделать", width=36, wrap=True),
    Column("Как исправить", width=17, wrap=True, note="Готовое значение: его можно скопировать в ячейку"),
    Column("Код", width=16, wrap=True, note="Подробнее: sheets-sync explain КОД"),
)


class Fix(NamedTuple):
    """Findings of one cause in one column of one sheet, to be mended together: the first of them, and how many rows."""

    first: Issue
    rows: int
    weight: int


def first_fixes(issues: Iterable[Issue], most: int = 3) -> list[Fix]:
    """The few things to mend first: what keeps a file, a table, rows or pairs out of the figures, heaviest first."""
    first: dict[tuple[str | None, ...], Issue] = {}
    rows: dict[tuple[str | None, ...], set[int | None]] = {}
    for issue in issues:
        if issue.severity == "info":
            continue
        at = issue.at
        cause = (issue.code, issue.severity, at.workbook, at.sheet, at.table, at.field)
        first.setdefault(cause, issue)
        rows.setdefault(cause, set()).add(at.row)
    fixes = [Fix(issue, len(rows[cause]), _weight(issue) * len(rows[cause])) for cause, issue in first.items()]
    return sorted(fixes, key=lambda fix: (fix.first.severity != "error", -fix.weight, fix.first.sort_key()))[:most]


def _weight(issue: Issue) -> int:
    """How much one such finding hides from the figures: a file, a table or column, a row, a pair, nothing."""
    family = issue.code.partition("-")[0]
    if issue.severity != "error":
        return 20 if family in {"file", "sheet", "heading"} else 1
    return {"file": 100_000, "sheet": 20_000, "heading": 10_000, "cell": 100, "row": 100}.get(family, 80)


def summary_line(issues: Iterable[Issue]) -> str:
    """«Найдено: 3 ошибки, 5 замечаний, 2 подсказки.»; «Всё в порядке» when there is nothing to mend."""
    counts = Counter(issue.severity for issue in issues)
    if not counts:
        return "Всё в порядке: исправлять нечего."
    parts = [counted(counts[severity], *forms) for severity, forms in SEVERITY_FORMS.items() if counts[severity]]
    line = f"Найдено: {', '.join(parts)}."
    if set(counts) == {"info"}:
        return f"Всё в порядке: исправлять нечего. {line}"
    return line if counts["error"] else f"{line} Ошибок нет."


def _summary(found: Sequence[Issue], tables: Sequence[FoundTable], as_of: date) -> str:
    when = f" Проверено по состоянию на {day(as_of)}."
    if not tables and not found:
        return "Таблиц пока нет: проверять нечего." + when
    read = sum(table.rows_read for table in tables)
    rejected = sum(table.rows_rejected for table in tables)
    rows = f" Строк прочитано: {read}"
    rows += f", не принято: {rejected}." if rejected else ", приняты все." if read else "."
    return summary_line(found) + rows + when


class _Headings:
    """The heading over a finding, as the school typed it."""

    def __init__(self, tables: Sequence[FoundTable], schemas: Mapping[str, TableSchema]) -> None:
        self._titles = {(name, item.name): item.title for name, schema in schemas.items() for item in schema.fields}
        self._tables: dict[tuple[str, str, str], list[FoundTable]] = {}
        for table in sorted(tables, key=lambda table: table.header_row):
            self._tables.setdefault((table.workbook, table.sheet, table.table), []).append(table)

    def over(self, issue: Issue) -> str:
        """Heading of the finding's column, or the field's usual title, or ""."""
        at = issue.at
        if not at.field or not at.table:
            return ""
        heading = ""
        for table in self._tables.get((at.workbook, at.sheet or "", at.table), ()):
            if not heading or (at.row or 0) > table.header_row:
                heading = table.headings.get(at.field, "") or heading
        return " ".join(heading.split()) or self._titles.get((at.table, at.field), "")


def _file_names(workbooks: Iterable[str]) -> dict[str, str]:
    """Workbook → the name to show: the file's own, with its folder when two files have one name."""
    names = {workbook: PurePosixPath(workbook).name for workbook in workbooks}
    often = Counter(names.values())
    return {workbook: name if often[name] == 1 else workbook for workbook, name in names.items()}


def _cell_link(issue: Issue, file_of: Callable[[str], str | None]) -> Link | str:
    at = issue.at
    text = at.cell or (f"строка {at.row}" if at.row else "лист" if at.sheet else "файл" if at.workbook else "")
    return place_link(text, file_of(at.workbook) if at.workbook else None, at.sheet, at.cell or f"A{at.row or 1}")


def _issue_rows(
    found: Sequence[Issue],
    messages: Messages,
    headings: _Headings,
    names: Mapping[str, str],
    file_of: Callable[[str], str | None],
    at_most: int,
) -> tuple[list[Sequence[PlainValue]], dict[tuple[int, int], Tone], list[tuple[str, int]]]:
    """Rows of the findings, the tones of their first cells, and (title, number left out) of codes with too many."""
    rows: list[Sequence[PlainValue]] = []
    tones: dict[tuple[int, int], Tone] = {}
    listed: Counter[str] = Counter()
    titles: dict[str, str] = {}
    for issue in found:
        listed[issue.code] += 1
        if listed[issue.code] > at_most:
            continue
        heading = headings.over(issue)
        said = messages.render(issue, heading=heading or None)
        titles[issue.code] = said.title
        value = issue.value
        if value is not None and len(value) > LONGEST_VALUE:
            value = value[:LONGEST_VALUE] + "…"
        tones[len(rows), 0] = _TONES[issue.severity]
        rows.append(
            (
                SEVERITY_WORDS[issue.severity],
                names.get(issue.at.workbook, ""),
                issue.at.sheet,
                _cell_link(issue, file_of),
                heading,
                value,
                said.message,
                said.hint,
                issue.suggestion,
                issue.code,
            )
        )
    return rows, tones, [(titles[code], count - at_most) for code, count in sorted(listed.items()) if count > at_most]


def _fix_line(
    number: int,
    fix: Fix,
    messages: Messages,
    headings: _Headings,
    names: Mapping[str, str],
    file_of: Callable[[str], str | None],
) -> Link | str:
    issue = fix.first
    at, heading = issue.at, headings.over(issue)
    said = messages.render(issue, heading=heading or None)
    where = []
    if at.workbook and (len(names) > 1 or not at.sheet):
        where.append(f"файл «{names.get(at.workbook, at.workbook)}»")
    if at.sheet:
        where.append(f"лист «{at.sheet}»")
    if heading:
        where.append(f"столбец «{heading}»")
    place = ", ".join(where)
    what = said.message
    if fix.rows > 1:
        what = f"{said.title} – {counted(fix.rows, 'строка', 'строки', 'строк')}, первая – {at.row}"
    elif at.cell:
        place = f"{place}, ячейка {at.cell}" if place else f"ячейка {at.cell}"
    text = f"{number}. {place[:1].upper()}{place[1:]}: " if place else f"{number}. "
    text += what.rstrip(". ") + "."
    if said.hint:
        text += f" {said.hint}"
    link = _cell_link(issue, file_of)
    return Link(text, link.target) if isinstance(link, Link) else text


def _read_sheet(
    tables: Sequence[FoundTable],
    schemas: Mapping[str, TableSchema],
    names: Mapping[str, str],
    file_of: Callable[[str], str | None],
) -> Sheet:
    rows: list[Sequence[PlainValue]] = []
    tones: dict[tuple[int, int], Tone] = {}
    for table in sorted(tables, key=_table_order):
        if table.rows_rejected:
            tones[len(rows), 6] = "bad"
        rows.append(
            (
                names.get(table.workbook, table.workbook),
                place_link(table.sheet, file_of(table.workbook), table.sheet, f"A{table.header_row}"),
                schemas[table.table].title if table.table in schemas else table.table,
                table.header_row,
                table.rows_read,
                table.rows_accepted,
                table.rows_rejected,
            )
        )
    said = "Какие таблицы найдены и сколько строк в них прочитано."
    if not rows:
        said = "Таблицы не найдены. Проверьте, что у столбцов есть заголовки: «ФИО наставника», «Дата» и другие."
    return Sheet("Прочитано", READ_COLUMNS if rows else (), rows, above=["Прочитано", said], cell_tones=tones)


READ_COLUMNS = (
    Column("Файл", wrap=True),
    Column("Лист", "link", wrap=True),
    Column("Таблица"),
    Column("Строка заголовка", "integer", width=12),
    Column("Прочитано строк", "integer", width=13),
    Column("Принято", "integer", width=11),
    Column("Не принято", "integer", width=11, note="Строки с ошибками: в показатели они не входят"),
)
COLUMN_COLUMNS = (
    Column("Файл", wrap=True),
    Column("Лист", wrap=True),
    Column("Таблица"),
    Column("Столбец", width=11),
    Column("Ваш заголовок", wrap=True),
    Column("Понят как", wrap=True),
)


def _column_sheet(tables: Sequence[FoundTable], schemas: Mapping[str, TableSchema], names: Mapping[str, str]) -> Sheet:
    rows: list[Sequence[PlainValue]] = []
    for table in sorted(tables, key=_table_order):
        schema = schemas.get(table.table)
        titles = {item.name: item.title for item in schema.fields} if schema else {}
        for field, letters in table.columns.items():
            rows.append(
                (
                    names.get(table.workbook, table.workbook),
                    table.sheet,
                    schema.title if schema else table.table,
                    letters if isinstance(letters, str) else ", ".join(letters),
                    " ".join(table.headings.get(field, "").split()),
                    titles.get(field, field),
                )
            )
    said = "Как поняты заголовки. Если столбец понят неверно, измените его заголовок или сообщите координатору района."
    if not rows:
        said = "Столбцы не найдены."
    return Sheet("Столбцы", COLUMN_COLUMNS if rows else (), rows, above=["Столбцы", said])


def _table_order(table: FoundTable) -> tuple[str, str, int]:
    return (table.workbook, table.sheet, table.header_row)
