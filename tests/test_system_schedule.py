"""`schedule`: what the system's own schedulers are given is what they understand, and calls us when something is due."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sheets_sync.system_schedule import Program, crontab, systemd, windows
from tests.program import ENVIRONMENT, command
from tests.small_district import set_up

NOW = datetime(2024, 1, 10, 12, 0, tzinfo=UTC)
TASK = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"


@pytest.fixture(autouse=True)
def _machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if not hasattr(time, "tzset"):
        pytest.skip("the machine's zone cannot be set here")
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def program(folder: Path) -> Program:
    return Program(Path(sys.executable), folder / "config.toml")


def test_crontab_calls_at_the_district_s_times(tmp_path: Path) -> None:
    """By the machine's clock; 18:00 of 20 June in Irkutsk is 10:00 UTC."""
    config = set_up(tmp_path, more='[schedule]\ntime_zone = "Asia/Irkutsk"\ndaily = "06:30"\n')
    told = [line.split(" ", 5)[:5] for line in lines(crontab(config, program(tmp_path), NOW)["crontab.txt"])]
    assert told == ["30 22 * * *".split(), "0 10 20 6 *".split(), "0 10 20 12 *".split()]


def test_crontab_of_a_zone_that_changes_its_clocks(tmp_path: Path) -> None:
    """Called at both times a moment can have; a call finds out itself whether it is due."""
    config = set_up(tmp_path, more='[schedule]\ntime_zone = "Europe/Berlin"\n')
    told = [line.split(" ", 5)[:5] for line in lines(crontab(config, program(tmp_path), NOW)["crontab.txt"])]
    assert told[0] == "0 4,5 * * *".split()
    assert told[1:] == ["0 16 20 6 *".split(), "0 17 20 12 *".split()]


def test_due_days_of_organisations_are_called_too(tmp_path: Path) -> None:
    """Each due day there is has a line, once."""
    more = (
        '[[organisations]]\nid = "a"\ndue = { june = "05-31" }\n[[organisations]]\nid = "b"\ndue = { june = "05-31" }\n'
    )
    config = set_up(tmp_path, more=more)
    told = lines(crontab(config, program(tmp_path), NOW)["crontab.txt"])
    assert [line.split(" ", 5)[:5] for line in told[1:]] == [
        "0 18 31 5 *".split(),
        "0 18 20 6 *".split(),
        "0 18 20 12 *".split(),
    ]


ODD = "рай он % $HOME 'a\" b"


@pytest.mark.system
@pytest.mark.skipif(os.name == "nt", reason="no such folder there")
def test_the_line_of_a_crontab_runs_from_any_folder_name(tmp_path: Path) -> None:
    """As cron takes it: % unescaped, the rest given to sh. Done from another folder, with a bare environment."""
    folder = tmp_path / ODD
    set_up(folder, "school-a")
    said = command("--config", folder / "config.toml", "schedule", "--as", "crontab", cwd=tmp_path).stdout
    line = lines(said)[0].split(" ", 5)[5]
    assert not re.search(r"(?<!\\)%", line)
    shell = {"PATH": "/usr/bin:/bin", "PYTHONPATH": ENVIRONMENT["PYTHONPATH"]}
    answer = subprocess.run(
        ["/bin/sh", "-c", line.replace("\\%", "%")], capture_output=True, text=True, cwd="/", env=shell
    )
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")
    assert (folder / "outbox/school-a/Проверка.xlsx").exists()


def test_systemd_names_the_zone(tmp_path: Path) -> None:
    """Its timer knows time zones, so nothing is converted; what was missed is called for once the machine is up."""
    config = set_up(tmp_path, more='[schedule]\ntime_zone = "Europe/Berlin"\n')
    files = systemd(config, program(tmp_path), NOW)
    told = [line for line in files["sheets-sync.timer"].splitlines() if line.startswith(("OnCalendar", "Persistent"))]
    assert told == [
        "OnCalendar=*-*-* 06:00:00 Europe/Berlin",
        "OnCalendar=*-06-20 18:00:00 Europe/Berlin",
        "OnCalendar=*-12-20 18:00:00 Europe/Berlin",
        "Persistent=true",
    ]
    assert f"WorkingDirectory={tmp_path}" in files["sheets-sync.service"]


@pytest.mark.system
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
@pytest.mark.parametrize("name", ["plain", "рай он % $HOME"])
def test_systemd_takes_the_units(tmp_path: Path, name: str) -> None:
    """`systemd-analyze verify` finds nothing, and the times are times."""
    folder = tmp_path / name
    config = set_up(folder, more='[schedule]\ntime_zone = "Asia/Irkutsk"\n')
    out = tmp_path / "units"
    answer = command("--config", config.path or "", "schedule", "--as", "systemd", "-o", out, cwd=tmp_path)
    assert answer.returncode == 0, answer.stderr
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", out / "sheets-sync.service", out / "sheets-sync.timer"],
        capture_output=True,
        text=True,
    )
    ours = [line for line in verified.stderr.splitlines() if "sheets-sync" in line]
    assert ours == [], verified.stderr
    for line in (out / "sheets-sync.timer").read_text().splitlines():
        if line.startswith("OnCalendar="):
            subprocess.run(["systemd-analyze", "calendar", line.partition("=")[2]], check=True, capture_output=True)


def test_the_task_of_windows(tmp_path: Path) -> None:
    """Well-formed in UTF-16, with triggers for the day and the due days, quoted as Windows parts words."""
    folder = tmp_path / "район & «1»"
    set_up(folder)
    answer = command(
        "--config", folder / "config.toml", "schedule", "--as", "windows", "-o", tmp_path / "o", cwd=tmp_path
    )
    assert answer.returncode == 0, answer.stderr
    task = ElementTree.fromstring((tmp_path / "o/sheets-sync.xml").read_bytes())
    assert [one.text for one in task.iter(f"{TASK}Day")] == ["20", "20"]
    assert [one[0].tag.removeprefix(TASK) for one in task.iter(f"{TASK}Months")] == ["June", "December"]
    assert task.findtext(f".//{TASK}Command") == sys.executable
    assert task.findtext(f".//{TASK}WorkingDirectory") == str(folder)
    arguments = task.findtext(f".//{TASK}Arguments") or ""
    assert shlex.split(arguments) == [
        "-m",
        "sheets_sync",
        "--config",
        str(folder / "config.toml"),
        "-q",
        "serve",
        "--once",
    ]
    assert task.findtext(f".//{TASK}StartWhenAvailable") == "true"


def test_windows_prints_the_same(tmp_path: Path) -> None:
    """Without -o the task goes to stdout."""
    config = set_up(tmp_path)
    said = command("schedule", "--as", "windows", cwd=tmp_path).stdout
    assert (
        said.strip()
        == windows(config, Program(Path(sys.executable), tmp_path / "config.toml"), datetime.now(UTC))[
            "sheets-sync.xml"
        ].strip()
    )
