"""Drive: files, folders, shortcuts, who may see them, and what changed."""

import hashlib
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from . import query
from .a1 import JsonObject
from .errors import ApiError, missing_file
from .model import Spreadsheet, new_spreadsheet

SPREADSHEET = "application/vnd.google-apps.spreadsheet"
FOLDER = "application/vnd.google-apps.folder"
SHORTCUT = "application/vnd.google-apps.shortcut"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OFFICE = (XLSX, "application/vnd.ms-excel", "application/vnd.ms-excel.sheet.macroenabled.12")
ROLES = ("reader", "commenter", "writer", "fileOrganizer", "organizer", "owner")
ROOT = "0AEmulatedRootOfMyDrive"
WORLD = "anyone"


@dataclass
class Moment:
    """A version of a file, for listings that lag behind."""

    at: float
    version: int
    modified: float


@dataclass
class File:
    id: str
    name: str
    mime: str
    parents: list[str]
    owner: str
    created: float
    modified: float
    permissions: list[JsonObject] = field(default_factory=list)
    version: int = 1
    trashed: bool = False
    starred: bool = False
    content: bytes | None = None
    target: str = ""
    drive: str = ""  # of a shared drive
    spreadsheet: Spreadsheet | None = None
    comments: list[JsonObject] = field(default_factory=list)
    history: list[Moment] = field(default_factory=list)
    other: JsonObject = field(default_factory=dict)  # description, appProperties …


def stamp(seconds: float) -> str:
    """RFC 3339 with milliseconds, as Drive tells times."""
    text = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def permission_id(address: str) -> str:
    if address == WORLD:
        return "anyoneWithLink"
    return str(int(hashlib.sha256(address.encode()).hexdigest()[:16], 16)).zfill(20)


