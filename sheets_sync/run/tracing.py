"""`trace`: any figure down to the rows and cells behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from sheets_sync.run.period_view import refuse_unread, view_period
from sheets_sync.run.progress import Progress, silent

if TYPE_CHECKING:
    from sheets_sync.config import Config
    from sheets_sync.reporting.figures import Part
    from sheets_sync.reporting.trace import Trace


@dataclass(frozen=True, slots=True)
class TraceOutcome:
    """A trace, the names of the organisations in it, and lines for the operator."""

    trace: Trace
    names: dict[str, str]
    messages: list[str] = field(default_factory=list)
    failed: bool = False


def trace(
    config: Config,
    indicator: str,
    *,
    period: str = "auto",
    organisation: str | None = None,
    part: Part = "numerator",
    as_of: date | None = None,
    progress: Progress = silent,
    now: datetime | None = None,
) -> TraceOutcome:
    """The rows behind a figure of the period, as `report` would count it from what the last sync read.

    Raises ConfigError when nothing has been read yet, or for an indicator, organisation or period that does not exist.
    """
    from sheets_sync.lock import one_run
    from sheets_sync.reporting import trace as tracing
    from sheets_sync.reporting.figures import compute

    started = now or datetime.now()
    refuse_unread(config)
    with (
        one_run(config.store, "trace", started),
        view_period(config, period, as_of, started.date(), organisation=organisation, progress=progress) as view,
    ):
        view.indicators.by_id(indicator)  # an unknown one costs no figures
        figures = compute(view.store.connection, view.indicators, view.period, view.settings)
        found = tracing.trace(
            view.store.connection,
            view.definitions,
            view.indicators,
            figures,
            view.settings,
            indicator,
            part,
            organisation,
        )
        return TraceOutcome(found, view.names, [*view.notices, *view.troubles], bool(view.troubles))
