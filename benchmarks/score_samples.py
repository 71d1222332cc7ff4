"""Scores the program against a district with a known answer: ``python benchmarks/score_samples.py DIR [-v]``.

DIR holds ``district/`` (a folder per organisation) and ``expected.json``. Printed: tables, header rows and columns
found, rows read, issues' recall and precision, false alarms, rosters and indicators of every period. The program is run
as a user runs it (``sheets-sync check`` and ``report``); nothing is imported from it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

Json = dict[str, Any]


def main() -> int:
    """Print the scores; exit 1 when recall or precision is below 0.97 or a figure differs."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("-v", "--verbose", action="store_true", help="list every miss and false alarm")
    options = arguments.parse_args()
    expected = json.loads((options.folder / "expected.json").read_text(encoding="utf-8"))
    district = options.folder / "district"
    checked = sheets_sync(
        "check", str(district), "--as-of", expected["checks_as_of"], "--format", "json", "--show-values"
    )
    good = score_tables(expected, checked, options.verbose)
    good &= score_issues(expected, checked, options.verbose)
    if "organisations" in expected:
        good &= score_figures(expected, district, options.verbose)
    return 0 if good else 1


def sheets_sync(*arguments: str, cwd: Path | None = None) -> Json:
    """What a command prints as JSON; {} when it prints nothing."""
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)}
    command = [sys.executable, "-m", "sheets_sync", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False, env=here)
    if done.returncode > 1:
        sys.exit(f"sheets-sync {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}")
    return json.loads(done.stdout) if done.stdout.strip().startswith("{") else {}


def inside(path: str) -> str:
    """Path from «district/» on: what both sides name alike."""
    return path[path.rindex("district/") :] if "district/" in path else path


def score_tables(expected: Json, checked: Json, verbose: bool) -> bool:
    found: dict[tuple[str, str, str, int], list[Json]] = {}  # several, where tables stand side by side
    for book in checked["workbooks"]:
        for table in book["tables"]:
            key = (inside(book["path"]), table["sheet"], table["table"], table["header_row"])
            found.setdefault(key, []).append(table)
    tables = columns_right = columns = rows_right = rejected_right = hit = 0
    misses: list[str] = []
    wanted: set[tuple[str, str, str, int]] = set()
    for book in expected["workbooks"]:
        for sheet in book["sheets"]:
            for table in sheet["tables"]:
                tables += 1
                columns += len(table["columns"])
                # a transposed card has no row of headings: it is known by its first field's
                row = table["header_row"] or table["first_data_row"]
                key = (book["path"], sheet.get("name") or sheet.get("sheet"), table["table"], row)
                wanted.add(key)
                beside = found.get(key)
                if not beside:
                    misses.append(f"table not found: {key}")
                    continue
                got = max(beside, key=partial(_columns_right, table))
                if len(beside) > 1:
                    beside.remove(got)
                hit += 1
                columns_right += _columns_right(table, got)
                for field in sorted(table["columns"].keys() | got["columns"].keys()):
                    if table["columns"].get(field) != got["columns"].get(field):
                        misses.append(
                            f"{key}: {field}: {table['columns'].get(field)} expected, {got['columns'].get(field)} found"
                        )
                rows_right += got["rows_read"] == table["rows_read"]
                low, high = table["rows_rejected"]
                rejected_right += low <= got["rows_rejected"] <= high
                if got["rows_read"] != table["rows_read"] or not low <= got["rows_rejected"] <= high:
                    misses.append(
                        f"{key}: read {got['rows_read']} ({table['rows_read']}), "
                        f"rejected {got['rows_rejected']} ([{low}, {high}])"
                    )
    extra = [key for key in found if key not in wanted and key[2] != "targets"]
    misses += [f"table not expected: {key}" for key in extra]
    print(
        f"tables {hit}/{tables}, extra {len(extra)}, columns {columns_right}/{columns}, "
        f"rows read {rows_right}/{tables}, rows rejected {rejected_right}/{tables}"
    )
    if verbose:
        print(*misses, sep="\n")
    return not misses


def _columns_right(expected: Json, got: Json) -> int:
    return sum(got["columns"].get(field) == letter for field, letter in expected["columns"].items())


def fits(code: str, pattern: str) -> bool:
    return code.startswith(pattern[:-1]) if pattern.endswith("*") else code == pattern


