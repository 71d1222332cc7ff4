"""What to mend first: findings of one cause taken together, in the order of what their mending brings.

What is kept out of the figures (domain.md §4.2, tables.md question 3): rows of pairs with an error or without an order,
rows of the bases and questionnaires that were not accepted, the denominators of the organisation's profile. A misspelt
name is one cause wherever it stands; otherwise a cause is one code in one column of one sheet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from heapq import nsmallest
from typing import NamedTuple, Protocol

from sheets_sync.issues import Issue
from sheets_sync.reporting.wording import counted, listed

# Fields of the profile and the indicators that cannot be computed without them (reports/indicators).
DENOMINATORS: Mapping[str, tuple[str, ...]] = {
    "n_potential": ("I1",),
    "n_15_18": ("I2",),
    "n_young": ("I3",),
    "n_pupils": ("I7",),
    "n_teachers": ("I7",),
}
_ALL_DENOMINATED = ("I1", "I2", "I3", "I7")

# What a row brings back, by its table: the verb's words, the noun's forms, and how much it weighs beside others.
_BROUGHT: Mapping[str, tuple[str, tuple[str, str, str], float]] = {
    "pairs": ("в показатели", ("пару", "пары", "пар"), 20),
    "mentees": ("в базу", ("наставляемого", "наставляемых", "наставляемых"), 10),
    "mentors": ("в базу", ("наставника", "наставников", "наставников"), 10),
    "curators": ("в базу", ("куратора", "кураторов", "кураторов"), 3),
    "questionnaires": ("в показатели", ("анкету", "анкеты", "анкет"), 5),
    "meetings": ("в учёт", ("встречу", "встречи", "встреч"), 1),
}
_OTHERS = ("в учёт", ("строку", "строки", "строк"), 1.0)


# What keeps a meeting from being found to belong to a pair.
_UNLINKED = frozenset({"ref-unknown", "ref-unknown-pair", "ref-ambiguous", "meeting-no-pair"})


class ReadTable(Protocol):
    """What is asked of a table that was found (``store.TableLine``)."""

    @property
    def workbook(self) -> str: ...
    @property
    def sheet(self) -> str: ...
    @property
    def table(self) -> str: ...
    @property
    def rows_accepted(self) -> int: ...
    @property
    def rows_rejected(self) -> int: ...


class Gain(NamedTuple):
    """What mending a cause brings: ``rows`` by table come back at once, ``partly`` once other causes are mended too.

    ``indicators`` can then be computed; ``linked`` meetings find their pair; ``whole_file``: all its tables.
    """

    rows: Mapping[str, int]
    partly: Mapping[str, int]
    indicators: tuple[str, ...] = ()
    linked: int = 0
    whole_file: bool = False

    def words(self) -> str:
        """«Это вернёт в показатели 4 пары.»; "" when nothing is kept out."""
        if self.whole_file:
            return "Тогда будут учтены и таблицы этого файла."
        said = [*_brought(self.rows)]
        if self.linked:
            said.append(f"свяжет с парами {counted(self.linked, 'встречу', 'встречи', 'встреч')}")
        if self.indicators:
            word = "показатель" if len(self.indicators) == 1 else "показатели"
            said.insert(0, f"позволит посчитать {word} {listed(self.indicators)}")
        later = [*_brought(self.partly)]
        if said:
            return f"Это {listed(said)}{', а вместе с другими исправлениями – ещё больше' if later else ''}."
        return f"Вместе с другими исправлениями это {listed(later)}." if later else ""

    @property
    def weight(self) -> float:
        """For ordering: a pair before a person, a whole indicator before many pairs."""
        if self.whole_file:
            return 1_000_000
        rows = sum(_BROUGHT.get(table, _OTHERS)[2] * count for table, count in self.rows.items())
        partly = sum(_BROUGHT.get(table, _OTHERS)[2] * count * 0.4 for table, count in self.partly.items())
        return rows + partly + 2_000 * len(self.indicators) + self.linked


def _brought(rows: Mapping[str, int]) -> Iterable[str]:
    verb = "вернёт "
    for table in (*_BROUGHT, *(name for name in rows if name not in _BROUGHT)):
        if rows.get(table):
            where, forms, _ = _BROUGHT.get(table, _OTHERS)
            yield f"{verb}{where} {counted(rows[table], *forms)}"
            verb = ""


class Fix(NamedTuple):
    """Findings of one cause: the first of them, how many rows and which sheets they stand in, what mending brings."""

    first: Issue
    rows: int
    sheets: tuple[str, ...]
    gain: Gain


_NOTHING: Mapping[str, int] = {}
_Cause = tuple[str | None, ...]
_Row = tuple[str, str | None, str | None, int]


def first_fixes(issues: Iterable[Issue], tables: Sequence[ReadTable] = (), most: int = 3) -> list[Fix]:
    """The few causes whose mending brings most into the figures; errors before warnings where it brings the same.

    ``issues`` are in their order (``Issue.sort_key``); ``tables`` are those found, for causes that concern a table as a
    whole.
    """
    of_cause: dict[_Cause, list[Issue]] = {}
    keeping_out: dict[_Row, set[_Cause]] = {}
    for issue in issues:
        if issue.severity == "info":
            continue
        cause, at = _cause(issue), issue.at
        of_cause.setdefault(cause, []).append(issue)
        if at.row is not None and _keeps_row_out(issue):
            keeping_out.setdefault((at.workbook, at.sheet, at.table, at.row), set()).add(cause)
    rows: dict[_Cause, dict[str, int]] = {}
    partly: dict[_Cause, dict[str, int]] = {}
    for (_, _, table, _), causes in keeping_out.items():
        for cause in causes:
            kept_out = (rows if len(causes) == 1 else partly).setdefault(cause, {})
            kept_out[table or ""] = kept_out.get(table or "", 0) + 1
    fixes = []
    for cause, found in of_cause.items():
        first = found[0]
        back: Mapping[str, int] = rows.get(cause, _NOTHING)
        if whole := _whole_tables(first, tables):
            back = Counter(back) + Counter(whole)
        gain = Gain(
            back,
            partly.get(cause, _NOTHING),
            _indicators(found),
            _linked(found),
            first.code.startswith("file-") and first.severity == "error",
        )
        ats = [issue.at for issue in found]
        places = {(at.workbook, at.sheet, at.row) for at in ats}
        sheets = tuple(dict.fromkeys(at.sheet for at in ats if at.sheet))
        fixes.append(Fix(first, len(places), sheets, gain))
    return nsmallest(most, fixes, key=_order)


def _order(fix: Fix) -> tuple[float, bool, int, object]:
    issue = fix.first
    weight = fix.gain.weight
    if _family(issue.code) in ("sheet", "heading") and not weight:
        weight = 10_000 if issue.severity == "error" else 2  # a table that is not read: nobody knows what is in it
    return (-weight, issue.severity != "error", -fix.rows, issue.sort_key())


def _cause(issue: Issue) -> _Cause:
    code, severity, (_, workbook, sheet, table, _, _, field), value, _, _ = issue
    if value and code.startswith("ref-"):
        return (code, " ".join(value.casefold().replace("ё", "е").split()))
    return (code, severity, workbook, sheet, table, field)


def _keeps_row_out(issue: Issue) -> bool:
    """Error-level findings about a cell or a row reject it; any error, or a missing order, keeps a pair uncounted."""
    table = issue.at.table
    if table == "pairs":
        return issue.severity == "error" or issue.code == "pair-no-order"
    return issue.severity == "error" and table not in (None, "school_profile") and _family(issue.code) in _OF_ROWS


_OF_ROWS = frozenset({"cell", "row"})


@lru_cache(maxsize=1024)
def _family(code: str) -> str:
    """«cell» of «cell-type»."""
    return code.partition("-")[0]


def _whole_tables(issue: Issue, tables: Sequence[ReadTable]) -> Mapping[str, int]:
    """Rows that a missing column keeps out."""
    at = issue.at
    no_order = issue.code == "pair-no-order" and at.row is None
    if not no_order and not (issue.code.startswith("heading-") and issue.severity == "error" and at.table):
        return _NOTHING
    kept_out = Counter[str]()
    for table in tables:
        if (table.workbook, table.sheet, table.table) == (at.workbook, at.sheet, at.table):
            kept_out[table.table] += table.rows_accepted if no_order else table.rows_rejected
    return kept_out


def _indicators(found: Sequence[Issue]) -> tuple[str, ...]:
    names: set[str] = set()
    for issue in found:
        if issue.at.table == "school_profile":
            in_cell = _family(issue.code) in ("cell", "row", "heading")
            if issue.severity == "error" and in_cell:
                names.update(_ALL_DENOMINATED)  # the row is not accepted, and with it none of its numbers
            elif issue.severity == "error" or in_cell:
                names.update(DENOMINATORS.get(issue.at.field or "", ()))
    return tuple(sorted(names))


def _linked(found: Sequence[Issue]) -> int:
    if found[0].code not in _UNLINKED:  # a cause has one code
        return 0
    return len({
        (issue.at.workbook, issue.at.sheet, issue.at.row)
        for issue in found
        if issue.at.table == "meetings" and issue.severity == "warning"
    })  # fmt: skip
