"""`report --freeze`: what is sealed stays as it was, and a later report tells what has changed and by which rows."""

from __future__ import annotations

import json
import os
import shutil
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sheets_sync import run
from sheets_sync.config import Config, load_config
from sheets_sync.errors import ConfigError
from tests.program import command
from tests.small_district import NOW, cells, outbox, set_up, sync, tree

MORE = """[outputs]
folder = "outbox"
"""
JUNE = date(2024, 6, 20)
LATER = datetime(2024, 6, 20, 9, 0)
FILES = ("xlsx", "md", "json")  # those that tell of a seal in words of their own


def district(folder: Path, *schools: str) -> Config:
    """A district read as of the day of the June report."""
    config = set_up(folder, *(schools or ("school-a", "school-b")), more=MORE)
    assert not sync(config, as_of=JUNE).failed
    return config


def sealed(config: Config, period: str = "2023-12", **options: Any) -> Path:
    outcome = run.report(config, period=period, freeze=True, formats=(), now=NOW, **options)
    assert outcome.sealed is not None
    return outcome.sealed


def one_more_pair(config: Config, school: str = "school-a") -> None:
    """A second mentee with a pair under an order of autumn, typed in after December."""
    path = config.folder / "inbox" / school / "Наставничество.xlsx"
    book = openpyxl.load_workbook(path)
    mentor = book["Пары"]["B2"].value
    book["Наставляемые"].append(["Ручьёва Ольга Ивановна", "01.02.2011", "6Б", "физика", "ОВЗ", "13.09.2023", "да"])
    book["Пары"].append(
        ["П-2", mentor, "Ручьёва Ольга Ивановна", "учитель – ученик", "5", "15.09.2023", "20.09.2023", "действует"]
    )
    book.save(path)
    assert not sync(config, as_of=JUNE).failed


def restated(told: Any, indicator: str, organisation: str | None, part: str = "numerator") -> Any:
    found = [
        one
        for one in told["frozen"]["restatements"]
        if (one["indicator"], one["organisation"], one["part"]) == (indicator, organisation, part)
    ]
    assert len(found) <= 1
    return found[0] if found else None


@pytest.mark.system
def test_what_is_sealed(tmp_path: Path) -> None:
    """Figures, settings, counters and rows by place and key, in plain JSON its owner alone may read; no names."""
    config = district(tmp_path)
    path = sealed(config)
    assert path == config.store / "frozen" / "2023-12.json"
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600
    text = path.read_text(encoding="utf-8")
    told = json.loads(text)
    assert (told["period"], told["as_of"], told["sealed_on"]) == ("2023-12", "2023-12-20", "2023-12-20")
    later = run.report(config, period="2023-12", formats=(), now=LATER).figures_json
    assert told["figures"] == {key: value for key, value in later.items() if key != "frozen"}
    assert told["settings"]["satisfied"] == 7
    assert told["counters"]["school-a"]["pairs"] == 1
    assert told["definitions"]
    rows = [dict(zip(told["row_columns"], row, strict=True)) for row in told["rows"]]
    own = [row for row in rows if (row["indicator"], row["part"]) == ("I1", "numerator")]
    assert [(row["organisation"], row["sheet"], row["row"]) for row in own] == [
        ("school-a", "Наставляемые", 2),
        ("school-b", "Наставляемые", 2),
    ]
    assert len({row["key"] for row in own}) == 2
    for name in ("речной", "петр", "лесная"):
        assert name not in text.casefold().replace("ё", "е")


@pytest.mark.system
def test_a_sealed_period_without_changes(tmp_path: Path) -> None:
    """The report says so, the same bytes as the one that sealed it; report.json keeps its contract beside "frozen"."""
    config = district(tmp_path)
    outcome = run.report(config, period="2023-12", freeze=True, formats=FILES, now=NOW)
    assert outcome.figures_json["frozen"]["restatements"] == []
    before = tree(tmp_path / "outbox")
    again = run.report(config, period="2023-12", formats=FILES, now=LATER)
    assert tree(tmp_path / "outbox") == before
    assert not again.failed
    assert [key for key in again.figures_json if key != "frozen"] == [
        "version", "period", "as_of", "district", "organisations"
    ]  # fmt: skip
    page = cells(tmp_path / "outbox/district/2023-12/Мониторинг.xlsx", "Уточнения")
    assert page[0][0] == "Показатели зафиксированы 20.12.2023; с тех пор ничего не изменилось."


