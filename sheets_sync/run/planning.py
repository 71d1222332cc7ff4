"""`plan`: what a sync would read and write, found out by a whole sync whose every file goes to a folder that is thrown
away. What it would do and what it does are therefore the same code."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from sheets_sync.run import changes
from sheets_sync.run.google import Recorder
from sheets_sync.run.progress import Progress, silent
from sheets_sync.run.roster import ROSTER_ROWS
from sheets_sync.run.sync_run import SyncOutcome, SyncRun
from sheets_sync.run.syncing import Sync

if TYPE_CHECKING:
    from sheets_sync.config import Config
    from sheets_sync.sinks.files import Outputs, State
    from sheets_sync.sources import WorkbookRef

Why = Literal["new", "moved", "changed", "definitions", "year", "full", "again", "store", "aged"]
Place = tuple[str, int, int]  # sheet, row, column
WORKING_FILES = ("state.json", "store.duckdb", "store.duckdb.wal", "pupil-codes.json", "history", ROSTER_ROWS)


class PlannedRead(NamedTuple):
    """A workbook that would be read. ``why``: new, moved (``was`` tells from where) or changed; other definitions or
    another year it is read for; asked for (full); not readable the last time (again); unknown to the store."""

    organisation: str
    path: str
    why: Why
    was: str = ""


class CellChange(NamedTuple):
    """One cell that would be written; "" is an empty one."""

    cell: str
    was: str
    becomes: str

    @property
    def change(self) -> Literal["written", "changed", "cleared"]:
        return "written" if not self.was else "changed" if self.becomes else "cleared"


class PlannedFile(NamedTuple):
    """A file that would be created or replaced; ``sheets``: the cells that change, by sheet, none where only looks and
    links do, or where the file is no workbook."""

    path: Path
    state: State
    sheets: Mapping[str, Sequence[CellChange]]


class PlannedGoogle(NamedTuple):
    """What a sync would ask of Google: listings of Drive, reads and writes of spreadsheets, about how many minutes its
    quotas make of that; and the cells of ours that would be filled, by the spreadsheet's address."""

    listings: int
    reads: int
    writes: int
    minutes: float
    cells: Mapping[str, int]


@dataclass(slots=True)
class PlanOutcome:
    """What a sync would do. ``outcome`` is what it would report of itself."""

    read: list[PlannedRead] = field(default_factory=list)
    write: list[PlannedFile] = field(default_factory=list)
    google: PlannedGoogle | None = None
    outcome: SyncOutcome = field(default_factory=SyncOutcome)


def plan(
    config: Config,
    *,
    as_of: date,
    full: bool = False,
    organisations: Sequence[str] = (),
    progress: Progress = silent,
    now: datetime | None = None,
) -> PlanOutcome:
    """What `sync` with the same arguments would read and write, cell by cell. Nothing is written.

    Raises ConfigError for what cannot run as asked, LockHeld while another run is at work.
    """
    return rehearse(config, as_of, full, organisations, progress, now or datetime.now())


def rehearse(
    config: Config, as_of: date, full: bool, organisations: Sequence[str], progress: Progress, started: datetime
) -> PlanOutcome:
    """The same with the arguments a sync is made of."""
    this = _RehearsedRun(config, as_of, full, organisations, progress, started)
    with tempfile.TemporaryDirectory(prefix="sheets-sync-") as folder:
        this.drafts, this.planned = Path(folder) / "drafts", []
        return _Rehearsal(this).found_out(Path(folder))


class _RehearsedRun(SyncRun):
    """A run whose files are told in ``planned``, not written; they lie in ``drafts`` for a while."""

    drafts: Path
    planned: list[PlannedFile]

    def outputs(self, root: Path) -> Outputs:
        """Files that stay as they are."""
        from sheets_sync.sinks.files import Rehearsal

        return Rehearsal(root, self.config.store, self.drafts, self._tell)

    def _tell(self, path: Path, draft: Path, state: State) -> None:
        self.planned.append(PlannedFile(path, state, _changes(path, draft)))


