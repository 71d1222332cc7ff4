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
from operator import itemgetter
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple, Protocol

from sheets_sync.issues import At, Issue, Severity
from sheets_sync.reporting.fixes import Fix, ReadTable, first_fixes
from sheets_sync.reporting.page import Book, ByColumn, Column, Link, Links, PlainValue, Sheet, Tone
from sheets_sync.reporting.wording import counted, day, listed, long_day
from sheets_sync.table_schema.model import TableSchema

if TYPE_CHECKING:
    from sheets_sync.history import Fixed, Past
    from sheets_sync.waivers import Waiver

AT_MOST = 200  # findings of one code that are listed, unless the configuration says otherwise
LONGEST_FIX = 170  # characters of a line of what to mend first: one line of the printed page
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


class FoundTable(ReadTable, Protocol):
    """A table as it was found and counted (``store.TableLine``)."""

    @property
    def header_row(self) -> int: ...
    @property
    def rows_read(self) -> int: ...
    @property
    def columns(self) -> Mapping[str, str | list[str]]: ...
    @property
    def headings(self) -> Mapping[str, str]: ...


def path_between(folder: Path, file: Path) -> str:
    """Relative path of a file seen from a folder, with «/»; a «file:» address when there is none (another drive).

    What lies at Google («google:ID») is called so everywhere; a sink makes an address of it.
    """
    if str(file).startswith("google:"):
        return str(file)
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
    past: Past | None = None,
    accepted: Sequence[tuple[Issue, Waiver]] = (),
    expired: Mapping[Issue, Waiver] | None = None,
    reminder: str = "",
) -> Book:
    """The book «Проверка» of one organisation.

    ``organisation`` is its name as people know it; of each code ``at_most`` findings are listed, the others counted;
    ``file_of`` gives a workbook's path seen from the book's folder (see :func:`path_between`), or None if it cannot be
    opened from there. ``past`` tells what was fixed; ``accepted`` are findings a waiver holds for, listed apart and not
    counted; ``expired`` the waivers that have run out, by finding; ``reminder`` a line about the due day. Values are
    shown as typed: the book goes to the school they came from.
    """
    found = sorted(issues, key=Issue.sort_key)
    waived = sorted(accepted, key=lambda pair: pair[0].sort_key())
    headings = _Headings(tables, schemas)
    file_of = cache(file_of)
    places = _Places(file_of)
    everywhere = [*(issue.at.workbook for issue in found), *(issue.at.workbook for issue, _ in waived)]
    names = _file_names([*everywhere, *(table.workbook for table in tables)])
    to_mend = [issue for issue in found if issue.severity != "info"]
    hints = [issue for issue in found if issue.severity == "info"]
    shown = _finding_rows(to_mend, messages, headings, names, places, at_most, expired or {})
    above: list[PlainValue] = [f"Проверка: {organisation}", _summary(found, tables, as_of)]
    if reminder:
        above.append(reminder)
    above += _since_last_time(past)
    if waived:
        count = counted(len(waived), *_FINDING_FORMS)
        above.append(Link(f"Известно и принято: {count}. В счёт не идут, перечислены отдельно.", "#'Принято'!A1"))
    if hints:
        above.append(
            Link("Подсказки – для сведения, на отдельном листе: исправлять их не обязательно.", "#'Подсказки'!A1")
        )
    fixes = first_fixes(found, tables)
    if fixes:
        above += [
            "Ошибки не дают учесть строку в показателях. Строки с замечаниями учтены, но исправить их важно.",
            "Что исправить в первую очередь:",
            *(_fix_line(number, fix, messages, headings, names, places) for number, fix in enumerate(fixes, 1)),
        ]
    below = [_left_out(at_most, title, count) for title, count in shown.more]
    columns = FINDING_COLUMNS if shown.rows else ()
    sheets = [Sheet("Проверка", columns, shown.rows, above=above, below=below, cell_tones=shown.tones)]
    if hints:
        sheets.append(_hint_sheet(_finding_rows(hints, messages, headings, names, places, at_most, {}), at_most))
    if waived:
        sheets.append(_accepted_sheet(waived, messages, headings, names, places))
    if past and past.fixed:
        sheets.append(_fixed_sheet(past.fixed, messages, schemas))
    sheets.append(_read_sheet(tables, schemas, names, file_of))
    sheets.append(_column_sheet(tables, schemas, names))
    return Book(f"Проверка: {organisation}", sheets, created)


