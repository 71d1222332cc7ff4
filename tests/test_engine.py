"""Workers: order, death, hanging, exceptions, state of their own, and nothing left behind."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sheets_sync.engine import Engine, Failed, _keep_freed_memory
from tests.program import heeding_interrupts

_made_ready: list[str] = []


def _square(number: int) -> int:
    return number * number


def _square_slowly_at_first(number: int) -> int:
    time.sleep(0.05 if number == 0 else 0)
    return number * number


def _die_at_seven(number: int) -> int:
    if number == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def _die_once(task: tuple[int, str]) -> int:
    number, mark = task
    if number == 3 and not Path(mark).exists():
        Path(mark).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def _hang_at_two(number: int) -> int:
    if number == 2:
        time.sleep(600)
    return number


def _touch(path: str) -> str:
    Path(path).touch()
    return path


def _raise_at_two(number: int) -> int:
    if number == 2:
        raise ValueError("no")
    return number


def _unpicklable(number: int) -> object:
    return (lambda: number) if number == 1 else number


def _too_much_memory(number: int) -> int:
    return len(bytearray(8 * 1024**3)) if number == 1 else number


def _make_ready(word: str) -> None:
    _made_ready.append(word)


def _what_is_ready(_: int) -> tuple[int, str, bool]:
    return os.getpid(), ",".join(_made_ready), gc.isenabled()


def _fail_to_start() -> None:
    raise ValueError("no schemas here")


def test_results_come_in_the_order_of_the_items():
    """A slow first item holds nothing up and loses no place."""
    with Engine(workers=2) as engine:
        assert list(engine.map(_square_slowly_at_first, range(100))) == [n * n for n in range(100)]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_few_items_are_done_in_this_process(count):
    """Small checks do not pay for processes."""
    with Engine(workers=2) as engine:
        pids = {pid for pid, _, _ in engine.map(_what_is_ready, range(count))}
    assert pids <= {os.getpid()}


def test_heavy_items_are_isolated_even_if_few():
    """An item called heavy is done elsewhere."""
    with Engine(workers=2) as engine:
        pids = {pid for pid, _, _ in engine.map(_what_is_ready, [1], isolate=lambda item: item == 1)}
    assert os.getpid() not in pids


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere starting a process is not worth it for a few")
@pytest.mark.parametrize("count", [1, 20])
def test_what_can_be_done_meanwhile_is_done_beside_the_workers(tmp_path, count):
    """A worker is at the first item while it is done; even one item is then read elsewhere."""
    marks = [str(tmp_path / str(n)) for n in range(count)]
    here = []

    def meanwhile():
        deadline = time.monotonic() + 60
        while not Path(marks[0]).exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        here.append(os.getpid())

    with Engine(workers=2) as engine:
        assert list(engine.map(_touch, marks, meanwhile=meanwhile)) == marks
        assert here == [os.getpid()]
        assert list(engine.map(_touch, [], meanwhile=meanwhile)) == []
    assert len(here) == 1


@pytest.mark.parametrize("count", [1, 20])
def test_what_goes_wrong_meanwhile_ends_the_workers(count):
    """It is told to the caller, and nobody is left behind."""

    def meanwhile():
        raise ValueError("no store here")

    with Engine(workers=2) as engine:
        if sys.platform == "linux" or count > engine.few:
            with pytest.raises(ValueError, match="no store here"):
                list(engine.map(_hang_at_two, [2] * count, meanwhile=meanwhile))
    assert not multiprocessing.active_children()


def test_a_worker_that_dies_costs_only_its_own_item():
    """One item kills whoever takes it: it alone fails, after a second try."""
    with Engine(workers=2) as engine:
        results = list(engine.map(_die_at_seven, range(20)))
    assert results == [Failed(7, "crashed") if n == 7 else n for n in range(20)]


def test_an_item_whose_worker_died_by_chance_is_done_again(tmp_path):
    """A worker killed once, by the system say, loses nothing."""
    tasks = [(n, str(tmp_path / "died")) for n in range(10)]
    with Engine(workers=2) as engine:
        assert list(engine.map(_die_once, tasks)) == list(range(10))


def test_an_item_that_hangs_is_given_up():
    """The time limit is for one item; the items queued behind it are done by others."""
    with Engine(workers=2, time_limit=3) as engine:  # long enough for a process to start on a busy machine
        results = list(engine.map(_hang_at_two, range(12), batch=4))
    assert results == [Failed(2, "too-slow") if n == 2 else n for n in range(12)]


@pytest.mark.parametrize("count", [3, 10])
def test_an_exception_is_a_failed_item(count):
    """The same in this process and in a worker; where it happened is told."""
    with Engine(workers=2) as engine:
        results = list(engine.map(_raise_at_two, range(count)))
    failed = results[2]
    assert isinstance(failed, Failed)
    assert (failed.item, failed.reason) == (2, "failed")
    assert "ValueError: no" in failed.detail
    assert [n for n in results if not isinstance(n, Failed)] == [n for n in range(count) if n != 2]


def test_a_result_that_cannot_travel_is_a_failed_item():
    """The worker lives on."""
    with Engine(workers=2) as engine:
        results = list(engine.map(_unpicklable, range(6)))
    assert [type(result) is Failed for result in results] == [False, True, False, False, False, False]


@pytest.mark.parametrize("reserved", [False, True])
def test_items_handed_out_as_they_come_are_begun_at_once(tmp_path, reserved):
    """The first are done before the last is made; a few are done in this process."""
    marks = [str(tmp_path / str(n)) for n in range(20)]

    def made():
        yield from marks[:10]
        deadline = time.monotonic() + 60
        while not Path(marks[0]).exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        yield from marks[10:]

    with Engine(workers=2) as engine:
        if reserved:
            engine.reserve(_touch)
        assert list(engine.hand_out(_touch, made())) == marks
        assert list(engine.hand_out(_square, range(3))) == [0, 1, 4]
        assert list(engine.hand_out(_what_is_ready, range(0))) == []


@pytest.mark.parametrize("reserved", [False, True])
def test_what_is_handed_out_survives_a_worker_that_dies(reserved):
    """Whenever it dies, its own item alone fails and the results keep their order."""
    with Engine(workers=2) as engine:
        if reserved:
            engine.reserve(_die_at_seven)
        results = engine.hand_out(_die_at_seven, range(40))
        time.sleep(0.2)  # all are given out, and nobody tends the workers
        assert list(results) == [Failed(7, "crashed") if n == 7 else n for n in range(40)]


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited only where the system can tell it")
def test_memory_of_a_worker_is_limited():
    """Absurd demands fail there and do not drag the machine down."""
    with Engine(workers=2, memory_limit=1024**3) as engine:
        results = list(engine.map(_too_much_memory, range(5)))
    assert [n for n in results if not isinstance(n, Failed)] == [0, 2, 3, 4]


def test_every_worker_is_made_ready_once():
    """State of a process is made by the initializer; garbage is not collected while reading."""
    with Engine(workers=2, initializer=_make_ready, initargs=("schemas",)) as engine:
        seen = set(engine.map(_what_is_ready, range(30), batch=1))
    assert {(word, collecting) for _, word, collecting in seen} == {("schemas", False)}


def test_this_process_is_made_ready_once():
    """Two maps, one initializer."""
    _made_ready.clear()
    with Engine(workers=2, initializer=_make_ready, initargs=("schemas",)) as engine:
        list(engine.map(_square, [1]))
        list(engine.map(_square, [2]))
    assert _made_ready == ["schemas"]
    _made_ready.clear()


def test_a_worker_that_cannot_be_made_ready_is_an_error():
    """Not a hundred failed workbooks."""
    with Engine(workers=2, initializer=_fail_to_start) as engine, pytest.raises(RuntimeError, match="no schemas here"):
        list(engine.map(_square, range(10)))
    assert multiprocessing.active_children() == []


def test_no_process_is_left_behind():
    """After the last result, and after the caller loses interest."""
    with Engine(workers=2) as engine:
        list(engine.map(_square, range(10)))
        assert multiprocessing.active_children() == []
        for result in engine.map(_square, range(1000)):
            if result == 25:
                break
    assert multiprocessing.active_children() == []


def test_progress_counts_every_item():
    """Failed ones too."""
    seen: list[tuple[int, int]] = []
    with Engine(workers=2) as engine:
        list(engine.map(_die_at_seven, range(9), progress=lambda done, of: seen.append((done, of))))
    assert seen == [(n + 1, 9) for n in range(9)]


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked there alone")
def test_ctrl_c_while_workers_start_is_the_parents_alone(tmp_path):
    """A worker just forked has the parent's handlers still: a signal that finds it then is not its own to speak of."""
    script = tmp_path / "run.py"
    script.write_text(
        "import os, signal\nfrom sheets_sync.engine import Engine\n"
        "os.register_at_fork(after_in_child=lambda: os.kill(os.getpid(), signal.SIGINT))\n"
        "if __name__ == '__main__':\n    with Engine(workers=2) as engine:\n"
        "        print(list(engine.map(abs, range(10))))\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with heeding_interrupts():
        done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, env=environment)
    assert (done.stdout, done.stderr) == (f"{list(range(10))}\n", "")


