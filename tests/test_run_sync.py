"""`sync` on real files: what is read, what is written, and what stays as it was."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from sheets_sync import run, state
from sheets_sync.config import load_config
from sheets_sync.errors import ConfigError, LockHeld
from tests.program import ENVIRONMENT, command, process
from tests.small_district import (
    AS_OF,
    MENTORS,
    NOW,
    outbox,
    school,
    set_up,
    sync,
    synced,
    text_of,
    tree,
    workbook,
)

BOOK = "Наставничество.xlsx"
OTHER = ["Горный Олег Ильич", "педагог", "14.02.1984", "учитель", 15, "+7 900 000-00-02", "да"]


def test_first_sync_reads_everything_and_writes_everything(tmp_path: Path) -> None:
    """One Проверка per school and the roster; every workbook is named as read."""
    outcome = sync(set_up(tmp_path, "school-a", "school-b"))
    assert sorted(outcome.changed) == [f"school-a/{BOOK}", f"school-b/{BOOK}"]
    assert (outcome.failed, outcome.unreadable, outcome.withdrawn, outcome.messages) == (False, [], [], [])
    assert sorted(outbox(tmp_path)) == [
        "district/Сводный реестр.xlsx", "school-a/Проверка.xlsx", "school-b/Проверка.xlsx"
    ]  # fmt: skip
    assert {path.relative_to(tmp_path / "outbox").as_posix() for path in outcome.written} == set(outbox(tmp_path))
    assert outcome.issues_by_severity["error"] == 0
    assert "Лесная Анна Павловна" in text_of(tmp_path / "outbox/district/Сводный реестр.xlsx")


def test_second_sync_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing changed: no workbook is opened, the outputs keep even their times, the run is noted."""
    config = synced("school-a", "school-b")
    before = tree(config.folder / "outbox")
    inbox = str(config.folder / "inbox")
    opened: list[str] = []

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if watching and event == "open" and str(arguments[0]).startswith(inbox):
            opened.append(str(arguments[0]))

    watching = True
    sys.addaudithook(watch)
    outcome = sync(config)
    watching = False
    assert opened == []
    assert (outcome.changed, outcome.written, outcome.failed) == ([], [], False)
    assert outcome.issues_by_severity["error"] == 0
    assert tree(config.folder / "outbox") == before
    assert [one["outcome"] for one in run.status(config).last_runs] == ["done", "done"]


def test_second_sync_is_light(tmp_path: Path) -> None:
    """With nothing to do neither duckdb nor pandas, openpyxl or calamine is imported."""
    set_up(tmp_path, "school-a")
    assert command("sync", "--as-of", "2023-12-20", cwd=tmp_path).returncode == 0
    heavy = "{'duckdb', 'pandas', 'openpyxl', 'python_calamine', 'rapidfuzz', 'phonenumbers', 'multiprocessing'}"
    program = (
        "import sys\nfrom sheets_sync.cli import main\n"
        "try: main(['sync', '--as-of', '2023-12-20'])\n"
        f"except SystemExit as end: print(end.code, sorted({heavy} & set(sys.modules)))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, encoding="utf-8", cwd=tmp_path, env=ENVIRONMENT
    )
    assert answer.stdout.splitlines()[-1] == "0 []", answer.stdout + answer.stderr


def test_one_changed_workbook_is_read_alone() -> None:
    """The others are not opened, and only outputs with other content are written."""
    config = synced("school-a", "school-b")
    school(config.folder / "inbox/school-b", meeting="31.11.2023")
    before = tree(config.folder / "outbox")
    outcome = sync(config)
    assert outcome.changed == [f"school-b/{BOOK}"]
    after = tree(config.folder / "outbox")
    assert after["school-a/Проверка.xlsx"] == before["school-a/Проверка.xlsx"]
    assert "31.11.2023" in text_of(config.folder / "outbox/school-b/Проверка.xlsx")


def test_touched_workbook_with_the_same_bytes_is_not_read() -> None:
    """A new time alone costs one look at the bytes; nothing is parsed, nothing written."""
    config = synced("school-a")
    os.utime(config.folder / "inbox/school-a" / BOOK, (1_700_000_000, 1_700_000_000))
    before = tree(config.folder / "outbox")
    outcome = sync(config)
    assert (outcome.changed, outcome.written) == ([], [])
    assert tree(config.folder / "outbox") == before
    assert (
        state.load(config.store / "state.json").fingerprint("school-a", f"school-a/{BOOK}").mtime_ns
        == 1_700_000_000 * 10**9
    )  # type: ignore[union-attr]


