"""What several test files share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.network_guard import GUARD, Guard

PROJECT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def project() -> Path:
    """Folder of the checkout."""
    return PROJECT


def pytest_configure() -> None:
    """Before any test module is imported."""
    GUARD.stand()


def pytest_unconfigure() -> None:
    GUARD.leave()


@pytest.fixture(scope="session", autouse=True)
def guard() -> Iterator[Guard]:
    """The session fails if anything, a thread in the background too, wanted to leave this machine."""
    yield GUARD
    assert GUARD.attempts == [], "something wanted to leave this machine"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Each worker has a half of the files, so that what a file makes for its tests is mostly made once; the one that is
    done first takes over from the other. Another distribution is had by asking for it (``--dist``)."""
    if config.getoption("dist") != "load":
        return None
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first: none is begun when the others are about to end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


# CI tries the same examples every time, so that a change is judged by what it changes; everywhere else they are new ones.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("exploring", deadline=None)
settings.load_profile("steady" if os.environ.get("CI") else "exploring")
