"""`check`: workbooks in, issues out, nothing written."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sheets_sync.issues import Issue
from sheets_sync.run.progress import Progress, silent
from sheets_sync.run.reading import (
    Read,
    ReadingPlan,
    bounds_of,
    definitions_of,
    read_all,
    readers_here,
    rules_of,
    run_rules,
    state_of,
)

if TYPE_CHECKING:
    from sheets_sync.catalog import Catalog
    from sheets_sync.config import Config
    from sheets_sync.sinks.text import CheckedWorkbook


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Workbooks in the order of their paths; ``issues`` are those of organisations as a whole."""

    workbooks: list[CheckedWorkbook]
    issues: list[Issue]


def check(
    paths: Sequence[Path],
    *,
    catalog: Catalog | None = None,
    config: Config | None = None,
    as_of: date,
    rows: bool = False,
    explain: bool = False,
    progress: Progress = silent,
) -> CheckResult:
    """Read and check workbooks and folders of workbooks: cells, rows, and the rules within and across organisations.

    Settled headings, thresholds, limits and workers are the configuration's, if there is one. With ``explain`` the
    workbooks tell what was made of every row and sheet. Raises SourceError when a path does not exist, ConfigError for
    a definition or a settled heading that cannot be used.
    """
    from sheets_sync.catalog import Catalog
    from sheets_sync.config import Config
    from sheets_sync.fragments import fragment_files
    from sheets_sync.sources.excel import Excel
    from sheets_sync.store import Store

    catalog, config = catalog or Catalog(), config or Config()
    limits = config.limits
    definitions = definitions_of(config, catalog)
    listings = [Excel(path).list() for path in paths]
    refs = list({ref.locator: ref for listing in listings for ref in listing.workbooks}.values())
    with tempfile.TemporaryDirectory(prefix="sheets-sync-") as folder:
        plan = ReadingPlan(definitions, as_of, folder, bounds_of(limits), keep_rows=rows, explain=explain)
        with readers_here(config, plan) as engine:  # a look at some files needs no cluster
            reads = read_all([(ref, "") for ref in refs], engine, progress)
        with Store.open(":memory:", definitions) as store:
            states = [state_of(read, definitions.version, datetime.min) for read in reads]
            store.replace(states, fragment_files(Path(folder)))
            run_rules(store, rules_of(catalog), config, as_of)
            from sheets_sync.rules import rule_issues

            crossing = rule_issues(store)
    return _result(reads, [issue for listing in listings for issue in listing.issues] + crossing)


def _result(reads: Sequence[Read], more: Iterable[Issue]) -> CheckResult:
    from sheets_sync.sinks.text import CheckedWorkbook

    by_workbook: dict[tuple[str, str], list[Issue]] = {}
    whole: list[Issue] = []
    for read in reads:
        by_workbook[read.ref.organisation, read.ref.path] = list(read.issues)
    for issue in more:
        if issue.at.workbook:
            by_workbook.setdefault((issue.at.organisation, issue.at.workbook), []).append(issue)
        else:
            whole.append(issue)
    found = {(read.ref.organisation, read.ref.path): (read.tables, read.unknown) for read in reads}
    workbooks = []
    for (organisation, path), issues in by_workbook.items():
        tables, unknown = found.get((organisation, path), ([], {}))
        workbooks.append(CheckedWorkbook(path, organisation, tables, sorted(issues, key=Issue.sort_key), unknown))
    workbooks.sort(key=lambda workbook: workbook.path)
    return CheckResult(workbooks, sorted(whole, key=lambda issue: (issue.at.organisation, issue.code)))
