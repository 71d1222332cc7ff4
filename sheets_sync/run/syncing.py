"""`sync`: what changed is read, everything is written back."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache, cached_property, partial
from heapq import merge
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sheets_sync import __version__
from sheets_sync.errors import ConfigError, SourceError, stopped_by_user
from sheets_sync.fragments import ISSUE_COLUMNS
from sheets_sync.run.findings import (
    FindingsTask,
    Spooled,
    WritingPlan,
    book_of,
    cell_notes,
    packed,
    prepare_writing,
    render_findings,
    waived,
)
from sheets_sync.run.google import (
    FINDINGS_GROUP,
    ROSTER_GROUP,
    GoogleSide,
    Shown,
    budget_words,
    read_everything,
)
from sheets_sync.run.google import REMEMBERED as GOOGLE
from sheets_sync.run.handing_in import reminder_lines
from sheets_sync.run.listing import list_sources
from sheets_sync.run.progress import Progress, silent
from sheets_sync.run.reading import (
    GOOGLE_SCHEME,
    Read,
    ReadingPlan,
    bounds_of,
    definitions_of,
    is_google,
    kept_locator,
    places_of,
    readers,
    rules_of,
    run_rules,
    spreadsheet_id,
    state_of,
)
from sheets_sync.run.reports import report_settings
from sheets_sync.sinks.undo_journal import UndoJournal

if TYPE_CHECKING:
    from concurrent.futures import Future

    from sheets_sync.config import Config
    from sheets_sync.consolidate import Organisation
    from sheets_sync.engine import Engine, Workers
    from sheets_sync.issues import Issue
    from sheets_sync.memory import Connection
    from sheets_sync.messages import Messages
    from sheets_sync.reach import Reach
    from sheets_sync.reporting.page import Book
    from sheets_sync.rules import RuleSet
    from sheets_sync.sinks.files import Outputs, Written
    from sheets_sync.sinks.kept_rows import KeptRows
    from sheets_sync.sources import Listing, WorkbookRef
    from sheets_sync.state import State
    from sheets_sync.store import Store, TableLine, WorkbookState
    from sheets_sync.table_schema.model import Definitions

Content = TypeVar("Content")
ROSTER = "district/Сводный реестр.xlsx"
ROSTER_ROWS = "roster.rows"  # beside the store: the roster's rows as they were written
FINDINGS = "Проверка.xlsx"
BOOKS = "findings"  # in the record: organisation → print of what its book is made of, hash of the book
AT_WORK_IN_THE_STORE = tuple(f"sheets_sync.{name}" for name in ("consolidate", "history", "reach", "rules"))
TELL_EVERY = 2.0  # seconds between two notes of how far the reading is, for `status`


@dataclass(slots=True)
class SyncOutcome:
    """What a sync did. ``changed`` are the workbooks read; ``messages`` are lines for the operator, English.

    ``unreadable`` are all whose present content is not in the store, read in this run or not; ``why`` tells the issue's
    code and reason of each. ``moved``: of the workbooks read those that were withdrawn elsewhere, → where that was.
    """

    changed: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    why: dict[str, str] = field(default_factory=dict)
    withdrawn: list[str] = field(default_factory=list)
    moved: dict[str, str] = field(default_factory=dict)
    written: list[Path] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)  # addresses of Google spreadsheets written to
    spent: str = ""  # what was asked of Google, in one line
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
    from sheets_sync.logs import Log

    started = now or datetime.now()
    if dry_run:
        from sheets_sync.run.planning import rehearse

        return rehearse(config, as_of, full, organisations, progress, started).outcome
    with one_run(config.store, "sync", started), Log.of(config).run("sync", as_of=as_of) as told:
        this = Sync(config, as_of, full, organisations, progress, started)
        try:
            outcome = this.run()
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


@dataclass(frozen=True, slots=True)
class ToTell:
    """Who is told what was found: the organisations and their names, where their workbooks lie, which of these are
    spreadsheets that take our tab, and the words for it."""

    organisations: Mapping[str, Organisation]
    titles: Mapping[str, str]  # with those of whom there are only files that cannot be read
    locators: Mapping[tuple[str, str], str]
    at_google: Mapping[str, Sequence[str]]
    texts: Messages


class Sync:
    """One sync: what it is told, what it has found out so far. Its working files lie in ``home``."""

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
        from sheets_sync.ledger import load_ledger
        from sheets_sync.table_schema.loading import definitions_version
        from sheets_sync.waivers import load_waivers

        self.config, self.as_of, self.full, self.progress, self.started = config, as_of, full, progress, started
        self.only = frozenset(organisations)
        self.catalog = Catalog(config.folder)
        # «3 года», «15 лет» and «10 мая» are read as of a calendar year and a school year: others ask for reading anew.
        season = f"{as_of.year}{'b' if as_of.month >= 9 else 'a'}"
        self.version = f"{definitions_version(self.catalog.folders('schemas'), config.heading_aliases())}-{season}"
        self.outcome = SyncOutcome(messages=config.privacy.consequences())
        self.key = config.key_of_store()
        self._work_in(config.store)
        known = state.load(self.state_path)
        self.state_lost = known is None and self.store_path.exists()
        self.state: State = known or state.State()
        self.waivers = load_waivers(config.folder)
        self.ledger = load_ledger(config.folder)
        self.journal = UndoJournal(self.home)
        self.google = GoogleSide(config, bounds_of(config.limits), self.state.more.get(GOOGLE))
        self.google.journal = self.journal
        self.listing = self._list()
        self.written_all = True
        self.same_settings = self.narrow = False
        self.opened: frozenset[str] = frozenset()  # organisations with a workbook whose file is another one than before
        self.books: dict[str, str] = {}  # organisation → print of what its findings are made of

    def _work_in(self, home: Path) -> None:
        self.home, self.state_path, self.store_path = home, home / "state.json", home / "store.duckdb"
        self.codes_path = home / "pupil-codes.json"

    # what there is and what changed

    def _list(self) -> Listing:
        """Workbooks of all sources, by paths relative to their source; what was read of one that is away is kept."""
        self.listed = list_sources(self.config, self.google)
        found = self.listed.listing
        self.all_listed = self.listed.whole
        self.outcome.messages += self.listed.messages
        self.outcome.failed |= bool(self.listed.messages)
        for issue in found.issues:
            if issue.severity == "error":
                self._tell_unread(issue.at.workbook, [issue])
        if self.only:
            unknown = sorted(self.only - {ref.organisation for ref in found.workbooks} - self.state.workbooks.keys())
            if unknown:
                mend = "see `sheets-sync status` for their ids"
                raise ConfigError(f"no such organisation: {', '.join(unknown)}", mend=mend)
        if not found.workbooks and self.state.workbooks and self.all_listed:
            self.outcome.messages.append(
                "no workbooks where there were some before: nothing is withdrawn"
                f" (if all are gone for good, remove {self.config.store} and run again)"
            )
            self.outcome.failed = True
            self.all_listed = False
        return found

    def _tell_unread(self, path: str, issues: Iterable[Issue]) -> None:
        reasons = [
            f"{issue.code}: {told}" if (told := dict(issue.params).get("reason")) else issue.code
            for issue in issues
            if issue.code.startswith("file-") and issue.severity == "error"
        ]
        if path not in self.outcome.why:
            self.outcome.unreadable.append(path)
        self.outcome.why[path] = ", ".join(dict.fromkeys(reasons))

    def _wanted(self, organisation: str) -> bool:
        return not self.only or organisation in self.only

    def _changed(self) -> list[tuple[WorkbookRef, str]]:
        changed = []
        for ref in self.listing.workbooks:
            if not self._wanted(ref.organisation):
                continue
            known = self.state.fingerprint(ref.organisation, ref.path)
            same = self.state.unchanged(ref.organisation, ref.path, ref.size, ref.mtime_ns, self.version)
            if self.full or not same:
                trust = known is not None and known.readable and known.definitions == self.version and not self.full
                changed.append((ref, known.sha256 if trust and known else ""))
        return changed

    def _gone(self) -> list[tuple[str, str]]:
        if not self.all_listed:
            return []
        gone = self.state.gone((ref.organisation, ref.path) for ref in self.listing.workbooks)
        return [key for key in gone if self._wanted(key[0]) and not self.listed.may_be_there(*key)]

    def _settings_print(self) -> str:
        """Changes with everything besides the workbooks that the outputs depend on."""
        # of the sources the place alone: what lies there is seen by itself, but outputs link to it
        told = replace(self.config, sources=(), path=None)
        places = [str(source.path) for source in self.config.sources if source.kind == "excel"]
        reports = "".join(
            f"{path.name}:{path.stat().st_size}:{path.stat().st_mtime_ns};"
            for folder in self.catalog.folders("messages")
            for path in sorted(folder.iterdir())
        )
        noticed = sorted(map(repr, self.listing.issues))
        more = f"{self.version}{self.as_of}{places}{noticed}{self.waivers!r}{self.ledger.text}"
        return hashlib.sha256(f"{told!r}{reports}{more}".encode()).hexdigest()

    # doing it

    def run(self) -> SyncOutcome:
        """Do it; nothing is opened when nothing changed."""
        if self.state_lost:
            self._restore_state()
        changed, gone = self._changed(), self._gone()
        if self._nothing_to_do(changed, gone):
            self.outcome.issues_by_severity = dict(self.state.more.get("issues", {}))
            self._remember_unread([], [])
            self._finish_run()
            return self.outcome
        self.same_settings = self._same_settings()
        self.narrow = self._may_be_narrow()
        self.state.more.pop("settings", None)  # a run that is cut short leaves nothing to build on
        for left in self.home.glob("reading-*"):  # a run that was killed
            shutil.rmtree(left, ignore_errors=True)
        definitions = self.definitions  # a mistake in them is told before anything is written
        self._note_progress(0, len(changed))
        scratch = Path(tempfile.mkdtemp(prefix="reading-", dir=self.home))
        try:
            writers = self._writers(len(changed) + len(gone))
            with self._readers(scratch, False) as readers, writers, self.kept:
                with ExitStack() as stack:
                    opened = cache(lambda: stack.enter_context(self._open(definitions)))
                    reads = self._read(changed, scratch, readers, meanwhile=opened)
                    self._keep(opened(), reads, gone, scratch, readers, writers)
                self.state.more["store"] = _print_of(self.store_path)
                self.state.more["codes"] = _print_of(self.codes_path)
                self.state.definitions, self.state.as_of = self.version, self.as_of.isoformat()
                self._finish_run()
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        return self.outcome

    def _open(self, definitions: Definitions) -> Store:
        """The store; the code that will be at work in it is loaded too, of which a worker has no need."""
        from sheets_sync.store import Store

        for name in AT_WORK_IN_THE_STORE:
            import_module(name)

        return Store.open(self.store_path, definitions, key=self.key)

    def _read(
        self,
        asked: Sequence[tuple[WorkbookRef, str]],
        scratch: Path,
        readers: Workers,
        meanwhile: Callable[[], object] | None = None,
    ) -> list[Read]:
        fetched = scratch / "fetched"
        reads, left = read_everything(asked, self.google, fetched, readers, self._telling, meanwhile)
        for ref, error in left:
            self.outcome.unreadable.append(ref.path)
            self.outcome.why[ref.path] = str(error)
        return reads

    def _nothing_to_do(self, changed: Sequence[object], gone: Sequence[object]) -> bool:
        return (
            not changed
            and not gone
            and self._same_settings()
            and self.state.more.get("store") == _print_of(self.store_path)
            and self._outputs_stand()
        )

    def _same_settings(self) -> bool:
        return self.state.more.get("settings") == self._settings_print()

    def _may_be_narrow(self) -> bool:
        """Whether what stands in the store and in the outbox is what the last run left, told as of the same day and by
        the same definitions: then only what a change reaches has to be looked at."""
        return (
            self.same_settings
            and not self.full
            and not self.only
            and self.all_listed
            and self.state.more.get("store") == _print_of(self.store_path)
            and not self.google.in_use  # where links to its tabs lead may have changed there
            and (self.config.outputs.folder is None or self._roster_is_kept())
        )

    def _roster_is_kept(self) -> bool:
        """Whether the roster's rows are there as the last run wrote them, of everybody."""
        from sheets_sync.consolidate import LONG_SHEETS

        stamp, everybody = self.state.more.get("roster"), self.state.workbooks
        if self.state.more.get("codes") != _print_of(self.codes_path):
            return False
        return (
            bool(stamp) and self.kept.stamp == stamp and all(self.kept.has(title, everybody) for title in LONG_SHEETS)
        )

    def _restore_state(self) -> None:
        """The record made again from the store."""
        from sheets_sync import state
        from sheets_sync.store import Store

        with Store.open(self.store_path, self.definitions, key=self.key) as store:
            if store.opened == "rebuilt":
                self._tell_rebuilt(store)
            self.state = state.rebuilt(store.workbooks(), store.last_runs())

    def _tell_rebuilt(self, store: Store) -> None:
        self.outcome.messages.append(f"the store was damaged and is made anew; the old file is {store.set_aside}")

    def _outputs_stand(self) -> bool:
        root = self.config.outputs.folder
        if root is None:
            return True
        places = [ROSTER, *(f"{name}/{FINDINGS}" for name in self.state.workbooks)]
        return all((root / place).exists() for place in places)

    def _telling(self, stage: str, done: int, total: int) -> None:
        self.progress(stage, done, total)
        if time.monotonic() - self._told >= TELL_EVERY:
            self._note_progress(done, total)

    def _note_progress(self, done: int, total: int) -> None:
        from sheets_sync import state

        self._told = time.monotonic()
        self.state.in_progress = {
            "verb": "sync",
            "started": self.started.isoformat(timespec="seconds"),
            "pid": os.getpid(),
            "done": done,
            "of": total,
        }
        state.save(self.state, self.state_path)

    def _readers(self, folder: Path | str, keep_issues: bool) -> Workers:
        bounds = bounds_of(self.config.limits)
        plan = ReadingPlan(self.definitions, self.as_of, str(folder), bounds, keep_issues=keep_issues)
        return readers(self.config, plan)

    def _writers(self, changed: int) -> Engine:
        """Processes for the findings, started before the store is opened: they need none of its memory."""
        from sheets_sync.engine import Engine

        plan = self._writing_plan()
        engine = Engine(self.config.engine.workers, initializer=prepare_writing, initargs=(plan,))
        if changed <= engine.few and self.same_settings:
            return engine  # as many books will change, or hardly more
        if len({ref.organisation for ref in self.listing.workbooks}) > engine.few:
            engine.reserve(render_findings)
        return engine

    def _writing_plan(self) -> WritingPlan:
        most = self.config.limits.issues_per_code
        return WritingPlan(self.config.language, self.catalog, self.definitions, self.as_of, most)

    @cached_property
    def kept(self) -> KeptRows:
        """The roster's rows as they were written last."""
        from sheets_sync.sinks.kept_rows import KeptRows

        return KeptRows.load(self.home / ROSTER_ROWS)

    @cached_property
    def rules(self) -> RuleSet:
        return rules_of(self.catalog)

    @cached_property
    def texts(self) -> Messages:
        from sheets_sync.messages import Messages

        return Messages.load(self.config.language, self.catalog)

    @cached_property
    def definitions(self) -> Definitions:
        return definitions_of(self.config, self.catalog)

    def _keep(
        self,
        store: Store,
        reads: list[Read],
        gone: list[tuple[str, str]],
        scratch: Path,
        readers: Workers,
        writers: Engine,
    ) -> None:
        """Keep what was read, look at what it concerns, and tell everybody."""
        from concurrent.futures import ThreadPoolExecutor

        lacking = self._reconcile(store, reads, gone)
        if lacking:
            again = [(ref, "") for ref in self.listing.workbooks if (ref.organisation, ref.path) in lacking]
            reads = [read for read in reads if (read.ref.organisation, read.ref.path) not in lacking]
            reads += self._read(again, scratch, readers)
        readers.close()
        touched, reach = self._store(store, reads, gone, scratch)
        store.memory.give_back()
        told = self._to_tell(store)
        # What the roster asks of the database is asked beside what the findings ask of it.
        with store.cursor() as cursor, ThreadPoolExecutor(1, "roster") as beside, _ended_with(cursor):
            roster = beside.submit(self._roster, cursor, told, reach) if told and self._roster_is_wanted() else None
            self._note_history(store, touched, reach)
            if told is not None:
                self._write_outputs(store, writers, scratch, told, roster, reach)
        self._record_run(store, reads)

    def _reconcile(self, store: Store, reads: Sequence[Read], gone: list[tuple[str, str]]) -> set[tuple[str, str]]:
        """Workbooks the store does not hold as the record says, to be read again; what only the store knows goes.

        The store may be new, made anew, put back from a copy, or ahead of a record that was lost.
        """
        if store.opened == "rebuilt":
            self._tell_rebuilt(store)
        held = {(one.organisation, one.workbook): one for one in store.workbooks()}
        told = {
            (organisation, path): mark
            for organisation, marks in self.state.workbooks.items()
            for path, mark in marks.items()
        }
        lacking = set()
        for key, mark in told.items():
            one = held.get(key)
            if one is None or (one.sha256, one.definitions) != (mark.sha256, mark.definitions):
                lacking.add(key)
        here = {(ref.organisation, ref.path) for ref in self.listing.workbooks}
        placed = {
            (ref.organisation, ref.path): kept_locator(ref.locator, self.config.folder)
            for ref in self.listing.workbooks
        }
        elsewhere = {key: place for key, place in placed.items() if key in held and held[key].locator != place}
        store.relocate(elsewhere)
        self.narrow &= not elsewhere and store.opened == "same"  # links lead there
        if self.all_listed:
            fresh = held.keys() - told.keys() - here - set(gone)
            gone += sorted(key for key in fresh if not self.listed.may_be_there(*key))
        return (lacking & here) - {(read.ref.organisation, read.ref.path) for read in reads if not read.same}

    def _store(
        self, store: Store, reads: Sequence[Read], gone: Sequence[tuple[str, str]], scratch: Path
    ) -> tuple[Collection[str], Reach | None]:
        """Keep what was read and what the rules find. Returns the organisations whose workbooks changed, and how far
        the change reached, None where everything was looked at."""
        from sheets_sync.fragments import Fragments, fragment_files
        from sheets_sync.reach import Change
        from sheets_sync.sinks.xlsx import MAX_LINKS
        from sheets_sync.state import Fingerprint

        self.progress("storing", 0, 1)
        fresh = [read for read in reads if not read.same]
        with Fragments(scratch, "lost") as fragments:  # a worker that died could not say so itself
            for read in fresh:
                if read.lost:
                    fragments.write_issues(read.issues)
        kept = [(read.ref.organisation, read.ref.path, sheet) for read in fresh for sheet in read.unread_sheets]
        held = {(one.organisation, one.workbook): one for one in store.workbooks()}
        states = [_changed_when(state_of(read, self.version, self.started, self.config.folder), held) for read in fresh]
        self.opened = frozenset(read.ref.organisation for read in reads)
        changing = {read.ref.organisation for read in fresh} | {organisation for organisation, _ in gone}
        change = Change(store, changing, MAX_LINKS - self.kept.most_rows()) if self.narrow else None
        store.replace(states, fragment_files(scratch), kept)
        store.withdraw(gone)
        touched = {organisation for organisation, _ in gone} | set(map(self._touched, fresh))
        self._note_moved(reads, gone)
        for read in reads:
            ref = read.ref
            self.state.record(
                ref.organisation,
                ref.path,
                Fingerprint(ref.size, 0 if read.passing else ref.mtime_ns, read.sha256, self.version, read.whole),
            )
            if not read.whole:
                self._tell_unread(ref.path, read.issues)
            if not read.same:
                self.outcome.changed.append(ref.path)
        for organisation, path in gone:
            self.state.forget(organisation, path)
            self.outcome.withdrawn.append(path)
        self._remember_unread(reads, gone)
        self.progress("storing", 1, 1)
        self.progress("rules", 0, 1)
        found = run_rules(store, self.rules, self.config, self.as_of, self.ledger, change)
        self.outcome.messages += found.notices
        store.replace_rule_issues(found.reach.asked if found.reach else None)
        self.progress("rules", 1, 1)
        return touched - {""}, found.reach

    def _note_moved(self, reads: Sequence[Read], gone: Sequence[tuple[str, str]]) -> None:
        """A workbook that is gone and stands elsewhere with the same bytes was moved or renamed."""
        known = {key: self.state.fingerprint(*key) for key in gone}
        left = {mark.sha256: path for (_, path), mark in known.items() if mark is not None and mark.sha256}
        for read in reads:
            if self.state.fingerprint(read.ref.organisation, read.ref.path) is None and read.sha256 in left:
                self.outcome.moved[read.ref.path] = left.pop(read.sha256)

    def _touched(self, read: Read) -> str:
        """The organisation whose workbook has other bytes than before; "" when they are the same."""
        ref = read.ref
        known = self.state.fingerprint(ref.organisation, ref.path)
        return "" if known is not None and known.sha256 == read.sha256 else ref.organisation

    def _note_history(self, store: Store, touched: Collection[str], reach: Reach | None) -> None:
        from sheets_sync import history

        looked_at = reach.asked if reach is not None else None
        history.note(store, self.as_of, touched=touched, looked_at=looked_at, noticed=self.listing.issues)

    def _remember_unread(self, reads: Sequence[Read], gone: Sequence[tuple[str, str]]) -> None:
        """What earlier runs could not read and nobody has mended since is still not in the store."""
        done = {(read.ref.organisation, read.ref.path) for read in reads} | set(gone)
        reasons = self.state.more.get("why", {})
        for organisation, marks in sorted(self.state.workbooks.items()):
            for path, mark in sorted(marks.items()):
                known = (organisation, path) in done or path in self.outcome.why
                if not mark.readable and not known and self._wanted(organisation):
                    self.outcome.unreadable.append(path)
                    self.outcome.why[path] = str(reasons.get(path, ""))

    def _roster_is_wanted(self) -> bool:
        return bool(self.config.outputs.folder or self.config.outputs.google_spreadsheet)

    def _to_tell(self, store: Store) -> ToTell | None:
        """Who is to be told, and by what names; None when nobody is."""
        from sheets_sync.consolidate import organisations_of

        # What is away this time is found where it was.
        locators = {key: str(place) for key, place in places_of(store, self.config).items()}
        locators |= {(ref.organisation, ref.path): ref.locator for ref in self.listing.workbooks}
        at_google = self._spreadsheets(locators)
        self.written_all = True
        if not self._roster_is_wanted() and not at_google:
            return None
        told = self.config.organisations
        named = {o.id: o.name for o in told if o.name}
        organisations = organisations_of(store.connection, named, {o.id: o.type for o in told if o.type})
        if not organisations and not self.all_listed:
            self.written_all = False
            return None  # nothing was ever read, and what there is to read is away
        titles = {name: organisation.shown for name, organisation in organisations.items()}
        for issue in self.listing.issues:  # perhaps of somebody who has only files we cannot read
            name = issue.at.organisation
            titles.setdefault(name, named.get(name, name))
        return ToTell(organisations, titles, locators, at_google, self.texts)

    def _write_outputs(
        self,
        store: Store,
        writers: Engine,
        scratch: Path,
        told: ToTell,
        roster: Future[Book] | None,
        reach: Reach | None,
    ) -> None:
        root, district = self.config.outputs.folder, self.config.outputs.google_spreadsheet
        wanted = None if reach is None else self._to_be_told(told, reach)
        tasks = self._finding_tasks(store, told.titles, told.locators, (root or self.config.folder), wanted)
        if root is None or roster is None:
            shown = self._show_findings(tasks, told)
        else:
            shown = self._write_files(root, writers, scratch, tasks, told, roster, store)
        if roster is not None and district:
            self.google.show(shown, roster.result(), f"{GOOGLE_SCHEME}{district}", ROSTER_GROUP)
        self.outcome.shown += shown.written
        self.outcome.messages += shown.messages
        self.outcome.failed |= not shown.whole
        self.written_all &= shown.whole

    def _write_files(
        self,
        root: Path,
        writers: Engine,
        scratch: Path,
        tasks: Iterator[tuple[FindingsTask, bytes]],
        told: ToTell,
        roster: Future[Book],
        store: Store,
    ) -> Shown:
        """The files of the outbox; the findings of whoever keeps them at Google go there on the way."""
        from sheets_sync.engine import Failed

        shown = Shown()
        with self._outputs(root) as outputs:
            tasks = self._showing(tasks, told, shown)
            names: list[str] = []
            # The other processes write theirs from the first one told on, and then while the roster is made here.
            spooled = self._spool_findings(outputs, tasks, scratch, names, told.titles)
            rendered = writers.hand_out(render_findings, spooled)
            book = roster.result()
            store.memory.give_back()  # from here on it is we who need memory
            self._put_roster(outputs, book)
            for done, (name, draft) in enumerate(zip(names, rendered, strict=True), 1):
                place = f"{name}/{FINDINGS}"
                if isinstance(draft, Failed):
                    self.outcome.messages.append(f"{place} could not be made: {draft.reason}")
                    self.outcome.failed, self.written_all = True, False
                elif isinstance(draft, SourceError):
                    self._tell_unwritten(draft)
                elif (written := self._put(outputs.take, place, draft)) is not None:
                    self.state.more[BOOKS][name] = [self.books[name], written.known.sha256]
                self.progress("writing", done, len(names))
            self.outcome.messages += outputs.notices
        for name in sorted({path.split("/")[0] for path in self.outcome.withdrawn} - told.organisations.keys()):
            if (root / name / FINDINGS).exists():
                self.outcome.messages.append(f"{root / name / FINDINGS} is left as it was: {name} has no workbooks now")
        return shown

    def _put_roster(self, outputs: Outputs, book: Book) -> None:
        """Write the roster, and keep its rows as they are now."""
        from sheets_sync.sinks.excel import render_book
        from sheets_sync.sinks.kept_rows import RowsNotKept

        rendered = partial(render_book, book, resolve=self.google.resolve, kept=self.kept)
        try:
            written = self._put(outputs.write, ROSTER, rendered)
        except RowsNotKept as error:
            written = None
            self._tell_unwritten(
                SourceError(f"not made: {error}; the next sync makes all of it anew", path=outputs.root / ROSTER)
            )
        if written is not None:
            self.state.more["roster"] = stamp = f"{self.started.isoformat()} {written.known.sha256}"
            self.kept.save(stamp)

    def _outputs(self, root: Path) -> Outputs:
        from sheets_sync.sinks.files import Outputs

        return Outputs(root, self.home, private=self.config.outputs.private, journal=self.journal)

    def _roster(self, cursor: Connection, told: ToTell, reach: Reach | None) -> Book:
        """The roster, whose rows are read from the cursor as they are written."""
        from sheets_sync.consolidate import PupilCodes, roster_book
        from sheets_sync.ledger import entries_text, possible_matches

        codes = PupilCodes.load(self.codes_path)
        asked = reach.asked if reach else None
        doubts = possible_matches(cursor, asked)
        self._keep_entries(entries_text(doubts[0]))
        roster = roster_book(
            cursor,
            self.definitions,
            report_settings(self.config),
            self.as_of,
            told.locators,
            (self.config.outputs.folder or self.config.folder) / "district",
            organisations=told.organisations,
            codes=codes,
            issue_titles={code: entry.title for code, entry in told.texts.entries.items()},
            doubts=doubts,
            asked=asked,
        )
        codes.save(self.codes_path)  # before anyone sees them: a code given is given
        twice = self.config.outputs.google_spreadsheet and self.config.outputs.folder
        return roster.keep_rows() if twice else roster

    def _spreadsheets(self, locators: Mapping[tuple[str, str], str]) -> dict[str, list[str]]:
        """Organisation → locators of its Google spreadsheets, in which its findings are kept."""
        found: dict[str, list[str]] = {}
        for (name, _), locator in sorted(locators.items()):
            if is_google(locator) and self.google.takes_tabs(locator) and self._wanted(name):
                found.setdefault(name, []).append(locator)
        return found

    def _showing(
        self,
        tasks: Iterator[tuple[FindingsTask, bytes]],
        told: ToTell,
        shown: Shown,
    ) -> Iterator[tuple[FindingsTask, bytes]]:
        """The tasks as they pass by; those of whoever keeps spreadsheets at Google are shown there."""
        for task, content in tasks:
            print_ = self.books[task.organisation]
            due = [
                one
                for one in told.at_google.get(task.organisation, ())
                if not self.google.shows(one, FINDINGS_GROUP, print_)
            ]
            if due:
                book = book_of(task, self._writing_plan(), told.texts).keep_rows()
                for locator in due:
                    notes = cell_notes(task, locator, told.texts) if self.google.keeps_notes(locator) else None
                    self.google.show(shown, book, locator, FINDINGS_GROUP, print_, notes=notes)
            yield task, content

    def _show_findings(self, tasks: Iterator[tuple[FindingsTask, bytes]], told: ToTell) -> Shown:
        shown = Shown()
        for _ in self._showing(tasks, told, shown):
            pass
        return shown

    def _to_be_told(self, told: ToTell, reach: Reach) -> set[str]:
        """Whose findings are to be told anew: besides those a change reaches, of whoever handed in a file, if of the
        same content, keeps findings at Google, has some waived, or has no book that is as we left it."""
        names = (
            set(reach.asked | self.opened) | told.at_google.keys() | {waiver.organisation for waiver in self.waivers}
        )
        names |= {issue.at.organisation for issue in self.listing.issues}
        if (root := self.config.outputs.folder) is not None:
            outputs, known = self._outputs(root), self.state.more.get(BOOKS, {})
            names |= {
                name
                for name in told.titles
                if name not in known or not outputs.holds(f"{name}/{FINDINGS}", known[name][1])
            }
        return names & told.titles.keys()

    def _finding_tasks(
        self,
        store: Store,
        titles: Mapping[str, str],
        locators: Mapping[tuple[str, str], str],
        root: Path,
        wanted: Collection[str] | None,
    ) -> Iterator[tuple[FindingsTask, bytes]]:
        """The findings of every organisation, or of those wanted, by its id, and as bytes; ``books`` then has their
        print. Counts what is found."""
        from sheets_sync import history
        from sheets_sync.reporting.findings import path_between
        from sheets_sync.waivers import Waivers

        files: dict[str, dict[str, str]] = {}
        gids: dict[str, dict[str, dict[str, int]]] = {}
        for (name, path), locator in locators.items():
            files.setdefault(name, {})[path] = path_between(root / name, Path(locator))
            one = spreadsheet_id(locator)
            if is_google(locator) and one in self.google.gids:
                gids.setdefault(name, {})[one] = self.google.gids[one]
        tables: dict[str, list[TableLine]] = {}
        for table in store.tables():
            tables.setdefault(table.organisation, []).append(table)
        noticed: dict[str, list[Issue]] = {}
        for issue in self.listing.issues:
            noticed.setdefault(issue.at.organisation, []).append(issue)
        pasts = history.pasts(store)
        reminders = reminder_lines(self.config, self.listing.workbooks, titles, self.as_of)
        waivers = Waivers(self.waivers, self.as_of, self.definitions.schemas)
        severity = ISSUE_COLUMNS.index("severity")
        counts: Counter[str] = Counter(issue.severity for issue in self.listing.issues)
        if wanted is not None:
            counts.update(store.issue_counts(titles.keys() - wanted))
        print_of_all = f"{__version__}{self._settings_print()}".encode()
        left = dict.fromkeys(titles if wanted is None else wanted)
        without: Iterator[tuple[str, list[tuple[Any, ...]]]] = ((name, []) for name in sorted(left))
        told_of = store.issue_lines(wanted)
        for name, lines in merge(told_of, without, key=lambda told: told[0] or ""):  # both by their ids
            if name in left:
                del left[name]
                counts.update(line[severity] for line in lines)
                asked = FindingsTask(
                    name,
                    titles[name],
                    lines,
                    noticed.get(name, []),
                    tables.get(name, []),
                    files.get(name, {}),
                    pasts.get(name),
                    gids=gids.get(name, {}),
                    reminder=reminders.get(name, ""),
                )
                if name in waivers.of:
                    asked = waived(asked, waivers, history.records(store, name))
                    counts.subtract(issue.severity for issue, _ in asked.accepted)
                content = packed(asked)
                self.books[name] = hashlib.sha256(print_of_all + content).hexdigest()
                yield asked, content
        self.outcome.messages += waivers.unmatched()
        self.outcome.issues_by_severity = {name: counts[name] for name in ("error", "warning", "info")}

    def _spool_findings(
        self,
        outputs: Outputs,
        tasks: Iterator[tuple[FindingsTask, bytes]],
        scratch: Path,
        names: list[str],
        titles: Collection[str],
    ) -> Iterator[Spooled]:
        """The findings of every organisation whose book will change, each in a file of its own; ``names`` are theirs.

        A book is left alone when it is as we left it and would say the same again. ``titles``: of whom there may be
        one.
        """
        known = self.state.more.get(BOOKS, {})
        folder = scratch / "findings"
        folder.mkdir()
        for task, content in tasks:
            name = task.organisation
            former = known.get(name)
            if former and former[0] == self.books[name] and outputs.holds(f"{name}/{FINDINGS}", former[1]):
                continue
            place = folder / f"{len(names)}.task"
            place.write_bytes(content)
            names.append(name)
            yield Spooled(place, outputs.target(f"{name}/{FINDINGS}"))
        self.state.more[BOOKS] = {name: known[name] for name in titles if name in known}

    def _keep_entries(self, text: str) -> None:
        """Entries for the people ledger, with names: they stay beside the store."""
        from sheets_sync.consolidate import MATCHES_FILE

        path = self.home / MATCHES_FILE
        beside = path.with_name(f"{path.name}.new")
        try:
            beside.write_text(text, encoding="utf-8")
            beside.replace(path)
        except OSError as error:
            self.outcome.messages.append(f"{path} cannot be written: {error.strerror}")
            self.outcome.failed = True

    def _put(self, put: Callable[[str, Content], Written], place: str, content: Content) -> Written | None:
        """Write one file; one that cannot be written is told and the others go on, yesterday's stays."""
        try:
            written = put(place, content)
        except SourceError as error:
            self._tell_unwritten(error)
            return None
        if written.state != "unchanged":
            self.outcome.written.append(written.path)
        return written

    def _tell_unwritten(self, error: SourceError) -> None:
        self.outcome.messages.append(str(error))
        self.outcome.failed, self.written_all = True, False

    def _record_run(self, store: Store, reads: Sequence[Read]) -> None:
        from sheets_sync.store import Run

        counts = self.outcome.issues_by_severity
        store.record_run(
            Run(
                self.started, datetime.now(), "sync", self._ended(), self.as_of, len(reads),
                len(self.outcome.unreadable), counts.get("error", 0), counts.get("warning", 0),
                "; ".join(self.outcome.messages),
            )
        )  # fmt: skip
        if self.written_all and self.all_listed and not self.only:
            self.state.more["settings"] = self._settings_print()
        else:
            self.state.more.pop("settings", None)
        self.state.more["issues"] = dict(counts)
        self.state.more["why"] = dict(self.outcome.why)

    def _ended(self) -> str:
        self.outcome.failed |= bool(self.outcome.unreadable)
        return "partly" if self.outcome.failed else "done"

    def _finish_run(self) -> None:
        from sheets_sync import state

        if self.google.in_use:
            self.state.more[GOOGLE] = self.google.remembered
            self.outcome.spent = budget_words(self.google.budget)
            self.outcome.messages += self.google.notices
        self.state.finish_run(
            {
                "verb": "sync",
                "started": self.started.isoformat(timespec="seconds"),
                "finished": datetime.now().isoformat(timespec="seconds"),
                "outcome": self._ended(),
                "as_of": self.as_of.isoformat(),
                "read": len(self.outcome.changed),
                "unreadable": self.outcome.unreadable,
                "withdrawn": self.outcome.withdrawn,
                "reached": self.all_listed and self.written_all,  # else `serve` tries again before the next day
                "issues": self.outcome.issues_by_severity,
                "messages": self.outcome.messages,
            }
        )
        state.save(self.state, self.state_path)

    def record_failure(self, error: BaseException) -> None:
        """Note that the run was cut short, beside what the record held before it."""
        from sheets_sync import state

        known = state.load(self.state_path)
        if known is None and self.store_path.exists():
            return  # a lost record is made again from the store, not begun anew
        known = known or state.State()
        known.finish_run(
            {
                "verb": "sync",
                "started": self.started.isoformat(timespec="seconds"),
                "finished": datetime.now().isoformat(timespec="seconds"),
                "outcome": "stopped" if stopped_by_user(error) else "failed",
                "as_of": self.as_of.isoformat(),
                "messages": [str(error) or type(error).__name__],
            }
        )
        try:
            state.save(known, self.state_path)
        except OSError:
            pass  # the error being raised says more


def _print_of(path: Path) -> list[int] | None:
    """Size and time of a file as a run left it: another one there is not what the record speaks of."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return [stat.st_size, stat.st_mtime_ns]


@contextmanager
def _ended_with(connection: Connection) -> Iterator[None]:
    """When what stands within is cut short, so is what the connection is doing elsewhere."""
    try:
        yield
    except BaseException:
        connection.interrupt()
        raise


def _changed_when(state: WorkbookState, held: Mapping[tuple[str, str], WorkbookState]) -> WorkbookState:
    """The state of a workbook, with the time its content became what it is.

    A copy made anew, or a Google spreadsheet into which we wrote a tab of ours, is younger than what the school typed.
    """
    before = held.get((state.organisation, state.workbook))
    if before is None or not before.mtime_ns or not state.mtime_ns or before.sha256 != state.sha256:
        return state
    return state._replace(mtime_ns=min(before.mtime_ns, state.mtime_ns))
