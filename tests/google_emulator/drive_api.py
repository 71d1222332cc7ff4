"""Drive v3 by method: what each call does and answers."""

import csv
import io
from collections.abc import Callable
from typing import Any

from . import accounts
from .a1 import JsonObject
from .accounts import Grant, need
from .answers import shown_text
from .drive import FOLDER, ROOT, SHORTCUT, SPREADSHEET, XLSX, Drive, File, stamp
from .drive import grant as share
from .editing import Edit
from .errors import ApiError, missing_file, unsupported
from .formulas import Evaluator
from .model import Spreadsheet, new_spreadsheet

DEFAULT_FIELDS = {
    "drive.files.list": "kind,nextPageToken,incompleteSearch,files(kind,id,name,mimeType)",
    "drive.files.get": "kind,id,name,mimeType",
    "drive.files.create": "kind,id,name,mimeType",
    "drive.files.copy": "kind,id,name,mimeType",
    "drive.files.update": "kind,id,name,mimeType",
    "drive.changes.list": "kind,nextPageToken,newStartPageToken,changes(kind,removed,changeType,type,time,fileId,file(kind,id,name,mimeType))",
    "drive.permissions.list": "kind,nextPageToken,permissions(id,type,kind,role)",
    "drive.permissions.get": "id,type,kind,role",
    "drive.permissions.create": "id,type,kind,role",
    "drive.permissions.update": "id,type,kind,role",
    "drive.drives.list": "kind,nextPageToken,drives(kind,id,name)",
}