def fresh(tmp_path: Path, name: str, config_from: Path, as_of: date = AS_OF) -> dict[str, bytes]:
    """What a first sync of the same inbox makes, somewhere else."""
    other = tmp_path / name
    shutil.copytree(config_from / "inbox", other / "inbox")
    for extra in ("config.toml", "schemas"):
        if (config_from / extra).is_file():
            shutil.copy(config_from / extra, other)
        elif (config_from / extra).is_dir():
            shutil.copytree(config_from / extra, other / extra)
    sync(load_config(other / "config.toml"), as_of=as_of)
    return outbox(other)


@pytest.mark.system
def test_deleted_and_moved_workbooks(tmp_path: Path) -> None:
    """Their rows are withdrawn, which is said; the rest is as if they had never been there."""
    home = tmp_path / "home"
    config = set_up(home, "school-a", "school-b")
    workbook(home / "inbox/school-a/Ещё.xlsx", {"Наставники": [MENTORS, OTHER]})
    sync(config)
    assert "Горный" in text_of(home / "outbox/district/Сводный реестр.xlsx")
    (home / "inbox/school-a/Ещё.xlsx").unlink()
    (home / "inbox/school-b" / BOOK).rename(home / "inbox/school-b/Новое имя.xlsx")
    outcome = sync(config)
    assert sorted(outcome.withdrawn) == ["school-a/Ещё.xlsx", f"school-b/{BOOK}"]
    assert outcome.changed == ["school-b/Новое имя.xlsx"]
    assert not outcome.failed
    assert outbox(home) == fresh(tmp_path, "other", home)


def test_a_school_that_is_gone() -> None:
    """It leaves the roster; its last Проверка stays, which is said."""
    config = synced("school-a", "school-b")
    shutil.rmtree(config.folder / "inbox/school-b")
    outcome = sync(config)
    assert outcome.withdrawn == [f"school-b/{BOOK}"]
    assert any("school-b has no workbooks now" in message for message in outcome.messages)
    assert "school-b" not in text_of(config.folder / "outbox/district/Сводный реестр.xlsx")
    assert sync(config).changed == []


@pytest.mark.system
def test_changed_definitions_are_applied(tmp_path: Path) -> None:
    """Another schema: everything is read anew and comes out as from a first sync."""
    config = synced("school-a")
    home = config.folder
    shipped = Path(run.__file__).parent.parent.parent / "schemas" / "meetings.toml"
    (home / "schemas").mkdir()
    text = shipped.read_text(encoding="utf-8")
    (home / "schemas/meetings.toml").write_text(
        text + '\n[[fields]]\nname = "place"\ntitle = "Место"\ntype = "text"\n', encoding="utf-8"
    )
    assert sync(config).changed == [f"school-a/{BOOK}"]
    assert outbox(home) == fresh(tmp_path, "other", home)
    assert sync(config).changed == []


def test_changed_settings_write_without_reading() -> None:
    """A school's name in the config: the outputs follow, no workbook is opened."""
    config = synced("school-a")
    config = set_up(config.folder, more='[[organisations]]\nid = "school-a"\nname = "Школа на горе"\n')
    outcome = sync(config)
    assert outcome.changed == []
    assert outcome.written
    assert "Школа на горе" in text_of(config.folder / "outbox/district/Сводный реестр.xlsx")
    assert sync(config).written == []


@pytest.mark.system
def test_settled_headings_are_applied(tmp_path: Path) -> None:
    """An alias in the config makes a column known: the workbooks are read anew."""
    config = set_up(tmp_path)
    headings = ["Подопечный друг", *MENTORS[1:]]
    workbook(tmp_path / "inbox/school-a/н.xlsx", {"Наставники": [headings, OTHER]})
    sync(config)
    assert "Горный" not in text_of(tmp_path / "outbox/district/Сводный реестр.xlsx")
    config = set_up(tmp_path, more='[aliases.mentors]\n"Подопечный друг" = "full_name"\n')
    assert sync(config).changed == ["school-a/н.xlsx"]
    assert "Горный" in text_of(tmp_path / "outbox/district/Сводный реестр.xlsx")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ('[aliases.mentor]\n"Шеф" = "full_name"\n', "config.toml:7: aliases: there is no table “mentor”"),
        ('[aliases.mentors]\n"Куратор" = "full_name"\n"Шеф" = "name"\n', "config.toml:9: aliases, “Шеф”"),
        ('[[organisations]]\nid = "school-a"\n[organisations.aliases.mentees]\n"Шеф" = "boss"\n', "config.toml:10:"),
    ],
)
def test_settled_headings_must_lead_somewhere(tmp_path: Path, more: str, words: str) -> None:
    """A table or field that does not exist is a mistake of the config, with its line; nothing is written."""
    config = set_up(tmp_path, "school-a", more=more)
    with pytest.raises(ConfigError) as caught:
        sync(config)
    assert words in caught.value.one_line()
    assert not (tmp_path / "outbox").exists()


