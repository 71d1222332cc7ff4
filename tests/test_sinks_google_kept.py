"""What our tabs at Google show, kept beside the store."""

from __future__ import annotations

from pathlib import Path

from sheets_sync.reporting.page import Book, Column, Sheet
from sheets_sync.sinks.google_kept import KeptTabs, kept_showing
from sheets_sync.sinks.undo_journal import UNDO, UndoJournal, changes

ODD = "две\u2028строки\x85и\nещё \ud800"


def book(text: str) -> Book:
    return Book("Проверка", [Sheet("Проверка", (Column("Что не так"),), [(text,)])])


def test_what_is_replaced_is_kept_once_per_run(tmp_path: Path) -> None:
    """The first change of a run ends what the run before could undo; what the tabs show now is there all the time."""
    for text in ("раз", "два", ODD):
        tabs, journal = KeptTabs(tmp_path), UndoJournal(tmp_path)
        tabs.replaced(journal, "google:1", "findings", "created" if text == "раз" else "replaced")
        tabs.replaced(journal, "google:2", "findings", "replaced")  # nothing was ever kept of these
        tabs.show("google:1", "findings", book(text), "", "account")
    first, second = changes(tmp_path / UNDO)
    assert (first.was, first.group, second.kept) == ("replaced", "findings", "")
    before = kept_showing(tmp_path / UNDO / first.kept)
    now = tabs.now("google:1", "findings")
    assert before
    assert now
    assert before == ((book("два")), "", "account")
    assert list(now.book.sheets[0].rows) == [(ODD,)]
    tabs.put_back("google:1", "findings", tmp_path / UNDO / first.kept)
    assert tabs.now("google:1", "findings") == before
    tabs.forget("google:1", "findings")
    assert not tabs.holds("google:1", "findings")
    assert tabs.now("google:1", "findings") is None


def test_a_spoilt_file_keeps_nothing(tmp_path: Path) -> None:
    tabs = KeptTabs(tmp_path)
    tabs.show("google:1", "roster", book("раз"), "", "")
    (place,) = (tmp_path / "google").iterdir()
    for spoilt in (b"", b"\x1f\x8b", place.read_bytes()[:40], place.read_bytes()[:-20]):
        place.write_bytes(spoilt)
        assert tabs.now("google:1", "roster") is None
