"""`serve`: what is due by the timetable is done, once, and what was missed is caught up.

What has been done stands in the record of runs (``state.json``), so a service that was killed, or the system's own
scheduler calling ``serve --once``, knows as much as one that has run for years. The clock is injected.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import schedule

from sheets_sync import mail, run, state
from sheets_sync.errors import ConfigError, LockHeld, SourceError, Stopped, stopped_by_user
from sheets_sync.lock import one_run
from sheets_sync.logs import Log
from sheets_sync.reporting import reminding
from sheets_sync.run.handing_in import (
    ToRemind,
    has_handed_in,
    newest_change,
    organisations_there,
    to_remind,
)
from sheets_sync.run.progress import Progress
from sheets_sync.run.standing import went_through
from sheets_sync.timetable import ReportDue, Timetable, began

if TYPE_CHECKING:
    from sheets_sync.config import Config

FOLDER = "service"  # in the store's folder: the lock of the service, and what it waits for
RETRY = timedelta(hours=1)  # what failed is tried again, should the cause have passed
LOCK_RETRY = 60.0  # seconds until another run's lock is tried again
SET_BACK = timedelta(minutes=10)  # a clock that goes back by more was set
FAR = datetime.max.replace(tzinfo=UTC) - timedelta(days=2)  # when every day is a day off

Say = Callable[[str], None]


class Clock(Protocol):
    """Where the service has the time from."""

    def now(self) -> datetime:
        """The moment, in UTC."""
        ...

    def wait(self, seconds: float, stopped: Callable[[], bool]) -> None:
        """Let time pass, at most so much; less when asked to stop."""
        ...


class SystemClock:
    """The machine's."""

    LONGEST = 30.0  # a clock that is set, or a machine that slept, is noticed by then
    SLICE = 0.5  # a signal is heeded by then

    def now(self) -> datetime:
        return datetime.now(UTC)

    def wait(self, seconds: float, stopped: Callable[[], bool]) -> None:
        until = time.monotonic() + min(seconds, self.LONGEST)
        while not stopped() and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, self.SLICE))


class Work(Protocol):
    """What the service has done: the runs."""

    def sync(self, config: Config, **options: Any) -> run.SyncOutcome: ...
    def report(self, config: Config, **options: Any) -> run.ReportOutcome: ...
    def post(self, settings: Any, environment: Mapping[str, str]) -> AbstractContextManager[mail.Post]: ...


class RealWork:
    """The program's own runs."""

    def sync(self, config: Config, **options: Any) -> run.SyncOutcome:
        return run.sync(config, **options)

    def report(self, config: Config, **options: Any) -> run.ReportOutcome:
        return run.report(config, **options)

    def post(self, settings: Any, environment: Mapping[str, str]) -> AbstractContextManager[mail.Post]:
        return mail.post(settings, environment)


def never() -> bool:
    """Nobody asks to stop."""
    return False


