"""`report`: both periods from one store, by organisation and district, in every form, to the JSON contract."""

from __future__ import annotations

import json
import math
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sheets_sync import run
from sheets_sync.config import Config
from sheets_sync.errors import ConfigError
from tests.program import command
from tests.small_district import NOW, outbox, set_up, sync, synced, tree

STATUSES = {"met", "not_met", "no_target", "no_data", "not_applicable", "data_error"}
COUNTS = {
    "mentors", "mentees", "mentees_pupils", "pairs_counted", "pairs_running", "unmatched", "meetings", "curators",
}  # fmt: skip
MORE = """[outputs]
folder = "outbox"
"""


def faults(told: Any, *, own: bool = False) -> list[str]:
    """What of report.json is not as design.md §4 and tables.md 13 say; an organisation's ``own`` tells no district's."""
    found: list[str] = []

    def expect(holds: bool, what: str) -> None:
        if not holds:
            found.append(what)

    def number(value: Any) -> bool:
        plain = isinstance(value, (int, float)) and not isinstance(value, bool)
        return value is None or (plain and math.isfinite(value))

    def indicators(items: Any, where: str, district: bool) -> None:
        expect([item["id"] for item in items] == [f"I{n}" for n in range(1, 8)], f"{where}: ids")
        for item in items:
            at = f"{where}.{item['id']}"
            base = {"id", "numerator", "denominator", "value", "unit", "target", "deviation", "status"}
            more = {"flag"} | ({"organisations_counted", "left_out"} if district else set())
            more |= {"respondents", "share_of_respondents"} if item["id"] in ("I5", "I6") else set()
            expect(base <= set(item) <= base | more, f"{at}: keys {sorted(item)}")
            expect(item["status"] in STATUSES, f"{at}: status {item['status']}")
            for key in ("numerator", "denominator", "value", "target", "deviation"):
                expect(number(item.get(key)), f"{at}: {key} {item.get(key)!r}")
            expect(isinstance(item["unit"], str), f"{at}: unit")
            expect(item.get("flag", "check") == "check", f"{at}: flag")
            if item["status"] in ("met", "not_met"):
                expect(None not in (item["value"], item["target"], item["deviation"]), f"{at}: no target, yet judged")
                expect((item["status"] == "met") == (item["value"] >= item["target"]), f"{at}: judged wrongly")
                expect(abs(item["value"] - item["target"] - item["deviation"]) < 0.06, f"{at}: deviation")
            if item["status"] in ("no_data", "not_applicable", "data_error"):
                expect(item["value"] is None and item["deviation"] is None, f"{at}: a value without data")
            if district:
                expect(isinstance(item["organisations_counted"], list), f"{at}: organisations_counted")
                expect(set(item["left_out"].values()) <= STATUSES, f"{at}: left_out")

    expect(list(told) == ["version", "period", "as_of", "district", "organisations"], f"keys {list(told)}")
    expect(told["version"] == 1, "version")
    date.fromisoformat(told["as_of"])
    if own:
        expect(told["district"] == {"indicators": []}, "figures of the district")
    else:
        indicators(told["district"]["indicators"], "district", True)
    for organisation in told["organisations"]:
        expect({"id", "name", "indicators", "counts"} == set(organisation), f"keys {list(organisation)}")
        expect(set(organisation["counts"]) >= COUNTS, f"counts {sorted(organisation['counts'])}")
        expect(all(type(count) is int for count in organisation["counts"].values()), "counts")
        indicators(organisation["indicators"], organisation["id"], False)
    return found


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """Two schools read as of the day of the June report."""
    config = set_up(tmp_path_factory.mktemp("reports"), "school-a", "school-b", more=MORE)
    assert not sync(config, as_of=date(2024, 6, 20)).failed
    return config


def figure(told: Any, indicator: str, organisation: str = "") -> Any:
    part = next(one for one in told["organisations"] if one["id"] == organisation) if organisation else told["district"]
    return next(one for one in part["indicators"] if one["id"] == indicator)