def score_issues(expected: Json, checked: Json, verbose: bool) -> bool:
    issues = [
        {**issue, "workbook": inside(book["path"])} for book in checked["workbooks"] for issue in book["issues"]
    ] + [{**issue, "workbook": None} for issue in checked.get("issues", [])]
    used: set[int] = set()
    troubles = [t for t in expected["troubles"] if t.get("detected_in") != "report"]
    misses = []
    for trouble in troubles:
        index = next((i for i, issue in enumerate(issues) if i not in used and answers(issue, trouble)), None)
        if index is None:
            misses.append(trouble)
        else:
            used.add(index)
    exits_found = 0
    exits = expected.get("exit_questionnaire_missing", [])
    for row in exits:
        index = next(
            (
                i
                for i, issue in enumerate(issues)
                if i not in used
                and issue["code"].startswith("questionnaire-")
                and (issue["workbook"], issue["sheet"], issue["row"]) == (row["workbook"], row["sheet"], row["row"])
            ),
            None,
        )
        if index is None:
            misses.append({**row, "code": "questionnaire-exit-missing"})
        else:
            used.add(index)
            exits_found += 1
    reported = [t for t in expected["troubles"] if t.get("detected_in") == "report"]
    alarms = [
        issue
        for i, issue in enumerate(issues)
        if i not in used and issue["severity"] != "info" and not any(answers(issue, t) for t in reported)
    ]
    total = len(troubles) + len(exits)
    recall = (total - len(misses)) / total
    precision = (total - len(misses)) / (total - len(misses) + len(alarms))
    flagged = [
        (bad, issue)
        for bad in expected["must_not_flag"]
        for issue in issues
        if issue["severity"] != "info"
        and bad["cell"]
        and (issue["workbook"], issue["sheet"], issue["cell"]) == (bad["workbook"], bad["sheet"], bad["cell"])
    ]
    print(
        f"issues: recall {recall:.3f} ({total - len(misses)}/{total}), precision {precision:.3f}, "
        f"false alarms {len(alarms)}, of them on cells known right {len(flagged)}; "
        f"info {sum(i['severity'] == 'info' for i in issues)}"
    )
    if verbose:
        for trouble in misses:
            print("  missed", json.dumps(trouble, ensure_ascii=False))
        for bad, issue in flagged:
            print(
                "  known right",
                json.dumps([bad["cell"], bad["why"], issue["code"], issue["severity"]], ensure_ascii=False),
            )
        for issue in alarms:
            shown = {
                k: issue.get(k) for k in ("workbook", "sheet", "row", "cell", "code", "severity", "value", "message")
            }
            print("  alarm ", json.dumps(shown, ensure_ascii=False))
        infos = Counter(i["code"] for i in issues if i["severity"] == "info")
        print("  info", dict(infos))
    return recall >= 0.97 and precision >= 0.97


def answers(issue: Json, trouble: Json) -> bool:
    """Whether an issue is the one expected: code, severity, row (cell for ``cell-*``), here or at its other place."""
    codes = [trouble["code"], *([trouble["code_also"]] if trouble.get("code_also") else [])]
    if not any(fits(issue["code"], code) for code in codes):
        return False
    if issue["severity"] not in {trouble["severity"], trouble.get("severity_also")}:
        return False
    if issue["workbook"] is None:
        return trouble["row"] is None
    if issue["workbook"] != trouble["workbook"]:
        return False
    also = trouble.get("also_at") or []
    places = [trouble, *({**trouble, "cell": None, **one} for one in ([also] if isinstance(also, dict) else also))]
    return any(stands_at(issue, place) for place in places)


def stands_at(issue: Json, place: Json) -> bool:
    if issue["sheet"] != place["sheet"]:
        return False
    if (
        issue["code"].startswith("cell-")
        and place.get("cell")
        and place.get("code", "").startswith("cell-")
        and place["row"] != 1
    ):
        return bool(issue["cell"] == place["cell"])
    return (
        place.get("row") is None
        or issue["row"] == place["row"]
        or (place["row"] == 1 and issue["code"] == "cell-inferred")
    )


def score_figures(expected: Json, district: Path, verbose: bool) -> bool:
    settings = expected["settings"]
    wrong: list[str] = []
    compared = 0
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        config = work / "config.toml"
        years = sorted({period[:4] for period in expected["periods"]})
        enterprises = ", ".join(f"{year} = {settings['n_enterprises']}" for year in years)
        config.write_text(
            f'language = "ru"\n[district]\nname = "Район"\nenterprises = {{ {enterprises} }}\n'
            f'[[sources]]\nkind = "excel"\npath = "{district.resolve()}"\n[outputs]\nfolder = "outbox"\n',
            encoding="utf-8",
        )
        sheets_sync("--config", str(config), "-q", "sync", cwd=work)
        for period in expected["periods"]:
            report = sheets_sync(
                "--config", str(config), "-q", "report", "--period", period, "--format", "json", "-o", "-", cwd=work
            )
            organisations = {entry["id"]: entry for entry in report["organisations"]}
            for name, organisation in expected["organisations"].items():
                got = organisations.get(name, {"indicators": [], "counts": {}})
                compared += compare_indicators(
                    f"{period} {name}", organisation["indicators"][period], got["indicators"], wrong
                )
                roster = organisation["roster"]
                for key in ("pairs_running", "unmatched"):
                    compared += 1
                    if got["counts"].get(key) != roster[f"{key}_{period}"]:
                        wrong.append(
                            f"{period} {name}: {key} {roster[f'{key}_{period}']} expected, "
                            f"{got['counts'].get(key)} found"
                        )
                if period == max(expected["periods"]):
                    for key in ("mentors", "mentees", "mentees_pupils", "pairs_counted"):
                        compared += 1
                        if got["counts"].get(key) != roster[key]:
                            wrong.append(
                                f"{period} {name}: {key} {roster[key]} expected, {got['counts'].get(key)} found"
                            )
            compared += compare_indicators(
                f"{period} district", expected["district"][period], report["district"]["indicators"], wrong
            )
    print(f"figures: {compared - len(wrong)}/{compared} equal")
    if verbose:
        print(*wrong, sep="\n")
    return not wrong


def compare_indicators(where: str, expected: list[Json], found: list[Json], wrong: list[str]) -> int:
    by_id = {figure["id"]: figure for figure in found}
    for figure in expected:
        got = by_id.get(figure["id"], {})
        for key, value in differences(figure, got):
            wrong.append(f"{where} {figure['id']}: {key} {value} expected, {got.get(key)} found")
            break
    return len(expected)


def differences(figure: Json, got: Json) -> Iterator[tuple[str, Any]]:
    for key, value in figure.items():
        if key in {"enterprises", "deviation_note"}:
            continue
        if key == "left_out" or key not in {"organisations_counted"}:
            if got.get(key) != value:
                yield key, value
        elif sorted(got.get(key) or []) != sorted(value):
            yield key, value


if __name__ == "__main__":
    sys.exit(main())
