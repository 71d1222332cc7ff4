"""`make demo-google`: the district at the emulator, as anybody with a checkout sees it."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from tests.program import ENVIRONMENT


def run(project: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "tests.google_emulator.demo", str(folder)]
    return subprocess.run(line, capture_output=True, text=True, encoding="utf-8", cwd=project, env=ENVIRONMENT)


@pytest.mark.system
@pytest.mark.long
def test_demo_google(project: Path, tmp_path: Path) -> None:
    """Requests as promised, own tabs in the schools' spreadsheets and the district's, files to open; it can be repeated,
    and the emulator is gone afterwards."""
    for _ in range(2):
        told = run(project, tmp_path / "demo")
        assert told.returncode == 0, told.stdout + told.stderr
    spent = [line.split("; ")[0].strip() for line in told.stdout.splitlines() if line.strip().startswith("Google: ")]
    assert [line.split(", ", 1)[1] for line in spent] == ["7 reads, 7 writes", "7 reads, 0 writes", "0 reads, 0 writes"]
    exported = sorted((tmp_path / "demo" / "exported").rglob("*.xlsx"))
    assert len(exported) == 7
    for path in exported:
        titles = openpyxl.load_workbook(path, read_only=True).sheetnames
        assert ("Организации" if path.parent.name == "exported" else "Проверка") in titles
    port = int(told.stdout.partition("http://127.0.0.1:")[2].partition(";")[0])
    with socket.socket() as asking:
        assert asking.connect_ex(("127.0.0.1", port)) != 0


def test_a_folder_of_somebody_else(project: Path, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[district]\n", encoding="utf-8")
    told = run(project, tmp_path)
    assert told.returncode == 2
    assert "holds something else" in told.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["config.toml"]
