"""Everybody is told: every organisation its findings, the district its roster, in files and at Google."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import merge
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sheets_sync import __version__
from sheets_sync.errors import SourceError
from sheets_sync.fragments import ISSUE_COLUMNS
from sheets_sync.run.findings import FindingsTask, Spooled, book_of, cell_notes, packed, render_findings, waived
from sheets_sync.run.google import FINDINGS_GROUP, ROSTER_GROUP, Shown
from sheets_sync.run.handing_in import reminder_lines
from sheets_sync.run.reading import GOOGLE_SCHEME, is_google, places_of, spreadsheet_id
from sheets_sync.run.sync_run import FINDINGS

if TYPE_CHECKING:
    from concurrent.futures import Future

    from sheets_sync.consolidate import Organisation
    from sheets_sync.engine import Engine
    from sheets_sync.issues import Issue
    from sheets_sync.messages import Messages
    from sheets_sync.reach import Reach
    from sheets_sync.reporting.page import Book
    from sheets_sync.run.roster import DistrictRoster
    from sheets_sync.run.sync_run import SyncRun
    from sheets_sync.sinks.files import Outputs
    from sheets_sync.store import Store, TableLine

BOOKS = "findings"  # in the record: organisation → print of what its book is made of, hash of the book


@dataclass(frozen=True, slots=True)
class ToTell:
    """Who is told what was found: the organisations and their names, where their workbooks lie, which of these are
    spreadsheets that take our tab, and the words for it."""

    organisations: Mapping[str, Organisation]
    titles: Mapping[str, str]  # with those of whom there are only files that cannot be read
    locators: Mapping[tuple[str, str], str]
    at_google: Mapping[str, Sequence[str]]
    texts: Messages


class Telling:
    """What one sync tells, of what stands in the store. The roster is made beside it."""

    def __init__(self, run: SyncRun, store: Store, roster: DistrictRoster) -> None:
        self.run, self.store, self.roster = run, store, roster
        self._books: dict[str, str] = {}  # organisation → print of what its findings are made of

    def whom(self) -> ToTell | None:
        """Who is to be told, and by what names; None when nobody is."""
        from sheets_sync.consolidate import organisations_of

        # What is away this time is found where it was.
        locators = {key: str(place) for key, place in places_of(self.store, self.run.config).items()}
        locators |= {(ref.organisation, ref.path): ref.locator for ref in self.run.listing.workbooks}
        at_google = self._spreadsheets(locators)
        self.run.written_all = True
        if not self.run.roster_is_wanted() and not at_google:
            return None
        told = self.run.config.organisations
        named = {o.id: o.name for o in told if o.name}
        organisations = organisations_of(self.store.connection, named, {o.id: o.type for o in told if o.type})
        if not organisations and not self.run.all_listed:
            self.run.written_all = False
            return None  # nothing was ever read, and what there is to read is away
        titles = {name: organisation.shown for name, organisation in organisations.items()}
        for issue in self.run.listing.issues:  # perhaps of somebody who has only files we cannot read
            name = issue.at.organisation
            titles.setdefault(name, named.get(name, name))
        return ToTell(organisations, titles, locators, at_google, self.run.texts)

    def _spreadsheets(self, locators: Mapping[tuple[str, str], str]) -> dict[str, list[str]]:
        """Organisation → locators of its Google spreadsheets, in which its findings are kept."""
        found: dict[str, list[str]] = {}
        for (name, _), locator in sorted(locators.items()):
            if is_google(locator) and self.run.google.takes_tabs(locator) and self.run.wanted(name):
                found.setdefault(name, []).append(locator)
        return found

    def tell(
        self, told: ToTell, writers: Engine, scratch: Path, roster: Future[Book] | None, reach: Reach | None
    ) -> None:
        """Tell everybody, or where a change reached only some, these; ``writers`` render findings, ``scratch`` is a
        folder to lay them in meanwhile."""
        root, district = self.run.config.outputs.folder, self.run.config.outputs.google_spreadsheet
        wanted = None if reach is None else self._to_be_told(told, reach)
        tasks = self._finding_tasks(told.titles, told.locators, (root or self.run.config.folder), wanted)
        if root is None or roster is None:
            shown = self._show_findings(tasks, told)
        else:
            shown = self._write_files(root, writers, scratch, tasks, told, roster)
        if roster is not None and district:
            self.run.google.show(shown, roster.result(), f"{GOOGLE_SCHEME}{district}", ROSTER_GROUP)
        self.run.outcome.shown += shown.written
        self.run.outcome.messages += shown.messages
        self.run.outcome.failed |= not shown.whole
        self.run.written_all &= shown.whole

    def _write_files(
        self,
        root: Path,
        writers: Engine,
        scratch: Path,
        tasks: Iterator[tuple[FindingsTask, bytes]],
        told: ToTell,
        roster: Future[Book],
    ) -> Shown:
        """The files of the outbox; the findings of whoever keeps them at Google go there on the way."""
        from sheets_sync.engine import Failed

        shown = Shown()
        with self.run.outputs(root) as outputs:
            tasks = self._showing(tasks, told, shown)
            names: list[str] = []
            # The other processes write theirs from the first one told on, and then while the roster is made here.
            spooled = self._spool_findings(outputs, tasks, scratch, names, told.titles)
            rendered = writers.hand_out(render_findings, spooled)
            book = roster.result()
            self.store.memory.give_back()  # from here on it is we who need memory
            self.roster.put(outputs, book)
            for done, (name, draft) in enumerate(zip(names, rendered, strict=True), 1):
                place = f"{name}/{FINDINGS}"
                if isinstance(draft, Failed):
                    self.run.outcome.messages.append(f"{place} could not be made: {draft.reason}")
                    self.run.outcome.failed, self.run.written_all = True, False
                elif isinstance(draft, SourceError):
                    self.run.tell_unwritten(draft)
                elif (written := self.run.put(outputs.take, place, draft)) is not None:
                    self.run.state.more[BOOKS][name] = [self._books[name], written.known.sha256]
                self.run.progress("writing", done, len(names))
            self.run.outcome.messages += outputs.notices
        for name in sorted({path.split("/")[0] for path in self.run.outcome.withdrawn} - told.organisations.keys()):
            if (root / name / FINDINGS).exists():
                self.run.outcome.messages.append(
                    f"{root / name / FINDINGS} is left as it was: {name} has no workbooks now"
                )
        return shown

    def _showing(
        self,
        tasks: Iterator[tuple[FindingsTask, bytes]],
        told: ToTell,
        shown: Shown,
    ) -> Iterator[tuple[FindingsTask, bytes]]:
        """The tasks as they pass by; those of whoever keeps spreadsheets at Google are shown there."""
        for task, content in tasks:
            print_ = self._books[task.organisation]
            due = [
                one
                for one in told.at_google.get(task.organisation, ())
                if not self.run.google.shows(one, FINDINGS_GROUP, print_)
            ]
            if due:
                book = book_of(task, self.run.writing_plan(), told.texts).keep_rows()
                for locator in due:
                    notes = cell_notes(task, locator, told.texts) if self.run.google.keeps_notes(locator) else None
                    self.run.google.show(shown, book, locator, FINDINGS_GROUP, print_, notes=notes)
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
            set(reach.asked | self.run.opened)
            | told.at_google.keys()
            | {waiver.organisation for waiver in self.run.waivers}
        )
        names |= {issue.at.organisation for issue in self.run.listing.issues}
        if (root := self.run.config.outputs.folder) is not None:
            outputs, known = self.run.outputs(root), self.run.state.more.get(BOOKS, {})
            names |= {
                name
                for name in told.titles
                if name not in known or not outputs.holds(f"{name}/{FINDINGS}", known[name][1])
            }
        return names & told.titles.keys()

    def _finding_tasks(
        self,
        titles: Mapping[str, str],
        locators: Mapping[tuple[str, str], str],
        root: Path,
        wanted: Collection[str] | None,
    ) -> Iterator[tuple[FindingsTask, bytes]]:
        """The findings of every organisation, or of those wanted, by its id, and as bytes; their prints are then
        known. Counts what is found."""
        from sheets_sync import history
        from sheets_sync.reporting.findings import path_between
        from sheets_sync.waivers import Waivers

        files: dict[str, dict[str, str]] = {}
        gids: dict[str, dict[str, dict[str, int]]] = {}
        for (name, path), locator in locators.items():
            files.setdefault(name, {})[path] = path_between(root / name, Path(locator))
            one = spreadsheet_id(locator)
            if is_google(locator) and one in self.run.google.gids:
                gids.setdefault(name, {})[one] = self.run.google.gids[one]
        tables: dict[str, list[TableLine]] = {}
        for table in self.store.tables():
            tables.setdefault(table.organisation, []).append(table)
        noticed: dict[str, list[Issue]] = {}
        for issue in self.run.listing.issues:
            noticed.setdefault(issue.at.organisation, []).append(issue)
        pasts = history.pasts(self.store)
        reminders = reminder_lines(self.run.config, self.run.listing.workbooks, titles, self.run.as_of)
        waivers = Waivers(self.run.waivers, self.run.as_of, self.run.definitions.schemas)
        severity = ISSUE_COLUMNS.index("severity")
        counts: Counter[str] = Counter(issue.severity for issue in self.run.listing.issues)
        if wanted is not None:
            counts.update(self.store.issue_counts(titles.keys() - wanted))
        print_of_all = f"{__version__}{self.run.settings_print()}".encode()
        left = dict.fromkeys(titles if wanted is None else wanted)
        without: Iterator[tuple[str, list[tuple[Any, ...]]]] = ((name, []) for name in sorted(left))
        told_of = self.store.issue_lines(wanted)
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
                    asked = waived(asked, waivers, history.records(self.store, name))
                    counts.subtract(issue.severity for issue, _ in asked.accepted)
                content = packed(asked)
                self._books[name] = hashlib.sha256(print_of_all + content).hexdigest()
                yield asked, content
        self.run.outcome.messages += waivers.unmatched()
        self.run.outcome.issues_by_severity = {name: counts[name] for name in ("error", "warning", "info")}

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
        known = self.run.state.more.get(BOOKS, {})
        folder = scratch / "findings"
        folder.mkdir()
        for task, content in tasks:
            name = task.organisation
            former = known.get(name)
            if former and former[0] == self._books[name] and outputs.holds(f"{name}/{FINDINGS}", former[1]):
                continue
            place = folder / f"{len(names)}.task"
            place.write_bytes(content)
            names.append(name)
            yield Spooled(place, outputs.target(f"{name}/{FINDINGS}"))
        self.run.state.more[BOOKS] = {name: known[name] for name in titles if name in known}