class Drive:
    """All files. `lag`: seconds after which a change shows in listings (0: at once); `page_limit`: most files a page
    holds whatever was asked for; `incomplete`: what listings say of `incompleteSearch`."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.files: dict[str, File] = {}
        self.drives: dict[str, str] = {}  # shared drives: id → name
        self.changes: list[tuple[float, str, bool]] = []
        self.lag = 0.0
        self.page_limit = 1000
        self.incomplete = False

    # making and changing

    def make(self, name: str, mime: str, owner: str, parents: list[str] | None = None, file_id: str = "") -> File:
        now = self.clock()
        file_id = file_id or "1" + secrets.token_urlsafe(32)
        found = File(file_id, name, mime, list(parents or [ROOT]), owner, now, now)
        found.permissions = [_permission("user", owner, "owner")]
        parent = self.files.get(found.parents[0])
        if parent is not None and parent.drive:
            found.drive = parent.drive
        if mime == SPREADSHEET:
            found.spreadsheet = new_spreadsheet(file_id, name)
        self.files[file_id] = found
        found.history.append(Moment(now, 1, now))
        self.changes.append((now, file_id, False))
        return found

    def touch(self, file: File, content: bool = True) -> None:
        """A new version; `content` tells whether the time of modification moves with it."""
        now = self.clock()
        file.version += 1
        if content:
            file.modified = now
        file.history.append(Moment(now, file.version, file.modified))
        self.changes.append((now, file.id, False))

    def remove(self, file: File) -> None:
        for child in [f for f in self.files.values() if file.id in f.parents]:
            self.remove(child)
        self.files.pop(file.id, None)
        self.changes.append((self.clock(), file.id, True))

    # who may

    def above(self, file: File) -> Iterator[File]:
        """A file and the folders it lies in."""
        seen: set[str] = set()
        waiting = [file]
        while waiting:
            here = waiting.pop()
            if here.id not in seen:
                seen.add(here.id)
                yield here
                waiting += [self.files[p] for p in here.parents if p in self.files]

    def role(self, file: File, account: str) -> str:
        """The highest role of an account on a file, its folders' shares included; empty: none."""
        found = [
            p["role"]
            for here in self.above(file)
            for p in here.permissions
            if p["type"] == WORLD
            or p.get("emailAddress", "").casefold() == account.casefold()
            or (p["type"] == "domain" and account.endswith("@" + p.get("domain", "\0")))
        ]
        return max(found, key=ROLES.index, default="")

    def find(self, file_id: str, account: str, all_drives: bool = True) -> File:
        file = self.files.get(file_id)
        if file is None or not self.role(file, account) or (file.drive and not all_drives):
            raise missing_file(file_id)
        return file

    def for_writing(self, file_id: str, account: str) -> File:
        file = self.find(file_id, account)
        if ROLES.index(self.role(file, account)) < ROLES.index("writer"):
            raise ApiError(
                403,
                "The user does not have sufficient permissions for this file.",
                reason="insufficientFilePermissions",
            )
        return file

    # telling

    def json(self, file: File, account: str, seen: Moment | None = None) -> JsonObject:
        """Everything of a file that a `fields` mask can ask for."""
        role = self.role(file, account)
        writes = ROLES.index(role) >= ROLES.index("writer") if role else False
        trashed = any(f.trashed for f in self.above(file))
        parents = [p for p in file.parents if p == ROOT or (p in self.files and self.role(self.files[p], account))]
        found: JsonObject = {
            "kind": "drive#file",
            "id": file.id,
            "name": file.name,
            "mimeType": file.mime,
            "starred": file.starred,
            "trashed": trashed,
            "explicitlyTrashed": file.trashed,
            "parents": parents,
            "version": str(seen.version if seen else file.version),
            "createdTime": stamp(file.created),
            "modifiedTime": stamp(seen.modified if seen else file.modified),
            "ownedByMe": file.owner == account,
            "shared": len(file.permissions) > 1,
            "owners": [_user(file.owner, account)],
            "lastModifyingUser": _user(file.owner, account),
            "capabilities": {"canEdit": writes, "canDownload": True, "canCopy": True, "canShare": writes},
            "permissions": file.permissions if writes else [],
            "permissionIds": [p["id"] for p in file.permissions] if writes else [],
            "webViewLink": f"https://drive.google.com/file/d/{file.id}/view",
            "spaces": ["drive"],
            **file.other,
        }
        if not parents:
            del found["parents"]
        if file.mime == SPREADSHEET:
            found["webViewLink"] = f"https://docs.google.com/spreadsheets/d/{file.id}/edit"
        if file.content is not None:
            found |= {
                "size": str(len(file.content)),
                "md5Checksum": hashlib.md5(file.content, usedforsecurity=False).hexdigest(),
                "originalFilename": file.name,
                "fileExtension": file.name.rpartition(".")[2],
                "headRevisionId": f"r{file.version}",
            }
        if file.target:
            target = self.files.get(file.target)
            found["shortcutDetails"] = {"targetId": file.target, "targetMimeType": target.mime if target else XLSX}
        if file.drive:
            found["driveId"] = file.drive
            found.pop("owners")
        return found

    def seen(self, file: File) -> Moment | None:
        """The version a listing knows by now, None when it has not heard of the file yet."""
        until = self.clock() - self.lag
        known = [m for m in file.history if m.at <= until]
        return known[-1] if known else None

    def listed(self, account: str, asked: JsonObject) -> JsonObject:
        """`files.list`."""
        test = query.parse(asked.get("q", ""))
        drives = asked.get("includeItemsFromAllDrives") and asked.get("supportsAllDrives")
        found = []
        for file in self.files.values():
            seen = self.seen(file)
            if seen is None or not self.role(file, account) or (file.drive and not drives):
                continue
            if asked.get("driveId") and file.drive != asked["driveId"]:
                continue
            shown = self.json(file, account, seen)
            hidden = {"_permissions": file.permissions, "_roots": ("root",) if ROOT in file.parents else ()}
            if test(shown | hidden):
                found.append(shown)
        found.sort(key=lambda f: (f["modifiedTime"], f["createdTime"]), reverse=True)
        for key in reversed([part.strip() for part in asked.get("orderBy", "").split(",") if part.strip()]):
            name, _, direction = key.partition(" ")
            found.sort(key=lambda f: _order(f, name), reverse=direction == "desc")
        start = _page_start(asked.get("pageToken", ""))
        size = min(asked.get("pageSize") or 100, self.page_limit)
        if not 1 <= (asked.get("pageSize") or 100) <= 1000:
            raise ApiError(400, "Invalid value for pageSize", reason="invalid", location="pageSize")
        answer: JsonObject = {"kind": "drive#fileList", "incompleteSearch": self.incomplete}
        answer["files"] = found[start : start + size]
        if start + size < len(found):
            answer["nextPageToken"] = f"~page!{start + size}"
        return answer

    def changed(self, account: str, asked: JsonObject) -> JsonObject:
        """`changes.list`: the last change of every file since a token."""
        start = _page_start(asked.get("pageToken", ""))
        size = min(asked.get("pageSize") or 100, self.page_limit)
        entries = self.changes[start : start + size]
        last = {file_id: i for i, (_, file_id, _) in enumerate(entries)}
        shown = []
        for i, (at, file_id, removed) in enumerate(entries):
            if last[file_id] != i:
                continue
            file = self.files.get(file_id)
            gone = removed or file is None or not self.role(file, account)
            if gone and asked.get("includeRemoved") is False:
                continue
            change: JsonObject = {
                "kind": "drive#change",
                "changeType": "file",
                "type": "file",
                "time": stamp(at),
                "removed": gone,
                "fileId": file_id,
            }
            if file is not None and not gone:
                if file.drive and not asked.get("includeItemsFromAllDrives"):
                    continue
                change["file"] = self.json(file, account)
            shown.append(change)
        answer: JsonObject = {"kind": "drive#changeList", "changes": shown}
        end = start + len(entries)
        answer["nextPageToken" if end < len(self.changes) else "newStartPageToken"] = str(end)
        return answer


