"""`make bench`: how fast, as ratios measured in one run on the same files (docs/performance.md explains them).

Generates workbooks (benchmarks/generate.py), then times whole processes: `sheets-sync sync` with an empty store and
outbox against two processes that read every cell with python-calamine and drop it; the second `sync` with nothing
changed; `sync` after one workbook changed; at the largest size also the peers (benchmarks/peers/), the slow ones on a
sample of the schools, scaled. The cases take turns and the medians of their ratios count: the seconds of a machine say
little. In the end everybody must have found the planted errors and counted the same, else there is no result.

    python benchmarks/run.py [--sizes 20,100,400] [--rounds 3] [--peers .venv-peers/bin/python] [--sample 20]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import compared  # noqa: E402  the neighbours, also when run as a script from elsewhere
import generate  # noqa: E402

RESULTS = HERE / "results.json"
PEERS = {
    "tuned": "pandas_calamine_pandera.py",
    "pandera": "pandas_openpyxl_pandera.py",
    "frictionless": "frictionless_petl.py",
}
SLOW = ("pandera", "frictionless")  # school by school: measured on a sample, their time grows in step with the schools
# design targets, at the largest size: at most so much …
TARGETS = {"sync_to_read": 2.0, "resync_to_sync": 0.04, "one_changed_to_sync": 0.15, "help_to_click": 2.0,
           "worker_peak_mb": 100.0, "parent_peak_mb": 300.0}  # fmt: skip
# … and at least so much
TARGETS_PEERS = {"tuned_to_sync": 5.0, "pandera_to_sync": 45.0, "frictionless_to_sync": 130.0}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="20,100,400", help="numbers of workbooks")
    parser.add_argument("--rounds", type=int, default=3, help="times each case is measured at each size")
    parser.add_argument(
        "--peers", type=Path, help="a Python that has benchmarks/peers/requirements.txt; without it, no peers"
    )
    parser.add_argument("--sample", type=int, default=20, help="schools the slow peers are measured on")
    parser.add_argument("--keep", type=Path, help="folder for the generated workbooks, kept for the next time")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the ratios go")
    asked = parser.parse_args()
    sizes = sorted(int(size) for size in asked.sizes.split(","))
    if asked.sample < 2:
        parser.error("--sample: two schools at least, or nothing can be scaled")
    results: dict[str, Any] = {
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}",
        "rounds": asked.rounds,
        "sizes": {},
    }
    with tempfile.TemporaryDirectory(prefix="sheets-sync-bench-") as scratch:
        district = asked.keep or Path(scratch) / "district"
        say(f"generating {sizes[-1]} workbooks")
        generate.write_district(district, sizes[-1])
        results["help_to_click"] = help_to_click()
        for size in sizes:
            peers = asked.peers if size == sizes[-1] else None
            bench = Bench(district, size, Path(scratch) / f"run-{size}", peers, min(asked.sample, size))
            results["sizes"][str(size)] = bench.measured(asked.rounds)
            if wrong := bench.disagreements():
                print(*wrong[:20], sep="\n", file=sys.stderr)
                raise SystemExit(f"{len(wrong)} schools in which not everybody found the same: no result")
            shutil.rmtree(bench.work)
    largest = results["sizes"][str(sizes[-1])]
    if asked.peers:
        results["sample"] = min(asked.sample, sizes[-1])
    results |= {key: largest[key] for key in (*TARGETS, *TARGETS_PEERS) if key in largest}
    asked.results.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    show(results)
    return 0


class Bench:
    """All cases on one number of workbooks, each a process of its own."""

    def __init__(self, district: Path, size: int, work: Path, peers: Path | None, sample: int) -> None:
        self.district, self.size, self.work, self.peers, self.sample = district, size, work, peers, sample
        self.inbox = work / "inbox"
        self.schools = link_schools(district / "inbox", self.inbox, size)
        (work / "config.toml").write_text(
            '[[sources]]\nkind = "excel"\npath = "inbox"\n[outputs]\nfolder = "outbox"\n', encoding="utf-8"
        )
        day = ["--as-of", generate.AS_OF.isoformat()]
        ours = [*program(), "--config", str(work / "config.toml"), "-q"]
        self.sync, self.report = [*ours, "sync", *day], [*ours, "report", *day, "--format", "json", "-o", "-"]
        self.read = [sys.executable, str(HERE / "bare_read.py"), str(self.inbox)]
        self.seconds: dict[str, list[float]] = {}

    def measured(self, rounds: int) -> dict[str, float]:
        """The ratios; the three kinds of `sync` follow one another in each round, after a bare reading."""
        for turn in range(rounds):
            say(f"{self.size} workbooks, round {turn + 1} of {rounds}")
            cases = [lambda: self._time("read", self.read), lambda: self._time_syncs(turn)]  # noqa: B023  called at once
            if self.peers:
                cases.append(self._time_peers)
            for case in cases if turn % 2 == 0 else reversed(cases):
                case()
        self._forget()
        parent, worker = peaks(self.sync)
        pairs = {
            "sync_to_read": ("sync", "read"),
            "resync_to_sync": ("resync", "sync"),
            "one_changed_to_sync": ("one_changed", "sync"),
        } | {f"{peer}_to_sync": (peer, "sync") for peer in PEERS if peer in self.seconds}
        seconds = self.seconds
        found = {name: round(statistics.median(ratios(seconds[a], seconds[b])), 4) for name, (a, b) in pairs.items()}
        found |= {f"{kind}_seconds": round(statistics.median(times), 3) for kind, times in seconds.items()}
        return found | {"parent_peak_mb": round(parent, 1), "worker_peak_mb": round(worker, 1)}

    def disagreements(self) -> list[str]:
        """Who did not find what was planted, or did not count what the others did; looked at after the last `sync`."""
        asked = compared.planted(self.district, self.schools)
        report = json.loads(output(self.report))
        found, figures = compared.ours(self.work / ".sheets-sync" / "store.duckdb", report, asked)
        wrong = [f"sheets-sync, {line}" for line in compared.differences(found, asked, figures, figures)]
        headings = {sheet: [name for name, _ in columns] for sheet, _, columns, _ in generate.tables(1)}
        for peer in PEERS if self.peers else ():
            of_peer = {
                school: asked[school] for school in (self.schools[: self.sample] if peer in SLOW else self.schools)
            }
            found, counted = compared.peer(self.work / peer, headings)
            wrong += [f"{peer}, {line}" for line in compared.differences(found, of_peer, counted, figures)]
        return wrong

    def _time(self, case: str, command: list[str]) -> None:
        self.seconds.setdefault(case, []).append(timed(command))

    def _forget(self) -> None:
        for made in ("outbox", ".sheets-sync"):
            shutil.rmtree(self.work / made, ignore_errors=True)

    def _time_syncs(self, turn: int) -> None:
        self._forget()
        self._time("sync", self.sync)
        self._time("resync", self.sync)
        changed = self.schools[(turn + 1) % self.size]
        change_one(self.inbox, changed)
        self._time("one_changed", self.sync)
        shutil.rmtree(self.inbox / changed)  # as it was, for the others and for the next round
        link_school(self.district / "inbox" / changed, self.inbox)

    def _time_peers(self) -> None:
        self._time("tuned", self._peer("tuned", self.inbox))
        for peer in SLOW:
            few, one = (self._some(number) for number in (self.sample, 1))
            alone = timed(self._peer(peer, one))
            sample = timed(self._peer(peer, few))
            scaled = alone + (sample - alone) / max(1, self.sample - 1) * (self.size - 1)
            self.seconds.setdefault(peer, []).append(scaled)
            self.seconds.setdefault(f"{peer}_sample", []).append(sample)

    def _peer(self, name: str, inbox: Path) -> list[str]:
        shutil.rmtree(self.work / name, ignore_errors=True)
        return [str(self.peers), str(HERE / "peers" / PEERS[name]), str(inbox), str(self.work / name)]

    def _some(self, number: int) -> Path:
        inbox = self.work / f"first-{number}"
        if not inbox.exists():
            link_schools(self.district / "inbox", inbox, number)
        return inbox


def ratios(above: Iterable[float], below: Iterable[float]) -> Iterator[float]:
    return (a / b for a, b in zip(above, below, strict=True))


def link_schools(source: Path, inbox: Path, size: int) -> list[str]:
    """The first schools of the district, as hard links: symbolic ones out of an inbox are not followed."""
    schools = sorted(source.iterdir())[:size]
    for school in schools:
        link_school(school, inbox)
    return [school.name for school in schools]


def link_school(school: Path, inbox: Path) -> None:
    (inbox / school.name).mkdir(parents=True)
    for path in school.iterdir():
        try:
            os.link(path, inbox / school.name / path.name)
        except OSError:
            shutil.copy2(path, inbox / school.name / path.name)


def change_one(inbox: Path, school: str) -> None:
    """Somebody worked on one workbook: other cells of it are bad now. The shared original stays as it was."""
    (inbox / school / generate.WORKBOOK).unlink()
    generate.write_school(int(school.rpartition("-")[2]), str(inbox), changed=True)


def program() -> list[str]:
    """The installed program, as a user starts it."""
    beside = Path(sys.executable).with_name("sheets-sync")
    return [str(beside)] if beside.is_file() else [sys.executable, "-m", "sheets_sync"]


def timed(command: list[str]) -> float:
    """Wall seconds of a whole process. Stops everything when it fails: a failed run has no speed."""
    begun = time.perf_counter()
    output(command)
    return time.perf_counter() - begun


def output(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}\nended with {done.returncode}:\n{done.stderr[-2000:]}")
    return done.stdout


def help_to_click(times: int = 15) -> float:
    """`sheets-sync --help` against the bare import of click, taking turns."""
    ours, click = [], []
    for _ in range(times):
        ours.append(timed([*program(), "--help"]))
        click.append(timed([sys.executable, "-c", "import click"]))
    return round(statistics.median(ours) / statistics.median(click), 2)


def peaks(command: list[str]) -> tuple[float, float]:
    """Peak resident megabytes of a run's own process and of its largest worker (0, 0 where /proc is missing)."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    highest: dict[int, float] = {}
    with watching(process.pid, highest):
        process.wait()
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)}\nended with {process.returncode}")
    parent = highest.pop(process.pid, 0.0)
    return parent, max(highest.values(), default=0.0)