def _left_out(at_most: int, title: str, count: int) -> PlainValue:
    return f"Показаны первые {at_most} «{title}» из {at_most + count}: исправьте их, и здесь появятся остальные."


def _hint_sheet(shown: _FindingRows, at_most: int) -> Sheet:
    """What was noticed and read all the same; apart, so that it hides nothing that has to be mended."""
    above: list[PlainValue] = ["Подсказки", "Что программа заметила и как прочитала. Исправлять не обязательно."]
    below: list[PlainValue] = [
        f"Показаны первые {at_most} «{title}» из {at_most + count}." for title, count in shown.more
    ]
    return Sheet("Подсказки", FINDING_COLUMNS, shown.rows, above=above, below=below, cell_tones=shown.tones)


_FINDING_FORMS = ("замечание", "замечания", "замечаний")


def _since_last_time(past: Past | None) -> list[PlainValue]:
    """«Исправлено с прошлого раза: 3. Новых замечаний: 1.»"""
    if past is None:
        return []
    fixed = sum(one.just_now for one in past.fixed)
    said = []
    if fixed:
        said.append(f"Исправлено с прошлого раза: {fixed}.")
    if past.new:
        said.append(f"{'Новых' if fixed else 'С прошлого раза новых'} замечаний: {past.new}.")
    if not said:
        return []
    return [Link(" ".join(said), "#'Исправлено'!A1") if fixed else " ".join(said)]


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
        self._schemas = schemas
        self._known: dict[
            tuple[str, str | None, str | None, str | None], str
        ] = {}  # of tables that stand alone in their sheet
        self._tables: dict[tuple[str, str, str], list[FoundTable]] = {}
        for table in sorted(tables, key=lambda table: table.header_row):
            self._tables.setdefault((table.workbook, table.sheet, table.table), []).append(table)

    def over(self, issue: Issue) -> str:
        """Heading of the finding's column, or the field's usual title, or ""."""
        _, workbook, sheet, table, row, _, field = issue.at
        if not field or not table:
            return ""
        known = self._known.get((workbook, sheet, table, field))
        if known is not None:
            return known
        heading = ""
        found = self._tables.get((workbook, sheet or "", table), ())
        for one in found:
            if not heading or (row or 0) > one.header_row:
                heading = one.headings.get(field, "") or heading
        heading = " ".join(heading.split()) or self._title(table, field)
        if len(found) < 2:  # wherever the row is
            self._known[workbook, sheet, table, field] = heading
        return heading

    def over_all(self, found: Sequence[Issue]) -> list[str]:
        """The headings over some findings."""
        known, over = self._known, self.over
        return [known.get((one.at[1], one.at[2], one.at[3], one.at[6])) or over(one) for one in found]

    def _title(self, table: str, field: str) -> str:
        schema = self._schemas.get(table)
        return next((item.title for item in schema.fields if item.name == field), "") if schema else ""


def _file_names(workbooks: Iterable[str]) -> dict[str, str]:
    """Workbook → the name to show: the file's own, with its folder when two files have one name."""
    names = {workbook: PurePosixPath(workbook).name for workbook in dict.fromkeys(workbooks)}
    often = Counter(names.values())
    return {workbook: name if often[name] == 1 else workbook for workbook, name in names.items()}


