"""Workers of a Dask cluster: the extra `sheets-sync[dask]`, the only place that imports `distributed`.

Dask schedules, notices workers that die and gives their items to others; here items are sent a few ahead, so that
neither the scheduler nor this process ever holds many, and results come back in order. No disk need be shared: a
:class:`Carrier` says how an item and its result travel.
"""

from __future__ import annotations

import os
import threading
import time
import traceback
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self

from sheets_sync import __version__
from sheets_sync.engine import TIME_LIMIT, Failed, Item, Result
from sheets_sync.errors import ConfigError, SourceError

if TYPE_CHECKING:
    from distributed import Client, Future

CONNECT = 10.0  # seconds to reach the scheduler, and for a first worker to be there
AHEAD = 3  # items in flight for each thread of the cluster
LOOK_EVERY = 5.0  # seconds between two looks at whether there are workers at all
ALONE = 60.0  # seconds without any worker after which the run gives up
LAST_WORDS = 1.0  # seconds a worker that is to end has to tell why


class Carrier(Protocol):
    """How items and results travel. It is sent to the workers itself; ``work`` is what happens there."""

    def pack(self, item: Any) -> Any:
        """Here: what is sent of an item."""
        ...

    def work(self, function: Callable[[Any], Any], packed: Any) -> Any:
        """There: apply the function; gives what is sent back."""
        ...

    def unpack(self, function: Callable[[Any], Any], item: Any, answer: Any) -> Any:
        """Here: the result of the item."""
        ...


