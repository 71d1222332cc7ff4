"""The only place that joins rooms: workbooks in, issues, rosters and reports out.

Reading and checking run in worker processes, which hand finished rows over as fragments; everything after the store runs
here. The clock enters as ``as_of`` and ``now``.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sheets_sync.errors import ConfigError, SourceError
from sheets_sync.issues import At, Issue

if TYPE_CHECKING:
    from sheets_sync.catalog import Catalog
    from sheets_sync.config import Config
    from sheets_sync.config import Thresholds as Configured
    from sheets_sync.fragments import Fragments
    from sheets_sync.sources import Listing, WorkbookRef
    from sheets_sync.state import State
    from sheets_sync.sinks.text import CheckedWorkbook
    from sheets_sync.store import Store
    from sheets_sync.table import TypedTable
    from sheets_sync.table_schema.model import Definitions

Progress = Callable[[str, int, int], None]


def silent(stage: str, done: int, total: int) -> None:
    """Progress nobody watches."""


# -- reading and checking one workbook, in a worker process ------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReadingPlan:
    """What every worker needs: plain values, so that it crosses to a process started afresh."""

    definitions: Definitions
    as_of: date
    fragments: str                               # folder the finished rows go to
    seconds: float = 120                         # one workbook may take
    keep_rows: bool = False                      # hand typed rows back too, for `check --rows`
    keep_issues: bool = True                     # hand the issues back; `sync` finds them in the store


class Read(NamedTuple):
    """One workbook read and checked. ``sha256`` is of the file's bytes; ``same`` when they are those of the last reading."""

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
    assert plan is not None and fragments is not None, "prepare_reading has not run in this process"
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
    from dataclasses import replace

    table = replace(typed.table, row_numbers=[], values={}, non_data=[])
    return replace(typed, table=table, values={})


def _read_all(
    asked: Sequence[tuple[WorkbookRef, str]], plan: ReadingPlan, workers: int, progress: Progress
) -> list[Read]:
    """Read workbooks in worker processes, in the order asked; one whose reading fails is unreadable, the others go on."""
    from sheets_sync.engine import Engine, Failed

    def tell(done: int, total: int) -> None:
        progress("reading", done, total)

    reads: list[Read] = []
    with Engine(workers, initializer=prepare_reading, initargs=(plan,), time_limit=plan.seconds) as engine:
        for (ref, _), result in zip(asked, engine.map(read_and_check, asked, progress=tell), strict=True):
            if isinstance(result, Failed):
                issue = Issue(
                    "file-unreadable", "error", At(ref.organisation, ref.path), params=(("reason", result.reason),)
                )
                result = Read(ref, False, "", [], [issue])
            reads.append(result)
    return reads


# -- check: workbooks in, issues out, nothing written ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Workbooks in the order of their paths; ``issues`` are those of organisations as a whole."""

    workbooks: list[CheckedWorkbook]
    issues: list[Issue]


def check(
    paths: Sequence[Path],
    *,
    catalog: Catalog | None = None,
    thresholds: Configured | None = None,
    as_of: date,
    workers: int = 0,
    rows: bool = False,
    progress: Progress = silent,
) -> CheckResult:
    """Read and check workbooks and folders of workbooks: cells, rows, and the rules within and across organisations.

    Raises SourceError when a path does not exist, ConfigError for a definition that cannot be used.
    """
    from sheets_sync.catalog import Catalog
    from sheets_sync.sources.excel import Excel
    from sheets_sync.store import Store
    from sheets_sync.table_schema.loading import load_definitions

    catalog = catalog or Catalog()
    definitions = load_definitions(catalog.folders("schemas"))
    listings = [Excel(path).list() for path in paths]
    refs = list({ref.locator: ref for listing in listings for ref in listing.workbooks}.values())
    with tempfile.TemporaryDirectory(prefix="sheets-sync-") as folder:
        plan = ReadingPlan(definitions, as_of, folder, keep_rows=rows)
        reads = _read_all([(ref, "") for ref in refs], plan, workers, progress)
        with Store.open(":memory:", definitions) as store:
            store.replace([_state_of(read, definitions, datetime.min) for read in reads], _fragments_in(folder))
            _run_rules(store, catalog, thresholds, as_of)
            from sheets_sync.rules import rule_issues

            crossing = rule_issues(store)
    return _result(reads, [issue for listing in listings for issue in listing.issues] + crossing)


