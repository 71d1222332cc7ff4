"""kill -9 at any moment: whatever a run was doing, the next one leaves what an undisturbed run leaves."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sheets_sync.demo import write_district
from tests.program import ENVIRONMENT
from tests.small_district import outbox, school

MOMENTS = 200
HOMES, KILLS = 4, 3  # in each home, one after the other, before a run may end
OF_THE_DEMO = ("school-1", "berezka")
SCHOOLS = ("school-1", "kill-a", "berezka", "kill-b")
SYNC = [sys.executable, "-m", "sheets_sync", "sync", "-q", "--as-of", "2023-12-20"]
# What differs from home to home and from run to run without meaning anything.
OF_THE_RUN = {"locator", "read_at", "mtime_ns"}


@contextmanager
def program(home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A sync at work, which is killed with all it has started when the block is left."""
    with subprocess.Popen(
        SYNC, cwd=home, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    ) as started:
        try:
            yield started
        finally:
            with suppress(ProcessLookupError):
                os.killpg(started.pid, 9)


def run_to_the_end(home: Path) -> float:
    begun = time.monotonic()
    with program(home) as started:
        told, _ = started.communicate(timeout=300)
    assert started.returncode == 0, told.decode()
    return time.monotonic() - begun


def kill(home: Path, chance: random.Random, usual: float, writing: bool) -> str:
    """Kill a sync at a random moment of its life; ``writing``: shortly after it has begun to write its outputs.

    Tells how far it was: the newest of its traces.
    """
    journal, drafts = home / ".sheets-sync/undo/changes.jsonl", home / "outbox"
    before = journal.stat().st_mtime_ns if journal.exists() else 0
    end = time.monotonic() + (usual * 3 if writing else chance.uniform(0, usual))
    with program(home) as started:
        while time.monotonic() < end and started.poll() is None:
            if writing and ((journal.exists() and journal.stat().st_mtime_ns != before) or any(drafts.glob("*/.~*"))):
                time.sleep(chance.uniform(0, 0.1))
                break
            time.sleep(0.002)
        if started.poll() is not None:
            return "ended"
    if any(drafts.glob("*/.~*")) or (journal.exists() and journal.stat().st_mtime_ns != before):
        return "writing"
    return "reading" if any((home / ".sheets-sync").glob("reading-*")) else "starting"


def stored(home: Path) -> dict[str, list[Any]]:
    """Every row of every table of the store, but the runs."""
    with duckdb.connect(str(home / ".sheets-sync/store.duckdb"), read_only=True) as connection:
        found = {}
        for (table,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall():
            if table != "runs":
                columns = [
                    name
                    for (name,) in connection.execute(
                        "SELECT column_name FROM duckdb_columns() WHERE table_name = ? AND schema_name = 'main' "
                        "AND NOT internal ORDER BY column_index",
                        [table],
                    ).fetchall()
                    if name not in OF_THE_RUN
                ]
                asked = ", ".join(f'"{name}"' for name in columns)
                found[table] = sorted(map(repr, connection.execute(f'SELECT {asked} FROM "{table}"').fetchall()))
        return found


def differing(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    return sorted(key for key in one.keys() | other.keys() if one.get(key) != other.get(key))


def edit(step: int, inbox: Path, chance: random.Random) -> None:
    """What people do between two runs: mend and spoil, hand in, move, take away."""
    name = SCHOOLS[step % len(SCHOOLS)]
    book = inbox / name / "Наставничество.xlsx"
    if chance.random() < 0.2 and book.exists() and name.startswith("kill"):
        book.rename(book.with_name("Другое имя.xlsx"))
        return
    for former in (inbox / name).glob("Другое имя.xlsx"):
        former.unlink()
    meeting = chance.choice(["10.10.2023", "31.11.2023", "10,10,2023", "позже", "12.11.2023"])
    school(inbox / name, meeting=meeting)


@pytest.mark.system
@pytest.mark.skipif(os.name == "nt", reason="no process groups to kill there")
def test_killed_at_two_hundred_moments(tmp_path: Path) -> None:
    """Schools of the demo in four homes; in each, time and again, something is edited, a sync is killed, again and once
    more, and then run to its end: store, issues and outputs are, byte by byte, those of a fifth home that nobody
    disturbs."""
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    inbox, calm = tmp_path / "inbox", tmp_path / "calm"
    write_district(tmp_path / "demo")
    for name in OF_THE_DEMO:  # few, so that a run is short and the moments lie close
        shutil.copytree(tmp_path / "demo" / name, inbox / name)
    homes = [tmp_path / f"home-{number}" for number in range(HOMES)]
    for home in (calm, *homes):
        home.mkdir(exist_ok=True)
        (home / "config.toml").write_text(
            f'[district]\nname = "Район"\n[[sources]]\npath = "../inbox"\n[engine]\nworkers = {1 + (home.name[-1] == "3")}\n',
            encoding="utf-8",
        )
    edits = random.Random(seed)
    chances = [random.Random(seed + number) for number in range(HOMES)]
    seen: list[str] = []

    def disturbed(number: int) -> None:
        home, chance = homes[number], chances[number]
        for _ in range(KILLS):
            seen.append(kill(home, chance, usual, writing=chance.random() < 0.4))
        run_to_the_end(home)

    with ThreadPoolExecutor(2) as hands:
        usual = max(hands.map(run_to_the_end, (calm, *homes)))
        step = 0
        while len(seen) - seen.count("ended") < MOMENTS:
            step += 1
            edit(step, inbox, edits)
            beside = hands.submit(run_to_the_end, calm)
            list(hands.map(disturbed, range(HOMES)))
            usual = beside.result()
            files, rows = outbox(calm), stored(calm)
            for home in homes:
                assert differing(outbox(home), files) == [], (seed, step, home.name)
                assert differing(stored(home), rows) == [], (seed, step, home.name)
                assert not list((home / ".sheets-sync").glob("store.duckdb.damaged*")), (seed, step)
    counts = {moment: seen.count(moment) for moment in sorted(set(seen))}
    print(counts)
    assert counts["writing"] >= MOMENTS // 10
    assert counts["reading"] >= MOMENTS // 20
