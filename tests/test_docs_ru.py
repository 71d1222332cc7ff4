"""The pages people read: every command they show is there and works, links lead somewhere, settings are accepted."""

from __future__ import annotations

import importlib
import re
import shlex
import tomllib
from datetime import date
from pathlib import Path
from urllib.parse import unquote

import click
import pytest

from sheets_sync import demo
from sheets_sync.cli import VERBS, cli
from sheets_sync.cli.session import Session
from sheets_sync.config import read_config
from sheets_sync.ledger import load_ledger
from sheets_sync.periods import resolve_period
from sheets_sync.waivers import load_waivers
from tests.conftest import PROJECT
from tests.program import command

FRONT = [PROJECT / "README.md", PROJECT / "README.ru.md"]
GUIDES = sorted((PROJECT / "docs" / "ru").glob("*.md"))
PAGES = [*FRONT, *GUIDES]
LINKED = [*PAGES, *sorted((PROJECT / "docs").glob("*.md"))]
PICTURES = PROJECT / "docs" / "ru" / "pictures"

# What else a reader types: tools of the system, tried by nobody here.
OTHERS = {"chmod", "cp", "make", "pip", "py", "python3", "tar", ".venv/bin/python", ".venv/Scripts/python"}
PROGRAM = {"sheets-sync", ".venv/bin/sheets-sync", ".venv/Scripts/sheets-sync"}
# Of the demo: who hands in, and whose workbook lies about to be checked.
HANDS_IN, BESIDE = "school-7", "school-1"
# `check`: there are errors; `status`, `doctor`: what they found of this machine; the others have to go through.
MAY_FIND = {"check", "status", "doctor"}


def name_of(page: Path) -> str:
    return page.relative_to(PROJECT).as_posix()


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text("utf-8"), re.DOTALL)


def lines(page: Path) -> list[list[str]]:
    """The words of each line a reader is to type."""
    typed = [line for block in blocks(page, "sh") for line in block.splitlines()]
    typed += [line.replace("\\", "/") for block in blocks(page, "bat") for line in block.splitlines()]
    return [words for line in typed if (words := shlex.split(line, comments=True))]


def parted(words: list[str]) -> tuple[str, list[str]]:
    """Verb and what follows it; the options before it are known."""
    _, left, _ = cli.make_parser(click.Context(cli)).parse_args(list(words))
    return (left[0], left[1:]) if left else ("", [])


ASKED = [(name_of(page), words[1:]) for page in PAGES for words in lines(page) if words[0] in PROGRAM]


def can_run(words: list[str]) -> bool:
    """Needs neither a network nor forever; the demo and sealing anew, which take seconds, have tests of their own."""
    verb, more = parted(words)
    endless = verb == "serve" and "--once" not in more
    return not endless and verb not in {"google-login", "demo"} and not {"--google", "--reseal"} & set(more)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_lines_are_commands(page: Path) -> None:
    """Nothing is shown but this program and the tools named above; make has the targets."""
    targets = re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text("utf-8"), re.MULTILINE)
    for words in lines(page):
        assert words[0] in PROGRAM | OTHERS, words
        if words[0] == "make":
            assert words[1] in targets


@pytest.mark.parametrize(("page", "words"), ASKED, ids=[f"{page}: {shlex.join(words)}" for page, words in ASKED])
def test_verbs_options_and_values_are_known(page: str, words: list[str]) -> None:
    verb, more = parted(words)
    if not verb:
        assert words == ["--version"]
        return
    assert verb in VERBS
    module = importlib.import_module(f"sheets_sync.cli.{verb.replace('-', '_')}")
    taken: click.Command = module.command
    if can_run(words):
        taken.make_context(verb, list(more), obj=Session())  # raises for what is not known
    else:  # its files are not there
        _, left, _ = taken.make_parser(click.Context(taken)).parse_args(list(more))
        assert left == []


