"""A district whose schools keep Google spreadsheets: whole runs against the emulator, what they ask and what they leave."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sheets_sync import run
from sheets_sync.config import Config, load_config
from sheets_sync.google.client import GoogleClient
from sheets_sync.run import google as google_side
from sheets_sync.run.aliases import propose_aliases
from tests.google_emulator import OPERATOR, Emulator, FakeClock, faults
from tests.google_emulator.model import Cell
from tests.small_district import AS_OF, NOW, outbox, school, set_up, sync

SCHOOLS = ("school-1", "school-2", "school-3")


class District:
    """The same schools as files in a folder and as Google spreadsheets, a folder per school, at one emulator."""

    def __init__(self, folder: Path, emulator: Any, names: tuple[str, ...] = SCHOOLS) -> None:
        self.folder, self.emulator = folder, emulator
        self.root = emulator.folder("Район")
        self.own = emulator.spreadsheet("Сводный реестр района", {"Лист": []})
        self.ids = {}
        for name in names:
            path = school(folder / "files" / name)
            self.ids[name] = emulator.spreadsheet("Наставничество", str(path), parent=emulator.folder(name, self.root))
        (folder / "key.json").write_text(json.dumps(emulator.service_account()), encoding="utf-8")
        (folder / "key.json").chmod(0o600)
        self.config = self.configured('folder = "outbox"\n')

    def configured(self, outputs: str) -> Config:
        (self.folder / "config.toml").write_text(
            '[district]\nname = "Район"\nenterprises = { 2023 = 10 }\n[[sources]]\nkind = "google_sheets"\n'
            f'folders = ["{self.root}"]\ncredentials = "key.json"\nbase_url = "{self.emulator.url}"\n'
            f'[engine]\nworkers = 1\n[outputs]\n{outputs}google_spreadsheet = "{self.own}"\n',
            encoding="utf-8",
        )
        return load_config(self.folder / "config.toml")

    def sync(self, **options: Any) -> run.SyncOutcome:
        """A sync a while later."""
        self.emulator.clock.advance(300)
        return sync(self.config, **options)

    def asked(self, outcome: Any = None) -> dict[str, int]:
        """How many requests of each kind since the last time this was asked."""
        kinds = {kind: self.emulator.count(kind) for kind in ("read", "write", "drive")}
        before, self._before = getattr(self, "_before", dict.fromkeys(kinds, 0)), kinds
        return {kind: kinds[kind] - before[kind] for kind in kinds}

    def tabs(self, name: str) -> list[str]:
        """Titles of a school's tabs."""
        return [sheet.title for sheet in self.emulator.book(self.ids[name]).sheets]


