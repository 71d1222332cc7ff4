"""Files that are replaced whole or not at all, that are ours, and that can be put back.

* :func:`replace` writes beside the target, flushes, and renames: a run that fails leaves yesterday's file, and a file
  whose content would not change is not touched.
* :class:`Outputs` remembers what we wrote (``<state>/written.json``), so that a file somebody else put at that place is
  never overwritten, a file of ours that a person has since edited is set aside first, and an edited document stays.
* What a run replaces is kept in ``<state>/undo`` until the next run that replaces something; :func:`undo` puts it back.
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Literal, NamedTuple, Protocol

from sheets_sync.errors import SourceError
from sheets_sync.sinks import office
from sheets_sync.sinks.undo_journal import JOURNAL, UNDO, Change, UndoJournal, changes, leave_only

APPLICATION = office.APPLICATION
RECORD = "written.json"
UNDONE = "undone"
MARKDOWN_MARK = "<!-- sheets-sync -->"
JSON_BEGINS = b'{\n  "version": 1,\n  "period": '
TEXTS = frozenset({".html", ".htm", ".md", ".json"})  # whoever edits one leaves the mark inside as it is
DOCUMENT = ".docx"  # people finish these by hand: an edited one stays where it is, and ours goes beside it

State = Literal["created", "replaced", "unchanged"]


class Known(NamedTuple):
    """A file as we left it: the hash of its bytes, and the size and time that let us skip reading it again."""

    sha256: str
    size: int
    mtime_ns: int


class Written(NamedTuple):
    """What became of one file: ``path`` is where it is now, not ``asked`` when a stranger's file stood there."""

    asked: Path
    path: Path
    state: State
    known: Known
    notice: str = ""  # one English line for the operator, when there is something to say


def replace(
    path: Path, write: Callable[[BinaryIO], object], *, known: Known | None = None, keep: Path | None = None
) -> Written:
    """Give ``path`` the content that ``write`` produces, in one step; an unchanged file is not touched.

    ``known`` is what we last wrote there, if anything: with it an unchanged file is recognised without being read. The
    replaced file is kept as ``keep``. Whether the file is ours to replace is the caller's question (:class:`Outputs`).
    Raises SourceError: transient when the file is open in another program or the place cannot be written just now.
    """
    with _writing(path):
        draft, new = _draft(path, write)
        try:
            return _commit(draft, new, path, known, keep)
        finally:
            _forget(draft)


class Draft(NamedTuple):
    """New content on the disk beside the file it is meant for: :meth:`Outputs.take` puts it in its place."""

    path: Path
    known: Known


def drafted(path: Path, write: Callable[[BinaryIO], object]) -> Draft:
    """The content that ``write`` produces, ready to take the place of ``path``; may be made in another process.

    It is held in memory until it is whole, so it should not be large. Raises SourceError as :func:`replace` does.
    """
    content = io.BytesIO()
    write(content)
    with _writing(path):
        return Draft(*_draft(path, lambda file: file.write(content.getbuffer()), flush=True))


