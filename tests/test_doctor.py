"""`doctor`: every trouble is found, with what to do, in the language of the config; nothing is touched."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections import namedtuple
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sheets_sync import state
from sheets_sync.config import Config, load_config
from sheets_sync.run.doctoring import Finding, examine
from tests.program import command
from tests.small_district import NOW, synced, tree

HEALTHY = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _old_clock_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' day lies before the program was written."""
    from sheets_sync.run import doctoring

    monkeypatch.setattr(doctoring, "BUILT", datetime(2020, 1, 1).astimezone())


def examined(config: Config, now: datetime = HEALTHY) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for one in examine(lambda: config, now=now):
        if one.level != "ok":
            found.setdefault(one.check, []).append(one)
    return found


def private(config: Config) -> Config:
    config.store.chmod(0o700)
    return config


def test_a_healthy_district_has_nothing_to_mend() -> None:
    """Everything is looked at, nothing is written."""
    config = private(synced("school-a"))
    before = tree(config.folder)
    found = examine(lambda: config, now=HEALTHY)
    assert {one.level for one in found} == {"ok"}, found
    assert {one.check for one in found} == {
        *("python", "packages", "locale", "clock", "config", "folders", "disk", "store", "schedule"),
    }
    assert tree(config.folder) == before


def test_store_damaged_lost_or_behind() -> None:
    """Each has its mend: the next sync makes it again."""
    config = private(synced("school-a"))
    store, record = config.store / "store.duckdb", config.store / "state.json"
    kept = record.read_bytes()
    record.unlink()
    [lost] = examined(config)["store"]
    assert "state.json" in lost.what
    record.write_bytes(kept)
    known = state.load(record)
    assert known is not None
    known.record("school-b", "b.xlsx", state.Fingerprint(1, 1, "", ""))
    state.save(known, record)
    [behind] = examined(config)["store"]
    assert "расходятся" in behind.what
    store.write_bytes(b"damaged" * 1000)
    before = tree(config.store)
    [damaged] = examined(config)["store"]
    assert "не открывается" in damaged.what
    assert "sheets-sync sync" in damaged.mend
    assert tree(config.store) == before
    store.unlink()
    assert "ещё нет" in examined(config)["store"][0].what


def test_a_torn_seal_is_named() -> None:
    """A sealed period cannot be made again from workbooks: it is a problem."""
    config = private(synced("school-a"))
    (config.store / "frozen").mkdir()
    (config.store / "frozen/2023-06.json").write_text("{}", encoding="utf-8")
    [seal] = examined(config)["store"]
    assert seal.level == "problem"
    assert "--reseal" in seal.mend


def test_folders_and_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A source that is away, a config that speaks of a folder there is not, a disk that is full."""
    config = private(synced("school-a", more='[[organisations]]\nid = "shcool-a"\n'))
    assert "shcool-a" in examined(config)["folders"][0].what
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(1, 1, 5_000_000))
    [disk] = examined(config)["disk"]
    assert (disk.level, "5 MB" in disk.what) == ("problem", True)
    shutil.rmtree(config.folder / "inbox")
    away = examined(config)["folders"]
    assert away[0].level == "problem"
    assert "inbox" in away[0].what


@pytest.mark.skipif(os.name == "nt", reason="modes of POSIX")
def test_permissions(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store others may open is told; so is a folder that cannot be written (root may write anywhere: it is asked
    as if it could not)."""
    import tempfile

    config = synced("school-a")
    config.store.chmod(0o755)
    [open_] = examined(config)["permissions"]
    assert open_.mend == f"chmod 700 {config.store}"

    def refuse(**_: object) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", refuse)
    assert [one.level for one in examined(config)["folders"]] == ["problem", "problem"]


def test_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set back behind the last run, or never set."""
    config = private(synced("school-a"))
    [back] = examined(config, NOW - timedelta(days=30))["clock"]
    assert back.level == "problem"
    assert "перевели назад" in back.what
    assert examined(config, datetime(2001, 1, 1))["clock"][0].level == "problem"


def test_the_schedule() -> None:
    """A sync that was due and did not come: a problem once a service has been at work, else something to set up."""
    config = private(synced("school-a"))
    [missed] = examined(config, NOW + timedelta(days=3))["schedule"]
    assert missed.level == "warning"
    assert "23.12" in missed.what or "2023-12-23 06:00" in missed.what
    known = state.load(config.store / "state.json")
    assert known is not None
    known.more["serving_since"] = "2023-12-01T00:00:00+00:00"
    state.save(known, config.store / "state.json")
    assert examined(config, NOW + timedelta(days=3))["schedule"][0].level == "problem"


def test_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    """A password that is not set, a server that is not there."""
    mail = '[mail]\nhost = "localhost"\nport = 9\nuser = "robot"\nsender = "a@example.org"\n'
    config = private(synced("school-a", more=mail))
    monkeypatch.delenv("SHEETS_SYNC_MAIL_PASSWORD", raising=False)
    assert "SHEETS_SYNC_MAIL_PASSWORD" in examined(config)["mail"][0].what
    monkeypatch.setenv("SHEETS_SYNC_MAIL_PASSWORD", "x")
    assert "localhost:9" in examined(config)["mail"][0].what


def test_packages_and_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """Too old a Python, a package missing or too old, one that does not load."""
    from importlib import metadata

    config = private(synced("school-a"))
    real = metadata.version

    def version(name: str) -> str:
        if name == "schedule":
            raise metadata.PackageNotFoundError(name)
        return "1.0.0" if name == "duckdb" else real(name)

    monkeypatch.setattr(metadata, "version", version)
    monkeypatch.setattr(metadata, "requires", lambda name: ["duckdb>=1.1", "schedule>=1.2", 'x>=1; extra == "dev"'])
    monkeypatch.setitem(sys.modules, "rapidfuzz", None)
    told = [one.what for one in examined(config)["packages"]]
    assert told[:2] == ["Пакет duckdb 1.0.0: нужен 1.1", "Нет пакета schedule"]
    assert "rapidfuzz не загружается" in told[2]


def test_definitions_and_config_with_mistakes(tmp_path: Path) -> None:
    """File and line; with a config that cannot be used the machine is looked at all the same."""
    config = private(synced("school-a"))
    (config.folder / "waivers.toml").write_text("[[waiver]]\ncode = 5\n", encoding="utf-8")
    [wrong] = examined(config)["config"]
    assert "waivers.toml" in wrong.what
    (tmp_path / "config.toml").write_text('language = "ru"\nlangauge = "en"\n', encoding="utf-8")
    answer = command("doctor", cwd=tmp_path)
    assert answer.returncode == 1
    assert "config.toml:2" in answer.stdout
    assert "Python" in answer.stdout


def test_the_command(tmp_path: Path) -> None:
    """English where the config says so; JSON; exit codes."""
    config = private(synced("school-a", more="[privacy]\npupil_names = false\n"))
    text = (config.folder / "config.toml").read_text(encoding="utf-8")
    (config.folder / "config.toml").write_text('language = "en"\n' + text, encoding="utf-8")
    assert load_config(config.folder / "config.toml").language == "en"
    answer = command("doctor", "--format", "json", cwd=config.folder)
    told = json.loads(answer.stdout)
    assert (answer.returncode, told["version"], told["ok"]) == (0, 1, True), told
    assert any("can be read" in one["what"] for one in told["findings"])
    shutil.rmtree(config.folder / "inbox")
    answer = command("-q", "doctor", cwd=config.folder)
    assert answer.returncode == 1
    assert "✗ Folder" in answer.stdout
    assert "✓" not in answer.stdout
