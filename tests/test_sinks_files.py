"""Files are replaced whole or not at all; what is not ours stays; the last run can be undone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from sheets_sync.errors import SourceError
from sheets_sync.reporting.page import Book, Column, Sheet
from sheets_sync.sinks.excel import Excel, render_book, write_book
from sheets_sync.sinks.files import Outputs, mark_of, replace, undo


def text(content: str) -> Callable[[BinaryIO], object]:
    return lambda file: file.write(content.encode())


def book(words: str) -> Book:
    return Book("Проверка", [Sheet("Проверка", [Column("Что не так")], [(words,)])])


@pytest.fixture
def outputs(tmp_path: Path) -> Callable[[], Outputs]:
    return lambda: Outputs(tmp_path / "outbox", tmp_path / ".sheets-sync")


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_failed_write_leaves_yesterdays_file_and_nothing_else(tmp_path: Path) -> None:
    """A run that dies while writing changes nothing."""
    path = tmp_path / "а.md"
    path.write_text("вчера", encoding="utf-8")

    def fails(file: BinaryIO) -> None:
        file.write("половина".encode())
        raise RuntimeError

    with pytest.raises(RuntimeError):
        replace(path, fails)
    assert path.read_text(encoding="utf-8") == "вчера"
    assert names(tmp_path) == {"а.md"}


def test_unchanged_content_is_not_rewritten(tmp_path: Path) -> None:
    """Same bytes: the file keeps its time, so that nobody's sync client wakes up."""
    path = tmp_path / "а" / "б.md"
    first = replace(path, text("раз"))
    before = path.stat()
    assert (first.state, replace(path, text("раз")).state) == ("created", "unchanged")
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    assert replace(path, text("два")).state == "replaced"


@pytest.mark.parametrize("lock", ["~$Проверка.xlsx", ".~lock.Проверка.xlsx#"])
def test_a_file_open_in_a_spreadsheet_program_is_left_and_named(tmp_path: Path, lock: str) -> None:
    """Replacing a workbook somebody has open would lose her work or ours."""
    path = tmp_path / "Проверка.xlsx"
    write_book(book("вчера"), path)
    before = path.read_bytes()
    (tmp_path / lock).touch()
    with pytest.raises(SourceError, match="open in another program") as caught:
        write_book(book("сегодня"), path)
    assert caught.value.transient
    assert caught.value.path == str(path)
    assert path.read_bytes() == before
    write_book(book("вчера"), path)  # nothing to change, nothing to complain of


def test_a_place_that_cannot_be_written_is_a_source_error(tmp_path: Path) -> None:
    """A file where a folder should be: said, not raised as OSError."""
    (tmp_path / "школа").touch()
    with pytest.raises(SourceError):
        replace(tmp_path / "школа" / "Проверка.xlsx", text("а"))


def test_a_strangers_file_is_never_overwritten(tmp_path: Path, outputs: Callable[[], Outputs]) -> None:
    """A person's own «Проверка.xlsx» stays; ours stands beside it, under the same name every time."""
    path = tmp_path / "outbox" / "ш" / "Проверка.xlsx"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"hers")
    for words in ("раз", "два"):
        with outputs() as run:
            done = Excel(run).put(book(words), "ш/Проверка.xlsx")
        assert done.path.name == "Проверка (2).xlsx"
        assert "left alone" in done.notice
    assert path.read_bytes() == b"hers"
    assert names(path.parent) == {"Проверка.xlsx", "Проверка (2).xlsx"}


def test_edits_in_our_file_are_set_aside(tmp_path: Path, outputs: Callable[[], Outputs]) -> None:
    """What a person typed into our workbook is kept beside it; while we have nothing new to say, it just stays."""
    path = tmp_path / "outbox" / "Проверка.md"
    with outputs() as run:
        run.write("Проверка.md", text("раз"))
    path.write_text("раз, моя пометка", encoding="utf-8")
    with outputs() as run:
        assert run.write("Проверка.md", text("раз")).state == "unchanged"
    assert "пометка" in path.read_text(encoding="utf-8")
    with outputs() as run:
        assert "edited" in run.write("Проверка.md", text("два")).notice
    assert path.read_text(encoding="utf-8") == "два"
    assert "пометка" in path.with_name("Проверка (с правками).md").read_text(encoding="utf-8")


def test_files_of_a_run_that_was_killed_are_ours(tmp_path: Path, outputs: Callable[[], Outputs]) -> None:
    """It came not to save the record, and noted the last file but by half: the next run replaces them, nothing is set
    aside."""
    with outputs() as run:
        run.write("а.md", text("раз"))
        run.write("б.xlsx", lambda file: render_book(book("раз"), file))
    record = (tmp_path / ".sheets-sync/written.json").read_bytes()
    with outputs() as run:
        run.write("а.md", text("два"))
        run.write("б.xlsx", lambda file: render_book(book("два"), file))
    (tmp_path / ".sheets-sync/written.json").write_bytes(record)
    journal = tmp_path / ".sheets-sync/undo/changes.jsonl"
    journal.write_bytes(journal.read_bytes()[:-40])
    with outputs() as run:
        run.write("а.md", text("три"))
        run.write("б.xlsx", lambda file: render_book(book("три"), file))
    assert run.notices == []
    assert names(tmp_path / "outbox") == {"а.md", "б.xlsx"}


def test_the_mark_inside_tells_our_file_when_the_record_is_lost(tmp_path: Path) -> None:
    """Ours as written, ours saved again by another program, a stranger's."""
    ours, edited, stranger = (tmp_path / name for name in ("а.xlsx", "б.xlsx", "в.xlsx"))
    write_book(book("раз"), ours)
    import openpyxl

    openpyxl.load_workbook(ours).save(edited)
    openpyxl.Workbook().save(stranger)
    assert [mark_of(path) for path in (ours, edited, stranger)] == ["ours", "edited", "foreign"]


def test_undo_puts_back_what_the_last_writing_run_replaced(tmp_path: Path, outputs: Callable[[], Outputs]) -> None:
    """Replaced files come back, created ones go; a run that changed nothing does not forget the one before."""
    state, root = tmp_path / ".sheets-sync", tmp_path / "outbox"
    with outputs() as run:
        run.write("а.md", text("раз"))
    with outputs() as run:
        run.write("а.md", text("два"))
        run.write("б.md", text("новое"))
        run.write("в.md", text("новое"))
    with outputs() as run:
        run.write("а.md", text("два"))
    (root / "в.md").write_text("чужие правки", encoding="utf-8")
    done = {item.path.name: item.state for item in undo(state)}
    assert done == {"а.md": "restored", "б.md": "removed", "в.md": "left"}
    assert (root / "а.md").read_text(encoding="utf-8") == "раз"
    assert names(root) == {"а.md", "в.md"}
    assert undo(state) == []
    with outputs() as run:  # the restored file is known to be ours
        assert run.write("а.md", text("три")).notice == ""
