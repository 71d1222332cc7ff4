"""`sync` after a few workbooks changed: only what the change reaches is looked at, and all is as if everything were."""

from __future__ import annotations

import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sheets_sync import rules
from sheets_sync.config import Config, load_config
from sheets_sync.reach import Reach
from sheets_sync.rules import RuleRun
from sheets_sync.run.roster import ROSTER_ROWS
from tests.small_district import MENTORS, outbox, set_up, sync, text_of, workbook
from tests.small_district import school as school_of

SCHOOLS = ("school-a", "school-b", "school-c", "school-d", "school-e")
BOOK = "Наставничество.xlsx"
ROSTER = "outbox/district/Сводный реестр.xlsx"


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[Reach | None]:
    """How far each run of the rules looked, None where at everything."""
    found: list[Reach | None] = []
    real = rules.run_rules

    def watched(*arguments: Any) -> RuleRun:
        ran = real(*arguments)
        found.append(ran.reach)
        return ran

    monkeypatch.setattr(rules, "run_rules", watched)
    return found


def school(config: Config, name: str, mentor: str = "", **more: str) -> Path:
    """A school in which nobody is who is in another one."""
    mark = name[-1].upper().translate(str.maketrans("ABCDEFG", "АБВГДЕЖ"))
    mentor = mentor or f"{mark}асильева Анна Павловна"
    return school_of(config.folder / "inbox" / name, mentor=mentor, mentee=f"{mark}ечной Пётр Олегович", **more)


@cache
def _homes() -> tuple[tempfile.TemporaryDirectory[str], Path, Path]:
    owner = tempfile.TemporaryDirectory(prefix="near-")
    home, kept = Path(owner.name).resolve() / "home", Path(owner.name) / "kept"
    config = set_up(home)
    for name in SCHOOLS:
        school(config, name)
    sync(config)
    shutil.copytree(home, kept)
    return owner, home, kept


def district() -> Config:
    """Five schools, each of people of its own, synced once, as that sync left them."""
    _, home, kept = _homes()
    shutil.rmtree(home)
    shutil.copytree(kept, home)
    return load_config(home / "config.toml")


def near(reach: Reach | None, *organisations: str) -> bool:
    """Whether only these were asked for their findings anew."""
    return reach is not None and reach.asked == set(organisations)


def as_if_all_were_looked_at(config: Config) -> dict[str, bytes]:
    """What a sync that reads and looks at everything writes there, with the same codes of pupils."""
    other = config.folder.with_name(f"{config.folder.name}-whole")
    shutil.rmtree(other, ignore_errors=True)
    shutil.copytree(config.folder, other)
    assert not sync(load_config(other / "config.toml"), full=True).failed
    return outbox(other)


def test_one_changed_workbook_is_looked_at_alone(looked_at: list[Reach | None]) -> None:
    """Rules and roster look at its school only; every file is byte for byte what looking at all makes it."""
    config = district()
    school(config, "school-c", meeting="31.11.2023")
    outcome = sync(config)
    assert near(looked_at[-1], "school-c")
    assert sorted(path.parent.name for path in outcome.written) == ["district", "school-c"]
    assert outbox(config.folder) == as_if_all_were_looked_at(config)
    assert looked_at[-1] is None
    assert sync(config).changed == []


@pytest.mark.system
def test_who_is_concerned_is_told_anew(looked_at: list[Reach | None]) -> None:
    """A pair's mentor is in no base of the school; another school enters him, and the finding says so."""
    config = district()
    stranger = "Пришлый Олег Ильич"
    workbook(
        config.folder / "inbox/school-a/Ещё пары.xlsx",
        {"Пары": [["№ пары", "Наставник", "Наставляемый", "Приказ №", "Дата приказа", "Дата начала"],
                  ["П-2", stranger, "Аечной Пётр Олегович", "5", "15.09.2023", "20.09.2023"]]},
    )  # fmt: skip
    sync(config)
    assert "school-d" not in text_of(config.folder / "outbox/school-a/Проверка.xlsx")
    workbook(
        config.folder / "inbox/school-d/Ещё.xlsx",
        {"Наставники": [MENTORS, [stranger, "педагог", "14.02.1984", "учитель", 15, "", "да"]]},
    )
    sync(config)
    assert near(looked_at[-1], "school-a", "school-d")
    assert "МКОУ school-d" in text_of(config.folder / "outbox/school-a/Проверка.xlsx")
    assert outbox(config.folder) == as_if_all_were_looked_at(config)
    (config.folder / "inbox/school-d/Ещё.xlsx").unlink()
    assert sync(config).withdrawn == ["school-d/Ещё.xlsx"]
    assert near(looked_at[-1], "school-a", "school-d")
    assert "МКОУ school-d" not in text_of(config.folder / "outbox/school-a/Проверка.xlsx")
    assert outbox(config.folder) == as_if_all_were_looked_at(config)


@pytest.mark.system
def test_a_book_that_is_not_as_we_left_it_is_made_again(looked_at: list[Reach | None]) -> None:
    """Whether or not the change reaches its school."""
    config = district()
    lost = config.folder / "outbox/school-e/Проверка.xlsx"
    lost.unlink()
    school(config, "school-c", meeting="31.11.2023")
    sync(config)
    assert near(looked_at[-1], "school-c")
    assert lost.exists()
    assert outbox(config.folder) == as_if_all_were_looked_at(config)