def _order(file: JsonObject, name: str) -> Any:
    if name == "folder":
        return file["mimeType"] != FOLDER
    if name in ("name", "name_natural"):
        return file["name"].casefold()
    if name in ("modifiedTime", "createdTime"):
        return file[name]
    if name in ("modifiedByMeTime", "recency", "viewedByMeTime", "sharedWithMeTime"):
        return file["modifiedTime"]
    raise ApiError(400, "Invalid Value", reason="invalid", location="orderBy")


def _page_start(token: str) -> int:
    digits = token.removeprefix("~page!")
    if token and not digits.isdigit():
        raise ApiError(400, "Invalid Value", reason="invalid", location="pageToken")
    return int(digits or 0)


def _user(address: str, account: str) -> JsonObject:
    return {
        "kind": "drive#user",
        "displayName": address.partition("@")[0],
        "me": address == account,
        "permissionId": permission_id(address),
        "emailAddress": address,
    }


def _permission(kind: str, address: str, role: str) -> JsonObject:
    found: JsonObject = {"kind": "drive#permission", "id": permission_id(address), "type": kind, "role": role}
    if kind in ("user", "group"):
        found |= {"emailAddress": address, "displayName": address.partition("@")[0], "deleted": False}
        found |= {"pendingOwner": False} if kind == "user" else {}
    elif kind == "domain":
        found |= {"domain": address, "displayName": address, "allowFileDiscovery": False}
    else:
        found |= {"allowFileDiscovery": False}
    return found


def grant(file: File, kind: str, address: str, role: str) -> JsonObject:
    """Share a file; sharing with the same address again changes the role."""
    new = _permission(kind, address or WORLD, role)
    file.permissions = [p for p in file.permissions if p["id"] != new["id"]] + [new]
    return new
