"""Reading and checking: what one worker process does with one workbook, and all of them with many."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sheets_sync.errors import ConfigError
from sheets_sync.issues import At, Issue
from sheets_sync.run.progress import Progress
from sheets_sync.sources.bounds import STANDARD, Bounds
from sheets_sync.table import LISTS_SHEET, Grid

if TYPE_CHECKING:
    from sheets_sync.catalog import Catalog
    from sheets_sync.config import Config, Limits
    from sheets_sync.engine import Engine, Workers
    from sheets_sync.fragments import Fragments
    from sheets_sync.ledger import Ledger
    from sheets_sync.reach import Change
    from sheets_sync.rules import RuleRun, RuleSet
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
    bounds: Bounds = STANDARD
    keep_rows: bool = False  # hand typed rows back too, for `check --rows`
    explain: bool = False  # hand back what recognition made of every row and sheet, for `check -v`
    keep_issues: bool = True  # hand the issues back; `sync` finds them in the store


class Read(NamedTuple):
    """One workbook read and checked. ``sha256`` is of its bytes; ``same`` when they are those of the last reading.

    ``unread_sheets`` are those of a readable workbook that could not be read. ``passing``: what kept it from being read
    may be gone next time though the file is the same. ``unknown``: sheet in which no table was found → what comes
    nearest, if asked for.
    """

    ref: WorkbookRef
    readable: bool
    sha256: str
    tables: list[TypedTable]
    issues: list[Issue]
    same: bool = False
    unread_sheets: tuple[str, ...] = ()
    passing: bool = False
    unknown: Mapping[str, str] = {}
    lost: bool = False  # the process reading it died or gave up: nobody has written its issues down

    @property
    def whole(self) -> bool:
        """Everything in it was read."""
        return self.readable and not self.unread_sheets


GOOGLE_SCHEME = "google:"  # how locators of what lies at Google begin

# Why a workbook could not be read, where the cause lies in its bytes: the same file would say the same again.
LASTING = frozenset({"file-encrypted", "file-empty", "file-too-large", "file-not-a-workbook", "file-encoding"})
LASTING_REASONS = frozenset({"damaged", "truncated"})
HEAVY = 4 * 1024 * 1024  # bytes; a school's year of mentoring is a tenth of it


_plan: ReadingPlan | None = None
_fragments: Fragments | None = None


def prepare_reading(plan: ReadingPlan, name: str = "") -> None:
    """Make this process ready to read workbooks: called once in every worker. ``name`` of its fragments: no other's."""
    from sheets_sync.fragments import Fragments

    global _plan, _fragments
    _plan = plan
    _fragments = Fragments(Path(plan.fragments), name or f"w{os.getpid()}")


def finish_reading() -> None:
    """Close the fragments of this process, where it is to go on without ending."""
    global _plan, _fragments
    if _fragments is not None:
        _fragments.close()
    _plan = _fragments = None