def _result(reads: Sequence[Read], more: Iterable[Issue]) -> CheckResult:
    from sheets_sync.sinks.text import CheckedWorkbook

    by_workbook: dict[tuple[str, str], list[Issue]] = {}
    whole: list[Issue] = []
    for read in reads:
        by_workbook[read.ref.organisation, read.ref.path] = list(read.issues)
    for issue in more:
        if issue.at.workbook:
            by_workbook.setdefault((issue.at.organisation, issue.at.workbook), []).append(issue)
        else:
            whole.append(issue)
    tables = {(read.ref.organisation, read.ref.path): read.tables for read in reads}
    workbooks = [
        CheckedWorkbook(path, organisation, tables.get((organisation, path), []), sorted(issues, key=Issue.sort_key))
        for (organisation, path), issues in by_workbook.items()
    ]
    workbooks.sort(key=lambda workbook: workbook.path)
    return CheckResult(workbooks, sorted(whole, key=lambda issue: (issue.at.organisation, issue.code)))


def _fragments_in(folder: str | Path) -> list[Path]:
    from sheets_sync.fragments import fragment_files

    return fragment_files(Path(folder))


def _state_of(read: Read, definitions: Definitions, now: datetime) -> Any:
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


def _run_rules(store: Store, catalog: Catalog, thresholds: Configured | None, as_of: date) -> None:
    """Run the rules as of a date; their findings are in the store's temporary table."""
    from sheets_sync.rules import Thresholds, load_rules, run_rules

    run_rules(store, load_rules(catalog.folders("schemas")), as_of, Thresholds.of(thresholds))


# -- sync: what changed is read, everything is written back -------------------------------------------------------

ROSTER = "district/Сводный реестр.xlsx"
FINDINGS = "Проверка.xlsx"
# These may pass by themselves: the workbook is tried again by the next run even if the file is the same.
PASSING = frozenset({"file-locked", "file-changed", "file-unreadable"})


@dataclass(slots=True)
class SyncOutcome:
    """What a sync did. ``changed`` are the workbooks read; ``messages`` are lines for the operator, English."""

    changed: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    written: list[Path] = field(default_factory=list)
    issues_by_severity: dict[str, int] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)
    failed: bool = False                         # something could not be read or written: exit code 1


def sync(
    config: Config,
    *,
    as_of: date,
    dry_run: bool = False,
    full: bool = False,
    organisations: Sequence[str] = (),
    progress: Progress = silent,
    now: datetime | None = None,
) -> SyncOutcome:
    """Read the workbooks that changed, check them, run the rules, write every organisation's findings and the roster.

    A workbook that cannot be read keeps the rows of its last reading. Raises ConfigError for what cannot run as asked and
    LockHeld when another run is at work; what fails for one workbook or one output is in the outcome.
    """
    from sheets_sync.lock import one_run

    started = now or datetime.now()
    if dry_run:
        return _Sync(config, as_of, full, organisations, progress, started).rehearse()
    with one_run(config.store, "sync", started):
        return _Sync(config, as_of, full, organisations, progress, started).run()


