"""Drive listed: a folder per organisation, shortcuts, moves and removals, in as few requests as promised."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from sheets_sync.google.client import GoogleClient
from sheets_sync.google.files import FOLDER, SHORTCUT, SPREADSHEET, DriveListing, file_id, list_drive
from sheets_sync.google.refusals import GoogleUnavailable
from sheets_sync.sources import WorkbookRef
from sheets_sync.sources.google_sheets import GoogleSheets
from tests.google_script import ROBOT, Asked, Reply, Script, client_of, google_error, html, serving

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Drive:
    """Folders and files by id, listed as Drive lists them: children of the folders named, or all of some kinds."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.items: dict[str, dict[str, Any]] = {}
        self.page = 1000
        self.incomplete = False
        self.hidden_at_large: set[str] = set()  # seen in their folders alone
        self.strict = False  # a query for a folder that is not there is refused
        self.most_folders = 10_000
        script.answer = self.answer
        self.folder("root", "", "Район")

    def folder(self, one: str, parent: str, name: str) -> str:
        return self.file(one, parent, name, FOLDER)

    def file(self, one: str, parent: str, name: str, kind: str = SPREADSHEET, **more: Any) -> str:
        self.items[one] = {"id": one, "name": name, "mimeType": kind, "version": "7", "trashed": False,
                           "modifiedTime": "2026-11-01T10:00:00.123Z", "parents": [parent] if parent else []} | more  # fmt: skip
        return one

    def shortcut(self, one: str, parent: str, name: str, target: str) -> str:
        kind = self.items[target]["mimeType"] if target in self.items else SPREADSHEET
        return self.file(one, parent, name, SHORTCUT, shortcutDetails={"targetId": target, "targetMimeType": kind})

    def answer(self, asked: Asked) -> Reply | dict[str, Any]:
        one = asked.path.removeprefix("/drive/v3/files").strip("/")
        if one:
            return self.items[one] if one in self.items else google_error(404, f"File not found: {one}.", "notFound")
        query = asked.query["q"][0]
        assert query.endswith(" and trashed=false")
        parents, kinds = set(re.findall(r"'([^']+)' in parents", query)), set(re.findall("mimeType='([^']+)'", query))
        if len(parents) > self.most_folders:
            return google_error(400, "The query is too complex.", "queryTooComplex")
        if self.strict and not parents <= self.items.keys():
            return google_error(404, "File not found: .", "notFound")
        found = [item for item in self.items.values() if not self._in_trash(item) and
                 (parents & set(item["parents"]) or (item["mimeType"] in kinds and item["id"] not in self.hidden_at_large))]  # fmt: skip
        start = int(asked.query.get("pageToken", ["0"])[0])
        told: dict[str, Any] = {"files": found[start : start + self.page]}
        if start + self.page < len(found):
            told["nextPageToken"] = str(start + self.page)
        return told | ({"incompleteSearch": True} if self.incomplete else {})

    def _in_trash(self, item: Mapping[str, Any]) -> bool:
        return bool(item["trashed"]) or any(
            self._in_trash(self.items[one]) for one in item["parents"] if one in self.items
        )


@pytest.fixture
def drive() -> Iterator[Drive]:
    with serving() as script:
        yield Drive(script)


def listed(drive: Drive, remembered: Mapping[str, Any] | None = None, **more: Any) -> tuple[DriveListing, GoogleClient]:
    client = client_of(drive.script)
    folders = more.pop("folders", ["root"])
    return list_drive(client, folders, more.pop("spreadsheets", {}), remembered or {}, **more), client


def places(found: DriveListing) -> list[tuple[str, str, str]]:
    return [(one.organisation, one.path, one.file["id"]) for one in found.workbooks]


def two_schools(drive: Drive) -> None:
    drive.folder("s1", "root", "Школа 1")
    drive.folder("s2", "root", "Школа 2")
    drive.folder("s1a", "s1", "2023-2024")
    drive.file("g1", "s1", "Наставники")
    drive.file("g2", "s1a", "Пары")
    drive.file("x2", "s2", "База.xlsx", XLSX)


