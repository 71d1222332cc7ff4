"""`serve`: what is due is done once, whatever happens to the clock, the machine or the process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sheets_sync import run, state
from sheets_sync.errors import ConfigError, LockHeld
from sheets_sync.lock import one_run
from sheets_sync.timetable import Timetable
from tests.program import ENVIRONMENT, process
from tests.simulated import Killed, Simulation
from tests.small_district import school, set_up, text_of

IRKUTSK = '[schedule]\ntime_zone = "Asia/Irkutsk"\n'
ZONE = ZoneInfo("Asia/Irkutsk")


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine keeps another time than the district, and changes its clocks."""
    if not hasattr(time, "tzset"):
        yield
        return
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def at(*moment: int, zone: ZoneInfo = ZONE) -> datetime:
    return datetime(*moment, tzinfo=zone).astimezone(UTC)  # type: ignore[arg-type, misc]


def simulation(folder: Path, start: datetime, until: datetime, more: str = IRKUTSK) -> Simulation:
    return Simulation(set_up(folder, more=more), start, until)


def test_a_year_with_three_crashes_and_a_missed_due_day(tmp_path: Path) -> None:
    """Every day one sync at six local time, two reports. Killed within a sync, before a due day that passes without
    it, within a report: what was missed is caught up once, what was cut short is done again, nothing is done twice."""
    year = simulation(tmp_path, at(2024, 1, 10, 12, 0), at(2025, 1, 10, 12, 0))
    within = {"sync": at(2024, 2, 3, 6, 0), "report": at(2024, 12, 20, 18, 0)}

    def crash(verb: str) -> None:
        if within.get(verb) == year.clock.now():
            del within[verb]
            raise Killed

    year.work.fail = crash
    year.kill_at(at(2024, 6, 18, 13, 0))
    for moment, away in (
        (at(2024, 2, 3, 6, 0), timedelta(hours=1)),
        (at(2024, 6, 18, 13, 0), timedelta(days=4)),
        (at(2024, 12, 20, 18, 0), timedelta(minutes=5)),
    ):
        with pytest.raises(Killed):
            year.run()
        assert year.clock.now() == moment
        year.clock.moment += away
    year.run()
    days = [moment.astimezone(ZONE).date() for moment in year.work.syncs]
    away_on = {date(2024, 6, day) for day in (19, 20, 21)}
    assert set(days) == {date(2024, 1, 10) + timedelta(days=n) for n in range(367)} - away_on
    assert len(days) == len(set(days)) + 1  # on 20 December once more, for what was handed in that day
    usual = {moment.astimezone(ZONE).strftime("%H:%M") for moment in year.work.syncs}
    assert usual == {"06:00", "12:00", "07:00", "13:00", "18:00"}  # at first, back again twice, before the report
    reports = [(moment.astimezone(ZONE), period, whose) for moment, period, whose in year.work.reports]
    assert reports == [
        (datetime(2024, 6, 22, 13, 0, tzinfo=ZONE), "2024-06", ""),
        (datetime(2024, 12, 20, 18, 5, tzinfo=ZONE), "2024-12", ""),
    ]


@pytest.mark.parametrize(("zone", "daily"), [("Europe/Berlin", "02:30"), ("Asia/Irkutsk", "06:00")])
def test_clocks_that_change_lose_no_run_and_double_none(tmp_path: Path, zone: str, daily: str) -> None:
    """A time that does not exist on the last Sunday of March, and one that comes twice in October."""
    year = simulation(
        tmp_path,
        at(2024, 1, 1, 12, 0),
        at(2024, 12, 31, 12, 0),
        f'[schedule]\ntime_zone = "{zone}"\ndaily = "{daily}"\n',
    )
    year.run()
    local = [moment.astimezone(ZoneInfo(zone)) for moment in year.work.syncs[1:]]
    planned = [moment for moment in local if moment.strftime("%H:%M") != "18:00"]
    assert [moment.date() for moment in planned] == [date(2024, 1, 2) + timedelta(days=n) for n in range(len(planned))]
    assert len(planned) == 365
    odd = {moment.date(): moment.strftime("%H:%M %z") for moment in planned if moment.strftime("%H:%M") != daily}
    assert odd == ({date(2024, 3, 31): "03:30 +0200"} if zone == "Europe/Berlin" else {})
    if zone == "Europe/Berlin":
        assert next(one for one in planned if one.date() == date(2024, 10, 27)).utcoffset() == timedelta(hours=2)