class _Rehearsal(Sync):
    """A sync on a copy of the working files."""

    run: _RehearsedRun

    def found_out(self, folder: Path) -> PlanOutcome:
        """What the sync would do. ``folder`` is to be thrown away."""
        from sheets_sync.lock import undisturbed

        run, real = self.run, self.run.home
        found = PlanOutcome(write=run.planned, outcome=run.outcome)
        run.google.rehearsal = recorder = Recorder()
        with undisturbed(real):
            changed = changes.changed(run)
            self.idle = not (run.state_lost or changed or changes.gone(run)) and super()._nothing_else_to_do()
            copy = folder / real.name
            copy.mkdir()
            if not self.idle:
                _copy(real, copy)
        reasons = {(ref.organisation, ref.path): self._why(ref) for ref, _ in changed}
        run.work_in(copy)
        self.do()
        owners = {ref.path: ref.organisation for ref in run.listing.workbooks}
        for path in run.outcome.changed:
            was = run.outcome.moved.get(path, "")
            why: Why = "moved" if was else reasons.get((owners[path], path), "store")
            found.read.append(PlannedRead(owners[path], path, why, was))
        found.write.sort(key=lambda file: file.path)
        found.google = self._at_google(recorder)
        run.outcome.messages = [message.replace(str(copy), str(real)) for message in run.outcome.messages]
        return found

    def _at_google(self, recorder: Recorder) -> PlannedGoogle | None:
        if not self.run.google.in_use:
            return None
        from sheets_sync.google.limiter import minutes
        from sheets_sync.sinks.google_sheets import address

        spent, writes = self.run.google.budget, sum(recorder.writes.values())
        cells = {address(one): count for one, count in sorted(recorder.cells.items())}
        return PlannedGoogle(spent.drive, spent.reads, writes, minutes(max(spent.reads, writes)), cells)

    def _why(self, ref: WorkbookRef) -> Why:
        known = self.run.state.fingerprint(ref.organisation, ref.path)
        if known is None:
            return "new"
        if not known.readable:
            return "again"
        if (known.size, known.mtime_ns) != (ref.size, ref.mtime_ns):
            return "changed"
        if known.definitions != self.run.version:
            same = known.definitions.partition("-")[0] == self.run.version.partition("-")[0]
            return "year" if same else "definitions"
        return "full" if self.run.full else "aged"

    def _nothing_else_to_do(self) -> bool:
        return self.idle


def _copy(real: Path, copy: Path) -> None:
    for name in WORKING_FILES:
        if (real / name).is_dir():
            shutil.copytree(real / name, copy / name)
        elif (real / name).exists():
            shutil.copy2(real / name, copy / name)


def _changes(path: Path, draft: Path) -> dict[str, list[CellChange]]:
    """The cells in which a workbook and its draft differ, sheet by sheet in the draft's order."""
    if path.suffix.lower() != ".xlsx":
        return {}
    from sheets_sync.issues import column_letter

    before, after = _cells(path), _cells(draft)
    told: dict[str, list[CellChange]] = {}
    for place in _in_order(after, before):
        was, becomes = before.get(place, ""), after.get(place, "")
        if was != becomes:
            sheet, row, column = place
            told.setdefault(sheet, []).append(CellChange(f"{column_letter(column)}{row}", was, becomes))
    return told


def _in_order(after: Mapping[Place, str], before: Mapping[Place, str]) -> Iterable[Place]:
    sheets = {sheet: number for number, (sheet, *_) in enumerate(reversed([*after, *before]))}
    return sorted({**after, **before}, key=lambda place: (-sheets[place[0]], place[1], place[2]))


def _cells(path: Path) -> dict[Place, str]:
    """What the filled cells of a workbook show; none where there is no workbook, or none that can be read."""
    from sheets_sync.sources import WorkbookRef
    from sheets_sync.sources.excel import read_workbook
    from sheets_sync.table import display

    workbook = read_workbook(WorkbookRef("", path.name, str(path), 0, 0))
    return {
        (grid.sheet, row, column): display(value)
        for grid in workbook.grids
        for row, values in enumerate(grid.rows, grid.first_row)
        for column, value in enumerate(values, grid.first_column)
        if value != ""
    }
