"""The text of a report: a Jinja2 template of the first ``reports/`` folder that has it, run in a sandbox.

Templates may import others by name; a district's own stand before the shipped ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sheets_sync.errors import ConfigError

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

    Named = Mapping[str, Callable[..., Any]]


def render(
    name: str,
    folders: Sequence[Path],
    context: Mapping[str, Any],
    filters: Named,
    *,
    functions: Named | None = None,
    escape: bool = False,
) -> str:
    """What the template makes of the context; with ``escape`` every value is text in HTML, never markup.

    Raises ConfigError with the template's file and line, for a name that does not exist too.
    """
    from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError

    environment = _environment(tuple(folders), tuple(filters.items()), tuple((functions or {}).items()), escape)
    try:
        return environment.get_template(name).render(context)
    except TemplateNotFound as error:
        raise ConfigError(f"{error.name} is missing", path=folders[-1] if folders else None) from None
    except TemplateSyntaxError as error:
        raise ConfigError(str(error.message), path=error.filename, line=error.lineno) from None
    except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        path, line = _place_of(error, folders)
        raise ConfigError(str(error) or type(error).__name__, path=path, line=line) from None


@lru_cache(maxsize=8)  # compiling takes longer than rendering, and every organisation has its page and its note
def _environment(
    folders: tuple[Path, ...],
    filters: tuple[tuple[str, Callable[..., Any]], ...],
    functions: tuple[tuple[str, Callable[..., Any]], ...],
    escape: bool,
) -> SandboxedEnvironment:
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    environment = SandboxedEnvironment(
        loader=FileSystemLoader([str(folder) for folder in folders]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=escape,
    )
    environment.filters.update(filters)
    environment.globals.update(functions)
    return environment


def _place_of(error: BaseException, folders: Sequence[Path]) -> tuple[str | None, int | None]:
    """File and line of the innermost template an error passed through."""
    found: tuple[str | None, int | None] = (None, None)
    homes = [str(folder) for folder in folders]
    trace = error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name.endswith(".j2") and any(name.startswith(home) for home in homes):
            found = (name, trace.tb_lineno)
        trace = trace.tb_next
    return found