class Outputs:
    """The files of one run: ``root`` is the outputs' folder, ``state`` the folder ``.sheets-sync`` of the project.

    Files and folders it makes are for this account alone (0600, 0700) or, not ``private``, as open as what they lie in.

    A context manager; leaving it saves the record. ``notices`` collects the lines the operator should see. ``journal``
    is the run's, where it changes more than files.
    """

    def __init__(self, root: Path, state: Path, *, private: bool = True, journal: UndoJournal | None = None) -> None:
        self.root = root
        self.state = state
        self.private = private
        self.notices: list[str] = []
        self.written: list[Written] = []
        self._known = _load_record(state)
        # A run that was killed has written files, and noted each for `undo`, without coming to save the record.
        self._last = {change.path: change.sha256 for change in changes(state / UNDO)}
        self._changed = False
        self._journal = journal or UndoJournal(state)

    def __enter__(self) -> Outputs:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def write(self, place: str | Path, write: Callable[[BinaryIO], object]) -> Written:
        """Make the file at ``place`` (relative to the root) hold what ``write`` produces.

        A stranger's file at that place stays, and ours goes to «Имя (2).xlsx»; a file of ours that a person has edited
        is set aside as «Имя (с правками).xlsx» before the new one takes its place. An edited document stays, and its
        new version goes to «Имя (2).docx». All this is said in ``notice``. Nothing is done about a file a person has
        saved while we have nothing new to say. Raises SourceError as :func:`replace` does.
        """
        with _writing(self.root / place):
            return self.take(place, Draft(*_draft(self.target(place), write)), flushed=False)

    def target(self, place: str | Path) -> Path:
        """The file beside which a draft for ``place`` is made."""
        return self.root / place

    def holds(self, place: str | Path, sha256: str) -> bool:
        """Whether the file at ``place`` is as we left it, with content of this hash; it is not opened for that."""
        path = self.root / place
        known, present = self._known.get(self._key(path)), _stat(path)
        return (
            known is not None and present is not None and known == Known(sha256, present.st_size, present.st_mtime_ns)
        )

    def take(self, place: str | Path, draft: Draft, *, flushed: bool = True) -> Written:
        """Make a draft the file at ``place``, as :meth:`write` does."""
        asked = self.root / place
        with _writing(asked):
            try:
                done = self._put(draft, asked, flushed)
            finally:
                _forget(draft.path)
        key = self._key(done.path)
        if self._known.get(key) != done.known:
            self._known[key] = done.known
            self._changed = True
        if done.notice:
            self.notices.append(done.notice)
        self.written.append(done)
        return done

    def _put(self, draft: Draft, asked: Path, flushed: bool) -> Written:
        path, notice, new = asked, "", draft.known
        known = self._known.get(self._key(path))
        present = _stat(path)
        if present is not None and _present_hash(path, present, known) != new.sha256:
            standing = self._standing(path, present)
            document = path.suffix.lower() == DOCUMENT
            if self._says_the_same(path, standing, draft) and not (document and next(office.numbered(asked)).exists()):
                return Written(asked, asked, "unchanged", known or new)  # the person's notes may stay
            if standing == "foreign" or (standing == "edited" and document):
                path, standing_there = self._beside(asked, draft)
                notice = (
                    f"{asked} was not written by sheets-sync and was left alone; written to {path.name} instead"
                    if standing == "foreign"
                    else f"{asked} has been edited and was left as it is; the new version is {path.name}"
                )
                if standing_there is not None:
                    return Written(asked, path, "unchanged", standing_there, notice)
            elif standing == "edited":
                _refuse_if_open(path, present)
                aside = self._set_aside(path)
                notice = f"{asked} had been edited since it was written; the edited file is now {aside.name}"
        return self._commit(draft, path, flushed)._replace(asked=asked, notice=notice)

    def _commit(self, draft: Draft, path: Path, flushed: bool) -> Written:
        keep = self._journal.next_kept(path.suffix)
        self._open_up(path, draft.path)
        done = _commit(draft.path, draft.known, path, self._known.get(self._key(path)), keep, flushed)
        if done.state == "unchanged":
            _change_mode(path, draft.path.stat().st_mode)
        if done.state != "unchanged":
            self._journal.note(Change(self._key(done.path), done.state, done.known.sha256, ""), keep)
        return done

    def close(self) -> None:
        """Save what is known of our files. Raises SourceError when the state folder cannot be written."""
        if self._changed:
            _save_record(self.state, self._known)
            self._changed = False

    def _key(self, path: Path) -> str:
        return Path(os.path.relpath(path, self.state.parent)).as_posix()

    def _standing(self, path: Path, present: os.stat_result) -> Literal["ours", "edited", "foreign"]:
        """Whose file this is. Where no record tells, the mark inside decides: a program that saves the file again
        writes its own name as the application and leaves ours as the author."""
        key = self._key(path)
        known = self._known.get(key)
        present_hash = _present_hash(path, present, known)
        if present_hash in (known.sha256 if known else None, self._last.get(key)):
            return "ours"
        mark = mark_of(path)
        return "edited" if known is not None and (mark == "foreign" or path.suffix.lower() in TEXTS) else mark

    def _says_the_same(self, path: Path, standing: str, draft: Draft) -> bool:
        """Whether a person has saved the file and we would only write once more what it was made from."""
        known = self._known.get(self._key(path))
        if standing == "edited" and known is not None and known.sha256 == draft.known.sha256:
            return True
        if standing == "foreign" or path.suffix.lower() != DOCUMENT or office.saved(path) == "as written":
            return False
        before = office.written_words(path)
        return before is not None and before == office.written_words(draft.path)

    def _beside(self, asked: Path, draft: Draft) -> tuple[Path, Known | None]:
        """Where ours goes when the place asked for is taken, and what stands there when it says the same already."""
        for path in office.numbered(asked):
            present, known = _stat(path), self._known.get(self._key(path))
            if present is None or _present_hash(path, present, known) == draft.known.sha256:
                return path, None
            standing = self._standing(path, present)
            if self._says_the_same(path, standing, draft):
                return path, known or draft.known
            if standing == "ours":
                return path, None
        raise SourceError("is not ours to replace, and every numbered name beside it is taken", path=asked)

    def _set_aside(self, path: Path) -> Path:
        content = _hash_of(path)
        for number in range(1, 1000):
            aside = path.with_name(f"{path.stem} (с правками{f' {number}' if number > 1 else ''}){path.suffix}")
            if aside.exists():
                if _hash_of(aside) != content:
                    continue
            else:
                self._copy_aside(path, aside)
            return aside
        raise SourceError("was edited, and every name to set it aside is taken", path=path)

    def _copy_aside(self, path: Path, aside: Path) -> None:
        shutil.copy2(path, aside)

    def _open_up(self, path: Path, draft: Path) -> None:
        """Give the draft the mode of the file it will be, and its folders the one they should have."""
        _change_mode(draft, 0o600)
        if self.private:
            return
        folders = [folder for folder in (path.parent, *path.parent.parents) if folder.is_relative_to(self.root)]
        for folder in reversed(folders):
            if not folder.stat().st_mode & 0o077:
                _change_mode(folder, folder.parent.stat().st_mode)
        _change_mode(draft, path.parent.stat().st_mode & 0o666)


