"""Findings on their way from the store to the process that renders them."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sheets_sync.issues import At, Issue
from sheets_sync.run.findings import issues_of
from sheets_sync.store import issue_of

TEXTS = st.none() | st.text("аб1", max_size=3)
PARAMS = st.none() | st.dictionaries(st.sampled_from(["other", "count"]), st.text("1а", max_size=2)).map(json.dumps)
LINES = st.tuples(
    st.just("school-1"),
    TEXTS,
    TEXTS,
    TEXTS,
    st.none() | st.integers(1, 99),
    TEXTS,
    TEXTS,
    st.sampled_from(["cell-type", "ref-unknown"]),
    st.sampled_from(["error", "warning", "info"]),
    TEXTS,
    TEXTS,
    PARAMS,
)


@given(st.lists(LINES, max_size=5))
def test_issues_of_many_lines_are_those_of_each(lines: list[tuple[Any, ...]]) -> None:
    """The same values of the same types, whatever is missing in them."""
    made = issues_of(lines)
    assert made == list(map(issue_of, lines))
    assert {(type(issue), type(issue.at)) for issue in made} <= {(Issue, At)}
