"""The command line's edges: exit codes, one-line errors, results on stdout and nothing else there."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from sheets_sync.cli import VERBS
from sheets_sync.config import load_config
from tests.program import ENVIRONMENT, command, process


def one_line(answer: subprocess.CompletedProcess[str], code: int) -> str:
    """The single line of an error: nothing on stdout, no traceback."""
    assert answer.returncode == code, answer.stderr
    assert answer.stdout == ""
    assert answer.stderr.count("\n") == 1, answer.stderr
    assert answer.stderr.startswith("sheets-sync: ")
    return answer.stderr


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(verb: str, tmp_path: Path) -> None:
    """Each verb explains itself, in the words the list of verbs uses."""
    answer = command(verb, "--help", cwd=tmp_path)
    assert answer.returncode == 0
    assert "Usage: sheets-sync " + verb in answer.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["chek"], "did you mean check?"),
        (["check"], "Missing argument"),
        (["check", "nowhere"], "nowhere: no such file or folder"),
        (["check", ".", "--as-of", "31.11.2023"], "is no date"),
        (["check", ".", "--rows"], "--format json"),
        (["check", ".", "--format", "xml"], "xml"),
        (["check", ".", "--schemas", "nowhere"], "nowhere"),
        (["report", "--organisation", "a", "--district"], "exclude each other"),
        (["report", "--format", "pdf"], "pdf"),
        (["report", "-o", "-", "--format", "xlsx"], "only json"),
        (["template", "--table", "pars"], "pairs"),
        (["template", "-o", "blank.txt"], ".xlsx"),
        (["schemas", "mentes"], "mentees"),
        (["sync"], "sheets-sync init"),
        (["status"], "sheets-sync init"),
        (["--config", "none.toml", "sync"], "none.toml: no such file"),
        (["--no-such-option"], "--no-such-option"),
    ],
)
def test_what_cannot_be_done_is_one_line(arguments: list[str], words: str, tmp_path: Path) -> None:
    """Exit code 2 and one line: what, where, how to mend."""
    assert words in one_line(command(*arguments, cwd=tmp_path), 2)


def test_broken_config_is_named_by_line(tmp_path: Path) -> None:
    """The config's mistake reaches the user with file and line; -v does not change the exit code."""
    (tmp_path / "config.toml").write_text('language = "ru"\n[outpts]\n', encoding="utf-8")
    assert "config.toml:2: unknown key outpts — did you mean outputs?" in one_line(process("sync", cwd=tmp_path), 2)
    verbose = process("sync", "-v", cwd=tmp_path)
    assert verbose.returncode == 2
    assert "Traceback" in verbose.stderr


def test_config_from_the_environment(tmp_path: Path) -> None:
    """Without ./config.toml the variable names it; --config wins over both."""
    answer = command("sync", cwd=tmp_path, env={"SHEETS_SYNC_CONFIG": str(tmp_path / "other.toml")})
    assert "other.toml: no such file" in one_line(answer, 2)


def test_init_makes_a_set_up_that_works(tmp_path: Path) -> None:
    """config.toml loads, the inbox is there and empty, every type of organisation has its blank workbook."""
    answer = command("init", "district", cwd=tmp_path)
    assert answer.returncode == 0, answer.stderr
    made = tmp_path / "district"
    config = load_config(made / "config.toml")
    assert config.sources[0].path == made / "inbox"  # type: ignore[union-attr]
    assert list((made / "inbox").iterdir()) == []
    assert len(list((made / "templates").glob("*.xlsx"))) == 5
    assert "already set up" in one_line(command("init", "district", cwd=tmp_path), 2)


def test_template_of_chosen_tables(tmp_path: Path) -> None:
    """One sheet per table asked for; a filled-in workbook is never overwritten."""
    assert command("template", "--table", "pairs", "--table", "mentors", "-o", "t.xlsx", cwd=tmp_path).returncode == 0
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    shown = [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]
    assert len(shown) == 2
    book.worksheets[0].append(["Иванов"])
    book.save(tmp_path / "mine.xlsx")
    before = (tmp_path / "mine.xlsx").read_bytes()
    assert "mine.xlsx" in one_line(command("template", "-o", "mine.xlsx", cwd=tmp_path), 2)
    assert (tmp_path / "mine.xlsx").read_bytes() == before


def test_schemas_are_listed(tmp_path: Path) -> None:
    """All tables, then one table's fields, as text and as JSON."""
    text = command("schemas", cwd=tmp_path)
    assert text.returncode == 0
    assert "pairs" in text.stdout
    tables = json.loads(command("schemas", "--format", "json", cwd=tmp_path).stdout)
    assert {"mentors", "mentees", "pairs", "meetings"} <= {one["table"] for one in tables}
    pairs = json.loads(command("schemas", "pairs", "--format", "json", cwd=tmp_path).stdout)
    assert {"mentor", "mentee", "form"} <= {field["name"] for field in pairs["fields"]}


def test_a_districts_own_schema_is_shown(tmp_path: Path) -> None:
    """Definitions beside the config shadow the shipped ones."""
    command("init", ".", cwd=tmp_path)
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "awards.toml").write_text(
        'name = "awards"\ntitle = "Благодарности"\nidentify = [["full_name"]]\n'
        '[[fields]]\nname = "full_name"\ntitle = "Кому"\ntype = "name"\n',
        encoding="utf-8",
    )
    assert "Благодарности" in command("schemas", cwd=tmp_path).stdout
    other = tmp_path / "elsewhere"
    other.mkdir()
    assert "Благодарности" in command("--config", tmp_path / "config.toml", "schemas", cwd=other).stdout
    assert "Благодарности" not in command("schemas", cwd=other).stdout


def test_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    """`sheets-sync -q schemas mentors | head -1` ends without a word."""
    line = f"{sys.executable} -m sheets_sync -q schemas mentors | head -n 1"
    answer = subprocess.run(["bash", "-c", line], capture_output=True, text=True, cwd=tmp_path, env=ENVIRONMENT)
    assert answer.stderr == ""