@dataclass
class Service:
    """The service of one district. ``load`` reads the configuration anew when its file has changed; ``say`` takes what
    is done, ``complain`` what could not be. ``apart`` does what is due in a process of its own, so that a service that
    works for years holds no memory of its runs and outlives one that crashes; without it this process does it."""

    config: Config
    load: Callable[[], Config]
    say: Say = lambda line: None
    complain: Say = lambda line: None
    clock: Clock = field(default_factory=SystemClock)
    work: Work = field(default_factory=RealWork)
    stopped: Callable[[], bool] = never
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    progress: Progress = run.silent
    apart: Callable[[], bool] | None = None

    def __post_init__(self) -> None:
        self._use(self.config)
        self._config_print = self._print_of_config()
        self._failed = False
        self._mistaken = False  # the config has a mistake: only this process knows the last good one
        self._again_at: datetime | None = None

    def _use(self, config: Config) -> None:
        self.config, self.times, self.log = config, Timetable(config), Log.of(config)

    # --- the loop ---

    def serve(self) -> None:
        """Work until asked to stop. Raises LockHeld when the district has a service already."""
        with one_run(self.config.store / FOLDER, "serve", _local(self.clock.now())):
            self.log.write("service-began")
            self.say(f"serving {self.config.path or self.config.folder}")
            scheduler = schedule.Scheduler()
            try:
                self._appoint(scheduler)
                self.do_due()
                self._loop(scheduler)
            finally:
                (self.config.store / FOLDER / "next.json").unlink(missing_ok=True)
                self.log.write("service-ended")
        self.say("the service has ended")

    def once(self) -> bool:
        """Do what is due and end, for the system's own scheduler. False when something could not be done; raises
        LockHeld when another call is at work."""
        with one_run(self.config.store / FOLDER / "once", "serve --once", _local(self.clock.now())):
            return self.do_due()

    def _loop(self, scheduler: schedule.Scheduler) -> None:
        told: datetime | None = None
        before = self.clock.now()
        while not self.stopped():
            if self._config_changed():
                self._appoint(scheduler)
            now = self.clock.now()
            if before - now > SET_BACK:
                self.log.write("clock-set-back", "warning", by=str(before - now))
                self.say("the clock was set back: what is due is worked out anew")
                self._appoint(scheduler)
            before = now
            scheduler.run_pending()
            if self._again_at is not None and now >= self._again_at:
                self.do_due()
            upcoming = scheduler.get_next_run() or FAR
            if upcoming != told:
                told = upcoming
                self._tell_next()
            wake = min(upcoming, self._again_at or FAR)
            if not self.stopped():
                self.clock.wait(max(0.0, (wake - self.clock.now()).total_seconds()), self.stopped)

    def _appoint(self, scheduler: schedule.Scheduler) -> None:
        """Wake up at each daily sync and at each report."""
        scheduler.clear()
        for following in (
            lambda after: self.times.next_daily(after) or FAR,
            lambda after: self.times.next_report(after).at,
        ):
            _Appointment(scheduler, self.clock, following).do(self.do_due)

    def _tell_next(self) -> None:
        now = self.clock.now()
        daily, report = self.times.next_daily(now), self.times.next_report(now)
        zone = self.times.zone
        told = {
            "pid": os.getpid(),
            "daily": daily and daily.astimezone(zone).isoformat(),
            "report": report.at.astimezone(zone).isoformat(),
            "period": report.period,
        }
        if daily is not None:
            self.say(f"next sync: {daily.astimezone(zone):%Y-%m-%d %H:%M %Z}")
        try:
            (self.config.store / FOLDER / "next.json").write_text(json.dumps(told), encoding="utf-8")
        except OSError:
            pass  # it only tells `status`

    def _config_changed(self) -> bool:
        """Use the configuration as it is now; one with a mistake is told, and the last good one stays."""
        print_ = self._print_of_config()
        if print_ == self._config_print:
            return False
        self._config_print = print_
        try:
            self._use(self.load())
            self._mistaken = False
        except ConfigError as error:
            self._mistaken = True
            self.log.failed("config-not-used", error)
            self.complain(f"{error.one_line()}; the settings stay as they were")
            return False
        self.log.write("config-read")
        self.say("the settings have changed")
        return True

    def _print_of_config(self) -> tuple[int, int] | None:
        try:
            stat = self.config.path.stat() if self.config.path else None
        except OSError:
            return None
        return (stat.st_size, stat.st_mtime_ns) if stat else None

    # --- what is due ---

    def do_due(self) -> bool:
        """Do what should have been done by now and has not been: one sync however many were missed, the last reports,
        reminders. False when something could not be done; it is tried again next time."""
        self._failed = False
        try:
            if self.apart is not None and not self._mistaken:
                self._failed = not self.apart()
            else:
                self._do_due()
        except Stopped:
            self.say("stopped; what was written before stays as it was")
        self._again_at = self.clock.now() + RETRY if self._failed else None
        return not self._failed

    def _do_due(self) -> None:
        now = self.clock.now()
        reports = self._reports_due(now)
        if self._sync_is_due(now, reports):
            self._try("sync", self._sync)
        since = self._serving_since(now)
        if since is None:
            return  # nothing has ever been read
        for one in reports:
            if one.at > since:
                self._try(f"report {one.period} {one.organisation}".strip(), partial(self._report, one))
        if self.times.day_of(now) not in self.config.schedule.days_off:
            self._try("reminders", self._remind)

    def _try(self, what: str, do: Callable[[], object]) -> None:
        """Do one thing; whatever goes wrong with it is told, and the service goes on."""
        told = ""
        while True:
            if self.stopped():
                raise Stopped
            try:
                do()
                return
            except LockHeld as error:
                if error.message != told:
                    told = error.message
                    self.log.write("waiting", what=what, message=told)
                    self.say(f"{told}; {what} waits for it")
                self.clock.wait(LOCK_RETRY, self.stopped)
            except (ConfigError, SourceError) as error:
                self._tell_failure(what, error, str(error))
                return
            except Exception as error:
                if stopped_by_user(error):
                    raise
                self._tell_failure(what, error, f"unexpected {type(error).__name__}")
                return

    def _tell_failure(self, what: str, error: Exception, words: str) -> None:
        self._failed = True
        self.log.failed("not-done", error, what=what)
        self.complain(f"{what}: {words}")

    def _heeding(self, stage: str, done: int, total: int) -> None:
        """Progress of a run; between two workbooks read, or two organisations' reports written, the run can stop: so
        far nothing of it is in the store."""
        self.progress(stage, done, total)
        if self.stopped():
            raise Stopped

    def _heeding_while_reading(self, stage: str, done: int, total: int) -> None:
        if stage == "reading":
            self._heeding(stage, done, total)
        else:
            self.progress(stage, done, total)  # what was read is being kept: that is brought to its end

    # sync

    def _sync_is_due(self, now: datetime, reports: Sequence[ReportDue]) -> bool:
        """Has none gone through since the last moment it should have? Runs of a clock that was ahead do not count."""
        known = state.load(self.config.store / "state.json") or state.State()
        done = [
            moment for one in known.runs if went_through(one) if (moment := began(one)) is not None and moment <= now
        ]
        if not done:
            return True
        last = max(done)
        moments = [self.times.last_daily(now), *(one.at for one in reports)]
        return any(moment is not None and moment > last for moment in moments)

    def _sync(self) -> None:
        now = self.clock.now()
        outcome = self.work.sync(
            self.config,
            as_of=self.times.day_of(now),
            now=_local(now),
            progress=self._heeding_while_reading,
        )
        for line in outcome.messages:
            self.say(line)
        if self._sync_is_due(now, []):
            self._failed = True  # a share that is away, an output open in Excel: within the hour it may be otherwise
        self.say(
            f"sync: {len(outcome.changed)} read, {len(outcome.unreadable)} not read, {len(outcome.written)} written"
        )

    # reports

    def _reports_due(self, now: datetime) -> list[ReportDue]:
        """The last reports that were due and have not been made since."""
        known = state.load(self.config.store / "state.json") or state.State()
        made = known.more.get("reports", {})
        due = []
        for one in self.times.last_reports(now):
            there = one.organisation in known.workbooks if one.organisation else bool(known.workbooks)
            last = began({"started": made.get(one.period, {}).get(one.organisation)})
            if there and (last is None or last < one.at):
                due.append(one)
        return due

    def _report(self, one: ReportDue) -> None:
        outcome = self.work.report(
            self.config,
            period=one.period,
            as_of=one.due if one.organisation else None,
            organisation=one.organisation or None,
            now=_local(self.clock.now()),
            progress=self._heeding,
        )
        for line in outcome.messages:
            self.say(line)
        self.say(f"report {one.period}{f' of {one.organisation}' if one.organisation else ''}: written")

    def _serving_since(self, now: datetime) -> datetime | None:
        """When this district's service first worked: reports due before are not caught up. None before any sync."""
        known = state.load(self.config.store / "state.json")
        if known is None:
            return None
        if since := began({"started": known.more.get("serving_since")}):
            return since
        self._try("service", lambda: self._note("serving_since", lambda held: now.isoformat(timespec="seconds")))
        return now

    def _note(self, key: str, change: Callable[[Any], object]) -> None:
        """Change one entry of the record, which a run may be writing meanwhile: hence the lock."""
        with one_run(self.config.store, "serve", _local(self.clock.now())):
            self._change(key, change)

    def _change(self, key: str, change: Callable[[Any], object]) -> None:
        path = self.config.store / "state.json"
        known = state.load(path)
        if known is not None:  # a lost record is made again by the next sync
            known.more[key] = change(known.more.get(key))
            state.save(known, path)

    # reminders

    def _remind(self) -> None:
        """Letters to those who have not handed in and to the district, and the district's page, once per reminder."""
        now = self.clock.now()
        today, days = self.times.day_of(now), self.config.schedule.remind_days
        known = state.load(self.config.store / "state.json")
        if known is None:
            return
        absent: dict[str, ToRemind] = {}
        everybody = organisations_there(self.config, known)
        for name in everybody:
            near = to_remind(self.config.due_of(name).on, today, days)
            times = (mark.mtime_ns for mark in known.workbooks.get(name, {}).values())
            if near and not has_handed_in(newest_change(times, self.times.zone), near.period):
                absent[name] = near
        district = to_remind(self.config.due.on, today, days)
        if district is not None:
            self._renew_page(district, known)
        if self.config.mail.host and absent:
            self._write_letters(absent, len(everybody), known)

    def _renew_page(self, near: ToRemind, known: state.State) -> None:
        """The district's page as of today, while the day is ahead: later it is that of the reports."""
        today = self.times.day_of(self.clock.now())
        stage = reminding.stage(near.due, today, self.config.schedule.remind_days)
        if today >= near.due or self.config.outputs.folder is None or not known.workbooks:
            return
        if self._reminded(known, near.period.id).get("page") == stage:
            return
        self.work.report(
            self.config,
            period=near.period.id,
            as_of=today,
            district=True,
            formats=("html",),
            now=_local(self.clock.now()),
            progress=self._heeding,
        )
        self._remember_reminder(near.period.id, "page", stage)

    def _write_letters(self, absent: Mapping[str, ToRemind], of: int, known: state.State) -> None:
        settings, days, now = self.config.mail, self.config.schedule.remind_days, self.clock.now()
        today = self.times.day_of(now)
        letters = []
        for name, near in absent.items():
            own = self.config.organisation(name)
            stage = reminding.stage(near.due, today, days)
            if own.mail and self._reminded(known, near.period.id).get(f"to {name}") != stage:
                text = reminding.letter_to_organisation(own.name or name, near.due, today)
                letters.append((near, f"to {name}", stage, own.mail, text))
        for due in sorted({near.due for near in absent.values()}) if settings.to else ():
            names = [name for name, near in absent.items() if near.due == due]
            near = absent[names[0]]
            stage = reminding.stage(due, today, days)
            mark = f"due {due.isoformat()}"
            if self._reminded(known, near.period.id).get(mark) != stage:
                titles = [self.config.organisation(name).name or name for name in names]
                letters.append((near, mark, stage, settings.to, reminding.letter_to_district(titles, of, due, today)))
        if not letters:
            return
        sent = 0
        with self.work.post(settings, self.environment) as post:
            for near, mark, stage, to, text in letters:
                subject = reminding.subject(near.due, today)
                try:
                    post.send(mail.letter(settings, to, subject, text, now.astimezone(self.times.zone)))
                except SourceError as error:
                    self._tell_failure("reminders", error, str(error))
                    continue
                sent += 1
                self._remember_reminder(near.period.id, mark, stage)
        self.log.write("letters-sent", sent=sent, of=len(letters))
        self.say(f"reminders: {sent} of {len(letters)} letters sent")

    def _reminded(self, known: state.State, period: str) -> Mapping[str, int]:
        told: Mapping[str, int] = known.more.get("reminded", {}).get(period, {})
        return told

    def _remember_reminder(self, period: str, whom: str, stage: int | None) -> None:
        def marked(held: Mapping[str, Mapping[str, int]] | None) -> dict[str, Any]:
            told = {**(held or {}), period: {**(held or {}).get(period, {}), whom: stage}}
            return dict(sorted(told.items())[-2:])  # the period before is all that can still be spoken of

        self._note("reminded", marked)


class _Appointment(schedule.Job):
    """A job whose moments come from our timetable and our clock: the library's own read the machine's clock, and know
    time zones only by pytz."""

    def __init__(self, scheduler: schedule.Scheduler, clock: Clock, following: Callable[[datetime], datetime]) -> None:
        super().__init__(1, scheduler)
        self._clock, self._following = clock, following

    @property
    def should_run(self) -> bool:
        return self.next_run is not None and self._clock.now() >= self.next_run

    def run(self) -> Any:
        assert self.job_func is not None
        told = self.job_func()
        self.last_run = self._clock.now()
        self._schedule_next_run()
        return told

    def _schedule_next_run(self) -> None:
        self.next_run = self._following(self._clock.now())


def _local(moment: datetime) -> datetime:
    """As runs are recorded: the machine's local time, without a zone."""
    return moment.astimezone().replace(tzinfo=None)
