"""The emulator as tests use it: started in a thread, seeded, looked into, and made to fail."""

import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from . import seeding
from .a1 import JsonObject
from .drive import FOLDER, ROOT, SHORTCUT, SPREADSHEET, XLSX, File, grant
from .faults import Faults
from .formulas import Evaluator
from .locales import locale_of
from .model import CellError, Sheet, Spreadsheet
from .server import Server
from .service import OPERATOR, Logged, Service

Rows = Iterable[Sequence[Any]]
PERSON = "school@emulated.example"


class Emulator:
    """Google Sheets and Drive on loopback. As a context manager it fails, at the end, on every request or answer that
    is not valid by Google's discovery documents; a test that means to send such a request empties `problems`."""

    def __init__(self, *, port: int = 0, token: str = "", clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.faults = Faults()
        self.service = Service(clock)
        self.server = Server(port, self.service, self.faults)
        if token:
            self.service.accounts.accept(token, OPERATOR)
        self._thread: threading.Thread | None = None

    # running

    @property
    def url(self) -> str:
        return self.server.address

    def start(self) -> "Emulator":
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        self.server.shutdown()
        self.server.cut_all()
        self.server.server_close()
        if self._thread is not None:
            self._thread.join()

    def __enter__(self) -> "Emulator":
        return self.start()

    def __exit__(self, kind: object, *_: object) -> None:
        self.stop()
        if kind is None and self.problems:
            raise AssertionError("not valid by Google's documents:\n" + "\n".join(self.problems))

    # who may ask

    def service_account(self, email: str = OPERATOR, key: int = 0) -> JsonObject:
        """The content of a key file of a new service account."""
        with self.service.lock:
            return self.service.accounts.service_account(email, f"{self.url}/token", key)

    def person(self, email: str = PERSON) -> JsonObject:
        """The content of an authorized-user file of a person."""
        with self.service.lock:
            return self.service.accounts.person(email, f"{self.url}/token")

    def accept(self, token: str, email: str = OPERATOR) -> None:
        """Take a bearer token for an account's, for good."""
        self.service.accounts.accept(token, email)

    def withdraw(self, email: str = OPERATOR) -> None:
        """The account's key is deleted: its tokens are worth nothing, new ones are refused with invalid_grant."""
        self.service.accounts.withdraw(email)

    def revoke_tokens(self) -> None:
        """Tokens given out so far are worth nothing."""
        self.service.accounts.revoke()

    # seeding

    def folder(
        self, name: str, parent: str = "", *, shared_with: Sequence[str] = (OPERATOR,), role: str = "writer"
    ) -> str:
        """A folder; its id. It and what lies in it is seen by those it is shared with."""
        return self._file(name, FOLDER, parent, shared_with, role=role).id

    def shared_drive(self, name: str, members: Sequence[str] = (OPERATOR,)) -> str:
        """A shared drive; its id, which is the id of its top folder too."""
        with self.service.lock:
            file = self._file(name, FOLDER, "", members)
            file.drive = file.id
            file.parents = []
            self.service.drive.drives[file.id] = name
            return file.id

    def spreadsheet(
        self,
        title: str,
        source: str | Path | Mapping[str, Rows] | Rows | None = None,
        *,
        parent: str = "",
        locale: str = "ru_RU",
        time_zone: str = "Europe/Moscow",
        shared_with: Sequence[str] = (OPERATOR,),
        role: str = "writer",
        owner: str = PERSON,
    ) -> str:
        """A spreadsheet; its id. `source`: an .xlsx file, rows of the only tab, or rows by tab."""
        with self.service.lock:
            file = self._file(title, SPREADSHEET, parent, shared_with, role=role, owner=owner)
            book = self.book(file.id)
            book.locale, book.time_zone = locale, time_zone
            book.sheets[0].title = locale_of(locale).sheet + "1"
            if isinstance(source, str | Path):
                seeding.from_xlsx(str(source), book)
            elif isinstance(source, Mapping):
                book.sheets = []
                for number, (name, rows) in enumerate(source.items()):
                    sheet = Sheet(number and book.new_id(), name)
                    seeding.fill(sheet, rows)
                    book.sheets.append(sheet)
            elif source is not None:
                seeding.fill(book.sheets[0], source)
            return file.id

    def xlsx(
        self, name: str, content: bytes | str | Path, *, parent: str = "", shared_with: Sequence[str] = (OPERATOR,)
    ) -> str:
        """An .xlsx file lying on Drive; its id."""
        return self.binary(name, content, XLSX, parent=parent, shared_with=shared_with)

    def binary(
        self,
        name: str,
        content: bytes | str | Path,
        mime: str,
        *,
        parent: str = "",
        shared_with: Sequence[str] = (OPERATOR,),
    ) -> str:
        """Any other file lying on Drive; its id."""
        with self.service.lock:
            file = self._file(name, mime, parent, shared_with)
            file.content = content if isinstance(content, bytes) else Path(content).read_bytes()
            return file.id

    def shortcut(self, name: str, target: str, parent: str = "") -> str:
        """A shortcut to a file or folder; its id."""
        with self.service.lock:
            file = self._file(name, SHORTCUT, parent, (OPERATOR,))
            file.target = target
            return file.id

    def _file(
        self,
        name: str,
        mime: str,
        parent: str,
        shared_with: Sequence[str],
        role: str = "writer",
        owner: str = PERSON,
    ) -> File:
        with self.service.lock:
            file = self.service.drive.make(name, mime, owner, [parent or ROOT])
            if not parent:
                for account in shared_with:
                    grant(file, "anyone" if account == "anyone" else "user", account, role)
            return file

    # what people do meanwhile

    def file(self, file_id: str) -> File:
        return self.service.drive.files[file_id]

    def book(self, file_id: str) -> Spreadsheet:
        """The spreadsheet as it is now; after a change the emulator has another object."""
        book = self.file(file_id).spreadsheet
        assert book is not None, f"{file_id} is no spreadsheet"
        return book

    def sheet(self, file_id: str, title: str | int = 0) -> Sheet:
        """A tab by its title or its place."""
        book = self.book(file_id)
        found = book.sheets[title] if isinstance(title, int) else book.titled(title)
        assert found is not None, f"no tab {title}"
        return found

    def type(self, file_id: str, cell: str, value: Any, tab: str | int = 0) -> None:
        """A person puts a value (as in `spreadsheet`) into a cell; None empties it."""
        self._each(file_id, tab, cell, lambda sheet, row, column: self._type(sheet, row, column, value))

    @staticmethod
    def _type(sheet: Sheet, row: int, column: int, value: Any) -> None:
        from dataclasses import replace

        from .model import Cell, Formula

        old = sheet.cell(row, column)
        if isinstance(value, Cell):
            sheet.put(row, column, value)
            return
        entered, number_format = (value, None) if isinstance(value, Formula) else seeding.value_of(value)
        look = {**(old.format or {}), "numberFormat": number_format} if number_format else old.format
        sheet.put(row, column, replace(old, entered=entered, format=look, runs=None))

    def note(self, file_id: str, cell: str, text: str | None, tab: str | int = 0) -> None:
        """A person puts a note on a cell."""
        from dataclasses import replace

        self._each(file_id, tab, cell, lambda s, r, c: s.put(r, c, replace(s.cell(r, c), note=text)))

    def _each(self, file_id: str, tab: str | int, cells: str, change: Callable[[Sheet, int, int], None]) -> None:
        from .a1 import parse_cells

        with self.service.lock:
            sheet, box = self.sheet(file_id, tab), parse_cells(cells)
            assert box is not None, f"{cells} is no range"
            area = sheet.area(box)
            for row in range(area.top, area.bottom):
                for column in range(area.left, area.right):
                    change(sheet, row, column)
            self.service.drive.touch(self.file(file_id))

    def merge(self, file_id: str, cells: str, tab: str | int = 0) -> None:
        self.batch(file_id, [{"mergeCells": {"range": self.grid_range(file_id, cells, tab), "mergeType": "MERGE_ALL"}}])

    def protect(
        self, file_id: str, cells: str = "", tab: str | int = 0, *, warning: bool = False, editors: Sequence[str] = ()
    ) -> None:
        """A person protects a range, or a whole tab, from everybody but the `editors`."""
        place = self.grid_range(file_id, cells, tab)
        protected: JsonObject = {"range": place, "warningOnly": warning}
        if not warning:
            protected["editors"] = {"users": list(editors)}
        self.batch(file_id, [{"addProtectedRange": {"protectedRange": protected}}])

    def hide(self, file_id: str, tab: str | int = 0, hidden: bool = True) -> None:
        properties = {"sheetId": self.sheet(file_id, tab).id, "hidden": hidden}
        self.batch(file_id, [{"updateSheetProperties": {"properties": properties, "fields": "hidden"}}])

    def rename_tab(self, file_id: str, title: str, tab: str | int = 0) -> None:
        properties = {"sheetId": self.sheet(file_id, tab).id, "title": title}
        self.batch(file_id, [{"updateSheetProperties": {"properties": properties, "fields": "title"}}])

    def chart_tab(self, file_id: str, title: str) -> None:
        """A tab that is a chart and has no cells."""
        with self.service.lock:
            book = self.book(file_id)
            book.sheets.append(Sheet(book.new_id(), title, type="OBJECT"))

    def batch(self, file_id: str, requests: list[JsonObject], account: str = PERSON) -> list[JsonObject]:
        """Any `batchUpdate` as another person's doing, without HTTP."""
        from .editing import Edit
        from .sheet_requests import batch_update

        with self.service.lock:
            file = self.file(file_id)
            edit = Edit(self.book(file_id), account, file.owner, self.clock())
            replies = batch_update(edit, requests)
            self.service.sheets.keep(file, edit)
            return replies

    def grid_range(self, file_id: str, cells: str, tab: str | int = 0) -> JsonObject:
        from .a1 import parse_cells

        sheet = self.sheet(file_id, tab)
        box = parse_cells(cells) if cells else None
        return {"sheetId": sheet.id} | (sheet.area(box).json() if box else {})

    def share(self, file_id: str, email: str = OPERATOR, role: str = "writer") -> None:
        with self.service.lock:
            grant(self.file(file_id), "user", email, role)
            self.service.drive.touch(self.file(file_id), content=False)

    def unshare(self, file_id: str, email: str = OPERATOR) -> None:
        with self.service.lock:
            file = self.file(file_id)
            file.permissions = [p for p in file.permissions if p.get("emailAddress") != email]
            self.service.drive.touch(file, content=False)

    def trash(self, file_id: str, trashed: bool = True) -> None:
        with self.service.lock:
            self.file(file_id).trashed = trashed
            self.service.drive.touch(self.file(file_id), content=False)

    def move(self, file_id: str, parent: str) -> None:
        with self.service.lock:
            self.file(file_id).parents = [parent]
            self.service.drive.touch(self.file(file_id), content=False)

    def delete(self, file_id: str) -> None:
        with self.service.lock:
            self.service.drive.remove(self.file(file_id))

    # looking

    def values(self, file_id: str, tab: str | int = 0) -> list[list[Any]]:
        """The values of a tab as rows without trailing empties; errors as their texts."""
        sheet, book = self.sheet(file_id, tab), self.book(file_id)
        known = Evaluator(book, self.clock())
        rows: list[list[Any]] = []
        for row, column, _ in sheet.inside(sheet.all):
            value = known.value(sheet, row, column)
            if value is None:
                continue
            rows += [[] for _ in range(row + 1 - len(rows))]
            rows[row] += [None] * (column - len(rows[row]))
            rows[row].append(value.text if isinstance(value, CellError) else value)
        return rows

    @property
    def log(self) -> list[Logged]:
        """Every request so far, those to the token endpoint included."""
        return self.service.log

    @property
    def problems(self) -> list[str]:
        return self.service.problems

    def count(self, kind: str = "", *, method: str = "", path: str = "", status: int = 0, since: int = 0) -> int:
        """Requests in the log: of a kind (`read`, `write`, `drive`, `token`), method, path pattern, status; `since` is a
        place in the log."""
        return sum(
            (not kind or entry.kind == kind)
            and (not method or entry.method == method)
            and (not path or bool(re.search(path, entry.path)))
            and (not status or entry.status == status)
            for entry in self.log[since:]
        )

    def quota(self, reads: int | None = 60, writes: int | None = 60) -> None:
        """Limit Sheets requests a minute and account; None: no limit."""
        self.service.quotas.set(reads, writes)

    @property
    def drive(self) -> Any:
        """Drive itself: `lag`, `page_limit` and `incomplete` change how its listings behave."""
        return self.service.drive
