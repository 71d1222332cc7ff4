"""Rendering every organisation's `Проверка`: done in worker processes, since it is much text for a large district."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple

from sheets_sync.issues import Issue

if TYPE_CHECKING:
    from sheets_sync.catalog import Catalog
    from sheets_sync.messages import Messages
    from sheets_sync.store import TableLine
    from sheets_sync.table_schema.model import Definitions


@dataclass(frozen=True, slots=True)
class WritingPlan:
    """What every writing process needs."""

    language: str
    catalog: Catalog
    definitions: Definitions
    as_of: date
    issues_per_code: int


class FindingsTask(NamedTuple):
    """One organisation's findings. ``files``: workbook → its path seen from the folder of the book."""

    organisation: str
    title: str
    issues: list[Issue]
    tables: list[TableLine]
    files: Mapping[str, str]


_plan: WritingPlan | None = None
_messages: Messages | None = None


def prepare_writing(plan: WritingPlan) -> None:
    """Make this process ready to render: called once in every worker."""
    from sheets_sync.messages import Messages

    global _plan, _messages
    _plan, _messages = plan, Messages.load(plan.language, plan.catalog)


def render_findings(task: FindingsTask) -> bytes:
    """The bytes of one organisation's `Проверка.xlsx`."""
    from sheets_sync.reporting.findings import findings_book
    from sheets_sync.sinks.excel import render_book

    if _plan is None or _messages is None:
        raise RuntimeError("prepare_writing has not run in this process")
    day = _plan.as_of
    book = findings_book(
        task.title,
        task.issues,
        task.tables,
        _messages,
        _plan.definitions.schemas,
        as_of=day,
        file_of=task.files.get,
        created=datetime(day.year, day.month, day.day),
        at_most=_plan.issues_per_code,
    )
    file = io.BytesIO()
    render_book(book, file)
    return file.getvalue()
