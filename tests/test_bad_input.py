"""Bad input is normal input: a located message for each, the others go on, nothing is lost, yesterday's outputs stay."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import time
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from sheets_sync import run
from sheets_sync.issues import Issue
from tests.odd_files import compound, xlsx
from tests.program import ENVIRONMENT, command, process
from tests.small_district import AS_OF, outbox, school, set_up, sync, synced, text_of, tree, workbook

BOOK = "Наставничество.xlsx"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(200)


def good(folder: Path) -> bytes:
    path = school(folder / "made")
    content = path.read_bytes()
    shutil.rmtree(folder / "made")
    return content


def liar(content: bytes) -> bytes:
    """A workbook whose central directory is cut off, as a broken transfer leaves it."""
    return content[: len(content) // 2]


BAD: dict[str, tuple[Any, str]] = {
    "encrypted": (lambda _: compound({"EncryptionInfo": b"x", "EncryptedPackage": b"x"}), "file-encrypted"),
    "empty": (lambda _: b"", "file-empty"),
    "truncated": (liar, "file-unreadable: truncated"),
    "garbage": (lambda _: b"PK\x03\x04" + bytes(range(256)) * 20, "file-unreadable: truncated"),
    "picture": (lambda _: PNG, "file-not-a-workbook: picture"),
    "bomb": (lambda _: xlsx({"Л": b" " * 100_000_000}), "file-too-large: expands"),
}
CODES = {why.partition(":")[0] for _, why in BAD.values()}


@pytest.mark.system
def test_unreadable_from_the_start(tmp_path: Path) -> None:
    """One issue at each such workbook, of its own kind; all schools' outputs come out as if it were not there."""
    config = set_up(tmp_path, "school-a", *BAD)
    for kind, (make, _) in BAD.items():
        (tmp_path / f"inbox/{kind}/Ещё.xlsx").write_bytes(make(good(tmp_path)))
    outcome = sync(config)
    assert outcome.failed
    assert outcome.unreadable == sorted(f"{kind}/Ещё.xlsx" for kind in BAD)
    assert outcome.why == {f"{kind}/Ещё.xlsx": why for kind, (_, why) in BAD.items()}
    for kind, (_, why) in BAD.items():
        told = text_of(tmp_path / f"outbox/{kind}/Проверка.xlsx")
        assert {word for word in CODES if word in told} == {why.partition(":")[0]}
        assert "Ещё.xlsx" in told
    told = text_of(tmp_path / "outbox/school-a/Проверка.xlsx")
    assert [word for word in CODES if word in told] == []
    roster = people(tmp_path)
    for name in ("school-a", *BAD):
        assert [line for line in roster if name in line]


@pytest.mark.system
@pytest.mark.long
def test_workbook_that_becomes_unreadable_keeps_its_rows(tmp_path: Path) -> None:
    """The roster stays as it was; each run says so until the file is mended, and then all is as before."""
    kinds = ("empty", "encrypted", "picture", "truncated")
    config = set_up(tmp_path, "school-a")
    paths = {kind: school(tmp_path / "inbox" / kind, meeting="31.11.2023") for kind in kinds}
    sync(config)
    roster = people(tmp_path)
    before, contents = outbox(tmp_path), {kind: path.read_bytes() for kind, path in paths.items()}
    for kind, path in paths.items():
        path.write_bytes(BAD[kind][0](contents[kind]))
        assert "31.11.2023" in text_of(tmp_path / f"outbox/{kind}/Проверка.xlsx")
    books = [f"{kind}/{BOOK}" for kind in kinds]
    for _ in range(2):
        outcome = sync(config)
        assert (outcome.failed, outcome.unreadable) == (True, books)
        assert outcome.why == {f"{kind}/{BOOK}": BAD[kind][1] for kind in kinds}
        assert people(tmp_path) == roster
    for kind in kinds:
        told = text_of(tmp_path / f"outbox/{kind}/Проверка.xlsx")
        assert "31.11.2023" in told  # what was said of the rows that stand
        assert "справлен" not in "\n".join(line for line in told.splitlines() if "31.11.2023" in line)
        assert BAD[kind][1].partition(":")[0] in told
    standing = {one.id: one.unreadable for one in run.status(config).organisations}
    assert standing == {"school-a": [], **{kind: [f"{kind}/{BOOK}"] for kind in kinds}}
    for kind, path in paths.items():
        path.write_bytes(contents[kind])
    assert sorted(sync(config).changed) == books
    assert outbox(tmp_path).keys() == before.keys()
    assert people(tmp_path) == roster


def people(folder: Path) -> list[str]:
    told = text_of(folder / "outbox/district/Сводный реестр.xlsx").splitlines()
    return [line for line in told if "Лесная" in line]


