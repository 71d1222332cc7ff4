"""`sheets-sync serve`: the scheduled service."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import click

from sheets_sync.cli.session import Session, configured, pass_session, quietness


@click.command("serve")
@click.option("--once", is_flag=True, help="Do what is due now and end: for cron and other schedulers.")
@configured
@quietness
@pass_session
def command(session: Session, once: bool) -> int:
    """Sync every day, report on the due days, remind of them: at the times of [schedule] in the config.

    What was missed is caught up once. SIGTERM or Ctrl-C ends the service at the next workbook; a second Ctrl-C ends it
    at once.
    """
    from sheets_sync.service import Service

    config = session.config()
    with stopping() as stopped, session.progress() as progress:
        service = Service(config, session.config, session.say, _complain, stopped=stopped, progress=progress)
        if once:
            return 0 if service.once() else 1
        service.serve()
    return 0


def _complain(line: str) -> None:
    click.echo(f"sheets-sync: {line}", err=True)  # with -q too: cron passes on by mail what is said


@contextmanager
def stopping() -> Iterator[Callable[[], bool]]:
    """SIGTERM and the first Ctrl-C only set what the function given asks for; a second Ctrl-C interrupts."""
    asked = False

    def ask(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        asked = True

    before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield lambda: asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