@pytest.mark.system
@pytest.mark.parametrize("period", ["2023-12", "2024-06"])
def test_both_periods_from_one_store(district: Config, period: str) -> None:
    """After one sync either set can be made: to the contract, with the files it should have, the same when repeated."""
    outcome = run.report(district, period=period, now=NOW)
    root = district.outputs.folder
    assert root is not None
    names = [
        "index.html", "report.json", "Мониторинг.md", "Мониторинг.xlsx", "Справка.docx", "Справка.html", "Справка.md"
    ]  # fmt: skip
    places = [f"{whose}/{period}/{name}" for whose in ("district", "school-a", "school-b") for name in names]
    assert sorted(path.relative_to(root).as_posix() for path in outcome.written) == sorted(places)
    told = json.loads((root / "district" / period / "report.json").read_text(encoding="utf-8"))
    assert told == outcome.figures_json
    assert faults(told) == []
    assert (told["period"], told["as_of"]) == (period, {"2023-12": "2023-12-20", "2024-06": "2024-06-20"}[period])
    assert [one["id"] for one in told["organisations"]] == ["school-a", "school-b"]
    assert (figure(told, "I1")["numerator"], figure(told, "I1")["denominator"]) == (2, 80)
    assert figure(told, "I1")["value"] == 2.5
    assert figure(told, "I1", "school-a")["numerator"] == 1
    own = json.loads((root / "school-b" / period / "report.json").read_text(encoding="utf-8"))
    assert faults(own, own=True) == []
    assert [one["id"] for one in own["organisations"]] == ["school-b"]
    before = tree(root)
    run.report(district, period=period, now=NOW)
    assert tree(root) == before


def test_as_of_before_anything_happened(district: Config) -> None:
    """Before the pair's order nobody counts: 0 of 40 is a figure, not a gap; before the period began it is refused."""
    told = run.report(district, period="2023-12", as_of=date(2023, 9, 10), formats=()).figures_json
    assert faults(told) == []
    assert told["as_of"] == "2023-09-10"
    assert figure(told, "I1", "school-a")["numerator"] == 0
    assert all(one["counts"]["pairs_counted"] == 0 for one in told["organisations"])
    with pytest.raises(ConfigError, match="has not begun"):
        run.report(district, period="2024-06", as_of=date(2023, 12, 31), formats=())


def test_auto_is_the_set_that_is_due(district: Config) -> None:
    """Without a period: the one due within a month, else the last that came due."""
    for day, period in ((date(2023, 12, 1), "2023-12"), (date(2024, 3, 1), "2023-12"), (date(2024, 6, 1), "2024-06")):
        assert run.report(district, as_of=day, formats=()).figures_json["period"] == period


@pytest.mark.system
def test_one_organisation_and_the_district_alone(district: Config, tmp_path: Path) -> None:
    """--organisation and --district write only theirs, into the folder asked for; the outbox stays as it was."""
    root = district.outputs.folder
    assert root is not None
    before = tree(root)
    one = run.report(district, period="2023-12", organisation="school-a", out=tmp_path / "o", now=NOW)
    assert {path.relative_to(tmp_path / "o").parts[0] for path in one.written} == {"school-a"}
    assert [each["id"] for each in one.figures_json["organisations"]] == ["school-a"]
    whole = run.report(district, period="2023-12", district=True, out=tmp_path / "d", formats=("json",), now=NOW)
    assert [path.relative_to(tmp_path / "d").as_posix() for path in whole.written] == ["district/2023-12/report.json"]
    assert tree(root) == before
    with pytest.raises(ConfigError, match=r"no such organisation: school-x.*school-a, school-b"):
        run.report(district, organisation="school-x")


