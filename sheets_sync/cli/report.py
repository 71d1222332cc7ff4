"""`sheets-sync report`: the December and June sets."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from sheets_sync.cli.options import AS_OF, Several
from sheets_sync.cli.session import Session, configured, pass_session, quietness, show_json, shown_path

FORMATS = ("xlsx", "docx", "md", "html", "json")


@click.command("report")
@click.option("--period", default="auto", show_default=True, metavar="2023-12|2024-06|2024-08|auto", help="Which set.")
@click.option("-o", "--out", metavar="DIR|-", help="Where to write; - prints report.json. Default: the outbox.")
@AS_OF
@click.option("--organisation", metavar="ID", help="Only this one.")
@click.option("--district", is_flag=True, help="Only the district as a whole.")
@click.option("--format", "formats", type=Several(*FORMATS), help="Default: all of them.")
@click.option("--freeze", is_flag=True, help="Seal the period: later edits show as restatements.")
@click.option("--reseal", is_flag=True, help="Seal it anew; the former seal is kept beside.")
@configured
@quietness
@pass_session
def command(
    session: Session,
    period: str,
    out: str | None,
    as_of: date | None,
    organisation: str | None,
    district: bool,
    formats: tuple[str, ...] | None,
    freeze: bool,
    reseal: bool,
) -> int:
    """Write the set of reports of a period: indicators by organisation and district, and what stands behind them."""
    from sheets_sync import run

    if organisation and district:
        raise click.UsageError("--organisation and --district exclude each other")
    if (freeze or reseal) and organisation:
        raise click.UsageError("a period is sealed for the whole district: leave out --organisation")
    printed = out == "-"
    if printed and formats not in (None, ("json",)):
        raise click.UsageError("only json can be printed: leave out --format or say --format json")
    config = session.config()
    with session.progress() as progress:
        outcome = run.report(
            config,
            period=period,
            as_of=as_of,
            out=None if out is None or printed else Path(out),
            organisation=organisation,
            district=district,
            formats=() if printed else formats or FORMATS,
            freeze=freeze,
            reseal=reseal,
            progress=progress,
        )
    for message in outcome.messages:
        session.say(message)
    if outcome.sealed is not None:
        session.say(f"sealed: {shown_path(outcome.sealed)}")
    if printed:
        show_json(outcome.figures_json)
    else:
        for path in outcome.written:
            click.echo(f"written: {shown_path(path)}")
        for address in outcome.shown:
            click.echo(f"written: {address}")
    if outcome.spent:
        session.detail(outcome.spent)
    return 1 if outcome.failed else 0