def read_and_check(asked: tuple[WorkbookRef, str]) -> Read:
    """Read one workbook, find its tables, check them and leave the rows in this worker's fragments.

    ``asked`` is the workbook and the hash of its bytes when last read ("" if never): equal bytes are not read again.
    """
    from sheets_sync.checks import CheckContext, check_table, school_year_on
    from sheets_sync.recognise import recognise
    from sheets_sync.sources.excel import read_workbook
    from sheets_sync.table_schema.types.dates import school_year_told

    ref, known = asked
    plan, fragments = _plan, _fragments
    if plan is None or fragments is None:
        raise RuntimeError("prepare_reading has not run in this process")
    digest = _digest(ref.locator)
    if known and digest == known:
        return Read(ref, True, digest, [], [], same=True)
    workbook = read_workbook(ref, plan.bounds)
    issues = list(workbook.issues)
    troubles = [issue for issue in issues if issue.code.startswith("file-") and issue.severity == "error"]
    readable = all(trouble.at.sheet is not None for trouble in troubles)
    unread = tuple(trouble.at.sheet for trouble in troubles if trouble.at.sheet is not None) if readable else ()
    typed: list[TypedTable] = []
    unknown: dict[str, str] = {}
    for grid in workbook.grids if readable else ():
        found = recognise(grid, plan.definitions, ref.organisation, ref.path)
        if plan.explain and not found.tables:
            unknown[grid.sheet] = found.nearest.why if found.nearest else "no row reads as headings"
        issues += found.issues
        for table in found.tables:
            told = school_year_told((table.title, grid.sheet, ref.path.rpartition("/")[2]))
            year = told if told is not None else school_year_on(plan.as_of)
            context = CheckContext(ref.organisation, ref.path, plan.as_of, year)
            checked, said = check_table(table, plan.definitions.schemas[table.name], context)
            issues += said
            typed.append(checked)
    ours = {grid.sheet for grid in workbook.grids if _is_our_lists(grid, plan.definitions)}
    issues = [issue for issue in issues if issue.code != "sheet-hidden" or issue.at.sheet not in ours]
    # Only now, in one piece: a workbook whose reading fails on the way leaves nothing behind.
    for checked in typed:
        fragments.write_rows(ref.organisation, ref.path, checked, plan.definitions.schemas[checked.table.name])
    fragments.write_issues(issues)
    fragments.flush()
    if not plan.keep_rows:
        typed = [_without_rows(table, plan.explain) for table in typed] if plan.keep_issues else []
    told_back = issues if plan.keep_issues or not readable else []
    passing = any(map(_may_pass, troubles))
    return Read(ref, readable, digest, typed, told_back, unread_sheets=unread, passing=passing, unknown=unknown)


def _is_our_lists(grid: Grid, definitions: Definitions) -> bool:
    """Is it the sheet behind the drop-downs of our own blank workbook, of which nothing need be said? Then it holds
    columns of values of the definitions, without headings."""
    if grid.sheet != LISTS_SHEET:
        return False
    words = {value for row in grid.rows for value in row if value != ""}
    return words <= {
        value.title for schema in definitions.schemas.values() for field in schema.fields for value in field.enum
    }


def _may_pass(trouble: Issue) -> bool:
    return trouble.code not in LASTING and dict(trouble.params).get("reason") not in LASTING_REASONS