@pytest.mark.system
def test_printed(district: Config) -> None:
    """`-o -` prints report.json and writes nothing; `--format` chooses the files."""
    before = outbox(district.folder)
    answer = command("report", "--period", "2023-12", "-o", "-", cwd=district.folder)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert faults(json.loads(answer.stdout)) == []
    assert outbox(district.folder) == before
    answer = command(
        "report", "--period", "2023-12", "-o", "own", "--format", "md,json", "--organisation", "school-a",
        cwd=district.folder,
    )  # fmt: skip
    assert answer.returncode == 0
    assert sorted(path.name for path in (district.folder / "own/school-a/2023-12").iterdir()) == [
        "report.json", "Мониторинг.md", "Справка.md"
    ]  # fmt: skip


def test_nothing_read_yet(tmp_path: Path) -> None:
    """Exit code 2, one line, nothing made."""
    set_up(tmp_path, "school-a")
    before = tree(tmp_path)
    answer = command("report", "--period", "2023-12", cwd=tmp_path)
    assert (answer.returncode, answer.stdout, answer.stderr.count("\n")) == (2, "", 1)
    assert "nothing has been read yet" in answer.stderr
    assert "sheets-sync sync" in answer.stderr
    assert tree(tmp_path) == before


@pytest.mark.parametrize("period", ["2023", "2023-11", "December", "1923-12"])
def test_no_such_period(district: Config, period: str) -> None:
    """Named, with what may be written."""
    with pytest.raises(ConfigError, match=r"no such period.*2023-12"):
        run.report(district, period=period)


@pytest.mark.system
def test_a_district_without_rows() -> None:
    """An empty inbox was read: every figure says that there are no data."""
    config = synced(more=MORE)
    told = run.report(config, period="2023-12").figures_json
    assert faults(told) == []
    assert told["organisations"] == []
    assert {one["value"] for one in told["district"]["indicators"]} == {None}


@pytest.mark.system
def test_changed_definitions_ask_for_a_sync() -> None:
    """A report over rows read otherwise would be wrong, and would empty the store: refused, nothing lost."""
    config = synced("school-a", more=MORE)
    shipped = Path(run.__file__).parent.parent.parent / "schemas" / "meetings.toml"
    (config.folder / "schemas").mkdir()
    text = shipped.read_text(encoding="utf-8") + '\n[[fields]]\nname = "place"\ntitle = "Место"\ntype = "text"\n'
    (config.folder / "schemas/meetings.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="have changed since"):
        run.report(config, period="2023-12")
    shutil.rmtree(config.folder / "schemas")
    assert figure(run.report(config, period="2023-12", formats=()).figures_json, "I1")["numerator"] == 1


@pytest.mark.system
def test_damaged_store_asks_for_a_sync() -> None:
    """Said in one line; the next sync reads everything and the report is as before."""
    config = synced("school-a", more=MORE)
    (config.store / "store.duckdb").write_bytes(b"x" * 5000)
    with pytest.raises(ConfigError, match="damaged"):
        run.report(config, period="2023-12")
    assert len(sync(config).changed) == 1
    assert figure(run.report(config, period="2023-12", formats=()).figures_json, "I1")["numerator"] == 1


@pytest.mark.system
def test_working_folder_removed() -> None:
    """It may be removed at any time: files of ours are still known as ours, none is written twice."""
    config = synced("school-a", more=MORE)
    run.report(config, period="2023-12")
    before = outbox(config.folder)
    shutil.rmtree(config.store)
    sync(config, as_of=date(2024, 6, 20))
    outcome = run.report(config, period="2023-12", as_of=date(2023, 9, 10))
    assert outcome.messages == []
    assert outbox(config.folder).keys() == before.keys()


@pytest.mark.system
def test_report_is_among_the_last_runs() -> None:
    """`status` tells of it, and sync still finds nothing to do."""
    config = synced("school-a", more=MORE)
    run.report(config, period="2023-12")
    told = run.status(config, now=NOW)
    assert [one["verb"] for one in told.last_runs] == ["report", "sync"]
    assert told.stale == []
    outcome = sync(config)
    assert (outcome.changed, outcome.written) == ([], [])
