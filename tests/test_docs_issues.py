"""``docs/issues.md`` says what the catalogue says."""

from __future__ import annotations

from pathlib import Path

import pytest

from sheets_sync.messages import Messages, documentation

RU = Messages.load("ru")


@pytest.fixture(scope="module")
def page(project: Path) -> str:
    return (project / "docs" / "issues.md").read_text(encoding="utf-8")


def test_the_page_is_in_step(page: str) -> None:
    """After a change of texts: ``python -m sheets_sync.messages > docs/issues.md``."""
    assert page == documentation(RU)


@pytest.mark.parametrize("code", sorted(RU.entries))
def test_every_code_is_documented(page: str, code: str) -> None:
    assert f"\n### {code}\n" in page
    assert page.count(f"### {code}\n") == 1


def test_no_slot_is_left_in_the_page(page: str) -> None:
    assert "{" not in page
    assert "[" not in page