def test_a_restart_in_the_hour_that_comes_twice_syncs_at_most_once_more(tmp_path: Path) -> None:
    """The record keeps the machine's local time, which is ambiguous there; a doubt costs a sync, never loses one."""
    berlin = '[schedule]\ntime_zone = "Europe/Berlin"\ndaily = "02:30"\n'
    end = at(2024, 10, 28, 12, 0)
    night = simulation(tmp_path, at(2024, 10, 26, 12, 0), end, berlin)
    night.kill_at(datetime(2024, 10, 27, 1, 15, tzinfo=UTC))  # 02:15 for the second time
    with pytest.raises(Killed):
        night.run()
    night.run()
    assert [moment.hour for moment in night.work.syncs if moment.day == 27] == [0]


def test_days_off(tmp_path: Path) -> None:
    """No sync and no letters on Sundays, in the holidays of winter and summer; a report on its due day all the same."""
    more = IRKUTSK + 'days_off = ["sunday", "12-30..01-08", "06-15..08-31", "2024-05-10"]\n'
    year = simulation(tmp_path, at(2024, 1, 2, 12, 0), at(2025, 1, 9, 12, 0), more)
    year.work.sync(year.config, now=datetime(2024, 1, 1))
    year.work.syncs.clear()
    year.run()
    days = {moment.astimezone(ZONE).date() for moment in year.work.syncs}
    assert date(2024, 1, 9) in days
    assert not days & {date(2024, 1, day) for day in range(3, 9)}
    assert not {day for day in days if day.weekday() == 6}
    assert date(2024, 5, 10) not in days
    assert {day for day in days if date(2024, 6, 15) <= day <= date(2024, 8, 31)} == {date(2024, 6, 20)}
    assert [period for _, period, _ in year.work.reports] == ["2024-06", "2024-12"]


def test_an_organisation_with_a_due_day_of_its_own(tmp_path: Path) -> None:
    """It gets its report on its day, the district with everybody on the district's."""
    more = IRKUTSK + '[[organisations]]\nid = "school-a"\ndue = { june = "05-31" }\n'
    spring = simulation(tmp_path, at(2024, 5, 1, 12, 0), at(2024, 7, 1, 12, 0), more)
    spring.run()
    assert [(moment.astimezone(ZONE).date(), whose) for moment, _, whose in spring.work.reports] == [
        (date(2024, 5, 31), "school-a"),
        (date(2024, 6, 20), ""),
    ]


def test_reports_due_before_the_service_was_installed_are_not_made(tmp_path: Path) -> None:
    """Somebody who begins in January wants no report of December; one who was away on the day does."""
    winter = simulation(tmp_path, at(2024, 1, 10, 12, 0), at(2024, 1, 20, 12, 0))
    winter.run()
    assert winter.work.reports == []


def test_what_failed_is_tried_again_within_the_hour(tmp_path: Path) -> None:
    """An error of a run does not end the service."""
    day = simulation(tmp_path, at(2024, 3, 1, 5, 0), at(2024, 3, 1, 12, 0))
    day.work.sync(day.config, now=datetime(2024, 2, 28, 12, 0))
    day.work.syncs.clear()
    failures = iter([ConfigError("bad"), OSError("away"), ValueError("Иванов Пётр")])

    def fail(verb: str) -> None:
        if error := next(failures, None):
            raise error

    day.work.fail = fail
    day.run()
    assert [moment.astimezone(ZONE).hour for moment in day.work.syncs] == [8]
    assert sum(line.startswith("sync: ") for line in day.said) == 4
    log = (day.config.store / "logs/sheets-sync.jsonl").read_text(encoding="utf-8")
    assert "ValueError" in log
    assert "Иванов" not in log + "".join(day.said)


@pytest.mark.system
def test_a_share_that_is_away_is_tried_again(tmp_path: Path) -> None:
    """Real syncs: nothing is read while the folder is away; back again, its workbooks are, within the hour."""
    from sheets_sync.service import RealWork

    day = simulation(tmp_path, at(2024, 3, 1, 5, 0), at(2024, 3, 1, 9, 30))
    day.work = RealWork()  # type: ignore[assignment]
    school(tmp_path / "inbox/school-a")
    (tmp_path / "inbox").rename(tmp_path / "away")
    day.clock.events.append((at(2024, 3, 1, 6, 30), lambda: (tmp_path / "away").rename(tmp_path / "inbox")))
    day.run()
    known = state.load(day.config.store / "state.json")
    assert known is not None
    assert [(one["outcome"], one["reached"]) for one in reversed(known.runs)] == [
        ("partly", False),
        ("partly", False),
        ("done", True),
    ], day.said
    assert (tmp_path / "outbox/school-a/Проверка.xlsx").exists()


