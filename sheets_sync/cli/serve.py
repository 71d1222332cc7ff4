"""`sheets-sync serve`: the scheduled service."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
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
    with stopping() as stopped:
        if once:
            with session.progress() as progress:
                service = Service(config, session.config, session.say, _complain, stopped=stopped, progress=progress)
                return 0 if service.once() else 1
        apart = partial(_once_apart, session, config.path, stopped)
        Service(config, session.config, session.say, _complain, stopped=stopped, apart=apart).serve()
    return 0


def _once_apart(session: Session, config: Path | None, stopped: Callable[[], bool]) -> bool:
    """`serve --once` as a process of its own, which is told when we are asked to stop; did it do everything?"""
    flags = [*(["-q"] if session.quiet else []), *(["-v"] if session.verbose else [])]
    line = [sys.executable, "-m", "sheets_sync", "--config", str(config), *flags, "serve", "--once"]
    with subprocess.Popen(line) as child:
        told = False
        while True:
            try:
                code = child.wait(0.5)
                break
            except subprocess.TimeoutExpired:
                if stopped() and not told:
                    child.terminate()
                    told = True
            except BaseException:
                child.kill()
                raise
    if code < 0 and not told:
        _complain(f"the run was ended by signal {-code}; it is made again within the hour")
    return code == 0 or told


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