def test_lasting_trouble_is_not_read_again(tmp_path: Path) -> None:
    """A password does not go away by itself: the next run with nothing new opens nothing, and still says it."""
    config = set_up(tmp_path, "school-a")
    (tmp_path / "inbox/school-a/п.xlsx").write_bytes(BAD["encrypted"][0](b""))
    sync(config)
    before = tree(tmp_path / "outbox")
    outcome = sync(config)
    assert (outcome.changed, outcome.written, outcome.failed) == ([], [], True)
    assert outcome.unreadable == ["school-a/п.xlsx"]
    assert tree(tmp_path / "outbox") == before


def test_passing_trouble_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file locked by another program is read once it is free, though it is the same file."""
    from sheets_sync.sources import excel

    config = set_up(tmp_path, "school-a")
    real = excel.read_grids

    def locked(*arguments: Any) -> Any:
        raise PermissionError(13, "in use")

    monkeypatch.setattr(excel, "read_grids", locked)
    assert sync(config).why == {f"school-a/{BOOK}": "file-locked: no-permission"}
    monkeypatch.setattr(excel, "read_grids", real)
    outcome = sync(config)
    assert (outcome.changed, outcome.unreadable, outcome.failed) == ([f"school-a/{BOOK}"], [], False)
    assert people(tmp_path)
    assert sync(config).changed == []


@pytest.mark.system
def test_file_that_keeps_changing_keeps_its_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Saved while it is read, twice: said, its rows stay, and the next run reads it."""
    from sheets_sync.sources import excel

    config = set_up(tmp_path, "school-a")
    path = tmp_path / "inbox/school-a" / BOOK
    sync(config)
    real, count = excel.read_grids, 0

    def saved_meanwhile(*arguments: Any) -> Any:
        nonlocal count
        count += 1
        os.utime(path, (1_700_000_000, 1_700_000_000 + count))
        return real(*arguments)

    school(tmp_path / "inbox/school-a", meeting="11.10.2023")
    monkeypatch.setattr(excel, "read_grids", saved_meanwhile)
    outcome = sync(config)
    assert outcome.why == {f"school-a/{BOOK}": "file-changed"}
    assert people(tmp_path)
    monkeypatch.setattr(excel, "read_grids", real)
    assert sync(config).unreadable == []


