"""The demo: the same district every time, and what a check finds in it is what was planted."""

from __future__ import annotations

import zipfile
from datetime import date
from fnmatch import fnmatch
from pathlib import Path

import pytest

from sheets_sync import demo, run
from sheets_sync.config import Config, Engine
from sheets_sync.demo.paper import Trouble
from sheets_sync.issues import Issue
from tests.program import command


def contents(folder: Path) -> dict[str, object]:
    """What the files hold, without the time at which they were written."""
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*.*")):
        name = path.relative_to(folder).as_posix()
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                found[name] = {one: archive.read(one) for one in archive.namelist() if one != "docProps/core.xml"}
        else:
            found[name] = path.read_bytes()
    return found


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Trouble]]:
    inbox = tmp_path_factory.mktemp("demo") / "inbox"
    return inbox, demo.write_district(inbox)


@pytest.fixture(scope="module")
def checked(district: tuple[Path, list[Trouble]]) -> run.CheckResult:
    return run.check([district[0]], as_of=demo.CHECKED_AS_OF, config=Config(engine=Engine(workers=1)))


def test_same_district_every_time(district: tuple[Path, list[Trouble]], tmp_path: Path) -> None:
    """Screenshots, guides and figures made from the demo stay true."""
    again = demo.write_district(tmp_path)
    assert again == district[1]
    assert contents(tmp_path) == contents(district[0])


def test_organisations_of_different_types(district: tuple[Path, list[Trouble]]) -> None:
    """Six organisations, in .xlsx, .ods and .csv."""
    inbox, _ = district
    assert len([folder for folder in inbox.iterdir() if folder.is_dir()]) == 6
    assert {path.suffix for path in inbox.rglob("*.*")} == {".xlsx", ".ods", ".csv"}


def answers(issue: Issue, trouble: Trouble) -> bool:
    """Code, severity and place; a cell only where the trouble is one cell's."""
    place = (issue.at.workbook, issue.at.sheet, issue.at.row) == (trouble.workbook, trouble.sheet, trouble.row)
    cell = not trouble.code.startswith("cell-") or issue.at.cell == trouble.cell
    return place and cell and fnmatch(issue.code, trouble.code) and issue.severity == trouble.severity


def test_every_planted_trouble_is_found_and_nothing_else(
    district: tuple[Path, list[Trouble]], checked: run.CheckResult
) -> None:
    """The answer key: all troubles are named at their place; no error or warning anywhere else."""
    inbox, troubles = district
    issues = [issue for workbook in checked.workbooks for issue in workbook.issues] + checked.issues
    below = [
        issue._replace(at=issue.at._replace(workbook=issue.at.workbook.removeprefix(f"{inbox.as_posix()}/")))
        for issue in issues
    ]
    missed = [trouble for trouble in troubles if not any(answers(issue, trouble) for issue in below)]
    assert missed == []
    others = [
        (issue.code, issue.severity, issue.at)
        for issue in below
        if issue.severity != "info" and not any(answers(issue, trouble) for trouble in troubles)
    ]
    assert others == []


def test_all_rows_are_accounted_for(checked: run.CheckResult) -> None:
    """Read = accepted + rejected, and the tidy school has nothing rejected."""
    for workbook in checked.workbooks:
        for table in workbook.tables:
            assert table.rows_read == len(table.row_numbers) or not table.row_numbers
            if workbook.organisation == "school-1":
                assert table.rows_accepted == table.rows_read


def test_demo_leaves_other_peoples_folders_alone(tmp_path: Path) -> None:
    """A folder that holds something else is refused in one line."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("…", encoding="utf-8")
    answer = command("demo", "mine", cwd=tmp_path)
    assert answer.returncode == 2
    assert answer.stderr.count("\n") == 1
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]


def test_dates_are_settled() -> None:
    """The district is as on 20 June 2024, whatever the clock says."""
    assert date(2024, 6, 20) == demo.CHECKED_AS_OF