@pytest.mark.system
@pytest.mark.long
def test_commands_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the order of the pages, as a reader types them; what is shown twice is tried once, and so are reports that differ
    in their period alone: each takes seconds."""
    monkeypatch.setattr("sheets_sync.cli.report.FORMATS", ("json",))  # whole sets are written in tests of their own
    done = set()
    for page, words in ASKED:
        line = re.sub(r"(?<= report --period )\S+$", _known_period, shlex.join(words))
        if line in done or not can_run(words):
            continue
        done.add(line)
        answer = command(*words, cwd=tmp_path)
        verb, _ = parted(words)
        allowed = {0, 1} if verb in MAY_FIND else {0}
        assert answer.returncode in allowed, f"{page}: {line}\n{answer.stdout}{answer.stderr}"
        assert answer.stdout or answer.returncode == 0
        if verb == "init":
            _move_in(tmp_path / words[-1])
    assert len(done) > 25


def _known_period(found: re.Match[str]) -> str:
    resolve_period(found[0], date(2024, 6, 20))  # raises for what is none
    return "auto"


def _move_in(district: Path) -> None:
    """A school of the demo hands in; one process reads, which is enough for it."""
    everybody = district.parent / "everybody"
    demo.write_district(everybody)
    (everybody / HANDS_IN).rename(district / "inbox" / HANDS_IN)
    for file in (everybody / BESIDE).iterdir():
        file.rename(district.parent / file.name)
    config = district / "config.toml"
    config.write_text(config.read_text("utf-8").replace("workers = 0", "workers = 1"), "utf-8")


def test_front_pages_tell_every_command() -> None:
    for page in FRONT:
        told = re.findall(r"^\| `sheets-sync ([a-z-]+)", page.read_text("utf-8"), re.MULTILINE)
        assert sorted(told) == sorted(VERBS), name_of(page)


@pytest.mark.parametrize("page", [PROJECT / "README.ru.md", *GUIDES], ids=name_of)
def test_settings_are_accepted(page: Path, tmp_path: Path) -> None:
    for text in blocks(page, "toml"):
        if "[[alias]]" in text:
            (tmp_path / "people.toml").write_text(text, "utf-8")
            load_ledger(tmp_path)
        elif "[[waiver]]" in text:
            (tmp_path / "waivers.toml").write_text(text, "utf-8")
            load_waivers(tmp_path)
        else:
            source = "" if "[[sources]]" in text else '\n[[sources]]\nkind = "excel"\npath = "inbox"\n'
            read_config(text + source, tmp_path / "config.toml")


def _anchors(page: Path) -> set[str]:
    """What GitHub makes of headings."""
    headings = re.findall(
        r"^#+ (.+)$", re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL), re.MULTILINE
    )
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", LINKED, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if target.startswith(("http://", "https://")):
            continue
        file, _, anchor = unquote(target).partition("#")
        there = (page.parent / file).resolve() if file else page
        assert there.exists(), target
        assert not anchor or anchor in _anchors(there), target


def test_guides_are_found_from_the_front_pages() -> None:
    for page in FRONT:
        text = page.read_text("utf-8")
        assert [name_of(guide) for guide in GUIDES if f"({name_of(guide)})" not in text] == []


def test_pictures() -> None:
    """Each is shown, small, and made by the script."""
    script = (PROJECT / "docs" / "ru" / "pictures.sh").read_text("utf-8")
    shown = "".join(page.read_text("utf-8") for page in GUIDES)
    pictures = sorted(PICTURES.iterdir())
    assert pictures
    for picture in pictures:
        assert f"(pictures/{picture.name})" in shown
        assert re.search(rf"^(page|finish) {picture.stem} ", script, re.MULTILINE)
        assert picture.stat().st_size < 150_000


def test_school_is_told_of_every_family_of_codes() -> None:
    page = (PROJECT / "docs" / "ru" / "school.md").read_text("utf-8")
    told = set(re.findall(r"^\| `([a-z]+)-` ", page, re.MULTILINE))
    texts = tomllib.loads((PROJECT / "schemas" / "messages" / "ru.toml").read_text("utf-8"))
    assert told == {code.partition("-")[0] for code in texts if "-" in code}


def test_operator_is_told_what_the_program_says() -> None:
    """Each message the page explains is one of the program's."""
    page = (PROJECT / "docs" / "ru" / "operator.md").read_text("utf-8")
    _, _, last = page.partition("## Когда не работает")
    told = re.findall(r"^\| `([^`]+)` \|", last, re.MULTILINE)
    assert len(told) > 20
    source = "\n".join(path.read_text("utf-8") for path in sorted((PROJECT / "sheets_sync").rglob("*.py")))
    for words in told:
        for part in words.split("…"):
            assert part.strip() in source, words