def test_a_run_of_somebody_else_is_waited_for(tmp_path: Path) -> None:
    """Who holds the lock is told once, and the sync follows when it is free."""
    day = simulation(tmp_path, at(2024, 3, 1, 12, 0), at(2024, 3, 1, 13, 0))
    held = 3

    def fail(verb: str) -> None:
        nonlocal held
        held -= 1
        if held >= 0:
            raise LockHeld("another run is at work: `sync`, process 77, begun 2024-03-01T05:59:00")

    day.work.fail = fail
    day.run()
    assert [moment - at(2024, 3, 1, 12, 0) for moment in day.work.syncs] == [timedelta(minutes=3)]
    assert [line for line in day.said if "process 77" in line] == [
        "another run is at work: `sync`, process 77, begun 2024-03-01T05:59:00; sync waits for it"
    ]


def test_a_clock_set_back_does_not_silence_the_service(tmp_path: Path) -> None:
    """A clock a year ahead that is put right: the next day has its sync."""
    week = simulation(tmp_path, at(2025, 3, 1, 12, 0), at(2026, 1, 1, 12, 0))

    def put_right() -> None:
        week.clock.moment = at(2024, 3, 3, 12, 0)
        week.clock.until = at(2024, 3, 6, 12, 0)

    week.clock.events.append((at(2025, 3, 3, 12, 0), put_right))
    week.run()
    days = [moment.astimezone(ZONE).date() for moment in week.work.syncs]
    assert days[-3:] == [date(2024, 3, 4), date(2024, 3, 5), date(2024, 3, 6)]
    assert any("set back" in line for line in week.said)


def test_settings_are_taken_up_while_it_runs(tmp_path: Path) -> None:
    """A changed time holds from then on; a config with a mistake is told and leaves the last good one in use."""
    from sheets_sync.config import load_config

    week = simulation(tmp_path, at(2024, 3, 1, 12, 0), at(2024, 3, 4, 12, 0))
    path = tmp_path / "config.toml"
    good = path.read_text(encoding="utf-8")

    def write(text: str) -> None:
        path.write_text(text, encoding="utf-8")

    week.clock.events.append((at(2024, 3, 1, 13, 0), lambda: write(good + 'daily = "04:00"\n')))
    week.clock.events.append((at(2024, 3, 2, 13, 0), lambda: write(good + 'daily = "44:00"\n')))
    week.service(load=lambda: load_config(path)).serve()
    assert [moment.astimezone(ZONE).hour for moment in week.work.syncs] == [12, 4, 4, 4]
    assert sum("schedule.daily" in line for line in week.said) == 1


def test_once_for_the_system_s_scheduler(tmp_path: Path) -> None:
    """Called too often it does nothing more; called late it catches up."""
    cron = simulation(tmp_path, at(2024, 6, 19, 12, 0), at(2024, 7, 1, 12, 0))
    for _ in range(3):
        assert cron.service().once()
    assert len(cron.work.syncs) == 1
    cron.clock.moment = at(2024, 6, 21, 9, 0)
    for _ in range(3):
        assert cron.service().once()
    assert len(cron.work.syncs) == 2
    assert [period for _, period, _ in cron.work.reports] == ["2024-06"]


def test_one_service_at_a_time(tmp_path: Path) -> None:
    """A second one is told of the first."""
    one = simulation(tmp_path, at(2024, 6, 19, 12, 0), at(2024, 7, 1, 12, 0))
    with one_run(one.config.store / "service", "serve", datetime(2024, 1, 1)), pytest.raises(LockHeld, match="serve"):
        one.run()


MAIL = (
    '[mail]\nhost = "localhost"\nsecurity = "none"\nsender = "a@example.org"\nto = ["k@example.org"]\n'
    '[[organisations]]\nid = "school-b"\nname = "СОШ № 2"\nmail = ["b@example.org"]\n'
)