def test_a_sub_folder_per_organisation_any_depth_below(drive: Drive) -> None:
    two_schools(drive)
    found, client = listed(drive)
    assert places(found) == [
        ("Школа 1", "2023-2024/Пары", "g2"),
        ("Школа 1", "Наставники", "g1"),
        ("Школа 2", "База.xlsx", "x2"),
    ]
    assert [one.suffix for one in found.workbooks] == ["", "", ".xlsx"]
    assert client.budget.drive == 3  # one per level


def test_what_lies_in_the_folder_itself_belongs_to_its_own_name(drive: Drive) -> None:
    drive.file("g1", "root", "Общая")
    found, client = listed(drive)
    assert places(found) == [("Район", "Общая", "g1")]
    assert client.budget.drive == 2
    found, client = listed(drive, found.remembered)
    assert (places(found), client.budget.drive) == ([("Район", "Общая", "g1")], 1)


def district(drive: Drive, schools: int, files: int) -> int:
    for school in range(schools):
        drive.folder(f"s{school}", "root", f"Школа {school}")
        for number in range(files):
            drive.file(f"g{school}-{number}", f"s{school}", f"Книга {number}")
    return schools * files


@pytest.mark.parametrize(
    ("schools", "files", "requests"),
    [(3, 1, 1), (40, 20, 1), (20, 75, 2), (60, 49, 3), (400, 1, 1), (400, 3, 2), (130, 12, 2)],
)
def test_nothing_changed_costs_one_listing_per_thousand(drive: Drive, schools: int, files: int, requests: int) -> None:
    """Many sub-folders do not make it more; Sheets is not asked at all."""
    count = district(drive, schools, files)
    assert requests == -(-(count + schools) // 1000)  # folders are listed with the files
    found, _ = listed(drive)
    assert len(found.workbooks) == count
    drive.script.asked.clear()
    again, client = listed(drive, found.remembered)
    assert places(again) == places(found)
    assert (client.budget.drive, client.budget.reads) == (requests, 0)
    assert again.remembered == found.remembered


def test_queries_stay_short_enough_for_an_address(drive: Drive) -> None:
    district(drive, 250, 1)
    drive.hidden_at_large = set(drive.items)
    found, _ = listed(drive)
    listed(drive, found.remembered)
    assert max(len(asked.query["q"][0]) for asked in drive.script.asked) < 6000


def test_a_query_that_is_too_much_for_drive_is_halved(drive: Drive) -> None:
    count = district(drive, 60, 1)
    drive.most_folders = 20
    found, _ = listed(drive)
    assert len(found.workbooks) == count
    assert found.unlisted == []


def test_what_the_account_sees_at_large_is_used_only_where_it_shows_all_that_is_known(drive: Drive) -> None:
    """Else folder by folder, this time and from then on."""
    count = district(drive, 150, 1)
    drive.hidden_at_large = {"g7-0"}
    found, _ = listed(drive)
    again, client = listed(drive, found.remembered)
    assert (len(again.workbooks), client.budget.drive) == (count, 1 + 2)
    again, client = listed(drive, again.remembered)
    assert (len(again.workbooks), client.budget.drive) == (count, 2)


def test_an_account_that_sees_far_more_is_asked_folder_by_folder(drive: Drive) -> None:
    district(drive, 150, 1)
    for number in range(9000):
        drive.file(f"other{number}", "elsewhere", "Чужая")
    found, _ = listed(drive)
    again, _ = listed(drive, found.remembered)
    assert places(again) == places(found)
    third, client = listed(drive, again.remembered)
    assert (places(third), client.budget.drive) == (places(found), 2)


def test_of_what_the_account_sees_at_large_only_our_folders_count(drive: Drive) -> None:
    district(drive, 150, 1)
    drive.folder("foreign", "elsewhere", "Чужое")
    drive.file("foreign-1", "foreign", "Чужая")
    found, _ = listed(drive)
    again, client = listed(drive, found.remembered)
    assert (places(again), client.budget.drive) == (places(found), 1)


def test_a_new_folder_is_gone_into(drive: Drive) -> None:
    two_schools(drive)
    found, _ = listed(drive)
    drive.folder("s3", "root", "Школа 3")
    drive.file("g3", "s3", "Новая")
    again, client = listed(drive, found.remembered)
    assert ("Школа 3", "Новая", "g3") in places(again)
    assert client.budget.drive == 2
    _, client = listed(drive, again.remembered)
    assert client.budget.drive == 1


def test_new_files_moved_folders_and_removals(drive: Drive) -> None:
    two_schools(drive)
    remembered = listed(drive)[0].remembered
    drive.file("g9", "s2", "Ещё")
    drive.items["s1a"]["parents"] = ["s2"]
    drive.items["g1"]["trashed"] = True
    found, client = listed(drive, remembered)
    assert places(found) == [
        ("Школа 2", "2023-2024/Пары", "g2"),
        ("Школа 2", "База.xlsx", "x2"),
        ("Школа 2", "Ещё", "g9"),
    ]
    assert client.budget.drive == 1
    drive.items["s2"]["trashed"] = True
    found, _ = listed(drive, found.remembered)
    assert (places(found), found.unlisted) == ([], [])


@pytest.mark.parametrize("strict", [True, False])
def test_a_folder_that_was_removed_for_good_is_forgotten(drive: Drive, strict: bool) -> None:
    drive.strict = strict
    two_schools(drive)
    remembered = listed(drive)[0].remembered
    for one in ("s1", "s1a", "g1", "g2"):
        del drive.items[one]
    found, _ = listed(drive, remembered)
    assert (places(found), found.unlisted) == ([("Школа 2", "База.xlsx", "x2")], [])
    assert found.remembered["folders"] == ["s2"]


def test_a_root_that_cannot_be_listed_is_told_and_nothing_of_the_source_is_gone(drive: Drive) -> None:
    drive.strict = True
    two_schools(drive)
    found, _ = listed(drive, folders=["root", "unshared"])
    assert len(found.workbooks) == 3
    ((organisation, path, why),) = found.unlisted
    assert (organisation, path, why.reason) == ("", "", "gone")
    assert ROBOT in str(why)


def test_shortcuts_lead_to_files_and_folders(drive: Drive) -> None:
    drive.folder("s1", "root", "Школа 1")
    drive.folder("far", "elsewhere", "Где-то")
    drive.file("g1", "far", "Пары")
    drive.file("g2", "elsewhere", "Одна", version="9")
    drive.shortcut("l1", "s1", "Архив", "far")
    drive.shortcut("l2", "s1", "Ссылка на одну", "g2")
    found, _ = listed(drive)
    assert places(found) == [("Школа 1", "Архив/Пары", "g1"), ("Школа 1", "Ссылка на одну", "g2")]
    assert found.workbooks[1].file["version"] == "9"  # of what it leads to, or edits would go unnoticed
    again, client = listed(drive, found.remembered)
    assert (places(again), client.budget.drive) == (places(found), 1 + 1)


def test_a_file_itself_goes_before_a_shortcut_to_it(drive: Drive) -> None:
    two_schools(drive)
    drive.shortcut("l1", "s2", "А это пары", "g2")
    drive.shortcut("l2", "s2", "А это папка", "s1a")
    found, _ = listed(drive)
    assert len(found.workbooks) == 3
    assert ("Школа 1", "2023-2024/Пары", "g2") in places(found)
    assert ("А это пары", "twice") in found.skipped


def test_shortcuts_in_a_circle_end(drive: Drive) -> None:
    two_schools(drive)
    drive.shortcut("l1", "s1a", "Наверх", "s1")
    drive.shortcut("l2", "s1", "Совсем наверх", "root")
    found, _ = listed(drive)
    assert len(found.workbooks) == 3
    assert [why for _, why in found.skipped] == ["loop", "loop"]


def test_a_shortcut_to_nothing_is_told_to_the_school(drive: Drive) -> None:
    drive.folder("s1", "root", "Школа 1")
    drive.shortcut("l1", "s1", "Пары", "gone")
    found, _ = listed(drive)
    assert [(one.organisation, one.path, one.why.reason) for one in found.unlisted] == [("Школа 1", "Пары", "gone")]


def test_what_is_no_workbook_is_passed_over(drive: Drive) -> None:
    drive.folder("s1", "root", "Школа 1")
    for number, (name, kind) in enumerate(
        [
            ("Приказ", "application/vnd.google-apps.document"),
            ("Фото.jpg", "image/jpeg"),
            ("~$База.xlsx", XLSX),
            ("данные", "application/octet-stream"),
        ]
    ):
        drive.file(f"o{number}", "s1", name, kind)
    drive.file("own", "s1", "Свод")
    for number, (name, kind) in enumerate(
        [("а.xls", "application/vnd.ms-excel"), ("б.ods", "application/vnd.oasis.opendocument.spreadsheet"), ("в.XLSX", "application/octet-stream"),
         ("г.xlsm", "application/vnd.ms-excel.sheet.macroEnabled.12")]
    ):  # fmt: skip
        drive.file(f"w{number}", "s1", name, kind)
    found, _ = listed(drive, ignore=["own"])
    assert [(one.path, one.suffix) for one in found.workbooks] == [
        ("а.xls", ".xls"),
        ("б.ods", ".ods"),
        ("в.XLSX", ".xlsx"),
        ("г.xlsm", ".xlsm"),
    ]
    assert dict(found.skipped) == {"Приказ": "not-a-workbook", "Фото.jpg": "not-a-workbook", "~$База.xlsx": "lock",
                                   "данные": "not-a-workbook", "Свод": "ours"}  # fmt: skip


def test_titles_stay_readable_and_paths_unique(drive: Drive) -> None:
    drive.folder("s1", "root", "Школа 1")
    for one, name in (("aaaaaa1", "Пары"), ("aaaaaa2", "Пары"), ("b", "7/А  класс"), ("c", "")):
        drive.file(one, "s1", name)
    found, _ = listed(drive)
    assert [path for _, path, _ in places(found)] == ["7∕А класс", "Пары", "Пары [aaaaa2]", "—"]


def test_pages_may_be_short_and_empty(drive: Drive) -> None:
    two_schools(drive)
    drive.page = 1
    assert len(listed(drive)[0].workbooks) == 3


def test_an_incomplete_search_lets_nothing_be_taken_for_gone(drive: Drive) -> None:
    two_schools(drive)
    drive.incomplete = True
    found, _ = listed(drive)
    assert [(one.organisation, one.path, one.why.reason) for one in found.unlisted] == [("", "", "incomplete")]


def test_drive_away_is_no_empty_listing(drive: Drive) -> None:
    drive.script.answer = lambda _: html(503)
    with pytest.raises(GoogleUnavailable):
        listed(drive)


def test_single_spreadsheets_by_organisation(drive: Drive) -> None:
    for number in range(5):
        drive.file(f"g{number}", "anywhere", f"Книга {number}")
    ids = {
        "school-1": ["g0", "https://docs.google.com/spreadsheets/d/g1/edit?gid=0#gid=0"],
        "school-2": ["g2", "g3", "g4"],
    }
    found, client = listed(drive, folders=[], spreadsheets=ids)
    assert places(found) == [("school-1", "Книга 0", "g0"), ("school-1", "Книга 1", "g1")] + [
        ("school-2", f"Книга {n}", f"g{n}") for n in (2, 3, 4)
    ]
    assert client.budget.drive == 1


def test_folders_and_single_ones_together_cost_no_more(drive: Drive) -> None:
    """Nor does a single one that is gone make the folders be asked one by one."""
    count = district(drive, 150, 1)
    for number in range(3):
        drive.file(f"single{number}", "anywhere", f"Книга {number}")
    ids = {"t": ["single0", "single1", "single2"]}
    found, _ = listed(drive, spreadsheets=ids)
    again, client = listed(drive, found.remembered, spreadsheets=ids)
    assert (len(again.workbooks), client.budget.drive) == (count + 3, 1)
    del drive.items["single1"]
    again, client = listed(drive, again.remembered, spreadsheets=ids)
    assert (len(again.workbooks), client.budget.drive) == (count + 2, 1 + 1)


def test_a_shortcut_to_what_is_not_seen_at_large_costs_one_request_and_no_more(drive: Drive) -> None:
    count = district(drive, 150, 1)
    drive.file("far", "elsewhere", "Далеко")
    drive.hidden_at_large = {"far"}
    drive.shortcut("l1", "s7", "Ссылка", "far")
    found, _ = listed(drive)
    again, client = listed(drive, found.remembered)
    assert (len(again.workbooks), client.budget.drive) == (count + 1, 1 + 1)


def test_single_ones_that_are_not_seen_at_large_are_asked_for_by_id(drive: Drive) -> None:
    for number in range(3):
        drive.file(f"g{number}", "anywhere", f"Книга {number}")
    drive.file("doc", "anywhere", "Приказ", "application/vnd.google-apps.document")
    drive.hidden_at_large = {"g1"}
    ids = {"s": ["g0", "g1", "g2"], "t": ["none"], "u": ["doc"]}
    found, _ = listed(drive, folders=[], spreadsheets=ids)
    assert [one for _, _, one in places(found)] == ["g0", "g1", "g2"]
    assert [(one.organisation, one.path, one.why.reason) for one in found.unlisted] == [
        ("t", "none", "gone"),
        ("u", "doc", "other-kind"),
    ]
    del drive.items["g2"]
    found, _ = listed(drive, found.remembered, folders=[], spreadsheets=ids)
    assert ("s", "Книга 2") in [(one.organisation, one.path) for one in found.unlisted]  # under the name it was read by


@pytest.mark.parametrize(
    "text",
    ["1AbC_d-9", " 1AbC_d-9 ", "https://docs.google.com/spreadsheets/d/1AbC_d-9/edit#gid=0", "https://drive.google.com/drive/folders/1AbC_d-9?usp=sharing",
     "https://drive.google.com/drive/u/1/folders/1AbC_d-9", "https://docs.google.com/spreadsheets/d/1AbC_d-9"],
)  # fmt: skip
def test_an_address_from_the_browser_is_an_id(text: str) -> None:
    assert file_id(text) == "1AbC_d-9"


# as a source


def test_references_tell_a_change_by_version_and_time(drive: Drive, tmp_path: Path) -> None:
    drive.folder("s1", "root", "Школа 1")
    drive.file("g1", "s1", "Пары", version="41")
    source = GoogleSheets(client_of(drive.script), folders=["root"])
    (ref,) = source.list().workbooks
    assert ref == WorkbookRef("Школа 1", "Пары", "google:g1", 41, 1793527200_123_000_000)


def test_what_cannot_be_listed_is_an_issue_of_the_school(drive: Drive) -> None:
    drive.folder("s1", "root", "Школа 1")
    drive.shortcut("l1", "s1", "Пары", "gone")
    source = GoogleSheets(client_of(drive.script), folders=["root"])
    (issue,) = source.list().issues
    assert (issue.code, issue.at.organisation, issue.at.workbook) == ("file-unreadable", "Школа 1", "Пары")
    assert dict(issue.params) == {"reason": "google-gone", "email": ROBOT}
