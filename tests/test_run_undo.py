"""`undo`: what the last sync or report wrote goes, what it replaced comes back."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest

from sheets_sync import run
from sheets_sync.errors import SourceError
from sheets_sync.lock import one_run
from tests.program import command
from tests.small_district import NOW, outbox, school, set_up, sync, synced, tree


def test_a_sync_is_undone_once_and_done_again() -> None:
    """Yesterday's files are back, bytes and all; a second undo has nothing; the next sync writes today's again."""
    config = synced("school-a")
    yesterday = outbox(config.folder)
    school(config.folder / "inbox/school-a", meeting="31.11.2023")
    school(config.folder / "inbox/school-b")
    sync(config)
    today = outbox(config.folder)
    outcome = run.undo(config, now=NOW)
    assert outbox(config.folder) == yesterday
    assert {one.path.parent.name: one.state for one in outcome.files} == {
        "district": "restored", "school-a": "restored", "school-b": "removed"
    }  # fmt: skip
    assert not outcome.failed
    assert all(one.kept and one.kept.is_file() for one in outcome.files)
    assert run.undo(config, now=NOW).files == []
    assert run.status(config).last_runs[0]["verb"] == "undo"
    again = sync(config)
    assert (again.changed, again.messages) == ([], [])
    assert outbox(config.folder) == today
    assert sync(config).written == []


def test_first_sync_is_undone(tmp_path: Path) -> None:
    """Everything was new: nothing is left but what was read, and the next sync writes it all."""
    config = set_up(tmp_path, "school-a")
    sync(config)
    first = outbox(tmp_path)
    run.undo(config, now=NOW)
    assert outbox(tmp_path) == {}
    assert sync(config).changed == []
    assert outbox(tmp_path) == first


def test_edited_since_is_left_and_said() -> None:
    """A file a person has edited since stays; the others are undone; exit code 1."""
    config = synced("school-a", "school-b")
    before = outbox(config.folder)
    for name in ("school-a", "school-b"):
        school(config.folder / "inbox" / name, meeting="31.11.2023")
    sync(config)
    edited = config.folder / "outbox/school-a/Проверка.xlsx"
    book = openpyxl.load_workbook(edited)
    book.worksheets[0]["A1"] = "Моя пометка"
    book.save(edited)
    words = edited.read_bytes()
    answer = command("undo", cwd=config.folder)
    assert answer.returncode == 1
    assert "left as it is: outbox/school-a/Проверка.xlsx (changed since it was written)" in answer.stdout
    assert outbox(config.folder) == {**before, "school-a/Проверка.xlsx": words}
    assert command("undo", cwd=config.folder).stdout == "nothing to undo\n"


@pytest.mark.system
def test_report_is_undone(tmp_path: Path) -> None:
    """What `report` made goes; the outputs of the sync before it stay."""
    config = synced("school-a")
    before = outbox(config.folder)
    assert command("report", "--period", "2023-12", "--format", "md,json", cwd=config.folder).returncode == 0
    assert outbox(config.folder) != before
    answer = command("undo", "--format", "json", cwd=config.folder)
    assert {one["state"] for one in json.loads(answer.stdout)["files"]} == {"removed"}
    assert outbox(config.folder) == before


def test_file_open_in_a_program_stops_the_undo_which_goes_on_later() -> None:
    """It is named; once it is closed the next undo puts back the rest."""
    config = synced("school-a")
    before = outbox(config.folder)
    school(config.folder / "inbox/school-a", meeting="31.11.2023")
    sync(config)
    lock = config.folder / "outbox/district/~$Сводный реестр.xlsx"
    lock.write_bytes(b"x")
    with pytest.raises(SourceError, match="open in another program"):
        run.undo(config, now=NOW)
    lock.unlink()
    run.undo(config, now=NOW)
    assert outbox(config.folder) == before


def test_nothing_to_undo_leaves_no_trace(tmp_path: Path) -> None:
    """Before the first sync there is nothing, not even a folder afterwards."""
    config = set_up(tmp_path, "school-a")
    before = tree(tmp_path)
    assert command("undo", cwd=tmp_path).stdout == "nothing to undo\n"
    assert tree(tmp_path) == before
    assert not config.store.exists()


def test_one_run_at_a_time() -> None:
    """A sync at work is not undone under its hands: exit code 3."""
    config = synced("school-a")
    with one_run(config.store, "sync", NOW):
        assert command("undo", cwd=config.folder).returncode == 3
