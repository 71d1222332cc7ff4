"""What `report` and `trace` look at: the store as of a period's day, with rules and relations made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from sheets_sync.errors import ConfigError, SourceError
from sheets_sync.periods import Period
from sheets_sync.run.progress import Progress, silent
from sheets_sync.run.reading import definitions_of, rules_of, run_rules

if TYPE_CHECKING:
    from sheets_sync.catalog import Catalog
    from sheets_sync.config import Config
    from sheets_sync.reporting.freeze import Frozen
    from sheets_sync.reporting.indicator import Indicators
    from sheets_sync.reporting.settings import ReportSettings
    from sheets_sync.store import Store
    from sheets_sync.table_schema.model import Definitions


@dataclass(slots=True)
class PeriodView:
    """A store opened as of a period's day, and all that figures are computed with.

    ``sealed`` is what `report --freeze` left of the period; ``troubles`` names sealed files that cannot be used,
    ``notices`` holds other lines for the operator.
    """

    store: Store
    catalog: Catalog
    definitions: Definitions
    indicators: Indicators
    period: Period
    settings: ReportSettings
    organisations: list[str]
    names: dict[str, str]
    sealed: Frozen | None = None
    notices: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)


@contextmanager
def view_period(
    config: Config,
    asked: str,
    as_of: date | None,
    today: date,
    *,
    organisation: str | None = None,
    reseal: bool = False,
    progress: Progress = silent,
) -> Iterator[PeriodView]:
    """Open the store as of a period's day. The caller holds the lock.

    A sealed period is seen as of the day it was sealed for, unless ``as_of`` is another day of it or it is to be sealed
    anew (``reseal``). Raises ConfigError
    when nothing was read yet, or for a period or organisation that does not exist.
    """
    from sheets_sync import periods
    from sheets_sync.catalog import Catalog, meant
    from sheets_sync.consolidate import organisation_titles
    from sheets_sync.ledger import load_ledger
    from sheets_sync.reporting.indicator import load_indicators
    from sheets_sync.run.reports import report_settings
    from sheets_sync.store import Store

    catalog = Catalog(config.folder)
    definitions = definitions_of(config, catalog)
    _refuse_old_reading(config, catalog)
    indicators = load_indicators(catalog.folders("reports"))
    seen = periods.resolve_period(asked, as_of or today, config.due.on)
    if as_of is not None:
        seen = periods.as_of(seen, as_of)
    troubles: list[str] = []
    sealed = None if reseal else sealed_period(config, seen.id, troubles)
    if sealed is not None and seen.as_of != as_of:
        seen = periods.as_of(seen, sealed.as_of)
    with Store.open(config.store / "store.duckdb", definitions, key=config.key_of_store()) as store:
        if store.opened in ("rebuilt", "changed"):
            damaged = f"the store was damaged; the old file is {store.set_aside}"
            message = damaged if store.set_aside else "the definitions have changed since the workbooks were read"
            raise ConfigError(message, path=store.path, mend="run `sheets-sync sync`: it reads everything again")
        organisations = store.organisations()
        if organisation is not None and organisation not in organisations:
            raise ConfigError(f"no such organisation: {organisation}", mend=meant(organisation, organisations))
        progress("rules", 0, 1)
        notices = list(run_rules(store, rules_of(catalog), config, seen.as_of, load_ledger(config.folder)).notices)
        progress("rules", 1, 1)
        names = organisation_titles(store.connection, {o.id: o.name for o in config.organisations if o.name})
        yield PeriodView(
            store,
            catalog,
            definitions,
            indicators,
            seen,
            report_settings(config),
            organisations,
            names,
            sealed,
            notices,
            troubles,
        )


def sealed_period(config: Config, period_id: str, troubles: list[str]) -> Frozen | None:
    """What was sealed of a period; a file that cannot be used adds to ``troubles`` and counts as none."""
    from sheets_sync.reporting.freeze import frozen

    try:
        return frozen(config.store, period_id)
    except SourceError as error:
        troubles.append(str(error))
        return None


def refuse_unread(config: Config) -> None:
    """Raises ConfigError when no sync has left a store to look at."""
    if not (config.store / "store.duckdb").exists():
        raise ConfigError("nothing has been read yet", path=config.path, mend="run `sheets-sync sync` first")


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
