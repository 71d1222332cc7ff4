"""`template --google` and `init --google` against the emulator: the blank spreadsheet, and what is refused, kindly."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sheets_sync.config import GoogleSource, load_config, read_config
from sheets_sync.google.client import GoogleClient
from sheets_sync.google.credentials import VARIABLE
from sheets_sync.run import google as google_side
from sheets_sync.run.google_blank import google_config_text
from sheets_sync.sinks.template import tables_for
from sheets_sync.table_schema.loading import load_definitions
from tests.google_emulator import OPERATOR, Emulator, FakeClock, faults
from tests.program import command


class Desk:
    """A folder with an account's key and a config, and the emulator behind them."""

    def __init__(self, folder: Path, emulator: Any) -> None:
        self.folder, self.emulator = folder, emulator
        self.key = folder / "key.json"
        self.key.write_text(json.dumps(emulator.service_account()), encoding="utf-8")
        self.key.chmod(0o600)
        (folder / "config.toml").write_text(
            '[[sources]]\nkind = "google_sheets"\nfolders = ["F"]\ncredentials = "key.json"\n', encoding="utf-8"
        )

    def run(self, *line: str, **env: str) -> Any:
        return command(*line, cwd=self.folder, env=env)

    def template(self, *more: str) -> Any:
        return self.run("template", "--google", "--table", "curators", "--table", "awards", *more)

    def titles(self, one: str) -> list[str]:
        return [sheet.title for sheet in self.emulator.book(one).sheets]


TITLES = [load_definitions().schemas[name].title for name in ("curators", "awards")]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    clock = FakeClock()
    with Emulator(clock=clock) as emulator:

        def connect(source: Any, access: Any) -> GoogleClient:
            more = {"clock": clock, "sleep": clock.sleep, "random": lambda: 0.5}
            return GoogleClient(access.credentials, base_url=emulator.url, email=access.email, **more)

        monkeypatch.setattr(google_side, "connect", connect)
        monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
        for name in (VARIABLE, "GOOGLE_APPLICATION_CREDENTIALS", "CLOUDSDK_CONFIG"):
            monkeypatch.delenv(name, raising=False)
        yield Desk(tmp_path, emulator)


def made(told: Any) -> str:
    """The id in the address that was printed."""
    return told.stdout.partition("/d/")[2].partition("/")[0]


def test_a_new_spreadsheet(desk: Desk) -> None:
    told = desk.template("--title", "Школа № 5")
    assert told.returncode == 0, told.stderr
    one = made(told)
    assert desk.titles(one) == TITLES
    assert desk.emulator.file(one).name == "Школа № 5"
    assert desk.emulator.values(one, TITLES[0])[0][:2] == ["№ п/п", "ФИО куратора"]
    assert OPERATOR in told.stderr
    assert "--spreadsheet" in told.stderr  # nobody but the account sees it


def test_a_lost_reply_makes_no_second_one(desk: Desk) -> None:
    desk.emulator.faults.add(faults.lost_reply(), method="POST", path="/v4/spreadsheets")
    told = desk.template()
    assert (told.returncode, len(desk.emulator.drive.files)) == (1, 1)
    assert "look on Drive" in told.stderr


def test_made_but_not_filled(desk: Desk) -> None:
    """Its address is told, and the line that fills it works."""
    desk.emulator.faults.add(faults.html(503), path=":batchUpdate", times=99)
    told = desk.template()
    assert told.returncode == 1
    one = told.stderr.partition("--spreadsheet ")[2].split()[0]
    desk.emulator.faults.clear()
    again = desk.template("--spreadsheet", one)
    assert (again.returncode, desk.titles(one)) == (0, TITLES), again.stderr


@pytest.mark.parametrize("reason", ["storageQuotaExceeded", "forbidden"])
def test_no_room_on_drive(desk: Desk, reason: str) -> None:
    desk.emulator.faults.add(faults.quota_403(reason), method="POST", path="/v4/spreadsheets")
    told = desk.template()
    assert told.returncode == 1
    assert f"share it with {OPERATOR} as Editor" in told.stderr
    assert "--spreadsheet ID" in told.stderr
    assert "\n" not in told.stderr.strip()


def test_an_empty_one_that_was_shared(desk: Desk) -> None:
    """Whatever its tabs are called and numbered; by its address too."""
    one = desk.emulator.spreadsheet("Пустая", {"Лист1": [], TITLES[1]: [], "~0": []})
    told = desk.template("--spreadsheet", f"https://docs.google.com/spreadsheets/d/{one}/edit#gid=0")
    assert told.returncode == 0, told.stderr
    assert (made(told), desk.titles(one)) == (one, TITLES)
    assert desk.emulator.file(one).name == "Пустая"
    assert len(desk.emulator.drive.files) == 1