@pytest.fixture
def instant(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting for quotas and between tries takes no time."""
    clock = FakeClock()

    def connect(source: Any, access: Any) -> GoogleClient:
        more = {"clock": clock, "sleep": clock.sleep, "random": lambda: 0.5}
        return GoogleClient(access.credentials, base_url=source.base_url, email=access.email, **more)

    monkeypatch.setattr(google_side, "connect", connect)


@pytest.fixture
def district(tmp_path: Path, instant: None) -> Iterator[District]:
    """Three schools; time passes at once."""
    with Emulator(clock=FakeClock()) as emulator:
        yield District(tmp_path, emulator)


def test_the_requests_of_a_run(district: District) -> None:
    """A full read is one request a spreadsheet; after our own write one read and no write; then nothing but a listing."""
    first = district.sync()
    assert not first.failed, first.messages
    asked = district.asked()
    assert (asked["read"], asked["write"]) == (3 + 1, 3 + 1)  # the fourth is the district's own, looked at and written
    assert len(first.shown) == 4
    again = district.sync()
    assert (again.failed, again.shown, again.changed) == (False, [], [])
    assert district.asked() == {"read": 3 + 1, "write": 0, "drive": 1}
    third = district.sync()
    assert (third.failed, third.shown) == (False, [])
    assert district.asked() == {"read": 0, "write": 0, "drive": 1}
    assert "3 reads" not in third.spent
    assert "0 reads, 0 writes" in third.spent


@pytest.mark.system
def test_the_same_schools_as_files_and_at_google(district: District, tmp_path: Path) -> None:
    """Identical issues, rows and figures; the same words in «Проверка» and in the roster."""
    for name in SCHOOLS[1:]:
        (district.folder / "files" / name / "Наставничество.xlsx").unlink()
        path = school(district.folder / "files" / name, mentor="лесная анна", meeting="10.10.2032")
        district.emulator.delete(district.ids[name])
        folder = next(one.id for one in district.emulator.drive.files.values() if one.name == name)
        district.ids[name] = district.emulator.spreadsheet("Наставничество.xlsx", str(path), parent=folder)
    assert not district.sync().failed
    twin = set_up(tmp_path / "twin", more="[outputs]\nfolder = 'outbox'\n")
    (tmp_path / "twin" / "inbox").rmdir()
    (district.folder / "files").rename(tmp_path / "twin" / "inbox")
    twin = load_config(tmp_path / "twin" / "config.toml")
    assert not sync(twin).failed
    assert kept(twin) == kept(district.config)
    for name in SCHOOLS:
        there, here = (cells(folder / "outbox" / name / "Проверка.xlsx") for folder in (district.folder, twin.folder))
        assert there == here
        tab = district.tabs(name).index("Проверка")
        told = [row[:1] for row in district.emulator.values(district.ids[name], tab) if row and row[0]]
        assert [line[0] for line in told[:2]] == [str(row[0]) for row in here["Проверка"] if row and row[0]][:2]


def test_one_cell_mended(district: District) -> None:
    """A person mends a cell: one spreadsheet is read, one is written, and the finding is told as fixed."""
    name = SCHOOLS[0]
    district.emulator.type(district.ids[name], "C2", "14.02.1880", "Наставники")
    district.sync()
    district.sync()
    assert "14.02.1880" in str(district.emulator.values(district.ids[name], "Проверка"))
    district.asked()
    district.emulator.type(district.ids[name], "C2", "14.02.1980", "Наставники")
    outcome = district.sync()
    assert outcome.changed == [f"{name}/Наставничество"]
    asked = district.asked()
    assert (asked["read"], asked["drive"]) == (1 + 1, 1)
    assert asked["write"] in (1, 2)  # the roster tells how many findings there are
    page = str(district.emulator.values(district.ids[name], "Проверка"))
    assert "исправлен" in page.lower()


@pytest.mark.system
def test_notes_on_the_cells_to_be_mended(district: District) -> None:
    """If the config asks for them: on the cell, gone when it is mended, never over a person's."""
    path = district.folder / "config.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("base_url", "notes = true\nbase_url"), encoding="utf-8")
    district.config = load_config(path)
    one = district.ids[SCHOOLS[0]]
    for cell, value in (("C2", "14.02.1880"), ("F2", "+7 900")):
        district.emulator.type(one, cell, value, "Наставники")
    district.emulator.note(one, "F2", "Спросить номер", "Наставники")
    assert not district.sync().failed
    page = district.emulator.sheet(one, "Наставники")
    assert "sheets-sync" in page.cell(1, 2).note
    assert page.cell(1, 5).note == "Спросить номер"
    district.emulator.type(one, "C2", "14.02.1980", "Наставники")
    assert not district.sync().failed
    page = district.emulator.sheet(one, "Наставники")
    assert (page.cell(1, 2).note, page.cell(1, 5).note) == (None, "Спросить номер")


@pytest.mark.system
def test_our_own_tab_is_no_change_of_the_schools(district: District) -> None:
    """When the school handed in is told by what it typed, not by what we wrote into its spreadsheet."""
    import duckdb

    def moments() -> list[int]:
        with duckdb.connect(str(district.config.store / "store.duckdb"), read_only=True) as store:
            return [row[0] for row in store.execute("SELECT mtime_ns FROM workbooks ORDER BY workbook").fetchall()]

    district.sync()
    typed = moments()
    assert all(typed)
    district.sync()
    district.sync(full=True)
    assert moments() == typed


@pytest.mark.system
def test_what_formulas_recalculated_is_seen_within_half_a_day(district: District) -> None:
    """Google may tell of no change then: what was read long ago is read anew, and only what differs is looked at."""
    name = SCHOOLS[0]

    def recalculated(born: str) -> None:
        district.emulator.sheet(district.ids[name], "Наставники").put(1, 2, Cell(born))  # behind the back of Drive

    def later(hours: float) -> run.SyncOutcome:
        district.emulator.clock.advance(3600 * hours)
        outcome = district.sync(now=NOW + timedelta(hours=hours))
        assert not outcome.failed, outcome.messages
        return outcome

    for _ in range(3):
        district.sync()
    district.asked()
    recalculated("14.02.1880")
    assert (later(1).changed, district.asked()) == ([], {"read": 0, "write": 0, "drive": 1})
    planned = run.plan(district.config, as_of=AS_OF, now=NOW + timedelta(hours=12))
    assert [one.why for one in planned.read] == ["aged"]
    district.asked()
    assert later(12).changed == [f"{name}/Наставничество"]
    asked = district.asked()
    assert (asked["read"], asked["drive"]) == (3 + 1, 1)  # the fourth is the district's own: the roster differs
    assert asked["write"] == 2
    assert "14.02.1880" in str(district.emulator.values(district.ids[name], "Проверка"))
    later(13)  # after our own write
    district.asked()
    assert (later(14).changed, district.asked()["read"]) == ([], 0)
    recalculated("14.02.1980")
    path = district.folder / "config.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("base_url", "reread = false\nbase_url"), encoding="utf-8")
    district.config = load_config(path)
    assert later(48).changed == []
    assert district.asked()["read"] == 0


@pytest.mark.system
def test_a_plan_writes_nothing(district: District) -> None:
    """It tells the requests and minutes of a sync, and leaves Google and the working files as they are."""
    planned = run.plan(district.config, as_of=AS_OF, now=NOW)
    assert planned.google is not None
    assert (planned.google.reads, planned.google.writes) == (3 + 1, 3 + 1)
    assert (len(planned.google.cells), all(planned.google.cells.values())) == (4, True)
    assert (district.asked()["write"], district.config.store.exists()) == (0, False)
    outcome = district.sync()
    assert not outcome.failed
    assert (district.asked()["write"], len(outcome.shown)) == (planned.google.writes, 4)
    after = run.plan(district.config, as_of=AS_OF, now=NOW)
    assert after.google is not None
    assert after.google.writes == 0


@pytest.mark.system
def test_nothing_is_written_where_nothing_may_be(district: District) -> None:
    """Spreadsheets shared for looking only: read, and left as they are."""
    path = district.folder / "config.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("base_url", "write_back = false\nbase_url"), encoding="utf-8"
    )
    district.config = load_config(path)
    outcome = district.sync()
    assert (outcome.failed, len(outcome.shown), len(outcome.changed)) == (False, 1, 3)
    assert all("Проверка" not in district.tabs(name) for name in SCHOOLS)


