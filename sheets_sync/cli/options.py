"""Values that several verbs take from the command line."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import click


class Day(click.ParamType[date]):
    """A date typed by a person: 2024-06-20 or 20.06.2024."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        for form in ("%Y-%m-%d", "%d.%m.%Y"):
            try:
                return datetime.strptime(str(value).strip(), form).date()
            except ValueError:
                continue
        return self.fail(f"{value!r} is no date: write 2024-06-20 or 20.06.2024", param, ctx)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return "DATE"


class Several(click.ParamType[tuple[str, ...]]):
    """Words of a fixed list, parted by commas: «xlsx,md»."""

    name = "list"

    def __init__(self, *choices: str) -> None:
        self.choices = choices

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        if isinstance(value, tuple):
            return value
        words = [word.strip().lower() for word in str(value).split(",") if word.strip()]
        for word in words:
            if word not in self.choices:
                self.fail(f"{word!r} is not one of {', '.join(self.choices)}", param, ctx)
        if not words:
            self.fail(f"name at least one of {', '.join(self.choices)}", param, ctx)
        return tuple(dict.fromkeys(words))

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return ",".join(self.choices)


AS_OF = click.option("--as-of", type=Day(), help="Look from this date instead of today.")
FORMAT = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to print."
)
LANGUAGE = click.option(
    "--language", type=click.Choice(["ru", "en"]), default="ru", show_default=True, help="Language of the issues."
)
