"""The text of a report: a Jinja2 template of the first ``reports/`` folder that has it, run in a sandbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sheets_sync.errors import ConfigError

if TYPE_CHECKING:
    from jinja2 import Template


def find_template(folders: Sequence[Path], name: str) -> Path:
    """The template in force: the district's own before the shipped one. Raises ConfigError when there is none."""
    for folder in folders:
        if (folder / name).is_file():
            return folder / name
    raise ConfigError(f"{name} is missing", path=folders[-1] if folders else None)


def render(
    template: Path, context: Mapping[str, Any], filters: Mapping[str, Callable[..., Any]], *, escape: bool
) -> str:
    """What the template makes of the context; with ``escape`` every value is text in HTML, never markup.

    Raises ConfigError with the template's line, for a name that does not exist too.
    """
    from jinja2 import TemplateError, TemplateSyntaxError

    try:
        text = template.read_text(encoding="utf-8")
        return _compiled(text, tuple(filters.items()), escape).render(context)
    except TemplateSyntaxError as error:
        raise ConfigError(str(error.message), path=template, line=error.lineno) from None
    except TemplateError as error:
        raise ConfigError(str(error.message), path=template, line=_line(error)) from None


@lru_cache(maxsize=8)  # compiling takes longer than rendering, and every organisation has its page
def _compiled(text: str, filters: tuple[tuple[str, Callable[..., Any]], ...], escape: bool) -> Template:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    environment = SandboxedEnvironment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, autoescape=escape
    )
    environment.filters.update(filters)
    return environment.from_string(text)


def _line(error: BaseException) -> int | None:
    """Line of the template an error arose in: the innermost frame that jinja2 compiled from it."""
    line = None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
