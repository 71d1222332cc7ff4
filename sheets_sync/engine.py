"""Where workbooks are read: worker processes on this machine, or this very process when there is little to read.

Readers elsewhere (:mod:`sheets_sync.engine_dask`) keep the same promise, :class:`Workers`.

A worker that dies or hangs costs only the item it was working on; the others go on, and results come in the order
of the items. Results come back one by one and should be small.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
import traceback
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, Self, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

Item = TypeVar("Item")
Result = TypeVar("Result")

FEW = 3  # items that do not pay for processes
TIME_LIMIT = 120.0  # seconds for one item
MEMORY_LIMIT = 3 * 1024**3  # bytes a worker may take beyond what it starts with, where the system can tell it
PIPE_BYTES = 1024 * 1024  # results that wait while the parent is busy
MEMORY_KEPT = 64 * 1024**2  # bytes a worker has freed and may keep for the next item
COLLECT_EVERY = 64  # items between collections of garbage in a worker
# Fork is quick, and safe here: a worker runs Python and calamine only and touches no lock of another thread.
FORKS = sys.platform == "linux"
ATTEMPTS = 2  # an item whose worker died is tried once more, alone

Why = Literal["crashed", "too-slow", "failed"]


@dataclass(frozen=True, slots=True)
class Failed(Generic[Item]):
    """What stands in for a result: the item's worker died twice, took too long, or the function raised (``detail``)."""

    item: Item
    reason: Why
    detail: str = ""


