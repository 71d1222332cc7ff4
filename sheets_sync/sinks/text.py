"""What `check` prints: issues as text, Markdown, CSV or the JSON contract of design.md §4, personal values masked.

Everything is a stream of text pieces, so that a long check shows its first findings early and holds none of them.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain
from typing import Any, Literal, Protocol

from sheets_sync.issues import Issue, column_letter
from sheets_sync.table import TypedTable
from sheets_sync.table_schema.model import Field, TableSchema

Format = Literal["text", "json", "csv", "md"]
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
SEVERITY_WORDS = {
    "ru": {"error": "ошибка", "warning": "замечание", "info": "подсказка"},
    "en": {"error": "error", "warning": "warning", "info": "info"},
}


@dataclass(slots=True)
class CheckedWorkbook:
    """One workbook after its check. ``path`` is as given on the command line plus what was found below it.

    ``unknown``: sheet in which no table was found → what comes nearest, where an explanation was asked for.
    """

    path: str
    organisation: str
    tables: Sequence[TypedTable] = ()
    issues: Sequence[Issue] = field(default_factory=list)
    unknown: Mapping[str, str] = field(default_factory=dict)


class Said(Protocol):
    """The words of one issue."""

    @property
    def message(self) -> str: ...
    @property
    def hint(self) -> str: ...


class Messages(Protocol):
    """The texts of issues in one language."""

    def render(self, issue: Issue, /, *, heading: str | None = None) -> Said: ...


# --- masking ----------------------------------------------------------------------------------------------------------

# Families that speak of files, sheets and headings, never of a person's cell.
_STRUCTURAL = {"file", "sheet", "heading", "rule"}
_INITIAL = re.compile(r"[^\W\d_]")
_NAME = re.compile(r"[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?\s+[А-ЯЁ](?:[а-яё]+|\.)")
_DIGITS = re.compile(r"\d")


class Masking:
    """Hides what was typed in columns marked personal; what cannot be told to be harmless is hidden too."""

    def __init__(self, schemas: Mapping[str, TableSchema]) -> None:
        self._fields = {(name, item.name): item for name, schema in schemas.items() for item in schema.fields}
        self._personal_names = {item.name for item in self._fields.values() if item.personal != "none"}

    def issue(self, issue: Issue) -> Issue:
        """The issue with its value, suggestion and parameters masked where they may be personal."""
        params = tuple((name, self._param(issue, name, text)) for name, text in issue.params)
        if not self._is_personal(issue):
            return issue._replace(params=params) if params != issue.params else issue
        item = self._fields.get((issue.at.table or "", issue.at.field or ""))
        name = item is None or _holds_names(item)
        value = None if issue.value is None else mask(issue.value, name=name)
        suggestion = None if issue.suggestion is None else mask(issue.suggestion, name=name)
        return issue._replace(value=value, suggestion=suggestion, params=params)

    def values(self, table: str, record: Mapping[str, Any]) -> dict[str, Any]:
        """One accepted row for JSON: personal values masked, lists item by item."""
        shown = {}
        for name, value in record.items():
            item = self._fields.get((table, name))
            if value is None or (item is not None and item.personal == "none"):
                shown[name] = value
            elif isinstance(value, list):
                shown[name] = [mask(str(one), name=_holds_names(item)) for one in value]
            else:
                shown[name] = mask(str(value), name=_holds_names(item))
        return shown

    def _is_personal(self, issue: Issue) -> bool:
        if issue.code.partition("-")[0] in _STRUCTURAL:
            return False
        item = self._fields.get((issue.at.table or "", issue.at.field or ""))
        return item is None or item.personal != "none"

    def _param(self, issue: Issue, name: str, text: str) -> str:
        """Parameters are words of the message (a row, a type, the words allowed): only personal ones are hidden."""
        if name in self._personal_names or _NAME.search(text) or "@" in text or len(_DIGITS.findall(text)) > 8:
            return mask(text, name=True)
        if issue.value and text and self._is_personal(issue) and (text in issue.value or issue.value in text):
            return text if text.isdigit() and len(text) < 5 and text != issue.value else mask(text, name=True)
        return text


def _holds_names(item: Field | None) -> bool:
    return item is not None and item.type in {"name", "people"}


def mask(text: str, *, name: bool = False) -> str:
    """«Иванов Олег» → «И… О…» in a column of names, anything else «***»; an empty text stays empty."""
    if not text.strip():
        return text
    if not name:
        return "***"
    initials = [f"{word[0]}…" for word in text.split() if _INITIAL.match(word)]
    return " ".join(initials) if initials and not _DIGITS.search(text) else "***"


# --- JSON -------------------------------------------------------------------------------------------------------------


class Headings(dict[tuple[str | None, str | None, str | None], str]):
    """(sheet, table, field) → the heading as the school typed it, for the messages about a workbook."""

    def __init__(self, tables: Iterable[TypedTable] = ()) -> None:
        super().__init__()
        for typed in tables:
            for name, heading in typed.table.headings.items():
                self.setdefault((typed.table.sheet, typed.table.name, name), _one_line(heading))

    def over(self, issue: Issue) -> str | None:
        """Heading of the issue's column, None if it has none."""
        return self.get((issue.at.sheet, issue.at.table, issue.at.field)) or None