@pytest.mark.system
@pytest.mark.parametrize("lost", ["removed", "torn", "older", "codes"])
def test_without_the_rows_of_the_roster_everything_is_looked_at(lost: str, looked_at: list[Reach | None]) -> None:
    """The file of rows is gone, cut short, or not that of the last run; or the codes of pupils in it hold no longer."""
    config = district()
    kept = config.store / ROSTER_ROWS
    older = kept.read_bytes()
    school(config, "school-c", meeting="31.11.2023")
    sync(config)
    assert looked_at[-1] is not None
    if lost in ("removed", "codes"):
        (kept if lost == "removed" else config.store / "pupil-codes.json").unlink()
    else:
        kept.write_bytes(older if lost == "older" else kept.read_bytes()[:-1])
    school(config, "school-b", meeting="31.11.2023")
    sync(config)
    assert looked_at[-1] is None
    assert outbox(config.folder) == as_if_all_were_looked_at(config)
    school(config, "school-b")
    sync(config)
    assert looked_at[-1] is not None
    assert outbox(config.folder) == as_if_all_were_looked_at(config)


@pytest.mark.system
def test_after_a_run_cut_short_everything_is_looked_at(
    looked_at: list[Reach | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store may hold what nobody has been told."""
    from sheets_sync.run.telling import Telling

    config = district()
    school(config, "school-c", meeting="31.11.2023")
    with monkeypatch.context() as patched:
        patched.setattr(Telling, "tell", lambda *_: exec("raise KeyboardInterrupt"))
        with pytest.raises(KeyboardInterrupt):
            sync(config)
    assert looked_at[-1] is not None
    sync(config)
    assert looked_at[-1] is None
    assert "31.11.2023" in text_of(config.folder / "outbox/school-c/Проверка.xlsx")
    assert outbox(config.folder) == as_if_all_were_looked_at(config)


@pytest.mark.system
@pytest.mark.parametrize(("scope", "near"), [("", False), ('scope = "organisation"\n', True)])
def test_a_rule_of_the_district(scope: str, near: bool, looked_at: list[Reach | None]) -> None:
    """It may look at anything, unless it says that it looks at nothing but its organisation."""
    config = district()
    folder = config.folder / "schemas/rules"
    folder.mkdir(parents=True)
    (folder / "own.toml").write_text(f'code = "own-mark"\n{scope}', encoding="utf-8")
    (folder / "own.sql").write_text(
        "SELECT organisation, workbook, sheet, \"row\", 'mentor' AS field, mentor AS value FROM pairs_resolved",
        encoding="utf-8",
    )
    sync(config)
    assert looked_at[-1] is None
    school(config, "school-c", mentor="Яшина Анна Павловна")
    sync(config)
    assert (looked_at[-1] is not None) == near
    assert "Яшина" in text_of(config.folder / "outbox/school-c/Проверка.xlsx")
    assert outbox(config.folder) == as_if_all_were_looked_at(config)


@pytest.mark.system
def test_a_school_that_joins_or_is_renamed_concerns_everybody(looked_at: list[Reach | None]) -> None:
    """What organisations are called is looked up by all."""
    config = district()
    school(config, "school-f")
    sync(config)
    assert looked_at[-1] is None
    book = school(config, "school-g")
    book.replace(config.folder / "inbox/school-b" / BOOK)
    book.parent.rmdir()
    sync(config)
    assert looked_at[-1] is None
    assert outbox(config.folder) == as_if_all_were_looked_at(config)


@pytest.mark.system
def test_what_is_planned_is_what_is_written(looked_at: list[Reach | None]) -> None:
    """A rehearsal looks as far as the sync does."""
    from sheets_sync import run
    from tests.small_district import AS_OF, NOW

    config = district()
    school(config, "school-c", meeting="31.11.2023")
    plan = run.plan(config, as_of=AS_OF, now=NOW)
    assert looked_at[-1] is not None
    assert [file.path for file in plan.write] == sorted(sync(config).written)
    assert Path(ROSTER).name in {file.path.name for file in plan.write}


@pytest.mark.system
def test_rows_of_the_roster_that_are_damaged(looked_at: list[Reach | None]) -> None:
    """What is found out too late for this run is told, yesterday's roster stays, and the next run mends it."""
    config = district()
    kept = config.store / ROSTER_ROWS
    before = (config.folder / ROSTER).read_bytes()
    kept.write_bytes(b"?" * 40 + kept.read_bytes()[40:])
    school(config, "school-c", meeting="31.11.2023")
    outcome = sync(config)
    assert near(looked_at[-1], "school-c")
    assert outcome.failed
    assert "the next sync makes all of it anew" in " ".join(outcome.messages)
    assert (config.folder / ROSTER).read_bytes() == before
    outcome = sync(config)
    assert (looked_at[-1], outcome.failed) == (None, False)
    assert outbox(config.folder) == as_if_all_were_looked_at(config)