@pytest.mark.system
def test_a_school_that_is_not_shared(district: District) -> None:
    """The others go on; the operator reads whom to share with; what was read before stays until it is shared again."""
    district.sync()
    district.sync()
    before = kept(district.config)
    name = SCHOOLS[1]
    district.emulator.type(district.ids[name], "A9", "что-то", "Наставники")
    district.emulator.faults.add(faults.error(403), method="GET", path=f"/v4/spreadsheets/{district.ids[name]}")
    outcome = district.sync()
    assert (outcome.failed, outcome.unreadable, outcome.withdrawn) == (True, [f"{name}/Наставничество"], [])
    assert kept(district.config)["mentors"] == before["mentors"]
    assert OPERATOR in str(cells(district.folder / "outbox" / name / "Проверка.xlsx"))
    assert not district.sync().failed
    assert len(kept(district.config)["mentors"]) == len(before["mentors"])


@pytest.mark.system
def test_a_spreadsheet_in_the_trash(district: District) -> None:
    """Its rows are withdrawn with a word about it; back from the trash it is read again."""
    district.sync()
    name = SCHOOLS[2]
    district.emulator.trash(district.ids[name])
    outcome = district.sync()
    assert outcome.withdrawn == [f"{name}/Наставничество"]
    assert not [row for row in kept(district.config)["mentors"] if row[0] == name]
    district.emulator.trash(district.ids[name], False)
    assert f"{name}/Наставничество" in district.sync().changed


@pytest.mark.system
def test_the_account_is_refused_in_the_middle(district: District) -> None:
    """Nothing more is asked; nothing is lost; the next run takes up what was left, and that first."""
    district.emulator.faults.add(faults.invalid_grant(), path="/token", nth=2, times=99)
    district.emulator.faults.add(faults.revoked(), method="GET", path="/v4/spreadsheets", nth=2)
    outcome = district.sync()
    assert outcome.failed
    assert len(outcome.unreadable) == 2
    district.emulator.faults.clear()
    since = len(district.emulator.log)
    assert not district.sync().failed
    gets = [one.path for one in district.emulator.log[since:] if one.method == "GET" and "/v4/" in one.path]
    assert district.ids[SCHOOLS[0]] not in "".join(gets[:2])