class _Places:
    """Links to where findings stand; ``file_of`` as :func:`findings_book` has it."""

    def __init__(self, file_of: Callable[[str], str | None]) -> None:
        self._file_of = file_of
        self._leads: dict[tuple[str, str | None], str] = {}

    def of(self, issue: Issue) -> Link | str:
        """A link to the finding's cell, row, sheet or file; plain text when the file cannot be linked to."""
        return self.of_all([issue])[0]

    def of_all(self, found: Sequence[Issue]) -> Links:
        """The same of a column of findings."""
        leads = [self._lead(issue.at.workbook, issue.at.sheet) for issue in found]
        texts, cells = [], []
        for _, workbook, sheet, _, row, column, _ in [issue.at for issue in found]:
            cell = f"{column}{row}" if column and row else ""
            texts.append(cell or (f"строка {row}" if row else "лист" if sheet else "файл" if workbook else ""))
            cells.append(cell or f"A{row or 1}" if sheet else "")
        return Links(texts, leads, cells)

    def _lead(self, workbook: str, sheet: str | None) -> str:
        """Where links into a sheet, or to a file, lead, but for the cell; "" when the file cannot be linked to."""
        lead = self._leads.get((workbook, sheet))
        if lead is None:
            link = place_link("?", self._file_of(workbook) if workbook else None, sheet, "")
            lead = self._leads[workbook, sheet] = link.target if isinstance(link, Link) else ""
        return lead


class _FindingRows(NamedTuple):
    """Findings as rows, the tones of their first cells, and (title, number left out) of codes with too many."""

    rows: ByColumn
    tones: dict[tuple[int, int], Tone]
    more: list[tuple[str, int]]


def _finding_rows(
    found: Sequence[Issue],
    messages: Messages,
    headings: _Headings,
    names: Mapping[str, str],
    places: _Places,
    at_most: int,
    expired: Mapping[Issue, Waiver],
) -> _FindingRows:
    left_out = {code: count - at_most for code, count in Counter(map(_CODE, found)).items() if count > at_most}
    if left_out:
        found = _first_of_each_code(found, at_most)
    if not found:
        return _FindingRows(ByColumn(()), {}, [])
    codes, severities, ats, values, suggestions, _ = zip(*found, strict=True)
    _, workbooks, sheets, *_ = zip(*ats, strict=True)
    over = headings.over_all(found)
    said = [messages.render(issue, heading=heading or None) for issue, heading in zip(found, over, strict=True)]
    texts = [one.message for one in said]
    if expired:
        texts = [text + _expired(expired.get(issue)) for text, issue in zip(texts, found, strict=True)]
    titles = dict(zip(codes, [one.title for one in said], strict=True)) if left_out else {}
    rows = (
        [SEVERITY_WORDS[severity] for severity in severities],
        [names.get(workbook, "") for workbook in workbooks],
        sheets,
        places.of_all(found),
        over,
        [value[:LONGEST_VALUE] + "…" if value and len(value) > LONGEST_VALUE else value for value in values],
        texts,
        [one.hint for one in said],
        suggestions,
        codes,
    )
    tones = {(index, 0): _TONES[severity] for index, severity in enumerate(severities)}
    return _FindingRows(ByColumn(rows), tones, [(titles[code], count) for code, count in sorted(left_out.items())])


_CODE = itemgetter(Issue._fields.index("code"))


def _first_of_each_code(found: Sequence[Issue], most: int) -> list[Issue]:
    """So many findings of every code, in their order."""
    seen: Counter[str] = Counter()
    first = []
    for issue in found:
        seen[issue.code] += 1
        if seen[issue.code] <= most:
            first.append(issue)
    return first


def _expired(waiver: Waiver | None) -> str:
    return f" Было принято до {long_day(waiver.until)} ({waiver.by}): этот срок прошёл." if waiver else ""


