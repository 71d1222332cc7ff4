"""What a note can say: the shapes reports read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sheets_sync.periods import Period
from sheets_sync.reporting.completeness import Completeness
from sheets_sync.reporting.counters import Counters
from sheets_sync.reporting.figures import Figures
from sheets_sync.reporting.freeze import Restatement
from sheets_sync.reporting.indicator import Indicators
from sheets_sync.reporting.monitoring import Monitoring
from sheets_sync.reporting.roadmap import Execution
from sheets_sync.reporting.settings import ReportSettings


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts of one organisation."""


@dataclass(frozen=True, slots=True)
class NoteInput:
    """Everything a note can say."""

    period: Period
    figures: Figures
    indicators: Indicators
    counters: Mapping[str, Counters]
    settings: ReportSettings
    names: Mapping[str, str]
    monitoring: Mapping[str | None, Monitoring]
    roadmap: Mapping[str | None, Execution]
    completeness: Mapping[str, Completeness]
    earlier: Mapping[str, Any] | None  # report.json object of the period before
    earlier_frozen: bool
    restated: tuple[Restatement, ...]
    facts: Mapping[str, Facts]