def test_aliases(district: District) -> None:
    """Headings of spreadsheets are looked at as those of files are; one that Google refuses is told."""
    for name in SCHOOLS:
        district.emulator.type(district.ids[name], "C1", "Появилась на свет", "Наставники")
    refused = f"/v4/spreadsheets/{district.ids[SCHOOLS[2]]}"
    district.emulator.faults.add(faults.error(403), method="GET", path=refused)
    found = propose_aliases(config=district.config, as_of=AS_OF)
    assert [(one.table, one.heading, one.organisations) for one in found.own] == [
        ("mentors", "Появилась на свет", SCHOOLS[:2])
    ]
    assert found.workbooks == 2
    assert [trouble.partition(":")[0] for trouble in found.troubles] == [f"{SCHOOLS[2]}/Наставничество"]
    assert district.emulator.count("write") == 0


@pytest.mark.system
def test_only_google(district: District) -> None:
    """Without a folder for results everything stands at Google."""
    config = district.config = district.configured("")
    assert config.outputs.folder is None
    outcome = district.sync()
    assert (outcome.failed, outcome.written, len(outcome.shown)) == (False, [], 4)
    report = run.report(config, period="2023-12", now=NOW)
    assert (report.failed, report.written, len(report.shown)) == (False, [], 1), report.messages
    titles = [sheet.title for sheet in district.emulator.book(district.own).sheets]
    assert {"Организации", "Пары", "Показатели 2023-12"} <= set(titles), titles
    again = run.report(config, period="2023-12", now=NOW)
    assert (again.failed, again.shown) == (False, [])


FAULTS = {
    "429": lambda: faults.too_many_requests(),
    "403 quota": lambda: faults.quota_403(),
    "502": lambda: faults.html(502),
    "503 though applied": lambda: faults.html(503).though_applied(),
    "cut": lambda: faults.cut(),
    "lost reply": lambda: faults.lost_reply(),
    "half a JSON": lambda: faults.truncated_json(),
    "half a gzip": lambda: faults.truncated_gzip(),
    "401": lambda: faults.revoked(),
}


def everything(district: District) -> dict[str, list[list[list[Any]]]]:
    """Values of all tabs of all spreadsheets."""
    books = {"district": district.own, **district.ids}
    return {
        name: [district.emulator.values(one, n) for n in range(len(district.emulator.book(one).sheets))]
        for name, one in books.items()
    }


def disturbed(folder: Path, fault: str, number: int, lasting: bool) -> tuple[Any, Any, int]:
    """What stands at Google and in the store after a run with a fault at its n-th request and one without."""
    with Emulator(clock=FakeClock()) as emulator:
        folder.mkdir()
        district = District(folder, emulator, SCHOOLS[:1])
        district.config = district.configured("")
        if number:
            emulator.faults.add(FAULTS[fault](), nth=number, times=99 if lasting else 1)
        outcome = district.sync()
        requests = len([one for one in emulator.log if "/token" not in one.path])
        if number:
            emulator.faults.clear()
            if lasting:
                assert outcome.failed
            outcome = district.sync()
        assert not outcome.failed, outcome.messages
        return everything(district), kept(district.config), requests


@pytest.mark.system
@pytest.mark.parametrize("lasting", [False, True])
@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_at_every_step(fault: str, lasting: bool, tmp_path: Path, instant: None) -> None:
    """Whatever fails, once or until the run gives up: the next run comes to the same state; nothing twice."""
    whole, store, requests = disturbed(tmp_path / "0", "", 0, False)
    for number in range(1, requests + 1):
        found, held, _ = disturbed(tmp_path / str(number), fault, number, lasting)
        assert found == whole, f"request {number}"
        assert {name: held[name] for name in ("mentors", "pairs", "issues")} == {
            name: store[name] for name in ("mentors", "pairs", "issues")
        }


@pytest.mark.system
def test_a_lost_reply_in_a_run(tmp_path: Path, instant: None) -> None:
    """Written though nobody heard of it: looked for, found, not written again."""
    whole, store, requests = disturbed(tmp_path / "0", "", 0, False)
    found, held, _ = disturbed(tmp_path / "1", "lost reply", requests - 2, False)
    assert (found, held) == (whole, store)


