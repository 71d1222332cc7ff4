"""A clock that jumps, and runs that only note that they were made: years of a service within seconds."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

from sheets_sync import run, state
from sheets_sync.config import Config
from sheets_sync.service import Service


class Killed(BaseException):
    """The process is gone, as by kill -9."""


class FakeClock:
    """Time passes when somebody waits. ``until``: when the test's time is over; ``events`` happen on the way."""

    def __init__(self, now: datetime, until: datetime) -> None:
        self.moment, self.until = now, until
        self.events: list[tuple[datetime, Callable[[], object]]] = []

    def now(self) -> datetime:
        return self.moment

    def wait(self, seconds: float, stopped: Callable[[], bool]) -> None:
        target = min(self.moment + timedelta(seconds=seconds), self.until)
        for event in sorted(self.events, key=lambda event: event[0]):
            if event[0] <= target:
                self.events.remove(event)
                self.moment = max(self.moment, event[0])
                event[1]()
                return
        self.moment = max(self.moment, target)

    def is_over(self) -> bool:
        return self.moment >= self.until


class FakeWork:
    """Runs that take no time: they are written into the record as the real ones are."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.syncs: list[datetime] = []
        self.reports: list[tuple[datetime, str, str]] = []
        self.pages: list[datetime] = []
        self.letters: list[tuple[datetime, EmailMessage]] = []
        self.fail: Callable[[str], None] = lambda verb: None

    def _note(self, config: Config, verb: str, now: datetime, **more: Any) -> state.State:
        path = config.store / "state.json"
        known = state.load(path) or state.State()
        known.workbooks.setdefault("school-a", {}).setdefault("a.xlsx", state.Fingerprint(1, 0, "", ""))
        known.finish_run({"verb": verb, "started": now.isoformat(timespec="seconds"), "outcome": "done", **more})
        return known

    def sync(self, config: Config, **options: Any) -> run.SyncOutcome:
        self.fail("sync")
        self.syncs.append(self.clock.now())
        state.save(self._note(config, "sync", options["now"]), config.store / "state.json")
        return run.SyncOutcome()

    def report(self, config: Config, **options: Any) -> run.ReportOutcome:
        self.fail("report")
        now, period, organisation = options["now"], options["period"], options.get("organisation") or ""
        known = self._note(config, "report", now)
        if options.get("district"):
            self.pages.append(self.clock.now())
        else:
            self.reports.append((self.clock.now(), period, organisation))
            known.note_report(period, organisation, now.isoformat(timespec="seconds"))
        state.save(known, config.store / "state.json")
        return run.ReportOutcome()

    @contextlib.contextmanager
    def post(self, settings: Any, environment: Mapping[str, str]) -> Iterator[Any]:
        yield self

    def send(self, message: EmailMessage) -> None:
        self.fail("letter")
        self.letters.append((self.clock.now(), message))


class Simulation:
    """A service that can be killed and started again, in time that is only told."""

    def __init__(self, config: Config, start: datetime, until: datetime) -> None:
        self.config = config
        self.clock = FakeClock(start, until)
        self.work = FakeWork(self.clock)
        self.said: list[str] = []

    def service(self, **more: Any) -> Service:
        told = {"stopped": self.clock.is_over, "load": lambda: self.config, **more}
        return Service(
            self.config, say=self.said.append, complain=self.said.append, clock=self.clock, work=self.work, **told
        )

    def run(self) -> None:
        """The service from now to the end, or until it is killed."""
        self.service().serve()

    def kill_at(self, moment: datetime) -> None:
        def kill() -> None:
            raise Killed

        self.clock.events.append((moment, kill))
