"""The timetable in the words of the system's own schedulers.

All of them call ``serve --once``, which does what is due and has not been done, and nothing else. So it does no harm
when it is called too often: where the clocks change, it is called at every local time the moment can have.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from sheets_sync.timetable import Timetable

if TYPE_CHECKING:
    from sheets_sync.config import Config

MONTHS = "January February March April May June July August September October November December".split()


@dataclass(frozen=True)
class Program:
    """How this program is called: the interpreter it runs in now, and the config, both absolute."""

    python: Path
    config: Path

    @property
    def folder(self) -> Path:
        return self.config.parent

    @property
    def arguments(self) -> list[str]:
        return ["-m", "sheets_sync", "--config", str(self.config), "-q", "serve", "--once"]


@dataclass(frozen=True)
class _Times:
    """When to call, by the machine's clock: daily hours and minutes, and (month, day, hour, minute) of the reports."""

    daily: list[tuple[int, int]]
    reports: list[tuple[int, int, int, int]]


def _machine_times(config: Config, now: datetime) -> _Times:
    """Every time by the machine's clock at which a moment of the coming year can fall."""
    times = Timetable(config)
    first = times.day_of(now)
    daily = set()
    for ahead in range(366):
        local = times.moment(first + timedelta(days=ahead), config.schedule.daily).astimezone()
        daily.add((local.hour, local.minute))
    reports = {
        (local.month, local.day, local.hour, local.minute)
        for year in (first.year, first.year + 1)
        for one in times.reports(year)
        for local in [one.at.astimezone()]
    }
    return _Times(sorted(daily), sorted(reports))


def _zone_words(config: Config) -> str:
    zone = config.schedule.time_zone
    return f"time zone {zone}" if zone else "this machine's time zone"


def _said(config: Config) -> list[str]:
    """What it does, for the comments."""
    daily, report = config.schedule.daily, config.schedule.report_at
    lines = [f"daily sync and reminders at {daily:%H:%M}, reports on the due days at {report:%H:%M}"]
    lines.append(f"({_zone_words(config)}). A call finds out itself what is due, and catches up what was missed.")
    return lines


# --- cron ---


def crontab(config: Config, program: Program, now: datetime) -> Mapping[str, str]:
    """Lines for ``crontab -e``."""
    times = _machine_times(config, now)
    line = shlex.join([str(program.python), *program.arguments])
    # In a crontab % ends the command: even within quotes it needs a backslash.
    called = f"cd {shlex.quote(str(program.folder))} && {line}".replace("%", "\\%")
    said = [f"# sheets-sync: {words}" if not index else f"# {words}" for index, words in enumerate(_said(config))]
    said.append("# Put these lines into `crontab -e`. Times are those of this machine's clock, which cron goes by;")
    said.append("# print them anew after a change of [schedule], [due] or the machine's time zone.")
    lines = [*said, "# the daily sync"]
    for minute, hours in _by_minute(times.daily):
        lines.append(f"{minute} {','.join(map(str, hours))} * * * {called}")
    for month, day, hour, minute in times.reports:
        lines += [f"# the report due {day} {MONTHS[month - 1]}", f"{minute} {hour} {day} {month} * {called}"]
    return {"crontab.txt": "\n".join(lines) + "\n"}


def _by_minute(times: Iterable[tuple[int, int]]) -> list[tuple[int, list[int]]]:
    found: dict[int, list[int]] = {}
    for hour, minute in times:
        found.setdefault(minute, []).append(hour)
    return sorted(found.items())


# --- systemd ---


