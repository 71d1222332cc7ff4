"""The log: a JSON object a line, put aside when full, without a value or a name."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from sheets_sync.errors import ConfigError, SourceError, Stopped
from sheets_sync.logs import NAME, Log
from tests.small_district import school, set_up, sync


def told(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / NAME).read_text(encoding="utf-8").splitlines()]


def test_files_are_put_aside_when_full(tmp_path: Path) -> None:
    """The newest file is short, older ones are numbered, the oldest go; no line is torn."""
    log = Log(tmp_path, file_bytes=2000, files=3)
    for number in range(200):
        log.write("event", number=number)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "sheets-sync.1.jsonl",
        "sheets-sync.2.jsonl",
        "sheets-sync.jsonl",
    ]
    numbers = []
    for name in ("sheets-sync.2.jsonl", "sheets-sync.1.jsonl", NAME):
        assert (tmp_path / name).stat().st_size < 2200
        numbers += [json.loads(line)["number"] for line in (tmp_path / name).read_text().splitlines()]
    assert numbers == list(range(200 - len(numbers), 200))


@pytest.mark.skipif(os.name == "nt", reason="modes of POSIX")
def test_a_log_is_private(tmp_path: Path) -> None:
    """Its owner reads it, nobody else."""
    Log(tmp_path / "logs").write("event")
    assert (tmp_path / "logs").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "logs" / NAME).stat().st_mode & 0o777 == 0o600


def test_levels(tmp_path: Path) -> None:
    """Below the level asked for nothing is written."""
    log = Log(tmp_path, level="warning")
    for level in ("debug", "info", "warning", "error"):
        log.write("event", level)
    assert [line["level"] for line in told(tmp_path)] == ["warning", "error"]


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    """Where the folder should be there is a file."""
    (tmp_path / "logs").touch()
    Log(tmp_path / "logs").write("event")


def test_errors_are_told_without_what_they_quote(tmp_path: Path) -> None:
    """A message of ours without the words in quotes, of any other error only where it came from."""
    log = Log(tmp_path)
    for error in (
        ConfigError("nobody is called «Речной Пётр»", path="people.toml", line=3),
        SourceError("cannot be read for 'Речной Пётр'", path="a/b.xlsx"),
        OSError(28, "No space left on device", "Речной/x"),
        ValueError("Could not convert Речной Пётр to INT32"),
        Stopped(),
    ):
        try:
            with log.run("sync"):
                raise error
        except type(error):
            pass
    lines = [line for line in told(tmp_path) if line["event"] == "sync-ended"]
    assert [line["outcome"] for line in lines] == ["failed"] * 4 + ["stopped"]
    assert lines[0]["message"] == "nobody is called …"
    assert lines[0]["line"] == 3
    assert lines[1]["message"] == "cannot be read for …"
    assert "message" not in lines[3]
    assert any("test_logs.py" in place for place in lines[3]["where"])  # type: ignore[attr-defined]
    assert "Пётр" not in (tmp_path / NAME).read_text(encoding="utf-8")


def test_a_run_with_errors_leaves_no_name_in_the_log(tmp_path: Path) -> None:
    """Names, births, phones stand in the workbook and in `Проверка`, nothing of them in the log."""
    config = set_up(tmp_path, "school-a")
    school(tmp_path / "inbox/school-b", mentor="Лесная Анна Павлавна", meeting="31.11.2023")
    (tmp_path / "inbox/school-b/плохой.xlsx").write_bytes(b"nothing")
    (tmp_path / "people.toml").write_text(
        "[[alias]]\norganisation = 'school-a'\nname = 'Никто А.П.'\nsame_as = 'Нигде Анна'\nreason = 'x'\n",
        encoding="utf-8",
    )
    sync(config)
    log = (config.store / "logs" / NAME).read_text(encoding="utf-8")
    lines = told(config.store / "logs")
    assert [line["event"] for line in lines] == ["sync-began", "sync-ended"]
    assert lines[1]["read"] == 2 or lines[1]["read"] == 3
    assert "плохой.xlsx" in log
    for word in ("Лесная", "Речной", "Никто", "Нигде", "31.11", "900"):
        assert word not in log
