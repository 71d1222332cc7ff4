"""Reading and checking: what one worker process does with one workbook, and all of them with many."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sheets_sync.issues import At, Issue
from sheets_sync.run.progress import Progress

if TYPE_CHECKING:
    from sheets_sync.catalog import Catalog
    from sheets_sync.config import Thresholds
    from sheets_sync.engine import Engine
    from sheets_sync.fragments import Fragments
    from sheets_sync.sources import WorkbookRef
    from sheets_sync.store import Store, WorkbookState
    from sheets_sync.table import TypedTable
    from sheets_sync.table_schema.model import Definitions


@dataclass(frozen=True, slots=True)
class ReadingPlan:
    """What every worker needs: plain values, so that it crosses to a process started afresh."""

    definitions: Definitions
    as_of: date
    fragments: str  # folder the finished rows go to
    seconds: float = 120  # one workbook may take
    keep_rows: bool = False  # hand typed rows back too, for `check --rows`
    keep_issues: bool = True  # hand the issues back; `sync` finds them in the store


class Read(NamedTuple):
    """One workbook read and checked. ``sha256`` is of its bytes; ``same`` when they are those of the last reading."""

    ref: WorkbookRef
    readable: bool
    sha256: str
    tables: list[TypedTable]
    issues: list[Issue]
    same: bool = False


_plan: ReadingPlan | None = None
_fragments: Fragments | None = None


def prepare_reading(plan: ReadingPlan) -> None:
    """Make this process ready to read workbooks: called once in every worker."""
    from sheets_sync.fragments import Fragments

    global _plan, _fragments
    _plan = plan
    _fragments = Fragments(Path(plan.fragments), f"w{os.getpid()}")


def read_and_check(asked: tuple[WorkbookRef, str]) -> Read:
    """Read one workbook, find its tables, check them and leave the rows in this worker's fragments.

    ``asked`` is the workbook and the hash of its bytes when last read ("" if never): equal bytes are not read again.
    """
    from sheets_sync.checks import CheckContext, check_table, school_year_on, school_year_told
    from sheets_sync.recognise import recognise
    from sheets_sync.sources.excel import read_workbook

    ref, known = asked
    plan, fragments = _plan, _fragments
    if plan is None or fragments is None:
        raise RuntimeError("prepare_reading has not run in this process")
    digest = _digest(ref.locator)
    if known and digest == known:
        return Read(ref, True, digest, [], [], same=True)
    workbook = read_workbook(ref)
    issues = list(workbook.issues)
    readable = not any(issue.code.startswith("file-") and issue.severity == "error" for issue in issues)
    typed: list[TypedTable] = []
    for grid in workbook.grids:
        found = recognise(grid, plan.definitions, ref.organisation, ref.path)
        issues += found.issues
        for table in found.tables:
            told = school_year_told((table.title, grid.sheet, ref.path.rpartition("/")[2]))
            year = told if told is not None else school_year_on(plan.as_of)
            context = CheckContext(ref.organisation, ref.path, plan.as_of, year)
            schema = plan.definitions.schemas[table.name]
            checked, said = check_table(table, schema, context)
            issues += said
            typed.append(checked)
            fragments.write_rows(ref.organisation, ref.path, checked, schema)
    fragments.write_issues(issues)
    fragments.flush()
    if not plan.keep_rows:
        typed = [_without_rows(table) for table in typed] if plan.keep_issues else []
    return Read(ref, readable, digest, typed, issues if plan.keep_issues or not readable else [])


def _digest(locator: str) -> str:
    try:
        with open(locator, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _without_rows(typed: TypedTable) -> TypedTable:
    """The table's description without its cells: what crosses back from a worker when rows are not asked for."""
    table = replace(typed.table, row_numbers=[], values={}, non_data=[])
    return replace(typed, table=table, values={})


def read_all(asked: Sequence[tuple[WorkbookRef, str]], engine: Engine, progress: Progress) -> list[Read]:
    """Read workbooks in the engine's processes (made ready by :func:`prepare_reading`), in the order asked.

    One whose reading fails is unreadable, the others go on.
    """
    from sheets_sync.engine import Failed

    def tell(done: int, total: int) -> None:
        progress("reading", done, total)

    reads: list[Read] = []
    for (ref, _), result in zip(asked, engine.map(read_and_check, asked, progress=tell), strict=True):
        if isinstance(result, Failed):
            params = (("reason", result.reason),)
            issue = Issue("file-unreadable", "error", At(ref.organisation, ref.path), params=params)
            result = Read(ref, False, "", [], [issue])
        reads.append(result)
    return reads


def state_of(read: Read, definitions: Definitions, now: datetime) -> WorkbookState:
    """What the store remembers of a workbook that was read."""
    from sheets_sync.store import WorkbookState

    ref = read.ref
    return WorkbookState(
        ref.organisation,
        ref.path,
        ref.locator,
        ref.size,
        ref.mtime_ns,
        read.sha256,
        definitions.version,
        now,
        read.readable,
    )


def run_rules(store: Store, catalog: Catalog, thresholds: Thresholds | None, as_of: date) -> None:
    """Make the relations and run the rules as of a date; their findings are in the store's temporary table."""
    from sheets_sync import rules

    definitions = rules.load_rules(catalog.folders("schemas"))
    rules.run_rules(store, definitions, as_of, rules.Thresholds.of(thresholds))
