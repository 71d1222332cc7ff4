"""What lies in folders on Drive, listed in as few requests as may be: the folders are remembered from run to run.

Drive lists the children of the folders it is asked for, not theirs. The first run goes down level by level; later ones
ask for all folders known, ``FOLDERS_ASKED`` in one request, or, where that takes several, for everything the account
sees, as long as that shows all that is known to be there.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sheets_sync.google.client import GoogleClient
from sheets_sync.google.refusals import GoogleRefused, GoogleStopped, GoogleUnavailable

FOLDER = "application/vnd.google-apps.folder"
SHORTCUT = "application/vnd.google-apps.shortcut"
SPREADSHEET = "application/vnd.google-apps.spreadsheet"
_OCTETS = "application/octet-stream"  # what some programs call whatever they upload: the name tells
WORKBOOKS = {
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.ms-excel.sheet.macroEnabled.12": ".xlsm",
    "application/vnd.ms-excel.sheet.binary.macroEnabled.12": ".xlsb",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
}
_SUFFIX_OF = {kind.lower(): suffix for kind, suffix in WORKBOOKS.items()}
FOLDERS_ASKED = 100  # in one query; when Drive finds that too long or too hard, halves of it
_ASKED_TOO_MUCH = frozenset({400, 403, 404, 413, 414})
_SLASH = "∕"  # stands for the «/» of a title: in a path it would be another folder


class Located(NamedTuple):
    """A workbook on Drive: whose it is, how people find it, what Drive says of it. ``suffix``: "" for Google's own."""

    organisation: str
    path: str
    file: Mapping[str, Any]
    suffix: str


class Unlisted(NamedTuple):
    """What could not be listed: of it nothing may be taken for gone. ``path`` "" is all of the organisation, an
    ``organisation`` "" all of the source."""

    organisation: str
    path: str
    why: GoogleRefused


@dataclass(slots=True)
class DriveListing:
    """Workbooks found, what could not be listed, what was passed over (path, why), and what the next run is to know."""

    workbooks: list[Located] = field(default_factory=list)
    unlisted: list[Unlisted] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    remembered: dict[str, Any] = field(default_factory=dict)


def list_drive(
    client: GoogleClient,
    folders: Sequence[str],
    spreadsheets: Mapping[str, Sequence[str]],
    remembered: Mapping[str, Any],
    ignore: Collection[str] = (),
) -> DriveListing:
    """Workbooks in folders (a sub-folder per organisation) and single ones by organisation.

    ``remembered`` is what an earlier listing left, {} if none: then folders are gone through level by level.
    ``ignore``: ids passed over. Raises GoogleUnavailable or GoogleStopped when Drive cannot be asked.
    """
    walk = _Walk(client, [file_id(one) for one in folders], remembered, frozenset(map(file_id, ignore)))
    return walk.run({name: [file_id(one) for one in ids] for name, ids in spreadsheets.items()})


def file_id(text: str) -> str:
    """The id in an address as copied from the browser; an id is itself."""
    text = text.strip()
    for mark in ("/d/", "/folders/"):
        if mark in text:
            text = text.partition(mark)[2]
    return text.partition("/")[0].partition("?")[0].partition("#")[0]


