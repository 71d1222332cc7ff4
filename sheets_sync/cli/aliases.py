"""`sheets-sync aliases`: heading aliases worth adding to the config."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sheets_sync.cli.options import AS_OF, FORMAT
from sheets_sync.cli.session import Session, configured, pass_session, quietness, show_json, show_table

if TYPE_CHECKING:
    from sheets_sync.run.aliases import AliasesResult


@click.command("aliases")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@AS_OF
@FORMAT
@configured
@quietness
@pass_session
def command(session: Session, paths: tuple[Path, ...], as_of: date | None, form: str) -> int:
    """Propose which headings to settle in the config: TOML lines to paste at the end of config.toml.

    Reads the workbooks of PATH, or of the config's sources, and looks for columns that were ignored or only taken by a
    near miss, and for sheets that would be tables if a heading were settled. A field is proposed only where the table
    lacks it and the cells fit it. Writes nothing. With -v: also the columns left alone, and why.
    """
    from sheets_sync.config import Config
    from sheets_sync.run.aliases import propose_aliases, toml_lines

    for path in paths:
        if not path.exists():
            raise click.UsageError(f"{path}: no such file or folder")
    config = session.config_if_any() if paths else session.config()
    with session.progress() as progress:
        result = propose_aliases(
            paths,
            config=config or Config(),
            catalog=session.catalog(),
            as_of=as_of or session.today(),
            progress=progress,
        )
    lines = toml_lines(result, config)
    if form == "json":
        show_json(_described(result, lines, session.verbose))
    else:
        if sys.stdout.isatty():
            _draw(result)
        for line in lines:
            click.echo(line)
        if session.verbose:
            _draw_own(result, after=bool(lines))
    for trouble in result.troubles:
        click.echo(f"not read: {trouble}", err=True)
    count = len(result.proposals)
    told = f"{count} heading{'s' if count != 1 else ''} to settle" if count else "no heading to settle"
    session.say(
        f"{told}: {result.workbooks} workbooks, {result.tables} tables read, {len(result.own)} columns left alone"
    )
    return 1 if result.troubles else 0


def _draw(result: AliasesResult) -> None:
    if result.proposals:
        show_table(
            ("heading", "table", "field", "whose", "cells", "sure", "because"),
            [
                (
                    one.heading,
                    one.table,
                    one.field,
                    one.organisation or ", ".join(one.organisations),
                    one.cells,
                    f"{one.level} {one.confidence:.2f}",
                    "; ".join(one.reasons),
                )
                for one in result.proposals
            ],
        )


def _draw_own(result: AliasesResult, after: bool) -> None:
    """Columns left alone, as TOML comments: what is printed may be pasted whole."""
    if not result.own:
        return
    if after:
        click.echo()
    click.echo("# left alone:")
    for one in result.own:
        heading = " ".join(one.heading.split())
        click.echo(f"# {one.table} «{heading}» ({', '.join(one.organisations)}; {one.cells} cells): {one.why}")


def _described(result: AliasesResult, lines: list[str], verbose: bool) -> dict[str, Any]:
    described: dict[str, Any] = {
        "version": 1,
        "workbooks": result.workbooks,
        "tables": result.tables,
        "proposals": [
            {
                "table": one.table,
                "heading": one.heading,
                "field": one.field,
                "organisation": one.organisation or None,
                "organisations": list(one.organisations),
                "workbooks": one.workbooks,
                "columns": one.columns,
                "cells": one.cells,
                "confidence": one.confidence,
                "level": one.level,
                "status": one.status,
                "reasons": list(one.reasons),
                "places": list(one.places),
            }
            for one in result.proposals
        ],
        "toml": "\n".join(lines),
        "not_read": result.troubles,
    }
    if verbose:
        described["left_alone"] = [
            {
                "table": one.table,
                "heading": one.heading,
                "organisations": list(one.organisations),
                "columns": one.columns,
                "cells": one.cells,
                "why": one.why,
            }
            for one in result.own
        ]
    return described