def test_reminders_before_and_after(tmp_path: Path) -> None:
    """Once each, at their days, to those who have not handed in and to the district; a day off moves one, a restart
    doubles none, a letter refused is sent later."""
    more = IRKUTSK + 'remind_days = [7, 1]\ndays_off = ["2024-06-13", "2024-06-14"]\n' + MAIL
    spring = simulation(tmp_path, at(2024, 6, 1, 12, 0), at(2024, 7, 20, 12, 0), more)
    (tmp_path / "inbox/school-b").mkdir()
    refused = iter([True])

    def fail(verb: str) -> None:
        if verb == "letter" and next(refused, False):
            from sheets_sync.errors import SourceError

            raise SourceError("451 later")

    spring.work.fail = fail
    spring.kill_at(at(2024, 6, 19, 12, 0))
    with pytest.raises(Killed):
        spring.run()
    spring.run()
    sent = [
        (moment.astimezone(ZONE).strftime("%d %H:%M"), message["To"], message.get_content().splitlines()[2])
        for moment, message in spring.work.letters
    ]
    assert [one[:2] for one in sent] == [
        ("15 06:00", "k@example.org"),
        ("15 07:00", "b@example.org"),  # the first one refused
        *(
            (when, to)
            for when in ("19 06:00", "20 06:00", "21 06:00", "27 06:00")
            for to in ("b@example.org", "k@example.org")
        ),
    ]
    assert "осталось 5\u00a0дней: 20.06.2024" in sent[0][2]
    assert "завтра" in sent[2][2]
    assert "сегодня" in sent[4][2]
    assert "1\u00a0день назад" in sent[6][2]
    told = spring.work.letters[0][1].get_content()
    assert "– СОШ № 2" in told
    assert "school-a" in told
    pages = [moment.astimezone(ZONE).day for moment in spring.work.pages]
    assert pages == [15, 19]


def test_nobody_is_reminded_who_has_handed_in(tmp_path: Path) -> None:
    """Workbooks changed within the period end the letters; everybody's «Проверка» still tells the day."""
    spring = simulation(tmp_path, at(2024, 6, 12, 12, 0), at(2024, 7, 20, 12, 0), IRKUTSK + MAIL)
    spring.work.sync(spring.config, now=datetime(2024, 6, 12))
    known = state.load(spring.config.store / "state.json")
    assert known is not None
    changed = int(at(2024, 3, 1, 12, 0).timestamp() * 1e9)
    for name in ("school-a", "school-b"):
        known.workbooks[name] = {"a.xlsx": state.Fingerprint(1, changed, "", "")}
    state.save(known, spring.config.store / "state.json")
    spring.run()
    assert spring.work.letters == []


@pytest.mark.system
def test_findings_tell_the_due_day(tmp_path: Path) -> None:
    """«До сдачи отчёта осталось 7 дней: 20.12.2023», by the organisation's own day; nothing far from it."""
    config = set_up(
        tmp_path, "school-a", "school-b", more='[[organisations]]\nid = "school-b"\ndue = { december = "12-14" }\n'
    )
    changed = datetime(2023, 10, 1).timestamp()
    for path in (tmp_path / "inbox").rglob("*.xlsx"):
        os.utime(path, (changed, changed))
    run.sync(config, as_of=date(2023, 12, 13), now=datetime(2023, 12, 13))
    assert "До сдачи отчёта осталось 7\u00a0дней: 20.12.2023." in text_of(tmp_path / "outbox/school-a/Проверка.xlsx")
    assert "завтра: 14.12.2023." in text_of(tmp_path / "outbox/school-b/Проверка.xlsx")
    run.sync(config, as_of=date(2023, 12, 23), now=datetime(2023, 12, 23))
    assert "сдать" not in text_of(tmp_path / "outbox/school-a/Проверка.xlsx")
    for path in (tmp_path / "inbox").rglob("*.xlsx"):
        os.utime(path, (changed - 86400 * 60, changed - 86400 * 60))
    run.sync(config, as_of=date(2023, 12, 23), now=datetime(2023, 12, 23))
    assert "Отчёт нужно было сдать 20.12.2023, 3\u00a0дня назад." in text_of(tmp_path / "outbox/school-a/Проверка.xlsx")


@pytest.mark.system
@pytest.mark.long
def test_a_real_report_day(tmp_path: Path) -> None:
    """The real runs, on the last days before a report: findings, the district's page, the set of reports."""
    from sheets_sync.service import RealWork

    days = simulation(tmp_path, at(2023, 12, 19, 5, 0), at(2023, 12, 20, 19, 0))
    days.work = RealWork()  # type: ignore[assignment]
    school(tmp_path / "inbox/school-a")
    (tmp_path / "inbox/school-b").mkdir()
    days.run()
    made = {path.relative_to(tmp_path / "outbox").as_posix() for path in (tmp_path / "outbox").rglob("*.*")}
    assert {"district/2023-12/report.json", "school-a/2023-12/Справка.docx", "school-a/Проверка.xlsx"} <= made
    known = state.load(days.config.store / "state.json")
    assert known is not None
    assert [(one["verb"], one["outcome"]) for one in reversed(known.runs)][:4] == [
        ("sync", "done"),
        ("report", "done"),
        ("sync", "done"),
        ("sync", "done"),
    ], days.said


