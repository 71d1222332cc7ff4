"""Waivers: findings that are known and accepted until a day, in plain text (``waivers.toml`` beside ``config.toml``).

    [[waiver]]
    organisation = "school-21"
    code = "consent-missing"
    record = "Орлова Мария"      # words of the row's names; or sheet, workbook, field, row, value
    until = 2024-03-01           # the last day it holds
    by = "завуч Иванова О. К."
    reason = "родители в отъезде, согласие привезут в феврале"

An accepted finding is listed apart and not counted; it changes no row and no figure. After the day it is a finding
again, by itself, and says that the waiver has run out.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from sheets_sync.errors import ConfigError
from sheets_sync.issues import Issue
from sheets_sync.table_schema.model import TableSchema
from sheets_sync.text import fold

FILE = "waivers.toml"
_TEXTS = ("organisation", "code", "workbook", "sheet", "field", "record", "value", "by", "reason")
_KNOWN = (*_TEXTS, "row", "until")
_NEEDED = ("organisation", "code", "until", "by")
_EXAMPLES = {"until": "until = 2024-03-01", "by": 'by = "завуч Иванова"', "code": 'code = "consent-missing"'}


@dataclass(frozen=True, slots=True)
class Waiver:
    """One entry. Empty texts and no row: any. ``until`` is the last day it holds; ``line`` is where it begins."""

    organisation: str
    code: str
    until: date
    by: str
    reason: str = ""
    workbook: str = ""  # path within the source, or the file's name alone
    sheet: str = ""
    field: str = ""
    row: int | None = None
    record: str = ""  # words that the names of the row have: they hold wherever the row is moved to
    value: str = ""
    line: int = 0

    def fits(self, issue: Issue, record: str, field_title: str = "") -> bool:
        """Whether it speaks of this finding; ``record`` is the name of its row. Case, ё and dashes do not matter.

        A field may be given by its name or by its title.
        """
        at = issue.at
        if (at.organisation, issue.code) != (self.organisation, self.code):
            return False
        if self.row is not None and at.row != self.row:
            return False
        if self.field and not _same(self.field, at.field or "", field_title):
            return False
        if self.workbook and not _same(self.workbook, at.workbook, at.workbook.rpartition("/")[2]):
            return False
        if self.sheet and not _same(self.sheet, at.sheet or ""):
            return False
        if self.value and not _same(self.value, issue.value or ""):
            return False
        return not self.record or _words(self.record) <= _words(f"{record} {issue.value or ''}")


class Waived(NamedTuple):
    """What a list of findings comes to: the open ones, those accepted, and by open finding the waiver run out."""

    open: list[Issue]
    accepted: list[tuple[Issue, Waiver]]
    expired: dict[Issue, Waiver]


def _same(told: str, *texts: str) -> bool:
    return fold(told) in {fold(text) for text in texts}


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", fold(text)))


def load_waivers(folder: Path) -> tuple[Waiver, ...]:
    """The waivers of ``waivers.toml`` in this folder; none when there is no such file.

    Raises ConfigError with file and line for what cannot be used.
    """
    path = folder / FILE
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return ()
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise ConfigError("not UTF-8 text", path=path, line=line, mend="save the file as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", path=path) from None
    return read_waivers(text, path)


def read_waivers(text: str, path: Path) -> tuple[Waiver, ...]:
    """Waivers from the text of a file lying at ``path``. Raises ConfigError with file and line."""
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"\s*\(at (?:line (\d+), column \d+|end of document)\)$", str(error))
        line = int(where[1]) if where and where[1] else text.count("\n") + 1
        message = str(error)[: where.start()] if where else str(error)
        raise ConfigError(f"not valid TOML: {message}", path=path, line=line, mend="check quotes and dates") from None
    lines = text.splitlines()
    for key in told:
        if key != "waiver":
            found = next((n for n, line in enumerate(lines, 1) if re.match(rf"\s*\[*\s*{re.escape(key)}\b", line)), 1)
            raise ConfigError(f"unknown key {key}", path=path, line=found, mend="write each entry as [[waiver]]")
    entries = told.get("waiver", [])
    starts = [number for number, line in enumerate(lines, 1) if re.match(r"\s*\[\[\s*waiver\s*\]\]", line)]
    if not isinstance(entries, list) or len(starts) != len(entries):
        raise ConfigError("entries must be written as [[waiver]]", path=path, line=starts[0] if starts else 1)
    ends = [*starts[1:], len(lines) + 1]
    return tuple(
        _Entry(entry, path, start, lines[start : end - 1]).waiver()
        for entry, start, end in zip(entries, starts, ends, strict=True)
    )


class _Entry:
    """One [[waiver]] being read."""

    def __init__(self, values: Mapping[str, object], path: Path, start: int, lines: Sequence[str]) -> None:
        self.values, self.path, self.start, self.lines = values, path, start, lines

    def wrong(self, message: str, key: str = "", mend: str = "") -> ConfigError:
        own = (n for n, line in enumerate(self.lines, self.start + 1) if re.match(rf"\s*{re.escape(key)}\s*=", line))
        return ConfigError(message, path=self.path, line=next(own, self.start) if key else self.start, mend=mend)

    def waiver(self) -> Waiver:
        for key, value in self.values.items():
            if key not in _KNOWN:
                raise self.wrong(f"unknown key {key}", key, _near(key))
            if key in _TEXTS and not isinstance(value, str):
                raise self.wrong(f"{key} must be a text in quotes", key)
        for key in _NEEDED:
            if not self.values.get(key):
                raise self.wrong(f"a waiver needs {key}", mend=f"write {_EXAMPLES.get(key, f'{key} = …')}")
        row = self.values.get("row")
        if row is not None and (type(row) is not int or row < 1):
            raise self.wrong("row must be a row's number", "row")
        texts = {key: str(self.values[key]).strip() for key in _TEXTS if key in self.values}
        return Waiver(until=self.until(), row=row if isinstance(row, int) else None, line=self.start, **texts)

    def until(self) -> date:
        """A date of TOML, or a text: «2024-03-01», «01.03.2024»."""
        value = self.values["until"]
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        if isinstance(value, str):
            for form in ("%Y-%m-%d", "%d.%m.%Y"):
                try:
                    return datetime.strptime(value.strip(), form).date()
                except ValueError:
                    continue
        raise self.wrong("until must be a day such as 2024-03-01", "until")


def _near(key: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(key, _KNOWN, n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else f"known: {', '.join(_KNOWN)}"


class Waivers:
    """The waivers of a district as of a day, and which of them have met a finding."""

    def __init__(
        self, waivers: Iterable[Waiver], as_of: date, schemas: Mapping[str, TableSchema] | None = None
    ) -> None:
        self.as_of = as_of
        self._titles = {
            (name, item.name): item.title for name, schema in (schemas or {}).items() for item in schema.fields
        }
        self.of: dict[str, list[Waiver]] = {}
        for waiver in waivers:
            self.of.setdefault(waiver.organisation, []).append(waiver)
        self._met: set[Waiver] = set()

    def sort(self, organisation: str, issues: Sequence[Issue], record_of: Callable[[Issue], str]) -> Waived:
        """Part an organisation's findings into open and accepted. A waiver that still holds goes before one run out."""
        waivers = sorted(self.of.get(organisation, ()), key=lambda waiver: (waiver.until < self.as_of, waiver.line))
        codes = {waiver.code for waiver in waivers}
        result = Waived([], [], {})
        for issue in issues:
            found = None
            if issue.code in codes:
                record = record_of(issue)
                title = self._titles.get((issue.at.table or "", issue.at.field or ""), "")
                fitting = [waiver for waiver in waivers if waiver.fits(issue, record, title)]
                self._met.update(fitting)
                found = fitting[0] if fitting else None
            if found is not None and found.until >= self.as_of:
                result.accepted.append((issue, found))
                continue
            if found is not None:
                result.expired[issue] = found
            result.open.append(issue)
        return result

    def unmatched(self) -> list[str]:
        """A line for the operator about every waiver that met no finding, in the order of the file."""
        left = [waiver for waivers in self.of.values() for waiver in waivers if waiver not in self._met]
        return [
            f"{FILE}:{waiver.line}: {waiver.code} of {waiver.organisation} matches nothing"
            f" — {'it has run out: remove it' if waiver.until < self.as_of else 'mended already, or misspelt?'}"
            for waiver in sorted(left, key=lambda waiver: waiver.line)
        ]
