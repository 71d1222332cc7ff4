"""Workbooks read on other machines: their bytes go out with the task, their fragments come back as bytes."""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sheets_sync.fragments import fragment_files, fragment_path, fragment_table
from sheets_sync.run.reading import Read, ReadingPlan, finish_reading, prepare_reading

if TYPE_CHECKING:
    from sheets_sync.sources import WorkbookRef

    Reading = Callable[[tuple[WorkbookRef, str]], Read]

_WORKER = "d"  # whose fragments they are here, wherever a workbook was read


class Parcel(NamedTuple):
    """A workbook on its way; ``content`` None where it cannot be had whole, which is then told where it lies."""

    ref: WorkbookRef
    known: str
    content: bytes | None


class Answer(NamedTuple):
    """What came of it: ``fragments`` are the rows and issues, table → compressed text."""

    read: Read
    fragments: dict[str, bytes]


@dataclass(slots=True)
class TravellingWorkbooks:
    """The carrier of reading (``engine_dask.Carrier``): ``plan.fragments`` is the folder here that all rows come to."""

    plan: ReadingPlan

    def pack(self, asked: tuple[WorkbookRef, str]) -> Parcel:
        """A workbook with its bytes."""
        ref, known = asked
        return Parcel(ref, known, self._content(Path(ref.locator)))

    def work(self, function: Reading, parcel: Parcel) -> Answer | None:
        """Read it from a file of the same name, with fragments of its own."""
        if parcel.content is None:
            return None
        with tempfile.TemporaryDirectory(prefix="sheets-sync-") as folder:
            place = Path(folder) / "workbook" / Path(parcel.ref.locator).name
            place.parent.mkdir()
            place.write_bytes(parcel.content)
            fragments = Path(folder) / "fragments"
            asked = parcel.ref._replace(locator=str(place)), parcel.known
            read = self._read(function, asked, fragments)
            made = {fragment_table(path): zlib.compress(path.read_bytes(), 1) for path in fragment_files(fragments)}
        return Answer(read._replace(ref=parcel.ref), made)

    def unpack(self, function: Reading, asked: tuple[WorkbookRef, str], answer: Answer | None) -> Read:
        """The rows are added to the fragments here; what did not travel is read here."""
        folder = Path(self.plan.fragments)
        if answer is None:
            return self._read(function, asked, folder)
        folder.mkdir(parents=True, exist_ok=True)
        for table, content in answer.fragments.items():
            with fragment_path(folder, _WORKER, table).open("ab") as file:
                file.write(zlib.decompress(content))
        return answer.read

    def _content(self, path: Path) -> bytes | None:
        """The file's bytes, if it is not too large and nobody saves it meanwhile."""
        try:
            before = path.stat()
            if before.st_size > self.plan.bounds.file_bytes:
                return None
            content = path.read_bytes()
            after = path.stat()
        except OSError:
            return None
        same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
        return content if same and len(content) == after.st_size else None

    def _read(self, function: Reading, asked: tuple[WorkbookRef, str], fragments: Path) -> Read:
        prepare_reading(replace(self.plan, fragments=str(fragments)), _WORKER)
        try:
            return function(asked)
        finally:
            finish_reading()