@pytest.mark.system
def test_another_day_is_seen_without_reading(tmp_path: Path) -> None:
    """Within a season a later day runs the rules again over what is known: the outputs are those of a first sync."""
    home = tmp_path / "home"
    config = set_up(home, "school-a")
    sync(config, as_of=date(2023, 10, 1))
    outcome = sync(config, as_of=AS_OF)
    assert outcome.changed == []
    assert outbox(home) == fresh(tmp_path, "other", home)


@pytest.mark.system
def test_another_year_is_read_anew(tmp_path: Path) -> None:
    """«Стаж с 2020» and «15 лет» mean something else in another year."""
    home = tmp_path / "home"
    config = set_up(home, "school-a")
    workbook(home / "inbox/school-a/н.xlsx", {"Наставники": [MENTORS, OTHER[:2] + ["39 лет"] + OTHER[3:]]})
    sync(config, as_of=date(2023, 6, 20))
    assert len(sync(config).changed) == 2
    assert outbox(home) == fresh(tmp_path, "other", home)


@pytest.mark.system
@pytest.mark.parametrize("lost", ["outbox", "outbox/school-a/Проверка.xlsx", "outbox/district/Сводный реестр.xlsx"])
def test_lost_outputs_are_written_again(lost: str) -> None:
    """From the store: no workbook is read."""
    config = synced("school-a", "school-b")
    before = outbox(config.folder)
    path = config.folder / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    outcome = sync(config)
    assert outcome.changed == []
    assert outbox(config.folder) == before


@pytest.mark.system
@pytest.mark.parametrize("lost", ["store.duckdb", "state.json", "written.json", "pupil-codes.json", ""])
def test_lost_working_files_are_made_again(lost: str) -> None:
    """The store, the record beside it, the list of our files or all of them: the outputs come out the same."""
    config = synced("school-a", "school-b")
    before = tree(config.folder / "outbox")
    path = config.store / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    outcome = sync(config)
    assert not outcome.failed
    assert len(outcome.changed) == (2 if lost in ("store.duckdb", "") else 0)
    assert {name: content for name, (_, content) in tree(config.folder / "outbox").items()} == {
        name: content for name, (_, content) in before.items()
    }
    assert sync(config).changed == []


def test_lost_record_and_a_workbook_deleted_meanwhile() -> None:
    """What only the store still knows is withdrawn."""
    config = synced("school-a", "school-b")
    (config.store / "state.json").unlink()
    shutil.rmtree(config.folder / "inbox/school-b")
    assert sync(config).withdrawn == [f"school-b/{BOOK}"]
    assert "school-b" not in text_of(config.folder / "outbox/district/Сводный реестр.xlsx")


@pytest.mark.parametrize("how", ["garbage", "torn", "empty"])
def test_damaged_store_is_set_aside(how: str) -> None:
    """Everything is read again, the old file is kept and named, the outputs are the same."""
    config = synced("school-a", "school-b")
    before = outbox(config.folder)
    path = config.store / "store.duckdb"
    content = {"garbage": b"x" * 5000, "torn": path.read_bytes()[:6000], "empty": b""}[how]
    path.write_bytes(content)
    outcome = sync(config)
    assert len(outcome.changed) == 2
    assert not outcome.failed
    if how != "empty":
        assert any("damaged" in message for message in outcome.messages)
        assert [one.read_bytes() for one in config.store.glob("store.duckdb.damaged*")] == [content]
    assert outbox(config.folder) == before


@pytest.mark.system
def test_store_put_back_from_a_copy(tmp_path: Path) -> None:
    """A store older than the record beside it is noticed: what it lacks is read again."""
    config = synced("school-a", "school-b")
    home = config.folder
    shutil.copy(config.store / "store.duckdb", tmp_path / "copy")
    school(home / "inbox/school-b", mentor="Горный Олег Ильич")
    sync(config)
    shutil.copy(tmp_path / "copy", config.store / "store.duckdb")
    assert sync(config).changed == [f"school-b/{BOOK}"]
    assert outbox(home) == fresh(tmp_path, "other", home)


def test_lost_store_and_one_organisation_asked_for() -> None:
    """The roster must not shrink to the one: what is missing of the others is read too."""
    config = synced("school-a", "school-b")
    before = outbox(config.folder)
    (config.store / "store.duckdb").unlink()
    sync(config, organisations=["school-a"])
    assert outbox(config.folder) == before


def test_full_reads_everything_again() -> None:
    """--full: all are read, the outputs are the same and keep their times."""
    config = synced("school-a", "school-b")
    before = tree(config.folder / "outbox")
    assert len(sync(config, full=True).changed) == 2
    assert tree(config.folder / "outbox") == before


