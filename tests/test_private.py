"""Files we make are for the account that runs the program, unless the config says otherwise."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sheets_sync.config import load_config
from tests.program import command
from tests.small_district import school, set_up, sync

pytestmark = [pytest.mark.system, pytest.mark.skipif(os.name == "nt", reason="no modes there")]


@pytest.fixture(autouse=True)
def _usual() -> Iterator[None]:
    """Whatever the account's own habit: here all may read what it makes."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(*folders: Path) -> set[tuple[str, int]]:
    return {
        ("folder" if path.is_dir() else "file", path.stat().st_mode & 0o777)
        for folder in folders
        for path in (folder, *folder.rglob("*"))
    }


PRIVATE = {("folder", 0o700), ("file", 0o600)}
OPEN = {("folder", 0o755), ("file", 0o644)}


def test_everything_made_is_private(tmp_path: Path) -> None:
    """Outputs, store, history, what undo keeps; what a school put into the inbox is left as it is."""
    config = set_up(tmp_path, "school-a")
    sync(config)
    school(tmp_path / "inbox/school-a", meeting="31.11.2023")
    sync(config)
    assert command("report", "--period", "2023-12", "--freeze", cwd=tmp_path).returncode == 0
    assert modes(tmp_path / "outbox", config.store) == PRIVATE
    assert modes(tmp_path / "inbox") == OPEN
    assert command("undo", cwd=tmp_path).returncode == 0
    assert modes(tmp_path / "outbox", config.store) == PRIVATE
    assert os.umask(0o022) == 0o022


def test_outputs_may_be_for_all(tmp_path: Path) -> None:
    """As open as the folder of the district; the store stays private. The change is applied to what is there."""
    config = set_up(tmp_path, "school-a", more="[outputs]\nprivate = false\n")
    sync(config)
    tmp_path.chmod(0o755)
    text = (tmp_path / "config.toml").read_text(encoding="utf-8")
    for word, wanted in (("true", PRIVATE), ("false", OPEN), ("true", {("folder", 0o755), ("file", 0o600)})):
        (tmp_path / "config.toml").write_text(text.replace("false", word), encoding="utf-8")
        if word == "true" and wanted == PRIVATE:
            (tmp_path / "outbox").chmod(0o700)
            for folder in (tmp_path / "outbox").iterdir():
                folder.chmod(0o700)
        outcome = sync(load_config(tmp_path / "config.toml"))
        assert not outcome.failed
        assert modes(tmp_path / "outbox") == wanted
    assert modes(config.store) == PRIVATE