class Rehearsal(Outputs):
    """Outputs that are not written: drafts are made in a folder of their own.

    ``tell(path, draft, state)`` hears of every file that would be created or replaced, while its draft is there.
    """

    def __init__(self, root: Path, state: Path, drafts: Path, tell: Callable[[Path, Path, State], None]) -> None:
        super().__init__(root, state)
        self.drafts = drafts
        self.tell = tell

    def target(self, place: str | Path) -> Path:
        return self.drafts / place

    def close(self) -> None:
        """Nothing is to be kept."""

    def _commit(self, draft: Draft, path: Path, flushed: bool) -> Written:
        present = _stat(path)
        if present is not None and _present_hash(path, present, self._known.get(self._key(path))) == draft.known.sha256:
            return Written(path, path, "unchanged", draft.known)
        _refuse_if_open(path, present)
        state: State = "created" if present is None else "replaced"
        self.tell(path, draft.path, state)
        return Written(path, path, state, draft.known)

    def _copy_aside(self, path: Path, aside: Path) -> None:
        """The person's file stays where it is."""


class Undone(NamedTuple):
    """What :func:`undo` did with one file, or with our tabs at the address that stands for the path.

    ``notice`` says why one was left alone, ``kept`` where one taken away is.
    """

    path: Path | str
    state: Literal["restored", "removed", "left"]
    notice: str = ""
    kept: Path | None = None


class Tabs(Protocol):
    """Our tabs at Google, for an undo."""

    def undo(self, change: Change, kept: Path | None) -> Undone:
        """Make them show what was kept, or take away what was created. Raises SourceError where that cannot be."""

    def address(self, change: Change) -> str:
        """Of the spreadsheet they are in."""


