"""`report`: the figures of a period, from what the last sync read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from sheets_sync.errors import SourceError
from sheets_sync.run.period_view import PeriodView, refuse_unread, sealed_period, view_period
from sheets_sync.run.progress import Progress, silent
from sheets_sync.sinks.files import MARKDOWN_MARK

if TYPE_CHECKING:
    from sheets_sync.config import Config
    from sheets_sync.reporting.counters import Counters
    from sheets_sync.reporting.figures import Figures
    from sheets_sync.reporting.restated import Standing
    from sheets_sync.reporting.settings import ReportSettings
    from sheets_sync.sinks.files import Outputs


@dataclass(slots=True)
class ReportOutcome:
    """What a report wrote, and the object of report.json; ``sealed`` is the file it sealed the period in, if it did."""

    written: list[Path] = field(default_factory=list)
    sealed: Path | None = None
    figures_json: dict[str, Any] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)
    failed: bool = False


def report(
    config: Config,
    *,
    period: str = "auto",
    as_of: date | None = None,
    out: Path | None = None,
    organisation: str | None = None,
    district: bool = False,
    formats: Sequence[str] = ("xlsx", "md", "json"),
    freeze: bool = False,
    reseal: bool = False,
    progress: Progress = silent,
    now: datetime | None = None,
) -> ReportOutcome:
    """Compute a period's figures from what the last sync read, and write them for the district and each organisation.

    ``out`` takes the place of the outputs' folder; with no ``formats`` nothing is written. ``freeze`` seals the period;
    a sealed one is refused unless ``reseal``. Raises ConfigError when nothing has been read yet, or for a period or
    organisation that does not exist.
    """
    from sheets_sync.lock import one_run

    started = now or datetime.now()
    refuse_unread(config)
    with one_run(config.store, "report", started):
        outcome = _report(
            config, period, as_of, out, organisation, district, formats, freeze, reseal, progress, started
        )
        if formats or freeze or reseal:
            _record(config.store, outcome, started)
        return outcome


def _record(store: Path, outcome: ReportOutcome, started: datetime) -> None:
    """Note the run for `status`; a record that was lost is left to the next sync to make again."""
    from sheets_sync import state

    known = state.load(store / "state.json")
    if known is not None:
        times = {"started": started, "finished": datetime.now()}
        told = {name: moment.isoformat(timespec="seconds") for name, moment in times.items()}
        ended = "partly" if outcome.failed else "done"
        known.finish_run({"verb": "report", **told, "outcome": ended, "messages": outcome.messages})
        state.save(known, store / "state.json")


def _report(
    config: Config,
    asked: str,
    as_of: date | None,
    out: Path | None,
    organisation: str | None,
    district: bool,
    formats: Sequence[str],
    freeze: bool,
    reseal: bool,
    progress: Progress,
    started: datetime,
) -> ReportOutcome:
    from sheets_sync.reporting import restated
    from sheets_sync.reporting.counters import count_process
    from sheets_sync.reporting.figures import compute
    from sheets_sync.reporting.freeze import compared, earlier_period, refuse_sealed
    from sheets_sync.reporting.report_json import report_object
    from sheets_sync.reporting.summary import Summary, monitoring_book, monitoring_markdown, template_path
    from sheets_sync.sinks.excel import render_book
    from sheets_sync.sinks.files import Outputs

    outcome = ReportOutcome()
    with view_period(
        config, asked, as_of, started.date(), organisation=organisation, reseal=reseal, progress=progress
    ) as view:
        if freeze and not reseal:
            refuse_sealed(config.store, view.period.id)
        figures = compute(view.store.connection, view.indicators, view.period, view.settings)
        counters = count_process(view.store.connection, view.organisations)
        standing = _standing(config, view, figures, counters, started.date(), freeze or reseal, outcome)
        earlier = sealed_period(config, earlier_period(view.period.id), view.troubles)
        change = () if earlier is None else compared(earlier.figures, report_object(figures, view.names))
        outcome.messages += [*view.notices, *view.troubles]
        outcome.failed = bool(view.troubles)

        def told(name: str | None) -> dict[str, Any]:
            seal = None if standing is None else restated.standing_object(standing, name)
            return report_object(figures, view.names, name, seal)

        outcome.figures_json = told(organisation)
        root = out or config.outputs.folder
        if not formats or root is None:
            return outcome
        whole = Summary(figures, view.indicators, counters, view.settings, view.names)
        wanted: list[str | None] = [None] if organisation is None else []
        if not district:
            wanted += [organisation] if organisation else list(view.organisations)
        template = template_path(view.catalog.folders("reports"))
        with Outputs(root, config.store) as outputs:
            for index, name in enumerate(wanted, 1):
                summary = replace(whole, organisation=name)
                place = f"{name or 'district'}/{view.period.id}"
                if "xlsx" in formats:
                    book = monitoring_book(summary)
                    if standing is not None:
                        book.sheets.append(restated.restated_sheet(standing, view.indicators, view.names, name))
                    if earlier is not None:
                        book.sheets.append(restated.dynamics_sheet(earlier, change, view.indicators, view.names, name))
                    _write(outcome, outputs, f"{place}/Мониторинг.xlsx", partial(render_book, book))
                if "md" in formats:
                    parts = [monitoring_markdown(summary, template)]
                    if standing is not None:
                        parts.append(restated.restated_markdown(standing, view.names, name))
                    if earlier is not None:
                        parts.append(restated.dynamics_markdown(earlier, change, name))
                    text = "\n\n".join(part.rstrip() for part in parts)
                    _write(outcome, outputs, f"{place}/Мониторинг.md", _text(_marked(text)))
                if "json" in formats:
                    _write(
                        outcome,
                        outputs,
                        f"{place}/report.json",
                        _text(f"{json.dumps(told(name), ensure_ascii=False, indent=2)}\n"),
                    )
                progress("writing", index, len(wanted))
            outcome.messages += outputs.notices
    return outcome


def _standing(
    config: Config,
    view: PeriodView,
    figures: Figures,
    counters: Mapping[str, Counters],
    today: date,
    sealing: bool,
    outcome: ReportOutcome,
) -> Standing | None:
    """Seal the period if asked to, and set what is sealed against today; None for a period that is not sealed.

    A report made for another day of the period is not compared: other rows count then.
    """
    from sheets_sync.reporting.freeze import conditions, definitions_in_force, restatements, seal, snapshot
    from sheets_sync.reporting.restated import Standing
    from sheets_sync.table_schema.loading import definitions_version

    sealed = view.sealed
    if not sealing and sealed is None:
        return None
    if sealed is not None and not sealing and sealed.as_of != view.period.as_of:
        view.notices.append(
            f"period {sealed.period} was sealed as of {sealed.as_of}: not compared with {view.period.as_of}"
        )
        return None
    schemas = definitions_version(view.catalog.folders("schemas"), config.heading_aliases())
    now = snapshot(
        view.store.connection,
        view.indicators,
        figures,
        view.settings,
        counters,
        view.names,
        definitions=definitions_in_force(view.catalog.folders("reports"), schemas),
        sealed_on=today,
    )
    if sealing:
        outcome.sealed = seal(config.store, now, again=True)
        return Standing(now, ())
    assert sealed is not None
    return Standing(sealed, restatements(sealed, now), conditions(sealed, now))


def _marked(markdown: str) -> str:
    return f"{markdown.rstrip()}\n\n{MARKDOWN_MARK}\n"


def _text(text: str) -> Callable[[BinaryIO], object]:
    return lambda file: file.write(text.encode())


def _write(outcome: ReportOutcome, outputs: Outputs, place: str, render: Callable[[BinaryIO], object]) -> None:
    """Write one file; one that cannot be written is told and the others go on, yesterday's stays."""
    try:
        written = outputs.write(place, render)
    except SourceError as error:
        outcome.messages.append(str(error))
        outcome.failed = True
    else:
        outcome.written.append(written.path)


def report_settings(config: Config) -> ReportSettings:
    """The part of the configuration that figures and rosters depend on."""
    from sheets_sync.reporting.settings import ReportSettings

    return ReportSettings(
        district_name=config.district.name,
        enterprises=config.district.enterprises,
        targets=config.targets,
        organisation_targets={o.id: o.targets for o in config.organisations if o.targets},
        satisfied=config.thresholds.satisfied,
        young_specialist_years=config.thresholds.young_specialist_years,
        mentee_age=config.thresholds.mentee_age,
        mentor_age=config.thresholds.mentor_age,
        restrict_to_categories=config.indicators.restrict_to_categories,
        strong_item=config.thresholds.strong_item,
        weak_item=config.thresholds.weak_item,
        matched=config.thresholds.matched,
        small_count=config.thresholds.small_count,
        pupil_names=config.privacy.pupil_names,
        sql_seconds=config.limits.sql_seconds,
        organisation_types={o.id: o.type for o in config.organisations if o.type},
    )
