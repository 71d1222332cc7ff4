"""One run at a time: the second is told who is at work, a killed run leaves no lock behind."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from datetime import datetime
from pathlib import Path

import pytest

from sheets_sync.errors import LockHeld
from sheets_sync.lock import one_run

NOW = datetime(2024, 6, 20, 6, 0)
HOLDER = textwrap.dedent(
    """
    import sys, time
    from datetime import datetime
    from pathlib import Path
    from sheets_sync.lock import one_run
    with one_run(Path(sys.argv[1]), "sync", datetime(2024, 6, 20, 6, 0)):
        print("held", flush=True)
        time.sleep(60)
    """
)


def holder(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_second_run_is_refused_with_the_name_of_the_first(tmp_path: Path) -> None:
    """The message names verb and process, the exit code is 3."""
    process = holder(tmp_path)
    try:
        with (
            pytest.raises(LockHeld, match=rf"`sync`, process {process.pid}") as refused,
            one_run(tmp_path, "report", NOW),
        ):
            pass
        assert refused.value.exit_code == 3
    finally:
        process.kill()
        process.wait()


def test_a_killed_run_leaves_no_lock(tmp_path: Path) -> None:
    """kill -9 gives the lock back at once."""
    process = holder(tmp_path)
    process.kill()
    process.wait()
    with one_run(tmp_path, "sync", NOW):
        assert (tmp_path / "lock.json").exists()
    assert not (tmp_path / "lock.json").exists()