def undo(state: Path, tabs: Tabs | None = None) -> list[Undone]:
    """Put back what the last writing run replaced and take away what it created; files changed since are left alone.

    What it had written is kept in ``<state>/undone`` until the next undo. An empty list means there is nothing to undo.
    Raises SourceError when a file cannot be put back; the files after it are not tried, and calling again, also after
    a kill, goes on from there. Tabs that cannot be had just now are left for the next call; none are undone without
    ``tabs``.
    """
    folder = state / UNDO
    if not (folder / JOURNAL).exists():
        return []
    record = _load_record(state)
    done: list[Undone] = []
    left: list[Change] = []
    taken = _Taken(state)
    try:
        for change in reversed(changes(folder)):
            kept = folder / change.kept if change.kept and (folder / change.kept).exists() else None
            if not change.group:
                undone = _undo_file(change, kept, state, record, taken)
            elif tabs is not None:
                try:
                    undone = tabs.undo(change, kept)
                except SourceError as error:
                    undone = Undone(tabs.address(change), "left", f"{error}; run undo again to go on with it")
                    left.insert(0, change)
            if undone is not None:
                done.append(undone)
    finally:
        _save_record(state, record)
    if left:
        leave_only(folder, left)
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return done


def _undo_file(
    change: Change, kept: Path | None, state: Path, record: dict[str, Known], taken: _Taken
) -> Undone | None:
    """None: an undo that was cut short has done it."""
    path = Path(os.path.normpath(state.parent / change.path))
    present = _stat(path)
    if present is None:
        if change.was == "created":
            return None
    elif _hash_of(path) != change.sha256:
        if change.kept and kept is None:
            return None  # put back by an undo that was cut short
        return Undone(path, "left", "changed since it was written")
    try:
        _refuse_if_open(path, present)
        if change.was == "created":
            record.pop(change.path, None)
            return Undone(path, "removed", kept=taken.away(path))
        if kept is None:
            return Undone(path, "left", "the earlier file was not kept")
        aside = taken.copied(path) if present is not None else None
        path.parent.mkdir(parents=True, exist_ok=True)
        _move(kept, path)
        stat = path.stat()
        record[change.path] = Known(_hash_of(path), stat.st_size, stat.st_mtime_ns)
        return Undone(path, "restored", kept=aside)
    except OSError as error:
        raise SourceError(f"cannot be put back: {error.strerror or error}", path=path, transient=True) from error


class _Taken:
    """The folder for what an undo takes away: emptied by the first file that comes into it."""

    def __init__(self, state: Path) -> None:
        self.folder = state / UNDONE
        self.count = 0

    def _next(self, path: Path) -> Path:
        if not self.count:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True)
        self.count += 1
        return self.folder / f"{self.count:06d} {path.name}"

    def away(self, path: Path) -> Path:
        aside = self._next(path)
        _move(path, aside)
        return aside

    def copied(self, path: Path) -> Path:
        aside = self._next(path)
        keep_beside(path, aside)
        return aside


def _move(path: Path, to: Path) -> None:
    """In one step, also where the two lie on different disks."""
    try:
        path.replace(to)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        draft = _draft_of(to)
        shutil.copy2(path, draft)
        draft.replace(to)
        path.unlink()


