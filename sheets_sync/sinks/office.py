"""What our office files have in common: archives without a clock, and telling what a person did to a document since.

A note carries the hash of its words in its custom properties (:data:`WORDS`). Word and LibreOffice keep that property
when they save the document, whatever else they write anew, so that words changed by a person are told from a document
that was merely opened and saved.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Literal
from xml.etree import ElementTree

APPLICATION = "sheets-sync"  # what our files name as their maker; the mark survives a lost record
WORDS = "sheets-sync-words"  # custom property: the hash of a document's words as we wrote them

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_UNSEEN = {f"{_W}{name}" for name in ("pPr", "rPr", "del", "moveFrom", "instrText")}
_SIGNS = {
    f"{_W}{name}": sign
    for name, sign in {
        "tab": "\t",
        "cr": "\n",
        "noBreakHyphen": "\u2011",
        "softHyphen": "\u00ad",
        # what a person may add without a word: a scan of the signature, a remark
        **dict.fromkeys(("drawing", "pict", "object", "commentReference"), "\ufffc"),
        **dict.fromkeys(("footnoteReference", "endnoteReference"), "\ufffc"),
    }.items()
}

Saved = Literal["as written", "saved again", "edited", "foreign"]


def repack(content: BinaryIO, file: BinaryIO, change: Callable[[str, bytes], bytes] = lambda name, part: part) -> None:
    """Copy an office file without the clock of its archive; ``change`` may give a part other content."""
    with zipfile.ZipFile(content) as given, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in given.namelist():
            archive.writestr(zipfile.ZipInfo(name), change(name, given.read(name)), zipfile.ZIP_DEFLATED)


def words_hash(document: bytes) -> str:
    """Hash of what a reader sees in word/document.xml: the words of its paragraphs and tables, in their order.

    Looks, empty paragraphs, breaks of pages and the cutting of text into runs are not in it; pictures and remarks are.
    """
    root = _xml(document)
    paragraphs = ("".join(_words(paragraph)).strip() for paragraph in root.iter(f"{_W}p"))
    return hashlib.sha256("\n".join(filter(None, paragraphs)).encode()).hexdigest()


def _words(element: ElementTree.Element) -> Iterator[str]:
    for child in element:
        if child.tag == f"{_W}t":
            yield child.text or ""
        elif child.tag == f"{_W}br":
            if child.get(f"{_W}type", "textWrapping") == "textWrapping":
                yield "\n"
        elif child.tag in _SIGNS:
            yield _SIGNS[child.tag]
        elif child.tag not in _UNSEEN:
            yield from _words(child)


def written_words(path: Path) -> str | None:
    """The hash of its words a document of ours was written with; None for any other file."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _property(archive)
    except (OSError, zipfile.BadZipFile, KeyError, RuntimeError, ElementTree.ParseError):
        return None


def saved(path: Path) -> Saved:
    """What became of a document since we wrote it.

    ``saved again``: by another program, with the words we wrote. ``edited``: ours, with other words, or with no telling
    any more whether they are ours. Raises OSError when it cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            application, author = is_marked(archive, names)
            before = _property(archive) if "docProps/custom.xml" in names else None
            if not (application or author or before):
                return "foreign"
            if before is None or words_hash(archive.read("word/document.xml")) != before:
                return "edited"
            return "as written" if application else "saved again"
    except (zipfile.BadZipFile, KeyError, RuntimeError, ElementTree.ParseError):
        return "foreign"


def was_edited(path: Path) -> bool:
    """Whether a document says something else than we wrote; one that never was ours counts as edited."""
    return saved(path) not in ("as written", "saved again")


def is_marked(archive: zipfile.ZipFile, names: set[str]) -> tuple[bool, bool]:
    """Whether an office file names us as the application that saved it, and as its author."""
    application = archive.read("docProps/app.xml") if "docProps/app.xml" in names else b""
    author = archive.read("docProps/core.xml") if "docProps/core.xml" in names else b""
    return (
        f"<Application>{APPLICATION}</Application>".encode() in application,
        f">{APPLICATION}</dc:creator>".encode() in author,
    )


def custom_properties(words: str) -> bytes:
    """The part docProps/custom.xml that carries the hash."""
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"'
        ' xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">'
        f'<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="2" name="{WORDS}">'
        f"<vt:lpwstr>{words}</vt:lpwstr></property></Properties>"
    ).encode()


def _property(archive: zipfile.ZipFile) -> str | None:
    for item in _xml(archive.read("docProps/custom.xml")):
        if item.get("name") == WORDS:
            return "".join(item.itertext()).strip() or None
    return None


def _xml(part: bytes) -> ElementTree.Element:
    if b"<!DOCTYPE" in part:  # no office program writes one; entities could be made to fill the memory
        raise ElementTree.ParseError("a document type is not expected")
    return ElementTree.fromstring(part)  # noqa: S314 (without a document type there are no entities)


def numbered(path: Path) -> Iterator[Path]:
    """«Имя (2).docx», «Имя (3).docx» … beside «Имя.docx»; they end, after a thousand."""
    for number in range(2, 1000):
        yield path.with_name(f"{path.stem} ({number}){path.suffix}")


def free_name(folder: Path, name: str) -> str:
    """The name itself while nothing stands there, else the first numbered one that is free."""
    path = folder / name
    return next(option for option in (path, *numbered(path)) if not option.exists()).name
