"""`status`: who has not handed in, what is overdue or stale, what is at work; told without opening the store."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sheets_sync import run, state
from sheets_sync.config import Config
from sheets_sync.lock import one_run
from tests.program import ENVIRONMENT, command
from tests.small_district import set_up

CHANGED = datetime(2023, 11, 20, 12, 0)


def district(folder: Path, more: str = "", **changed: datetime | None) -> Config:
    """Organisations whose one workbook was last changed then, as a sync on the day has left them (None: no
    workbook)."""
    config = set_up(folder, more=more)
    known = state.State()
    for name, moment in changed.items():
        (folder / "inbox" / name.replace("_", "-")).mkdir()
        if moment is not None:
            mark = state.Fingerprint(1, int(moment.timestamp() * 1e9), "", "")
            known.record(name.replace("_", "-"), "a.xlsx", mark)
    known.finish_run({"verb": "sync", "started": "2023-12-20T06:00:00", "outcome": "done"})
    state.save(known, config.store / "state.json")
    return config


def test_who_has_not_handed_in_and_is_overdue(tmp_path: Path) -> None:
    """Nothing changed since the period began is nothing handed in; it is overdue after the organisation's own day."""
    old = datetime(2023, 5, 1, 12, 0)
    more = '[[organisations]]\nid = "early"\ndue = { december = "12-10" }\n'
    config = district(tmp_path, more, fresh=CHANGED, old=old, early=old, empty=None)
    before = run.status(config, now=datetime(2023, 12, 15, 9, 0))
    assert before.not_handed_in == ["early", "empty", "old"]
    assert before.overdue == ["early"]
    assert before.next_due["early"] == date(2024, 6, 20)
    after = run.status(config, now=datetime(2023, 12, 21, 9, 0))
    assert after.overdue == ["early", "empty", "old"]
    assert "old: not handed in, due 2023-12-20" in after.stale
    assert run.status(config, now=datetime(2023, 12, 20, 23, 0)).overdue == ["early"]  # the day itself is theirs


def test_stale_days_leave_out_days_off(tmp_path: Path) -> None:
    """A summer without a change is no neglect where the summer is off."""
    summer = '[schedule]\nstale_days = 30\ndays_off = ["07-01..08-31"]\n'
    changed = datetime(2024, 6, 20, 12, 0)
    rested = district(tmp_path / "a", summer, school=changed)
    assert run.status(rested, now=datetime(2024, 9, 15)).stale == []
    assert run.status(rested, now=datetime(2024, 9, 25)).stale == ["school: no change since 2024-06-20"]
    always = district(tmp_path / "b", "[schedule]\nstale_days = 30\n", school=changed)
    assert run.status(always, now=datetime(2024, 7, 25)).organisations[0].stale
    never = district(tmp_path / "c", "[schedule]\nstale_days = 0\n", school=changed)
    assert not run.status(never, now=datetime(2024, 12, 1)).organisations[0].stale


def test_a_service_that_fell_silent(tmp_path: Path) -> None:
    """Where a service has worked, a sync that was due and did not come is told; where none did, it is not."""
    config = district(tmp_path, fresh=CHANGED)
    late = datetime(2023, 12, 23, 9, 0)
    assert run.status(config, now=late).stale == []
    known = state.load(config.store / "state.json")
    assert known is not None
    known.more["serving_since"] = "2023-12-01T00:00:00+00:00"
    state.save(known, config.store / "state.json")
    assert run.status(config, now=datetime(2023, 12, 20, 9, 0)).stale == []
    [reason] = run.status(config, now=late).stale
    assert reason.startswith("no sync since 2023-12-23 06:00")


def test_what_is_at_work(tmp_path: Path) -> None:
    """A run that holds the lock, and a service that waits; neither when its process is gone."""
    config = district(tmp_path, fresh=CHANGED)
    with one_run(config.store, "report", datetime(2023, 12, 20, 18, 0)):
        told = run.status(config, now=datetime(2023, 12, 20, 18, 1)).in_progress
        assert told is not None
        assert (told["verb"], told["pid"]) == ("report", os.getpid())
    assert run.status(config).in_progress is None
    (config.store / "service").mkdir()
    waits = {"pid": os.getpid(), "daily": "2023-12-21T06:00:00+08:00", "report": "2024-06-20T18:00:00+08:00"}
    (config.store / "service/next.json").write_text(json.dumps(waits))
    assert run.status(config).service == waits
    assert "The service waits: next sync 2023-12-21" in command("status", cwd=tmp_path).stdout
    gone = subprocess.Popen([sys.executable, "-c", "pass"])
    gone.wait()
    (config.store / "service/next.json").write_text(json.dumps({**waits, "pid": gone.pid}))
    assert run.status(config).service is None


def test_for_a_monitor(tmp_path: Path) -> None:
    """JSON with one word for all, exit code 0 or 1, and nothing heavy imported."""
    now = datetime.now(UTC).replace(tzinfo=None)
    config = district(tmp_path, fresh=now)
    program = (
        "import sys\nfrom sheets_sync.cli import main\ntry: main(['status', '--format', 'json'])\n"
        "except SystemExit as end: print(end.code, sorted({'duckdb', 'pandas', 'openpyxl', 'schedule'} & set(sys.modules)))"
    )
    line = [sys.executable, "-c", program]
    answer = subprocess.run(line, capture_output=True, text=True, encoding="utf-8", cwd=tmp_path, env=ENVIRONMENT)
    printed, _, last = answer.stdout.rstrip().rpartition("\n")
    assert last == "0 []", answer.stdout + answer.stderr
    told = json.loads(printed)
    assert (told["version"], told["ok"], told["last_success"]) == (1, True, "2023-12-20T06:00:00")
    assert told["organisations"][0]["handed_in"] is True
    known = state.load(config.store / "state.json")
    assert known is not None
    known.finish_run({"verb": "sync", "started": (now + timedelta(days=1)).isoformat(), "outcome": "failed"})
    state.save(known, config.store / "state.json")
    answer = command("status", "--format", "json", cwd=tmp_path)
    assert answer.returncode == 1
    assert json.loads(answer.stdout)["ok"] is False