@pytest.mark.skipif(os.name == "nt", reason="signals are sent otherwise there")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_interrupted_or_killed_parent_leaves_no_worker(tmp_path, sent):
    """Ctrl+C ends at once; even a killed parent takes its workers along."""
    script = tmp_path / "run.py"
    script.write_text(
        "import os, time\nfrom sheets_sync.engine import Engine\n"
        "def nap(n):\n    os.write(1, b'%d\\n' % os.getpid())\n    time.sleep(0.3)\n    return n\n"
        "if __name__ == '__main__':\n    with Engine(workers=2) as engine:\n        list(engine.map(nap, range(100)))\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with heeding_interrupts():
        process = subprocess.Popen(
            [sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, text=True
        )
    with process:
        assert process.stdout is not None
        pids = {int(process.stdout.readline()) for _ in range(2)}
        process.send_signal(sent)
        process.wait(60)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and any(map(_alive, pids)):
        time.sleep(0.05)
    assert not any(map(_alive, pids))


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z")


@pytest.mark.parametrize("library", [object(), None])
def test_a_c_library_without_settings_of_memory_is_no_obstacle(
    monkeypatch: pytest.MonkeyPatch, library: object | None
) -> None:
    """musl has no mallopt; a Python without shared libraries opens none."""

    def opened(name: object) -> object:
        if library is None:
            raise OSError("not dynamically linked")
        return library

    monkeypatch.setattr("ctypes.CDLL", opened)
    _keep_freed_memory(2**20)
