"""`sync`: what changed is read, everything is written back."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from sheets_sync.errors import stopped_by_user
from sheets_sync.run import changes
from sheets_sync.run.findings import prepare_writing, render_findings
from sheets_sync.run.google import REMEMBERED as GOOGLE
from sheets_sync.run.google import budget_words, read_everything
from sheets_sync.run.progress import Progress, silent
from sheets_sync.run.reading import Read, ReadingPlan, bounds_of, is_google, readers, run_rules, state_of
from sheets_sync.run.roster import DistrictRoster
from sheets_sync.run.sync_run import SyncOutcome, SyncRun
from sheets_sync.run.telling import Telling

if TYPE_CHECKING:
    from sheets_sync.config import Config
    from sheets_sync.engine import Engine, Workers
    from sheets_sync.memory import Connection
    from sheets_sync.reach import Reach
    from sheets_sync.sources import WorkbookRef
    from sheets_sync.store import Store
    from sheets_sync.table_schema.model import Definitions

AT_WORK_IN_THE_STORE = tuple(f"sheets_sync.{name}" for name in ("consolidate", "history", "reach", "rules"))
TELL_EVERY = 2.0  # seconds between two notes of how far the reading is, for `status`


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
    from sheets_sync.logs import Log

    started = now or datetime.now()
    if dry_run:
        from sheets_sync.run.planning import rehearse

        return rehearse(config, as_of, full, organisations, progress, started).outcome
    with one_run(config.store, "sync", started), Log.of(config).run("sync", as_of=as_of) as told:
        this = Sync(SyncRun(config, as_of, full, organisations, progress, started))
        try:
            outcome = this.do()
        except BaseException as error:
            this.record_failure(error)
            raise
        told(
            outcome="partly" if outcome.failed else "done",
            read=len(outcome.changed),
            not_read=outcome.why,
            withdrawn=outcome.withdrawn,
            written=len(outcome.written),
            issues=outcome.issues_by_severity,
            messages=len(outcome.messages),
        )
        return outcome


class Sync:
    """The course of one sync: read, keep, look at what it concerns, tell, record."""

    def __init__(self, run: SyncRun) -> None:
        self.run = run
        self.same_settings = self.narrow = False

    def do(self) -> SyncOutcome:
        """Do it; nothing is opened when nothing changed."""
        if self.run.state_lost:
            self._restore_state()
        changed, gone = changes.changed(self.run), changes.gone(self.run)
        if not changed and not gone and self._nothing_else_to_do():
            self.run.outcome.issues_by_severity = dict(self.run.state.more.get("issues", {}))
            changes.remember_unread(self.run, [], [])
            self._finish_run()
            return self.run.outcome
        roster = DistrictRoster(self.run)
        self.same_settings = changes.same_settings(self.run)
        self.narrow = self._may_be_narrow(roster)
        self.run.state.more.pop("settings", None)  # a run that is cut short leaves nothing to build on
        for left in self.run.home.glob("reading-*"):  # a run that was killed
            shutil.rmtree(left, ignore_errors=True)
        definitions = self.run.definitions  # a mistake in them is told before anything is written
        self._note_progress(0, len(changed))
        scratch = Path(tempfile.mkdtemp(prefix="reading-", dir=self.run.home))
        try:
            writers = self._writers(len(changed) + len(gone))
            with self._readers(scratch, False) as readers, writers, roster.kept:
                with ExitStack() as stack:
                    opened = cache(lambda: stack.enter_context(self._open(definitions)))
                    reads = self._read(changed, scratch, readers, meanwhile=opened)
                    self._keep(opened(), reads, gone, scratch, readers, writers, roster)
                self.run.state.more["store"] = changes.print_of(self.run.store_path)
                self.run.state.more["codes"] = changes.print_of(self.run.codes_path)
                self.run.state.definitions, self.run.state.as_of = self.run.version, self.run.as_of.isoformat()
                self._finish_run()
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        return self.run.outcome

    def _nothing_else_to_do(self) -> bool:
        return changes.same_settings(self.run) and changes.store_stands(self.run) and changes.outputs_stand(self.run)

    def _may_be_narrow(self, roster: DistrictRoster) -> bool:
        """Whether what stands in the store and in the outbox is what the last run left, told as of the same day and by
        the same definitions: then only what a change reaches has to be looked at."""
        return (
            self.same_settings
            and not self.run.full
            and not self.run.only
            and self.run.all_listed
            and changes.store_stands(self.run)
            and not self.run.google.in_use  # where links to its tabs lead may have changed there
            and (self.run.config.outputs.folder is None or roster.is_kept())
        )

    def _open(self, definitions: Definitions) -> Store:
        """The store; what will be wanted for the work in it, of which a worker has no need, is loaded too."""
        from sheets_sync.store import Store

        for name in AT_WORK_IN_THE_STORE:
            import_module(name)
        _ = self.run.rules, self.run.texts
        return Store.open(self.run.store_path, definitions, key=self.run.key)

    def _read(
        self,
        asked: Sequence[tuple[WorkbookRef, str]],
        scratch: Path,
        readers: Workers,
        meanwhile: Callable[[], object] | None = None,
    ) -> list[Read]:
        fetched = scratch / "fetched"
        reads, left = read_everything(asked, self.run.google, fetched, readers, self._telling, meanwhile)
        for read in reads:
            ref = read.ref
            if is_google(ref.locator) and read.whole:
                told = changes.is_told_changed(self.run, ref)
                self.run.google.note_read(ref.locator, self.run.started, as_before=read.same and not told)
        for ref, error in left:
            self.run.outcome.unreadable.append(ref.path)
            self.run.outcome.why[ref.path] = str(error)
        return reads

    def _restore_state(self) -> None:
        """The record made again from the store."""
        from sheets_sync import state
        from sheets_sync.store import Store

        with Store.open(self.run.store_path, self.run.definitions, key=self.run.key) as store:
            if store.opened == "rebuilt":
                self._tell_rebuilt(store)
            self.run.state = state.rebuilt(store.workbooks(), store.last_runs())

    def _tell_rebuilt(self, store: Store) -> None:
        self.run.outcome.messages.append(f"the store was damaged and is made anew; the old file is {store.set_aside}")

    def _telling(self, stage: str, done: int, total: int) -> None:
        self.run.progress(stage, done, total)
        if time.monotonic() - self._told >= TELL_EVERY:
            self._note_progress(done, total)

    def _note_progress(self, done: int, total: int) -> None:
        from sheets_sync import state

        self._told = time.monotonic()
        self.run.state.in_progress = {
            "verb": "sync",
            "started": self.run.started.isoformat(timespec="seconds"),
            "pid": os.getpid(),
            "done": done,
            "of": total,
        }
        state.save(self.run.state, self.run.state_path)

    def _readers(self, folder: Path | str, keep_issues: bool) -> Workers:
        bounds = bounds_of(self.run.config.limits)
        plan = ReadingPlan(self.run.definitions, self.run.as_of, str(folder), bounds, keep_issues=keep_issues)
        return readers(self.run.config, plan)

    def _writers(self, changed: int) -> Engine:
        """Processes for the findings, started before the store is opened: they need none of its memory."""
        from sheets_sync.engine import Engine

        plan = self.run.writing_plan()
        engine = Engine(self.run.config.engine.workers, initializer=prepare_writing, initargs=(plan,))
        if changed <= engine.few and self.same_settings:
            return engine  # as many books will change, or hardly more
        if len({ref.organisation for ref in self.run.listing.workbooks}) > engine.few:
            engine.reserve(render_findings)
        return engine

    def _keep(
        self,
        store: Store,
        reads: list[Read],
        gone: list[tuple[str, str]],
        scratch: Path,
        readers: Workers,
        writers: Engine,
        roster: DistrictRoster,
    ) -> None:
        """Keep what was read, look at what it concerns, and tell everybody."""
        from concurrent.futures import ThreadPoolExecutor

        if store.opened == "rebuilt":
            self._tell_rebuilt(store)
        differs = changes.reconciled(self.run, store, reads, gone)
        self.narrow &= store.opened == "same" and not differs.moved  # links lead there
        gone += differs.gone
        if lacking := differs.lacking:
            again = [(ref, "") for ref in self.run.listing.workbooks if (ref.organisation, ref.path) in lacking]
            reads = [read for read in reads if (read.ref.organisation, read.ref.path) not in lacking]
            reads += self._read(again, scratch, readers)
        readers.close()
        touched, reach = self._store(store, reads, gone, scratch, roster)
        store.memory.give_back()
        telling = Telling(self.run, store, roster)
        told = telling.whom()
        # What the roster asks of the database is asked beside what the findings ask of it.
        with store.cursor() as cursor, ThreadPoolExecutor(1, "roster") as beside, _ended_with(cursor):
            asked = reach.asked if reach is not None else None
            book = beside.submit(roster.make, cursor, told, asked) if told and self.run.roster_is_wanted() else None
            self._note_history(store, touched, asked)
            if told is not None:
                telling.tell(told, writers, scratch, book, reach)
        self._record_run(store, reads)

    def _store(
        self,
        store: Store,
        reads: Sequence[Read],
        gone: Sequence[tuple[str, str]],
        scratch: Path,
        roster: DistrictRoster,
    ) -> tuple[Collection[str], Reach | None]:
        """Keep what was read and what the rules find. Returns the organisations whose workbooks changed, and how far
        the change reached, None where everything was looked at."""
        from sheets_sync.fragments import Fragments, fragment_files
        from sheets_sync.reach import Change
        from sheets_sync.sinks.xlsx import MAX_LINKS
        from sheets_sync.state import Fingerprint

        self.run.progress("storing", 0, 1)
        fresh = [read for read in reads if not read.same]
        with Fragments(scratch, "lost") as fragments:  # a worker that died could not say so itself
            for read in fresh:
                if read.lost:
                    fragments.write_issues(read.issues)
        kept = [(read.ref.organisation, read.ref.path, sheet) for read in fresh for sheet in read.unread_sheets]
        held = {(one.organisation, one.workbook): one for one in store.workbooks()}
        now, home = self.run.started, self.run.config.folder
        states = [changes.changed_when(state_of(read, self.run.version, now, home), held) for read in fresh]
        self.run.opened = frozenset(read.ref.organisation for read in reads)
        changing = {read.ref.organisation for read in fresh} | {organisation for organisation, _ in gone}
        change = Change(store, changing, MAX_LINKS - roster.kept.most_rows()) if self.narrow else None
        store.replace(states, fragment_files(scratch), kept)
        store.withdraw(gone)
        touched = {organisation for organisation, _ in gone} | {changes.touched(self.run, read) for read in fresh}
        changes.note_moved(self.run, reads, gone)
        for read in reads:
            ref = read.ref
            self.run.state.record(
                ref.organisation,
                ref.path,
                Fingerprint(ref.size, 0 if read.passing else ref.mtime_ns, read.sha256, self.run.version, read.whole),
            )
            if not read.whole:
                self.run.tell_unread(ref.path, read.issues)
            if not read.same:
                self.run.outcome.changed.append(ref.path)
        for organisation, path in gone:
            self.run.state.forget(organisation, path)
            self.run.outcome.withdrawn.append(path)
        changes.remember_unread(self.run, reads, gone)
        self.run.progress("storing", 1, 1)
        self.run.progress("rules", 0, 1)
        found = run_rules(store, self.run.rules, self.run.config, self.run.as_of, self.run.ledger, change)
        self.run.outcome.messages += found.notices
        store.replace_rule_issues(found.reach.asked if found.reach else None)
        self.run.progress("rules", 1, 1)
        return touched - {""}, found.reach

    def _note_history(self, store: Store, touched: Collection[str], looked_at: Collection[str] | None) -> None:
        from sheets_sync import history

        history.note(store, self.run.as_of, touched=touched, looked_at=looked_at, noticed=self.run.listing.issues)

    def _record_run(self, store: Store, reads: Sequence[Read]) -> None:
        from sheets_sync.store import Run

        counts = self.run.outcome.issues_by_severity
        store.record_run(
            Run(
                self.run.started, datetime.now(), "sync", self._ended(), self.run.as_of, len(reads),
                len(self.run.outcome.unreadable), counts.get("error", 0), counts.get("warning", 0),
                "; ".join(self.run.outcome.messages),
            )
        )  # fmt: skip
        if self.run.written_all and self.run.all_listed and not self.run.only:
            self.run.state.more["settings"] = self.run.settings_print()
        else:
            self.run.state.more.pop("settings", None)
        self.run.state.more["issues"] = dict(counts)
        self.run.state.more["why"] = dict(self.run.outcome.why)

    def _ended(self) -> str:
        self.run.outcome.failed |= bool(self.run.outcome.unreadable)
        return "partly" if self.run.outcome.failed else "done"

    def _finish_run(self) -> None:
        from sheets_sync import state

        if self.run.google.in_use:
            self.run.state.more[GOOGLE] = self.run.google.remembered
            self.run.outcome.spent = budget_words(self.run.google.budget)
            self.run.outcome.messages += self.run.google.notices
        self.run.state.finish_run(
            {
                "verb": "sync",
                "started": self.run.started.isoformat(timespec="seconds"),
                "finished": datetime.now().isoformat(timespec="seconds"),
                "outcome": self._ended(),
                "as_of": self.run.as_of.isoformat(),
                "read": len(self.run.outcome.changed),
                "unreadable": self.run.outcome.unreadable,
                "withdrawn": self.run.outcome.withdrawn,
                "reached": self.run.all_listed and self.run.written_all,  # else `serve` tries again before the next day
                "issues": self.run.outcome.issues_by_severity,
                "messages": self.run.outcome.messages,
            }
        )
        state.save(self.run.state, self.run.state_path)

    def record_failure(self, error: BaseException) -> None:
        """Note that the run was cut short, beside what the record held before it."""
        from sheets_sync import state

        known = state.load(self.run.state_path)
        if known is None and self.run.store_path.exists():
            return  # a lost record is made again from the store, not begun anew
        known = known or state.State()
        known.finish_run(
            {
                "verb": "sync",
                "started": self.run.started.isoformat(timespec="seconds"),
                "finished": datetime.now().isoformat(timespec="seconds"),
                "outcome": "stopped" if stopped_by_user(error) else "failed",
                "as_of": self.run.as_of.isoformat(),
                "messages": [str(error) or type(error).__name__],
            }
        )
        try:
            state.save(known, self.run.state_path)
        except OSError:
            pass  # the error being raised says more


@contextmanager
def _ended_with(connection: Connection) -> Iterator[None]:
    """When what stands within is cut short, so is what the connection is doing elsewhere."""
    try:
        yield
    except BaseException:
        connection.interrupt()
        raise
