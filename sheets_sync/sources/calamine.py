"""python-calamine, held so that whatever happens in it ends as Refused."""

from __future__ import annotations

import io
import os
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sheets_sync.sources.refused import Refused
from sheets_sync.sources.xlsx_cells import DURATION, MOMENT, NUMBER

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

T = TypeVar("T")


def open_book(path: Path, content: bytes, suffixes: set[str]) -> CalamineWorkbook:
    """The workbook in calamine's hands; by path where its name tells its kind (faster), else from the bytes."""
    from python_calamine import CalamineWorkbook

    if path.suffix.lower() in suffixes:
        return guarded(lambda: CalamineWorkbook.from_path(str(path)))
    return guarded(lambda: CalamineWorkbook.from_filelike(io.BytesIO(content)))


def guarded(call: Callable[[], T]) -> T:
    """Call into calamine; whatever goes wrong there, a Rust panic included, is Refused."""
    from python_calamine import PasswordError

    try:
        with _silent():
            return call()
    except PasswordError as error:
        raise Refused("file-encrypted") from error
    except MemoryError as error:
        raise Refused("file-too-large", "cells") from error
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # a panic in Rust derives from BaseException
        raise Refused("file-unreadable", "damaged") from error


@contextmanager
def _silent() -> Iterator[None]:
    """Rust writes of its panics to the standard error by itself; what happened is told as an issue instead."""
    try:
        kept = os.dup(2)
    except OSError:  # there is none: a service, a window without a console
        yield
        return
    sys.stderr.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(nowhere)
        os.close(kept)


def worksheets(book: CalamineWorkbook) -> list[tuple[str, bool]]:
    """(name, visible) of every sheet that holds cells; charts, dialogs and modules are passed over."""
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    return [
        (sheet.name, sheet.visible == SheetVisibleEnum.Visible)
        for sheet in book.sheets_metadata
        if sheet.typ in (SheetTypeEnum.WorkSheet, SheetTypeEnum.MacroSheet)
    ]


_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PARTS = {
    "_rels/.rels": '<Relationships><Relationship Id="b" Type="{links}/officeDocument" Target="xl/workbook.xml"/>'
    "</Relationships>",
    "xl/workbook.xml": '<workbook xmlns:r="{links}"><sheets><sheet name="s" sheetId="1" r:id="s"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": "<Relationships>"
    '<Relationship Id="s" Type="{links}/worksheet" Target="worksheets/sheet1.xml"/>'
    '<Relationship Id="f" Type="{links}/styles" Target="styles.xml"/></Relationships>',
}


@lru_cache(maxsize=64)
def number_formats(styles: bytes) -> tuple[str, ...]:
    """What a number is by its cell's style (the ``s``), for every style of ``styles.xml``: asked, not guessed.

    python-calamine reads a small workbook with these styles and one number in each. Raises Refused if it will not.
    """
    count = styles[max(styles.find(b"<cellXfs"), 0) : max(styles.find(b"</cellXfs>"), 0)].count(b"<xf")
    cells = "".join(f'<row r="{i + 1}"><c r="A{i + 1}" s="{i}"><v>1.5</v></c></row>' for i in range(count))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, part in _PARTS.items():
            archive.writestr(name, part.format(links=_LINKS))
        archive.writestr("xl/styles.xml", styles)
        archive.writestr("xl/worksheets/sheet1.xml", f"<worksheet><sheetData>{cells}</sheetData></worksheet>")
    book = open_book(Path(), file.getvalue(), set())
    values = guarded(lambda: book.get_sheet_by_index(0).to_python())
    kinds = {float: NUMBER, datetime: MOMENT, timedelta: DURATION}
    return tuple(kinds[type(row[0])] for row in values)