@pytest.mark.system
def test_a_later_edit_is_a_restatement(tmp_path: Path) -> None:
    """Today's figures, and beside them what they were, with the rows that came; moved rows alone are no change."""
    config = district(tmp_path)
    seal = sealed(config).read_bytes()
    one_more_pair(config)
    told = run.report(config, period="2023-12", formats=FILES, now=LATER).figures_json
    own = restated(told, "I1", "school-a")
    assert (own["was"], own["now"]) == (1, 2)
    assert own["words"] == "было 1, стало 2: добавилась строка 3 (лист «Наставляемые»)"
    assert [row["row"] for row in own["added"]] == [3]
    assert own["gone"] == []
    whole = restated(told, "I1", None)
    assert whole["words"] == "было 2, стало 3: МКОУ school-a: добавилась строка 3 (лист «Наставляемые»)"
    assert restated(told, "I1", "school-b") is None
    assert restated(told, "I1", "school-a", "denominator") is None
    root = tmp_path / "outbox"
    markdown = (root / "district/2023-12/Мониторинг.md").read_text(encoding="utf-8")
    assert "Показатели зафиксированы 20.12.2023" in markdown
    assert "было 2, стало 3" in markdown
    page = cells(root / "school-a/2023-12/Мониторинг.xlsx", "Уточнения")
    assert any(line[4:7] == [1, 2, own["words"]] for line in page)
    assert [one["organisation"] for one in _report_json(root, "school-b")["frozen"]["restatements"]] == []
    assert {one["organisation"] for one in _report_json(root, "school-a")["frozen"]["restatements"]} == {"school-a"}
    for path, content in outbox(tmp_path).items():
        if path.startswith("district/2023-12/"):
            assert "Ручь".encode() not in content
    assert (config.store / "frozen" / "2023-12.json").read_bytes() == seal

    inbox = config.folder / "inbox/school-a/Наставничество.xlsx"
    book = openpyxl.load_workbook(inbox)
    book["Наставляемые"].insert_rows(1, 3)
    book.save(inbox)
    sync(config, as_of=JUNE)
    moved = run.report(config, period="2023-12", formats=(), now=LATER).figures_json
    assert [row["row"] for row in restated(moved, "I1", "school-a")["added"]] == [6]


def _report_json(root: Path, organisation: str) -> Any:
    return json.loads((root / organisation / "2023-12" / "report.json").read_text(encoding="utf-8"))


@pytest.mark.system
def test_a_number_typed_anew(tmp_path: Path) -> None:
    """A denominator that a school corrects: the row of the profile, and a person taken out: the row there was."""
    config = district(tmp_path, "school-a")
    sealed(config)
    path = config.folder / "inbox/school-a/Наставничество.xlsx"
    book = openpyxl.load_workbook(path)
    book["Паспорт"]["H2"] = 44
    book["Пары"]["F2"] = "15.01.2024"
    book["Пары"]["G2"] = "15.01.2024"
    book.save(path)
    sync(config, as_of=JUNE)
    told = run.report(config, period="2023-12", formats=(), now=LATER).figures_json
    below = restated(told, "I1", "school-a", "denominator")
    assert below["words"] == "было 40, стало 44: изменилась строка 2 (лист «Паспорт»)"
    above = restated(told, "I1", "school-a")
    assert above["words"] == "было 1, стало 0: больше не считается строка 2 (лист «Наставляемые»)"


@pytest.mark.system
def test_settings_that_changed_are_named(tmp_path: Path) -> None:
    """The number of enterprises is the district's: no row, but the words say where it stands."""
    config = district(tmp_path, "school-a")
    sealed(config)
    path = tmp_path / "config.toml"
    text = path.read_text(encoding="utf-8").replace('name = "Район"', 'name = "Район"\nenterprises = { 2023 = 48 }')
    path.write_text(text, encoding="utf-8")
    told = run.report(load_config(path), period="2023-12", formats=(), now=LATER).figures_json
    assert told["frozen"]["conditions"] == ["С тех пор изменились настройки: число предприятий района."]
    words = restated(told, "I4", None, "denominator")["words"]
    assert words == "данных не было, стало 48: изменилось число в настройках района"


@pytest.mark.system
def test_sealed_once(tmp_path: Path) -> None:
    """A second seal is refused with the mend and nothing is written; --reseal keeps the former file beside."""
    config = district(tmp_path, "school-a")
    path = sealed(config)
    first, before = path.read_bytes(), tree(tmp_path)
    answer = command("report", "--period", "2023-12", "--freeze", cwd=tmp_path)
    assert (answer.returncode, answer.stdout, answer.stderr.count("\n")) == (2, "", 1)
    assert "is sealed already" in answer.stderr
    assert "--reseal" in answer.stderr
    assert {name: content for name, content in tree(tmp_path).items() if name != ".sheets-sync/lock"} == {
        name: content for name, content in before.items() if name != ".sheets-sync/lock"
    }
    one_more_pair(config)
    outcome = run.report(config, period="2023-12", reseal=True, formats=(), now=LATER)
    assert outcome.figures_json["frozen"]["restatements"] == []
    assert json.loads(path.read_text(encoding="utf-8"))["sealed_on"] == "2024-06-20"
    assert (path.parent / "2023-12.former-1.json").read_bytes() == first
    answer = command("report", "--period", "2023-12", "--freeze", "--organisation", "school-a", cwd=tmp_path)
    assert answer.returncode == 2
    assert "whole district" in answer.stderr


