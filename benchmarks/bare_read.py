"""The yardstick: two processes read every cell of every workbook with python-calamine and drop it.

python benchmarks/bare_read.py INBOX
"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from python_calamine import CalamineWorkbook

WORKERS = 2


def read(path: str) -> int:
    """Read all sheets of one workbook; returns the number of cells."""
    workbook = CalamineWorkbook.from_path(path)
    cells = 0
    for name in workbook.sheet_names:
        for row in workbook.get_sheet_by_name(name).to_python():
            cells += len(row)
    return cells


def main() -> None:
    paths = sorted(str(path) for path in Path(sys.argv[1]).rglob("*.xlsx"))
    with ProcessPoolExecutor(WORKERS) as pool:
        print(sum(pool.map(read, paths, chunksize=max(1, len(paths) // (WORKERS * 8)))), "cells")


if __name__ == "__main__":
    main()