def issue_object(issue: Issue, messages: Messages, heading: str | None = None) -> dict[str, Any]:
    """An Issue of the JSON contract; mask it first if its values may not be shown."""
    at, said = issue.at, messages.render(issue, heading=heading)
    return {
        "code": issue.code,
        "severity": issue.severity,
        "table": at.table,
        "sheet": at.sheet,
        "row": at.row,
        "field": at.field,
        "cell": at.cell,
        "value": issue.value,
        "message": said.message,
        "hint": said.hint,
        "suggestion": issue.suggestion,
    }


def table_object(typed: TypedTable, masking: Masking | None, *, rows: bool) -> dict[str, Any]:
    """A table of the JSON contract; with ``rows`` its accepted rows, masked unless ``masking`` is None."""
    read, accepted = typed.rows_read, typed.rows_accepted
    found: dict[str, Any] = {
        "table": typed.table.name,
        "sheet": typed.table.sheet,
        "header_row": typed.table.header_row,
        "rows_read": read,
        "rows_accepted": accepted,
        "rows_rejected": read - accepted,
        "columns": typed.table.letters(),
    }
    if rows:
        found["rows"] = [
            {"row": row, "values": record if masking is None else masking.values(typed.table.name, record)}
            for index, row in enumerate(typed.row_numbers)
            if typed.accepted[index]
            for record in [{name: column[index] for name, column in typed.values.items()}]
        ]
    return found


def json_pieces(
    workbooks: Iterable[CheckedWorkbook],
    organisation_issues: Iterable[Issue],
    messages: Messages,
    masking: Masking | None,
    *,
    rows: bool = False,
) -> Iterator[str]:
    """The object of `check --format json`, workbook by workbook."""
    yield '{"version": 1, "workbooks": ['
    separator = "\n"
    for workbook in workbooks:
        headings = Headings(workbook.tables)
        yield separator + _json(
            {
                "path": workbook.path,
                "tables": [table_object(table, masking, rows=rows) for table in workbook.tables],
                "issues": [
                    issue_object(issue, messages, headings.over(issue)) for issue in _shown(workbook.issues, masking)
                ],
            }
        )
        separator = ",\n"
    yield '],\n"issues": ['
    separator = "\n"
    for issue in _shown(organisation_issues, masking):
        yield separator + _json({"organisation": issue.at.organisation, **issue_object(issue, messages)})
        separator = ",\n"
    yield "]}\n"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return str(value)


def _shown(issues: Iterable[Issue], masking: Masking | None) -> list[Issue]:
    ordered = sorted(issues, key=Issue.sort_key)
    return ordered if masking is None else [masking.issue(issue) for issue in ordered]


# --- CSV --------------------------------------------------------------------------------------------------------------

CSV_COLUMNS = (
    "organisation",
    "path",
    "sheet",
    "table",
    "row",
    "field",
    "cell",
    "severity",
    "code",
    "value",
    "message",
    "hint",
    "suggestion",
)