def systemd(config: Config, program: Program, now: datetime) -> Mapping[str, str]:
    """A service that does what is due, and the timer that calls it."""
    times = Timetable(config)
    zone = f" {config.schedule.time_zone}" if config.schedule.time_zone else ""
    year = times.day_of(now).year
    # a day of the year with its time: 29 February cannot be a due day
    reports = sorted({(one.due.month, one.due.day) for one in times.reports(year)})
    called = " ".join(map(_systemd_word, [str(program.python), *program.arguments]))
    said = "\n".join(f"# {words}" for words in _said(config))
    service = f"""\
# /etc/systemd/system/sheets-sync.service
{said}
# Put both files into /etc/systemd/system, set User= to whom the folders belong, then:
#   systemctl daemon-reload && systemctl enable --now sheets-sync.timer
# The password for letters: SHEETS_SYNC_MAIL_PASSWORD=… in a file of mode 0600, named as EnvironmentFile=.
[Unit]
Description=sheets-sync: what is due by the timetable
Wants=network-online.target
After=network-online.target remote-fs.target

[Service]
Type=oneshot
#User=sheets-sync
#EnvironmentFile=/etc/sheets-sync.env
WorkingDirectory={str(program.folder).replace("%", "%%")}
ExecStart={called}
KillMode=mixed
TimeoutStartSec=infinity
TimeoutStopSec=10min
UMask=0077
NoNewPrivileges=true
PrivateTmp=true
"""
    calls = [f"OnCalendar=*-*-* {config.schedule.daily:%H:%M}:00{zone}"]
    for month, day in reports:
        calls.append(f"OnCalendar=*-{month:02d}-{day:02d} {config.schedule.report_at:%H:%M}:00{zone}")
    listed = "\n".join(calls)
    timer = f"""\
# /etc/systemd/system/sheets-sync.timer
[Unit]
Description=sheets-sync: daily sync, reports on the due days

[Timer]
{listed}
Persistent=true
AccuracySec=1min

[Install]
WantedBy=timers.target
"""
    return {"sheets-sync.service": service, "sheets-sync.timer": timer}


def _systemd_word(word: str) -> str:
    """One word of ExecStart: specifiers and variables are no such things here, spaces do not part it."""
    word = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{word}"' if any(sign in word for sign in " \t'\"\\;") or not word else word


# --- Windows ---


def windows(config: Config, program: Program, now: datetime) -> Mapping[str, str]:
    """A task of Windows' scheduler."""
    times = _machine_times(config, now)
    start = now.astimezone().date()
    triggers = [
        f"""\
    <CalendarTrigger>
      <StartBoundary>{_boundary(start, hour, minute)}</StartBoundary>
      <ScheduleByDay><DaysInterval>1</DaysInterval></ScheduleByDay>
    </CalendarTrigger>
"""
        for hour, minute in times.daily
    ]
    triggers += [
        f"""\
    <!-- the report due {day} {MONTHS[month - 1]} -->
    <CalendarTrigger>
      <StartBoundary>{_boundary(start, hour, minute)}</StartBoundary>
      <ScheduleByMonth>
        <DaysOfMonth><Day>{day}</Day></DaysOfMonth>
        <Months><{MONTHS[month - 1]} /></Months>
      </ScheduleByMonth>
    </CalendarTrigger>
"""
        for month, day, hour, minute in times.reports
    ]
    said = " ".join(_said(config)).replace("--", "–")
    task = f"""\
<?xml version="1.0" encoding="UTF-16"?>
<!-- {escape(said)}
     Times are those of this machine's clock. Make the file with: sheets-sync schedule (as windows, -o DIR), then:
     schtasks /Create /TN sheets-sync /XML sheets-sync.xml /RU "%USERNAME%" /RP -->
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>sheets-sync: daily sync, reports on the due days</Description>
  </RegistrationInfo>
  <Triggers>
{"".join(triggers)}  </Triggers>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
  </Settings>
  <Actions>
    <Exec>
      <Command>{escape(str(program.python))}</Command>
      <Arguments>{escape(_windows_line(program.arguments))}</Arguments>
      <WorkingDirectory>{escape(str(program.folder))}</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
"""
    return {"sheets-sync.xml": task}


def _boundary(day: date, hour: int, minute: int) -> str:
    return f"{day.isoformat()}T{hour:02d}:{minute:02d}:00"


def _windows_line(words: list[str]) -> str:
    from subprocess import list2cmdline

    return list2cmdline(words)


Form = Callable[["Config", Program, datetime], Mapping[str, str]]
FORMS: Mapping[str, Form] = {"crontab": crontab, "systemd": systemd, "windows": windows}