class DriveApi:
    def __init__(self, drive: Drive) -> None:
        self.drive = drive

    def handlers(self) -> dict[str, Callable[[Grant, JsonObject, JsonObject, list[str]], Any]]:
        """By method id: called with the asker, the query, the body and the ids of the path."""
        return {
            "drive.about.get": self.about,
            "drive.files.list": self.list_files,
            "drive.files.get": self.get,
            "drive.files.create": self.create,
            "drive.files.copy": self.copy,
            "drive.files.update": self.update,
            "drive.files.delete": self.delete,
            "drive.files.export": self.export,
            "drive.changes.getStartPageToken": self.start_token,
            "drive.changes.list": self.changes,
            "drive.permissions.list": self.permissions,
            "drive.permissions.get": self.permission,
            "drive.permissions.create": self.add_permission,
            "drive.permissions.update": self.change_permission,
            "drive.permissions.delete": self.remove_permission,
            "drive.comments.list": self.comments,
            "drive.comments.create": self.add_comment,
            "drive.drives.list": self.shared_drives,
        }

    def about(self, who: Grant, asked: JsonObject, body: JsonObject, ids: list[str]) -> JsonObject:
        if "fields" not in asked:
            raise ApiError(400, "The 'fields' parameter is required for this method.", reason="required")
        user = self.drive.json(File("", "", "", [], who.account, 0, 0), who.account)["owners"][0]
        return {"kind": "drive#about", "user": user, "importFormats": {XLSX: [SPREADSHEET]}}

    def list_files(self, who: Grant, asked: JsonObject, body: JsonObject, ids: list[str]) -> JsonObject:
        need(who, accounts.DRIVE_READ)
        return self.drive.listed(who.account, asked)

    def get(self, who: Grant, asked: JsonObject, body: JsonObject, ids: list[str]) -> Any:
        need(who, accounts.DRIVE_READ)
        if ids[0] == "root":
            return {"kind": "drive#file", "id": ROOT, "name": "My Drive", "mimeType": FOLDER}
        file = self.drive.find(ids[0], who.account, bool(asked.get("supportsAllDrives")))
        if asked.get("alt") != "media":
            return self.drive.json(file, who.account)
        need(who, accounts.DRIVE_CONTENT)
        if file.content is None:
            raise ApiError(
                403,
                "Only files with binary content can be downloaded. Use Export with Docs Editors files.",
                reason="fileNotDownloadable",
                location="alt",
            )
        return file.content, file.mime

    def create(self, who: Grant, asked: JsonObject, body: JsonObject, ids: list[str]) -> JsonObject:
        need(who, accounts.DRIVE_WRITE)
        parents = body.get("parents", [])
        for parent in parents:
            if parent not in (ROOT, "root"):
                self.drive.for_writing(parent, who.account)
        parents = [ROOT if p == "root" else p for p in parents]
        mime = body.get("mimeType", "application/octet-stream")
        file = self.drive.make(body.get("name", "Untitled"), mime, who.account, parents)
        if mime == SHORTCUT:
            target = body.get("shortcutDetails", {}).get("targetId", "")
            self.drive.find(target, who.account)
            file.target = target
        elif mime not in (SPREADSHEET, FOLDER):
            file.content = b""
        return self.drive.json(file, who.account)

    def copy(self, who: Grant, asked: JsonObject, body: JsonObject, ids: list[str]) -> JsonObject:
        need(who, accounts.DRIVE_WRITE)
        source = self.drive.find(ids[0], who.account)
        name = body.get("name") or f"Copy of {source.name}"
        mime = body.get("mimeType", source.mime)
        parents = body.get("parents") or ([p for p in source.parents if p == ROOT] or [ROOT])
        new = self.drive.make(name, mime, who.account, parents)
        if source.spreadsheet is not None and new.spreadsheet is not None:
            new.spreadsheet = source.spreadsheet.copy()
            new.spreadsheet.id, new.spreadsheet.title = new.id, name
        elif source.content is not None and mime == SPREADSHEET:
            from .seeding import from_xlsx

            new.spreadsheet = from_xlsx(io.BytesIO(source.content), new_spreadsheet(new.id, name))
        else:
            new.content = source.content
        return self.drive.json(new, who.account)

    def update(self, who: Grant, asked: JsonObject, body: JsonObject, ids: list[str]) -> JsonObject:
        need(who, accounts.DRIVE_WRITE)
        file = self.drive.for_writing(ids[0], who.account)
        if body.get("name"):
            file.name = body["name"]
            if file.spreadsheet is not None:
                file.spreadsheet.title = file.name
        file.trashed = body.get("trashed", file.trashed)
        file.starred = body.get("starred", file.starred)
        file.other |= {name: body[name] for name in ("description", "appProperties", "properties") if name in body}
        gone = set(filter(None, asked.get("removeParents", "").split(",")))
        for parent in filter(None, asked.get("addParents", "").split(",")):
            self.drive.for_writing(parent, who.account)
            gone |= set(file.parents)
            file.parents.append(parent)
            gone.discard(parent)
        file.parents = [p for p in file.parents if p not in gone]
        self.drive.touch(file, content=bool(body.get("name")))
        return self.drive.json(file, who.account)

    def delete(self, who: Grant, asked: JsonObject, body: JsonObject, ids: list[str]) -> None:
        need(who, accounts.DRIVE_WRITE)
        file = self.drive.find(ids[0], who.account)
        if self.drive.role(file, who.account) not in ("owner", "organizer"):
            raise ApiError(
                403,
                "The user does not have sufficient permissions for this file.",
                reason="insufficientFilePermissions",
            )
        self.drive.remove(file)

    def export(self, who: Grant, asked: JsonObject, body: JsonObject, ids: list[str]) -> tuple[bytes, str]:
        need(who, accounts.DRIVE_CONTENT)
        file = self.drive.find(ids[0], who.account)
        mime = asked.get("mimeType", "")
        if file.spreadsheet is None:
            raise ApiError(403, "Export only supports Docs Editors files.", reason="fileNotExportable")
        if mime in ("text/csv", "text/tab-separated-values"):
            return as_text(file.spreadsheet, "," if mime == "text/csv" else "\t").encode(), mime
        if mime == XLSX:
            from .seeding import to_xlsx

            return to_xlsx(file.spreadsheet), mime
        if mime in ("application/pdf", "application/zip", "application/vnd.oasis.opendocument.spreadsheet"):
            raise unsupported(f"exports as {mime}")
        raise ApiError(400, "The requested conversion is not supported.", reason="badRequest", location="convertTo")

    def start_token(self, who: Grant, asked: JsonObject, body: JsonObject, ids: list[str]) -> JsonObject:
        need(who, accounts.DRIVE_READ)
        return {"kind": "drive#startPageToken", "startPageToken": str(len(self.drive.changes))}

    def changes(self, who: Grant, asked: JsonObject, body: JsonObject, ids: list[str]) -> JsonObject:
        need(who, accounts.DRIVE_READ)
        if not asked.get("pageToken"):
            raise ApiError(400, "Required parameter: pageToken", reason="required", location="pageToken")
        return self.drive.changed(who.account, asked)

    # who may see

    def permissions(self, who: Grant, asked: JsonObject, body: JsonObject, ids: list[str]) -> JsonObject:
        need(who, accounts.DRIVE_READ)
        return {"kind": "drive#permissionList", "permissions": self.drive.for_writing(ids[0], who.account).permissions}

    def _permission(self, file: File, wanted: str) -> JsonObject:
        for found in file.permissions:
            if found["id"] == wanted:
                return found
        raise ApiError(404, f"Permission not found: {wanted}.", reason="notFound", location="permissionId")

    def permission(self, who: Grant, asked: JsonObject, body: JsonObject, ids: list[str]) -> JsonObject:
        need(who, accounts.DRIVE_READ)
        return self._permission(self.drive.for_writing(ids[0], who.account), ids[1])

    def add_permission(self, who: Grant, asked: JsonObject, body: JsonObject, ids: list[str]) -> JsonObject:
        need(who, accounts.DRIVE_WRITE)
        file = self.drive.for_writing(ids[0], who.account)
        address = body.get("emailAddress") or body.get("domain") or ""
        if body.get("type") in ("user", "group", "domain") and not address:
            raise ApiError(
                400,
                "The specified emailAddress is invalid or not applicable for the given permission type.",
                reason="invalid",
            )
        found = share(file, body["type"], address, body["role"])
        self.drive.touch(file, content=False)
        return found

    def change_permission(self, who: Grant, asked: JsonObject, body: JsonObject, ids: list[str]) -> JsonObject:
        need(who, accounts.DRIVE_WRITE)
        file = self.drive.for_writing(ids[0], who.account)
        found = dict(self._permission(file, ids[1]))
        if body.get("role") == "owner" and not asked.get("transferOwnership"):
            raise ApiError(
                403,
                "The transferOwnership parameter must be enabled when the permission role is 'owner'.",
                reason="forbidden",
            )
        found |= {name: body[name] for name in ("role", "pendingOwner") if name in body}
        file.permissions = [found if p["id"] == ids[1] else p for p in file.permissions]
        if body.get("role") == "owner":
            file.permissions = [
                {**p, "role": "writer"} if p["role"] == "owner" and p["id"] != ids[1] else p for p in file.permissions
            ]
            file.owner = found.get("emailAddress", file.owner)
        self.drive.touch(file, content=False)
        return found

    def remove_permission(self, who: Grant, asked: JsonObject, body: JsonObject, ids: list[str]) -> None:
        need(who, accounts.DRIVE_WRITE)
        file = self.drive.for_writing(ids[0], who.account)
        found = self._permission(file, ids[1])
        file.permissions = [p for p in file.permissions if p is not found]
        self.drive.touch(file, content=False)

    # the rest

    def comments(self, who: Grant, asked: JsonObject, body: JsonObject, ids: list[str]) -> JsonObject:
        need(who, accounts.DRIVE_CONTENT)
        return {"kind": "drive#commentList", "comments": self.drive.find(ids[0], who.account).comments}

    def add_comment(self, who: Grant, asked: JsonObject, body: JsonObject, ids: list[str]) -> JsonObject:
        need(who, accounts.DRIVE_WRITE)
        file = self.drive.find(ids[0], who.account)
        found = {"kind": "drive#comment", "id": f"C{len(file.comments) + 1}", "createdTime": stamp(self.drive.clock())}
        found |= {name: body[name] for name in ("content", "anchor", "quotedFileContent") if name in body}
        file.comments.append(found)
        return found

    def shared_drives(self, who: Grant, asked: JsonObject, body: JsonObject, ids: list[str]) -> JsonObject:
        need(who, accounts.DRIVE_READ)
        drives = [{"kind": "drive#drive", "id": d, "name": name} for d, name in self.drive.drives.items()]
        return {"kind": "drive#driveList", "drives": drives}

    def import_csv(self, who: Grant, file_id: str, text: str) -> JsonObject:
        """Drive v2's upload with conversion: the file becomes one sheet with what the CSV holds."""
        need(who, accounts.DRIVE_WRITE)
        file = self.drive.for_writing(file_id, who.account)
        if file.spreadsheet is None:
            raise missing_file(file_id)
        book = file.spreadsheet.copy()
        del book.sheets[1:]
        rows = list(csv.reader(io.StringIO(text)))
        sheet = book.sheets[0]
        sheet.cells, sheet.merges = {}, []
        sheet.rows = max(len(rows), 1)
        sheet.columns = max([len(row) for row in rows] or [1]) or 1
        edit = Edit(book, who.account, who.account)
        for i, row in enumerate(rows):
            for j, value in enumerate(row):
                edit.type_in(edit.spreadsheet.sheets[0], i, j, value)
        file.spreadsheet = edit.spreadsheet
        self.drive.touch(file)
        return {"kind": "drive#file", "id": file.id, "title": file.name, "mimeType": file.mime}


def as_text(spreadsheet: Spreadsheet, delimiter: str) -> str:
    """The first sheet as CSV: shown texts, a full rectangle, no line end after the last row."""
    sheet, values = spreadsheet.sheets[0], Evaluator(spreadsheet)
    filled = [(row, column) for row, column, cell in sheet.inside(sheet.all) if cell.entered is not None]
    columns = max((c for _, c in filled), default=-1) + 1
    lines = []
    for row in range(max((r for r, _ in filled), default=-1) + 1):
        line = []
        for column in range(columns):
            value = values.value(sheet, row, column)
            line.append("" if value is None else shown_text(spreadsheet, sheet.cell(row, column), value))
        lines.append(line)
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(lines)
    return out.getvalue().removesuffix("\r\n")
