"""Listing a folder: whose each workbook is, what is passed over, what is worth telling."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest

from sheets_sync.errors import SourceError
from sheets_sync.sources.excel import Excel
from tests.odd_files import row_xml, sheet_xml, xlsx

BOOK = xlsx({"Л": sheet_xml(row_xml("<c><v>1</v></c>"))})
OURS = xlsx(
    {"Л": sheet_xml("")}, more={"docProps/app.xml": "<Properties><Application>sheets-sync</Application></Properties>"}
)


@pytest.fixture
def inbox(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def put(*paths: str, content: bytes = BOOK):
        for path in paths:
            target = tmp_path / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)

    return put


def names(listing):
    return [(ref.organisation, ref.path) for ref in listing.workbooks]


def told(listing):
    return [(issue.code, issue.severity, issue.at.workbook) for issue in listing.issues]


def test_organisation_is_the_first_folder(inbox):
    """Any depth below it; files directly in the folder belong to the folder itself; sorted by path."""
    inbox("inbox/school-4/б.xlsx", "inbox/school-4/2023/архив/а.ods", "inbox/ds-12/в.XLS", "inbox/общий.csv")
    assert names(Excel("inbox").list()) == [
        ("ds-12", "inbox/ds-12/в.XLS"),
        ("school-4", "inbox/school-4/2023/архив/а.ods"),
        ("school-4", "inbox/school-4/б.xlsx"),
        ("inbox", "inbox/общий.csv"),
    ]


@pytest.mark.parametrize("given", ["inbox/school-4", "inbox/school-4/", "./inbox/school-4"])
def test_path_is_as_given(inbox, given):
    """Plus what was found below it."""
    inbox("inbox/school-4/б.xlsx")
    assert names(Excel(given).list()) == [("school-4", given.rstrip("/") + "/б.xlsx")]


def test_single_file(inbox):
    """It belongs to the organisation named after its folder; any ending will do when asked for by name."""
    inbox("inbox/school-4/б.xlsx", "inbox/school-4/без_имени")
    assert names(Excel("inbox/school-4/б.xlsx").list()) == [("school-4", "inbox/school-4/б.xlsx")]
    assert names(Excel("inbox/school-4/без_имени").list()) == [("school-4", "inbox/school-4/без_имени")]
    (ref,) = Excel("inbox/school-4/б.xlsx").list().workbooks
    assert Path(ref.locator).is_absolute()
    assert (ref.size, ref.mtime_ns) == (len(BOOK), Path(ref.locator).stat().st_mtime_ns)


def test_here(inbox):
    """The current folder has a name too."""
    inbox("school-4/б.xlsx")
    os.chdir("school-4")
    assert names(Excel(".").list()) == [("school-4", "./б.xlsx")]


def test_names_spelled_with_separate_accents(inbox):
    """A Mac writes й as two characters: the organisation is the same, the path stays as it is on the disk."""
    folder = unicodedata.normalize("NFD", "лицей")
    inbox(f"inbox/{folder}/а.xlsx")
    assert names(Excel("inbox").list()) == [("лицей", f"inbox/{folder}/а.xlsx")]


def test_passed_over(inbox):
    """Hidden files, our own folders and files, scans and letters."""
    inbox(
        "inbox/a/а.xlsx",
        "inbox/a/.скрытый.xlsx",
        "inbox/.sheets-sync/x.xlsx",
        "inbox/outbox/a/x.xlsx",
        "inbox/out/x.xlsx",
    )
    inbox("inbox/a/приказ.pdf", "inbox/a/письмо.docx")
    inbox("inbox/a/Проверка.xlsx", content=OURS)
    listing = Excel("inbox", ignore=["inbox/out"]).list()
    assert names(listing) == [("a", "inbox/a/а.xlsx")]
    assert told(listing) == []
    assert {(skipped.path, skipped.why) for skipped in listing.skipped} == {
        ("inbox/.sheets-sync", "hidden"),
        ("inbox/a/.скрытый.xlsx", "hidden"),
        ("inbox/a/Проверка.xlsx", "ours"),
        ("inbox/a/письмо.docx", "not-a-workbook"),
        ("inbox/a/приказ.pdf", "not-a-workbook"),
        ("inbox/out", "ours"),
        ("inbox/outbox", "ours"),
    }


def test_a_schools_own_file_of_our_name_is_read(inbox):
    """Only the mark inside makes a file ours."""
    inbox("inbox/a/Проверка.xlsx", "inbox/a/Мониторинг 2023.xlsx")
    assert len(Excel("inbox").list().workbooks) == 2


@pytest.mark.parametrize("lock", ["~$База.xlsx", "~$за.xlsx", ".~lock.База.xlsx#"])
def test_lock_files(inbox, lock):
    """Somebody has the workbook open: worth knowing, and the lock is no workbook."""
    inbox("inbox/a/База.xlsx")
    inbox(f"inbox/a/{lock}", content=b"\x05user")
    listing = Excel("inbox").list()
    assert names(listing) == [("a", "inbox/a/База.xlsx")]
    assert told(listing) == [("file-locked", "info", "inbox/a/База.xlsx")]
    inbox(f"inbox/b/{lock}", content=b"\x05user")
    assert len(told(Excel("inbox").list())) == 1


def test_other_data_formats_are_told(inbox):
    """Numbers, Google's shortcuts, archives: data we cannot read where it stands."""
    inbox("inbox/a/База.numbers", "inbox/a/всё.zip", "inbox/a/лист.gsheet")
    listing = Excel("inbox").list()
    assert told(listing) == [
        ("file-not-a-workbook", "info", "inbox/a/База.numbers"),
        ("file-not-a-workbook", "info", "inbox/a/всё.zip"),
        ("file-not-a-workbook", "info", "inbox/a/лист.gsheet"),
    ]
    assert dict(listing.issues[0].params) == {"reason": "other-format", "format": ".numbers"}


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_links(inbox, tmp_path):
    """A link within the folder is followed, one leading out is refused, one leading round in a circle ends."""
    inbox("inbox/a/а.xlsx", "elsewhere/б.xlsx")
    (tmp_path / "inbox/b").mkdir()
    (tmp_path / "inbox/b/в.xlsx").symlink_to(tmp_path / "inbox/a/а.xlsx")
    (tmp_path / "inbox/b/г.xlsx").symlink_to(tmp_path / "elsewhere/б.xlsx")
    (tmp_path / "inbox/c").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "inbox/a/круг").symlink_to(tmp_path / "inbox/a")
    (tmp_path / "inbox/b/никуда.xlsx").symlink_to(tmp_path / "inbox/нет.xlsx")
    listing = Excel("inbox").list()
    assert names(listing) == [("a", "inbox/a/а.xlsx"), ("b", "inbox/b/в.xlsx")]
    assert told(listing) == [
        ("file-unreadable", "warning", "inbox/b/г.xlsx"),
        ("file-unreadable", "error", "inbox/b/никуда.xlsx"),
        ("file-unreadable", "warning", "inbox/c"),
    ]


def test_missing_folder(inbox):
    """To the operator, not to a school."""
    with pytest.raises(SourceError, match="no such file or folder"):
        Excel("нет-такой").list()


def test_empty_folder(inbox, tmp_path):
    """Nothing is no error."""
    (tmp_path / "inbox").mkdir()
    assert Excel("inbox").list() == ([], [], [])