def mark_of(path: Path) -> Literal["ours", "edited", "foreign"]:
    """Whose file this is by the mark inside it.

    The application and author of workbooks, the words of documents, the generator of HTML, a last line unseen in
    Markdown, how report.json begins.
    """
    try:
        if path.suffix.lower() == DOCUMENT:
            state = office.saved(path)
            return "ours" if state in ("as written", "saved again") else "edited" if state == "edited" else "foreign"
        if path.suffix.lower() == ".xlsx":
            with zipfile.ZipFile(path) as archive:
                application, author = office.is_marked(archive, set(archive.namelist()))
            return "ours" if application else "edited" if author else "foreign"
        if path.suffix.lower() in {".html", ".htm"}:
            with path.open("rb") as file:
                return "ours" if f'name="generator" content="{APPLICATION}'.encode() in file.read(4096) else "foreign"
        if path.suffix.lower() == ".md":
            return "ours" if path.read_bytes().rstrip().endswith(MARKDOWN_MARK.encode()) else "foreign"
        if path.suffix.lower() == ".json":
            return "ours" if path.read_bytes().startswith(JSON_BEGINS) else "foreign"
    except (OSError, zipfile.BadZipFile, KeyError, RuntimeError):
        return "foreign"
    return "foreign"


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Failures of the file system, said as SourceError."""
    try:
        yield
    except PermissionError as error:
        message = "cannot be written: it is open in another program or protected; close it and run again"
        raise SourceError(message, path=path, transient=True) from error
    except OSError as error:
        raise SourceError(f"cannot be written: {error.strerror or error}", path=path, transient=True) from error


def _draft(path: Path, write: Callable[[BinaryIO], object], *, flush: bool = False) -> tuple[Path, Known]:
    """The content in a file beside ``path``, in the system's care or flushed to the disk, with its hash and size."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = _draft_of(path)
    try:
        with draft.open("wb") as file:
            write(file)
            if flush:
                file.flush()
                os.fsync(file.fileno())
        return draft, Known(_hash_of(draft), draft.stat().st_size, 0)
    except BaseException:
        _forget(draft)
        raise


def _draft_of(path: Path) -> Path:
    return path.with_name(f".~{path.name}.new")  # one fixed name: the next run writes over what a killed one left


def _commit(
    draft: Path, new: Known, path: Path, known: Known | None, keep: Path | None, flushed: bool = False
) -> Written:
    present = _stat(path)
    if present is not None and present.st_size == new.size and _present_hash(path, present, known) == new.sha256:
        return Written(path, path, "unchanged", new._replace(mtime_ns=present.st_mtime_ns))
    _refuse_if_open(path, present)
    if not flushed:
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
    if present is not None and keep is not None:
        keep_beside(path, keep)
    draft.replace(path)
    known = new._replace(mtime_ns=path.stat().st_mtime_ns)
    return Written(path, path, "created" if present is None else "replaced", known)


def _change_mode(path: Path, mode: int) -> None:
    """As far as the system knows of modes, and lets us."""
    mode &= 0o777
    if os.name != "nt" and path.stat().st_mode & 0o777 != mode:
        with suppress(OSError):
            path.chmod(mode)


def _forget(draft: Path) -> None:
    try:
        draft.unlink(missing_ok=True)
    except OSError:
        pass  # the next run writes over it


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _present_hash(path: Path, present: os.stat_result, known: Known | None) -> str:
    if known is not None and (known.size, known.mtime_ns) == (present.st_size, present.st_mtime_ns):
        return known.sha256
    return _hash_of(path)


def _refuse_if_open(path: Path, present: os.stat_result | None) -> None:
    """Excel and LibreOffice leave a small file beside an open workbook: replacing it under them would lose our file, or
    theirs, when the person saves."""
    if present is None:
        return
    for name in (f"~${path.name}", f"~${path.name[2:]}", f".~lock.{path.name}#"):
        if path.with_name(name).exists():
            message = f"is open in another program; close it and run again (if nobody has it open, delete {name})"
            raise SourceError(message, path=path, transient=True)


def keep_beside(path: Path, keep: Path) -> None:
    """The file at ``path`` under a second name, which costs nothing; where the system has no links, a copy.

    Raises OSError.
    """
    keep.parent.mkdir(parents=True, exist_ok=True)
    keep.unlink(missing_ok=True)
    try:
        os.link(path, keep)
    except OSError:
        shutil.copy2(path, keep)


def _load_record(state: Path) -> dict[str, Known]:
    """What we know of our files; a missing or spoilt record is an empty one, and the marks inside the files decide."""
    try:
        entries = json.loads((state / RECORD).read_text(encoding="utf-8"))
        files = entries["files"].items()
        return {name: Known(str(sha256), int(size), int(mtime_ns)) for name, (sha256, size, mtime_ns) in files}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _save_record(state: Path, known: dict[str, Known]) -> None:
    files = {name: list(known[name]) for name in sorted(known)}
    text = json.dumps({"version": 1, "files": files}, ensure_ascii=False, indent=0)
    replace(state / RECORD, lambda file: file.write(text.encode()))