def _digest(locator: str) -> str:
    try:
        with open(locator, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _without_rows(typed: TypedTable, explain: bool) -> TypedTable:
    """The table's description without its cells: what crosses back from a worker when rows are not asked for."""
    table = replace(typed.table, row_numbers=[], values={}, non_data=typed.table.non_data if explain else [])
    return replace(typed, table=table, values={})


def readers(config: Config, plan: ReadingPlan) -> Workers:
    """Where the workbooks of a sync are read, as the configuration has it."""
    if config.engine.kind == "dask":
        from sheets_sync.engine_dask import DaskEngine
        from sheets_sync.run.travelling import TravellingWorkbooks

        carrier = TravellingWorkbooks(plan)
        return DaskEngine(config.engine.address, carrier, time_limit=config.limits.seconds_per_workbook)
    return readers_here(config, plan)


def readers_here(config: Config, plan: ReadingPlan) -> Engine:
    """Processes of this machine that read workbooks."""
    from sheets_sync.engine import Engine

    return Engine(
        config.engine.workers,
        initializer=prepare_reading,
        initargs=(plan,),
        time_limit=config.limits.seconds_per_workbook,
    )


def read_all(
    asked: Sequence[tuple[WorkbookRef, str]],
    engine: Workers,
    progress: Progress,
    meanwhile: Callable[[], object] | None = None,
) -> list[Read]:
    """Read workbooks where the engine has its workers (:func:`readers`), in the order asked; ``meanwhile``, as
    :class:`~sheets_sync.engine.Workers` have it, what can be done here.

    One whose reading fails is unreadable, the others go on.
    """
    from sheets_sync.engine import Failed

    def tell(done: int, total: int) -> None:
        progress("reading", done, total)

    reads: list[Read] = []
    results = engine.map(read_and_check, asked, progress=tell, isolate=_is_heavy, meanwhile=meanwhile)
    for (ref, _), result in zip(asked, results, strict=True):
        if isinstance(result, Failed):
            params = (("reason", result.reason),)
            issue = Issue("file-unreadable", "error", At(ref.organisation, ref.path), params=params)
            result = Read(ref, False, "", [], [issue], passing=True, lost=True)
        reads.append(result)
    return reads


def _is_heavy(asked: tuple[WorkbookRef, str]) -> bool:
    """So large that time and memory may run out: read in a process of its own, which can be given up."""
    return asked[0].size > HEAVY


def state_of(read: Read, version: str, now: datetime, home: Path | None = None) -> WorkbookState:
    """What the store remembers of a workbook that was read with the definitions of this version.

    ``home``: the district's folder, as in :func:`kept_locator`.
    """
    from sheets_sync.store import WorkbookState

    ref = read.ref
    return WorkbookState(
        ref.organisation,
        ref.path,
        kept_locator(ref.locator, home),
        ref.size,
        ref.mtime_ns if read.whole else 0,  # to be tried again, should the record beside the store be lost
        read.sha256,
        version,
        now,
        read.readable,
    )


def is_google(locator: str) -> bool:
    """Does a workbook lie at Google?"""
    return locator.startswith(GOOGLE_SCHEME)


def spreadsheet_id(locator: str) -> str:
    """The id of what lies at Google, of its locator."""
    return locator.removeprefix(GOOGLE_SCHEME)


def kept_locator(locator: str, home: Path | None) -> str:
    """A locator as the store keeps it: relative to the district's folder where it lies in it, so that the whole folder
    may be moved."""
    path = Path(locator)
    if home is not None and path.is_absolute() and path.is_relative_to(home):
        return path.relative_to(home).as_posix()
    return locator


def places_of(store: Store, config: Config) -> dict[tuple[str, str], Path]:
    """Where the workbooks of the store lie, by (organisation, workbook)."""
    return {
        (one.organisation, one.workbook): Path(one.locator) if is_google(one.locator) else config.folder / one.locator
        for one in store.workbooks()
    }


def definitions_of(config: Config, catalog: Catalog) -> Definitions:
    """The definitions in force. Raises ConfigError, for a heading settled in the config with the line it stands on."""
    from sheets_sync.table_schema.loading import load_definitions

    folders, aliases = catalog.folders("schemas"), config.heading_aliases()
    try:
        return load_definitions(folders, aliases=aliases)
    except ConfigError as error:
        if error.path is not None or not aliases:
            raise
        schemas = load_definitions(folders).schemas
        for (_, table, heading), line in config.alias_lines.items():
            known = {item.name for item in schemas[table].fields} if table in schemas else frozenset()
            meant = next((told[table].get(heading) for told in aliases.values() if heading in told.get(table, {})), "")
            if table not in schemas or (heading and meant not in known):
                raise ConfigError(error.message, path=config.path, line=line, mend=error.mend) from None
        raise


def bounds_of(limits: Limits) -> Bounds:
    """What a source may take in of one file, from the configuration."""
    return Bounds.of(
        file_mb=limits.file_mb, unpacked_mb=limits.unpacked_mb, expansion=limits.expansion, cells=limits.cells
    )


def rules_of(catalog: Catalog) -> RuleSet:
    """The rules in force. Raises ConfigError."""
    from sheets_sync.rules import load_rules

    return load_rules(catalog.folders("schemas"))


def run_rules(
    store: Store,
    ruleset: RuleSet,
    config: Config,
    as_of: date,
    ledger: Ledger | None = None,
    change: Change | None = None,
) -> RuleRun:
    """Make the relations and run the rules as of a date; their findings are in the store's temporary table.

    ``ledger``: who is who, as the district has settled it; ``change``: as ``rules.run_rules`` has it.
    """
    from sheets_sync import rules
    from sheets_sync.ledger import NOTHING_SETTLED

    numbers = replace(rules.Thresholds.of(config.thresholds), sql_seconds=config.limits.sql_seconds)
    names = {organisation.id: organisation.name for organisation in config.organisations if organisation.name}
    return rules.run_rules(store, ruleset, as_of, numbers, names, ledger or NOTHING_SETTLED, change)
