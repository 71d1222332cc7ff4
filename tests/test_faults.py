"""What may go wrong around a run: the disk is full, folders may not be written, the share goes away, the clock is set
back, the store is an older one. Nothing is lost, what failed is said in one line, and the next run puts it right."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from sheets_sync import run
from sheets_sync.config import Config, load_config
from tests.program import ENVIRONMENT, command
from tests.small_district import NOW, cells, outbox, school, set_up, sync, synced, text_of

pytestmark = pytest.mark.system  # a run each: slow together

SYNC = [sys.executable, "-m", "sheets_sync", "sync", "--as-of", "2023-12-20"]
BAD = "31.11.2023"
posix = pytest.mark.skipif(os.name == "nt", reason="needs limits, accounts and modes of POSIX")


def double(config: Config, tmp_path: Path) -> Config:
    """The district as it is now, in another place where nothing will happen to it."""
    shutil.copytree(config.folder, tmp_path / "calm")
    return load_config(tmp_path / "calm/config.toml")


def calmly(calm: Config, config: Config) -> dict[str, bytes]:
    """The outputs of the undisturbed district, once the same workbooks have come into it."""
    shutil.rmtree(calm.folder / "inbox")
    shutil.copytree(config.folder / "inbox", calm.folder / "inbox")
    sync(calm)
    return outbox(calm.folder)


@posix
@pytest.mark.long
@pytest.mark.parametrize("bytes_left", [0, 300, 5_000, 12_000, 100_000, 700_000])
def test_disk_full_at_some_point(tmp_path: Path, bytes_left: int) -> None:
    """No file may grow beyond so many bytes: either all fits, or the run says so in a line, and yesterday's files stay
    whole; the next run puts it right."""
    import resource

    config = set_up(tmp_path / "home", "school-a")
    sync(config)
    calm, before = double(config, tmp_path), outbox(config.folder)
    school(config.folder / "inbox/school-a", mentor="Горная Ольга Ильинична")
    school(config.folder / "inbox/school-b")

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_left, bytes_left))

    # no half of a compiled module is to be left for the other tests
    bare = {**ENVIRONMENT, "PYTHONDONTWRITEBYTECODE": "1"}
    told = subprocess.run(SYNC, cwd=config.folder, env=bare, capture_output=True, text=True, preexec_fn=full)
    assert told.returncode in (0, 1, 2), told.stderr
    assert "Traceback" not in told.stderr
    assert "unexpected" not in told.stderr
    assert told.returncode == 0 or 1 <= told.stderr.count("\n") <= 4, told.stderr
    after = outbox(config.folder)
    for place, content in before.items():
        assert after[place] == content or text_of(config.folder / "outbox" / place)
    assert not list((config.folder / "outbox").rglob(".~*"))
    if told.returncode == 0:
        assert after == calmly(calm, config)
    sync(config)
    assert outbox(config.folder) == calmly(calm, config)


def test_disk_full_when_outputs_are_flushed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The last place where it can show: exit code 1, no half file, no draft left; then all is written."""
    config = synced("school-a")
    calm, before = double(config, tmp_path), outbox(config.folder)
    school(config.folder / "inbox/school-a", meeting=BAD)
    with monkeypatch.context() as patch:

        def full(descriptor: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        patch.setattr(os, "fsync", full)
        answer = command("sync", "--as-of", "2023-12-20", cwd=config.folder)
    assert answer.returncode == 1
    assert "No space left on device" in answer.stderr
    assert outbox(config.folder) == before
    sync(config)
    assert outbox(config.folder) == calmly(calm, config)


def without_privileges() -> None:
    """Called in the new process: root as well may only write where the modes let it."""
    import ctypes

    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH out of the bounding set: PR_CAPBSET_DROP
            if libc.prctl(24, capability, 0, 0, 0):
                raise OSError(ctypes.get_errno(), "root keeps its privileges")


def as_somebody(folder: Path) -> subprocess.CompletedProcess[str]:
    """A sync by an account that may do what the modes of files and folders allow."""
    try:
        return subprocess.run(
            SYNC, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, preexec_fn=without_privileges
        )
    except (OSError, AttributeError, subprocess.SubprocessError) as error:
        pytest.skip(f"root writes everywhere here: {error}")


@posix
def test_outbox_that_may_not_be_written(tmp_path: Path) -> None:
    """Each file is named, exit code 1, what was read is kept; with the right given back all is written, nothing read."""
    config = set_up(tmp_path, "school-a")
    assert as_somebody(tmp_path).returncode == 0
    before = outbox(tmp_path)
    school(tmp_path / "inbox/school-a", meeting=BAD)
    for folder in ("district", "school-a"):
        (tmp_path / "outbox" / folder).chmod(0o555)
    told = as_somebody(tmp_path)
    assert told.returncode == 1
    assert told.stderr.count("cannot be written") == 2
    assert outbox(tmp_path) == before
    for folder in ("district", "school-a"):
        (tmp_path / "outbox" / folder).chmod(0o755)
    told = as_somebody(tmp_path)
    assert (told.returncode, told.stdout.startswith("nothing new to read")) == (0, True)
    assert outbox(tmp_path) != before
    assert config.store.exists()


@posix
def test_store_that_may_not_be_written(tmp_path: Path) -> None:
    """Cannot run as asked: one line that names the place, exit code 2, nothing changed."""
    set_up(tmp_path, "school-a")
    assert as_somebody(tmp_path).returncode == 0
    before = outbox(tmp_path)
    school(tmp_path / "inbox/school-a", meeting=BAD)
    for path in (tmp_path / ".sheets-sync").rglob("*"):
        path.chmod(0o444 if path.is_file() else 0o555)
    (tmp_path / ".sheets-sync").chmod(0o555)
    told = as_somebody(tmp_path)
    (tmp_path / ".sheets-sync").chmod(0o755)
    assert (told.returncode, told.stderr.count("\n")) == (2, 1), told.stderr
    assert ".sheets-sync" in told.stderr
    assert outbox(tmp_path) == before


def test_share_that_vanishes_mid_run(tmp_path: Path) -> None:
    """What could not be read keeps its rows and is named; when the share is back the rest is read."""
    names = ("school-a", "school-b", "school-c")
    config = synced(*names)
    calm = double(config, tmp_path)
    for name in names:
        school(config.folder / "inbox" / name, mentor=f"Горная Ольга Ильинична{name[-1]}")
    away = config.folder / "away"

    def vanish(stage: str, done: int, total: int) -> None:
        if stage == "reading" and done == 1:
            (config.folder / "inbox").rename(away)

    outcome = sync(config, progress=vanish)
    assert outcome.failed
    assert len(outcome.unreadable) == 2
    assert outcome.withdrawn == []
    mentors = [row for row in cells(config.folder / "outbox/district/Сводный реестр.xlsx", "Наставники") if row[0]]
    assert sum("Лесная" in str(row) for row in mentors) == 2
    assert sum("Горная" in str(row) for row in mentors) == 1
    before = outbox(config.folder)
    assert sync(config).failed  # still away
    assert outbox(config.folder) == before
    away.rename(config.folder / "inbox")
    outcome = sync(config)
    assert (len(outcome.changed), outcome.failed) == (2, False)
    roster = "district/Сводный реестр.xlsx"
    assert outbox(config.folder)[roster] == calmly(calm, config)[roster]  # `Проверка` tells of its being away


@posix
def test_two_runs_started_at_once(tmp_path: Path) -> None:
    """One does it, the other says who does; or comes after it and finds nothing to do."""
    config = set_up(tmp_path / "home", "school-a", "school-b")
    calm = double(config, tmp_path)
    started = [
        subprocess.Popen(SYNC, cwd=config.folder, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    told = [one.communicate() for one in started]
    codes = [one.returncode for one in started]
    assert 0 in codes
    assert set(codes) <= {0, 3}
    for code, (_, said) in zip(codes, told, strict=True):
        assert (b"another run is at work" in said) == (code == 3)
    assert outbox(config.folder) == calmly(calm, config)
    assert not (config.store / "lock.json").exists()


def test_clock_set_back(tmp_path: Path) -> None:
    """A workbook saved «before» the last run is read all the same, and the run just made is the last one."""
    config = synced("school-a")
    calm = double(config, tmp_path)
    school(config.folder / "inbox/school-a", meeting=BAD)
    book = config.folder / "inbox/school-a/Наставничество.xlsx"
    os.utime(book, (1_000_000_000, 1_000_000_000))
    past = datetime(2001, 1, 1, 8, 0)
    outcome = sync(config, now=past)
    assert len(outcome.changed) == 1
    assert run.status(config, now=past).last_runs[0]["started"] == past.isoformat()
    assert sync(config, now=past).written == []
    assert outbox(config.folder) == calmly(calm, config)
    assert sync(config, now=NOW).changed == []


def test_damaged_store_and_a_sealed_period() -> None:
    """The store is made again from the workbooks; what was sealed lies in its own file and still counts."""
    config = synced("school-a")
    school(config.folder / "inbox/school-b", mentor="Горная Ольга Ильинична")
    sync(config)
    sealing = command("report", "--period", "2023-12", "--freeze", "--format", "json", cwd=config.folder)
    assert sealing.returncode == 0, sealing.stderr
    sealed = {path.name: path.read_bytes() for path in (config.store / "frozen").iterdir()}
    (config.store / "store.duckdb").write_bytes(b"\0" * 9000)
    (config.store / "state.json").unlink()
    shutil.rmtree(config.folder / "inbox/school-b")
    assert "damaged" in sync(config).messages[0]
    assert {path.name: path.read_bytes() for path in (config.store / "frozen").iterdir()} == sealed
    answer = command("report", "--period", "2023-12", "--format", "json", "-o", "-", cwd=config.folder)
    assert answer.returncode == 0
    restated = json.loads(answer.stdout)["frozen"]
    assert "school-b" in json.dumps(restated)


OLDER = {
    "a column less of the workbooks": ["ALTER TABLE workbooks DROP COLUMN readable"],
    "a column less of the issues": ["ALTER TABLE issues DROP COLUMN rule"],
    "no history yet": ["DROP TABLE history", "DROP TABLE history_rounds"],
    "another table of people": ["ALTER TABLE mentors ADD COLUMN patronymic VARCHAR"],
    "places written out": ["UPDATE workbooks SET locator = '/old/place/' || workbook"],
    "a table nobody knows any more": ["CREATE TABLE tutors (a INTEGER)"],
}


@pytest.mark.parametrize("how", OLDER)
def test_store_of_an_older_version(how: str, tmp_path: Path) -> None:
    """It is brought up to date: nothing is lost, nothing is set aside, outputs are those of a new one."""
    config = synced("school-a", "school-b")
    calm = double(config, tmp_path)
    with duckdb.connect(str(config.store / "store.duckdb")) as connection:
        for statement in OLDER[how]:
            connection.execute(statement)
    outcome = sync(config)
    assert (outcome.failed, outcome.messages) == (False, [])
    assert outbox(config.folder) == calmly(calm, config)
    assert list(config.store.glob("*damaged*")) == []
    assert sync(load_config(config.folder / "config.toml")).written == []
    answer = command("report", "--period", "2023-12", "--format", "xlsx", cwd=config.folder)
    assert answer.returncode == 0, answer.stderr


@pytest.mark.long
def test_heavy_workbook_alone_is_given_up_in_time(tmp_path: Path) -> None:
    """Hundreds of thousands of bad rows, nothing else to read: it has a process of its own and the limits hold."""
    config = set_up(tmp_path, "school-a", more="[limits]\nseconds_per_workbook = 3\n")
    bad = tmp_path / "inbox/school-a/Наставники.csv"
    with bad.open("w", encoding="utf-8") as file:
        file.write("ФИО наставника;Категория наставника;Дата рождения;Должность\n")
        file.writelines(f"Лесная{row} Анна;педагогг{row};32.13.{row};учитель\n" for row in range(200_000))
    outcome = sync(config)
    assert outcome.failed
    assert outcome.unreadable == ["school-a/Наставники.csv"]
    assert "Лесная Анна Павловна" in text_of(tmp_path / "outbox/district/Сводный реестр.xlsx")
