"""A district's folder is moved as a whole: links of every output follow it."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path
from urllib.parse import unquote

import pytest

from sheets_sync.config import load_config
from tests.program import command
from tests.small_district import school, set_up, sync

BAD = "31.11.2023"


def links(path: Path) -> str:
    """Every target of a link in a workbook."""
    with zipfile.ZipFile(path) as archive:
        return "\n".join(unquote(archive.read(name).decode()) for name in archive.namelist() if name.endswith(".rels"))


@pytest.mark.system
def test_links_follow_a_district_that_moved(tmp_path: Path) -> None:
    """Nothing is read anew, and what is written, by `sync` or by `report`, leads to where the workbooks are now."""
    old = tmp_path / "old/deep"
    config = set_up(old, "school-b")
    school(old / "inbox/school-a", meeting=BAD)
    sync(config)
    home = tmp_path / "new"
    shutil.move(old, home)
    moved = load_config(home / "config.toml")
    answer = command("report", "--period", "2023-12", "--format", "xlsx", cwd=home)
    assert answer.returncode == 0
    school(home / "inbox/school-b", meeting=BAD)
    assert sync(moved).changed == ["school-b/Наставничество.xlsx"]
    seen = 0
    for path in (home / "outbox").rglob("*.xlsx"):
        told = links(path)
        assert "old" not in told, path
        seen += "../../inbox/school-a/Наставничество.xlsx" in told or "../inbox/school-a/Наставничество.xlsx" in told
    assert seen > 2


@pytest.mark.system
def test_links_follow_an_inbox_that_moved(tmp_path: Path) -> None:
    """The folder of a source alone goes elsewhere: sync links to it there, and so does the report after it."""
    home = tmp_path / "home"
    config = set_up(home)
    school(home / "inbox/school-a", meeting=BAD)
    sync(config)
    shutil.move(home / "inbox", tmp_path / "share")
    text = (home / "config.toml").read_text(encoding="utf-8").replace('"inbox"', '"../share"')
    (home / "config.toml").write_text(text, encoding="utf-8")
    assert sync(load_config(home / "config.toml")).changed == []
    assert command("report", "--period", "2023-12", "--format", "xlsx", cwd=home).returncode == 0
    for place in ("school-a/Проверка.xlsx", "district/Сводный реестр.xlsx", "school-a/2023-12/Мониторинг.xlsx"):
        told = links(home / "outbox" / place)
        assert "share/school-a/Наставничество.xlsx" in told, place
        assert "inbox" not in told
