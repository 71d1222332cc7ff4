"""`make bench`: how fast, as ratios measured in one run on the same files (docs/performance.md explains them).

Generates workbooks (benchmarks/generate.py), then times whole processes: `sheets-sync sync` with an empty store and
outbox against two processes that read every cell with python-calamine and drop it; the second `sync` with nothing
changed; `sync` after one workbook changed. The cases take turns and the medians of their ratios count: the seconds of
a machine say little.

    python benchmarks/run.py [--sizes 20,100,400] [--rounds 3]
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
import generate  # noqa: E402  the neighbour, also when run as a script from elsewhere

RESULTS = HERE / "results.json"
# design targets, at the largest size
TARGETS = {"sync_to_read": 2.0, "resync_to_sync": 0.04, "one_changed_to_sync": 0.15, "help_to_click": 2.0,
           "worker_peak_mb": 100.0, "parent_peak_mb": 300.0}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="20,100,400", help="numbers of workbooks")
    parser.add_argument("--rounds", type=int, default=3, help="times each case is measured at each size")
    parser.add_argument("--keep", type=Path, help="folder for the generated workbooks, kept for the next time")
    asked = parser.parse_args()
    sizes = sorted(int(size) for size in asked.sizes.split(","))
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
            results["sizes"][str(size)] = measured(district, size, asked.rounds, Path(scratch))
    largest = results["sizes"][str(sizes[-1])]
    results |= {key: largest[key] for key in TARGETS if key in largest}
    RESULTS.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    show(results)
    return 0


def measured(district: Path, size: int, rounds: int, scratch: Path) -> dict[str, float]:
    """Ratios at one size; the three kinds of `sync` follow one another in each round, after a bare reading."""
    work = scratch / f"run-{size}"
    inbox = work / "inbox"
    link_schools(district / "inbox", inbox, size)
    (work / "config.toml").write_text(
        '[[sources]]\nkind = "excel"\npath = "inbox"\n[outputs]\nfolder = "outbox"\n', encoding="utf-8"
    )
    sync = [*program(), "--config", str(work / "config.toml"), "-q", "sync", "--as-of", generate.AS_OF.isoformat()]
    bare = [sys.executable, str(HERE / "bare_read.py"), str(inbox)]
    seconds: dict[str, list[float]] = {"read": [], "sync": [], "resync": [], "one_changed": []}
    for turn in range(rounds):
        say(f"{size} workbooks, round {turn + 1} of {rounds}")
        for kind in ("read", "sync") if turn % 2 == 0 else ("sync", "read"):
            if kind == "read":
                seconds["read"].append(timed(bare))
                continue
            for made in ("outbox", ".sheets-sync"):
                shutil.rmtree(work / made, ignore_errors=True)
            seconds["sync"].append(timed(sync))
            seconds["resync"].append(timed(sync))
            change_one(inbox, turn)
            seconds["one_changed"].append(timed(sync))
    for made in ("outbox", ".sheets-sync"):
        shutil.rmtree(work / made, ignore_errors=True)
    parent, worker = peaks(sync)
    shutil.rmtree(work)
    pairs = {
        "sync_to_read": ("sync", "read"),
        "resync_to_sync": ("resync", "sync"),
        "one_changed_to_sync": ("one_changed", "sync"),
    }
    found = {name: round(statistics.median(ratios(seconds[a], seconds[b])), 4) for name, (a, b) in pairs.items()}
    found |= {f"{kind}_seconds": round(statistics.median(times), 3) for kind, times in seconds.items()}
    return found | {"parent_peak_mb": round(parent, 1), "worker_peak_mb": round(worker, 1)}


def ratios(above: Iterable[float], below: Iterable[float]) -> Iterator[float]:
    return (a / b for a, b in zip(above, below, strict=True))


def link_schools(source: Path, inbox: Path, size: int) -> None:
    """The first schools of the district, as hard links: symbolic ones out of an inbox are not followed."""
    for school in sorted(source.iterdir())[:size]:
        (inbox / school.name).mkdir(parents=True)
        for path in school.iterdir():
            try:
                os.link(path, inbox / school.name / path.name)
            except OSError:
                shutil.copy2(path, inbox / school.name / path.name)


def change_one(inbox: Path, turn: int) -> None:
    """Somebody worked on one workbook: other cells of it are bad now. The shared original stays as it was."""
    number = turn + 2
    (inbox / f"school-{number:04d}" / generate.WORKBOOK).unlink()
    generate.write_school(number, str(inbox), changed=True)


def program() -> list[str]:
    """The installed program, as a user starts it."""
    beside = Path(sys.executable).with_name("sheets-sync")
    return [str(beside)] if beside.is_file() else [sys.executable, "-m", "sheets_sync"]


def timed(command: list[str]) -> float:
    """Wall seconds of a whole process. Stops everything when it fails: a failed run has no speed."""
    begun = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True)
    spent = time.perf_counter() - begun
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}\nended with {done.returncode}:\n{done.stderr[-2000:]}")
    return spent


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
    for name, target in TARGETS.items():
        values = [results["sizes"][size].get(name) for size in sizes]
        if name == "help_to_click":
            values = [*([None] * (len(sizes) - 1)), results[name]]
        print(
            f"{name:<22}"
            + "".join(f"{'' if value is None else value:>10}" for value in values)
            + f"{'<= ' + format(target, 'g'):>10}"
        )
    for kind in ("read", "sync", "resync", "one_changed"):
        print(
            f"{kind + ', seconds':<22}" + "".join(f"{results['sizes'][size][kind + '_seconds']:>10}" for size in sizes)
        )


if __name__ == "__main__":
    sys.exit(main())
