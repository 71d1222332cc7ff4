"""What changed since the last sync: workbooks, what the store and the outbox hold, what everything is told by."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from sheets_sync.run.reading import kept_locator
from sheets_sync.run.sync_run import FINDINGS, ROSTER

if TYPE_CHECKING:
    from pathlib import Path

    from sheets_sync.run.reading import Read
    from sheets_sync.run.sync_run import SyncRun
    from sheets_sync.sources import WorkbookRef
    from sheets_sync.store import Store, WorkbookState


def changed(run: SyncRun) -> list[tuple[WorkbookRef, str]]:
    """Workbooks to be read, each with the hash of the bytes that need not be read again, "" where any must."""
    found = []
    for ref in run.listing.workbooks:
        if not run.wanted(ref.organisation):
            continue
        known = run.state.fingerprint(ref.organisation, ref.path)
        if run.full or is_told_changed(run, ref) or run.google.is_aged(ref.locator, run.started):
            trust = known is not None and known.readable and known.definitions == run.version and not run.full
            found.append((ref, known.sha256 if trust and known else ""))
    return found


def is_told_changed(run: SyncRun, ref: WorkbookRef) -> bool:
    """Is a workbook new, of another size or time than it was, or to be read by other definitions?"""
    return not run.state.unchanged(ref.organisation, ref.path, ref.size, ref.mtime_ns, run.version)


def gone(run: SyncRun) -> list[tuple[str, str]]:
    """(organisation, path) of workbooks that are known and nowhere any more."""
    if not run.all_listed:
        return []
    missing = run.state.gone((ref.organisation, ref.path) for ref in run.listing.workbooks)
    return [key for key in missing if run.wanted(key[0]) and not run.listed.may_be_there(*key)]


def same_settings(run: SyncRun) -> bool:
    """Is everything besides the workbooks as it was?"""
    return run.state.more.get("settings") == run.settings_print()


def store_stands(run: SyncRun) -> bool:
    """Is the store the file that the last run left?"""
    return run.state.more.get("store") == print_of(run.store_path)


def outputs_stand(run: SyncRun) -> bool:
    """Is every file of the outbox there?"""
    root = run.config.outputs.folder
    if root is None:
        return True
    places = [ROSTER, *(f"{name}/{FINDINGS}" for name in run.state.workbooks)]
    return all((root / place).exists() for place in places)


class StoreDiffers(NamedTuple):
    """Where the store holds other things than the record says: (organisation, path) of workbooks to be read again and
    of those only the store knows; whether any lies in another place than it did."""

    lacking: set[tuple[str, str]]
    gone: list[tuple[str, str]]
    moved: bool


def reconciled(run: SyncRun, store: Store, reads: Sequence[Read], going: Collection[tuple[str, str]]) -> StoreDiffers:
    """How the store differs from the record; places of workbooks are then as they are now. ``going`` are known to be
    gone.

    The store may be new, made anew, put back from a copy, or ahead of a record that was lost.
    """
    held = {(one.organisation, one.workbook): one for one in store.workbooks()}
    told = {
        (organisation, path): mark
        for organisation, marks in run.state.workbooks.items()
        for path, mark in marks.items()
    }
    lacking = set()
    for key, mark in told.items():
        one = held.get(key)
        if one is None or (one.sha256, one.definitions) != (mark.sha256, mark.definitions):
            lacking.add(key)
    here = {(ref.organisation, ref.path) for ref in run.listing.workbooks}
    placed = {
        (ref.organisation, ref.path): kept_locator(ref.locator, run.config.folder) for ref in run.listing.workbooks
    }
    elsewhere = {key: place for key, place in placed.items() if key in held and held[key].locator != place}
    store.relocate(elsewhere)
    only_there: list[tuple[str, str]] = []
    if run.all_listed:
        fresh = held.keys() - told.keys() - here - set(going)
        only_there = sorted(key for key in fresh if not run.listed.may_be_there(*key))
    just_read = {(read.ref.organisation, read.ref.path) for read in reads if not read.same}
    return StoreDiffers((lacking & here) - just_read, only_there, bool(elsewhere))


def note_moved(run: SyncRun, reads: Sequence[Read], withdrawn: Sequence[tuple[str, str]]) -> None:
    """A workbook that is gone and stands elsewhere with the same bytes was moved or renamed."""
    known = {key: run.state.fingerprint(*key) for key in withdrawn}
    left = {mark.sha256: path for (_, path), mark in known.items() if mark is not None and mark.sha256}
    for read in reads:
        if run.state.fingerprint(read.ref.organisation, read.ref.path) is None and read.sha256 in left:
            run.outcome.moved[read.ref.path] = left.pop(read.sha256)


def touched(run: SyncRun, read: Read) -> str:
    """The organisation whose workbook has other bytes than before; "" when they are the same."""
    ref = read.ref
    known = run.state.fingerprint(ref.organisation, ref.path)
    return "" if known is not None and known.sha256 == read.sha256 else ref.organisation


def remember_unread(run: SyncRun, reads: Sequence[Read], withdrawn: Sequence[tuple[str, str]]) -> None:
    """What earlier runs could not read and nobody has mended since is still not in the store."""
    done = {(read.ref.organisation, read.ref.path) for read in reads} | set(withdrawn)
    reasons = run.state.more.get("why", {})
    for organisation, marks in sorted(run.state.workbooks.items()):
        for path, mark in sorted(marks.items()):
            known = (organisation, path) in done or path in run.outcome.why
            if not mark.readable and not known and run.wanted(organisation):
                run.outcome.unreadable.append(path)
                run.outcome.why[path] = str(reasons.get(path, ""))


def print_of(path: Path) -> list[int] | None:
    """Size and time of a file as a run left it: another one there is not what the record speaks of."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return [stat.st_size, stat.st_mtime_ns]


def changed_when(state: WorkbookState, held: Mapping[tuple[str, str], WorkbookState]) -> WorkbookState:
    """The state of a workbook, with the time its content became what it is.

    A copy made anew, or a Google spreadsheet into which we wrote a tab of ours, is younger than what the school typed.
    """
    before = held.get((state.organisation, state.workbook))
    if before is None or not before.mtime_ns or not state.mtime_ns or before.sha256 != state.sha256:
        return state
    return state._replace(mtime_ns=min(before.mtime_ns, state.mtime_ns))
