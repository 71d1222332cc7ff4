"""How a run tells how far it is."""

from __future__ import annotations

from collections.abc import Callable

# progress(stage, done, total): total 0 when unknown
Progress = Callable[[str, int, int], None]


def silent(stage: str, done: int, total: int) -> None:
    """Progress nobody watches."""
