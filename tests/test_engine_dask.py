"""Workbooks read on a cluster: the same results, whoever dies there; and a line that helps where there is no cluster."""

from __future__ import annotations

import contextlib
import math
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from sheets_sync import engine_dask
from sheets_sync.catalog import Catalog
from sheets_sync.config import Config, load_config
from sheets_sync.engine import Failed
from sheets_sync.engine_dask import DaskEngine
from sheets_sync.errors import ConfigError, SourceError
from sheets_sync.fragments import fragment_files
from sheets_sync.run.reading import (
    Read,
    ReadingPlan,
    definitions_of,
    finish_reading,
    prepare_reading,
    read_and_check,
    state_of,
)
from sheets_sync.run.travelling import TravellingWorkbooks
from sheets_sync.sources.bounds import Bounds
from sheets_sync.sources.excel import Excel
from sheets_sync.store import Store
from tests.program import ENVIRONMENT, command
from tests.small_district import AS_OF, outbox, school, set_up, sync

pytestmark = pytest.mark.system  # a run each: slow together

DASK = 'kind = "dask"\naddress = "{}"\n'


class Cluster(NamedTuple):
    address: str
    processes: list[subprocess.Popen[bytes]]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler and two worker processes, each with its nanny, on loopback."""
    distributed = pytest.importorskip("distributed", reason="pip install 'sheets-sync[dask]'")
    folder = tmp_path_factory.mktemp("cluster")
    told = folder / "scheduler.json"
    environment = ENVIRONMENT | {"PYTHONPATH": os.pathsep.join(sys.path)}

    def start(*arguments: str) -> subprocess.Popen[bytes]:
        with (folder / f"log-{len(started)}").open("wb") as log:
            line = [sys.executable, "-m", f"distributed.cli.{arguments[0]}", *arguments[1:], "--no-dashboard"]
            return subprocess.Popen(line, stdout=log, stderr=log, cwd=folder, env=environment, start_new_session=True)

    started: list[subprocess.Popen[bytes]] = []
    try:
        started.append(start("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(told)))
        deadline = time.monotonic() + 60
        while not told.exists():
            assert started[0].poll() is None, (folder / "log-0").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        for number in ("1", "2"):
            place = str(folder / f"worker-{number}")
            worker = ("dask_worker", "--scheduler-file", str(told), "--nthreads", "1", "--local-directory", place)
            started.append(start(*worker, "--host", "127.0.0.1"))
        with distributed.Client(scheduler_file=str(told), timeout=30, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)
            address = str(client.scheduler.address)
        yield Cluster(address, started)
    finally:
        for process in started:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # nannies take their time to part
            process.wait()


def _pids(address: str) -> list[int]:
    """The processes that do the work."""
    import distributed

    with distributed.Client(address, timeout=60, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
        return sorted(client.run(os.getpid).values())


def _stored(config: Config) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the store but when it was read."""
    import duckdb

    with duckdb.connect(str(config.store / "store.duckdb"), read_only=True) as connection:
        names = [name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        columns = {name: "* EXCLUDE (read_at)" if name == "workbooks" else "*" for name in names}
        tables = {
            name: connection.execute(f'SELECT {columns[name]} FROM "{name}" ORDER BY ALL').fetchall() for name in names
        }
    del tables["runs"]
    return tables


@pytest.mark.long
def test_a_cluster_finds_what_this_machine_finds_though_a_worker_dies(
    tmp_path: Path, project: Path, cluster: Cluster
) -> None:
    """Untidy workbooks of all kinds and one that is none; a worker is killed on the way. Store and outputs are the same."""
    config = set_up(tmp_path)
    for name in ("ds-zhuravlik", "lugoyar-tehnikum", "ООШ Крутой Яр"):
        shutil.copytree(project / "benchmarks" / "districts" / "volga" / "district" / name, tmp_path / "inbox" / name)
    (tmp_path / "inbox" / "ds-zhuravlik" / "Пары.xlsx").write_bytes(b"no workbook at all")
    here = sync(config)
    expected, stored = outbox(tmp_path), _stored(config)
    shutil.rmtree(tmp_path / "outbox")
    shutil.rmtree(tmp_path / ".sheets-sync")

    with (tmp_path / "config.toml").open("a", encoding="utf-8") as file:
        file.write(DASK.format(cluster.address))
    victims = _pids(cluster.address)

    def kill_one(stage: str, done: int, of: int) -> None:
        if stage == "reading" and done == 2:
            os.kill(victims[0], signal.SIGKILL)

    there = sync(load_config(tmp_path / "config.toml"), progress=kill_one)
    assert _pids(cluster.address) != victims
    assert (there.changed, there.unreadable, there.why) == (here.changed, here.unreadable, here.why)
    assert there.issues_by_severity == here.issues_by_severity
    assert _stored(config) == stored
    assert outbox(tmp_path) == expected


class Plain:
    """Items and results travel as they are."""

    def pack(self, item: Any) -> Any:
        return item

    def work(self, function: Callable[[Any], Any], packed: Any) -> Any:
        return function(packed)

    def unpack(self, function: Callable[[Any], Any], item: Any, answer: Any) -> Any:
        return answer


@pytest.fixture
def plain() -> Plain:
    """A carrier the workers need not import."""
    cloudpickle = pytest.importorskip("cloudpickle")
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    return Plain()


@pytest.mark.long
def test_a_cluster_answers_in_order_and_a_failure_costs_its_own_item(cluster: Cluster, plain: Plain) -> None:
    """One raises; progress counts it too."""
    seen: list[tuple[int, int]] = []
    items = [4.0, -1.0, *(float(n * n) for n in range(20))]
    with DaskEngine(cluster.address, plain) as engine:
        results = list(engine.map(math.sqrt, items, progress=lambda done, of: seen.append((done, of))))
    assert results[:1] + results[2:] == [2.0, *map(float, range(20))]
    failed = results[1]
    assert isinstance(failed, Failed)
    assert (failed.item, failed.reason) == (-1.0, "failed")
    assert "ValueError" in failed.detail
    assert seen == [(n + 1, len(items)) for n in range(len(items))]


@pytest.mark.long
def test_an_item_that_hangs_on_a_cluster_is_given_up(cluster: Cluster, plain: Plain) -> None:
    """Its worker is ended and another started; those behind it are done."""
    with DaskEngine(cluster.address, plain, time_limit=2) as engine:
        first, *others = engine.map(time.sleep, [600.0, 0.0, 0.0, 0.0])
    assert first == Failed(600.0, "too-slow")
    assert others == [None, None, None]


def test_no_scheduler_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 2, nothing written; a district with nothing to read does not ask for the cluster."""
    pytest.importorskip("distributed")
    monkeypatch.setattr(engine_dask, "CONNECT", 0.3)
    set_up(tmp_path, "school-a", more=DASK.format("tcp://127.0.0.1:9"))
    answer = command("sync", "--as-of", AS_OF.isoformat(), cwd=tmp_path)
    assert answer.returncode == 2
    (line,) = answer.stderr.strip().splitlines()
    assert "the Dask scheduler at tcp://127.0.0.1:9 is not reached — start it" in line
    assert not (tmp_path / "outbox").exists()


def test_a_missing_extra_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that installs it."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    set_up(tmp_path, "school-a", more=DASK.format("tcp://127.0.0.1:9"))
    answer = command("sync", "--as-of", AS_OF.isoformat(), cwd=tmp_path)
    assert answer.returncode == 2
    assert answer.stderr.strip().endswith("pip install 'sheets-sync[dask]'")


def test_nothing_to_read_asks_for_no_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the package nor the scheduler need be there."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    with DaskEngine("tcp://127.0.0.1:9", Plain()) as engine:
        assert list(engine.map(math.sqrt, [])) == []
        with pytest.raises(ConfigError, match="distributed"):
            list(engine.map(math.sqrt, [1.0]))


class _NoWorkers:
    """A cluster all workers of which have gone; the scheduler may have gone too."""

    def __init__(self, scheduler_is_there: bool) -> None:
        self.there = scheduler_is_there

    def submit(self, *_: object, **__: object) -> _NoWorkers:
        return self

    def result(self, timeout: float) -> object:
        raise TimeoutError

    def nthreads(self) -> dict[str, int]:
        if not self.there:
            raise OSError("gone")
        return {}

    def close(self, timeout: float) -> None:
        """Nothing to do."""


@pytest.mark.parametrize("scheduler_is_there", [True, False])
def test_a_cluster_without_workers_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, scheduler_is_there: bool) -> None:
    """After a while the run ends, rather than call every workbook unreadable."""
    pytest.importorskip("distributed")
    monkeypatch.setattr(engine_dask, "ALONE", -1.0)
    monkeypatch.setattr(DaskEngine, "_joined", lambda _: _NoWorkers(scheduler_is_there))
    engine = DaskEngine("tcp://127.0.0.1:9", Plain())
    with engine, pytest.raises(SourceError, match="lost all its workers"):
        list(engine.map(math.sqrt, [1.0, 4.0]))


def _plan(folder: Path, **more: Any) -> ReadingPlan:
    return ReadingPlan(definitions_of(Config(), Catalog()), AS_OF, str(folder), **more)


def _loaded(folder: Path, reads: Sequence[Read]) -> dict[str, list[tuple[Any, ...]]]:
    """What the store has of the fragments in a folder: the rows of each table, in no order."""
    definitions = definitions_of(Config(), Catalog())
    with Store.open(":memory:", definitions) as store:
        store.replace([state_of(read, "", datetime.min) for read in reads], fragment_files(folder))
        tables = ("tables", "issues", *definitions.schemas)
        lines = {name: store.connection.execute(f'FROM main."{name}"').fetchall() for name in tables}
    return {name: sorted(found, key=repr) for name, found in lines.items() if found}


def test_what_travels_comes_to_the_same_as_what_is_read_here(tmp_path: Path) -> None:
    """Rows, issues and description; the workbook is known by its own place, no trace of the other machine's."""
    for name in ("school-a", "school-b"):
        school(tmp_path / "inbox" / name, meeting="35.10.2023")
    refs = Excel(tmp_path / "inbox").list().workbooks
    prepare_reading(_plan(tmp_path / "here"))
    here = [read_and_check((ref, "")) for ref in refs]
    finish_reading()

    carrier = TravellingWorkbooks(_plan(tmp_path / "there"))
    there = []
    for ref in refs:
        answer = carrier.work(read_and_check, carrier.pack((ref, "")))
        assert answer is not None
        there.append(carrier.unpack(read_and_check, (ref, ""), answer))
    assert there == here
    loaded = _loaded(tmp_path / "there", there)
    assert loaded == _loaded(tmp_path / "here", here)
    assert loaded.keys() >= {"tables", "issues", "mentors", "mentees", "pairs", "meetings"}


@pytest.mark.parametrize("trouble", ["gone", "too large"])
def test_what_cannot_travel_is_read_here(tmp_path: Path, trouble: str) -> None:
    """A file that is gone, or beyond the limit: not sent, and told as it is without a cluster."""
    path = school(tmp_path / "inbox" / "school-a")
    (ref,) = Excel(tmp_path / "inbox").list().workbooks
    more = {"bounds": Bounds(file_bytes=100)} if trouble == "too large" else {}
    if trouble == "gone":
        path.unlink()
    carrier = TravellingWorkbooks(_plan(tmp_path / "there", **more))
    parcel = carrier.pack((ref, ""))
    assert parcel.content is None
    read = carrier.unpack(read_and_check, (ref, ""), carrier.work(read_and_check, parcel))
    assert [issue.code for issue in read.issues] == ["file-too-large" if trouble == "too large" else "file-unreadable"]