@pytest.mark.parametrize("fault", [faults.lost_reply, faults.cut, faults.html])
def test_filling_converges(desk: Desk, fault: Any) -> None:
    one = desk.emulator.spreadsheet("Пустая", {"Лист1": []})
    desk.emulator.faults.add(fault(), path=":batchUpdate")
    told = desk.template("--spreadsheet", one)
    assert (told.returncode, desk.titles(one)) == (0, TITLES), told.stderr


def test_one_that_holds_something_is_left_alone(desk: Desk) -> None:
    one = desk.emulator.spreadsheet("Чужая", {"Лист1": [], "Лист2": [[], ["", "важно"]]})
    told = desk.template("--spreadsheet", one)
    assert (told.returncode, desk.titles(one)) == (2, ["Лист1", "Лист2"])
    assert "tab “Лист2”, cell B2" in told.stderr
    assert "важно" not in told.stderr
    noted = desk.emulator.spreadsheet("С запиской", {"Лист1": []})
    desk.emulator.note(noted, "C3", "не забыть")
    assert "cell C3" in desk.template("--spreadsheet", noted).stderr
    assert desk.emulator.count("write") == 0
    filled = desk.emulator.spreadsheet("Пустая", {"Лист1": []})
    assert desk.template("--spreadsheet", filled).returncode == 0
    assert desk.template("--spreadsheet", filled).returncode == 2


def test_one_that_is_not_shared(desk: Desk) -> None:
    one = desk.emulator.spreadsheet("Закрытая", {"Лист1": []})
    desk.emulator.unshare(one)
    told = desk.template("--spreadsheet", one)
    assert told.returncode == 1
    assert f"share the spreadsheet or its folder with {OPERATOR}" in told.stderr


def test_without_credentials(desk: Desk) -> None:
    (desk.folder / "config.toml").unlink()
    told = desk.template()
    assert told.returncode == 2
    assert "SHEETS_SYNC_GOOGLE_CREDENTIALS" in told.stderr
    assert desk.run("template", "--google", "--table", "awards", **{VARIABLE: str(desk.key)}).returncode == 0


def test_options_that_do_not_go_together(desk: Desk) -> None:
    for line in (["--google", "-o", "a.xlsx"], ["--title", "T"], ["--spreadsheet", "ID"]):
        assert desk.run("template", *line).returncode == 2
    assert desk.run("init", "d", "--folder", "ID").returncode == 2


def test_the_config_of_google(project: Path) -> None:
    """The example's, but for the source."""
    example = (project / "config.example.toml").read_text("utf-8")
    path = project / "config.toml"
    source = GoogleSource(("F1",), credentials=project / "key.json")
    config = read_config(google_config_text(example, folder="F1", key="key.json"), path)
    assert config.sources == (source,)
    assert replace(config, sources=()) == replace(read_config(example, path), sources=())
    assert read_config(google_config_text(example, folder="F1", key=""), path).sources[0].credentials is None
    assert '# path = "inbox"' in google_config_text(example)


@pytest.mark.system
def test_init(desk: Desk) -> None:
    """Before there is a key; with the key; with one from the environment and a spreadsheet of one's own."""
    told = desk.run("init", "a", "--google")
    assert told.returncode == 1
    assert "service-account.json" in told.stdout
    assert "no Google credentials" in told.stderr
    (desk.folder / "b").mkdir()
    desk.key.rename(desk.folder / "b" / "service-account.json")
    told = desk.run("init", "b", "--google", "--folder", "https://drive.google.com/drive/folders/F1?usp=sharing")
    assert told.returncode == 0, told.stderr
    source = load_config(desk.folder / "b" / "config.toml").sources[0]
    assert source == GoogleSource(("F1",), credentials=desk.folder / "b" / "service-account.json")
    assert f"with {OPERATOR}" in told.stdout
    titles = [load_definitions().schemas[table].title for table in tables_for("school")]
    assert desk.titles(made(told)) == titles
    one = desk.emulator.spreadsheet("Моя", {"Лист1": []})
    key = {VARIABLE: str(desk.folder / "b" / "service-account.json")}
    told = desk.run("init", "c", "--google", "--folder", "F1", "--spreadsheet", one, **key)
    assert (told.returncode, desk.titles(one)) == (0, titles), told.stderr
    assert load_config(desk.folder / "c" / "config.toml").sources == (GoogleSource(("F1",)),)
    assert (desk.folder / "c" / "templates" / "Школа.xlsx").is_file()