def test_every_moment_has_one_before_and_one_after(tmp_path: Path) -> None:
    """Last and next agree: the next daily after any moment is the last one of a moment just after it."""
    times = Timetable(set_up(tmp_path, more='[schedule]\ntime_zone = "Europe/Berlin"\ndaily = "02:30"\n'))
    moment = at(2024, 3, 29, 0, 0)
    for _ in range(100):
        following = times.next_daily(moment)
        assert following is not None
        assert times.last_daily(following) == following
        assert times.last_daily(following - timedelta(seconds=1)) == times.last_daily(moment)
        moment += timedelta(hours=1)


# --- real processes ---


def started(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    line = [sys.executable, "-m", "sheets_sync", "serve", *arguments]
    return subprocess.Popen(line, stderr=subprocess.PIPE, text=True, encoding="utf-8", cwd=folder, env=ENVIRONMENT)


def wait_for(happened: object, process: subprocess.Popen[str]) -> None:
    assert callable(happened)
    while not happened():
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)


@pytest.mark.skipif(os.name == "nt", reason="no SIGTERM to a process there")
@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_waiting_service(tmp_path: Path, sent: signal.Signals) -> None:
    """Exit code 0, the lock given back, nothing left that says it still waits."""
    set_up(tmp_path, "school-a")
    service = started(tmp_path)
    wait_for((tmp_path / ".sheets-sync/service/next.json").exists, service)
    told = json.loads((tmp_path / ".sheets-sync/service/next.json").read_text())
    assert told["pid"] == service.pid
    service.send_signal(sent)
    _, said = service.communicate()
    assert service.returncode == 0, said
    assert "the service has ended" in said
    assert "Traceback" not in said
    assert sorted(path.name for path in (tmp_path / ".sheets-sync/service").iterdir()) == ["lock", "once"]


@pytest.mark.system
@pytest.mark.skipif(os.name == "nt", reason="no SIGTERM to a process there")
@pytest.mark.long
def test_a_signal_while_reading_ends_at_the_next_workbook(tmp_path: Path) -> None:
    """The run is recorded as stopped, nothing of it is kept, and the next service does it all."""
    schools = [f"school-{number:03d}" for number in range(150)]
    config = set_up(tmp_path, *schools)  # so many that the signal comes in between
    service = started(tmp_path)
    log = config.store / "logs/sheets-sync.jsonl"
    wait_for(lambda: any(config.store.glob("reading-*/*")), service)
    service.send_signal(signal.SIGTERM)
    _, said = service.communicate()
    assert service.returncode == 0, said
    known = state.load(config.store / "state.json")
    assert known is not None
    assert [one["outcome"] for one in known.runs] == ["stopped"], said
    assert not (tmp_path / "outbox").exists()
    assert list(config.store.glob("reading-*")) == []
    assert '"outcome": "stopped"' in log.read_text(encoding="utf-8")
    answer = process("serve", "--once", cwd=tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert len(list((tmp_path / "outbox").glob("*/Проверка.xlsx"))) == len(schools)


@pytest.mark.system
@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL there")
@pytest.mark.long
def test_a_run_that_crashes_does_not_take_the_service_along(tmp_path: Path) -> None:
    """Its process killed while it reads: the service tells it and waits on."""
    config = set_up(tmp_path, *(f"school-{number:03d}" for number in range(60)))
    service = started(tmp_path)
    wait_for(lambda: any(config.store.glob("reading-*/*")), service)
    os.kill(json.loads((config.store / "lock.json").read_text())["pid"], signal.SIGKILL)
    wait_for((config.store / "service/next.json").exists, service)
    service.send_signal(signal.SIGTERM)
    _, said = service.communicate()
    assert service.returncode == 0, said
    assert "ended by signal 9" in said
    assert process("serve", "--once", cwd=tmp_path).returncode == 0
    assert len(list((tmp_path / "outbox").glob("*/Проверка.xlsx"))) == 60


@pytest.mark.system
@pytest.mark.skipif(os.name == "nt", reason="flock")
def test_once_waits_for_a_run_at_work(tmp_path: Path) -> None:
    """A real lock held by another process is waited for, and SIGTERM ends the waiting."""
    config = set_up(tmp_path, "school-a")
    with one_run(config.store, "report", datetime(2024, 1, 1)):
        service = started(tmp_path, "--once")
        assert service.stderr is not None
        assert f"process {os.getpid()}" in service.stderr.readline()
        service.send_signal(signal.SIGTERM)
        assert service.wait() == 0
    assert not (config.store / "store.duckdb").exists()