class Workers(Protocol):
    """Whatever applies a function to items, somewhere."""

    def map(
        self,
        function: Callable[[Item], Result],
        items: Sequence[Item],
        *,
        progress: Callable[[int, int], object] | None = None,
        isolate: Callable[[Item], bool] | None = None,
        meanwhile: Callable[[], object] | None = None,
    ) -> Iterator[Result | Failed[Item]]:
        """Results in the order of the items, `Failed` in place of what could not be done; ``progress(done, of)``.

        ``isolate``: items too heavy to be worked on in the caller's own process. ``meanwhile``: done here once the
        workers are at it; not at all where there is nobody to wait for.
        """
        ...

    def close(self) -> None:
        """Let the workers go, whatever they are doing."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Engine:
    """Processes that apply a function to items.

    ``workers`` 0: as many as there are cores. ``initializer(*initargs)`` runs once in every process that does the
    work, even if it is this one. ``time_limit``: seconds for one item; a worker over it is killed.
    """

    def __init__(
        self,
        workers: int = 0,
        *,
        initializer: Callable[..., object] | None = None,
        initargs: tuple[Any, ...] = (),
        time_limit: float = TIME_LIMIT,
        memory_limit: int = MEMORY_LIMIT,
        few: int = FEW,
    ) -> None:
        self.workers = workers or cores()
        self.time_limit = time_limit
        self.few = few
        self._memory_limit = memory_limit
        self._initializer, self._initargs = initializer, initargs
        self._ready_here = False
        self._pools: list[_Pool[Any, Any]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End every worker, whatever it is doing."""
        while self._pools:
            self._pools.pop().stop()

    def map(
        self,
        function: Callable[[Item], Result],
        items: Sequence[Item],
        *,
        batch: int = 0,
        progress: Callable[[int, int], object] | None = None,
        isolate: Callable[[Item], bool] | None = None,
        meanwhile: Callable[[], object] | None = None,
    ) -> Iterator[Result | Failed[Item]]:
        """Results in the order of the items, each as soon as it and those before it are there.

        ``batch``: items given to a worker at once (0: found from their number). ``progress(done, of)`` after each one.
        ``isolate``: items so heavy that even a few are worth processes of their own. ``meanwhile``: done here once the
        workers are at it, which makes even one item worth a process where starting one is quick. Raises RuntimeError
        if the initializer fails.
        """
        items = list(items)
        reserved = next((pool for pool in self._pools if pool.is_reserved_for(function)), None)
        worth_it = bool(items and meanwhile and FORKS) or bool(isolate and any(map(isolate, items)))
        if len(items) <= self.few and not worth_it:
            if reserved:
                reserved.stop()
                self._pools.remove(reserved)
            yield from self._map_here(function, items, progress)
            return
        workers = max(1, min(self.workers, len(items)))
        batch = batch or max(1, min(8, len(items) // (workers * 8)))
        pool: _Pool[Any, Any]
        if reserved:
            pool = reserved
            pool.take_items(items, batch)
        else:
            pool = _Pool(function, items, workers, batch, self._settings())
            self._pools.append(pool)
        if meanwhile:
            pool.begin()
            meanwhile()
        for done, result in enumerate(self._rest_of(pool), 1):
            if progress:
                progress(done, len(items))
            yield result

    def hand_out(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result | Failed[Item]]:
        """As :meth:`map`, of items that come one by one: the workers begin with the first while others are still made.

        Returns when all are given out; the workers go on with them, whatever the caller does. The items travel to the
        workers, so they should be small.
        """
        coming = iter(items)
        first = list(islice(coming, self.few + 1))
        if len(first) <= self.few:
            return self.map(function, first)
        pool = next((pool for pool in self._pools if pool.is_reserved_for(function)), None)
        if pool is None:
            pool = self.reserve(function)
        for item in chain(first, coming):
            pool.add(item)
        pool.give_rest()
        return self._rest_of(pool)

    def _rest_of(self, pool: _Pool[Any, Any]) -> Iterator[Any]:
        """The results of a pool, which ends with them."""
        try:
            yield from pool.results()
        finally:
            pool.stop()
            if pool in self._pools:
                self._pools.remove(pool)

    def reserve(self, function: Callable[[Any], Any]) -> _Pool[Any, Any]:
        """Start the processes of a later :meth:`map` of this function before this one loads what they need not hold.

        The items then travel to the workers, so they should be small.
        """
        pool: _Pool[Any, Any] = _Pool(function, [], self.workers, 1, self._settings())
        pool.reserve()
        self._pools.append(pool)
        return pool

    def _settings(self) -> _Settings:
        return _Settings(self._initializer, self._initargs, self.time_limit, self._memory_limit)

    def _map_here(
        self,
        function: Callable[[Item], Result],
        items: Sequence[Item],
        progress: Callable[[int, int], object] | None,
    ) -> Iterator[Result | Failed[Item]]:
        if items and not self._ready_here:
            if self._initializer:
                self._initializer(*self._initargs)
            self._ready_here = True
        for done, item in enumerate(items, 1):
            collecting = gc.isenabled()
            gc.disable()
            result: Result | Failed[Item]
            try:
                result = function(item)
            except Exception:
                result = Failed(item, "failed", traceback.format_exc())
            finally:
                if collecting:
                    gc.enable()
            if progress:
                progress(done, len(items))
            yield result


def cores() -> int:
    """Cores this process may use."""
    if sys.platform == "linux":
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class _Settings:
    initializer: Callable[..., object] | None
    initargs: tuple[Any, ...]
    time_limit: float
    memory_limit: int


class _Worker:
    """One process, the items it was given and has not answered yet, and since when it is at the first of them."""

    def __init__(self, process: BaseProcess, tasks: Connection, answers: Connection) -> None:
        self.process, self.tasks, self.answers = process, tasks, answers
        self.given: deque[int] = deque()
        self.since = time.monotonic()
        self.alone = False  # at an item whose worker died once: gets nothing else meanwhile


class _Pool(Generic[Item, Result]):
    """One run of a function over items. Workers know all items from the start and are sent numbers; those of a reserved
    pool are started before there are items, and are sent the items too."""

    def __init__(
        self, function: Callable[[Item], Result], items: Sequence[Item], workers: int, batch: int, settings: _Settings
    ) -> None:
        import multiprocessing

        self._context: Any = multiprocessing.get_context("fork" if FORKS else "spawn")
        self._function, self._items, self._batch, self._settings = function, list(items), batch, settings
        self._size = workers
        self._todo: deque[int] = deque(range(len(items)))
        self._again: deque[int] = deque()
        self._deaths: dict[int, int] = {}
        self._results: dict[int, Result | Failed[Item]] = {}
        self._workers: list[_Worker] = []
        self._reserved = False

    def reserve(self) -> None:
        """Start the workers; the items follow (:meth:`take_items`)."""
        self._reserved = True
        while len(self._workers) < self._size:
            self._workers.append(self._start())

    def is_reserved_for(self, function: Callable[[Any], Any]) -> bool:
        return self._reserved and self._function is function

    def take_items(self, items: Sequence[Item], batch: int) -> None:
        """The items of a reserved pool."""
        self._items, self._batch = list(items), batch
        self._todo.extend(range(len(items)))

    def add(self, item: Item) -> None:
        """One more item of a reserved pool, given out as soon as a worker has little to do."""
        self._todo.append(len(self._items))
        self._items.append(item)
        self._take_answers()
        self._give()

    def give_rest(self) -> None:
        """Give out what is left, the same to each worker: nobody will tend them for a while."""
        share = -(-len(self._todo) // max(1, len(self._workers)))
        for worker in self._workers:
            if self._todo and not worker.alone:
                self._post(worker, [self._todo.popleft() for _ in range(min(share, len(self._todo)))])

    def begin(self) -> None:
        """Start the workers and give them something to do; :meth:`results` tends them further."""
        self._give()

    def results(self) -> Iterator[Result | Failed[Item]]:
        for index in range(len(self._items)):
            while index not in self._results:
                self._tend()
            yield self._results.pop(index)
            self._take_answers()  # while the caller was away, workers may have run out of work
            self._give()

    def stop(self) -> None:
        """End all workers and wait for them, so that none is left behind."""
        workers, self._workers = self._workers, []
        for worker in workers:
            if worker.given:
                worker.process.kill()
            worker.tasks.close()  # an idle worker takes this as the end of work
            worker.answers.close()
        for worker in workers:
            _bury(worker.process)

    def _tend(self) -> None:
        """Give work, wait until something happens, take it in."""
        from multiprocessing.connection import wait

        self._give()
        limit = self._settings.time_limit
        due = min(worker.since + limit for worker in self._workers if worker.given)
        wait([worker.answers for worker in self._workers], max(0.0, due - time.monotonic()) + 0.01)
        self._take_answers()
        now = time.monotonic()
        for worker in list(self._workers):
            if worker.given and now - worker.since > limit:
                self._dismiss(worker, "too-slow")

    def _give(self) -> None:
        for worker in self._workers:
            self._send(worker)
        while len(self._workers) < self._size and (
            self._todo or (self._again and all(worker.given for worker in self._workers))
        ):
            self._workers.append(self._start())
            self._send(self._workers[-1])

    def _send(self, worker: _Worker) -> None:
        """Keep a worker in work: at most two batches, so that the last ones to finish finish together."""
        while self._todo and not worker.alone and len(worker.given) <= self._batch:
            self._post(worker, [self._todo.popleft() for _ in range(min(self._batch, len(self._todo)))])
        if self._again and not self._todo and not worker.given:
            worker.alone = True
            self._post(worker, [self._again.popleft()])

    def _post(self, worker: _Worker, indices: list[int]) -> None:
        if not worker.given:
            worker.since = time.monotonic()
        worker.given.extend(indices)
        try:
            worker.tasks.send([(index, self._items[index]) for index in indices] if self._reserved else indices)
        except OSError:
            pass  # it has died: its answers end, which is noticed there

    def _take_answers(self) -> None:
        for worker in list(self._workers):
            try:
                while worker.answers.poll():
                    self._take(worker, worker.answers.recv())
            except (EOFError, OSError):
                self._dismiss(worker, "crashed")

    def _take(self, worker: _Worker, answer: tuple[int, Result | Failed[Item]]) -> None:
        index, result = answer
        if index < 0:
            assert isinstance(result, Failed)
            raise RuntimeError(f"a worker could not be made ready: {result.detail}")
        worker.given.remove(index)
        worker.since = time.monotonic()
        worker.alone = False
        self._results[index] = result

    def _dismiss(self, worker: _Worker, why: Why) -> None:
        """End a worker that died or hangs: its item is tried once more or given up, what waited behind it goes back."""
        self._workers.remove(worker)
        worker.process.kill()
        worker.tasks.close()
        worker.answers.close()
        _bury(worker.process)
        if not worker.given:
            return
        index = worker.given.popleft()
        self._todo.extendleft(reversed(worker.given))
        self._deaths[index] = self._deaths.get(index, 0) + 1
        if why == "crashed" and self._deaths[index] < ATTEMPTS:
            self._again.append(index)
        else:
            self._results[index] = Failed(self._items[index], why)

    def _start(self) -> _Worker:
        tasks_out, tasks = self._context.Pipe(duplex=False)
        answers, answers_in = self._context.Pipe(duplex=False)
        _widen(answers)
        # A forked child holds copies of our ends; it must drop them, or no worker would notice that we are gone.
        ours = [tasks, answers, *(pipe for worker in self._workers for pipe in (worker.tasks, worker.answers))]
        process = self._context.Process(
            target=_work,
            args=(
                tasks_out,
                answers_in,
                ours if FORKS else [],
                self._function,
                None if self._reserved else self._items,
                self._settings,
            ),
            daemon=True,
        )
        with warnings.catch_warnings(), _interrupts_held_back():
            warnings.simplefilter("ignore", DeprecationWarning)  # forking beside a thread that draws a progress bar
            process.start()
        tasks_out.close()
        answers_in.close()
        return _Worker(process, tasks, answers)


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Ctrl+C waits until a worker is started: one just forked still has our handler, and would speak for us."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _bury(process: BaseProcess) -> None:
    process.join(2)
    if process.is_alive():
        process.kill()
        process.join()
    process.close()


def _widen(pipe: Connection) -> None:
    """Let many results wait in the pipe, where the system allows it."""
    if sys.platform == "linux":
        import fcntl

        try:
            fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        except OSError:
            pass


def _work(
    tasks: Connection,
    answers: Connection,
    inherited: Sequence[Connection],
    function: Callable[[Any], Any],
    items: Sequence[Any] | None,
    settings: _Settings,
) -> None:
    """Life of a worker: make ready, answer until the tasks end. Tasks are numbers of ``items``; without these, pairs
    of number and item."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the parent's to handle
    for pipe in inherited:
        pipe.close()
    _limit_memory(settings.memory_limit)
    _keep_freed_memory(MEMORY_KEPT)
    try:
        if settings.initializer:
            settings.initializer(*settings.initargs)
    except Exception:
        answers.send((-1, Failed(None, "failed", traceback.format_exc())))
        return
    gc.collect()
    gc.freeze()
    gc.disable()
    done = 0
    while True:
        try:
            given = tasks.recv()
        except (EOFError, OSError):
            return
        for index, item in given if items is None else [(index, items[index]) for index in given]:
            try:
                _answer(answers, index, item, _result(function, item))
            except OSError:
                return  # the parent has gone
            done += 1
            if done % COLLECT_EVERY == 0:
                gc.collect()


def _result(function: Callable[[Any], Any], item: Any) -> Any:
    try:
        return function(item)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # a panic in Rust derives from BaseException
        return Failed(item, "failed", traceback.format_exc())


def _answer(answers: Connection, index: int, item: Any, result: Any) -> None:
    import pickle

    try:
        message = pickle.dumps((index, result), pickle.HIGHEST_PROTOCOL)
    except Exception:
        message = pickle.dumps((index, Failed(item, "failed", traceback.format_exc())), pickle.HIGHEST_PROTOCOL)
    answers.send_bytes(message)


def _limit_memory(more: int) -> None:
    """Make a worker that asks for absurd amounts of memory die alone, instead of dragging the machine down."""
    if sys.platform != "linux" or not more:
        return
    import resource

    with open("/proc/self/statm", encoding="ascii") as statm:
        now = int(statm.read().split()[0]) * resource.getpagesize()
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    soft = now + more
    if hard == resource.RLIM_INFINITY or soft < hard:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _keep_freed_memory(most: int) -> None:
    """Let a worker use freed memory again for the next item, which needs about as much: given back to the system, it
    comes anew page by page. Only where the C library has such a setting (glibc)."""
    if sys.platform != "linux":
        return
    try:
        import ctypes

        set_option = ctypes.CDLL(None).mallopt
    except (ImportError, OSError, AttributeError):
        return
    trim_threshold, mmap_threshold = -1, -3  # numbers of the options in malloc.h
    set_option(mmap_threshold, most // 2)
    set_option(trim_threshold, most)
