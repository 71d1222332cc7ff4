"""`sync` and what is known of a school's findings: fixed ones are told, accepted ones listed apart, and both repeat."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from sheets_sync.config import load_config
from sheets_sync.errors import ConfigError
from tests.small_district import AS_OF, MEETINGS, MENTEES, MENTORS, PAIRS, cells, outbox, set_up, sync, tree, workbook

PLACE = "outbox/school-a/Проверка.xlsx"
NAMES = ["Лесная Анна Павловна", "Горный Олег Ильич", "Полевая Вера Ивановна", "Озёрный Лев Петрович"]
WAIVER = (
    '[[waiver]]\norganisation = "school-a"\ncode = "cell-type"\nby = "завуч Иванова"\nreason = "уточняем"\nuntil = '
)


def school(folder: Path, mentors: list[str], bad: tuple[str, ...]) -> None:
    """Mentors in this order; those of ``bad`` were born on the 31st of February."""
    mentee = "Речной Пётр Олегович"
    rows = [
        [name, "педагог", "31.02.1980" if name in bad else "14.02.1980", "учитель", 20, "+7 900 000-00-01", "да"]
        for name in mentors
    ]
    workbook(
        folder / "inbox" / "school-a" / "База.xlsx",
        {
            "Наставники": [MENTORS, *rows],
            "Наставляемые": [MENTEES, [mentee, "14.05.2010", "7А", "математика", "ОВЗ", "13.09.2023", "да"]],
            "Пары": [
                PAIRS,
                ["П-1", NAMES[0], mentee, "учитель – ученик", "5", "15.09.2023", "20.09.2023", "действует"],
            ],
            "Встречи": [MEETINGS, ["10.10.2023", "П-1", "первая, организационная", "Знакомство"]],
        },
    )


def above(folder: Path) -> str:
    """Everything said above the table of findings."""
    lines = []
    for row in cells(folder / PLACE):
        if row[0] == "Важность":
            break
        lines.append(str(row[0] or "").replace("\u00a0", " "))
    return "\n".join(lines)


def sheets(folder: Path) -> list[str]:
    return openpyxl.load_workbook(folder / PLACE).sheetnames


@pytest.mark.system
def test_what_was_fixed_is_told_once_and_stays_in_the_list(tmp_path: Path) -> None:
    """Rows sorted, one mended and one inserted: «Исправлено с прошлого раза: 1», and the same again however often."""
    config = set_up(tmp_path)
    school(tmp_path, NAMES, (NAMES[0], NAMES[1]))
    sync(config)
    assert "Исправлено" not in above(tmp_path)
    assert sheets(tmp_path) == ["Проверка", "Подсказки", "Прочитано", "Столбцы"]

    school(tmp_path, ["Новикова Зоя Львовна", *sorted(NAMES)], (NAMES[1], "Новикова Зоя Львовна"))
    sync(config)
    assert "Исправлено с прошлого раза: 1. Новых замечаний: 1." in above(tmp_path)
    (told,) = cells(tmp_path / PLACE, "Исправлено")[4:]
    assert (told[1], told[2], told[4], told[5]) == ("База.xlsx", "Наставники", NAMES[0], "31.02.1980")
    assert told[0].date() == AS_OF

    written = outbox(tmp_path)
    sync(config, full=True)
    assert outbox(tmp_path) == written
    school(tmp_path, [*sorted(NAMES), "Новикова Зоя Львовна"], (NAMES[1], "Новикова Зоя Львовна"))  # only sorted
    sync(config)
    assert "Исправлено с прошлого раза: 1. Новых замечаний: 1." in above(tmp_path)


@pytest.mark.system
def test_another_day_a_lost_store_and_back_give_the_same_bytes(tmp_path: Path) -> None:
    """What is told depends on the workbooks and the as-of date, not on the runs in between, nor on the store."""
    config = set_up(tmp_path)
    school(tmp_path, NAMES, (NAMES[0], NAMES[1]))
    sync(config)
    school(tmp_path, NAMES, (NAMES[0],))
    sync(config)
    written = outbox(tmp_path)
    sync(config, as_of=date(2023, 12, 29))
    sync(config)
    assert outbox(tmp_path) == written
    (tmp_path / ".sheets-sync" / "store.duckdb").unlink()
    sync(config)
    assert outbox(tmp_path) == written


def test_a_second_sync_opens_nothing(tmp_path: Path) -> None:
    """With a history and waivers too: not even the store is touched."""
    config = set_up(tmp_path)
    school(tmp_path, NAMES, (NAMES[0],))
    (tmp_path / "waivers.toml").write_text(f"{WAIVER}2024-03-01\n", encoding="utf-8")
    sync(config)
    before = {name: file for name, file in tree(tmp_path).items() if not name.endswith("state.json")}
    sync(config)
    assert {name: file for name, file in tree(tmp_path).items() if not name.endswith("state.json")} == before


def test_an_accepted_finding_is_listed_apart_and_changes_no_figure(tmp_path: Path) -> None:
    """Not counted, with its day, name and reason; the row stays out of the rosters as before."""
    config = set_up(tmp_path)
    school(tmp_path, NAMES, (NAMES[3],))
    sync(config)
    roster = outbox(tmp_path)["district/Сводный реестр.xlsx"]
    (tmp_path / "waivers.toml").write_text(f'{WAIVER}2024-03-01\nrecord = "озерный лев"\n', encoding="utf-8")
    outcome = sync(load_config(tmp_path / "config.toml"))
    assert outcome.issues_by_severity["error"] == 0
    assert outcome.messages == []
    assert "ошиб" not in above(tmp_path).split("\n")[1]
    assert "Известно и принято: 1 замечание" in above(tmp_path)
    (told,) = cells(tmp_path / PLACE, "Принято")[4:]
    assert told[2:5] == ["C5", "Дата рождения", "31.02.1980"]
    assert (
        told[6]
        == "Принято до 1\N{NO-BREAK SPACE}марта\N{NO-BREAK SPACE}2024\N{NO-BREAK SPACE}г.: завуч Иванова, уточняем"
    )
    assert outbox(tmp_path)["district/Сводный реестр.xlsx"] == roster


@pytest.mark.system
def test_a_waiver_runs_out_by_itself(tmp_path: Path) -> None:
    """After its day the finding is back and says so; nobody has touched a file."""
    config = set_up(tmp_path)
    school(tmp_path, NAMES, (NAMES[3],))
    (tmp_path / "waivers.toml").write_text(f"{WAIVER}2023-12-20\n", encoding="utf-8")
    assert sync(config).issues_by_severity["error"] == 0
    outcome = sync(config, as_of=date(2023, 12, 21))
    assert outcome.issues_by_severity["error"] == 1
    assert "Принято" not in sheets(tmp_path)
    said = [row[6] for row in cells(tmp_path / PLACE) if row[0] == "Ошибка"]
    assert said[0].endswith(
        "Было принято до 20\N{NO-BREAK SPACE}декабря\N{NO-BREAK SPACE}2023\N{NO-BREAK SPACE}г. (завуч Иванова): этот срок прошёл."
    )


def test_waivers_that_meet_nothing_and_bad_ones_are_told(tmp_path: Path) -> None:
    """A line for the operator; a mistake in the file stops before anything is read."""
    config = set_up(tmp_path)
    school(tmp_path, NAMES, ())
    (tmp_path / "waivers.toml").write_text(f"{WAIVER}2024-03-01\n", encoding="utf-8")
    outcome = sync(config)
    assert [message.split(":")[:2] for message in outcome.messages] == [["waivers.toml", "1"]]
    assert not outcome.failed
    (tmp_path / "waivers.toml").write_text(f"{WAIVER}never\n", encoding="utf-8")
    shutil.rmtree(tmp_path / "outbox")
    with pytest.raises(ConfigError, match=r"waivers\.toml"):
        sync(config)
    assert not (tmp_path / "outbox").exists()
