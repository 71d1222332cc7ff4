"""The command line: one file per verb, loaded when the verb is used, so that `--help` stays light."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Mapping, Sequence
from typing import NoReturn

import click

from sheets_sync import __version__
from sheets_sync.cli.session import Session, configured, quietness
from sheets_sync.errors import ConfigError, SourceError, stopped_by_user

# verb → what it does, as `--help` lists it; the command itself is `command` in sheets_sync.cli.<verb>, - as _
VERBS: Mapping[str, str] = {
    "demo": "Write a small fictional district and run check, sync and report on it.",
    "init": "Set up a folder: config.toml, an inbox and blank workbooks.",
    "template": "Write a blank workbook from the definitions.",
    "check": "Read and check workbooks; needs no config, writes nothing.",
    "plan": "What a sync would read and write, cell by cell; writes nothing.",
    "sync": "Read what changed, check, consolidate, write back.",
    "report": "Write the December or June set of reports.",
    "trace": "The rows and cells behind a figure.",
    "undo": "Put back what the last sync or report replaced.",
    "serve": "Sync every day, report and remind on time.",
    "schedule": "The same for cron, systemd or Windows' scheduler.",
    "status": "Last runs, freshness, who has not handed in.",
    "doctor": "What is wrong with the set-up and how to mend it.",
    "schemas": "The definitions in force.",
    "aliases": "Heading aliases worth adding, proposed from what was read.",
    "explain": "One issue code explained, with an example.",
    "google-login": "Allow the program to work in your Google account, once.",
}

DONE, INCOMPLETE, CANNOT, LOCKED, INTERRUPTED = 0, 1, 2, 3, 130


class LazyGroup(click.Group):
    """A group that knows its verbs by name and imports one only when it is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        command = importlib.import_module(f"sheets_sync.cli.{cmd_name.replace('-', '_')}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], VERBS, n=1)
            ctx.fail(
                f"no such command: {args[0]}" + (f"; did you mean {near[0]}?" if near else "; see sheets-sync --help")
            )
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="sheets-sync")
@configured
@quietness
def cli() -> None:
    """Check, consolidate and report on the spreadsheets schools keep of their mentoring programmes.

    Start with `sheets-sync demo`, then `sheets-sync init DIR` for your own district.
    """


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run the program and leave with its exit code; whatever goes wrong is one line on stderr."""
    for stream in (sys.stdout, sys.stderr):
        # A pipe on Windows speaks the old code page, which lacks what we print.
        if hasattr(stream, "reconfigure") and not stream.isatty():
            stream.reconfigure(encoding="utf-8")
    session = Session()
    try:
        code = cli.main(args=args, prog_name="sheets-sync", standalone_mode=False, obj=session)
        sys.stdout.flush()
        sys.exit(code if isinstance(code, int) else DONE)
    except BrokenPipeError:
        # The reader of our output has left (`| head`): nothing to say, and nothing more to flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except (click.Abort, KeyboardInterrupt):
        _stop()
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else "sheets-sync"
        _fail(f"{_sentence(error.format_message())} (see {path} --help)", CANNOT)
    except click.ClickException as error:
        _fail(_sentence(error.format_message()), CANNOT)
    except ConfigError as error:
        _fail(error.one_line(), getattr(error, "exit_code", CANNOT), session)
    except SourceError as error:
        _fail(str(error), INCOMPLETE, session)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _fail(f"{where}{error.strerror or error}", INCOMPLETE, session)
    except Exception as error:
        if stopped_by_user(error):
            _stop()
        more = "" if session.verbose else "; run again with -v for the details"
        _fail(f"unexpected {type(error).__name__}: {_sentence(str(error))}{more}", CANNOT, session)


def _stop() -> NoReturn:
    click.echo("sheets-sync: stopped; what was written before stays as it was", err=True)
    # Straight out: Python ends by the signal itself when Ctrl-C met it inside exec(), as in making a dataclass.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(INTERRUPTED)


def _sentence(text: str) -> str:
    return " ".join(text.split()).rstrip(".")


def _fail(line: str, code: int, session: Session | None = None) -> NoReturn:
    if session is not None and session.verbose:
        import traceback

        traceback.print_exc()
    click.echo(f"sheets-sync: {line}", err=True)
    sys.exit(code)