@contextmanager
def watching(root: int, highest: dict[int, float]) -> Iterator[None]:
    """Notes the highest resident size of a process and all beneath it, as the kernel keeps it, until the block ends."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            for pid in family(root):
                try:
                    status = Path(f"/proc/{pid}/status").read_text()
                except OSError:
                    continue
                line = next((line for line in status.splitlines() if line.startswith("VmHWM")), None)
                if line:
                    highest[pid] = max(highest.get(pid, 0.0), int(line.split()[1]) / 1024)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def family(root: int) -> Iterator[int]:
    """A process and its descendants."""
    yield root
    for task in Path(f"/proc/{root}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:
            continue
        for child in children:
            yield from family(int(child))


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def show(results: dict[str, Any]) -> None:
    sizes = list(results["sizes"])
    print(results["machine"])
    print(f"{'ratio':<22}" + "".join(f"{size:>10}" for size in sizes) + f"{'target':>10}")
    targets = {name: f"<= {target:g}" for name, target in TARGETS.items()}
    targets |= {name: f">= {target:g}" for name, target in TARGETS_PEERS.items() if name in results}
    for name, target in targets.items():
        values = [results["sizes"][size].get(name) for size in sizes]
        if name == "help_to_click":
            values = [*([None] * (len(sizes) - 1)), results[name]]
        print(f"{name:<22}" + "".join(f"{'' if value is None else value:>10}" for value in values) + f"{target:>10}")
    for kind in ("read", "sync", "resync", "one_changed", *PEERS):
        times = [results["sizes"][size].get(f"{kind}_seconds", "") for size in sizes]
        if any(times):
            scaled = f"  scaled from {results['sample']} schools" if kind in SLOW else ""
            print(f"{kind + ', seconds':<22}" + "".join(f"{each:>10}" for each in times) + scaled)


if __name__ == "__main__":
    sys.exit(main())
