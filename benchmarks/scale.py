"""How a sync grows with the number of workbooks: time of the processors, memory, size of the store (docs/scale.md).

python benchmarks/scale.py [--sizes 10,50,100,400,1000,2000] [--share 0.1]

``--share`` of the rows of a school of benchmarks/generate.py, so that 2,000 workbooks are made and read in minutes.
Seconds are those of the processors, all processes together: on a machine others use too they say more than the clock.
Prints a line of the table of docs/scale.md per size.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import generate  # noqa: E402  the neighbours, also when run as a script from elsewhere
import run as bench  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="10,50,100,400,1000,2000", help="numbers of workbooks")
    parser.add_argument("--share", type=float, default=0.1, help="of the rows of a school")
    asked = parser.parse_args()
    sizes = sorted(int(size) for size in asked.sizes.split(","))
    print("| workbooks | cells | reading alone, s | first `sync`, s | nothing changed, s | one changed, s |"
          " process, MB | worker, MB | store, MB | a workbook costs, ms |")  # fmt: skip
    print("|---" * 10 + "|")
    with tempfile.TemporaryDirectory(prefix="sheets-sync-scale-") as scratch:
        work = Path(scratch)
        inbox = work / "inbox"
        (work / "config.toml").write_text(
            '[[sources]]\nkind = "excel"\npath = "inbox"\n[outputs]\nfolder = "outbox"\n', encoding="utf-8"
        )
        day = generate.AS_OF.isoformat()
        sync = [*bench.program(), "--config", str(work / "config.toml"), "-q", "sync", "--as-of", day]
        cells = sum(len(row) for _, _, _, rows in generate.tables(1, asked.share) for row in rows)
        made = 0
        for size in sizes:
            with ProcessPoolExecutor(os.cpu_count()) as pool:
                write = partial(generate.write_school, folder=str(inbox), share=asked.share)
                list(pool.map(write, range(made + 1, size + 1), chunksize=4))
            made = size
            for left in ("outbox", ".sheets-sync"):
                shutil.rmtree(work / left, ignore_errors=True)
            read = spent([sys.executable, str(HERE / "bare_read.py"), str(inbox)])[0]
            first, parent, worker = spent(sync)
            again = spent(sync)[0]
            (inbox / "school-0002" / generate.WORKBOOK).unlink()
            generate.write_school(2, str(inbox), changed=True, share=asked.share)
            one = spent(sync)[0]
            store = (work / ".sheets-sync" / "store.duckdb").stat().st_size / 1024**2
            print(
                f"| {size:,} | {cells * size:,} | {read:.1f} | {first:.1f} | {again:.2f} | {one:.1f} | {parent:.0f} |"
                f" {worker:.0f} | {store:.1f} | {first / size * 1000:.0f} |",
                flush=True,
            )
    return 0


def spent(command: list[str]) -> tuple[float, float, float]:
    """Seconds of the processors a process and all beneath it took, its peak megabytes, those of its largest worker."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    parent, worker = bench.peaks(command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, parent, worker


if __name__ == "__main__":
    sys.exit(main())
