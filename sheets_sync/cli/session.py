"""What every verb shares: the options -q, -v and --config, progress on stderr, tables on stdout."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from sheets_sync.catalog import Catalog
    from sheets_sync.config import Config

Verb = TypeVar("Verb", bound=Callable[..., Any])

# progress(stage, done, total): called from the main process whenever a step is done; total 0 when unknown
Progress = Callable[[str, int, int], None]


@dataclass
class Session:
    """One call of the program: how much to say, and which config it was given."""

    quiet: bool = False
    verbose: bool = False
    config_path: Path | None = None

    def say(self, text: str) -> None:
        """A line of progress on stderr; nothing with -q."""
        if not self.quiet:
            click.echo(text, err=True)

    def detail(self, text: str) -> None:
        """A line for -v only, on stderr."""
        if self.verbose:
            click.echo(text, err=True)

    def config(self) -> Config:
        """The configuration asked for: --config, then ./config.toml, then SHEETS_SYNC_CONFIG. The key of an encrypted
        store comes from the environment."""
        from dataclasses import replace

        from sheets_sync.config import STORE_KEY_VARIABLE, find_config, load_config

        config = load_config(find_config(self.config_path, Path.cwd(), os.environ))
        return replace(config, store_key=os.environ.get(STORE_KEY_VARIABLE, ""))

    def config_if_any(self) -> Config | None:
        """The same, None where there is no config at all; one that was asked for must be there."""
        from sheets_sync.config import find_config, load_config
        from sheets_sync.errors import ConfigError

        try:
            path = find_config(self.config_path, Path.cwd(), os.environ)
        except ConfigError:
            return None
        return load_config(path)

    def catalog(self, schemas: Path | None = None) -> Catalog:
        """Definitions in force: the district's own when there is a config to be found, then the shipped ones."""
        from sheets_sync.catalog import Catalog
        from sheets_sync.config import find_config
        from sheets_sync.errors import ConfigError

        try:
            local = find_config(self.config_path, Path.cwd(), os.environ).absolute().parent
        except ConfigError:
            local = None
        return Catalog(local, schemas=schemas)

    def today(self) -> date:
        """The day a run looks from unless --as-of says otherwise: the clock enters here and nowhere deeper."""
        return date.today()

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """A bar on stderr while it is a terminal, silence otherwise."""
        if self.quiet or not sys.stderr.isatty():
            yield lambda stage, done, total: None
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        with Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        ) as bar:
            tasks: dict[str, Any] = {}

            def show(stage: str, done: int, total: int) -> None:
                if stage not in tasks:
                    tasks[stage] = bar.add_task(stage, total=total or None)
                bar.update(tasks[stage], completed=done, total=total or None)

            yield show


def _set(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def remember(ctx: click.Context, parameter: click.Parameter, value: Any) -> None:
        if value:
            setattr(ctx.ensure_object(Session), name, value)

    return remember


def quietness(verb: Verb) -> Verb:
    """Adds -q and -v, before or after the verb."""
    for flags, name, text in (
        (("-v", "--verbose"), "verbose", "Say more; show the details of an unexpected error."),
        (("-q", "--quiet"), "quiet", "Say nothing but results and errors."),
    ):
        verb = click.option(*flags, name, is_flag=True, expose_value=False, callback=_set(name), help=text)(verb)
    return verb


def configured(verb: Verb) -> Verb:
    """Adds --config."""
    return click.option(
        "--config",
        "config_path",
        type=click.Path(path_type=Path),
        expose_value=False,
        callback=_set("config_path"),
        metavar="FILE",
        help="Configuration. Default: ./config.toml, then the variable SHEETS_SYNC_CONFIG.",
    )(verb)


pass_session = click.make_pass_decorator(Session, ensure=True)


def show_table(titles: Sequence[str], rows: Sequence[Sequence[object]], out: IO[str] | None = None) -> None:
    """A table on stdout: drawn on a terminal, columns parted by two spaces in a pipe."""
    stream = out or sys.stdout
    cells = [["" if value is None else str(value) for value in row] for row in rows]
    if stream.isatty():
        from rich import box
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(box=box.SIMPLE_HEAD)
        for title in titles:
            table.add_column(title)
        for row in cells:
            table.add_row(*(Text(value) for value in row))
        Console(file=stream).print(table)
        return
    widths = [max([len(title), *(len(row[i]) for row in cells)]) for i, title in enumerate(titles)]
    for row in [list(titles), *cells]:
        click.echo(
            "  ".join(value.ljust(width) for value, width in zip(row, widths, strict=True)).rstrip(), file=stream
        )


def shown_path(path: Path) -> str:
    """A path as one would type it here: relative where it lies below the current folder."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def show_json(value: object) -> None:
    """One JSON document on stdout, readable, Russian as it is."""
    import json

    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"not JSON: {type(value).__name__}")
