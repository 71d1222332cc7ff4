"""docs/ru/google.md: its commands and settings are those of the program, every refusal is explained."""

from __future__ import annotations

import importlib
import re
import shlex
from pathlib import Path

import click
import pytest

from sheets_sync.cli import VERBS
from sheets_sync.config import read_config
from sheets_sync.run.google_check import _TROUBLES_RU


@pytest.fixture(scope="module")
def page(project: Path) -> str:
    return (project / "docs" / "ru" / "google.md").read_text("utf-8")


def test_commands(page: str, project: Path) -> None:
    """Verbs, options and arguments are known; make has its targets."""
    lines = [line for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL) for line in block.splitlines()]
    asked = [shlex.split(line)[1:] for line in lines if line.startswith("sheets-sync ")]
    assert len(asked) >= 6
    for line in asked:
        verb, *more = line[2:] if line[0] == "--config" else line
        assert verb in VERBS
        command = importlib.import_module(f"sheets_sync.cli.{verb.replace('-', '_')}").command
        _, left, _ = command.make_parser(click.Context(command)).parse_args(more)  # raises for an unknown option
        assert left == [], line
    targets = (project / "Makefile").read_text("utf-8")
    for line in lines:
        if line.startswith("make "):
            assert f"\n{line.split()[1]}:" in targets


def test_settings(page: str) -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    config = read_config(text, Path("/district/config.toml"))
    assert config.outputs.google_spreadsheet
    assert config.sources[0].kind == "google_sheets"


def test_every_refusal_is_explained(page: str) -> None:
    told = re.findall(r"^\| ([^|]+) \| ", page, re.MULTILINE)
    assert [what for what, _ in _TROUBLES_RU.values() if what not in told] == []


def test_it_is_linked(project: Path) -> None:
    for name in ("README.md", "README.ru.md"):
        assert "(docs/ru/google.md)" in (project / name).read_text("utf-8")
