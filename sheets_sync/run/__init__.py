"""The only place that joins rooms: workbooks in, issues, rosters and reports out.

Reading and checking run in worker processes, which hand finished rows over as fragments; what comes after the store
runs in this one. The clock enters as ``as_of`` and ``now``.
"""

from __future__ import annotations

from sheets_sync.run.checking import CheckResult, check
from sheets_sync.run.planning import PlanOutcome, plan
from sheets_sync.run.progress import Progress, silent
from sheets_sync.run.reports import ReportOutcome, report
from sheets_sync.run.standing import OrganisationStatus, StatusReport, status
from sheets_sync.run.sync_run import SyncOutcome
from sheets_sync.run.syncing import sync
from sheets_sync.run.tracing import TraceOutcome, trace
from sheets_sync.run.undoing import UndoOutcome, undo

__all__ = [
    "CheckResult",
    "OrganisationStatus",
    "PlanOutcome",
    "Progress",
    "ReportOutcome",
    "StatusReport",
    "SyncOutcome",
    "TraceOutcome",
    "UndoOutcome",
    "check",
    "plan",
    "report",
    "silent",
    "status",
    "sync",
    "trace",
    "undo",
]
