"""`sync`: what changed is read, everything is written back."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from sheets_sync.errors import ConfigError, SourceError
from sheets_sync.run.findings import FindingsTask, WritingPlan, prepare_writing, render_findings
from sheets_sync.run.progress import Progress, silent
from sheets_sync.run.reading import Read, ReadingPlan, prepare_reading, read_all, run_rules, state_of
from sheets_sync.run.reports import report_settings

if TYPE_CHECKING:
    from sheets_sync.config import Config
    from sheets_sync.engine import Engine
    from sheets_sync.sinks.files import Outputs
    from sheets_sync.sources import Listing, WorkbookRef
    from sheets_sync.state import State
    from sheets_sync.store import Store
    from sheets_sync.table_schema.model import Definitions

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
    failed: bool = False  # something could not be read or written: exit code 1


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

    A workbook that cannot be read keeps the rows of its last reading. What fails for one workbook or one output is in
    the outcome. Raises ConfigError for what cannot run as asked, LockHeld when another run is at work.
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
        """Workbooks of all sources, by paths relative to their source; what was read of one that is away is kept."""
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
                while (ref.organisation, path) in taken:  # the same name in two sources
                    path = f"{source.path.name}/{path}"
                taken.add((ref.organisation, path))
                found.workbooks.append(ref._replace(path=path))
            for issue in listing.issues:
                found.issues.append(issue._replace(at=issue.at._replace(workbook=issue.at.workbook.removeprefix(root))))
        if self.only:
            unknown = sorted(self.only - {ref.organisation for ref in found.workbooks} - self.state.workbooks.keys())
            if unknown:
                mend = "see `sheets-sync status` for their ids"
                raise ConfigError(f"no such organisation: {', '.join(unknown)}", mend=mend)
        if not found.workbooks and self.state.workbooks and self.all_listed:
            self.outcome.messages.append("no workbooks where there were some before: nothing is withdrawn")
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
        changed, gone = self._changed(), self._gone()
        with tempfile.TemporaryDirectory(prefix="sheets-sync-") as folder, self._readers(folder, True) as readers:
            reads = read_all(changed, readers, self.progress)
        counts: Counter[str] = Counter()
        for read in reads:
            counts.update(issue.severity for issue in read.issues)
            self.outcome.changed.append(read.ref.path)
            if not read.readable:
                self.outcome.unreadable.append(read.ref.path)
        self.outcome.withdrawn = [path for _, path in gone]
        self.outcome.issues_by_severity = dict(counts)
        root = self.config.outputs.folder
        if root is not None and (changed or gone):
            touched = sorted({ref.organisation for ref, _ in changed} | {organisation for organisation, _ in gone})
            self.outcome.written = [root / name / FINDINGS for name in touched] + [root / ROSTER]
        return self.outcome

    # doing it

    def run(self) -> SyncOutcome:
        """Do it; nothing is opened when nothing changed."""
        changed, gone = self._changed(), self._gone()
        settings = self._settings_print()
        same = self.state.more.get("settings") == settings and not self.state_lost
        if same and not changed and not gone and self._outputs_stand():
            self.outcome.issues_by_severity = dict(self.state.more.get("issues", {}))
            self._finish_run("partly" if self.outcome.failed else "done")
            return self.outcome
        from sheets_sync import state

        self.state.in_progress = {
            "verb": "sync",
            "started": self.started.isoformat(timespec="seconds"),
            "pid": os.getpid(),
            "of": len(changed),
        }
        state.save(self.state, self.state_path)
        scratch = Path(tempfile.mkdtemp(prefix="reading-", dir=self.config.store))
        try:
            with self._readers(scratch, False) as readers, self._writers() as writers:
                reads = read_all(changed, readers, self.progress)
                self._keep(reads, gone, scratch, readers, writers, settings)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        return self.outcome

    def _readers(self, folder: Path | str, keep_issues: bool) -> Engine:
        from sheets_sync.engine import Engine

        plan = ReadingPlan(self.definitions, self.as_of, str(folder), keep_issues=keep_issues)
        return Engine(
            self.config.engine.workers,
            initializer=prepare_reading,
            initargs=(plan,),
            time_limit=self.config.limits.seconds_per_workbook,
        )

    def _writers(self) -> Engine:
        """Processes for the findings, started before the store is opened: they need none of its memory."""
        from sheets_sync.engine import Engine

        plan = WritingPlan(self.config.language, self.catalog, self.definitions, self.as_of)
        engine = Engine(self.config.engine.workers, initializer=prepare_writing, initargs=(plan,))
        if len({ref.organisation for ref in self.listing.workbooks}) > engine.few:
            engine.reserve(render_findings)
        return engine

    @cached_property
    def definitions(self) -> Definitions:
        from sheets_sync.table_schema.loading import load_definitions

        return load_definitions(self.catalog.folders("schemas"), aliases=self.config.heading_aliases())

    def _keep(
        self,
        reads: list[Read],
        gone: Sequence[tuple[str, str]],
        scratch: Path,
        readers: Engine,
        writers: Engine,
        settings: str,
    ) -> None:
        from sheets_sync.store import Store

        with Store.open(self.config.store / "store.duckdb", self.definitions) as store:
            if self._must_read_again(store):
                self.full = True
                already = {(read.ref.organisation, read.ref.path) for read in reads if not read.same}
                rest = [asked for asked in self._changed() if (asked[0].organisation, asked[0].path) not in already]
                reads = [read for read in reads if not read.same] + read_all(rest, readers, self.progress)
            readers.close()
            self._store(store, reads, gone, scratch)
            self._write_outputs(store, writers)
            self._record(store, reads, settings)

    def _must_read_again(self, store: Store) -> bool:
        """A store that is new, made anew or changed in its columns does not hold what the state record promises."""
        if store.opened == "rebuilt":
            self.outcome.messages.append(f"the store was damaged and is made anew; the old file is {store.set_aside}")
        return store.opened != "same" and bool(self.state.workbooks)

    def _outputs_stand(self) -> bool:
        root = self.config.outputs.folder
        return root is None or not self.state.workbooks or (root / ROSTER).exists()

    def _store(self, store: Store, reads: Sequence[Read], gone: Sequence[tuple[str, str]], scratch: Path) -> None:
        from sheets_sync.fragments import fragment_files
        from sheets_sync.state import Fingerprint

        self.progress("storing", 0, 1)
        fresh = [read for read in reads if not read.same]
        store.replace([state_of(read, self.definitions, self.started) for read in fresh], fragment_files(scratch))
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
        run_rules(store, self.catalog, self.config.thresholds, self.as_of)
        store.replace_rule_issues()
        self.progress("rules", 1, 1)

    def _write_outputs(self, store: Store, writers: Engine) -> None:
        root = self.config.outputs.folder
        if root is None:
            return
        from sheets_sync.consolidate import PupilCodes, organisations_of, roster_book
        from sheets_sync.engine import Failed
        from sheets_sync.messages import Messages
        from sheets_sync.sinks.excel import render_book
        from sheets_sync.sinks.files import Outputs

        told = self.config.organisations
        organisations = organisations_of(
            store.connection, {o.id: o.name for o in told if o.name}, {o.id: o.type for o in told if o.type}
        )
        tasks = [
            self._findings_task(store, name, organisation.shown, root) for name, organisation in organisations.items()
        ]
        counts = Counter(issue.severity for task in tasks for issue in task.issues)
        self.outcome.issues_by_severity = {name: counts[name] for name in ("error", "warning", "info")}
        with Outputs(root, self.config.store) as outputs:
            # the roster first: it is made here while the other processes begin
            texts = Messages.load(self.config.language, self.catalog)
            codes = PupilCodes.load(self.config.store / "pupil-codes.json")
            locators = {(ref.organisation, ref.path): Path(ref.locator) for ref in self.listing.workbooks}
            roster = roster_book(
                store.connection,
                self.definitions,
                report_settings(self.config),
                self.as_of,
                locators,
                root / "district",
                organisations=organisations,
                codes=codes,
                issue_titles={code: entry.title for code, entry in texts.entries.items()},
            )
            self._put(outputs, ROSTER, partial(render_book, roster))
            codes.save(self.config.store / "pupil-codes.json")
            for done, (task, rendered) in enumerate(zip(tasks, writers.map(render_findings, tasks), strict=True), 1):
                place = f"{task.organisation}/{FINDINGS}"
                if isinstance(rendered, Failed):
                    self.outcome.messages.append(f"{place} could not be made: {rendered.reason}")
                    self.outcome.failed = True
                else:
                    self._put(outputs, place, _bytes(rendered))
                self.progress("writing", done, len(tasks))
            self.outcome.messages += outputs.notices

    def _findings_task(self, store: Store, organisation: str, title: str, root: Path) -> FindingsTask:
        from sheets_sync.reporting.findings import path_between

        noticed = [issue for issue in self.listing.issues if issue.at.organisation == organisation]
        files = {
            ref.path: path_between(root / organisation, Path(ref.locator))
            for ref in self.listing.workbooks
            if ref.organisation == organisation
        }
        issues = store.issues(organisation) + noticed
        return FindingsTask(organisation, title, issues, store.tables(organisation), files)

    def _put(self, outputs: Outputs, place: str, render: Callable[[BinaryIO], object]) -> None:
        """Write one file; one that cannot be written is told and the others go on, yesterday's stays."""
        try:
            written = outputs.write(place, render)
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


def _bytes(content: bytes) -> Callable[[BinaryIO], object]:
    return lambda file: file.write(content)


def _passed_over(path: str, patterns: Sequence[str]) -> bool:
    from fnmatch import fnmatch

    return any(fnmatch(path, pattern) or fnmatch(path.rpartition("/")[2], pattern) for pattern in patterns)
