# ruff: noqa: E501  a wording, a line of the document a line
"""How well untidy workbooks are understood: ``python benchmarks/accuracy.py [--districts N] [--samples DIR] [--write]``.

Districts of ``untidy.py`` are written to a temporary folder and checked; what is found is compared with the answer key.
``--samples DIR`` adds a sample district we did not write (``district/`` and ``expected.json``, see ``score_samples.py``);
``--write`` puts it all into ``docs/accuracy.md``.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
for folder in (HERE, HERE.parent):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

import untidy  # noqa: E402
import untidy_words  # noqa: E402

from sheets_sync import demo, run  # noqa: E402
from sheets_sync.issues import Issue  # noqa: E402


@dataclass
class Score:
    """Counts over any number of districts."""

    tables: int = 0
    tables_found: int = 0
    tables_extra: int = 0
    columns: int = 0
    columns_right: int = 0
    columns_wrong: int = 0  # a column taken for another field
    rows: int = 0
    rows_right: int = 0  # rows of tables whose number of records is right
    planted: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    false: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    missed_headings: Counter[str] = field(default_factory=Counter)

    def add(self, other: Score) -> None:
        for name in (
            "tables",
            "tables_found",
            "tables_extra",
            "columns",
            "columns_right",
            "columns_wrong",
            "rows",
            "rows_right",
        ):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("planted", "found", "false", "missed_headings"):
            getattr(self, name).update(getattr(other, name))
        self.notes += other.notes

    @property
    def recall(self) -> float:
        return self.found.total() / max(1, self.planted.total())

    @property
    def precision(self) -> float:
        found = self.found.total()
        return found / max(1, found + self.false.total())


def measure_untidy(seeds: Iterable[int], organisations: int = 4, troubles: int = 9, held_out: bool = False) -> Score:
    """Check the districts of these seeds and count."""
    total = Score()
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            key = untidy.write_district(root, seed, organisations, troubles, held_out)
            result = run.check([root], as_of=untidy.AS_OF)
            total.add(compare(key, result, root, seed))
    return total


def compare(key: untidy.Key, result: run.CheckResult, root: Path, seed: int) -> Score:
    """What was laid out against what was found."""
    score = Score()
    below = f"{root.as_posix()}/"
    got: dict[tuple[str, str, str, int], tuple[dict[str, tuple[str, ...]], int, dict[str, str]]] = {}
    for workbook in result.workbooks:
        for typed in workbook.tables:
            table = typed.table
            letters = {name: _tuple(where) for name, where in table.letters().items()}
            place = (workbook.path.removeprefix(below), table.sheet, table.name, table.header_row)
            got[place] = (letters, typed.rows_read, dict(table.headings))
    misread: set[tuple[str, str]] = set()
    for told in key.tables:
        score.tables += 1
        score.columns += len(told.columns)
        score.rows += told.rows
        place = (told.workbook, told.sheet, told.table, told.header_row)
        if place not in got and any(letter[-1].isdigit() for letters in told.columns.values() for letter in letters):
            # a card: found whatever row its heading is said to be in
            place = next((one for one in got if one[:3] == place[:3]), place)
        found = got.pop(place, None)
        if found is None:
            misread.add((told.workbook, told.sheet))
            score.notes.append(f"{seed}: table not found: {place}")
            continue
        score.tables_found += 1
        letters, rows, _ = found
        for name in told.columns.keys() | letters.keys():
            if name in told.columns and letters.get(name) == told.columns[name]:
                score.columns_right += 1
            else:
                if name in letters:
                    score.columns_wrong += 1
                said = told.headings.get(name, "")
                note = f"{seed}: {place}: {name} «{said}»: {told.columns.get(name)} expected, {letters.get(name)} found"
                score.notes.append(note)
                score.missed_headings[f"{told.table}.{name}"] += 1
        score.rows_right += told.rows if rows == told.rows else 0
        if rows != told.rows:
            score.notes.append(f"{seed}: {place}: {told.rows} rows expected, {rows} read")
    score.tables_extra += len(got)
    score.notes += [f"{seed}: table not expected: {place}" for place in got]
    _compare_issues(key, result, below, score, seed)
    return score


def _tuple(where: object) -> tuple[str, ...]:
    return (where,) if isinstance(where, str) else tuple(where)  # type: ignore[arg-type]


def _compare_issues(key: untidy.Key, result: run.CheckResult, below: str, score: Score, seed: int) -> None:
    issues: list[tuple[str, Issue]] = [
        (workbook.path.removeprefix(below), issue) for workbook in result.workbooks for issue in workbook.issues
    ]
    issues += [("", issue) for issue in result.issues]
    touched = {person for trouble in key.troubles for person in trouble.people}
    used: set[int] = set()
    for trouble in key.troubles:
        score.planted[trouble.kind] += 1
        hits = [at for at, (path, issue) in enumerate(issues) if answers(path, issue, trouble, key)]
        if hits:
            score.found[trouble.kind] += 1
            used.update(hits)
        else:
            said = [
                (issue.code, issue.at.cell or issue.at.row)
                for path, issue in issues
                if path == trouble.workbook and issue.at.sheet == trouble.sheet and issue.at.row == trouble.row
            ]
            score.notes.append(f"{seed}: missed {trouble[:6]} ({trouble.kind}); said there: {said}")
    for at, (path, issue) in enumerate(issues):
        if at in used or issue.severity == "info":
            continue
        row = issue.at.row or 0
        if touched & key.people.get((path, issue.at.sheet or "", row), frozenset()):
            continue  # an echo: the same people's rows
        place = issue.at.cell or issue.at.row
        told = f"{seed}: false {issue.code} {issue.severity} {path or issue.at.organisation} {issue.at.sheet} {place}"
        score.false[issue.code] += 1
        score.notes.append(f"{told} {issue.value!r} {dict(issue.params)}")


def answers(path: str, issue: Issue, trouble: untidy.Trouble, key: untidy.Key) -> bool:
    """Is the issue the planted trouble: a code and a severity of it, at its cell, or at its row or one of the same person?"""
    if issue.code not in trouble.codes or issue.severity not in trouble.severities:
        return False
    if trouble.row is None:
        return path == trouble.workbook and issue.at.sheet == trouble.sheet
    if (path, issue.at.sheet, issue.at.row) == (trouble.workbook, trouble.sheet, trouble.row):
        return trouble.cell is None or not issue.code.startswith("cell-") or issue.at.cell == trouble.cell
    if trouble.cell is not None and issue.code.startswith("cell-"):
        return False
    return bool(trouble.people & key.people.get((path, issue.at.sheet or "", issue.at.row or 0), frozenset()))


def measure_demo() -> tuple[int, int, int]:
    """Troubles planted in the demo, troubles found, false alarms."""
    from fnmatch import fnmatch

    with tempfile.TemporaryDirectory() as folder:
        inbox = Path(folder) / "inbox"
        troubles = demo.write_district(inbox)
        result = run.check([inbox], as_of=demo.CHECKED_AS_OF)
        issues = [issue for workbook in result.workbooks for issue in workbook.issues] + result.issues
        below = f"{inbox.as_posix()}/"

        def fits(issue: Issue, trouble: demo.Trouble) -> bool:
            place = ((issue.at.workbook or "").removeprefix(below), issue.at.sheet, issue.at.row)
            return place == (trouble.workbook, trouble.sheet, trouble.row) and fnmatch(issue.code, trouble.code)

        found = sum(any(fits(issue, trouble) for issue in issues) for trouble in troubles)
        false = sum(
            issue.severity != "info" and not any(fits(issue, trouble) for trouble in troubles) for issue in issues
        )
    return len(troubles), found, false


def headings_known() -> tuple[int, int]:
    """Headings of the untidy districts, and how many of them some definition spells just so."""
    from sheets_sync.catalog import Catalog
    from sheets_sync.recognise import heading_index
    from sheets_sync.table_schema.loading import load_definitions

    index = heading_index(load_definitions(Catalog().folders("schemas")))
    texts = {text for pool in untidy_words.HEADINGS.values() for many in pool.values() for text in many}
    return len(texts), sum(map(index.is_known, texts))


def sample_scores(folder: Path) -> list[str]:
    """What ``score_samples.py`` prints for a folder."""
    done = subprocess.run(
        [sys.executable, str(HERE / "score_samples.py"), str(folder)],
        capture_output=True,
        text=True,
        cwd=HERE.parent,
        env={**os.environ, "PYTHONPATH": str(HERE.parent)},
        check=False,
    )
    return [line.strip() for line in done.stdout.splitlines() if line.strip()]


DISTRICTS = HERE / "districts"  # written by others, see the README there
# Tables, columns, recall and precision at the first scoring, before a district had been looked at.
FIRST_SCORES = {
    "volga": ("61/68", "493/585", "0.72", "0.37"),
    "villages": ("60/66", "426/528", "0.63", "0.60"),
    "siberia": ("72/72", "623/637", "0.76", "0.69"),
    "young": ("63/78", "485/639", "0.65", "0.30"),
    "north": ("59/64", "468/541", "0.80", "0.74"),
    "steppe": ("45/47", "412/446", "0.96", "0.80"),
    "city": ("50/54", "442/490", "0.85", "0.58"),
    "hills": ("47/54", "362/456", "0.85", "0.57"),
    "port": ("40/47", "345/429", "0.72", "0.15"),
}
_SCORED = re.compile(r"tables (\S+), extra \d+, columns (\S+),.*recall (\d\.\d\d).*precision (\d\.\d\d)", re.DOTALL)


def scored(folder: Path) -> tuple[str, ...]:
    """Tables, columns («68/68»), recall and precision («0.92») of a district with an answer key."""
    told = _SCORED.search(" ".join(sample_scores(folder)))
    return told.groups() if told else ("0/1", "0/1", "0", "0")


def others_scores() -> list[str]:
    """The districts of ``benchmarks/districts``, first and today, as rows of Markdown."""
    lines = ["| district | tables | columns | recall | precision |", "|---|---|---|---|---|"]
    for name, first in FIRST_SCORES.items():
        today = scored(DISTRICTS / name)
        lines.append(f"| {name} | " + " | ".join(f"{a} → {b}" for a, b in zip(first, today, strict=True)) + " |")
    return lines


def percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"


def table_of(score: Score) -> list[str]:
    """The figures as rows of Markdown."""
    found, false = score.found.total(), score.false.total()
    rows = (
        ("tables found, heading in the right row", score.tables_found, score.tables),
        ("columns given the right field", score.columns_right, score.columns),
        ("records in tables read to the last row", score.rows_right, score.rows),
        ("planted troubles found at their place (recall)", found, score.planted.total()),
        ("errors and warnings that are true (precision)", found, found + false),
    )
    lines = [f"| {title} | {right} | {of} | {percent(right, of)} |" for title, right, of in rows]
    return ["| what | right | of | share |", "|---|---:|---:|---:|", *lines]


def document(score: Score, held: Score, districts: int, first: int, organisations: int, samples: Sequence[str]) -> str:
    """``docs/accuracy.md``."""
    headings, known = headings_known()
    planted, found, false = measure_demo()
    lines = [
        "# How well untidy workbooks are understood",
        "",
        "Measured, not promised. Made again with `python benchmarks/accuracy.py --write`; a test",
        "(`tests/test_accuracy.py`) fails when a small run falls below these figures.",
        "",
        "## Districts drawn at random",
        "",
        f"{districts} districts (seeds {first}–{first + districts - 1}) of {organisations} organisations each, in .xlsx, .ods, .xls and .csv",
        "(`benchmarks/untidy.py`): approval blocks, titles, headings over one or two rows with merged cells, rows of column",
        "numbers, tables one below another or side by side, a sheet per class, section rows, repeated headings, blank and",
        "hidden rows, totals, signatures, columns of no interest, columns in another order, names in three columns,",
        "two fields in one column, profiles as cards, and each secretary's own way to write dates, names, classes,",
        f"telephones and periods. Of the {headings} headings drawn from, {known} are spelt so in some definition;",
        "the others have to be understood by their words.",
        "",
        *table_of(score),
        "",
        f"Tables seen where there are none: {score.tables_extra}. Columns given a field they do not hold: {score.columns_wrong}.",
        "An issue counts as false unless it answers a planted trouble or stands in a row that names the same people",
        "(a misspelt name has echoes). Notes (level «info») are not counted.",
        "",
        "### By kind of trouble",
        "",
        "| planted | found | of |",
        "|---|---:|---:|",
        *(f"| {kind} | {score.found[kind]} | {count} |" for kind, count in sorted(score.planted.items())),
        "",
        "### False alarms by code",
        "",
        *(["| code | times |", "|---|---:|"] if score.false else ["None."]),
        *(f"| `{code}` | {count} |" for code, count in sorted(score.false.items())),
        "",
        "### Columns not understood, by field",
        "",
        "| field | times |",
        "|---|---:|",
        *(f"| `{name}` | {count} |" for name, count in score.missed_headings.most_common(12)),
        "",
        "## Wordings held out",
        "",
        "The same with every third wording of each heading, kept apart while the program was mended: nearer to what a",
        f"school not seen before will meet. {districts} districts, seeds {first + 1000}–{first + 999 + districts}.",
        "",
        *table_of(held),
        "",
        f"Tables seen where there are none: {held.tables_extra}. Columns given a field they do not hold: {held.columns_wrong}.",
        "",
        "## Districts written by others",
        "",
        "Nine districts by authors who knew what schools keep but had not seen the program (`benchmarks/districts`):",
        "the score before anybody had looked at them → the score today. The first is what to expect of a new district",
        "at the time; in between lies what the earlier ones had taught.",
        "",
        *others_scores(),
        "",
        "## The demo",
        "",
        f"{found} of {planted} planted troubles found, {false} false alarms.",
        "",
    ]
    if samples:
        lines += [
            "## A sample district we did not write",
            "",
            "Six organisations, 66 tables, with an answer key made by others:",
            "",
        ]
        lines += [f"- {line}" for line in samples]
        lines.append("")
    lines += [
        "## What it does not say",
        "",
        "The random districts are made by the same hands as the program. Real workbooks will hold headings and layouts",
        "nobody here thought of: `sheets-sync aliases` proposes the headings worth adding, and a sheet that is not",
        "understood is named (`sheet-unrecognised`, `sheet-near-miss`), never passed over in silence.",
        "",
    ]
    return "\n".join(lines)


def kept_samples(text: str) -> list[str]:
    """The sample's lines of a document made before."""
    part = re.search(r"## A sample district we did not write\n\n.*\n\n((?:- .*\n)+)", text)
    return [line[2:] for line in part[1].splitlines()] if part else []