class _Sync:
    """One sync: what it is told, what it has found out so far."""

    def __init__(
        self,
        config: Config,
        as_of: date,
        full: bool,
        organisations: Sequence[str],
        progress: Progress,
        started: datetime,
    ) -> None:
        from sheets_sync import state
        from sheets_sync.catalog import Catalog
        from sheets_sync.table_schema.loading import definitions_version

        self.config, self.as_of, self.full, self.progress, self.started = config, as_of, full, progress, started
        self.only = frozenset(organisations)
        self.catalog = Catalog(config.folder)
        self.version = definitions_version(self.catalog.folders("schemas"), aliases=config.heading_aliases())
        self.outcome = SyncOutcome()
        self.state_path = config.store / "state.json"
        known = state.load(self.state_path)
        self.state_lost = known is None and (config.store / "store.duckdb").exists()
        self.state: State = known or state.State()
        self.listing = self._list()

    # what there is and what changed

    def _list(self) -> Listing:
        """Workbooks of all sources by paths relative to their source; a source that is away keeps what was read of it."""
        from sheets_sync.sources import Listing
        from sheets_sync.sources.excel import Excel

        found = Listing([], [], [])
        self.all_listed = True
        taken: set[tuple[str, str]] = set()
        for source in self.config.sources:
            if source.kind != "excel":
                self.outcome.messages.append("google_sheets sources are not read yet")
                self.outcome.failed = True
                self.all_listed = False
                continue
            try:
                ignore = [self.config.outputs.folder] if self.config.outputs.folder else []
                listing = Excel(source.path, ignore=[*ignore, self.config.store]).list()
            except SourceError as error:
                self.outcome.messages.append(f"{error} — nothing is withdrawn; make the folder available and run again")
                self.outcome.failed = True
                self.all_listed = False
                continue
            root = f"{source.path.as_posix().rstrip('/')}/"
            for ref in listing.workbooks:
                path = ref.path.removeprefix(root)
                if _passed_over(path, source.skip):
                    continue
                while (ref.organisation, path) in taken:   # the same name in two sources
                    path = f"{source.path.name}/{path}"
                taken.add((ref.organisation, path))
                found.workbooks.append(ref._replace(path=path))
            for issue in listing.issues:
                found.issues.append(issue._replace(at=issue.at._replace(workbook=issue.at.workbook.removeprefix(root))))
        if self.only:
            unknown = sorted(self.only - {ref.organisation for ref in found.workbooks} - self.state.workbooks.keys())
            if unknown:
                raise ConfigError(f"no such organisation: {', '.join(unknown)}", mend="see `sheets-sync status` for their ids")
        if not found.workbooks and self.state.workbooks and self.all_listed:
            self.outcome.messages.append("the sources are empty although workbooks were read before: nothing is withdrawn")
            self.outcome.failed = True
            self.all_listed = False
        return found

    def _changed(self) -> list[tuple[WorkbookRef, str]]:
        changed = []
        for ref in self.listing.workbooks:
            if self.only and ref.organisation not in self.only:
                continue
            known = self.state.fingerprint(ref.organisation, ref.path)
            same = self.state.unchanged(ref.organisation, ref.path, ref.size, ref.mtime_ns, self.version)
            if self.full or not same:
                trust = known is not None and known.definitions == self.version and not self.full
                changed.append((ref, known.sha256 if trust and known else ""))
        return changed

    def _gone(self) -> list[tuple[str, str]]:
        if not self.all_listed:
            return []
        gone = self.state.gone((ref.organisation, ref.path) for ref in self.listing.workbooks)
        return [key for key in gone if not self.only or key[0] in self.only]

    def _settings_print(self) -> str:
        """Changes with everything besides the workbooks that the outputs depend on."""
        told = replace(self.config, sources=(), path=None)
        reports = "".join(
            f"{path.name}:{path.stat().st_size}:{path.stat().st_mtime_ns};"
            for folder in self.catalog.folders("messages")
            for path in sorted(folder.iterdir())
        )
        return hashlib.sha256(f"{told!r}{reports}{self.version}{self.as_of}".encode()).hexdigest()

    def rehearse(self) -> SyncOutcome:
        """What a sync would read and write; nothing is written."""
        changed = [asked for asked in self._changed()]
        from sheets_sync.table_schema.loading import load_definitions

        definitions = load_definitions(self.catalog.folders("schemas"), aliases=self.config.heading_aliases())
        with tempfile.TemporaryDirectory(prefix="sheets-sync-") as folder:
            plan = ReadingPlan(definitions, self.as_of, folder, self.config.limits.seconds_per_workbook)
            reads = _read_all(changed, plan, self.config.engine.workers, self.progress)
        counts: Counter[str] = Counter()
        for read in reads:
            counts.update(issue.severity for issue in read.issues)
            self.outcome.changed.append(read.ref.path)
            if not read.readable:
                self.outcome.unreadable.append(read.ref.path)
        self.outcome.withdrawn = [path for _, path in self._gone()]
        self.outcome.issues_by_severity = dict(counts)
        root = self.config.outputs.folder
        if root is not None and (changed or self.outcome.withdrawn):
            touched = sorted({ref.organisation for ref, _ in changed} | {key[0] for key in self._gone()})
            self.outcome.written = [root / name / FINDINGS for name in touched] + [root / ROSTER]
        return self.outcome

    # doing it

    def run(self) -> SyncOutcome:
        changed, gone = self._changed(), self._gone()
        settings = self._settings_print()
        if not changed and not gone and not self.state_lost and self.state.more.get("settings") == settings and self._outputs_stand():
            self.outcome.issues_by_severity = dict(self.state.more.get("issues", {}))
            self._finish_run("done" if not self.outcome.failed else "partly")
            return self.outcome
        from sheets_sync import state
        from sheets_sync.store import Store
        from sheets_sync.table_schema.loading import load_definitions

        definitions = load_definitions(self.catalog.folders("schemas"), aliases=self.config.heading_aliases())
        self.state.in_progress = {"verb": "sync", "started": self.started.isoformat(timespec="seconds"), "pid": os.getpid(), "of": len(changed)}
        state.save(self.state, self.state_path)
        scratch = Path(tempfile.mkdtemp(prefix="reading-", dir=self.config.store))
        try:
            plan = ReadingPlan(
                definitions, self.as_of, str(scratch), self.config.limits.seconds_per_workbook, keep_issues=False
            )
            reads = _read_all(changed, plan, self.config.engine.workers, self.progress)
            with Store.open(self.config.store / "store.duckdb", definitions) as store:
                if self._must_read_again(store):
                    self.full = True
                    already = {(read.ref.organisation, read.ref.path) for read in reads}
                    rest = [asked for asked in self._changed() if (asked[0].organisation, asked[0].path) not in already]
                    reads += _read_all(rest, plan, self.config.engine.workers, self.progress)
                self._store(store, reads, gone, definitions, scratch)
                self._write_outputs(store, definitions)
                self._record(store, reads, settings)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        return self.outcome

    def _must_read_again(self, store: Store) -> bool:
        """A store that is new, made anew or changed in its columns does not hold what the state record promises."""
        if store.opened == "rebuilt":
            self.outcome.messages.append(f"the store was damaged and is made anew; the old file is {store.set_aside}")
        return store.opened != "same" and bool(self.state.workbooks)

    def _outputs_stand(self) -> bool:
        root = self.config.outputs.folder
        return root is None or not self.state.workbooks or (root / ROSTER).exists()

    def _store(
        self, store: Store, reads: Sequence[Read], gone: Sequence[tuple[str, str]], definitions: Definitions, scratch: Path
    ) -> None:
        from sheets_sync.state import Fingerprint

        self.progress("storing", 0, 1)
        fresh = [read for read in reads if not read.same]
        store.replace([_state_of(read, definitions, self.started) for read in fresh], _fragments_in(scratch))
        store.withdraw(gone)
        for read in reads:
            ref = read.ref
            passing = not read.readable and any(issue.code in PASSING for issue in read.issues)
            self.state.record(
                ref.organisation,
                ref.path,
                Fingerprint(ref.size, 0 if passing else ref.mtime_ns, read.sha256, self.version, read.readable),
            )
            if not read.readable:
                self.outcome.unreadable.append(ref.path)
            if not read.same:
                self.outcome.changed.append(ref.path)
        for organisation, path in gone:
            self.state.forget(organisation, path)
            self.outcome.withdrawn.append(path)
            self.outcome.messages.append(f"{path} is gone: its rows are withdrawn")
        self.progress("storing", 1, 1)
        self.progress("rules", 0, 1)
        _run_rules(store, self.catalog, self.config.thresholds, self.as_of)
        store.replace_rule_issues()
        self.progress("rules", 1, 1)

    def _write_outputs(self, store: Store, definitions: Definitions) -> None:
        root = self.config.outputs.folder
        if root is None:
            return
        from sheets_sync.consolidate import organisation_titles, roster_book
        from sheets_sync.messages import Messages
        from sheets_sync.reporting.findings import findings_book, path_between
        from sheets_sync.sinks.excel import Excel
        from sheets_sync.sinks.files import Outputs

        messages = Messages.load(self.config.language, self.catalog)
        titles = organisation_titles(store.connection, {o.id: o.name for o in self.config.organisations if o.name})
        locators = {(ref.organisation, ref.path): Path(ref.locator) for ref in self.listing.workbooks}
        noticed: dict[str, list[Issue]] = {}
        for issue in self.listing.issues:
            noticed.setdefault(issue.at.organisation, []).append(issue)
        counts: Counter[str] = Counter()
        organisations = store.organisations()
        with Outputs(root, self.config.store) as outputs:
            sink = Excel(outputs)
            for index, organisation in enumerate(organisations, 1):
                issues = store.issues(organisation) + noticed.get(organisation, [])
                counts.update(issue.severity for issue in issues)

                def file_of(workbook: str, organisation: str = organisation) -> str | None:
                    locator = locators.get((organisation, workbook))
                    return path_between(root / organisation, locator) if locator else None

                book = findings_book(
                    titles.get(organisation, organisation),
                    issues,
                    store.tables(organisation),
                    messages,
                    definitions.schemas,
                    as_of=self.as_of,
                    file_of=file_of,
                    created=datetime(self.as_of.year, self.as_of.month, self.as_of.day),
                )
                self._put(sink, book, f"{organisation}/{FINDINGS}")
                self.progress("writing", index, len(organisations) + 1)
            book = roster_book(store.connection, definitions, _report_settings(self.config), self.as_of, locators, root / "district")
            self._put(sink, book, ROSTER)
            self.progress("writing", len(organisations) + 1, len(organisations) + 1)
            self.outcome.messages += outputs.notices
        self.outcome.issues_by_severity = {name: counts[name] for name in ("error", "warning", "info")}

    def _put(self, sink: Any, book: Any, place: str) -> None:
        """Write one file; one that cannot be written is told and the others go on, yesterday's stays."""
        try:
            written = sink.put(book, place)
        except SourceError as error:
            self.outcome.messages.append(str(error))
            self.outcome.failed = True
        else:
            if written.state != "unchanged":
                self.outcome.written.append(written.path)

    def _record(self, store: Store, reads: Sequence[Read], settings: str) -> None:
        from sheets_sync.store import Run

        self.outcome.failed |= bool(self.outcome.unreadable)
        outcome = "partly" if self.outcome.failed else "done"
        counts = self.outcome.issues_by_severity
        store.record_run(
            Run(
                self.started, datetime.now(), "sync", outcome, self.as_of, len(reads), len(self.outcome.unreadable),
                counts.get("error", 0), counts.get("warning", 0), "; ".join(self.outcome.messages),
            )
        )  # fmt: skip
        if not self.only and not self.outcome.failed:
            self.state.more["settings"] = settings
        else:
            self.state.more.pop("settings", None)
        self.state.more["issues"] = dict(counts)
        self.state.definitions, self.state.as_of = self.version, self.as_of.isoformat()
        self._finish_run(outcome)

    def _finish_run(self, outcome: str) -> None:
        from sheets_sync import state

        self.state.finish_run(
            {
                "verb": "sync",
                "started": self.started.isoformat(timespec="seconds"),
                "finished": datetime.now().isoformat(timespec="seconds"),
                "outcome": outcome,
                "as_of": self.as_of.isoformat(),
                "read": len(self.outcome.changed),
                "unreadable": self.outcome.unreadable,
                "issues": self.outcome.issues_by_severity,
                "messages": self.outcome.messages,
            }
        )
        state.save(self.state, self.state_path)


