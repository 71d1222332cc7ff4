"""`sheets-sync demo`: a fictional district, checked, consolidated and reported on."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from sheets_sync.cli.session import Session, pass_session, quietness
from sheets_sync.config import CONFIG_NAME


@click.command("demo")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default="demo", metavar="[DIR]")
@quietness
@pass_session
def command(session: Session, folder: Path) -> int:
    """Write a small fictional district into DIR (./demo) and run check, sync and report on it.

    Needs no credentials and no network; ends by naming the files to open.
    """
    from sheets_sync import demo, run
    from sheets_sync.config import load_config
    from sheets_sync.errors import ConfigError

    config_path, text = folder / CONFIG_NAME, demo.config_text()
    if folder.exists() and any(folder.iterdir()):
        written_by_us = config_path.is_file() and config_path.read_text(encoding="utf-8", errors="replace") == text
        if not written_by_us:
            raise ConfigError(
                "this folder holds something else", path=folder, mend="name another: sheets-sync demo DIR"
            )
    folder.mkdir(parents=True, exist_ok=True)
    config_path.write_text(text, encoding="utf-8")
    session.say(f"1/4 writing the workbooks of {demo.NAME}, a fictional district, into {folder / 'inbox'}")
    demo.write_district(folder / "inbox")
    config = load_config(config_path)

    session.say("2/4 checking them")
    with session.progress() as progress:
        result = run.check(
            [folder / "inbox"],
            config=config,
            as_of=demo.CHECKED_AS_OF,
            progress=progress,
        )
    found = Counter(issue.severity for workbook in result.workbooks for issue in workbook.issues)
    found.update(issue.severity for issue in result.issues)
    rows = sum(table.rows_read for workbook in result.workbooks for table in workbook.tables)
    session.say(
        f"    {len(result.workbooks)} workbooks, {rows} rows: "
        f"errors {found['error']}, warnings {found['warning']}, notes {found['info']}"
    )

    session.say("3/4 consolidating: a sheet of issues for each organisation, the district's roster")
    with session.progress() as progress:
        synced = run.sync(config, as_of=demo.CHECKED_AS_OF, progress=progress)

    session.say(f"4/4 reporting: {' and '.join(demo.PERIODS)}")
    written, failed = list(synced.written), synced.failed
    messages = list(synced.messages)
    for period in demo.PERIODS:
        with session.progress() as progress:
            reported = run.report(
                config,
                period=period,
                progress=progress,
            )
        written += reported.written
        messages += reported.messages
        failed |= reported.failed
    for message in messages:
        session.say(message)
    click.echo("\nOpen these first:")
    for path, why in _worth_opening(folder):
        click.echo(f"  {path}  ({why})")
    click.echo(
        f"\n{len(written)} files were written. To try your own: sheets-sync check FOLDER, then sheets-sync init DIR"
    )
    return 1 if failed else 0


def _worth_opening(folder: Path) -> list[tuple[Path, str]]:
    """The files that show the most, of those that came out."""
    outbox = folder / "outbox"
    chosen = [
        (outbox / "school-7" / "Проверка.xlsx", "what a school gets: what to mend, with links to the cells"),
        (outbox / "school-1" / "Проверка.xlsx", "the same for a school with nothing to mend"),
        (outbox / "district" / "Сводный реестр.xlsx", "the district's roster: who, with whom, from which row"),
        (outbox / "district" / "2024-06" / "Мониторинг.xlsx", "the June figures by organisation, and what they count"),
        (outbox / "district" / "2024-06" / "Справка.docx", "the district's note, to read, edit and sign"),
        (outbox / "district" / "2024-06" / "index.html", "the period on one page, for a browser"),
    ]
    return [(path, why) for path, why in chosen if path.is_file()]