def csv_pieces(
    workbooks: Iterable[CheckedWorkbook],
    organisation_issues: Iterable[Issue],
    messages: Messages,
    masking: Masking | None,
) -> Iterator[str]:
    """One line per issue, comma-separated; a text that would be taken for a formula gets an apostrophe before it."""
    line = io.StringIO(newline="")
    writer = csv.writer(line, lineterminator="\r\n")

    def written(cells: Iterable[object]) -> str:
        line.seek(0)
        line.truncate()
        writer.writerow(cells)
        return line.getvalue()

    yield written(CSV_COLUMNS)
    for workbook in chain(workbooks, [CheckedWorkbook("", "", (), list(organisation_issues))]):
        headings = Headings(workbook.tables)
        for issue in _shown(workbook.issues, masking):
            found = issue_object(issue, messages, headings.over(issue))
            found["organisation"] = workbook.organisation or issue.at.organisation
            found["path"] = workbook.path or issue.at.workbook
            yield written(safe_csv(found[name]) for name in CSV_COLUMNS)


def safe_csv(value: object) -> object:
    """A value as a CSV cell that no spreadsheet runs as a formula."""
    if isinstance(value, str) and value.startswith(FORMULA_SIGNS):
        return "'" + value
    return "" if value is None else value


# --- text and Markdown ------------------------------------------------------------------------------------------------


def text_pieces(
    workbooks: Iterable[CheckedWorkbook],
    organisation_issues: Iterable[Issue],
    messages: Messages,
    masking: Masking | None,
    *,
    language: str = "ru",
    explain: bool = False,
) -> Iterator[str]:
    """Lines for a pipe or a plain terminal: per workbook its issues, then a line of totals.

    ``explain`` adds how each table was recognised, and what the other sheets come nearest to.
    """
    words = SEVERITY_WORDS[language]
    totals: Counter[str] = Counter()
    for workbook in workbooks:
        yield f"{workbook.path}\n"
        for typed in workbook.tables:
            yield f"  {table_line(typed, language)}\n"
            if explain:
                yield from (f"    {line}\n" for line in explanation(typed))
        for sheet, why in workbook.unknown.items():
            yield f"  {_one_line(sheet)}: no table; {why}\n"
        headings = Headings(workbook.tables)
        for issue in _shown(workbook.issues, masking):
            totals[issue.severity] += 1
            yield f"  {_issue_line(issue, messages, words, headings.over(issue))}\n"
    heading = ""
    for issue in _shown(organisation_issues, masking):
        if issue.at.organisation != heading:
            heading = issue.at.organisation
            yield f"{heading}\n"
        totals[issue.severity] += 1
        yield f"  {_issue_line(issue, messages, words)}\n"
    yield totals_line(totals, language) + "\n"


def table_line(typed: TypedTable, language: str) -> str:
    """«Пары: pairs, строк 12, не принято 1»."""
    read, rejected = typed.rows_read, typed.rows_read - typed.rows_accepted
    rows, out = ("строк", "не принято") if language == "ru" else ("rows", "rejected")
    sheet = _one_line(typed.table.sheet)
    return f"{sheet}: {typed.table.name}, {rows} {read}" + (f", {out} {rejected}" if rejected else "")


def explanation(typed: TypedTable) -> Iterator[str]:
    """How a table was recognised, line by line: the choice, its headings, columns ignored, rows that are no records."""
    table = typed.table
    yield table.why
    if not table.is_card:
        where = spans(table.header_rows)
        yield f"headings in row{'s' if len(table.header_rows) > 1 else ''} {where}" + (
            f", records in {spans(typed.row_numbers)}" if typed.row_numbers else ", no records"
        )
    spelt = []
    for name, columns in table.columns.items():
        how, quality, meant = table.how.get(name, ("exact", 1.0, ""))
        at = "+".join(map(column_letter, columns))
        if how == "exact":
            spelt.append(f"{at} {name}")
            continue
        told = {
            "config": "settled in the config",
            "near": f"a near miss of «{_one_line(meant)}»",
            "words": f"by its words, {quality:.2f}",
            "contents": "by the cells below it",
        }
        yield f"{at} {name} ← «{_one_line(table.headings.get(name, ''))}», {told.get(how, how)}"
    if spelt:
        yield f"as spelt: {', '.join(spelt)}"
    if table.cells:
        yield f"in cells of their own: {', '.join(f'{cell} {name}' for name, cell in table.cells.items())}"
    if table.constants:
        yield f"by the names of sheet and file: {', '.join(f'{name} {code}' for name, code in table.constants.items())}"
    if table.ignored:
        ignored = (f"{column_letter(column)} «{_one_line(text)}»" for column, text in sorted(table.ignored.items()))
        yield f"ignored: {', '.join(ignored)}"
    kinds: dict[str, list[int]] = {}
    for row, kind in table.non_data:
        kinds.setdefault(kind, []).append(row)
    if kinds:
        yield f"no records: {'; '.join(f'{kind} {spans(rows)}' for kind, rows in kinds.items())}"
    rejected = sorted({row for row, good in zip(typed.row_numbers, typed.accepted, strict=True) if not good})
    if rejected:
        yield f"rejected for what the issues say: {spans(rejected)}"