def _passed_over(path: str, patterns: Sequence[str]) -> bool:
    from fnmatch import fnmatch

    return any(fnmatch(path, pattern) or fnmatch(path.rpartition("/")[2], pattern) for pattern in patterns)


# -- report: the figures of a period ------------------------------------------------------------------------------


@dataclass(slots=True)
class ReportOutcome:
    """What a report wrote, and the object of report.json."""

    written: list[Path] = field(default_factory=list)
    figures_json: dict[str, Any] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)
    failed: bool = False


def report(
    config: Config,
    *,
    period: str = "auto",
    as_of: date | None = None,
    out: Path | None = None,
    organisation: str | None = None,
    district: bool = False,
    formats: Sequence[str] = ("xlsx", "md", "json"),
    progress: Progress = silent,
    now: datetime | None = None,
) -> ReportOutcome:
    """Compute a period's figures from what the last sync read, and write them for the district and each organisation.

    ``out`` takes the place of the outputs' folder; with no ``formats`` nothing is written. Raises ConfigError when nothing
    has been read yet, or for a period or organisation that does not exist.
    """
    from sheets_sync.lock import one_run

    started = now or datetime.now()
    store_file = config.store / "store.duckdb"
    if not store_file.exists():
        raise ConfigError("nothing has been read yet", path=config.path, mend="run `sheets-sync sync` first")
    with one_run(config.store, "report", started):
        return _report(config, period, as_of, out, organisation, district, formats, progress, started)


