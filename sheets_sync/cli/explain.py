"""`sheets-sync explain`: one issue code in words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

import click

from sheets_sync.cli.options import FORMAT, LANGUAGE
from sheets_sync.cli.session import Session, configured, pass_session, quietness, show_json, show_table

if TYPE_CHECKING:
    from sheets_sync.messages import Entry

WORDS = {
    "ru": {"hint": "Что сделать", "example": "Пример", "others": "Другие случаи"},
    "en": {"hint": "What to do", "example": "Example", "others": "Other cases"},
}


@click.command("explain")
@click.argument("code", required=False, metavar="[CODE]")
@LANGUAGE
@FORMAT
@configured
@quietness
@pass_session
def command(session: Session, code: str | None, language: Literal["ru", "en"], form: str) -> None:
    """Explain one issue code: what it means, what to do, an example. Without CODE: list all codes."""
    from sheets_sync.messages import Messages

    messages = Messages.load(language, session.catalog())
    if code is None:
        entries = list(messages.entries.values())
        if form == "json":
            show_json([_described(entry) for entry in entries])
        else:
            show_table(("code", "severity", "title"), [(one.code, one.severity, one.title) for one in entries])
        return
    entry = messages.entry(code.strip().lower())
    if form == "json":
        show_json(_described(entry))
        return
    words = WORDS[language]
    click.echo(f"{entry.code} ({entry.severity})" if entry.severity else entry.code)
    click.echo(entry.title)
    click.echo()
    click.echo(_plain(entry.message))
    if entry.hint:
        click.echo(f"{words['hint']}: {_plain(entry.hint)}")
    if entry.example:
        click.echo(f"{words['example']}: {entry.example}")
    cases = [(message, hint) for message, hint in entry.cases.values() if message]
    if cases:
        click.echo(f"\n{words['others']}:")
        for message, hint in cases:
            click.echo(f"- {_plain(message)} {_plain(hint)}".rstrip())


def _plain(template: str) -> str:
    """A message's template as a sentence: what would be filled in is shown as «…»."""
    return re.sub(r"\{\w+\}", "…", re.sub(r"[\[\]]", "", template))


def _described(entry: Entry) -> dict[str, Any]:
    return {
        "code": entry.code,
        "severity": entry.severity,
        "title": entry.title,
        "message": _plain(entry.message),
        "hint": _plain(entry.hint),
        "example": entry.example,
        "cases": {
            name: {"message": _plain(message), "hint": _plain(hint)} for name, (message, hint) in entry.cases.items()
        },
    }