@pytest.mark.system
def test_undo_shows_what_stood_there(district: District) -> None:
    """Our tabs and files say again what they said before the last sync, people's tabs are untouched; once. Then the
    next sync writes its own again."""
    district.sync()
    before, files = everything(district), outbox(district.folder)
    district.emulator.type(district.ids[SCHOOLS[0]], "C2", "14.02.1880", "Наставники")
    assert len(district.sync().shown) == 2
    after = everything(district)
    typed = after[SCHOOLS[0]][1]
    assert "14.02.1880" in str(typed)
    undone = run.undo(district.config, now=NOW)
    assert not undone.failed
    assert [one.state for one in undone.files if isinstance(one.path, str)] == ["restored", "restored"]
    before[SCHOOLS[0]][1] = typed  # the school's own cell
    assert everything(district) == before
    assert outbox(district.folder) == files
    assert run.undo(district.config, now=NOW).files == []
    again = district.sync()
    assert (again.failed, len(again.shown)) == (False, 2)
    assert everything(district) == after


@pytest.mark.system
def test_undo_of_the_first_sync_takes_our_tabs_away(district: District) -> None:
    """What people keep stays."""
    people = everything(district)
    district.config = district.configured("")
    district.sync()
    assert everything(district) != people
    undone = run.undo(district.config, now=NOW)
    assert [one.state for one in undone.files] == ["removed"] * 4
    assert everything(district) == people
    assert len(district.sync().shown) == 4


@pytest.mark.system
def test_an_undo_that_google_interrupts_goes_on(district: District) -> None:
    """The files are back at once and what Google did not give is named; another undo does the rest."""
    district.sync()
    before, files = everything(district), outbox(district.folder)
    district.emulator.type(district.ids[SCHOOLS[1]], "A2", "31.11.2023", "Встречи")
    district.sync()
    district.emulator.faults.add(faults.error(500), path="/v4/spreadsheets", times=99)
    answer = run.undo(district.config, now=NOW)
    assert answer.failed
    left = [one for one in answer.files if one.state == "left"]
    assert len(left) == 2
    assert all("run undo again" in one.notice and "docs.google.com" in str(one.path) for one in left)
    assert outbox(district.folder) == files
    district.emulator.faults.clear()
    district.emulator.clock.advance(300)
    assert not run.undo(district.config, now=NOW).failed
    before[SCHOOLS[1]][4] = everything(district)[SCHOOLS[1]][4]
    assert everything(district) == before


@pytest.mark.system
def test_a_report_at_google_is_undone(district: District) -> None:
    """Its tabs go, charts and all; the roster beside them stays. Made anew it is put back as it was."""
    district.config = district.configured("")
    district.sync()

    def reported() -> dict[str, Any]:
        sheets = district.emulator.book(district.own).sheets
        return {
            sheet.title: district.emulator.values(district.own, n)
            for n, sheet in enumerate(sheets)
            if sheet.title.endswith("2023-12")
        }

    before = everything(district)
    assert run.report(district.config, period="2023-12", now=NOW).shown
    first = reported()
    assert first
    run.undo(district.config, now=NOW)
    assert everything(district) == before
    run.report(district.config, period="2023-12", now=NOW)
    district.emulator.type(district.ids[SCHOOLS[0]], "F2", 80, "Паспорт")
    district.emulator.type(district.ids[SCHOOLS[0]], "G2", 70, "Паспорт")
    district.sync()
    assert run.report(district.config, period="2023-12", now=NOW).shown
    assert reported() != first
    assert [one.state for one in run.undo(district.config, now=NOW).files] == ["restored"]
    assert reported() == first


def kept(config: Config) -> dict[str, list[tuple[Any, ...]]]:
    """What the store holds of every table, and the issues; paths without what tells a file from a spreadsheet."""
    import duckdb

    with duckdb.connect(str(config.store / "store.duckdb"), read_only=True) as store:
        names = [
            row[0] for row in store.execute("SELECT table_name FROM duckdb_tables() WHERE NOT internal").fetchall()
        ]
        found = {}
        for name in names:
            if name in ("workbooks", "runs"):
                continue
            lines = store.execute(f'SELECT * FROM "{name}"').fetchall()
            found[name] = sorted((tuple(map(_plain, line)) for line in lines), key=repr)
    return found


def _plain(value: Any) -> Any:
    return (
        value.removesuffix(".xlsx").replace("Наставничество.xlsx", "Наставничество")
        if isinstance(value, str)
        else value
    )


def cells(path: Path) -> dict[str, list[list[Any]]]:
    """Values of a workbook's cells by sheet, as shown."""
    import openpyxl

    book = openpyxl.load_workbook(path)
    return {page.title: [[_plain(cell.value) for cell in row] for row in page.iter_rows()] for page in book.worksheets}
