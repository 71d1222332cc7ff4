"""Workbooks in a folder: .xlsx .xlsm .xls .xlsb .ods .csv, listed by name and read by what they really are.

``Excel(path).list()`` opens nothing (but files named like one of our outputs); ``read_workbook`` never raises for bad
input: an unreadable file is one issue at the workbook, an unreadable sheet one issue at the sheet.
"""

from __future__ import annotations

import os
import re
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath

from sheets_sync.errors import SourceError
from sheets_sync.issues import At, Issue
from sheets_sync.sources import Listing, Skipped, WorkbookRef
from sheets_sync.sources.archive import megabytes
from sheets_sync.sources.bounds import STANDARD, Bounds
from sheets_sync.sources.reading import read_grids
from sheets_sync.sources.refused import Refused
from sheets_sync.table import Workbook

SUFFIXES = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".csv"})
# Data we cannot read where it stands; a scan or a letter beside the workbooks is nobody's mistake and passes quietly.
OTHER_DATA = frozenset(
    {".numbers", ".gsheet", ".tsv", ".xltx", ".xltm", ".xlt", ".xlw", ".ots", ".fods", ".sxc", ".et", ".wks", ".wk1"}
    | {".dbf", ".mdb", ".accdb", ".zip", ".rar", ".7z", ".tar", ".gz", ".tgz"}
)
MAX_DEPTH = 64  # folders within folders
OUR_FOLDERS = frozenset({"outbox", ".sheets-sync"})
OUR_FILES = re.compile(r"(?:Проверка|Сводный реестр|Мониторинг|Справка)\b.*\.xlsx", re.IGNORECASE)
_OUR_MARK = re.compile(rb"<Application>sheets-sync</Application>|>sheets-sync</dc:creator>")


class Excel:
    """The workbooks beneath a folder, or one workbook given by name. ``ignore``: folders to pass over."""

    def __init__(self, path: str | os.PathLike[str], *, ignore: Sequence[str | os.PathLike[str]] = ()) -> None:
        self.path = os.fspath(path)
        self._ignored = {os.path.realpath(folder) for folder in ignore}

    def list(self) -> Listing:
        """Every workbook at any depth, sorted by path. Raises SourceError if there is no such file or folder."""
        root = Path(self.path)
        if not root.exists():
            raise SourceError("no such file or folder", path=self.path)
        found = Listing([], [], [])
        if root.is_dir():
            self._walk(root, os.path.realpath(root), root, found, frozenset(), 0)
        else:
            self._take(root, _own_folder(root.parent), _posix(self.path), found)
        found.workbooks.sort(key=lambda ref: ref.path)
        found.issues.sort(key=Issue.sort_key)
        found.skipped.sort()
        return found

    def read(self, ref: WorkbookRef) -> Workbook:
        """The grids of one workbook; see :func:`read_workbook`."""
        return read_workbook(ref)

    def _walk(self, folder: Path, real: str, root: Path, found: Listing, above: frozenset[str], depth: int) -> None:
        """Take in what lies in a folder, ``real`` by its true name."""
        if real in above or depth > MAX_DEPTH:
            found.skipped.append(Skipped(self._shown(folder, root), "loop"))
            return
        try:
            with os.scandir(folder) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError as error:
            if folder == root:
                raise SourceError(f"cannot be listed: {error.strerror or error}", path=self.path) from error
            at = At(_organisation(folder / "x", root), self._shown(folder, root))
            found.issues.append(Issue("file-unreadable", "error", at, params=(("reason", "no-permission"),)))
            return
        for entry in entries:
            self._visit(entry, real, root, found, above | {real}, depth)

    def _visit(
        self, entry: os.DirEntry[str], folder: str, root: Path, found: Listing, above: frozenset[str], depth: int
    ) -> None:
        path = Path(entry.path)
        shown, organisation = self._shown(path, root), _organisation(path, root)
        # A link is followed; of anything else the system has told what it is.
        linked = entry.is_symlink()
        if entry.name.startswith(("~$", ".~lock.")):
            self._lock(path, organisation, shown, found)
        elif entry.name.startswith((".", "~")):
            found.skipped.append(Skipped(shown, "hidden"))
        elif linked and not _inside(path, root):
            at = At(organisation, shown)
            found.issues.append(Issue("file-unreadable", "warning", at, params=(("reason", "link-outside"),)))
        elif path.is_dir() if linked else entry.is_dir(follow_symlinks=False):
            followed = linked or os.name == "nt"  # which has other kinds of links too
            real = os.path.realpath(path) if followed else os.path.join(folder, entry.name)  # noqa: PTH118
            if entry.name in OUR_FOLDERS or real in self._ignored:
                found.skipped.append(Skipped(shown, "ours"))
            else:
                self._walk(path, real, root, found, above, depth + 1)
        elif path.suffix.lower() in SUFFIXES:
            if OUR_FILES.fullmatch(unicodedata.normalize("NFC", path.name)) and _bears_our_mark(path):
                found.skipped.append(Skipped(shown, "ours"))
            else:
                self._take(path, organisation, shown, found)
        elif path.suffix.lower() in OTHER_DATA:
            at = At(organisation, shown)
            params = (("reason", "other-format"), ("format", path.suffix.lower()))
            found.issues.append(Issue("file-not-a-workbook", "info", at, params=params))
        else:
            found.skipped.append(Skipped(shown, "not-a-workbook"))

    def _take(self, path: Path, organisation: str, shown: str, found: Listing) -> None:
        try:
            stat = path.stat()
        except OSError as error:
            reason = "no-permission" if isinstance(error, PermissionError) else "gone"
            issue = Issue("file-unreadable", "error", At(organisation, shown), params=(("reason", reason),))
            found.issues.append(issue)
            return
        locator = os.path.abspath(path)  # noqa: PTH100 (Path.resolve would follow links: the person knows the link's name)
        found.workbooks.append(WorkbookRef(organisation, shown, locator, stat.st_size, stat.st_mtime_ns))

    def _lock(self, path: Path, organisation: str, shown: str, found: Listing) -> None:
        """A lock beside its workbook says that somebody has it open: the disk may be behind what she sees."""
        found.skipped.append(Skipped(shown, "lock"))
        name = path.name
        if name.startswith("~$"):  # Excel puts the mark before the name, or in place of its first two letters
            candidates = [name[2:], *(other.name for other in _siblings(path) if other.name[2:] == name[2:])]
        else:
            candidates = [name.removeprefix(".~lock.").removesuffix("#")]
        for candidate in candidates:
            beside = path.with_name(candidate)
            if beside.suffix.lower() in SUFFIXES and not candidate.startswith(("~$", ".")) and beside.is_file():
                at = At(organisation, shown[: -len(name)] + candidate)
                found.issues.append(Issue("file-locked", "info", at, params=(("reason", "open-elsewhere"),)))
                return

    def _shown(self, path: Path, root: Path) -> str:
        """The path as given plus what was found below it."""
        below = path.relative_to(root).as_posix()
        given = _posix(self.path)
        return given if below == "." else f"{given.rstrip('/')}/{below}" if given.rstrip("/") else f"/{below}"


