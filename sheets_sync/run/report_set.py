"""The files of one period's set: what each says comes from `reporting`, how it is written from `sinks`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from sheets_sync.run.reading import places_of
from sheets_sync.sinks.files import MARKDOWN_MARK

if TYPE_CHECKING:
    from sheets_sync.config import Config
    from sheets_sync.reporting.figures import BehindRow, Figures
    from sheets_sync.reporting.freeze import Dynamics, Frozen
    from sheets_sync.reporting.note import NoteInput
    from sheets_sync.reporting.page import Book
    from sheets_sync.reporting.restated import Standing
    from sheets_sync.run.period_view import PeriodView
    from sheets_sync.sinks.layout import Resolve

FORMATS = ("xlsx", "docx", "md", "html", "json")
Render = Callable[[BinaryIO], object]


@dataclass(frozen=True, slots=True)
class ReportSet:
    """Everything the files are made of. ``people`` outside and inside: who is shown, and how, in a book of the district
    and in one of an organisation."""

    given: NoteInput
    behind: Mapping[tuple[str, str], Sequence[BehindRow]]
    locators: Mapping[tuple[str, str], Path]
    outside: Mapping[str, str]
    inside: Mapping[str, str]
    standing: Standing | None
    before: Frozen | None  # the period before, where it was sealed
    lights: str
    folders: Sequence[Path]
    root: Path
    wanted: Sequence[str | None]
    formats: Sequence[str]
    resolve: Resolve | None = None  # addresses of what does not lie in a folder

    def _change(self, before: Frozen) -> Sequence[Dynamics]:
        """What has become of the figures since the sealed period before."""
        from sheets_sync.reporting.freeze import compared
        from sheets_sync.reporting.report_json import report_object

        return compared(before.figures, report_object(self.given.figures, self.given.names))

    def files(self, organisation: str | None) -> Iterator[tuple[str, Render]]:
        """Place below the outputs' folder and how to write it, for every file of the district (None) or of one
        organisation."""
        from sheets_sync.sinks.excel import render_book

        formats = self.formats
        place = f"{organisation or 'district'}/{self.given.period.id}"
        if "xlsx" in formats:
            book = self.book(organisation, self.root / place)
            yield f"{place}/Мониторинг.xlsx", partial(render_book, book, resolve=self.resolve)
        if "md" in formats:
            yield f"{place}/Мониторинг.md", _text(_marked(self._summary(organisation)))
        if {"docx", "md", "html"} & set(formats) and self._has_note(organisation):
            yield from self._note(organisation, place)
        if "html" in formats:
            yield f"{place}/index.html", self._page(organisation)
        if "json" in formats:
            held = figures_object(self.given.figures, self.given.names, organisation, self.standing)
            told = json.dumps(held, ensure_ascii=False, indent=2)
            yield f"{place}/report.json", _text(f"{told}\n")

    def book(self, organisation: str | None, folder: Path) -> Book:
        """«Мониторинг» of the district (None) or of one organisation, with links as seen from the folder."""
        from sheets_sync.reporting.monitoring_book import monitoring_book, places_from

        people = self.outside if organisation is None else self.inside
        places = places_from(folder, self.locators)
        return monitoring_book(self.given, organisation, self.behind, places, people, self.standing)

    def _summary(self, organisation: str | None) -> str:
        from sheets_sync.reporting import restated
        from sheets_sync.reporting.summary import Summary, monitoring_markdown

        given = self.given
        summary = Summary(given.figures, given.indicators, given.counters, given.settings, given.names, organisation)
        text = monitoring_markdown(summary, self.folders).rstrip()
        if self.standing is not None:
            text += "\n\n" + restated.restated_markdown(self.standing, given.names, organisation).rstrip()
        if self.before is not None:
            change = self._change(self.before)
            text += "\n\n" + restated.dynamics_markdown(self.before, change, organisation).rstrip()
        return text

    def _has_note(self, organisation: str | None) -> bool:
        """In August the note is the district's alone."""
        return organisation is None or self.given.period.kind != "august"

    def _note(self, organisation: str | None, place: str) -> Iterator[tuple[str, Render]]:
        from sheets_sync.reporting.note import note_markdown
        from sheets_sync.sinks.note_html import note_html
        from sheets_sync.sinks.word import render_note

        text = note_markdown(self.given, organisation, self.folders)
        title = text.lstrip("# ").partition("\n")[0].strip()
        formats = self.formats
        if "docx" in formats:
            created = datetime.combine(self.given.period.as_of, time())
            yield f"{place}/Справка.docx", lambda file: render_note(text, file, title=title, created=created)
        if "md" in formats:
            yield f"{place}/Справка.md", _text(_marked(text))
        if "html" in formats:
            yield f"{place}/Справка.html", _text(note_html(text, title))

    def _page(self, organisation: str | None) -> Render:
        from sheets_sync.reporting.overview import overview
        from sheets_sync.sinks.html import render_overview

        page = overview(self.given, organisation, self._linked(), self.lights)
        return lambda file: render_overview(page, file, self.folders)

    def _linked(self) -> dict[str | None, list[str]]:
        """Files a page may lead to: those there are, and those this run writes."""
        from sheets_sync.reporting.overview import standard_files

        def made(owner: str | None, place: str) -> bool:
            ending = place.rpartition(".")[2]
            written = owner in self.wanted and ending in self.formats and f"/{self.given.period.id}/" in place
            return (written and (ending != "docx" or self._has_note(owner))) or (self.root / place).exists()

        found = standard_files(self.given.period, self.given.figures.organisations)
        return {owner: [place for place in places if made(owner, place)] for owner, places in found.items()}


def figures_object(
    figures: Figures, names: Mapping[str, str], organisation: str | None, standing: Standing | None
) -> dict[str, Any]:
    """The object of report.json, with what is told of the seal."""
    from sheets_sync.reporting import restated
    from sheets_sync.reporting.report_json import report_object

    seal = None if standing is None else restated.standing_object(standing, organisation)
    return report_object(figures, names, organisation, seal)


def gather(
    view: PeriodView,
    given: NoteInput,
    standing: Standing | None,
    before: Frozen | None,
    config: Config,
    root: Path,
    wanted: Sequence[str | None],
    formats: Sequence[str],
    resolve: Resolve | None = None,
) -> ReportSet:
    """Read what the files need besides ``given`` from the store of ``view``; new pupils are given codes, which are kept
    before anyone sees them."""
    from sheets_sync.consolidate import PupilCodes, people_named, people_shown
    from sheets_sync.reporting.completeness import light_words, load_expectations
    from sheets_sync.reporting.figures import all_rows_behind, enterprise_names

    folders = view.catalog.folders("reports")
    connection = view.store.connection
    behind = all_rows_behind(connection, view.indicators, view.period, view.settings)
    codes = PupilCodes.load(config.store / "pupil-codes.json")
    outside = people_shown(connection, view.settings, view.period.as_of, codes)
    codes.save(config.store / "pupil-codes.json")
    enterprises = enterprise_names(connection, view.indicators)
    return ReportSet(
        given,
        behind,
        places_of(view.store, config),
        enterprises | outside,
        enterprises | people_named(connection),
        standing,
        before,
        light_words(load_expectations(folders)),
        folders,
        root,
        wanted,
        formats,
        resolve,
    )


def _marked(markdown: str) -> str:
    return f"{markdown.rstrip()}\n\n{MARKDOWN_MARK}\n"


def _text(text: str) -> Render:
    return lambda file: file.write(text.encode())
