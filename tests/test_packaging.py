"""The project installs as it promises: one import name, definitions inside, versions pinned, no addresses."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest

from sheets_sync import demo


def names_of(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=\[; ]", line, maxsplit=1)[0].lower().replace("_", "-") for line in requirements}


@pytest.fixture(scope="session")
def metadata(project: Path) -> dict:
    return tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))


def tracked(project: Path) -> list[Path]:
    """Files of the project: what git knows, or everything when there is no git (a source archive)."""
    listed = subprocess.run(["git", "-C", str(project), "ls-files", "-z"], capture_output=True)
    if listed.returncode == 0:
        return [project / name for name in listed.stdout.decode().split("\0") if name and (project / name).is_file()]
    skip = {".venv", ".git", "__pycache__", "demo", "dist"}
    return [path for path in project.rglob("*") if path.is_file() and not skip & set(path.relative_to(project).parts)]


@pytest.fixture(scope="session")
def wheel(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this checkout with what is installed: no network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "-w",
        str(folder),
        str(project),
    ]
    built = subprocess.run(command, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr[-2000:]
    (found,) = folder.glob("*.whl")
    return found


def test_wheel_owns_one_import_name(wheel: Path) -> None:
    """Two wheels that both hold `schemas` would overwrite each other: ours claims `sheets_sync` alone."""
    with zipfile.ZipFile(wheel) as archive:
        top = {name.split("/")[0] for name in archive.namelist()}
    assert {name for name in top if not name.endswith(".dist-info")} == {"sheets_sync"}


@pytest.mark.parametrize("kind", ["schemas", "reports"])
def test_wheel_holds_every_definition(wheel: Path, project: Path, kind: str) -> None:
    """Both definition folders are complete in the wheel, and hold text only."""
    with zipfile.ZipFile(wheel) as archive:
        prefix = f"sheets_sync/_shipped/{kind}/"
        inside = {name.removeprefix(prefix) for name in archive.namelist() if name.startswith(prefix)}
    files = [path for path in (project / kind).rglob("*") if path.is_file() and not path.name.startswith(".")]
    assert inside == {
        path.relative_to(project / kind).as_posix() for path in files if path.suffix not in (".bak", ".orig")
    }
    assert not [name for name in inside if name.endswith((".py", ".pyc"))]


def test_every_requirement_is_pinned(project: Path, metadata: dict) -> None:
    """constraints.txt has one exact version for each package we name, and nothing but names and versions."""
    lines = [
        line
        for line in (project / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    ]
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*", line)] == []
    extras = metadata["project"]["optional-dependencies"]
    wanted = names_of(metadata["project"]["dependencies"]) | {
        name for extra in extras.values() for name in names_of(extra)
    }
    assert wanted - names_of(lines) == set()


def test_no_registry_address_or_machine_path(project: Path) -> None:
    """No file names a package registry's host or a folder of somebody's machine; no lock file with addresses."""
    hosts = ("files.python" + "hosted.org", "pypi" + ".org", "--index" + "-url", "--extra-index" + "-url")
    homes = re.compile(rb"(?<![\w.:/-])/(?:home|Users|root|work)/[\w.-]+/")
    wrong = []
    for path in tracked(project):
        content = path.read_bytes()
        if any(host.encode() in content for host in hosts) or (homes.search(content) and b"\0" not in content):
            wrong.append(path.relative_to(project).as_posix())
    assert wrong == []
    locks = {"uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml"}
    assert not locks & {path.name for path in tracked(project)}


def installed(wheel: Path, folder: Path) -> Path:
    """A new environment holding only our wheel; the packages it needs are lent by the environment the tests run in.

    Lending is one path line: an editable install of ours stays invisible there, since `.pth` files are not nested.
    """
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    command = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        str(wheel),
    ]
    subprocess.run(command, check=True)
    found = subprocess.run(
        [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    )
    lent = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (Path(found.stdout.strip()) / "lent.pth").write_text("\n".join(sorted(lent)) + "\n", encoding="utf-8")
    return python


@pytest.mark.system
@pytest.mark.long
def test_demo_runs_from_the_wheel(wheel: Path, tmp_path: Path) -> None:
    """What was installed, and not the checkout, answers: check → sync → report on the district it brings; every file it
    names is there; a second run works in the same folder."""
    python = installed(wheel, tmp_path / "env")
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | {"PYTHONUTF8": "1"}

    def answer(*line: str | Path) -> str:
        done = subprocess.run(
            list(map(str, line)), capture_output=True, text=True, encoding="utf-8", cwd=tmp_path, env=environment
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert str(tmp_path / "env") in answer(python, "-c", "import sheets_sync; print(sheets_sync.__file__)")
    told = answer(python.with_name("sheets-sync"), "demo", "here")
    named = [line.split("  (")[0].strip() for line in told.splitlines() if line.startswith("  here")]
    assert len(named) >= 4
    assert [name for name in named if not (tmp_path / name).is_file()] == []
    for period in demo.PERIODS:
        assert (tmp_path / "here" / "outbox" / "district" / period / "report.json").is_file()
    answer(python.with_name("sheets-sync"), "demo", "here")


@pytest.mark.system
def test_wheel_installs_into_a_truly_empty_environment(wheel: Path, project: Path, tmp_path: Path) -> None:
    """As a new user does it: pip fetches what the wheel asks for, at the pinned versions, and the demo runs."""
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "env")], check=True)
    python = tmp_path / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
    constraints = str(project / "constraints.txt")
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", "-c", constraints, str(wheel)], check=True)
    answer = subprocess.run(
        [str(python.with_name("sheets-sync")), "demo", "here"], capture_output=True, text=True, cwd=tmp_path
    )
    assert answer.returncode == 0, answer.stderr
