"""`report`: the figures of a period, from what the last sync read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from sheets_sync.errors import SourceError
from sheets_sync.run.period_view import PeriodView, refuse_unread, sealed_period, view_period
from sheets_sync.run.progress import Progress, silent
from sheets_sync.run.report_set import FORMATS

if TYPE_CHECKING:
    from sheets_sync.config import Config
    from sheets_sync.reporting.counters import Counters
    from sheets_sync.reporting.figures import Figures
    from sheets_sync.reporting.freeze import Frozen
    from sheets_sync.reporting.note import NoteInput
    from sheets_sync.reporting.restated import Standing
    from sheets_sync.reporting.settings import ReportSettings
    from sheets_sync.run.google import GoogleSide
    from sheets_sync.run.report_set import ReportSet
    from sheets_sync.sinks.files import Outputs


@dataclass(slots=True)
class ReportOutcome:
    """What a report wrote, and the object of report.json; ``sealed`` is the file it sealed the period in, if it did."""

    written: list[Path] = field(default_factory=list)
    sealed: Path | None = None
    figures_json: dict[str, Any] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)
    failed: bool = False
    shown: list[str] = field(default_factory=list)  # addresses of Google spreadsheets written to
    spent: str = ""  # what was asked of Google, in one line


def report(
    config: Config,
    *,
    period: str = "auto",
    as_of: date | None = None,
    out: Path | None = None,
    organisation: str | None = None,
    district: bool = False,
    formats: Sequence[str] = FORMATS,
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
    from sheets_sync.logs import Log

    started = now or datetime.now()
    refuse_unread(config)
    with one_run(config.store, "report", started), Log.of(config).run("report") as told:
        outcome = _report(
            config, period, as_of, out, organisation, district, formats, freeze, reseal, progress, started
        )
        made = {"period": outcome.figures_json.get("period"), "organisation": organisation, "district": district}
        if formats or freeze or reseal:
            whole = set(FORMATS) <= set(formats) and out is None and not district
            _record(config.store, outcome, started, made, whole=whole)
        ended = "partly" if outcome.failed else "done"
        told(outcome=ended, **made, written=len(outcome.written), messages=len(outcome.messages))
        return outcome


def _record(store: Path, outcome: ReportOutcome, started: datetime, made: Mapping[str, Any], *, whole: bool) -> None:
    """Note the run for `status`; a record that was lost is left to the next sync to make again."""
    from sheets_sync import state

    known = state.load(store / "state.json")
    if known is not None:
        times = {"started": started, "finished": datetime.now()}
        told = {name: moment.isoformat(timespec="seconds") for name, moment in times.items()}
        ended = "partly" if outcome.failed else "done"
        known.finish_run({"verb": "report", **told, "outcome": ended, **made, "messages": outcome.messages})
        if whole and made["period"]:
            known.note_report(made["period"], made["organisation"] or "", told["started"])
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
    from sheets_sync.reporting.counters import count_process
    from sheets_sync.reporting.figures import compute
    from sheets_sync.reporting.freeze import refuse_sealed
    from sheets_sync.run.google import GoogleSide
    from sheets_sync.run.report_set import figures_object, gather
    from sheets_sync.sinks.files import Outputs
    from sheets_sync.sinks.undo_journal import UndoJournal

    outcome = ReportOutcome(messages=config.privacy.consequences())
    root = out or config.outputs.folder
    at_google = bool(config.outputs.google_spreadsheet) and out is None and "xlsx" in formats and organisation is None
    writing = bool(formats) and (root is not None or at_google)
    earlier = _earlier(config, asked, as_of, started.date(), outcome) if writing else None
    with view_period(
        config, asked, as_of, started.date(), organisation=organisation, reseal=reseal, progress=progress
    ) as view:
        if freeze and not reseal:
            refuse_sealed(config.store, view.period.id)
        figures = compute(view.store.connection, view.indicators, view.period, view.settings)
        counters = count_process(view.store.connection, view.organisations)
        standing = _standing(config, view, figures, counters, started.date(), freeze or reseal, outcome)
        outcome.messages += [*view.notices, *view.troubles]
        outcome.failed = outcome.failed or bool(view.troubles)
        outcome.figures_json = figures_object(figures, view.names, organisation, standing)
        if not writing:
            return outcome
        given = _given(config, view, figures, counters, standing, earlier)
        wanted: list[str | None] = [None] if organisation is None else []
        if not district:
            wanted += [organisation] if organisation else list(view.organisations)
        before = None if earlier is None else earlier[1]
        journal = UndoJournal(config.store)
        google = GoogleSide.as_left(config)
        google.journal = journal
        made = gather(view, given, standing, before, config, root or config.folder, wanted, formats, google.resolve)
        if root is not None:
            with Outputs(root, config.store, private=config.outputs.private, journal=journal) as outputs:
                for index, name in enumerate(wanted, 1):
                    for place, render in made.files(name):
                        _write(outcome, outputs, place, render)
                    progress("writing", index, len(wanted))
                outcome.messages += outputs.notices
        if at_google:
            _show(outcome, google, made, config, view.period.id)
    return outcome


def _show(outcome: ReportOutcome, google: GoogleSide, made: ReportSet, config: Config, period: str) -> None:
    """The district's book as tabs of its own spreadsheet; each period has its own."""
    from sheets_sync.run.google import Shown, budget_words
    from sheets_sync.run.reading import GOOGLE_SCHEME

    shown, one = Shown(), config.outputs.google_spreadsheet
    google.show(shown, made.book(None, config.folder), f"{GOOGLE_SCHEME}{one}", f"monitoring-{period}", label=period)
    outcome.shown += shown.written
    outcome.messages += [*google.notices, *shown.messages]
    outcome.failed |= not shown.whole
    outcome.spent = budget_words(google.budget)