def test_worker_that_dies_is_said_in_the_findings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong inside: an issue at the workbook, no half of it in the store, the others go on."""
    import sheets_sync.recognise

    config = set_up(tmp_path, "school-a", "school-b")
    real, seen = sheets_sync.recognise.recognise, []

    def faulty(grid: Any, definitions: Any, organisation: str, path: str) -> Any:
        seen.append(grid.sheet)
        if organisation == "school-a" and grid.sheet == "Пары":
            raise RuntimeError("a mistake of ours")
        return real(grid, definitions, organisation, path)

    monkeypatch.setattr(sheets_sync.recognise, "recognise", faulty)
    outcome = sync(config)
    assert outcome.why == {f"school-a/{BOOK}": "file-unreadable: failed"}
    assert len(people(tmp_path)) == len([line for line in people(tmp_path) if "school-b" in line]) > 0
    assert "file-unreadable" in text_of(tmp_path / "outbox/school-a/Проверка.xlsx")


def test_broken_sheet_keeps_its_rows_and_the_others_are_read() -> None:
    """One sheet of a workbook is damaged: the rest is read anew once, not twice."""
    config = synced("school-a")
    path = config.folder / "inbox/school-a" / BOOK
    file = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, part[: len(part) // 2] if name == "xl/worksheets/sheet2.xml" else part)
    roster = people(config.folder)
    path.write_bytes(file.getvalue())
    for _ in range(2):
        outcome = sync(config)
        assert outcome.unreadable == [f"school-a/{BOOK}"]
        assert people(config.folder) == roster


def test_workbook_without_a_known_table(tmp_path: Path) -> None:
    """A timetable among the workbooks: a hint, no failure."""
    config = set_up(tmp_path, "school-a")
    workbook(tmp_path / "inbox/school-a/Кружки.xlsx", {"Расписание": [["Понедельник", "Вторник"], ["хор", "лепка"]]})
    outcome = sync(config)
    assert not outcome.failed
    assert "sheet-unrecognised" in text_of(tmp_path / "outbox/school-a/Проверка.xlsx")


@pytest.mark.system
def test_open_workbook_is_read_as_saved() -> None:
    """A lock file beside it is never taken for a workbook; the school is told that what was saved was read."""
    config = synced("school-a", "school-b")
    locks = {"school-a": "~$" + BOOK, "school-b": f".~lock.{BOOK}#"}  # of Excel, of LibreOffice
    for name, lock in locks.items():
        (config.folder / "inbox" / name / lock).write_bytes(b"\x05user")
    outcome = sync(config)
    assert (outcome.failed, outcome.changed) == (False, [])
    for name, lock in locks.items():
        assert "file-locked" in text_of(config.folder / "outbox" / name / "Проверка.xlsx")
        (config.folder / "inbox" / name / lock).unlink()
    sync(config)
    for name in locks:
        assert "file-locked" not in text_of(config.folder / "outbox" / name / "Проверка.xlsx")


def test_folder_that_cannot_be_listed_withdraws_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sub-folder without permission: said at the folder, the rows read from it stay."""
    config = synced("school-a", "school-b")
    real = os.scandir

    def closed(path: Any) -> Any:
        if str(path).endswith("school-b"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", closed)
    outcome = sync(config)
    assert (outcome.withdrawn, outcome.unreadable) == ([], ["school-b"])
    assert len([line for line in people(config.folder) if "school-b" in line]) > 0
    monkeypatch.setattr(os, "scandir", real)
    assert not sync(config).failed


def test_missing_folder_leaves_everything_as_it_was() -> None:
    """The share is away: one line with the folder, exit code 1, outputs untouched; back again, nothing is re-read."""
    config = synced("school-a")
    before = tree(config.folder / "outbox")
    (config.folder / "inbox").rename(config.folder / "away")
    answer = command("sync", "--as-of", "2023-12-20", cwd=config.folder)
    assert answer.returncode == 1
    assert f"{config.folder / 'inbox'}: no such file or folder" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert tree(config.folder / "outbox") == before
    assert command("status", cwd=config.folder).returncode == 1
    (config.folder / "away").rename(config.folder / "inbox")
    assert sync(config).changed == []
    assert tree(config.folder / "outbox") == before


def test_missing_folder_at_the_first_run(tmp_path: Path) -> None:
    """Nothing was ever read: said, and no empty roster is made of it."""
    config = set_up(tmp_path)
    (tmp_path / "inbox").rmdir()
    assert sync(config).failed
    assert not (tmp_path / "outbox").exists()


def test_one_of_two_folders_away(tmp_path: Path) -> None:
    """What was read from the missing one stays in the outputs, with its links."""
    more = '[[sources]]\npath = "second"\n'
    config = set_up(tmp_path, "school-a", more=more)
    school(tmp_path / "second/school-b", meeting="31.11.2023")
    sync(config)
    before = outbox(tmp_path)
    (tmp_path / "second").rename(tmp_path / "away")
    school(tmp_path / "inbox/school-a", meeting="11.10.2023")
    assert sync(config).failed
    assert outbox(tmp_path)["school-b/Проверка.xlsx"] == before["school-b/Проверка.xlsx"]


def test_emptied_inbox_withdraws_nothing() -> None:
    """All workbooks vanish at once: more likely a share that is not mounted than a district that ended."""
    config = synced("school-a")
    before = tree(config.folder / "outbox")
    shutil.rmtree(config.folder / "inbox/school-a")
    outcome = sync(config)
    assert outcome.failed
    assert "nothing is withdrawn" in outcome.messages[0]
    assert tree(config.folder / "outbox") == before


@pytest.mark.system
def test_output_open_in_a_program_is_left_and_written_later() -> None:
    """Exit code 1 and the file named; the others are written; once it is closed the next run writes it."""
    names = ("school-a", "school-b", "school-c")
    config = synced(*names)
    before = outbox(config.folder)
    locks = {"school-a": "~$Проверка.xlsx", "school-b": ".~lock.Проверка.xlsx#"}  # of Excel, of LibreOffice
    for name, lock in locks.items():
        (config.folder / "outbox" / name / lock).write_bytes(b"x")
    for name in names:
        school(config.folder / "inbox" / name, meeting="31.11.2023")
    outcome = sync(config)
    assert outcome.failed
    for name in names:
        told = any(str(config.folder / "outbox" / name / "Проверка.xlsx") in message for message in outcome.messages)
        assert told == (name in locks)
        left = outbox(config.folder)[f"{name}/Проверка.xlsx"] == before[f"{name}/Проверка.xlsx"]
        assert left == (name in locks)
    for name, lock in locks.items():
        (config.folder / "outbox" / name / lock).unlink()
    outcome = sync(config)
    assert (outcome.changed, outcome.failed) == ([], False)
    for name in locks:
        assert outbox(config.folder)[f"{name}/Проверка.xlsx"] != before[f"{name}/Проверка.xlsx"]


def test_unwritable_outbox(tmp_path: Path) -> None:
    """A file stands where the folder should be: exit code 1, each output named, what was read is kept."""
    config = set_up(tmp_path, "school-a")
    (tmp_path / "outbox").write_text("a file")
    outcome = sync(config)
    assert outcome.failed
    assert len(outcome.messages) == 2
    (tmp_path / "outbox").unlink()
    outcome = sync(config)
    assert (outcome.changed, outcome.failed) == ([], False)
    assert len(outbox(tmp_path)) == 2


def test_store_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """Cannot run as asked: one line, exit code 2."""
    set_up(tmp_path, "school-a")
    (tmp_path / ".sheets-sync").write_text("a file")
    answer = process("sync", cwd=tmp_path)
    assert answer.returncode == 2
    assert answer.stderr.count("\n") == 1
    assert ".sheets-sync" in answer.stderr


def test_broken_config_and_broken_definition() -> None:
    """One line with file and line, exit code 2, yesterday's outputs stay."""
    config = synced("school-a")
    before = tree(config.folder / "outbox")
    text = (config.folder / "config.toml").read_text(encoding="utf-8")
    (config.folder / "config.toml").write_text(text + "[outputs\n", encoding="utf-8")
    for verb in ("sync", "report", "status"):
        answer = command(verb, cwd=config.folder)
        assert (answer.returncode, answer.stdout) == (2, "")
        assert "config.toml:7:" in answer.stderr
        assert answer.stderr.count("\n") == 1
    (config.folder / "config.toml").write_text(text, encoding="utf-8")
    (config.folder / "schemas").mkdir()
    (config.folder / "schemas/pairs.toml").write_text('name = "pairs"\ntitle = "Пары"\nfeilds = 1\n', encoding="utf-8")
    for arguments in (("sync",), ("check", "inbox", "--schemas", "schemas")):
        answer = command(*arguments, cwd=config.folder)
        assert (answer.returncode, answer.stdout) == (2, "")
        assert "pairs.toml:3:" in answer.stderr
        assert answer.stderr.count("\n") == 1
    assert tree(config.folder / "outbox") == before


def test_check_tells_every_bad_file_and_goes_on(tmp_path: Path) -> None:
    """All of them in one folder: each its issue at its own path, the good one is checked, exit code 1."""
    content = good(tmp_path)
    set_up(tmp_path, "school-a")
    for kind, (make, _) in BAD.items():
        (tmp_path / "inbox/school-a" / f"{kind}.xlsx").write_bytes(make(content))
    (tmp_path / "inbox/school-a/~$lock.xlsx").write_bytes(b"x")
    result = run.check([tmp_path / "inbox"], as_of=AS_OF)
    found: dict[str, list[Issue]] = {Path(one.path).stem: list(one.issues) for one in result.workbooks}
    assert set(found) == {*BAD, "Наставничество"}
    for kind, (_, why) in BAD.items():
        (issue,) = found[kind]
        assert issue.code == why.partition(":")[0]
        assert issue.at.workbook == f"{tmp_path}/inbox/school-a/{kind}.xlsx"
    assert not [issue for issue in found["Наставничество"] if issue.severity == "error"]
    assert command("check", "inbox", cwd=tmp_path).returncode == 1


def kill_after(folder: Path, seconds: float) -> bool:
    """Start a sync, kill it and all it started after a while; True if it was still at work."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sheets_sync", "sync", "--as-of", "2023-12-20"],
        cwd=folder, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    time.sleep(seconds)
    alive = process.poll() is None
    with suppress(ProcessLookupError):  # it had ended, and nothing of it is left
        os.killpg(process.pid, 9)
    process.wait()
    return alive


def undisturbed(folder: Path, other: Path) -> dict[str, bytes]:
    shutil.copytree(folder / "inbox", other / "inbox")
    set_up(other)
    sync(set_up(other))
    return outbox(other)


def killed_then_synced(tmp_path: Path, moments: list[float]) -> int:
    """Kill a first sync and a later one at each moment; whatever was cut short, the next run puts it right."""
    home = tmp_path / "home"
    set_up(home, "school-a", "school-b", "school-c")
    killed = 0
    for number, seconds in enumerate(moments):
        for name in ("school-a", "school-c"):
            school(home / "inbox" / name, meeting=f"{number % 28 + 1:02d}.10.2023")
        killed += kill_after(home, seconds)
        if number % 2:
            continue  # twice in a row
        school(home / "inbox/school-b", meeting=f"{number % 28 + 2:02d}.10.2023")
        outcome = sync(set_up(home))
        assert not outcome.failed
        assert outcome.messages == []
        assert outbox(home) == undisturbed(home, tmp_path / f"other-{number}")
        shutil.rmtree(tmp_path / f"other-{number}")
    return killed


@pytest.mark.system
@pytest.mark.long
@pytest.mark.skipif(os.name == "nt", reason="no process groups to kill there")
def test_killed_sync_leaves_nothing_wrong(tmp_path: Path) -> None:
    """kill -9 at a few moments, then a sync: the outputs are those of an undisturbed one."""
    assert killed_then_synced(tmp_path, [0.3, 0.9, 1.3]) > 0
