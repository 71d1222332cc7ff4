"""Several queries of one database at a time, each begun as soon as what it reads from has been made.

DuckDB plans a query on one thread and runs most of ours hardly wider: two cursors at work side by side use two cores.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import NamedTuple, Self

from sheets_sync.memory import Connection

LOOKED_AFTER = 0.1  # seconds between looks at how long a statement takes


class Hand:
    """One cursor, and a watch that interrupts what it is doing when its time is up."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._due: float | None = None
        self._stopped = False
        self._over = threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watch.join()

    @contextmanager
    def limited(self, seconds: float) -> Iterator[None]:
        """For so long what stands within may take; then duckdb.InterruptException."""
        self._due = time.monotonic() + seconds
        try:
            yield
        finally:
            self._due = None

    def stop(self) -> None:
        """Whatever it does or begins is interrupted from now on."""
        self._stopped = True

    def _look(self) -> None:
        while not self._over.wait(LOOKED_AFTER):
            due = self._due
            if self._stopped or (due is not None and time.monotonic() > due):
                self.connection.interrupt()


class Task(NamedTuple):
    """Something a hand does. ``needs``: names of the tasks to be done before; those nobody does count as done."""

    name: str
    needs: frozenset[str]
    do: Callable[[Hand], object]


def do_all(tasks: Sequence[Task], connections: Sequence[Connection]) -> None:
    """Do every task, in their order as far as what they need is done, with as many at a time as there are connections.

    The first connection is used in the calling thread. A task needs only such as stand before it. What a task raises
    is raised here, when the others at work have ended; no further task is begun then.
    """
    with ExitStack() as stack:
        hands = [stack.enter_context(Hand(connection)) for connection in connections]
        work = _Work(tasks, hands)
        helpers = [threading.Thread(target=work.take_part, args=(hand,), daemon=True) for hand in hands[1:]]
        for helper in helpers:
            helper.start()
        work.take_part(hands[0])
        for helper in helpers:
            helper.join()
    if work.error is not None:
        raise work.error


class _Work:
    """Tasks waiting, under way and done; shared by the hands."""

    def __init__(self, tasks: Sequence[Task], hands: Sequence[Hand]) -> None:
        self.hands = hands
        self.waiting = list(tasks)
        self.undone = {task.name for task in tasks}
        self.error: BaseException | None = None
        self.changed = threading.Condition()

    def take_part(self, hand: Hand) -> None:
        """Do what can be done until nothing is left to begin."""
        try:
            while (task := self._next()) is not None:
                task.do(hand)
                with self.changed:
                    self.undone.discard(task.name)
                    self.changed.notify_all()
        except BaseException as error:
            self._give_up(error)

    def _give_up(self, error: BaseException) -> None:
        with self.changed:
            self.waiting.clear()
            self.error = self.error or error  # what is interrupted because of it fails as well
            self.changed.notify_all()
        for hand in self.hands:
            hand.stop()

    def _next(self) -> Task | None:
        with self.changed:
            while self.waiting:
                for at, task in enumerate(self.waiting):
                    if self.undone.isdisjoint(task.needs):
                        return self.waiting.pop(at)
                self.changed.wait()
            return None