def spans(rows: Iterable[int]) -> str:
    """«3–7, 9»."""
    found: list[list[int]] = []
    for row in sorted(set(rows)):
        if found and row == found[-1][1] + 1:
            found[-1][1] = row
        else:
            found.append([row, row])
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in found)


def place_of(issue: Issue) -> str:
    """«Пары!F17», «Пары:17», «Пары» or ""."""
    at = issue.at
    if not at.sheet:
        return ""
    return f"{at.sheet}!{at.cell}" if at.cell else f"{at.sheet}:{at.row}" if at.row else at.sheet


def _issue_line(issue: Issue, messages: Messages, words: Mapping[str, str], heading: str | None = None) -> str:
    said = messages.render(issue, heading=heading)
    place = place_of(issue)
    line = f"{_one_line(place)}  " if place else ""
    line += f"{words[issue.severity]}: {_one_line(said.message)}"
    if said.hint:
        line += f" {_one_line(said.hint)}"
    if issue.suggestion:
        line += f" → {_one_line(issue.suggestion)}"
    return f"{line}  [{issue.code}]"


def totals_line(totals: Mapping[str, int], language: str = "ru") -> str:
    """«Ошибок: 3, замечаний: 5, подсказок: 2» or «Всё в порядке»."""
    errors, warnings, infos = (totals.get(severity, 0) for severity in ("error", "warning", "info"))
    if language == "ru":
        return f"Ошибок: {errors}, замечаний: {warnings}, подсказок: {infos}" if totals else "Всё в порядке"
    return f"Errors: {errors}, warnings: {warnings}, infos: {infos}" if totals else "Everything is in order"


def markdown_pieces(
    workbooks: Iterable[CheckedWorkbook],
    organisation_issues: Iterable[Issue],
    messages: Messages,
    masking: Masking | None,
    *,
    language: str = "ru",
) -> Iterator[str]:
    """A Markdown document: a heading and a table of issues per workbook."""
    words = SEVERITY_WORDS[language]
    russian = language == "ru"
    titles = "Severity|Place|Value|What is wrong|What to do|Suggestion|Code".split("|")
    if russian:
        titles = "Важность|Место|Записано|Что не так|Что сделать|Исправление|Код".split("|")
    header = _md_row(titles) + _md_row(["---"] * len(titles))
    totals: Counter[str] = Counter()

    def section(title: str, issues: Sequence[Issue], headings: Headings) -> Iterator[str]:
        yield f"## {_md(title)}\n\n"
        if not issues:
            yield totals_line({}, language) + ".\n\n"
            return
        yield header
        for issue in issues:
            totals[issue.severity] += 1
            said = messages.render(issue, heading=headings.over(issue))
            yield _md_row(
                (
                    words[issue.severity],
                    _md(place_of(issue)),
                    _md(issue.value or ""),
                    _md(said.message),
                    _md(said.hint),
                    _md(issue.suggestion or ""),
                    f"`{issue.code}`",
                )
            )
        yield "\n"

    yield "# Проверка таблиц\n\n" if russian else "# Check\n\n"
    for workbook in workbooks:
        yield from section(workbook.path, _shown(workbook.issues, masking), Headings(workbook.tables))
    by_organisation: dict[str, list[Issue]] = {}
    for issue in organisation_issues:
        by_organisation.setdefault(issue.at.organisation, []).append(issue)
    for organisation, issues in sorted(by_organisation.items()):
        yield from section(organisation, _shown(issues, masking), Headings())
    yield totals_line(totals, language) + ".\n"


def _one_line(text: str) -> str:
    """One line without control characters: a cell must not speak to the terminal."""
    return " ".join(_CONTROL.sub(" ", text).split())


_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def _md(text: str) -> str:
    return re.sub(r"([\\|*_`<>\[\]#])", r"\\\1", _one_line(text))


def _md_row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |\n"