def _report(
    config: Config,
    asked: str,
    as_of: date | None,
    out: Path | None,
    organisation: str | None,
    district: bool,
    formats: Sequence[str],
    progress: Progress,
    started: datetime,
) -> ReportOutcome:
    import json

    from sheets_sync import periods
    from sheets_sync.catalog import Catalog
    from sheets_sync.consolidate import organisation_titles
    from sheets_sync.reporting.counters import count_process
    from sheets_sync.reporting.figures import compute
    from sheets_sync.reporting.indicator import load_indicators
    from sheets_sync.reporting.report_json import report_object
    from sheets_sync.reporting.summary import Summary, monitoring_book, monitoring_markdown, template_path
    from sheets_sync.sinks.excel import Excel
    from sheets_sync.sinks.files import Outputs
    from sheets_sync.store import Store
    from sheets_sync.table_schema.loading import load_definitions

    catalog = Catalog(config.folder)
    definitions = load_definitions(catalog.folders("schemas"), aliases=config.heading_aliases())
    indicators = load_indicators(catalog.folders("reports"))
    seen = periods.resolve_period(asked, as_of or started.date(), config.due.on)
    if as_of is not None:
        seen = periods.as_of(seen, as_of)
    outcome = ReportOutcome()
    settings = _report_settings(config)
    with Store.open(config.store / "store.duckdb", definitions) as store:
        organisations = store.organisations()
        if organisation is not None and organisation not in organisations:
            raise ConfigError(f"no such organisation: {organisation}", mend=f"one of {', '.join(organisations)}")
        progress("rules", 0, 1)
        _run_rules(store, catalog, config.thresholds, seen.as_of)
        progress("rules", 1, 1)
        figures = compute(store.connection, indicators, seen, settings)
        counters = count_process(store.connection, organisations)
        names = organisation_titles(store.connection, {o.id: o.name for o in config.organisations if o.name})
        outcome.figures_json = report_object(figures, names, organisation)
        root = out or config.outputs.folder
        if not formats or root is None:
            return outcome
        whole = Summary(figures, indicators, counters, settings, names)
        wanted: list[str | None] = [None] if organisation is None else []
        if not district:
            wanted += [organisation] if organisation else list(organisations)
        template = template_path(catalog.folders("reports"))
        with Outputs(root, config.store) as outputs:
            sink = Excel(outputs)
            for index, name in enumerate(wanted, 1):
                summary = replace(whole, organisation=name)
                place = f"{name or 'district'}/{seen.id}"
                if "xlsx" in formats:
                    _attempt(outcome, lambda s=summary, p=place: sink.put(monitoring_book(s), f"{p}/Мониторинг.xlsx"))
                if "md" in formats:
                    text = monitoring_markdown(summary, template).encode()
                    _attempt(outcome, lambda t=text, p=place: outputs.write(f"{p}/Мониторинг.md", lambda f: f.write(t)))
                if "json" in formats:
                    told = report_object(figures, names, name)
                    encoded = (json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode()
                    _attempt(outcome, lambda t=encoded, p=place: outputs.write(f"{p}/report.json", lambda f: f.write(t)))
                progress("writing", index, len(wanted))
            outcome.messages += outputs.notices
    return outcome


def _attempt(outcome: ReportOutcome, write: Callable[[], Any]) -> None:
    try:
        written = write()
    except SourceError as error:
        outcome.messages.append(str(error))
        outcome.failed = True
    else:
        outcome.written.append(written.path)


def _report_settings(config: Config) -> Any:
    from sheets_sync.reporting.settings import ReportSettings

    return ReportSettings(
        district_name=config.district.name,
        enterprises=config.district.enterprises,
        targets=config.targets,
        organisation_targets={o.id: o.targets for o in config.organisations if o.targets},
        satisfied=config.thresholds.satisfied,
        young_specialist_years=config.thresholds.young_specialist_years,
        mentee_age=config.thresholds.mentee_age,
        mentor_age=config.thresholds.mentor_age,
        restrict_to_categories=config.indicators.restrict_to_categories,
        small_count=config.thresholds.small_count,
        pupil_names=config.privacy.pupil_names,
        sql_seconds=config.limits.sql_seconds,
    )


# -- status: what the last runs did, without opening the store -----------------------------------------------------


@dataclass(slots=True)
class OrganisationStatus:
    """Freshness of one organisation: its workbooks known, the newest change among them, those not readable."""

    id: str
    workbooks: int
    last_change: datetime | None
    unreadable: list[str]


@dataclass(slots=True)
class StatusReport:
    """What `status` shows. ``stale`` tells why the exit code is 1; empty when all is well."""

    last_runs: list[dict[str, Any]]
    in_progress: dict[str, Any] | None
    organisations: list[OrganisationStatus]
    not_handed_in: list[str]
    next_due: Mapping[str, date]
    stale: list[str]


def status(config: Config, *, now: datetime | None = None) -> StatusReport:
    """Last runs, freshness by organisation, who has no workbook at all, what is due next; reads only the state record."""
    from sheets_sync import state

    now = now or datetime.now()
    known = state.load(config.store / "state.json") or state.State()
    organisations = []
    for name, workbooks in sorted(known.workbooks.items()):
        times = [mark.mtime_ns for mark in workbooks.values() if mark.mtime_ns]
        last = datetime.fromtimestamp(max(times) / 1e9) if times else None
        unreadable = sorted(path for path, mark in workbooks.items() if not mark.readable)
        organisations.append(OrganisationStatus(name, len(workbooks), last, unreadable))
    folders: set[str] = {organisation.id for organisation in config.organisations}
    stale = []
    for source in config.sources:
        if source.kind == "excel":
            if source.path.is_dir():
                folders |= {entry.name for entry in source.path.iterdir() if entry.is_dir() and not entry.name.startswith(".")}
            else:
                stale.append(f"{source.path}: no such folder")
    last = known.last_run("sync")
    if last is None:
        stale.append("no sync has run yet")
    elif last["outcome"] != "done":
        stale.append(f"the last sync, {last['started']}, ended {last['outcome']}")
    upcoming = {}
    for identifier in sorted(folders | known.workbooks.keys()):
        due = config.due_of(identifier)
        days = [due.on(f"{year}-{month}") for year in (now.year, now.year + 1) for month in ("06", "12")]
        upcoming[identifier] = min(day for day in days if day >= now.date())
    return StatusReport(
        known.runs[:10],
        known.in_progress,
        organisations,
        sorted(folders - known.workbooks.keys()),
        upcoming,
        stale,
    )