def test_one_organisation() -> None:
    """--organisation: the others' changes wait for the next sync; an unknown one is named."""
    config = synced("school-a", "school-b")
    for name in ("school-a", "school-b"):
        school(config.folder / "inbox" / name, mentor="Горный Олег Ильич")
    assert sync(config, organisations=["school-a"]).changed == [f"school-a/{BOOK}"]
    assert sync(config).changed == [f"school-b/{BOOK}"]
    with pytest.raises(ConfigError, match="no such organisation: school-x"):
        sync(config, organisations=["school-x"])


@pytest.mark.system
def test_dry_run_writes_nothing_at_all(tmp_path: Path) -> None:
    """Before the first sync and after it; what would be read and written is told."""
    config = set_up(tmp_path, "school-a")
    before = tree(tmp_path)
    outcome = sync(config, dry_run=True)
    assert outcome.changed == [f"school-a/{BOOK}"]
    assert {path.name for path in outcome.written} == {"Проверка.xlsx", "Сводный реестр.xlsx"}
    assert tree(tmp_path) == before
    sync(config)
    school(tmp_path / "inbox/school-b", meeting="31.11.2023")
    before = tree(tmp_path)
    outcome = sync(config, dry_run=True)
    assert outcome.changed == [f"school-b/{BOOK}"]
    assert outcome.issues_by_severity["error"] == 1
    assert tree(tmp_path) == before
    sync(config)
    assert sync(config, dry_run=True).written == []


def test_two_runs_at_once(tmp_path: Path) -> None:
    """The second ends with exit code 3 and one line that names the first."""
    config = set_up(tmp_path, "school-a")
    from sheets_sync.lock import one_run

    with one_run(config.store, "sync", NOW):
        with pytest.raises(LockHeld):
            sync(config)
        answer = process("sync", cwd=tmp_path)
    assert answer.returncode == 3
    assert answer.stderr.count("\n") == 1
    assert "another run is at work: `sync`" in answer.stderr
    assert not (tmp_path / "outbox").exists()


@pytest.mark.system
def test_order_of_folders_does_not_matter(tmp_path: Path) -> None:
    """The same workbooks, made and listed in another order, give byte-identical outputs."""
    first, second = set_up(tmp_path / "1"), set_up(tmp_path / "2")
    names = ["school-b", "school-a", "kindergarten", "school-c"]
    for name in names:
        school(tmp_path / "1/inbox" / name, mentor=f"Лесная Анна Павловна{'' if name < 'l' else ' '}")
    for name in reversed(names):
        (tmp_path / "2/inbox" / name).mkdir()
        shutil.copy2(tmp_path / "1/inbox" / name / BOOK, tmp_path / "2/inbox" / name)
    sync(first)
    sync(second)
    assert outbox(tmp_path / "1") == outbox(tmp_path / "2")


def test_what_a_killed_run_left_is_taken_up() -> None:
    """Half a draft, torn fragments and a run in progress that no longer works are no obstacle and leave no trace."""
    config = synced("school-a")
    before = outbox(config.folder)
    (config.store / "reading-abc").mkdir()
    (config.store / "reading-abc/w1-_blocks.rows").write_text("torn")
    (config.folder / "outbox/district/.~Сводный реестр.xlsx.new").write_text("half")
    told = json.loads((config.store / "state.json").read_text(encoding="utf-8"))
    told["in_progress"] = {"verb": "sync", "started": "2023-12-20T08:00:00", "pid": 2**22 + 1, "of": 1}
    (config.store / "state.json").write_text(json.dumps(told), encoding="utf-8")
    assert "cut short" in run.status(config).stale[0]
    school(config.folder / "inbox/school-b")
    sync(config)
    assert run.status(config).stale == []
    assert list(config.store.glob("reading-*")) == []
    assert set(outbox(config.folder)) == {*before, "school-b/Проверка.xlsx"}


def test_failed_run_is_told_by_status() -> None:
    """A broken definition stops the run before anything is written; status says so until a run goes through."""
    config = synced("school-a")
    before = outbox(config.folder)
    (config.folder / "schemas").mkdir()
    (config.folder / "schemas/meetings.toml").write_text('name = "meetings"\n[[fields]]\nname = 5\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"meetings\.toml:"):
        sync(config)
    assert outbox(config.folder) == before
    assert any(reason.endswith("failed") for reason in run.status(config).stale)
    shutil.rmtree(config.folder / "schemas")
    sync(config)
    assert run.status(config).stale == []


def test_naming_pupils_tells_its_consequence(tmp_path: Path) -> None:
    """An explicit choice, and every run says what it means."""
    config = set_up(tmp_path, "school-a", more="[privacy]\npupil_names = true\n")
    assert any("name pupils" in message for message in sync(config).messages)
    assert any("name pupils" in message for message in sync(config).messages)
