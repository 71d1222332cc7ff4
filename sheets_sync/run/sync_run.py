"""One sync: what it is told and what it has found out so far, for all rooms that take part in it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sheets_sync.errors import ConfigError, SourceError
from sheets_sync.run.findings import WritingPlan
from sheets_sync.run.google import REMEMBERED as GOOGLE
from sheets_sync.run.google import GoogleSide
from sheets_sync.run.listing import list_sources
from sheets_sync.run.progress import Progress
from sheets_sync.run.reading import bounds_of, definitions_of, rules_of
from sheets_sync.sinks.undo_journal import UndoJournal

if TYPE_CHECKING:
    from sheets_sync.config import Config
    from sheets_sync.issues import Issue
    from sheets_sync.messages import Messages
    from sheets_sync.rules import RuleSet
    from sheets_sync.sinks.files import Outputs, Written
    from sheets_sync.sources import Listing
    from sheets_sync.state import State
    from sheets_sync.table_schema.model import Definitions

Content = TypeVar("Content")
# within the outbox, within the folder of an organisation
ROSTER, FINDINGS = "district/Сводный реестр.xlsx", "Проверка.xlsx"


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


class SyncRun:
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
        self.work_in(config.store)
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
        self.opened: frozenset[str] = frozenset()  # organisations with a workbook whose file is another one than before

    def work_in(self, home: Path) -> None:
        """Have the working files in this folder."""
        self.home, self.state_path, self.store_path = home, home / "state.json", home / "store.duckdb"
        self.codes_path = home / "pupil-codes.json"

    def _list(self) -> Listing:
        """Workbooks of all sources, by paths relative to their source; what was read of one that is away is kept."""
        self.listed = list_sources(self.config, self.google)
        found = self.listed.listing
        self.all_listed = self.listed.whole
        self.outcome.messages += self.listed.messages
        self.outcome.failed |= bool(self.listed.messages)
        for issue in found.issues:
            if issue.severity == "error":
                self.tell_unread(issue.at.workbook, [issue])
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

    def tell_unread(self, path: str, issues: Iterable[Issue]) -> None:
        """A workbook could not be read, or not all of it, for these reasons among others."""
        reasons = [
            f"{issue.code}: {told}" if (told := dict(issue.params).get("reason")) else issue.code
            for issue in issues
            if issue.code.startswith("file-") and issue.severity == "error"
        ]
        if path not in self.outcome.why:
            self.outcome.unreadable.append(path)
        self.outcome.why[path] = ", ".join(dict.fromkeys(reasons))

    def wanted(self, organisation: str) -> bool:
        """Is it to be read and told in this run?"""
        return not self.only or organisation in self.only

    def settings_print(self) -> str:
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

    def roster_is_wanted(self) -> bool:
        """Is there a place for the roster?"""
        return bool(self.config.outputs.folder or self.config.outputs.google_spreadsheet)

    def writing_plan(self) -> WritingPlan:
        """What whoever renders findings needs."""
        most = self.config.limits.issues_per_code
        return WritingPlan(self.config.language, self.catalog, self.definitions, self.as_of, most)

    @cached_property
    def rules(self) -> RuleSet:
        """The rules in force. Raises ConfigError."""
        return rules_of(self.catalog)

    @cached_property
    def texts(self) -> Messages:
        """The words for what is told."""
        from sheets_sync.messages import Messages

        return Messages.load(self.config.language, self.catalog)

    @cached_property
    def definitions(self) -> Definitions:
        """The definitions in force. Raises ConfigError."""
        return definitions_of(self.config, self.catalog)

    def outputs(self, root: Path) -> Outputs:
        """The files of the outbox."""
        from sheets_sync.sinks.files import Outputs

        return Outputs(root, self.home, private=self.config.outputs.private, journal=self.journal)

    def put(self, put: Callable[[str, Content], Written], place: str, content: Content) -> Written | None:
        """Write one file; one that cannot be written is told and the others go on, yesterday's stays."""
        try:
            written = put(place, content)
        except SourceError as error:
            self.tell_unwritten(error)
            return None
        if written.state != "unchanged":
            self.outcome.written.append(written.path)
        return written

    def tell_unwritten(self, error: SourceError) -> None:
        """Something could not be written."""
        self.outcome.messages.append(str(error))
        self.outcome.failed, self.written_all = True, False