def main() -> int:
    """Measure and print; write the document if asked."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--districts", type=int, default=40)
    arguments.add_argument("--seed", type=int, default=1, help="of the first district")
    arguments.add_argument("--organisations", type=int, default=4)
    arguments.add_argument("--troubles", type=int, default=9, help="planted in each organisation")
    arguments.add_argument("--samples", type=Path, help="a folder with district/ and expected.json")
    arguments.add_argument("--write", action="store_true", help="write docs/accuracy.md")
    arguments.add_argument("-v", "--verbose", action="store_true", help="print every miss and false alarm")
    options = arguments.parse_args()
    seeds = range(options.seed, options.seed + options.districts)
    score = measure_untidy(seeds, options.organisations, options.troubles)
    apart = range(options.seed + 1000, options.seed + 1000 + options.districts)
    held = measure_untidy(apart, options.organisations, options.troubles, held_out=True)
    path = HERE.parent / "docs" / "accuracy.md"
    samples = sample_scores(options.samples) if options.samples else []
    if not samples and path.is_file():
        samples = kept_samples(path.read_text(encoding="utf-8"))
    text = document(score, held, options.districts, options.seed, options.organisations, samples)
    if options.verbose:
        print(*score.notes, sep="\n")
    print(text)
    if options.write:
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
