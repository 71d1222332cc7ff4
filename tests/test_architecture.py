"""The walls stand: which room may import which (docs/architecture.md), and how little `--help` loads."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
PACKAGE = PROJECT / "sheets_sync"
HEAVY = (
    "pandas",
    "numpy",
    "duckdb",
    "gspread",
    "google",
    "openpyxl",
    "matplotlib",
    "rapidfuzz",
    "phonenumbers",
    "rich",
    "docx",
    "lxml",
    "markdown_it",
)


def documented() -> dict[str, set[str]]:
    """The table of docs/architecture.md: room → rooms it may import."""
    rows = re.findall(
        r"^\| `([a-z_]+)(?:\.py|/)` \|.*\| ([^|]+) \|$", (PROJECT / "docs" / "architecture.md").read_text("utf-8"), re.M
    )
    assert len(rows) > 10, "the table of rooms was not found"
    allowed: dict[str, set[str]] = {}
    for room, may in rows:
        words = {word.strip().partition(".")[0] for word in may.split(",")} - {"nothing"}
        allowed[room] = set(allowed) if "all above" in words else words
    return allowed


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """Rooms a module imports, anywhere in it, except for type checking alone."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    found: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            parts = node.module.split(".")
            if parts[0] == "sheets_sync":
                found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("sheets_sync.")}
    return found - {"__version__"}


MODULES = sorted(
    path for path in PACKAGE.rglob("*.py") if path.name not in ("__init__.py", "__main__.py") or path.parent != PACKAGE
)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_room_imports_only_what_it_may(path: Path) -> None:
    """Arrows point one way: what a module imports of ours is what its room may import."""
    allowed = documented()
    room = room_of(path)
    assert room in allowed, f"{room} is not in the table of docs/architecture.md"
    assert imported(path) - {room} <= allowed[room]


def test_definitions_hold_no_code() -> None:
    """`schemas/` and `reports/` are text a district may change."""
    assert [path for kind in ("schemas", "reports") for path in (PROJECT / kind).rglob("*.py")] == []


@pytest.mark.parametrize(
    "command", [["--help"], ["check", "--help"], ["sync", "--help"], ["report", "--help"], ["--version"]]
)
def test_help_loads_nothing_heavy(command: list[str]) -> None:
    """Help must come at once: it loads neither data frames nor databases nor writers of workbooks."""
    code = (
        "import sys\nfrom sheets_sync.cli import main\ntry:\n    main(sys.argv[1:])\n"
        f"except SystemExit:\n    print('LOADED', sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True, cwd=PROJECT)
    assert answer.stdout.splitlines()[-1] == "LOADED []"


@pytest.mark.system
def test_help_is_about_as_quick_as_click() -> None:
    """At most twice the time of importing click alone (medians, taking turns)."""

    def timed(*arguments: str) -> float:
        begun = time.perf_counter()
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True, cwd=PROJECT)
        return time.perf_counter() - begun

    pairs = [(timed("-m", "sheets_sync", "--help"), timed("-c", "import click")) for _ in range(11)]
    assert statistics.median(ours / click for ours, click in pairs) <= 2.0
