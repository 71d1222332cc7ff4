"""`report`: the figures of a period, from what the last sync read."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from sheets_sync.errors import ConfigError, SourceError
from sheets_sync.run.progress import Progress, silent
from sheets_sync.run.reading import definitions_of, run_rules
from sheets_sync.sinks.files import MARKDOWN_MARK

if TYPE_CHECKING:
    from sheets_sync.catalog import Catalog
    from sheets_sync.config import Config
    from sheets_sync.reporting.settings import ReportSettings
    from sheets_sync.sinks.files import Outputs


@dataclass(slots=True)
class ReportOutcome:
    """What a report wrote, and the object of report.json."""

    written: list[Path] = field(default_factory=list)
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
    progress: Progress = silent,
    now: datetime | None = None,
) -> ReportOutcome:
    """Compute a period's figures from what the last sync read, and write them for the district and each organisation.

    ``out`` takes the place of the outputs' folder; with no ``formats`` nothing is written. Raises ConfigError when
    nothing has been read yet, or for a period or organisation that does not exist.
    """
    from sheets_sync.lock import one_run

    started = now or datetime.now()
    if not (config.store / "store.duckdb").exists():
        raise ConfigError("nothing has been read yet", path=config.path, mend="run `sheets-sync sync` first")
    with one_run(config.store, "report", started):
        outcome = _report(config, period, as_of, out, organisation, district, formats, progress, started)
        if formats:
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
    progress: Progress,
    started: datetime,
) -> ReportOutcome:
    from sheets_sync import periods
    from sheets_sync.catalog import Catalog
    from sheets_sync.consolidate import PupilCodes, organisation_titles, people_named, people_shown
    from sheets_sync.ledger import load_ledger
    from sheets_sync.reporting.counters import count_process
    from sheets_sync.reporting.figures import all_rows_behind, compute, enterprise_names
    from sheets_sync.reporting.indicator import load_indicators
    from sheets_sync.reporting.monitoring_book import monitoring_book, places_from
    from sheets_sync.reporting.note import NoteInput
    from sheets_sync.reporting.report_json import report_object
    from sheets_sync.reporting.summary import Summary, monitoring_markdown, template_path
    from sheets_sync.sinks.excel import render_book
    from sheets_sync.sinks.files import Outputs
    from sheets_sync.store import Store

    catalog = Catalog(config.folder)
    definitions = definitions_of(config, catalog)
    _refuse_old_reading(config, catalog)
    indicators = load_indicators(catalog.folders("reports"))
    seen = periods.resolve_period(asked, as_of or started.date(), config.due.on)
    if as_of is not None:
        seen = periods.as_of(seen, as_of)
    outcome = ReportOutcome()
    settings = report_settings(config)
    with Store.open(config.store / "store.duckdb", definitions) as store:
        if store.opened in ("rebuilt", "changed"):
            damaged = f"the store was damaged; the old file is {store.set_aside}"
            message = damaged if store.set_aside else "the definitions have changed since the workbooks were read"
            raise ConfigError(message, path=store.path, mend="run `sheets-sync sync`: it reads everything again")
        organisations = store.organisations()
        if organisation is not None and organisation not in organisations:
            raise ConfigError(f"no such organisation: {organisation}", mend=f"one of {', '.join(organisations)}")
        progress("rules", 0, 1)
        ledger = load_ledger(config.folder)
        outcome.messages += run_rules(store, catalog, config, seen.as_of, ledger)
        progress("rules", 1, 1)
        figures = compute(store.connection, indicators, seen, settings)
        counters = count_process(store.connection, organisations)
        names = organisation_titles(store.connection, {o.id: o.name for o in config.organisations if o.name})
        outcome.figures_json = report_object(figures, names, organisation)
        root = out or config.outputs.folder
        if not formats or root is None:
            return outcome
        whole = Summary(figures, indicators, counters, settings, names)
        wanted: list[str | None] = [None] if organisation is None else []
        if not district:
            wanted += [organisation] if organisation else list(organisations)
        template = template_path(catalog.folders("reports"))
        given = NoteInput(
            seen, figures, indicators, counters, settings, names, {}, {}, {}, None, False, (), {}
        )  # the rest of it comes with its own modules
        behind = all_rows_behind(store.connection, indicators, seen, settings)
        locators = {(one.organisation, one.workbook): Path(one.locator) for one in store.workbooks()}
        codes = PupilCodes.load(config.store / "pupil-codes.json")
        outside = people_shown(store.connection, settings, seen.as_of, codes)
        codes.save(config.store / "pupil-codes.json")  # before anyone sees them: a code given is given
        inside = people_named(store.connection)
        enterprises = enterprise_names(store.connection, indicators)
        with Outputs(root, config.store) as outputs:
            for index, name in enumerate(wanted, 1):
                summary = replace(whole, organisation=name)
                place = f"{name or 'district'}/{seen.id}"
                if "xlsx" in formats:
                    people = enterprises | (outside if name is None else inside)
                    book = monitoring_book(given, name, behind, places_from(root / place, locators), people)
                    _write(outcome, outputs, f"{place}/Мониторинг.xlsx", partial(render_book, book))
                if "md" in formats:
                    _write(
                        outcome,
                        outputs,
                        f"{place}/Мониторинг.md",
                        _text(_marked(monitoring_markdown(summary, template))),
                    )
                if "json" in formats:
                    told = json.dumps(report_object(figures, names, name), ensure_ascii=False, indent=2)
                    _write(outcome, outputs, f"{place}/report.json", _text(f"{told}\n"))
                progress("writing", index, len(wanted))
            outcome.messages += outputs.notices
    return outcome


def _refuse_old_reading(config: Config, catalog: Catalog) -> None:
    """A store made with other definitions has other columns: opening it with these would empty them."""
    from sheets_sync import state
    from sheets_sync.table_schema.loading import definitions_version

    known = state.load(config.store / "state.json")
    now = definitions_version(catalog.folders("schemas"), config.heading_aliases())
    if known is not None and known.definitions and known.definitions.partition("-")[0] != now:
        raise ConfigError(
            "the definitions have changed since the workbooks were read", mend="run `sheets-sync sync` first"
        )


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
        small_count=config.thresholds.small_count,
        pupil_names=config.privacy.pupil_names,
        sql_seconds=config.limits.sql_seconds,
    )