@pytest.mark.system
def test_a_seal_outlives_the_store(tmp_path: Path) -> None:
    """The store lost and made anew: the same rows have the same keys, so nothing is restated."""
    config = district(tmp_path)
    seal = sealed(config).read_bytes()
    for name in ("store.duckdb", "state.json"):
        (config.store / name).unlink()
    assert not sync(config, as_of=JUNE).failed
    told = run.report(config, period="2023-12", formats=(), now=LATER).figures_json
    assert told["frozen"]["restatements"] == []
    assert (config.store / "frozen" / "2023-12.json").read_bytes() == seal


@pytest.mark.system
@pytest.mark.parametrize("damage", ["torn", "empty", "edited", "another"])
def test_a_damaged_seal_is_named(tmp_path: Path, damage: str) -> None:
    """Exit code 1, the file and the mend in one line; the report is made as for a period that is not sealed."""
    config = district(tmp_path, "school-a")
    path = sealed(config)
    content = path.read_bytes()
    path.write_bytes(
        {
            "torn": content[: len(content) // 2],
            "empty": b"",
            "edited": content.replace(b'"numerator": 1', b'"numerator": 7', 1),
            "another": content.replace(b'"version": 1', b'"version": 9', 1),
        }[damage]
    )
    answer = command("report", "--period", "2023-12", "--format", "json", cwd=tmp_path)
    assert answer.returncode == 1
    assert "2023-12.json: the sealed period 2023-12" in answer.stderr
    assert "--reseal" in answer.stderr
    assert "written:" in answer.stdout
    assert "frozen" not in _report_json(tmp_path / "outbox", "school-a")
    with pytest.raises(ConfigError, match="sealed already"):
        run.report(config, period="2023-12", freeze=True, formats=())


@pytest.mark.system
def test_june_is_compared_with_the_sealed_december(tmp_path: Path) -> None:
    """«Динамика» takes December as it was sealed, whatever has been typed into it since."""
    config = district(tmp_path)
    sealed(config)
    one_more_pair(config)
    run.report(config, period="2024-06", formats=FILES, now=LATER)
    page = cells(tmp_path / "outbox/district/2024-06/Мониторинг.xlsx", "Динамика")
    assert "Было – на 20.12.2023 (зафиксированный отчёт)." in [row[0] for row in page]
    line = next(row for row in page if row[0] == "I1" and row[2] == "Район")
    assert line[3:5] == pytest.approx([2.5, 3.8])
    assert line[5].startswith("=ROUND(")
    markdown = (tmp_path / "outbox/school-a/2024-06/Мониторинг.md").read_text(encoding="utf-8")
    assert "- **I1**: было 2,5\u00a0%, стало 5,0\u00a0% (+2,5\u00a0п.п.)." in markdown


@pytest.mark.system
def test_sealed_for_another_day(tmp_path: Path) -> None:
    """A period sealed before its due day is seen as of that day from then on; another day asked for is not compared."""
    config = district(tmp_path, "school-a")
    sealed(config, as_of=date(2023, 12, 10))
    told = run.report(config, period="2023-12", formats=(), now=LATER).figures_json
    assert told["as_of"] == "2023-12-10"
    assert told["frozen"]["restatements"] == []
    other = run.report(config, period="2023-12", as_of=date(2023, 12, 20), formats=(), now=LATER)
    assert "frozen" not in other.figures_json
    assert any("sealed as of 2023-12-10" in message for message in other.messages)


@pytest.mark.system
def test_sealing_is_the_same_whatever_the_folder(tmp_path: Path) -> None:
    """Same files, same day: the same bytes."""
    first = sealed(district(tmp_path / "one")).read_bytes()
    shutil.copytree(tmp_path / "one" / "inbox", tmp_path / "two" / "inbox")
    shutil.copy(tmp_path / "one" / "config.toml", tmp_path / "two" / "config.toml")
    config = load_config(tmp_path / "two" / "config.toml")
    sync(config, as_of=JUNE)
    assert sealed(config).read_bytes() == first
