"""`sheets-sync check`: read and check workbooks; writes nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

import click

from sheets_sync.cli.options import AS_OF
from sheets_sync.cli.session import Session, pass_session, quietness

Form = Literal["text", "json", "csv", "md"]


@click.command("check")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH...")
@click.option(
    "--schemas",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of definitions that shadow the shipped ones.",
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
@click.option(
    "--language", type=click.Choice(["ru", "en"]), default="ru", show_default=True, help="Language of the issues."
)
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
    """Read and check workbooks, or folders of them: a folder per organisation.

    Needs no config and writes nothing. Exit code 1 when errors were found.
    """
    from sheets_sync import run
    from sheets_sync.config import Config
    from sheets_sync.sinks.text import render_check
    from sheets_sync.table_schema.loading import load_definitions

    for path in paths:
        if not path.exists():
            raise click.UsageError(f"{path}: no such file or folder")
    if rows and form != "json":
        raise click.UsageError("--rows goes with --format json")
    defaults = Config()
    definitions = load_definitions(schemas)
    with session.progress() as progress:
        result = run.check(
            paths,
            definitions=definitions,
            thresholds=defaults.thresholds,
            as_of=as_of or date.today(),
            workers=defaults.engine.workers,
            progress=progress,
        )
    click.echo(render_check(result, form, definitions, language=language, rows=rows, show_values=show_values), nl=False)
    found = [issue for workbook in result.workbooks for issue in workbook.issues] + list(result.issues)
    return 1 if any(issue.severity == "error" for issue in found) else 0