def _fix_line(
    number: int,
    fix: Fix,
    messages: Messages,
    headings: _Headings,
    names: Mapping[str, str],
    places: _Places,
) -> Link | str:
    issue = fix.first
    at, heading = issue.at, headings.over(issue)
    said = messages.render(issue, heading=heading or None)
    where = []
    if at.workbook and (len(names) > 1 or not at.sheet):
        where.append(f"файл «{names.get(at.workbook, at.workbook)}»")
    if len(fix.sheets) > 1:
        where.append(f"листы {listed([f'«{sheet}»' for sheet in fix.sheets])}")
    elif at.sheet:
        where.append(f"лист «{at.sheet}»")
    if heading and len(fix.sheets) < 2:
        where.append(f"столбец «{heading}»")
    place = ", ".join(where)
    what = said.message
    if fix.rows > 1 and at.row:
        what = what.rstrip(". ") if issue.code.startswith("ref-") else said.title
        what += f" – {counted(fix.rows, 'строка', 'строки', 'строк')}, первая – {at.row}"
    elif at.cell:
        place = f"{place}, ячейка {at.cell}" if place else f"ячейка {at.cell}"
    text = f"{number}. {place[:1].upper()}{place[1:]}: " if place else f"{number}. "
    text += what.rstrip(". ") + "."
    gain = fix.gain.words()
    # what it brings is why it stands here; the hint is repeated in the table below
    for more in (said.hint if len(text) + len(said.hint) + len(gain) < LONGEST_FIX else "", gain):
        text += f" {more}" if more else ""
    link = places.of(issue)
    return Link(text, link.target) if isinstance(link, Link) else text


def _accepted_sheet(
    waived: Sequence[tuple[Issue, Waiver]],
    messages: Messages,
    headings: _Headings,
    names: Mapping[str, str],
    places: _Places,
) -> Sheet:
    rows: list[Sequence[PlainValue]] = []
    for issue, waiver in waived:
        heading = headings.over(issue)
        value = issue.value[:LONGEST_VALUE] if issue.value else None
        rows.append(
            (
                names.get(issue.at.workbook, ""),
                issue.at.sheet,
                places.of(issue),
                heading,
                value,
                messages.render(issue, heading=heading or None).message,
                f"Принято до {long_day(waiver.until)}: {waiver.by}" + (f", {waiver.reason}" if waiver.reason else ""),
                issue.code,
            )
        )
    said = "Эти замечания известны и приняты до указанного дня: в счёт они не идут. После него появятся снова."
    return Sheet("Принято", ACCEPTED_COLUMNS, rows, above=["Известно и принято", said])


def _fixed_sheet(fixed: Sequence[Fixed], messages: Messages, schemas: Mapping[str, TableSchema]) -> Sheet:
    rows: list[Sequence[PlainValue]] = []
    tones: dict[tuple[int, int], Tone] = {}
    for one in fixed:
        if one.just_now:
            tones[len(rows), 0] = "good"
        schema = schemas.get(one.table)
        titles = {item.name: item.title for item in schema.fields} if schema else {}
        issue = Issue(one.code, "warning", At("", one.workbook, one.sheet or None, one.table or None, field=one.field))
        rows.append(
            (
                one.fixed_on,
                PurePosixPath(one.workbook).name,
                one.sheet,
                titles.get(one.field, one.field),
                one.record,
                one.value[:LONGEST_VALUE],
                messages.render(issue).title,
            )
        )
    said = "Чего больше нет: последние исправления, сверху – новые. Зелёным – то, что исправлено с прошлого раза."
    return Sheet("Исправлено", FIXED_COLUMNS, rows, above=["Исправлено", said], cell_tones=tones)


ACCEPTED_COLUMNS = (
    *FINDING_COLUMNS[1:7],
    Column("Известно, принято", width=36, wrap=True),
    Column("Код", width=16, wrap=True),
)
FIXED_COLUMNS = (
    Column("Когда", "date", width=12, note="День, на который проверка уже не нашла этого замечания"),
    Column("Файл", width=20, wrap=True),
    Column("Лист", width=14.5, wrap=True),
    Column("Столбец", width=17, wrap=True),
    Column("Запись", width=34, wrap=True, note="О ком или о чём строка"),
    Column("Было записано", width=20, wrap=True),
    Column("Что было не так", width=34, wrap=True),
)


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