class DaskEngine:
    """Applies a function to items on the cluster of the scheduler at ``address``.

    ``time_limit``: seconds for one item; the worker process that is over it ends itself (Dask starts another). Raises
    ConfigError when the extra is not installed, the scheduler is not reached, has no workers, or these have no
    sheets-sync of this version; SourceError when the cluster is lost on the way.
    """

    def __init__(self, address: str, carrier: Carrier, *, time_limit: float = TIME_LIMIT) -> None:
        self.address, self.time_limit = address, time_limit
        self._carrier = carrier
        self._client: Client | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave the cluster; what is in work there is given up."""
        client, self._client = self._client, None
        if client is not None:
            client.close(timeout=2)

    def map(
        self,
        function: Callable[[Item], Result],
        items: Sequence[Item],
        *,
        progress: Callable[[int, int], object] | None = None,
        isolate: Callable[[Item], bool] | None = None,
        meanwhile: Callable[[], object] | None = None,
    ) -> Iterator[Result | Failed[Item]]:
        """Results in the order of the items. The cluster is joined when there is something to do; ``isolate`` asks
        nothing of it, since all its work is done elsewhere."""
        if not items:
            return
        client = self._client = self._client or self._joined()
        # A result of the cluster, not a copy on one worker: if that dies it is made again.
        setup = client.submit(_same, _Setup(self._carrier, function, self.time_limit), pure=False)
        waiting: deque[tuple[Item, Future]] = deque()
        ahead = AHEAD * max(1, _threads(client))
        todo = iter(items)
        for done in range(len(items)):
            while len(waiting) < ahead and (item := next(todo, _END)) is not _END:
                waiting.append((item, self._sent(client, setup, item)))
            if meanwhile and not done:
                meanwhile()
            item, future = waiting.popleft()
            answer = self._answer(client, item, future)
            yield answer if isinstance(answer, Failed) else self._carrier.unpack(function, item, answer)
            if progress:
                progress(done + 1, len(items))

    def _sent(self, client: Client, setup: Future, item: Item) -> Future:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a large workbook: a large task, and that is meant
            return client.submit(_work, setup, self._carrier.pack(item), pure=False)

    def _answer(self, client: Client, item: Item, future: Future) -> Any:
        """What the worker sent. A worker tells itself when the time is over, unless it is stuck so hard that it cannot:
        after twice the time, for the item may have waited its turn, and a while more it is given up from here."""
        from distributed import CancelledError, KilledWorker

        begun = seen = time.monotonic()
        while True:
            try:
                answer = future.result(timeout=LOOK_EVERY)
                break
            except TimeoutError:
                now = time.monotonic()
                if _threads(client):
                    seen = now
                else:
                    begun = now
                if now - seen > ALONE:
                    raise SourceError(f"the Dask cluster at {self.address} has lost all its workers") from None
                if now - begun > 2 * self.time_limit + ALONE:
                    future.cancel()
                    return Failed(item, "too-slow")
            except _TooSlow:
                return Failed(item, "too-slow")
            except KilledWorker:
                return Failed(item, "crashed")
            except (CancelledError, OSError) as error:
                raise SourceError(f"the Dask cluster at {self.address} was lost: {error or 'cancelled'}") from None
            except Exception:  # it could not even be begun there
                return Failed(item, "failed", traceback.format_exc())
        return Failed(item, "failed", answer.detail) if isinstance(answer, _Trouble) else answer

    def _joined(self) -> Client:
        """The cluster, with a worker at least, all able to do what is asked."""
        try:
            from distributed import Client
        except ImportError:
            raise ConfigError(
                'engine.kind = "dask" needs the package distributed', mend="pip install 'sheets-sync[dask]'"
            ) from None
        local = 'or set engine.kind = "processes"'
        try:
            client = Client(self.address, timeout=CONNECT, set_as_default=False)
        except (OSError, ValueError) as error:  # TimeoutError is one
            told = f"the Dask scheduler at {self.address} is not reached"
            raise ConfigError(told, mend=f"start it (dask scheduler), mend engine.address, {local}") from error
        try:
            try:
                client.wait_for_workers(1, timeout=CONNECT)
            except TimeoutError:
                told = f"the Dask scheduler at {self.address} has no workers"
                raise ConfigError(told, mend=f"start some (dask worker {self.address}), {local}") from None
            mend = f"install sheets-sync {__version__} there"
            try:
                versions = set(client.run(_version).values())
            except Exception as error:
                told = f"the workers of {self.address} cannot run sheets-sync ({type(error).__name__})"
                raise ConfigError(told, mend=mend) from error
            if versions != {__version__}:
                others = ", ".join(sorted(versions - {__version__}))
                raise ConfigError(f"workers of {self.address} have sheets-sync {others}", mend=mend)
        except BaseException:
            client.close(timeout=2)
            raise
        return client


class _Setup(NamedTuple):
    """What every item of a run has in common."""

    carrier: Carrier
    function: Callable[[Any], Any]
    time_limit: float


class _Trouble(NamedTuple):
    """The function raised."""

    detail: str


class _TooSlow(Exception):
    """The time of the item was over. The scheduler keeps errors, so it outlives the worker."""


_END: Any = object()
_one_at_a_time = threading.Lock()  # a worker may have several threads; readers keep what they know per process


def _threads(client: Client) -> int:
    """Threads of the cluster; none when its scheduler is gone."""
    try:
        return sum(client.nthreads().values())
    except OSError:
        return 0


def _same(setup: _Setup) -> _Setup:
    return setup


def _version() -> str:
    return __version__


def _work(setup: _Setup, packed: Any) -> Any:
    """One item, on a worker."""
    answers: list[Any] = []

    def work() -> None:
        try:
            answers.append(setup.carrier.work(setup.function, packed))
        except BaseException:  # an answer there must be
            answers.append(_Trouble(traceback.format_exc()))

    _one_at_a_time.acquire()
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(setup.time_limit)
    if thread.is_alive():
        # A thread cannot be stopped, so the process goes, once it has said so, and takes nothing else up: the lock is
        # kept. Dask's nanny starts another.
        threading.Timer(LAST_WORDS, os._exit, (1,)).start()
        raise _TooSlow
    _one_at_a_time.release()
    return answers[0]
