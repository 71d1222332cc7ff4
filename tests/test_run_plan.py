"""`plan`: what a sync would do is what it then does, and finding it out leaves no trace."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from sheets_sync import run
from sheets_sync.config import Config
from sheets_sync.lock import one_run
from tests.program import command
from tests.small_district import AS_OF, NOW, cells, outbox, school, set_up, sync, synced, tree

BOOK = "Наставничество.xlsx"
BAD = "31.11.2023"


def plan(config: Config, **options: Any) -> run.PlanOutcome:
    return run.plan(config, **{"as_of": AS_OF, "now": NOW, **options})


@pytest.mark.system
@pytest.mark.long
def test_a_plan_is_what_the_sync_then_does(tmp_path: Path) -> None:
    """Before the first sync and after it: the same workbooks, the same files, and the cells that differ afterwards."""
    config = set_up(tmp_path, "school-a", "school-b")
    before = tree(tmp_path)
    for step in range(3):
        if step == 1:
            school(tmp_path / "inbox/school-a", meeting=BAD)
            school(tmp_path / "inbox/school-c")
        elif step == 2:
            shutil.rmtree(tmp_path / "inbox/school-b")
        before = tree(tmp_path)
        old = {path: cells_of(path) for path in (tmp_path / "outbox").rglob("*.xlsx")}
        told = plan(config)
        assert tree(tmp_path) == before
        done = sync(config)
        assert [one.path for one in told.read] == done.changed
        assert told.outcome.withdrawn == done.withdrawn
        assert told.outcome.issues_by_severity == done.issues_by_severity
        assert {file.path for file in told.write} == set(done.written)
        for file in told.write:
            assert file.state == ("replaced" if file.path in old else "created")
            now, was = cells_of(file.path), old.get(file.path, {})
            differing = {place for place in {**now, **was} if now.get(place) != was.get(place)}
            assert {(sheet, one.cell) for sheet, changes in file.sheets.items() for one in changes} == differing
    assert (plan(config).read, plan(config).write) == ([], [])


def cells_of(path: Path) -> dict[tuple[str, str], object]:
    import openpyxl

    book = openpyxl.load_workbook(path)
    return {
        (page.title, cell.coordinate): cell.value
        for page in book.worksheets
        for row in page.iter_rows()
        for cell in row
        if cell.value is not None
    }


@pytest.mark.system
def test_why_each_workbook_is_read(tmp_path: Path) -> None:
    """New, changed, moved, not readable the last time, other definitions, another year, asked for."""
    config = set_up(tmp_path, "school-a", "school-b", "school-c")
    (tmp_path / "inbox/school-c/Плохой.xlsx").write_bytes(b"")
    sync(config)
    school(tmp_path / "inbox/school-a", meeting=BAD)
    (tmp_path / "inbox/school-b" / BOOK).rename(tmp_path / "inbox/school-b/Другое имя.xlsx")
    school(tmp_path / "inbox/school-d", mentor="Горный Олег Ильич")
    told = {one.path: (one.why, one.was) for one in plan(config).read}
    assert told == {
        f"school-a/{BOOK}": ("changed", ""),
        "school-b/Другое имя.xlsx": ("moved", f"school-b/{BOOK}"),
        f"school-d/{BOOK}": ("new", ""),
    }
    assert {one.why for one in plan(config, as_of=AS_OF.replace(year=2024)).read} >= {"year"}
    assert {one.why for one in plan(config, full=True).read} == {"changed", "moved", "new", "full", "again"}
    (config.store / "store.duckdb").unlink()
    assert {one.why for one in plan(config).read} == {"changed", "moved", "new", "store"}


@pytest.mark.system
def test_moved_workbook_is_told_by_sync() -> None:
    """Not as one that is gone and one that is new."""
    config = synced("school-a")
    (config.folder / "inbox/school-a" / BOOK).rename(config.folder / "inbox/school-a/Новое имя.xlsx")
    answer = command("sync", "--as-of", "2023-12-20", cwd=config.folder)
    assert f"moved: school-a/{BOOK} is now school-a/Новое имя.xlsx" in answer.stderr
    assert "gone" not in answer.stderr


@pytest.mark.system
def test_plan_in_words_and_json() -> None:
    """Counted sheet by sheet; cells with -v; what they hold only when asked for, since it may be names."""
    config = synced("school-a")
    school(config.folder / "inbox/school-a", mentor="Горная Ольга Ильинична", meeting=BAD)
    asked = ("plan", "--as-of", "2023-12-20")
    short = command(*asked, cwd=config.folder)
    assert short.returncode == 0
    assert f"  school-a/{BOOK} (changed)\n" in short.stdout
    assert "  outbox/school-a/Проверка.xlsx (replaced)\n    Проверка: cells " in short.stdout
    assert "Горная" not in short.stdout
    assert len(command(*asked, "-v", cwd=config.folder).stdout.splitlines()) > len(short.stdout.splitlines())
    told = json.loads(command(*asked, "--format", "json", cwd=config.folder).stdout)
    assert told["google"] is None
    assert all(cell["becomes"] is None for file in told["write"] for page in file["sheets"] for cell in page["cells"])
    told = json.loads(command(*asked, "--format", "json", "--show-values", cwd=config.folder).stdout)
    roster = next(file for file in told["write"] if "district" in file["path"])
    mentors = next(page for page in roster["sheets"] if page["sheet"] == "Наставники")
    becomes = {cell["becomes"] for cell in mentors["cells"]}
    assert "Горная Ольга Ильинична" in becomes
    assert command("sync", "--as-of", "2023-12-20", cwd=config.folder).returncode == 0
    assert any("Горная Ольга Ильинична" in row for row in cells(Path(roster["path"]), "Наставники"))


def test_plan_says_what_could_not_be_written() -> None:
    """A file open in a program, a stranger's file at our place: told beforehand, and still nothing is touched."""
    config = synced("school-a")
    school(config.folder / "inbox/school-a", meeting=BAD)
    (config.folder / "outbox/school-a/~$Проверка.xlsx").write_bytes(b"x")
    before = tree(config.folder)
    told = plan(config)
    assert told.outcome.failed
    assert any("open in another program" in message for message in told.outcome.messages)
    assert [file.path.name for file in told.write] == ["Сводный реестр.xlsx"]
    assert tree(config.folder) == before


def test_plan_waits_for_nobody() -> None:
    """While a run is at work what it will leave is not known: exit code 3."""
    config = synced("school-a")
    with one_run(config.store, "sync", NOW):
        assert command("plan", cwd=config.folder).returncode == 3
    assert command("plan", "--as-of", "2023-12-20", cwd=config.folder).returncode == 0


@pytest.mark.system
@pytest.mark.skipif(os.name == "nt", reason="modes of POSIX")
def test_plan_needs_no_right_to_write(tmp_path: Path) -> None:
    """A person who may only look can ask."""
    config = set_up(tmp_path, "school-a")
    sync(config)
    school(tmp_path / "inbox/school-a", meeting=BAD)
    for path in [tmp_path, *tmp_path.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        assert len(plan(config).write) == 2
    finally:
        for path in [tmp_path, *tmp_path.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
    assert outbox(tmp_path)
