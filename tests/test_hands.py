"""Tasks done side by side: their order, what one of them raises, and the time one may take."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheets_sync.hands import Hand, Task, do_all
from sheets_sync.memory import Connection, Memory

ENDLESS = "SELECT count(*) FROM range(1000000000000) WHERE range = -1"  # and keeps nothing
Graph = list[tuple[str, frozenset[str]]]


@pytest.fixture(scope="module")
def connections() -> Iterator[list[Connection]]:
    with duckdb.connect() as one, one.cursor() as other:
        memory = Memory(one, 500)
        yield [Connection(one, memory), Connection(other, memory)]
        memory.close()


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Tasks that need some of those before them, and now and then one nobody does."""
    names: list[str] = []
    found = []
    for number in range(draw(st.integers(0, 9))):
        needs = draw(st.sets(st.sampled_from([*names, "elsewhere"]))) if names else set()
        found.append((f"t{number}", frozenset(needs)))
        names.append(f"t{number}")
    return found


@given(graphs(), st.integers(1, 2))
def test_every_task_once_and_after_what_it_needs(connections: list[Connection], graph: Graph, at_a_time: int) -> None:
    done: list[str] = []
    missing: list[tuple[str, str]] = []

    def do(_: Hand, name: str, needs: frozenset[str]) -> None:
        missing.extend((name, need) for need in needs - {"elsewhere"} if need not in done)
        done.append(name)

    tasks = [Task(name, needs, partial(do, name=name, needs=needs)) for name, needs in graph]
    do_all(tasks, connections[:at_a_time])
    assert sorted(done) == sorted(name for name, _ in graph)
    assert missing == []


def test_two_at_a_time(connections: list[Connection]) -> None:
    """Each waits for the other: with one hand neither would end."""
    met = threading.Barrier(2, timeout=20)
    do_all([Task(name, frozenset(), lambda _: met.wait()) for name in ("one", "other")], connections)
    assert not met.broken


@pytest.mark.parametrize("failing", ["first", "second"])
def test_an_error_ends_it_and_is_raised(connections: list[Connection], failing: str) -> None:
    """Whoever meets it: what is under way elsewhere is interrupted, what needs it is not begun, and nobody waits on."""
    begun = threading.Barrier(2, timeout=20)
    later: list[str] = []

    def fail(hand: Hand) -> None:
        begun.wait()
        raise ValueError("as planned")

    def work_on(hand: Hand) -> None:
        begun.wait()
        hand.connection.execute(ENDLESS)

    both = [Task("first", frozenset(), fail), Task("second", frozenset(), work_on)]
    tasks = both if failing == "first" else [both[1], both[0]]
    with pytest.raises((ValueError, duckdb.InterruptException)) as caught:
        do_all([*tasks, Task("after", frozenset({"first"}), lambda _: later.append("after"))], connections)
    assert isinstance(caught.value, ValueError)
    assert later == []
    assert connections[0].execute("SELECT 1").fetchone() == (1,)


def test_a_statement_has_its_time(connections: list[Connection]) -> None:
    def endless(hand: Hand) -> None:
        with hand.limited(0.2):
            hand.connection.execute(ENDLESS)

    with pytest.raises(duckdb.InterruptException):
        do_all([Task("endless", frozenset(), endless)], connections)
