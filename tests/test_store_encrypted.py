"""The store encrypted with a key from the environment."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from sheets_sync import store
from sheets_sync.config import load_config
from sheets_sync.errors import ConfigError
from tests.program import command
from tests.small_district import outbox, school, set_up, sync, synced

pytestmark = pytest.mark.system  # a run each: slow together

KEY = "ключ с пробелами и 'кавычками'"
MORE = "[store]\nencrypted = true\n"
NAME = "Лесная Анна".encode()


@pytest.fixture
def _encrypting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the extension that encrypts safely is not installed, DuckDB's own stand-in will do for a test."""
    try:
        duckdb.connect().execute("LOAD httpfs")
    except duckdb.Error:
        monkeypatch.setattr(
            store, "_make_secure", lambda connection: connection.execute("SET force_mbedtls_unsafe = 'true'")
        )


@pytest.mark.usefixtures("_encrypting")
def test_encrypted_store_gives_the_same_outputs(tmp_path: Path) -> None:
    """Nothing of it can be read without the key, and all works as ever: sync again, report, plan."""
    plain = set_up(tmp_path / "plain", "school-a")
    config = replace(set_up(tmp_path / "secret", more=MORE), store_key=KEY)
    for step in range(2):
        shutil.copytree(plain.folder / "inbox", config.folder / "inbox", dirs_exist_ok=True)
        sync(plain)
        sync(config)
        if not step:
            school(plain.folder / "inbox/school-b", meeting="31.11.2023")
    for one in (plain, config):
        variables = {"SHEETS_SYNC_STORE_KEY": KEY}
        for verb in (("plan",), ("report", "--period", "2023-12", "--format", "md"), ("trace", "I1")):
            answer = command(*verb, "--as-of", "2023-12-20", cwd=one.folder, env=variables)
            assert answer.returncode == 0, answer.stderr
    assert outbox(tmp_path / "secret") == outbox(tmp_path / "plain")
    assert NAME in (plain.store / "store.duckdb").read_bytes()
    assert NAME not in (config.store / "store.duckdb").read_bytes()
    assert sync(config).changed == []


@pytest.mark.usefixtures("_encrypting")
def test_key_missing_or_wrong_is_one_line_and_costs_nothing(tmp_path: Path) -> None:
    """Exit code 2, what to do; the store is not taken for damaged."""
    config = replace(set_up(tmp_path, "school-a", more=MORE), store_key=KEY)
    sync(config)
    before = (config.store / "store.duckdb").read_bytes()
    school(tmp_path / "inbox/school-b")
    for verb in ("sync", "plan", "report"):
        for variables in ({"SHEETS_SYNC_STORE_KEY": ""}, {"SHEETS_SYNC_STORE_KEY": "другой"}):
            answer = command(verb, "--as-of", "2023-12-20", cwd=tmp_path, env=variables)
            assert (answer.returncode, answer.stderr.count("\n")) == (2, 1), answer.stderr
            assert "SHEETS_SYNC_STORE_KEY" in answer.stderr
            assert (config.store / "store.duckdb").read_bytes() == before
    assert "failed" in command("status", cwd=tmp_path).stdout  # asks for no key
    text = (tmp_path / "config.toml").read_text(encoding="utf-8").replace("encrypted = true", "encrypted = false")
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="the store is encrypted"):
        sync(load_config(tmp_path / "config.toml"))
    assert (config.store / "store.duckdb").read_bytes() == before


@pytest.mark.usefixtures("_encrypting")
def test_plain_store_becomes_an_encrypted_one() -> None:
    """It is read anew, no plain copy stays, outputs are the same."""
    config = synced("school-a")
    before = outbox(config.folder)
    secret = replace(config, store_encrypted=True, store_key=KEY)
    assert len(sync(secret).changed) == 1
    assert outbox(config.folder) == before
    assert [path.name for path in config.store.glob("store*")] == ["store.duckdb"]
    assert NAME not in (config.store / "store.duckdb").read_bytes()
    (config.store / "store.duckdb").write_bytes(b"damaged" * 1000)
    assert "damaged" in sync(secret).messages[0]
    assert outbox(config.folder) == before


def test_without_the_extension_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line, exit code 2; nothing is stored plainly instead."""
    monkeypatch.setenv("HOME", str(tmp_path))
    config = replace(set_up(tmp_path / "home", "school-a", more=MORE), store_key=KEY)
    with pytest.raises(ConfigError, match="httpfs"):
        sync(config)
    assert not (config.store / "store.duckdb").exists()
