"""Rendering every organisation's `Проверка`: done in worker processes, since it is much text for a large district."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sheets_sync.errors import SourceError
from sheets_sync.issues import At, Issue

if TYPE_CHECKING:
    from sheets_sync.catalog import Catalog
    from sheets_sync.history import Past
    from sheets_sync.messages import Messages
    from sheets_sync.reporting.page import Book
    from sheets_sync.sinks.files import Draft
    from sheets_sync.sinks.google_notes import CellNote
    from sheets_sync.store import TableLine
    from sheets_sync.table_schema.model import Definitions
    from sheets_sync.waivers import Waiver, Waivers


@dataclass(frozen=True, slots=True)
class WritingPlan:
    """What every writing process needs."""

    language: str
    catalog: Catalog
    definitions: Definitions
    as_of: date
    issues_per_code: int


class FindingsTask(NamedTuple):
    """One organisation's findings: ``lines`` are the store's (``Store.issue_lines``), ``noticed`` are not in it.

    ``files``: workbook → its path seen from the folder of the book.
    """

    organisation: str
    title: str
    lines: Sequence[tuple[Any, ...]]
    noticed: Sequence[Issue]
    tables: Sequence[TableLine]
    files: Mapping[str, str]
    past: Past | None = None  # what was fixed and what is new
    accepted: Sequence[tuple[Issue, Waiver]] = ()  # not among the lines and the noticed
    expired: Sequence[tuple[Issue, Waiver]] = ()  # these are among them
    gids: Mapping[str, Mapping[str, int]] = {}  # of the Google spreadsheets among the files: title → sheetId
    reminder: str = ""  # a line about the due day


class Spooled(NamedTuple):
    """A task on its way to the process that renders it: the file it lies in, and where its book is to be."""

    task: Path
    target: Path


def issues_of(lines: Sequence[tuple[Any, ...]]) -> list[Issue]:
    """Issues of many lines of the store, as ``store.issue_of`` makes them of one."""
    from sheets_sync.store import params_of

    if not lines:
        return []
    *places, codes, severities, values, suggestions, params = zip(*lines, strict=True)
    if None in places[1]:  # not about a workbook
        places[1] = tuple([workbook or "" for workbook in places[1]])
    ats = map(_at, zip(*places, strict=True))
    told = [params_of(text) if text else () for text in params]
    return list(map(_issue, zip(codes, severities, ats, values, suggestions, told, strict=True)))


# ``At._make`` without its look at the number of fields: a large district has a hundred thousand findings.
_at: Callable[[tuple[Any, ...]], At] = partial(tuple.__new__, At)
_issue: Callable[[tuple[Any, ...]], Issue] = partial(tuple.__new__, Issue)


def waived(task: FindingsTask, waivers: Waivers, records: Mapping[tuple[str, str, str, int], str]) -> FindingsTask:
    """The task without the findings that are accepted; ``records`` names the rows (``history.records``)."""

    def record_of(issue: Issue) -> str:
        at = issue.at
        return records.get((at.workbook, at.sheet or "", at.table or "", at.row or 0), "")

    issues = [*issues_of(task.lines), *task.noticed]
    told = waivers.sort(task.organisation, issues, record_of)
    if not told.accepted and not told.expired:
        return task
    return task._replace(lines=(), noticed=told.open, accepted=told.accepted, expired=list(told.expired.items()))


def packed(task: FindingsTask) -> bytes:
    """A task as bytes, which are the same for the same findings: they tell whether a book would change."""
    file = io.BytesIO()
    pickler = pickle.Pickler(file, protocol=5)
    pickler.fast = True  # equal texts are packed equally, be they one object or two; and it is faster
    pickler.dump(tuple(task))
    return file.getvalue()


_plan: WritingPlan | None = None
_messages: Messages | None = None


def prepare_writing(plan: WritingPlan) -> None:
    """Make this process ready to render: called once in every worker."""
    from sheets_sync.messages import Messages

    global _plan, _messages
    _plan, _messages = plan, Messages.load(plan.language, plan.catalog)


def book_of(task: FindingsTask, plan: WritingPlan, messages: Messages) -> Book:
    """One organisation's «Проверка»."""
    from sheets_sync.reporting.findings import findings_book

    day = plan.as_of
    return findings_book(
        task.title,
        [*issues_of(task.lines), *task.noticed],
        task.tables,
        messages,
        plan.definitions.schemas,
        as_of=day,
        file_of=task.files.get,
        created=datetime(day.year, day.month, day.day),
        at_most=plan.issues_per_code,
        past=task.past,
        accepted=task.accepted,
        expired=dict(task.expired),
        reminder=task.reminder,
    )


def cell_notes(task: FindingsTask, locator: str, messages: Messages) -> list[CellNote]:
    """What is to be said at the cells of one Google spreadsheet: errors and warnings that are about one cell."""
    from sheets_sync.issues import column_number
    from sheets_sync.run.reading import spreadsheet_id
    from sheets_sync.sinks.google_notes import CellNote

    gids = task.gids.get(spreadsheet_id(locator), {})
    notes: list[CellNote] = []
    for issue in (*issues_of(task.lines), *task.noticed):
        at = issue.at
        here = task.files.get(at.workbook) == locator and at.sheet in gids and issue.severity != "info"
        if here and at.sheet is not None and at.row and at.column:
            said = messages.render(issue)
            text = " ".join(part for part in (said.message, said.hint) if part)
            notes.append(CellNote(gids[at.sheet], at.row, column_number(at.column), text))
    return notes


def render_findings(spooled: Spooled) -> Draft | SourceError:
    """One organisation's `Проверка.xlsx` as a draft beside its place; the error where it cannot be written there.

    The book is handed over as a file, so that this process need not wait until somebody takes it.
    """
    from sheets_sync.sinks.excel import render_book
    from sheets_sync.sinks.files import drafted

    if _plan is None or _messages is None:
        raise RuntimeError("prepare_writing has not run in this process")
    task = FindingsTask(*pickle.loads(spooled.task.read_bytes()))  # noqa: S301  this very run wrote it
    spooled.task.unlink()
    book = book_of(task, _plan, _messages)
    resolve = None
    if task.gids:
        from sheets_sync.sinks.google_sheets import links_between

        resolve = links_between(task.gids)
    try:
        return drafted(spooled.target, partial(render_book, book, resolve=resolve))
    except SourceError as error:
        return error