class _Walk:
    """One listing: what Drive has told so far."""

    def __init__(
        self, client: GoogleClient, roots: Sequence[str], remembered: Mapping[str, Any], ignore: frozenset[str]
    ) -> None:
        self.client, self.roots, self.ignore = client, list(dict.fromkeys(roots)), ignore
        self.known_folders = [*self.roots, *(one for one in remembered.get("folders", ()) if one not in roots)]
        self.known_files = list(remembered.get("files", ()))
        self.paths: Mapping[str, str] = remembered.get("paths", {})
        self.wide = bool(remembered.get("wide", True))
        self.names: dict[str, str] = dict(remembered.get("names", {}))
        self.items: dict[str, Mapping[str, Any]] = {}
        self.asked: set[str] = set()
        self.failed: dict[str, GoogleRefused] = {}
        self.incomplete = False
        self.found = DriveListing()
        self.taken: dict[str, str] = {}  # id of a workbook → path
        self.seen: set[str] = set()  # folders gone into
        self.shortcuts: list[tuple[str | None, str, tuple[str, ...], Mapping[str, Any], frozenset[str]]] = []

    def run(self, spreadsheets: Mapping[str, Sequence[str]]) -> DriveListing:
        singles = [one for ids in spreadsheets.values() for one in ids]
        missing = self._list_widely(singles)
        self._list_folders()
        if missing and any(one in self.items for one in missing):
            self.wide = False  # they were there all the time: what the account sees at large is not all
        for root in self.roots:
            self._walk(root, None, (), frozenset())
        for organisation, ids in spreadsheets.items():
            for one in ids:
                self._take_single(organisation, one)
        while self.shortcuts:  # last: where a file itself lies goes before what points to it
            self._follow(*self.shortcuts.pop(0))
        if self.incomplete:
            why = GoogleUnavailable("incomplete", email=self.client.email)
            self.found.unlisted.append(Unlisted("", "", why))
        self._make_paths_unique()
        self.found.skipped.sort()
        self.found.remembered = {
            "folders": sorted(self.seen - set(self.roots)),
            "files": sorted(one for one in self.taken if self._belongs(self.items.get(one, {}))),
            "paths": {one.file["id"]: one.path for one in self.found.workbooks},
            "names": {root: self.names[root] for root in self.roots if root in self.names},
            "wide": self.wide,
        }
        return self.found

    # asking

    def _list_widely(self, singles: Sequence[str]) -> Sequence[str]:
        """Everything the account sees, where that is cheaper than asking one by one. Gives what is known to lie in the
        folders and was not in it: then the folders are to be asked all the same."""
        tree_known = len(self.known_folders) > len(self.roots)  # else nothing tells whether all of it is seen
        spared = len(singles) + (-(-len(self.known_folders) // FOLDERS_ASKED) if tree_known else 0)
        if spared < 2 or not self.wide:
            return []
        kinds = " or ".join(f"mimeType='{kind}'" for kind in (SPREADSHEET, FOLDER, SHORTCUT, *WORKBOOKS, _OCTETS))
        most = spared + (len(self.known_folders) + len(self.known_files)) // 1000
        seen: dict[str, Mapping[str, Any]] = {}
        incomplete = False
        for number, page in enumerate(self.client.pages(f"({kinds}) and trashed=false"), 1):
            seen |= {item["id"]: item for item in page.get("files", ())}
            incomplete |= bool(page.get("incompleteSearch"))
            if number >= most and page.get("nextPageToken"):
                self.wide = False  # the account sees far more than the district's
                return []
        self.items.update((one, seen[one]) for one in singles if one in seen)
        missing = sorted({*self.known_folders, *self.known_files} - {*self.roots, *seen})
        if tree_known and not missing and not incomplete:
            self.items.update(seen)
            self.asked.update(self.known_folders)
        return missing

    def _list_folders(self) -> None:
        """The children of every folder not asked for yet, level by level."""
        pending = [one for one in self.known_folders if one not in self.asked]
        while True:
            for first in range(0, len(pending), FOLDERS_ASKED):
                self._ask(pending[first : first + FOLDERS_ASKED])
            within = {_folder_of(item) for item in list(self.items.values()) if self._belongs(item)}
            pending = sorted(one for one in within if one and one not in self.asked)
            if not pending:
                return

    def _belongs(self, item: Mapping[str, Any]) -> bool:
        """In a folder that was asked for: of what the account sees at large the rest is none of ours."""
        return any(parent in self.asked for parent in item.get("parents", ()))

    def _ask(self, folders: Sequence[str]) -> None:
        self.asked.update(folders)
        parents = " or ".join(f"'{one}' in parents" for one in folders)
        try:
            for page in self.client.pages(f"({parents}) and trashed=false"):
                self.incomplete |= bool(page.get("incompleteSearch"))
                self.items.update((item["id"], item) for item in page.get("files", ()))
        except (GoogleStopped, GoogleUnavailable):
            raise
        except GoogleRefused as refusal:
            if refusal.status not in _ASKED_TOO_MUCH:
                raise
            if len(folders) == 1:  # gone, or shared no longer
                self.failed[folders[0]] = refusal
                return
            half = len(folders) // 2
            self._ask(folders[:half])
            self._ask(folders[half:])

    # putting together

    def _children(self, folder: str) -> list[Mapping[str, Any]]:
        if not hasattr(self, "_by_parent"):
            self._by_parent: dict[str, list[Mapping[str, Any]]] = {}
            for item in self.items.values():
                for parent in item.get("parents", ()):
                    self._by_parent.setdefault(parent, []).append(item)
        return sorted(self._by_parent.get(folder, ()), key=lambda item: (item.get("name", ""), item["id"]))

    def _walk(self, folder: str, organisation: str | None, names: tuple[str, ...], above: frozenset[str]) -> None:
        """Everything in a folder. ``organisation`` None: it is a root, its sub-folders are the organisations."""
        path = "/".join(names)
        if folder in self.seen:
            self.found.skipped.append((path or organisation or folder, "loop" if folder in above else "twice"))
            return
        self.seen.add(folder)
        if folder in self.failed:
            self.found.unlisted.append(Unlisted(organisation or "", path, self.failed[folder]))
            return
        within = above | {folder}
        for item in self._children(folder):
            name = _shown(item.get("name", ""))
            if item.get("trashed") or item["id"] in self.ignore:
                self.found.skipped.append((name, "ours" if item["id"] in self.ignore else "trashed"))
            elif item.get("mimeType") == SHORTCUT:
                self.shortcuts.append((organisation, folder, names, item, within))
            elif item.get("mimeType") == FOLDER:
                self._go_into(item["id"], organisation, names, name, within)
            else:
                self._take(self._whose(organisation, folder), names, item)

    def _go_into(
        self, folder: str, organisation: str | None, names: tuple[str, ...], name: str, above: frozenset[str]
    ) -> None:
        if organisation is None:
            self._walk(folder, name, (), above)
        else:
            self._walk(folder, organisation, (*names, name), above)

    def _whose(self, organisation: str | None, folder: str) -> str:
        return self._own_name(folder) if organisation is None else organisation

    def _own_name(self, root: str) -> str:
        """A root's own name: it is the organisation of what lies directly in it."""
        if root not in self.names:
            self.names[root] = _shown(str(self.client.file(root, "id,name").get("name", root)))
        return self.names[root]

    def _take(self, organisation: str, names: tuple[str, ...], item: Mapping[str, Any], title: str = "") -> None:
        name = title or _shown(item.get("name", ""))
        path = "/".join((*names, name))
        suffix = _suffix(item)
        if item["id"] in self.ignore:
            self.found.skipped.append((path, "ours"))
        elif name.startswith(("~$", ".~lock.")):
            self.found.skipped.append((path, "lock"))
        elif suffix is None:
            self.found.skipped.append((path, "not-a-workbook"))
        elif item["id"] in self.taken:
            self.found.skipped.append((path, "twice"))
        else:
            self.taken[item["id"]] = path
            self.found.workbooks.append(Located(organisation, path, item, suffix))

    def _take_single(self, organisation: str, one: str) -> None:
        path = self.paths.get(one, one)
        item = self.items.get(one) or self._file(organisation, path, one)
        if item is not None and _suffix(item) is None:
            why = GoogleRefused("other-kind", what=_shown(item.get("name", one)), email=self.client.email)
            self.found.unlisted.append(Unlisted(organisation, path, why))
        elif item is not None:
            self._take(organisation, (), item)

    def _follow(
        self,
        organisation: str | None,
        folder: str,
        names: tuple[str, ...],
        item: Mapping[str, Any],
        above: frozenset[str],
    ) -> None:
        """What a shortcut points to, under the shortcut's name."""
        target, title = item.get("shortcutDetails", {}), _shown(item.get("name", ""))
        kind, one = target.get("targetMimeType", ""), str(target.get("targetId", ""))
        path = "/".join((*names, title))
        if kind == FOLDER:
            self._go_into(one, organisation, names, title, above)
        elif kind.lower() not in _SUFFIX_OF and kind not in (SPREADSHEET, _OCTETS):
            self.found.skipped.append((path, "not-a-workbook"))
        else:
            whose = self._whose(organisation, folder)
            told = self.items.get(one) or self._file(whose, self.paths.get(one, path), one)
            if told is not None:
                self._take(whose, names, told, title)

    def _file(self, organisation: str, path: str, one: str) -> Mapping[str, Any] | None:
        try:
            told = self.client.file(one)
            if told.get("trashed"):
                raise GoogleRefused("gone", what=path, email=self.client.email)
        except (GoogleStopped, GoogleUnavailable):
            raise
        except GoogleRefused as refusal:
            self.found.unlisted.append(Unlisted(organisation, path, refusal))
            return None
        return told

    def _make_paths_unique(self) -> None:
        """Drive allows a title twice in a folder: all but one bear the end of their id."""
        taken: set[tuple[str, str]] = set()
        ordered = sorted(self.found.workbooks, key=lambda one: (one.organisation, one.path, one.file["id"]))
        for index, one in enumerate(ordered):
            path = one.path
            if (one.organisation, path) in taken:
                path = f"{path} [{one.file['id'][-6:]}]"
            taken.add((one.organisation, path))
            ordered[index] = one._replace(path=path)
        self.found.workbooks = ordered


def _folder_of(item: Mapping[str, Any]) -> str:
    """The folder an item is or points to; "" for a file."""
    if item.get("mimeType") == FOLDER:
        return str(item["id"])
    target = item.get("shortcutDetails", {}) if item.get("mimeType") == SHORTCUT else {}
    return str(target.get("targetId", "")) if target.get("targetMimeType") == FOLDER else ""


def _suffix(item: Mapping[str, Any]) -> str | None:
    """How a workbook is to be read, as a file's suffix; "" for a Google spreadsheet, None for what is no workbook."""
    kind = str(item.get("mimeType", ""))
    if kind == SPREADSHEET:
        return ""
    name = str(item.get("name", "")).lower()
    named = next((suffix for suffix in WORKBOOKS.values() if name.endswith(suffix)), None)
    return named if kind == _OCTETS else _SUFFIX_OF.get(kind.lower())


def _shown(name: str) -> str:
    return unicodedata.normalize("NFC", " ".join(name.split())).replace("/", _SLASH) or "—"
