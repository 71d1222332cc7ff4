"""Writing a large roster: our .xlsx writer against XlsxWriter on the same rows, in one run. Look at the ratio.

python benchmarks/write_xlsx.py [ROWS]
"""

from __future__ import annotations

import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

from sheets_sync.reporting.page import Book, Column, Link, Sheet
from sheets_sync.sinks.excel import render_book

KINDS = (
    "integer",
    "text",
    "text",
    "text",
    "date",
    "date",
    "percent",
    "number",
    "text",
    "text",
    "integer",
    "text",
    "text",
    "text",
)
NAMES = ("Орлова", "Белов", "Соколова", "Громов", "Зимина", "Ветров", "Лугов", "Полякова")


def rows(count: int) -> Iterator[tuple[object, ...]]:
    """Rows as of a district's roster: few distinct words, many distinct names."""
    start = date(2023, 9, 1)
    for n in range(count):
        yield (
            n + 1,
            f"{NAMES[n % 8]} Мария {n % 9973}",
            "учитель – ученик",
            f"{n % 11 + 1}А",
            start + timedelta(n % 270),
            None,
            54.5 + n % 45,
            n % 100 / 10,
            "действует",
            f"{NAMES[n % 7]} Олег {n % 7919}",
            n % 40,
            "МКОУ «СОШ № 4»",
            "База наставничества.xlsx",
            "Пары",
        )


def ours(path: Path, count: int) -> None:
    columns = [Column(f"Столбец {n}", kind) for n, kind in enumerate(KINDS)]
    with path.open("wb") as file:
        render_book(Book("Проба", [Sheet("Реестр", columns, rows(count))]), file)


def theirs(path: Path, count: int) -> None:
    import xlsxwriter

    workbook = xlsxwriter.Workbook(path)
    sheet = workbook.add_worksheet("Реестр")
    bold = workbook.add_format({"bold": True})
    formats = {
        "date": workbook.add_format({"num_format": "dd.mm.yyyy"}),
        "percent": workbook.add_format({"num_format": "0.0 %"}),
    }
    sheet.write_row(0, 0, [f"Столбец {n}" for n in range(len(KINDS))], bold)
    for number, row in enumerate(rows(count), 1):
        for column, (kind, value) in enumerate(zip(KINDS, row, strict=True)):
            if kind == "date" and value is not None:
                sheet.write_datetime(number, column, value, formats["date"])
            elif kind == "percent":
                sheet.write_number(number, column, value / 100, formats["percent"])
            else:
                sheet.write(number, column, value)
    workbook.close()


def small(path: Path, count: int) -> None:
    """Many small books, as «Проверка» is for every school: 3 sheets, 60 rows with links each."""
    columns = (Column("Важность"), Column("Ячейка", "link"), Column("Что не так", width=36, wrap=True), Column("Код"))
    for n in range(count):
        lines = [
            (
                "Ошибка",
                Link(f"F{m}", f"../../inbox/{n}/База.xlsx#'Пары'!F{m}"),
                f"«31.02.{m}» – не дата, введите её цифрами",
                "cell",
            )
            for m in range(60)
        ]
        with path.open("wb") as file:
            render_book(
                Book("Проверка", [Sheet(f"Лист {k}", columns, lines, above=["Проверка"]) for k in range(3)]), file
            )


def timed(write: Callable[[Path, int], None], path: Path, count: int) -> float:
    start = time.perf_counter()
    write(path, count)
    return time.perf_counter() - start


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.xlsx"
        runs = [(timed(ours, path, count), timed(theirs, path, count)) for _ in range(3)]
        mine, other = min(run[0] for run in runs), min(run[1] for run in runs)
        print(f"{count} rows × {len(KINDS)}: ours {mine:.2f} s, XlsxWriter {other:.2f} s, ratio {mine / other:.2f}")
        print(f"100 small books: {timed(small, path, 100) * 10:.2f} ms each")
        tracemalloc.start()
        ours(path, count)
        peak, size = tracemalloc.get_traced_memory()[1] / 1e6, path.stat().st_size / 1e6
        print(f"peak memory of ours: {peak:.0f} MB, file {size:.1f} MB")


if __name__ == "__main__":
    main()