def _given(
    config: Config,
    view: PeriodView,
    figures: Figures,
    counters: Mapping[str, Counters],
    standing: Standing | None,
    earlier: tuple[Mapping[str, Any], Frozen | None] | None,
) -> NoteInput:
    """Everything the reports of the period can say; the relations are made for it."""
    from sheets_sync.reporting.completeness import completeness, load_expectations
    from sheets_sync.reporting.facts import facts
    from sheets_sync.reporting.monitoring import monitor
    from sheets_sync.reporting.note import NoteInput
    from sheets_sync.reporting.roadmap import execute

    connection, period, settings, ids = view.store.connection, view.period, view.settings, view.organisations
    return NoteInput(
        period,
        figures,
        view.indicators,
        counters,
        settings,
        view.names,
        monitor(connection, period, settings, ids, view.definitions),
        execute(connection, period, ids),
        completeness(
            connection,
            period,
            settings,
            ids,
            lambda one, period_id: config.due_of(one).on(period_id),
            expectations=load_expectations(view.catalog.folders("reports")),
            definitions=view.definitions,
        ),
        None if earlier is None else earlier[0],
        earlier is not None and earlier[1] is not None,
        () if standing is None else tuple(standing.restated),
        facts(connection, ids, period),
        {
            config.organisation(one).name or one: config.due_of(one).on(period.id)
            for one in _without_workbooks(config, ids)
        },
    )


def _without_workbooks(config: Config, organisations: Sequence[str]) -> list[str]:
    """Organisations of the config or with a folder, of whose workbooks none is in the store."""
    from sheets_sync import state
    from sheets_sync.run.handing_in import organisations_there

    known = state.load(config.store / "state.json") or state.State()
    return [one for one in organisations_there(config, known) if one not in organisations]


def _earlier(
    config: Config, asked: str, as_of: date | None, today: date, outcome: ReportOutcome
) -> tuple[Mapping[str, Any], Frozen | None] | None:
    """The object of report.json of the period before: as sealed (the seal comes with it), else computed from what is
    in the store now; None where the workbooks know of no pair of that period, so that a first year is not a rise
    from nothing."""
    from sheets_sync import periods
    from sheets_sync.reporting.figures import compute
    from sheets_sync.reporting.freeze import earlier_period
    from sheets_sync.reporting.report_json import report_object

    before = earlier_period(periods.resolve_period(asked, as_of or today, config.due.on).id)
    troubles: list[str] = []
    sealed = sealed_period(config, before, troubles)
    outcome.messages += troubles
    outcome.failed = outcome.failed or bool(troubles)
    if sealed is not None:
        return sealed.figures, sealed
    with view_period(config, before, None, today) as view:
        figures = compute(view.store.connection, view.indicators, view.period, view.settings)
        told = report_object(figures, view.names)
    known = any(one["counts"].get("pairs_counted") for one in told["organisations"])
    return (told, None) if known else None


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
