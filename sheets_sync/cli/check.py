"""`sheets-sync check`: read and check workbooks; writes nothing."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from sheets_sync.cli.options import AS_OF, LANGUAGE
from sheets_sync.cli.session import Session, configured, pass_session, quietness

if TYPE_CHECKING:
    from sheets_sync.issues import Issue
    from sheets_sync.messages import Messages
    from sheets_sync.sinks.text import CheckedWorkbook, Masking

Form = Literal["text", "json", "csv", "md"]
COLOURS = {"error": "red", "warning": "yellow", "info": "cyan"}


@click.command("check")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH...")
@click.option(
    "--schemas", type=click.Path(path_type=Path), metavar="DIR", help="Definitions that go before the shipped ones."
)
@AS_OF
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv", "md"]),
    default="text",
    show_default=True,
    help="How to print.",
)
@click.option("--rows", is_flag=True, help="With json: add the accepted rows.")
@click.option("--show-values", is_flag=True, help="Show personal values instead of masking them.")
@LANGUAGE
@configured
@quietness
@pass_session
def command(
    session: Session,
    paths: tuple[Path, ...],
    schemas: Path | None,
    as_of: date | None,
    form: Form,
    rows: bool,
    show_values: bool,
    language: Literal["ru", "en"],
) -> int:
    """Read and check workbooks, or folders of them with a folder per organisation.

    Needs no config and writes nothing; where there is a config, its headings and thresholds hold. With -v: how every
    table was recognised, which columns and rows were left out and why. Exit code 1 when errors were found.
    """
    from sheets_sync import run
    from sheets_sync.messages import Messages
    from sheets_sync.sinks import text
    from sheets_sync.table_schema.loading import load_definitions

    for path in paths:
        if not path.exists():
            raise click.UsageError(f"{path}: no such file or folder")
    if rows and form != "json":
        raise click.UsageError("--rows goes with --format json")
    config, catalog = session.config_if_any(), session.catalog(schemas)
    definitions = load_definitions(catalog.folders("schemas"))
    messages = Messages.load(language, catalog, schemas=definitions.schemas)
    with session.progress() as progress:
        result = run.check(
            paths,
            catalog=catalog,
            config=config,
            as_of=as_of or session.today(),
            rows=rows,
            explain=session.verbose,
            progress=progress,
        )
    masking = None if show_values else text.Masking(definitions.schemas)
    workbooks, whole = result.workbooks, result.issues
    if form == "json":
        pieces = text.json_pieces(workbooks, whole, messages, masking, rows=rows)
    elif form == "csv":
        pieces = text.csv_pieces(workbooks, whole, messages, masking)
    elif form == "md":
        pieces = text.markdown_pieces(workbooks, whole, messages, masking, language=language)
    elif sys.stdout.isatty():
        pieces = iter(())
        _draw(workbooks, whole, messages, masking, language, session.verbose)
    else:
        pieces = text.text_pieces(workbooks, whole, messages, masking, language=language, explain=session.verbose)
    for piece in pieces:
        click.echo(piece, nl=False)
    return 1 if any(issue.severity == "error" for issue in _issues(workbooks, whole)) else 0


def _issues(workbooks: Iterable[CheckedWorkbook], whole: Iterable[Issue]) -> Iterator[Issue]:
    for workbook in workbooks:
        yield from workbook.issues
    yield from whole


def _draw(
    workbooks: Iterable[CheckedWorkbook],
    whole: Iterable[Issue],
    messages: Messages,
    masking: Masking | None,
    language: Literal["ru", "en"],
    explain: bool,
) -> None:
    """The same findings as tables, for a terminal: one per workbook, errors red."""
    from itertools import groupby

    from rich.console import Console
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    from sheets_sync.sinks.text import SEVERITY_WORDS, explanation, place_of, table_line, totals_line

    console = Console()
    words = SEVERITY_WORDS[language]
    titles = ("Место", "Что не так", "Исправление") if language == "ru" else ("Place", "What is wrong", "Suggestion")
    sections = [(one.path, list(one.issues), one.tables, one.unknown) for one in workbooks]
    sections += [(name, list(group), [], {}) for name, group in groupby(whole, key=lambda issue: issue.at.organisation)]
    for title, issues, tables, unknown in sections:
        console.print(Text(title, style="bold"))
        for typed in tables if explain else ():
            console.print(Text(f"  {table_line(typed, language)}"))
            for line in explanation(typed):
                console.print(Padding(Text(line, style="dim"), (0, 0, 0, 4)))
        for sheet, why in unknown.items():
            console.print(Text(f"  {' '.join(sheet.split())}: no table; {why}", style="yellow"))
        if not issues:
            console.print(Text(f"  {totals_line({}, language)}", style="green"))
            continue
        table = Table(box=None, padding=(0, 2), show_header=True, header_style="dim")
        for heading in titles:
            table.add_column(heading, overflow="fold")
        for issue in sorted(issues, key=lambda issue: issue.sort_key()):
            shown = issue if masking is None else masking.issue(issue)
            said = messages.render(shown)
            place = f"{words[issue.severity]} {place_of(issue)}".strip()
            sentence = f"{said.message} {said.hint}".strip()
            table.add_row(Text(place, style=COLOURS[issue.severity]), Text(sentence), Text(shown.suggestion or ""))
        console.print(table)
    console.print(totals_line(Counter(issue.severity for _, issues, *_ in sections for issue in issues), language))