def read_workbook(ref: WorkbookRef, bounds: Bounds = STANDARD) -> Workbook:
    """The grids of one workbook and what was noticed while opening it.

    Whatever cannot be read is an issue: ``file-unreadable``, ``file-locked``, ``file-encrypted``, ``file-empty``,
    ``file-too-large``, ``file-changed``, ``file-not-a-workbook``, ``file-encoding``; a hidden sheet with cells is
    ``sheet-hidden``.
    """
    path, at = Path(ref.locator), At(ref.organisation, ref.path)
    try:
        for _ in range(2):  # once more if somebody saved it meanwhile
            before = path.stat()
            if before.st_size > bounds.file_bytes:
                raise Refused("file-too-large", "bytes", size=megabytes(before.st_size))
            outcome: list[Issue] = []
            grids: Workbook | Refused
            try:
                grids = Workbook(ref.path, read_grids(path, at, outcome, bounds), outcome)
                if sum(len(grid.rows) * grid.width for grid in grids.grids) > bounds.cells:
                    raise Refused("file-too-large", "cells")
            except Refused as refusal:
                grids = refusal
            after = path.stat()
            if (before.st_size, before.st_mtime_ns, before.st_ino) == (after.st_size, after.st_mtime_ns, after.st_ino):
                break
        else:
            raise Refused("file-changed")
    except Refused as refusal:
        grids = refusal
    except FileNotFoundError:
        grids = Refused("file-unreadable", "gone")
    except PermissionError:
        grids = Refused("file-locked", "no-permission")
    except OSError:
        grids = Refused("file-unreadable", "disk")
    if isinstance(grids, Refused):
        return Workbook(ref.path, [], [grids.issue(at)])
    for grid in grids.grids:
        if not grid.visible and grid.rows:
            grids.issues.append(Issue("sheet-hidden", "info", at._replace(sheet=grid.sheet)))
    return grids


def _organisation(path: Path, root: Path) -> str:
    """First folder beneath the root; the root's own name for what lies directly in it."""
    below = path.relative_to(root).parts
    return unicodedata.normalize("NFC", below[0]) if len(below) > 1 else _own_folder(root)


def _own_folder(folder: Path) -> str:
    return unicodedata.normalize("NFC", Path(os.path.abspath(folder)).name)  # noqa: PTH100 (a link's own name, not its target's)


def _posix(path: str) -> str:
    return PurePath(path).as_posix() if os.sep == "\\" else path


def _inside(path: Path, root: Path) -> bool:
    real, real_root = Path(os.path.realpath(path)), Path(os.path.realpath(root))
    return real.is_relative_to(real_root)


def _siblings(path: Path) -> Iterator[Path]:
    try:
        yield from sorted(path.parent.iterdir())
    except OSError:
        return


def _bears_our_mark(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            for part in ("docProps/app.xml", "docProps/core.xml"):
                if part in archive.namelist() and _OUR_MARK.search(archive.open(part).read(65536)):
                    return True
    except (OSError, zipfile.BadZipFile, KeyError, RuntimeError, ValueError, NotImplementedError):
        return False
    return False
